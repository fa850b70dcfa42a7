"""Which columns do the fields of a title fill by themselves?

K10plus: https://format.k10plus.de/avram.pl?profile=k10plus-title ; German National Library and ZDB:
https://format.gbv.de/pica/zdb/zdbformat-title-schema.json . Only tags that mean the same in both, or that one of them
has and the other has not; what else is in a record is reported, and can be mapped.
"""

import re
from collections.abc import Iterator
from typing import Any

from biglam_pipeline.fields.marc_dates import read_marc_dates
from biglam_pipeline.normalize.vocabularies.cards import each_once, imprints, plain, subject
from biglam_pipeline.normalize.vocabularies.pica.dialect import Dialect
from biglam_pipeline.normalize.vocabularies.pica.rights import HEARD, rights_of
from biglam_pipeline.normalize.vocabularies.pica.wording import (
    chained,
    creators_of,
    is_place,
    latin,
    name_of,
    said,
    title_of,
    uri_of,
)
from biglam_pipeline.parsing.pica.record import Field, PicaRecord

_ALTERNATIVE = ("021G", "022A", "025@", "027A", "046C", "046D")
"""Parallel title, title of the work, of the heading, other and former titles."""
_CREATORS = {
    **dict.fromkeys(("028A", "028B", "029A"), ""),
    **dict.fromkeys(("028C", "028E", "028G", "029E", "029F", "029G", "030F"), "contributor"),
}
"""Tag -> the role of one who has none: the first creators, and whoever else had a part in it."""
_SUBJECTS = {
    **dict.fromkeys(("041A", "044K", "044L"), ""),
    "044A": "lcsh",
    "044C": "mesh",
    "044N": "",
    "045D": "stw",
    "045Q": "bkl",
    "045R": "rvk",
}
"""Tag -> the code of its list. Of classes those whose caption stands beside them: a number alone says nothing."""
_CLASSES = ("045Q", "045R")
_CHAINS = ("041A", "044K")
"""Elements of chains (https://wiki.dnb.de/display/ILTIS/5100): $g is the place that an element is, where it is linked
with nothing, else what the authority adds (`Mutter (Motiv)`)."""
_GENRES = ("013D", "044S")
_CONTENT = {
    **dict.fromkeys(("txt", "tct", "ntm", "tcm", "ntv"), "Text"),
    **dict.fromkeys(("sti", "tci", "cri", "crt"), "StillImage"),
    **dict.fromkeys(("tdi", "tdm"), "MovingImage"),
    **dict.fromkeys(("spw", "prm", "snd"), "Sound"),
    **dict.fromkeys(("cod", "crd"), "Dataset"),
    **dict.fromkeys(("tdf", "crf"), "PhysicalObject"),
    "cop": "Software",
}
"""Codes of RDA content types (https://id.loc.gov/vocabulary/contentTypes.html), and what they are in DCMI's types."""
_FORMS = {"A": "Text", "H": "Text", "V": "PhysicalObject"}
"""002@ $0, first code: printed, by hand, an object; https://format.k10plus.de/k10plushelp.pl?cmd=kat&val=0500"""
_SERIAL = frozenset("bd")
"""002@ $0, second code."""
_NUMBERS = {
    "003O": "oclc",
    "004A": "isbn",
    "004F": "ismn",
    "004L": "ean",
    "004R": "handle",
    "004U": "urn",
    "004V": "doi",
    "005A": "issn",
    "005I": "issn",
    "006A": "lccn",
    "006G": "dnb",
    "006M": "vd18",
    "006W": "vd17",
    "006Z": "zdb",
}
_TAGS = "003@ 002@ 002C 010@ 011@ 021A 021B 021C 033A 034D 034I 034K 034M 036C 036D 036E 036F 036G 039B 047I 209A"
_ADDRESSES = {"017C": "u", "009Q": "u", "009P": "a"}
_READ = frozenset({*_TAGS.split(), *_ALTERNATIVE, *_CREATORS, *_SUBJECTS, *_GENRES, *_NUMBERS, *_ADDRESSES, *HEARD})
_YEAR = re.compile(r"[0-9X]{4}")


def columns_of(record: PicaRecord, dialect: Dialect | None) -> dict[str, Any]:
    """Canonical column -> what the record says there; what is empty is left out."""
    columns = {
        **_titles(record),
        "creators": each_once(
            one for field in latin(record.of(*_CREATORS)) for one in creators_of(field, _CREATORS[field.tag])
        ),
        **_imprint(record),
        "languages": [text for one in record.of("010@") for text in one.all("a") if text != "und"],
        **_about(record),
        "description": "\n\n".join(
            plain(text) for one in record.of("047I") for text in one.all("a") if not text.startswith("http")
        ),
        "extent": _extent(record),
        "collection": _host(record),
        "identifiers": [*_identifiers(record, dialect)],
        "source_url": _address(record),
        "type": _type(record),
        **rights_of(record, dialect),
    }
    return {name: value for name, value in columns.items() if value}


def unread_of(record: PicaRecord, dialect: Dialect | None) -> set[str]:
    """Tags of which no column takes anything."""
    more = {"006V"} if dialect == "k10plus" else set()
    return {one.tag for one in record.fields} - _READ - more


def _titles(record: PicaRecord) -> dict[str, Any]:
    """A part without a title of its own has that of the whole, with its number."""
    main = latin(record.of("021A"))
    sections = [
        " ".join(filter(None, (plain(one.first("l")), title_of(one)))) for one in latin(record.of("021B", "021C"))
    ]
    titles = [". ".join((text, *filter(None, sections))) for one in main if (text := title_of(one))]
    titles = titles or [
        ". ".join(filter(None, (title_of(one), plain(one.first("l"))))) for one in latin(record.of("036C"))
    ]
    others = [title_of(one) for one in record.of("021A", *_ALTERNATIVE) if one not in main]
    parallel = [said(text) for one in record.of("021A") for text in one.all("f")]
    kept = dict.fromkeys(text for text in (*titles[1:], *others, *parallel) if text and text not in titles[:1])
    return {"title": next(iter(titles), ""), "title_alt": list(kept)}


def _imprint(record: PicaRecord) -> dict[str, Any]:
    """011@ is the date in a form to sort by ($a, $b), as printed ($n), and of the original ($r)."""
    places = latin(record.of("033A"))
    date = next(record.of("011@"), Field("011@"))
    first, last, original = (_year(date.first(code)) for code in "abr")
    serial = record.status[1:2] in _SERIAL
    kind = ("d" if last else "c") if serial else "m" if last and last != first else "s"
    last = last or ("9999" if serial else "    ")
    printed = [plain(text) for text in date.all("n") or [text for one in places for text in one.all("h")]]
    dates = read_marc_dates(f"      {kind}{first}{last}" if first.strip() else "", printed)
    return {
        "publisher": "; ".join(imprints(text for one in places for text in one.all("n"))),
        "publication_place": imprints(text for one in places for text in one.all("p")),
        "date_raw": [*dates.date_raw] or date.all("a"),
        "original_date_raw": [original] if original else [],
        "year_evidence": dates.year_evidence if dates.date_raw else "",
    }


def _year(text: str) -> str:
    """Four digits, `u` for each that nobody knows (X)."""
    return text.replace("X", "u") if _YEAR.fullmatch(text) else ""


def _about(record: PicaRecord) -> dict[str, Any]:
    subjects, places, forms = list[Any](), list[str](), list[str]()
    for field in latin(one for one in record.of(*_SUBJECTS) if not _is_about_a_chain(one)):
        (indicator, words), uri = chained(field), uri_of(field)
        label = said(words) or _heading(field)
        places += [said(text) for text in field.all("g")] if field.tag in _CHAINS and not field.all("079") else []
        if not label or (field.tag in _CLASSES and not field.first("j8")):
            continue
        if indicator == "f":
            forms.append(label)
        elif indicator == "g" or is_place(field):
            places.append(label)
        else:
            scheme = _SUBJECTS[field.tag] or (field.first("ib") if field.tag == "044N" else "gnd" if uri else "")
            subjects.append(subject(label, uri, scheme))
    genres = [said(field.first("a8")) for field in latin(record.of(*_GENRES))]
    return {
        "subjects": each_once(subjects),
        "genres": list(dict.fromkeys(filter(None, (*genres, *forms)))),
        "spatial": list(dict.fromkeys(filter(None, places))),
    }


def _is_about_a_chain(field: Field) -> bool:
    """041A/x8 and /x9 are no elements: patterns of order, and class numbers and remarks, whose $g is no place."""
    return field.tag == "041A" and field.occurrence[-1:] in ("8", "9")


def _heading(field: Field) -> str:
    """A term, a time ($z), a name; of LCSH and MeSH with its subdivisions, of a class with its caption."""
    if field.tag in ("044A", "044C"):
        return " -- ".join(map(plain, (*field.all("a")[:1], *field.all("vxyz"))))
    if field.tag in _CLASSES and field.first("j"):
        return " ".join(map(plain, (*field.all("a")[:1], *field.all("j")[:1])))
    if field.tag in _CHAINS:
        name, more = name_of(field) or said(field.first("z")), plain(field.first("g")) if field.all("079") else ""
        return f"{name} ({more})" if name and more and not name.endswith(f"({more})") else name
    return said(field.first("a8"))


def _extent(record: PicaRecord) -> str:
    found = ""
    for tag, mark in (("034D", ""), ("034M", " : "), ("034I", " ; "), ("034K", " + ")):
        for text in (plain(text) for one in latin(record.of(tag)) for text in one.all("a")):
            found += f"{mark if found else ''}{text}"
    return found


def _host(record: PicaRecord) -> str:
    """The journal or volume that an article is in, the work that a volume is of, else the series."""
    found = [said(one.first("t")) or said(one.first("a")) for one in record.of("039B")]
    series = [one for tag in ("036C", "036D", "036E", "036F", "036G") for one in latin(record.of(tag))]
    found += [said(one.first("Y")) or said(one.first("a")) for one in series]
    return next(filter(None, found), "")


def _identifiers(record: PicaRecord, dialect: Dialect | None) -> Iterator[Any]:
    """Its own number first; shelfmarks are those of every copy (209A, x 00 to 09)."""
    if record.name:
        yield {"scheme": "ppn", "value": record.name}
    numbers = {**_NUMBERS, "006V": "vd16"} if dialect == "k10plus" else _NUMBERS
    for field in record.of(*numbers):
        yield from ({"scheme": numbers[field.tag], "value": text} for text in field.all("0"))
    for field in record.of("209A"):
        if field.first("x") in ("", *(f"0{digit}" for digit in range(10))) and (mark := field.first("a")):
            yield {"scheme": "shelfmark", "value": mark}


def _address(record: PicaRecord) -> str:
    found = (text for tag, code in _ADDRESSES.items() for one in record.of(tag) for text in one.all(code))
    return next((text for text in found if text.startswith("http")), "")


def _type(record: PicaRecord) -> str:
    codes = [code for field in record.of("002C") for code in field.all("b")]
    return next((_CONTENT[code] for code in codes if code in _CONTENT), _FORMS.get(record.status[:1], ""))
