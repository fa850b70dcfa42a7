"""What a delivery of METS and ALTO holds, counted without the reader: by expat and by regular expressions."""

import re
from collections.abc import Mapping
from urllib.parse import unquote
from xml.parsers import expat

_FILE = re.compile(r"<(?:\w+:)?file\b(.*?)</(?:\w+:)?file>", re.DOTALL)
_HREF = re.compile(r"(?:href|LOCREF)\s*=\s*\"([^\"]*)\"")


def words_of(data: bytes) -> list[str]:
    """The words that the Strings of an ALTO page hold, with the hyphens that HYP prints behind them."""
    found: list[str] = []

    def start(name: str, attributes: Mapping[str, str]) -> None:
        content = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "CONTENT"), "")
        if name.rpartition(":")[2] == "String":
            found.extend(content.split())
        elif name.rpartition(":")[2] == "HYP" and found and not found[-1].endswith(("-", "\u00ad", "\u00ac")):
            found[-1] += content or "-"

    parser = expat.ParserCreate("utf-8" if _is_utf8(data) else None)
    parser.StartElementHandler = start
    parser.Parse(data, True)
    return found


def _is_utf8(data: bytes) -> bool:
    """Whatever it declares: one page says that it is ISO-8859-1, and is UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def root_of(data: bytes) -> str:
    """The local name of the root, in small letters; empty where there is none."""
    found: list[str] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, _: found.append(name.rpartition(":")[2].lower())
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        return ""
    return found[0]


def listed(mets: bytes) -> list[str]:
    """The base names, in small letters, of the files that the file section lists, each once."""
    text = mets.decode()
    places = (_HREF.search(one) for one in _FILE.findall(text))
    return sorted({re.split(r"[/\\]", unquote(place[1]))[-1].lower() for place in places if place})


def pages_in(mets: bytes, files: Mapping[str, bytes]) -> tuple[list[str], int]:
    """Names of the ALTO files that a METS lists and that are here; and how many XML files it lists that are not."""
    names: dict[str, list[str]] = {}
    for name in files:
        names.setdefault(name.rpartition("/")[2].lower(), []).append(name)
    here: list[str] = []
    gone = 0
    for base in listed(mets):
        if base in names:
            here += [name for name in names[base][:1] if root_of(files[name]) in ("alto", "altox")]
        elif base.endswith(".xml"):
            gone += 1
    return here, gone
