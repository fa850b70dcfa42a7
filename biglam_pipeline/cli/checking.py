"""The verb check: every fault of the sources files at its line, and what an entry still lacks."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from biglam_pipeline.cli.app import Sources, app, complete_name, environment_of_process, out, read_catalog
from biglam_pipeline.cli.console import hang
from biglam_pipeline.publish.marks import count

if TYPE_CHECKING:
    from biglam_pipeline.source import Catalog

Names = Annotated[
    list[str] | None,
    typer.Argument(help="Entries; all of them by default.", show_default=False, autocompletion=complete_name),
]


@dataclass(slots=True)
class _Said:
    """What is to be said of one entry, or of a file."""

    title: str = ""
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@app.command()
def check(
    names: Names = None,
    notes: Annotated[bool, typer.Option("--notes", help="What entries still lack, in full.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For another program.")] = False,
    sources: Sources = None,
) -> None:
    """Reads the sources files and reports every fault, with its line; local files are looked at, nobody is asked."""
    catalog = read_catalog(sources)
    found = _look(catalog, names or [])
    faulty = [said for said in found.values() if said.faults]
    if as_json:
        print(json.dumps(_plain(found), ensure_ascii=False, indent=1))  # noqa: T201  (unstyled)
        raise typer.Exit(1 if faulty else 0)
    for said in faulty:
        for fault in said.faults:
            hang("[red]fault[/]", fault, out)
    for name, said in found.items():
        if said.title and not said.faults:
            more = f" ({count(len(said.notes), 'note')})" if said.notes and not notes else ""
            out.print(f"[green]ok[/] {escape(name)}: {escape(said.title)}{more}")
        for note in said.notes if notes or not said.title else ():  # a takedown that keeps nothing out is always said
            hang("   [yellow]note[/]", note if said.title and not said.faults else f"{name}: {note}", out)
    good = sum(bool(said.title) and not said.faults for said in found.values())
    untold = 0 if notes else sum(len(said.notes) for said in found.values() if said.title)
    more = f"; {count(untold, 'note')}, which --notes shows" if untold else ""
    out.print(f"{good} {'entry' if good == 1 else 'entries'} without faults, {len(faulty)} with faults{more}")
    raise typer.Exit(1 if faulty else 0)


def _look(catalog: "Catalog", chosen: Sequence[str]) -> dict[str, _Said]:
    """Entry, or file -> what is to be said of it. An unknown name is reported with the nearest one."""
    from biglam_pipeline.cli.lint import advise
    from biglam_pipeline.foresight import foresee

    for name in chosen:
        if name not in catalog.faults:
            catalog.get(name)
    found = {name: _Said(faults=list(faults)) for name, faults in catalog.faults.items() if _is_asked(name, chosen)}
    for name, source in catalog.sources.items():
        if _is_asked(name, chosen):
            found[name] = _Said(source.title, foresee(source, catalog.bases[name]), advise(source))
    if not chosen:
        _add_ledgers(catalog, found)
    return found


def _is_asked(name: str, chosen: Sequence[str]) -> bool:
    return not chosen or name in chosen


def _add_ledgers(catalog: "Catalog", found: dict[str, _Said]) -> None:
    from biglam_pipeline.cli.lint import advise_ledger

    names = {*catalog.sources, *catalog.faults}
    for base in sorted({path.resolve().parent for path in environment_of_process().sources}):
        mine = [source for name, source in catalog.sources.items() if catalog.bases[name].resolve() == base]
        unreadable, notes = advise_ledger(base, names, mine)
        if unreadable or notes:
            found[str(Path(base.name, "takedowns.jsonl"))] = _Said("", unreadable, notes)


_FAULT = r"(?P<file>.*?):(?P<line>\d+): (?:(?P<place>{name}(?:\.[^`]*?)?): )?(?P<what>.*)"
"""A key in the place may hold blanks and colons; its beginning is the entry's name."""


def _plain(found: dict[str, _Said]) -> dict[str, object]:
    """The same as JSON: entry -> ok, title, faults with their places, notes."""

    def split(name: str, fault: str) -> dict[str, object]:
        match = re.fullmatch(_FAULT.replace("{name}", re.escape(name)), fault, re.DOTALL)
        return {**match.groupdict(), "line": int(match["line"])} if match else {"what": fault}

    return {
        name: {
            "ok": not said.faults,
            "title": said.title,
            "faults": [split(name, fault) for fault in said.faults],
            "notes": said.notes,
        }
        for name, said in found.items()
    }
