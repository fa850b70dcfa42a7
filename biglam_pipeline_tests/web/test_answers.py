"""What an answer holds."""

import gzip
from hashlib import sha256
from pathlib import Path

import pytest

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.web import Limits, Web
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer
from biglam_pipeline_tests.web.conftest import NOW, XML, MakeWeb


def test_an_answer_says_what_when_and_from_where(server: ScriptedServer, web: Web) -> None:
    url = server.on(
        "/a.csv", Reply(b"a,b\n", headers={"ETag": '"1"', "Last-Modified": "x", "Content-Type": "text/csv"})
    )
    answer = web.get(url)
    assert (answer.url, answer.final_url, answer.status) == (url, url, 200)
    assert (answer.content, answer.size, answer.path) == (b"a,b\n", 4, None)
    assert answer.sha256 == sha256(b"a,b\n").hexdigest()
    assert (answer.etag, answer.last_modified, answer.media_type) == ('"1"', "x", "text/csv")
    assert answer.retrieved_at == NOW


def test_requests_carry_a_contact_and_loopback_costs_no_robots_request(server: ScriptedServer, web: Web) -> None:
    web.get(server.on("/a", Reply(b"x")))
    assert server.paths() == ["/a"]
    agent = server.asked[0].headers["User-Agent"]
    assert agent.startswith("biglam-pipeline/")
    assert agent.endswith("(+keeper@example.org)")
    assert server.asked[0].headers["Host"] == f"127.0.0.1:{server.port}"


def test_a_conditional_request_that_still_holds_is_304(server: ScriptedServer, web: Web) -> None:
    def reply(asked: Asked) -> Reply:
        return Reply(status=304) if asked.headers.get("If-None-Match") == '"1"' else Reply(b"x")

    url = server.on("/a", reply)
    answer = web.get(url, etag='"1"', last_modified="yesterday")
    assert (answer.status, answer.content, answer.etag) == (304, None, '"1"')
    assert server.asked[0].headers["If-Modified-Since"] == "yesterday"


def test_a_large_body_goes_to_a_file(server: ScriptedServer, make_web: MakeWeb, tmp_path: Path) -> None:
    web = make_web(limits=Limits(kept_bytes=1000))
    body = bytes(range(256)) * 40
    url = server.on("/big", Reply(body))
    answer = web.get(url, into=tmp_path)
    assert answer.content is None
    assert answer.path is not None
    assert answer.path.read_bytes() == body
    assert (answer.size, answer.sha256) == (len(body), sha256(body).hexdigest())
    with pytest.raises(ObjectFailed, match="larger than 1000"):
        web.get(url)


def test_a_compressed_transfer_is_undone(server: ScriptedServer, web: Web) -> None:
    url = server.on("/a.xml", Reply(gzip.compress(XML), headers={"Content-Encoding": "gzip"}))
    assert web.get(url, expect="xml").content == XML


def test_a_transfer_of_several_gzip_members_is_one_body(server: ScriptedServer, web: Web) -> None:
    body = gzip.compress(b"<a>") + gzip.compress(b"</a>")
    assert web.get(server.on("/a", Reply(body, headers={"Content-Encoding": "gzip"}))).content == b"<a></a>"


def test_an_encoding_nobody_asked_for_is_refused(server: ScriptedServer, web: Web) -> None:
    with pytest.raises(ObjectFailed, match="came as br"):
        web.get(server.on("/a", Reply(b"x", headers={"Content-Encoding": "br"})))


@pytest.mark.parametrize("word", ["utf-8", "aws-chunked", "none", "text/csv", "identity, UTF-8", "gzip,aws-chunked"])
def test_what_is_no_encoding_packs_nothing(word: str, server: ScriptedServer, web: Web) -> None:
    """Words that stand at objects of S3 by mistake."""
    body = gzip.compress(XML) if "gzip" in word else XML
    assert web.get(server.on("/a", Reply(body, headers={"Content-Encoding": word}))).content == XML


def test_a_gzip_file_stays_a_gzip_file(server: ScriptedServer, web: Web) -> None:
    body = gzip.compress(XML)
    url = server.on("/a.xml.gz", Reply(body, headers={"Content-Encoding": "x-gzip"}))
    assert web.get(url).content == body
    assert server.asked[0].headers["Accept-Encoding"] == "identity"
