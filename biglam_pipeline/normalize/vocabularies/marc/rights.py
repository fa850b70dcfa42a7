"""What does a MARC record say of rights? Use of the object, and access to it; see `rows.rights_of`.

540, 542: https://www.loc.gov/marc/bibliographic/bd540.html , bd542.html ; 506: bd506.html ; 355: bd355.html there; 845,
which is in holdings what 540 is: https://www.loc.gov/marc/holdings/hd845.html
"""

from biglam_pipeline.normalize.rows.rights_of import ACCESS, OF_OBJECT, is_statement
from biglam_pipeline.parsing.marc.record import Field, MarcRecord
from biglam_pipeline.rights.shut import reads_shut

_USE = {"540": "abcdfgu", "542": "flnu", "845": "abcdfgu"}
_ACCESS = {"506": "abcdefgu", "355": "abc"}
_UNIMARC_USE = {"371": "abcd"}
"""UNIMARC has one field for all conditions, the note on service: what it says decides about use."""
HEARD = frozenset({*_USE, *_ACCESS, "856"})
"""Tags of MARC 21."""
_OF_ADDRESS = {"l": ACCESS, "n": ACCESS, "z": ACCESS, "r": OF_OBJECT, "t": OF_OBJECT}
"""856 since 2020 (update 30); before, these were names of hosts and terminals, so that only what is plain is heard.
$z is the public note, in which most libraries say who may follow the address. $7 is a code: 1 restricts access (https://www.loc.gov/marc/mac/2019/2019-01.html)."""


def rights_of(record: MarcRecord, *, unimarc: bool = False) -> dict[str, list[str]]:
    """Column -> statements. An address of a statement is one in whatever field it stands; where that speaks of another
    thing, or of a part, it opens nothing.
    """
    use, access = (_UNIMARC_USE, dict[str, str]()) if unimarc else (_USE, _ACCESS)
    found: dict[str, list[str]] = {OF_OBJECT: [], ACCESS: []}
    for field in record.fields:
        tag = field.means
        if tag in use:
            found[OF_OBJECT] += [text if unimarc else _of_all(field, text) for text in _said(field, use[tag])]
        if tag in access:
            found[ACCESS] += _said(field, access[tag])
        if tag == "506" and not unimarc and field.first == "1" and not any(map(reads_shut, field.all("af"))):
            found[ACCESS].append("Restrictions apply")  # by the indicator, whatever the words are
        for code, text in field.subfields:
            if is_statement(text.strip()):
                if unimarc or not _of_other(field, code) or reads_shut(text):
                    found[OF_OBJECT].append(text.strip())
            elif (tag, code, text.strip()) == ("856", "7", "1") and not (unimarc or field.second == "2"):
                found[ACCESS].append("Restricted access")
            elif tag == "856" and code in _OF_ADDRESS and reads_shut(text):
                found[_OF_ADDRESS[code]].append(text.strip())
    return {name: list(dict.fromkeys(texts)) for name, texts in found.items() if texts}


def _said(field: Field, codes: str) -> list[str]:
    """The texts of these subfields, also of a code in capitals or of none, or the field without any: a slip takes no
    word away from what limits.
    """
    if not field.subfields:
        return [text] if (text := field.text.strip()) else []
    found = (value.strip() for code, value in field.subfields if not code.isalnum() or code.lower() in codes)
    return [text for text in found if text]


def _of_all(field: Field, text: str) -> str:
    """A statement; of one that is made of a part of the thing alone ($3), no more than what it forbids is of all."""
    part = " ".join(field.all("3"))
    return f"Of a part ({part}): {text}" if part and not reads_shut(text) else text


def _of_other(field: Field, code: str) -> bool:
    """Whether a subfield speaks of something else: of a part ($3), of another work (760 to 787), of a related resource
    (856, second indicator 2), whose licence is not that of the thing.
    """
    tag = field.means
    if tag in _USE:
        return bool(field.all("3"))
    return tag[:2] in ("76", "77", "78") or (tag == "856" and field.second == "2" and code in _OF_ADDRESS)
