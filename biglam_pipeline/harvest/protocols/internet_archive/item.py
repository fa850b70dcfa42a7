"""What an item of archive.org says of itself, and which files it has.

https://archive.org/developers/md-read.html
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.asking import ask, number_of, objects_of, texts_of
from biglam_pipeline.harvest.listed import ListedFile, checksum
from biglam_pipeline.harvest.visit import Visit

HOME = "https://archive.org"
IDENTIFIER = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
"""As they are given today: https://archive.org/developers/metadata-schema/index.html#identifier"""
_LONGEST = 255


def is_identifier(name: str) -> bool:
    """Can this be one? The oldest items have names that are not given any more."""
    return 0 < len(name) <= _LONGEST and name.isprintable() and "/" not in name and name not in (".", "..")


def item_of(visit: Visit, name: str) -> Mapping[str, Any]:
    """Its metadata and files; ObjectFailed where there is no such item, or it is out of sight."""
    url = f"{HOME}/metadata/{quote(name, safe='')}"
    said = ask(visit, url).data
    if said in ({}, []):  # so it answers for an item that it does not have, and with status 200
        raise ObjectFailed("not_found", f"ia:{name}: archive.org has no such item; correct the name")
    if not isinstance(said, Mapping):
        raise ObjectFailed("damaged", f"{url}: is not the item that its documentation has; report it")
    if said.get("is_dark"):
        raise ObjectFailed("gone", f"ia:{name}: archive.org has taken it out of sight (is_dark); ask info@archive.org")
    (error,) = texts_of(said, "error")
    if error:
        raise ObjectFailed("not_found", f'ia:{name}: archive.org says "{error[:300]}"; correct the name')
    return said


def is_collection(said: Mapping[str, Any]) -> bool:
    """Does it stand for other items?"""
    about = said.get("metadata")
    return isinstance(about, Mapping) and about.get("mediatype") == "collection"


def files_of(said: Mapping[str, Any], name: str) -> Iterator[ListedFile]:
    """All its files; ObjectFailed where it lists fewer than it has."""
    url = f"{HOME}/metadata/{name}"
    entries = objects_of(said, url, "files")
    due = number_of(said.get("files_count"))
    if due is not None and len(entries) < due:
        raise ObjectFailed("truncated", f"{url}: lists {len(entries)} of {due} files; run again, or tell archive.org")
    state = hashlib.sha256()
    own = None
    for entry in sorted(entries, key=lambda one: texts_of(one, "name")):
        if texts_of(entry, "name") == (f"{name}_files.xml",):
            own = entry
            continue
        state.update("\0".join([*texts_of(entry, "name", "md5", "size", "mtime"), ""]).encode("utf-8", "replace"))
        yield _file(entry, name)
    if own is not None:
        yield _inventory(name, state.hexdigest())


def _file(entry: Mapping[str, Any], name: str) -> ListedFile:
    path, md5, size, written, private = texts_of(entry, "name", "md5", "size", "mtime", "private")
    digest = checksum(md5, "md5")
    version = digest or (f"{size} {written}" if size and written else "")
    closed = ""
    if private.casefold() == "true" or entry.get("private") is True:
        closed = (
            f"ia:{name}: {path} is private, as what archive.org only lends; leave it out under `ignore`, or choose "
            "others with #PATTERN"
        )
    return ListedFile(path, _address(name, path), version, number_of(size), digest, closed)


def _inventory(name: str, state: str) -> ListedFile:
    """`ITEM_files.xml`, which is written again with each task: the size and md5 that are said of it are not its own
    (https://github.com/jjjake/internetarchive skips them too). It is another where what it lists is another.
    """
    path = f"{name}_files.xml"
    return ListedFile(path, _address(name, path), f"of {state[:32]}")


def _address(name: str, path: str) -> str:
    return f"{HOME}/download/{quote(name, safe='')}/{quote(path)}"
