"""An OAI-PMH repository on loopback that keeps records, pages them, and falls ill as a test wants it.

https://www.openarchives.org/OAI/openarchivesprotocol.html
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from biglam_pipeline_tests.harvest.repository import STARTED, envelope, error
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer


@dataclass
class Kept:
    """A record."""

    identifier: str
    datestamp: str
    deleted: bool = False
    sets: tuple[str, ...] = ()
    body: str | None = None
    """What stands behind its header, where that is not the usual."""

    @property
    def head(self) -> str:
        status, stamp = ' status="deleted"' if self.deleted else "", self.datestamp
        return f"<header{status}><identifier>{self.identifier}</identifier><datestamp>{stamp}</datestamp></header>"

    @property
    def whole(self) -> str:
        if self.body is not None:
            return f"<record>{self.head}{self.body}</record>"
        body = (
            '<metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{self.identifier}</dc:title></oai_dc:dc></metadata>'
        )
        return f"<record>{self.head}{'' if self.deleted else body}</record>"


Ill = Callable[[dict[str, str], Sequence[Kept]], Reply | None]
"""By the arguments of a request, and the records that its answer would hold: what is sent instead."""


@dataclass
class Archive:
    """A repository. Its tokens say all that they stand for, so that they serve as often as one likes."""

    server: ScriptedServer
    records: list[Kept] = field(default_factory=list)
    page: int = 10
    deleted: str = "persistent"
    granularity: str = "YYYY-MM-DDThh:mm:ssZ"
    now: str = STARTED
    announces: bool = True
    newest_first: bool = False
    ill: Ill = lambda asked, records: None
    address: str = ""

    def __post_init__(self) -> None:
        self.address = "oai+" + self.server.on("/oai", self._answer)

    def keep(self, *identifiers: str, date: str = "2026-01-01T00:00:00Z", **more: object) -> None:
        """Further records, or others in the place of those that there are."""
        self.records = [one for one in self.records if one.identifier not in identifiers]
        self.records += [Kept(one, date, **more) for one in identifiers]  # type: ignore[arg-type]

    def drop(self, *identifiers: str) -> None:
        """Without a trace."""
        self.records = [one for one in self.records if one.identifier not in identifiers]

    def asked(self, verb: str = "ListRecords") -> list[dict[str, str]]:
        """The arguments of all requests of this kind."""
        return [one.query for one in self.server.asked if one.query.get("verb") == verb]

    def _answer(self, request: Asked) -> Reply:
        asked = request.query
        verb = asked.get("verb", "")
        if verb == "Identify":
            return self.ill(asked, ()) or Reply(
                envelope(
                    f"<Identify><deletedRecord>{self.deleted}</deletedRecord>"
                    f"<granularity>{self.granularity}</granularity></Identify>",
                    self.now,
                )
            )
        if verb == "GetRecord":
            found = [one for one in self.records if one.identifier == asked["identifier"]]
            reply = Reply(envelope(f"<GetRecord>{''.join(one.whole for one in found)}</GetRecord>", self.now))
            return self.ill(asked, found) or (reply if found else error("idDoesNotExist"))
        return self._list(asked, verb)

    def _list(self, asked: dict[str, str], verb: str) -> Reply:
        start, since, until, chosen = (asked.get("resumptionToken") or "0||||").split("|")[:4]
        since, until = since or asked.get("from", ""), until or asked.get("until", "")
        chosen = chosen or asked.get("set", "")
        listed = [
            one
            for one in sorted(self.records, key=lambda one: one.datestamp, reverse=self.newest_first)
            if (not since or one.datestamp >= since)
            and (not until or one.datestamp[: len(until)] <= until)
            and (not chosen or chosen in one.sets)
        ]
        shown = listed[int(start) : int(start) + self.page]
        if sick := self.ill(asked, shown):
            return sick
        if not listed:
            return error("noRecordsMatch")
        following = int(start) + self.page
        token = f"{following}|{since}|{until}|{chosen}|" if following < len(listed) else ""
        size = f' completeListSize="{len(listed)}"' if self.announces else ""
        entries = "".join(one.whole if verb == "ListRecords" else one.head for one in shown)
        return Reply(
            envelope(f"<{verb}>{entries}<resumptionToken{size}>{token}</resumptionToken></{verb}>", self.now),
            headers={"Content-Type": "text/xml"},
        )
