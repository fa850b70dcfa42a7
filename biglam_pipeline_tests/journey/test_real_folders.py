"""Whole folders of real institutions, as they lie there: every file is a row, a reject, or counted with its reason."""

import bz2
from collections import Counter
from pathlib import Path
from xml.parsers import expat

import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.store.normalized import Slice
from biglam_pipeline_tests.bench import Bench

ENTRY = """
sources:
  real:
    title: As it lies there
    custodian: Several
    harvest: file:{path}
    normalize: {{type: {reader}}}
    rights: {{license: CC0-1.0, evidence: https://institution.example/rights, checked: 2026-01-01}}
"""


XML = (".xml", ".xml.bz2")


def documents(folder: Path) -> list[Path]:
    """The XML files of a folder, packed ones too."""
    return [path for path in folder.rglob("*") if path.name.endswith(XML)]


def root_of(path: Path) -> str:
    """Local name of a file's root, as expat sees it; nothing where it is not XML."""
    found: list[str] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, _: found.append(name)
    try:
        data = path.read_bytes()
        parser.Parse(bz2.decompress(data) if path.suffix == ".bz2" else data, True)
    except expat.ExpatError:
        if not found:
            return ""
    return found[0].rpartition(":")[2].lower()


def read(bench: Bench, path: Path, reader: str) -> tuple[list[Slice], dict[str, int], int]:
    """The slices, files that no reader took by extension, and how many files came."""
    bench.write(ENTRY.format(path=path, reader=reader))
    source = bench.source("real")
    visited = pipeline.harvest_source(bench.run, source, bench.base(source))
    assert visited.harvest.complete
    done = pipeline.normalize_source(bench.run, source, bench.base(source))
    current = bench.run.normalized(source).current()
    assert current is not None
    return list(done.slices), current.unread, current.files


def counts(slices: list[Slice]) -> tuple[int, Counter[str], Counter[str]]:
    """Rows, rejects by reason, and what was seen and not mapped."""
    rejects: Counter[str] = Counter()
    unmapped: Counter[str] = Counter()
    for one in slices:
        rejects.update(one.rejects)
        unmapped.update(one.unmapped)
    return sum(one.rows for one in slices), rejects, unmapped


@pytest.mark.representative(1)  # further folders
@pytest.mark.parametrize("name", ["aggregator-records", "mets", "mets-alto"])
def test_every_file_is_read_or_counted(bench: Bench, real_data: Path, name: str) -> None:
    """By the file system's own list: what came is what is there, and what no reader takes is counted by extension."""
    there = [path for path in (real_data / name).rglob("*") if path.is_file()]
    slices, unread, files = read(bench, real_data / name, "oai_dc" if name == "aggregator-records" else "mets_alto")
    assert files == len(there)
    left = Counter(path.suffix.removeprefix(".") for path in there if not path.name.endswith(XML))
    assert unread == dict(left)
    assert slices


def test_one_record_of_each_hub_is_a_row_or_a_reject(bench: Bench, real_data: Path) -> None:
    """DPLA's hubs send Dublin Core, MODS, MARC and their own: what is not Dublin Core says so."""
    due = len(documents(real_data / "aggregator-records"))
    rows, rejects, _ = counts(read(bench, real_data / "aggregator-records", "oai_dc")[0])
    assert rows + rejects.total() == due
    assert set(rejects) <= {"not_dublin_core"}
    assert rows > 5


def test_every_page_of_the_deliveries_is_a_row(bench: Bench, real_data: Path) -> None:
    """Six institutions, by the roots of their files: ALTO is a page, METS is none, and the rest is counted."""
    roots = Counter(root_of(path) for path in documents(real_data / "mets-alto"))
    rows, rejects, unmapped = counts(read(bench, real_data / "mets-alto", "mets_alto")[0])
    assert rows + rejects.total() == roots["alto"]
    assert not rejects
    others = sum(count for root, count in roots.items() if root not in ("alto", "mets"))
    assert unmapped["XML files that are neither METS nor ALTO"] == others


def test_a_mets_without_its_pages_is_counted_and_its_pages_are_missing(bench: Bench, real_data: Path) -> None:
    roots = Counter(root_of(path) for path in documents(real_data / "mets"))
    rows, rejects, unmapped = counts(read(bench, real_data / "mets", "mets_alto")[0])
    issue = next((real_data / "mets" / "sbb-mods4pandas" / "zefys-examples").glob("*.xml")).read_text()
    pages = issue.partition('USE="Alto"')[2] or issue
    assert rows == 0
    assert rejects == {"page_missing": sum("ALTO" in part.split('"')[0] for part in pages.split('xlink:href="')[1:])}
    assert unmapped["METS that name no page in ALTO"] == roots["mets"] - 1
