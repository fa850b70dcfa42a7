"""Every different thing that a source says of rights, for a person to read: what failing closed would else bury."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from biglam_pipeline.context import RunContext
from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.rights.beside import Beside, fold_statement
from biglam_pipeline.rights.layers import count_beliefs
from biglam_pipeline.rights.recognise import Statement, recognise
from biglam_pipeline.rights.tiers import worst
from biglam_pipeline.source import Source
from biglam_pipeline.source.layers import line_for, unused_lines
from biglam_pipeline.store.normalized import Slice

_COLUMNS = ["source_record_id", "rights_raw", "rights_tier", "rights_basis", "object_rights_raw"]
SHOWN_IDS = 3


@dataclass(slots=True)
class Value:
    """One whole value, as received."""

    text: str
    rows: int = 0
    tier: str = ""
    of_object: bool = False
    """Whether it is about an object that the rows only describe."""
    not_understood: tuple[str, ...] = ()
    ids: list[str] = field(default_factory=list)
    """Some of the records that say it."""
    line: str = ""
    """What to paste into `statements` once it was read; empty where no line can open it, or none is needed."""
    tiers: set[str] = field(default_factory=set)
    """Of rows that say nothing else."""


@dataclass(frozen=True, slots=True)
class Statements:
    """What a source says of rights."""

    source: str
    values: tuple[Value, ...]
    """The most frequent first."""
    without: int
    """Rows of a record that says nothing."""
    beliefs: dict[str, str]
    """Rows that are withheld only for a belief -> the line that would accept it."""
    notes: dict[str, int]
    """contradicted, not_understood, overruled, uncovered -> rows."""
    unused: tuple[str, ...]
    """Lines of the entry that no record needs."""


def list_statements(run: RunContext, source: Source) -> Statements:
    """From the normalized slices alone; ShelfDamaged where there are none."""
    shelf = run.normalized(source)
    current = shelf.current()
    if current is None:
        raise ShelfDamaged(f"{source.name}: nothing was read yet; run `biglam run {source.name} --to normalized` first")
    found: dict[str, Value] = {}
    without = 0
    for key in current.slices:
        for row in shelf.columns(key, _COLUMNS).to_pylist():
            without += not _note(row, found)
    for value in found.values():
        _read(value, source)
    slices = shelf.slices(current)
    notes: Counter[str] = Counter()
    for one in slices:
        notes.update(one.rights)
    return Statements(
        source=source.name,
        values=tuple(sorted(found.values(), key=lambda value: (-value.rows, value.text))),
        without=without,
        beliefs=dict(_beliefs(source, slices)),
        notes={name: rows for name, rows in sorted(notes.items()) if not name.startswith("line: ")},
        unused=tuple(unused_lines(source.rights, notes)),
    )


def _note(row: dict[str, Any], found: dict[str, Value]) -> bool:
    """Whether the row says anything."""
    own, described = row["rights_raw"] or [], row["object_rights_raw"] or []
    for text in dict.fromkeys((*own, *described)):
        value = found.setdefault(text, Value(text))
        value.rows += 1
        value.of_object = value.of_object or text not in own
        if len(value.ids) < SHOWN_IDS:
            value.ids.append(row["source_record_id"])
        if own == [text] and row["rights_basis"] == "record":
            value.tiers.add(row["rights_tier"])
    return bool(own or described)


def _read(value: Value, source: Source) -> None:
    """Tier and words: as its rows have it, where they say nothing else, since names in a record help to read it."""
    hosts = frozenset(host for layer in source.layers for host in layer.hosts)
    lines = tuple(line for layer in source.layers if layer.evidenced for line in layer.statements)
    statement = recognise(value.text, Beside(frozenset({source.custodian}), hosts, None, lines))
    value.tier = worst(value.tiers) if value.tiers else statement.tier
    if value.tier in ("unknown", "review"):
        value.not_understood = _words(statement)
        value.line = f"{json.dumps(fold_statement(value.text), ensure_ascii=False)}: ID"


def _words(statement: Statement) -> tuple[str, ...]:
    return statement.unread or ((statement.problem,) if statement.problem else ())


def _beliefs(source: Source, slices: list[Slice]) -> Iterator[tuple[str, str]]:
    kinds: Counter[str] = Counter()
    for one in slices:
        kinds.update(one.layers)
    for tier, rows in sorted(count_beliefs(kinds, source.accepted_by_layer).items(), key=lambda found: -found[1]):
        yield f"{rows:,} rows are {tier}", line_for(source.rights, tier)
