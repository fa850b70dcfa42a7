"""By whose rules are the tags of a record used, is it gone, and what of it is not for the public?

K10plus (GBV, SWB): https://format.k10plus.de/avram.pl?profile=k10plus-title and the pages of its fields,
https://format.k10plus.de/k10plushelp.pl?cmd=pplist&katalog=Standard , all levels as the schema of 2021 that
https://github.com/pkiraly/qa-catalogue keeps (src/test/resources/pica/schema/k10plus.json); German National Library and
ZDB: https://format.gbv.de/pica/zdb/zdbformat-title-schema.json ; addresses:
https://format.gbv.de/pica/zdb-address/schema.json ; authorities (GND):
https://wiki.dnb.de/pages/viewpage.action?pageId=50759357
"""

from typing import Literal

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.pica.record import Field, PicaRecord

Dialect = Literal["k10plus", "dnb"]

_INTERNAL = frozenset(
    {
        *("002M", "002N", "005E", "006D", "009L", "036H", "044F", "045P", "047R", "047T", "047V"),
        *("001Q", "001R", "046W", "047A", "047B", "047F", "089A", "089B", "089C", "091O"),
        "220B",
    }
)
"""ZDB: "internes Feld der DNB". K10plus: warnings of the system, comments, notes for whoever edits the record
(Bearbeitungshinweis), its log, messages between cataloguers with their addresses, and orders. GBV 220B: "Zustand des
Buches (bibliotheksinterne Hinweise)", which goes to MARC 866 $x, the nonpublic note."""
_INTERNAL_AT_DNB = frozenset({"006U", "006V", "013E", "017E", "044K"})
"""Internal by the same schema; in K10plus other things, which are not: numbers (VD16), forms of music, subjects."""
_INTERNAL_OF_AUTHORITY = frozenset({"001@", "001X", "042@", "050C"})
"""GND: "Feld wird im Externformat nicht angezeigt", and the editors' notes (667), which are nonpublic in MARC too."""
_INTERNAL_OF_ADDRESS = frozenset({"050D"})
_NOTES = {
    **dict.fromkeys(("009P", "017C", "017D", "017F", "017G", "017H", "046X", "109R", "209R", "209W"), "x"),
    "009B": "y",
    "009Q": "xkl",
    "035J": "b",
    "051A": "b",
    "127E": "b",
    "220J": "c",
    "220K": "c",
    "220L": "a",
}
"""Tag -> "Interne Bemerkungen", at every level; of 009Q also password and login; of an address what is noted of loans,
"(intern)"; 051A "Bemerkungen intern"; 127E the text of a message ("Mailbox"); 220J to 220L who works on a copy
("Bearbeiter")."""
_COUNTED = {"209B": frozenset({"14", "80", "81", "82", "83", "84"})}
"""Fields of a copy that are told apart by $x: "Bearbeiterkennzeichen", and orders ("Erwerbungsdaten"), as 091O is."""
_GONE = frozenset({"d", "zd", "u", "zu"})
"""GND 008@ $a: deleted, or lead to another record; `z` for those that a program shortened."""


def is_authority(record: PicaRecord) -> bool:
    """A person, body, place, work or subject (GND), or the address of a library (ZDB): 002@ $0 begins with T."""
    return record.status.startswith("T")


def dialect_of(record: PicaRecord) -> Dialect | None:
    """By what only one of them has: the number in the SWB, or whose number of the first cataloguer it is ($i, before
    2019 $c, and $a in the ZDB). None where nothing shows it, or both.
    """
    if is_authority(record):
        return "dnb"
    codes = {code for field in record.of("007G") for code, _ in field.subfields}
    shown = any(record.of("003S")) or bool(codes & {"i", "c"})
    if shown == ("a" in codes):
        return None
    return "k10plus" if shown else "dnb"


def deleted(record: PicaRecord) -> bool:
    """K10plus 001E, "Kennung und Datum der Löschung"; of an authority 008@ $a. What K10plus only marks to be deleted
    (002@ $0, third code k) is still shown and delivered.
    """
    if is_authority(record):
        return any(text in _GONE for field in record.of("008@") for text in field.all("a"))
    return any(record.of("001E"))


def refuse_internal(record: PicaRecord) -> None:
    """Unreadable where a title says that it is not shown to anybody.

    K10plus 002@ $0 (https://format.k10plus.de/k10plushelp.pl?cmd=kat&val=0500): second code m, a message between
    cataloguers; third code i, for internal use, or N, not shown yet; fourth code Z, a test. None is displayed or
    delivered (https://wiki.k10plus.de/pages/viewpage.action?pageId=534478890).
    """
    for status in (text for field in record.of("002@") for text in field.all("0")):
        _refuse(status)


def _refuse(status: str) -> None:
    if status.startswith("T"):
        return
    if status[1:2] == "m" or status[2:3] in ("i", "N") or status[3:4] == "Z":
        detail = f"002@ $0 says {status!r}: it is a message, a test, or for internal use, and not public"
        raise Unreadable("pica_internal", detail)


def public(record: PicaRecord, dialect: Dialect | None) -> tuple[PicaRecord, tuple[str, ...]]:
    """The record without what is not public, and what that was, to be counted.

    dialect: None where it is not known; then what is internal in either is left out.
    """
    internal = _INTERNAL if dialect == "k10plus" else _INTERNAL | _INTERNAL_AT_DNB
    if is_authority(record):
        internal |= _INTERNAL_OF_AUTHORITY
    if record.status.startswith("Tw"):
        internal |= _INTERNAL_OF_ADDRESS
    fields, hidden = list[Field](), dict[str, None]()
    for field in record.fields:
        if field.tag in internal or not _COUNTED.get(field.tag, frozenset()).isdisjoint(field.all("x")):
            hidden[f"nonpublic: {field.tag} is left out"] = None
            continue
        if codes := _NOTES.get(field.tag, ""):
            kept = tuple(one for one in field.subfields if one[0] not in codes)
            if len(kept) < len(field.subfields):
                hidden[f"nonpublic: the note in {field.tag} is left out"] = None
                field = field._replace(subfields=kept)
            if not kept:
                continue
        fields.append(field)
    return (PicaRecord(tuple(fields)) if hidden else record), tuple(hidden)
