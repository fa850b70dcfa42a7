"""A key that a service takes in the query of its addresses: on the wire to its own hosts, and nowhere else."""

import json
import logging

import httpx
import pytest
from pydantic import ValidationError

from biglam_pipeline.errors import ConfigError, ObjectFailed, SourceChanged
from biglam_pipeline.harvest.protocols.json_api import JsonApi
from biglam_pipeline.web.keys import with_keys
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer, scripted_server
from biglam_pipeline_tests.web.conftest import MakeWeb

KEY = "S3CRET/1+2"
ASKED = "apikey=S3CRET%2F1%2B2"


def test_it_goes_with_every_request_and_is_never_shown(
    server: ScriptedServer, make_web: MakeWeb, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "biglam_pipeline"):
        web = make_web(secrets={"KEY": KEY})
        url = server.on("/a?x=%2B+y", Reply(status=302, headers={"Location": f"/b?{ASKED}&page=2"}))
        server.on(f"/a?x=%2B+y&{ASKED}", Reply(status=302, headers={"Location": f"/b?{ASKED}&page=2"}))
        server.on("/b", Reply(b"{}"))
        answer = web.visiting([url], headers={"?apikey": "KEY"}).get(url)
        assert server.paths() == [f"/a?x=%2B+y&{ASKED}", f"/b?page=2&{ASKED}"]
        assert answer.url == url
        assert answer.final_url == f"{server.url}/b?apikey=***&page=2"
    assert "S3CRET" not in caplog.text + repr(answer)


def test_it_goes_to_no_other_host(server: ScriptedServer, make_web: MakeWeb) -> None:
    """Not to one that the server names, nor to where it leads, nor to where a rewrite does."""
    with scripted_server() as other:
        other.on("/x", Reply(b"x"))
        url = server.on("/a", Reply(status=302, headers={"Location": f"{other.url}/x"}))
        web = make_web(secrets={"KEY": KEY}, rewrite={"https://c.invalid/": f"{other.url}/"})
        web = web.visiting([url, "https://c.invalid/x"], headers={"?apikey": "KEY"})
        web.get(url)
        web.get(f"{other.url}/x")
        web.get("https://c.invalid/x")
        assert set(other.paths()) == {"/x"}


def test_it_is_not_sent_over_http(make_web: MakeWeb) -> None:
    web = make_web(secrets={"KEY": KEY}).visiting(["http://192.0.2.1/a"], headers={"?apikey": "KEY"})
    with pytest.raises(ConfigError, match="write https://"):
        web.get("http://192.0.2.1/a")


def test_one_that_is_not_there_is_named(make_web: MakeWeb) -> None:
    with pytest.raises(ConfigError, match=r"query\.apikey: the environment has no KEY; set it"):
        make_web().visiting([], headers={"?apikey": "KEY"})


def test_a_refusal_of_a_key_says_that_it_may_be_the_reason(server: ScriptedServer, make_web: MakeWeb) -> None:
    url = server.on("/a", Reply(status=401))
    with pytest.raises(SourceChanged, match="Look whether the key that it was sent is right"):
        make_web(secrets={"KEY": KEY}).visiting([url], headers={"?apikey": "KEY"}).get(url)
    with pytest.raises(SourceChanged, match=r"nothing more is asked\. Write to the custodian"):
        make_web().visiting([url]).get(url)


@pytest.mark.parametrize("reply", [Reply(status=403), Reply(status=404), Reply(b"<html><title>S3CRET/1+2</title>")])
def test_no_error_shows_it(reply: Reply, server: ScriptedServer, make_web: MakeWeb) -> None:
    url = server.on("/a.json", reply)
    with pytest.raises((ObjectFailed, SourceChanged)) as caught:
        make_web(secrets={"KEY": KEY}).visiting([url], headers={"?apikey": "KEY"}).get(url, expect="json")
    assert "S3CRET" not in str(caught.value)


def test_what_the_service_says_again_of_it_is_not_kept(server: ScriptedServer, make_web: MakeWeb) -> None:
    """In whatever way JSON and addresses write it; the same letters that are data stay."""
    said = {
        "apikey": KEY,
        "next": f"https://a.example/list?apikey={KEY}&page=2",
        "first": f"https://a.example/list?page=1&{ASKED}",
        "title": KEY,
    }
    for text in (
        json.dumps(said),
        json.dumps(said, indent=1),
        json.dumps(said).replace("/", r"\/").replace("=", r"\u003d"),
    ):
        url = server.on("/a", Reply(text.encode()))
        answer = make_web(secrets={"KEY": KEY}).visiting([url], headers={"?apikey": "KEY"}).get(url)
        kept = json.loads(answer.content or b"")
        assert kept == said | {
            "apikey": "***",
            "next": "https://a.example/list?apikey=***&page=2",
            "first": "https://a.example/list?page=1&apikey=***",
        }
        assert answer.size == len(answer.content or b"")


def test_a_short_key_behind_its_name_in_other_letters_and_in_headers(server: ScriptedServer, make_web: MakeWeb) -> None:
    said = {"ETag": '"kept-k3y5"', "Content-Disposition": "attachment; filename=export-k3y5.json"}
    url = server.on("/a", Reply(b'{"apiKey": "k3y5"}', headers=said))
    answer = make_web(secrets={"KEY": "k3y5"}).visiting([url], headers={"?apikey": "KEY"}).get(url)
    assert (answer.content, answer.etag, answer.name) == (b'{"apiKey": "***"}', "", "export-***.json")


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("https://a.org/x", "https://a.org/x?k=v%26"),
        ("https://a.org/x?k=old&b=%2B+c&%6B=x&b=2&flag", "https://a.org/x?b=%2B+c&b=2&flag&k=v%26"),
    ],
)
def test_all_else_of_a_query_goes_out_as_it_is_written(address: str, sent: str) -> None:
    assert str(with_keys(httpx.URL(address), {"?k": "v&", "X-Key": "x"})) == sent


@pytest.mark.parametrize(
    ("harvest", "what"),
    [
        (
            {"query": {"apikey": "S3CRET"}},
            "write env:NAME, the environment variable that holds it, and never the value",
        ),
        ({"query": {"apikey=S3CRET": "env:A"}}, "`apikey…` is no name of a parameter; write {apikey: env:NAME}"),
        ({"query": {"apikey": "env:HF_TOKEN"}}, "HF_TOKEN is the pipeline's own"),
        ({"query": {"limit": "env:A"}}, "limit stands in the address too; leave it out there"),
        (
            {"url": "http://a.org/x", "query": {"apikey": "env:A"}},
            "keys in query hold a secret, and http://a.org/x would",
        ),
    ],
)
def test_what_an_entry_may_not_say(harvest: dict[str, object], what: str) -> None:
    with pytest.raises(ValidationError) as caught:
        JsonApi(**{"type": "json_api", "url": "https://a.org/x?limit=1", **harvest})
    assert what in str(caught.value.errors()[0]["msg"])
    assert "S3CRET" not in str(caught.value.errors()[0]["msg"])
