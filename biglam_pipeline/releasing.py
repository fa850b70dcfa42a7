"""One release: a draft, one commit, read back, and seen by whom the entry says."""

import logging
from dataclasses import replace

from biglam_pipeline.briefs import (
    drafting_of,
)
from biglam_pipeline.clearance import Clearance
from biglam_pipeline.house import House, Named
from biglam_pipeline.publish.draft import Release, decode_intent, encode_intent
from biglam_pipeline.publish.drafting import make_draft
from biglam_pipeline.publish.hub import header_yaml
from biglam_pipeline.publish.read_back import read_back
from biglam_pipeline.releases import keep_profile
from biglam_pipeline.source import Source
from biglam_pipeline.store.parts import Manifest

log = logging.getLogger(__name__)


def still_stands(released: Release, content: str, repository: str, source: Source) -> bool:
    """Whether the last release is what the entry and its shards ask for."""
    was = (released.content, released.repository, released.visibility)
    return was == (content, repository, source.publish.visibility)


def release_draft(house: House, source: Source, manifest: Manifest, content: str, clearance: Clearance) -> Release:
    """One commit, read back; then, where all is right, seen by whom the entry says."""
    hub, shards = house.hub, house.shards(source)
    draft = make_draft(
        drafting_of(house, source, manifest, intended_tag(house, source, house.repository(source), content)),
        manifest,
        shards,
        header_yaml,
    )
    release = hub.commit(draft, clearance)
    problems = read_back(hub, draft, manifest, release.commit, set(release.changed))
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


def intended_tag(house: House, source: Named, repository: str, content: str) -> str:
    """The tag under which this content is published: noted before the commit, so that a killed run's stays its own."""
    shelf = house.shelf.at(f"{source.name}/hub")
    before = shelf.read("intent.json") if shelf.exists("intent.json") else None
    if before is not None and decode_intent(before)[0] == content:
        return decode_intent(before)[1]
    tag = house.hub.free_tag(repository, f"v{house.now():%Y.%m.%d}")
    shelf.swap("intent.json", before, encode_intent(content, tag))
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
