"""The Aldermere Free Library: its collections as they stand, what befalls them between two nights, and its web site."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import collections, newspaper
from .files import StoredFile, answer_file, listing
from .holdings import FILES_SINCE, Item, card_item, content, issue_items, opening_items, photograph, row_item
from .logbook import Fault, Log, Recording
from .oai import OaiRecord, answer_oai

OPENED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
"""The institution's clock stands at this second until somebody moves it."""

COLLECTIONS = ("catalogue", "mercury", "plates", "letters", "gallery", "closed")
_MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl", "zip": "application/zip"}
_FILES = {"plates": "plates.csv", "letters": "letters.jsonl", "gallery": "gallery.zip", "closed": "closed.csv"}


_STATEMENTS = (
    ("Public Domain Mark 1.0", collections.PDM),
    ("CC0 1.0 Universal", collections.CC0),
    ("Creative Commons Attribution 4.0 International", collections.CC_BY),
    ("In Copyright", collections.IN_COPYRIGHT),
)
_RIGHTS = """<p>The Aldermere Mercury of 1851 is in the public domain: Public Domain Mark 1.0. Our transcriptions
of the letters are dedicated to the public: CC0 1.0 Universal. Cards, plates and works each carry a statement of their
own; where one asks for credit, name the Aldermere Free Library. The register of borrowers is in copyright, read in the
house only.</p>
"""


@dataclass
class Institution:
    """What the institution holds. All that it serves follows from this state, never from a clock or from chance."""

    now: datetime = OPENED
    items: dict[str, list[Item]] = field(default_factory=opening_items)
    version: int = 0
    """Counts the changes: a resumption token of an older state is refused."""

    def advance(self, days: float = 1) -> datetime:
        """Move the clock on; returns what it shows then."""
        self.now += timedelta(days=days)
        return self.now

    def ids(self, collection: str, removed: bool = False) -> list[str]:
        """The identifiers on offer (or those withdrawn), oldest number first. Of the newspaper: its articles."""
        return [item.id for item in self.items[collection] if item.removed is removed]

    def add(self, collection: str, n: int = 1) -> list[str]:
        """`n` new records (of the newspaper: whole issues, a week apart); returns the new identifiers."""
        held = self.items[collection]
        last = held[-1].numbers[0]
        new: list[Item] = []
        for number in range(last + 1, last + 1 + n):
            if collection == "mercury":
                new.extend(issue_items(number, self.now))
            elif collection == "catalogue":
                new.append(card_item(number, self.now))
            else:
                new.append(row_item(collection, number, self.now))
        held.extend(new)
        self.version += 1
        return [item.id for item in new]

    def correct(self, collection: str, ids: Iterable[str]) -> list[str]:
        """Change the text of these records (a row of the wrong width is mended); returns their identifiers."""
        return self._change(collection, ids, lambda item: setattr(item, "revision", item.revision + 1))

    def remove(self, collection: str, ids: Iterable[str]) -> list[str]:
        """Withdraw: a tombstone in OAI-PMH, no row or article in a file, no file where an issue has no article left."""
        return self._change(collection, ids, lambda item: setattr(item, "removed", True))

    def restore(self, collection: str, ids: Iterable[str]) -> list[str]:
        """Offer again what was withdrawn, as it was."""
        return self._change(collection, ids, lambda item: setattr(item, "removed", False))

    def _change(self, collection: str, ids: Iterable[str], change: Callable[[Item], None]) -> list[str]:
        chosen = [item for name in ids for item in self._find(collection, name)]
        for item in chosen:
            change(item)
            item.datestamp = self.now
        self.version += 1
        return [item.id for item in chosen]

    def _find(self, collection: str, name: str) -> list[Item]:
        """The record of that name; an issue's name stands for all its articles."""
        found = [item for item in self.items[collection] if item.id == name or item.id.startswith(f"{name}/")]
        if not found:
            raise KeyError(f"{collection} holds no {name!r}")
        return found

    def oai_records(self) -> list[OaiRecord]:
        """The card catalogue as it is offered over OAI-PMH, by datestamp and identifier."""
        records = []
        for item in self.items["catalogue"]:
            card = collections.card(item.numbers[0], item.revision)
            elements = () if item.removed else card.elements
            records.append(OaiRecord(item.id, item.datestamp, card.sets, elements))
        return sorted(records, key=lambda record: (record.datestamp, record.identifier))

    def paths(self) -> list[str]:
        """The files on offer, as paths below /files/, without the photographs."""
        issues = dict.fromkeys(item.numbers[0] for item in self.items["mercury"] if not item.removed)
        return [*_FILES.values(), *(f"mercury/{newspaper.issue_name(number)}.zip" for number in issues)]

    def file(self, path: str) -> StoredFile | None:
        """The file at that path below /files/, or None where there is none."""
        if path.startswith("plates/"):
            return self._picture(path)
        if path not in self.paths():
            return None
        collection = "mercury" if path.startswith("mercury/") else path.partition(".")[0]
        name = path.removeprefix("mercury/").removesuffix(".zip")
        items = [item for item in self.items[collection] if collection != "mercury" or item.id.startswith(f"{name}/")]
        offered = [item for item in items if not item.removed]
        media_type = _MEDIA_TYPES[path.rpartition(".")[2]]
        # a withdrawal changes the file too, so the withdrawn items' datestamps count
        modified = max(item.datestamp for item in items)
        return StoredFile(content(collection, offered), media_type, modified)

    def _picture(self, path: str) -> StoredFile | None:
        for item in self.items["plates"]:
            if path == f"plates/{item.id}.png" and item.numbers[0] not in collections.PLATE_DOUBLES:
                return StoredFile(photograph(item.numbers[0]), "image/png", FILES_SINCE)
        return None


def _front(institution: Institution) -> Response:
    links = [("/oai?verb=Identify", "The card catalogue, by OAI-PMH"), ("/files/", "Files"), ("/rights", "Rights")]
    holdings = ", ".join(f"{len(institution.ids(name))} in {name}" for name in COLLECTIONS)
    notes = f"<p>Open every evening but Sunday. We hold {holdings}. The town is made up, and so is all we hold.</p>\n"
    return listing("Aldermere Free Library", links, notes)


def _folder(institution: Institution, path: str) -> Response | None:
    """A page of links to what lies below a path that ends in a slash."""
    below = [one.removeprefix(path) for one in institution.paths() if one.startswith(path)]
    if not below or not (path == "" or path.endswith("/")):
        return None
    return listing(f"Files: {path or 'all'}", [(name, name) for name in below])


def create_app(institution: Institution, log: Log | None = None, fault: Fault | None = None) -> Starlette:
    """The web site of the institution as it stands at each request.

    `log` receives (method, path and query, status, bytes) for every answer. `fault` may answer in the institution's
    place; it stands at `app.state.fault` and may be changed there at any time.
    """

    async def front(request: Request) -> Response:
        return _front(institution)

    async def rights(request: Request) -> Response:
        return listing("Rights", [(address, label) for label, address in _STATEMENTS], _RIGHTS)

    async def oai(request: Request) -> Response:
        query = request.url.query if request.method != "POST" else (await request.body()).decode("utf-8", "replace")
        return answer_oai(institution, query)

    async def files(request: Request) -> Response:
        path = request.path_params["path"]
        file = institution.file(path)
        if file is not None:
            return answer_file(request, file)
        return _folder(institution, path) or Response("There is no such file here.\n", 404, media_type="text/plain")

    routes = [
        Route("/", front),
        Route("/rights", rights),
        Route("/oai", oai, methods=["GET", "POST"]),
        Route("/files/{path:path}", files),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(Recording, log=log)])
    app.state.fault = fault
    return app
