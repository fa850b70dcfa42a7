"""A long listing is never a list of objects: what is made of it are a few at a time, and they say what all would."""

import gc
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.context import RunContext, open_context
from biglam_pipeline.environment import read_environment
from biglam_pipeline.harvest.keys import UniqueKeys
from biglam_pipeline.harvest.taking import Taken
from biglam_pipeline.inputs import readings_of
from biglam_pipeline.normalize import reading as reading_module
from biglam_pipeline.normalize.bundles import bundles_of
from biglam_pipeline.normalize.files import files_of
from biglam_pipeline.normalize.slicing import BundleRef, FileRef, slice_key, slices_of
from biglam_pipeline.records import Item, RawObject, StoredObject, Unchanged
from biglam_pipeline.source import Source, load_sources
from biglam_pipeline.store import found_files, packed
from biglam_pipeline.store.batch_writer import BatchWriter
from biglam_pipeline.store.disk import Found

OBJECTS = 1200
MOST = OBJECTS // 2
"""Of all sorts together; a list of the raw objects alone would be twice that."""
COUNTED = (StoredObject, RawObject, Unchanged, Found, FileRef, BundleRef, Item)
ENTRY = """
sources:
  desk:
    title: Desk
    custodian: A library
    harvest: file:{folder}
    normalize: {{type: images}}
    rights: {{license: CC0-1.0, evidence: 'https://institution.example/rights', checked: 2026-11-20}}
"""


@pytest.fixture
def source(tmp_path: Path) -> Source:
    """So many pictures of one point."""
    for number in range(OBJECTS):
        path = tmp_path / "files" / f"box-{number % 7}" / f"{number:05d}.gif"
        path.parent.mkdir(parents=True, exist_ok=True)
        colours = struct.pack(">Q", number)[2:]
        path.write_bytes(
            b"GIF89a\x01\x00\x01\x00\x80\x00\x00%s,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;" % colours
        )
    (tmp_path / "sources.yaml").write_text(ENTRY.format(folder=tmp_path / "files"))
    return load_sources([tmp_path / "sources.yaml"]).get("desk")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunContext]:
    """With slices, and blocks of a listing, as small as these objects are few."""
    monkeypatch.setattr(reading_module, "slice_bytes_for", lambda size: size // 12)
    for module, name in ((packed, "BLOCK_ROWS"), (found_files, "_TOGETHER")):
        monkeypatch.setattr(module, name, 64)
    with open_context(read_environment({"BIGLAM_STATE": f"{tmp_path}/state", "BIGLAM_PROCESSES": "1"})) as it:
        yield it


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many objects there were, each time that a number of them had passed."""
    counts = list[int]()
    gc.collect()  # what other tests left
    gc.freeze()  # and what stays is not walked at each count

    def watched(owner: Any, name: str, every: int) -> None:
        real: Callable[..., Any] = getattr(owner, name)
        passed = iter(range(10**9))

        def counting(*arguments: Any, **named: Any) -> Any:
            if next(passed) % every == every - 1:
                counts.append(sum(type(one) in COUNTED for one in gc.get_objects()))
            return real(*arguments, **named)

        monkeypatch.setattr(owner, name, counting)

    watched(BatchWriter, "add", 300)
    watched(Taken, "keep", 300)
    watched(reading_module, "read_slice", 4)
    watched(reading_module, "slice_key", 4)
    return counts


@pytest.mark.slow  # a measurement of memory
def test_no_stage_holds_the_objects_of_a_listing(
    run: RunContext, source: Source, tmp_path: Path, live: list[int]
) -> None:
    """First night, and one on which nothing is new."""
    for _ in range(2):
        pipeline.harvest_source(run, source, tmp_path)
        assert live, "nothing was counted"
        assert max(live) < MOST
        live.clear()
        pipeline.normalize_source(run, source, tmp_path)
        assert live, "nothing was counted"
        assert max(live) < MOST
        live.clear()


@pytest.mark.slow  # a matter of size; test_slices.py holds what a slice is of
@pytest.mark.parametrize("mode", ["replace", "extend"])
def test_slices_are_those_that_the_bundles_themselves_would_make(
    run: RunContext, source: Source, tmp_path: Path, mode: str
) -> None:
    """The same borders, keys and bundles, whether they are asked for by columns or lie there as objects."""
    pipeline.harvest_source(run, source, tmp_path)
    raw = run.raw(source)
    harvest = raw.latest()
    assert harvest is not None
    files = files_of(raw, raw.objects(harvest.number))
    bundle_refs = bundles_of(source.normalize[0], files)
    grouped = bundles_of(source.normalize[0], files, {f"b{part}": [*files][part::60] for part in range(60)})
    for packaged in (bundle_refs, grouped):
        whole = list(packaged)
        assert packaged.size == sum(one.size for one in whole)
        for size in (400, 4000):
            cut, made = list(slices_of(packaged, mode, size)), list(slices_of(whole, mode, size))
            assert [tuple(one) for one in cut] == made
            assert [slice_key(one, "s") for one in cut] == [slice_key(one, "s") for one in made]
    assert {name: files[name] for name in files} == dict(files)
    assert files.find("box-0/99999.gif") == files.find("") == files.find("zzz") == -1
    assert readings_of(source)[0].reader.bundles(list(files)) == {name: [name] for name in files}


def test_keys_are_the_shortest_that_no_other_has() -> None:
    """Numbered where even the last name is shared; one that is only like a numbered one is not."""
    names = ["a", "b", "b", "c", "c", "c~2"]
    tails = ["x/a", "x/b", "y/b", "x/c", "x/c", "x/c~2"]
    keys = UniqueKeys(lambda: iter(names), lambda: iter(tails))
    assert list(keys) == ["a", "x/b", "y/b", "x/c", "x/c~2", "c~2"]
    assert list(UniqueKeys(lambda: iter(["a", "b"]), lambda: iter(["x/a", "x/b"]))) == ["a", "b"]
    assert list(UniqueKeys(lambda: iter([]))) == []
