"""What do a manifest and its canvases say of the object? Each property in its column, rights among them.

https://iiif.io/api/presentation/3.0/#31-descriptive-properties , https://iiif.io/api/presentation/2.1/#resource-properties
"""

import re
from collections.abc import Mapping
from typing import Any

from biglam_pipeline.normalize.formats.iiif.texts import line_of, texts_in, titles_of
from biglam_pipeline.normalize.rows.rights_of import OF_OBJECT, column_of_term
from biglam_pipeline.parsing.iiif import name_of, several, types_of
from biglam_pipeline.rights.shut import reads_shut

NAVIGATION = "navigation"
"""What `navDate` is a date for (3.0, 3.1): often it is that of the object, and nobody says so."""
_NEW_YEAR = re.compile(r"(\d{4})-01-01(?:T00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T.*)?")


def columns_of(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Canonical columns that a manifest fills."""
    title, more = titles_of(manifest.get("label"))
    columns: dict[str, Any] = {
        "title": title,
        "title_alt": more,
        "source_url": next(iter(links_of(manifest, "homepage", "related")), ""),
        "collection": next((name for one in _wholes(manifest) if (name := titles_of(one.get("label"))[0])), ""),
    }
    return {name: value for name, value in {**columns, **rights_in(manifest)}.items() if value} | said_of(manifest)


def said_of(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Those that a canvas may say for itself."""
    found = {
        "description": line_of(resource.get("summary")) or line_of(resource.get("description")),
        "attribution": credit_of(resource),
        "date_raw": date_of(resource),
    }
    return {name: value for name, value in found.items() if value} | (
        {"date_type": NAVIGATION} if found["date_raw"] else {}
    )


def rights_in(resource: Mapping[str, Any]) -> dict[str, list[str]]:
    """Statements of rights and access, by column: `rights`, `license`, what stands in `metadata` or in the credit line
    under such a label, and lines and links of the credit that reserve something.
    """
    found: dict[str, list[str]] = {}
    for one in (*several(resource.get("rights")), *several(resource.get("license"))):
        said = texts_in(name_of(one) or one)  # some servers write HTML there
        found.setdefault(OF_OBJECT, []).extend(text for each in said for text in (each.text, *each.links))
    for entry in (*several(resource.get("metadata")), resource.get("requiredStatement")):
        if isinstance(entry, Mapping):
            columns = [column for label in texts_in(entry.get("label")) if (column := column_of_term(label.text))]
            if columns:
                for each in texts_in(entry.get("value")):
                    found.setdefault(columns[0], []).extend([each.text, *each.links])
    found.setdefault(OF_OBJECT, []).extend(_reserved(resource))
    return {column: list(dict.fromkeys(texts)) for column, texts in found.items() if texts}


def _reserved(resource: Mapping[str, Any]) -> list[str]:
    """Lines and links of the credit by which something is forbidden."""
    said = (*texts_in(_credit(resource)), *texts_in(resource.get("attribution")))
    return [line for one in said for line in (*one.text.splitlines(), *one.links) if reads_shut(line)]


def credit_of(resource: Mapping[str, Any]) -> str:
    """What must be shown: `requiredStatement` of version 3, `attribution` of version 2."""
    return line_of(_credit(resource)) or line_of(resource.get("attribution"))


def credit_links_of(resource: Mapping[str, Any]) -> list[str]:
    """The addresses that it leads to: some say a licence nowhere else."""
    found = (*texts_in(_credit(resource)), *texts_in(resource.get("attribution")))
    return list(dict.fromkeys(link for said in found for link in said.links))


def _credit(resource: Mapping[str, Any]) -> Any:
    required = resource.get("requiredStatement")
    return required.get("value") if isinstance(required, Mapping) else None


def date_of(resource: Mapping[str, Any]) -> list[str]:
    """The day of `navDate`. It is always written as a moment; at the first of a year only the year is believed, since
    that is how a year is written (3.0, 3.1 navDate, and its recipe 0230).
    """
    said = resource.get("navDate")
    if not isinstance(said, str):
        return []
    text = said.strip()
    found = _NEW_YEAR.fullmatch(text) or _DAY.fullmatch(text)
    return [found[1] if found else text] if text else []


def links_of(resource: Mapping[str, Any], *names: str) -> list[str]:
    """The addresses under these keys, in order."""
    found = (name_of(one) for name in names for one in several(resource.get(name)))
    return [one for one in dict.fromkeys(found) if one]


def labels_of(resource: Mapping[str, Any], name: str) -> list[str]:
    """The labels of what stands under a key."""
    found = (titles_of(one.get("label"))[0] for one in several(resource.get(name)) if isinstance(one, Mapping))
    return [one for one in found if one]


def _wholes(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The collections that it says it is part of."""
    found = [*several(manifest.get("partOf")), *several(manifest.get("within"))]
    return [one for one in found if isinstance(one, Mapping) and types_of(one)[:1] in ([], ["Collection"], ["Layer"])]
