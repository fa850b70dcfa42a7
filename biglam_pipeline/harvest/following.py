"""Follows the links of one visit, once its protocol has brought what they stand in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from biglam_pipeline.harvest.closing import carried
from biglam_pipeline.harvest.linking import Follower, Pointing
from biglam_pipeline.harvest.under_way import Progress
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.links import SHELF
from biglam_pipeline.records import Harvested
from biglam_pipeline.store.batch_writer import BatchWriter
from biglam_pipeline.store.followed import keep_followed, read_followed
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.raw_listing import Listing


@dataclass(frozen=True, slots=True)
class Following:
    """How the links of one visit are followed."""

    raw: RawShelf
    pointing: Pointing | None
    may_be_same: bool
    """Whether that was whole, and asked for the same, and nothing came at an earlier attempt at this visit."""

    def found(
        self,
        visit: Visit,
        shelved: Listing,
        progress: Progress,
        ignored: Sequence[str],
        writer: BatchWriter,
    ) -> Iterator[Harvested]:
        """What came from links; and at last the protocol's evidence again, with what became of them."""
        evidence, previous = progress.evidence, progress.previous
        linked = previous.starting("key", SHELF)
        assert evidence is not None
        assert self.pointing is not None
        if evidence.unchanged:  # none of these was said to be there: now each is
            progress.taken.keep_every(~linked)
        noted = read_followed(self.raw.shelf)
        follower = Follower(
            visit,
            previous.select(linked),
            shelved.select(shelved.starting("key", SHELF)),
            noted.failing,
            self.raw.redactions.is_gone,
            noted.at,
            tuple(ignored),
        )
        quiet = self.may_be_same and not (progress.fetched or progress.missing) and evidence.complete
        if quiet and progress.taken.has_every(~linked) and follower.nothing_is_due:
            yield from follower.keep_all()
        else:

            def objects() -> Listing:
                writer.flush()
                return progress.taken.listing(carried(previous, evidence, complete=evidence.complete))

            yield from follower.in_waves(self.pointing, objects)
            if progress.missing or not evidence.complete:
                yield from follower.keep_rest()
        keep_followed(self.raw.shelf, visit.opened_at, follower.still_failing)
        progress.evidence = replace(evidence, unchanged=False, proof=f"{evidence.proof}; {follower.proof}")
