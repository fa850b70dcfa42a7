"""From manifest and parts to a draft: card, manifest and removed rows beside the data."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from biglam_pipeline.columns import Section
from biglam_pipeline.coverage import Coverage
from biglam_pipeline.publish.card import Facts, generate_card
from biglam_pipeline.publish.draft import MANIFEST, Draft, LocalFile
from biglam_pipeline.publish.statistics import Statistics, measure, together
from biglam_pipeline.records import Description, Part
from biglam_pipeline.store.parts import Manifest, ShardsShelf, encode

CARD_VERSION = 2
"""Raised when the card comes out otherwise for the same facts: every repository then gets a new one."""


@dataclass(frozen=True, slots=True)
class Drafting:
    """Everything that a draft is made of, handed in by the pipeline."""

    description: Description
    sections: Sequence[Section]
    schemas: Mapping[str, pa.Schema]
    """Section -> the schema of its parts."""
    license: dict[str, Any]
    harvested_on: str
    proof: str
    tag: str
    coverage: tuple[Coverage, ...] = ()


def content_of(manifest: Manifest, description: Description) -> str:
    """Digest of all that a reader of the repository sees; chain numbers do not enter, nor what only the gate reads."""
    reported = json.dumps(asdict(description), sort_keys=True)
    return hashlib.sha256(f"{CARD_VERSION}\x00{manifest.content}\x00{reported}".encode()).hexdigest()


def make_draft(drafting: Drafting, manifest: Manifest, shards: ShardsShelf) -> Draft:
    """Reads the parts once for the card's numbers; the card is to be laid into the one that is there."""
    by_section = {
        one.name: _measured([part for part in manifest.parts if manifest.section(part) == one.name], shards)
        for one in drafting.sections
    }
    statistics = together(by_section.values())
    facts = Facts(
        description=drafting.description,
        manifest=manifest,
        statistics=statistics,
        sections=drafting.sections,
        by_section=by_section,
        schemas=drafting.schemas,
        license=drafting.license,
        harvested_on=drafting.harvested_on,
        proof=drafting.proof,
        coverage=drafting.coverage,
        tag=drafting.tag,
    )
    return Draft(
        repository=drafting.description.repository,
        digest=manifest.digest,
        content=content_of(manifest, drafting.description),
        files={part.path: LocalFile(shards.path(part), part.size, part.sha256) for part in manifest.parts},
        texts={
            MANIFEST: encode(manifest),
            ".biglam/removed.parquet": shards.shelf.read(manifest.removed),
        },
        message=f"{drafting.tag}: {manifest.tally.published} rows, harvest {manifest.harvest}",
        tag=drafting.tag,
        rows=manifest.tally.published,
        filled={section: dict(one.filled) for section, one in by_section.items()},
        card=generate_card(facts),
    )


def _measured(parts: Sequence[Part], shards: ShardsShelf) -> Statistics:
    return measure((group for part in parts for group in shards.groups(part)), sum(part.size for part in parts))
