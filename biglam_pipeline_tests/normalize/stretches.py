"""A file that is cut, and what its reader makes of it, whole and in stretches."""

import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.stretching import NotCut, cut_stream, framed, known_of
from biglam_pipeline.parsing.counted import AtLeast
from biglam_pipeline.records import Bundle, Item, Read, Record, Unmapped

NUMBERED = re.compile(r"#([0-9a-f]{16})(?:-[0-9]+)?")
Said = tuple[list[Read], Counter[str], Counter[str]]


def said(made: Reader, *items: Item) -> Said:
    """Records, tombstones and rejects in order, and what is counted; what numbers equal rows is handed on."""
    rows, filled, problems, met = list[Read](), Counter[str](), Counter[str](), Counter[int]()
    for one in items:
        if one.known:
            digests = np.array(list(met), np.uint64).tobytes(), np.array(list(met.values()), np.uint32).tobytes()
            one = replace(one, known={**one.known, "before": digests})
        found = [*made.read(Bundle(one.name, (one,)), {})]
        for each in found:
            if isinstance(each, Unmapped):
                filled.update(each.filled)
                problems.update(each.problems)
            else:
                rows.append(each)
            if isinstance(each, Record):
                problems.update(each.problems)
                if name := numbered(each):
                    met[int(name[1], 16)] += 1
        if one.known:
            account(made, one, found)
            named = not any(isinstance(each, Record) and numbered(each) for each in found)
            assert named or not made.names_all(Bundle(one.name, (one,)))
    return [untold(each) for each in rows], filled, problems


def numbered(row: Record) -> re.Match[str] | None:
    """Whether it is called by what it holds."""
    return NUMBERED.fullmatch(row.source_record_id.removeprefix(row.item))


def untold(found: Read) -> Read:
    """A problem is told of the row, or by itself where it makes none."""
    return replace(found, problems=()) if isinstance(found, Record) else found


def account(made: Reader, one: Item, found: Sequence[Read]) -> None:
    """By the second count nothing of it is lost, nor told twice."""
    if (expected := made.expected(Bundle(one.name, (one,)))) is not None:
        count = sum(not isinstance(each, Unmapped) for each in found)
        assert count >= expected if isinstance(expected, AtLeast) else count == expected


def stretches(made: Reader, one: Item) -> list[Item]:
    """What the file is cut into, as a slice reads it. NotCut where it is read whole."""
    data = one.open().read()
    file = cut_stream(io.BytesIO(data), made.borders(one))[0]
    assert b"".join(data[part.offset : part.offset + part.size] for part in file.stretches) == data
    parts = []
    for at, part in enumerate(file.stretches):
        known = known_of(file, at)
        bytes_ = framed(data[part.offset : part.offset + part.size], known)
        parts.append(replace(one, known=known, open=partial(io.BytesIO, bytes_)))
    return parts


def compare(made: Reader, one: Item) -> int:
    """How many stretches it has; 0 where it is read whole. Both ways of reading it give the same."""
    try:
        parts = stretches(made, one)
    except NotCut:
        return 0
    assert said(made, *parts) == said(made, one)
    return len(parts)
