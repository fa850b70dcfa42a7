"""Which files does each READ of a source take, and under which name is a bundle noted that several of them read?"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping

from biglam_pipeline.normalize.gathering import bundles_among
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.rows.measuring import Reading
from biglam_pipeline.normalize.slicing import BundleRef, FileRef, bundle_digest
from biglam_pipeline.patterns import choose
from biglam_pipeline.store.raw import RawShelf


def named_by(reader: Reader) -> Iterator[tuple[str, ...]]:
    """The patterns of all files that a READ names: its own, its pictures, and what it joins."""
    if reader.files is not None:
        yield reader.files
    if reader.pictures is not None:
        yield reader.pictures.files
    for join in reader.joins.values():
        yield from named_by(join.read)


def left_for(reader: Reader, names: Iterable[str], beside: Collection[tuple[str, ...]]) -> Iterator[str]:
    """The files that a READ may take: all, where it says which; else what no other names, and its own pictures.

    beside: the patterns that the other READs of the source name.
    """
    mine = list(named_by(reader))
    for name in names:
        if reader.files is not None or not is_named(name, beside) or is_named(name, mine):
            yield name


def is_named(name: str, patterns: Iterable[tuple[str, ...]]) -> bool:
    """Whether a file is among those that some of these patterns choose."""
    return any(choose(one, name) is not None for one in patterns)


def bundles_for(reading: Reading, raw: RawShelf, refs: Mapping[str, FileRef]) -> list[BundleRef]:
    """What one READ reads of these files, bundle by bundle, in the order of the bundles' names."""
    left = left_for(reading.reader, refs, reading.beside) if reading.beside else refs
    return bundles_among(raw, reading.reader, {name: refs[name] for name in left})


def noted_as(reading: Reading, bundle_ref: BundleRef) -> str:
    """Under what a takedown notes what it took out of a bundle: another READ reads other records of the same files."""
    digest = bundle_digest(bundle_ref)
    return hashlib.sha256(f"{digest} {reading.section}".encode()).hexdigest()[:32] if reading.section else digest
