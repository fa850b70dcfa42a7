"""Reads web archives: a record that holds a page or a text is a row, and every other one is counted as what it is.

WARC (ISO 28500:2017): https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

from biglam_pipeline.columns import Modality
from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.formats.warc.blanking import left_of
from biglam_pipeline.normalize.formats.warc.contents import MAY_BE_ROWS, Content, content_of, count_rows, why_none
from biglam_pipeline.normalize.mapping.paths import FactsOnly, PathLanguage
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.parsing.counted import AtLeast, added
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.warc.framing import Spoiled, WarcRecord, read_records
from biglam_pipeline.place import Place
from biglam_pipeline.records import Bundle, Item, Record, Reject, Unmapped
from biglam_pipeline.settings import Accounts

_READ = "html-text/1"
_MOST_KINDS = 100
"""So many kinds of what is no row are told apart: a hostile file may name a million media types."""


class Warc(Reader):
    """A page or a text in a web archive is a row; a VALUE is a fact (`$target`, `$status`, `$media_type`)."""

    type: Literal["warc"] = "warc"
    """Web archives (WARC 1.0 and 1.1), packed record by record, as a whole, or not at all."""
    records: Literal["text", "all"] = "text"
    """Which records are rows: answers of status 2xx, resources and conversions that are HTML or plain text; or with
    `all` every answer, resource, conversion and revisit, whatever it holds, for `where` to choose from."""

    accounts: ClassVar[Accounts] = Accounts(
        "records of type response, resource or conversion that are HTML or plain text, of answers those of status 2xx",
        "the same records as warcio frames them",
        "a record of a wrong length, or whose digest is another, is a reject; all others are counted by their type",
    )
    version: ClassVar[int] = 3
    tells_origin: ClassVar[bool] = True
    extensions: ClassVar[tuple[str, ...]] = (".warc", ".warc.gz", ".arc", ".arc.gz")
    path_language: ClassVar[PathLanguage] = FactsOnly()
    default_modality: ClassVar[Modality] = "text"
    record_format: ClassVar[str] = "warc"
    own_facts: ClassVar[tuple[str, ...]] = (
        *("target", "captured", "status", "media_type", "warc_type", "refers_to", "modified", "server_language"),
    )
    guessed_from: ClassVar[tuple[str, ...]] = ("warc",)
    called: ClassVar[tuple[str, ...]] = ("web_archive", "webarchive", "heritrix", "iso28500")
    blanks: ClassVar[bool] = True
    reads_beginnings: ClassVar[bool] = True
    notes: ClassVar[tuple[str, str]] = (
        (
            "A VALUE is a `$NAME` or a constant: `$target` is the address that was asked, `$captured` when (WARC-Date, "
            "which fills `date_raw` too, with `date_type: captured`), `$status`, `$media_type`, `$warc_type`, "
            "`$refers_to` the record that a revisit or conversion repeats, `$modified` and `$server_language` what the "
            "server said: `where: {$target: https://example.org/news/1}`. A row is named by its WARC-Record-ID."
        ),
        (
            "The text of HTML is what a browser would show, a line for each block, menus and all; `title` is its "
            "`<title>`, a language that `<html lang>` names fills `languages`. Its encoding is found as that of every "
            "text, the word of the server or of `<meta>` for a hint. What a page says of its licence (rel=license, "
            "`<meta>` named like rights, RDFa, microdata) is heard as its own statement. WARC-Block-Digest is "
            "verified: a record that is another is a reject; WARC-Payload-Digest, which tools take of different bytes, "
            "is counted where it differs. Requests, metadata, revisits, robots.txt, what a crawler says of itself and "
            "what is no text are counted. ARC, the format before, is refused: `warcio recompress` makes WARC of it."
        ),
    )

    def cut(self, item: Item) -> Iterator[Found]:
        """Record after record, one at a time in memory."""
        counted: Counter[str] = Counter()
        problems: Counter[str] = Counter()
        with item.open() as stream:
            for found in read_records(stream, may_end=not item.whole):
                if isinstance(found, Spoiled):
                    yield from self._spoiled(found, item, counted)
                elif why := self._why_none(found):
                    _count(counted, why)
                    problems.update(found.problems)
                else:
                    yield self._row(found, item)
        yield Unmapped(0, dict(counted), problems=tuple(problems.elements()))

    def _spoiled(self, found: Spoiled, item: Item, counted: Counter[str]) -> Iterator[Found]:
        kind = found.fields.get("warc-type", "").casefold()
        if kind and kind not in self._types:
            _count(counted, f"spoiled records of type {kind[:40]}")
            return
        yield Reject(found.reason, found.detail, item.name, str(Place("record", found.number)))

    @property
    def _types(self) -> frozenset[str]:
        return MAY_BE_ROWS | ({"revisit"} if self.records == "all" else set())

    def _why_none(self, record: WarcRecord) -> str:
        """What a record is that is no row; empty for one that is."""
        kind = record.fields.get("warc-type", "").casefold()
        if kind not in self._types:
            return f"records of type {kind[:40] or 'none'}"
        return "" if self.records == "all" else why_none(record)

    def _row(self, record: WarcRecord, item: Item) -> Found:
        place = Place("record", record.number)
        name = record.fields.get("warc-record-id", "").strip("<> ")
        try:
            content = content_of(record, every=self.records == "all")
        except Unreadable as trouble:
            return Reject(trouble.reason, trouble.detail, item.name, f"{place} {name}".strip())
        columns = {column: value for column, value in self._columns(record, content).items() if value}
        fixed: dict[str, Any] = {"raw_record": record.head.strip()}
        if self.chosen_modality == "text":
            fixed = {"text": "", "text_unit": "document", "text_origin": "born_digital"}
            fixed |= {"transforms": [_READ]} if content.is_html else {}
        else:
            columns.pop("text", None)
        captured = record.fields.get("warc-date", "")
        return Cut(
            *(None, name, columns, fixed, place, captured if captured.endswith("Z") else ""),
            facts=self._facts(record, content),
            problems=(*record.problems, *content.problems),
        )

    def _columns(self, record: WarcRecord, content: Content) -> dict[str, Any]:
        captured = record.fields.get("warc-date", "")
        return {
            "text": content.text,
            "title": content.title,
            "languages": [content.language] if content.language else None,
            "source_url": content.target if content.target.startswith(("http://", "https://")) else None,
            "date_raw": [captured] if captured else None,
            "date_type": "captured" if captured else None,
            "year_evidence": "none" if captured else None,
            **content.statements,
        }

    def _facts(self, record: WarcRecord, content: Content) -> Mapping[str, str | list[str]]:
        said = record.fields.get
        refers = said("warc-refers-to", "").strip("<> ") or said("warc-refers-to-target-uri", "").strip("<> ")
        return {
            "target": content.target,
            "captured": said("warc-date", ""),
            "status": str(content.status or ""),
            "media_type": content.media_type,
            "warc_type": said("warc-type", "").casefold(),
            "refers_to": refers,
            "modified": content.fields.get("last-modified", ""),
            "server_language": content.fields.get("content-language", ""),
        }

    def expected(self, bundle: Bundle) -> int | None:
        """The same records as warcio frames them, or more: what it passes over as broken is a reject. None where it
        gives up on a file.
        """
        types = self._types if self.records == "all" else None
        found = added(count_rows(item, types) for item in bundle.items)
        return None if found is None else AtLeast(found)

    # --- takedown ---

    def blank(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, Iterable[bytes] | None]:
        """A file keeps a record without a block of those that go, so that those behind it keep their numbers."""
        going: dict[str, set[int]] = {}
        for record, _ in records:
            going.setdefault(record.item, set()).add(record.place.number)
        return {item.name: left_of(item, going[item.name]) for item in bundle.items if item.name in going}


def _count(counted: Counter[str], what: str) -> None:
    counted[what if what in counted or len(counted) < _MOST_KINDS else "records of other kinds"] += 1
