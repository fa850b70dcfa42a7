"""Records of repositories and items of archive.org, by the command, as far as to their parts; and the night after."""

import re
from pathlib import Path

import pytest

from biglam_pipeline_tests.command import Command
from biglam_pipeline_tests.harvest.protocols import archive_org, records
from biglam_pipeline_tests.harvest.protocols.archive_org import Archive
from biglam_pipeline_tests.harvest.protocols.records import Dataverse, Figshare, Zenodo
from biglam_pipeline_tests.servers.web import ScriptedServer, scripted_server

ENTRY = """
  {name}:
    title: Advertisements
    custodian: A Library
    harvest: {address}
    normalize: {{files: "*.csv", map: {{id: file, text: ocr, text_origin: {{const: ocr}}, date: pub_date}}}}
    rights: {{license: CC0-1.0, evidence: https://example.org/r, checked: 2026-11-20, quote: CC0}}
    languages: [en]
    dedup: {{near: none}}
"""
WORDS = ("soap", "candles", "boots", "a horse, quiet in harness", "coal by the ton", "rooms to let")


def table(first: int) -> bytes:
    lines = [
        f'{first + number}.jpg,"For sale: {word}, {first}",1890-01-0{number + 1}' for number, word in enumerate(WORDS)
    ]
    return "\n".join(["file,ocr,pub_date", *lines, ""]).encode()


def zenodo(server: ScriptedServer) -> str:
    Zenodo(server).publish(5838409, 5838410, {"a.csv": table(10), "b.csv": table(20), "readme.txt": b"Read me"})
    return "zenodo:10.5281/zenodo.5838410#*.csv"


def figshare(server: ScriptedServer) -> str:
    article = Figshare(server)
    article.publish([article.file(1, "a.csv", table(10)), article.file(2, "b.csv", table(20))])
    return "figshare:13359104"


def dataverse(server: ScriptedServer) -> str:
    dataset, about = Dataverse(server), {"tabularData": True, "originalFileFormat": "text/csv"}
    files = [dataset.file(7, "a.tab", table(10), "tables", dataFile=about), dataset.file(8, "b.csv", table(20))]
    dataset.publish("1.0", files)
    return "dataverse:data.example.org/doi:10.5072/FK2/ABC"


def internet_archive(server: ScriptedServer) -> str:
    archive = Archive(server)
    archive.collection("cards")
    for name, first in (("drawer1", 10), ("drawer2", 20)):
        archive.item(name, {"cards.csv": table(first)}, within="cards")
    return "ia:cards#*.csv"


@pytest.mark.slow
def test_rows_come_out_and_a_quiet_night_fetches_no_file(command: Command, tmp_path: Path) -> None:
    """Requests of that night: the record's list, and where the newest version is (two, with the redirect); an article,
    its files, and a page without one; a version; a collection, and its index.
    """
    with scripted_server() as server:
        kinds = (zenodo, figshare, dataverse, internet_archive)
        entries = [ENTRY.format(name=kind.__name__, address=kind(server)) for kind in kinds]
        (tmp_path / "sources.yaml").write_text(f"sources:{''.join(entries)}")
        rewrite = records.rewrite(server) | archive_org.rewrite(server)
        settings = {
            "BIGLAM_REWRITE": " ".join(f"{host}={there}" for host, there in rewrite.items()),
            "BIGLAM_ALLOW_PRIVATE_HOSTS": "1",
        }
        first = command("run", "--all", "--to", "shards", folder=tmp_path, settings=settings)
        assert first.returncode == 0, first.stderr
        assert first.stderr.count("12 seen, 12 current, 12 published") == 4
        del server.asked[:]
        again = command("run", "--all", "--to", "raw", folder=tmp_path, settings=settings)
        assert again.stderr.count("nothing new") == 4
        assert [path for path in server.paths() if re.search("/content|datafile|/files/|/store/", path)] == []
        assert len(server.asked) == 3 + 3 + 1 + 2
