"""The ledger of what must not be published: takedowns.jsonl beside sources.yaml, one line a decision, never rewritten.

The last line about a record counts: `removed`, `redacted` and `gated` keep it out, `restored` and `declined` let it in
again. `retired` says that the entry makes no such rows any more: nothing is asked for again, and no check misses them.
Where the identifier itself discloses, a line holds its keyed digest (`record_hmac`) instead.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal, get_args

import orjson
from pydantic import ValidationError, model_validator

from biglam_pipeline.errors import ConfigError
from biglam_pipeline.settings import Settings

NAME = "takedowns.jsonl"
KEY_SETTING = "BIGLAM_TAKEDOWN_KEY"

Ground = Literal["copyright", "privacy", "culturally_sensitive", "custodian_request", "defamation", "safety", "other"]
GROUNDS: tuple[str, ...] = get_args(Ground)
Action = Literal["removed", "redacted", "gated", "retired", "restored", "declined"]
_OUT = {"removed", "redacted", "gated", "retired"}
_DIGESTED = "hmac-"
"""How an identifier begins that only its keyed digest stands for."""


class Published(Settings):
    """One repository before and after a takedown."""

    repo: str
    """owner/name."""
    revision_before: str = ""
    """Commit that still held the record."""
    revision_after: str = ""
    """Commit that no longer does."""


class Line(Settings):
    """One decision about one record, or about a whole source."""

    id: str = ""
    """Of the line; empty in lines of the first, short form, whose `ground` is free text."""
    date_received: date | None = None
    """When somebody asked."""
    date_actioned: date | None = None
    """When it was done."""
    source_id: str
    """The source's name in sources.yaml."""
    scope: Literal["record", "collection", "dataset"] = "record"
    """collection and dataset: nothing of the source is harvested, laid or published."""
    record_id: str | None = None
    """The identifier inside the source."""
    record_hmac: str | None = None
    """Its HMAC-SHA256 in hexadecimal, keyed with BIGLAM_TAKEDOWN_KEY, where the identifier itself discloses."""
    section: str | None = None
    """The section of its row; not said in lines by hand, and of rows without one."""
    ground: Ground = "other"
    """Why it was asked for."""
    requester_type: str = ""
    """Who asked, as a kind: rights_holder, family, community, custodian. Never a name."""
    action: Action
    """What was done."""
    datasets: tuple[Published, ...] = ()
    """Repositories that held the record."""
    history_purged: bool = False
    """Whether the repositories' history was purged too."""
    basis: str = ""
    """What the decision rests on."""
    note_public: str = ""
    """What readers are told."""

    @model_validator(mode="after")
    def _about_something(self) -> "Line":
        if (self.scope == "record") != (len({self.record_id, self.record_hmac} - {None}) == 1):
            raise ValueError("scope record needs 'record_id' or record_hmac, one of them, and no other scope has one")
        return self

    @property
    def keeps_out(self) -> bool:
        """Whether this line, being the last, keeps its record out."""
        return self.action in _OUT


@dataclass(frozen=True, slots=True)
class Ledger:
    """What is kept out of one source, with a digest that changes when that does."""

    ids: frozenset[str] = frozenset()
    """`<source>:<identifier>` of the records that are named."""
    hmacs: frozenset[str] = frozenset()
    """Keyed digests of those that are not."""
    stopped: str = ""
    """The scope of the line that stops the whole source, or empty."""
    kept: tuple[Line, ...] = ()
    """The lines in force, one a record."""
    lines: tuple[str, ...] = ()
    """sha256 of each line about the source, in order: a ledger only grows, and a check compares these."""
    key: str = field(default="", repr=False, compare=False)
    origins: tuple[tuple[str, "Ledger"], ...] = ()
    """Of a source that is made of others, theirs, by name: what they keep out is kept out here."""

    @property
    def digest(self) -> str:
        """Digest of what is kept out."""
        hidden = sorted(f"{_DIGESTED}{one}" for one in self.hmacs)
        reported = "\n".join([*sorted(self.ids), *hidden, *filter(None, [self.stopped])])
        return hashlib.sha256(reported.encode()).hexdigest()[:16]

    @property
    def records(self) -> int:
        """How many records it keeps out, by name or by digest."""
        return len(self.ids) + len(self.hmacs)

    @property
    def is_empty(self) -> bool:
        """Whether it keeps nothing out."""
        return not self.ids and not self.hmacs

    def shown(self, name: str) -> str:
        """The id under which a record is kept on the shelves: `<source>:hmac-…` where its own discloses."""
        if not self.hmacs or name in self.ids:
            return name
        hidden = self.hidden(name)
        return hidden if hidden.partition(_DIGESTED)[2] in self.hmacs else name

    def hidden(self, name: str) -> str:
        """The id with its keyed digest in place of the identifier; of a row of another source, that of there."""
        source, _, record = name.partition(":")
        for rest in (record, record.partition(":")[2]):  # behind a section
            theirs = dict(self.origins).get(rest.partition(":")[0])
            if theirs and theirs.keeps_out(rest) and rest not in theirs.ids:
                return f"{source}:{theirs.hidden(rest).partition(':')[2]}"
        return f"{source}:{_DIGESTED}{digest_of(record, self.key)}"

    def is_hidden(self, name: str) -> bool:
        """Whether an id is in the form that `hidden` gives."""
        return name.partition(":")[2].startswith(_DIGESTED)

    def keeps_out(self, name: str) -> bool:
        """name: `<source>:<identifier>`, or the form in which `shown` gives it."""
        return name in self.ids or self._hides(self.shown(name))

    def inheriting(self, source: str, sections: Iterable[str], name: str, theirs: "Ledger") -> "Ledger":
        """With what another source keeps out whose rows this one reads, as it calls them: `<source>:<their id>`.

        sections: what may stand in front of identifiers; theirs: the ledger of the source `name`.
        """
        fronts = [f"{source}:{section}:" if section else f"{source}:" for section in sections]
        return replace(
            self,
            ids=self.ids | {f"{front}{one}" for front in fronts for one in theirs.ids},
            hmacs=self.hmacs | theirs.hmacs,
            stopped=self.stopped or (f"{theirs.stopped} of {name}" if theirs.stopped else ""),
            origins=(*self.origins, (name, theirs)),
        )

    def _hides(self, name: str) -> bool:
        return name.partition(":")[2].removeprefix(_DIGESTED) in self.hmacs

    def among(self, names: Iterable[str]) -> set[str]:
        """Those of these names that are kept out."""
        if not self.hmacs:
            return set(self.ids & set(names))
        return {name for name in names if self.keeps_out(name)}


def digest_of(record: str, key: str) -> str:
    """What `record_hmac` says of an identifier: HMAC-SHA256, hexadecimal."""
    return hmac.new(key.encode(), record.encode(), hashlib.sha256).hexdigest()


def read_lines(data: bytes) -> Iterator[tuple[int, Line, str]]:
    """Number, decision and sha256 of each line. ConfigError with the number of the one that cannot be read."""
    for number, text in enumerate(data.splitlines(), 1):
        if not text.strip():
            continue
        try:
            line = Line.model_validate_json(_long_form(text), strict=True)
        except ValidationError as cause:
            reported = "; ".join(_reported(one) for one in cause.errors())
            raise ConfigError(f"{NAME}:{number}: {reported}; a line needs source_id, record_id and action") from cause
        yield number, line, hashlib.sha256(text.strip()).hexdigest()


def _long_form(text: bytes) -> bytes:
    """A line without an id of its own is of the first, short form: what it says as ground becomes the basis."""
    try:
        raw = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text  # the model says what is wrong with it
    if isinstance(raw, dict) and "id" not in raw and raw.get("ground") not in (None, *GROUNDS):
        return orjson.dumps({**raw, "ground": "other", "basis": str(raw["ground"])})
    return text


def _reported(error: Any) -> str:
    place, found = ".".join(map(str, error["loc"])), error.get("input")
    if error["type"] == "literal_error":
        choices = sorted(word.strip("'") for word in error["ctx"]["expected"].replace(" or ", ", ").split(", "))
        return f"{place} {found!r}; write one of {', '.join(choices)}"
    return f"{place!r}: {error['msg']}" if place else str(error["msg"])


def read_ledger(data: bytes, source: str, key: str = "") -> Ledger:
    """data: the whole file; source: whose records are wanted; key: for lines with record_hmac.

    ConfigError where a line cannot be read, or cannot be applied for want of the key. An unreadable ledger stops
    everything: to publish what somebody asked us to take down would be the worse error.
    """
    last: dict[str, Line] = {}
    stopped, digests = "", []
    for number, line, digest in read_lines(data):
        if line.source_id != source:
            continue
        digests.append(digest)
        if line.scope != "record":
            stopped = line.scope if line.keeps_out else ""
        elif line.record_hmac is not None and not key:
            raise ConfigError(f"{NAME}:{number}: holds a record_hmac, which only {KEY_SETTING} can read; set it")
        else:
            last[line.record_hmac or digest_of(line.record_id or "", key)] = line
    out = [line for line in last.values() if line.keeps_out]
    return Ledger(
        ids=frozenset(f"{source}:{line.record_id}" for line in out if line.record_id is not None),
        hmacs=frozenset(line.record_hmac for line in out if line.record_hmac is not None),
        stopped=stopped,
        kept=tuple(out),
        lines=tuple(digests),
        key=key,
    )


def encode_line(line: Line) -> bytes:
    """One line, as it is appended."""
    return line.model_dump_json(exclude_defaults=True).encode() + b"\n"
