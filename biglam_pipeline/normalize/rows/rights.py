"""Fills a row's columns on rights: what its layers allow, under which name, until when, and what its object is said
to be.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from biglam_pipeline.columns import IMAGE_FEATURE, Modality
from biglam_pipeline.fields.dates import read_dates
from biglam_pipeline.normalize.rows.labels import heed, labels_on
from biglam_pipeline.normalize.rows.rights_of import said_by
from biglam_pipeline.rights.labels import Label
from biglam_pipeline.rights.layers import Aspect, Judgement, Layer, Said, judge

_MAX_JUDGED = 4096
"""So many statements are remembered; then it begins again."""


@dataclass(frozen=True, slots=True)
class RowRights:
    """The layers of one entry, and whom it credits."""

    layers: tuple[Layer, ...]
    custodian: str
    attribution: str
    modality: Modality
    labels: tuple[Label, ...] = ()
    """Those that the entry says stand on all of it."""
    _judged: dict[tuple[Said, frozenset[Aspect], date | None], Judgement] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def parts(self, row: Mapping[str, Any]) -> frozenset[Aspect]:
        """What a row publishes. A row of a text source publishes its text, be it empty; `image_url` is metadata."""
        parts: set[Aspect] = {"metadata"}
        if self.modality == "text" or row.get("text"):
            parts.add("text")
        if row.get(IMAGE_FEATURE):
            parts.add("images")
        return frozenset(parts)

    def fill(
        self, row: dict[str, Any], values: Mapping[str, Any], problems: list[str], retrieved: date | None
    ) -> Judgement:
        """The judgement, and the columns that say it; what was not understood is a problem.

        values: the record's own; retrieved: the day on which it was fetched.
        """
        said, parts = said_by(values, len(self.layers)), self.parts(row)
        row["labels"] = labels_on(row, said) or None
        judgement = self._judge(row, said, parts, retrieved)
        judgement = heed(judgement, row["labels"] or (), self.labels)
        statement = judgement.statement
        row["rights_raw"] = _received(said, object_too=judgement.described is None)
        row["rights_uri"], row["rights_name"] = statement.uri, statement.rights_name or None
        row["rights_tier"], row["rights_basis"] = statement.tier, judgement.basis
        until = _day(row.get("rights_until"), problems)
        row["rights_until"] = until or (statement.until.isoformat() if statement.until else None)
        if judgement.described is not None:
            row["object_rights_raw"] = list(said.of_object)
            row["object_rights_uri"] = judgement.described.uri
        credit = row["attribution"] or self.attribution
        row["attribution"] = credit or (self.custodian if statement.attribution else None)
        if statement.problem and judgement.basis == "record":
            problems.append(f"rights_raw: {statement.problem}")
        if "not_understood" in judgement.notes:
            problems.append("rights_raw: not understood beside the entry's licence")
        return judgement

    def heeds_names(self, row: Mapping[str, Any], values: Mapping[str, Any], retrieved: date | None) -> bool:
        """Whether the judgement of a record, just filled, may depend on whom it names beside its statements."""
        return (said_by(values, len(self.layers)), self.parts(row), retrieved) not in self._judged

    def _judge(self, row: Mapping[str, Any], said: Said, parts: frozenset[Aspect], retrieved: date | None) -> Judgement:
        """By distinct statement, unless it depends on whom the record names: most records say the same few."""
        key = said, parts, retrieved
        if (known := self._judged.get(key)) is not None:
            return known
        asked: list[frozenset[str]] = []

        def names() -> frozenset[str]:
            asked.append(self._names(row))
            return asked[-1]

        judgement = judge(self.layers, said, parts, names, retrieved)
        if not asked:
            if len(self._judged) >= _MAX_JUDGED:
                self._judged.clear()
            self._judged[key] = judgement
        return judgement

    def _names(self, row: Mapping[str, Any]) -> frozenset[str]:
        """Whom the record itself names: a statement that credits one of them adds no condition."""
        creators = [one for each in row.get("creators") or () for one in (each["name"], each["name_raw"])]
        named = [self.custodian, row.get("publisher"), row.get("title"), self.attribution, *creators]
        return frozenset(name for name in named if name)


def _received(said: Said, *, object_too: bool) -> list[str] | None:
    asked = [value for values in said.asked for value in values]
    of_object = (*said.of_object, *said.access) if object_too else ()
    return list(dict.fromkeys((*asked, *of_object, *said.of_record))) or None


def _day(raw: Any, problems: list[str]) -> str | None:
    """An end as EDTF. It opens nothing by itself: that a day has passed is no statement of anybody."""
    if not isinstance(raw, str) or not raw.strip():
        return None
    reading = read_dates([raw])
    if reading.edtf is None:
        problems.append(f"rights_until: {reading.problem or 'not a date'}")
    return reading.edtf
