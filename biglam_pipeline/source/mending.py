"""What has to be written so that an entry can be read as YAML: every remedy is tried before it is named.

A rule of YAML that was broken shows itself far from the slip, and "put it in quotes" cures few of them. So the likely
slips are mended one by one, and the first after which the entry reads further is what the message says.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import MappingStartEvent

from biglam_pipeline.source.events import events_of
from biglam_pipeline.source.quoting import BULLETS, KEY, QUOTED, balanced, open_brackets

_LARGEST = 1 << 16
"""Of an entry that is tried again and again."""
_BLOCK_TEXT = re.compile(r"(?:^|[:\s-])[|>][+-]?[0-9]?[+-]?\s*(?:\s#.*)?$")
"""The end of a line below which a text of several lines stands."""


@dataclass(frozen=True, slots=True)
class Mend:
    """One slip: the line that it stands in, counted from 0, and what to say."""

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Broken:
    """An entry that cannot be read, and where."""

    lines: list[str]
    """Of the entry, without line ends."""
    at: int
    """The line, from 0, that the parser blames."""
    stop: int
    """The line beyond which nothing could be read."""
    keys: Collection[str]
    """The language's own."""
    cause: str
    """What the parser says."""

    def reads_further(self, number: int, *instead: str) -> bool:
        """Whether the error is gone, or lies further down, where these lines stand from `number` on."""
        return self.reads(self.lines[:number] + list(instead) + self.lines[number + len(instead) :])

    def reads(self, lines: list[str]) -> bool:
        """The same of all lines."""
        stop = error_line("\n".join(lines))
        return stop is None or stop > self.stop

    @property
    def near(self) -> list[int]:
        """The lines in which the slip may stand, the likeliest first."""
        proper = list(outside_texts(self.lines))
        above = [number for number in proper if number < max(self.at, self.stop)][-2:]
        return [number for number in dict.fromkeys((self.at, self.stop, *reversed(above))) if number in proper]


def mend(lines: list[str], at: int, cause: str, keys: Collection[str]) -> list[Mend]:
    """What would cure the syntax error in line `at` of an entry; nothing where no likely slip is the cause.

    lines, at, keys, cause: see Broken.
    """
    stop = error_line("\n".join(lines)) if sum(map(len, lines)) <= _LARGEST else None
    if stop is None:
        return []
    broken = Broken(lines, at, stop, keys, cause)
    for attempt in (_odd_blanks, _joined_keys, _line_ends_and_bullets, _wrong_depth, _quotes, _ends):
        if found := attempt(broken):
            return found
    return []


def error_line(text: str) -> int | None:
    """The line, from 0, at which an entry cannot be read any further; None where it is a name with keys below it."""
    events = []
    try:
        for event in events_of(text):
            events.append(event)
            if len(events) == _BELOW and not isinstance(event, MappingStartEvent):
                return max(1, text.count("\n", 0, event.start_mark.index))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return text.count("\n", 0, mark.index) if mark else 0
    except YAMLError:
        return 0
    return None


_BELOW = 5
"""Events until what stands below the entry's name: the stream, the document, the mapping, the name, and it."""


def outside_texts(lines: list[str]) -> Iterator[int]:
    """The lines that YAML reads, from 0: none that is empty, a comment, or inside a text of several lines."""
    depth = -1
    for number, line in enumerate(lines):
        bare = line.strip()
        if not bare or (depth >= 0 and len(line) - len(line.lstrip(" ")) > depth):
            continue
        depth = len(line) - len(line.lstrip(" ")) if _BLOCK_TEXT.search(line) else -1
        if not bare.startswith("#"):
            yield number


# --- blanks that are none ---


def name_blank(mark: str) -> str:
    """A blank or an invisible character, as a person can look for it."""
    if mark == "\t":
        return "a tab"
    name = unicodedata.name(mark, "a control character").lower()
    return f"a {name} (U+{ord(mark):04X})"


def is_odd(mark: str) -> bool:
    """Whether a character looks like a blank, or like nothing, and is no blank to YAML."""
    return mark not in " \n\r" and (mark.isspace() or unicodedata.category(mark) == "Cf")


def odd_edge(text: str) -> str:
    """The first such character at one of a text's ends."""
    return next(filter(is_odd, text[:1] + text[-1:]), "")


def is_hidden(mark: str) -> bool:
    """Whether a character cannot be seen in a word. The joiners are letters of Persian and of Indian scripts."""
    return unicodedata.category(mark) == "Cf" and mark not in "\u200c\u200d"


def _front(line: str) -> str:
    """What stands before the first letter that can be seen."""
    return line[: next((at for at, mark in enumerate(line) if mark != " " and not is_odd(mark)), len(line))]


def _odd_blanks(broken: Broken) -> list[Mend]:
    lines = broken.lines
    odd = [number for number in outside_texts(lines) if any(map(is_odd, _front(lines[number])))]
    if not odd:
        return []
    mark = next(filter(is_odd, _front(lines[odd[0]])))
    more = len(odd) - 1
    said = f"{name_blank(mark)} stands in the indentation"
    said += f", and in that of {more} more line{'s' * (more > 1)} of the entry" if more else ""
    return [Mend(odd[0], f"{said}; write {_in_place(broken, odd, mark)}")]


def _in_place(broken: Broken, odd: list[int], mark: str) -> str:
    """Which blanks to write in the place of tabs and the like."""
    lines, first = broken.lines, odd[0]
    for depth in _depths(lines, first) if len(odd) == 1 else ():
        if broken.reads_further(first, _indented(lines[first], depth)):
            return f"{depth} blanks in front of `{_shown(lines[first])}`"
    for step in (4, 2, 8):
        tried = list(lines)
        for number in odd:
            front = _front(lines[number])
            plain = "".join(one if one == "\t" else " " for one in front).expandtabs(step)
            tried[number] = plain + lines[number][len(front) :]
        if broken.reads(tried):
            return f"{step} blanks for each tab" if mark == "\t" else "a blank for each"
    return "blanks, as many as the lines beside it have"


def _line_ends_and_bullets(broken: Broken) -> list[Mend]:
    """Tabs behind values, in empty lines and before comments, which nobody sees; and `* en` in a list."""
    plain = {number: line.rstrip() for number, line in enumerate(broken.lines) if line.rstrip() != line}
    plain |= {number: line.strip() for number, line in enumerate(broken.lines) if line.strip().startswith("#")}
    odd = [number for number, line in plain.items() if "\t" in broken.lines[number] and "\t" not in line]
    if odd and broken.reads([plain.get(number, line) for number, line in enumerate(broken.lines)]):
        more = f", and so it does in {len(odd) - 1} more lines of the entry" if odd[1:] else ""
        return [Mend(odd[0], f"a tab stands behind the value, or in a line without one{more}; take it out")]
    for number in broken.near:
        line = broken.lines[number]
        bare = line.strip()
        made = BULLETS.sub("- ", bare, count=1) if BULLETS.match(bare) else bare
        if made != bare and broken.reads_further(number, _front(line) + made):
            return [Mend(number, f"a list's values begin with a hyphen; write {made}")]
    return []


# --- indentation ---


def _depths(lines: list[str], at: int) -> list[int]:
    """Indentations that the line may have been meant to have: the one before it, the one behind it, then others."""
    proper = [n for n in outside_texts(lines) if n not in (0, at) and not any(map(is_odd, _front(lines[n])))]
    before = [_depth(lines[n]) for n in proper if n < at][-1:]
    after = [_depth(lines[n]) for n in proper if n > at][:1]
    return list(dict.fromkeys([*before, *after, *sorted({_depth(lines[n]) for n in proper})]))


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _indented(line: str, depth: int) -> str:
    return " " * depth + line[len(_front(line)) :]


def _shown(line: str) -> str:
    bare = line[len(_front(line)) :].strip()
    found = KEY.match(bare)
    return found[1] if found else bare[:40]


def strays(lines: list[str]) -> list[Mend]:
    """Lines of an entry that are no deeper than its name."""
    top = _depth(lines[0])
    found = []
    plain = [one for one in outside_texts(lines) if one and not any(map(is_odd, _front(lines[one])))]
    for number in (one for one in plain if _depth(lines[one]) <= top):
        if re.match(r"(<{7}|={7}|>{7}|\|{7})( |$)", lines[number]):
            found.append(
                Mend(number, "a merge of git was not finished here; keep one of the two, and take the marks out")
            )
            continue
        depth = next((one for one in _depths(lines, number) if one > top), top + 2)
        what = f"write {depth} blanks in front of `{_shown(lines[number])}`, not {_depth(lines[number])}"
        found.append(Mend(number, f"the line is not below the entry's name; {what}"))
    return found


def _wrong_depth(broken: Broken) -> list[Mend]:
    """A line under another indentation."""
    lines = broken.lines
    proper = list(outside_texts(lines))
    for number in filter(None, broken.near):
        for depth in _depths(lines, number):
            if depth == _depth(lines[number]) or not broken.reads_further(number, _indented(lines[number], depth)):
                continue
            beside = next((n for n in proper if n != number and _depth(lines[n]) == depth), None)
            same = f", as in front of `{_shown(lines[beside])}`" if beside is not None else ""
            what = f"write {depth} blanks in front of `{_shown(lines[number])}`{same}, not {_depth(lines[number])}"
            return [Mend(number, f"the indentation does not fit the lines beside it; {what}")]
    return []


# --- colons ---


_JOINED = re.compile(r"(\s*(?:- +)*)([A-Za-z_][\w-]*) *(:)([^ ].*)$", re.DOTALL)
_LIKE_COLON = re.compile(r"(\s*(?:- +)*)([A-Za-z_][\w-]*) *([：﹕∶꞉])\s*(\S.*)$", re.DOTALL)
"""Full-width, small, ratio and modifier letter colon: input methods and word processors write them."""
_NO_COLON = re.compile(r"(\s*(?:- +)*)([A-Za-z_][\w-]*)( *=>? *| +)([^ =].*)$", re.DOTALL)


def _joined_keys(broken: Broken) -> list[Mend]:
    """`title:Parish`, `title = Parish`, `title Parish` in all lines that begin with a key of the language."""
    tried, found = list(broken.lines), []
    for number in outside_texts(broken.lines):
        line = tried[number].rstrip()
        joined = _LIKE_COLON.match(line) or _JOINED.match(line) or (_NO_COLON.match(line) if ":" not in line else None)
        if number and joined and joined[2] in broken.keys and not joined[4].startswith("//"):
            tried[number] = f"{joined[1]}{joined[2]}: {_bare(joined[4])}"
            blank = joined[4][0]
            cause = _NO_BLANK if joined[3] == ":" else f"a colon is missing behind `{joined[2]}`"
            cause = f"{name_blank(joined[3])} stands in the place of the colon" if _LIKE_COLON.match(line) else cause
            cause = f"{name_blank(blank)} stands behind the colon" if is_odd(blank) else cause
            found.append(Mend(number, f"{cause}; write {tried[number].strip()}"))
    return found if found and broken.reads(tried) else []


def _bare(text: str) -> str:
    return text[len(_front(text)) :]


_NO_BLANK = "a blank is missing behind the colon"


# --- quotes, brackets ---


def _quotes(broken: Broken) -> list[Mend]:
    """One line in which a value, or several, are put into quotes."""
    for number in broken.near:
        for cause, change in QUOTED:
            made = change(broken.lines[number])
            if made not in (None, broken.lines[number]) and broken.reads_further(number, made or ""):
                return [Mend(number, f"{cause or broken.cause}; write {(made or '').strip()}")]
    return []


def _ends(broken: Broken) -> list[Mend]:
    """Quotes and brackets that are not closed at the end of a line, closed once too often, or by the other kind."""
    spread = [n for n in outside_texts(broken.lines) if broken.at <= n <= broken.stop]
    for number in filter(None, sorted({*broken.near, *spread})):
        line = broken.lines[number].rstrip()
        begun = "\n".join([*broken.lines[min(broken.at, number) : number], line])
        ends = [line + open_brackets(begun), *(line + mark for mark in "\"'" if line.count(mark) % 2), balanced(line)]
        for made in ends:
            if made != line and broken.reads_further(number, made):
                what = "a quote is not closed" if made[-1] in "\"'" else _BRACKETS
                return [Mend(number, f"{what}; write {made.strip()}")]
    return []


_BRACKETS = "the brackets do not close one another"
