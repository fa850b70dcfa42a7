"""A shelved file that is gone, or is not what was put there: noticed, named, and healed as the error says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.errors import RightsWithheld, ShelfDamaged
from biglam_pipeline.harvest import under_way
from biglam_pipeline_tests.bench import Bench


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every object is shelved in a batch of its own."""
    monkeypatch.setattr(under_way, "SHELVE_EVERY_SECONDS", 0.0)


def shelf(bench: Bench, name: str) -> Path:
    """The folder of one source's shelves."""
    return bench.folder / "state" / "shelves" / name


def alter(path: Path) -> None:
    """One byte in the middle is another, and the file's size is what it was."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def parts(bench: Bench, name: str) -> dict[str, str]:
    """Path -> sha256 of the shards as they lie there."""
    shards = bench.run.shards(bench.source(name))
    manifest = shards.current()
    assert manifest is not None
    return {part.path: shards.digest(part)[0] for part in manifest.parts}


def stage(bench: Bench, name: str, number: int) -> Any:
    """Harvest, normalize, dedup or publish."""
    source = bench.source(name)
    base = bench.base(source)
    if number == 1:
        return pipeline.normalize_source(bench.run, source, bench.base(source))
    return (pipeline.harvest_source, None, pipeline.dedup_source, pipeline.publish_source)[number](  # type: ignore[misc]
        bench.run, source, base
    )


RAW = [
    ("demo_letters", "raw/batches/00001-000001.parquet"),
    ("demo_catalogue", "raw/batches/00001-000002.parquet"),
    ("demo_mercury", "raw/files/*"),
    ("demo_mercury", "raw/harvests/00001.parquet"),
]


@pytest.mark.representative(1)  # another source
@pytest.mark.parametrize(("name", "which"), RAW)
def test_a_raw_file_that_is_gone_comes_again(bench: Bench, name: str, which: str) -> None:
    """A conditional request would never bring it back: it is asked for as if it had never come."""
    before = bench.night(name)
    rows, laid = bench.rows(name), parts(bench, name)
    sorted(shelf(bench, name).glob(which))[0].unlink()
    release = bench.night(name)
    assert not list(shelf(bench, name).glob("raw/open.json"))
    assert (bench.rows(name), parts(bench, name)) == (rows, laid)
    assert release.commit == before.commit, "the same content is not published again"
    raw = bench.run.raw(bench.source(name))
    latest = raw.latest()
    assert latest is not None
    objects = raw.objects(latest.number)
    assert raw.standing(objects) == objects
    assert all(raw.content(held) for held in objects.values())


@pytest.mark.representative(1)  # other sources
@pytest.mark.parametrize(("name", "which"), RAW[:3])
def test_a_raw_file_that_was_altered_is_noticed_when_it_is_read(bench: Bench, name: str, which: str) -> None:
    stage(bench, name, 0)
    path = sorted(shelf(bench, name).glob(which))[0]
    alter(path)
    with pytest.raises(ShelfDamaged) as damage:
        stage(bench, name, 1)
    said = str(damage.value)
    assert f"{name}/raw/" in said
    assert path.name in said
    assert "delete it" in said
    assert "materialize raw again" in said
    path.unlink()
    assert bench.night(name).rows > 30


@pytest.mark.representative(2)  # other files of a slice
@pytest.mark.parametrize("ending", [".parquet", ".index.parquet", ".rejects.parquet", ".json"])
def test_a_slice_that_is_gone_is_read_again(bench: Bench, ending: str) -> None:
    bench.build("demo_plates")
    laid = parts(bench, "demo_plates")
    (path,) = [one for one in (shelf(bench, "demo_plates") / "normalized" / "slices").iterdir() if _ends(one, ending)]
    path.unlink()
    assert stage(bench, "demo_plates", 1).read == 1
    stage(bench, "demo_plates", 2)
    assert parts(bench, "demo_plates") == laid


def _ends(path: Path, ending: str) -> bool:
    return path.name.partition(".")[2] == ending.removeprefix(".")


@pytest.mark.representative(1)  # another file of a slice
@pytest.mark.parametrize("ending", [".parquet", ".index.parquet"])
def test_a_slice_that_was_altered_is_noticed(bench: Bench, ending: str) -> None:
    stage(bench, "demo_plates", 0)
    stage(bench, "demo_plates", 1)
    (path,) = [one for one in (shelf(bench, "demo_plates") / "normalized" / "slices").iterdir() if _ends(one, ending)]
    alter(path)
    with pytest.raises(ShelfDamaged, match=r"demo_plates/normalized/slices/.*delete it.*materialize normalized again"):
        stage(bench, "demo_plates", 2)
    path.unlink()
    assert bench.night("demo_plates").rows == 59


def test_a_slice_that_is_gone_names_its_stage(bench: Bench) -> None:
    stage(bench, "demo_plates", 0)
    stage(bench, "demo_plates", 1)
    for path in (shelf(bench, "demo_plates") / "normalized" / "slices").glob("*.json"):
        path.unlink()
    with pytest.raises(ShelfDamaged, match="materialize normalized again"):
        stage(bench, "demo_plates", 2)


@pytest.mark.representative(1)  # the files beside it
@pytest.mark.parametrize(
    "which", ["data/default/part-00000-????????.parquet", "data/default/*.places.parquet", "removed/*"]
)
def test_a_part_that_is_gone_is_laid_again_as_it_was(bench: Bench, which: str) -> None:
    bench.build("demo_letters")
    laid = parts(bench, "demo_letters")
    (path,) = (shelf(bench, "demo_letters") / "shards").glob(which)
    data = path.read_bytes()
    path.unlink()
    if "part-" in which:
        source = bench.source("demo_letters")
        with pytest.raises((RightsWithheld, ShelfDamaged), match="materialize shards again"):
            pipeline.publish_source(bench.run, source, bench.base(source))
    stage(bench, "demo_letters", 2)
    assert parts(bench, "demo_letters") == laid
    assert path.read_bytes() == data
    assert bench.night("demo_letters").rows == 39


def test_a_part_that_was_altered_is_not_published(bench: Bench) -> None:
    bench.build("demo_letters")
    (path,) = (shelf(bench, "demo_letters") / "shards").glob("data/default/part-00000-????????.parquet")
    alter(path)
    source = bench.source("demo_letters")
    with pytest.raises(
        RightsWithheld, match=r"parts_are_whole: demo_letters/shards/data/.*delete it.*materialize shards"
    ):
        pipeline.publish_source(bench.run, source, bench.base(source))
    assert bench.commits("demo_letters") == 0
    path.unlink()
    assert bench.night("demo_letters").rows == 39


@pytest.mark.representative(1)  # another damage
@pytest.mark.parametrize("delete", [lambda path: path.unlink(), alter], ids=["gone", "altered"])
def test_the_shelf_of_one_source_does_not_stop_another(bench: Bench, delete: Callable[[Path], None]) -> None:
    stage(bench, "demo_letters", 0)
    for path in (shelf(bench, "demo_letters") / "raw" / "batches").iterdir():
        delete(path)
    with pytest.raises(ShelfDamaged):
        stage(bench, "demo_letters", 1)
    assert bench.night("demo_plates").rows == 59
