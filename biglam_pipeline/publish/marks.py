"""Markdown, for the card and whoever else tells in it: words as words, tables, numbers with their nouns."""

from collections.abc import Sequence

_ESCAPED = {ord(mark): f"\\{mark}" for mark in "\\`*_[]#<>~"} | {ord("&"): "&amp;"}


def plain(text: str) -> str:
    """Text of a source as text: Markdown, HTML and YAML marks in a title must not become the card's."""
    return escaped(" ".join(text.split()))


def escaped(text: str) -> str:
    """Text whose marks are no marks; its line breaks are left."""
    return text.translate(_ESCAPED)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in lines
    )


def count(number: int, noun: str) -> str:
    """A number with its noun, `1 row` or `1,234 rows`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def percent(part: int, whole: int) -> str:
    """How much of the whole, cut and not rounded: what is nearly all is not all, and what is rare is there."""
    share = 100 * part // whole if whole else 0
    return "under 1%" if part and not share else f"{share}%"
