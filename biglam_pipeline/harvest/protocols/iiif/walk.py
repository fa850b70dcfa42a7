"""One visit to collections of IIIF: from each to its members, page by page, each manifest asked for once."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.fetching import discard
from biglam_pipeline.harvest.harvester import split_pattern
from biglam_pipeline.harvest.protocols.iiif.answers import Answers, Outcome
from biglam_pipeline.harvest.protocols.iiif.changes import Changes
from biglam_pipeline.harvest.protocols.iiif.documents import (
    Member,
    Said,
    changes_of,
    first_of,
    members_of,
    next_of,
    total_of,
)
from biglam_pipeline.harvest.protocols.iiif.seen import Seen, bare, is_plain
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.parsing.iiif import COLLECTION, MANIFEST, STREAM, STREAM_PAGE
from biglam_pipeline.patterns import choose
from biglam_pipeline.records import Evidence, Missing, RawObject, Unchanged
from biglam_pipeline.secrecy import secrets_in

_DEEPEST = 10
"""Collections within one another. National libraries nest three or four: their kinds, series, volumes."""
_MOST_LISTS = 100_000
"""Collections and pages of them."""
_MOST_MANIFESTS = 1_000_000
"""Each costs a request."""
_NEW_PAGES = 1_000
"""Of a list of changes that a collection names: where more are new, asking for every manifest is as good."""
_FULL_VIEW_DAYS = 30
"""Each manifest is asked for again after so many days, whatever a list of changes says: nobody tests those much. So is
the list itself, from its beginning: what comes to stand between older activities is not seen from its end."""


@dataclass(frozen=True, slots=True)
class _At:
    """Where a visit stands."""

    pattern: str
    depth: int = 0
    changed: frozenset[str] | None = None
    """What is asked for though the shelf has it; None where that is everything."""


@dataclass(slots=True)
class Walk:
    """One visit under way."""

    visit: Visit
    answers: Answers
    ignores: Callable[[str], bool]
    marks: Callable[[str], str]
    """Of an address as it is written, what else decides which of its manifests are wanted."""
    alone: bool
    """Whether the entry has one address: then what is on the shelf came from there."""
    counts: Counter[str] = field(default_factory=Counter)
    cursor: dict[str, str] = field(default_factory=dict)
    """Address of a list of changes -> the time of its newest, and the mark of what was wanted."""
    is_short: bool = False
    """Whether a list could not be had whole."""
    _taken: set[str] = field(default_factory=set)
    """Manifests that were met, whichever scheme they were named by."""
    _opened: set[str] = field(default_factory=set)
    """Collections, of the address that is walked."""
    _hidden: dict[str, str] = field(default_factory=dict)
    """Key -> address, of those in whose addresses something looks like a secret, and is kept by no key."""
    _changes: dict[str, frozenset[str] | None] = field(default_factory=dict)
    """Address of a list of changes that collections name -> what is asked for."""

    # --- from the entry's addresses on ------------------------------------------------------------------

    def address(self, written: str) -> Iterator[Outcome]:
        """All that is behind an address of the entry."""
        where, pattern = split_pattern(written)
        self._opened, before = set(), self.counts.copy()
        try:
            if bare(where) in self._taken:
                self.counts["again"] += 1
            elif self.answers.is_shelved(where):
                self._taken.add(bare(where))
                self.counts.update(("named", "whole"))
            else:
                yield from self._first(written, where, _At(pattern))
        except ObjectFailed as error:
            yield self._lost(where, error)
        met = self.counts - before
        if not any(met[word] for word in ("whole", "unchanged", "missing", "lists", "again", "ignored")):
            chosen = f"none of the {met['named']} manifests named there ends like {pattern}; correct the pattern"
            why = chosen if met["named"] else "names no manifest; correct the address, or ask the custodian"
            yield self._lost(where, ObjectFailed("not_found", f"{where}: {why}"))

    def _first(self, written: str, where: str, at: _At) -> Iterator[Outcome]:
        outcome, said = self.answers.ask(where, linked=False)
        if isinstance(outcome, Missing):
            yield self._lost(where, ObjectFailed(outcome.reason, outcome.detail))
        elif said is not None and said.kind in (STREAM, STREAM_PAGE):
            yield from self._stream(written, where, said, at)
        else:
            is_one = said is None or said.kind == MANIFEST
            self.counts["named"] += is_one and bare(where) not in self._taken
            yield from self._came(Member(where, ""), outcome, said, at)

    def rest(self) -> Iterator[Unchanged]:
        """What is not named any more is gone, if the lists were whole."""
        if self.is_short:
            for key in sorted(self.visit.previous):
                if bare(key) not in self._taken:
                    self.counts["kept"] += 1
                    yield Unchanged(key)

    def evidence(self) -> Evidence:
        """Whole where every manifest that is named came, and every list was whole."""
        counts = self.counts
        missing = counts["missing"] + counts["lists"]
        proof = (
            f"{counts['collections']} collections, {counts['named']} manifests named, {counts['whole']} came whole, "
            f"{counts['unchanged']} unchanged, {missing} missing"
        )
        more = {
            "stands": "of them not asked for, by a list of changes",
            "unchosen": "not chosen",
            "again": "named once more",
            "others": "activities about other things",
            "kept": "kept from before",
        }
        words = [f"{counts[name]} {words}" for name, words in more.items() if counts[name]]
        left_out = {"ignored": counts["ignored"]} if counts["ignored"] else {}
        return Evidence("replace", not missing, ", ".join([proof, *words]), self.cursor, left_out=left_out)

    def _lost(self, where: str, error: ObjectFailed) -> Missing:
        self.counts["lists"] += 1
        self.is_short = True
        return Missing(self.visit.web.shown(where), self.visit.web.shown(where), error.reason, error.detail)

    # --- collections ------------------------------------------------------------------------------------

    def _came(self, member: Member, outcome: Outcome, said: Said | None, at: _At) -> Iterator[Outcome]:
        """An answer: a manifest is shelved, of a collection all members are asked for. What it is, it says itself."""
        address = member.address
        if isinstance(outcome, Missing):
            self.counts["missing" if member.kind == MANIFEST else "lists"] += 1
            self.is_short |= member.kind != MANIFEST
            yield outcome
        elif said is None or said.kind == MANIFEST:
            self._taken.add(bare(address))
            self.counts["named"] += member.kind == COLLECTION
            if at.pattern and choose([at.pattern], address) is None:  # that it is one was not known before
                self.counts["unchosen"] += 1
                return
            self.counts["unchanged" if isinstance(outcome, Unchanged) else "whole"] += 1
            yield outcome
        else:
            if isinstance(outcome, RawObject):
                discard(outcome.path)
            self.counts["named"] -= at.depth > 0 and member.kind != COLLECTION
            if said.kind == COLLECTION:
                yield from self._collection(said, address, at)
            else:
                why = f"{address}: is a list of changes, and no collection; write its address in an entry of its own"
                yield self._lost(address, ObjectFailed("damaged", why))

    def _collection(self, said: Said, base: str, at: _At) -> Iterator[Outcome]:
        """The members of a collection, on all its pages."""
        if at.depth > _DEEPEST:
            yield self._lost(base, _too_deep(base))
            return
        self._opened.add(bare(base))
        self.counts["collections"] += 1
        counted, lists, here = self.counts["named"], self.counts["lists"], Seen()
        if changes := changes_of(said, base):
            at = replace(at, changed=self._changed(changes))
        url, total, first = base, total_of(said), first_of(said, base)
        try:
            while True:
                new = len(here.distinct)
                for member in members_of(said, url):
                    here.direct += 1
                    here.distinct.add(bare(member.address or member.called))
                    yield from self._member(member, url, replace(at, depth=at.depth + 1))
                here.turn(url, empty=len(here.distinct) == new)
                follow, first = first or next_of(said, url), ""
                if not follow:
                    break
                here.follow(follow)
                url, said = follow, self._page(follow, base)
                total = total_of(said) if total is None else total
        except ObjectFailed as error:
            if error.reason == "too_large" and at.depth:
                raise
            yield self._lost(self.visit.web.shown(url), error)
        if self.counts["lists"] == lists and total is not None:
            leaves = self.counts["named"] - counted
            if total not in (here.direct, len(here.distinct), leaves):
                yield self._lost(self.visit.web.shown(base), here.disagrees(base, total, leaves))

    def _page(self, url: str, base: str) -> Said:
        """A further page of a collection. ObjectFailed where it cannot be had."""
        self.counts["pages"] += 1
        self._bound(base)
        said = self.answers.ask_list(url)
        if said.kind != COLLECTION:
            raise ObjectFailed("damaged", f"{url}: is no page of {base}, but a {said.kind}; tell the custodian")
        return said

    def _member(self, member: Member, base: str, at: _At) -> Iterator[Outcome]:
        """Whom a collection names: asked for, unless it is not wanted, was met already, or stands there whole."""
        address = member.address
        self.counts["named"] += member.kind != COLLECTION
        self._bound(base)
        if not address or not is_plain(address):
            self.counts["missing"] += 1
            detail = f"{base}: names {member.called[:200]!r}, which is no address of a document; tell the custodian"
            yield Missing(f"{base}#{ascii(member.called[:200])[1:-1]}", base, "name", detail)
            return
        if not self._is_wanted(address, member.kind, at):
            return
        shown = self.visit.web.shown(address)
        if shown != address and self._hidden.setdefault(shown, address) != address:
            names = ", ".join(secrets_in(address, ()))
            why = f"nothing but {names} tells it from another, which looks like a secret; write `public: [{names}]`"
            self.counts["missing"] += 1
            yield Missing(f"{shown}#{self.counts['named']}", shown, "name", f"{shown} : {why} if it is none")
            return
        if member.kind == COLLECTION and at.depth > _DEEPEST:
            yield self._lost(address, _too_deep(address))
        elif member.inside is not None:
            yield from self._embedded(member, base, at)
        elif self.answers.is_shelved(address):
            self.counts["whole"] += 1
        elif member.kind != COLLECTION and self._stands(address, at.changed):
            self.counts.update(("unchanged", "stands"))
            yield Unchanged(self.visit.web.shown(address))
        else:
            outcome, said = self.answers.ask(address)
            yield from self._came(member, outcome, said, at)

    def _is_wanted(self, address: str, kind: str, at: _At) -> bool:
        """Whether a member is to be had now; what is met is noted."""
        mark = bare(address)
        if self.ignores(address):
            self.counts["ignored"] += 1
        elif kind == MANIFEST and at.pattern and choose([at.pattern], address) is None:
            self.counts["unchosen"] += 1
        elif mark in self._taken or mark in self._opened:
            self.counts["again"] += 1
        else:
            (self._opened if kind == COLLECTION else self._taken).add(mark)
            return True
        return False

    def _embedded(self, member: Member, base: str, at: _At) -> Iterator[Outcome]:
        """What stands in a collection whole counts as it stands."""
        assert member.inside is not None
        said, key = member.inside(), self.visit.web.shown(member.address)
        if said.kind == COLLECTION:
            yield from self._collection(said, member.address, at)
            return
        digest, before = hashlib.sha256(said.data).hexdigest(), self.answers.before(member.address)
        same = before is not None and before.sha256 == digest
        self.counts["unchanged" if same else "whole"] += 1
        if same:
            yield Unchanged(key)
        elif not self.answers.is_shelved(member.address):
            shown = self.visit.web.shown(base)
            now = self.visit.web.now()
            yield RawObject(key, key, now, digest, len(said.data), said.data, None, shown, 200, "application/json")

    def _bound(self, where: str) -> None:
        if self.counts["named"] > _MOST_MANIFESTS or self.counts["collections"] + self.counts["pages"] > _MOST_LISTS:
            most = f"more than {_MOST_MANIFESTS:,} manifests, or {_MOST_LISTS:,} collections and pages"
            raise ObjectFailed("too_large", f"{where}: {most}; write collections in it instead, in several entries")

    # --- lists of changes -------------------------------------------------------------------------------

    def _stream(self, written: str, where: str, said: Said, at: _At) -> Iterator[Outcome]:
        """All manifests that a list of changes has; only what changed is asked for."""
        since, _, mark = self.visit.cursor.get(where, "").partition(" ")
        goes_on = since and mark == self.marks(written) and self.alone and not self._is_due(where)
        known = self.visit.previous if goes_on else {}
        read = Changes(where, self.visit.opened_at).read(
            lambda url: said if url == where else self.answers.ask_list(url), since if known else ""
        )
        self.counts["collections"] += 1
        self.counts["others"] += read.others
        changed = frozenset(map(bare, read.changed(since))) if since else None
        gone = {*map(bare, read.gone)}
        for address in dict.fromkeys((*(key for key in known if bare(key) not in gone), *sorted(read.there))):
            member = Member(address, MANIFEST, called=address)
            yield from self._member(member, where, replace(at, depth=1, changed=changed))
        self.cursor[where] = f"{read.newest or since} {self.marks(written)}"

    def _changed(self, url: str) -> frozenset[str] | None:
        """What a list of changes that a collection names says since the last visit. None where all are asked for: at
        the first visit, and where it cannot be had.
        """
        if url not in self._changes:
            self._changes[url] = None
            since = self.visit.cursor.get(url, "")
            try:
                read = Changes(url, self.visit.opened_at).read(self.answers.ask_list, since, _NEW_PAGES if since else 1)
            except ObjectFailed:
                return None
            self.cursor[url] = read.newest or since
            if since and (read.is_whole or read.pages < _NEW_PAGES):
                self._changes[url] = frozenset(map(bare, (*read.changed(since), *read.gone)))
        return self._changes[url]

    def _stands(self, address: str, changed: frozenset[str] | None) -> bool:
        """Whether a list of changes says that a manifest is what it was, and it is not its day."""
        if changed is None or self.answers.before(address) is None or bare(address) in changed:
            return False
        return not self._is_due(address)

    def _is_due(self, address: str) -> bool:
        """Whether its own day of thirty lies behind that of the visit before, however long ago that was."""
        today, before = self.visit.opened_at.date(), self.visit.asked_at
        days = (today - before.date()).days if before is not None else 1
        own = int.from_bytes(hashlib.sha256(address.encode()).digest()[:4])
        return (own + today.toordinal()) % _FULL_VIEW_DAYS < days


def _too_deep(address: str) -> ObjectFailed:
    detail = f"{address}: lies deeper than {_DEEPEST} collections; write its address in the entry too"
    return ObjectFailed("too_deep", detail)
