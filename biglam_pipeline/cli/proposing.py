"""Verbs with which an entry begins: new, which drafts one for an address or a form, and columns, which lists fields."""

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from biglam_pipeline.cli.app import Name, Sources, app, environment_of_process, out, read_catalog
from biglam_pipeline.cli.console import hang
from biglam_pipeline.errors import ConfigError

beside = Console(stderr=True, emoji=False, width=None if sys.stderr.isatty() else 140)
"""What is said of a draft, so that the draft alone can be redirected into a file."""

if TYPE_CHECKING:
    from biglam_pipeline.environment import Environment
    from biglam_pipeline.proposing.drafting import Draft
    from biglam_pipeline.proposing.issues import Suggestion


@app.command()
def new(
    address: Annotated[
        str, typer.Argument(help="Of a page, a server, a file or a folder, as a browser shows it.", show_default=False)
    ] = "",
    from_issue: Annotated[
        Path | None,
        typer.Option("--from-issue", help="A suggestion: its text, or JSON of `gh issue view`.", show_default=False),
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Append the draft to the sources file.")] = False,
    n: Annotated[int, typer.Option("-n", min=1, help="How many rows.")] = 5,
    sources: Sources = None,
) -> None:
    """Looks at an address in three requests at most, and drafts an entry for it: what is there, and what goes where."""
    from biglam_pipeline.proposing.issues import read_suggestion

    environment = _environment(sources)
    suggestion = read_suggestion(from_issue) if from_issue else None
    where = address or (suggestion.address if suggestion else "")
    if suggestion:
        _report_suggestion(suggestion)
    if not where:
        of_form = "write biglam new ADDRESS --from-issue FILE, for the form names none"
        raise ConfigError(
            f"no address is given; {of_form if suggestion else 'write biglam new ADDRESS, or --from-issue FILE'}"
        )
    _draft(where, environment, n, dict(suggestion.keys) if suggestion else {}, write=write)


def _environment(sources: list[Path] | None) -> "Environment":
    import os

    if sources:
        os.environ["BIGLAM_SOURCES"] = ":".join(str(path.resolve()) for path in sources)
    return environment_of_process()


def _draft(where: str, environment: "Environment", rows: int, said: Mapping[str, Any], *, write: bool) -> None:
    from biglam_pipeline.context import open_context
    from biglam_pipeline.errors import ObjectFailed
    from biglam_pipeline.proposing.drafting import draft_entry
    from biglam_pipeline.proposing.looking import look_at
    from biglam_pipeline.proposing.writing import append_entry
    from biglam_pipeline.source import load_sources

    there = [path for path in environment.sources if path.is_file()]
    catalog = load_sources(there) if there else None
    names = [*catalog.sources, *catalog.faults] if catalog else []
    file = environment.sources[0]
    base = file.resolve().parent
    with open_context(environment) as run, run.shelf.scratch() as scratch:
        try:
            with look_at(run, where, base) as look:
                draft = draft_entry(look, names, rows, scratch, said)
                _report(draft)
        except ObjectFailed as failed:
            raise ConfigError(failed.detail) from None
    if write and not draft.faults:
        path = append_entry(file, draft.entry)
        beside.print(f"appended to {escape(str(path))}; look at it, then: biglam preview {draft.entry.name}")
        return
    print(f"sources:\n{draft.text}", end="")  # noqa: T201  (to be redirected into a file)
    if write:
        raise typer.Exit(1)


def _report(draft: "Draft") -> None:
    from biglam_pipeline.cli.first_rows import report_sample
    from biglam_pipeline.cli.listing_fields import report_fields

    look = draft.look
    beside.print(f"{escape(look.address.written)}: protocol {look.protocol}, reader {draft.reader}")
    report_fields(draft.survey, draft.proposal.said, draft.entry.name, beside)
    for statement, (times, tier) in draft.rights.items():
        hang("rights", f"{statement[:200]}: {tier} ({times} of these rows)", beside)
    if not draft.rights:
        hang("rights", "no record that was looked at says any; what is not known is never published", beside)
    for note in look.notes:
        hang("[yellow]note[/]", note, beside)
    for fault in draft.faults:
        hang("[red]fault[/]", fault, beside)
    if draft.source is not None and draft.sample is not None:
        looked_at = replace(look.harvest, complete=True, missing=())  # a look is never whole
        report_sample(draft.source, draft.sample, looked_at, beside)


def _report_suggestion(suggestion: "Suggestion") -> None:
    for key, value in suggestion.keys.items():
        hang("form", f"{key}: {value}", beside)
    for unused in suggestion.unused:
        hang("[yellow]not used[/]", unused, beside)


@app.command()
def columns(
    name: Name,
    as_json: Annotated[bool, typer.Option("--json", help="For another program.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Ask the source again, changed or not.")] = False,
    sources: Sources = None,
) -> None:
    """Lists the fields of a source's first records: how many fill each, examples, and which column it goes to."""
    from biglam_pipeline.cli.listing_fields import as_data, report_fields
    from biglam_pipeline.context import open_context
    from biglam_pipeline.previewing import shelved_for
    from biglam_pipeline.proposing.going import going_of
    from biglam_pipeline.proposing.surveying import survey_source

    catalog, environment = read_catalog(sources), environment_of_process()
    source = catalog.get(name)
    with open_context(environment) as run:
        raw, harvest = shelved_for(run, source, catalog.bases[name], again=again)
        found = [
            (reader, survey_source(source, number, raw, harvest)) for number, reader in enumerate(source.normalize)
        ]
    if as_json:
        said = [as_data(survey, going_of(reader, source, survey)) for reader, survey in found]
        print(json.dumps(said, ensure_ascii=False, indent=1))  # noqa: T201  (unstyled)
        return
    for number, (reader, survey) in enumerate(found, 1):
        title = f"{name}, READ {number}" if len(found) > 1 else name
        report_fields(survey, going_of(reader, source, survey), title, out)
