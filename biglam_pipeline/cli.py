"""The command `biglam`: check, preview, run, status, rights, compact, takedown, demo, dev, hub serve."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import asdict
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape

from biglam_pipeline import localhub, pipeline, releases
from biglam_pipeline.advice import advise, advise_ledger
from biglam_pipeline.dedup.compaction import foresee
from biglam_pipeline.defs.assets import Stage
from biglam_pipeline.defs.instance import prepare_home, serving_lock, sweep
from biglam_pipeline.defs.running import run_source
from biglam_pipeline.demo.server import Running
from biglam_pipeline.demonstration import demonstrate
from biglam_pipeline.environment import Environment, read_environment
from biglam_pipeline.errors import BiglamError, ConfigError, ShelfDamaged
from biglam_pipeline.house import open_house
from biglam_pipeline.publish.marks import count
from biglam_pipeline.retraction import Request, plan_takedown, take_down
from biglam_pipeline.source import Catalog, load_sources
from biglam_pipeline.statements import list_statements
from biglam_pipeline.takedown import Ground
from biglam_pipeline.telling import hang, tell_outcome, tell_plan, tell_sample, tell_statements, tell_states

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Brings LAM collections to machine learning.")
hub_app = typer.Typer(no_args_is_help=True, help="The embedded Hub.")
app.add_typer(hub_app, name="hub")
_WIDTH = None if sys.stdout.isatty() else 140  # a log file or a pipe has no width of its own
out = Console(width=_WIDTH, emoji=False)
err = Console(stderr=True, soft_wrap=True, emoji=False)

Sources = Annotated[
    list[Path] | None, typer.Option("--sources", help="A sources file; may be given several times.", show_default=False)
]


def main() -> None:
    """The entry point: an error that a person can mend is told in its own words, without a traceback."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Plain("%(asctime)s %(message)s", "%H:%M:%S"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("biglam_pipeline").setLevel(logging.INFO)
    try:
        app()
    except BiglamError as error:
        err.print(f"[bold red]{type(error).__name__}[/]: {escape(str(error))}")
        raise SystemExit(2) from None


class _Plain(logging.Formatter):
    """The core's own words: Dagster puts run, id and step before them, which its own page shows better."""

    def format(self, record: logging.LogRecord) -> str:
        return re.sub(r"run - [0-9a-f-]{36} - \S+ - ", "", super().format(record))


@app.command()
def check(sources: Sources = None) -> None:
    """Reads the sources files and reports every fault, with its line, and what an entry still lacks."""
    catalog = _catalog(sources)
    for source in catalog.sources.values():
        out.print(f"[green]ok[/] {escape(source.name)}: {escape(source.title)}")
        for note in advise(source):
            hang("   [yellow]note[/]", note, out)
    names, ledger_faults = {*catalog.sources, *catalog.faults}, list[str]()
    for base in sorted({path.resolve().parent for path in _environment().sources}):
        unreadable, notes = advise_ledger(base, names)
        ledger_faults += unreadable
        for note in notes:
            hang("[yellow]note[/]", note, out)
    for faults in [*catalog.faults.values(), ledger_faults]:
        for fault in faults:
            hang("[red]fault[/]", fault, out)
    good, bad = len(catalog.sources), len(catalog.faults)
    out.print(f"{good} {'entry' if good == 1 else 'entries'} without faults, {bad} with faults")
    raise typer.Exit(1 if catalog.faults or ledger_faults else 0)


@app.command()
def preview(
    name: str,
    n: Annotated[int, typer.Option("-n", help="How many rows.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, whole rows.")] = False,
    sources: Sources = None,
) -> None:
    """Shows the first rows that an entry makes of its source; harvests it first where that was not done yet."""
    catalog, environment = _catalog(sources), _environment()
    source = catalog.get(name)
    with open_house(environment) as house:
        found = pipeline.preview_source(house, source, catalog.bases[name], n)
        harvest = house.raw(source).latest()
    if as_json:
        for row in found.rows:
            print(json.dumps(row, ensure_ascii=False, default=str))  # noqa: T201  (for another program, unstyled)
        return
    tell_sample(source, found, harvest, out)


@app.command()
def run(
    names: list[str],
    to: Annotated[Literal["raw", "normalized", "shards", "hub"], typer.Option(help="How far.")] = "hub",
    sources: Sources = None,
) -> None:
    """Takes sources through Dagster, each in a run of its own; exit status 1 where one of them failed."""
    catalog, environment = _catalog(sources), _environment()
    prepare_home(environment.dagster_home)
    _hub(environment, to)
    failed = [name for name in names if not _run_one(catalog, environment, name, to)]
    raise typer.Exit(1 if failed else 0)


def _run_one(catalog: Catalog, environment: Environment, name: str, to: Stage) -> bool:
    try:
        source = catalog.get(name)
    except BiglamError as error:
        err.print(f"[bold red]{escape(name)}[/]: {escape(str(error))}")
        return False
    outcome = run_source(source, catalog.bases[name], environment.dagster_home, to=to)
    done = ", ".join(outcome.done) or "nothing"
    if outcome.success:
        out.print(f"[green]{escape(name)}[/]: {done}{_published(environment, catalog, name) if to == 'hub' else ''}")
    else:
        err.print(f"[bold red]{escape(name)}[/]: failed after {done}")
        for failure in outcome.failures:
            err.print(f"   {escape(failure)}")
    for advice in outcome.advice:
        out.print(f"   [yellow]note[/] {escape(advice)}")
    return outcome.success


def _published(environment: Environment, catalog: Catalog, name: str) -> str:
    with open_house(environment) as house:
        release = releases.last_release(house, catalog.get(name))
    return f"; {count(release.rows, 'row')} at {release.repository} {release.tag}" if release else ""


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="For another program.")] = False, sources: Sources = None
) -> None:
    """What each source's shelves hold, from the files alone."""
    catalog, environment = _catalog(sources), _environment()
    with open_house(environment) as house:
        states = [pipeline.state_of(house, source) for source in catalog.sources.values()]
    broken = {name: list(faults) for name, faults in catalog.faults.items()}
    if as_json:
        print(json.dumps({"sources": states, "faults": broken}, indent=1))  # noqa: T201  (unstyled)
        return
    tell_states(states, str(environment.home), out)
    for name in broken:
        out.print(f"[red]fault[/] {escape(name)}: see `biglam check`")


@app.command()
def rights(
    name: str,
    n: Annotated[int, typer.Option("-n", help="How many values.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="For another program: all values.")] = False,
    sources: Sources = None,
) -> None:
    """Lists what a source's records say of rights, by count, with the lines that say how a person has read it."""
    catalog, environment = _catalog(sources), _environment()
    with open_house(environment) as house:
        found = list_statements(house, catalog.get(name))
    if as_json:
        print(json.dumps(asdict(found), ensure_ascii=False, default=sorted, indent=1))  # noqa: T201  (unstyled)
        return
    tell_statements(found, n, out)


@app.command()
def compact(
    name: str,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    sources: Sources = None,
) -> None:
    """Cuts a source's parts again from the start, after saying what that costs; no other command ever does."""
    catalog, environment = _catalog(sources), _environment()
    source = catalog.get(name)
    with open_house(environment) as house:
        manifest = house.shards(source).current()
        if manifest is None:
            raise ShelfDamaged(f"{name}: there are no shards yet; run `biglam run {name}` first")
        seen = foresee(manifest, house.part_size)
        out.print(
            f"{escape(name)}: {seen.rows:,} rows in {seen.parts_before} parts would lie in about {seen.parts_after}.\n"
            f"Up to {seen.size / 1e6:,.1f} MB have to be sent, and every reader downloads them again; pinned "
            "releases keep the old parts."
        )
        if not seen.gains:
            out.print("Nothing is gained by it; nothing was done.")
            return
        if not yes and not typer.confirm("Cut them again?"):
            raise typer.Exit(1)
        laid = pipeline.dedup_source(house, source, catalog.bases[name], afresh=True)
    out.print(f"{len(laid.manifest.parts)} parts were cut; `biglam run {escape(name)}` publishes them")


@app.command()
def takedown(
    name: str,
    record: Annotated[str, typer.Argument(help="The identifier, as `id` or `source_record_id` has it.")],
    ground: Annotated[Ground, typer.Option(help="Why it was asked for.")],
    basis: Annotated[str, typer.Option(help="What the decision rests on.")] = "",
    note: Annotated[str, typer.Option(help="What readers are shown.")] = "",
    requester: Annotated[str, typer.Option(help="Who asked, as a kind: family, rights_holder. No name.")] = "",
    purge_history: Annotated[bool, typer.Option("--purge-history", help="From older revisions too.")] = False,
    hide_id: Annotated[bool, typer.Option("--hide-id", help="The identifier itself discloses.")] = False,
    unseen: Annotated[bool, typer.Option("--unseen", help="It may come later.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    sources: Sources = None,
) -> None:
    """Takes a record out of everything: ledger, rows, raw bytes, repository, and its history where that is asked."""
    catalog, environment = _catalog(sources), _environment()
    source, base = catalog.get(name), catalog.bases[name]
    record = record.removeprefix(f"{name}:")
    request = Request(record, ground, basis, note, requester, unseen=unseen, hidden=hide_id, purge=purge_history)
    with open_house(environment) as house:
        plan = plan_takedown(house, source, base, request)
        tell_plan(plan, request, out)
        if not yes and not typer.confirm("Take it down?"):
            raise typer.Exit(1)
        _hub(environment, "hub" if plan.repository else "shards")
        tell_outcome(take_down(house, source, base, plan, request), out)


@app.command()
def demo() -> None:
    """Takes a small made-up institution through everything, to the embedded Hub, and reads the result back."""
    for handler in logging.getLogger().handlers:
        handler.setLevel(logging.WARNING)
    with as_file(files("biglam_pipeline") / "demo" / "sources.yaml") as path, Running() as institution:
        _lead_to(institution, [path])
        environment = _environment()
        prepare_home(environment.dagster_home)
        _hub(environment, "hub")
        good = demonstrate(load_sources([path]), environment, institution.log, out)
    raise typer.Exit(0 if good else 1)


@app.command()
def dev(port: Annotated[int, typer.Option(help="Of the Dagster UI.")] = 3000, sources: Sources = None) -> None:
    """Opens the Dagster UI on loopback, with the real sources and those of the made-up institution."""
    environment = _environment()
    prepare_home(environment.dagster_home)
    with ExitStack() as stack:
        lock = stack.enter_context(serving_lock(environment.dagster_home))
        sweep(environment.dagster_home)
        _hub(environment, "hub")
        demo_sources = stack.enter_context(as_file(files("biglam_pipeline") / "demo" / "sources.yaml"))
        institution = stack.enter_context(Running())
        _lead_to(institution, [*(sources or environment.sources), demo_sources])
        err.print(f"Dagster: http://127.0.0.1:{port}   Hub: {environment.hub_endpoint}   shelves: {environment.home}")
        where = ["-w", "workspace.yaml"] if Path("workspace.yaml").is_file() else ["-m", "biglam_pipeline.definitions"]
        command = [sys.executable, "-m", "dagster", "dev", *where, "-h", "127.0.0.1", "-p", str(port)]
        env = {**os.environ, "DAGSTER_HOME": str(environment.dagster_home)}
        child = subprocess.Popen(command, env=env, pass_fds=[lock])  # noqa: S603  (our own words, no shell)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the child too: it ends first, then we do
        signal.signal(signal.SIGTERM, lambda *_: child.send_signal(signal.SIGINT))
        raise typer.Exit(child.wait())


@hub_app.command()
def serve() -> None:
    """Serves the embedded Hub until it is stopped."""
    environment = _environment()
    out.print(f"{environment.hub_endpoint}, from {environment.state / 'hub'}; Ctrl-C ends it")
    try:
        localhub.serve(environment.state / "hub", port=environment.hub_port, idle_minutes=None)
    except RuntimeError as busy:
        err.print(f"[bold red]{escape(str(busy))}[/]")
        raise typer.Exit(2) from None


# --- what the commands share ---


def _environment() -> Environment:
    return read_environment(os.environ)


def _catalog(sources: list[Path] | None) -> Catalog:
    if sources:
        os.environ["BIGLAM_SOURCES"] = ":".join(str(path.resolve()) for path in sources)
    return load_sources(_environment().sources)


def _hub(environment: Environment, to: str) -> None:
    """The embedded Hub is there before something is published to it; it ends by itself when nobody asks it."""
    if to == "hub" and environment.hub_embedded:
        try:
            localhub.ensure_running(environment.state / "hub", environment.hub_port, keep_for=os.getpid())
        except RuntimeError as taken:
            raise ConfigError(str(taken)) from taken


def _lead_to(institution: Running, paths: list[Path]) -> None:
    """Sets the environment so that the demo's addresses reach the institution of this process."""
    host = institution.address.removeprefix("http://")
    rewrites = [os.environ.get("BIGLAM_REWRITE", ""), institution.rewrite]
    allowed = os.environ.get("BIGLAM_ALLOW_PRIVATE_HOSTS", "")
    os.environ["BIGLAM_REWRITE"] = " ".join(filter(None, rewrites))
    os.environ["BIGLAM_ALLOW_PRIVATE_HOSTS"] = allowed if allowed == "1" else f"{allowed} {host}".strip()
    os.environ["BIGLAM_SOURCES"] = ":".join(str(path.resolve()) for path in paths)


if __name__ == "__main__":
    main()
