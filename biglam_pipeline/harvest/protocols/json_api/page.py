"""One page of an API: where its list of records is, what tells them apart, and what stands around them."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jmespath
import orjson
from jmespath.exceptions import JMESPathError

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.protocols.json_api.words import (
    CONTINUE,
    CURSORS,
    FAILED,
    FAULTS,
    HINTS,
    IDENTIFIERS,
    LINKS,
    NEXT,
    NO_RECORD,
    PARTIAL,
    RECORDS,
    SAYS_WHY,
    TOTALS,
    plain,
)

_DEEP = 4
"""So many objects deep is looked for a list or a link: `nyplAPI.response.result` is three."""
_LONG = re.compile(rb"[:,\[]\s*-?[0-9]{19}")
"""A number of which `orjson` may make a float, so that two of them become one."""
Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page as its server sent it."""

    body: Any
    records: Sequence[Any]
    around: Mapping[Names, Any] = field(default_factory=dict)
    """What stands in its objects beside the list: names from the outside in -> a text, a number, true, false, null."""

    alone: bool = False
    """Whether there is no list, and the document is taken for the one record."""

    def is_nameless(self) -> bool:
        """Whether it is alone, and nothing in it tells a record from others: so is what servers say that are down."""
        inside = [self.body, *(one for one in self.body.values() if isinstance(one, dict))] if self.alone else []
        return self.alone and not any(plain(name) in IDENTIFIERS[:-2] for one in inside for name in one)

    def find(self, names: frozenset[str], *, kinds: tuple[type, ...]) -> Iterator[tuple[Names, Any]]:
        """What is called so, and is of one of these kinds; truth values are no numbers."""
        for path, value in self.around.items():
            if plain(path[-1]) in names and isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool)):
                yield path, value

    def hints(self) -> Iterator[int]:
        """Numbers that may say how many records there are, whatever they are called."""
        found = (number_in(value) for path, value in self.around.items() if HINTS.search(plain(path[-1])))
        yield from (number for number in found if number is not None)

    def unclear(self) -> Iterator[str]:
        """What is called like a next link, and is no address: a number, a token, an address of another scheme."""
        for _, value in self.find(NEXT, kinds=(str, int)):
            if value and not (isinstance(value, str) and is_link(value)):
                yield f"{value}"

    def leads_on_inside(self) -> bool:
        """Whether a list in it has a next link of its own, as each category of Trove has; or a way on that is no text:
        MediaWiki's `continue`, a cursor that is an object or has a decimal point.
        """
        objects = any(plain(name) in CONTINUE or plain(name) in CURSORS for path in self.around for name in path[:-1])
        return (
            any(self.find(frozenset(CURSORS), kinds=(float,)))
            or objects
            or any(
                plain(name) in NEXT and isinstance(value, str) and is_link(value) for name, value in _inside(self.body)
            )
        )

    def partial(self) -> str:
        """What says that the server gave up before it had searched everything; else nothing."""
        for path, value in self.around.items():
            failed = [plain(name) for name in path[-2:]] == ["shards", "failed"]  # of Elasticsearch
            if (value is True and plain(path[-1]) in PARTIAL) or (failed and isinstance(value, int) and value > 0):
                return ".".join(path)
        errors = self.body.get("errors") if isinstance(self.body, dict) and self.records else None
        return "errors" if errors and isinstance(errors, list) else ""  # GraphQL (7.1), beside what it could read

    def nested(self, asked: int | None) -> str:
        """The key of a list that holds as many as were asked for, within the one record there is; else nothing."""
        if not asked or asked < 2 or len(self.records) != 1 or not isinstance(self.records[0], dict):
            return ""
        lists = ((name, one) for name, one in self.records[0].items() if isinstance(one, list) and len(one) == asked)
        return next((name for name, one in lists if all(isinstance(member, dict) for member in one)), "")

    def links(self, names: frozenset[str]) -> Iterator[str]:
        """Addresses that are called so, and those of objects that are; also `links: [{rel: next, href: ...}]`."""
        for path, value in self.around.items():
            called = {plain(path[-1])} | ({plain(path[-2])} if len(path) > 1 and plain(path[-1]) in LINKS else set())
            if called & names and isinstance(value, str) and is_link(value):
                yield value


def read_page(content: bytes, url: str, records: str, known: Names | None) -> tuple[Page, Names | None]:
    """The page, and the names that lead to its list. ObjectFailed where it is none.

    records: JMESPath of the entry, or nothing; known: the names of an earlier page of the same list.
    """
    body = _parsed(content, url)
    if records:
        return Page(body, _by_path(body, records, url), dict(_around(body, None))), None
    if not isinstance(body, dict | list):
        raise ObjectFailed("no_records", f"{url}: is neither an object nor a list; open it in a browser")
    found = known if known is not None else _find_list(body)
    mine = _at(body, found) if found is not None else None
    _refuse_fault(body, mine, url)
    mine = [] if mine == {} else mine  # of PHP
    if found is not None and not isinstance(mine, list):
        if known is None or mine is not None or not _there(body, known):
            path = ".".join(found)
            said = f"has no list `{path}`, as the first page has; open it in a browser, and write `records`, which is "
            said += f"`records: {path} || \x60[]\x60` where such a page is the end"
            raise ObjectFailed("no_records", f"{url}: {said}")
        mine = []  # null where an empty list is meant
    around = dict(_around(body, mine))
    if mine is None:
        alone = body and not _leads(around) and not _says_nothing(around)
        return Page(body, [body] if alone else [], around, bool(alone)), None
    return Page(body, mine, around), found


def number_in(value: Any) -> int | None:
    """A count; also one that is written as a text, with marks for thousands."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,11}|\d{1,3}(?:[,.' \u00a0\u202f]\d{3}){1,3}", value, re.ASCII):
        return int(re.sub(r"\D", "", value, flags=re.ASCII))
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def is_link(text: str) -> bool:
    """Is it an address, whole or from its own server or path on?"""
    return bool(re.fullmatch(r"\s*(?:(?i:https?)://|/|\?|\./|[\w./-]*\?[\w$.-]+=)[^\x00-\x1f\ud800-\udfff]*", text))


def identify(records: Sequence[Any], name: str | None) -> list[str]:
    """What tells each from all others: what stands under this name, or a digest. null is one that was taken down."""
    return [_identity(one, name) or f"#{at}" for at, one in enumerate(records)]


def name_of_identifier(records: Sequence[Any]) -> str:
    """The key under which every record has a text or number of its own; empty where there is none."""
    there = [one for one in records if isinstance(one, dict)]
    if not there:
        return ""
    names: list[str] = [name for name in there[0] if plain(name) in IDENTIFIERS]
    for name in sorted(names, key=lambda one: IDENTIFIERS.index(plain(one))):
        values = [one.get(name) for one in there]
        if all(isinstance(one, str | int) for one in values) and len({str(one) for one in values}) == len(there):
            return name
    return ""


def _identity(record: Any, name: str | None) -> str:
    if record is None:
        return ""
    mine = record.get(name) if name and isinstance(record, dict) else record
    if isinstance(mine, str | int):
        return f"{mine}"
    written = json.dumps(record, sort_keys=True, default=str).encode("utf-8", "replace")
    return hashlib.sha256(written).hexdigest()[:16]


def _parsed(content: bytes, url: str) -> Any:
    """Read leniently: a record that the reader refuses is no fault of the list."""
    try:
        if not _LONG.search(content):
            return orjson.loads(content)
    except ValueError:
        pass
    try:
        return json.loads(content.decode(json.detect_encoding(content), "replace"), strict=False, parse_int=_number)
    except (ValueError, RecursionError) as wrong:
        detail = f"{url}: is no JSON ({wrong}); open it in a browser, and correct the address"
        raise ObjectFailed("not_json", detail) from wrong


def _number(digits: str) -> int | str:
    return int(digits) if len(digits) < 4000 else digits


def at_path(page: Any, key: str, path: str, url: str) -> Any:
    """What stands at a JMESPath of the entry, which its key names; ObjectFailed where it does not fit."""
    try:
        return jmespath.search(path, page)
    except (JMESPathError, ArithmeticError, ValueError, TypeError) as wrong:
        raise ObjectFailed("no_records", f"{url}: `{key}: {path}` does not fit it ({wrong}); correct it") from wrong


def _by_path(body: Any, path: str, url: str) -> list[Any]:
    found = at_path(body, "records", path, url)
    if not isinstance(found, list):
        raise ObjectFailed("no_records", f"{url}: `records: {path}` leads to no list there; correct it")
    return found


def _find_list(body: Any) -> Names | None:
    """The names that lead to the list of records: by its name, the outermost first; else the longest of objects."""
    if isinstance(body, list):
        return ()
    lists = [(path, one) for path, one in _lists(body, ()) if _may_be_records(path, one)]
    return min(lists, key=_unlikely)[0] if lists else None


def _lists(value: Any, path: Names) -> Iterator[tuple[Names, list[Any]]]:
    if not isinstance(value, dict) or len(path) >= _DEEP:
        return
    for name, one in value.items():
        if isinstance(one, list):
            yield (*path, name), one
        else:
            yield from _lists(one, (*path, name))


def _may_be_records(path: Names, found: list[Any]) -> bool:
    if plain(path[-1]) in FAULTS:
        return False
    return plain(path[-1]) in RECORDS or (bool(found) and all(isinstance(one, dict) for one in found))


def _unlikely(candidate: tuple[Names, list[Any]]) -> tuple[bool, int, int, int]:
    path, found = candidate
    name = plain(path[-1])
    known = name in RECORDS
    return not known, len(path), RECORDS.index(name) if known else 0, -len(found)


def _around(value: Any, records: Any, path: Names = ()) -> Iterator[tuple[Names, Any]]:
    if isinstance(value, dict) and len(path) <= _DEEP:
        for name, one in value.items():
            yield from _around(one, records, (*path, str(name)))
    elif isinstance(value, list) and value is not records and path and plain(path[-1]) in ("links", "link"):
        for one in value:
            if isinstance(one, dict) and "href" in one:
                relations = one.get("rel")  # a list in Siren
                for relation in relations if isinstance(relations, list) else [relations]:
                    yield (*path, str(relation), "href"), one["href"]
    elif isinstance(value, list) and value is not records and path and plain(path[-1]) in NEXT and len(value) == 1:
        yield from _around(value[0], records, path)  # HAL allows a list of links for each relation
    elif path and not isinstance(value, dict | list):
        yield path, value


def _inside(value: Any, room: int = 7) -> Iterator[tuple[str, Any]]:
    """Names and values at any place that is not too deep; of a list, in its first few members."""
    if not room:
        return
    if isinstance(value, dict):
        yield from value.items()
    for one in list(value.values()) if isinstance(value, dict) else value[:3] if isinstance(value, list) else ():
        yield from _inside(one, room - 1)


def _at(body: Any, path: Names) -> Any:
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body


def _there(body: Any, path: Names) -> bool:
    inside = _at(body, path[:-1])
    return isinstance(inside, dict) and path[-1] in inside


def _leads(around: Mapping[Names, Any]) -> bool:
    """Whether a page without a list says where one is: then it is no record itself."""
    return any(plain(name) in ("first", "hydrafirst", "next", "hydranext") for path in around for name in path[-2:])


def _says_nothing(around: Mapping[Names, Any]) -> bool:
    """Whether a page says null where its list is due, and a total of 0, as the Met does."""
    empty = any(value is None and plain(path[-1]) in RECORDS for path, value in around.items())
    return empty and any(number_in(value) == 0 and plain(path[-1]) in TOTALS for path, value in around.items())


def _refuse_fault(body: Any, records: Any, url: str) -> None:
    if not isinstance(body, dict) or records:
        return
    for name, said in body.items():
        if plain(name) in FAULTS and said not in (None, "", [], {}, False, 0, "0"):
            raise _fault(name, said, url)
    why = next((one for name, one in body.items() if plain(name) in SAYS_WHY), "")
    for name, said in body.items():
        if not isinstance(said, dict | list) and str(said).casefold() in FAILED.get(plain(name), ()):
            raise _fault(name, f"{said} {why}", url)
    if why and isinstance(why, str) and all(plain(name) in NO_RECORD for name in body):
        raise _fault("message", why, url)


def _fault(name: str, said: Any, url: str) -> ObjectFailed:
    words = " ".join(str(said).split())[:200]
    return ObjectFailed("refused", f"{url}: the server says `{name}`: {words}; correct the address, or harvest again")
