"""Files that a repository lists, for whoever lists: choosing among them, what has not changed, checksums, evidence."""

import logging
import re
import unicodedata
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from biglam_pipeline.coverage import Coverage
from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.harvester import OfFiles, split_pattern
from biglam_pipeline.harvest.keys import steady_keys
from biglam_pipeline.harvest.listed import ListedFile, bring
from biglam_pipeline.harvest.mirrors import Mirrored
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.parsing.archives.names import clean
from biglam_pipeline.parsing.litter import is_litter
from biglam_pipeline.patterns import Pattern, choose
from biglam_pipeline.records import Evidence, Harvested, Listed, Missing, RawObject, Unchanged

log = logging.getLogger(__name__)

_NAMED = 3
"""Files that a message names where a pattern chooses none."""
_MOST = 1_000_000
"""Files of one list: they are held in memory, half a gigabyte of them."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What a list says beside its files, such as that there is a newer one: for the log, and behind the proof."""

    words: str


class FromListing(Mirrored, OfFiles):
    """What protocols have in common that ask for a list of files, and fetch those that #PATTERN chooses."""

    @classmethod
    def check_address(cls, address: str) -> str:
        """The address of a list as `check_place` wants it, with a pattern that is one."""
        front, mark, pattern = address.partition("#")
        if mark:
            Pattern(pattern.removeprefix("!"))
        return f"{cls.check_place(front.strip())}{mark}{pattern}"

    @classmethod
    def check_place(cls, place: str) -> str:
        """An address without its pattern, as the protocol wants it; ValueError where it is none of its addresses."""
        return place

    @abstractmethod
    def listing(self, visit: Visit, address: str) -> Iterable[ListedFile | Remark]:
        """All that is listed at an address, which stands here without its #PATTERN.

        ObjectFailed where the list cannot be had whole: then nothing of it counts as gone. ServerBusy, SourceChanged.
        """

    def first_listing(self, visit: Visit, address: str) -> Iterable[ListedFile | Remark]:
        """The same for an address as it is written, before anything was asked."""
        return self.listing(visit, address)

    def visit(self, visit: Visit) -> Iterator[Harvested]:
        """The lists, then every file that is new by what its list says; a file that cannot be had is Missing."""
        yield from self.take_lists(visit, {address: address for address in self.url})

    def take_lists(self, visit: Visit, addresses: Mapping[str, str]) -> Iterator[Harvested]:
        """The same for addresses as they are written -> as they are to be listed at this visit."""
        intake = Intake(self, visit)
        found: dict[tuple[str, str], tuple[str, ListedFile]] = {}
        lost = list[Missing]()
        for written, address in addresses.items():
            (known, _), (where, pattern) = split_pattern(written), split_pattern(address)
            try:
                for one in intake.chosen(known, pattern, self.listing(visit, where)):
                    if found.setdefault((one.path, one.url), (known, one))[1] != one:
                        lost.append(intake.twice(one))
            except ObjectFailed as error:
                lost.append(intake.lost(known, error))
        for missing in lost:
            found.pop((missing.key, missing.url), None)
        lists = _names_of([known for known, _ in map(split_pattern, addresses)])
        names = [((one.path, f"{lists[known]}/{one.path}"), visit.web.shown(one.url)) for known, one in found.values()]
        keys = steady_keys(names, visit.known)
        yield Listed(len(keys))
        yield from lost
        for key, (_, one) in zip(keys, found.values(), strict=True):
            yield from intake.bring(key, one)
        if lost:
            yield from intake.keep(visit.previous.keys() - keys)
        yield intake.evidence()


@dataclass(slots=True)
class Intake:
    """What came of the files of one visit so far."""

    source: FromListing
    visit: Visit
    listed: int = 0
    """Files of all lists."""
    counts: Counter[str] = field(default_factory=Counter)
    """Of those that were chosen, by what became of them."""
    remarks: list[str] = field(default_factory=list)

    def among(
        self, where: str, pattern: str, listing: Iterable[ListedFile | Remark], names: list[str]
    ) -> list[ListedFile]:
        """The files that a pattern chooses, by their paths; all others are only counted, and the first few named."""
        files = list[ListedFile]()
        for one in listing:
            if isinstance(one, Remark):
                log.warning("%s", one.words)
                self.remarks.append(one.words)
                continue
            self.listed += 1
            if len(names) <= _NAMED:
                names.append(one.path)
            if not pattern or choose([pattern], one.path) is not None:
                files.append(one)
            if len(files) > _MOST:
                raise ObjectFailed("too_large", f"{where}: chooses more than {_MOST:,} files; choose fewer by #PATTERN")
        return sorted(files, key=lambda one: (one.path, one.url))

    def chosen(self, where: str, pattern: str, listing: Iterable[ListedFile | Remark]) -> list[ListedFile]:
        """The same; no file at all is an ObjectFailed: an empty list must not take all files away."""
        before, names = self.listed, list[str]()
        files = self.among(where, pattern, listing, names)
        if not files:
            raise nothing(where, pattern, names, self.listed - before)
        return files

    def lost(self, where: str, error: ObjectFailed) -> Missing:
        """A list that could not be had."""
        self.counts["lists"] += 1
        return Missing(where, self.visit.web.shown(where), error.reason, error.detail)

    def twice(self, one: ListedFile) -> Missing:
        """A file that is listed once more, with another size or digest."""
        self.counts["missing"] += 1
        detail = f"{one.path}: is listed twice, and not alike, so which is meant nobody knows; ask the custodian"
        return Missing(one.path, one.url, "named_twice", detail)

    def keep(self, keys: Iterable[str]) -> Iterator[Unchanged]:
        """Objects of before, as they are: nobody could say that they are gone."""
        for key in sorted(keys):
            self.counts["kept"] += 1
            yield Unchanged(key)

    def unchanged(self, keys: Iterable[str]) -> Iterator[Unchanged]:
        """Objects of before, of which a list says that they are what they were."""
        for key in keys:
            self.counts["unchanged"] += 1
            yield Unchanged(key)

    def bring(self, key: str, listed: ListedFile) -> Iterator[RawObject | Unchanged | Missing]:
        """One file, if it is wanted and has changed; one that this visit shelved before it was cut off is there."""
        if self.source.ignores(key) or is_litter(key):
            self.counts["ignored" if self.source.ignores(key) else "litter"] += 1
            return
        outcome = None if key in self.visit.shelved else self._take(key, listed)
        self.counts[_WORDS[type(outcome)]] += 1
        if outcome is not None:
            yield outcome

    def _take(self, key: str, listed: ListedFile) -> RawObject | Unchanged | Missing:
        visit = self.visit
        if listed.closed or _is_no_name(listed.path):
            where = visit.web.shown(listed.url)
            if listed.closed:
                return Missing(key, where, "restricted", listed.closed)
            why = (
                f"{listed.path!r} is no name of a file; tell the custodian, or write under `ignore` what leaves it out"
            )
            return Missing(_printable(key), where, "name", why)
        before, elsewhere = visit.known.get(key), self.source.elsewhere(listed.url)
        return bring(visit, key, listed, before=before, look=self.source.survey_of, mirrors=elsewhere)

    def evidence(self, cursor: dict[str, str] | None = None) -> Evidence:
        """Whole where nothing that was chosen is missing."""
        counts = self.counts
        missing = counts["missing"] + counts["lists"]
        kept = f", {counts['kept']} kept from before" if counts["kept"] else ""
        chosen = counts.total() - counts["kept"] - counts["lists"]
        proof = (
            f"{self.listed} files listed, {chosen} chosen, {counts['whole']} came whole, "
            f"{counts['unchanged']} unchanged, {missing} missing{kept}"
        )
        left_out = {way: counts[way] for way in ("ignored", "litter") if counts[way]}
        words = "; ".join([proof, *self.remarks])
        came, where = counts["whole"] + counts["unchanged"], self.source.shown
        lists = where[0].partition("#")[0] if len(where) == 1 else f"{len(where)} lists"
        coverage = (Coverage(lists, self.listed, came),) if self.listed and not counts["lists"] else ()
        return Evidence("replace", not missing, words, cursor or {}, left_out=left_out, coverage=coverage)


_WORDS = {type(None): "whole", RawObject: "whole", Unchanged: "unchanged", Missing: "missing"}


def _is_no_name(path: str) -> bool:
    """Does it lead out of its repository, name a folder or nothing, or hold what no name of a file holds?"""
    name = clean(path)
    return name.outside or name.folder or _printable(path) != path


def _printable(text: str) -> str:
    return "".join("\ufffd" if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") else one for one in text)


def _names_of(lists: Iterable[str]) -> dict[str, str]:
    """What tells files of one address from those of another: its end, or all of it where another ends alike."""
    ends = {one: one.rstrip("/").rpartition("/")[2].rpartition(":")[2] for one in lists}
    alike = Counter(ends.values())
    return {one: end if alike[end] == 1 else re.sub("[:/]+", "~", one) for one, end in ends.items()}


def nothing(where: str, pattern: str, names: Sequence[str], listed: int) -> ObjectFailed:
    """Of a list in which no file was chosen. names: the first few that it has."""
    if not listed:
        return ObjectFailed("not_found", f"{where}: lists no file; correct the address, or ask the custodian")
    said = ", ".join(map(_printable, names[:_NAMED]))
    more = f" and {listed - _NAMED} more" if listed > _NAMED else ""
    detail = f"{where}: no file that is listed there ends like {pattern}; it has {said}{more}; correct the pattern"
    return ObjectFailed("not_found", detail)
