"""A first look at a source: harvested where it has to be, then read as far as the first rows go; no row is shelved."""

from pathlib import Path

from biglam_pipeline.context import RunContext
from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.harvest.harvester import OnTheWeb
from biglam_pipeline.inputs import open_ledger, readings_of
from biglam_pipeline.normalize.sampling import Sample, sample_harvest
from biglam_pipeline.pipeline import harvest_source
from biglam_pipeline.source import Source
from biglam_pipeline.store.raw import Harvest, RawShelf


def preview_source(run: RunContext, source: Source, base: Path, rows: int, *, again: bool = False) -> Sample:
    """The first rows that the entry makes of the source; shelves no row.

    Asks the source where that was not done yet, where the entry asks for something else since, where it lies on this
    machine (which costs a look at names and times), where a list on this machine was edited, and with `again`.
    """
    raw, harvest = shelved_for(run, source, base, again=again)
    with run.alone(source):
        return sample_harvest(readings_of(source), raw, harvest, rows)


def shelved_for(run: RunContext, source: Source, base: Path, *, again: bool = False) -> tuple[RawShelf, Harvest]:
    """What is to be looked at: the last harvest, or a new one where the entry asks for something else since.

    RightsWithheld where the source was taken down.
    """
    raw = run.raw(source)
    before = raw.latest()
    if again or before is None or before.request != source.digest("raw") or _may_be_new(source, raw, before, base):
        harvest_source(run, source, base)
    with run.alone(source):
        harvest = raw.latest()
        if harvest is None:
            raise ShelfDamaged(f"{source.name}: nothing was harvested; materialize raw")
        open_ledger(run, base, source)
        return raw, harvest


def _may_be_new(source: Source, raw: RawShelf, before: Harvest, base: Path) -> bool:
    """Without asking the web."""
    if isinstance(source.harvest, OnTheWeb):
        asked = max(at for at in (raw.checked_at(), before.closed_at) if at)
        return source.harvest.edited_at(base) > asked.timestamp()
    return not source.harvest.hosts
