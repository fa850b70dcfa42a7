"""What does `normalize` mean when it is written short, or not at all?"""

import difflib
import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qs, urlsplit

BUILT = ("table", "oai_dc", "mets_alto", "images")
NOT_BUILT = (
    *("mods", "marc", "iiif", "json", "text", "tei", "ead", "lido", "edm", "page_xml", "hocr", "coco"),
    *("annotations", "xml", "xlsx", "parquet", "warc"),
)
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
    _refuse_unbuilt(str(block["type"]))
    return block


def _refuse_unbuilt(name: str) -> None:
    if name in BUILT:
        return
    built = f"(built: {', '.join(BUILT)})"
    if name in NOT_BUILT:
        raise ValueError(f"`{name}` is in the language but not built yet {built}")
    near = difflib.get_close_matches(name, (*BUILT, *NOT_BUILT), 1)
    raise ValueError(
        f"`{name}` is not a reader; did you mean `{near[0]}`?" if near else f"`{name}` is not a reader {built}"
    )


def _guess(names: Sequence[str]) -> str:
    """The reader that all addresses or patterns ask for by their extension."""
    found = {kind for name in names if not name.startswith("!") and (kind := _kind(name))}
    if len(found) == 1:
        return found.pop()
    why = f"could be {' or '.join(sorted(found))}" if found else "does not show it"
    raise ValueError(f"which reader? The address {why}; write `normalize: {{type: ...}}` with {', '.join(BUILT)}")


def _kind(name: str) -> str:
    if name.startswith("oai+"):
        prefix = parse_qs(urlsplit(name).query).get("metadataPrefix", ["oai_dc"])[0]
        return _BY_PREFIX.get(prefix, "")
    for mark, kind in _BY_PROTOCOL.items():
        if name.startswith(mark):
            return kind
    front, _, pattern = name.partition("#")
    path = pattern or (urlsplit(front).path if "://" in front else front)
    path = re.sub(r"\.(gz|bz2|xz|zip)$", "", path.lower())
    return _BY_EXTENSION.get(PurePosixPath(path).suffix.removeprefix("."), "")
