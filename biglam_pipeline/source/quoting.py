"""One line of an entry with quotes and brackets as they may have been meant; `mending` tries whether it cures."""

import re
from collections.abc import Callable, Collection

KEY = re.compile(r"\s*(?:- +)*[\"']?([\w$.-]+)[\"']?\s*:(?:\s|$)")
"""A key at the start of a line, or of a member in braces."""


BULLETS = re.compile(r"[*•‣▪●◦·–—−] +")
"""What word processors and people make of the hyphen of a list."""
_BLOCKS = "harvest|normalize|rights|expect|dedup|publish|map|extra|where|with|fill|headers|query"
"""Keys behind which a block may stand, and never a text that looks like one."""


def block(line: str) -> str | None:
    """`rights: license: CC0-1.0`, a block in the line of its key, and `title: const: Parish`."""
    found = re.match(
        rf"(\s*(?:- +)*(?:(?:{_BLOCKS}): +(?=[\w$-]+: )|(?<=\s{{6}})[\w$-]+: +(?=const: )))([^\s{{\[].*?)\s*$", line
    )
    return f"{found[1]}{{{found[2]}}}" if found else None


def no_value(line: str, key: str, keys: Collection[str]) -> tuple[bool, str]:
    """What to say of a key without a value, and whether it is a key at all. keys: the language's own."""
    comment = re.search(r":\s+(#.*?)\s*$", line)
    if comment:
        return True, f"there is no value, only the comment `{comment[1][:30]}`; quote it if it is the value"
    if joined := re.match(r"([\w-]+):(\S.*)$", key, re.DOTALL):
        return False, f"a blank is missing behind the colon; write {joined[1]}: {joined[2]}"
    cut_off = "a comma inside braces cuts the value off; write "
    for found in _WITH_COMMAS.finditer(line):
        if key not in keys and key in (piece.strip() for piece in found[2].split(",")[1:]):
            number = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", found[2])  # no range holds a mark for thousands
            meant = number if re.fullmatch(r"[\d.]+", number) else quoted(found[2])
            return False, f"{cut_off}{found[1]}{meant}"
    if re.search(r"[()\[\]\s]", key):
        return True, f"`{key}` is what a comma inside braces cut off; put the whole value in quotes"
    return True, "there is no value, and an empty one is not part of the language; write one, or leave the key out"


_WITH_COMMAS = re.compile(
    r"([\w$-]+: +)([^\s\"'{\[,][^,{}\[\]\"']*(?:,(?!\s*[\w$-]+:)[^,{}\[\]\"']*)+?)(?=\s*[}\]]|,\s*[\w$-]+:)"
)
"""`quote: free, for all` inside braces."""


def whole(line: str) -> str | None:
    """`key: value` with the value in quotes; nothing where quotes alone would not do."""
    found = re.match(r"(\s*(?:- +)*[\w$-]+: +)([^\s\"'].*?)\s*$", line)
    if not found or (found[2][0] in "{[" and found[2][-1] in "}]"):
        return None
    return found[1] + quoted(found[2])


def goes_on(line: str) -> str | None:
    """`"Parish" registers`, in quotes as a whole."""
    found = re.match(r"(\s*(?:- +)*[\w$-]+: +)((?:\"[^\"]*\"|'[^']*')\s*[^\s,#].*?)\s*$", line)
    if not found:
        return None
    value = found[2]
    return found[1] + quoted(value[1:-1] if value[-1] == value[0] else value)


def address(line: str) -> str | None:
    """`file: parish`, an address with a blank in it."""
    found = re.match(r"(\s*(?:- +)*[\w$-]+: +)((?:oai\+)?(?:file|https?)): +(\S.*)$", line)
    return f"{found[1]}{found[2]}:{found[3]}" if found else None


def backslash(line: str) -> str | None:
    """`"C:\\data"` in quotes inside which a backslash is a letter."""
    found = re.match(r"(\s*(?:- +)*[\w$-]+: +)\"([^'\"]*\\[^'\"]*)\"\s*$", line)
    return f"{found[1]}'{found[2]}'" if found else None


def quoted(text: str) -> str:
    """A value in those quotes inside which it needs the fewest changes."""
    if ('"' in text or "\\" in text) and "'" not in text:
        return f"'{text}'"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_TOKEN = re.compile(r"(?:(?<=: )|(?<=, )|(?<=\[)|(?<=\{))(?=[^\s\"'{\[])")


def inside(line: str) -> str | None:
    """Values inside braces that hold what braces are made of, or `: `, each in quotes."""
    made, last = "", 0
    opened = min((at for at in (line.find("{"), line.find("[")) if at >= 0), default=len(line))
    for begin in (found.start() for found in _TOKEN.finditer(line) if found.start() > opened):
        value = line[begin : _end_of_value(line, begin)]
        if (
            begin < last
            or (KEY.match(value) and not line[:begin].endswith(": "))
            or not re.search(r"[{}\[\]\"]|: |,| #", value)
        ):
            continue
        made += line[last:begin] + quoted(value.rstrip())
        last = begin + len(value.rstrip())
    return made + line[last:] if last else None


def _end_of_value(line: str, begin: int) -> int:
    """Where a value inside braces ends, were it not for what stands inside its round brackets."""
    depth = 0
    for at in range(begin, len(line)):
        mark = line[at]
        depth += (mark == "(") - (mark == ")")
        if mark in ",}]" and depth <= 0:
            return at
    return len(line)


QUOTED: tuple[tuple[str, Callable[[str], str | None]], ...] = (
    ("a blank stands inside the address", address),
    ("a block that stands in the line of its key needs braces", block),
    ("what stands inside braces and holds [ ] { } or a comma needs quotes", inside),
    ("a text goes on behind its closing quote", goes_on),
    ('a backslash inside "..." is written twice', backslash),
    ("", whole),
)


def balanced(line: str) -> str:
    """The line with each bracket closed by its own kind, and none closed that is not open."""
    due: list[str] = []
    made = ""
    for mark in line:
        if mark in "}]":
            mark = due.pop() if due else ""
        elif mark in "{[":
            due.append("}" if mark == "{" else "]")
        made += mark
    return made


def balance(text: str) -> int:
    """How many round brackets it opens and does not close."""
    return text.count("(") - text.count(")")


def open_brackets(line: str) -> str:
    """What closes the brackets that a line leaves open."""
    due: list[str] = []
    for mark in re.sub(r"\"(?:\\.|[^\"\\])*\"|'[^']*'", "", line):
        if mark in "{[":
            due.append("}" if mark == "{" else "]")
        elif due and mark == due[-1]:
            due.pop()
    return "".join(reversed(due))
