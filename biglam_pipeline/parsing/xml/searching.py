"""What does a document still tell that cannot be read? The text of an element, or what repeats, by its bytes alone."""

import re
from collections import Counter
from functools import lru_cache

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.encoding import HEAD_BYTES, find_encoding, to_utf8, wide_decoder
from biglam_pipeline.parsing.xml.reading import read_utf8, text_of
from biglam_pipeline.parsing.xml.tokens import Window, local_name


def last_text(data: bytes, name: str, media_type: str = "") -> str:
    """The text of the last element with this local name that stands outside of comments and CDATA; or nothing.

    Linear in the bytes. Only an element whose end tag is there counts: half a text would be another text.
    """
    try:
        encoding = find_encoding(data[:HEAD_BYTES], media_type)
    except Unreadable:
        return ""
    if encoding.wide:
        data = wide_decoder(encoding).decode(data, True).encode()
    window, at, last = Window(data), 0, b""
    while (found := _marks(name).search(data, at)) is not None:
        token = window.token(found.start())
        assert token is not None
        at = token.end
        if token.kind == "start" and local_name(token.name) == name and not token.is_empty:
            behind = window.find(b"<", at)
            if (inner := window.token(behind) if behind >= 0 else None) is not None and inner.kind == "cdata":
                behind = inner.end
            if behind >= 0 and data.startswith(b"</" + token.name, behind):
                last = data[at:behind]
        elif token.kind == "start" and local_name(token.name) == name:
            last = b""
    try:
        utf8, _ = (last, ()) if encoding.wide else to_utf8(last, encoding)
        return text_of(read_utf8(b"<a>" + utf8 + b"</a>").root)
    except Unreadable:
        return ""


_ALIKE = 0.8
"""Of the elements beside each other that hold others."""


def repeated_way(head: bytes) -> str:
    """Names that lead to what repeats closest to the root, as `/catalogue/record`; nothing where nothing does.

    head: the first bytes of a file. Only elements that hold others count: paragraphs repeat too.
    """
    window, at = Window(head), 0
    stack: list[tuple[str, list[bool]]] = []
    met: dict[tuple[str, ...], Counter[str]] = {}
    while (at := window.find(b"<", at)) >= 0 and (token := window.token(at)) is not None:
        at = token.end
        if token.kind == "start":
            if stack:
                stack[-1][1][0] = True
            if not token.is_empty:
                stack.append((local_name(token.name), [False]))
        elif token.kind == "end" and stack:
            name, (holds, *_) = stack.pop()
            if holds:
                met.setdefault(tuple(one for one, _ in stack), Counter())[name] += 1
    for path, names in sorted(met.items(), key=lambda one: len(one[0])):
        name, times = names.most_common(1)[0]
        if path and times > 1 and times >= _ALIKE * names.total():
            return f"/{'/'.join((*path, name))}"
    return ""


@lru_cache(maxsize=16)
def _marks(name: str) -> re.Pattern[bytes]:
    return re.compile(rb"<(?:!--|!\[CDATA\[|\?|(?:[^\s<>/=\"'&!?:]{1,100}:)?%s(?=[\s/>]))" % re.escape(name.encode()))
