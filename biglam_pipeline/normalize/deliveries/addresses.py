"""Which of the harvested files does an address in a METS mean? Only one that is there, or none.

`FLocat/@xlink:href` is any URI. Libraries write into it a path (`alto/0001.xml`, `../alto/0001.xml`), a path behind a
scheme that is none (docWorks: `file://./alto/0001.xml`), the place of the file on the machine that made it
(`file:///X:/job/alto/0001.xml`, `D:\\job\\alto\\0001.xml`), or where it is served (Kitodo and the DFG Viewer: `https://`).
Case, percent-escapes, backslashes and Unicode's two ways of writing `é` differ between METS and the file system.
"""

import posixpath
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote, urlsplit

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)
"""Two letters at least: one letter and a colon is a drive."""
_FILE = re.compile(r"file:(/*)(?:localhost(?=/))?(/*)", re.IGNORECASE)
_ARCHIVE = re.compile(r"\.(?:zip|tar|tgz|tbz2?|txz|gz|bz2|xz)$", re.IGNORECASE)
_PACKED = re.compile(r"(.*/)?([^/]+)\.(?:gz|bz2|xz)/\2", re.IGNORECASE)
_DRIVE = re.compile(r"/*[a-z]:(?=/|$)", re.IGNORECASE)


class Addresses:
    """The files of a harvest, or of a bundle, as METS may point to them."""

    def __init__(self, names: Iterable[str], urls: Mapping[str, str] | None = None) -> None:
        """urls: the address that a file was fetched from, by the file's name, where it has one of its own."""
        self._names = set(names)
        self._folded: dict[str, list[str]] = {}
        for name in sorted(self._names):
            for one in {name, *_unpacked(name)}:
                self._folded.setdefault(_fold(one), []).append(name)
        self._laid_out: dict[str, list[str]] = {}
        for name in sorted(self._names):
            if (place := _laid_out(name)) != name:
                self._laid_out.setdefault(_fold(place), []).append(name)
        self._urls = {url: name for name, url in sorted((urls or {}).items(), reverse=True) if name in self._names}

    def find(self, href: str, mets: str) -> str | None:
        """The file that an address in this METS means; None where it is none of these, or may be several."""
        for address in dict.fromkeys((href.strip(), unquote(href.strip()))):
            found = self._find(address, mets) or self._find(re.split("[?#]", address, maxsplit=1)[0], mets)
            if found is not None:
                return found
        return None

    def _find(self, address: str, mets: str) -> str | None:
        path = address.replace("\\", "/")
        if not path or path in (".", "./"):
            return None
        folder = posixpath.dirname(next(iter(_unpacked(mets)), mets))
        as_file = _FILE.match(path)
        if as_file:
            path = path[as_file.end() :]
            if len(as_file[1] + as_file[2]) > 2:
                return self._elsewhere(path, folder)
        elif path.startswith("//"):  # \\server\share is a path; //server/share has the server of a URL
            return self._elsewhere(path, folder) if "\\" in address[:2] else None
        elif _SCHEME.match(path):
            return self._at_url(address, folder)
        if _DRIVE.match(path) or path.startswith("/"):
            return self._elsewhere(path, folder)
        return self._below(path, folder)

    def _below(self, path: str, folder: str) -> str | None:
        """A path from the METS's own folder; else, where it names a folder, from one above it.

        A METS that lies in a folder of its own (`mets/`, `metadata/`) is often written from the package's root.
        """
        found = self._there(posixpath.join(folder, path))
        plain = posixpath.normpath(path)
        if found is None and "/" in plain and not plain.startswith("../"):
            return next((there for base in _above(folder) if (there := self._there(posixpath.join(base, plain)))), None)
        return found

    def _elsewhere(self, path: str, folder: str) -> str | None:
        """A path on another machine: as much of its end as stands here, from the METS's folder or from one above."""
        parts = [part for part in posixpath.normpath(_DRIVE.sub("", path)).split("/") if part not in ("", ".", "..")]
        for start in range(len(parts)):
            rest = "/".join(parts[start:])
            bases = [folder] if start == len(parts) - 1 else [folder, *_above(folder)]
            for base in bases:
                found = self._there(posixpath.join(base, rest))
                if found is not None:
                    return found
        return None

    def _at_url(self, url: str, folder: str) -> str | None:
        """A file that was fetched from this address, or lies in folders named like it, as a mirror lays them."""
        if url in self._urls:
            return self._urls[url]
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        mirrored = f"{parts.netloc}{parts.path}"
        if "." not in parts.netloc or parts.path in ("", "/"):
            return None
        return next((there for base in (folder, *_above(folder)) if (there := self._there(f"{base}/{mirrored}"))), None)

    def _there(self, path: str) -> str | None:
        wanted = posixpath.normpath(path).lstrip("/")
        if wanted in self._names:
            return wanted
        alike = self._folded.get(_fold(wanted)) or self._laid_out.get(_fold(wanted), [])
        return alike[0] if len(alike) == 1 else None


def _unpacked(name: str) -> tuple[str, ...]:
    """`alto/1.xml` and `alto/1.xml.gz` of `alto/1.xml.gz/1.xml`: a compressed file is a folder of one, and METS points
    to it by the name that it has with or without.
    """
    found = _PACKED.fullmatch(name)
    return (f"{found[1] or ''}{found[2]}", posixpath.dirname(name)) if found else ()


def _laid_out(name: str) -> str:
    """Where a member of an archive stands once it is unpacked, which is what a METS beside the archive speaks of.

    An archive makes the folder that it is called after, once: `alto.zip/1.xml` and `alto.zip/alto/1.xml` are
    `alto/1.xml`. Several archives are never laid into one folder: of the pages of two years that bear the same names,
    one that is missing would be taken from the other year.
    """
    parts: list[str] = []
    packed = False
    for part in name.split("/"):
        if not (packed and part == parts[-1]):
            parts.append(_ARCHIVE.sub("", re.sub(r"\.tar(?=\.\w+$)", "", part, flags=re.IGNORECASE)))
        packed = _ARCHIVE.search(part) is not None
    return "/".join(parts)


def _fold(path: str) -> str:
    """Case and Unicode form do not tell two files of a delivery apart."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _above(folder: str) -> Iterator[str]:
    while folder:
        folder = posixpath.dirname(folder)
        yield folder
