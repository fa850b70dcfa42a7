"""The steps of a search, each beside a slow and plain way to the same."""

import itertools
import pickle

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.dedup.near import bands, clusters
from biglam_pipeline.dedup.near.bands import candidates, equal_shares
from biglam_pipeline.dedup.near.boilerplate import cuts_of, frequent_pieces, without_licence
from biglam_pipeline.dedup.near.clusters import connect, group
from biglam_pipeline.dedup.near.keys import distinct, places
from biglam_pipeline.dedup.near.profiles import BOOK, MANY, PAGE, Bands, Profile, Recall, bands_for
from biglam_pipeline.dedup.near.signatures import EMPTY
from biglam_pipeline.dedup.near.verifying import RULED_OUT, jaccard, similarity_of, verdict
from biglam_pipeline.errors import BiglamError, ObjectFailed, ServerBusy
from biglam_pipeline.quality.canonical import canonical
from biglam_pipeline_tests.dedup.near.searching import pages
from biglam_pipeline_tests.examples import examples

SLOTS = st.lists(st.lists(st.sampled_from([1, 2, int(EMPTY)]), min_size=6, max_size=6), min_size=1, max_size=12)


@pytest.mark.parametrize("packed", [24, 0])
@pytest.mark.parametrize("threads", [1, 2])
@examples(60)
@given(made=SLOTS)
def test_a_bucket_is_a_star_to_its_first(packed: int, threads: int, made: list[list[int]]) -> None:
    slots = np.array(made, np.uint16)
    expected = set()
    for band in range(3):
        first: dict[tuple[int, ...], int] = {}
        for row, values in enumerate(slots[:, 2 * band : 2 * band + 2].tolist()):
            if int(EMPTY) not in values and first.setdefault(tuple(values), row) != row:
                expected.add((first[tuple(values)], row))
    before, bands._PACKED_BITS = bands._PACKED_BITS, packed
    try:
        found = candidates(lambda number: slots[:, number], len(slots), Bands(3, 2), threads)
    finally:
        bands._PACKED_BITS = before
    assert [tuple(pair) for pair in found.tolist()] == sorted(expected)


def test_candidates_are_merged_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    slots = np.random.default_rng(1).integers(0, 9, (200, 40)).astype(np.uint16)
    whole = candidates(lambda number: slots[:, number], 200, Bands(20, 2))
    monkeypatch.setattr(bands, "_HELD", 50)
    monkeypatch.setattr(bands, "_CHUNK", 64)
    assert np.array_equal(candidates(lambda number: slots[:, number], 200, Bands(20, 2)), whole)
    shares = equal_shares(lambda number: slots[:, number], 40, whole, threads=2)
    assert shares.tolist() == pytest.approx([(slots[a] == slots[b]).mean() for a, b in whole.tolist()])


def test_empty_slots_are_equal_to_nothing() -> None:
    slots = np.array([[1, EMPTY, EMPTY, 4], [1, EMPTY, 3, 5], [EMPTY] * 4], np.uint16)
    shares = equal_shares(lambda number: slots[:, number], 4, np.array([[0, 1], [0, 2], [2, 2]]))
    assert shares.tolist() == pytest.approx([1 / 3, 0, 0])


@pytest.mark.parametrize(
    ("profile", "recall", "documents", "count", "rows"),
    [
        (PAGE, "standard", 1000, 48, 2),
        (PAGE, "standard", MANY + 1, 42, 3),
        (PAGE, "high", 1000, 64, 2),
        (PAGE, "high", MANY + 1, 48, 2),
        (BOOK, "standard", 1000, 42, 3),
        (BOOK, "high", MANY + 1, 64, 2),
    ],
)
def test_bands_follow_from_what_is_asked(
    profile: Profile, recall: Recall, documents: int, count: int, rows: int
) -> None:
    found = bands_for(profile, recall, documents)
    assert (found.count, found.rows) == (count, rows)
    assert found.count * found.rows <= profile.slots


# --- keys ---


@examples(60)
@given(stored=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3))), asked=st.lists(st.integers(0, 15), max_size=9))
def test_the_last_row_of_a_key_is_found(stored: list[tuple[int, int]], asked: list[int]) -> None:
    kept = np.array(stored, np.uint64).reshape(-1, 2)
    wanted = np.array([(value // 4, value % 4) for value in asked], np.uint64).reshape(-1, 2)
    last = {key: row for row, key in enumerate(stored)}
    assert places(kept, wanted).tolist() == [last.get((value // 4, value % 4), -1) for value in asked]


@given(numbers=st.lists(st.integers(0, 40)), above=st.integers(0, 9))
def test_distinct_numbers_come_once_and_sorted(numbers: list[int], above: int) -> None:
    asked = np.array(numbers, np.int64)
    assert distinct(asked, 41 + above).tolist() == sorted(set(numbers))
    assert distinct(np.column_stack([asked, asked]), 41 + above).tolist() == sorted(set(numbers))


def test_keys_of_one_mix_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("biglam_pipeline.dedup.near.keys._mix", lambda keys: keys[:, 0] & np.uint64(1))
    kept = np.array([(row % 5, row % 3) for row in range(40)], np.uint64)
    asked = np.array(list(itertools.product(range(6), range(4))), np.uint64)
    last = {tuple(key): row for row, key in enumerate(kept.tolist())}
    assert places(kept, asked).tolist() == [last.get(tuple(key), -1) for key in asked.tolist()]


# --- boilerplate ---

LETTERS = b"thetextofthebookitself" * 40


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("*** START OF THE PROJECT GUTENBERG EBOOK", "*** END OF THE PROJECT GUTENBERG EBOOK PARADISE LOST ***"),
        ("*** START OF THIS PROJECT GUTENBERG EBOOK", "End of this Project Gutenberg Etext"),
        ("*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*", "End of Project Gutenberg's Paradise Lost"),
    ],
)
def test_the_licence_of_project_gutenberg_is_left_out(before: str, after: str) -> None:
    licence = canonical("Project Gutenberg is a registered trademark. " * 30)
    whole = licence + canonical(before) + LETTERS + canonical(after) + licence
    assert without_licence(whole) == LETTERS
    assert without_licence(licence + canonical(before)) == licence + canonical(before)
    assert without_licence(LETTERS) == LETTERS


@examples(60)
@given(rows=st.lists(st.lists(st.integers(0, 4), min_size=12, max_size=12), min_size=1, max_size=30))
def test_pieces_that_enough_documents_have(rows: list[list[int]]) -> None:
    pieces = np.array(rows, np.uint32)
    least = Profile(kind="page", window=8, frequent=20)
    found = frequent_pieces(lambda number: pieces[:, number], len(rows), least)
    counts = {value: sum(value in row for row in rows) for value in range(1, 5)}
    assert found.tolist() == [value for value in counts if counts[value] >= 20], "documents, however often in each"
    expected = [sum(1 << at for at, value in enumerate(row) if value in found.tolist()) for row in rows]
    assert cuts_of(pieces, found).tolist() == expected


# --- verification ---

ONE, OTHER = (canonical("".join(pages(300, 13)[at : at + 40])) for at in (0, 60))


def cut(letters: bytes, size: int) -> bytes:
    return letters[:size]


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        (cut(ONE, 2000), cut(ONE, 2000), 1, 1),
        (cut(ONE, 2000), cut(ONE, 1000) + b"x" + ONE[1000:2000], 0.9995, 0.9996),
        (cut(ONE, 2000), ONE[200:2000] + cut(OTHER, 200), 0.8, 0.85),
        (cut(ONE, 2000), cut(OTHER, 2000), -0.1, 0),
        (cut(ONE, 2000), cut(ONE, 1400), -0.01, 0),  # an excerpt
        (cut(ONE, 2000), ONE[1000:2000] + cut(ONE, 1000), -1, -0.98),  # two columns, read the wrong way round
        (cut(ONE, 60_000), cut(ONE, 58_000), 0.96, 0.97),  # too long for edit distance
        (cut(ONE, 60_000), cut(OTHER, 60_000), 0, 0.08),
        (canonical("й" + "абвгдежзик" * 3000), canonical("абвгдежзик" * 3000), 0.9999, 0.99999),  # 60,002 bytes
        (canonical("日本語" * 8 + "the mill " * 20), canonical("the mill " * 20), 0.8, 0.9),  # a copy without Chinese
        (canonical("лучшее изо всех времён " * 9), canonical("худшее из этих городов " * 9), -1, 0),
    ],
)
def test_what_reading_two_texts_says(one: bytes, other: bytes, low: float, high: float) -> None:
    found = verdict(one, other, PAGE, likely=True)
    assert low <= found <= high
    assert verdict(other, one, PAGE, likely=True) == pytest.approx(found)
    unlikely = verdict(one, other, PAGE, likely=False)
    assert unlikely == found if found > 0 else unlikely <= 0


def test_only_equal_letters_are_wholly_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows of a long text are sampled, so they may all agree."""
    monkeypatch.setattr("biglam_pipeline.dedup.near.verifying._SAMPLED_FROM", 100)
    one = cut(ONE, 60_000)
    assert 0.99 < np.float32(verdict(one, one[:-1] + b"x", PAGE, likely=True)) < 1


def test_what_counts_does_not_depend_on_when_it_was_read() -> None:
    verdicts = np.array([0.9, -0.6, RULED_OUT, 0.9, -0.6, RULED_OUT], np.float32)
    likely = np.array([True, True, True, False, False, False])
    similarity, again = similarity_of(verdicts, likely)
    assert similarity.tolist() == pytest.approx([0.9, 0.6, 0, 0.9, 0, 0])
    assert again.tolist() == [False, False, True, False, False, False]


def test_windows_of_very_long_texts_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = cut(ONE, 60_000), cut(ONE, 30_000) + cut(OTHER, 30_000)
    exact = jaccard(one, other, 8)
    monkeypatch.setattr("biglam_pipeline.dedup.near.verifying._SAMPLED_FROM", 10_000)
    monkeypatch.setattr("biglam_pipeline.dedup.near.verifying._STRETCH", 7_000)
    assert jaccard(one, other, 8) == pytest.approx(exact, abs=0.02)
    assert 0.25 < exact < 0.45


# --- clusters ---

Pairs = npt.NDArray[np.int64]


def grouped(values: list[float], least: float = 0.5) -> tuple[list[int], list[float], int]:
    """Documents on a line, alike by their distance; every pair of neighbours is a candidate."""
    asked = 0

    def judge(pairs: Pairs, shares: npt.NDArray[np.float32] | None = None) -> npt.NDArray[np.float32]:
        nonlocal asked
        asked += len(pairs)
        at = np.array(values)
        return np.maximum(0, 1 - abs(at[pairs[:, 0]] - at[pairs[:, 1]])).astype(np.float32)

    line = np.argsort(values, kind="stable")
    pairs = np.sort(np.column_stack([line[:-1], line[1:]]), axis=1)
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    read = connect(len(values), pairs, np.full(len(pairs), 0.6, np.float32), PAGE, judge)
    found = group(len(values), *read, least, judge)
    return found.keeper.tolist(), found.similarity.tolist(), asked


def test_no_row_goes_by_transitivity_alone() -> None:
    """0.0, 0.3 and 0.6 and 0.9 are a chain; the last two are not like the first, but like each other."""
    keeper, similarity, _ = grouped([0.0, 0.3, 0.6, 0.9])
    assert keeper == [0, 0, 2, 2]
    assert similarity == pytest.approx([1, 0.7, 1, 0.7])


@examples(80)
@given(st.lists(st.integers(0, 200), min_size=1, max_size=40))
def test_everybody_is_like_the_keeper_who_stays(made: list[int]) -> None:
    values = [value / 10 for value in made]
    keeper, similarity, _ = grouped(values)
    for row, (stays, alike) in enumerate(zip(keeper, similarity, strict=True)):
        assert keeper[stays] == stays <= row
        assert alike >= 0.5
        assert alike == pytest.approx(1 - abs(values[row] - values[stays]), abs=1e-5)


def test_a_long_chain_ends() -> None:
    values = [at * 0.3 for at in range(500)]
    keeper, _, asked = grouped(values)
    assert asked < 5000
    assert sum(keeper[at] != at for at in range(500)) >= 200


def test_pairs_within_a_component_are_not_read() -> None:
    """Ten copies: each is read beside the first, and then nothing else."""
    pairs = np.array(list(itertools.combinations(range(10), 2)))
    read = []

    def judge(some: Pairs, shares: npt.NDArray[np.float32] | None = None) -> npt.NDArray[np.float32]:
        read.extend(map(tuple, some.tolist()))
        return np.ones(len(some), np.float32)

    found, _ = connect(10, pairs, np.full(len(pairs), 0.9, np.float32), PAGE, judge)
    assert read == [(0, at) for at in range(1, 10)] == [tuple(pair) for pair in found.tolist()]


def test_those_that_failed_together_are_judged_among_each_other() -> None:
    """0 keeps 1, the hub through which 2 and 3 came; nothing but a judge can tell that those two are alike."""
    at = np.array([0.0, 0.4, 0.8, 0.85, 0.75])

    def judge(pairs: Pairs) -> npt.NDArray[np.float32]:
        return np.maximum(0, 1 - abs(at[pairs[:, 0]] - at[pairs[:, 1]])).astype(np.float32)

    star = np.array([[0, 1], [1, 2], [1, 3], [1, 4]])
    assert group(5, star, judge(star), 0.5, judge).keeper.tolist() == [0, 0, 2, 2, 2]


def test_what_is_left_joins_a_keeper_it_is_like(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "ROUNDS", 0)
    assert grouped([0.0, 0.3, 0.6, 0.9])[0] == [0, 0, 2, 2]


# --- processes ---


@pytest.mark.parametrize("error", [ServerBusy("wait", retry_after_seconds=3.0), ObjectFailed("gone", "it is gone")])
def test_an_error_comes_from_another_process_as_it_was(error: BiglamError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
