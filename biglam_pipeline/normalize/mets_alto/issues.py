"""Which files make an issue? Told by their names alone, and where a METS points to by its own addresses."""

import posixpath
import re
from collections.abc import Collection, Sequence
from urllib.parse import unquote, urlsplit

_METS = re.compile(r"(?:^|[-_.])mets(?:[-_.]|$)|mets$|^mets", re.IGNORECASE)
_TRIM = re.compile(r"[-_.]*mets$|^mets[-_.]*", re.IGNORECASE)


def is_mets_name(name: str) -> bool:
    """True for `0002647_18240217_mets.xml`, `18451228_01-METS.xml`, `mets.xml`."""
    return _METS.search(_stem(name)) is not None


def issue_name(mets: str) -> str:
    """The path of an issue: that of its METS without extension and without the word METS.

    A METS named like its folder, as BnL and RERO do it, does not say the name twice.
    """
    trimmed = _TRIM.sub("", _stem(mets))
    folder = posixpath.dirname(mets)
    if trimmed in ("", posixpath.basename(folder)):
        return folder or "issue"
    return posixpath.join(folder, trimmed)


def _stem(name: str) -> str:
    return posixpath.splitext(posixpath.basename(name))[0]


def group_issues(names: Sequence[str]) -> dict[str, list[str]]:
    """Bundles: a METS with the pages that belong to it; a page that belongs to none, alone."""
    by_folder: dict[str, list[str]] = {}
    for name in sorted(names):
        if is_mets_name(name):
            by_folder.setdefault(posixpath.dirname(name), []).append(name)
    bundles = {name: [name] for found in by_folder.values() for name in found}
    for name in sorted(names):
        if name not in bundles:
            bundles.setdefault(_owner(name, by_folder) or name, []).append(name)
    return dict(sorted(bundles.items()))


def _owner(page: str, by_folder: dict[str, list[str]]) -> str | None:
    """The METS in the nearest folder above that the page fits: by its name, or because there is no other."""
    folder = posixpath.dirname(page)
    below = False
    while True:
        found = by_folder.get(folder, [])
        rest = page[len(folder) :].lstrip("/")
        fitting = [mets for mets in found if rest.startswith(_TRIM.sub("", _stem(mets)))]
        if fitting:
            return max(fitting, key=lambda mets: (len(mets), mets))
        if below and len(found) == 1:
            return found[0]
        if not folder:
            return None
        folder, below = posixpath.dirname(folder), True


def resolve(href: str, mets: str, names: Collection[str]) -> str | None:
    """The file of the bundle that an address in a METS means, or None: nothing outside the bundle is ever opened.

    `file://./text/1.xml` is how BnL and RERO write a relative path.
    """
    address = href.strip().replace("\\", "/").removeprefix("file://")
    if urlsplit(address).scheme or address.startswith("//"):
        return None
    for path in (address, unquote(address)):
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(mets), path.lstrip("/")))
        if wanted in names:
            return wanted
    return None
