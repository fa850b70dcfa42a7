"""Which columns do the fields of UNIMARC fill by themselves?

UNIMARC Bibliographic, 3rd edition with its updates: https://www.ifla.org/g/unimarc-rg/unimarc-bibliographic-3rd-edition/
"""

from collections.abc import Iterator
from typing import Any

from biglam_pipeline.fields.marc_dates import read_marc_dates
from biglam_pipeline.normalize.vocabularies.cards import each_once, imprints, plain, subject
from biglam_pipeline.normalize.vocabularies.marc.rights import rights_of
from biglam_pipeline.normalize.vocabularies.marc.wording import (
    OF_EXTENT,
    authority,
    bare,
    creator,
    joined,
    uri_of,
)
from biglam_pipeline.parsing.marc.record import Field, MarcRecord

_TYPES = {
    **dict.fromkeys("abcd", "Text"),
    **dict.fromkeys("efk", "StillImage"),
    "g": "MovingImage",
    **dict.fromkeys("ij", "Sound"),
    "l": "Software",
    "m": "Collection",
    "r": "PhysicalObject",
}
"""Leader/06, and what it is in DCMI's types."""
_KINDS = dict(zip("abcdefghij", "cdusrqmtpe", strict=True))
"""100 $a/8, the type of date, and the same in 008/06 of MARC 21."""
_VARIANTS = ("500", "503", "510", "512", "513", "514", "515", "516", "517", "518", "532", "540", "541", "545")
_SUBJECTS = ("600", "601", "602", "604", "605", "606", "610", "615", "616", "617")
_NAMES = ("700", "701", "702", "710", "711", "712", "716", "720", "721", "722", "730")
_ROLES = {
    "010": "adp", "020": "ann", "030": "arr", "040": "art", "060": "asn", "065": "auc", "070": "aut", "072": "aqt",
    "080": "aui", "100": "ant", "110": "bnd", "160": "bsl", "180": "ctg", "205": "clb", "210": "cmm", "220": "com",
    "230": "cmp", "250": "cnd", "280": "dte", "300": "drt", "310": "dst", "330": "dub", "340": "edt", "350": "egr",
    "360": "etr", "390": "fmo", "430": "ilu", "440": "ill", "470": "ivr", "510": "ltg", "600": "pht", "610": "prt",
    "650": "pbl", "651": "pbd", "700": "scr", "705": "scl", "727": "ths", "730": "trl",
}  # fmt: skip
"""Relator codes of UNIMARC (appendix C), and those of MARC 21."""
_TAGS = """001 003 005 010 011 020 033 035 073 100 101 200 210 214 215 225 330 371 410 461 462 463 464 607 608 856"""
READ = frozenset((*_VARIANTS, *_SUBJECTS, *_NAMES, *_TAGS.split()))
"""Tags that give columns; all others that are there are reported."""
_AUTHORITIES = ("x", "y", "z")
_OF_AUTHORITY = frozenset({"001", "005", "100", "371", "856"})
"""Of an authority, beside its headings."""


def columns_of(record: MarcRecord) -> dict[str, Any]:
    """Canonical column -> what the record says there; what is empty is left out."""
    if record.leader[6:7] in _AUTHORITIES:
        return {**authority(record, "2", "4"), **rights_of(record, unimarc=True)}
    fixed = next((text for one in record.of("100") for text in one.all("a")), "")
    titles = [text for one in record.of("200") for text in (_title(one),) if text]
    others = [joined(one, "aehi") for one in record.of(*_VARIANTS)]
    columns = {
        "title": next(iter(titles), ""),
        "title_alt": list(dict.fromkeys(text for text in (*titles[1:], *others) if text and text not in titles[:1])),
        "creators": each_once(one for field in record.of(*_NAMES) for one in _creators(field)),
        **_imprint(record, fixed),
        "languages": list(dict.fromkeys(text for one in record.of("101") for text in one.all("a"))),
        **_about(record),
        "description": "\n\n".join(plain(text) for one in record.of("330") for text in one.all("a")),
        "extent": "; ".join(text for one in record.of("215") if (text := joined(one, "acde", OF_EXTENT))),
        "collection": _host(record),
        "identifiers": [*_identifiers(record)],
        "source_url": _address(record),
        "type": "Collection" if record.leader[7:8] == "c" else _TYPES.get(record.leader[6:7], ""),
        **rights_of(record, unimarc=True),
    }
    return {name: value for name, value in columns.items() if value}


def unread_of(record: MarcRecord) -> set[str]:
    """Tags of which no column takes anything."""
    tags = {one.tag for one in record.fields}
    if record.leader[6:7] in _AUTHORITIES:
        return {tag for tag in tags - _OF_AUTHORITY if not tag.startswith(("2", "4"))}
    return tags - READ


def _title(field: Field) -> str:
    """`title : other information. part, name of the part`: UNIMARC leaves the punctuation to whoever prints it."""
    title = bare(" ; ".join(map(bare, field.all("a"))))
    whole = " : ".join(filter(None, (title, *map(bare, field.all("e")))))
    part = ", ".join((*map(bare, field.all("h")), *map(bare, field.all("i"))))
    return ". ".join(filter(None, (whole, part)))


def _creators(field: Field) -> Iterator[dict[str, Any]]:
    heading = ", ".join(filter(None, (bare(text).lstrip(" ,") for text in field.all("abcdf"))))
    roles = [_ROLES.get(code, code) for code in field.all("4")]
    uri = next((text for text in field.all("3") if text.startswith("http")), "")
    for one in creator(field, heading, roles, "" if field.tag.endswith("0") else "contributor"):
        yield {**one, **({"uri": uri} if uri else {})}


def _imprint(record: MarcRecord, fixed: str) -> dict[str, Any]:
    """214 is of the publication where its second indicator is 0; the others are of makers and distributors."""
    places = [*record.of("210"), *(one for one in record.of("214") if one.second in " 0")]
    coded = f"      {_KINDS.get(fixed[8:9], ' ')}{fixed[9:17]}" if fixed else ""
    dates = read_marc_dates(coded, [bare(text) for one in places for text in one.all("d")])
    return {
        "publisher": "; ".join(imprints(text for one in places for text in one.all("c"))),
        "publication_place": imprints(text for one in places for text in one.all("a")),
        "date_raw": [*dates.date_raw],
        "original_date_raw": [*dates.original_date_raw],
        "year_evidence": dates.year_evidence if dates.date_raw else "",
    }


def _about(record: MarcRecord) -> dict[str, Any]:
    subjects, places = list[Any](), list[str]()
    for field in record.of(*_SUBJECTS, "607"):
        if field.tag == "610":  # terms that nobody controls, each by itself
            subjects += [subject(bare(text)) for text in field.all("a")]
            continue
        main = ", ".join(filter(None, (bare(text).lstrip(" ,") for text in field.all("abcdf")))) or joined(field, "t")
        rest = [bare(text) for text in field.all("jxyz")]
        if field.tag == "607":
            places.append(main)
        if field.tag != "607" or rest:
            uri = uri_of(field) or next((text for text in field.all("3") if text.startswith("http")), "")
            scheme = next(iter(field.all("2")), "")
            subjects.append(subject(" -- ".join(filter(None, (main, *rest))), uri, scheme))
    return {
        "subjects": each_once(one for one in subjects if one["label"]),
        "genres": list(dict.fromkeys(text for one in record.of("608") if (text := joined(one, "a")))),
        "spatial": list(dict.fromkeys(filter(None, places))),
    }


def _host(record: MarcRecord) -> str:
    """The piece, set or series that it is in: 461 to 464, 410, else as it is printed. An older form embeds whole
    fields in $1, of which the title is in $a.
    """
    found = [joined(one, "t") or joined(one, "a") for one in record.of("463", "461", "462", "464", "410")]
    return next(filter(None, [*found, *(joined(one, "a") for one in record.of("225"))]), "")


def _address(record: MarcRecord) -> str:
    """Of the thing, else of the record: 003 is its persistent identifier, which the BnF writes as an ARK."""
    texts = [*(text for one in record.of("856") for text in one.all("u")), record.control("003").strip()]
    return next((text for text in texts if text.startswith("http")), "")


def _identifiers(record: MarcRecord) -> Iterator[Any]:
    for tag, scheme in (("010", "isbn"), ("011", "issn"), ("073", "ean")):
        yield from ({"scheme": scheme, "value": text} for one in record.of(tag) for text in one.all("a"))
    for field in record.of("020"):
        yield from (f"{''.join(field.all('a'))} {text}".strip() for text in field.all("b"))
    yield from (text for one in record.of("033", "035") for text in one.all("a"))
