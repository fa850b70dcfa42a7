"""Lays what is generated into a card that people write too: their text stays where it stands, ours is as it is now."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from biglam_pipeline.publish.blocks import (
    Body,
    Edit,
    Generated,
    Piece,
    digest_of,
    homes_of,
    lay_pieces,
    paragraphs_of,
    read_body,
    same,
    write_body,
)
from biglam_pipeline.publish.card_header import (
    LISTS,
    OURS,
    is_read,
    join_card,
    merge_header,
    people_header,
    read_fields,
    split_card,
)


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is kept of the last card that was laid or seen, so that the next can be compared with it."""

    fields: dict[str, Any]
    """What the program wrote into the header."""
    blocks: dict[str, str]
    """And into the blocks."""
    people: str = ""
    """The card without what the program wrote, as last seen on the Hub; blocks are empty pairs of marks."""
    agreed: str = ""
    """`cards/NAME.md` as it was when the Hub and it last said the same."""

    @property
    def generated(self) -> Generated:
        """The program's part."""
        return Generated(self.fields, self.blocks)


@dataclass(frozen=True, slots=True)
class Laid:
    """A card, and how it came about."""

    text: str
    people: str
    """See Remembered."""
    agreed: str
    edits: tuple[Edit, ...]
    """What somebody wrote where the program writes."""
    damaged: tuple[str, ...]
    """Marks that had lost their other half or stood twice."""
    pieces: tuple[str, ...]
    """What people wrote, stretch by stretch."""
    from_file: bool
    """Whether people's text was taken from `cards/NAME.md`."""
    difference: str
    """Where the Hub's text stays and `cards/NAME.md` says otherwise: what would make the one of the other."""
    moved: bool
    """Whether people's text is not what stands on the Hub now, or the header not where the Hub reads it."""

    @property
    def must_be_written(self) -> bool:
        """Whether the Hub's card does not say what it should, leaving new numbers aside."""
        return bool(self.edits or self.damaged or self.moved)


def encode_remembered(card: Remembered) -> bytes:
    """As it is shelved."""
    return orjson.dumps(card, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)


def decode_remembered(data: bytes) -> Remembered:
    """Read back."""
    return Remembered(**orjson.loads(data))


def read_text(data: bytes, errors: str = "strict") -> str:
    """A card's text with `\\n` at the ends of its lines, whatever an editor made of them. UnicodeDecodeError."""
    return data.decode("utf-8-sig", errors).replace("\r\n", "\n").replace("\r", "\n")


DELETED = Edit("card", "README.md", "")
"""Somebody deleted the whole card."""

# --- laying ---


def lay_card(generated: Generated, there: str, file: str = "", before: Remembered | None = None) -> Laid:
    """there: the card on the Hub, empty where there is none. file: `cards/NAME.md`. Both as `read_text` gives them.

    before: None where nothing is known of an earlier card; then everything that the program does not write is people's.
    """
    deleted = not there.strip() and before is not None
    if before is not None and deleted:
        there = before.people  # what people had written was not meant to go with it
    ours = homes_of(before.blocks if before else {}, generated.blocks)
    header, body = split_card(there)
    found = read_body(body, ours)
    fields = before.fields if before else None
    shown = _people_text(people_header(header, fields), found)
    stands = _Words(people_header(header, fields), found, digest_of(shown))
    lists = {key: [*(fields or {}).get(key, []), *generated.fields.get(key, [])] for key in LISTS}
    choice = _choose(file, stands, before.agreed if before else "", lists)
    source, place = (choice.body, choice.header or header) if choice.from_file else (found, header)
    _, edits = merge_header(generated.fields, header, fields)
    merged, _ = merge_header(generated.fields, place, fields)
    pieces = lay_pieces(generated.blocks, source.pieces)
    people = _people_text(people_header(merged, generated.fields), Body(tuple(pieces)))
    return Laid(
        text=join_card(merged, write_body(pieces)),
        people=people,
        agreed=choice.agreed,
        edits=(DELETED,) if deleted else (*edits, *_block_edits(found, body, generated, before)),
        damaged=found.damaged,
        pieces=source.people,
        from_file=choice.from_file,
        difference=choice.difference,
        moved=(choice.from_file and _lines(people) != _lines(shown)) or not is_read(there),
    )


def _people_text(header: str, body: Body) -> str:
    """The card without what the program wrote; nothing where people wrote nothing."""
    if not header and not body.people:
        return ""
    return join_card(header, write_body([Piece(one.block, "" if one.block else one.text) for one in body.pieces]))


def _block_edits(found: Body, body: str, generated: Generated, before: Remembered | None) -> Iterator[Edit]:
    known = before.blocks if before else {}
    for piece in found.pieces:
        was = known.get(piece.block, "")
        if piece.edited and not same(piece.text, was) and not same(piece.text, generated.blocks.get(piece.block, "")):
            yield Edit(piece.block, was, piece.text)
    if not body.strip():
        return
    standing = {piece.block for piece in found.pieces if piece.block}
    if found.marked:
        yield from (Edit(name, was, "") for name, was in known.items() if name not in standing)
        return
    written = {key for key, _ in paragraphs_of(body)}
    for name, was in known.items():
        gone = "".join(text for key, text in paragraphs_of(was) if key not in written).strip("\n")
        if gone:
            yield Edit(name, gone, "")


# --- the Hub's text, or the file's ---

_MADE_OF = re.compile(r"^<!-- biglam:made-of ([0-9a-f]{12}) -->[ \t]*\n?", re.MULTILINE)
"""Stands in a file that was made of what people wrote on the Hub: as an ETag, it says which text was changed."""


def text_for_file(there: str, before: Remembered) -> str:
    """What people wrote on a card, as `cards/NAME.md` is to have it."""
    header, body = split_card(there)
    found = read_body(body, homes_of(before.blocks))
    text = _people_text(people_header(header, before.fields), found)
    return f"{text}\n<!-- biglam:made-of {digest_of(text)} -->\n"


def _lines(text: str) -> str:
    """By which people's texts are the same: blanks at the ends of lines and blank lines do not count. Those in front of
    a line do: they nest a list, and are the meaning of some code.
    """
    return "\n".join(line.rstrip() for line in text.split("\n") if line.strip())


@dataclass(frozen=True, slots=True)
class _Words:
    """People's part of a card."""

    header: str
    body: Body
    digest: str = ""
    """Of the text that `text_for_file` gives of it."""

    def text(self, *, whole: bool) -> str:
        """Stretch by stretch; whole: with the header."""
        return "\n\n".join(one for one in ((self.header if whole else ""), *self.body.people) if one)

    def parts(self, *, whole: bool) -> set[str]:
        """Its paragraphs and the lines of its header."""
        lines = self.header.split("\n") if whole else []
        found = {_lines(one) for text in self.body.people for _, one in paragraphs_of(text)}
        return found | {_lines(line) for line in lines if line.strip()}


@dataclass(frozen=True, slots=True)
class _Choice:
    from_file: bool
    agreed: str
    header: str
    body: Body
    difference: str = ""


def _choose(file: str, hub: _Words, agreed: str, lists: Mapping[str, Any]) -> _Choice:
    """The one that changed since both said the same. Where both did, the Hub's, unless the file was made of what the
    Hub says, or has all of it. lists: words of ours, which a file may name too and says nothing by it.
    """
    made_of = {found[1] for found in _MADE_OF.finditer(file)}
    header, body = split_card(_MADE_OF.sub("", file))
    mine = _Words(people_header(header, lists), read_body(body))
    whole = bool(header.strip())
    if not file.strip():
        return _Choice(False, agreed, header, mine.body)
    ours, theirs = mine.text(whole=whole), hub.text(whole=whole)
    old_header, old_body = split_card(_MADE_OF.sub("", agreed))
    old = _Words(people_header(old_header, lists), read_body(old_body)).text(whole=whole)
    changed = not same(file, agreed)
    if changed and (
        _lines(ours) == _lines(theirs)
        or _lines(theirs) == _lines(old)
        or hub.digest in made_of
        or hub.parts(whole=whole) <= mine.parts(whole=whole)
    ):
        return _Choice(True, file, header, mine.body)
    if _lines(ours) == _lines(theirs):
        return _Choice(False, file, header, mine.body)
    lines = difflib.unified_diff(ours.split("\n"), theirs.split("\n"), "cards", "Hub", lineterm="", n=1)
    return _Choice(False, agreed, header, mine.body, "\n".join(lines))


# --- cards from before there were marks ---

_HEADINGS = {
    "## Use it": "use",
    "## Original material": "originals",
    "## Fields": "fields",
    "## How it came to be": "origin",
    "### Why the collection exists": "history",
    "### What was digitised": "history",
    "## What was left out": "left_out",
    "## Rights": "rights",
    "## Use for AI": "ai_use",
    "## Considerations": "considerations",
    "## Corrections and takedown": "requests",
    "## Cite": "requests",
}


def remember_release(text: str) -> Remembered:
    """What the program wrote into a card of which only the text is left; all of it, where the card has no marks.

    ValueError where its header is not one.
    """
    header, body = split_card(text)
    read = read_body(body)
    if read.marked:
        blocks = {piece.block: piece.text for piece in read.pieces if piece.block}
        return Remembered({key: one for key, one in read_fields(header).items() if key in OURS}, blocks)
    return Remembered(read_fields(header), dict(_by_heading(body)))


def _by_heading(body: str) -> Iterator[tuple[str, str]]:
    held: dict[str, str] = {}
    name = "opening"
    for _, paragraph in paragraphs_of(body):
        first = paragraph.lstrip("\n").split("\n")[0].strip()
        name = _HEADINGS.get(first, "glance" if name == "opening" and first.startswith("|") else name)
        held[name] = held.get(name, "") + paragraph
    yield from ((name, text.strip("\n")) for name, text in held.items())
