"""What nobody else may read: keys in addresses, and headers that hold a secret."""

import logging
import traceback

import pytest

from biglam_pipeline.errors import BiglamError, ConfigError, ObjectFailed
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer, scripted_server
from biglam_pipeline_tests.web.conftest import HTML, MakeWeb

SIGNED = "/o.csv?X-Amz-Signature=S3CRET&X-Amz-Expires=60&list=a"
BARE = "/o.csv?X-Amz-Signature=***&X-Amz-Expires=***&list=a"


def test_h33_an_address_that_a_redirect_led_to_is_kept_without_its_signature(
    server: ScriptedServer, make_web: MakeWeb, caplog: pytest.LogCaptureFixture
) -> None:
    with scripted_server() as store, caplog.at_level(logging.DEBUG, "biglam_pipeline"):
        url = server.on("/a.csv", Reply(status=302, headers={"Location": store.on("/o.csv", Reply(b"x")) + SIGNED[6:]}))
        answer = make_web().visiting([url, store.url]).get(url)
        assert store.paths() == [SIGNED]  # it was asked in full
        assert answer.final_url == store.url + BARE
        assert "S3CRET" not in repr(answer) + caplog.text


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=404),
        Reply(status=403),
        Reply(status=503),
        Reply(status=400),
        Reply(silent=True),
        Reply(HTML),
        Reply(b"x" * 99, cut=9),
        Reply(b"x", headers={"Content-Encoding": "br"}),
        Reply(status=302, headers={"Location": "/o.csv?next=%2Fa%3Ftoken%3DS3CRET"}),
        Reply(status=302, headers={"Location": "http://[::1/?token=S3CRET"}),
        Reply(status=302, headers={"Location": "ftp://a.invalid/?token=S3CRET"}),
        Reply(status=302, headers={"Location": "http://10.0.0.1/?token=S3CRET"}),
        Reply(b"version https://git-lfs.github.com/spec/v1\n"),
    ],
)
def test_h33_no_error_and_no_log_shows_a_secret(
    reply: Reply, server: ScriptedServer, make_web: MakeWeb, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor does what led to an error, which a traceback prints."""
    url = server.on("/a.csv", Reply(status=302, headers={"Location": SIGNED}))
    server.on("/o.csv", reply)
    with caplog.at_level(logging.DEBUG, "biglam_pipeline"), pytest.raises(BiglamError) as caught:
        make_web().get(url)
    reported = "".join(traceback.format_exception(caught.value))
    assert "S3CRET" not in reported + caplog.text + repr(getattr(caught.value, "detail", ""))


def test_a_name_that_the_entry_calls_public_is_shown(server: ScriptedServer, make_web: MakeWeb) -> None:
    url = server.on("/a?key=maps", Reply(b"x"))
    assert make_web().visiting([url], public=["key"]).get(url).url == url
    assert make_web().get(url).url == f"{server.url}/a?key=***"


def test_a_header_goes_to_the_hosts_that_the_entry_names_only(server: ScriptedServer, make_web: MakeWeb) -> None:
    with scripted_server() as other:
        url, elsewhere = server.on("/a", Reply(b"x")), other.on("/b", Reply(b"x"))
        web = make_web(secrets={"KEY": "Bearer S3CRET\n"}).visiting([url], headers={"Authorization": "KEY"})
        web.get(url)
        web.get(elsewhere)  # a link that a record holds, say
        assert server.asked[0].headers["Authorization"] == "Bearer S3CRET"
        assert "Authorization" not in other.asked[0].headers


def test_a_header_does_not_follow_a_rewrite_to_another_host(server: ScriptedServer, make_web: MakeWeb) -> None:
    server.on("/m/a", Reply(b"x"))
    web = make_web(secrets={"KEY": "S3CRET"}, rewrite={"https://a.invalid/": f"{server.url}/m/"})
    web.visiting(["https://a.invalid/a"], headers={"X-Api-Key": "KEY"}).get("https://a.invalid/a")
    assert "X-Api-Key" not in server.asked[0].headers


def test_a_header_is_not_sent_over_http_to_another_machine(make_web: MakeWeb, monkeypatch: pytest.MonkeyPatch) -> None:
    address = "http://192.0.2.1/a"
    web = make_web(secrets={"KEY": "S3CRET"}).visiting([address], headers={"X-Api-Key": "KEY"})
    with pytest.raises(ConfigError, match="write https://"):
        web.get(address)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "has no A_KEY"),
        ("", "has no A_KEY"),
        ("  ", "has no A_KEY"),
        ("a\nB: c", "one line"),
        ("sch\u00f6n", "ASCII"),
    ],
)
def test_a_header_whose_secret_is_not_there_is_named_and_not_sent(
    value: str | None, why: str, make_web: MakeWeb
) -> None:
    secrets = {} if value is None else {"A_KEY": value}
    with pytest.raises(ConfigError, match=why) as caught:
        make_web(secrets=secrets).visiting([], headers={"X-Api-Key": "A_KEY"})
    assert "headers.X-Api-Key" in str(caught.value)
    assert "B: c" not in str(caught.value)


def test_a_server_that_says_the_secret_again_is_not_quoted(server: ScriptedServer, make_web: MakeWeb) -> None:
    page = b"<html><title>No S3CRET here</title></html>"
    url = server.on("/a.csv", Reply(status=302, headers={"Location": "/S3CRET.csv"}))
    server.on("/S3CRET.csv", Reply(page))
    web = make_web(secrets={"KEY": "Bearer S3CRET"}).visiting([url], headers={"Authorization": "KEY"})
    with pytest.raises(ObjectFailed) as caught:
        web.get(url)
    assert caught.value.reason == "wall"
    assert "S3CRET" not in str(caught.value)


@pytest.mark.parametrize(
    "again", ["%53a%2Bl%2F%3Ct%22%20%3D", "Sa%252Bl/%253ct%2522%2B=", "Sa+l/&lt;t&quot; &#x3D;", r"Sa+l\/\u003Ct\" ="]
)
def test_a_secret_that_is_said_again_in_escapes_is_one(again: str, make_web: MakeWeb) -> None:
    """Of addresses, of HTML, of JSON: a log-in page is handed what was sent."""
    web = make_web(secrets={"A": 'Sa+l/<t" =', "B": 'Sa+l/<t" =AndMORE'})
    web = web.visiting(["https://a.invalid/"], headers={"X-A": "A", "X-B": "B"})
    assert web.shown(f"bad key ({again})") == "bad key (***)"
    assert web.shown(f"bad key ({again}AndMORE)") == "bad key (***)"  # and not what one has beyond the other
