"""The card's YAML header, merged key by key: a closed list is ours, every other key is people's and stays as it is."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from biglam_pipeline.fields.languages import hub_language
from biglam_pipeline.publish.blocks import Edit
from biglam_pipeline.publish.hub.cards import header_yaml, read_header

OURS = frozenset(
    {
        "pretty_name",
        "license",
        "license_name",
        "license_link",
        "license_details",
        "size_categories",
        "configs",
        "dataset_info",
    }
)
"""Keys that only the program writes, also by leaving them out: what they say is computed, or stands in the entry.

https://github.com/huggingface/hub-docs/blob/main/datasetcard.md has all keys that there are.
"""
LISTS = ("tags", "language")
"""Lists to which people may add."""

_HEADER = re.compile(r"\A\s*---[ \t]*\n(.*?)(?:^|\n)---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_MARK = re.compile(r"^<!--[ \t]*biglam:", re.MULTILINE)
_UNCLOSED = re.compile(r"\A\s*---[ \t]*\n(?P<header>.*?)\n(?:\.\.\.[ \t]*\n|(?=[ \t]*\n|<!--|#[# ]))", re.DOTALL)
_MOVED = re.compile(
    r"(?P<above>(?:(?!---|`{3}|~{3}|<!--[ \t]*biglam:).*\n)+)---[ \t]*\n(?P<header>(?:.*\n)*?)---[ \t]*(?:\n|\Z)"
)
_COMMENT = re.compile(r"(?:^|[ \t])(#.*)")
_KEY = re.compile(r"""(?:"([^"]+)"|'([^']+)'|([^\s#"'\[\]{},&*!|>%@`-][^#]*?))[ \t]*:(?=[ \t]|$)""")


def split_card(text: str) -> tuple[str, str]:
    """Header, without its lines of hyphens, and body of a card whose lines end in `\\n`; no header is an empty one.

    A header that somebody wrote above, or whose last line of hyphens went, is none to the Hub. It is read all the same
    where it has keys that the program alone writes: as text it would show an old licence and old numbers for good.
    """
    found = _HEADER.match(text)
    if found and not _MARK.search(found[1]):
        return found[1], text[found.end() :]
    moved = _UNCLOSED.match(text) or _MOVED.match(text)
    if moved and len(OURS & set(_keys(moved["header"]))) > 1:
        above = moved.groupdict().get("above") or ""
        return moved["header"], above + text[moved.end() :]
    return (found[1], text[found.end() :]) if found else ("", text)


def is_read(text: str) -> bool:
    """Whether the Hub finds the header that `split_card` finds."""
    found = _HEADER.match(text)
    return not split_card(text)[0] or bool(found and not _MARK.search(found[1]))


def _keys(header: str) -> Iterator[str]:
    for line in header.split("\n"):
        if key := _KEY.match(line):
            yield next(word for word in key.groups() if word).strip()


def join_card(header: str, body: str) -> str:
    """The whole card."""
    return f"---\n{header.strip()}\n---\n\n{body}" if header.strip() else body


def read_fields(header: str) -> dict[str, Any]:
    """The fields of a header; ValueError where it cannot be read."""
    return read_header(f"---\n{header}\n---\n") if header.strip() else {}


def people_header(header: str, before: Mapping[str, Any] | None) -> str:
    """What people wrote in a header, in YAML: their keys as they wrote them, and what they added to our lists.

    before: the fields that the program wrote last; None where nobody knows.
    """
    lists = {key: added for key in LISTS if (added := _added(_fields(header), before or {}, key))}
    own = header_yaml(lists).strip() if lists else ""
    return "\n".join(part for part in (own, _foreign(header)) if part)


def merge_header(generated: Mapping[str, Any], theirs: str, before: Mapping[str, Any] | None) -> tuple[str, list[Edit]]:
    """The header as it is to be, and what somebody had written over ours.

    theirs: the header that stands there. before: the fields that the program wrote last; None where nobody knows.
    """
    try:
        found = read_fields(theirs)
    except ValueError:
        return header_yaml(dict(generated)).strip(), [Edit("header", "", theirs.strip())]
    merged = dict(generated)
    for key in LISTS:
        ours = list(generated.get(key, []))
        added = _added(found, {key: [*(before or {}).get(key, []), *ours]}, key)
        if ours or added:
            merged[key] = [*ours, *added]
    edits = list(_edits(generated, found, before))
    own, foreign = header_yaml(merged).strip(), _foreign(theirs)
    whole = "\n".join(part for part in (own, foreign) if part)
    rest = {key: value for key, value in found.items() if key not in OURS and key not in LISTS}
    if not _holds(whole, {**read_fields(own), **rest}):  # an anchor, a flow mapping: no cut by lines leaves it whole
        whole = _dumped({**merged, **rest}, theirs)
    return whole, edits


def put_field(header: str, key: str, value: Any) -> str:
    """The header with one field of ours as it is now, and everything else as it was. ValueError as of read_fields."""
    wanted = {**read_fields(header), key: value}
    whole = "\n".join(part for part in (_without(header, {key}), header_yaml({key: value}).strip()) if part)
    return whole if _holds(whole, wanted) else _dumped(wanted, header)


def _dumped(fields: Mapping[str, Any], theirs: str) -> str:
    """Fields that no cut by lines keeps whole, and after them what people had noted beside them."""
    return "\n".join([header_yaml(dict(fields)).strip(), *_comments(theirs.split("\n"), _values(theirs))])


def _fields(header: str) -> dict[str, Any]:
    try:
        return read_fields(header)
    except ValueError:
        return {}


def _added(found: Mapping[str, Any], before: Mapping[str, Any], key: str) -> list[str]:
    """Words that people added to a list of ours. A language must be one that the Hub takes, or no card can be sent."""
    value = found.get(key, [])
    words = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
    if key == "language":
        words = [one for one in words if hub_language(one) == one]
    return [one for one in words if one not in before.get(key, [])]


def _edits(generated: Mapping[str, Any], found: Mapping[str, Any], before: Mapping[str, Any] | None) -> Iterator[Edit]:
    if before is None:
        return
    for key in sorted(OURS):
        now, was = found.get(key), before.get(key)
        if now not in (was, generated.get(key)):
            yield Edit(f"header.{key}", _shown(key, was), _shown(key, now))
    for key in LISTS:
        value = found.get(key, [])
        there = value if isinstance(value, list) else [value]
        gone = [one for one in before.get(key, []) if one not in there]
        if [one for one in gone if one in generated.get(key, [])]:
            yield Edit(f"header.{key}", _shown(key, before.get(key)), _shown(key, value))


def _shown(key: str, value: Any) -> str:
    return "" if value in (None, [], "") else header_yaml({key: value}).strip()


def _holds(header: str, wanted: Mapping[str, Any]) -> bool:
    try:
        return _ended(read_fields(header)) == _ended(wanted)
    except ValueError:
        return False


def _ended(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A text in a block of its own has one line end more where it does not stand last."""
    return {key: value.rstrip("\n") if isinstance(value, str) else value for key, value in fields.items()}


def _foreign(header: str) -> str:
    """The lines of the keys that are not ours, and every comment, as they were written."""
    return _without(header, OURS | set(LISTS))


def _without(header: str, keys: Collection[str]) -> str:
    """The header without the lines of these keys; the comments in them stay, on lines of their own."""
    kept: list[str] = []
    keeps, values = True, _values(header)
    for line in header.split("\n"):
        key = _KEY.match(line)
        if key:
            keeps = next(word for word in key.groups() if word).strip() not in keys
        kept += [line] if keeps else _comments([line], values)
    return "\n".join(kept).strip("\n")


def _comments(lines: Iterable[str], values: str) -> list[str]:
    """What stands behind a `#` that begins a line or follows a blank (YAML 1.2.2, 6.6), and is not in a value."""
    found = [match[1].rstrip() for line in lines if (match := _COMMENT.search(line))]
    return list(dict.fromkeys(one for one in found if " ".join(one.split()) not in values))


def _values(header: str) -> str:
    """All that the fields of a header say, on one line."""
    return " ".join(str(list(_fields(header).values())).replace("\\n", " ").split())
