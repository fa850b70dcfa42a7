"""Near pictures through the journey: marked, dropped or left alone, as texts are."""

from typing import Any

import polars as pl
from PIL import Image

from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.scans import CHANGES, page, saved

ALBUM = """
    sources:
      scans:
        title: Scans
        custodian: A library
        harvest: file:scans
        normalize: images
        rights: {{license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-01, quote: CC0}}
        dedup: {dedup}
"""
FIRST, OTHER = saved(page(1)), saved(page(2))


def scans() -> dict[str, bytes]:
    """Four pages; one in three files, one with another file of the same bytes; and two blank ones of equal bytes."""
    blank = saved(Image.new("L", (300, 400), 240))
    return {
        "a.jpg": FIRST,
        "a-small.jpg": CHANGES["half the size"](page(1)),
        "a-turned.jpg": CHANGES["a degree turned"](page(1)),
        "b.jpg": OTHER,
        "b-again.jpg": OTHER,
        "c.jpg": saved(page(3)),
        "d.jpg": saved(page(4)),
        "x.jpg": blank,
        "y.jpg": blank,
    }


def night(bench: Bench, dedup: str) -> dict[str, dict[str, Any]]:
    """Publishes the scans; the rows by name, without their pictures."""
    folder = bench.folder / "scans"
    folder.mkdir(exist_ok=True)
    for name, data in scans().items():
        (folder / name).write_bytes(data)
    bench.write(ALBUM.format(dedup=dedup))
    bench.night("scans")
    return {row["source_record_id"]: row for row in bench.rows("scans")}


def reported(rows: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Each row that repeats another, and which."""
    return {name: row["dup_of"].removeprefix("scans:") for name, row in rows.items() if row["dup_of"]}


def test_near_pictures_are_marked(bench: Bench) -> None:
    rows = night(bench, "{exact: flag}")
    keeper = "a-turned.jpg"  # of the larger ones the smaller identifier
    assert reported(rows) == {"a.jpg": keeper, "a-small.jpg": keeper, "b.jpg": "b-again.jpg", "y.jpg": "x.jpg"}
    assert rows["b.jpg"]["similarity"] == 1
    assert rows["y.jpg"]["similarity"] == 1, "blank pages look like nothing, but these have equal bytes"
    assert 1 - 40 / 256 <= rows["a-small.jpg"]["similarity"] < 1


def test_near_pictures_are_dropped_where_the_entry_says_so(bench: Bench) -> None:
    assert sorted(night(bench, "{near: drop}")) == ["a-turned.jpg", "b-again.jpg", "c.jpg", "d.jpg", "x.jpg"]
    shards = bench.run.shards(bench.source("scans"))
    manifest = shards.current()
    assert manifest is not None
    removed = {row["source_record_id"]: (row["keeper"], row["reason"]) for row in shards.removed(manifest).to_dicts()}
    assert removed == {
        "a.jpg": ("scans:a-turned.jpg", "near"),
        "a-small.jpg": ("scans:a-turned.jpg", "near"),
        "b.jpg": ("scans:b-again.jpg", "near"),
        "y.jpg": ("scans:x.jpg", "near"),
    }


def test_near_pictures_can_be_left_alone(bench: Bench) -> None:
    assert reported(night(bench, "{exact: flag, near: none}")) == {"b.jpg": "b-again.jpg", "y.jpg": "x.jpg"}


def test_pictures_of_equal_bytes_are_dropped_whatever_is_said_of_them(bench: Bench) -> None:
    """As equal texts are, where the entry says `exact: drop`."""
    pictures = {"p.jpg": FIRST, "q.jpg": FIRST, "r.jpg": OTHER}
    folder = bench.folder / "scans"
    folder.mkdir()
    for name, data in pictures.items():
        (folder / name).write_bytes(data)
    (folder / "list.csv").write_text("file,title\np.jpg,The mill\nq.jpg,The weir\nr.jpg,The lock\n")
    table = "{files: '*.csv', with: {image: {files: '*.jpg', by: {file: $name}}}, map: {id: file, title: title}}"
    entry = ALBUM.replace("images", table.replace("{", "{{").replace("}", "}}"))
    bench.write(entry.format(dedup="{exact: drop, near: none}"))
    assert bench.night("scans").rows == 2
    bench.write(entry.format(dedup="{near: none}"))
    assert bench.night("scans").rows == 3
    assert reported({row["source_record_id"]: row for row in bench.rows("scans")}) == {"q.jpg": "p.jpg"}


def test_what_a_picture_looks_like_is_known_from_the_index(bench: Bench) -> None:
    """So a night reads no picture for it."""
    night(bench, "{}")
    shelf = bench.run.normalized(bench.source("scans"))
    current = shelf.current()
    assert current is not None
    index = pl.concat([shelf.index(key) for key in current.slices])
    hashes = {name.removeprefix("scans:"): value for name, value in index.select("id", "image_hash").iter_rows()}
    assert {name for name, value in hashes.items() if value is None} == {"x.jpg", "y.jpg"}
    assert {len(value) for value in hashes.values() if value} == {32}


def test_pictures_that_all_look_like_nothing(bench: Bench) -> None:
    """Blank pages: nothing is near another, and what has equal bytes is still reported."""
    blank = {f"{at}.png": saved(Image.new("L", (300, 400 + at), 240), format="PNG") for at in range(3)}
    folder = bench.folder / "scans"
    folder.mkdir()
    for name, data in {**blank, "again.png": blank["0.png"]}.items():
        (folder / name).write_bytes(data)
    bench.write(ALBUM.format(dedup="{exact: flag}"))
    bench.night("scans")
    assert reported({row["source_record_id"]: row for row in bench.rows("scans")}) == {"again.png": "0.png"}


def test_a_source_that_becomes_pictures_leaves_no_fingerprint_of_texts(bench: Bench) -> None:
    folder = bench.folder / "scans"
    folder.mkdir()
    for at in range(3):
        (folder / f"{at}.jpg").write_bytes(saved(page(at)))
    rows = "".join(f"{at},a page of some words and more than twenty-five letters {at}\n" for at in "abc")
    (folder / "list.csv").write_text("id,text\n" + rows)
    text = "{files: '*.csv', modality: text, map: {id: id, text: text}}"
    shards = bench.run.shards
    for normalize, kept in ((text, True), ("{type: images, files: '*.jpg'}", False)):
        bench.write(ALBUM.replace("images", normalize.replace("{", "{{").replace("}", "}}")).format(dedup="{}"))
        bench.build("scans")
        assert bool(shards(bench.source("scans")).fingerprints().list()) == kept
