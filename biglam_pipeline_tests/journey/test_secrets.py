"""A secret stands in the environment and nowhere else: not on shelves, not on the card, not in logs."""

import json
import logging
import os
from contextlib import AbstractContextManager
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from biglam_pipeline import pipeline, previewing
from biglam_pipeline.errors import ConfigError
from biglam_pipeline.web.echoes import says, spellings
from biglam_pipeline_tests.bench import Bench, open_bench
from biglam_pipeline_tests.servers.web import Asked, Reply, scripted_server

TABLE = b"id,title\n1,Map of the parish\n2,Plan of the mill\n"


def write(bench: Bench, harvest: str) -> None:
    bench.write(
        f"""
        sources:
          maps:
            title: Maps of a parish
            custodian: Ashby Record Office
            harvest: {harvest}
            normalize: {{type: table, map: {{id: id, title: title}}}}
            rights: {{license: CC0-1.0, evidence: https://example.org/r, checked: 2026-01-31, quote: CC0 1.0}}
        """
    )


def places_of(secret: str, folder: Path) -> list[str]:
    """Every file below a folder that holds the text, Parquet uncompressed; and names that do."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            held = (
                str(pq.read_table(path).to_pylist())
                if path.suffix == ".parquet"
                else path.read_bytes().decode("latin-1")
            )
            found += [str(path)] if secret in held + str(path) else []
    return found


def test_h33_the_signature_of_a_redirect_stands_nowhere(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    with scripted_server() as server, caplog.at_level(logging.DEBUG, "biglam_pipeline"):
        signed = "/signed/o.csv?X-Amz-Signature=S3CRET12345&X-Amz-Credential=S3CRET12345"
        url = server.on("/signed/data.csv", Reply(status=302, headers={"Location": signed}))
        server.on("/signed/o.csv", Reply(TABLE))
        write(bench, url)
        assert bench.night("maps").rows == 2
        assert signed in server.paths()
        [held] = bench.run.raw(bench.source("maps")).objects(1).values()
        assert held.final_url == f"{server.url}/signed/o.csv?X-Amz-Signature=***&X-Amz-Credential=***"
        server.on("/signed/o.csv", Reply(status=404))
        pipeline.harvest_source(bench.run, bench.source("maps"), bench.folder)
    assert "S3CRET" not in bench.card("maps") + caplog.text
    assert places_of("S3CRET", bench.folder) == []


def test_a_header_opens_a_source_and_stands_nowhere(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    def behind_a_key(asked: Asked) -> Reply:
        return Reply(TABLE) if asked.headers.get("X-Api-Key") == "S3CRET12345" else Reply(status=403)

    with (
        scripted_server() as server,
        caplog.at_level(logging.DEBUG, "biglam_pipeline"),
        open_bench(bench.folder, bench.hub, bench.institution, "keys", A_KEY="S3CRET12345") as opened,
    ):
        write(opened, f"{{url: {server.on('/data.csv', behind_a_key)}, headers: {{X-Api-Key: env:A_KEY}}}}")
        digest = opened.source("maps").digest("raw")
        assert opened.night("maps").rows == 2
        write(opened, f"{{url: {server.url}/data.csv, headers: {{X-Api-Key: env:ANOTHER_KEY}}}}")
        assert opened.source("maps").digest("raw") != digest  # the name counts, and no value can
        with pytest.raises(ConfigError, match=r"maps: harvest\.headers\.X-Api-Key: .* has no ANOTHER_KEY; set it"):
            pipeline.harvest_source(opened.run, opened.source("maps"), opened.folder)
        assert "S3CRET" not in opened.card("maps") + caplog.text
        assert places_of("S3CRET", bench.folder) == []


def test_a_key_in_the_query_opens_an_api_and_stands_nowhere(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """Though the service says it again in every page and in the links between them."""

    def behind_a_key(asked: Asked) -> Reply:
        if asked.query.get("apikey") != "S3CRET12345":
            return Reply(status=403)
        start = int(asked.query.get("start", "0"))
        found = [{"id": str(number), "title": f"Sheet {number}"} for number in range(start, start + 2)]
        said = {"apikey": "S3CRET12345", "total": 6, "records": found}
        if start < 4:
            said["next"] = f"{server.url}/list?apikey=S3CRET12345&start={start + 2}"
        return Reply(json.dumps(said).encode(), headers={"Content-Type": "application/json"})

    with (
        scripted_server() as server,
        caplog.at_level(logging.DEBUG, "biglam_pipeline"),
        open_bench(bench.folder, bench.hub, bench.institution, "querykeys", A_KEY="S3CRET12345") as opened,
    ):
        server.on("/list", behind_a_key)
        opened.write(LISTED.format(url=f"{server.url}/list"))
        assert opened.night("maps").rows == 6
        assert pipeline.harvest_source(opened.run, opened.source("maps"), opened.folder).harvest.number == 1
        held = opened.run.raw(opened.source("maps")).objects(1)
        assert [one.url for one in held.values()][1] == f"{server.url}/list?apikey=***&start=2"
        assert len(server.paths()) == 6
        assert "S3CRET" not in opened.card("maps") + caplog.text
        assert places_of("S3CRET", bench.folder) == []


LISTED = """
    sources:
      maps:
        title: Maps of a parish
        custodian: Ashby Record Office
        harvest: {{url: json+{url}, query: {{apikey: env:A_KEY}}}}
        normalize: {{rows: "records[]", map: {{id: id, title: title}}}}
        rights: {{license: CC0-1.0, evidence: https://example.org/r, checked: 2026-01-31, quote: CC0 1.0}}
"""


def test_a_name_that_is_no_secret_is_asked_shown_and_published(bench: Bench) -> None:
    with scripted_server() as server:
        url = server.on("/data.csv?key=maps", Reply(TABLE))
        write(bench, f"{{url: '{url}', public: [key]}}")
        assert bench.night("maps").rows == 2
        assert f"<{url}>" in bench.card("maps")
        [held] = bench.run.raw(bench.source("maps")).objects(1).values()
        assert (held.url, held.final_url) == (url, url)
        write(bench, f"{{url: '{url}', public: [key, token]}}")
        source = bench.source("maps")
        assert pipeline.harvest_source(bench.run, source, bench.folder).unchanged  # how it is shown is not asked


def keyed(bench: Bench) -> AbstractContextManager[Bench]:
    keys = {"A_KEY": "S3CRET/12345+x", "B_KEY": "Basic bWU6UEFTU1dPUkQ3Nzc="}
    return open_bench(bench.folder, bench.hub, bench.institution, "echo", **keys)


@pytest.mark.parametrize("said", ["S3CRET/12345+x", "S3CRET\\/12345+x", "S3CRET%2F12345%2Bx", "Bearer S3CRET/12345+x"])
def test_h33_a_key_that_a_service_says_again_is_not_shelved(
    said: str, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """An interface repeats the request beside its records. The rows are what they are; a quiet night stays quiet."""
    body = f'{{"apikey": "{said}", "total": 1, "data": [{{"id": "1", "title": "Map of the parish"}}]}}'.encode()
    with scripted_server() as server, keyed(bench) as opened:
        url = server.on("/api", Reply(body, headers={"Content-Type": "application/json"}))
        write(opened, f"{{url: json+{url}, headers: {{X-Api-Key: env:A_KEY}}}}")
        first = pipeline.harvest_source(opened.run, opened.source("maps"), opened.folder)
        assert first.harvest.complete
        assert "1 answers said the key that they were asked with" in first.harvest.proof
        shelf = opened.run.raw(opened.source("maps"))
        [content] = shelf.contents(shelf.objects(1).values()).values()
        assert b'"apikey": "***"' in content or b'"apikey": "Bearer ***"' in content
        again = pipeline.harvest_source(opened.run, opened.source("maps"), opened.folder)
        assert (again.unchanged, again.harvest.number) == (True, 1)
    assert places_of("S3CRET", bench.folder) == []
    assert "S3CRET" not in caplog.text


def test_h33_a_file_that_holds_the_key_is_missing_and_says_what_to_do(bench: Bench) -> None:
    with scripted_server() as server, keyed(bench) as opened:
        url = server.on("/a.csv", Reply(b"id,title\n1,PASSWORD777\n"))
        write(opened, f"{{url: {url}, headers: {{Authorization: env:B_KEY}}}}")
        visited = pipeline.harvest_source(opened.run, opened.source("maps"), opened.folder)
        [missing] = visited.harvest.missing
        assert (missing["reason"], visited.harvest.complete) == ("secret", False)
        assert "says the key again that it was asked with; ask the service to answer without it" in missing["detail"]
    assert places_of("PASSWORD777", bench.folder) == []


def test_h33_so_is_a_large_one(bench: Bench) -> None:
    with scripted_server() as server, keyed(bench) as opened:
        body = b"id,title\n" + b"1,A\n" * 9_000_000 + b"2,S3CRET/12345+x\n"
        write(opened, f"{{url: {server.on('/a.csv', Reply(body))}, headers: {{X-Api-Key: env:A_KEY}}}}")
        visited = pipeline.harvest_source(opened.run, opened.source("maps"), opened.folder)
        assert [one["reason"] for one in visited.harvest.missing] == ["secret"]
        assert opened.run.raw(opened.source("maps")).shelf.list("files/") == []


def test_a_key_across_two_blocks_is_seen() -> None:
    keys = spellings({"X": "S3CRET/12345+x"})
    assert says([b"aaS3CR", b"ET/123", b"45+xbb"], keys)
    assert not says([b"aaS3CR", b"ET/124", b"45+xbb"], keys)
    assert not says([b"anything"], spellings({}))
    assert spellings({"X": "short"}) == ()
    assert spellings({"Accept": "application/vnd.api+json", "accept-language": "en-GB, en"}) == ()
    assert b"abcdefgh12345678" in spellings({"Authorization": 'Token token="abcdefgh12345678", x="1"'})


def test_a_list_on_this_machine_is_previewed_without_the_web(bench: Bench) -> None:
    """What it names lies on the web, and is asked for once; again where the list was edited, or it is said so."""
    with scripted_server() as server:
        url = server.on("/a.csv", Reply(TABLE))
        (bench.folder / "list.txt").write_text(f"{url}\n")
        os.utime(bench.folder / "list.txt", (bench.run.now().timestamp() - 9,) * 2)
        write(bench, "'file:list.txt#*.csv'")
        source = bench.source("maps")
        for asked in (1, 1, 1):
            assert previewing.preview_source(bench.run, source, bench.folder, 2).each
            assert len(server.asked) == asked
        (bench.folder / "list.txt").write_text(f"{url}\n{server.on('/b.csv', Reply(TABLE))}\n")
        os.utime(bench.folder / "list.txt", (bench.run.now().timestamp() + 9,) * 2)
        previewing.preview_source(bench.run, source, bench.folder, 2)
        assert server.paths()[1:] == ["/a.csv", "/b.csv"]
        previewing.preview_source(bench.run, source, bench.folder, 2, again=True)
        assert len(server.asked) == 5
