"""Buckets and an FTP server, by the command, as far as to their parts; and the night after."""

import io
import zipfile
from pathlib import Path

import pytest

from biglam_pipeline_tests.command import Command
from biglam_pipeline_tests.harvest.protocols.buckets import S3, Gcs, rewrite
from biglam_pipeline_tests.journey.test_listed_repositories import ENTRY
from biglam_pipeline_tests.servers.ftp import ftp_server
from biglam_pipeline_tests.servers.web import scripted_server


def table(first: int) -> bytes:
    words = ("soap", "candles", "boots")
    lines = [f'{first + at}.jpg,"For sale: {word}, {first}",1890-01-0{at + 1}' for at, word in enumerate(words)]
    return "\n".join(["file,ocr,pub_date", *lines, ""]).encode()


@pytest.mark.slow
def test_rows_come_out_and_a_quiet_night_is_a_listing(command: Command, tmp_path: Path) -> None:
    """Requests of that night: a list of each bucket; of the FTP server, the listings of two folders."""
    with scripted_server() as server, ftp_server() as ftp:
        amazon, google = S3(server), Gcs(server)
        for first in (10, 20):
            amazon.put(f"ads/{first}.csv", table(first))
            google.put(f"ads/{first}.csv", table(first))
            ftp.put(f"/ads/deep/{first}.csv", table(first))
        addresses = {
            "amazon": "s3://prints/ads#*.csv",
            "google": "gs://prints/ads/",
            "old": "ftp://ftp.example.org/ads/",
        }
        entries = [ENTRY.format(name=name, address=address) for name, address in addresses.items()]
        (tmp_path / "sources.yaml").write_text(f"sources:{''.join(entries)}")
        hosts = rewrite(server, "prints") | {"ftp://ftp.example.org/": f"{ftp.url}/"}
        settings = {
            "BIGLAM_REWRITE": " ".join(f"{host}={there}" for host, there in hosts.items()),
            "BIGLAM_ALLOW_PRIVATE_HOSTS": "1",
        }
        first_night = command("run", "--all", "--to", "shards", folder=tmp_path, settings=settings)
        assert first_night.returncode == 0, first_night.stderr
        assert first_night.stderr.count("6 seen, 6 current, 6 published") == 3
        del server.asked[:], ftp.log[:]
        again = command("run", "--all", "--to", "raw", folder=tmp_path, settings=settings)
        assert again.stderr.count("nothing new") == 3
        assert len(server.asked) == 2
        assert (len(ftp.asked("MLSD")), ftp.asked("RETR")) == (2, [])


NEWSPAPERS = """
sources:
  newspapers:
    title: Newspapers
    custodian: Europeana
    harvest: ftp://download.example.org/newspapers/fulltext/alto/{9200300,9200301}.zip
    normalize: {type: mets_alto, files: "fulltext/alto/{dataset}.zip/**/*.xml", rows: page}
    rights: {license: CC0-1.0, evidence: https://example.org/r, checked: 2026-11-20, quote: CC0}
    languages: [de]
    dedup: {near: none}
"""
PAGE = (
    '<alto xmlns="http://www.loc.gov/standards/alto/ns-v2#"><Layout><Page ID="P1" WIDTH="8" HEIGHT="6"><PrintSpace>'
    '<TextBlock ID="B1"><TextLine ID="L1"><String CONTENT="Zeitung"/><SP/><String CONTENT="Nummer"/><SP/>'
    '<String CONTENT="{number}"/></TextLine></TextBlock></PrintSpace></Page></Layout></alto>'
)


@pytest.mark.slow
def test_newspapers_on_an_ftp_server_as_europeana_offers_them(command: Command, tmp_path: Path) -> None:
    """Large archives of ALTO, each at an address of its own: one is corrected, and it alone comes again."""
    with ftp_server() as ftp:
        for dataset in (9200300, 9200301):
            ftp.put(f"/newspapers/fulltext/alto/{dataset}.zip", zipped(dataset, "1"))
        (tmp_path / "sources.yaml").write_text(NEWSPAPERS)
        settings = {
            "BIGLAM_REWRITE": f"ftp://download.example.org/={ftp.url}/",
            "BIGLAM_ALLOW_PRIVATE_HOSTS": "1",
        }
        first = command("run", "newspapers", "--to", "shards", folder=tmp_path, settings=settings)
        assert "4 seen, 4 current, 4 published" in first.stderr, first.stderr
        del ftp.log[:]
        ftp.put("/newspapers/fulltext/alto/9200301.zip", zipped(9200301, "one"), "20250101000000")
        second = command("run", "newspapers", "--to", "shards", folder=tmp_path, settings=settings)
        assert ftp.asked("RETR") == ["RETR /newspapers/fulltext/alto/9200301.zip"]
        assert "4 published" in second.stderr, second.stderr


def zipped(dataset: int, number: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for page in (1, 2):
            archive.writestr(f"{dataset}/{page:04}.xml", PAGE.format(number=f"{number} {page} {dataset}"))
    return packed.getvalue()
