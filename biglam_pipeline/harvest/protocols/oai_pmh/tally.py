"""How many records a list was said to have, and how many came: over all its spans."""

from collections.abc import Iterator
from dataclasses import dataclass

from biglam_pipeline.harvest.paging import Pager

_SLACK = 0.01
"""Of what was announced. So much may lack, where people said how many rows are due; and so much may be added."""


@dataclass(slots=True)
class Tally:
    """The sums of the spans that are done, and what is judged of each."""

    seen: int = 0
    """Records."""
    announced: int | None = 0
    """None where a span did not say how many it has."""
    older: int = 0
    """Records that changed before the date that was asked for."""
    broken: int = 0
    """Records that cannot be read; the formats reject them."""
    damaged: int = 0
    """Pages that did not come whole."""
    repeated: int = 0
    """Records that came twice within a span."""
    spans: int = 1
    lacking: int = 0
    """Records that were announced and did not come, where they are few."""
    short: bool = False
    """Whether more than a few did not come."""
    least: int = 0
    """So many records the list had where it was asked for in one span, as announced or as they came."""
    first_total: int | None = None
    """What the first page of the present span announced."""

    def begin(self) -> None:
        """A span is asked for, from its start."""
        self.first_total = None
        if self.spans == 1:
            self.older = self.broken = 0

    def note_total(self, total: int) -> None:
        """What a page announced."""
        self.first_total = total if self.first_total is None else self.first_total

    def gap(self, pager: Pager) -> int:
        """Records of the present span that were announced and did not come, but for what was added meanwhile."""
        if pager.total is None or pager.seen >= pager.total:
            return 0
        added = pager.total - (pager.total if self.first_total is None else self.first_total)
        return 0 if pager.total - pager.seen <= added <= pager.total * _SLACK else pager.total - pager.seen

    def judge(self, pager: Pager) -> None:
        """The present span has come to its end."""
        gap = self.gap(pager)
        few = gap <= (pager.total or 0) * _SLACK
        self.lacking += gap if few else 0
        self.short = self.short or not few

    def note_whole(self, pager: Pager) -> None:
        """How far the list came in one span, before it is asked for in several."""
        if self.spans == 1:
            self.least = max(self.least, pager.seen, pager.total or 0)

    def judge_all(self, pager: Pager, *, gaps: bool) -> None:
        """Whether all spans together are as much as the list: some servers find nothing where `until` is said.

        https://github.com/gbif/registry/issues/62

        gaps: whether spans are known to be lacking, which a person may have allowed: then people say how much is due.
        """
        lacking = self.least - self.seen - pager.seen
        self.short = self.short or (lacking > self.least * _SLACK and not gaps)
        self.lacking = max(self.lacking, lacking)

    def close(self, pager: Pager) -> None:
        """Adds the present span, before the next is asked for."""
        self.seen += pager.seen
        self.repeated += pager.repeated()
        self.announced = None if self.announced is None or pager.total is None else self.announced + pager.total
        self.spans += 1

    def total(self, pager: Pager) -> int | None:
        """How many records were announced in all."""
        return None if self.announced is None or pager.total is None else self.announced + pager.total

    def words(self, pager: Pager, *, further: bool) -> Iterator[str]:
        """The proof, piece by piece. further: whether records came before that were not counted."""
        seen, total = self.seen + pager.seen, self.total(pager)
        ends = "last page without token"
        if self.spans > 1:
            ends = f"{self.spans} spans of dates to their ends"
        records = f"{seen} {'further ' if further else ''}records" if total is None else f"{seen} of {total} records"
        yield f"{ends}; {records}" + (": the server announced more than it sent" if self.short else "")
        if self.lacking and not self.short:
            yield f"{self.lacking} of those announced did not come, though they were asked for twice"
        if self.broken:
            yield f"{self.broken} of them cannot be read"
        if self.damaged:
            yield f"{self.damaged} pages did not come whole"
