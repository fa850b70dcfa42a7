"""What does a MARC record say of rights? Use of the object, and access to it; see `rows.rights_of`.

540, 542: https://www.loc.gov/marc/bibliographic/bd540.html , bd542.html ; 506: bd506.html ; 355: bd355.html there.
"""

from biglam_pipeline.normalize.rows.rights_of import ACCESS, OF_OBJECT, is_statement
from biglam_pipeline.parsing.marc.record import MarcRecord
from biglam_pipeline.rights.shut import reads_shut

_USE = {"540": "abcdfgu", "542": "flnu"}
_ACCESS = {"506": "abcdefgu", "355": "abc"}
_UNIMARC_USE = {"371": "abcd"}
"""UNIMARC has one field for all conditions, the note on service: what it says decides about use."""
_OF_ADDRESS = {"l": ACCESS, "n": ACCESS, "r": OF_OBJECT, "t": OF_OBJECT}
"""856 since 2020 (update 30); before, these were names of hosts and terminals, so that only what is plain is heard."""


def rights_of(record: MarcRecord, *, unimarc: bool = False) -> dict[str, list[str]]:
    """Column -> statements. An address of a statement is one in whatever field it stands."""
    use, access = (_UNIMARC_USE, dict[str, str]()) if unimarc else (_USE, _ACCESS)
    found: dict[str, list[str]] = {OF_OBJECT: [], ACCESS: []}
    for field in record.fields:
        tag = field.means
        if tag in use:
            found[OF_OBJECT] += field.all(use[tag])
        if tag in access:
            found[ACCESS] += field.all(access[tag])
        if tag == "506" and not unimarc and field.first == "1" and not any(map(reads_shut, field.all("af"))):
            found[ACCESS].append("Restrictions apply")  # by the indicator, whatever the words are
        for code, text in field.subfields:
            if is_statement(text.strip()):
                found[OF_OBJECT].append(text.strip())
            elif tag == "856" and code in _OF_ADDRESS and reads_shut(text):
                found[_OF_ADDRESS[code]].append(text.strip())
    return {name: list(dict.fromkeys(texts)) for name, texts in found.items() if texts}
