"""What can be done to a value on its way into a column: the closed list behind ` >> `.

A step gets all values that the path found and gives back what it makes of them. It is total: a value that it cannot
read is dropped, and the reason is noted.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from biglam_pipeline.fields.date_signs import say_bc, say_edtf, say_until
from biglam_pipeline.linear import Regex
from biglam_pipeline.normalize.mapping.tables import table_of
from biglam_pipeline.normalize.mapping.verb import MANY, Kind, Reasons, Verb, Work, as_text, each
from biglam_pipeline.parsing.html import text_of_html
from biglam_pipeline.settings import nearest

_MAX_REGEX_INPUT = 2_000
_NO_STEPS = {
    "lang": "languages",
    "rights": "rights_raw",
}


@dataclass(frozen=True)
class Step:
    """One step as written; what it does is made of that in each process that runs it."""

    name: str
    arguments: tuple[str, ...]
    table: tuple[tuple[str, str], ...] | None = None
    """Of `lookup(NAME)`, what stands under this name in `lookups`."""

    @cached_property
    def run(self) -> Work:
        """What it does. ValueError where the arguments are none of its."""
        verb = STEPS[self.name]
        least, most = verb.fewest, verb.most
        if not least <= len(self.arguments) <= most:
            wanted = f"{least}" if least == most else f"{least} to {most}" if most < MANY else f"at least {least}"
            raise ValueError(f"`{self.name}` takes {wanted} arguments, not {len(self.arguments)}")
        return verb.make(*self.arguments) if self.table is None else _looked_up(dict(self.table))

    def __reduce__(self) -> tuple[object, ...]:
        """As written, so that a slice can be read in another process."""
        return Step, (self.name, self.arguments, self.table)


_SIGN = "for dates: what the sign in `-1937` means, put into words; without one of these three such a date is not read."


def read_steps(text: str) -> tuple[Step, ...]:
    """`strip >> split(";")` and the like. ValueError says which word or bracket is wrong."""
    steps, place = [], 0
    while True:
        name, place = _read_name(text, place)
        arguments, place = _read_arguments(text, place, name)
        steps.append(_make(name, arguments))
        rest = text[place:].lstrip()
        if not rest:
            return tuple(steps)
        if not rest.startswith(">>"):
            raise ValueError(f"after `{name}` there is {rest!r}; steps are divided by >>")
        place = len(text) - len(rest) + 2


_ARROW = r"(?:[-=~]+>|>|\|>?|»|→|⇒|›)"
_ONE_ARROW = re.compile(rf"(?P<path>.+?)\s*{_ARROW}\s*(?P<steps>[A-Za-z_]+\s*(?:\(.*|{_ARROW}.*)?)", re.DOTALL)


def refuse_one_arrow(path: str) -> None:
    """ValueError where a path ends in a step behind a mark that divides steps elsewhere: `date > strip`, `a | lower`.

    A shell's pipe, jq, Jinja and YAML-minded people write it so. A path into XML that really ends in an element of a
    step's name is written `./list`.
    """
    found = _ONE_ARROW.fullmatch(path)
    if found is None or re.match(r"[A-Za-z_]+", found["steps"])[0] not in STEPS:  # type: ignore[index]
        return
    steps = re.sub(rf"\s*{_ARROW}\s*(?=[A-Za-z_])", " >> ", found["steps"])
    raise ValueError(f"`{path}`: steps are divided by >>; write {found['path'].strip()} >> {steps.strip()}")


def result_of(steps: Sequence[Step]) -> Kind:
    """The type that the last step gives, for the source's own columns."""
    kind: Kind = "text"
    for step in steps:
        kind = STEPS[step.name].gives or ("texts" if kind == "texts" else "text")
    return kind


_NAME = re.compile(r"\s*([A-Za-z_]+)\s*")
_PLAIN = re.compile(r"[^,()\"]*")


def _read_name(text: str, place: int) -> tuple[str, int]:
    found = _NAME.match(text, place)
    if not found:
        raise ValueError(f"a step is missing after >> in {text!r}; the steps are {', '.join(STEPS)}")
    name = found[1]
    if name in STEPS:
        return name, found.end()
    if name in _NO_STEPS:
        raise ValueError(f"`{name}` is not a step: the column `{_NO_STEPS[name]}` normalises itself; leave it out")
    near = nearest(name, STEPS)
    hint = f"did you mean `{near}`?" if near else f"the steps are {', '.join(STEPS)}"
    raise ValueError(f"`{name}` is not a step; {hint}")


def _read_arguments(text: str, place: int, name: str) -> tuple[tuple[str, ...], int]:
    if not text.startswith("(", place):
        return (), place
    arguments: list[str] = []
    place += 1
    while True:
        argument, place = _read_argument(text, place)
        arguments.append(argument)
        mark = text[place : place + 1]
        place += 1
        if mark == ")":
            return tuple(arguments), place
        if mark != ",":
            wrong = f"`{mark}` inside an argument" if mark else "its closing bracket is missing"
            raise ValueError(f'`{name}(...)`: {wrong}; write an argument that has a bracket or a quote in "..."')


def _read_argument(text: str, place: int) -> tuple[str, int]:
    """One argument and the place after it. Quoted, nothing in it is special but `\\"`."""
    start = place + len(text[place:]) - len(text[place:].lstrip())
    quote = text[start : start + 1]
    if quote == '"' or text.startswith("''", start):
        end = start + 1
        while end < len(text) and text[end] != quote:
            end += 2 if text.startswith('\\"', end) else 1
        if end >= len(text):
            raise ValueError(f"a quote is not closed in {text!r}")
        after = end + 1
        after += len(text[after:]) - len(text[after:].lstrip())
        return text[start + 1 : end].replace('\\"', '"'), after
    found = _PLAIN.match(text, place)
    assert found is not None
    return found[0].strip(), found.end()


# --- how a step is made -------------------------------------------------------------------------------------


def _make(name: str, arguments: tuple[str, ...]) -> Step:
    is_named = name == "lookup" and len(arguments) == 1 and "=" not in arguments[0]
    step = Step(name, arguments, tuple(table_of(arguments[0]).items()) if is_named else None)
    step.run  # noqa: B018  # wrong arguments are told where the entry is loaded
    return step


def _split(mark: str) -> Work:
    if not mark:
        raise ValueError('`split` needs a mark to split at, such as split(";")')
    mark = {r"\n": "\n", r"\t": "\t"}.get(mark, mark)  # YAML has no line end inside a plain text

    def run(values: list[Any], reasons: Reasons) -> list[Any]:
        return [one for value in values for piece in as_text(value).split(mark) if (one := piece.strip())]

    return run


def _join(mark: str = " ") -> Work:
    return lambda values, reasons: [mark.join(as_text(value) for value in values)] if values else []


def _regex(pattern: str) -> Work:
    try:
        compiled = Regex(pattern)
    except ValueError as error:
        raise ValueError(f"`regex({pattern})` {error}") from None

    def run(values: list[Any], reasons: Reasons) -> list[Any]:
        made = []
        for value in map(as_text, values):
            if len(value) > _MAX_REGEX_INPUT:
                reasons.append("too long for regex")
                continue
            found = compiled.search(value)
            if found is None or (compiled.groups and found[1] is None):
                reasons.append("regex found nothing")
            else:
                made.append(found[1] if compiled.groups else found[0])
        return made

    return run


def _lookup(*pairs: str) -> Work:
    table = {}
    for pair in pairs:
        key, mark, value = pair.partition("=")
        if not mark:
            raise ValueError(f"`lookup` wants key=value, not {pair!r}")
        table[key.strip()] = value.strip()
    return _looked_up(table)


def _looked_up(table: dict[str, str]) -> Work:
    return each(lambda value: table.get(value.strip()), "not in lookup")


def _template(text: str) -> Work:
    if text.count("{}") != 1:
        raise ValueError(f"`template({text})` needs the place of the value, one {{}}")
    return each(lambda value: text.replace("{}", value) if value.strip() else None, "empty in template")


def _class(*names: str) -> Work:
    known = set(names)
    if len(known) < len(names) or "" in known:
        raise ValueError("`class` wants different names, none of them empty")
    return each(lambda value: value.strip() if value.strip() in known else None, "not among the classes")


_INT = re.compile(r"\s*([+-]?[0-9]{1,19})(?:\.0*)?\s*")
_FLOAT = re.compile(r"\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*")
_BOOL = {"true": True, "yes": True, "y": True, "t": True, "1": True}
_BOOL |= {"false": False, "no": False, "n": False, "f": False, "0": False}


def read_int(text: str) -> int | None:
    """A whole number that fits 64 bits; `12.0` is one."""
    found = _INT.fullmatch(text)
    number = int(found[1]) if found else 1 << 63
    return number if -(1 << 63) <= number < 1 << 63 else None


def read_bool(text: str) -> bool | None:
    """true or false, as people write them; None for anything else."""
    return _BOOL.get(text.strip().lower())


def read_float(text: str) -> float | None:
    """A finite number; `nan` and `inf` are words here."""
    if not _FLOAT.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def _url(text: str) -> str | None:
    text = text.strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    good = parts.scheme in ("http", "https") and parts.netloc and not re.search(r"\s", text)
    return text if good else None


def _html_text(text: str) -> str | None:
    """What a reader of the page would see; blocks become lines."""
    if not text.strip() or ("<" not in text and "&" not in text):
        return text.strip() or None
    return text_of_html(text)


VERBS: Sequence[Verb] = (
    Verb("list", "list", "keeps all values as a list", lambda: lambda values, reasons: values, gives="texts"),
    Verb("first", "first", "keeps the first", lambda: lambda values, reasons: values[:1], gives="text"),
    Verb(
        "split",
        "split(mark)",
        "makes several of one, without outer blanks; \\n is a line end, \\t a tab",
        _split,
        1,
        1,
        "texts",
    ),
    Verb("join", "join(mark)", "makes one of several; a blank without a mark", _join, 0, 1, "text"),
    Verb(
        "strip",
        "strip(marks)",
        "takes away outer blanks, or these characters",
        lambda marks=None: each(lambda value: value.strip(marks), ""),
        most=1,
    ),
    Verb(
        "replace",
        "replace(old, new)",
        "puts `new` (or nothing) for each `old`",
        lambda old, new="": each(lambda value: value.replace(old, new) if old else value, ""),
        1,
        2,
    ),
    Verb("regex", "regex(expression)", "what the expression, or its first group, finds", _regex, 1, 1),
    Verb(
        "lookup",
        "lookup(a=b, c=d)",
        "b for a, d for c; anything else is dropped; `lookup(NAME)` takes the table of this name in `lookups`",
        _lookup,
        1,
        MANY,
    ),
    Verb("lower", "lower", "small letters", lambda: each(str.lower, "")),
    Verb("int", "int", "a whole number", lambda: each(read_int, "not a whole number"), gives="int"),
    Verb("float", "float", "a number", lambda: each(read_float, "not a number"), gives="float"),
    Verb("bool", "bool", "true or false", lambda: each(read_bool, "not true or false"), gives="bool"),
    Verb("url", "url", "keeps web addresses only", lambda: each(_url, "not a web address")),
    Verb(
        "html_text",
        "html_text",
        "what a reader of the page would see",
        lambda: each(_html_text, "no text in the HTML"),
    ),
    Verb("template", "template(text with {})", "the text with the value in the place of `{}`", _template, 1, 1),
    Verb(
        "class",
        "class(a, b)",
        "keeps a value that is one of these; in `extra` the column is a `ClassLabel`, the place in this list",
        _class,
        2,
        MANY,
        "class",
    ),
    Verb("bc", "bc", f"{_SIGN} 1937 BC (a museum's whole numbers, no year 0)", lambda: each(say_bc, "")),
    Verb("edtf", "edtf", f"{_SIGN} 1938 BC (EDTF)", lambda: each(say_edtf, "")),
    Verb("until", "until", f'{_SIGN} "until 1937"', lambda: each(say_until, "")),
)
"""The closed list, in the order of the documentation. A step with a file of its own has its verb there."""
STEPS = {verb.name: verb for verb in VERBS}
