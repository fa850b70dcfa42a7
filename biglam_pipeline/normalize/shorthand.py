"""What does `normalize` mean when it is written short, or not at all?"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qs, urlsplit

from biglam_pipeline.normalize.ways_out import BUILT, refuse_unbuilt, way_out
from biglam_pipeline.settings import Misplaced

_BY_EXTENSION = {
    **dict.fromkeys(("csv", "tsv", "tab", "jsonl", "ndjson"), "table"),
    **dict.fromkeys(("jpg", "jpeg", "png", "tif", "tiff", "jp2", "gif", "webp"), "images"),
    "xlsx": "xlsx",
    "json": "json",
    "parquet": "parquet",
    "txt": "text",
    "warc": "warc",
    "mrc": "marc",
}
_BY_PROTOCOL = {"json+": "json", "iiif+": "iiif", "source:": "parquet"}
_BY_PREFIX = {"oai_dc": "oai_dc", "dc": "oai_dc", "mods": "mods", "marc21": "marc", "marcxml": "marc", "edm": "edm"}


def read_normalize(value: object, names: Sequence[str]) -> dict[str, Any]:
    """The block that a short form stands for. ValueError where none can be told, or it is not built yet.

    value: as YAML gives it, None where the key is absent; names: the addresses that are harvested.
    """
    if isinstance(value, list):
        raise ValueError("several configs from one harvest are in the language but not built yet; write one block")
    if isinstance(value, str):
        value = {"type": value}
    if value is not None and not isinstance(value, dict):
        raise ValueError(f"{value!r} is neither the name of a reader nor a block; write {{type: table}}")
    block = dict(value or {})
    if "type" not in block:
        files = block.get("files")
        patterns = [files] if isinstance(files, str) else list(files) if isinstance(files, list | tuple) else []
        block = {"type": _guess([str(one) for one in patterns] or names), **block}
    try:
        refuse_unbuilt(str(block["type"]))
    except ValueError as error:
        raise Misplaced((("type",), str(error))) from None
    return block


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
            f"offers{_files_behind(page)}, or, where a file comes from there, `normalize: {{type: table}}` or another "
            f"of {', '.join(BUILT)}"
        )
    raise ValueError(
        "which reader? The address does not show it; write `normalize: {type: ...}` with "
        f"{', '.join(BUILT)}, such as `normalize: {{type: table, map: {{...}}}}`"
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


def _kind(name: str) -> str:
    if name.startswith("oai+"):
        prefix = parse_qs(urlsplit(name).query).get("metadataPrefix", ["oai_dc"])[0]
        return _BY_PREFIX.get(prefix, "")
    for mark, kind in _BY_PROTOCOL.items():
        if name.startswith(mark):
            return kind
    return _BY_EXTENSION.get(_extension(name), "")


def _extension(name: str) -> str:
    """Of an address or a pattern, in small letters and without packing."""
    front, _, pattern = name.partition("#")
    path = pattern or (urlsplit(front).path if "://" in front else front)
    path = re.sub(r"\.(gz|bz2|xz|zip)$", "", path.lower())
    return PurePosixPath(path).suffix.removeprefix(".")
