"""What does a PICA+ record say of rights? Use of the object, and access to it; see `rows.rights_of`.

K10plus 017M (Rechteinformation), 017R (Access Status), 017C (URL zum Volltext, $4 Lizenzinformationen):
https://format.k10plus.de/avram.pl?profile=k10plus-title ; they become MARC 540, 506 and 856 by its export, of which
https://github.com/pkiraly/qa-catalogue has the table. ZDB 009Q $z and 009P $S:
https://format.gbv.de/pica/zdb/zdbformat-title-schema.json
"""

from collections.abc import Iterator

from biglam_pipeline.normalize.rows.rights_of import ACCESS, OF_OBJECT, is_statement
from biglam_pipeline.normalize.vocabularies.pica.dialect import Dialect
from biglam_pipeline.parsing.pica.record import Field, PicaRecord
from biglam_pipeline.rights.shut import reads_shut

_SAID = {
    "017M": (OF_OBJECT, "actuvz"),
    "017R": (ACCESS, "afuz"),
    "037I": (OF_OBJECT, "a"),
    "209K": (ACCESS, "ac"),
}
"""Tag -> column, and subfields that are statements: in words, as a code, as an address, in which country, for which
part, for how long; not who said so, or by which law or list. 037I: "Angaben zu Benutzungs- und
Vervielfältigungsbedingungen"; 209K: "Angaben zu Zugriffsrechten", of a copy."""
_LICENCES = {**dict.fromkeys(("017C", "017D", "009P", "109R", "209R", "209W"), "4"), "009Q": "4z"}
"""Tags of addresses -> subfields of a code that says who may follow it. 017F is no longer valid, 017G and 017H lead to
something else."""
_NOTES = {
    **dict.fromkeys(("009P", "009Q", "017C", "017D", "109R", "209R", "209W"), "3yz"),
    "209A": "c",
    "231D": "a",
    "237A": "a",
}
"""What is written for readers beside an address, a shelfmark, what a library has, and of a copy (237A,
"benutzerrelevante Hinweise", MARC 852 $z): a condition of access where it forbids, and else of something else."""
_ACCESS_CODES = {
    "LF": "Free access",
    "KF": "Free access after registration",
    "KW": "Free access before or after a certain date (moving wall)",
    "NL": "National licence: access in Germany only",
    "PU": "Pay per use",
}
"""ZDB 009Q $z, "Bemerkungen zu kostenfrei zugänglichen E-Journals". Any other code is heard as it stands, and is not
understood: it opens nothing."""
_OTHER_WORKS = ("036", "039")
"""Series and related works, whose licence is not that of the thing."""
HEARD = frozenset({*_SAID, *_LICENCES, *_NOTES})


def rights_of(record: PicaRecord, dialect: Dialect | None) -> dict[str, list[str]]:
    """Column -> statements. An address of a statement is one in whatever field it stands; of another work, or of one
    copy, it opens nothing.
    """
    found: dict[str, list[str]] = {OF_OBJECT: [], ACCESS: []}
    for field in record.fields:
        column, codes = _SAID.get(field.tag, ("", ""))
        if column:
            found[column] += [_of_place(field, code, text) for code, text in _texts(field, codes)]
            continue
        found[ACCESS] += [
            _ACCESS_CODES.get(text, text if reads_shut(text) else f"Licence code {text}") for text in _licences(field)
        ]
        if field.tag == "009P" and dialect == "dnb":
            found[ACCESS] += [f"Licence indicator {text}" for text in field.all("S")]
        found[ACCESS] += [text for _, text in _texts(field, _NOTES.get(field.tag, "")) if reads_shut(text)]
        for _, value in field.subfields:
            if is_statement(text := value.strip()) and (_is_of_the_thing(field.tag) or reads_shut(text)):
                found[OF_OBJECT].append(text)
    return {name: list(dict.fromkeys(texts)) for name, texts in found.items() if texts}


def _texts(field: Field, codes: str) -> Iterator[tuple[str, str]]:
    """Code and text of these subfields."""
    return ((code, text) for code, value in field.subfields if code in codes and (text := value.strip()))


def _of_place(field: Field, code: str, text: str) -> str:
    """A statement; what is one in one country ($t of 017M) is not one everywhere."""
    return f"Only in {text}" if (field.tag, code) == ("017M", "t") else text


def _licences(field: Field) -> list[str]:
    """Of an address, the codes; a note ($z of the ZDB) counts where it is one of them, or forbids."""
    codes = _LICENCES.get(field.tag, "")
    return [text for code, text in _texts(field, codes) if code == "4" or text in _ACCESS_CODES or reads_shut(text)]


def _is_of_the_thing(tag: str) -> bool:
    return tag[0] == "0" and not tag.startswith(_OTHER_WORKS)
