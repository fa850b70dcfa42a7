"""Which files does each READ of a source take, and under which name is a bundle noted that several of them read?"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator

import numpy as np

from biglam_pipeline.normalize.bundles import Bundles
from biglam_pipeline.normalize.files import Files
from biglam_pipeline.normalize.gathering import bundles_among
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.rows.measuring import Reading
from biglam_pipeline.normalize.slicing import BundleRef, bundle_digest
from biglam_pipeline.patterns import choose
from biglam_pipeline.store.raw import RawShelf


def named_by(reader: Reader) -> Iterator[tuple[str, ...]]:
    """The patterns of all files that a READ names: its own, its pictures, and what it joins."""
    if reader.files is not None:
        yield reader.files
    if reader.pictures is not None:
        yield reader.pictures.files
    for join in reader.joins.values():
        if not join.is_linked:
            yield from named_by(join.read)


def left_for(reader: Reader, names: Iterable[str], beside: Collection[tuple[str, ...]]) -> Iterator[str]:
    """The files that a READ may take: all, where it says which; else what no other names, and its own pictures.

    beside: the patterns that the other READs of the source name.
    """
    return filter(_may_take(reader, beside), names)


def _may_take(reader: Reader, beside: Collection[tuple[str, ...]]) -> Callable[[str], bool]:
    mine = list(named_by(reader))
    return lambda name: reader.files is not None or not is_named(name, beside) or is_named(name, mine)


def is_named(name: str, patterns: Iterable[tuple[str, ...]]) -> bool:
    """Whether a file is among those that some of these patterns choose."""
    return any(choose(one, name) is not None for one in patterns)


def is_shared(reading: Reading, name: str) -> bool:
    """Whether another READ makes, or may make, something of a file that this one reads."""
    if is_named(name, reading.beside):
        return True
    return not is_named(name, named_by(reading.reader)) and any(other.takes(name) for other in reading.at_large)


def bundles_for(reading: Reading, raw: RawShelf, files: Files) -> Bundles:
    """What one READ reads of these files, bundle by bundle, in the order of the bundles' names."""
    if not reading.beside:
        return bundles_among(raw, reading.reader, files)
    may_take = _may_take(reading.reader, reading.beside)
    left = np.fromiter((number for number, name in enumerate(files) if may_take(name)), np.int64)
    return bundles_among(raw, reading.reader, files, left)


def noted_as(reading: Reading, bundle_ref: BundleRef) -> str:
    """Under what a takedown notes what it took out of a bundle: another READ reads other records of the same files."""
    digest = bundle_digest(bundle_ref)
    return hashlib.sha256(f"{digest} {reading.section}".encode()).hexdigest()[:32] if reading.section else digest
