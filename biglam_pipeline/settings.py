"""The strict, frozen base of every block of sources.yaml, and the scalars that several blocks share."""

import ast
import difflib
import hashlib
import inspect
import json
import math
import re
import textwrap
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Annotated, Any, NamedTuple, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetJsonSchemaHandler, PlainSerializer, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Settings(BaseModel):
    """One block: unknown keys are refused, nothing changes after reading, docstrings become the JSON schema.

    They are read where somebody asks: pydantic's `use_attribute_docstrings` parses the source of every block whenever
    the package is imported, which was a fifth of it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, arbitrary_types_allowed=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """What pydantic makes of the block, with what each key means."""
        made = handler(schema)
        keys = handler.resolve_ref_schema(made).get("properties", {})
        for name, meaning in meanings(cls).items():
            info = cls.model_fields[name]
            key = info.alias if info.alias in keys else name
            if key in keys and info.description is None:
                keys[key]["description"] = meaning  # its type may say what is written there; this says what it means
        return made


@cache
def meanings(block: type[BaseModel]) -> dict[str, str]:
    """Key -> what its docstring says, of a block and of those that it is derived from."""
    found: dict[str, str] = {}
    for model in reversed(block.__mro__):
        if issubclass(model, Settings) and model is not Settings:
            found |= _docstrings(inspect.getsource(model))
    return {name: meaning for name, meaning in found.items() if name in block.model_fields}


def _docstrings(source: str) -> Iterator[tuple[str, str]]:
    """Each annotated name of a class that a text follows (https://peps.python.org/pep-0257/, attribute docstrings)."""
    (block,) = ast.parse(textwrap.dedent(source)).body
    assert isinstance(block, ast.ClassDef)
    for key, text in pairwise(block.body):
        match key, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                yield name, inspect.cleandoc(said)


def written(block: BaseModel, leave_out: Collection[str] = ()) -> str:
    """What is written of a block, as JSON that is digested: a key that holds its default enters no digest.

    So the language can grow a key without one source being harvested or read again. What a default *means* may
    therefore change only with a version that is digested too, such as a reader's VERSION. `type` names the kind and
    always enters, and so does a key that must be written: that it need not be any more changes digests. The order of
    keys, comments and quotes say nothing. leave_out: keys of the block itself that do not count.
    """
    return _text(_Same(block), tuple(leave_out))


class _Same:
    """A block that equals itself alone: nothing in it changes, and to compare two takes as long as to write one."""

    __slots__ = ("block",)

    def __init__(self, block: BaseModel) -> None:
        self.block = block

    def __hash__(self) -> int:
        return id(self.block)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.block is self.block


@lru_cache(maxsize=128)  # the stages of a night ask thirty times for the same few
def _text(one: _Same, leave_out: tuple[str, ...]) -> str:
    return json.dumps(_written(one.block, leave_out), ensure_ascii=False)


def digest_of_all(digests: Sequence[str]) -> str:
    """One digest of several, in their order; of a single one, that."""
    return digests[0] if len(digests) == 1 else hashlib.sha256(" ".join(digests).encode()).hexdigest()[:16]


def _written(block: BaseModel, leave_out: Container[str] = ()) -> dict[str, Any]:
    dumped = block.model_dump(mode="json")
    found: dict[str, Any] = {}
    for name, shown, has_default, default in _keys(type(block)):
        value = getattr(block, name)
        if name in leave_out or (has_default and _is_default(value, default)):
            continue
        found[shown] = _members(value, dumped[name])
    return found | {name: dumped[name] for name in block.model_extra or ()}


def _is_default(value: Any, default: Any) -> bool:
    if isinstance(value, BaseModel) and isinstance(default, BaseModel):
        return isinstance(value, type(default)) and _written(value) == _written(default)
    return bool(value == default)


@cache
def _keys(block: type[BaseModel]) -> tuple[tuple[str, str, bool, Any], ...]:
    """Its keys in the order of their names, for where one stands in the class says nothing; as YAML has them; and what
    stands there if one is not written, to be compared with and never handed on.
    """
    found = []
    for name, info in sorted(block.model_fields.items()):
        if not info.exclude:
            has_default = name != "type" and not info.is_required()
            default = info.get_default(call_default_factory=True, validated_data={}) if has_default else None
            found.append((name, info.alias or name, has_default, default))
    return tuple(found)


def _members(value: Any, dumped: Any) -> Any:
    """Blocks inside the value by what is written of them, the rest as the model writes it."""
    if isinstance(value, BaseModel):
        return _written(value)
    if isinstance(value, tuple | list | frozenset) and isinstance(dumped, list):
        members = [_members(one, each) for one, each in zip(value, dumped, strict=True)]
        return sorted(members, key=json.dumps) if isinstance(value, frozenset) else members  # else by chance
    if isinstance(value, dict) and isinstance(dumped, dict):
        pairs = zip(value.values(), dumped.items(), strict=True)
        return {name: _members(one, each) for one, (name, each) in pairs}
    return dumped


class Accounts(NamedTuple):
    """How a kind shows that nothing was lost: generated into docs/completeness.md."""

    counted: str
    """What the kind itself counts."""
    against: str
    """What it is held against: counted or stated by somebody else, or in another way."""
    difference: str
    """What a difference does."""


def kinds_of(closed_list: Any) -> tuple[Any, ...]:
    """The classes of a stage's closed list, in its order."""
    (listed, *_) = get_args(closed_list)  # Annotated[One | Other, Field(...)]
    return get_args(listed) or (listed,)


class Misplaced(ValueError):
    """Faults of a block that belong to places inside it: what a validator of the whole block finds in one of its keys.

    A fault is reported at the line of its place, and that is found by these keys, never by a word of its message.
    """

    def __init__(self, *faults: tuple[tuple[str | int, ...], str]) -> None:
        """faults: the keys that lead from the block to the place, and what is wrong there."""
        super().__init__("; ".join(what for _, what in faults))
        self.faults = faults


_FEW = 3
_SHORT = 12
"""So many names are shown one by one."""


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The known word that a person may have meant, whatever the case and the joints; nothing where none is near.

    cutoff: how alike they must be, as difflib counts it.
    """
    folded = {_fold(one): one for one in known}
    near = difflib.get_close_matches(_fold(word), folded, 1, cutoff)
    return folded[near[0]] if near else ""


def meant_among(word: str, known: Collection[str], listed_by: str = "") -> str:
    """For an error about a name that there is not: those that may be meant, else all, or how many where they are many.

    listed_by: the command that lists them.
    """
    folded = {_fold(one): one for one in sorted(known)}
    near = difflib.get_close_matches(_fold(word), folded, _FEW, 0.6)
    within = [one for one in folded if one not in near and len(word) > 2 and _fold(word) in one]
    names = [f"`{folded[one]}`" for one in [*near, *within][:_FEW]]
    more = f"; `{listed_by}` lists all {len(known)}" if listed_by and len(known) > _SHORT else ""
    if names:
        return f"did you mean {' or '.join([', '.join(names[:-1]), names[-1]] if names[1:] else names)}?{more}"
    if len(known) <= _SHORT:
        return f"there are: {', '.join(sorted(known)) or 'none'}"
    return f"there are {len(known)}, such as {', '.join(sorted(known)[:_FEW])}{more}"


def _fold(word: str) -> str:
    return re.sub(r"[\s-]+", "_", word.strip().casefold())


def _many(value: object) -> object:
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_many)]
"""A text, or a list of them."""


def check_page(address: str) -> str:
    """The address, where it is that of a page which a person can read; else a ValueError."""
    if not re.match(r"https?://[^/\s]+\.[^/\s]+", address):
        raise ValueError(f"`{address}` is not a page that can be read; write its address, https://...")
    return address


class Bounds(tuple[float, float]):
    """Lowest and highest value that a range allows, both included; infinite where the range is open."""

    __slots__ = ()

    def __contains__(self, value: object) -> bool:
        """True where the number lies inside."""
        return isinstance(value, int | float) and self[0] <= value <= self[1]

    def meets(self, one: float, other: float) -> bool:
        """True where some value between these two, both included, lies inside."""
        return min(one, other) <= self[1] and max(one, other) >= self[0]

    def __str__(self) -> str:
        """The range as it is written in YAML."""
        low, high = ("" if math.isinf(x) else f"{x:g}" if abs(x) < 1e6 else f"{x:.0f}" for x in self)
        return low if low == high else f"{low}..{high}"


_RANGE = re.compile(r"^\s*(-?\d+(?:\.\d+)?)?\s*(\.\.)?\s*(-?\d+(?:\.\d+)?)?\s*$")


def read_range(value: Any) -> Bounds:
    """`20` exactly, `20..` at least, `..20` at most, `0.6..0.9` between; anything else is a ValueError."""
    if isinstance(value, Bounds):
        return value
    found = _RANGE.match(str(value))
    if not found or not any(found.groups()) or (not found[2] and found[3]) or str(value).strip() == "..":
        forms = "20 (exactly), 20.. (at least), ..20 (at most) or 0.6..0.9"
        raise ValueError(f"{value!r} is not a range; write {_range_meant(str(value)) or forms}")
    low, dots, high = found.groups()
    if not dots:
        return Bounds((float(low), float(low)))
    bounds = Bounds((float(low) if low else -math.inf, float(high) if high else math.inf))
    if bounds[0] > bounds[1]:
        raise ValueError(f"{value!r} is empty: its lower end is above its upper end")
    return bounds


_NUMBER = r"(\d+(?:\.\d+)?)"
_MEANT = (
    (r"(?:>=?|≥|=>|at least|min(?:imum)?|from|over|more than)\s*" + _NUMBER, "{}.."),
    (_NUMBER + r"\s*(?:\+|or more|and more|and up|<=?|\.\.?\.\*|-)", "{}.."),
    (r"(?:<=?|≤|=<|at most|max(?:imum)?|up to|below|less than)\s*" + _NUMBER, "..{}"),
    (_NUMBER + r"\s*(?:-|–|—|to|\.{3}|…|,\s)\s*" + _NUMBER, "{}..{}"),
    (r"(?:==?|~|about|exactly|circa|ca\.?)\s*" + _NUMBER, "{}"),
    (_NUMBER, "{}"),
)
"""How people write a range -> how the language does."""


def _range_meant(text: str) -> str:
    """`20..` for `>=20`, `at least 20`, `20+`; `10..20` for `10-20`; nothing where that is not plain."""
    plain = re.sub(r"(?<=\d)[ _,'\u00a0\u202f](?=\d{3}(?!\d))", "", text.strip().casefold())
    if plain != text.strip() and _RANGE.match(plain):
        return plain
    for pattern, written in _MEANT:
        if found := re.fullmatch(pattern, plain):
            return written.format(*found.groups())
    return ""


def read_share(value: Any) -> Bounds:
    """A range of shares, from 0 to 1; a ValueError where it names another number, as `..5` for five per cent does."""
    if match := re.fullmatch(r"[\s.]*(\d+(?:\.\d+)?)\s*%[\s.]*", str(value)):
        share = f"{float(match[1]) / 100:g}"
        raise ValueError(f"{value!r} is not a share; write ..{share} (at most) or {share}.. (at least)")
    if not isinstance(value, Bounds) and not _RANGE.match(str(value)):
        forms = "..0.05 (at most), 0.95.. (at least) or 0.6..0.9"
        raise ValueError(f"{value!r} is not a range; write {_range_meant(str(value)) or forms}")
    bounds = read_range(value)
    wrong = [end for end in bounds if math.isfinite(end) and not 0 <= end <= 1]
    if wrong:
        raise ValueError(f"{str(bounds)!r} is not a range of shares, which go from 0 to 1; 5 % is 0.05")
    return bounds


def read_count(value: Any) -> Any:
    """A range of numbers of things, as it is written; ValueError of `1.000..`: a thousand to many people, else one."""
    if not isinstance(value, Bounds) and re.search(r"\d\.\d", str(value)):
        plain = re.sub(r"(?<=\d)\.(?=\d{3}(?!\d))", "", str(value))
        meant = "a whole number" if re.search(r"\d\.\d", plain) else plain
        raise ValueError(f"{value!r} does not say how many; write {meant}")
    return value


def check_most(bounds: Bounds) -> Bounds:
    """The range, where it says how large a share may be at most; else a ValueError."""
    if bounds[0] > 0 or bounds[1] > 1:
        raise ValueError(f"{str(bounds)!r} does not say how large a share may be at most; write it as ..0.05")
    return bounds


Range = Annotated[
    Bounds,
    BeforeValidator(read_range),
    PlainSerializer(str, return_type=str),
    WithJsonSchema(
        {"type": ["string", "number"], "pattern": _RANGE.pattern, "description": "20, 20.., ..20, 0.6..0.9"}
    ),
]
"""A number or an interval, as `expect` and `where` write it."""


Count = Annotated[Range, BeforeValidator(read_count)]
"""A range of numbers of things."""


Share = Annotated[
    Bounds,
    BeforeValidator(read_share),
    PlainSerializer(str, return_type=str),
    WithJsonSchema(
        {
            "type": ["string", "number"],
            "pattern": _RANGE.pattern,
            "description": "from 0 to 1: ..0.05, 0.95.., 0.6..0.9",
        }
    ),
]
"""A range of shares of all rows."""
