"""A large file is cut where its reader sees a record end, and read in stretches it gives what it gives as a whole."""

import codecs
import csv
import io
import random
from collections import Counter
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize import stretching
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.stretching import NotCut, Sizes, cut_stream, measure_again
from biglam_pipeline.records import Bundle, Item, Record, Reject, Unmapped
from biglam_pipeline.store.cuts import CutFile
from biglam_pipeline_tests.examples import examples
from biglam_pipeline_tests.normalize.bundles import item, reader

SMALL = Sizes(above=64, least=24, spread=24, most=96, block=64)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of some lines are large."""
    monkeypatch.setattr(stretching, "SIZES", SMALL)


def cut(made: Reader, one: Item, data: bytes) -> CutFile:
    return cut_stream(io.BytesIO(data), made.borders(one))[0]


Said = tuple[list[Record], list[Reject], Counter[str], Counter[str]]


def said(made: Reader, *items: Item) -> Said:
    """Records, rejects, and what is counted of it. Each item is reported which rows stand in those before it."""
    rows, rejects, filled, problems = list[Record](), list[Reject](), Counter[str](), Counter[str]()
    for one in items:
        before = Counter(digest_of(row) for row in rows)
        digests = np.array(list(before), np.uint64), np.array(list(before.values()), np.uint32)
        if one.known:
            one = replace(one, known={**one.known, "before": tuple(array.tobytes() for array in digests)})
        for found in made.read(Bundle(one.name, (one,)), {}):
            if isinstance(found, Record):
                rows.append(found)
            elif isinstance(found, Reject):
                rejects.append(found)
            elif isinstance(found, Unmapped):
                filled.update(found.filled)
                problems.update(found.problems)
    return rows, rejects, filled, problems


def digest_of(row: Record) -> int:
    """What is called by what it holds, without its number among equals."""
    return int(row.source_record_id.rpartition("#")[2].partition("-")[0], 16)


def compare(made: Reader, name: str, data: bytes) -> int:
    """How many stretches it has; 0 where it is read whole. Both ways of reading it give the same, line for line."""
    one = item(name, data)
    try:
        file = cut(made, one, data)
    except NotCut:
        return 0
    assert b"".join(data[part.offset : part.offset + part.size] for part in file.stretches) == data
    parts = [
        replace(
            one,
            known={**file.head, "begins": part.begins},
            open=partial(io.BytesIO, data[part.offset : part.offset + part.size]),
        )
        for part in file.stretches
    ]
    assert said(made, *parts) == said(made, one)
    return len(file.stretches)


# --- any table ---------------------------------------------------------------------------------------------------

_TAME = (*'ab",;\n\r# é', "x,y", '""')
TAME = st.lists(st.sampled_from(_TAME), max_size=9).map("".join)
ODD = st.lists(st.sampled_from((*_TAME, "\t", "\ufeff", '"\n"', '","')), max_size=9).map("".join)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "delimiter": st.sampled_from([",", ";", "tab", "blank"]),
        "quote": st.sampled_from(["none", "'"]),
        "comment": st.just("#"),
        "skip": st.integers(0, 2),
        "header": st.just(["a", "b"]),
        "encoding": st.sampled_from(["utf-8", "cp1252", "latin-1"]),
    },
)


def table(**more: Any) -> Reader:
    """A row's name follows from all of its cells, so nothing has to be mapped."""
    return reader(type="table", **more).as_joined()


@examples(120)
@given(st.lists(st.tuples(ODD, ODD), min_size=8, max_size=40), SETTINGS, st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_lines(rows: list[tuple[str, str]], more: dict[str, object], end: str) -> None:
    """Hostile: quotes, line ends and marks anywhere. Either it is cut as it is read, or it is not cut."""
    text = "a,b" + end + "".join(f"{one},{other}{end}" for one, other in rows)
    encoding = str(more.get("encoding", "utf-8"))
    try:
        several = compare(table(**more), "a.csv", text.encode(encoding, "replace"))
    except SourceChanged:  # said of the whole, and nothing is read
        assume(False)
    event("cut" if several > 1 else "whole")


@examples(120)
@given(
    st.lists(st.tuples(TAME, TAME), min_size=8, max_size=60),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([b"", codecs.BOM_UTF8]),
    st.booleans(),
    st.sampled_from(["a.csv", "a.tsv"]),
)
def test_any_table_that_a_program_wrote(
    rows: list[tuple[str, str]], quoting: int, end: str, mark: bytes, ended: bool, name: str
) -> None:
    """Quoted cells with line ends, doubled quotes, blank lines among them, with and without a last line end."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=quoting, lineterminator=end, delimiter="\t" if name == "a.tsv" else ",")  # type: ignore[arg-type]
    writer.writerow(("a", "b"))
    writer.writerows(rows)
    written = text.getvalue() if ended else text.getvalue().removesuffix(end)
    several = compare(table(), name, mark + written.encode())
    event("cut" if several > 1 else "whole")


@examples(80)
@given(
    st.lists(st.sampled_from(['{"a":"1","b":2}', '{"a":"é"}', "", '{"c":1', "[1]", '{"a":"1","a":"2"}']), min_size=6)
)
def test_any_lines_of_json(lines: list[str]) -> None:
    for end in ("\n", "\r\n"):
        compare(table(), "a.jsonl", end.join(lines).encode())
        compare(table(), "a.jsonl", codecs.BOM_UTF8 + end.join([*lines, ""]).encode())


# --- tables that are cut -------------------------------------------------------------------------------------------

ROWS = [f"{number},Title {number * 7919 % 1000}" for number in range(200)]
CUT: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("a,b\n" + "\n".join(ROWS) + "\n", {}),
    "no last line end": ("a,b\n" + "\n".join(ROWS), {}),
    "CRLF": ("a,b\r\n" + "\r\n".join(ROWS) + "\r\n", {}),
    "a mark": ("\ufeffa,b\n" + "\n".join(ROWS) + "\n", {}),
    "blank lines": ("a,b\n" + "\n\n  \n".join(ROWS) + "\n", {}),
    "comments": ("# one\na,b\n" + "\n# it's one\n".join(ROWS) + "\n", {"comment": "#"}),
    "no header": ("\n".join(ROWS) + "\n", {"header": ["a", "b"]}),
    "skipped lines": ('A "title\n\na,b\n' + "\n".join(ROWS) + "\n", {"skip": 2}),
    "as Excel says": ("sep=;\na;b\n" + "\n".join(ROWS).replace(",", ";") + "\n", {}),
    "wrong widths": ("a,b\n" + "\n".join(f"{row},x" if n % 9 == 0 else row for n, row in enumerate(ROWS)) + "\n", {}),
    "lines in cells": ("a,b\n" + "\n".join(f'"{row}\n{row}","""q"""' for row in ROWS) + "\n", {}),
    "lines that look like rows": ("a,b\n" + "\n".join(f'"x\n1,2\n3,4",y,{row}' for row in ROWS) + "\n", {}),
    "Windows-1252": ("a,b\n" + "\n".join(f"{row} é" for row in ROWS) + "\n", {"encoding": "cp1252"}),
    "quotes are letters": ("a\tb\n" + "\n".join(ROWS).replace(",", '\t"') + "\n", {"delimiter": "tab"}),
    "quotes that go": ("a\tb\n" + '"\n'.join(ROWS).replace(",", '\t"') + '"\n', {"delimiter": "tab"}),
    "equal rows": ("a,b\n" + "1,2\n3,4\n" * 99, {}),
}  # fmt: skip
WHOLE: dict[str, tuple[str, dict[str, Any], str]] = {
    "a loose quote": ("a,b\n" + "\n".join(ROWS) + '\n1,5" x\n', {}, "midst of a cell"),
    "an open quote": ("a,b\n" + "\n".join(ROWS) + '\n1,"x\n', {}, "not closed"),
    "text behind a quote": ("a,b\n" + "\n".join(ROWS) + '\n1,"x"y\n', {}, "midst of a cell"),
    "a quoted comment": ("a,b\n" + '# ,"x",\n'.join(f"{row}\n" for row in ROWS), {"comment": "#"}, "comment"),
    "an escape": ("a,b\n" + "\n".join(ROWS) + "\n", {"escape": "\\"}, "letters of quotes"),
    "UTF-16": ("a,b\n" + "\n".join(ROWS) + "\n", {"encoding": "utf-16"}, "UTF-16"),
    "Shift JIS": ("a,b\n" + "\n".join(ROWS) + "\n", {"encoding": "shift_jis"}, "SHIFT"),
    "NUL": ("a,b\n" + "\n".join(ROWS) + "\n1,\0\n", {}, "NUL"),
    "a mark within": ("a,b\n" + "\n".join(ROWS) + "\n\ufeffa,b\n", {}, "mark of byte order"),
    "carriage returns": ("a,b\r" + "\r".join(ROWS) + "\r", {}, "line feed"),
    "a long record": ("a,b\n" + "\n".join(ROWS) + '\n1,"' + "x\n" * 200 + '"\n', {}, "no record ends"),
    "a long line": ("a,b\n" + "\n".join(ROWS) + "\n1," + "x" * 400 + "\n", {}, "longer than"),
}


@pytest.mark.parametrize("kind", CUT)
def test_it_is_cut(kind: str) -> None:
    text, more = CUT[kind]
    data = text.encode(str(more.get("encoding", "utf-8")))
    name = "a.tsv" if more.get("delimiter") == "tab" else "a.csv"
    assert compare(table(**more), name, data) > 10


@pytest.mark.parametrize("kind", WHOLE)
def test_what_is_not_certain_is_not_cut(kind: str) -> None:
    text, more, why = WHOLE[kind]
    data = text.encode(str(more.get("encoding", "utf-8")))
    with pytest.raises(NotCut, match=why):
        cut(table(**more), item("a.csv", data), data)


def test_an_entry_that_reads_the_numbers_of_lines_is_not_cut() -> None:
    assert table(map={"id": "$line"}).how_cut(item("a.csv", b"a,b\n")) == ""
    assert table().how_cut(item("a.csv", b"a,b\n"))


def test_what_is_packed_is_not_cut() -> None:
    data = b"\x1f\x8b" + b"x\n" * 90
    with pytest.raises(NotCut):
        cut_stream(io.BytesIO(data), table().borders(item("a.jsonl", b"{}\n")))


# --- borders -------------------------------------------------------------------------------------------------------


def digests(rows: list[str]) -> Counter[str]:
    data = ("a,b\n" + "".join(f"{row}\n" for row in rows)).encode()
    return Counter(one.sha256 for one in cut(table(), item("a.csv", data), data).stretches)


def test_a_change_moves_only_its_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Corrected, inserted and removed rows, each alone, at any place."""
    monkeypatch.setattr(stretching, "SIZES", Sizes(above=0, least=1000, spread=1000, most=4000, block=1000))
    rows = [f"{number},{random.Random(number).random()}" for number in range(5000)]
    before = digests(rows)
    assert before.total() > 50
    costs: list[int] = []
    for at in range(5, 5000, 230):
        kinds = (
            [*rows[:at], "x,corrected", *rows[at + 1 :]],
            [*rows[:at], "x,inserted", *rows[at:]],
            [*rows[:at], *rows[at + 1 :]],
        )
        costs += [(digests(changed) - before).total() for changed in kinds]
    assert max(costs) <= 3
    assert sum(costs) < 1.3 * len(costs), "nearly always it is one stretch"


def test_no_stretch_is_longer_than_said() -> None:
    data = ("a,b\n" + "".join(f"{row}\n" for row in ROWS)).encode()
    file = cut(table(), item("a.csv", data), data)
    assert all(one.size <= SMALL.most for one in file.stretches)
    assert all(one.size >= SMALL.least for one in file.stretches[:-1])


def test_equal_stretches_are_told_apart() -> None:
    data = ("a,b\n" + "1,2\n" * 300).encode()
    file = cut(table(), item("a.csv", data), data)
    assert len({(one.sha256, one.number) for one in file.stretches}) == len(file.stretches)
    assert max(one.number for one in file.stretches) > 5


def test_a_takedown_moves_no_border() -> None:
    """Lines that are empty now belong to the stretch that they belonged to, and the digest of what came stays."""
    for end in ("\n", "\r\n"):
        lines = ["a,b", *ROWS]
        data = (end.join(lines) + end).encode()
        file = cut(table(), item("a.csv", data), data)
        gone = {40, 41, 77}
        left = (end.join("" if number in gone else line for number, line in enumerate(lines, 1)) + end).encode()
        again = measure_again(io.BytesIO(left), file)
        same = ("begins", "places", "sha256", "number")
        assert [[asdict(one)[name] for name in same] for one in again.stretches] == [
            [asdict(one)[name] for name in same] for one in file.stretches
        ]
        for one in again.stretches:
            part = left[one.offset : one.offset + one.size].decode().split(end)
            assert part[:-1] == ["" if n in gone else lines[n - 1] for n in one.lines]
