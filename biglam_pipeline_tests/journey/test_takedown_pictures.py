"""A takedown of pictures: of a picture nothing is left, in a folder, in an archive, and beside a table."""

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.retraction import Outcome, Request, plan_takedown, take_down
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_pictures import ALBUM
from biglam_pipeline_tests.normalize.drawn import draw

ENTRY = ALBUM.rstrip() + "\n        languages: [en]\n        expect: {{rows: 1..}}\n"
PICTURES = {f"p{n}.jpg": draw("JPEG", (60, 40), n) for n in range(4)}
TABLE = "file,title\np0.jpg,The mill\np1.jpg,The church\np2.jpg,The harbour\np2.jpg,The harbour at night\n"
WITH = "{files: '*.csv', with: {image: {files: '*.jpg', by: {file: $name}}}, map: {id: title, title: title}}"


def in_a_folder(folder: Path) -> str:
    for name, data in PICTURES.items():
        (folder / name).write_bytes(data)
    return ""


def in_a_zip(folder: Path) -> str:
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        for name, data in PICTURES.items():
            archive.writestr(name, data)
    return "all.zip/"


def in_a_tar(folder: Path) -> str:
    with tarfile.open(folder / "all.tar.gz", "w:gz") as archive:
        for name, data in PICTURES.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return "all.tar.gz/"


def retract(bench: Bench, record: str) -> Outcome:
    source, request = bench.source("album"), Request(record, "custodian_request")
    plan = plan_takedown(bench.run, source, bench.base(source), request)
    return take_down(bench.run, source, bench.base(source), plan, request)


def holders(bench: Bench, picture: bytes) -> set[str]:
    """Shelved files that hold these bytes."""
    found = set()
    for path in (bench.folder / "state" / "shelves").rglob("*"):
        if not path.is_file():
            continue
        data = [path.read_bytes()]
        if path.suffix == ".parquet":
            rows = pq.read_table(path).to_pylist()
            data += [row.get("content") or (row.get("image") or {}).get("bytes") or b"" for row in rows]
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                data += [archive.read(one) for one in archive.namelist()]
        elif data[0][:2] == b"\x1f\x8b":
            with tarfile.open(path) as tar:
                data += [stream.read() for one in tar if (stream := tar.extractfile(one))]
        if any(picture in one for one in data):
            found.add(path.name)
    return found


def read_again(bench: Bench) -> int:
    """Rows, after everything behind raw was lost."""
    for path in (bench.folder / "state" / "shelves" / "album" / "normalized").rglob("*.*"):
        path.unlink()
    source = bench.source("album")
    pipeline.normalize_source(bench.run, source, bench.base(source))
    manifest = pipeline.dedup_source(bench.run, source, bench.base(source)).manifest
    assert manifest.tally.adds_up
    assert manifest.tally.taken_down >= 1
    return manifest.tally.published


@pytest.mark.representative(1)
@pytest.mark.parametrize("where", [in_a_folder, in_a_zip, in_a_tar])
def test_a_picture_goes_as_a_whole(bench: Bench, where: Callable[[Path], str]) -> None:
    (bench.folder / "album").mkdir()
    front = where(bench.folder / "album")
    bench.write(ENTRY.format(block="images"))
    bench.night("album")
    assert len(holders(bench, PICTURES["p1.jpg"])) == 3
    outcome = retract(bench, f"{front}p1.jpg")
    assert outcome.lost == (f"{front}p1.jpg",)
    assert holders(bench, PICTURES["p1.jpg"]) == set()
    assert len(holders(bench, PICTURES["p2.jpg"])) == 3
    assert [row["source_record_id"] for row in bench.rows("album")] == [f"{front}p{n}.jpg" for n in (0, 2, 3)]
    assert read_again(bench) == 3
    assert bench.night("album").files_sent == 0


def test_a_row_goes_with_its_picture_unless_another_row_shows_it(bench: Bench) -> None:
    (bench.folder / "album").mkdir()
    in_a_folder(bench.folder / "album")
    (bench.folder / "album" / "list.csv").write_text(TABLE)
    bench.write(ENTRY.format(block=WITH))
    bench.night("album")
    assert retract(bench, "The church").lost == ("p1.jpg",)
    assert holders(bench, PICTURES["p1.jpg"]) == set()
    assert retract(bench, "The harbour").lost == ()
    assert len(holders(bench, PICTURES["p2.jpg"])) == 3, "the harbour at night still shows it"
    assert [row["title"] for row in bench.rows("album")] == ["The harbour at night", "The mill"]
    assert read_again(bench) == 2
    assert retract(bench, "The harbour at night").lost == ("p2.jpg",)
    assert holders(bench, PICTURES["p2.jpg"]) == set()
