"""What do rows of other files say of a row? Indexed once a run, looked up by key, and noted by the slice that asked.

A slice's note keeps the keys that it looked up, also those that nothing was found for, and what they gave. The next
night the same look-ups say whether the slice must be read again: one added line of an inventory re-reads one slice.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.links import Link
from biglam_pipeline.normalize.bundles import Chain
from biglam_pipeline.normalize.files import Files, linked_files
from biglam_pipeline.normalize.gathering import bundles_among
from biglam_pipeline.normalize.mapping.columns import said_through
from biglam_pipeline.normalize.mapping.each import why_nothing
from biglam_pipeline.normalize.mapping.join_counts import Joined
from biglam_pipeline.normalize.mapping.joining import Join, Key, key_of
from biglam_pipeline.normalize.mapping.linking import IMAGE
from biglam_pipeline.normalize.mapping.paths import STANDS, JoinedRow, RecordContext
from biglam_pipeline.normalize.mapping.references import joined_references
from biglam_pipeline.normalize.mapping.values import Value
from biglam_pipeline.normalize.mapping.verb import Reasons
from biglam_pipeline.normalize.opening import open_slice
from biglam_pipeline.normalize.pictures_shelved import PicturesShelved, read_picture
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.rows.measuring import Reading
from biglam_pipeline.normalize.rows.rights_of import KEPT, with_labels, with_unsaid
from biglam_pipeline.normalize.slicing import BundleRef, bundle_digest, slices_of
from biglam_pipeline.normalize.walking import Met
from biglam_pipeline.records import Item, Reject
from biglam_pipeline.store.lookup_index import LookupIndex
from biglam_pipeline.store.raw import RawShelf

log = logging.getLogger(__name__)

_VERSION = 6
"""Raised when the same files would answer otherwise: the slices whose answers change are then read again."""


@dataclass(slots=True)
class Lookups:
    """The joined tables of one reader. What pickles is `for_a_slice`."""

    digest: str = ""
    """Of all files that are joined, as takedowns left them: while it stays, every look-up gives what it gave."""
    bundle_refs: Sequence[BundleRef] = ()
    """The bundles of these files."""
    tables: dict[str, LookupIndex] = field(default_factory=dict)
    build: partial[dict[str, LookupIndex]] | None = None
    """Makes the tables; not asked on a night that looks nothing up."""
    joined: dict[str, Joined] = field(default_factory=dict)
    """What came of each table while it was made, nested ones behind a dot; empty before."""
    asked: dict[str, str] = field(default_factory=dict)
    """`name key` that was looked up -> digest of what it gave, or nothing for a miss."""
    raw: RawShelf | None = None
    """It has the pictures that rows point to."""
    around: str = ""
    """The names of `with` around these, with a dot behind each."""
    met: dict[str, Link] | None = None
    """By key the links of the records that were read, where somebody asks for them."""
    opens: bool = True
    """Whether pictures are opened; not where only their addresses are asked for."""

    def find(self, name: str, key: Key) -> list[JoinedRow]:
        """The rows that have this key under this name in `with`, in their order."""
        digest = _digest(key)
        rows = self._rows(name, digest)
        self.asked[f"{name} {digest.hex()}"] = _gave(rows)
        return [orjson.loads(row) for row in rows]

    def note(self, link: Link) -> None:
        """A record points to it."""
        if self.met is not None:
            self.met[link.key] = link

    def follow(self, link: Link) -> tuple[int, Item | None] | None:
        """What came from a link, and its status; None where nothing is shelved of it."""
        self.note(link)
        if not self.opens:
            return None
        for row in self.find(link.name, (link.key,)):
            assert self.raw is not None
            return read_picture(self.raw, row["held"][0])
        return None

    def gives_now(self, asked: Iterable[str]) -> dict[str, str]:
        """The same look-ups once more: what each of them gives today."""
        pairs = ((one, one.rpartition(" ")) for one in asked)
        return {one: _gave(self._rows(name, bytes.fromhex(key))) for one, (name, _, key) in pairs}

    def prepared(self) -> "Lookups":
        """With its tables made."""
        if self.build is not None:
            self.tables, self.build = self.build(), None
        return self

    def for_a_slice(self) -> "Lookups":
        """The same tables for one slice, which may be read by another process, and asks for itself."""
        return Lookups(self.digest, tables=self.prepared().tables, raw=self.raw and RawShelf(self.raw.shelf))

    def _rows(self, name: str, digest: bytes) -> list[bytes]:
        table = self.prepared().tables.get(name)
        return table.find(digest) if table is not None else []

    def close(self) -> None:
        """Closes the tables."""
        for table in self.tables.values():
            table.close()


def _digest(key: Key) -> bytes:
    return hashlib.sha256(orjson.dumps(key)).digest()[:16]


def _gave(rows: Sequence[bytes]) -> str:
    return hashlib.sha256(b"\0".join(rows)).hexdigest()[:16] if rows else ""


@contextmanager
def joining(
    reading: Reading, raw: RawShelf, files: Files, met: dict[str, Link] | None = None
) -> Iterator[tuple[Reading, Lookups | None]]:
    """The same reading, with what its rows are joined with; None where nothing is. met: see Lookups."""
    with raw.shelf.scratch() as folder:
        lookups = open_lookups(reading.reader, reading.also, raw, files, folder, met=met)
        try:
            yield replace(reading, finds=lookups), lookups
        finally:
            if lookups is not None:
                lookups.close()


def not_searched(reader: Reader, source: str, rows_of: Callable[[Reader], bool]) -> Iterator[str]:
    """What a takedown does not reach, said on each night on which it names somebody: the rows of joined files.

    rows_of: whether a READ makes rows of what another one reads: then those that are taken down are gone from it.
    """
    for name, join in reader.joins.items():
        if join.is_linked:  # what a row points to goes with it
            yield from not_searched(join.read, source, rows_of)
            continue
        files = ", ".join(join.read.files or ())
        searched = "was searched for its own rows alone" if rows_of(join.read) else "was not searched"
        said = "its other lines are" if rows_of(join.read) else "what other rows take from there is"
        yield (
            f"what `with: {name}` joins ({files}) {searched}, and may say something of a record that was taken "
            f"down: its own row is kept out of all that is made, and {said} not. Look whether it does; if so, ask the "
            f"custodian for a file without it, and run `biglam run {source}`"
        )
        yield from not_searched(join.read, source, rows_of)


# --- making the tables --------------------------------------------------------------------------------------


def open_lookups(
    reader: Reader,
    also: Mapping[str, Value],
    raw: RawShelf,
    files: Files,
    folder: Path,
    *,
    closes: bool = False,
    around: str = "",
    met: dict[str, Link] | None = None,
) -> Lookups | None:
    """The joined tables of a reader, of these files; None where it joins none.

    also: more columns to read, those of rights; folder: scratch for as long as they are used; closes: whether a line
    that cannot be read might have closed a row. Looking up raises SourceChanged then, and where a key that may come
    once comes again, or a table has not what the entry names. around, met: see Lookups.
    """
    joins = reader.joins
    if not joins and not reader.linked_picture:
        return None
    bundle_refs = {name: _bundles_of(raw, f"{around}{name}", join, files) for name, join in joins.items()}
    asked = _asked(joins, [*reader.mapped_values, *also.values()])
    of_rights, closing = (set(joins), set(joins)) if closes else _that_close(reader, also)
    digest, all_piles, inner = hashlib.sha256(), list[Sequence[BundleRef]](), dict[str, Lookups | None]()
    for name, join in joins.items():
        beside: dict[str, Any] = {"closes": name in of_rights, "around": f"{around}{name}.", "met": met}
        inner[name] = nested = open_lookups(join.read, asked[name], raw, files, folder / name, **beside)
        digest.update(f"{_VERSION} {name} {join.read.type} {join.read.version}".encode())
        digest.update("".join(map(bundle_digest, bundle_refs[name])).encode())
        digest.update("".join(_left(raw, bundle_refs[name])).encode())
        digest.update(nested.digest.encode() if nested else b"")
        if not join.is_linked:
            all_piles.append(bundle_refs[name])
        all_piles += [nested.bundle_refs] if nested else []
    found = dict[str, Joined]()
    pictures = PicturesShelved(files.listing) if reader.linked_picture else None
    digest.update(pictures.digest if pictures else b"")
    build = partial(_tables, raw, joins, asked, bundle_refs, inner, folder, frozenset(closing), found, pictures)
    key, piles = digest.hexdigest()[:16], Chain(all_piles)
    return Lookups(key, piles, build=build, joined=found, raw=raw, around=around, met=met, opens=met is None)


def _bundles_of(raw: RawShelf, name: str, join: Join, files: Files) -> Sequence[BundleRef]:
    """The files that are joined. Of links there may be none: all are dead, or nobody has asked yet."""
    if join.is_linked:
        return bundles_among(raw, join.read, linked_files(files.listing, name))
    found = bundles_among(raw, join.read, files)
    if not found:
        patterns = ", ".join(join.read.files or ())
        hint = "harvest it too, or correct `files`; else every row would lose what it says"
        raise SourceChanged(f"`with: {name}`: no file came that ends like {patterns}; {hint}")
    return found


def _left(raw: RawShelf, bundle_refs: Sequence[BundleRef]) -> Iterator[str]:
    """sha256 of what takedowns left of these files: what a READ makes rows of may be what others are joined with."""
    notes = raw.redactions
    refs = (ref for bundle_ref in bundle_refs for ref in bundle_ref.refs) if notes.copies else ()
    return (left[-1] for ref in refs if (left := notes.left(ref.held, ref.member)))


def _that_close(reader: Reader, also: Mapping[str, Value]) -> tuple[set[str], set[str]]:
    """The joins that rights are read from; and those of them of which a lost line might leave a row open.

    `from: $NAME.COLUMN` of one line has no statement without it, and the row stays withheld; of several, or where the
    column stands beside what the record says itself, another may say that it is open.
    """
    asked = {name for name, _ in joined_references(also.values())}
    mapped = (value for column, value in reader.map.values.items() if column in KEPT)
    beside = {name for name, _ in joined_references(mapped)}
    return asked | beside, beside | {name for name in asked if reader.joins[name].many}


def _might_have_closed(name: str, lost: Reject) -> str:
    where = f"`with: {name}`: {lost.item} {lost.position}".rstrip()
    hint = "correct the file, or leave out `many` where one line says it, and write rights: {from: $NAME.COLUMN}"
    return f"{where} cannot be read ({lost.detail}), and might close a row that another statement opens; {hint}"


def _asked(joins: Mapping[str, Join], values: Iterable[Value]) -> dict[str, dict[str, Value]]:
    """Of each join the columns that somebody reads, and where they stand in its records."""
    asked: dict[str, dict[str, Value]] = {name: {} for name in joins}
    for name, column in sorted(set(joined_references(values))):
        value = joins[name].column(column)
        assert value is not None  # the entry was refused otherwise
        asked[name][column] = value
    return asked


def _tables(
    raw: RawShelf,
    joins: Mapping[str, Join],
    asked: Mapping[str, Mapping[str, Value]],
    bundle_refs: Mapping[str, Sequence[BundleRef]],
    inner: Mapping[str, Lookups | None],
    folder: Path,
    closing: frozenset[str],
    found: dict[str, Joined],
    pictures: PicturesShelved | None,
) -> dict[str, LookupIndex]:
    made = {}
    if pictures is not None:
        made[IMAGE] = LookupIndex.build(
            folder / f"{IMAGE}.lookups", ((_digest((key,)), row, key) for key, row in pictures.rows())
        )
    for name, join in joins.items():
        found[name] = Joined()
        rows = _rows_of(
            raw, name, join, asked[name], bundle_refs[name], inner[name], found[name], closes=name in closing
        )
        table = made[name] = LookupIndex.build(folder / f"{name}.lookups", rows)
        nested = inner[name]
        if nested is not None:
            nested.close()
            found |= {f"{name}.{one}": its for one, its in nested.joined.items()}
        if not join.many and (places := table.repeated()):
            detail = f"{' and '.join(places)} have the same key; write `many: true`, or name more in `by`, or narrow "
            raise SourceChanged(f"`with: {name}`: {detail}`files` or `where`")
    return made


def _rows_of(
    raw: RawShelf,
    name: str,
    join: Join,
    asked: Mapping[str, Value],
    bundle_refs: Sequence[BundleRef],
    inner: Lookups | None,
    joined: Joined,
    *,
    closes: bool,
) -> Iterator[tuple[bytes, bytes, str]]:
    """Key, what is asked of the row, and where it stands; what has no key is found by nobody."""
    for chunk in slices_of(bundle_refs, "replace"):
        for bundle in open_slice(raw, chunk):
            for met in join.read.met(bundle, {**asked, **_numbered(join.by.theirs)}, inner):
                if isinstance(met, Met):
                    key = key_of(join.by.theirs, met.context)
                    joined.counts["rows" if key else "rows without a key"] += 1
                    if key:
                        yield (
                            _digest(key),
                            orjson.dumps(_row(join, asked, met.context)),
                            f"{met.item.name} {met.place}".rstrip(),
                        )
                    continue
                joined.hear(met)
                if closes and isinstance(met, Reject):
                    raise SourceChanged(_might_have_closed(name, met))
    log.info("joined with %s: %s", name, joined)
    for one in joined.examples:
        log.warning("joined with %s: %s", name, one)
    # Cut off behind its header, most often: all rows would lose what it says, in silence.
    if not joined.counts["rows"] and not join.is_linked and not any(True for _ in _left(raw, bundle_refs)):
        files = ", ".join(sorted(ref.name for bundle in bundle_refs for ref in bundle.refs)[:3])
        hint = "look at the file; correct `by` or `where`, or leave the join out of the entry"
        raise SourceChanged(f"`with: {name}`: {files}: {joined}, so that no row would find anything; {hint}")


def _row(join: Join, asked: Mapping[str, Value], context: RecordContext) -> JoinedRow:
    """What is asked of the record. What limits its use goes with it, whatever the steps of its own `map` made of it."""
    row: JoinedRow = {}
    for column, value in asked.items():
        reasons: Reasons = []
        row[column] = value.read(context, reasons)
        row |= why_nothing(column, reasons)
        mapped = join.read.map.extra.get(column, join.read.map.values.get(column, value))
        stands = [*said_through(join.read.map, mapped, context)]
        if stands != row[column] and (kept := [one for one in stands if with_labels(with_unsaid(None, [one]), [one])]):
            row[f"{column}{STANDS}"] = kept
    return row


def _numbered(values: Sequence[Value]) -> dict[str, Value]:
    """The key's values among those that are read, under names that no column has."""
    return {f"by {number}": value for number, value in enumerate(values)}
