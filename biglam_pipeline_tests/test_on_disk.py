"""docs/on-disk.md is what lies on the shelves: every file, key and column, both ways; it alone leads back to bytes."""

import gzip
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from biglam_pipeline.harvest.protocols import folder
from biglam_pipeline.normalize import stretching
from biglam_pipeline.normalize.stretching import Sizes
from biglam_pipeline.publish.blocks import Edit
from biglam_pipeline.publish.card_notes import keep_note
from biglam_pipeline.source import load_sources
from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline_tests.bench import DEMO_SOURCES, Bench
from biglam_pipeline_tests.conftest import ROOT
from biglam_pipeline_tests.journey.test_rows_kept import desk, take

PAGE = ROOT / "docs" / "on-disk.md"
_WILD = {
    "NNNNNN": r"[0-9]{6}",
    "NNNNN": r"[0-9]{5}",
    "SHA256": r"[0-9a-f]{64}",
    "DIGEST": r"[0-9a-f]{8,64}",
    "KEY": r"[0-9a-f]{32}",
    "CONFIG": r"[^/]+",
}
UNSEEN = {
    "raw/absent/NNNNN-DIGEST.parquet": "of a visit that was not whole",
    "raw/open.json": "gone when the visit is closed",
    "raw/signals/NNNNN.json": "of a host that says something of use by machines, which this folder has none of",
    "raw/links.json": "of a source whose rows point to something",
    "raw/cuts/DIGEST-DIGEST.json": "of a large file, below",
    "normalized/numbers/KEY": "of a large table without `id`, below",
    "normalized/numbers/KEY.json": "of a large table without `id`, below",
    "normalized/lookups/KEY.DIGEST.DIGEST.json": "of a source whose rows are joined",
    "normalized/joined/DIGEST.json": "of a source whose rows are joined",
    "hub/adoption.md": "of a repository that somebody else made",
    "hub/kept/DIGEST.json": "of a card that two wrote",
    "hub/recovered.json": "of a shelf that was lost",
    "hub/takedown-DIGEST.json": "gone when the takedown is done",
    "hub/undo.json": "gone when it is undone",
}
"""What is described and these shelves do not have."""


@dataclass
class Described:
    """One kind of file, as the page describes it."""

    name: str
    fields: dict[str, str] = field(default_factory=dict)
    """Key or column -> its type, empty for JSON."""

    def matches(self, path: str) -> bool:
        return (
            re.fullmatch(re.sub("|".join(_WILD), lambda found: _WILD[found[0]], re.escape(self.name)), path) is not None
        )


def described() -> list[Described]:
    found: list[Described] = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if heading := re.fullmatch(r"### `(.+)`", line):
            found.append(Described(heading[1]))
        elif line.startswith("| `") and found:
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            kind = cells[1] if len(cells) == 3 else ""
            if "…" in cells[0]:
                found[-1].fields |= found[-2].fields
            else:
                found[-1].fields |= dict.fromkeys(re.findall(r"`(.+?)`", cells[0]), kind)
    return found


@pytest.fixture
def shelves(bench: Bench) -> Path:
    """Two visits of a folder of tables with two configs, a quiet one with a touched file, and a takedown."""
    rows = "".join(f"{at},Letter {at},{'maps' if at % 2 else 'plans'},{'of the harbour ' * at}\n" for at in range(1, 9))
    read = "{type: table, map: {id: id, title: title, text: about, config: shelf}}"
    desk(bench, read, "expect: {rows: 1..}", a__csv="id,title,shelf,about\n" + rows)
    bench.night("desk")
    (bench.folder / "desk" / "b.csv").write_text("id,title,shelf,about\n20,Twenty,maps,of the town\n")
    bench.night("desk")
    (bench.folder / "desk" / "b.csv").touch()
    bench.night("desk")
    take(bench, "2")
    return bench.folder / "state" / "shelves"


def test_every_file_is_described_and_every_description_is_of_a_file(bench: Bench, shelves: Path) -> None:
    pages, seen = described(), set[str]()
    bench.catalog = load_sources([DEMO_SOURCES])
    bench.build("demo_mercury")
    for path in sorted(path for path in shelves.rglob("*") if path.is_file()):
        name = path.relative_to(shelves).as_posix().partition("/")[2]
        kinds = [one for one in pages if one.matches(name)]
        assert len(kinds) == 1, (name, kinds)
        seen.add(kinds[0].name)
        reported = dict(held(path))
        if kinds[0].name == "normalized/slices/KEY.parquet":
            reported = {column: kind for column, kind in reported.items() if column.startswith("trace_")}
        if reported and kinds[0].fields:
            optional = {"unreached", "again", "unsure", "unchosen"} if kinds[0].name == "raw/redacted.json" else set()
            assert reported.keys() - optional == kinds[0].fields.keys() - optional, name
            types = {column: kind for column, kind in kinds[0].fields.items() if kind}
            assert {column: reported[column] for column in types} == types, name
    assert {one.name for one in pages} - seen == UNSEEN.keys()


def test_the_notes_of_a_large_table(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretching, "SIZES", Sizes(above=100, least=50, spread=50, most=200, block=100))
    monkeypatch.setattr(folder, "_KEPT_BYTES", 100)
    desk(bench, "{type: table, map: {title: title}}", a__csv="title\n" + "One\nTwo\n" * 50)
    bench.build("desk")
    pages = {one.name: one for one in described()}
    source, seen = bench.folder / "state" / "shelves" / "desk", Counter[str]()
    for path in (path for room in ("raw/cuts", "normalized/numbers") for path in (source / room).iterdir()):
        [name] = [name for name, one in pages.items() if one.matches(path.relative_to(source).as_posix())]
        seen[name] += 1
        assert dict(held(path)).keys() == pages[name].fields.keys()
        if name == "raw/cuts/DIGEST-DIGEST.json":
            stretches = json.loads(path.read_bytes())["stretches"]
            assert sum(one["size"] for one in stretches) == (bench.folder / "desk" / "a.csv").stat().st_size
    assert seen.keys() == {"raw/cuts/DIGEST-DIGEST.json", "normalized/numbers/KEY.json", "normalized/numbers/KEY"}
    assert seen["normalized/numbers/KEY"] == 2 * len(stretches) - 1, "the first has none before it"


def test_every_key_is_described_once() -> None:
    """And no JSON has a name alone."""
    section, keys = "", list[str]()
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("### "):
            section, keys = line, []
        elif line.startswith("| `"):
            keys += re.findall(r"`(.+?)`", line.strip("|").split(" | ")[0])
            assert len(keys) == len(set(keys)), section
    assert [one.name for one in described() if one.name.endswith(".json") and not one.fields] == []


def test_the_notes_beside_a_release(tmp_path: Path) -> None:
    """Those that a night seldom makes, as the code that makes them writes them."""
    pages = {one.name: one for one in described()}
    shelf = open_shelf(str(tmp_path / "shelf"), tmp_path / "state")
    keep_note(shelf, Edit("header.license", "a", "b"), "Somebody changed the licence")
    [path] = (tmp_path / "shelf" / "kept").iterdir()
    assert dict(held(path)).keys() == pages["hub/kept/DIGEST.json"].fields.keys()


def held(path: Path) -> Iterator[tuple[str, str]]:
    """Keys of a JSON object, without its seal, which is looked at; or columns with their types."""
    if path.suffix == ".parquet":
        for one in pq.read_schema(path):
            yield one.name, f"{one.type}{'' if one.nullable else ', never null'}"
    elif path.suffix == ".json":
        data = path.read_bytes()
        reported = json.loads(data)
        body = data[: data.rindex(b',"sealed":"')] + b"}"
        assert hashlib.sha256(body).hexdigest() == reported.pop("sealed")
        yield from dict.fromkeys(reported, "").items()
    elif path.suffix == ".gz":
        assert isinstance(json.loads(gzip.decompress(path.read_bytes())), dict)


def test_a_published_row_leads_back_to_its_bytes(shelves: Path) -> None:
    """By what the page says, with pyarrow, JSON and sha256 alone."""
    source = shelves / "desk"
    manifest = json.loads((source / "shards" / "manifest.json").read_text())
    published: dict[str, dict[str, Any]] = {}
    for part in manifest["parts"]:
        file = source / "shards" / part["file"]
        assert hashlib.sha256(file.read_bytes()).hexdigest() == part["sha256"]
        places = pq.read_table(file.with_suffix(".places.parquet")).to_pylist()
        rows = pq.read_table(file).to_pylist()
        assert [row["id"] for row in rows] == [place["id"] for place in places]
        published |= {row["id"]: row for row in rows}
    assert published.keys() == {f"desk:{at}" for at in (1, 3, 4, 5, 6, 7, 8, 20)}

    pointer = json.loads((source / "normalized" / "manifest.json").read_text())
    folder = source / "normalized" / "slices"
    slices = [pq.read_table(folder / f"{key}.parquet").to_pylist() for key in pointer["slices"]]
    harvest = max((source / "raw" / "harvests").glob("*.parquet"))
    objects = {row["key"]: row for row in pq.read_table(harvest).to_pylist()}
    notes = json.loads((source / "raw" / "redacted.json").read_text())
    for row in (row for rows in slices for row in rows):
        assert published[row["id"]]["title"] == row["title"]
        came = objects[row["trace_member"]]
        assert came["sha256"] == row["trace_raw_sha256"]
        kept = {one["key"]: one["content"] for one in pq.read_table(source / "raw" / came["batch"]).to_pylist()}
        content = kept[came["key"]]
        right = {came["sha256"], *notes["copies"].get(f"{came['batch']}#{came['key']}", {"left": []})["left"]}
        assert hashlib.sha256(content).hexdigest() in right
        assert row["title"] in content.decode()
        assert "Letter 2," not in content.decode()
