"""Pictures as bytes, from a folder or an archive to the rows that the Hub serves; many of them in little memory."""

import hashlib
import io
import itertools
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pytest

from biglam_pipeline import previewing
from biglam_pipeline.errors import SourceChanged
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.normalize.drawn import draw

ALBUM = """
    sources:
      album:
        title: An album
        custodian: A library
        harvest: file:album
        normalize: {block}
        rights: {{license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-11-20, quote: CC0}}
"""
LIST = 'file,title,kind\np1.jpg,The mill,Views\np2.jpg,"The mill, again",Views\np3.jpg,The mill,People\np9.jpg,Lost,\n'
WITH = "{files: '*.csv', with: {image: {files: '*.jpg', by: {file: $name}}}, map: {id: file, title: title%s}}"


def _write(bench: Bench, block: str, files: dict[str, bytes]) -> None:
    folder = bench.folder / "album"
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    bench.write(ALBUM.format(block=block))


def _index(bench: Bench) -> pl.DataFrame:
    shelf = bench.run.normalized(bench.source("album"))
    current = shelf.current()
    assert current is not None
    return pl.concat([shelf.index(key) for key in current.slices])


def _problems(bench: Bench) -> dict[str, int]:
    shelf = bench.run.normalized(bench.source("album"))
    current = shelf.current()
    assert current is not None
    return {name: count for one in shelf.slices(current) for name, count in one.problems.items()}


def test_a_folder_of_pictures_becomes_rows_with_their_bytes(bench: Bench) -> None:
    pictures = {f"p{n}.jpg": draw("JPEG", (400, 300), n) for n in range(6)}
    spoiled = {"copy.jpg": pictures["p0.jpg"], "cut.jpg": pictures["p1.jpg"][:500], "page.png": b"<html>"}
    _write(bench, "images", pictures | spoiled)
    bench.catalog.get("album")
    bench.write(ALBUM.format(block="images").rstrip() + "\n        expect: {rejects: ..0.5}\n")
    assert bench.night("album").rows == 7
    rows = {row["source_record_id"]: row for row in bench.rows("album")}
    assert sorted(rows) == ["copy.jpg", "p0.jpg", "p1.jpg", "p2.jpg", "p3.jpg", "p4.jpg", "p5.jpg"]
    assert {name: row["dup_of"] for name, row in rows.items() if row["dup_of"]} == {"p0.jpg": "album:copy.jpg"}
    for name, row in rows.items():
        data = pictures.get(name, pictures["p0.jpg"])
        assert row["image"] == {"bytes": data, "path": name}
        assert row["image_sha256"] == hashlib.sha256(data).hexdigest()
        assert (row["width"], row["height"], row["media_type"], row["type"]) == (400, 300, "image/jpeg", "StillImage")
    manifest = bench.run.shards(bench.source("album")).current()
    assert manifest is not None
    assert manifest.rejects == {"image_broken": 1, "not_a_picture": 1}
    assert manifest.tally.duplicate == 0


def test_the_index_counts_the_bytes_of_pictures(bench: Bench) -> None:
    pictures = {f"p{n}.jpg": draw("JPEG", (10 * n, 30), n) for n in (1, 2, 3)}
    _write(bench, WITH % ", text: title", {**pictures, "list.csv": LIST.encode()})
    bench.build("album")
    sizes = dict(_index(bench).select("id", "size").iter_rows())
    titles = {"p1.jpg": "The mill", "p2.jpg": "The mill, again", "p3.jpg": "The mill", "p9.jpg": "Lost"}
    assert sizes == {f"album:{name}": len(pictures.get(name, b"")) + len(title) for name, title in titles.items()}
    assert _problems(bench) == {"image: not found": 1}


def test_a_config_is_a_place_and_no_value(bench: Bench) -> None:
    pictures = {f"p{n}.jpg": draw("JPEG", seed=n) for n in (1, 2, 3)}
    _write(bench, WITH % "", {**pictures, "list.csv": LIST.encode()})
    bench.build("album")
    before = _index(bench)
    digest = bench.run.normalized(bench.source("album")).current()
    bench.write(ALBUM.format(block=WITH % ", config: kind"))
    bench.build("album")
    after = _index(bench)
    assert before["config"].to_list() == [None] * 4
    assert after["config"].to_list() == ["=Views", "=Views", "=People", "="], (
        "the value; its name is given once, for all"
    )
    manifest = bench.run.shards(bench.source("album")).current()
    assert manifest is not None
    assert {part.config for part in manifest.parts} == {"views", "people", "unknown"}
    assert before["row_digest"].to_list() == after["row_digest"].to_list()
    assert before["double_key"].to_list() == after["double_key"].to_list()
    now = bench.run.normalized(bench.source("album")).current()
    assert digest is not None
    assert now is not None
    assert digest.digest != now.digest  # what is laid where has changed, so the shards are laid again


def test_each_config_is_published_as_a_part_of_its_own(bench: Bench) -> None:
    pictures = {f"p{n}.jpg": draw("JPEG", seed=n) for n in (1, 2, 3)}
    _write(bench, WITH % ", config: kind", {**pictures, "list.csv": LIST.encode()})
    assert bench.night("album").rows == 4
    assert {path.split("/")[1] for path in bench.parts("album")} == {"people", "unknown", "views"}
    assert "config" not in bench.rows("album")[0]


def test_a_new_picture_under_an_old_name_is_a_corrected_row(bench: Bench) -> None:
    pictures = {f"p{n}.jpg": draw("JPEG", seed=n) for n in (1, 2, 3)}
    _write(bench, WITH % "", {**pictures, "list.csv": LIST.encode()})
    assert bench.night("album").rows == 4
    (bench.folder / "album" / "p2.jpg").write_bytes(draw("JPEG", seed=20))
    assert bench.night("album").rows == 4
    rows = {row["source_record_id"]: row for row in bench.rows("album")}
    assert rows["p2.jpg"]["image"]["bytes"] == draw("JPEG", seed=20)
    assert rows["p9.jpg"]["image"] is None
    assert {row["first_seen"] for row in rows.values()} == {1}


def test_pictures_at_addresses_need_no_reader_named(bench: Bench) -> None:
    bench.write("""
        sources:
          plates:
            title: Twelve plates
            custodian: Aldermere Free Library
            harvest: https://institution.example/files/plates/p-{0001..0012}.png
            normalize: {map: {id: $stem, image_url: $url}}
            rights: {license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-11-20, quote: CC0}
    """)
    assert bench.night("plates").rows == 12
    row = next(row for row in bench.rows("plates") if row["source_record_id"] == "p-0007")
    assert row["image_url"] == "https://institution.example/files/plates/p-0007.png"
    assert (row["width"], row["height"], row["media_type"]) == (96, 64, "image/png")


def test_two_pictures_of_one_name_stop_the_source(bench: Bench) -> None:
    _write(bench, WITH % "", {"list.csv": LIST.encode(), "p1.jpg": draw("JPEG")})
    (bench.folder / "album" / "more").mkdir()
    (bench.folder / "album" / "more" / "p1.jpg").write_bytes(draw("JPEG", seed=1))
    with pytest.raises(SourceChanged, match="are both the picture of"):
        bench.build("album")


READ = """
import json, os, sys
from datasets import load_dataset
rows = load_dataset(sys.argv[1], split="train")
print(json.dumps([[row["image"].mode, *row["image"].size, row["title"]] for row in rows]), flush=True)
os._exit(0)
"""


@pytest.mark.slow  # publish/test_readers.py loads pictures with `datasets`
def test_datasets_decodes_the_gallery(bench: Bench, client: object) -> None:
    release = bench.night("demo_gallery")
    assert callable(client)
    found = json.loads(client(bench.hub.endpoint, READ, release.repository))
    assert len(found) == release.rows == 16
    assert {tuple(one[:3]) for one in found} == {("RGB", 160, 120)}
    assert all(one[3] for one in found)


def test_a_preview_shows_a_pictures_name_and_size(bench: Bench) -> None:
    source = bench.source("demo_gallery")
    sample = previewing.preview_source(bench.run, source, bench.base(source), 3)
    assert [row["image"]["path"] for row in sample.rows] == ["g-001.png", "g-002.png", "g-003.jpg"]
    assert all(isinstance(row["image"]["bytes"], int) for row in sample.rows)


MEASURE = '''
import json, sys
from pathlib import Path
from biglam_pipeline import pipeline
from biglam_pipeline.environment import read_environment
from biglam_pipeline.context import open_context
from biglam_pipeline.source import load_sources

def peak():
    """MiB. Not getrusage: its peak is that of the process that started this one, where that was larger."""
    reported = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(reported["VmHWM"].split()[0]) // 1024

folder = Path(sys.argv[1])
catalog = load_sources([folder / "sources.yaml"])
source, base = catalog.get("album"), folder
peaks = {"start": peak()}
with open_context(read_environment({"BIGLAM_STATE": str(folder / "state")})) as run:
    if sys.argv[2] == "raw":
        pipeline.harvest_source(run, source, base)
        sys.exit(print(peak()))
    done = pipeline.normalize_source(run, source, base)
    peaks["normalize"] = peak()
    shelf = run.normalized(source)
    for key in done.normalized.slices:
        rows = shelf.rows(key, ["id", "image"])
        index = shelf.index(key)
        for start in range(0, index.height, 16):
            rows.take(index["row"].to_numpy()[start : start + 16])
    peaks["rows"] = peak()
print(json.dumps({"peaks": peaks, "rows": sum(one.rows for one in done.slices), "slices": len(done.slices)}))
'''


def _pack(folder: Path, kind: str, files: Iterable[tuple[str, bytes]]) -> None:
    """The files as they are, or in one ZIP or TAR."""
    folder.mkdir()
    if kind == "loose":
        for name, data in files:
            (folder / name).write_bytes(data)
    elif kind == "zip":
        with zipfile.ZipFile(folder / "a.zip", "w") as archive:
            for name, data in files:
                archive.writestr(name, data)
    else:
        with tarfile.open(folder / "a.tar", "w") as packed:
            for name, data in files:
                info = tarfile.TarInfo(name)
                info.size = len(data)
                packed.addfile(info, io.BytesIO(data))


GIVEN_BACK = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_MMAP_THRESHOLD_": "65536",
    "MALLOC_TRIM_THRESHOLD_": "65536",
}
"""Freed memory is given back at once: what allocators keep of it differs from day to day."""


@pytest.mark.representative(0, slow=2, rest="soak")  # each alone, and all in one slice; of other packings the same
@pytest.mark.parametrize(("kind", "joined"), [("zip", False), ("zip", True), ("tar", True), ("loose", True)])
def test_three_hundred_pictures_of_a_megabyte_in_little_memory(tmp_path: Path, kind: str, joined: bool) -> None:
    """300 MB; with a table it is one bundle, and so one slice."""
    picture, noise = draw("JPEG", (60, 40)), os.urandom(1 << 20)
    names = [f"p{n:03d}.jpg" for n in range(300)]
    table = "file,title\n" + "".join(f"{name},{name}\n" for name in names)
    # a JPEG may hold what it likes behind its end: that makes it large, and a comment makes it one of its own
    files = ((n, picture[:-2] + b"\xff\xfe\x00\x06" + n.encode()[:4] + b"\xff\xd9" + noise) for n in names)
    _pack(tmp_path / "album", kind, itertools.chain([("list.csv", table.encode())], files))
    block = WITH % "" if joined else "{type: images}"
    (tmp_path / "sources.yaml").write_text(ALBUM.format(block=block).replace("\n    ", "\n"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BIGLAM_")}
    environment |= GIVEN_BACK
    reported = ""
    for stage in ("raw", "normalized"):  # what one process frees, its allocator keeps
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, str(tmp_path), stage],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        reported = done.stdout
    found = json.loads(reported)
    print(kind, found)
    assert found["rows"] == 300
    assert (found["slices"] == 1) is joined
    assert max(found["peaks"].values()) < 400
