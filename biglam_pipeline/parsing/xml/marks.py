"""What of the markup inside a piece says where it ends: tags of its own name, and what hides tags."""

import re
from functools import lru_cache

ANY = re.compile(rb"<(?:/?[A-Za-z_:\x80-\xff]|!--|!\[CDATA\[|\?)")

BEHIND_NAME = (b"", b"/", *(bytes([one]) for one in b" \t\n\r\f\v"))
"""What may follow a name in a tag: `<a='x'>` is none of `a`, whichever pattern finds it."""


@lru_cache(maxsize=256)
def marks(name: bytes, *around: bytes) -> re.Pattern[bytes]:
    """What matters inside a piece: tags of its own name, end tags of what is around it, and what hides markup."""
    ends = b"".join(rb"|/%s(?=[\s>])" % re.escape(one) for one in around)
    return re.compile(rb"<(?:/?%s(?=[\s/>])|!--|!\[CDATA\[|\?%s)" % (re.escape(name), ends))


@lru_cache(maxsize=256)
def _begun(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"[ \t\r\n]*+(<%s(?:[ \t\r\n][^<>\"'/]*+(?:\"[^<\"]*+\"[^<>\"'/]*+)*+)?>)" % re.escape(name))


def plain_piece(data: bytes, name: bytes, at: int) -> tuple[int, int]:
    """Where the next piece begins and ends, if it is one of this name behind nothing but blanks, and inside it stands
    neither a tag that begins like one of its own nor anything that hides tags; else (-1, -1).
    """
    if (found := _begun(name).match(data, at)) is None:
        return -1, -1
    inside, end = found.end(), data.find(b"</%b" % name, found.end())
    behind = end + len(name) + 2
    if end < 0 or not data.startswith(b">", behind) or data.find(b"<%b" % name, inside, end) >= 0:
        return -1, -1
    is_hidden = _hides(data, b"!", inside, end) or _hides(data, b"?", inside, end)
    return (-1, -1) if is_hidden else (found.start(1), behind + 1)


def _hides(data: bytes, mark: bytes, start: int, end: int) -> bool:
    # One byte is found thirty times as fast as two.
    return data.find(mark, start, end) >= 0 and data.find(b"<" + mark, start, end) >= 0
