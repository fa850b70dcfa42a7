"""Every kind of file on the shelves, damaged in every way: named with a remedy that cures, or harmless."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from biglam_pipeline import previewing
from biglam_pipeline.checks import CHECKS
from biglam_pipeline.clearing import run_checks, view_of
from biglam_pipeline.demo.server import Running
from biglam_pipeline.errors import RightsWithheld, ShelfDamaged
from biglam_pipeline.retraction import Request, plan_takedown, take_down
from biglam_pipeline.statements import list_statements
from biglam_pipeline.states import state_of
from biglam_pipeline.store.names import is_ours
from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline.store.parts import PLACES
from biglam_pipeline.store.reading import packed, read_table
from biglam_pipeline.store.seal import seal, unseal
from biglam_pipeline_tests.bench import DEMO_SOURCES, Bench, open_bench
from biglam_pipeline_tests.servers.hub import HubServer

KINDS = [
    "raw/harvests/*.json",
    "raw/harvests/*.parquet",
    "raw/batches/*",
    "raw/files/*",
    "raw/members/*",
    "raw/outlines/*",
    "raw/redacted.json",
    "raw/checked.json",
    "normalized/manifest.json",
    "normalized/slices/*[0-9a-f].json",
    "normalized/slices/*[0-9a-f].parquet",
    "normalized/slices/*.index.parquet",
    "normalized/slices/*.rejects.parquet",
    "shards/manifest.json",
    "shards/data/default/part-00000-????????.parquet",
    "shards/data/default/*.places.parquet",
    "shards/removed/*",
    "shards/fingerprints/signatures/*",
    "shards/fingerprints/pairs/*",
    "shards/fingerprints/fingerprints.json",
    "hub/release.json",
    "hub/intent.json",
    "hub/card-*",
    "hub/profile-*.json",
]
FOREIGN = [
    "copy of {name}",
    "{stem} (1){ending}",
    "{stem} 2{ending}",
    "{stem}.sync-conflict-20261125-101500-ABCDEFG{ending}",
    "{stem} (Anna's conflicted copy 2026-11-25){ending}",
    "{name}~",
    "{name}.part",
    "99999{ending}.bak",
    ".DS_Store",
    "._{name}",
    "Thumbs.db",
    "desktop.ini",
]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x01
    path.write_bytes(data)


def foreign_bytes(path: Path) -> None:
    path.write_bytes(b"<html>not found</html>")


def other_json(path: Path) -> None:
    path.write_bytes(b'{"a": [1]}')


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


WAYS: list[Callable[[Path], None]] = [cut, emptied, flipped, foreign_bytes, other_json, a_folder]


NAME = "demo_mercury"


@dataclass
class Stand:
    """A source that was harvested, published and taken down from, and what the commands say of it undamaged."""

    bench: Bench
    whole: Path
    said: dict[str, object]

    @property
    def shelves(self) -> Path:
        return self.bench.folder / "state" / "shelves" / NAME

    def restore(self) -> None:
        """The shelves as they were."""
        shutil.rmtree(self.shelves, ignore_errors=True)
        shutil.copytree(self.whole, self.shelves)

    def act(self, name: str) -> object:
        """What a command does and shows."""
        bench, source = self.bench, self.bench.source(NAME)
        base = bench.base(source)
        if name == "status":
            return state_of(bench.run, source)
        if name == "checks":
            names = frozenset(name for checks in CHECKS.values() for name in checks)
            return [(one.check, one.passed) for one in run_checks(view_of(bench.run, source, base, "x"), names)]
        if name == "preview":
            return previewing.preview_source(bench.run, source, base, 5).rows
        if name == "rights":
            return list_statements(bench.run, source)
        bench.night(NAME)
        return bench.rows(NAME), bench.parts(NAME)

    def reported(self, name: str) -> str:
        """What a command said of damage; "" where it did and showed what it does of whole shelves."""
        try:
            shown = self.act(name)
        except (ShelfDamaged, RightsWithheld) as damage:  # the latter where a check found it
            return str(damage)
        if name == "checks" and shown != self.said[name]:
            source = self.bench.source(NAME)
            names = frozenset(name for checks in CHECKS.values() for name in checks)
            found = run_checks(view_of(self.bench.run, source, self.bench.base(source), "x"), names)
            was = self.said[name]
            assert isinstance(was, list)
            new = [one.summary for one in found if (one.check, one.passed) not in was]
            return "; ".join(new)
        assert shown == self.said[name], name
        return ""


ACTS = ("status", "checks", "preview", "rights", "run")


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory, hub: HubServer) -> Iterator[Stand]:
    folder = tmp_path_factory.mktemp("damage")
    with Running() as institution, open_bench(folder, hub, institution, "damage") as bench:
        bench.write(DEMO_SOURCES.read_text())
        bench.night(NAME)
        source, request = bench.source(NAME), Request(bench.rows(NAME)[0]["source_record_id"], "other")
        plan = plan_takedown(bench.run, source, bench.base(source), request)
        take_down(bench.run, source, bench.base(source), plan, request)
        bench.night(NAME)
        made = Stand(bench, folder / "whole", {})
        shutil.copytree(made.shelves, made.whole)
        for act in ACTS:
            made.said[act] = made.act(act)
            made.restore()
        yield made


def damage_and_cure(stand: Stand, kind: str, way: Callable[[Path], None]) -> None:
    """Each command on its own damaged shelves; then what the message says is done, and a run is as if nothing was."""
    stand.restore()
    path = sorted(stand.shelves.glob(kind))[0]
    way(path)
    for act in ACTS:
        said = stand.reported(act)
        if not said:
            stand.restore()
            way(path)
            continue
        assert str(path) in said, f"{act}: {said}"
        assert "delete it" in said
    for _ in range(4):  # what stood behind it may be found damaged next
        said = ""
        try:
            stand.bench.night(NAME)
            break
        except (ShelfDamaged, RightsWithheld) as damage:
            said = str(damage)
        for named in map(Path, re.findall(r"It is (\S+)", said)):
            if named.is_dir():
                named.rmdir()
            else:
                named.unlink(missing_ok=True)
    assert (stand.bench.rows(NAME), stand.bench.parts(NAME)) == stand.said["run"]


@pytest.mark.representative(6)  # further files and damages
@pytest.mark.parametrize(
    ("kind", "way"), [(kind, WAYS[at % len(WAYS)]) for at, kind in enumerate([*KINDS[::2], *KINDS[1::2]])]
)
def test_a_damage_is_named_or_harmless(stand: Stand, kind: str, way: Callable[[Path], None]) -> None:
    damage_and_cure(stand, kind, way)


@pytest.mark.soak
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_damage_is_named_or_harmless(stand: Stand, kind: str, way: Callable[[Path], None]) -> None:
    damage_and_cure(stand, kind, way)


def test_every_kind_of_file_is_damaged_here(stand: Stand) -> None:
    """A new kind of file on the shelves must be named above."""
    stand.restore()
    matched = {path for kind in KINDS for path in stand.shelves.glob(kind)}
    assert {path for path in stand.shelves.rglob("*") if path.is_file()} == matched


def test_files_that_a_person_or_a_program_laid_beside_change_nothing(stand: Stand) -> None:
    """And stay where they are: they are none of ours."""
    stand.restore()
    laid = []
    for kind in KINDS:
        for path in sorted(stand.shelves.glob(kind))[:1]:
            for form in FOREIGN:
                stem, dot, ending = path.name.partition(".")
                other = path.with_name(form.format(name=path.name, stem=stem, ending=dot + ending))
                shutil.copy(path, other)
                laid.append(other)
    for act in ACTS:
        assert stand.reported(act) == ""
    gone = [path for path in laid if not path.is_file()]
    assert gone == []
    foreign = open_shelf(str(stand.shelves.parent), stand.bench.folder / "other").at(NAME).foreign()
    assert {"raw/harvests/copy of 00001.json", "raw/batches/.DS_Store"} <= set(foreign)


# --- how it is noticed ---


def test_every_altered_byte_of_a_sealed_file_is_noticed_or_harmless() -> None:
    data = seal(b'{\n "rows": 39,\n "name": "letters"\n}')
    assert unseal(data) == b'{\n "rows": 39,\n "name": "letters"\n}'
    for place in range(len(data)):
        for mask in (0x01, 0x20, 0x80, 0xFF):
            altered = bytearray(data)
            altered[place] ^= mask
            try:
                found = json.loads(unseal(bytes(altered)))
            except ValueError:
                continue
            assert (found["rows"], found["name"]) == (39, "letters")


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b'{"a": 1,"sealed":"0"}', b"null", b"\xff\xfe"])
def test_what_is_no_sealed_object_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        unseal(data)


def test_json_of_an_earlier_version_has_no_seal() -> None:
    assert unseal(b'{"a": 1}') == b'{"a": 1}'


def test_every_altered_byte_of_places_is_noticed_or_harmless(tmp_path: Path) -> None:
    """`first_seen` is published: a digit that is another would be."""
    shelf = open_shelf(str(tmp_path), tmp_path / "local").at("letters/shards")
    rows = [{"id": f"letters:{n}", "first_seen": 1 + n % 3, "row_key": b"0123456789abcdef"} for n in range(20)]
    good = pa.Table.from_pylist(rows, PLACES)
    data = packed(good)
    shelf.put("places.parquet", data)
    path = shelf.local("places.parquet")
    for place in range(len(data)):
        altered = bytearray(data)
        altered[place] ^= 0xFF
        path.write_bytes(altered)
        try:
            found = read_table(shelf, "places.parquet", ["id", "first_seen"], schema=PLACES)
        except ShelfDamaged:
            continue
        assert found.equals(good.select(["id", "first_seen"])), place


@pytest.mark.parametrize(
    "name",
    [
        "s/raw/harvests/00001.json",
        "s/raw/open.json",
        "s/hub/anything-new.json",
        "s/shards/data/a/b/part-00000-0123abcd.parquet",
    ],
)
def test_names_of_ours(name: str) -> None:
    assert is_ours(name)


@pytest.mark.parametrize(
    "name",
    ["s/raw/harvests/1.json", "s/raw/batches/00001-000001.parquet.tmp", "s/.stfolder/x", "s/hub/profile-copy.json"],
)
def test_names_of_others(name: str) -> None:
    assert not is_ours(name)
