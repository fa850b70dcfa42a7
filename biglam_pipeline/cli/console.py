"""What the command says: of shelves, of rights, and of what a person decides about these."""

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from biglam_pipeline.publish.marks import count

if TYPE_CHECKING:
    from biglam_pipeline.statements import Statements

_LISTED = 20
_LETTERS = 200
_KINDS = 6
_COUNTS = {"harvest", "rows", "flagged", "published"}


def hang(mark: str, text: str, out: Console) -> None:
    """A marked line; what does not fit stands below its own text, so that marks stay apart from words.

    mark: with rich's styles; text: as it is, but for what a terminal would obey.
    """
    from biglam_pipeline.source.controls import shown

    line = Table.grid(padding=(0, 1))
    line.add_column(no_wrap=True)
    line.add_column(overflow="fold")
    line.add_row(mark, escape(shown(text)))
    out.print(line)


def report_states(states: list[dict[str, Any]], title: str, out: Console) -> None:
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
            _whole(state),
            "\n".join([_count(state["rows"]), *_sections(state)]),
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


def _whole(state: dict[str, Any]) -> str:
    """Whether the harvest is whole, and how much of what its servers say they have came, where that is not all."""
    said = {True: "unproven" if state.get("unproven") else "yes", False: "[yellow]no[/]", None: ""}[state["complete"]]
    short = [one for one in state.get("coverage", ()) if one["harvested"] < one["offered"]]
    return "\n".join([said, *(f"{one['harvested']:,} of {one['offered']:,}" for one in short[:_KINDS])])


def _sections(state: dict[str, Any]) -> list[str]:
    """Of a source of several sections the rows of each, by the name that the Hub has for it."""
    return [f"{escape(state['configs'][name])}: {number:,}" for name, number in state["sections"].items()]


def _left_out(state: dict[str, Any]) -> list[str]:
    """Rows, then files: of many kinds the most frequent."""
    rows = [f"{number:,} {way.replace('_', ' ')}" for way, number in state["left_out"].items()]
    files = [f"{count(number, 'file')} {way.replace('_', ' ')}" for way, number in state.get("files", {}).items()]
    more = [f"and {len(files) - _KINDS} more kinds of files"] if len(files) > _KINDS else []
    return [*rows, *map(escape, files[:_KINDS]), *more]


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


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


def report_statements(found: "Statements", most: int, out: Console) -> None:
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


def _paste(found: "Statements", most: int, out: Console) -> None:
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
