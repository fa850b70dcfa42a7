"""What archives on the raw shelf hold, as a look into each has found: members, and what cannot be had."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from biglam_pipeline.records import LeftOut, Member, StoredObject, Survey
from biglam_pipeline.store.reading import packed, read_batches, read_schema
from biglam_pipeline.store.shelf import Shelf

_MEMBERS = pa.schema(
    [
        ("name", pa.string()),
        ("size", pa.int64()),
        ("sha256", pa.string()),
        ("reason", pa.string()),
        ("detail", pa.string()),
    ]
)
"""Of what was left out, the reason is not empty, and there are no bytes."""
_TOGETHER = 8192
_HOW, _COUNTS = b"biglam.survey", b"biglam.counts"


@dataclass(frozen=True, slots=True)
class Note:
    """How one archive of a harvest was looked into, kept beside it: `StoredObject.survey` is this as JSON."""

    version: int = 0
    """The surveyor's."""
    names: str = ""
    """The encoding of members' names that do not say theirs."""
    ignore: tuple[str, ...] = ()
    """Patterns of members that are left out on purpose."""
    later: bool = False
    """Whether later members replaced earlier ones of their name."""
    counts: dict[str, int] = field(default_factory=dict)
    """What became of the members that cannot be read, by the words of `Harvest.left_out`."""

    def written(self) -> str:
        """As it is kept."""
        return json.dumps(asdict(self), ensure_ascii=False)


def note_of(held: StoredObject) -> Note:
    """The note of an archive; of one that has none, as an older shelf has, what it says by being silent."""
    data = json.loads(held.survey) if held.survey else {}
    return Note(**{**data, "ignore": tuple(data.get("ignore", ()))})


class Surveys:
    """The surveys of one raw shelf, by the digest of the archive."""

    def __init__(self, shelf: Shelf) -> None:
        """shelf: that of the raw objects."""
        self._shelf = shelf

    def known(self) -> set[str]:
        """sha256 of the archives that were surveyed."""
        return {name.removeprefix("members/").removesuffix(".parquet") for name in self._shelf.list("members/")}

    def members(self, sha256: str) -> Iterator[pa.Table]:
        """What can be read of an archive, some thousands of names, sizes and digests at a time: there may be a million.

        ShelfDamaged where it was not surveyed: its rows must not go in silence.
        """
        if not self._shelf.exists(_name(sha256)):
            raise self._shelf.gone(_name(sha256))
        return (table.filter(pc.equal(table["reason"], "")) for table in self._tables(sha256))

    def find(self, sha256: str, version: int, names: str) -> Survey | None:
        """Everything that is known of an archive; None where it was not surveyed in this way.

        version: the surveyor's; names: the encoding of members' names that do not say theirs, or "".
        """
        notes = self._notes(sha256)
        if notes.get(_HOW) != f"{version}:{names}".encode():
            return None
        lost = (table.filter(pc.not_equal(table["reason"], "")) for table in self._tables(sha256))
        left_out = [LeftOut(one["name"], one["reason"], one["detail"]) for table in lost for one in table.to_pylist()]
        rows = (row for table in self.members(sha256) for row in table.select(["name", "size", "sha256"]).to_pylist())
        return Survey(tuple(Member(**row) for row in rows), tuple(left_out), json.loads(notes[_COUNTS]))

    def names(self, sha256: str) -> str:
        """The encoding with which an archive was surveyed last; "" where none was said."""
        return self._notes(sha256).get(_HOW, b"").decode().partition(":")[2]

    def keep(self, sha256: str, survey: Survey, version: int, names: str) -> None:
        """Shelves what a look into an archive found, in the place of what an older one did."""
        rows: list[dict[str, Any]] = [asdict(one) | {"reason": "", "detail": ""} for one in survey.members]
        rows += [asdict(one) | {"size": 0, "sha256": ""} for one in survey.left_out]
        notes = {_HOW: f"{version}:{names}".encode(), _COUNTS: json.dumps(survey.counts).encode()}
        self._shelf.put(_name(sha256), packed(pa.Table.from_pylist(rows, _MEMBERS.with_metadata(notes))))

    def _notes(self, sha256: str) -> dict[bytes, bytes]:
        there = self._shelf.exists(_name(sha256))
        return (read_schema(self._shelf, _name(sha256)).metadata or {}) if there else {}

    def _tables(self, sha256: str) -> Iterator[pa.Table]:
        for table in read_batches(self._shelf, _name(sha256), schema=_MEMBERS, rows=_TOGETHER):
            if "reason" in table.column_names:
                yield table
            else:  # of an older shelf, which lists members alone
                yield table.append_column("reason", pa.array([""] * len(table)))


def _name(sha256: str) -> str:
    return f"members/{sha256}.parquet"
