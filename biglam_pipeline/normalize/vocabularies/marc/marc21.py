"""Which columns do the fields of MARC 21 fill by themselves?

https://www.loc.gov/marc/bibliographic/ ; as Dublin Core has them: https://www.loc.gov/marc/marc2dc.html
"""

from collections.abc import Iterator
from typing import Any

from biglam_pipeline.fields.marc_dates import read_marc_dates
from biglam_pipeline.normalize.vocabularies.cards import each_once, imprints, plain, subject
from biglam_pipeline.normalize.vocabularies.marc.rights import HEARD, rights_of
from biglam_pipeline.normalize.vocabularies.marc.wording import (
    OF_EXTENT,
    OF_NAME,
    OF_TITLE,
    SUBJECTS,
    authority,
    bare,
    creator,
    joined,
    roles_of,
    uri_of,
)
from biglam_pipeline.parsing.marc.record import Field, MarcRecord

_TYPES = {
    **dict.fromkeys("at", "Text"),
    **dict.fromkeys("cd", "Text"),
    **dict.fromkeys("efk", "StillImage"),
    "g": "MovingImage",
    **dict.fromkeys("ij", "Sound"),
    **dict.fromkeys("op", "Collection"),
    "r": "PhysicalObject",
}
"""Leader/06, and what it is in DCMI's types."""
_FILES = {"a": "Dataset", "c": "StillImage", "d": "Text", "e": "Dataset", "h": "Sound", "i": "InteractiveResource"}
"""008/26 of an electronic resource (leader/06 m): numbers, pictures, documents, catalogues, sounds, multimedia."""
_NAMES = {"00": "abcdq", "10": "abcdn", "11": "acdnq"}
"""End of a tag -> subfields of a name: personal, corporate, meeting."""
_SCHEMES = {"0": "lcsh", "1": "lcshac", "2": "mesh", "3": "nal", "5": "cash", "6": "rvm"}
"""Second indicator of 6XX, and the code of that list: https://www.loc.gov/standards/sourcelist/subject.html"""
_NUMBERS = {"0": "isrc", "1": "upc", "2": "ismn", "3": "ean", "4": "sici"}
"""First indicator of 024."""
_ALTERNATIVE = {"130": "adfklmnops", "240": "adfklmnops", "246": "abfnp", "247": "abfnp"}
_LINKED_TITLES = {**_ALTERNATIVE, "245": "abnp"}
_TAGS = """001 005 008 010 020 022 024 035 041 100 110 111 130 240 245 246 247 260 264 300 355 490 506 520 534
540 542 600 610 611 630 647 648 650 651 653 654 655 656 657 658 662 690 700 710 711 773 800 810 811 830 845 852 856
880"""
READ = frozenset(_TAGS.split())
"""Tags that give columns; all others that are there are reported."""
_OF_AUTHORITY = frozenset({"001", "005", "008", *HEARD})
"""The same of an authority, beside its headings."""


def columns_of(record: MarcRecord) -> dict[str, Any]:
    """Canonical column -> what the record says there; what is empty is left out."""
    if record.leader[6:7] == "z":
        return {**authority(record, "1", "4"), **rights_of(record)}
    fixed = record.control("008")
    columns = {
        **_titles(record),
        "creators": each_once(one for field in record.fields for one in _creators(field)),
        **_imprint(record, fixed),
        "languages": _languages(record, fixed),
        **_about(record),
        "description": "\n\n".join(plain(text) for one in record.of("520") if (text := " ".join(one.all("ab")))),
        "extent": "; ".join(text for one in record.of("300") if (text := joined(one, "abcefg", OF_EXTENT))),
        "collection": _host(record),
        "identifiers": [*_identifiers(record)],
        "source_url": _address(record),
        "type": _type(record.leader, fixed),
        **rights_of(record),
    }
    return {name: value for name, value in columns.items() if value}


def unread_of(record: MarcRecord) -> set[str]:
    """Tags of which no column takes anything: of 880, where it is one that is no title and no statement."""
    tags = {one.tag for one in record.fields}
    if record.leader[6:7] == "z":
        return {tag for tag in tags - _OF_AUTHORITY if not tag.startswith(("1", "4"))}
    linked = {one.means for one in record.of("880")} - _LINKED_TITLES.keys() - HEARD
    return (tags - READ) | ({"880"} if linked else set())


def _type(leader: str, fixed: str) -> str:
    if leader[7:8] == "c":
        return "Collection"
    return _FILES.get(fixed[26:27], "Software") if leader[6:7] == "m" else _TYPES.get(leader[6:7], "")


def _titles(record: MarcRecord) -> dict[str, Any]:
    titles = [text for one in record.of("245") if (text := joined(one, "abnp", OF_TITLE) or joined(one, "kfgs"))]
    others = [joined(one, codes, OF_TITLE) for one in record.fields if (codes := _ALTERNATIVE.get(one.tag))]
    scripts = [
        joined(one, _LINKED_TITLES[one.means], OF_TITLE) for one in record.of("880") if one.means in _LINKED_TITLES
    ]
    kept = dict.fromkeys(text for text in (*titles[1:], *others, *scripts) if text and text not in titles[:1])
    return {"title": next(iter(titles), ""), "title_alt": list(kept)}


def _creators(field: Field) -> Iterator[dict[str, Any]]:
    """A name with a title ($t) is a work: of one that is in the volume, its author made a part of it."""
    codes = _NAMES.get(field.tag[1:]) if field.tag[:1] in ("1", "7") else None
    if codes is None or (field.tag[0] == "7" and field.all("t") and field.second != "2"):
        return
    roles = roles_of(field, "j" if field.tag.endswith("11") else "e")
    yield from creator(field, joined(field, codes, OF_NAME), roles, "contributor" if field.tag[0] == "7" else "")


def _imprint(record: MarcRecord, fixed: str) -> dict[str, Any]:
    """264 _1 is the publication; 264 of other functions is of a maker, a distributor, or a copyright."""
    places = [*record.of("260"), *(one for one in record.of("264") if one.second == "1")]
    dates = read_marc_dates(
        fixed,
        [bare(text) for one in places for text in one.all("c")],
        [bare(text) for one in record.of("534") for text in one.all("c")],
    )
    return {
        "publisher": "; ".join(imprints(text for one in places for text in one.all("b"))),
        "publication_place": imprints(text for one in places for text in one.all("a")),
        "date_raw": [*dates.date_raw],
        "original_date_raw": [*dates.original_date_raw],
        "year_evidence": dates.year_evidence if dates.date_raw else "",
    }


def slips_of(record: MarcRecord) -> tuple[str, ...]:
    """Whether 008 has another length than its 40 characters, of which the last two may be blanks that went.

    Where programs make one blank of several, all that stands behind them is at another place, and is not there:
    https://www.loc.gov/marc/bibliographic/bd008.html. Records of holdings, classes and communities have others.
    """
    long = len(record.control("008"))
    is_due = record.leader[6:7] not in "uvxywq"
    return (f"marc: 008 has {long} characters, and 40 are due",) if long and is_due and not 38 <= long <= 40 else ()


def _languages(record: MarcRecord, fixed: str) -> list[str]:
    """008/35-37, and 041 of text and of song; not those of a summary, or of what it was translated from."""
    coded = [code for code in (fixed[35:38],) if len(code) == 3 and code.isalpha() and code != "und"]
    return list(dict.fromkeys([*coded, *(text for one in record.of("041") for text in one.all("ad"))]))


def _about(record: MarcRecord) -> dict[str, Any]:
    subjects, genres, places = list[Any](), list[str](), list[str]()
    for field in record.fields:
        if field.tag == "655":
            genres.append(_heading(field))
        elif field.tag == "653":
            subjects += [subject(bare(text)) for text in field.all("a")]
        elif field.tag == "662":
            places.append(" -- ".join(map(bare, field.all("abcdfgh"))))
        elif field.tag[:1] == "6" and field.tag in READ:
            if field.tag == "651":
                places += map(bare, field.all("a"))
            if field.tag != "651" or field.all("vxyz"):  # a place that stands alone has a column of its own
                scheme = _SCHEMES.get(field.second, "") or next(iter(field.all("2")), "")
                subjects.append(subject(_heading(field), uri_of(field), scheme))
    return {
        "subjects": each_once(one for one in subjects if one["label"]),
        "genres": list(dict.fromkeys(filter(None, genres))),
        "spatial": list(dict.fromkeys(filter(None, places))),
    }


def _heading(field: Field) -> str:
    """A heading with its subdivisions, as it is printed: `Maps -- Norway -- 19th century`."""
    return " -- ".join(filter(None, (joined(field, SUBJECTS, OF_NAME), *map(bare, field.all("vxyz")))))


def _host(record: MarcRecord) -> str:
    """What it is a part of: the host, else the series by its heading, else as it is printed."""
    found = [joined(one, "t") or joined(one, "a") for one in record.of("773")]
    found += [joined(one, "t") for one in record.of("800", "810", "811")]
    found += [joined(one, "anp") for one in record.of("830")] + [joined(one, "a") for one in record.of("490")]
    return next(filter(None, found), "")


def _identifiers(record: MarcRecord) -> Iterator[Any]:
    """Not those in $z: they are cancelled, or of something else."""
    for tag, scheme in (("010", "lccn"), ("020", "isbn"), ("022", "issn")):
        yield from ({"scheme": scheme, "value": text} for one in record.of(tag) for text in one.all("a"))
    for field in record.of("024"):
        scheme = _NUMBERS.get(field.first, "") or next(iter(field.all("2")), "")
        yield from ({"scheme": scheme, "value": text} if scheme else text for text in field.all("a"))
    yield from (text for one in record.of("035") for text in one.all("a"))
    for field in record.of("852"):
        if mark := field.all("j") or field.all("khilm"):
            yield {"scheme": "shelfmark", "value": " ".join(mark)}


def _address(record: MarcRecord) -> str:
    """Of the thing itself, rather than of another version of it, or of something related (856, second indicator)."""
    fields = sorted(record.of("856"), key=lambda one: {"0": 0, " ": 1, "": 1, "1": 2}.get(one.second, 3))
    return next((text for one in fields for text in one.all("u") if text.startswith("http")), "")
