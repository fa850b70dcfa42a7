"""What do the Labels of Local Contexts on one record make of its rights?

A Label is a community's word beside the licence and opens nothing: https://localcontexts.org/labels/. What is not for
everybody, or asks for what is not known here, is closed whatever the layers say and whoever overrules them; what is
for non-commercial use only is nc at best.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from biglam_pipeline.rights.labels import Label, labels_among, labels_of
from biglam_pipeline.rights.layers import LABELLED, SILENT, Judgement, Said
from biglam_pipeline.rights.recognise import Statement, recognise
from biglam_pipeline.rights.tiers import TIERS, rank


def labels_on(row: Mapping[str, Any], said: Said) -> list[str]:
    """As they stand in `labels`, and those that stand among the record's statements of rights."""
    return list(dict.fromkeys([*(one for one in row.get("labels") or () if one.strip()), *_among(said)]))


@lru_cache(maxsize=4096)
def _among(said: Said) -> tuple[str, ...]:
    """Those among the statements; most records of a source say the same few."""
    asked = [value for values in said.asked for value in values]
    return tuple(labels_among([*asked, *said.of_object, *said.access, *said.of_record]))


def heed(judgement: Judgement, own: Iterable[str], of_source: Iterable[Label] = ()) -> Judgement:
    """The judgement with what the Labels ask for. own: of the record; of_source: those on all records of the entry."""
    texts = list(own)
    labels = [*labels_of(texts), *of_source]
    shut = [label for label in labels if label.effect == "blocks"]
    if shut:
        return _shut(judgement, shut, texts)
    limited = [label for label in labels if label.effect == "nc"]
    return _limited(judgement, limited[0]) if limited else judgement


def _shut(judgement: Judgement, labels: list[Label], texts: list[str]) -> Judgement:
    named = ", ".join(label.title for label in labels if label.name)
    unknown = [] if all(label.name for label in labels) else [f"no label that is known here: {'; '.join(texts)[:120]}"]
    why = "; ".join([f"{named} is not for everybody"] * bool(named) + unknown)
    return replace(
        judgement,
        statement=Statement(None, "closed", "Not for everybody", "", problem=why),
        basis="record",
        tiers=f"{judgement.tiers} {LABELLED}",
        notes=(*judgement.notes, "labelled"),
    )


def _limited(judgement: Judgement, label: Label) -> Judgement:
    words = [_at_most_nc(word) for word in judgement.tiers.split(" ")]
    notes, tiers = (*judgement.notes, "non_commercial"), " ".join(words)
    if rank(judgement.statement.tier) >= rank("nc"):
        return replace(judgement, tiers=tiers, notes=notes)
    asked = recognise(label.name)
    statement = replace(asked, attribution=asked.attribution or judgement.statement.attribution)
    return replace(judgement, statement=statement, tiers=tiers, notes=notes)


def _at_most_nc(word: str) -> str:
    return "nc" if word in TIERS and word != SILENT and rank(word) < rank("nc") else word
