"""A slice is a pure function of its task: any process, any number of them, and any fresh one read the same bytes."""

import gc
import inspect
import json
import os
import pickle
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.collecting import YOUNG
from biglam_pipeline.context import RunContext, open_context
from biglam_pipeline.engine import slices as engine
from biglam_pipeline.environment import read_environment
from biglam_pipeline.inputs import readings_of
from biglam_pipeline.normalize import opening, reader, slices
from biglam_pipeline.normalize import reading as reading_module
from biglam_pipeline.normalize.files import files_of
from biglam_pipeline.normalize.reading import lay_out
from biglam_pipeline.normalize.rows import building, measuring
from biglam_pipeline.normalize.slices import SliceTask, read_slice
from biglam_pipeline.normalize.slicing import BundleRef, FileRef, as_they_stand, slice_bytes_for, slices_of
from biglam_pipeline.records import StoredObject
from biglam_pipeline.source import Source, load_sources
from biglam_pipeline.store import disk
from biglam_pipeline.store.normalized import ENDINGS, TAKEN_DOWN, Normalized
from biglam_pipeline_tests.bench import Clock
from biglam_pipeline_tests.normalize.bundles import NOON

RIGHTS = "{license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-11-20, quote: CC0}"
ENTRY = """
sources:
  desk:
    title: A desk
    custodian: A library
    harvest: "file:desk#*.{end}"
    normalize: {normalize}
    rights: {rights}
    languages: [en]
"""
MAP = "{title: Title >> strip >> first, date: Year, creators: 'By >> split(;)', languages: Tongue, "
MAP += "subjects: 'About >> regex(\"^([a-z]+)\") >> lookup(x=y, z=w)', extra: {n: Number >> int, own: Title}}"
DC = (
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record><header><identifier>oai:x:{n}'
    "</identifier><datestamp>2020-01-01</datestamp></header><metadata><oai_dc:dc "
    'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<dc:title>Title {n}</dc:title><dc:date>in the flood of {n}x</dc:date>"
    "<dc:subject>b</dc:subject><dc:subject>a</dc:subject>"
    "<dc:language>eng</dc:language></oai_dc:dc></metadata></record></ListRecords></OAI-PMH>"
)
KINDS = {
    "csv": ("{type: table, where: {Number: 1..}, map: " + MAP + "}", "Title,Year,By,Tongue,About,Number\n"),
    "jsonl": ("{type: table, map: " + MAP + "}", ""),
    "xml": ("{type: oai_dc, map: {collection: 'dc:subject >> join(/)', extra: {all: dc:subject >> list}}}", ""),
}


def file_of(end: str, number: int) -> str:
    """One small file of a kind."""
    if end == "xml":
        return DC.format(n=number)
    row = {"Title": f"Title {number}", "Year": f"c. {1800 + number % 99}", "By": "B, C; A", "Tongue": "German; xx"}
    row |= {"About": "x" if number % 3 else "?", "Number": str(number), "Other": "o"}
    if end == "jsonl":
        return json.dumps(row) + "\n"
    return KINDS["csv"][1] + ",".join(f'"{row[name]}"' for name in KINDS["csv"][1].strip().split(",")) + "\n"


class Desk:
    """A source of many small files, harvested."""

    def __init__(self, folder: Path, end: str, run: RunContext, files: int = 60) -> None:
        self.folder, self.end, self.run = folder, end, run
        (folder / "desk").mkdir()
        for number in range(files):
            self.write(number)
        text = ENTRY.format(normalize=KINDS[end][0], rights=RIGHTS, end=end)
        (folder / "sources.yaml").write_text(textwrap.dedent(text))
        self.harvest()

    def write(self, number: int, more: str = "") -> None:
        """One file; more: what changes it."""
        (self.folder / "desk" / f"f{number:04d}.{self.end}").write_text(file_of(self.end, number) + more)

    @property
    def source(self) -> Source:
        """The entry as it stands."""
        return load_sources([self.folder / "sources.yaml"]).get("desk")

    def harvest(self) -> None:
        """One visit."""
        pipeline.harvest_source(self.run, self.source, self.folder)

    def normalize(self, processes: int = 1) -> int:
        """How many slices were read."""
        return pipeline.normalize_source(replace(self.run, processes=processes), self.source, self.folder).read

    def shelved(self) -> dict[str, str]:
        """Name of each file of the slices -> its sha256."""
        shelf = self.run.normalized(self.source).shelf
        return {name: disk.digest_file(shelf.local(name))[0] for name in shelf.list("slices/")}

    def forget(self) -> None:
        """Nothing is normalized."""
        self.run.normalized(self.source).shelf.clear()

    def tasks(self, folder: Path) -> list[SliceTask]:
        """The slices, as they are handed to whoever reads them."""
        raw, reading = self.run.raw(self.source), readings_of(self.source)[0]
        harvest = raw.latest()
        assert harvest is not None
        refs = files_of(raw, raw.objects(harvest.number))
        laid = lay_out(reading, raw, harvest, self.run.normalized(self.source), refs, None).slices
        return [
            SliceTask(key, reading, raw.shelf, as_they_stand(raw, bundle_refs), folder / key)
            for key, bundle_refs in laid.items()
        ]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[RunContext]:
    """Shelves of one's own."""
    with open_context(
        read_environment({"BIGLAM_STATE": str(tmp_path / "state"), "BIGLAM_PROCESSES": "1"}), Clock()
    ) as it:
        yield it


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices of a few files, however small."""
    monkeypatch.setattr(reading_module, "slice_bytes_for", lambda size: size // 12)
    monkeypatch.setattr(engine, "WORTH_BYTES", 0)


@pytest.fixture(params=KINDS)
def desk(request: pytest.FixtureRequest, tmp_path: Path, run: RunContext, little: None) -> Desk:
    """Small files of each kind, in slices of a few."""
    return Desk(tmp_path, request.param, run)


@pytest.fixture
def desks(tmp_path: Path, little: None) -> Iterator[list[Desk]]:
    """All kinds."""
    with ExitStack() as houses:
        made = []
        for end in KINDS:
            (tmp_path / end).mkdir()
            settings = {"BIGLAM_STATE": str(tmp_path / end / "state"), "BIGLAM_PROCESSES": "1"}
            made.append(
                Desk(tmp_path / end, end, houses.enter_context(open_context(read_environment(settings), Clock())))
            )
        yield made


@pytest.mark.slow  # `test_a_fresh_interpreter_reads_the_same_bytes` stays
def test_slices_are_equal_for_any_number_of_processes(desk: Desk) -> None:
    read = desk.normalize(1)
    assert read > 4
    alone = desk.shelved()
    assert len(alone) == read * (len(ENDINGS) + 1)
    desk.forget()
    assert desk.normalize(3 if desk.end == "csv" else 2) == read
    assert desk.shelved() == alone


_FRESH = """
import pickle, sys
from biglam_pipeline.normalize.slices import read_slice
with open(sys.argv[1], "rb") as file:
    print([read_slice(task).slice.files for task in pickle.load(file)])
"""


def test_a_fresh_interpreter_reads_the_same_bytes(desks: list[Desk], tmp_path: Path) -> None:
    """Where hashes of texts are others, and nothing was read before: a task is all that it needs."""
    tasks = [task for desk in desks for task in desk.tasks(tmp_path / "here")]
    here = [read_slice(task).slice.files for task in tasks]
    file = tmp_path / "tasks"
    file.write_bytes(pickle.dumps([replace(task, folder=tmp_path / "fresh" / task.key) for task in tasks]))
    seed = "7" if os.environ.get("PYTHONHASHSEED") != "7" else "8"
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
    words = [sys.executable, "-c", _FRESH, str(file)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == repr(here)
    for task in tasks:
        for ending in ENDINGS:
            assert (tmp_path / "fresh" / task.key / ending).read_bytes() == (task.folder / ending).read_bytes()


def test_settings_go_to_another_process_as_they_are_written(desk: Desk) -> None:
    """Also once they were used: what was compiled stays behind."""
    task = desk.tasks(desk.folder / "x")[0]
    before = pickle.dumps(task.reading.reader)
    read_slice(task)
    assert pickle.dumps(task.reading.reader) == before
    assert pickle.loads(before) == task.reading.reader
    assert pickle.loads(pickle.dumps(task.reading)).also == task.reading.also


@pytest.mark.representative(1)  # other formats
def test_a_slice_does_not_change_the_next(desk: Desk, tmp_path: Path) -> None:
    """Whatever was read before, in whatever order."""
    tasks = desk.tasks(tmp_path / "forward")
    forward = [read_slice(task).slice for task in tasks]
    backward = [read_slice(replace(task, folder=tmp_path / "back" / task.key)).slice for task in reversed(tasks)]
    assert backward[::-1] == forward


@pytest.mark.representative(1)  # other formats
def test_garbage_is_looked_for_seldom_inside_a_slice(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the process does otherwise, which it does again afterwards, also behind a slice that fails."""
    task = max(desk.tasks(tmp_path / "read"), key=lambda task: len(task.bundle_refs))
    seen: list[int] = []

    def watched(*given: Any, **more: Any) -> Any:
        seen.append(gc.get_threshold()[0])
        return open_standing(*given, **more)

    open_standing = slices.open_standing
    monkeypatch.setattr(slices, "open_standing", watched)
    was = gc.get_threshold()
    gc.set_threshold(700, *was[1:])
    try:
        read_slice(task)
        assert seen == [YOUNG]
        assert gc.get_threshold()[0] == 700
        monkeypatch.setattr(slices, "schema_of", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            read_slice(replace(task, folder=tmp_path / "broken"))
        assert gc.get_threshold()[0] == 700
    finally:
        gc.set_threshold(*was)


def test_what_is_passed_over_is_not_counted(desk: Desk, tmp_path: Path) -> None:
    """No count and no example of a record that is kept out."""
    task = max(desk.tasks(tmp_path / "whole"), key=lambda task: len(task.bundle_refs))
    whole = read_slice(task)
    assert whole.slice.rows == len(task.bundle_refs)
    without = read_slice(replace(task, passed_over=frozenset(range(1, whole.ends[-1])), folder=tmp_path / "without"))
    assert without.ends == whole.ends
    assert without.slice.rows <= 1
    assert sum(without.slice.statements.values()) == without.slice.rows


def test_nothing_of_what_is_kept_out_reaches_the_shelf(tmp_path: Path, run: RunContext) -> None:
    """No row, no example of a reason, no least and greatest value in a footer; that it was there goes on counting."""
    desk = Desk(tmp_path, "xml", run, files=9)
    shelf = run.normalized(desk.source)
    desk.normalize()
    [before] = shelf.slices(current_of(desk))
    assert "in the flood of 0x" in before.examples.values()  # the first that comes is the example
    line = {"source_id": "desk", "record_id": "oai:x:0", "action": "removed"}
    (tmp_path / "takedowns.jsonl").write_text(json.dumps(line) + "\n")
    desk.normalize()
    [after] = shelf.slices(current_of(desk))
    assert (after.rows, after.taken_down) == (before.rows - 1, 1)
    assert "in the flood of 1x" in after.examples.values()
    index = shelf.index(after.key).filter(pl.col("row") == TAKEN_DOWN)
    assert index["id"].to_list() == ["desk:oai:x:0"]
    for ending in ("json", *ENDINGS):
        data = Path(shelf.shelf.where(f"slices/{after.key}.{ending}")).read_bytes()
        assert b"flood of 0x" not in data
        assert b"Title 0" not in data


def current_of(desk: Desk) -> Normalized:
    """What the pointer names."""
    current = desk.run.normalized(desk.source).current()
    assert current is not None
    return current


# --- the size of slices ---


@pytest.mark.parametrize(
    ("size", "megabytes"), [(0, 4), (2**30, 4), (4 * 2**30, 16), (16 * 2**30, 64), (2**40, 64), (3 * 2**30, 12)]
)
def test_slices_follow_the_size_of_the_source(size: int, megabytes: int) -> None:
    assert slice_bytes_for(size) == megabytes * 2**20


def test_the_size_of_slices_is_that_of_the_first_harvest(tmp_path: Path, run: RunContext) -> None:
    """It never moves by itself: or every slice would be read again on the night on which a source grew."""
    desk = Desk(tmp_path, "csv", run)
    assert desk.normalize() > 0
    shelf = run.normalized(desk.source)
    first = shelf.current()
    assert first is not None
    assert first.slice_bytes == 4 * 2**20
    sizes = []
    for number in range(60, 70):
        desk.write(number)
    desk.harvest()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading_module, "slice_bytes_for", sizes.append)
        desk.normalize()
    assert sizes == []
    again = shelf.current()
    assert again is not None
    assert again.slice_bytes == first.slice_bytes


def test_shelves_of_before_keep_their_slices(tmp_path: Path, run: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was cut at 64 MB stays so, and is not read again."""
    desk = Desk(tmp_path, "csv", run)
    desk.normalize()
    path = Path(run.normalized(desk.source).shelf.where("manifest.json"))
    manifest = json.loads(path.read_bytes())
    del manifest["slice_bytes"], manifest["sealed"]
    path.write_text(json.dumps(manifest))
    monkeypatch.setattr(reading_module, "slice_bytes_for", lambda size: 1)
    assert desk.normalize() == 0


def held_of(name: str) -> StoredObject:
    """A file in a batch."""
    return StoredObject(
        name, name, name, NOON, 200, "", "", "", "0" * 64, 500_000, 1, "batches/00001-000001.parquet", "", False
    )


def test_one_file_in_a_hundred_re_reads_about_a_hundredth() -> None:
    bundle_refs = [
        BundleRef(name := f"f{number:06d}.xml", (FileRef(name, held_of(name), "", f"{number:064x}", 500_000),))
        for number in range(10_000)
    ]
    size = slice_bytes_for(sum(bundle_ref.size for bundle_ref in bundle_refs))
    before = set(slices_of(bundle_refs, "replace", size))
    changed = [
        replace(bundle_ref, refs=(replace(bundle_ref.refs[0], sha256="0"),)) for bundle_ref in bundle_refs[500:600]
    ]
    after = set(slices_of([*bundle_refs[:500], *changed, *bundle_refs[600:]], "replace", size))
    read = sum(bundle_ref.size for one in after - before for bundle_ref in one)
    assert 180 < len(before) < 400
    assert read <= 0.02 * sum(bundle_ref.size for bundle_ref in bundle_refs)


def test_nothing_of_the_reading_knows_a_takedown() -> None:
    """The ledger holds names and a key: no task carries either."""
    modules = [slices, measuring, opening, reader, building]
    found = [module.__name__ for module in modules if re.search("takedown import|Ledger", inspect.getsource(module))]
    assert found == []
