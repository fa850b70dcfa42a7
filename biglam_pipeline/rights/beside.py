"""What stands beside a rights statement and helps to read it: names, hosts, the day, lines that a person read."""

import html
import unicodedata
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of the record and its entry when a statement is read. Nothing of it is needed."""

    names: frozenset[str] = frozenset()
    """Custodian, the record's creators, publisher, provider, quoted title."""
    hosts: frozenset[str] = frozenset()
    """Hosts of `evidence`."""
    retrieved: date | None = None
    """The day on which the record was fetched."""
    statements: tuple[tuple[str, str], ...] = ()
    """Whole value -> id of a statement: lines that a person read."""


def fold_statement(value: str) -> str:
    """A whole value without what varies by chance: NFKC, entities and blanks."""
    return " ".join(unicodedata.normalize("NFKC", html.unescape(value)).split())
