"""A listing of raw objects does what a dict of them does, however its rows are packed, selected and laid over."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.records import StoredObject
from biglam_pipeline.store import packed
from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline.store.raw_listing import Listing
from biglam_pipeline.store.stamps import Stamps

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=3)


def held(key: str, number: int = 0, *, file: str = "") -> StoredObject:
    return StoredObject(
        key, f"https://x/{key}", f"https://y/{key}", NOON, 200, "text/csv", f"e{number}", "", f"{number:064x}",
        number, 1, f"batches/00001-{number % 3:06d}.parquet", file, bool(file),
    )  # fmt: skip


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few rows lie in many blocks."""
    monkeypatch.setattr(packed, "BLOCK_ROWS", 3)
    monkeypatch.setattr(packed, "_UNPACKED", 1)


@given(st.lists(KEYS, max_size=20), st.lists(KEYS, max_size=8))
def test_it_holds_what_a_dict_holds(keys: list[str], later: list[str]) -> None:
    """The same keys in the same order; of one that comes again, the last object at the first place."""
    objects = [held(key, number) for number, key in enumerate(keys)]
    others = [held(key, number + 100) for number, key in enumerate(later)]
    expected = {one.key: one for one in objects}
    listing = Listing.of(objects)
    assert list(listing.items()) == list(expected.items())
    assert [listing.get(key) for key in later] == [expected.get(key) for key in later]
    laid = listing.under(Listing.of(others))
    assert list(laid.items()) == list((expected | {one.key: one for one in others}).items())
    assert [key for key, _ in laid.by_key("sha256")] == sorted(laid)


@given(st.lists(KEYS, unique=True, max_size=20), st.data())
def test_a_choice_of_it_is_a_listing_too(keys: list[str], data: st.DataObject) -> None:
    objects = [held(key, number) for number, key in enumerate(keys)]
    mask = data.draw(st.lists(st.booleans(), min_size=len(keys), max_size=len(keys)))
    chosen = Listing.of(objects).select(np.array(mask, bool))
    expected = [one for one, kept in zip(objects, mask, strict=True) if kept]
    assert list(chosen.values()) == expected
    assert [one["size"] for table in chosen.whole_tables(4) for one in table.to_pylist()] == [
        one.size for one in expected
    ]
    assert Listing.read(chosen.whole_tables(4)) == {one.key: one for one in expected}
    assert all((one.key in chosen) == kept for one, kept in zip(objects, mask, strict=True))


@given(st.lists(st.integers(0, 19), max_size=30))
def test_rows_come_in_the_order_in_which_they_are_asked_for(places: list[int]) -> None:
    listing = Listing.of(held(f"k{number}", number) for number in range(20))
    assert listing.some(np.array(places, np.int64), "size")["size"].to_pylist() == places


def test_stamps_of_an_older_shelf_are_read_and_kept_on(tmp_path: Path) -> None:
    """They were JSON before there could be a million; the next night that learns something packs them."""
    shelf = open_shelf(str(tmp_path / "home"), tmp_path / "local").at("maps/raw")
    older = {"a": [f"{1:064x}", "new a", ""], "b": ["of other bytes", "new b", ""]}
    shelf.put("stamps/00001-0123456789abcdef.json.gz", gzip.compress(json.dumps(older).encode()))
    objects, stamps = Listing.of([held("a", 1), held("b", 2), held("c", 3)]), Stamps(shelf)
    laid = stamps.laid_over(1, objects)
    assert [one.etag for one in laid.values()] == ["new a", "e2", "e3"]
    stamps.keep(1, Listing.of([held("c", 3)]), laid)
    assert [name.rpartition(".")[2] for name in shelf.list("stamps/")] == ["parquet"]
    assert [one.etag for one in Stamps(shelf).laid_over(1, objects).values()] == ["new a", "e2", "e3"]
