"""What is a discussion or a pull request: a title, a status and its events?"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["draft", "open", "closed", "merged"]
PULL = "refs/pr/"


@dataclass(slots=True)
class Discussion:
    """`base` is the commit of `main` that a pull request began at; None makes it a plain discussion."""

    num: int
    title: str
    status: Status
    author: str
    created: str
    base: str | None = None
    merged: str | None = None
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ref(self) -> str:
        """Where the commits of a pull request go."""
        return f"{PULL}{self.num}"

    @property
    def is_open(self) -> bool:
        """Whether it still awaits an end; a draft does."""
        return self.status in ("draft", "open")

    def tell(self, kind: str, author: str, date: str, data: dict[str, Any]) -> dict[str, Any]:
        """Add an event; returns it as the client reads it."""
        event = {
            "id": secrets.token_hex(12),
            "type": kind,
            "createdAt": date,
            "author": {"name": author, "type": "user"},
            "data": data,
        }
        self.events.append(event)
        return event

    def comment(self, author: str, date: str, text: str, html: str) -> dict[str, Any]:
        """Add a comment."""
        latest = {"raw": text, "html": html, "updatedAt": date, "author": {"name": author}}
        data = {"edited": False, "hidden": False, "latest": latest, "history": [], "numEdits": 0}
        return self.tell("comment", author, date, data)

    def become(self, status: Status, author: str, date: str) -> dict[str, Any]:
        """Change the status."""
        self.status = status
        return self.tell("status-change", author, date, {"status": status})

    def rename_commits(self, new_name: Callable[[str], str]) -> None:
        """After history was rewritten: the commits under their new names."""
        self.base = new_name(self.base) if self.base else None
        self.merged = new_name(self.merged) if self.merged else None
        for event in self.events:
            if event["type"] == "commit":
                event["data"]["oid"] = new_name(event["data"]["oid"])
