"""One release: a draft, one commit, read back, and seen by whom the entry says."""

import logging
from dataclasses import dataclass, replace

from biglam_pipeline.adopting import Adopted
from biglam_pipeline.briefs import drafting_of
from biglam_pipeline.clearance import Clearance
from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.handwork import stop_on_edits
from biglam_pipeline.house import House
from biglam_pipeline.publish.card_laying import Laid, lay_card
from biglam_pipeline.publish.draft import Draft, Overtaken, Release, decode_intent, encode_intent
from biglam_pipeline.publish.drafting import Drafting, make_draft
from biglam_pipeline.publish.read_back import read_back
from biglam_pipeline.releases import keep_profile
from biglam_pipeline.sharing import digest_of, keep_card, look, note_card, put_card
from biglam_pipeline.source import Source
from biglam_pipeline.store.parts import Manifest

log = logging.getLogger(__name__)


def still_stands(released: Release, content: str, repository: str, source: Source) -> bool:
    """Whether the last release is what the entry and its shards ask for."""
    was = (released.content, released.repository, released.visibility)
    return was == (content, repository, source.publish.visibility)


_TIMES = 5
"""How often a card is laid again because somebody committed in between."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a release goes on from."""

    manifest: Manifest
    released: Release | None
    adopted: Adopted | None
    file: str
    """`cards/NAME.md`."""


def release_draft(house: House, source: Source, content: str, clearance: Clearance, standing: Standing) -> Release:
    """One commit, read back; then, where all is right, seen by whom the entry says."""
    hub, manifest = house.hub, standing.manifest
    tag = _intended_tag(house, source, content, standing.released)
    drafting = drafting_of(house, source, manifest, tag)
    draft = make_draft(drafting, manifest, house.shards(source))
    if standing.adopted:
        draft = replace(draft, gone=standing.adopted.gone)
    draft, laid, release = _commit(house, source, draft, drafting, clearance, standing)
    problems = read_back(hub, draft, manifest, release.commit, set(release.changed))
    assert draft.card is not None  # make_draft made it
    return replace(
        release,
        changed=(),
        published_at=house.now().isoformat(),
        read_back=tuple(problems),
        files_read_back=len(draft.files) + len(draft.texts),
        takedowns=manifest.takedowns,
        visibility=_show(house, source, clearance, good=not problems),
        profile=keep_profile(house, source, manifest, draft.filled),
        card=keep_card(house, source, laid, draft.card),
        card_file=digest_of(standing.file),
    )


def _commit(
    house: House, source: Source, draft: Draft, drafting: Drafting, clearance: Clearance, standing: Standing
) -> tuple[Draft, Laid, Release]:
    """Lays the card into the one that stands there, and again where somebody was quicker."""
    for attempt in range(1, _TIMES + 1):
        looked = look(house, source, standing.released)
        adopted = standing.adopted
        if adopted and looked.head != adopted.head:
            raise SourceChanged(f"{draft.repository} moved while it was being taken over; look at it again")
        assert draft.card is not None  # make_draft made it
        laid = lay_card(draft.card, looked.card, standing.file, looked.before)
        note_card(house, source, drafting.description, standing.released, looked, laid)
        draft = put_card(draft, looked, laid)
        try:
            return draft, laid, house.hub.commit(draft, clearance)
        except Overtaken as cause:
            if attempt == _TIMES:
                raise
            log.info("%s: %s", source.name, cause)
            stop_on_edits(house, source, standing.released, standing.manifest)
    raise AssertionError("not reached")


def _intended_tag(house: House, source: Source, content: str, released: Release | None) -> str:
    """The tag under which this content is published: noted before the commit, so that a killed run's stays its own.

    The same content again, because somebody wrote where the program writes, is a release of its own.
    """
    shelf = house.shelf.at(f"{source.name}/hub")
    before = shelf.read("intent.json") if shelf.exists("intent.json") else None
    key = f"{content} after {released.tag}" if released and released.content == content else content
    if before is not None and decode_intent(before)[0] == key:
        return decode_intent(before)[1]
    tag = house.hub.free_tag(house.repository(source), f"v{house.now():%Y.%m.%d}")
    shelf.swap("intent.json", before, encode_intent(key, tag))
    return tag


def _show(house: House, source: Source, clearance: Clearance, *, good: bool) -> str:
    """Makes the repository seen by whom the entry says, and never public what was not read back as it should be."""
    repository, wanted = house.repository(source), source.publish.visibility
    found = house.hub.visibility(repository)
    if found == wanted or (wanted == "public" and not good):
        return found
    house.hub.set_visibility(repository, wanted, clearance)
    log.warning("%s: %s was %s and is %s now", source.name, repository, found, wanted)
    return wanted
