"""Which files came and are read by nobody? Counted by extension, and said with what the reader does read."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from biglam_pipeline.normalize.bundles import numbers_read
from biglam_pipeline.normalize.files import Files
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.slicing import BundleRef

NO_EXTENSION = "none"
_LISTED = 6


@dataclass(frozen=True, slots=True)
class Unread:
    """The files in no bundle."""

    by_extension: dict[str, int]
    """Extension, in small letters and without its dot -> how many, the most frequent first."""
    first: tuple[str, ...]
    """The first few names."""

    @classmethod
    def of(cls, files: Files, read: Iterable[Sequence[BundleRef]]) -> "Unread":
        """files: all of the harvest, members of archives included; read: the bundles that somebody reads."""
        left = np.flatnonzero(~numbers_read(files, read))
        counts = Counter(map(extension_of, files.only(left)))
        by_extension = dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
        return cls(by_extension, tuple(files.only(left[:_LISTED])))


def report_unread(readers: Sequence[Reader], files: int, unread: Mapping[str, int]) -> str:
    """What came, how much of it is not read, and what each READ reads: `1 file came, and none is read by ...`."""
    left = sum(unread.values())
    if not files:
        return "no file came; look at `harvest`"
    came = f"{files} file{'s' if files > 1 else ''} came"
    if not left:
        return f"{came}, all are read by {_types(readers)}, and none gave a row; look at the source, or at `normalize`"
    named = ", ".join(f"{count} {extension}" for extension, count in list(unread.items())[:_LISTED])
    more = f", and {len(unread) - _LISTED} more kinds" if len(unread) > _LISTED else ""
    share = "none is" if left == files else f"{left} of them are not"
    by = " or ".join(map(_words, readers))
    return f"{came}, and {share} read by {by}: {named}{more}; say `files: PATTERN` where more is meant"


def _types(readers: Sequence[Reader]) -> str:
    return " and ".join(dict.fromkeys(reader.type for reader in readers))


def _words(reader: Reader) -> str:
    if reader.files is not None:
        return f"{reader.type} with `files: {', '.join(reader.files)}`"
    kinds = ", ".join(one.removeprefix(".") for one in reader.extensions)
    return f"{reader.type} ({kinds})" if kinds else reader.type


def extension_of(name: str) -> str:
    """In small letters and without its dot; `none` where there is none."""
    return PurePosixPath(name).suffix.removeprefix(".").casefold() or NO_EXTENSION
