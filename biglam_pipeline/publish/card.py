"""The dataset card: an honest first page. Numbers are computed, prose is the source's own, nothing is left as a gap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from biglam_pipeline.columns import IMAGE_FEATURE, Section
from biglam_pipeline.coverage import Coverage
from biglam_pipeline.fields.languages import hub_language
from biglam_pipeline.progress import size_in_words
from biglam_pipeline.publish import card_prose
from biglam_pipeline.publish.blocks import Generated
from biglam_pipeline.publish.card_ai_use import ai_use_section
from biglam_pipeline.publish.card_files import files_left_out
from biglam_pipeline.publish.card_origin import origin_section
from biglam_pipeline.publish.card_rights import rights_section
from biglam_pipeline.publish.configs import DEFAULT, Config, configs_of
from biglam_pipeline.publish.features import features_yaml
from biglam_pipeline.publish.marks import count, percent, plain, table
from biglam_pipeline.publish.statistics import Statistics
from biglam_pipeline.records import Description
from biglam_pipeline.store.parts import Manifest

_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
    (10_000_000_000, "1B<n<10B"),
)
_LANGUAGE_SHARE = 0.001


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the card is made of."""

    description: Description
    manifest: Manifest
    statistics: Statistics
    sections: Sequence[Section]
    by_section: Mapping[str, Statistics]
    schemas: Mapping[str, pa.Schema]
    """Section -> the schema of its parts."""
    license: dict[str, Any]
    """license, license_name and license_link as the Hub wants them."""
    harvested_on: str
    proof: str
    tag: str
    coverage: Sequence[Coverage] = ()


def generate_card(facts: Facts) -> Generated:
    """The header's fields and the blocks of README.md, as far as there is something to say."""
    reported = facts.description.documentation
    blocks = {
        "opening": _opening(facts),
        "glance": _glance(facts),
        "use": _use(facts),
        "originals": card_prose.original_material(reported),
        "fields": _fields(facts),
        "origin": origin_section(facts.description, facts.proof, facts.coverage),
        "history": card_prose.history(reported),
        "left_out": _left_out(facts),
        "rights": rights_section(facts.description, facts.manifest, facts.statistics),
        "ai_use": ai_use_section(facts.description),
        "considerations": card_prose.considerations(reported),
        "requests": card_prose.requests(reported),
    }
    return Generated(header(facts), {name: text for name, text in blocks.items() if text})


def header(facts: Facts) -> dict[str, Any]:
    """The YAML header's fields."""
    description, statistics = facts.description, facts.statistics
    tags = ["lam", "glam", f"source:{description.name}", *description.tags]
    configs = configs_of(facts.manifest.parts, facts.manifest.sections)
    infos = [_info(one, features_yaml(facts.schemas[one.section])) for one in configs]
    fields = {
        "pretty_name": description.title,
        "language": _languages(statistics),
        **facts.license,
        "size_categories": [_size(statistics.rows)],
        "tags": list(dict.fromkeys(tags)),
        "configs": [
            {"config_name": one.name, "data_files": [{"split": "train", "path": one.pattern}]} for one in configs
        ],
        "dataset_info": infos if len(infos) > 1 else infos[0],
    }
    return {name: value for name, value in fields.items() if value not in (None, [], "")}


def _info(config: Config, features: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "config_name": config.name,
        "features": features,
        "splits": [{"name": "train", "num_bytes": config.size, "num_examples": config.rows}],
        "download_size": config.size,
        "dataset_size": config.size,
    }


def _languages(statistics: Statistics) -> list[str]:
    enough = max(1, min(100, statistics.rows * _LANGUAGE_SHARE))
    codes = [hub_language(tag) for tag, count in statistics.languages.most_common() if count >= enough]
    return list(dict.fromkeys(code for code in codes if code))


def _size(rows: int) -> str:
    return next((name for limit, name in _SIZES if rows < limit), "n>1T")


def _opening(facts: Facts) -> str:
    description = facts.description
    text = [f"# {plain(description.title)}", card_prose.advisory(description.documentation)]
    if description.documentation.get("summary"):
        text.append(plain(description.documentation["summary"]))
    text.append(
        f"{count(facts.statistics.rows, 'row')} from {plain(description.custodian)}, harvested by "
        "[BigLAM](https://huggingface.co/biglam). Rows, numbers and rights are generated from the harvest named below, "
        "and corrections of them go to the source; what people write beside that on this page is kept."
    )
    return "\n\n".join(part for part in text if part)


def _glance(facts: Facts) -> str:
    statistics, description = facts.statistics, facts.description
    rows = [("Custodian", plain(description.custodian))]
    if description.documentation.get("custodian_url"):
        rows.append(("Its page", f"<{description.documentation['custodian_url']}>"))
    if description.documentation.get("collection_url"):
        rows.append(("Collection", f"<{description.documentation['collection_url']}>"))
    rows.append(("Rows", f"{statistics.rows:,}"))
    if statistics.words:
        rows.append(("Words", f"{statistics.words:,}"))
    if statistics.years:
        rows.append(("Period", " to ".join(str(year) for year in dict.fromkeys(statistics.years))))
    named = [f"{tag} ({count:,})" for tag, count in statistics.languages.most_common(12)]
    if named:
        rows.append(("Languages", ", ".join(named)))
    if statistics.confidence is not None:
        rows.append(("Mean OCR word confidence", f"{statistics.confidence:.2f}, as the engine reports it"))
    rows.append(("Size", f"{size_in_words(statistics.size)} in {count(len(facts.manifest.parts), 'Parquet file')}"))
    rows.append(("Harvest", f"number {facts.manifest.harvest}, closed on {facts.harvested_on}"))
    return table(("", ""), rows)


def _use(facts: Facts) -> str:
    name = facts.description.repository
    configs = configs_of(facts.manifest.parts, facts.manifest.sections)
    if configs[0].name != DEFAULT:  # without it, `load_dataset` has to be reported which
        name = f'{name}", "{configs[0].name}'
    one = (
        f'rows = load_dataset("{facts.description.repository}", "{configs[1].name}", split="train")  # one config\n'
        if configs[1:]
        else ""
    )
    text = f"""## Use it

```python
from datasets import load_dataset

rows = load_dataset("{name}", split="train")
{one}rows = load_dataset("{name}", split="train", streaming=True)  # without downloading everything
rows = load_dataset("{name}", split="train", revision="{facts.tag}")  # exactly this release
```"""
    if len(configs) == 1:
        return text
    values = facts.manifest.configs
    rows = [
        (f"`{config.name}`", plain(values.get(config.name, "")), f"{config.rows:,}", size_in_words(config.size))
        for config in configs
    ]
    return text + "\n\n" + table(("Config", "Value", "Rows", "Size"), rows)


def _fields(facts: Facts) -> str:
    reported = [_fields_of(section, facts) for section in facts.sections if facts.by_section[section.name].rows]
    return "\n\n".join(["## Fields", *reported])


def _fields_of(section: Section, facts: Facts) -> str:
    """Of one section; where there are several, under its name and the configs that its rows stand in."""
    found = facts.by_section[section.name]
    filled, total = found.filled, max(found.rows, 1)
    rows = [
        (f"`{one.name}`", f"{one.type}", percent(filled[one.name], total).replace("%", "\u00a0%"), one.meaning)
        for one in section.published
        if filled[one.name]
    ]
    empty = ", ".join(f"`{one.name}`" for one in section.published if not filled[one.name])
    text = table(("Field", "Type", "Filled", "Meaning"), rows)
    if len(facts.sections) > 1:
        named = [f"`{name}`" for name, of in facts.manifest.sections.items() if of == section.name]
        text = f"### {', '.join(named)}: {count(found.rows, 'row')}\n\n{text}"
    return text + (f"\n\nIn every BigLAM dataset of this kind, and empty in this one: {empty}." if empty else "")


def _left_out(facts: Facts) -> str:
    tally = facts.manifest.tally
    rows = [
        ("Seen in the harvest", f"{tally.seen:,}", ""),
        ("Superseded by a later version", f"{tally.superseded:,}", ""),
        ("Delivered more than once by one visit, word for word", f"{tally.repeated:,}", ""),
        ("Deleted by the source", f"{tally.deleted:,}", ""),
        ("Could not be read", f"{tally.rejected:,}", _reasons(facts.manifest.rejects)),
        ("Withheld: rights not accepted", f"{tally.withheld:,}", _reasons(facts.manifest.withheld)),
        ("Taken down on request", f"{tally.taken_down:,}", ""),
        (
            "Dropped as duplicates",
            f"{tally.duplicate:,}",
            _dropped(facts),
        ),
        ("**Published**", f"**{tally.published:,}**", ""),
    ]
    text = "## What was left out\n\n" + table(("", "Rows", "Why"), rows)
    files = files_left_out(facts.description)
    return "\n\n".join(part for part in [text, *_unread(facts), *_duplicates(facts), files] if part)


def _unread(facts: Facts) -> list[str]:
    """Values that could not be read, or only with a doubt, of all records that were read: the raw column has them."""
    counts = sorted(facts.manifest.unread.items(), key=lambda pair: (-pair[1], pair[0]))
    if not counts:
        return []
    rows = [(plain(reason), f"{count:,}") for reason, count in counts]
    said = (
        "Values that could not be read, or only with a doubt, in all records that were read, those withheld or dropped "
        "among them. No row is left out for it; what the source wrote is kept as it was:"
    )
    return [said, table(("Column", "Times"), rows)]


_WHY_DROPPED = {
    "exact_parent": "parts of a whole that was delivered twice, each part equal and in order",
    "exact_row": "equal in everything but identifiers",
    "exact_text": "equal {content}",
    "near": "the same {content} but for {noise}",
}
_NOISE = {"text": "wrong letters, a long s or other line ends", "picture": "size, compression or a narrow crop"}
_ALIKE = {
    "text": "Texts count as the same whose letters and digits are alike from 0.72 by edit distance; where columns were "
    "read in another order, or a text has more than 50,000 letters, from 0.5 by the windows of letters they share.",
    "picture": "Pictures count as the same of which 0.84 or more of the bits of their hashes (pHash of 256 bits) are "
    "equal.",
}
_BOTH = "text or picture"
_NOISE[_BOTH] = f"{_NOISE['text']}, and of pictures {_NOISE['picture']}"
_ALIKE[_BOTH] = f"{_ALIKE['text']} {_ALIKE['picture']}"


def _content(facts: Facts) -> str:
    """What rows are compared by: pictures, texts, or each of the two in its own sections."""
    pictures = {IMAGE_FEATURE in schema.names for schema in facts.schemas.values() if _is_compared(schema)}
    return _BOTH if len(pictures) > 1 else "picture" if pictures == {True} else "text"


def _is_compared(schema: pa.Schema) -> bool:
    return bool({IMAGE_FEATURE, "text"} & set(schema.names))


def _dropped(facts: Facts) -> str:
    duplicates, content = facts.manifest.doubles, _content(facts)
    reported = [
        f"{why.format(content=content, noise=_NOISE[content])} ({duplicates[reason]:,})"
        for reason, why in _WHY_DROPPED.items()
        if duplicates.get(reason)
    ]
    return "; ".join([*reported, "each with its keeper in `.biglam/removed.parquet`"]) if reported else ""


def _duplicates(facts: Facts) -> list[str]:
    """What is marked, and by which measure it was judged."""
    content, counts, reported = _content(facts), facts.manifest.doubles, []
    if not any(map(_is_compared, facts.schemas.values())):
        clusters = count(counts.get("clusters", 0), "cluster")
        said = f"{count(facts.statistics.duplicates, 'row')} in {clusters}, equal in everything but identifiers"
        return (
            [f"Marked, not dropped: {said}. `dup_of` names the first of them."] if facts.statistics.duplicates else []
        )
    if facts.statistics.duplicates:
        equal = "equal" if facts.description.near == "none" else f"equal or but for {_NOISE[content]}"
        repeated, clusters = count(facts.statistics.duplicates, "row"), count(counts.get("clusters", 0), "cluster")
        reported.append(
            f"Marked, not dropped: {repeated} in {clusters} with the {content} of another row, {equal}. `dup_of` names "
            "that row, which ranks first (seen earlier, then the earlier date, the better copy, the smaller "
            "identifier), and `similarity` says how alike they are."
        )
    if facts.description.near != "none" and (reported or counts.get("near")):
        reported.append(_ALIKE[content])
    return reported


def _reasons(counts: dict[str, int]) -> str:
    top = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:6]
    return "; ".join(f"{plain(reason)} ({count:,})" for reason, count in top)
