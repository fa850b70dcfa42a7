"""The whole journey on one page: harvest_source, normalize_source, dedup_source, publish_source.

Each function is one stage of one source. It reads the shelf of the stage before, writes its own, and may be run alone,
again, or after a kill at any point: what is shelved is not done twice.
"""

import logging
from dataclasses import replace
from functools import partial
from pathlib import Path

from biglam_pipeline.clearance import Clearance, nightly
from biglam_pipeline.clearing import cleared, incomplete, nothing_to_publish, origin_of, run_checks, view_of
from biglam_pipeline.context import RunContext
from biglam_pipeline.costs import in_words
from biglam_pipeline.dedup.laying import LaidOut, lay_shards
from biglam_pipeline.errors import ConfigError, ServerBusy, ShelfDamaged, SourceChanged
from biglam_pipeline.harvest.shelving import Visited, shelve_visit
from biglam_pipeline.inputs import describe, laying_of, ledger_of, open_ledger, pointing_of, readings_of, stopped_with
from biglam_pipeline.normalize.reading import Normalizing
from biglam_pipeline.normalize.unread import report_unread
from biglam_pipeline.publish.draft import Release
from biglam_pipeline.publish.drafting import content_of
from biglam_pipeline.releasing.adopting import adopt
from biglam_pipeline.releasing.committing import Basis, release_draft, show_again, still_stands
from biglam_pipeline.releasing.handwork import stop_on_edits
from biglam_pipeline.releasing.recovery import head_to_write_on, laid_before, refuse_to_overwrite
from biglam_pipeline.releasing.remembered import keep_release, last_release, released_here, withdraw, withdrawing
from biglam_pipeline.releasing.sharing import read_card_file, still_shared
from biglam_pipeline.source import Source
from biglam_pipeline.store.signals import keep_signals
from biglam_pipeline.withholding import normalize_without

log = logging.getLogger(__name__)


def harvest_source(run: RunContext, source: Source, base: Path) -> Visited:
    """Hops 1 to 3: asks the source, shelves what it answers, closes the harvest last.

    base: folder of the sources file. Unchanged upstream: at most a conditional request a file, one a set.
    """
    with run.alone(source):
        stopped = [name for name, theirs in ledger_of(run, base, source).origins if theirs.stopped]
        withdraw(run, source, source.closed_because + ([stopped_with(source.name, stopped)] if stopped else []))
        request, raw = source.digest("raw"), run.raw(source)
        raw.redactions.want_again(open_ledger(run, base, source).keeps_out)
        if raw.latest() is None:
            _ask_leave(run, source)
        web = run.guest(source)
        pointing, origin = pointing_of(source, raw, open_ledger(run, base, source)), partial(origin_of, run, source)
        visited = shelve_visit(
            source.harvest, web, raw, base=base, request=request, now=run.now, pointing=pointing, origin=origin
        )
        if source.made_of and visited.harvest.complete:
            raw.forget_before(visited.harvest)
        keep_signals(raw, visited.harvest.number, web.signals())
        if not visited.unchanged and visited.harvest.number > 1:
            _ask_leave(run, source)
    said = "nothing new" if visited.unchanged else f"{visited.harvest.fetched} of {visited.harvest.objects} objects new"
    log.info("%s: harvest %d: %s; %s", source.name, visited.harvest.number, said, visited.harvest.proof)
    if visited.costs:
        log.info("%s: asked %s", source.name, in_words(visited.costs))
    return visited


def _ask_leave(run: RunContext, source: Source) -> None:
    """SourceChanged where the token may not write to the source's repository: reported before hours of work, not after.

    A Hub that does not answer is no reason not to harvest.
    """
    try:
        run.hub.may_write(run.repository(source))
    except (ConfigError, ServerBusy) as cause:
        log.info("%s: whether it may be published was not asked: %s", source.name, cause)


def normalize_source(run: RunContext, source: Source, base: Path) -> Normalizing:
    """Hops 4 to 6: reads the bundles that are new into canonical rows, with rights recognised and text measured.

    What the takedown ledger keeps out is never written, and goes from the raw shelf too.
    """
    with run.alone(source):
        raw = run.raw(source)
        harvest = raw.latest()
        if harvest is None:
            raise ShelfDamaged(f"{source.name}: nothing was harvested yet; materialize raw first")
        ledger, shelf = open_ledger(run, base, source), run.normalized(source)
        done = normalize_without(ledger, readings_of(source), raw, harvest, shelf, run.processes)
    rows = sum(one.rows for one in done.slices)
    log.info("%s: %d rows, in slices: %d, of which read now: %d", source.name, rows, len(done.slices), done.read)
    if not rows:
        reported = report_unread(source.normalize, done.normalized.files, done.normalized.unread)
        log.warning("%s: there are no rows: %s", source.name, reported)
    if done.erased:
        log.info("%s: %d raw objects hold no longer what was taken down", source.name, done.erased)
    return done


def dedup_source(run: RunContext, source: Source, base: Path, *, rebuild: bool = False) -> LaidOut:
    """Hop 7: decides the current rows, withholds, drops duplicates, and lays what is left into sticky parts.

    rebuild: cut all parts again, which costs a full upload: for `biglam compact`, and for nothing that runs by itself.
    SourceChanged where the harvest is not whole: its gaps must not make published rows disappear.
    """
    with run.alone(source):
        normalized, shards = run.normalized(source), run.shards(source)
        current, harvest = normalized.current(), run.raw(source).latest()
        if current is None or harvest is None:
            raise ShelfDamaged(f"{source.name}: nothing was normalized yet; materialize raw and normalized first")
        if not current.complete:
            raise SourceChanged(incomplete(source, run.raw(source)))
        laying = replace(laying_of(run, source, harvest, open_ledger(run, base, source)), rebuild=rebuild)
        before = laid_before(run, source)
        same = before and not rebuild and laying.has_laid(before, current)
        if before and same and shards.is_whole(before):
            shards.point(before)  # a run that was killed after the swap has not cleared away yet
            log.info("%s: nothing new; %d parts stay as they are", source.name, len(before.parts))
            return LaidOut(before, 0)
        laid = lay_shards(laying, current, normalized, shards)
        if laid.manifest.tally.withheld and not laid.manifest.tally.published:  # a failed check may stop the run here
            withdraw(run, source, [f"{laid.manifest.tally.withheld} of its rows are withheld, and none is left"])
    went = ", ".join(f"{rows:,} {way.replace('_', ' ')}" for way, rows in laid.manifest.tally.as_dict().items() if rows)
    log.info("%s: parts: %d, of which written now: %d; %s", source.name, len(laid.manifest.parts), laid.written, went)
    return laid


def publish_source(run: RunContext, source: Source, base: Path) -> Release:
    """Hop 8: checks everything again on the very data, is cleared, commits once, tags, and reads back.

    RightsWithheld where a check fails, however this function was called; the last publication then stays, but is
    hidden where the source itself has closed.
    """
    with run.alone(source), withdrawing(run, source):
        open_ledger(run, base, source)
        shards, released = run.shards(source), last_release(run, source)
        manifest = shards.current()
        if manifest is None:
            raise nothing_to_publish(run, source, base)
        refuse_to_overwrite(run, source, manifest)
        content, file = content_of(manifest, describe(run, source)), read_card_file(base, source)
        view = view_of(run, source, base, manifest.digest)
        here = released_here(run, source)
        if released and here and still_stands(released, content, run.repository(source), source):
            Clearance.confirm(source.name, run_checks(view, nightly()), manifest.digest)
            standing = run.hub.stands(released, {part.path: part.sha256 for part in manifest.parts})
            stood = still_shared(run, source, released, manifest, file, whole=standing.whole)
            if standing.visibility != released.visibility and (stood or released.visibility == "private"):
                show_again(run, source, standing.visibility, lambda: cleared(view))
            if stood:
                log.info("%s: %s is up to date at %s", source.name, released.repository, released.tag)
                stood = replace(stood, takedowns=manifest.takedowns)
                if stood != released:
                    keep_release(run, source, stood)
                return replace(stood, files_sent=0)
        head = head_to_write_on(run, source)
        stop_on_edits(run, source, here, manifest)
        basis = Basis(manifest, released, head, adopt(run, source, manifest, here), file)
        release = release_draft(run, source, content, cleared(view), basis)
        keep_release(run, source, release)
    for problem in release.read_back:
        log.error("%s: read back from the Hub: %s; %s", source.name, problem, release.last_good)
    log.info("%s: published %d rows as %s at %s", source.name, release.rows, release.tag, release.url)
    return release
