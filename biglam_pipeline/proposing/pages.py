"""The network for a first look: a few pages, each asked for once."""

from collections.abc import Collection, Iterable
from pathlib import Path

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.web import Answer, Expect, Web

MOST_PAGES = 3
MOST_BYTES = 200_000_000
"""Of one page: what is larger is harvested, and not looked at."""
ENOUGH = "enough"
"""The reason of what is not asked for any more."""


class FewPages(Web):
    """A guest of some hosts who asks for so many pages; one that was had is not asked for again."""

    def __init__(self, web: Web, most: int = MOST_PAGES) -> None:
        """web: a guest, whose doors, gate and visit it shares."""
        self.__dict__.update(web.__dict__)
        self._left = most
        self.answers: dict[str, Answer] = {}
        """By the address that was asked."""

    def goes_to(self, addresses: Iterable[str]) -> None:
        """From now on it is the guest of these hosts."""
        guest = self.visiting(addresses)
        self._visiting, self._exchange = guest._visiting, guest._exchange

    @property
    def is_spent(self) -> bool:
        """Whether nothing more is asked."""
        return not self._left

    def get(
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        expect: Expect = "any",
        into: Path | None = None,
        max_bytes: int | None = None,
        also_status: Collection[int] = (),
        linked: bool = False,
        parts: Path | None = None,
        accept: str = "",
        was: str = "",
    ) -> Answer:
        """See `Web.get`; ObjectFailed of reason ENOUGH once all pages are spent."""
        del parts  # what is left of a look is of no use to a run
        if url in self.answers:
            return self.answers[url]
        if self.is_spent:
            raise ObjectFailed(ENOUGH, f"{self.shown(url)}: was not asked for: a first look takes {MOST_PAGES} pages")
        self._left -= 1
        answer = super().get(
            url,
            etag=etag,
            last_modified=last_modified,
            expect=expect,
            into=into,
            max_bytes=min(MOST_BYTES, max_bytes or MOST_BYTES),
            also_status=also_status,
            linked=linked,
            accept=accept,
            was=was,
        )
        self.answers[url] = answer
        return answer
