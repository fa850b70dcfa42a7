"""A secret stands in the environment and nowhere else: not on shelves, not on the card, not in logs."""

import json
import logging
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.errors import ConfigError
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
