"""How fast are files read into slices? Processor time, beside what does the least with the same bytes.

    python -m benchmarks.normalize            # --megabytes, --turns, --real FOLDER, --only alto

Each measurement is a pair: this package's whole second stage (`normalize_source`: reading, rows, rights, digests, keys,
words, slices on the shelf) in one process, then its peer on the very same bytes, so that shares are per core. Pairs
alternate, so that what else the machine does falls on both; the middle ratio counts. Processor time is user and system
of this process and of those that it started.
"""

import argparse
import gc
import json
import os
import platform
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

import polars as pl
import pyarrow.parquet as pq
import pymarc
import pypdfium2
import python_calamine
from lxml import etree
from PIL import Image
from warcio.archiveiterator import ArchiveIterator

from benchmarks import pages, records
from biglam_pipeline import pipeline
from biglam_pipeline.collecting import seldom
from biglam_pipeline.context import open_context
from biglam_pipeline.environment import read_environment
from biglam_pipeline.parsing.pdf import asking
from biglam_pipeline.source import load_sources

MEGABYTES, TURNS = 40, 5

_SOURCES = """
sources:
  measured:
    title: Measured
    custodian: A library
    harvest: file:{folder}
    normalize: {normalize}
    rights: {{license: CC0-1.0, evidence: 'https://institution.example/rights', checked: 2026-11-20}}
    languages: [en]
"""
_TABLE = (
    "{type: table, map: {id: id, title: title, date: date, creators: creator, publisher: publisher, "
    "publication_place: place, genres: genre, subjects: 'subjects >> split(;)', languages: language, "
    "source_url: url, description: description, identifiers: {shelfmark: shelfmark}, extra: [pages, shelfmark]}}"
)
_XML = "{type: xml, rows: //card, map: {id: '@n', title: title, creators: author, date: year, description: note}}"
_JSON = (
    "{type: json, modality: metadata, map: {id: id, title: title, date: date, creators: 'makers[].name', "
    "description: description}}"
)
_GRID = "{type: table, modality: metadata, map: {id: id, title: title, date: date, description: description}}"
_PARQUET = "{type: parquet, modality: metadata, map: {id: id, title: title, date: date, description: description}}"
_LABELS = "{type: annotations, columns: [token, ner]}"
_XPATHS = ("identifier", "title", "creator", "date", "language", "publisher", "subject", "type", "rights")


@dataclass(frozen=True, slots=True)
class Case:
    """One pair."""

    name: str
    normalize: str
    fill: Callable[[Path, int], None]
    """Makes files of so many bytes in a folder."""
    peer: Callable[[Path, Path], None]
    """Reads them; what it writes goes into the second folder."""
    beside: str
    goal: float
    """The least share of the peer's speed."""


def parse_bare(folder: Path, scratch: Path) -> None:
    """Every file into a tree, which is let go."""
    for path in sorted(folder.iterdir()):
        etree.fromstring(path.read_bytes())


def parse_with_nine(folder: Path, scratch: Path) -> None:
    """Every page into a tree, and nine paths of each record, as they are written in most scripts."""
    names = {"o": "http://www.openarchives.org/OAI/2.0/", "dc": "http://purl.org/dc/elements/1.1/"}
    paths = [f".//dc:{name}/text()" for name in _XPATHS]
    for path in sorted(folder.iterdir()):
        for record in etree.fromstring(path.read_bytes()).iterfind(".//o:record", names):
            for one in paths:
                record.xpath(one, namespaces=names)


def to_parquet(folder: Path, scratch: Path) -> None:
    """Every table by polars into Parquet of the kind that slices are."""
    for path in sorted(folder.iterdir()):
        read = pl.read_csv(path, infer_schema=False)
        read.write_parquet(scratch / f"{path.stem}.parquet", compression="zstd")


def parse_json(folder: Path, scratch: Path) -> None:
    """Every file by Python's own `json`."""
    for path in sorted(folder.iterdir()):
        json.loads(path.read_bytes())


def copy_parquet(folder: Path, scratch: Path) -> None:
    """Every file read, and written as slices are."""
    for path in sorted(folder.iterdir()):
        pq.write_table(pq.read_table(path), scratch / path.name, compression="zstd")


def split_words(folder: Path, scratch: Path) -> None:
    """The words of every file, which are let go."""
    for path in sorted(folder.iterdir()):
        path.read_text(encoding="utf-8").split()


def split_lines(folder: Path, scratch: Path) -> None:
    """The cells of every line, which are let go."""
    for path in sorted(folder.iterdir()):
        for line in path.read_text(encoding="utf-8").split("\n"):
            line.split("\t")


def parse_with_pymarc(folder: Path, scratch: Path) -> None:
    """Every record into pymarc's own, which is let go."""
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            for _ in pymarc.MARCReader(file):
                pass


def split_fields(folder: Path, scratch: Path) -> None:
    """Every record into fields and subfields as texts, which are let go."""
    for path in sorted(folder.iterdir()):
        with path.open(encoding="utf-8", newline="\n") as file:
            for line in file:
                _ = [field.split("\x1f") for field in line.split("\x1e")]


def parse_with_warcio(folder: Path, scratch: Path) -> None:
    """Every record by warcio, and its page into a tree, which is let go."""
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            for record in ArchiveIterator(file):
                etree.HTML(record.content_stream().read())


def read_with_pdfium(folder: Path, scratch: Path) -> None:
    """The text of every page, by PDFium in this process."""
    for path in sorted(folder.iterdir()):
        for page in pypdfium2.PdfDocument(path):
            page.get_textpage().get_text_range()


def open_pictures(folder: Path, scratch: Path) -> None:
    """Every picture, decoded as the stage decodes it: to know that it is whole."""
    for path in sorted(folder.iterdir()):
        with Image.open(path) as picture:
            picture.load()


def read_workbooks(folder: Path, scratch: Path) -> None:
    """Every cell, which is let go."""
    for path in sorted(folder.iterdir()):
        for _ in python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows():
            pass


def read_databases(folder: Path, scratch: Path) -> None:
    """Every row, which is let go."""
    for path in sorted(folder.iterdir()):
        with closing(sqlite3.connect(path)) as database:
            for _ in database.execute("SELECT * FROM objects"):
                pass


CASES = (
    Case("alto", "{type: mets_alto, rows: page}", pages.make_alto, parse_bare, "lxml, parsed only", 0.60),
    Case("table", _TABLE, pages.make_table, to_parquet, "polars, CSV to Parquet", 1 / 8),
    Case("oai", "{type: oai_dc}", pages.make_oai, parse_with_nine, "lxml, nine `xpath()` a record", 0.40),
    Case("coco", "{type: coco}", pages.make_coco, parse_json, "`json`, parsed only", 0.25),
    Case("marc", "{type: marc}", pages.make_marc, parse_with_pymarc, "pymarc, parsed only", 0.25),
    Case("pica", "{type: pica}", pages.make_pica, split_fields, "`str.split` at its marks", 0.25),
    Case("tei", "{type: tei, rows: page}", pages.make_tei, parse_bare, "lxml, parsed only", 0.25),
    Case("page_xml", "{type: page_xml}", records.make_page_xml, parse_bare, "lxml, parsed only", 0.25),
    Case("hocr", "{type: hocr}", records.make_hocr, parse_bare, "lxml, parsed only", 0.25),
    Case("alto_lines", "{type: mets_alto, rows: line}", pages.make_alto, parse_bare, "lxml, parsed only", 0.25),
    Case("didl", "{type: didl, rows: article}", records.make_didl, parse_bare, "lxml, parsed only", 0.25),
    Case("abbyy", "{type: abbyy}", records.make_abbyy, parse_bare, "lxml, parsed only", 0.25),
    Case("mets", "{type: mets}", records.make_mets, parse_bare, "lxml, parsed only", 0.25),
    Case("mods", "{type: mods}", records.make_mods, parse_bare, "lxml, parsed only", 0.25),
    Case("ead", "{type: ead}", records.make_ead, parse_bare, "lxml, parsed only", 0.25),
    Case("edm", "{type: edm}", records.make_edm, parse_bare, "lxml, parsed only", 0.25),
    Case("lido", "{type: lido}", records.make_lido, parse_bare, "lxml, parsed only", 0.25),
    Case("xml", _XML, records.make_xml, parse_bare, "lxml, parsed only", 0.25),
    Case("text", "{type: text}", records.make_text, split_words, "`str.split`", 0.25),
    Case("json", _JSON, records.make_json, parse_json, "`json`, parsed only", 0.25),
    Case("iiif", "{type: iiif}", records.make_iiif, parse_json, "`json`, parsed only", 0.25),
    Case("images", "{type: images}", records.make_images, open_pictures, "Pillow, decoded only", 0.25),
    Case("xlsx", _GRID, records.make_xlsx, read_workbooks, "calamine, read only", 0.25),
    Case("sqlite", _GRID, records.make_sqlite, read_databases, "`sqlite3`, fetched only", 0.25),
    Case("parquet", _PARQUET, records.make_parquet, copy_parquet, "pyarrow, read and written", 0.25),
    Case("warc", "{type: warc}", records.make_warc, parse_with_warcio, "warcio and lxml, parsed only", 0.25),
    Case("pdf", "{type: pdf}", records.make_pdf, read_with_pdfium, "PDFium in the same process", 0.25),
    Case("annotations", _LABELS, records.make_annotations, split_lines, "`str.split` of each line", 0.25),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one case came to."""

    case: Case
    megabytes: float
    rows: int
    ours: list[float]
    theirs: list[float]
    """Processor seconds of each turn."""

    @property
    def share(self) -> float:
        """This package's speed, of the peer's: the middle of all pairs."""
        return median(b / a for a, b in zip(self.ours, self.theirs, strict=True))


def processor_seconds() -> float:
    """Of this process and of those it started and waited for."""
    spent = [resource.getrusage(one) for one in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def seconds_of(work: Callable[[], object]) -> float:
    """Processor seconds, without what was left over before."""
    gc.collect()
    began = processor_seconds()
    work()
    asking.end_idle()  # what a process of its own took is counted once it has ended
    return processor_seconds() - began


@contextmanager
def reading(case: Case, folder: Path, state: Path) -> Iterator[Callable[[], int]]:
    """The second stage of a source that was harvested, to be run again and again from nothing; it answers the rows."""
    file = state / "sources.yaml"
    file.write_text(_SOURCES.format(folder=folder, normalize=case.normalize))
    catalog = load_sources([file])
    source, base = catalog.sources["measured"], catalog.bases["measured"]
    chosen = {
        **os.environ,
        "BIGLAM_STATE": f"{state}/state",
        "BIGLAM_CONTACT": "a@example.org",
        "BIGLAM_PROCESSES": "1",
    }
    with open_context(read_environment(chosen)) as run:
        pipeline.harvest_source(run, source, base)

        def read() -> int:
            for one in state.rglob("normalized"):
                shutil.rmtree(one)
            return sum(one.rows for one in pipeline.normalize_source(run, source, base).slices)

        yield read


def measure(case: Case, megabytes: int, turns: int) -> Outcome:
    """Pairs in turns, after one that does not count: caches are as warm as in the midst of a long run."""
    with tempfile.TemporaryDirectory(prefix="biglam-bench-") as name:
        folder, state, scratch = (Path(name) / part for part in ("files", "state", "scratch"))
        for one in (folder, state, scratch):
            one.mkdir()
        case.fill(folder, megabytes * 10**6)
        size = sum(path.stat().st_size for path in folder.iterdir())
        with reading(case, folder, state) as read:
            rows = read()
            case.peer(folder, scratch)
            ours, theirs = [], []
            for _ in range(turns):
                ours.append(seconds_of(read))
                theirs.append(seconds_of(lambda: case.peer(folder, scratch)))
    return Outcome(case, size / 1e6, rows, ours, theirs)


def table(outcomes: list[Outcome]) -> str:
    """A line a case."""
    lines = ["| read | MB | rows | CPU s | rows/CPU s | beside | CPU s | share of its speed | goal |"]
    lines += ["| --- | ---: | ---: | ---: | ---: | --- | ---: | ---: | ---: |"]
    for one in outcomes:
        ours, theirs = median(one.ours), median(one.theirs)
        cells = (f"{one.megabytes:.0f}", f"{one.rows:,}", f"{ours:.2f}", f"{one.rows / ours:,.0f}", one.case.beside)
        shares = (f"{theirs:.2f}", f"{one.share:.1%} (1 : {1 / one.share:.1f})", f"{one.case.goal:.1%}")
        lines.append(f"| {one.case.name} | {' | '.join((*cells, *shares))} |")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Runs everything; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--megabytes", type=int, default=MEGABYTES, help="of input, each case")
    parser.add_argument("--turns", type=int, default=TURNS, help="pairs that are measured")
    parser.add_argument("--real", type=Path, help="a folder with ALTO pages to be taken instead of made-up ones")
    parser.add_argument("--only", choices=[case.name for case in CASES], action="append")
    chosen = parser.parse_args(arguments)
    pages.REAL = chosen.real
    seldom()  # as the command and its workers do before they begin
    began = time.monotonic()
    outcomes = [measure(one, chosen.megabytes, chosen.turns) for one in CASES if one.name in (chosen.only or one.name)]
    versions = ", ".join(f"{name} {version(name)}" for name in ("lxml", "polars", "pyarrow", "orjson"))
    sys.stdout.write(
        f"{chosen.turns} pairs each; {os.cpu_count()} cores, Python {platform.python_version()}, {versions}; "
        f"{time.monotonic() - began:.0f} s.\n\n{table(outcomes)}\n\n"
    )
    for one in outcomes:
        good = one.share >= one.case.goal
        said = f"{one.case.name}: {one.share:.1%} of the speed of {one.case.beside}, goal {one.case.goal:.1%}"
        sys.stdout.write(f"- {'met' if good else 'MISSED'}: {said}\n")
    return 0 if all(one.share >= one.case.goal for one in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
