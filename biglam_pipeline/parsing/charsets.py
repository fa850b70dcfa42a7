"""What is known of every encoding, whatever is written in it: labels, byte order marks, and what bytes can be in it.

Whole texts are judged by `parsing.encodings`, documents that name their own encoding by `parsing.xml.encoding`.
"""

import codecs
import re

_STEP = 1 << 20
_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LEADS = bytes(range(0xC2, 0xF5))
"""The first bytes of characters beyond ASCII in UTF-8 (RFC 3629, 4)."""
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([^\s;\"']+)", re.IGNORECASE)
_NOT_OF_TEXT = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "charmap"}
"""Python's codecs from text to text that are no encodings of documents; escapes would even make markup."""
_GAPS = "biglam_gaps"
"""The error handler for the five bytes that Windows-1252 leaves undefined: C1 controls, as the web reads them."""


def charset_of(media_type: str) -> str:
    """The `charset` of a Content-Type (RFC 9110, 8.3.2); empty where it names none."""
    found = _CHARSET.search(media_type)
    return found[1] if found else ""


def codec_of(label: str) -> str:
    """What Python's codecs call the encoding of a label; empty where nobody knows it, or it is none of texts."""
    try:
        found = codecs.lookup(label) if label else None
    except LookupError:
        return ""
    if found is None or found.name.replace("_", "-") in _NOT_OF_TEXT or not getattr(found, "_is_text_encoding", True):
        return ""
    return found.name


def mark_of(head: bytes) -> str:
    """The encoding that a byte order mark stands for: utf-8-sig, utf-16 or utf-32; empty where there is none."""
    return next((name for mark, name in _MARKS if head.startswith(mark)), "")


def decodes(data: bytes, encoding: str, *, cut: bool = False) -> bool:
    """Whether all of it is in this encoding, looked at piece by piece: a decoded copy may be four times as large.

    cut: the last character may be cut off.
    """
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    view = memoryview(data)
    try:
        for start in range(0, len(data), _STEP):
            decoder.decode(bytes(view[start : start + _STEP]))
        decoder.decode(b"", final=not cut)
    except ValueError:  # UnicodeError is one; some codecs raise it plain
        return False
    return True


def weigh(data: bytes) -> tuple[int, int]:
    """Characters beyond ASCII that are good UTF-8, and bytes that are none, at the speed of C."""
    try:
        data.decode()
        kept = data
    except UnicodeDecodeError:
        kept = data.decode("utf-8", "ignore").encode()
    return len(kept) - len(kept.translate(None, _LEADS)), len(data) - len(kept)


def as_windows_1252(data: bytes) -> str:
    """Every byte has a letter: the five that Microsoft left out stay control codes, as browsers have it."""
    return data.decode("cp1252", _GAPS)


def _control(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error(_GAPS, _control)
