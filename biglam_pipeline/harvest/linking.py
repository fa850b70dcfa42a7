"""Follows what rows point to, once the protocol has brought all that it lists: each address once, politely, in waves.

A wave's answers may name the next: a list names an object, and the object its picture. What came is shelved under the
key of its link. A link that was fetched is asked again once in MONTH_DAYS, each on a day of its own: a hundred
thousand pictures are three thousand conditional requests a night then, and not all of them.
"""

import logging
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import orjson

from biglam_pipeline.errors import (
    AddressBusy,
    ConfigError,
    HostDown,
    HostGone,
    ObjectFailed,
    RunBusy,
    ServerBusy,
    SourceChanged,
)
from biglam_pipeline.harvest.fetching import content_of, discard, head_of, object_of
from biglam_pipeline.harvest.image_service import is_service, picture_at
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.links import REFUSED, SHELF, UNANSWERED, Link
from biglam_pipeline.patterns import is_ignored
from biglam_pipeline.records import Harvested, Missing, RawObject, StoredObject, Unchanged
from biglam_pipeline.secrecy import REMOVED
from biglam_pipeline.store import disk
from biglam_pipeline.store.followed import Failing
from biglam_pipeline.store.raw_listing import Listing
from biglam_pipeline.web import Answer
from biglam_pipeline.web.answer import is_page
from biglam_pipeline.web.retry import COME_BACK_SECONDS

log = logging.getLogger(__name__)

MONTH_DAYS = 30
DEAD_CHECKS, DEAD_DAYS = 3, 7
"""A link that was there is dead once so many visits were told so, the last of them so many days after the first."""
DEEPEST = 8
"""Waves at most: so deep a `with` may point from what it points to."""
IN_A_ROW = 5
"""Links of one host that are refused, or that it fails to answer, one after the other: then it is left alone."""
FILE_BYTES = 64 * 2**20
"""Of what is no picture: a record of an object, a text."""
ALIKE = 10
"""From so many links on that show the same bytes, a placeholder is reported."""
_GONE, _BUSY = "unreachable", "busy"
_WAITED_FOR = {_GONE: 404, _BUSY: UNANSWERED}
"""What a night may mend -> the status of a link for which none did."""
_INFO_BYTES = 4 * 2**20
_STATUS = {"not_found": 404, "gone": 410, "too_large": 413, "refused": REFUSED}
_EMPTY = disk.digest_bytes(b"")


class Pointing(NamedTuple):
    """How links are found, as the pipeline hands it in: the harvest knows no reader."""

    links_of: Callable[[Listing], Generator[Link]]
    """What the rows of these objects point to, as far as these objects say."""
    waves: int
    """How many links may lead from a row to the last of them."""


def _named(pointing: Pointing, objects: Listing, faults: list[str]) -> Generator[Link]:
    """The links of these objects. faults: gets what is wrong, where the files are not what the entry says."""
    try:
        with closing(pointing.links_of(objects)) as links:
            yield from links
    except (SourceChanged, ConfigError) as why:
        faults.append(str(why))


@dataclass(slots=True)
class Follower:
    """The links of one visit."""

    visit: Visit
    held: Mapping[str, StoredObject]
    """What came from links at the visit before."""
    shelved: Mapping[str, StoredObject]
    """And at this one, before it was cut off."""
    failing: dict[str, Failing]
    is_gone: Callable[[StoredObject], bool]
    """Whether nothing was left of it, since its row was taken down: another that points there has it asked for."""
    since: datetime | None
    """When links were followed last; None where they never were."""
    ignored: tuple[str, ...] = ()
    counts: Counter[str] = field(default_factory=Counter)
    met: set[str] = field(default_factory=set)
    _streak: Counter[str] = field(default_factory=Counter)
    _down: set[str] = field(default_factory=set)
    """Hosts that had only errors for link after link: nothing more is asked of them tonight."""
    _shown: Counter[str] = field(default_factory=Counter)

    def in_waves(self, pointing: Pointing, objects: Callable[[], Listing]) -> Iterator[Harvested]:
        """All of them. objects: what is shelved by now, with what came from the wave before."""
        faults = list[str]()
        for _ in range(min(pointing.waves, DEEPEST)):
            before = len(self.met)
            with closing(_named(pointing, objects(), faults)) as links:
                yield from self.follow(links)
            if len(self.met) == before or faults:
                break
        yield from (Missing(SHELF, "", "links", f"what rows point to is not known: {why}") for why in faults[:1])

    def keep_rest(self) -> Iterator[Harvested]:
        """What nobody names tonight, of a visit that is not whole: what did not come may name it. Its day may be today:
        then it is asked for once it is named again.
        """
        for key in self.held:
            if key not in self.met:
                if self._is_due(key):
                    self.failing.setdefault(key, Failing(self.visit.opened_at.isoformat(), 0))
                yield Unchanged(key)

    @property
    def still_failing(self) -> dict[str, Failing]:
        """Of what is named, or may be."""
        return {key: one for key, one in self.failing.items() if key in self.met or key in self.held}

    def follow(self, links: Iterable[Link]) -> Iterator[Harvested]:
        """What comes of those that were not met before; of what failed the last time at the end, each visit in another
        order: where a host is left alone after some in a row, it shall not be before the same ones.
        """
        failed = list[Link]()
        for link in links:
            if link.key in self.met:
                continue
            self.met.add(link.key)
            self.counts["links"] += 1
            if link.key in self.failing:
                failed.append(link)
            else:
                yield from self._follow(link)
        failed.sort(key=lambda link: disk.digest_bytes(f"{self.visit.number} {link.key}".encode()))
        for link in failed:
            yield from self._follow(link)

    def _follow(self, link: Link) -> Iterator[Harvested]:
        for found in self._one(link):
            self._count(found, link)
            yield found
            if isinstance(found, Missing) and link.key in self.held:  # so that it need not come whole once more
                self.failing.setdefault(link.key, Failing(self.visit.opened_at.isoformat(), 0))
                yield Unchanged(link.key)

    def keep_all(self) -> Iterator[Harvested]:
        """All that came before, where nothing that names links has changed and no link is due."""
        self.counts["links"] += len(self.held)
        yield from map(Unchanged, self.held)

    @property
    def nothing_is_due(self) -> bool:
        """Whether no link is asked again at this visit."""
        return not self.failing and not any(map(self._is_due, self.held))

    @property
    def proof(self) -> str:
        """What became of the links, in words."""
        words = [f"{count} {word}" for word, count in sorted(self.counts.items()) if word != "links"]
        same = [f"{count} show the same picture" for sha256, count in self._shown.items() if count >= ALIKE]
        return f"{self.counts['links']} links followed" + "".join(f", {one}" for one in [*words, *same])

    def _count(self, found: Harvested, link: Link) -> None:
        if isinstance(found, Missing):
            self.counts["missing"] += 1
        elif isinstance(found, RawObject):
            word = "fetched" if found.status == 200 else f"dead (HTTP {found.status})"
            self.counts[word if found.status != REFUSED else "refused"] += 1
            if link.picture and found.status == 200:
                self._shown[found.sha256] += 1
                if self._shown[found.sha256] == ALIKE:
                    shown = self.visit.web.shown(link.url)
                    log.warning("%s: %d links show the same picture: a placeholder?", shown, ALIKE)

    def _one(self, link: Link) -> Iterator[Harvested]:
        before, parts = self.held.get(link.key), urlsplit(link.url)
        before = None if before is not None and self.is_gone(before) else before
        if link.key in self.shelved:
            return
        if is_ignored(self.ignored, f"{parts.netloc}{parts.path}"):
            self.counts["ignored"] += 1
        elif before is not None and link.key not in self.failing and not self._is_due(link.key):
            yield Unchanged(link.key)
        else:
            yield self._asked(link, before, parts.netloc)

    def _asked(self, link: Link, before: StoredObject | None, host: str) -> Harvested:
        """What became of it. SourceChanged or ServerBusy where the host asks to be left alone."""
        if host in self._down:
            return self._failed(link, before, _BUSY, f"{link.url}: its host has only errors tonight; run again")
        try:
            found = self._fetched(link, before)
        except ObjectFailed as error:
            return self._failed(link, before, error.reason, error.detail)
        except HostGone as error:
            self.visit.gone.add(host)
            return self._failed(link, before, _GONE, str(error))
        except SourceChanged as error:
            if not error.status:
                raise
            self._count_in_a_row(host, error)
            self._is_dead_by_now(link.key)
            return self._gave_nothing(link, before, error.status)
        except ServerBusy as error:
            of_link = isinstance(error, AddressBusy | HostDown) or error.retry_after_seconds == COME_BACK_SECONDS
            if isinstance(error, RunBusy) or not of_link or error.asked:
                raise  # it says when to come back, or the visit is over
            self._streak[host] += 1
            if isinstance(error, HostDown) or self._streak[host] >= IN_A_ROW:
                self._down.add(host)
            return self._failed(link, before, _BUSY, f"{error}; where that stays so, `ignore` leaves it out")
        self.failing.pop(link.key, None)
        self._streak[host] = 0
        return found

    def _count_in_a_row(self, host: str, error: SourceChanged) -> None:
        self._streak[host] += 1
        if self._streak[host] >= IN_A_ROW:
            raise error

    def _is_due(self, key: str) -> bool:
        """Whether its own moment of the month lies between the visit before and this one."""
        if self.since is None:
            return True
        month = MONTH_DAYS * 86400
        own = int(disk.digest_bytes(key.encode())[:12], 16) % month
        return (self.since.timestamp() - own) // month != (self.visit.opened_at.timestamp() - own) // month

    # --- asking ---

    def _fetched(self, link: Link, before: StoredObject | None) -> RawObject | Unchanged:
        before = before if before is not None and before.status == 200 else None
        if urlsplit(link.url).netloc in self.visit.gone:
            raise ObjectFailed(_GONE, f"{link.url}: its host does not answer tonight; run again")
        url = self._chosen(link, before)
        try:
            answer = self._ask(link, url, before)
        except ObjectFailed:
            if not link.service or before is None:
                raise
            before, url = None, self._of_service(link)  # the service may allow another size by now
            answer = self._ask(link, url, None)
        if answer.status == 304 and before is not None:
            return Unchanged(link.key, answer.etag, answer.last_modified)
        if link.service and before is not None and before.sha256 != answer.sha256:
            now = self._of_service(link)
            if now != url:  # another picture, of other proportions or larger: the size of before would bend it
                discard(answer.path)
                before, url = None, now
                answer = self._ask(link, url, None)
        if not answer.size or is_page(head_of(answer)):
            discard(answer.path)
            due, came = "a picture" if link.picture else "data", "a web page" if answer.size else "nothing"
            raise ObjectFailed("wall", f"{url}: {came} came where {due} was due; open the address in a browser")
        if before is not None and before.sha256 == answer.sha256:
            discard(answer.path)
            return Unchanged(link.key, answer.etag, answer.last_modified)
        return self._shelved(link, answer)

    def _chosen(self, link: Link, before: StoredObject | None) -> str:
        """Of an image service the address of the size that was chosen, at once where it was before."""
        if not link.service:
            return link.url
        return before.url if before is not None and REMOVED not in before.url else self._of_service(link)

    def _ask(self, link: Link, url: str, before: StoredObject | None) -> Answer:
        return self.visit.web.get(
            url,
            etag=before.etag if before else "",
            last_modified=before.last_modified if before else "",
            expect="json" if link.json else "any",
            into=self.visit.scratch,
            max_bytes=link.max_bytes or FILE_BYTES,
            linked=True,
        )

    def _shelved(self, link: Link, answer: Answer) -> RawObject:
        """A picture is a file of its own, so that one is opened, or taken down, without the others."""
        found = object_of(link.key, answer)
        if not link.picture or found.path is not None:
            return found
        path = self.visit.scratch / f"link-{answer.sha256}"
        disk.write_stream(path, [answer.content or b""])
        return replace(found, content=None, path=path)

    def _of_service(self, link: Link) -> str:
        """Where a picture of the right size is; the address itself, where there is no image service."""
        try:
            answer = self.visit.web.get(
                f"{link.url}/info.json", expect="json", into=self.visit.scratch, max_bytes=_INFO_BYTES, linked=True
            )
            content = content_of(answer)
            discard(answer.path)
            said = orjson.loads(content)
        except orjson.JSONDecodeError as why:
            if content.lstrip().startswith(b"{"):  # the address of a service leads there: it would be the picture then
                detail = f"{link.url}/info.json: came cut, or is no JSON ({why}); run again, then tell the custodian"
                raise ObjectFailed("damaged", detail) from why
            return link.url
        except (ObjectFailed, SourceChanged) as why:
            if isinstance(why, SourceChanged) and not why.status:
                raise
            shown = self.visit.web.shown(link.url)
            log.info("%s is taken for the address of a picture: no image service answers there (%s)", shown, why)
            return link.url
        return picture_at(link.url, said, link.max_side) if is_service(said) else link.url

    # --- what did not come ---

    def _failed(self, link: Link, before: StoredObject | None, reason: str, detail: str) -> Harvested:
        """A host that is gone, or ill, may be well tomorrow; once it is certain, its links are dead like others."""
        status, later = _STATUS.get(reason), _WAITED_FOR.get(reason)
        if (status is not None or later is not None) and self._is_dead_by_now(link.key):
            status = status or later
        elif later is not None and before is not None and before.status == later:
            status = later  # it was certain before
        if status is not None:
            return self._gave_nothing(link, before, status)
        return Missing(link.key, self.visit.web.shown(link.url), reason, self.visit.web.shown(detail))

    def _is_dead_by_now(self, key: str) -> bool:
        """Notes that it failed once more."""
        now, noted = self.visit.opened_at, self.failing.get(key)
        self.failing[key] = noted = noted.again() if noted and noted.checks else Failing(now.isoformat(), 1)
        return self._is_dead(noted)

    def _is_dead(self, noted: Failing) -> bool:
        return noted.checks >= DEAD_CHECKS and noted.days(self.visit.opened_at) >= DEAD_DAYS

    def _gave_nothing(self, link: Link, before: StoredObject | None, status: int) -> Harvested:
        """Shelves that nothing is there. What was there before stays until that is certain; errors are never."""
        dead = self._is_dead(self.failing[link.key])
        stays = before is not None and before.status == 200 and status == UNANSWERED
        if (dead and not stays) or status == REFUSED:
            self.failing.pop(link.key)
        if before is not None and (before.status == status or (before.status == 200 and (stays or not dead))):
            self.counts[f"not there today (HTTP {status})" if before.status == 200 else f"dead (HTTP {status})"] += 1
            return Unchanged(link.key)
        shown = self.visit.web.shown(link.url)
        return RawObject(link.key, shown, self.visit.web.now(), _EMPTY, 0, content=b"", status=status)
