"""What of the last release stands in its repository tonight: commit, parts, tag, and who may read it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.publish.draft import Release
from biglam_pipeline.publish.hub.line import DATASET, Line

log = logging.getLogger(__name__)

Visibility = Literal["public", "private"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a night finds."""

    whole: bool
    """Whether `main` is the release's commit, with every part, and the tag names it."""
    visibility: Visibility
    """Who may read it now, whoever said so."""


def look(line: Line, last: Release, files: Mapping[str, str]) -> Standing:
    """Three requests where nothing is to be put right: repository, listing, refs. files: path -> sha256 of each part.

    SourceChanged where the repository is gone or has another name now: it is not made again in silence.
    """
    info = line.info(last.repository)
    if info is None:
        raise gone(last)
    visibility: Visibility = "private" if info.private else "public"
    if info.sha != last.head:
        return Standing(False, visibility)
    there = line.files(last.repository, last.head)
    for path, sha256 in files.items():
        entry = there.get(path)
        if entry is None or entry.lfs is None or entry.lfs.sha256 != sha256:
            return Standing(False, visibility)
    put_tag_right(line, last)
    return Standing(True, visibility)


def gone(last: Release) -> SourceChanged:
    """What to say of a repository that was published to and is not there any more."""
    hub = last.url.partition("/datasets/")[0]
    return SourceChanged(
        f"{last.repository} is gone, where {last.tag} was published ({last.url}): it was deleted or moved by somebody, "
        "and is not made again in silence. Where it was moved, write `publish: {repository: OWNER/NAME}` with its new "
        f"name; where it is to be published again, make an empty dataset repository {last.repository} on the Hub "
        f"(`HF_ENDPOINT={hub} hf repos create {last.repository} --type dataset --private`), and run again"
    )


def put_tag_right(line: Line, last: Release) -> None:
    """The tag of the release names its commit: it is made where it is missing, and moved back where it was moved."""
    now = line.tags(last.repository).get(last.tag)
    if now == last.commit:
        return
    if now is None:
        log.warning("%s: the tag %s was missing; it is made again", last.repository, last.tag)
    else:
        log.warning(
            "%s: the tag %s was moved by somebody to %s, which is not that release; it names %s again",
            *(last.repository, last.tag, now[:12], last.commit[:12]),
        )
        line.ask(lambda: line.api.delete_tag(last.repository, tag=last.tag, repo_type=DATASET), "move the tag back")
    line.ask(
        lambda: line.api.create_tag(
            last.repository, tag=last.tag, revision=last.commit, repo_type=DATASET, exist_ok=True
        ),
        "take the tag",
    )
