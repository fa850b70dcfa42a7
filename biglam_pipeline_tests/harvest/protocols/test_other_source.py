"""Other sources as a source: what their manifests name, proved by digest and rows, and by their gates."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from biglam_pipeline.harvest.address import read_address
from biglam_pipeline.harvest.protocols.other_source import OtherSource
from biglam_pipeline.harvest.shelving import Visited, shelve_visit
from biglam_pipeline.store import disk
from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline.store.parts import Manifest, ShardsShelf, encode
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.web import Web
from biglam_pipeline_tests.contracts.offers import Offer
from biglam_pipeline_tests.harvest.protocols.laid import OtherShelf
from biglam_pipeline_tests.servers.web import ScriptedServer

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PATHS = [f"data/en/part-{number:05d}.parquet" for number in range(3)]


def offer(server: ScriptedServer, folder: Path) -> Offer:
    """A part cannot be had where its file is not on the shelf, though the manifest names it."""
    other = OtherShelf(folder / "other", "hmd")
    other.folder.mkdir()
    manifest = other.lay({path: [f"hmd:{number}"] for number, path in enumerate(PATHS)})
    files = {f"hmd/{part.path}": part.file for part in manifest.parts}
    objects = {key: other.shards.shelf.read(file) for key, file in files.items()}
    return Offer(
        {"url": ["source:hmd"]},
        objects,
        lambda key: other.shards.shelf.delete(files[key]),
        lambda key: other.shards.shelf.put(files[key], objects[key]),
        origin=lambda name: other.origin,
    )


def visit_of(made: Any, web: Web, raw: RawShelf, others: Mapping[str, OtherShelf]) -> Visited:
    base = others["hmd"].folder
    return shelve_visit(
        made, web, raw, base=base, request="r", now=lambda: NOON, origin=lambda name: others[name].origin
    )


class Night:
    """Two sources, and one that is made of them."""

    def __init__(self, folder: Path) -> None:
        self.others = {name: OtherShelf(folder / name, name) for name in ("hmd", "bnl")}
        for one in self.others.values():
            one.folder.mkdir()
        self.raw = RawShelf(open_shelf(str(folder / "shelf"), folder / "state").at("one/raw"))
        self.folder = folder

    def visit(self) -> Visited:
        made = OtherSource(url=("source:hmd", "source:bnl"))
        with Web(contact="a@example.org", rewrite={}, allow_private=True, locks=self.folder / "locks") as web:
            return visit_of(made, web, self.raw, self.others)

    @property
    def held(self) -> list[str]:
        latest = self.raw.latest()
        return [one.key for one in self.raw.objects(latest.number).values()] if latest else []


@pytest.fixture
def night(tmp_path: Path) -> Night:
    made = Night(tmp_path)
    made.others["hmd"].lay({PATHS[0]: ["hmd:1", "hmd:2"], PATHS[1]: ["hmd:3"]})
    made.others["bnl"].lay({PATHS[0]: ["bnl:1"]})
    return made


def test_parts_of_several_sources_with_their_rows_as_evidence(night: Night) -> None:
    harvest = night.visit().harvest
    assert harvest.proof == "3 parts of 2 sources, 4 rows as their manifests say, 0 unchanged"
    assert night.held == [f"hmd/{PATHS[0]}", f"hmd/{PATHS[1]}", f"bnl/{PATHS[0]}"]
    [one] = [one for one in night.raw.objects(1).values() if one.key == f"bnl/{PATHS[0]}"]
    assert one.url == f"source:bnl/{PATHS[0]}"


def test_the_bytes_lie_there_once_where_the_disk_can(night: Night) -> None:
    night.visit()
    path = next((night.folder / "shelf").rglob("files/*"))
    assert path.stat().st_nlink == 2
    night.others["hmd"].lay({PATHS[0]: ["hmd:9"]}, 2)
    assert all(one.stat().st_size for one in (night.folder / "shelf").rglob("files/*")), "theirs went, ours stands"


def test_where_the_disk_has_no_links_they_are_copied(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    def no(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(disk.os, "link", no)
    assert night.visit().harvest.complete
    assert next((night.folder / "shelf").rglob("files/*")).stat().st_nlink == 1


def test_a_quiet_night_reads_the_manifests_and_nothing_else(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    night.visit()
    asked = {name: one.asked for name, one in night.others.items()}

    def no(*_: object) -> None:
        raise AssertionError("a part was read")

    monkeypatch.setattr(disk, "link_or_copy", no)
    monkeypatch.setattr(ShardsShelf, "groups_of", no)
    visited = night.visit()
    assert (visited.unchanged, visited.harvest.number) == (True, 1)
    assert {name: one.asked for name, one in night.others.items()} == asked


def test_what_a_gate_refuses_leaves_the_rows_of_before(night: Night) -> None:
    """Of the other one what is new comes all the same."""
    night.visit()
    night.others["hmd"].lay({PATHS[0]: ["hmd:1", "hmd:7"]}, 2)
    night.others["bnl"].lay({PATHS[0]: ["bnl:1", "bnl:2"]}, 2)
    night.others["hmd"].refused = "no row is licensed"
    harvest = night.visit().harvest
    assert harvest.complete
    assert "2 as they were, since a gate refused what is new" in harvest.proof
    assert night.held == [f"hmd/{PATHS[0]}", f"hmd/{PATHS[1]}", f"bnl/{PATHS[0]}"]
    night.others["hmd"].refused = ""
    assert night.visit().harvest.proof == "2 parts of 2 sources, 4 rows as their manifests say, 1 unchanged"
    assert night.held == [f"hmd/{PATHS[0]}", f"bnl/{PATHS[0]}"]


def test_what_a_gate_refuses_at_first_is_missing(night: Night) -> None:
    night.others["hmd"].refused = "nobody has looked at address and rights yet"
    harvest = night.visit().harvest
    assert not harvest.complete
    assert "nobody has looked" in harvest.missing[0]["detail"]


def test_a_source_that_has_laid_nothing_is_named_with_the_command(tmp_path: Path) -> None:
    harvest = Night(tmp_path).visit().harvest
    assert not harvest.complete
    assert [one["detail"] for one in harvest.missing] == [
        "hmd has laid nothing yet; run `biglam run hmd` first",
        "bnl has laid nothing yet; run `biglam run bnl` first",
    ]


@pytest.mark.parametrize("damage", ["cut", "other", "gone", "rows"])
def test_a_part_that_is_not_what_its_manifest_says_is_missing(night: Night, damage: str) -> None:
    shards = night.others["hmd"].shards
    manifest = shards.current()
    assert manifest is not None
    path = shards.path(manifest.parts[0])
    data = path.read_bytes()
    path.unlink()
    if damage == "cut":
        path.write_bytes(data[:-20])
    elif damage == "other":
        path.write_bytes(shards.path(manifest.parts[1]).read_bytes())
    elif damage == "rows":
        path.write_bytes(data)
        wrong = with_other_rows(manifest)
        shards.shelf.swap("manifest.json", shards.shelf.read("manifest.json"), wrong)
    harvest = night.visit().harvest
    assert not harvest.complete
    assert [one["key"] for one in harvest.missing] == [f"hmd/{PATHS[0]}"]
    assert "run" in harvest.missing[0]["detail"]


def with_other_rows(manifest: Manifest) -> bytes:
    """A manifest that says other rows of its first part."""
    first = replace(manifest.parts[0], rows=5)
    return encode(replace(manifest, parts=(first, *manifest.parts[1:])))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("source:hmd/data/en/part-00000.parquet", "write source:hmd, and under `normalize`"),
        ("source://hmd", "write source:hmd"),
        ("source:HMD", "write source:hmd"),
        ("source: hmd#data/en/**", "{files: data/en/**}"),
        ("source:hmd@v1", "write source:hmd"),
        ("source:", "empty"),
    ],
)
def test_an_address_that_is_nearly_right_is_answered_with_what_to_write(written: str, meant: str) -> None:
    with pytest.raises((ValidationError, ValueError)) as refused:
        OtherSource(**read_address(written))
    assert meant in str(refused.value)


def test_a_visit_that_was_cut_off_is_not_whole_where_what_came_is_not_laid_any_more(
    night: Night, tmp_path: Path
) -> None:
    made, others = OtherSource(url=("source:hmd",)), night.others
    raw = night.raw

    class Killed(BaseException):
        pass

    class Dying:
        def __getattr__(self, name: str) -> object:
            return getattr(made, name)

        def visit(self, visit: object) -> object:
            for count, found in enumerate(made.visit(visit)):  # type: ignore[arg-type]
                yield found
                if count == 1:
                    raise Killed

    def go(one: object) -> Visited:
        with Web(contact="a@example.org", rewrite={}, allow_private=True, locks=tmp_path / "locks") as web:
            return visit_of(one, web, raw, others)

    with pytest.raises(Killed):
        go(Dying())
    others["hmd"].lay({PATHS[1]: ["hmd:3"]}, 2)
    harvest = go(made).harvest
    assert not harvest.complete
    assert "run again" in harvest.proof
    assert go(made).harvest.complete
    assert night.held == [f"hmd/{PATHS[1]}"]
