"""Files at web addresses: dumps, tables and archives, each asked for only if it has changed.

Conditional requests: https://www.rfc-editor.org/rfc/rfc9110#section-13
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import model_validator

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.harvester import (
    Offered,
    OfFiles,
    is_list,
    local_path,
    require_web_address,
    split_pattern,
)
from biglam_pipeline.harvest.keys import steady_keys
from biglam_pipeline.harvest.listed import bring
from biglam_pipeline.harvest.mirrors import Mirrored
from biglam_pipeline.harvest.protocols.files.lists import Chosen, digest_at, fits, from_file, from_list, further
from biglam_pipeline.harvest.protocols.files.places import Wanted, one_wanted
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.patterns import choose
from biglam_pipeline.records import Evidence, Harvested, Listed, Missing, RawObject, StoredObject, Unchanged
from biglam_pipeline.settings import Accounts
from biglam_pipeline.store import disk
from biglam_pipeline.web import Answer

_LOCAL = "file:"
_ONE_FILE = re.compile(r"\.(zip|gz|tgz|bz2|xz|tar|7z|rar|pdf|jpe?g|png|tiff?|jp2|gif|webp|parquet|xlsx|mrc|marc|pica)")
"""What lists nothing (`web.naming.DATA_SUFFIX`, without text and markup)."""


class Files(Mirrored, OfFiles):
    """One or more files, each at an address of its own, or in a list of addresses."""

    addresses: ClassVar[Mapping[str, str]] = {
        "https://…`, `http://…": "one file: a table, a document, an archive. A ZIP or TAR is read as a folder",
        "https://…#PATTERN": "the files that fit the pattern among the links of a web page (an index of a server, or "
        "one made by hand), the lines of a text list, or a site map",
        "file:LIST.txt#PATTERN": "the addresses that fit the pattern in a list on this machine (.txt, .lst, .list, "
        ".url, .urls, .html), relative to the sources file",
    }
    notes: ClassVar[str] = (
        "A list has one address a line, relative ones too; blank lines and what stands behind `#` are remarks. A line "
        "of `sha256sum` or `md5sum` (`DIGEST  NAME`, with `--tag` or without), of BagIt's `fetch.txt`, or one of "
        "columns with a checksum says the checksum of its file: what comes is held against it, and not asked for again "
        "while it stays. So does a `NAME.sha256` (`.sha512`, `.sha1`, `.md5`) that is listed beside NAME.\n\n"
        "Of a page, one level is looked into: folders are counted and named, and not followed. Links to the page "
        "itself and to folders above it are no files; links to other hosts count where they end in a kind of file that "
        "is no web page. No host that only a list names is sent `headers`, and none may be private. Session ids and "
        "what stands behind `#` are taken off. A list that cannot be had, is cut, or names nothing takes no file away: "
        "the harvest is not whole, and what is on the shelf stays."
    )
    accounts: ClassVar[Accounts] = Accounts(
        "addresses that came whole, are unchanged, ignored or missing; members of archives likewise",
        "the addresses of the entry and of its lists; Content-Length; published checksums (RFC 9530, lists, files "
        "beside); central directory of a ZIP, headers of a TAR, their checksums",
        "a file that does not come whole, a list that cannot be had or read, or a member that cannot be read, is "
        "missing: the harvest is not whole",
    )
    type: Literal["files"] = "files"
    """Files at web addresses."""

    @classmethod
    def claims(cls, address: str) -> bool:
        """A list of web addresses that lies beside the sources file."""
        return address.startswith(_LOCAL) and is_list(address.removeprefix(_LOCAL))

    @classmethod
    def check_address(cls, address: str) -> str:
        """http(s), or a local list; the pattern must be one."""
        front, pattern = split_pattern(address)
        if pattern:
            choose([pattern], "")  # refuses what is not a pattern
        if address.startswith(_LOCAL):
            if not is_list(address.removeprefix(_LOCAL)):
                raise ValueError(f"{address}: is no list of web addresses; write file:LIST.txt#PATTERN")
            return f"{_LOCAL}{local_path(front.removeprefix(_LOCAL))}#{pattern}"
        require_web_address(front)
        if "*" in urlsplit(front).path:
            place, star = front.split("*")[0].rpartition("/")[0], front.rpartition("/")[2]
            raise ValueError(f"{address}: a pattern stands behind #; write {place}/#{star}, or %2A for a star")
        if pattern and _ONE_FILE.fullmatch(PurePosixPath(urlsplit(front).path).suffix.casefold()):
            inside = pattern.replace('"', "")
            raise ValueError(
                f"{address}: is one file, and lists nothing; leave #{pattern} out, and choose what is inside by "
                f'normalize: {{files: "{inside}"}}'
            )
        return f"{front}#{pattern}" if pattern else front

    @model_validator(mode="after")
    def _headers_have_a_host(self) -> Self:
        if self.headers and not self.begins_at:
            raise ValueError("headers go to hosts that the entry names, and it names none; name one of the addresses")
        return self

    @property
    def begins_at(self) -> tuple[str, ...]:
        """See Harvester: what a local list names is found out later."""
        return tuple(address for address in self.url if not address.startswith(_LOCAL))

    def _lists(self) -> list[str]:
        """The paths of the local ones."""
        return [split_pattern(one.removeprefix(_LOCAL))[0] for one in self.url if one.startswith(_LOCAL)]

    def edited_at(self, base: Path) -> float:
        """Of the local lists: they lie here, and what they name does not."""
        found = filter(None, (disk.look(base / one) for one in self._lists()))
        return max((one.modified_ns / 1e9 for one in found), default=0.0)

    def offers(self, base: Path) -> Offered | None:
        """Whether the local lists are there."""
        lists = self._lists()
        if not lists:
            return None
        gone = [base / one for one in lists if disk.look(base / one) is None]
        return Offered(faults=[f"there is no {one}; correct the path, or write the list" for one in gone])

    def visit(self, visit: Visit) -> Iterator[Harvested]:
        """The lists, then one conditional request a file; what cannot be had is Missing, and the next is asked for."""
        found = self._chosen(visit)
        keys = steady_keys([(one.names, visit.web.shown(one.file.url)) for one in found.files], visit.known)
        counts = Counter({RawObject: 0, Unchanged: 0, Missing: len(found.missing)})
        previous, shelved = _by_address(visit.known), _by_address(visit.shelved)
        ignored, met, mine = 0, set(visit.shelved), set(self.shown)
        yield Listed(len(keys))
        yield from found.missing
        for key, wanted in zip(keys, found.files, strict=True):
            url = visit.web.shown(wanted.file.url)
            if self.ignores(key):
                ignored += 1
            elif key in visit.shelved or _is_named(shelved.get(url), key):
                counts[RawObject] += 1
            else:
                known = previous.get(url, "")
                outcome = self._take(visit, key, wanted, visit.known.get(known) if _is_named(known, key) else None)
                met.add(outcome.key)
                counts[type(outcome)] += 1
                yield outcome
        for key, held in visit.previous.items():  # of a list that could not be had, nothing is gone
            if key not in met and held.url not in mine and any(fits(pattern, held.url) for pattern in found.lost):
                yield Unchanged(key)
        proof = (
            f"{len(keys)} files asked for, {counts[RawObject]} came whole, {counts[Unchanged]} unchanged, "
            f"{counts[Missing]} missing"
        )
        if any("#" in address for address in self.url):
            folders = f", {len(found.folders)} folders not looked into" if found.folders else ""
            proof = f"{found.listed} files listed{folders}; {proof}"
        left_out = {"ignored": ignored} if ignored else {}
        yield Evidence("replace", complete=not counts[Missing], proof=proof, left_out=left_out)

    def _chosen(self, visit: Visit) -> Chosen:
        """What all addresses together stand for."""
        found, mine = Chosen(), set(self.shown)
        alone = len({urlsplit(address).netloc for address in self.begins_at}) == 1
        held = partial(filter, lambda one: one.url not in mine, visit.previous.values())
        for address in self.url:
            where, pattern = split_pattern(address)
            if address.startswith(_LOCAL):
                found.add(from_file(visit, where.removeprefix(_LOCAL), pattern))
            elif pattern:
                chosen = from_list(visit, where, pattern, elsewhere=self.elsewhere(where), held=held, alone=alone)
                found.add(chosen)
            else:
                found.add(Chosen([one_wanted(where)]))
        named = {split_pattern(address)[0] for address in self.url}
        found.missing += [further(visit, *pages) for pages in found.following.items() if pages[1] not in named]
        return found

    def _take(
        self, visit: Visit, key: str, wanted: Wanted, known: StoredObject | None
    ) -> RawObject | Unchanged | Missing:
        """known: what the shelf has of the address, under the name that its server gave it."""
        file, url = wanted.file, visit.web.shown(wanted.file.url)
        before = visit.known.get(key) or known
        if before is not None and before.url != url and not file.digest:
            before = None  # a file of that name, at another place
        if wanted.sum_at and not self.ignores(f"{key}{wanted.sum_at.removeprefix(file.url)}"):
            try:
                file = digest_at(visit, wanted)
            except ObjectFailed as error:
                where = PurePosixPath(urlsplit(wanted.sum_at).path).suffix
                why = f"{error.detail}. It is the checksum that is listed beside {key}: tell the custodian, or write "
                return Missing(key, url, error.reason, f"{why}`ignore: '*{where}'` to do without")
        return bring(
            visit,
            key,
            file,
            before=before,
            look=self.survey_of,
            named=partial(_named, key, before),
            mirrors=self.elsewhere(file.url),
            linked=wanted.linked,
        )


def _by_address(objects: Mapping[str, StoredObject]) -> dict[str, str]:
    """Address -> key."""
    return {held.url: held.key for held in objects.values()}


def _is_named(found: str | None, key: str) -> bool:
    """Is this the key, with the name behind it that its server gave the object?"""
    return found is not None and found.rpartition("/")[0] == key


def _named(key: str, before: StoredObject | None, answer: Answer) -> str:
    """The key with the file's own name behind it, where the address does not end in one: readers go by names.

    A name that only counts on, as `export-2026-11-25.csv` does, stays what it was, and so does one that is not said
    again: ids may be made of it.
    """
    if before is not None and PurePosixPath(answer.name).suffix in ("", PurePosixPath(before.key).suffix):
        return before.key
    if not answer.name:
        return key
    return f"{key}/{answer.name}"
