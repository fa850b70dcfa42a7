"""Bundles and slices: which files are read together, and which bundles make one unit of work.

A slice ends after a bundle whose name says so (a hash against its size), so that a bundle that is added, or gone,
moves only its neighbours. The slice is what is skipped when nothing in it changed, and what a killed run resumes at.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.stretching import measured, written
from biglam_pipeline.patterns import is_ignored
from biglam_pipeline.records import StoredObject
from biglam_pipeline.store.cuts import Stretch
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.redaction import NOTHING
from biglam_pipeline.store.surveys import note_of

SLICE_BYTES = 64 * 2**20
SMALLEST_SLICE_BYTES = 4 * 2**20
SLICES = 256
"""So many make up a source of ordinary size: one changed file in a hundred then costs about a hundredth."""
LARGEST_SLICE = 4 * SLICE_BYTES
"""A file above this is read as a stream; a slice of the ordinary size ends at no more."""


@dataclass(frozen=True, slots=True)
class FileRef:
    """One file as a reader will see it: an object of the raw shelf, or a member of one that is an archive."""

    name: str
    held: StoredObject
    member: str
    sha256: str
    size: int
    left: tuple[str, ...] = ()
    """sha256 of other bytes that are right too, those that a takedown left; NOTHING last where there are none."""
    known: Mapping[str, Any] | None = None
    """`Item.known`."""
    stretch: Stretch | None = None
    """Where the file is cut, what of it this is; then `size` and `known` are of this alone."""
    cut: str = ""
    """Where the file is cut, by which its stretches are found on the raw shelf."""
    before: str = ""
    """Digest of `Known.before`: what of earlier stretches decides how rows are numbered."""

    @property
    def is_gone(self) -> bool:
        """Whether nothing was left of it."""
        return self.left[-1:] == (NOTHING,)


@dataclass(frozen=True, slots=True)
class BundleRef:
    """One bundle before it is opened."""

    name: str
    refs: tuple[FileRef, ...]

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(ref.size for ref in self.refs)

    @property
    def harvest(self) -> int:
        """The visit that last brought one of its files."""
        return max(ref.held.harvest for ref in self.refs)

    @property
    def stretch(self) -> Stretch | None:
        """Of a file that is cut, what it is of it."""
        return self.refs[0].stretch if self.refs else None

    @property
    def shown(self) -> str:
        """What a person calls it."""
        return self.name if self.stretch is None else f"{self.name} from line {self.stretch.begins:,}"


def files_of(raw: RawShelf, objects: dict[str, StoredObject]) -> dict[str, FileRef]:
    """Every file of a harvest by name; members of archives stand in a folder named like the archive."""
    found: dict[str, FileRef] = {}
    for key, held in objects.items():
        if not held.archive:
            found[key] = FileRef(key, held, "", held.sha256, held.size)
            continue
        ignore = note_of(held).ignore
        for one in raw.surveys.members(held.sha256):
            name = f"{key}/{one.name}"
            if not is_ignored(ignore, name):
                found[name] = FileRef(name, held, one.name, one.sha256, one.size)
    return found


def bundles_of(
    reader: Reader, refs: dict[str, FileRef], groups: Mapping[str, list[str]] | None = None
) -> list[BundleRef]:
    """What the reader reads, bundle by bundle, in the order of the bundles' names.

    groups: the names of each bundle's files, where they do not follow from names alone.
    """
    if groups is None:
        groups = reader.bundles(sorted(refs))
    return [BundleRef(name, tuple(refs[one] for one in names)) for name, names in sorted(groups.items())]


def as_they_stand(raw: RawShelf, bundle_refs: Sequence[BundleRef]) -> tuple[BundleRef, ...]:
    """The same bundles, with what the raw shelf notes of their files: all that reading has to know of takedowns."""
    notes = raw.redactions
    if not notes.copies:
        return tuple(bundle_refs)

    def standing(ref: FileRef) -> FileRef:
        left, known = tuple(notes.left(ref.held, ref.member)), notes.known(ref.held, ref.member)
        if ref.stretch is None:
            return replace(ref, left=left, known=known)
        if not left:
            return ref
        return _stretch_as_it_stands(raw, ref, left, known or {})

    return tuple(BundleRef(bundle_ref.name, tuple(map(standing, bundle_ref.refs))) for bundle_ref in bundle_refs)


def _stretch_as_it_stands(raw: RawShelf, ref: FileRef, left: tuple[str, ...], known: Mapping[str, Any]) -> FileRef:
    """Where it lies now in what a takedown left of its file, with what is noted of its own lines."""
    assert ref.stretch is not None
    stretch, cut = ref.stretch, measured(raw, ref.held, ref.cut)
    if cut is not None:
        stretch = next(one for one in cut.stretches if one.begins == ref.stretch.begins)
    gone = {line: digest for line, digest in known.get("gone", {}).items() if int(line) in stretch.lines}
    return replace(ref, left=left, known={**(ref.known or {}), "gone": gone}, stretch=stretch, size=stretch.size)


def slice_bytes_for(size: int) -> int:
    """How large the slices of a source are of which so many bytes are read: kept from then on, so that none moves."""
    return min(max(size // SLICES, SMALLEST_SLICE_BYTES), SLICE_BYTES)


def slices_of(
    bundle_refs: Sequence[BundleRef], mode: str, slice_bytes: int = SLICE_BYTES
) -> Iterator[tuple[BundleRef, ...]]:
    """Cuts the bundles into slices of about `slice_bytes`, four times that at most and whole bundles at least.

    In `extend` mode a visit's bundles stay among themselves. A stretch of a large file is a slice."""
    waiting: list[BundleRef] = []
    size = 0
    for bundle_ref in bundle_refs:
        apart = bundle_ref.stretch is not None or (
            mode == "extend" and waiting and bundle_ref.harvest != waiting[-1].harvest
        )
        if waiting and apart:
            yield tuple(waiting)
            waiting, size = [], 0
        if bundle_ref.stretch is not None:
            yield (bundle_ref,)
            continue
        waiting.append(bundle_ref)
        size += bundle_ref.size
        share = int.from_bytes(hashlib.sha256(bundle_ref.name.encode()).digest()[:8]) / 2**64
        if share < bundle_ref.size / slice_bytes or size >= 4 * slice_bytes:
            yield tuple(waiting)
            waiting, size = [], 0
    if waiting:
        yield tuple(waiting)


def bundle_digest(bundle_ref: BundleRef) -> str:
    """Digest of one bundle as it came: its files' names and bytes; of a stretch, that of its whole file."""
    reported = "\x01".join([bundle_ref.name, *(f"{ref.name}\x00{ref.sha256}" for ref in bundle_ref.refs)])
    return hashlib.sha256(reported.encode()).hexdigest()[:32]


def slice_key(bundle_refs: Sequence[BundleRef], settings: str) -> str:
    """Digest of the files' names and bytes and of the settings they are read with.

    A protocol that extends names its objects after the visit, so a later visit's page is another page; and the
    slices of a first, full visit stay what they are when later ones are laid over it.
    """
    digest = hashlib.sha256(settings.encode())
    for bundle_ref in bundle_refs:
        digest.update(f"\x01{bundle_ref.name}".encode())
        for ref in bundle_ref.refs:
            said = (ref.sha256,) if ref.stretch is None else written(ref.stretch, ref.known or {}, ref.before)
            digest.update("\x00".join(["", ref.name, *said]).encode())
    return digest.hexdigest()[:32]
