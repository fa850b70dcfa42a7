"""Every setting is read once, faults are reported together, and the token is never shown."""

import re
from pathlib import Path

import pytest

from biglam_pipeline.environment import MEANINGS, is_loopback, read_environment
from biglam_pipeline.errors import ConfigError
from biglam_pipeline_tests.conftest import ROOT


def test_the_defaults_are_a_hub_of_ones_own() -> None:
    found = read_environment({})
    assert found.sources == (Path("sources.yaml"),)
    assert found.state == Path(".biglam").resolve()
    assert found.home == str(found.state / "shelves")
    assert found.dagster_home == found.state / "dagster"
    assert (found.hub_endpoint, found.hub_embedded, found.hub_port) == ("http://127.0.0.1:8766", True, 8766)
    assert (found.hub_owner, found.hub_token, found.contact) == ("biglam", "", "")
    assert (found.publish, found.schedules, found.allow_private) == (False, False, False)
    assert found.rewrite == {}


def test_everything_can_be_said(tmp_path: Path) -> None:
    found = read_environment(
        {
            "BIGLAM_SOURCES": "a.yaml:b/c.yaml:",
            "BIGLAM_STATE": str(tmp_path),
            "BIGLAM_HOME": "s3://bucket/folder",
            "BIGLAM_HUB_ENDPOINT": "https://hub.example/",
            "BIGLAM_HUB_TOKEN": "hf_secret",
            "BIGLAM_HUB_OWNER": "us",
            "BIGLAM_PUBLISH": "1",
            "BIGLAM_CONTACT": "us@example.org",
            "BIGLAM_REWRITE": "https://a.org/=http://127.0.0.1:1/ https://b.org/x=https://c.org/y",
            "BIGLAM_ALLOW_PRIVATE_HOSTS": "127.0.0.1:1, 10.0.0.1:80",
            "BIGLAM_SCHEDULES": "1",
            "DAGSTER_HOME": str(tmp_path / "elsewhere"),
        }
    )
    assert found.sources == (Path("a.yaml"), Path("b/c.yaml"))
    assert found.home == "s3://bucket/folder"
    assert (found.hub_endpoint, found.hub_embedded) == ("https://hub.example", False)
    assert found.rewrite == {"https://a.org/": "http://127.0.0.1:1/", "https://b.org/x": "https://c.org/y"}
    assert found.allow_private == {"127.0.0.1:1", "10.0.0.1:80"}
    assert (found.publish, found.schedules) == (True, True)
    assert found.dagster_home == tmp_path / "elsewhere"


@pytest.mark.parametrize("value", ["0", "true", "yes", ""])
def test_only_1_switches_something_on(value: str) -> None:
    found = read_environment({"BIGLAM_PUBLISH": value, "BIGLAM_SCHEDULES": value})
    assert (found.publish, found.schedules) == (False, False)


def test_all_faults_at_once() -> None:
    with pytest.raises(ConfigError) as reported:
        read_environment(
            {"BIGLAM_HUB_PORT": "70000", "BIGLAM_HUB_ENDPOINT": "hub.example", "BIGLAM_REWRITE": "a=b https://x"}
        )
    assert [fault.partition(":")[0].partition("=")[0] for fault in reported.value.faults] == [
        "BIGLAM_HUB_PORT",
        "BIGLAM_REWRITE",
        "BIGLAM_REWRITE",
        "BIGLAM_HUB_ENDPOINT",
    ]


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "8 0"])
def test_a_port_that_is_none(port: str) -> None:
    with pytest.raises(ConfigError, match="write a number from 1 to 65535"):
        read_environment({"BIGLAM_HUB_PORT": port})


def test_the_embedded_hub_is_reported_by_its_port() -> None:
    assert read_environment({"BIGLAM_HUB_PORT": "9001", "BIGLAM_HUB_ENDPOINT": "http://127.0.0.1:9001/"}).hub_embedded
    assert not read_environment(
        {"BIGLAM_HUB_PORT": "9001", "BIGLAM_HUB_ENDPOINT": "http://127.0.0.1:9002"}
    ).hub_embedded


def test_names_of_the_ui_are_whole_names() -> None:
    """A pattern, an address or a path would let in what nobody meant."""
    found = read_environment({"BIGLAM_UI_HOSTS": "Dagster.example.org, dagster:8443  10.0.0.7"}).ui_hosts
    assert found == {"dagster.example.org", "dagster:8443", "10.0.0.7"}
    assert read_environment({}).ui_hosts == frozenset()
    for wrong in ("*", "*.example.org", "https://dagster.example.org", "dagster/x", "a:port", ".example.org", "a@b"):
        with pytest.raises(ConfigError, match="is not a name with or without a port"):
            read_environment({"BIGLAM_UI_HOSTS": wrong})


def test_the_token_is_in_no_text() -> None:
    found = read_environment({"BIGLAM_HUB_TOKEN": "hf_secret"})
    assert "hf_secret" not in f"{found!r} {found}"
    with pytest.raises(ConfigError) as reported:
        read_environment({"BIGLAM_HUB_TOKEN": "hf_secret", "BIGLAM_HUB_PORT": "x"})
    assert "hf_secret" not in str(reported.value)


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("http://127.0.0.1:8766", True),
        ("http://localhost", True),
        ("http://[::1]:80/x", True),
        ("https://huggingface.co", False),
        ("http://127.0.0.1.example.org", False),
        ("http://localhost@example.org", False),
        ("nothing", False),
    ],
)
def test_what_is_on_this_machine(address: str, here: bool) -> None:
    assert is_loopback(address) is here


def test_no_setting_is_read_that_is_not_explained() -> None:
    for path in (ROOT / "biglam_pipeline").rglob("*.py"):
        for name in re.findall(r"\b(BIGLAM_[A-Z_]+[A-Z])\b", path.read_text(encoding="utf-8")):
            assert name in MEANINGS, f"{path.name}: {name}"


@pytest.mark.parametrize("endpoint", ["http://hub.example", "http://127.0.0.2:8766", "http://localhost.example"])
@pytest.mark.parametrize("token", ["hf_x", ""])
def test_c07_a_token_never_goes_over_plain_http_to_another_machine(endpoint: str, token: str) -> None:
    values = {"BIGLAM_HUB_ENDPOINT": endpoint, "BIGLAM_PUBLISH": "1", "BIGLAM_HUB_TOKEN": token}
    with pytest.raises(ConfigError, match="write https://"):
        read_environment(values)
    read_environment(values | {"BIGLAM_HUB_ENDPOINT": endpoint.replace("http:", "https:")})


def test_settings_hold_no_secret_in_an_address() -> None:
    with pytest.raises(ConfigError) as caught:
        read_environment(
            {
                "BIGLAM_HUB_ENDPOINT": "https://me:S3CRET@hub.example",
                "BIGLAM_REWRITE": "https://a.org/=https://b.org/?sig=S3CRET&x=",
            }
        )
    assert len(caught.value.faults) == 2
    assert "S3CRET" not in str(caught.value)


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5"])
def test_the_end_of_a_visit_is_a_whole_number(value: str) -> None:
    with pytest.raises(ConfigError, match=f"BIGLAM_VISIT_HOURS={value}: not a whole number above 0; write one"):
        read_environment({"BIGLAM_VISIT_HOURS": value})
    assert read_environment({"BIGLAM_VISIT_HOURS": "5"}).visit_hours == 5


@pytest.mark.parametrize("name", ["BIGLAM_PROCESSES", "BIGLAM_HUB_PORT"])
@pytest.mark.parametrize("text", ["0", "-1", "x", "²", "9" * 5000])
def test_what_is_no_number_that_can_be_is_a_fault_of_the_setting(name: str, text: str) -> None:
    """`²` is a digit to Python, and above 4,300 digits `int` refuses."""
    with pytest.raises(ConfigError, match=rf"^{name}="):
        read_environment({name: text})
