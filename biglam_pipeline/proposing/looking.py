"""A first look at an address: what an entry would harvest there; a few objects of it are shelved in scratch space."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import PrivateAttr, TypeAdapter, ValidationError

from biglam_pipeline.context import RunContext
from biglam_pipeline.errors import ConfigError, ObjectFailed
from biglam_pipeline.harvest import AnyHarvester
from biglam_pipeline.harvest.address import read_address
from biglam_pipeline.harvest.harvester import Harvester, split_pattern
from biglam_pipeline.harvest.listed import ListedFile
from biglam_pipeline.harvest.listing import FromListing
from biglam_pipeline.harvest.paging import InPages
from biglam_pipeline.harvest.shelving import shelve_visit
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.proposing.addresses import Address, find_address
from biglam_pipeline.proposing.choosing import choose_files
from biglam_pipeline.proposing.pages import ENOUGH, MOST_BYTES, FewPages
from biglam_pipeline.records import Evidence, Harvested, Missing, RawObject
from biglam_pipeline.settings import Accounts
from biglam_pipeline.store import disk
from biglam_pipeline.store.raw import Harvest, RawShelf
from biglam_pipeline.store.shelf import DiskShelf

_MOST_OBJECTS = 200
_LISTED = 100_000
_TOLD = 3
_READ: TypeAdapter[AnyHarvester] = TypeAdapter(AnyHarvester)


@dataclass(slots=True)
class Look:
    """What was seen."""

    address: Address
    harvester: Harvester
    raw: RawShelf
    harvest: Harvest
    answers: dict[str, bytes] = field(default_factory=dict)
    """What was asked for beside the data, such as how a server calls itself, by address."""
    notes: list[str] = field(default_factory=list)

    @property
    def protocol(self) -> str:
        """The protocol's name."""
        return self.harvester.type


class _FirstLook(Harvester):
    """The visit of another protocol, which ends after a few objects."""

    accounts: ClassVar[Accounts] = Accounts("objects of a first look", "none", "nothing is published of it")
    type: Literal["first_look"] = "first_look"
    _of: Harvester = PrivateAttr()
    _web: FewPages = PrivateAttr()

    @classmethod
    def of(cls, harvester: Harvester, web: FewPages) -> Self:
        """The first objects that this protocol brings by way of these pages."""
        first = cls(url=("first look",))
        first._of, first._web = harvester, web
        return first

    def visit(self, visit: Visit) -> Iterator[Harvested]:
        """What the protocol brings, until pages or patience are spent."""
        count, most = 0, 1 if isinstance(self._of, InPages) else _MOST_OBJECTS
        lost: list[Missing] = []
        for found in self._of.visit(replace(visit, web=self._web, parts=None)):
            if isinstance(found, RawObject):
                count += 1
                yield found
            elif isinstance(found, Missing) and found.reason != ENOUGH:
                lost.append(found)
                yield found
            if count >= most or (isinstance(found, Missing) and found.reason == ENOUGH) or len(lost) > 20:
                break
        yield Evidence("replace", complete=True, proof="a first look")


@contextmanager
def look_at(run: RunContext, text: str, base: Path) -> Iterator[Look]:
    """Asks at most three pages; what it shelved is gone at the end.

    base: the folder of the sources file. ConfigError, ObjectFailed, ServerBusy or SourceChanged where nothing is seen.
    """
    with run.shelf.scratch() as scratch:
        web = FewPages(run.web.visiting([text] if "://" in text else []))
        address = find_address(text, web, scratch, base)
        harvester = _harvester(address.written)
        web.goes_to(harvester.begins_at)
        raw = RawShelf(DiskShelf(scratch / "home", scratch / "state").at("look/raw"))
        harvester, notes = _narrowed(
            harvester, address, Visit(1, {}, {}, {}, lambda _: b"", scratch, run.now(), web, base)
        )
        first = _FirstLook.of(harvester, web)
        visited = shelve_visit(first, web, raw, base=base, request="first look", now=run.now)
        answers = {url: answer.content for url, answer in web.answers.items() if answer.content is not None}
        lost = [one["detail"] for one in visited.harvest.missing[:_TOLD]]
        yield Look(address, harvester, raw, visited.harvest, answers, [*address.notes, *notes, *lost])


def _harvester(address: str) -> Harvester:
    try:
        return _READ.validate_python(read_address(address))
    except ValidationError as error:
        said = "; ".join(str(one["msg"]).removeprefix("Value error, ") for one in error.errors())
        raise ConfigError(said) from None
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _narrowed(harvester: Harvester, address: Address, visit: Visit) -> tuple[Harvester, list[str]]:
    """Of a list of files without a pattern, those that are the data; a list that is too long is looked at so far."""
    (where, *_), pattern, local = harvester.url, split_pattern(harvester.url[0])[1], False
    if pattern:
        return harvester, []
    if isinstance(harvester, FromListing):
        sizes = _sizes(harvester, where, visit)
    elif offered := harvester.offers(visit.base):
        if not offered.files:
            raise ConfigError(*(offered.faults or [f"{address.written}: there is no file"]))
        local = True
        sizes = {name: disk.size_of(path) for name, path in offered.files.items()}
    else:
        return harvester, []
    chosen = choose_files(list(sizes), sizes, MOST_BYTES)
    if not chosen.names:
        named = ", ".join(list(sizes)[:5]) or "nothing"
        raise ConfigError(
            f"{address.written}: no file there is data that is known ({named}); write which are, as in "
            f"{address.written}#*.csv"
        )
    if not chosen.pattern:
        return harvester, list(chosen.notes)
    if local and len(chosen.names) == 1:
        address.written = f"{address.written.rstrip('/')}/{chosen.names[0]}"
    else:
        address.written += f"#{chosen.pattern}"
    return _harvester(address.written), list(chosen.notes)


def _sizes(harvester: FromListing, where: str, visit: Visit) -> dict[str, int]:
    """The files that are listed, with their bytes, 0 where the list does not say; as far as a few pages go."""
    found: dict[str, int] = {}
    try:
        for one in harvester.first_listing(visit, where):
            if isinstance(one, ListedFile) and not one.closed:
                found[one.path] = one.size or 0
            if len(found) >= _LISTED:
                break
    except ObjectFailed as failed:
        if not found or failed.reason != ENOUGH:
            raise
    return found
