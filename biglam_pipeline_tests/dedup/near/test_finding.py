"""The whole search: an incremental run equals a full one, whatever came, went, was killed or damaged."""

import dataclasses
import logging
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from biglam_pipeline.dedup.near import finding, profiles
from biglam_pipeline.dedup.near.finding import Choice, find_near
from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.quality.canonical import text_key
from biglam_pipeline.store.fingerprints import POINTER
from biglam_pipeline_tests.dedup.near.searching import Rows, Search, equal, pages

PAGE = "".join(f"The {n} canal was opened in the presence of a great company of gentlemen. " for n in range(20))

CHINESE = "".join(chr(0x4E00 + at) for at in np.random.default_rng(5).integers(0, 3000, 400).tolist())


@pytest.fixture
def small_shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of few documents, and boilerplate that few share: a small collection has then all that a large one has."""
    few = dataclasses.replace(profiles.PAGE, at_once=150, frequent=6)
    monkeypatch.setitem(profiles.PROFILES, "page", few)
    monkeypatch.setattr(finding, "_FILES", 5)


def days(documents: int, seed: int, nights: int) -> Iterator[Rows]:
    """The same collection night by night: new rows, corrected texts, rows that are gone, another rank."""
    random = np.random.default_rng([seed, 9])
    every = pages(documents, seed)
    now: Rows = {f"r{at}": every[at] for at in range(documents // 2)}
    for night in range(nights):
        yield now
        names = list(now)
        gone = set(random.choice(names, len(names) // 20, replace=False).tolist())
        changed = set(random.choice(names, len(names) // 20, replace=False).tolist())
        end = documents // 2 + (night + 1) * (documents // 2) // nights
        kept = {name: every[-1 - int(name[1:])] if name in changed else now[name] for name in names if name not in gone}
        kept |= {f"r{at}": every[at] for at in range(end - documents // 2 // nights, end)}
        names = list(kept)
        if night % 2:
            random.shuffle(names)
        now = {name: kept[name] for name in names}
    yield now


def check_splits(folder: Path, documents: int, seed: int, nights: int) -> None:
    nightly = Search(folder / "nightly")
    for number, rows in enumerate(days(documents, seed, nights)):
        found = nightly.run(rows)
        full = Search(folder / f"full-{number}")
        whole = full.run(rows)
        assert equal(found, whole)
        assert found.numbers.candidates == whole.numbers.candidates
        assert whole.numbers.repeated > documents // 20
        assert number == 0 or nightly.read < full.read / 2


@pytest.mark.representative(1)  # another seed
@pytest.mark.usefixtures("small_shelf")
@pytest.mark.parametrize("seed", [11, 12])
def test_an_incremental_run_equals_a_full_one(tmp_path: Path, seed: int) -> None:
    check_splits(tmp_path, 700, seed, 3)


@pytest.mark.parametrize(
    "seed", [pytest.param(at, marks=pytest.mark.slow if at < 22 else pytest.mark.soak) for at in range(20, 40)]
)
def test_an_incremental_run_equals_a_full_one_at_length(tmp_path: Path, seed: int) -> None:
    check_splits(tmp_path, 5000, seed, 2)


def test_a_run_with_nothing_new_reads_no_text(tmp_path: Path) -> None:
    rows = {f"r{at}": text for at, text in enumerate(pages(700, 11))}
    search = Search(tmp_path)
    first = search.run(rows)
    assert search.read >= first.numbers.hashed > 600
    again = search.run(rows)
    assert (search.read, again.numbers.hashed, again.numbers.verified) == (0, 0, 0)
    assert equal(first, again)


@pytest.mark.usefixtures("small_shelf")
def test_two_processes_leave_the_same_files(tmp_path: Path) -> None:
    rows = {f"r{at}": text for at, text in enumerate(pages(700, 11))}
    one, two = Search(tmp_path / "one"), Search(tmp_path / "two", Choice(processes=2))
    assert equal(one.run(rows), two.run(rows))
    files = [{name: search.shelf.read(name) for name in search.shelf.list()} for search in (one, two)]
    assert files[0] == files[1]
    assert len(files[0]) > 3


class Killed(Exception):
    """The process is gone."""


@pytest.mark.representative(2)  # killed elsewhere
@pytest.mark.usefixtures("small_shelf")
@pytest.mark.parametrize("after", [1, 3, 5, 6])
def test_a_killed_run_resumes_with_the_same_clusters(tmp_path: Path, after: int) -> None:
    rows = {f"r{at}": text for at, text in enumerate(pages(700, 11))}
    whole = Search(tmp_path / "whole")
    full, needed = whole.run(rows), whole.read
    search = Search(tmp_path / "killed")
    store, puts = search.store(), 0
    add = store.add

    def killed(*given: Any) -> None:
        nonlocal puts
        puts += 1
        if puts > after:
            raise Killed
        add(*given)

    store.add = killed  # type: ignore[method-assign]
    with pytest.raises(Killed):
        search.run(rows, store)
    assert equal(search.run(rows), full)
    assert search.read < needed


@pytest.mark.representative(3)  # the same damage to other files, another damage
@pytest.mark.parametrize("part", ["signatures/", "pairs/", POINTER])
@pytest.mark.parametrize("how", ["another byte", "cut off", "gone"])
def test_a_damaged_store_is_noticed_and_made_again(
    tmp_path: Path, part: str, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    rows = {f"r{at}": text for at, text in enumerate(pages(700, 11))}
    search = Search(tmp_path)
    full = search.run(rows)
    name = search.shelf.list(part)[0]
    path = search.shelf.local(name)
    data = path.read_bytes()
    path.unlink()
    if how != "gone":
        path.write_bytes(data[: len(data) // 2] if how == "cut off" else b"\xff" + data[1:])
    with caplog.at_level(logging.WARNING):
        assert equal(search.run(rows), full)
    assert search.read > 0
    if (part, how) != (POINTER, "gone"):
        assert "computed again" in caplog.text
        assert name in caplog.text
    assert equal(search.run(rows), full)
    assert search.read == 0


def test_a_store_of_another_version_is_made_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = {f"r{at}": text for at, text in enumerate(pages(700, 11))}
    Search(tmp_path, Choice(kind="book")).run(rows)
    with caplog.at_level(logging.WARNING):
        found = Search(tmp_path).run(rows)
    assert f"is of version {profiles.VERSION}-book-12" in caplog.text
    assert equal(found, Search(tmp_path / "fresh").run(rows))


def test_a_shelf_in_object_storage(tmp_path: Path) -> None:
    """The files of fingerprints are mapped, so a copy of each is held on this machine."""
    rows = {f"r{at}": text for at, text in enumerate(pages(700, 11))}
    search = Search(tmp_path, home="memory://near-doubles")
    first = search.run(rows)
    assert equal(search.run(rows), first)
    assert search.read == 0
    assert equal(first, Search(tmp_path / "disk").run(rows))


def test_texts_that_are_gone_leave_the_shelf(tmp_path: Path) -> None:
    texts = pages(700, 11)
    search = Search(tmp_path)
    search.run({f"r{at}": text for at, text in enumerate(texts)})
    before = search.store().signatures.rows
    left = {f"r{at}": text for at, text in enumerate(texts[:200])}
    found = search.run(left)
    assert search.store().signatures.rows == found.numbers.documents < before / 3
    assert equal(search.run(left), found)
    assert search.read == 0


def test_a_text_that_is_not_its_row_s_is_refused(tmp_path: Path) -> None:
    table = pl.DataFrame({"content_key": [text_key(PAGE), text_key(PAGE + "more")]})
    store = Search(tmp_path).store()

    def other(positions: npt.NDArray[np.int64]) -> Iterator[list[str | None]]:
        yield [PAGE for _ in positions]

    def nothing(positions: npt.NDArray[np.int64]) -> Iterator[list[str | None]]:
        yield from ()

    for fetch in (other, nothing):
        with pytest.raises(ShelfDamaged, match="content_key"):
            find_near(table, fetch, store, Choice())


HOSTILE: Rows = {
    "null": None,
    "empty": "",
    "blank": "\n \f\n" * 400,
    "one letter": "x",
    "rule": "— * — * " * 300,
    "lone surrogates": "\ud800\udc00 \udfff" * 400,
    "emoji": "😀" * 400,
    "one character": "a" * 5000,
    "one character more": "a" * 5001,
    "many": "a" * 300_000,
    "a page": PAGE,
    "a page with surrogates": PAGE.replace("canal", "ca\ud800nal"),
    "a page with one wrong letter": PAGE.replace("gentlemen", "gentlcmen", 3),
    "Chinese": CHINESE,
    "Chinese again": CHINESE[:200] + "，\n" + CHINESE[201:],
}


@pytest.mark.parametrize("recall", ["standard", "high"])
def test_bad_input(tmp_path: Path, recall: Any) -> None:
    found = Search(tmp_path, Choice(recall=recall)).run(HOSTILE)
    names = list(HOSTILE)
    keeper = {name: names[at] for name, at in zip(names, found.keeper.tolist(), strict=True) if names[at] != name}
    assert keeper == {
        "a page with surrogates": "a page",
        "a page with one wrong letter": "a page",
        "Chinese again": "Chinese",
    }
    assert found.cluster[names.index("null")] == found.cluster[names.index("emoji")] == -1
    assert found.similarity[names.index("a page with surrogates")] == 1


@pytest.mark.parametrize(("words", "page"), [(3, 300), (5, 300), (8, 300), (8, 80), (8, 120)])
def test_pages_of_few_words_are_no_duplicates(tmp_path: Path, words: int, page: int) -> None:
    """Each says something else, in words that all of them have: so do their windows."""
    chance = Random(words)
    known = ["ditto", "labourer", "of this parish", "servant", "unknown", "aged", "buried", "widow"][:words]
    registers = {f"p{at}": " ".join(chance.choices(known, k=page)) for at in range(60)}
    found = Search(tmp_path, Choice(recall="high")).run(registers)
    assert found.numbers.verified > 50
    assert found.numbers.repeated == 0


def open_files() -> list[str]:
    """What this process has open."""
    return [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux tells which files are open")
@pytest.mark.usefixtures("small_shelf")
def test_a_file_of_the_shelf_is_opened_once(tmp_path: Path) -> None:
    """A process may have a thousand files open, and a large source has hundreds of these."""
    search = Search(tmp_path)
    search.run({f"r{at}": text for at, text in enumerate(pages(700, 11))})
    store = search.store()
    kept = len(store.signatures.names) + len(store.pairs.names)
    assert kept > 3
    assert len([name for name in open_files() if name.startswith(str(tmp_path))]) <= kept


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux tells which files are open")
def test_scratch_is_closed_when_a_search_ends_in_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    search = Search(tmp_path)
    store = search.store()
    add = store.add

    def full(kept: Any, columns: Any) -> None:
        if kept is store.pairs:
            raise OSError("no room")
        add(kept, columns)

    monkeypatch.setattr(store, "add", full)
    with pytest.raises(OSError, match="no room"):
        search.run({f"r{at}": text for at, text in enumerate(pages(700, 11))}, store)
    assert not [name for name in open_files() if "letters" in name]


def test_a_million_identical_rows_are_one_text(tmp_path: Path) -> None:
    rows = 1_000_000
    table = pl.DataFrame({"content_key": pl.Series([text_key(PAGE)], dtype=pl.Binary).new_from_index(0, rows)})
    read = []

    def fetch(positions: npt.NDArray[np.int64]) -> Iterator[list[str | None]]:
        read.extend(positions.tolist())
        yield [PAGE for _ in positions]

    found = find_near(table, fetch, Search(tmp_path).store(), Choice())
    assert read == [0]
    assert found.numbers.repeated == rows - 1
    assert not found.keeper.any()
    assert not found.cluster.any()


@pytest.mark.slow  # a matter of size
def test_a_page_of_ten_megabytes(tmp_path: Path) -> None:
    """Beside it one that differs in a word: both are read and compared in pieces."""
    words = np.random.default_rng(3).integers(0, 50_000, 1_700_000)
    large = " ".join(f"w{word:x}" for word in words.tolist())
    assert len(large) > 9_000_000
    found = Search(tmp_path).run({"a": large, "b": large.replace(" w1 ", " other "), "c": PAGE})
    assert found.keeper.tolist() == [0, 0, 2]
    assert 0.99 < found.similarity[1] < 1


def test_nothing_to_search(tmp_path: Path) -> None:
    assert Search(tmp_path).run({}).keeper.tolist() == []
    assert Search(tmp_path).run({"a": None, "b": ""}).keeper.tolist() == [0, 1]
