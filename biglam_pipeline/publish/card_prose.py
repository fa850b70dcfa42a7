"""The card's sections that a person wrote: what nobody filled in is left out, not left blank."""

import itertools
from collections.abc import Mapping

from biglam_pipeline.publish.marks import plain, table

Told = Mapping[str, str]
"""Name of a documentation key, such as `curation.mission` -> what was written."""

STANDARD_ADVISORY = (
    "The originals were made in other times. They may hold words and pictures that are offensive or hurt; they are "
    "kept as evidence, and are not the view of the custodian or of BigLAM."
)


def advisory(reported: Told) -> str:
    """The note above everything else, where one was asked for."""
    kind = reported.get("ethics.content_advisory", "none")
    if kind == "none":
        return ""
    words = reported.get("ethics.content_advisory_text", "") if kind == "specific" else STANDARD_ADVISORY
    return f"> **Content advisory.** {plain(words)}" if words else ""


def original_material(reported: Told) -> str:
    """What the originals are and how they were described."""
    rows = _rows(
        reported,
        ("Originals", "original_format"),
        ("Made by", "producers"),
        ("Descriptions", "metadata_type"),
        ("One description is of", "scale_of_description"),
    )
    return "## Original material\n\n" + table(("", ""), rows) if rows else ""


def history(reported: Told) -> str:
    """Why there is such a collection, and what was chosen of it."""
    parts = _sections(
        reported,
        ("Why the collection exists", "curation.mission"),
        ("What was digitised", "curation.digitisation_selection"),
    )
    return "\n\n".join(parts)


def considerations(reported: Told) -> str:
    """What to think of before using it."""
    parts = _sections(reported, ("Known gaps", "curation.known_gaps"), ("Limitations", "limitations"))
    parts += _people(reported)
    parts += _sections(reported, ("Good for", "intended_uses"), ("Not for", "out_of_scope"))
    return "## Considerations\n\n" + "\n\n".join(parts) if parts else ""


def requests(reported: Told) -> str:
    """Where a correction or a takedown is asked for, and how to cite."""
    ways = [plain(reported[key]) for key in ("takedown.contact", "takedown.url", "contact") if reported.get(key)]
    where = " or ".join(dict.fromkeys(ways)) or "the repository's discussions page"
    text = (
        f"## Corrections and takedown\n\nWrite to {where}; an answer comes within "
        f"{reported.get('takedown.response_days', '3')} working days. Rows named in a request are removed first and "
        "discussed afterwards."
    )
    return text + (f"\n\n## Cite\n\n{plain(reported['citation'])}" if reported.get("citation") else "")


def _people(reported: Told) -> list[str]:
    parts = []
    rows = _rows(
        reported,
        ("Words that hurt are to be expected", "ethics.harmful_language.expected"),
        ("Where", "ethics.harmful_language.where"),
        ("Made under colonial rule", "ethics.colonial_context.applies"),
        ("Whose record, whose voices", "ethics.colonial_context.note"),
        ("Indigenous or traditional knowledge", "ethics.indigenous_or_tk.present"),
        ("Decided by those it belongs to", "ethics.indigenous_or_tk.authority_decision"),
        ("Living people likely", "ethics.personal_data.living_people_likely"),
        ("Sensitive categories", "ethics.personal_data.special_categories"),
        ("Why it is published all the same", "ethics.personal_data.basis"),
        ("Asked", "ethics.consultation"),
    )
    if rows:
        parts.append("### People in the data\n\n" + table(("", ""), rows))
    parts += _labels(reported)
    looked = [reported[key] for key in ("ethics.review.by", "ethics.review.second_reader") if reported.get(key)]
    if looked:
        parts.append(f"Looked at by {plain(' and '.join(looked))}, on {reported['ethics.review.on']}.")
    return parts


def _labels(reported: Told) -> list[str]:
    """What a community says of its knowledge, in its own words, each with the page where it says so."""
    found = []
    for place in itertools.count():
        one = f"ethics.labels.{place}"
        if f"{one}.title" not in reported:
            break
        words = reported.get(f"{one}.text", "")
        quoted = "\n".join(f"> {plain(line)}" for line in words.splitlines()) if words else ""
        head = f"**{plain(reported[f'{one}.title'])}** ({plain(reported[f'{one}.project_uri'])})"
        found.append(f"{head}\n\n{quoted}" if quoted else head)
    return ["### Labels and Notices\n\n" + "\n\n".join(found)] if found else []


def _rows(reported: Told, *named: tuple[str, str]) -> list[tuple[str, str]]:
    return [(heading, plain(reported[key])) for heading, key in named if reported.get(key)]


def _sections(reported: Told, *named: tuple[str, str]) -> list[str]:
    return [f"### {heading}\n\n{plain(reported[key])}" for heading, key in named if reported.get(key)]
