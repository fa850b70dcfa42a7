"""Which key of an entry says what stands in a block: so that an edit there can be referred to where it belongs."""

import json

from biglam_pipeline.publish.blocks import Edit
from biglam_pipeline.publish.marks import plain
from biglam_pipeline.records import Description

_KEYS: dict[str, tuple[str, ...]] = {
    "opening": ("title", "summary", "ethics.content_advisory_text"),
    "glance": ("custodian", "custodian_url", "collection_url"),
    "originals": ("original_format", "producers", "metadata_type", "scale_of_description"),
    "origin": ("harvest",),
    "history": ("curation.mission", "curation.digitisation_selection"),
    "rights": ("rights",),
    "ai_use": ("ai_use.statement", "ai_use.decision"),
    "considerations": ("limitations", "curation.known_gaps", "intended_uses", "out_of_scope", "ethics"),
    "requests": ("takedown.contact", "takedown.url", "contact", "citation"),
    "header.pretty_name": ("title",),
    "header.license": ("rights",),
    "header.license_name": ("rights",),
    "header.license_link": ("rights",),
    "header.license_details": ("rights",),
    "header.tags": ("tags",),
    "header.language": ("languages",),
}
"""Place -> the keys that fill it. What is not here is computed from the rows."""


def line_for(edit: Edit, description: Description) -> tuple[str, str]:
    """The key, and the line that would say what somebody wrote; both empty where no key says such a thing.

    Where it is not clear which key is meant, the line names those that the block is made of.
    """
    known = {"title": description.title, "custodian": description.custodian, **description.documentation}
    keys = _KEYS.get(edit.place, ())
    for key in keys:
        value = _replaced(edit, known.get(key, ""))
        if value:
            return key, _written(key, value)
    if edit.place == "header.pretty_name":
        return "title", _written("title", edit.after.partition(":")[2].strip().strip("'\""))
    return (keys[0], " or ".join(f"`{key}`" for key in keys)) if keys else ("", "")


def _written(key: str, value: str) -> str:
    """A text in double quotes of JSON is one of YAML, whatever it holds."""
    block, _, name = key.rpartition(".")
    line = f"`{name}: {json.dumps(value, ensure_ascii=False)}`"
    return f"{line} in `{block}`" if block else line


def _replaced(edit: Edit, value: str) -> str:
    """What took a value's place: the line that begins and ends as the one in which the value stood."""
    shown = plain(value)
    if not shown or shown in edit.after:
        return ""
    for line in edit.before.split("\n"):
        before, found, after = line.partition(shown)
        if not found:
            continue
        for now in edit.after.split("\n"):
            if now != line and now.startswith(before) and now.endswith(after) and now not in edit.before.split("\n"):
                return _unmarked(now[len(before) : len(now) - len(after)])
    return ""


def _unmarked(text: str) -> str:
    return text.replace("\\", "").replace("&amp;", "&").strip()
