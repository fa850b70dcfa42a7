"""In which encoding is XML written? Found of its bytes and of what is said about them; every guess is a counted repair.

https://www.w3.org/TR/xml/#sec-guessing ; a server's `charset` comes last, since servers add one to whatever they send.
Texts without markup are `parsing.encodings`: it judges a whole file, and knows no declaration inside it.
"""

import codecs
import re
from dataclasses import dataclass

from biglam_pipeline.parsing.charsets import as_windows_1252, charset_of, codec_of, decodes, mark_of, weigh
from biglam_pipeline.parsing.inflate import Unreadable

_SHAPES = (
    (re.compile(rb"\s*<\0\0\0"), "utf-32-le"),
    (re.compile(rb"\s*\0\0\0<"), "utf-32-be"),
    (re.compile(rb"(?:[ \t\r\n]\0)*<\0[^\0]\0"), "utf-16-le"),
    (re.compile(rb"(?:\0[ \t\r\n])*\0<\0[^\0]"), "utf-16-be"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),
)
"""How `<` and a letter, or `<?xm`, look where there is no BOM; the last is EBCDIC."""
_DECLARED = re.compile(rb"<\?xml\s[^<>]{0,200}?encoding\s{0,20}=\s{0,20}[\"']?([A-Za-z][\w.:-]{0,40})")
_SINGLE_BYTE = re.compile(r"ascii|iso8859.*|cp125\d|latin.*|koi8.*|mac_.*|mac-.*|cp\d{3}")
"""Python's names of encodings in which bytes that are UTF-8 throughout, with letters beyond ASCII, do not occur."""
_WIDER = {
    "gb2312": ("gb18030",),
    "gbk": ("gb18030",),
    "shift_jis": ("cp932",),
    "euc_kr": ("cp949",),
    "big5": ("cp950", "big5hkscs"),
    "tis-620": ("cp874",),
}
"""Names that are written over the larger encoding that grew out of each: https://encoding.spec.whatwg.org/#names-and-labels"""
_HIDES_MARKUP = re.compile(r"utf-16.*|utf-32.*|iso2022.*|hz.*|cp037|cp500|cp1140|cp273|utf-7.*")
"""Those in which the byte of `<` can stand for something else, so that nothing is found before it is decoded."""
_C1 = re.compile(rb"[\x80-\x87\x8a-\x97\x99-\x9b\x9d-\x9f]")
"""Bytes that are letters and quotes in Windows-1252 and control codes in ISO 8859-1, where nobody writes them. Left out
are the non-sorting marks of libraries: 88 and 89 (ISO 6630), 98 and 9C (https://www.dnb.de/, MARC 21 practice).
"""
_SURROGATES = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
HEAD_BYTES = 65_536
"""So much is looked at for a declaration: it may stand behind what a script printed."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """What is known before the bytes are decoded."""

    declared: str
    """The codec that the document names; empty where it names none, or one that nobody knows, or that cannot be."""
    charset: str
    """The codec that the server named, or nothing."""
    wide: str
    """The codec of bytes in which no markup can be seen before they are decoded; else empty."""
    repairs: tuple[str, ...]


def find_encoding(head: bytes, media_type: str = "") -> Encoding:
    """head: the first `HEAD_BYTES`; media_type: the Content-Type with its parameters. Unreadable: UTF-7."""
    bom = mark_of(head)
    shape = "" if bom else next((name for mark, name in _SHAPES if mark.match(head)), "")
    wide = bom if bom not in ("", "utf-8-sig") else shape
    shown = head.decode(wide, "replace").encode("utf-8", "replace") if wide else head
    found = _DECLARED.search(shown)
    said = found[1].decode() if found else ""
    declared = codec_of(said)
    repairs: list[str] = []
    if said and not declared:
        repairs.append("encoding declared that nobody knows")
    if codec_of(said).startswith("utf-7"):
        raise Unreadable("xml_refused", "it declares UTF-7, which hides markup; ask for UTF-8")
    charset = _charset(media_type)
    if wide:
        if declared and not _agree(declared, wide):
            repairs.append(_belied(declared, wide))
        return Encoding("", "", wide, tuple(repairs))
    if declared and (bom or declared.startswith(("utf-16", "utf-32", "cp037"))) and declared != "utf-8":
        repairs.append(_belied(declared, "utf-8"))  # .NET writes utf-16 over what it sends as UTF-8
        declared = ""
    hidden = declared if _HIDES_MARKUP.fullmatch(declared) else ""
    return Encoding(declared, charset, hidden, tuple(repairs))


def to_utf8(data: bytes, encoding: Encoding) -> tuple[bytes, tuple[str, ...]]:
    """A piece of the document as UTF-8, without a BOM, and the repairs that took. Not for `encoding.wide`."""
    data = data.removeprefix(codecs.BOM_UTF8)
    if data.isascii():
        return data, ()
    declared = encoding.declared
    if decodes(data, "utf-8"):
        if declared in ("", "utf-8"):
            return data, ()
        if _SINGLE_BYTE.fullmatch(declared):
            return data, (_belied(declared, "utf-8"),)
    if declared not in ("", "utf-8"):
        if decodes(data, declared):
            return _from_single(data, declared)
        for wider in _WIDER.get(declared, ()):
            if decodes(data, wider):
                return data.decode(wider).encode(), (_belied(declared, wider),)
        return _mixed(data, encoding.charset, (f"bytes that are not {declared}",))
    return _mixed(data, encoding.charset, ())


def wide_decoder(encoding: Encoding) -> codecs.IncrementalDecoder:
    """What decodes a stream in which no markup can be seen. What cannot be decoded becomes U+FFFF, which XML forbids,
    so that it is mended and counted like everything that it forbids.
    """
    return codecs.getincrementaldecoder(encoding.wide)("forbidden")


def _charset(media_type: str) -> str:
    name = codec_of(charset_of(media_type[:1000]))
    return "" if name == "utf-8" or _HIDES_MARKUP.fullmatch(name) else name


def _agree(declared: str, wide: str) -> bool:
    return declared == wide or wide.startswith(declared) or declared.startswith(wide)


def _belied(declared: str, real: str) -> str:
    return f"declared as {declared}, is {real}"


def _from_single(data: bytes, codec: str) -> tuple[bytes, tuple[str, ...]]:
    if codec == "iso8859-1" and _C1.search(data):
        # As every browser reads it: https://encoding.spec.whatwg.org/#names-and-labels
        return as_windows_1252(data).encode(), (_belied(codec, "windows-1252"),)
    return data.decode(codec).encode("utf-8", "surrogatepass"), ()


def _mixed(data: bytes, charset: str, repairs: tuple[str, ...]) -> tuple[bytes, tuple[str, ...]]:
    """Bytes that nothing explains: UTF-8 as far as it goes, unless it goes nowhere and the server names something."""
    good, bad, surrogates = _weigh(data)
    if bad and bad > good and charset and decodes(data, charset):
        read, more = _from_single(data, charset)
        return read, (*repairs, f"read as {charset}, as the server says", *more)
    alike = not good and not surrogates  # the same, at the speed of C
    text = as_windows_1252(data) if alike else data.decode("utf-8", "windows_1252")
    repairs = (*repairs, "bytes that are not UTF-8") if bad else repairs
    repairs = (*repairs, "character that XML forbids") if surrogates else repairs
    return text.encode("utf-8", "replace"), repairs


def _weigh(data: bytes) -> tuple[int, int, int]:
    """Letters beyond ASCII that are good UTF-8, bytes that are none, and halves of UTF-16 letters (CESU-8)."""
    surrogates = len(_SURROGATES.findall(data))
    return *weigh(_SURROGATES.sub(b"", data) if surrogates else data), surrogates


def _by_the_way(error: UnicodeError) -> tuple[str, int]:
    """What stands for bytes that are not UTF-8: two halves of a UTF-16 letter are that letter, one is U+FFFD, and every
    other byte is Windows-1252, which such bytes nearly always are.
    """
    assert isinstance(error, UnicodeDecodeError)
    data, start = error.object, error.start
    if _SURROGATES.match(data, start):
        high = _half(data, start)
        low = _half(data, start + 3) if _SURROGATES.match(data, start + 3) else 0
        if high < 0xDC00 <= low:
            return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00), start + 6
        return "\ufffd", start + 3
    return as_windows_1252(data[start : error.end]), error.end


def _half(data: bytes, start: int) -> int:
    return (data[start] & 0x0F) << 12 | (data[start + 1] & 0x3F) << 6 | data[start + 2] & 0x3F


def _forbidden(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return "\uffff", error.end


codecs.register_error("forbidden", _forbidden)
codecs.register_error("windows_1252", _by_the_way)
