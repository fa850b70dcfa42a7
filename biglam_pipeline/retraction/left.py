"""What does a takedown leave, and what is there to do about it? Said of shelves, harvest and repositories."""

from pathlib import Path

from biglam_pipeline.context import Named, RunContext
from biglam_pipeline.normalize.reading import Normalizing
from biglam_pipeline.publish.draft import Release
from biglam_pipeline.publish.marks import count
from biglam_pipeline.retraction.beside import find_beside, find_children
from biglam_pipeline.retraction.notes import is_named
from biglam_pipeline.retraction.plan import Plan
from biglam_pipeline.retraction.request import Request
from biglam_pipeline.takedown import NAME

_SHOWN = 10
_CLOSED = ("ignored", "litter", "missing", "repeated")
"""Words of `Harvest.left_out` for what lies on the raw shelf inside an archive, and is not among what can be read."""


def not_searched(run: RunContext, source: Named, done: Normalizing | None) -> list[str]:
    """What could not be erased, and what came and is read by nobody, so that nobody can tell what it holds."""
    if done is None:
        return []
    harvest, unread = run.raw(source).latest(), done.normalized.unread
    kinds = [f"{number} {kind}" for kind, number in unread.items()]
    kinds += [f"{number} {word}" for word, number in (harvest.left_out if harvest else {}).items() if word in _CLOSED]
    left = [*done.left, *_rejected(source, sum(one.rejected for one in done.slices))]
    if not kinds:
        return left
    more = " and others" if sum(unread.values()) > len(done.unread) else ""
    named = f" (such as {', '.join(done.unread)}{more})" if unread else ""
    said = (
        f"files of the harvest and members of its archives that nothing reads were not searched: {', '.join(kinds)}"
        f"{named}. Where one of them holds the record, leave it out with `harvest: {{ignore: PATTERN}}`, delete "
        f"{source.name}/raw from the shelves, and run `biglam run {source.name}`"
    )
    return [*left, said]


def _rejected(source: Named, rejects: int) -> list[str]:
    if not rejects:
        return []
    said = (
        f"{count(rejects, 'record')} could not be read, so nobody can tell whether it is one of them: look at what "
        f"`biglam preview {source.name}` shows of them, and ask the custodian for files without it"
    )
    return [said]


def uncut(source: Named, plan: Plan) -> list[str]:
    """Rows that are to stay with what is left of them: in a published part no row is written with other words."""
    if not plan.loses:
        return []
    named = ", ".join(plan.loses[:_SHOWN]) + (" and others" if len(plan.loses) > _SHOWN else "")
    said = (
        f"{named} held something of it, and went out of what is published as a whole; once what stops the source is "
        f"mended, `biglam run {source.name}` publishes what is left of them"
    )
    return [said]


def elsewhere(released: Release | None, after: Release | None) -> list[str]:
    """The entry names another repository now: what was published under the other name is nobody's to write to."""
    if after is None or released is None or after.repository == released.repository:
        return []
    return [f"{released.repository}, where it was published before, holds it: hide or delete it there by hand"]


def kept_by_storage(run: RunContext, source: Named) -> list[str]:
    """Files that others laid among the shelves', such as a sync tool's copy; older versions that a bucket keeps."""
    shelf = run.shelf.at(source.name)
    kept = shelf.kept_versions()
    left = [f"{shelf.where(name)} is none of ours, and may hold it: look, and delete it" for name in shelf.foreign()]
    left += [kept.doubt] if kept.doubt else []
    return left + [f"the bucket keeps an older version that may hold it: `{command}`" for command in kept.commands]


def said_by_people(
    run: RunContext,
    source: Named,
    base: Path,
    request: Request,
    release: Release | None,
    records: tuple[str, ...],
    *,
    purged: bool,
) -> list[str]:
    """In rows below it, in the repository beside the release; in the ledger, where it is to be hidden only now."""
    left = find_children(run, source, records)
    left += find_beside(run, release, records, purged=purged) if release is not None else []
    if request.hidden and is_named(base, source, request):
        left.append(
            f"an older line of {NAME} says the identifier in clear, and a line that is gone stops publication: keep "
            "that file from whoever must not know it"
        )
    return left
