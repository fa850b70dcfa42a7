"""What `biglam takedown` says: before, what it will do; afterwards, what it did and what is left to a person."""

from rich.console import Console
from rich.markup import escape

from biglam_pipeline.retraction import Outcome, Plan, Request
from biglam_pipeline.takedown import NAME

_LISTED = 20


def tell_plan(plan: Plan, request: Request, out: Console) -> None:
    """Which records, which parts, what is left alone."""
    out.print(f"[bold]{escape(plan.source)}: {escape(plan.record)}[/] is taken down ({request.ground})")
    if not plan.known:
        out.print("   it was not seen yet, or was taken down before; it is kept out when it comes")
    _list(out, "goes with it, equal in everything but identifiers", plan.doubles)
    _list(out, "[yellow]look at[/]: the same text, something else different; not taken down", plan.cluster)
    for path, rows in plan.parts.items():
        out.print(f"   {escape(path)} is written again ({rows} rows)")
    out.print(f"   at most {plan.bytes_up / 1e6:.2f} MB go up" if plan.repository else "   nothing is published yet")
    if request.purge and plan.repository:
        out.print(
            f"   [yellow]the history of {escape(plan.repository)} is removed[/]: pinned commits and older tags break"
        )


def tell_outcome(outcome: Outcome, out: Console) -> None:
    """What stands where now."""
    kept = len(outcome.records)
    out.print(f"[green]done[/]: {kept} record{'s' if kept > 1 else ''} in {NAME}, kept out from now on")
    if outcome.rows is not None:
        out.print(f"   {outcome.rows} rows are left; {outcome.erased} raw objects were rewritten")
    _list(out, "nothing is left of the raw file", outcome.lost)
    if outcome.release is not None:
        out.print(f"   {escape(outcome.release.repository)} {outcome.release.tag} at {outcome.release.commit[:12]}")
    if outcome.purged is not None:
        out.print(f"   {outcome.purged.blobs_deleted} files are gone from its history; what was tried:")
        for sentence in outcome.purged.proof:
            out.print(f"   - {escape(sentence)}")
    elif outcome.release is not None:
        out.print("   older revisions still hold it: run again with --purge-history where the request asks for that")
    out.print("   not reached: copies that others made, backups, and files of the source that its reader does not read")


def _list(out: Console, what: str, names: tuple[str, ...]) -> None:
    for name in names[:_LISTED]:
        out.print(f"   {what}: {escape(name)}")
    if len(names) > _LISTED:
        out.print(f"   … and {len(names) - _LISTED} more")
