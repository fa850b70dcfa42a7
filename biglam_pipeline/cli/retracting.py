"""What `biglam takedown` says: what it will do; then what was done, and what is left where, each with its remedy."""

import shlex
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from biglam_pipeline.cli.console import hang
from biglam_pipeline.publish.adoption import BEFORE
from biglam_pipeline.publish.marks import count
from biglam_pipeline.retraction import Outcome, Plan, Request
from biglam_pipeline.takedown import NAME

_LISTED = 20


def report_plan(plan: Plan, request: Request, out: Console) -> None:
    """Which records, which parts, what is left alone."""
    out.print(f"[bold]{escape(plan.source)}: {escape(plan.record)}[/] is taken down ({request.ground})")
    if not plan.known:
        out.print("   it was not seen yet, was withdrawn, or was taken down before; it is kept out when it comes")
    if plan.duplicates:
        owner = "it belongs" if len(plan.duplicates) == 1 else "they belong"
        equal = count(len(plan.duplicates), "equal record")
        out.print(f"   [yellow]{equal} of this source will go with it, whatever {owner} to[/]")
    _list(out, "goes with it, equal in everything but identifiers", plan.duplicates)
    _list(out, "goes with it, made of the same", plan.along)
    _list(out, "stays, without what it holds of it", plan.loses)
    _list(out, "[yellow]not known[/]", plan.left)
    _list(out, "[yellow]look at[/]: the same text, something else different; not taken down", plan.cluster)
    for path, rows in plan.parts.items():
        out.print(f"   {escape(path)} is written again ({count(rows, 'row')})")
    out.print(f"   at most {plan.bytes_up / 1e6:.2f} MB go up" if plan.repository else "   nothing is published yet")
    if request.purge and plan.repository:
        out.print(
            f"   [yellow]the history of {escape(plan.repository)} is removed[/]: pinned commits and older tags break, "
            f"and files go that only they, other branches or the tag {BEFORE} hold"
        )


def report_outcome(
    source: str, outcome: Outcome, forgotten: int, left: Sequence[str], request: Request, out: Console
) -> None:
    """What stands where now. forgotten: runs of which Dagster keeps nothing any more; left: what was not reached."""
    out.print(f"[green]done[/]: {count(len(outcome.records), 'record')} in {NAME}, kept out from now on")
    _list(out, "went with it, made of the same", outcome.along)
    if outcome.rows is not None:
        out.print(f"   {count(outcome.rows, 'row')} left; raw objects rewritten: {outcome.erased}")
    _list(out, "nothing is left of the raw file", outcome.lost)
    if outcome.release is not None:
        out.print(f"   {escape(outcome.release.repository)} {outcome.release.tag} at {outcome.release.commit[:12]}")
    if outcome.because and outcome.release is not None:
        hang("   published from the published parts alone, since", outcome.because, out)
    if outcome.purged is not None:
        out.print(f"   {outcome.purged.blobs_deleted} files are gone from its history; what was tried:")
        for sentence in outcome.purged.proof:
            out.print(f"   - {escape(sentence)}")
        _list(out, "a tag that led to them is gone", outcome.purged.tags_deleted)
    if forgotten:
        out.print(f"   Dagster forgot {count(forgotten, 'run')} of the source, with their previews and logs")
    out.print("left, and what to do about it:")
    for sentence in [*outcome.left, *left, *_always_left(source, outcome, request)]:
        hang("   -", sentence, out)


def _always_left(source: str, outcome: Outcome, request: Request) -> list[str]:
    """What no takedown reaches from here."""
    left = []
    if outcome.release is not None and outcome.purged is None:
        words = _again(source, request)
        left.append(f"older revisions of {outcome.release.repository} hold it: `{words}` removes them")
    repository = outcome.release.repository if outcome.release else ""
    if repository:
        copy = repository.replace("/", "___")
        left.append(
            f"machines that loaded {repository} keep it in their caches: on each, `hf cache rm dataset/{repository}` "
            f"and `rm -r ~/.cache/huggingface/datasets/{copy}`"
        )
    left.append(
        "copies that others made, discussions on the Hub, and backups of shelves, sources file and Dagster's home: by "
        "hand"
    )
    return left


def _again(source: str, request: Request) -> str:
    """The same for older revisions, as a shell takes it whatever the identifier is made of."""
    options = f"--ground {request.ground} --purge-history" + (" --hide-id" if request.hidden else "")
    record = shlex.quote(request.record)
    if request.record.startswith("-"):  # else typer takes it for an option
        return f"biglam takedown {options} -- {source} {record}"
    return f"biglam takedown {source} {record} {options}"


def _list(out: Console, what: str, names: tuple[str, ...]) -> None:
    for name in names[:_LISTED]:
        out.print(f"   {what}: {escape(name)}")
    if len(names) > _LISTED:
        out.print(f"   … and {len(names) - _LISTED} more")
