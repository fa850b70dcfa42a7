"""What a takedown left of raw objects is right on the shelf, and nothing else is."""

import hashlib
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.normalize.rows.keys import COPY_VERSION
from biglam_pipeline.records import RawObject, StoredObject
from biglam_pipeline.store.batch_writer import BatchWriter
from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.raw_listing import Listing
from biglam_pipeline.store.redaction import NOTHING, Redactions, replace_file, rewrite_batch
from biglam_pipeline.takedown import Ledger
from biglam_pipeline.takedown.suppression import Suppression

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(params=["disk", "objects"])
def raw(request: pytest.FixtureRequest, tmp_path: Path) -> RawShelf:
    home = str(tmp_path / "home") if request.param == "disk" else f"memory://{uuid.uuid4()}/home"
    return RawShelf(open_shelf(home, tmp_path / "local").at("letters/raw"))


def shelve(raw: RawShelf, tmp_path: Path, number: int = 1) -> dict[str, StoredObject]:
    """Two small objects in a batch, and a file of its own."""
    writer = BatchWriter(raw, number, Listing.of([]))
    held = {}
    for key in ("a", "b", "large"):
        data = f"what {key} holds".encode()
        path = tmp_path / "came" if key == "large" else None
        if path:
            path.write_bytes(data)
        found = RawObject(key, f"https://x/{key}", NOW, sha256(data), len(data), None if path else data, path)
        held[key] = writer.add(found)
    writer.flush()
    return held


def test_other_bytes_are_right_where_they_were_noted_and_nowhere_else(raw: RawShelf, tmp_path: Path) -> None:
    held = shelve(raw, tmp_path)
    rewrite_batch(raw.shelf, held["a"].batch, {"a": b"less"})
    with pytest.raises(ShelfDamaged, match="is not the file that was put there"):
        raw.content(held["a"])
    raw.redactions.note(held["a"], {"": sha256(b"less")}, {"letters:1"})
    assert raw.content(held["a"]) == b"less"
    assert raw.content(held["b"]) == b"what b holds"
    rewrite_batch(raw.shelf, held["a"].batch, {"a": b"even less"})
    with pytest.raises(ShelfDamaged):
        raw.content(held["a"])


def test_what_came_is_right_too_until_it_is_replaced(raw: RawShelf, tmp_path: Path) -> None:
    """The note is written first: a run that is killed between note and bytes leaves no damage."""
    held = shelve(raw, tmp_path)
    for key in held:
        raw.redactions.note(held[key], {"": sha256(b"less")}, {"letters:1"})
    raw.redactions.save()
    again = RawShelf(raw.shelf)
    assert again.contents(held.values()) == {key: f"what {key} holds".encode() for key in held}
    assert again.redactions.pending == {f"{held['a'].batch}#a", f"{held['b'].batch}#b", held["large"].file}


def test_nothing_that_is_noted_is_no_damage_and_is_not_there(raw: RawShelf, tmp_path: Path) -> None:
    held = shelve(raw, tmp_path)
    rewrite_batch(raw.shelf, held["a"].batch, {"a": None})
    replace_file(raw.shelf, held["large"].file, None)
    for key in ("a", "large"):
        with pytest.raises(ShelfDamaged):
            raw.content(held[key])
        raw.redactions.note(held[key], {"": NOTHING}, {"letters:1"})
        assert raw.redactions.is_gone(held[key])
        assert raw.content(held[key]) == b""
    assert raw.contents(held.values()) == {"b": b"what b holds"}
    assert not raw.redactions.is_gone(held["b"])


def test_all_that_is_reported_of_an_object_stays(raw: RawShelf, tmp_path: Path) -> None:
    held = shelve(raw, tmp_path)
    before = pq.read_table(raw.shelf.local(held["a"].batch))
    rewrite_batch(raw.shelf, held["a"].batch, {"a": b"less"})
    after = pq.read_table(raw.shelf.local(held["a"].batch))
    assert after.drop_columns(["content"]) == before.drop_columns(["content"])
    assert after["content"].to_pylist() == [b"less", b"what b holds", None]


def test_the_same_bytes_that_come_again_are_another_copy(raw: RawShelf, tmp_path: Path) -> None:
    first = shelve(raw, tmp_path)
    raw.redactions.note(first["a"], {"": sha256(b"less")}, {"letters:1"})
    second = shelve(raw, tmp_path, 2)
    assert raw.redactions.came_again(second["a"])
    assert not raw.redactions.came_again(first["a"])
    assert not raw.redactions.came_again(second["b"])
    assert not raw.redactions.came_again(second["large"])


def test_what_is_wanted_again_does_not_stand(raw: RawShelf, tmp_path: Path) -> None:
    """And a file of its own that comes again is whole again."""
    held = shelve(raw, tmp_path)
    for key in ("a", "large"):
        raw.redactions.note(held[key], {"": NOTHING}, {"letters:1"})
    replace_file(raw.shelf, held["large"].file, None)
    raw.redactions.want_again(lambda name: name == "letters:1")
    listed = Listing.of(held.values())
    assert raw.standing(listed) == held
    raw.redactions.want_again(lambda name: False)
    assert raw.standing(listed).keys() == {"b"}
    assert raw.standing(listed, wanted=True) == held
    again = shelve(RawShelf(raw.shelf), tmp_path, 2)
    fresh = RawShelf(raw.shelf)
    assert fresh.content(again["large"]) == b"what large holds"
    assert fresh.standing(Listing.of(again.values())) == again


def test_all_visits_are_seen_and_files_that_nobody_names(raw: RawShelf, tmp_path: Path) -> None:
    """Also of a visit that was cut off, and never closed."""
    first, second = shelve(raw, tmp_path), shelve(raw, tmp_path, 2)
    raw.shelf.put("files/" + "0" * 64, b"of a batch that was thrown away")
    seen = {(held.batch, key) for objects in raw.every_object() for key, held in objects.items()}
    assert seen == {(held.batch, key) for held_all in (first, second) for key, held in held_all.items()}
    assert raw.nameless_files() == ["files/" + "0" * 64]


def test_the_notes_are_read_back_and_not_made_for_nothing(raw: RawShelf, tmp_path: Path) -> None:
    raw.redactions.save()
    assert not raw.shelf.exists("redacted.json")
    held = shelve(raw, tmp_path)
    raw.redactions.note(held["a"], {"": "1" * 64}, {"letters:2", "letters:1"})
    raw.redactions.note(held["a"], {"": "2" * 64}, {"letters:3"})
    raw.redactions.note(held["a"], {"": "1" * 64}, set())
    raw.redactions.note(held["large"], {"m.xml": NOTHING}, {"letters:1"})
    raw.redactions.bundles["x"] = [{"id": "letters:1"}]
    raw.redactions.save()
    again = Redactions(raw.shelf)
    assert again.copies == raw.redactions.copies
    assert again.left(held["a"]) == ["2" * 64, "1" * 64]
    assert again.is_gone(held["large"], "m.xml")
    assert not again.is_gone(held["large"])
    assert again.copies[f"{held['a'].batch}#a"].ids == ["letters:1", "letters:2", "letters:3"]
    assert again.bundles == {"x": [{"id": "letters:1"}]}


def test_notes_of_a_newer_rule_of_copies_stop_everything(raw: RawShelf) -> None:
    """A copy would slip through that only the newer rule knows."""
    raw.redactions.keys, raw.redactions.key_version = {"00" * 16: "letters:1"}, COPY_VERSION
    raw.redactions.save()
    again = RawShelf(raw.shelf)
    out = Ledger(ids=frozenset({"letters:1"}))
    assert Suppression.of(out, again.redactions, COPY_VERSION).keys == {bytes(16): "letters:1"}
    again.redactions.key_version = COPY_VERSION + 1
    again.redactions.save()
    with pytest.raises(ShelfDamaged, match="install the newer version"):
        Suppression.of(out, RawShelf(raw.shelf).redactions, COPY_VERSION)
