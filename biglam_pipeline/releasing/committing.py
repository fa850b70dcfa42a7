"""One release: a draft, one commit, read back, and seen by whom the entry says."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from biglam_pipeline.clearance import Clearance
from biglam_pipeline.context import RunContext
from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.inputs import drafting_of
from biglam_pipeline.publish.card_laying import Laid, lay_card
from biglam_pipeline.publish.draft import Draft, Intent, Overtaken, Release, decode_intent, encode_intent
from biglam_pipeline.publish.drafting import Drafting, make_draft
from biglam_pipeline.publish.read_back import read_back
from biglam_pipeline.releasing.adopting import Adopted
from biglam_pipeline.releasing.handwork import stop_on_edits
from biglam_pipeline.releasing.remembered import keep_profile, released_here, remembers
from biglam_pipeline.releasing.sharing import digest_of, keep_card, look, note_card, put_card
from biglam_pipeline.source import Source
from biglam_pipeline.store.parts import Manifest
from biglam_pipeline.store.reading import sound

log = logging.getLogger(__name__)


def still_stands(released: Release, content: str, repository: str, source: Source) -> bool:
    """Whether the last release is what the entry and its shards ask for."""
    was = (released.content, released.repository, released.visibility)
    return was == (content, repository, source.publish.visibility)


_TIMES = 5
"""How often a card is laid again because somebody committed in between."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a release goes on from."""

    manifest: Manifest
    released: Release | None
    """The last one, wherever it went."""
    head: str | None
    """Commit of `main`; None where the repository is to be made."""
    adopted: Adopted | None
    file: str
    """`cards/NAME.md`."""


def release_draft(run: RunContext, source: Source, content: str, clearance: Clearance, basis: Basis) -> Release:
    """One commit, read back; then, where all is right, seen by whom the entry says."""
    manifest = basis.manifest
    tag, cut_off = _intended_tag(run, source, content, basis.head)
    drafting = drafting_of(run, source, manifest, tag)
    draft = make_draft(drafting, manifest, run.shards(source))
    if basis.adopted:
        draft = replace(draft, gone=basis.adopted.gone)
    draft, laid, release = _commit(run, source, draft, drafting, clearance, basis)
    changed = set(release.changed)
    if cut_off:
        log.warning("%s: the publication of %s was cut off; it is read back now", source.name, release.tag)
        changed |= _unread(run, released_here(run, source), manifest)
    problems = read_back(run.hub, draft, manifest, release.commit, changed)
    assert draft.card is not None  # make_draft made it
    return replace(
        release,
        changed=(),
        published_at=run.now().isoformat(),
        read_back=tuple(problems),
        files_read_back=len(draft.files) + len(draft.texts),
        takedowns=manifest.takedowns,
        taken_down=manifest.tally.taken_down,
        visibility=_show(run, source, clearance, good=not problems),
        profile=keep_profile(run, source, manifest, draft.filled),
        card=keep_card(run, source, laid, draft.card),
        card_file=digest_of(basis.file),
    )


def _commit(
    run: RunContext, source: Source, draft: Draft, drafting: Drafting, clearance: Clearance, basis: Basis
) -> tuple[Draft, Laid, Release]:
    """Lays the card into the one that stands there, and again where somebody was quicker."""
    for attempt in range(1, _TIMES + 1):
        looked = look(run, source, basis.released)
        adopted = basis.adopted
        if adopted and looked.head != adopted.head:
            raise SourceChanged(f"{draft.repository} moved while it was being taken over; look at it again")
        assert draft.card is not None  # make_draft made it
        laid = lay_card(draft.card, looked.card, basis.file, looked.before)
        note_card(run, source, drafting.description, basis.released, looked, laid)
        draft = put_card(draft, looked, laid)
        before = released_here(run, source)
        if before is not None and looked.head and looked.head != before.head:
            run.hub.report_changes(draft, before.head, looked.head)
        try:
            return draft, laid, run.hub.commit(draft, clearance)
        except Overtaken as cause:
            if attempt == _TIMES:
                raise
            log.info("%s: %s", source.name, cause)
            stop_on_edits(run, source, basis.released, basis.manifest)
    raise AssertionError("not reached")


def _unread(run: RunContext, before: Release | None, manifest: Manifest) -> set[str]:
    """Paths of the parts that no release was read back with. before: the last one that was."""
    known = run.hub.ids(before.repository, before.commit) if before else {}
    return {part.path for part in manifest.parts if known.get(part.path) != part.sha256}


def _intended_tag(run: RunContext, source: Source, content: str, head: str | None) -> tuple[str, bool]:
    """The tag under which this content is published, and whether an earlier run was cut off on its way there.

    Noted before the commit, so that what a killed run published stays its own. A release that has to be made again,
    since somebody changed the repository, is another one: commit, tag and card have one name.
    """
    shelf, repository = run.shelf.at(f"{source.name}/hub"), run.repository(source)
    noted = shelf.read("intent.json") if shelf.exists("intent.json") else None
    with sound(shelf, "intent.json"):
        intent = decode_intent(noted) if noted is not None and remembers(noted, run, source) else None
    before = released_here(run, source)
    done = before is not None and before.content == content
    if intent is not None and intent.content == content and (not done or (before and head == before.head)):
        tag = run.hub.free_tag(repository, intent.tag, own=head or "")
    else:
        tag, intent = run.hub.free_tag(repository, f"v{run.now():%Y.%m.%d}"), None
    shelf.swap("intent.json", noted, encode_intent(Intent(content, tag, repository)))
    return tag, intent is not None and not done


def _show(run: RunContext, source: Source, clearance: Clearance, *, good: bool) -> str:
    """Makes the repository seen by whom the entry says, and never public what was not read back as it should be."""
    repository, wanted = run.repository(source), source.publish.visibility
    found = run.hub.visibility(repository)
    if found == wanted or (wanted == "public" and not good):
        return found
    run.hub.set_visibility(repository, wanted, clearance)
    log.warning("%s: %s was %s and is %s now", source.name, repository, found, wanted)
    return wanted


def show_again(run: RunContext, source: Source, found: str, clear: Callable[[], Clearance]) -> None:
    """Puts right who may read a repository whose settings somebody changed by hand, and reports it.

    found: who may now; clear: grants the clearance that making it public again takes.
    """
    wanted, repository = source.publish.visibility, run.repository(source)
    run.hub.set_visibility(repository, wanted, clear() if wanted == "public" else None)
    log.warning("%s: %s was made %s by hand and is %s again, as the entry says", source.name, repository, found, wanted)
