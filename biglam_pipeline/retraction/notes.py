"""What a takedown writes down: its lines in the ledger; while it is under way, what could not be found out again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from biglam_pipeline.context import Named, RunContext
from biglam_pipeline.publish.draft import Release
from biglam_pipeline.retraction.request import Request
from biglam_pipeline.source import Source
from biglam_pipeline.store import disk
from biglam_pipeline.store.reading import read_json
from biglam_pipeline.takedown import NAME, Line, Published, digest_of, encode_line, read_lines, section_in


def enter(
    run: RunContext, source: Named, base: Path, request: Request, record: str, reported: Published | None = None
) -> None:
    """Appends the decision about a record, or, with `reported`, that it was carried out; nothing where that stands
    there already.
    """
    hmac = digest_of(record, run.takedown_key)
    mine = [one for one in _entries(base, source) if one.record_hmac == hmac or one.record_id == record]
    hidden = request.hidden or any(one.record_hmac for one in mine)  # what was hidden once stays so
    named: dict[str, Any] = {"record_hmac": hmac} if hidden else {"record_id": record}
    last = mine[-1] if mine else None
    if last and last.keeps_out and (reported is None or (last.datasets and last.history_purged >= request.purge)):
        return
    today = run.now().date()
    first = request.basis
    section = section_in(record, source.section_names) if isinstance(source, Source) else ""
    if record != request.record:
        of = f"hmac-{digest_of(request.record, run.takedown_key)}" if hidden else request.record
        first = f"exact duplicate of {of}" + (f"; {request.basis}" if request.basis else "")
    line = Line(
        id=f"{today:%Y%m%d}-{hmac[:8]}-{len(mine) + 1}",
        date_received=next((one.date_received for one in mine if one.date_received), today),
        date_actioned=today if reported else None,
        source_id=source.name,
        **named,
        section=section or None,
        ground=request.ground,
        requester_type=request.requester,
        action="removed",
        datasets=(reported,) if reported else (),
        history_purged=bool(reported) and request.purge,
        basis=first,
        note_public=request.note,
    )
    with run.shelf.lock(f"ledger-{base.resolve()}", wait_seconds=30):
        disk.append_line(base / NAME, encode_line(line))


def is_named(base: Path, source: Named, request: Request) -> bool:
    """Whether a line says the identifier in clear."""
    return any(one.record_id == request.record for one in _entries(base, source))


def _entries(base: Path, source: Named) -> Iterator[Line]:
    path = base / NAME
    data = disk.read_file(path) if disk.look(path) else b""
    return (line for _, line, _ in read_lines(data) if line.source_id == source.name)


def under_way(run: RunContext, source: Named, request: Request) -> dict[str, Any]:
    """What an earlier attempt at the same takedown noted; nothing where there was none."""
    shelf = run.shelf.at(f"{source.name}/hub")
    name = _note_of(run, request)
    return dict(read_json(shelf, name)) if shelf.exists(name) else {}


def note(run: RunContext, source: Named, request: Request, noted: dict[str, Any]) -> None:
    """Keeps it until all is done; another takedown that begins meanwhile has one of its own."""
    run.shelf.at(f"{source.name}/hub").put(_note_of(run, request), json.dumps(noted).encode())


def begin(
    run: RunContext,
    source: Named,
    request: Request,
    released: Release | None,
    *,
    duplicates: tuple[str, ...],
    along: tuple[str, ...],
    loses: tuple[str, ...],
) -> str:
    """Notes what can no longer be found out later, the revision that held the record among it; that revision."""
    noted = under_way(run, source, request)
    if not noted:
        noted = {"before": released.commit if released else "", "doubles": list(duplicates)}
        noted |= {name: list(ids) for name, ids in (("along", along), ("loses", loses)) if ids}
        note(run, source, request, noted)
    return str(noted["before"])


def end(run: RunContext, source: Named, request: Request) -> None:
    """All is done."""
    run.shelf.at(f"{source.name}/hub").delete(_note_of(run, request))


def _note_of(run: RunContext, request: Request) -> str:
    return f"takedown-{digest_of(request.record, run.takedown_key)[:16]}.json"
