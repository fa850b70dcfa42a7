"""Asks for one document of IIIF, in the version that the server has whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.fetching import content_of, discard, fetch
from biglam_pipeline.harvest.paging import PAGE_BYTES
from biglam_pipeline.harvest.protocols.iiif.documents import Said, read_document
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.records import Missing, RawObject, StoredObject, Unchanged
from biglam_pipeline.web import Answer

VERSION_2 = 'application/ld+json;profile="http://iiif.io/api/presentation/2/context.json"'
"""What asks a server for that version (Presentation 2.1, 7.2 and 3.0, 6.2); of some items the other is missing or
invalid: https://github.com/internetarchive/iiif/issues/43, https://github.com/allmaps/iiif-map-collections/issues/13
"""
_TRIED_IN_VAIN = 20
"""So often in a row it is asked for before it is believed that there is none."""
Outcome = RawObject | Unchanged | Missing


@dataclass(slots=True)
class Answers:
    """The documents of one visit."""

    visit: Visit
    elsewhere: Callable[[str], Sequence[str]]
    _in_vain: int = 0

    def ask(self, url: str, *, linked: bool = True) -> tuple[Outcome, Said | None]:
        """One document, if it has changed, and what it says if it came. linked: a server named the address."""
        outcome, said = self._ask_for(url, linked=linked)
        no_more = self._in_vain >= _TRIED_IN_VAIN and self.before(url) is None  # else that may be of version 2
        if no_more or not _is_bad(outcome, said):
            return outcome, said
        second, instead = self._ask_for(url, linked=linked, accept=VERSION_2)
        if _is_bad(second, instead):
            self._in_vain += 1
            return outcome, said
        self._in_vain = 0
        return second, instead

    def ask_list(self, url: str) -> Said:
        """A page of a list. ObjectFailed where it cannot be had."""
        outcome, said = self.ask(url)
        if isinstance(outcome, Missing):
            raise ObjectFailed(outcome.reason, outcome.detail)
        if isinstance(outcome, RawObject):
            discard(outcome.path)
        if said is None:
            raise ObjectFailed("damaged", f"{url}: is a manifest, where a page of a list was due; tell the custodian")
        return said

    def before(self, url: str) -> StoredObject | None:
        """What the shelf has of an address."""
        return self.visit.known.get(self.visit.web.shown(url))

    def is_shelved(self, url: str) -> bool:
        """Whether this visit brought it before it was cut off."""
        return self.visit.web.shown(url) in self.visit.shelved

    def _ask_for(self, url: str, *, linked: bool, accept: str = "") -> tuple[Outcome, Said | None]:
        read: list[Said] = []

        def check(answer: Answer) -> None:
            try:
                read.append(read_document(content_of(answer), self.visit.web.shown(url)))
            except ObjectFailed:
                discard(answer.path)
                raise

        outcome = fetch(
            self.visit,
            self.visit.web.shown(url),
            url,
            before=self.before(url),
            expect="json",
            max_bytes=PAGE_BYTES,
            check=check,
            mirrors=self.elsewhere(url),
            linked=linked,
            accept=accept,
        )
        return outcome, read[-1] if read and not isinstance(outcome, Missing) else None


def _is_bad(outcome: Outcome, said: Said | None) -> bool:
    """Whether another version may be better."""
    if isinstance(outcome, Missing):
        return outcome.reason in ("not_found", "damaged", "refused")
    return said is not None and said.is_hollow
