"""Do the entries of sources/ read what their institutions document? All of them, on made-up or real files."""

import io
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from biglam_pipeline import pipeline
from biglam_pipeline.source import Catalog, load_sources
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.conftest import ROOT
from biglam_pipeline_tests.source.shapes import SHAPES

REAL: dict[str, tuple[str, int, dict[str, Any]]] = {
    "bl_books_genre": ("csv/bl-books-genre", 3973, {}),
    "hmd_the_express": ("mets-alto/bl-newspapers-0002647-18240217", 27, {}),
    "delpher_kranten": ("mets-alto/kb-delpher-18131116", 4, {}),
    "unsilence_voc": ("brat/unsilence-voc", 2199, {}),
}
"""Entry -> file or folder of the real files, how many rows it makes, and what stands in the first."""
ELSEWHERE = {"vam_objects": "journey/test_links_nested.py"}
"""Entry -> the test that runs it against a server, for its list leads to other addresses."""


def entries() -> dict[str, dict[str, Any]]:
    """All that are shipped, as they are written."""
    paths = [ROOT / "sources.yaml", *sorted((ROOT / "sources").glob("*.yaml"))]
    read = [YAML().load(path.read_text(encoding="utf-8"))["sources"] for path in paths]
    return {name: entry for one in read for name, entry in one.items()}


@cache
def shipped() -> Catalog:
    """The same, as they are loaded."""
    return load_sources([ROOT / "sources.yaml"])


def test_every_entry_is_run() -> None:
    assert sorted(entries()) == sorted([*SHAPES, *REAL, *ELSEWHERE])
    for name, path in ELSEWHERE.items():
        assert name in (ROOT / "biglam_pipeline_tests" / path).read_text(encoding="utf-8")


def rows_of(bench: Bench, name: str, given: str) -> list[dict[str, Any]]:
    """What is normalized of an entry whose address is a file or a folder; nothing of it is rejected."""
    entry, text = entries()[name], io.StringIO()
    entry["harvest"] = f"file:{given}"
    read = entry.get("normalize", {})
    if isinstance(read, dict) and "type" not in read:  # its address shows the reader, and that is another one here
        entry["normalize"] = {"type": shipped().get(name).normalize[0].type, **read}
    YAML().dump({"sources": {name: entry}}, text)
    bench.write(text.getvalue())
    source = bench.source(name)
    pipeline.harvest_source(bench.run, source, bench.base(source))
    done = pipeline.normalize_source(bench.run, source, bench.base(source))
    assert sum(one.rejected for one in done.slices) == 0
    shelf = bench.run.normalized(source)
    rows = [row for one in done.slices for row in shelf.head(one.key, one.rows).to_pylist()]
    return sorted(rows, key=lambda row: (row.get("parent_id") or "", row.get("seq") or 0, row["source_record_id"]))


@pytest.mark.representative(4)  # further entries
@pytest.mark.parametrize("name", SHAPES)
def test_an_entry_reads_what_is_documented(bench: Bench, name: str) -> None:
    shape = SHAPES[name]
    if isinstance(shape.content, bytes):
        (bench.folder / shape.name).write_bytes(shape.content)
    else:
        for path, content in shape.content.items():
            (bench.folder / shape.name / path).parent.mkdir(parents=True, exist_ok=True)
            (bench.folder / shape.name / path).write_bytes(content)
    rows = rows_of(bench, name, shape.name + "/" * (not isinstance(shape.content, bytes)))
    assert len(rows) == shape.rows
    assert {column: rows[0][column] for column in shape.first} == shape.first


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_an_entry_reads_real_files(bench: Bench, real_data: Path, name: str) -> None:
    path, count, first = REAL[name]
    shutil.copytree(real_data / path, bench.folder / "given")
    rows = rows_of(bench, name, "given/")
    assert len(rows) == count
    assert {column: rows[0][column] for column in first} == first
