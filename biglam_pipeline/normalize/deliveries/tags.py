"""Where do tags and their values stand in the layout of a page? By arrays of places, without an object for each.

An ALTO page has some 100,000 values, of which a few thousand are looked at. numpy finds quotes and tags of a page in a
tenth of the time that a tree takes. All of it holds for a part of a well-formed document alone, which somebody else has
to make sure of: https://www.w3.org/TR/xml/
"""

import re
from collections.abc import Callable
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

COMMENT = re.compile(b"<!--.*?-->", re.DOTALL)
_NAME = re.compile(rb"[^\s/>]+")
_QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'")
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|(lt|gt|amp|quot|apos));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_BLANKS = bytes.maketrans(b"\t\n\r", b"   ")
_PADDING = b" " * 16
"""Before and after, so that no look at a name leaves the page."""
_SPACE, _EQUALS, _SLASH, _CLOSE = b" =/>"
_BREAK = ord("\n")
_FIRST = np.frombuffer(b"".join(b"\xff" * count + b"\0" * (8 - count) for count in range(9)), np.uint64)
"""Which bits of eight bytes are the first none, one, two ... of them."""


class Unknown(Exception):
    """Something that is not read by arrays; the careful way reads it."""


class Tags:
    """The tags of a part of a well-formed document, in their order, and the values in them."""

    def __init__(self, data: bytes, prefix: bytes) -> None:
        """data: UTF-8, from the beginning of a tag; prefix: of all names, with its colon, or nothing.

        Unknown where text has quotes or `>`, or a value is not written straight behind its name. CDATA and
        processing instructions are taken for tags, and Unknown to `of_names`: nothing else holds before it was asked.
        """
        self._take(data)
        starts = np.flatnonzero(self._codes == ord("<"))
        if (self._codes[starts + 1] == ord("!")).any():
            self._take(COMMENT.sub(b"", data))
        apostrophes = np.flatnonzero(self._codes == ord("'"))
        if (self._codes[apostrophes - 1] == _EQUALS).any():
            self._take(_double_quoted(self.data))
            apostrophes = np.flatnonzero(self._codes == ord("'"))
        quotes = np.flatnonzero(self._codes == ord('"'))
        self.starts = np.flatnonzero(self._codes == ord("<"))
        """Of all tags."""
        ends = np.flatnonzero(self._codes == _CLOSE)
        before = quotes.searchsorted(ends)
        outside = before % 2 == 0
        if not outside.all():
            self._lay(self.data.translate(_BLANKS))  # a line end behind one of these may stand in a value
        self.ends = ends[outside]
        self._check(quotes, before[outside], apostrophes)
        self._opening, self._closing = quotes[0::2].copy(), quotes[1::2]
        last = self._codes.take(self._opening - 2)
        self._last = last.astype(np.uint16) << 8 | self._codes.take(self._opening - 3)
        """Of the name of each value, the last letter and the one before it."""
        if (self._codes.take(self._opening - 1) != _EQUALS).any() or (last == _SPACE).any():
            raise Unknown
        self.is_end = self._codes[self.starts + 1] == _SLASH
        """Whether it ends an element."""
        self.is_whole = self._codes[self.ends - 1] == _SLASH
        """Whether it is an element of its own, which holds nothing."""
        self._prefix = prefix
        self._found: dict[bytes, tuple[Places, Places]] = {}
        self._first = self._eight(self.starts + 1 + len(prefix))

    def _take(self, data: bytes) -> None:
        """Line ends and tabs become blanks, which is what they are in a value; not where all stand behind tags."""
        data = data.replace(b"\r\n", b"\n") if b"\r" in data else data
        self._lay(b"%b%b%b" % (_PADDING, data, _PADDING))
        breaks = self._codes[1:] == _BREAK
        if b"\t" in data or b"\r" in data or (breaks & (self._codes[:-1] != _CLOSE)).any():
            self._lay(self.data.translate(_BLANKS))

    def _lay(self, data: bytes) -> None:
        self.data, self._codes = data, np.frombuffer(data, np.uint8)
        self._eights = np.ndarray((len(data) - 7,), np.uint64, data, strides=(1,))
        """Eight bytes from each place on, as a number."""

    def _check(self, quotes: Places, before_end: Places, apostrophes: Places) -> None:
        """Quotes stand in pairs inside of tags, so that they are what values begin and end with."""
        starts, ends = self.starts, self.ends
        if len(quotes) % 2 or len(starts) != len(ends) or not len(starts) or (starts > ends).any():
            raise Unknown
        behind = np.append(quotes, len(self.data))[np.append(0, before_end)]  # the first quote, and that after each tag
        if (behind[:-1] < starts).any() or before_end[-1] != len(quotes):
            raise Unknown
        if (ends[:-1] > starts[1:]).any() or (quotes.searchsorted(apostrophes) % 2 == 0).any():
            raise Unknown

    def _eight(self, at: Places) -> npt.NDArray[np.uint64]:
        return self._eights[at]

    def named(self, name: bytes, *, ends: bool = False) -> Flags:
        """Which tags begin an element of this name, or end one."""
        written, skipped = b"/" * ends + self._prefix + name, len(self._prefix)
        key, mask = _key(written[skipped : skipped + 8])
        found: Flags = self._first & mask == key
        chosen = self.starts[found] + 1
        mine = np.ones(len(chosen), np.bool_)
        for at in (*range(skipped), *range(skipped + 8, len(written))):
            mine &= self._codes[chosen + at] == written[at]
        behind = self._codes[chosen + len(written)]
        found[found] = mine & ((behind == _SPACE) | (behind == _SLASH) | (behind == _CLOSE))
        return found

    def of_names(self, tags: Flags, wanted: Callable[[str], bool]) -> list[int]:
        """Those of these tags that begin an element of a wanted name. Unknown where one has another prefix."""
        match, data, known = _NAME.match, self.data, dict[bytes, bool]()
        found = []
        for at in np.flatnonzero(tags).tolist():
            matched = match(data, self.starts[at] + 1)
            name = matched[0] if matched else b""
            if name not in known:
                own = name.removeprefix(self._prefix)
                if len(own) + len(self._prefix) != len(name) or b":" in own or name[:1] in (b"", b"?", b"!"):
                    raise Unknown
                known[name] = wanted(own.decode())
            if known[name]:
                found.append(at)
        return found

    @cached_property
    def depth(self) -> int:
        """How many elements stand in one another."""
        return int(np.cumsum(1 - 2 * self.is_end.astype(np.int8) - self.is_whole, dtype=np.int32).max())

    def attribute(self, name: bytes) -> tuple[Places, Places]:
        """The tags that have this attribute, of a name of two bytes at least, and which value it is, in their order."""
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def _find(self, name: bytes) -> tuple[Places, Places]:
        found = np.flatnonzero(self._last == (name[-1] << 8 | name[-2]))
        whole = b" " + name + b"="
        for end in range(len(whole), 0, -8):
            key, mask = _key(whole[max(end - 8, 0) : end], at_end=True)
            found = found[self._eight(self._opening[found] - 8 - len(whole) + end) & mask == key]
        return self.starts.searchsorted(self._opening[found]) - 1, found

    def different(self, values: Places) -> tuple[list[bytes], Places]:
        """What stands between the quotes of these values, each once; and which of them each value is."""
        starts = self._opening[values] + 1
        sizes = self._closing[values] - starts
        if (sizes > 8).any():
            raw = self._joined(values).split(b"\n") if len(values) else []
            numbers = {one: number for number, one in enumerate(dict.fromkeys(raw))}
            return [*numbers], np.fromiter(map(numbers.__getitem__, raw), np.intp, len(raw))
        found, which = np.unique(self._eight(starts) & _FIRST[sizes], return_inverse=True)
        return [one.tobytes().rstrip(b"\0") for one in found], which

    def _joined(self, values: Places) -> bytes:
        """What stands between the quotes of these values, a line end between each two: none holds one any more."""
        starts = self._opening[values] + 1
        sizes = self._closing[values] + 1 - starts
        ends = sizes.cumsum()
        places = np.repeat(starts + sizes - ends, sizes)
        places += np.arange(len(places))
        letters = self._codes[places]
        letters[ends - 1] = _BREAK
        together: bytes = letters[:-1].tobytes()
        return together

    def meanings(self, values: Places) -> list[str]:
        """What these values mean, outer blanks and all."""
        if not len(values):
            return []
        together = self._joined(values).decode()
        found = together.split("\n")
        return [meant(one) if "&" in one else one for one in found] if "&" in together else found

    def given(self, name: bytes, tags: Flags) -> dict[int, str]:
        """Of those of these tags that have this attribute, what it means."""
        owners, values = self.attribute(name)
        mine = tags[owners]
        return dict(zip(owners[mine].tolist(), self.meanings(values[mine]), strict=True))


def meant(raw: str) -> str:
    """A value as XML means it, but for its line ends: https://www.w3.org/TR/xml/#AVNormalize"""
    return _REFERENCE.sub(_referred, raw) if "&" in raw else raw


def _referred(found: re.Match[str]) -> str:
    if found[3]:
        return _NAMED[found[3]]
    return chr(int(found[1], 16) if found[1] else int(found[2]))


@lru_cache(maxsize=1024)
def _key(name: bytes, *, at_end: bool = False) -> tuple[np.uint64, np.uint64]:
    """Eight bytes as a number in which these are the first, or the last; and which of its bits count."""
    pad = b"\0" * (8 - len(name))
    placed, counted = (pad + name, pad + b"\xff" * len(name)) if at_end else (name + pad, b"\xff" * len(name) + pad)
    return np.frombuffer(placed, np.uint64)[0], np.frombuffer(counted, np.uint64)[0]


def _double_quoted(data: bytes) -> bytes:
    """The same with every value in double quotes. Programs take single ones for values that hold a duplicate one."""
    pieces, at = [], 0
    while (found := data.find(b"='", at)) >= 0:
        start, end = data.rfind(b"<", at, found), data.find(b"<", found)  # no value holds one
        if start < 0 or end < 0:
            raise Unknown
        pieces += [data[at:start], _QUOTED.sub(_as_double, data[start:end])]
        at = end
    return b"".join([*pieces, data[at:]])


def _as_double(found: re.Match[bytes]) -> bytes:
    quoted = found[0]
    return quoted if quoted[:1] == b'"' else b'"%b"' % quoted[1:-1].replace(b'"', b"&quot;")
