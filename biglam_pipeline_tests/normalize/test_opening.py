"""Files of a slice come out as they went in, from batches, ZIP and TAR alike, and never all of them at once."""

import io
import os
import random
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.normalize.bundles import bundles_of
from biglam_pipeline.normalize.files import files_of
from biglam_pipeline.normalize.opening import OPEN_ARCHIVES, open_slice
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.slicing import BundleRef
from biglam_pipeline.store import spool
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.normalize.bundles import reader

FILES = {f"p{n:02d}.jpg": random.Random(n).randbytes(1000 + n) for n in range(30)}


def _pack(folder: Path, kind: str, files: dict[str, bytes]) -> None:
    folder.mkdir()
    if kind == "loose":
        for name, data in files.items():
            (folder / name).write_bytes(data)
    elif kind == "zip":
        with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
    else:
        with tarfile.open(folder / f"a.{kind}", "w:gz" if kind == "tar.gz" else "w") as packed:
            for name, data in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                packed.addfile(info, io.BytesIO(data))


ENTRY = """
    sources:
      album:
        title: An album
        custodian: A library
        harvest: file:album
        normalize: images
        rights: {license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-11-20, quote: CC0}
"""


def _harvested(bench: Bench, kind: str, files: dict[str, bytes]) -> tuple[RawShelf, list[BundleRef]]:
    _pack(bench.folder / "album", kind, files)
    bench.write(ENTRY)
    source = bench.source("album")
    pipeline.harvest_source(bench.run, source, bench.base(source))
    raw = bench.run.raw(source)
    harvest = raw.latest()
    assert harvest is not None
    images: Reader = reader(type="images")
    return raw, bundles_of(images, files_of(raw, raw.objects(harvest.number)))


@pytest.mark.parametrize("room", [0, 5_000, 1 << 30])
@pytest.mark.parametrize("kind", ["loose", "zip", "tar", "tar.gz"])
def test_every_file_comes_out_as_it_went_in(
    bench: Bench, kind: str, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool.Spool.__init__, "__defaults__", (room,))
    raw, bundle_refs = _harvested(bench, kind, FILES)
    backwards = [BundleRef("all", tuple(ref for bundle_ref in reversed(bundle_refs) for ref in bundle_ref.refs))]
    for chosen in (bundle_refs, backwards):
        found = {}
        for bundle in open_slice(raw, chosen):
            for item in bundle.items:
                for _ in range(2):
                    with item.open() as stream:
                        found[item.name.rpartition("/")[2]] = stream.read()
        assert found == FILES
    assert not list((bench.folder / "state" / "scratch").rglob("spool"))


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_one_archive_under_two_names(bench: Bench, kind: str) -> None:
    _pack(bench.folder / "album", kind, FILES)
    (bench.folder / "album" / f"b.{kind}").write_bytes((bench.folder / "album" / f"a.{kind}").read_bytes())
    bench.write(ENTRY)
    source = bench.source("album")
    pipeline.harvest_source(bench.run, source, bench.base(source))
    raw = bench.run.raw(source)
    bundle_refs = bundles_of(reader(type="images"), files_of(raw, raw.objects(1)))
    found = {bundle.name: bundle.items[0].open().read() for bundle in open_slice(raw, bundle_refs)}
    assert found == {f"{which}.{kind}/{name}": data for which in "ab" for name, data in FILES.items()}


def test_of_many_archives_few_are_open(bench: Bench) -> None:
    folder = bench.folder / "album"
    folder.mkdir()
    for n in range(60):
        with zipfile.ZipFile(folder / f"{n:02d}.zip", "w") as archive:
            archive.writestr("p.jpg", n.to_bytes(1) * 100)
    bench.write(ENTRY)
    source = bench.source("album")
    pipeline.harvest_source(bench.run, source, bench.base(source))
    raw = bench.run.raw(source)
    bundle_refs = bundles_of(reader(type="images"), files_of(raw, raw.objects(1)))
    most = 0
    for n, bundle in zip(range(60), open_slice(raw, bundle_refs), strict=True):
        with bundle.items[0].open() as stream:
            assert stream.read() == n.to_bytes(1) * 100
        most = max(most, _open_archives())
    assert 1 <= most <= OPEN_ARCHIVES
    assert _open_archives() == 0


def _open_archives() -> int:
    links = Path("/proc/self/fd").iterdir()
    return sum("/raw/files/" in os.path.realpath(link) for link in links)


@pytest.mark.slow  # a measurement of memory
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_a_large_archive_is_not_held_in_memory(bench: Bench, kind: str) -> None:
    """80 MB of pictures that do not compress; 32 MB may be put aside in memory."""
    block = os.urandom(1 << 20)
    files = {f"p{n:03d}.jpg": n.to_bytes(4) + block for n in range(80)}
    raw, bundle_refs = _harvested(bench, kind, files)
    tracemalloc.start()
    try:
        seen = 0
        for bundle in open_slice(raw, bundle_refs):
            with bundle.items[0].open() as stream:
                seen += len(stream.read())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert seen == sum(map(len, files.values()))
    assert peak < (10 if kind == "zip" else 45) * 2**20


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_an_archive_that_was_altered_is_damage(bench: Bench, kind: str) -> None:
    raw, bundle_refs = _harvested(bench, kind, FILES)
    path = raw.path(bundle_refs[0].refs[0].held)
    data = bytearray(path.read_bytes())
    data[data.index(FILES["p07.jpg"][:20]) if kind == "tar" else len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    opened = (bundle.items[0].open().close() for bundle in open_slice(raw, bundle_refs))
    with pytest.raises(ShelfDamaged, match="album/raw/files/"):
        list(opened)
