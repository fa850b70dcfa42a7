"""What may stand under `harvest:`."""

import importlib
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, ValidationError

from biglam_pipeline import harvest
from biglam_pipeline.harvest import AnyHarvester, address
from biglam_pipeline.harvest.address import read_address
from biglam_pipeline.harvest.protocols.files import Files
from biglam_pipeline.language import ADDRESSES
from biglam_pipeline.settings import kinds_of


class Entry(BaseModel):
    harvest: AnyHarvester


def load(value: Any) -> Any:
    return Entry.model_validate({"harvest": read_address(value)}).harvest


@pytest.mark.parametrize(
    ("value", "kind", "urls", "hosts"),
    [
        ("https://a.org/x.zip", "files", ("https://a.org/x.zip",), ("a.org",)),
        ("http://a.org:8080/{1,2}.gz", "files", ("http://a.org:8080/1.gz", "http://a.org:8080/2.gz"), ("a.org:8080",)),
        (["https://a.org/x", "https://b.org/x"], "files", ("https://a.org/x", "https://b.org/x"), ("a.org", "b.org")),
        ("oai+https://a.org/oai?set=x", "oai_pmh", ("https://a.org/oai?set=x",), ("a.org",)),
        ("oai+http://a.org/oai?set={x,y}", "oai_pmh", ("http://a.org/oai?set=x", "http://a.org/oai?set=y"), ("a.org",)),
        ("file:data#*.{csv,tsv}", "folder", ("data#*.{csv,tsv}",), ()),
        ("file:///srv/my%20data", "folder", ("/srv/my data",), ()),
        ({"url": "file:data"}, "folder", ("data",), ()),
        ("github:o/n@v1#*.csv", "git", ("github:o/n@v1#*.csv",), ("github.com",)),
        ("gitlab:{o,p}/n", "git", ("gitlab:o/n", "gitlab:p/n"), ("gitlab.com",)),
        (
            "hf:o/n@refs/pr/1#faro_{1774..1776}.csv",
            "hub",
            ("hf:o/n@refs/pr/1#faro_{1774..1776}.csv",),
            ("huggingface.co",),
        ),
        (
            {"type": "oai_pmh", "url": "https://a.org/oai", "lag_seconds": "60"},
            "oai_pmh",
            ("https://a.org/oai",),
            ("a.org",),
        ),
    ],
)
def test_addresses(value: Any, kind: str, urls: tuple[str, ...], hosts: tuple[str, ...]) -> None:
    harvester = load(value)
    assert (harvester.type, harvester.url, harvester.hosts) == (kind, urls, hosts)


def test_what_is_in_the_language_but_not_built_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(address.OWED, "gopher:", "write https://...")
    with pytest.raises(ValueError, match="in the language but not built yet; write https"):
        read_address("gopher:x")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (["https://a.org/x", "file:y"], "different kinds"),
        ("oai:https://a.org/oai", r"write oai\+https://a.org/oai"),
        ("htps://a.org/x", "write https://a.org/x"),
        ("OAI+https:/a.org/x", r"write oai\+https://a.org/x"),
        ("File:my%20data", "write file:my data"),
        ("gopher://a.org/x", "write an address that begins with one of .*file:.*oai"),
        ("data/x.csv", "file:FOLDER"),
        ([], "write an address"),
        (7, "write an address"),
        ({"type": "files"}, "url is missing"),
    ],
)
def test_what_is_not_an_address(value: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_address(value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("https://a.org/a.zip#*.csv", 'normalize: {files: "\\*.csv"}'),
        ("https://me:secret@a.org/x", "in logs"),
        ("https:///x", "not a web address"),
        ("oai+https://a.org/oai?from=2020-01-01", "found by the pipeline itself"),
        ("oai+https://a.org/oai#x", "choose with set="),
        ("file:data#{x", "no counterpart"),
        ("file://server/share", "mount it"),
        (["https://a.org/x", "https://a.org/{x,y}"], "named twice"),
        ({"url": "https://a.org/x", "lag": "7"}, "lag"),
        ({"type": "magic", "url": "https://a.org/x"}, "magic"),
    ],
)
def test_what_the_model_refuses(value: Any, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        load(value)


def test_every_setting_is_explained() -> None:
    schema = Entry.model_json_schema()
    for kind in kinds_of(AnyHarvester):
        name = kind.__name__
        properties = schema["$defs"][name]["properties"]
        assert all(words.get("description") for words in properties.values()), name


@pytest.mark.parametrize("names", ["nonsense", "rot13", "hex", "utf-16", "cp1140"])
def test_names_are_in_an_encoding_of_names(names: str) -> None:
    """No text at all, or one in which `/` is another letter, would end a visit or make other names of all."""
    with pytest.raises(ValidationError, match="is not an encoding of names; write one such as cp932"):
        load({"url": "file:data", "names": names})
    for good in ("cp932", "cp866", "gb18030", "big5", "euc_kr", "latin-1", "UTF-8"):
        assert load({"url": "file:data", "names": good}).name_encoding == good


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"X-Api-Key": "S3CRET"}, "write env:NAME"),
        ({"X-Api-Key": "env:"}, "write env:NAME"),
        ({"X-Api-Key": "env:A KEY"}, "write env:NAME"),
        ({"X-Api-Key": "Bearer env:KEY"}, "write env:NAME"),
        ({"X Api": "env:KEY"}, "not the name of a header"),
        ({"X-Api:": "env:KEY"}, "not the name of a header"),
        ({"Host": "env:KEY"}, "the pipeline's own"),
        ({"user-agent": "env:KEY"}, "the pipeline's own"),
        ({"If-None-Match": "env:KEY"}, "the pipeline's own"),
        ({"Authorization": "env:BIGLAM_HUB_TOKEN"}, "another variable"),
        ({"Authorization": "env:HF_TOKEN"}, "another variable"),
        ({"Authorization": "env:AWS_SECRET_ACCESS_KEY"}, "another variable"),
    ],
)
@pytest.mark.parametrize("url", ["https://a.org/x.csv", "oai+https://a.org/oai"])
def test_a_header_names_a_variable_and_never_holds_a_value(headers: dict[str, str], words: str, url: str) -> None:
    with pytest.raises(ValidationError, match=words) as caught:
        load({"url": url, "headers": headers})
    assert "S3CRET" not in caught.value.errors()[0]["msg"]


@pytest.mark.parametrize("url", ["http://a.org/x.csv", "oai+http://a.org/oai", "http://127.0.0.1.a.org/x.csv"])
def test_a_header_with_a_secret_is_not_sent_over_http(url: str) -> None:
    with pytest.raises(ValidationError, match="write https://"):
        load({"url": url, "headers": {"X-Api-Key": "env:KEY"}})
    load({"url": "http://127.0.0.1:8000/x.csv", "headers": {"X-Api-Key": "env:KEY"}})


def test_a_secret_in_one_of_many_addresses_is_found() -> None:
    with pytest.raises(ValidationError, match="`api_key`: a secret in an address"):
        load({"url": ["https://a.org/x.csv", "https://a.org/{y,z}.csv?api_key=S3CRET"]})
    load({"url": "https://a.org/y.csv?api_key=DEMO", "public": "API_KEY"})


@pytest.mark.parametrize(
    "text",
    [
        "www.h.org/a?key=S3CRET",
        "h.org/a?token=S3CRET",
        "https:/h.org?sig=S3CRET",
        "//jo:S3CRET@h.org/",
        "jo:S3CRET@h.org",
    ],
)
def test_a_secret_in_what_is_no_address_yet_is_not_repeated(text: str) -> None:
    """What `check` says stands in the logs of whoever runs it at every change."""
    with pytest.raises(ValueError, match=r"does not begin like an address.*: a secret in an address") as refused:
        read_address(text)
    assert "S3CRET" not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["https://h.org/a?\tkey=1", "https://h.org/a\n.csv", "file:a\x00b", "https://h.org/\x85a"]
)
def test_a_control_character_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="control character stands in the address; take it out"):
        read_address(text)


def test_no_two_protocols_declare_the_same() -> None:
    """Else the one that stands later in the list would harvest the other's addresses."""
    begin = [one for kind in kinds_of(AnyHarvester) for one in kind.beginnings()]
    assert len(begin) == len(set(begin))
    for kind in kinds_of(AnyHarvester):
        assert kind.addresses
        assert all(written.startswith(kind.prefix) for written in kind.addresses), kind


class Listed(Files):
    """A protocol that the language owed, just built."""

    prefix = "gopher+"


def test_a_prefix_that_was_built_is_owed_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an edit of `language.py`, also where what stands behind it is no address."""
    monkeypatch.setitem(ADDRESSES, "gopher+", "write https://...")
    importlib.reload(address)
    assert "gopher+" in address.OWED
    with monkeypatch.context() as patch:
        patch.setattr(harvest, "AnyHarvester", Annotated[Files | Listed, Field(discriminator="type")])
        importlib.reload(address)
        assert "gopher+" not in address.OWED
        with pytest.raises(ValueError, match=r"does not begin like an address; write an address that begins with"):
            address.read_address("gopher+gopher://a.org/x")
    monkeypatch.undo()
    importlib.reload(address)
