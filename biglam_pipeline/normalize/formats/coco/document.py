"""Goes through a COCO file picture by picture, whatever the order of its lists; of its annotations some MB are held.

COCO: https://cocodataset.org/#format-data . Tools append a second pass of annotations behind all others (Beyond Words),
and may write them before the pictures, so those of one picture are found by going through the file more than once.
"""

import json
import re
from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from biglam_pipeline.normalize.formats.coco.objects import key_of
from biglam_pipeline.normalize.rows.rights_of import column_of_term
from biglam_pipeline.parsing.inflate import MAX_DOCUMENT_BYTES
from biglam_pipeline.parsing.json.records import named
from biglam_pipeline.parsing.json.stream import Broken, Tokens
from biglam_pipeline.parsing.json.strict import KEY, read_strictly
from biglam_pipeline.parsing.json.texts import Text

PICTURES, ANNOTATIONS = "images", "annotations"
GONE = b"null"
_HELD = ("info", "licenses", "categories")
_LONG = re.compile(rb"[0-9]{19}")
_NO_NUMBER = re.compile(rb"[:,\[]\s*-?(?:NaN|Infinity)")
HELD_BYTES = 64 * 2**20
"""So much of annotations is in memory at once, in the form in which they are written."""


@dataclass(frozen=True, slots=True)
class Pictured:
    """One entry of `images`, with all that is said of it."""

    number: int
    """Its place in the list, from 1."""
    key: str
    """Its id; empty where it has none."""
    image: dict[str, Any] | None
    annotations: tuple[dict[str, Any], ...]
    trouble: str = ""
    """Why it is no record."""


@dataclass(frozen=True, slots=True)
class Lost:
    """An annotation that belongs to no picture."""

    number: int
    detail: str


@dataclass(slots=True)
class Survey:
    """What a first way through the file finds out."""

    head: dict[str, Any] = field(default_factory=dict)
    """`info`, `licenses` and `categories`, and what else is called as rights are: some write `license` at the top."""
    lists: set[str] = field(default_factory=set)
    """Which of the two lists there are."""
    keys: list[str] = field(default_factory=list)
    """The first keys of the file."""
    numbers: dict[str, int] = field(default_factory=dict)
    """Id of a picture -> its number here."""
    listed: dict[int, int] = field(default_factory=dict)
    """Of each picture in `images` by its number what tells its entry from others."""
    ambiguous: set[int] = field(default_factory=set)
    """Pictures whose id another one has."""
    owners: "array[int]" = field(default_factory=lambda: array("l"))
    """Of each annotation in turn the picture, -1 where it is none."""
    sizes: dict[int, int] = field(default_factory=dict)
    """Bytes of a picture's annotations."""
    held: list[bytes] | None = field(default_factory=list)
    """All annotations, where they are few enough to be held."""
    held_bytes: int = 0
    gone: Counter[str] = field(default_factory=Counter)
    """Of each list the entries that a takedown left null of."""
    lost: list[Lost] = field(default_factory=list)
    """Annotations that cannot be read; of those that name a picture that is not there, `orphans` knows."""

    def orphans(self) -> Iterator[Lost]:
        """Annotations of pictures that the file does not list."""
        names = {number: key for key, number in self.numbers.items() if number not in self.listed}
        for at, owner in enumerate(self.owners, 1):
            if owner in names:
                yield Lost(at, f"`images` has no picture {names[owner]!r}")


def surveyed(text: Text) -> Survey:
    """Broken where the file is not one whole JSON object."""
    found = Survey()
    for key, data, _ in _members(text, found):
        if key in (PICTURES, ANNOTATIONS) and data == GONE:
            found.gone[key] += 1
        if key == PICTURES:
            image, _ = _read(data)
            if image is not None and (name := key_of(image.get("id"))):
                number = found.numbers.setdefault(name, len(found.numbers))
                if found.listed.setdefault(number, hash(data)) != hash(data):
                    found.ambiguous.add(number)
        elif key == ANNOTATIONS:
            _add(found, data)
        else:
            found.head[key] = read_strictly(data)
    return found


def _add(found: Survey, data: bytes) -> None:
    found.held_bytes += len(data)
    if found.held is not None:
        found.held.append(data)
    if found.held_bytes > HELD_BYTES:
        found.held = None
    if data == GONE:
        found.owners.append(-1)
        return
    annotation, trouble = _read(data)
    name = key_of(annotation.get("image_id")) if annotation is not None else ""
    number = found.numbers.setdefault(name, len(found.numbers)) if name else -1
    found.owners.append(number)
    found.sizes[number] = found.sizes.get(number, 0) + len(data)
    if not name:
        found.lost.append(Lost(len(found.owners), trouble or "it has no `image_id`"))


def pictures(text: Text, survey: Survey) -> Iterator[Pictured]:
    """Every entry of `images` in turn, so many at a time that their annotations are HELD_BYTES."""
    waiting, size = list[tuple[int, bytes, int]](), 0
    entries = (data for _, data, _ in _members(text, wanted=(PICTURES,)))
    for place, data in enumerate(entries, 1):
        if data == GONE:
            continue
        number = _number(survey, data)
        waiting.append((place, data, number))
        size += survey.sizes.get(number, 0) + len(data)
        if size >= HELD_BYTES:
            yield from _together(text, survey, waiting)
            waiting, size = [], 0
    yield from _together(text, survey, waiting)


def _together(text: Text, survey: Survey, waiting: list[tuple[int, bytes, int]]) -> Iterator[Pictured]:
    held: dict[int, list[bytes]] = {number: [] for _, _, number in waiting if number in survey.sizes and number >= 0}
    if held:
        read = (data for _, data, _ in _members(text, wanted=(ANNOTATIONS,)))
        annotations = survey.held if survey.held is not None else read
        for owner, data in zip(survey.owners, annotations, strict=True):
            if owner in held:
                held[owner].append(data)
    for place, data, number in waiting:
        image, trouble = _read(data)
        key = key_of(image.get("id")) if image else ""
        if number in survey.ambiguous:
            trouble = f"another picture has the id {key!r} too, so which annotations are whose is not known"
        elif image is not None and not key:
            trouble = "it has no `id`, by which annotations name it"
        mine = [one for each in held.get(number, ()) if (one := _read(each, again=True)[0]) is not None]
        yield Pictured(place, key, image, tuple(mine), trouble)


def _read(data: bytes, *, again: bool = False) -> tuple[dict[str, Any] | None, str]:
    """An object, or why it is none that all programs read alike. again: whether it was found to be one before."""
    try:
        value = _fast(data)
        if value is None or not (again or len(KEY.findall(data)) == _count_keys(value)):
            value = read_strictly(data, float)
    except (ValueError, RecursionError) as error:
        return None, f"it is no JSON that all programs read alike: {error}"
    return (value, "") if isinstance(value, dict) else (None, f"it is {named(data)} and no object")


def _fast(data: bytes) -> Any:
    """The value; None where `read_strictly` has to say what is wrong.

    `orjson` makes a float of an id of 20 digits, and refuses what Python and pandas write for a number that is none:
    that is null here, so that the object is kept, and flagged where its box has it.
    """
    try:
        return orjson.loads(data) if _LONG.search(data) is None else json.loads(data)
    except ValueError:
        return json.loads(data, parse_constant=lambda _: None) if _NO_NUMBER.search(data) else None


def _count_keys(value: Any) -> int:
    """Of an annotation, most of which is coordinates. What is in a list behind a number is not counted: then too few
    are found, and the annotation is read strictly.
    """
    if isinstance(value, dict):
        return len(value) + sum(_count_keys(one) for one in value.values() if type(one) in (dict, list))
    nested = isinstance(value, list) and bool(value) and type(value[0]) in (dict, list)
    return sum(map(_count_keys, value)) if nested else 0


def _members(
    text: Text, survey: Survey | None = None, wanted: Collection[str] = ()
) -> Iterator[tuple[str, bytes, int]]:
    """(key, bytes, bytes before them) of each entry of the two lists, and of the short values.

    survey: gets what keys there are; wanted: of which keys, by default of all that say something.
    """
    tokens, met = Tokens(text.blocks(), MAX_DOCUMENT_BYTES), set[str]()
    for key in _keys(tokens):
        if key in met:
            raise Broken(f"the key {key!r} comes twice, and programs differ in which they take")
        met.add(key)
        if survey is not None and len(survey.keys) < 60:
            survey.keys.append(key)
        if wanted and key not in wanted:
            tokens.skip()
        elif key in (PICTURES, ANNOTATIONS) and tokens.peek() == b"[":
            if survey is not None:
                survey.lists.add(key)
            yield from ((key, data, begins) for data, begins in _listed(tokens))
        elif key == ANNOTATIONS:
            raise Broken(f"`{key}` is no list")
        elif key in _HELD or (key != PICTURES and column_of_term(key)):
            yield key, tokens.value(), 0
        else:
            tokens.skip()
    if tokens.peek():
        raise Broken("something stands behind its end")


def _keys(tokens: Tokens) -> Iterator[str]:
    """The keys of an object; whoever asks passes each one's value."""
    tokens.take(b"{")
    if tokens.peek() != b"}":
        more = True
        while more:
            key = str(orjson.loads(tokens.string()))
            tokens.take(b":")
            yield key
            if more := tokens.peek() == b",":
                tokens.take(b",")
    tokens.take(b"}")


def _listed(tokens: Tokens) -> Iterator[tuple[bytes, int]]:
    tokens.take(b"[")
    more = tokens.peek() != b"]"
    while more:
        yield _value(tokens)
        if more := tokens.peek() == b",":
            tokens.take(b",")
    tokens.take(b"]")


def _value(tokens: Tokens) -> tuple[bytes, int]:
    tokens.peek()
    begins = tokens.place
    return tokens.value(), begins


Spans = list[tuple[int, int]]
"""Begin and length of each, in order."""


def spans_of(text: Text, survey: Survey, places: Collection[int]) -> Spans:
    """Where pictures and all their annotations stand. places: of the pictures in `images`, from 1."""
    gone, place = set[int](), 0
    for key, data, _ in _members(text):
        place += key == PICTURES
        if key == PICTURES and place in places:
            gone.add(_number(survey, data))
    found, at = Spans(), 0
    for key, data, begins in _members(text):
        at += key == ANNOTATIONS
        owner = survey.owners[at - 1] if key == ANNOTATIONS else _number(survey, data) if key == PICTURES else -1
        if owner >= 0 and owner in gone:
            found.append((begins, len(data)))
    return found


def _number(survey: Survey, data: bytes) -> int:
    image, _ = _read(data)
    return survey.numbers.get(key_of(image.get("id")) if image else "", -1)


def spans_under(text: Text, key: str) -> Spans:
    """Where the values of an object stand: of the one under this key, or of the document where there is none."""
    tokens, inside, top = Tokens(text.blocks(), MAX_DOCUMENT_BYTES), Spans(), Spans()
    for name in _keys(tokens):
        if name == key:
            inside = [(begins, len(data)) for data, begins in (_value(tokens) for _ in _keys(tokens))]
        else:
            data, begins = _value(tokens)
            top.append((begins, len(data)))
    return inside or top


def whole(text: Text) -> Any:
    """All of a document that has no lists to go through. ValueError where it is too large to be held, or is none."""
    return read_strictly(Tokens(text.blocks(), MAX_DOCUMENT_BYTES).value())


def by_id(entries: Any) -> Mapping[str, Mapping[str, Any] | None]:
    """Of a list of objects with ids each by its id; None where two that differ have the same."""
    found: dict[str, Mapping[str, Any] | None] = {}
    for one in entries if isinstance(entries, list) else ():
        if isinstance(one, dict) and (key := key_of(one.get("id"))):
            found[key] = one if found.get(key, one) == one else None
    return found
