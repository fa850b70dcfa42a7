"""What of an entry does a stage read? A digest of it, by which work that stands is known."""

import hashlib
from typing import TYPE_CHECKING, Literal

from biglam_pipeline.columns import SCHEMA_VERSION
from biglam_pipeline.normalize.mapping.columns import SAID_VERSION, names_mapped
from biglam_pipeline.normalize.mapping.subsets import VERSION as CONFIG_VERSION
from biglam_pipeline.settings import digest_of_all, written
from biglam_pipeline.source.sections import section_of

if TYPE_CHECKING:
    from biglam_pipeline.source.entry import Source

Stage = Literal["raw", "normalized", "shards", "hub"]
_TOLD = frozenset({"meanings"})
"""Keys of a READ that say something of its columns, and by which nothing is read."""
_NOT_READ = frozenset({"accept", "evidence", "checked", "quote", "overrule"})
"""Keys of a layer whose words no record is read by: whether there is a page, a day and a decision counts, not which."""


def digest_of_stage(source: "Source", stage: Stage) -> str:
    """See `Source.digest`."""
    parts: list[object] = [SCHEMA_VERSION]
    if stage == "raw":
        # How it is shown, and who answers for it: not what is asked.
        parts = [written(source.harvest, {"public", "robots"})]
        parts += [written(reader, _TOLD) for reader in source.normalize if reader.is_linked]  # it says what is fetched
    elif stage == "normalized":
        return digest_of_all([source.read_digest(number) for number in range(len(source.normalize))])
    elif stage == "shards":
        parts += [[sorted(tiers) for tiers in source.accepted_by_layer], written(source.dedup)]
    else:
        parts += [written(source, leave_out={"harvest", "normalize", "schedule", "status", "owner"})]
        parts += [sorted(reader.meanings.items()) for reader in source.normalize if reader.meanings]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def digest_of_read(source: "Source", number: int) -> str:
    """See `Source.read_digest`."""
    reader = source.normalize[number]
    rights = [written(layer, _NOT_READ) for layer in source.rights]
    read = [(one.evidenced, one.overrules, sorted(one.hosts)) for one in source.layers]
    parts: list[object] = [SCHEMA_VERSION, source.name, source.custodian, source.languages, rights, read]
    parts += [reader.version, written(reader, _TOLD), *(label.name for label in source.labels)]
    parts += [CONFIG_VERSION] if "config" in reader.map.values else []
    parts += [SAID_VERSION] if names_mapped(reader.map, source.asked.values()) else []
    parts += ["marks"] if reader.where and source.harvest.lays_over else []
    parts += [("section", name)] if (name := section_of(reader).name) else []
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
