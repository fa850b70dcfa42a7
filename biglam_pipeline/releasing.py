"""One release: a draft, one commit, read back, and seen by whom the entry says."""

import logging
from collections.abc import Callable
from dataclasses import replace

from biglam_pipeline.briefs import (
    drafting_of,
)
from biglam_pipeline.clearance import Clearance
from biglam_pipeline.house import House
from biglam_pipeline.publish.draft import Intent, Release, decode_intent, encode_intent
from biglam_pipeline.publish.drafting import make_draft
from biglam_pipeline.publish.hub import header_yaml
from biglam_pipeline.publish.read_back import read_back
from biglam_pipeline.releases import keep_profile, released_here, remembers
from biglam_pipeline.source import Source
from biglam_pipeline.store.parts import Manifest
from biglam_pipeline.store.reading import sound

log = logging.getLogger(__name__)


def still_stands(released: Release, content: str, repository: str, source: Source) -> bool:
    """Whether the last release is what the entry and its shards ask for."""
    was = (released.content, released.repository, released.visibility)
    return was == (content, repository, source.publish.visibility)


def release_draft(
    house: House, source: Source, manifest: Manifest, content: str, clearance: Clearance, head: str | None
) -> Release:
    """One commit, read back; then, where all is right, seen by whom the entry says. head: commit of `main` now."""
    hub, shards, before = house.hub, house.shards(source), released_here(house, source)
    tag, cut_off = _intended_tag(house, source, content, head)
    draft = make_draft(drafting_of(house, source, manifest, tag), manifest, shards, header_yaml)
    if before is not None and head is not None and head != before.commit:
        hub.report_changes(draft, before.commit, head)
    release = hub.commit(draft, clearance)
    changed = set(release.changed)
    if cut_off:
        log.warning("%s: the publication of %s was cut off; it is read back now", source.name, release.tag)
        changed |= _unread(house, before, manifest)
    problems = read_back(hub, draft, manifest, release.commit, changed)
    return replace(
        release,
        changed=(),
        published_at=house.now().isoformat(),
        read_back=tuple(problems),
        files_read_back=len(draft.files) + len(draft.texts),
        takedowns=manifest.takedowns,
        taken_down=manifest.tally.taken_down,
        visibility=_show(house, source, clearance, good=not problems),
        profile=keep_profile(house, source, manifest, draft.filled),
    )


def _unread(house: House, before: Release | None, manifest: Manifest) -> set[str]:
    """Paths of the parts that no release was read back with. before: the last one that was."""
    known = house.hub.ids(before.repository, before.commit) if before else {}
    return {part.path for part in manifest.parts if known.get(part.path) != part.sha256}


def _intended_tag(house: House, source: Source, content: str, head: str | None) -> tuple[str, bool]:
    """The tag under which this content is published, and whether an earlier run was cut off on its way there.

    Noted before the commit, so that what a killed run published stays its own. A release that has to be made again,
    since somebody changed the repository, is another one: commit, tag and card have one name.
    """
    shelf, repository = house.shelf.at(f"{source.name}/hub"), house.repository(source)
    noted = shelf.read("intent.json") if shelf.exists("intent.json") else None
    with sound(shelf, "intent.json"):
        intent = decode_intent(noted) if noted is not None and remembers(noted, house, source) else None
    before = released_here(house, source)
    done = before is not None and before.content == content
    if intent is not None and intent.content == content and (not done or (before and head == before.commit)):
        tag = house.hub.free_tag(repository, intent.tag, own=head or "")
    else:
        tag, intent = house.hub.free_tag(repository, f"v{house.now():%Y.%m.%d}"), None
    shelf.swap("intent.json", noted, encode_intent(Intent(content, tag, repository)))
    return tag, intent is not None and not done


def _show(house: House, source: Source, clearance: Clearance, *, good: bool) -> str:
    """Makes the repository seen by whom the entry says, and never public what was not read back as it should be."""
    repository, wanted = house.repository(source), source.publish.visibility
    found = house.hub.visibility(repository)
    if found == wanted or (wanted == "public" and not good):
        return found
    house.hub.set_visibility(repository, wanted, clearance)
    log.warning("%s: %s was %s and is %s now", source.name, repository, found, wanted)
    return wanted


def show_again(house: House, source: Source, found: str, clear: Callable[[], Clearance]) -> None:
    """Puts right who may read a repository whose settings somebody changed by hand, and reports it.

    found: who may now; clear: grants the clearance that making it public again takes.
    """
    wanted, repository = source.publish.visibility, house.repository(source)
    house.hub.set_visibility(repository, wanted, clear() if wanted == "public" else None)
    log.warning("%s: %s was made %s by hand and is %s again, as the entry says", source.name, repository, found, wanted)
