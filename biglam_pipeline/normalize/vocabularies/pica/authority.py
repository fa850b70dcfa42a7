"""Which columns does a record of a name, a place or a subject itself fill? Its heading, and the forms that lead to it.

GND in PICA+: https://wiki.dnb.de/pages/viewpage.action?pageId=50759357 ; addresses of libraries (ZDB):
https://format.gbv.de/pica/zdb-address/schema.json
"""

from typing import Any

from biglam_pipeline.normalize.vocabularies.pica.rights import rights_of
from biglam_pipeline.normalize.vocabularies.pica.wording import name_of, said
from biglam_pipeline.parsing.pica.record import Field, PicaRecord

_KINDS = ("022", "028", "029", "030", "041", "065")
"""Work, person, body, conference, subject, place: with A the preferred form, with @ the others."""
_HEADINGS = tuple(f"{kind}A" for kind in _KINDS)
_TRACINGS = tuple(f"{kind}@" for kind in _KINDS)
_READ = frozenset({*_HEADINGS, *_TRACINGS, "002@", "003@", "003U"})


def columns_of(record: PicaRecord) -> dict[str, Any]:
    """Canonical column -> what the record says there; what is empty is left out."""
    headings = [text for one in record.of(*_HEADINGS) if (text := _form(one))]
    others = dict.fromkeys(text for one in record.of(*_TRACINGS) if (text := _form(one)) and text not in headings)
    addresses = [text for one in record.of("003U") for text in one.all("a")]
    columns = {
        "title": next(iter(headings), ""),
        "title_alt": [*others],
        "identifiers": [*({"scheme": "ppn", "value": one} for one in (record.name,) if one), *addresses],
        "source_url": next((one for one in addresses if one.startswith("http")), ""),
        **rights_of(record, "dnb"),
    }
    return {name: value for name, value in columns.items() if value}


def unread_of(record: PicaRecord) -> set[str]:
    """Tags of which no column takes anything."""
    return {one.tag for one in record.fields} - _READ


def _form(field: Field) -> str:
    """A heading, of a subject or a place with what is added to it ($g, $x)."""
    if field.tag[:3] in ("028", "029", "030"):
        return name_of(field)
    more = [said(text) for text in field.all("g")]
    head = said(field.first("a")) + (f" ({' : '.join(more)})" if more else "")
    return " / ".join(filter(None, (head, *map(said, field.all("x")))))
