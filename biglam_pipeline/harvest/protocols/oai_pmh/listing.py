"""One list of one server over the visits: asked for what changed, or for everything, and what then is gone."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from biglam_pipeline.coverage import Coverage
from biglam_pipeline.harvest.protocols.oai_pmh.fullness import is_everything, may_be_everything, outdated
from biglam_pipeline.harvest.protocols.oai_pmh.known import Ids, unpacked, without
from biglam_pipeline.harvest.protocols.oai_pmh.places import ADDRESS
from biglam_pipeline.harvest.protocols.oai_pmh.relisting import SMALL, Relisting, churned, held_of
from biglam_pipeline.harvest.protocols.oai_pmh.window import CUT, Window
from biglam_pipeline.harvest.relisting import Relist
from biglam_pipeline.records import Missing, RawObject

_CARRIED = ("listed_at", "listed_in", "records", "offered", "missing_once", "in_vain", "phantoms")
_MAY_LACK = ("offered", "missing_once", "in_vain", "phantoms")


@dataclass(slots=True)
class Listing:
    """One visit's window, and what the cursor of the visit before says of the list."""

    window: Window
    place: str
    """How the names of this list begin in keys and cursors; empty where the source has one list."""
    cursor: dict[str, str]
    """As `next_cursor` was after the last whole visit:

    - `address`: which list it is.
    - `granularity`, `deleted_record`, `admin`: what Identify said.
    - `from`: where the next visit starts, as the server wants it written.
    - `first_response`: ISO 8601, when the server began to answer; `from` was reckoned from it, and people compare them.
    - `listed_at`: the last full listing, ISO 8601; `records`: how many it had; `offered`: how many it announced.
    - `listed_in`: the visit of the last full listing by ListRecords.
    - `missing_once`, `in_vain`, `phantoms`: marks of records that the last listing by identifiers lacked, or had in
      vain: once, or at two listings.
    - `passed_over`: `1` where records came twice in it, so that the next visit lists all there are.
    - `ignores_from`: `1` where the server answers `from` with everything, so that it is not asked so any more.
    """
    deleted_record: str
    relist: Relist
    due: bool
    """A full listing of a server that keeps no deletions, by its records, since it does not list identifiers."""
    most: float
    """The share of the records that may go at one visit."""
    relisting: Relisting | None = None
    """A full listing by identifiers, where it is time for one."""
    admin: str = ""
    replaces: bool = False
    """What this visit did not list is gone."""
    moved: bool = False
    """A full listing whose order changed from page to page, so that one that is missing may still be offered."""
    passed_over: bool = False
    """The same of the first full listing: a record that is changed while pages are cut moves all behind it."""
    outdated: frozenset[str] = frozenset()
    """Keys of pages that a full listing has left behind."""
    next_cursor: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def proof(self) -> str:
        """In words."""
        return "; ".join([self.window.proof, *self.notes])

    @property
    def coverage(self) -> tuple[Coverage, ...]:
        """Of the last full listing; nothing where the server did not say how much there is."""
        offered, records = (self.next_cursor.get(name, "") for name in ("offered", "records"))
        shown = self.window.visit.web.shown(self.window.request.address)
        return (Coverage(shown, int(offered), int(records)),) if offered and records else ()

    def there(self) -> Ids:
        """Marks of what the list has, or lacks for the first time, as far as can be known before it is harvested."""
        held = without(held_of(self.window.visit, self.place).there, unpacked(self.cursor.get("missing_once", "")))
        listed = self.relisting.listed if self.relisting is not None else None
        return held if listed is None else np.union1d(held, listed.there)

    def harvest(self, lag_seconds: int) -> Iterator[RawObject | Missing]:
        """The window's pages; then what they amount to."""
        yield from self.window.pages()
        request = self.window.request
        ignores = bool(self.cursor.get("ignores_from"))
        if request.since and self.window.complete and not self.window.unchanged:
            said, ignores = self._hold_against_everything()
            self.notes += said
        full = not request.since or self.replaces
        self.replaces = full and not self.due
        if self.replaces and "listed_in" in self.cursor:
            yield from self._judge_replacement()
        elif self.replaces and (repeated := self.window.repeated()):
            self.passed_over = True
            self.notes.append(
                f"{repeated} records came twice, so others may have been passed over: the next visit lists them all"
            )
        self._leave_behind()
        if self.relisting is not None and self.relisting.listed is None:
            self.notes.append("the server does not list its identifiers to the end; asked again when it is time")
        elif self.relisting is not None and self.window.complete and not full:
            yield from self.relisting.settle()
            self.notes += self.relisting.notes
        self.next_cursor = self._next(full, lag_seconds, ignores=ignores)
        if self.deleted_record != "persistent" and not ignores and self.relisting is None:
            self.notes.append(self._on_deletions())

    def _hold_against_everything(self) -> tuple[list[str], bool]:
        """Where an answer to `from` holds too much: what to say of it, and whether the server ignores the date."""
        seen, older = self.window.counted()
        first, known = self.window.first, int(self.cursor.get("records", "0"))
        if first is not None and may_be_everything(older, seen, known):
            self.replaces = is_everything(self.window.visit.web, self.window.request, first, seen)
        if not self.replaces:
            return ([f"{older} records are older than was asked for"] if older else []), False
        since = self.window.request.since
        return [f"the server answered `from` {since} with everything it has, {older} of it older"], older * 2 > seen

    def _judge_replacement(self) -> Iterator[Missing]:
        """What would go with the pages of before: not where records were passed over, nor where all were renamed."""
        if repeated := self.window.repeated():
            self.replaces, self.moved = False, True
            self.notes.append(
                f"{repeated} records came twice, so others may have been passed over: what is not listed stays once"
            )
        if self.window.known is None or not self.window.complete:
            return
        mine, held = self.window.known.settled().there, held_of(self.window.visit, self.place).there
        gone, new = without(held, mine), without(mine, held)
        if churn := churned(len(held), gone, new, self.most, self.window):
            self.window.complete = self.replaces = False
            yield churn

    def _leave_behind(self) -> None:
        """Pages from before the full listing that came before this one: a record was then missing from two."""
        visit = self.window.visit
        if self.due and self._fell():
            self.notes.append(
                "the list is so much shorter than the one before that nothing of it goes; if that is right, write "
                "`deletions: ..1` for one visit"
            )
        elif self.due or self.moved:
            self.outdated = outdated(visit.previous, self.place, int(self.cursor.get("listed_in", "0")))
        elif self.replaces:
            self.outdated = outdated(visit.previous, self.place, visit.number)
        if self.window.complete:  # and what was cut before came whole: the cursor had stayed where it was
            pages = outdated(visit.previous, self.place, visit.number)
            self.outdated |= {key for key in pages if key.endswith(CUT)}

    def _fell(self) -> bool:
        known = int(self.cursor.get("records", "0"))
        return known - self.window.counted()[0] > max(SMALL, self.most * known)

    def _next(self, full: bool, lag_seconds: int, *, ignores: bool) -> dict[str, str]:
        window, visit = self.window, self.window.visit
        found = {ADDRESS: window.request.address}
        found |= {"granularity": window.request.granularity, "deleted_record": self.deleted_record}
        found |= {"admin": self.admin} if self.admin else {}
        found["from"] = window.request.since
        if window.started is not None:
            # The earlier of both clocks: one that runs ahead, or shows local time as UTC, would pass over what changed.
            found["from"] = window.request.next_since(min(window.started, visit.opened_at), lag_seconds)
            found["first_response"] = window.started.isoformat()
        found |= {name: self.cursor[name] for name in _CARRIED if name in self.cursor}
        if full:
            found |= {"listed_at": visit.opened_at.isoformat(), "listed_in": str(visit.number)}
            found["records"] = str(window.counted()[0])
            found["offered"] = "" if window.announced is None else str(window.announced)
            found["missing_once"] = found["in_vain"] = found["phantoms"] = ""
        elif self.relisting is not None:
            found["listed_at"] = visit.opened_at.isoformat()
            found |= self.relisting.cursor_names()
        found = {name: value for name, value in found.items() if value or name not in _MAY_LACK}
        said = {"ignores_from": ignores, "passed_over": self.passed_over}
        return found | {name: "1" for name, true in said.items() if true}

    def _on_deletions(self) -> str:
        kept = self.deleted_record or "not stated"
        if self.due:
            return f"all of it listed, since deletedRecord is {kept}: what was missing the last time too is gone"
        until = (
            "stay" if self.relist == "never" else f"stay until they are missing from two full listings ({self.relist})"
        )
        return f"the server does not keep track of deletions (deletedRecord={kept}): records it removed {until}"
