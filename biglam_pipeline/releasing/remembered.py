"""What was published last: remembered beside the shelves, and hidden where its rights are gone."""

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from biglam_pipeline.context import Named, RunContext
from biglam_pipeline.errors import ConfigError, RightsWithheld, ServerBusy, SourceChanged
from biglam_pipeline.publish.draft import Release, decode_release, encode_release
from biglam_pipeline.publish.profile import Hashes, Profile, add_ids, decode_profile, encode_profile, no_ids
from biglam_pipeline.source import Source
from biglam_pipeline.store.parts import Manifest
from biglam_pipeline.store.reading import sound

log = logging.getLogger(__name__)


def last_release(run: RunContext, source: Named) -> Release | None:
    """What was published last, or None."""
    shelf = run.shelf.at(f"{source.name}/hub")
    if not shelf.exists("release.json"):
        return None
    with sound(shelf, "release.json"):
        return decode_release(shelf.read("release.json"))


def released_here(run: RunContext, source: Source) -> Release | None:
    """The last release, where it went to the repository and the Hub that the entry and the settings name now."""
    released = last_release(run, source)
    if released is None or released.repository.casefold() != run.repository(source).casefold():
        return None
    return released if released.url.startswith(f"{run.hub.endpoint}/") else None


def remembers(data: bytes, run: RunContext, source: Source) -> bool:
    """Whether a note of the shelf is about the repository that the entry names now; older notes name none."""
    named = str(json.loads(data).get("repository") or run.repository(source))
    return named.casefold() == run.repository(source).casefold()


def keep_release(run: RunContext, source: Named, release: Release) -> None:
    """Notes what was published last."""
    shelf = run.shelf.at(f"{source.name}/hub")
    before = shelf.read("release.json") if shelf.exists("release.json") else None
    shelf.swap("release.json", before, encode_release(release))
    for name in [*shelf.list("profile-"), *shelf.list("card-")]:
        if name not in (release.profile, release.card):
            shelf.delete(name)


def last_profile(run: RunContext, source: Named) -> Profile | None:
    """What was remembered of the last release's rows; None where that was before anything was, or is damaged."""
    released, shelf = last_release(run, source), run.shelf.at(f"{source.name}/hub")
    if released is None or not released.profile or not shelf.exists(released.profile):
        return None
    with sound(shelf, released.profile):
        return decode_profile(shelf.read(released.profile))


def keep_profile(run: RunContext, source: Named, manifest: Manifest, filled: dict[str, dict[str, int]]) -> str:
    """Remembers the ids of these parts and what is filled; the file's name, for the release that is noted next."""
    shards = run.shards(source)
    ids = no_ids()
    for part in manifest.parts:
        ids = add_ids(ids, shards.places(part)["id"].to_list())
    named = {section: counts for section, counts in filled.items() if section}
    return _shelve(run, source, Profile(ids, manifest.tally.published, filled.get("", {}), named))


def keep_profile_of(run: RunContext, source: Named, ids: Hashes, rows: int) -> str:
    """After a removal, the last release's profile with the ids of what is left; the file's name, or nothing where none
    was kept.

    What the others had filled is not known any more: no column is said to be filled in more rows than there are.
    """
    before = last_profile(run, source)
    if before is None:
        return ""
    filled, *named = (
        {name: min(count, rows) for name, count in one.items()} for one in (before.filled, *before.named.values())
    )
    return _shelve(run, source, Profile(ids, rows, filled, dict(zip(before.named, named, strict=True))))


def _shelve(run: RunContext, source: Named, profile: Profile) -> str:
    data, shelf = encode_profile(profile), run.shelf.at(f"{source.name}/hub")
    name = f"profile-{hashlib.sha256(data).hexdigest()[:16]}.json"
    shelf.put(name, data)
    return name


def hide(run: RunContext, source: Named, released: Release) -> str:
    """Makes a repository private that holds what it must not; what was done, as the end of a sentence.

    The next publication shows it again, as the entry says.
    """
    try:
        if run.hub.visibility(released.repository) != "private":
            run.hub.set_visibility(released.repository, "private")
            done = "was made private"
        else:
            done = "is private"
    except (ConfigError, ServerBusy, SourceChanged) as why:
        return f"could not be made private ({why}): do that by hand, now"
    keep_release(run, source, replace(released, visibility="private"))
    return done


def withdraw(run: RunContext, source: Source, reasons: Sequence[str]) -> str:
    """Hides a public release whose source has closed: refusing the next one would leave it for all to see.

    reasons: why it closed; empty where it has not. What was done, as a sentence; empty where there was nothing to do.
    """
    released = last_release(run, source)
    if not reasons or released is None or released.visibility != "public":
        return ""
    said = f"{released.repository} {hide(run, source, released)}, since {source.name} has closed"
    log.warning("%s: %s: %s", source.name, said, "; ".join(reasons))
    return said


@contextmanager
def withdrawing(run: RunContext, source: Source) -> Iterator[None]:
    """What the gate refuses because rights are gone is not left where it was published; the refusal then says so."""
    try:
        yield
    except RightsWithheld as why:
        said = withdraw(run, source, why.closes)
        if not said:
            raise
        raise RightsWithheld(f"{why}\n{said}", why.closes) from why
