"""Which files make an issue? A METS and the files that its own addresses mean, wherever they lie."""

import posixpath
import re
from collections.abc import Mapping, Sequence

from biglam_pipeline.normalize.deliveries.addresses import Addresses

_TRIM = re.compile(r"[-_.]*(?:mets|didl)$|^(?:mets|didl)[-_.]*", re.IGNORECASE)


def issue_name(mets: str) -> str:
    """The path of an issue: that of its METS without extension and, where its name says METS, without that word.

    A METS named like its folder, as BnL and RERO do it, does not say the name twice.
    """
    stem = re.sub(r"\.(?:xml|mets)(?:\.gz)?$", "", posixpath.basename(mets), flags=re.IGNORECASE)
    trimmed = _TRIM.sub("", stem)
    folder = posixpath.dirname(mets)
    if trimmed in ("", posixpath.basename(folder)):
        return folder or "issue"
    return posixpath.join(folder, trimmed)


def stem_of(path: str) -> str:
    """The path of a page without the extension."""
    if ".xml" in path.lower():
        return re.sub(r"\.xml(?:\.gz)?$", "", path, flags=re.IGNORECASE)
    return posixpath.splitext(path)[0]


def group_issues(
    names: Sequence[str], pointing: Mapping[str, Sequence[str]], urls: Mapping[str, str]
) -> dict[str, list[str]]:
    """Bundles: a METS with the files that it names; METS that name each other or the same file together; any other file
    alone.

    names: the files to lay out; pointing: METS -> the addresses it names; urls: file -> where it was fetched from.
    """
    there, known = Addresses(names, urls), set(names)
    first: dict[str, str] = {}
    """METS, or a file that one names -> the METS that its bundle is called after."""

    def leader(name: str) -> str:
        while first.get(name, name) != name:
            name = first[name]
        return name

    for mets in sorted(name for name in pointing if name in known):
        for href in pointing[mets]:
            page = there.find(href, mets)
            if page is None or page == mets:
                continue
            joined = page in first or page in pointing
            one, other = sorted((leader(mets), leader(page) if joined else leader(mets)))
            first[other] = one
            if not joined:
                first[page] = one
    bundles: dict[str, list[str]] = {}
    for name in sorted(names):
        bundles.setdefault(leader(name), []).append(name)
    return dict(sorted((name, sorted(files)) for name, files in bundles.items()))
