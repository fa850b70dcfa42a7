"""What else is made of what a takedown takes out of raw files? Found by reading them as they are, and as they will be.

A page that goes takes along the articles that other READs make of it. Nothing of a format is known here: a row goes
along that is read of the files as they are, and of what will be left is not, or without any text; one that is read
otherwise loses something, and stays.
"""

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from biglam_pipeline.columns import IMAGE_FEATURE
from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize.claims import noted_as
from biglam_pipeline.normalize.opening import open_standing
from biglam_pipeline.normalize.rows.measuring import Reading, measure
from biglam_pipeline.normalize.slicing import BundleRef, as_they_stand
from biglam_pipeline.records import Bundle, Item, Record
from biglam_pipeline.store import disk
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.redaction import copy_name
from biglam_pipeline.takedown.narrow import encode_note, without_content
from biglam_pipeline.takedown.replacing import Change
from biglam_pipeline.takedown.suppression import Suppression

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Searched:
    """What one READ of the source makes of it."""

    reading: Reading
    slices: Mapping[str, tuple[int, Sequence[BundleRef]]]
    """Key of a slice -> how many records of it are taken down, and its bundles."""


@dataclass(slots=True)
class Along:
    """Rows that are made of what goes, and were not asked for."""

    gone: dict[str, None] = field(default_factory=dict)
    """Ids of those of which nothing is left: they go along."""
    loses: dict[str, None] = field(default_factory=dict)
    """Ids of those that stay, with less."""
    left: list[str] = field(default_factory=list)
    """What could not be found out, in sentences."""


class Neighbours:
    """Who reads a file: the bundles of today, by the files in them."""

    def __init__(self, reads: Sequence[Searched], copies: set[str]) -> None:
        """copies: of these objects alone, of which something goes."""
        self._of: dict[tuple[str, str], list[tuple[int, BundleRef]]] = {}
        self._readings = [one.reading for one in reads]
        for number, read in enumerate(reads if copies else ()):
            for bundle_ref in (one for _, bundle_refs in read.slices.values() for one in bundle_refs):
                for ref in bundle_ref.refs:
                    if copy_name(ref.held) in copies:
                        self._of.setdefault((copy_name(ref.held), ref.member), []).append((number, bundle_ref))

    def of(self, changes: Mapping[str, Change], mine: Reading) -> Iterator[tuple[Reading, BundleRef]]:
        """What other READs make of these files, bundle by bundle; and what `mine` does, where its rows overlap.

        A file that is cut is read by one READ alone, and no two rows of it are made of one record.
        """
        found: dict[tuple[int, str], tuple[Reading, BundleRef]] = {}
        for name, change in changes.items():
            for member in change.left if not change.stretches else ():
                for number, bundle_ref in self._of.get((name, member), ()):
                    reading = self._readings[number]
                    if reading is not mine or mine.reader.overlaps:
                        found[number, bundle_ref.name] = reading, bundle_ref
        yield from found.values()


def look_along(
    raw: RawShelf, neighbours: Neighbours, changes: Mapping[str, Change], mine: Reading, out: Suppression, along: Along
) -> None:
    """Notes what goes along, before anything is replaced: it goes on counting, and its slices are read again.

    changes: what will be left of objects; mine: the READ whose records go.
    """
    for reading, bundle_ref in neighbours.of(changes, mine):
        touched = [changes[name] for ref in bundle_ref.refs if (name := copy_name(ref.held)) in changes]
        because = sorted({name for change in touched for name in change.ids})
        differs, standing = reading is not mine, as_they_stand(raw, [bundle_ref])
        for bundle in open_standing(raw, standing):
            try:
                for record, item in _differing(reading, bundle, standing[0], changes):
                    differs, name = True, reading.rows.id_of(record.source_record_id)
                    if item is None and not out.ledger.keeps_out(name):
                        along.loses[name] = None
                    elif item is not None:
                        _note(raw, reading, bundle_ref, (record, item), because, out, along)
            except SourceChanged as why:
                along.left.append(f"what else is made of {bundle_ref.name} could not be found out: {why}")
                log.warning("%s: %s", reading.source, along.left[-1])
        if differs:
            raw.redactions.again.add(noted_as(reading, bundle_ref))


def _note(
    raw: RawShelf,
    reading: Reading,
    bundle_ref: BundleRef,
    found: tuple[Record, Item],
    because: Sequence[str],
    out: Suppression,
    along: Along,
) -> None:
    """A row that goes along; nothing of one that is kept out itself: it was found, and noted as what it is."""
    record, item = found
    name, index = reading.rows.id_of(record.source_record_id), measure(reading, record, item.retrieved_at.date()).index
    if out.holds(name, index["copy_key"]):
        return
    along.gone[name] = None
    shown = out.take_along(name, because)
    notes = raw.redactions.bundles.setdefault(noted_as(reading, bundle_ref), [])
    notes[:] = [note for note in notes if note["id"] != shown]
    notes.append(encode_note(without_content(index, shown), went_with=because))


def _differing(
    reading: Reading, bundle: Bundle, standing: BundleRef, changes: Mapping[str, Change]
) -> Iterator[tuple[Record, Item | None]]:
    """The records that differ, each with its file where nothing is left of it, and None where something is.

    About 150 bytes of memory a record of the bundle.
    """
    items = {item.name: item for item in bundle.items}
    left = {_key(one): _seen(one) for one in _records(reading, _as_left(bundle, standing, changes))}
    for record in _records(reading, bundle):
        before, after = _seen(record), left.get(_key(record))
        if after is None or (before[1] and not after[1]):
            yield record, items[record.item]
        elif before != after:
            yield record, None


def _as_left(bundle: Bundle, standing: BundleRef, changes: Mapping[str, Change]) -> Bundle:
    refs, items = {ref.name: ref for ref in standing.refs}, []
    for item in bundle.items:
        ref = refs[item.name]
        change = changes.get(copy_name(ref.held))
        if change is None or ref.member not in change.left:
            items.append(item)
        elif (path := change.left[ref.member]) is not None:
            known = change.known.get(ref.member, item.known)
            items.append(replace(item, open=partial(disk.open_file, path), known=known))
    return replace(bundle, items=tuple(items))


def _records(reading: Reading, bundle: Bundle) -> Iterator[Record]:
    return (one for one in (reading.read(bundle) if bundle.items else ()) if isinstance(one, Record))


def _key(record: Record) -> bytes:
    return hashlib.sha256(record.source_record_id.encode("utf-8", "surrogatepass")).digest()[:12]


def _seen(record: Record) -> tuple[bytes, bool]:
    """What it holds, as a digest, and whether it has a text. A picture is known by its sha256."""
    values = {name: value for name, value in record.values.items() if name != IMAGE_FEATURE}
    held = repr((values, record.extra, record.config)).encode("utf-8", "surrogatepass")
    return hashlib.sha256(held).digest()[:12], bool(record.values.get("text"))
