"""Bundles and slices: which files are read together, and which bundles make one unit of work.

A slice ends after a bundle whose name says so (a hash against its size), so that a bundle that is added, or gone,
moves only its neighbours. The slice is what is skipped when nothing in it changed, and what a killed run resumes at.
"""

import hashlib
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, overload

from biglam_pipeline.normalize.stretching import measured, written
from biglam_pipeline.records import StoredObject
from biglam_pipeline.store.cuts import Stretch
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.redaction import NOTHING

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
        return self.name if self.stretch is None else f"{self.name} from no. {self.stretch.begins:,}"


class Sketch(NamedTuple):
    """As much of a bundle as decides where slices end."""

    name: str
    size: int
    harvest: int
    is_stretch: bool = False


class Packaged(Sequence[BundleRef]):
    """Bundles of which none is there until it is asked for: what is asked of many of them is answered by columns."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Bytes of all of them."""

    @abstractmethod
    def sketches(self) -> Iterator[Sketch]:
        """What decides where slices end, in order."""

    @abstractmethod
    def said(self) -> Iterator[tuple[str, Iterable[tuple[str, ...]]]]:
        """What a slice's key says of each: its name, and of each of its files the name and what tells its bytes."""


def size_of(bundle_refs: Sequence[BundleRef]) -> int:
    """Bytes of all of them."""
    return bundle_refs.size if isinstance(bundle_refs, Packaged) else sum(one.size for one in bundle_refs)


def sketches_of(bundle_refs: Sequence[BundleRef]) -> Iterator[Sketch]:
    """See `Packaged.sketches`."""
    if isinstance(bundle_refs, Packaged):
        return bundle_refs.sketches()
    return (Sketch(one.name, one.size, one.harvest, one.stretch is not None) for one in bundle_refs)


def said_of(bundle_refs: Sequence[BundleRef]) -> Iterator[tuple[str, Iterable[tuple[str, ...]]]]:
    """See `Packaged.said`."""
    return bundle_refs.said() if isinstance(bundle_refs, Packaged) else ((one.name, _said(one)) for one in bundle_refs)


def _said(bundle_ref: BundleRef) -> Iterator[tuple[str, ...]]:
    for ref in bundle_ref.refs:
        told = (ref.sha256,) if ref.stretch is None else written(ref.stretch, ref.known or {}, ref.before)
        yield ref.name, *told


class Mapped(Packaged):
    """The same bundles, each altered as it is asked for."""

    def __init__(self, bundle_refs: Sequence[BundleRef], altered: Callable[[BundleRef], BundleRef]) -> None:
        self._bundle_refs, self._altered = bundle_refs, altered

    def __len__(self) -> int:
        return len(self._bundle_refs)

    def __iter__(self) -> Iterator[BundleRef]:
        return map(self._altered, self._bundle_refs)

    @overload
    def __getitem__(self, which: int) -> BundleRef: ...
    @overload
    def __getitem__(self, which: slice) -> Sequence[BundleRef]: ...
    def __getitem__(self, which: int | slice) -> BundleRef | Sequence[BundleRef]:
        found = self._bundle_refs[which]
        return self._altered(found) if isinstance(found, BundleRef) else Mapped(found, self._altered)

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (list(self),)

    @property
    def size(self) -> int:
        return size_of(self._bundle_refs)

    def sketches(self) -> Iterator[Sketch]:
        return sketches_of(tuple(self))

    def said(self) -> Iterator[tuple[str, Iterable[tuple[str, ...]]]]:
        return said_of(tuple(self))


def as_they_stand(raw: RawShelf, bundle_refs: Sequence[BundleRef]) -> Sequence[BundleRef]:
    """The same bundles, with what the raw shelf notes of their files: all that reading has to know of takedowns."""
    notes = raw.redactions
    if not notes.copies:
        return bundle_refs

    def standing(ref: FileRef) -> FileRef:
        left, known = tuple(notes.left(ref.held, ref.member)), notes.known(ref.held, ref.member)
        if ref.stretch is None:
            return replace(ref, left=left, known=known)
        if not left:
            return ref
        return _stretch_as_it_stands(raw, ref, left, known or {})

    return Mapped(bundle_refs, lambda one: BundleRef(one.name, tuple(map(standing, one.refs))))


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
) -> Iterator[Sequence[BundleRef]]:
    """Cuts the bundles into slices of about `slice_bytes`, four times that at most and whole bundles at least.

    In `extend` mode a visit's bundles stay among themselves. A stretch of a large file is a slice."""
    bundle_refs = bundle_refs if isinstance(bundle_refs, Packaged) else tuple(bundle_refs)
    begin = size = before = 0
    for at, one in enumerate(sketches_of(bundle_refs)):
        if at > begin and (one.is_stretch or (mode == "extend" and one.harvest != before)):
            yield bundle_refs[begin:at]
            begin, size = at, 0
        size += one.size
        before = one.harvest
        share = int.from_bytes(hashlib.sha256(one.name.encode()).digest()[:8]) / 2**64
        if one.is_stretch or share < one.size / slice_bytes or size >= 4 * slice_bytes:
            yield bundle_refs[begin : at + 1]
            begin, size = at + 1, 0
    if begin < len(bundle_refs):
        yield bundle_refs[begin:]


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
    for name, files in said_of(bundle_refs):
        digest.update(f"\x01{name}".encode())
        for one in files:
            digest.update("\x00".join(["", *one]).encode())
    return digest.hexdigest()[:32]
