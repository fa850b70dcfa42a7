"""What the command says: of first rows, shelves, rights, a takedown before and after it, and what a person decides."""

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from biglam_pipeline.normalize.sampling import Sample
from biglam_pipeline.publish.marks import count
from biglam_pipeline.retraction import Outcome, Plan, Request
from biglam_pipeline.source import Source
from biglam_pipeline.statements import Statements
from biglam_pipeline.store.problems import summed
from biglam_pipeline.store.raw import Harvest
from biglam_pipeline.takedown import NAME

_LISTED = 20
_FIRST = 10
_LETTERS = 200
_CELL = 60
_KINDS = 6
_SHOWN_COLUMNS = 7
_COUNTS = {"harvest", "rows", "flagged", "published"}
_SAME_FOR_ALL = {"source_id", "custodian", "source_record_id", "rights_tier", "rights_basis", "type", "attribution"}


def hang(mark: str, text: str, out: Console) -> None:
    """A marked line; what does not fit stands below its own text, so that marks stay apart from words.

    mark: with rich's styles; text: as it is.
    """
    line = Table.grid(padding=(0, 1))
    line.add_column(no_wrap=True)
    line.add_column(overflow="fold")
    line.add_row(mark, escape(text))
    out.print(line)


def tell_sample(source: Source, found: Sample, harvest: Harvest | None, out: Console) -> None:
    """The first rows as a table, and what went wrong while they were read.

    harvest: the one they come from; one that is not whole is said to be so, whenever it was made.
    """
    names = [key for key in source.column_names if any(row.get(key) for row in found.rows)]
    if found.rows:
        shown = [key for key in names if key not in _SAME_FOR_ALL][:_SHOWN_COLUMNS]
        table = Table(*shown, title=f"{source.name}: {count(len(found.rows), 'row')}, {len(names)} filled columns")
        for row in found.rows:
            table.add_row(*(escape(_cell(row[key])) for key in shown))
        out.print(table)
        out.print(f"all filled columns: {', '.join(names)}")
    else:
        out.print(f"{escape(source.name)}: no rows")
    if harvest is not None and not harvest.complete:
        _tell_missing(harvest, out)
    if found.unread:
        out.print(f"[yellow]{escape(found.unread)}[/]")
    for reject in found.rejects[:_FIRST]:
        hang("[yellow]reject[/]", f"{reject.item} {reject.position}: {reject.detail}", out)
    if len(found.rejects) > _FIRST:
        out.print(f"… and {count(len(found.rejects) - _FIRST, 'more reject')}")
    for problem, times, example in summed(found.problems, found.problems.examples)[:_LISTED]:
        hang("[yellow]problem[/]", f"{problem}: {times:,}{f' ({example})' if example else ''}", out)
    if found.unmapped:
        out.print(f"not mapped: {escape(', '.join(name for name, _ in found.unmapped.most_common(_LISTED)))}")
    for item, size in found.shortened.items():
        out.print(f"judged by the first {size:,} bytes of {escape(item)}; what comes later was not looked at")


def _tell_missing(harvest: Harvest, out: Console) -> None:
    out.print(f"[yellow]harvest {harvest.number} is not whole[/], and is not published: {escape(harvest.proof)}")
    for one in harvest.missing[:_FIRST]:
        hang("[yellow]missing[/]", f"{one['detail']} ({one['reason']})", out)
    if len(harvest.missing) > _FIRST:
        out.print(f"… and {len(harvest.missing) - _FIRST:,} more missing")


def _cell(value: Any) -> str:
    """One line; a list as its values, where they are plain ones."""
    plain = isinstance(value, list) and all(isinstance(one, str) for one in value)
    text = "" if value is None else " ".join(str("; ".join(value) if plain else value).split())
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


def tell_states(states: list[dict[str, Any]], title: str, out: Console) -> None:
    """A line a source; what is laid and not published is marked, for the card or the rows may have changed."""
    table = Table(title=title)
    for name in (
        "source",
        "harvest",
        "asked (UTC)",
        "whole",
        "rows",
        "left out",
        "not read",
        "flagged",
        "published",
        "release",
    ):
        table.add_column(name, justify="right" if name in _COUNTS else "left", overflow="fold")
    for state in states:
        table.add_row(
            escape(state["source"]),
            _count(state["harvest"]),
            (state["asked"] or "")[:16].replace("T", " "),
            {True: "yes", False: "[yellow]no[/]", None: ""}[state["complete"]],
            _count(state["rows"]),
            "\n".join(_left_out(state)),
            "\n".join(f"{number:,} {escape(reason)}" for reason, number in state["not_read"].items()),
            _count(state["flagged"]),
            ("[yellow]behind[/] " if state["up_to_date"] is False else "") + _count(state["published"]),
            escape((state["release"] or "").replace(" ", "\n")),
        )
    out.print(table)
    if any(state["up_to_date"] is False for state in states):
        out.print(
            "behind: the shelves hold something else than what is published; `biglam run` publishes it or says why not"
        )


def _left_out(state: dict[str, Any]) -> list[str]:
    """Rows, then files: of many kinds the most frequent."""
    rows = [f"{number:,} {way.replace('_', ' ')}" for way, number in state["left_out"].items()]
    files = [f"{count(number, 'file')} {way.replace('_', ' ')}" for way, number in state.get("files", {}).items()]
    more = [f"and {len(files) - _KINDS} more kinds of files"] if len(files) > _KINDS else []
    return [*rows, *map(escape, files[:_KINDS]), *more]


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def tell_plan(plan: Plan, request: Request, out: Console) -> None:
    """Which records, which parts, what is left alone."""
    out.print(f"[bold]{escape(plan.source)}: {escape(plan.record)}[/] is taken down ({request.ground})")
    if not plan.known:
        out.print("   it was not seen yet, or was taken down before; it is kept out when it comes")
    if plan.doubles:
        owner = "it belongs" if len(plan.doubles) == 1 else "they belong"
        equal = count(len(plan.doubles), "equal record")
        out.print(f"   [yellow]{equal} of this source will go with it, whatever {owner} to[/]")
    _list(out, "goes with it, equal in everything but identifiers", plan.doubles)
    _list(out, "[yellow]look at[/]: the same text, something else different; not taken down", plan.cluster)
    for path, rows in plan.parts.items():
        out.print(f"   {escape(path)} is written again ({count(rows, 'row')})")
    out.print(f"   at most {plan.bytes_up / 1e6:.2f} MB go up" if plan.repository else "   nothing is published yet")
    if request.purge and plan.repository:
        out.print(
            f"   [yellow]the history of {escape(plan.repository)} is removed[/]: pinned commits and older tags break"
        )


def tell_outcome(outcome: Outcome, out: Console) -> None:
    """What stands where now."""
    out.print(f"[green]done[/]: {count(len(outcome.records), 'record')} in {NAME}, kept out from now on")
    if outcome.rows is not None:
        out.print(f"   {count(outcome.rows, 'row')} left; raw objects rewritten: {outcome.erased}")
    _list(out, "nothing is left of the raw file", outcome.lost)
    if outcome.release is not None:
        out.print(f"   {escape(outcome.release.repository)} {outcome.release.tag} at {outcome.release.commit[:12]}")
    if outcome.purged is not None:
        out.print(f"   {outcome.purged.blobs_deleted} files are gone from its history; what was tried:")
        for sentence in outcome.purged.proof:
            out.print(f"   - {escape(sentence)}")
    elif outcome.release is not None:
        out.print("   older revisions still hold it: run again with --purge-history where the request asks for that")
    _list(out, "none of ours, and may hold it: look, and delete it", outcome.foreign)
    if outcome.kept.doubt:
        out.print(f"   {escape(outcome.kept.doubt)}")
    if outcome.kept.commands:
        kept = count(len(outcome.kept.commands), "older version")
        out.print(f"   the bucket keeps {kept} of shelved files, which may hold it; each goes by its own command:")
        for command in outcome.kept.commands:
            out.print(f"   {escape(command)}", soft_wrap=True)
    out.print("   not reached: copies that others made, backups, and files of the source that its reader does not read")


def _list(out: Console, what: str, names: tuple[str, ...]) -> None:
    for name in names[:_LISTED]:
        out.print(f"   {what}: {escape(name)}")
    if len(names) > _LISTED:
        out.print(f"   … and {len(names) - _LISTED} more")


_NOTES = {
    "contradicted": "the record denies what the entry says, so it is withheld; to publish it too, say why and how "
    "many: `overrule: {because: TEXT, rows: RANGE}`",
    "overruled": "the record denies what the entry says, and is published all the same, by `overrule`",
    "not_understood": "the record says something beside the entry's licence that is not understood",
    "uncovered": "no layer of rights covers what they would publish, so they are withheld",
    "labelled": "a Label keeps them to some, or is not known, so they are withheld",
    "non_commercial": "a Non-Commercial Label makes them nc",
}
"""What a Judgement notes, and what can be done about it."""


def tell_statements(found: Statements, most: int, out: Console) -> None:
    """most: values that are shown, from the most frequent."""
    table = Table(title=f"{found.source}: {count(len(found.values), 'different statement')}")
    for name in ("rows", "tier", "value", "not understood", "for example"):
        table.add_column(name, justify="right" if name == "rows" else "left", overflow="fold")
    for value in found.values[:most]:
        table.add_row(
            f"{value.rows:,}",
            value.tier + ("\n(of the object)" if value.of_object else ""),
            escape(_short(value.text)),
            escape("\n".join(_short(word) for word in value.not_understood)),
            escape("\n".join(value.ids)),
        )
    out.print(table if found.values else f"{escape(found.source)}: no record says anything of rights")
    if len(found.values) > most:
        out.print(f"… and {len(found.values) - most:,} more; see -n or --json")
    if found.without:
        out.print(f"{count(found.without, 'row')} of records that say nothing")
    for name, rows in found.notes.items():
        hang(f"{count(rows, 'row')}:", _NOTES.get(name, name.replace("_", " ")), out)
    for what, line in found.beliefs.items():
        out.print(f"{escape(what)}, and withheld for nothing else; where the law allows it: [bold]{escape(line)}[/]")
    _paste(found, most, out)
    for line in found.unused:
        out.print(f"[yellow]not used[/] no record has the value {escape(_short(line))!r}; take the line out")


def _paste(found: Statements, most: int, out: Console) -> None:
    lines = [value.line for value in found.values[:most] if value.line]
    if not lines:
        return
    out.print("\nRead them, and paste into the rights block what you have understood, with an id in the place of ID:\n")
    print("      statements:")  # noqa: T201  (to be copied: neither wrapped nor styled)
    for line in lines:
        print(f"        {line}")  # noqa: T201


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _LETTERS else plain[: _LETTERS - 1] + "…"
