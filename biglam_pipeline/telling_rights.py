"""What `biglam rights` shows: each statement with its rows, tier, what was not understood, and the line to paste."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from biglam_pipeline.statements import Statements

_SHOWN = 200


def tell_statements(found: Statements, most: int, out: Console) -> None:
    """most: values that are shown, from the most frequent."""
    table = Table(title=f"{found.source}: {len(found.values):,} different statements")
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
    out.print(table)
    if len(found.values) > most:
        out.print(f"… and {len(found.values) - most:,} more; see -n or --json")
    if found.without:
        out.print(f"{found.without:,} rows of records that say nothing")
    for name, rows in found.notes.items():
        out.print(f"{rows:,} rows: {name.replace('_', ' ')}")
    for what, line in found.beliefs.items():
        out.print(f"{escape(what)}, and withheld for nothing else; where the law allows it: [bold]{escape(line)}[/]")
    _lines(found, most, out)
    for line in found.unused:
        out.print(f"[yellow]not used[/] no record has the value {escape(_short(line))!r}; take the line out")


def _lines(found: Statements, most: int, out: Console) -> None:
    lines = [value.line for value in found.values[:most] if value.line]
    if not lines:
        return
    out.print("\nRead them, and paste into the rights block what you have understood, with an id in the place of ID:\n")
    print("      statements:")  # noqa: T201  (to be copied: neither wrapped nor styled)
    for line in lines:
        print(f"        {line}")  # noqa: T201


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _SHOWN else plain[: _SHOWN - 1] + "…"
