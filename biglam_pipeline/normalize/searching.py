"""Which bundles of the raw shelf were looked through already? Noted by sixteen bytes each."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from biglam_pipeline.normalize.bundles import Bundles, Chain
from biglam_pipeline.normalize.large_files import numbers_rows
from biglam_pipeline.normalize.rows.measuring import Reading
from biglam_pipeline.normalize.slicing import BundleRef, Packaged
from biglam_pipeline.store.redaction import copy_name

_DIGEST = np.dtype("S16")


class Looked:
    """Bundles by what they are of: the same files, or stretches of them, lying in the same places."""

    def __init__(self) -> None:
        self._known = np.zeros(0, _DIGEST)

    def add(self, bundle_refs: Sequence[BundleRef]) -> None:
        """Notes these."""
        self._add(np.fromiter(map(_digest, _identities(bundle_refs)), _DIGEST, len(bundle_refs)))

    def fresh(self, bundle_refs: Sequence[BundleRef]) -> Chain:
        """Those that were not noted yet, noted from now on."""
        segments = bundle_refs.segments if isinstance(bundle_refs, Chain) else [bundle_refs]
        left, found = list[Sequence[BundleRef]](), [np.zeros(0, _DIGEST)]
        for one in segments:
            digests = np.fromiter(map(_digest, _identities(one)), _DIGEST, len(one))
            new = ~np.isin(digests, self._known)
            left.append(
                one.select(new) if isinstance(one, Bundles) else [one[at] for at in np.flatnonzero(new).tolist()]
            )
            found.append(digests[new])
        self._add(np.concatenate(found))
        return Chain(left)

    def _add(self, digests: npt.NDArray[np.bytes_]) -> None:
        self._known = np.unique(np.concatenate([self._known, digests]))


def leaves_out(reading: Reading) -> bool:
    """Whether raw may hold records by their names of which no slice has a row: `where` chooses others."""
    return reading.reader.where is not None and not numbers_rows(reading.reader)


def of_all(reading: Reading) -> Reading:
    """The same without `where`, as what is kept out is searched for."""
    if not leaves_out(reading):
        return reading
    return replace(reading, reader=reading.reader.model_copy(update={"where": None}))


def whole_and_cut(bundle_refs: Sequence[BundleRef]) -> tuple[Sequence[BundleRef], list[BundleRef]]:
    """The bundles of whole files, and those that are stretches of one."""
    segments = bundle_refs.segments if isinstance(bundle_refs, Chain) else [bundle_refs]
    packaged = [one for one in segments if isinstance(one, Packaged)]
    made = [one for segment in segments if not isinstance(segment, Packaged) for one in segment]
    whole = [one for one in made if one.stretch is None]
    return Chain([*packaged, whole]), [one for one in made if one.stretch is not None]


def holding(bundle_refs: Sequence[BundleRef], sha256s: frozenset[str]) -> Sequence[BundleRef]:
    """Those with a file that is, or is a member of, an object of one of these digests."""
    if isinstance(bundle_refs, Chain):
        return Chain([holding(one, sha256s) for one in bundle_refs.segments])
    if isinstance(bundle_refs, Bundles):
        return bundle_refs.holding(sha256s)
    return [one for one in bundle_refs if any(ref.held.sha256 in sha256s for ref in one.refs)]


def _identities(bundle_refs: Sequence[BundleRef]) -> Iterator[Iterable[str]]:
    if isinstance(bundle_refs, Chain):
        for segment in bundle_refs.segments:
            yield from _identities(segment)
    elif isinstance(bundle_refs, Bundles):
        yield from ((name, *(f"{copy}\x00{file}" for file, copy in files)) for name, files in bundle_refs.copies())
    else:
        yield from map(identity, bundle_refs)


def identity(bundle_ref: BundleRef) -> tuple[str, ...]:
    """The same files, or stretches of them, lying in the same places."""
    files = (f"{copy_name(ref.held)}\x00{ref.name}" for ref in bundle_ref.refs)
    return (
        bundle_ref.name,
        *files,
        *([str(bundle_ref.stretch.begins), bundle_ref.stretch.sha256] if bundle_ref.stretch else []),
    )


def _digest(one: Iterable[str]) -> bytes:
    return hashlib.sha256("\x01".join(one).encode()).digest()[:16]
