"""Which field goes into which column? Proposed by what fields are called, and by what stands in them.

A name proposes, and the values decide: a date is one that the date reader reads, a language one that the language
reader reads, an address of a picture or page is an address, an identifier is there in every record and no two alike.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

from biglam_pipeline.columns import CORE
from biglam_pipeline.fields.dates import read_date
from biglam_pipeline.fields.languages import read_languages
from biglam_pipeline.proposing.surveying import Seen, Survey
from biglam_pipeline.proposing.terms import IDENTIFIERS, TERMS, bare, is_bookkeeping, without_frills

_LOOKED_AT = 60
"""Values of a field that are judged."""
_MOST = 0.6
"""The share of them that has to be what the column holds."""
_LONG = 200
"""Letters that a text has on average, where nothing but that says what it is."""
_SEVERAL = ("creators", "subjects", "genres", "languages", "publication_place", "spatial")
_LISTS = {column.name for column in CORE if str(column.type).startswith("list")}
_PICTURE = re.compile(r"\.(?:jpe?g|png|tiff?|gif|webp|jp2)(?:[?#]|$)|/full/[^/]+/0/default\.", re.IGNORECASE)
_WIDELY_USED = frozenset(
    re.findall(r"\w+", "en eng de ger deu fr fre fra nl dut nld es spa it ita la lat sv swe da dan pt por pl pol")
)
_ENDS_LIKE_ID = re.compile(r"(?:id|number|nummer|nr|num|key|code|uri|ref)$")
_YEAR = re.compile(r"(?<!\d)(?:1[0-9]|20)\d\d(?!\d)")


@dataclass(slots=True)
class Proposal:
    """What a draft writes under `map`, and where records say their rights."""

    map: dict[str, str] = field(default_factory=dict)
    """Column -> VALUE."""
    identifiers: dict[str, str] = field(default_factory=dict)
    """Scheme -> VALUE."""
    extra: list[str] = field(default_factory=list)
    """Columns that are kept as they are: where nothing else was understood."""
    rights: str = ""
    """The VALUE of `rights: {from: ...}`; empty where no field is one."""

    @property
    def said(self) -> Mapping[str, str]:
        """Path -> column, for a list of fields."""
        found = {value.partition(" >> ")[0]: column for column, value in self.map.items()}
        found |= {value: f"identifiers, {scheme}" for scheme, value in self.identifiers.items() if value not in found}
        return found | ({self.rights: "rights"} if self.rights else {})


def propose(survey: Survey) -> Proposal:
    """A `map` for records of which the format knows no meaning: tables and JSON."""
    found, taken = Proposal(), set[str]()
    there = [one for one in survey.fields.values() if one.filled]
    for column, words in TERMS.items():
        for one in _called(there, words, taken):
            if not _fits(column, one, survey):
                continue
            taken.add(one.path)
            if column == "rights":
                found.rights = _scalar(one.path) if "[]" not in one.path else one.path
            else:
                found.map[column] = _written(column, one)
            break
    if "id" not in found.map:
        own = (one for one in there if _ENDS_LIKE_ID.search(bare(one.path)) and one.path not in taken)
        if known := next((one for one in own if _identifies(one, survey)), None):
            found.map = {"id": known.path, **found.map}
    _by_values(there, found, taken)
    _identify(there, found, taken)
    if not found.map and not survey.by_itself:
        found.extra = [one.path for one in there[:8]]
    return found


def _called(there: Sequence[Seen], words: Sequence[str], taken: set[str]) -> Iterable[Seen]:
    """The fields of these names, the most telling first; in JSON the outer ones before what stands inside."""
    ranks = {word: rank for rank, word in enumerate(words)}
    named: list[tuple[int, int, Seen]] = []
    for one in there:
        whole, frills = _names_of(one.path)
        exact = [ranks[name] for name in whole if name in ranks]
        rank = min([*exact, *(len(words) + ranks[name] for name in frills if name in ranks)], default=None)
        if rank is not None and one.path not in taken:
            named.append((one.path.count(".") + one.path.count("[]"), rank, one))
    return [one for _, _, one in sorted(named, key=lambda candidate: candidate[:2])]


_INNER = frozenset(
    [
        "name",
        "value",
        "label",
        "text",
        "title",
        "description",
        "prefname",
        "displayname",
        "term",
        "content",
        "fullname",
        "def",
        "none",
        "en",
        "de",
        "fr",
        "nl",
    ]
)
"""What an object has inside that stands for it, in JSON-LD, IIIF and museums' interfaces."""


def _names_of(path: str) -> tuple[list[str], list[str]]:
    """What a path may be called, whole and without frills: `creators[].name` is a creator by its outer key."""
    parts = [part for part in re.split(r"\.|\[\]", path) if part.strip('"')]
    named = [path]
    if len(parts) > 1 and bare(parts[-1]) in _INNER:
        named.append(parts[-2])
    return [bare(one) for one in named], [without_frills(one) for one in named]


def _fits(column: str, one: Seen, survey: Survey) -> bool:
    values = one.values[:_LOOKED_AT]
    if not values:
        return False
    if column == "id":
        return _identifies(one, survey)
    if column == "date" and is_bookkeeping(one.path.rpartition(".")[2]):
        return False
    if column == "text":
        return sum(map(len, values)) / len(values) >= 40 and not _mostly(values, _is_address)
    if column in ("title", "creators", "publisher", "description"):
        return not _mostly(values, _is_address)
    judge = _JUDGES.get(column)
    return judge is None or _mostly(values, judge)


def _identifies(one: Seen, survey: Survey) -> bool:
    return (
        "[]" not in one.path
        and one.filled == survey.records
        and len(set(one.values)) == len(one.values)
        and all(len(value) <= 300 and value.isprintable() for value in one.values)
    )


def _by_values(there: Sequence[Seen], found: Proposal, taken: set[str]) -> None:
    """What no name says: addresses of pictures and pages, dates, codes of languages, one long text."""
    left = [one for one in there if one.path not in taken and len(one.values) > 1]
    for column, judge in (("image_url", _is_picture), ("languages", _is_code), ("date", _is_dated)):
        if column in found.map:
            continue
        for one in left:
            filed = column == "date" and is_bookkeeping(one.path)
            if not filed and _mostly(one.values[:_LOOKED_AT], judge, 0.9):
                found.map[column] = _written(column, one)
                taken.add(one.path)
                break
    long = [one for one in left if one.path not in taken and _average(one) >= _LONG and _mostly(one.values, _is_prose)]
    if "text" not in found.map and "description" not in found.map and long:
        best = max(long, key=_average)
        found.map["text"] = _written("text", best)
        taken.add(best.path)


def _identify(there: Sequence[Seen], found: Proposal, taken: set[str]) -> None:
    for scheme, words in IDENTIFIERS.items():
        used = {value.partition(" >> ")[0] for value in found.map.values()} - {found.map.get("id")}
        one = next((one for one in there if bare(one.path) in words and one.path not in used), None)
        if one is not None and "[]" not in one.path:
            found.identifiers[scheme] = one.path
            taken.add(one.path)


def _written(column: str, one: Seen) -> str:
    """The VALUE: of a list the first where one value is due, cells that hold several split, addresses as such."""
    path = one.path if column in _LISTS or column == "date" else _scalar(one.path)
    if column in ("source_url", "image_url"):
        return f"{path} >> url"
    if column in _SEVERAL and "[]" not in path:
        for mark in ("|", ";"):
            if _mostly(one.values[:_LOOKED_AT], partial(_holds_several, mark), 0.2):
                return f"{path} >> split({mark})"
    return path


def _scalar(path: str) -> str:
    return path.replace("[]", "[0]")


def _holds_several(mark: str, value: str) -> bool:
    return len([part for part in value.split(mark) if part.strip()]) > 1 and len(value) < 500


def _mostly(values: Sequence[str], judge: Callable[[str], bool], share: float = _MOST) -> bool:
    return bool(values) and sum(map(judge, values)) >= share * len(values)


def _average(one: Seen) -> float:
    return sum(map(len, one.values)) / len(one.values) if one.values else 0.0


def _is_address(value: str) -> bool:
    parts = value.strip()
    return parts.startswith(("https://", "http://")) and " " not in parts and bool(urlsplit(parts).netloc)


def _is_picture(value: str) -> bool:
    return _is_address(value) and bool(_PICTURE.search(value))


def _is_date(value: str) -> bool:
    return read_date(value).edtf is not None


def _is_dated(value: str) -> bool:
    """A date that is one even where its column has no name for it: it has a year of the last thousand."""
    if len(value) > 40 or not _YEAR.search(value) or value.strip().isdigit():  # a height has four digits too
        return False
    reading = read_date(value)
    return reading.edtf is not None and reading.type is None


def _is_prose(value: str) -> bool:
    """Words, and no list of codes or piece of JSON; scripts without blanks are words too."""
    letters = sum(letter.isalpha() or letter.isspace() for letter in value)
    return not value.lstrip().startswith(("{", "[", "<")) and letters >= 0.75 * len(value)


def _is_language(value: str) -> bool:
    return bool(read_languages([value])[0])


def _has_letters(value: str) -> bool:
    return any(letter.isalpha() for letter in value)


def _is_code(value: str) -> bool:
    return value.strip().casefold() in _WIDELY_USED


_JUDGES: Mapping[str, Callable[[str], bool]] = {
    "date": _is_date,
    "languages": _is_language,
    "image_url": _is_address,
    "source_url": _is_address,
    "rights": _has_letters,
}
