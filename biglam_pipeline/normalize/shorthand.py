"""What does `normalize` mean when it is written short, or not at all?"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from biglam_pipeline.language import Owed
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.ways_out import BUILT, OWED, refuse_unbuilt, way_out
from biglam_pipeline.settings import Misplaced

_KINDS: Sequence[tuple[str, type[Reader] | Owed]] = [*BUILT.items(), *OWED.items()]
_BY_EXTENSION = {word: name for name, kind in reversed(_KINDS) for word in kind.guessed_from}
_BY_FORMAT = {word: name for name, kind in reversed(_KINDS) for word in kind.metadata_prefixes}
_BY_ADDRESS = {word: name for name, kind in _KINDS for word in kind.addresses}


def read_normalize(value: object, names: Sequence[str], formats: Sequence[str] = ()) -> dict[str, Any]:
    """The block that a short form stands for. ValueError where none can be told, or it is not built yet.

    value: as YAML gives it, None where the key is absent; names: the addresses that are harvested; formats: the format
    that the server is asked for at each of them, as `Harvester.asked_format` says.
    """
    if isinstance(value, str):
        value = {"type": value}
    if value is not None and not isinstance(value, dict):
        raise ValueError(f"{value!r} is neither the name of a reader nor a block; write {{type: table}}")
    block = dict(value or {})
    if "type" not in block:
        files = block.get("files")
        patterns = [files] if isinstance(files, str) else list(files) if isinstance(files, list | tuple) else []
        kind = "" if patterns else _asked(formats)
        block = {"type": kind or _guess([str(one) for one in patterns] or names), **block}
    try:
        refuse_unbuilt(str(block["type"]))
    except ValueError as error:
        raise Misplaced((("type",), str(error))) from None
    return block


def read_reads(value: object, names: Sequence[str], formats: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The blocks of a READ or of a list of such. Misplaced where one of several cannot be reported, at its place.

    See `read_normalize`.
    """
    if not isinstance(value, list | tuple):
        return [read_normalize(value, names, formats)]
    found, wrong = list[dict[str, Any]](), list[tuple[tuple[str | int, ...], str]]()
    for number, one in enumerate(value):
        try:
            found.append(read_normalize(one, names, formats))
        except Misplaced as error:
            wrong += [((number, *steps), what) for steps, what in error.faults]
        except ValueError as error:
            wrong.append(((number,), str(error)))
    if wrong:
        raise Misplaced(*wrong)
    return found


def _asked(formats: Sequence[str]) -> str:
    """The reader for the one format that a server was asked for; nothing where no reader goes by that name."""
    found = {_BY_FORMAT.get(name, "") for name in formats if name}
    return found.pop() if len(found) == 1 else ""


def _guess(names: Sequence[str]) -> str:
    """The reader that all addresses or patterns ask for by their extension."""
    meant = [name for name in names if not name.startswith("!")]
    found = {kind for name in meant if (kind := _kind(name))}
    if len(found) == 1:
        return found.pop()
    if len(found) > 1:
        raise ValueError(f"which reader? It could be {' or '.join(sorted(found))}; write `normalize: {{type: ...}}`")
    for name in meant:
        if instead := way_out(_extension(name)):
            raise ValueError(f"{name}: {instead}")
    if page := next((name for name in meant if _is_page(name)), ""):
        raise ValueError(
            f"{page} looks like a page for people, for no file is named; write the address of the file that it "
            f"offers{_files_behind(page)}, or {page}#*.zip to choose among its links, or, where a file comes from "
            f"there, `normalize: {{type: table}}` or another of {', '.join(BUILT)}"
        )
    api = next((name for name in meant if name.startswith("https://") and urlsplit(name).query), "")
    raise ValueError(
        "which reader? The address does not show it; write `normalize: {type: ...}` with "
        f"{', '.join(BUILT)}, such as `normalize: {{type: table, map: {{...}}}}`"
        + (f"; an API that lists its records in JSON is harvested page by page by json+{api}" if api else "")
    )


def _is_page(name: str) -> bool:
    parts = urlsplit(name)
    bare = not (parts.fragment or parts.query or PurePosixPath(parts.path).suffix)
    return parts.scheme in ("https", "http") and (bare or parts.hostname in _PAGES)


_PAGES = ("doi.org", "dx.doi.org", "hdl.handle.net")
"""Resolvers of identifiers, which lead to a page whatever their addresses end in: https://www.doi.org/the-identifier/"""


def _files_behind(page: str) -> str:
    """Where the files of a page lie, for a host whose pages are often taken for them.

    https://archive.org/developers/items.html
    """
    item = re.match(r"https?://(?:www\.)?archive\.org/details/([^/?#]+)", page)
    return f", https://archive.org/download/{item[1]}/FILE" if item else ""


def extension_kind(name: str) -> str:
    """The reader that an address or pattern asks for by its extension; nothing where none does."""
    return _BY_EXTENSION.get(_extension(name), "")


def _kind(name: str) -> str:
    for beginning, kind in _BY_ADDRESS.items():
        if name.startswith(beginning):
            return kind
    return extension_kind(name)


def _extension(name: str) -> str:
    """Of an address or a pattern, in small letters and without packing."""
    front, _, pattern = name.partition("#")
    path = pattern or (urlsplit(front).path if "://" in front else front)
    path = re.sub(r"\.(gz|bz2|xz|zip)$", "", path.lower())
    return PurePosixPath(path).suffix.removeprefix(".")
