"""Wikimedia Commons as a source: the files of a category or a search, each with what Commons says of it.

https://commons.wikimedia.org/wiki/Commons:API , https://www.mediawiki.org/wiki/API:Main_page
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar, Literal

import orjson
from pydantic import Field

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.fetching import content_of
from biglam_pipeline.harvest.harvester import UNASKED, split_pattern
from biglam_pipeline.harvest.listed import ListedFile, bring
from biglam_pipeline.harvest.listing import FromListing, Intake
from biglam_pipeline.harvest.protocols.wikimedia import api, places, records
from biglam_pipeline.harvest.protocols.wikimedia.members import Titled, titled
from biglam_pipeline.harvest.standing import note, still, watching
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.records import Evidence, Harvested, Listed, Missing, RawObject, Unchanged
from biglam_pipeline.settings import Accounts

_DEEPEST = 10


class Wikimedia(FromListing):
    """`wikimedia:Category:NAME#PATTERN`; keys are `records/NUMBER.json` and `files/NAME`."""

    addresses: ClassVar[Mapping[str, str]] = {
        "wikimedia:Category:NAME": "the files of a category of Wikimedia Commons, with what it says of them",
        "wikimedia:search:QUERY": "the files that a search finds, up to 10,000: "
        "`wikimedia:search:haswbstatement:P195=Q190804` has those of a collection",
        "wikimedia:File:NAME": "one file",
    }
    notes: ClassVar[str] = (
        "`records/*.json` are the answers of its API, 50 files in one at most: licence (`LicenseUrl`, "
        "`LicenseShortName`), makers, credit, title, date and description stand in `imageinfo[0].extmetadata`, each as "
        "HTML under `value`. `files/*` are the files, held against their SHA-1. A row with its picture and its own "
        'rights is `normalize: {type: json, files: "records/*.json", rows: "query.pages[]", with: {image: {files: '
        '"files/*", by: {\'title >> replace("File:", "")\': $name}}}, map: {id: pageid, title: title}}`, with `rights: '
        '{from: "imageinfo[0].extmetadata | (LicenseUrl || LicenseShortName).value", accept: open, ...}`. '
        "On a quiet night 500 files cost one request; of others, those whose page was touched are asked about. Who "
        "is not logged in may ask some hundreds of times an hour, so five seconds pass between two requests; a key "
        "of Wikimedia is `headers: {Authorization: env:NAME}`. The robots.txt of Wikimedia keeps programs that "
        "follow links out of `/w/`, where the API is, and its Robot policy "
        "(https://wikitech.wikimedia.org/wiki/Robot_policy) has rules for who asks the API: a person has to say "
        "that they are kept to."
    )
    accounts: ClassVar[Accounts] = Accounts(
        "files and records that came whole, are unchanged, ignored, litter or missing",
        "the list to its last answer (`continue`), of a search also `totalhits`; an answer about each file, its SHA-1",
        "a list that is cut or leads back, an answer or a file that did not come, is hidden or was deleted meanwhile: "
        "the harvest is not whole, and keeps what it had",
    )

    type: Literal["wikimedia"] = "wikimedia"
    """Files of Wikimedia Commons."""
    depth: Annotated[int, Field(ge=0, le=_DEEPEST), UNASKED] = 0
    """How many levels of subcategories are gone into; each category once, however they contain each other."""

    @classmethod
    def beginnings(cls) -> tuple[str, ...]:
        """As the language has it."""
        return (places.PREFIX,)

    @classmethod
    def check_place(cls, place: str) -> str:
        """Kind and name."""
        return places.check(place)

    @classmethod
    def meant_by(cls, address: str) -> str:
        """Of a page of Commons."""
        return places.meant(address)

    @property
    def begins_at(self) -> tuple[str, ...]:
        """Its API; the files lie on another host."""
        return (api.HOME,)

    def listing(self, visit: Visit, address: str) -> Iterator[ListedFile]:
        """The titles of all files."""
        yield from titled(visit, address, self.depth)

    def visit(self, visit: Visit) -> Iterator[Harvested]:
        """The lists; where a page was touched, what is said of each batch of files, and the files that are new."""
        walk, name = _Walk(self, visit, Intake(self, visit)), " ".join(self.url)
        yield from walk.lists()
        word, noted = walk.word(), visit.cursor.get(name, "")
        quiet = word and not (visit.shelved or walk.is_short)
        left_out = still(noted, word, self.ignored, visit.previous.values()) if quiet else None
        if left_out is not None:
            yield from map(Unchanged, visit.previous)
            proof = f"{walk.intake.listed} files listed, no page touched; {len(visit.previous)} objects unchanged"
            yield Evidence("replace", True, proof, cursor={name: noted}, left_out=left_out)
            return
        objects: dict[str, str] = {}
        for found in watching(visit, walk.rest(), objects):
            if isinstance(found, Evidence) and found.complete and word:
                found = replace(found, cursor={name: note(word, self.ignored, objects, found.left_out)})
            yield found


@dataclass(slots=True)
class _Walk:
    source: Wikimedia
    visit: Visit
    intake: Intake
    titled: dict[int, Titled] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)
    """Keys of what was asked for."""
    is_short: bool = False
    """Whether nobody can say of all that was there before whether it is gone."""

    def lists(self) -> Iterator[Listed | Missing]:
        """Which files there are."""
        lost = list[Missing]()
        for address in self.source.url:
            where, pattern = split_pattern(address)
            try:
                found = self.intake.chosen(where, pattern, self.source.listing(self.visit, where))
                self.titled.update((one.number, one) for one in found if isinstance(one, Titled))
            except ObjectFailed as error:
                lost.append(self._lost(where, error))
        yield Listed(len(self.titled))
        yield from lost

    def word(self) -> str:
        """Of all pages and when each was touched; nothing where that is not known of one."""
        known = all(one.version for one in self.titled.values())
        state = [[number, self.titled[number].version] for number in sorted(self.titled)]
        return hashlib.sha256(orjson.dumps(state)).hexdigest()[:32] if known else ""

    def rest(self) -> Iterator[Harvested]:
        """Batch after batch, and the proof."""
        for batch in records.batches(self.titled):
            yield from self.batch(batch)
        if self.is_short:
            yield from self.intake.keep(self.visit.previous.keys() - self.met)
        yield self.intake.evidence()

    def batch(self, batch: Sequence[Titled]) -> Iterator[Harvested]:
        """What is said of some files, and they themselves; in two halves where that is too much for one answer."""
        page = records.page_of(batch)
        self.met.add(page.path)
        try:
            outcome, content = self._answer(page)
            files = records.files_of(content, batch, page.url)
        except ObjectFailed as error:
            yield self._lost(page.path, error)
            return
        if files is None:
            middle = len(batch) // 2
            yield from self.batch(batch[:middle])
            yield from self.batch(batch[middle:])
            return
        self.intake.listed += 1
        self.intake.counts["unchanged" if isinstance(outcome, Unchanged) else "whole"] += 1
        if outcome is not None:
            yield outcome
        for one in files:
            if one.path in self.met:
                yield self.intake.twice(one)
                continue
            self.met.add(one.path)
            yield from self.intake.bring(one.path, one)

    def _answer(self, page: ListedFile) -> tuple[RawObject | Unchanged | None, bytes]:
        """None where this visit shelved it before it was cut off."""
        visit, taken = self.visit, self.visit.shelved.get(page.path)
        if taken is not None and taken.url == visit.web.shown(page.url):
            return None, visit.read(taken)
        before = visit.known.get(page.path)
        outcome = bring(visit, page.path, page, before=before, look=self.source.survey_of, linked=False)
        if isinstance(outcome, Missing):
            raise ObjectFailed(outcome.reason, outcome.detail)
        if isinstance(outcome, Unchanged):
            return outcome, visit.read(visit.known[page.path])
        return outcome, content_of(outcome)

    def _lost(self, where: str, error: ObjectFailed) -> Missing:
        self.is_short = True
        return self.intake.lost(where, error)
