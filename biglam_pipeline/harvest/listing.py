"""Files that a repository lists, for whoever lists: choosing among them, what has not changed, checksums, evidence."""

import hashlib
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.fetching import blocks_of, discard, fetch
from biglam_pipeline.harvest.harvester import OfFiles, OnTheWeb, split_pattern, unique_keys
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.patterns import choose
from biglam_pipeline.records import Evidence, Harvested, Listed, Missing, RawObject, StoredObject, Unchanged
from biglam_pipeline.web import Answer

_LISTED = "listed "
"""How a version that a list gave begins among validators: no server's ETag does (RFC 9110, 8.8.3: it is in quotes)."""
_NAMED = 3
"""Files that a message names where a pattern chooses none."""
_TRIES = 2
"""Where a checksum differs: a transfer may have gone wrong once. Twice, and it is the file, or the list."""


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One file, as a list has it."""

    path: str
    """In its repository: the file's key."""
    url: str
    """Where it is had."""
    version: str = ""
    """What is another once the bytes are: a digest, or size and time. Empty where the list says nothing of the kind:
    then its server is asked, by the validators that it gave."""
    size: int | None = None
    digest: str = ""
    """`md5:…`, `sha1:…`, `sha256:…` in hexadecimal, held against what comes; empty where the list has none."""


class FromListing(OnTheWeb, OfFiles):
    """What protocols have in common that ask for a list of files, and fetch those that #PATTERN chooses."""

    @abstractmethod
    def listing(self, visit: Visit, address: str) -> Iterable[ListedFile]:
        """All that is listed at an address, which stands here without its #PATTERN.

        ObjectFailed where the list cannot be had whole: then nothing of it counts as gone. ServerBusy, SourceChanged.
        """

    def visit(self, visit: Visit) -> Iterator[Harvested]:
        """The lists, then every file that is new by what its list says; a file that cannot be had is Missing."""
        found = _Found()
        for address in self.url:
            self._list(visit, address, found)
        keys = unique_keys((one.path, f"{_last(where)}/{one.path}") for where, one in found.files)
        yield Listed(len(keys))
        yield from found.missing
        counts = Counter(missing=len(found.missing))
        for key, (_, one) in zip(keys, found.files, strict=True):
            if self.ignores(key):
                counts["ignored"] += 1
                continue
            outcome = None if key in visit.shelved else self._take(visit, key, one)
            counts[_WORDS[type(outcome)]] += 1
            if outcome is not None:
                yield outcome
        proof = (
            f"{found.listed} files listed, {len(keys)} chosen, {counts['whole']} came whole, "
            f"{counts['unchanged']} unchanged, {counts['missing']} missing"
        )
        left_out = {"ignored": counts["ignored"]} if counts["ignored"] else {}
        yield Evidence("replace", complete=not counts["missing"], proof=proof, left_out=left_out)

    def _list(self, visit: Visit, address: str, found: "_Found") -> None:
        """What of an address is chosen; nothing at all is Missing too: an empty list must not take all files away."""
        where, pattern = split_pattern(address)
        listed, chosen = list[ListedFile](), list[ListedFile]()
        try:
            listed = sorted(self.listing(visit, where), key=lambda one: one.path)
            chosen = [one for one in listed if not pattern or choose([pattern], one.path) is not None]
            if not chosen:
                raise ObjectFailed("not_found", _nothing(where, pattern, listed))
        except ObjectFailed as error:
            found.missing.append(Missing(where, visit.web.shown(where), error.reason, error.detail))
        found.listed += len(listed)
        found.files += [(where, one) for one in chosen]

    def _take(self, visit: Visit, key: str, listed: ListedFile) -> RawObject | Unchanged | Missing:
        before, version = visit.previous.get(key), f"{_LISTED}{listed.version}" if listed.version else ""
        if before is not None and version and before.etag == version and _is_the_same(before, listed, visit):
            return Unchanged(key)
        if before is not None and (version or before.etag.startswith(_LISTED)):
            before = replace(before, etag="", last_modified="")  # no server knows it
        outcome: RawObject | Unchanged | Missing = Missing(key, listed.url, "damaged", "was not asked for")
        for _ in range(_TRIES):
            outcome = fetch(
                visit, key, listed.url, before=before, look=self.survey_of, check=partial(hold_against, listed)
            )
            if not (isinstance(outcome, Missing) and outcome.reason == "checksum"):
                break
        if version and not isinstance(outcome, Missing):
            return replace(outcome, etag=version, last_modified="")
        return outcome


_WORDS = {type(None): "whole", RawObject: "whole", Unchanged: "unchanged", Missing: "missing"}


@dataclass(slots=True)
class _Found:
    """What all addresses together list."""

    files: list[tuple[str, ListedFile]] = field(default_factory=list)
    """Each with the address that lists it."""
    missing: list[Missing] = field(default_factory=list)
    listed: int = 0


def hold_against(listed: ListedFile, answer: Answer) -> None:
    """ObjectFailed where what came is not what was listed, by its length or its digest. A digest is believed first: of
    files that are kept compressed some lists give the other length.
    """
    name, _, due = listed.digest.partition(":")
    if due:
        digest = hashlib.new(name, usedforsecurity=False)
        for block in blocks_of(answer):
            digest.update(block)
        found = digest.hexdigest()
        if found == due.lower():
            return
        said = f"its {name} is {found}, and its list says {due}"
    elif listed.size is None or listed.size == answer.size:
        return
    else:
        said = f"{answer.size} bytes came, and its list says {listed.size}"
    discard(answer.path)
    raise ObjectFailed("checksum", f"{answer.url}: {said}; it is asked for again at the next visit. Tell the custodian")


def _is_the_same(before: StoredObject, listed: ListedFile, visit: Visit) -> bool:
    """A digest is the same wherever it lies; a size and a time are of one place."""
    return bool(listed.digest) or before.url == visit.web.shown(listed.url)


def _last(where: str) -> str:
    """What tells files of one address from those of another."""
    return where.rstrip("/").rpartition("/")[2].rpartition(":")[2]


def _nothing(where: str, pattern: str, listed: list[ListedFile]) -> str:
    if not listed:
        return f"{where}: lists no file; correct the address, or ask the custodian"
    names = ", ".join(one.path for one in listed[:_NAMED])
    more = f" and {len(listed) - _NAMED} more" if len(listed) > _NAMED else ""
    return f"{where}: no file that is listed there ends like {pattern}; it has {names}{more}; correct the pattern"
