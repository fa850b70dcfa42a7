"""What do the tags of a record mean, MARC 21 or UNIMARC? And what of it is not for the public?

MARC 21: https://www.loc.gov/marc/bibliographic/ ; UNIMARC: https://www.ifla.org/g/unimarc-rg/ . In UNIMARC 541 with a
first indicator 0 is a translated title, and 100 begins with the day of entry: the same tag is never read for both.
"""

import re
from typing import Literal

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.marc.record import Field, MarcRecord

Dialect = Literal["marc21", "unimarc"]

_MARC21_FORMS = {"marc21", "usmarc", "marc"}
_PRIVATE = {"marc21": frozenset({"541", "542", "561", "583"}), "unimarc": frozenset[str]()}
"""Private where the first indicator is 0, each by its page of the format, or is none that the format has."""
_OPEN = (" ", "#", "1")
"""No information, which some write as documentation does, and not private."""
_WHOLE = {"marc21": frozenset({"667"}), "unimarc": frozenset({"830"})}
"""Never public: the nonpublic general note of an authority record, the cataloguer's note of UNIMARC."""
_NOTES = {
    "marc21": dict.fromkeys(
        (
            *("363", "526", "583", "852", "856", "857", "863", "864", "865", "866", "867", "868", "876", "877", "878"),
            *("885", "952"),
        ),
        "x",
    ),
    "unimarc": {"318": "prx", "856": "x", "995": "x"},
}
"""Tag -> subfields that are nonpublic notes: MARC 21 bibliographic and holdings, 952 and 995 of Koha's items, 318 of
UNIMARC, of whose notes one is not public."""


def dialect_of(record: MarcRecord) -> Dialect:
    """By what its envelope says, else by what only one of them has. Unreadable where nothing shows it."""
    form = re.sub(r"[^a-z0-9]", "", record.form.lower())
    if not form and _has_unimarc_s_day(record) and any(field.subfields for field in record.of("200")):
        return "unimarc"  # also with a 245 that is a library's own: in MARC 21 a name is in 100, and nothing in 200
    if form in _MARC21_FORMS or (not form and any(record.of("245"))):
        return "marc21"
    if form.startswith("unimarc") or (not form and _has_unimarc_s_day(record)):
        return "unimarc"
    if not form and not any(field.subfields for field in record.of("200")):
        return "marc21"  # an authority or a holding; no title of UNIMARC
    said = f"its envelope says {record.form!r}" if form else "it has a title of UNIMARC (200) without 100 $a"
    raise Unreadable("marc_dialect", f"{said}; write `dialect: marc21` or `dialect: unimarc` if its fields are those")


def _has_unimarc_s_day(record: MarcRecord) -> bool:
    return any(re.match(r"[0-9]{8}", text) for field in record.of("100") for text in field.all("a"))


def deleted(record: MarcRecord, dialect: Dialect) -> bool:
    """By leader/05: `d`; of an authority also `s` and `x`, whose heading was split or replaced
    (https://www.loc.gov/marc/authority/adleader.html).
    """
    status, kind = record.leader[5:6], record.leader[6:7]
    return status == "d" or (dialect == "marc21" and kind == "z" and status in ("s", "x"))


def public(record: MarcRecord, dialect: Dialect) -> tuple[MarcRecord, tuple[str, ...]]:
    """The record without what is not public, and what that was, to be counted.

    Where a slip hides which part that is, all that it may be is left out: a field that lacks its indicators, or its
    subfields, so that its notes do not show; a subfield without a code; 880 without the tag that $6 has to give
    (https://www.loc.gov/marc/bibliographic/bd880.html).
    """
    fields, hidden = list[Field](), dict[str, None]()
    for field in record.fields:
        tag = field.means
        if tag in _WHOLE[dialect] or (tag in _PRIVATE[dialect] and field.first not in _OPEN):
            hidden[f"nonpublic: {tag} is left out"] = None
            continue
        codes = _NOTES[dialect].get(tag, "")
        if not field.subfields and field.text and (codes or tag in _PRIVATE[dialect]):
            hidden[f"nonpublic: {tag} is left out, which has no subfields"] = None
            continue
        if field.tag == "880" and dialect == "marc21" and not re.fullmatch(r"[0-9A-Za-z]{3}", tag):
            if field.subfields or field.text:
                hidden["nonpublic: 880 is left out, whose $6 does not say what it is of"] = None
            continue
        kept = tuple(one for one in field.subfields if _is_shown(one[0], codes)) if codes else field.subfields
        if len(kept) < len(field.subfields):
            hidden[f"nonpublic: the note in {tag} is left out"] = None
            if not kept:
                continue
        fields.append(field if kept is field.subfields else field._replace(subfields=kept))
    return (MarcRecord(record.leader, tuple(fields), record.form) if hidden else record), tuple(hidden)


def _is_shown(code: str, notes: str) -> bool:
    return code.isascii() and code.isalnum() and code.lower() not in notes
