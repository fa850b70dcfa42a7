"""Which files came and are read by nobody? Counted by extension, and said with what the reader does read."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.slicing import BundleRef

NO_EXTENSION = "none"
_LISTED = 6


def unread_by_extension(names: Iterable[str], bundle_refs: Iterable[BundleRef]) -> dict[str, int]:
    """Extension, in small letters and without its dot -> files in no bundle, the most frequent first.

    names: every file of the harvest, members of archives included.
    """
    claimed = {ref.name for bundle_ref in bundle_refs for ref in bundle_ref.refs}
    counts = Counter(extension_of(name) for name in names if name not in claimed)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def first_unread(names: Iterable[str], bundle_refs: Iterable[BundleRef]) -> tuple[str, ...]:
    """The first few names of files in no bundle."""
    claimed = {ref.name for bundle_ref in bundle_refs for ref in bundle_ref.refs}
    return tuple(sorted(name for name in names if name not in claimed)[:_LISTED])


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
