"""Words into rows: the text, how it was made, and what the page says of itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from biglam_pipeline.normalize.mapping import mapped_paths
from biglam_pipeline.normalize.mets_alto.alto import Element, Word, languages_of, mean_confidence
from biglam_pipeline.normalize.mets_alto.page_file import PageFile
from biglam_pipeline.normalize.mets_alto.running_text import as_printed, running_text
from biglam_pipeline.normalize.paths import Scene
from biglam_pipeline.normalize.reader import Reader, RowMaker
from biglam_pipeline.records import Item, Record, Reject
from biglam_pipeline.rights.derivatives import forbids_derivatives

_READ = "alto-text/2"
_JOINED = "dehyphenated/3"


@dataclass(frozen=True, slots=True)
class Printed:
    """Words that make one row, and where they stand."""

    item: Item
    """The file that the record is traced to."""
    element: Element | None
    """Where the paths of `map` begin."""
    words: list[Word]
    engine: str
    """The software that read them."""
    unit: Literal["page", "article", "issue"]
    identifier: str
    position: str = ""
    problems: tuple[str, ...] = ()


class PageRows:
    """Makes the records of one reader."""

    def __init__(self, reader: Reader, rows: RowMaker, *, dehyphenate: bool) -> None:
        """dehyphenate: whether broken words are made whole, where the rights allow to change a text."""
        self._reader = reader
        self._rows = rows
        self._join = dehyphenate and not rows.as_printed
        self._maps_pages = any(mapped_paths(rows.values))

    @property
    def left_out(self) -> int:
        """Records that `where` did not choose."""
        return self._rows.left_out

    def page(self, file: PageFile, identifier: str, own: dict[str, Any]) -> Iterator[Record | Reject]:
        """The row of a page."""
        assert file.page is not None
        words, tree = file.page.in_reading_order(), file.tree() if self._maps_pages else None
        yield from self.make(
            Printed(file.item, tree, words, file.page.engine, "page", identifier, "", file.problems), own, {}
        )

    def make(self, printed: Printed, around: dict[str, Any], own: dict[str, Any]) -> Iterator[Record | Reject]:
        """The row of these words. around: columns of what they stand in; own: of themselves, which count more than
        what the page declares.

        Where the record's own statement allows no derivatives, the text is left as it is printed: that is known only
        once the row is made.
        """
        said = {**around, **_of_page(printed), **own}
        for join in (True, False) if self._join else (False,):
            text = running_text(printed.words) if join else as_printed(printed.words)
            columns = {name: value for name, value in {**said, "text": text.text}.items() if value is not None}
            made = list(
                self._rows.make(
                    Scene(printed.element, self._reader.facts(printed.item), columns),
                    printed.identifier,
                    item=printed.item.name,
                    position=printed.position,
                    problems=printed.problems,
                    transforms=[_READ, *([_JOINED] if text.joined else [])],
                )
            )
            if not (text.joined and any(isinstance(one, Record) and _may_not_be_changed(one) for one in made)):
                yield from made
                return


def _of_page(printed: Printed) -> dict[str, Any]:
    languages = languages_of(printed.words)
    return {
        "text_unit": printed.unit,
        "text_origin": "ocr",
        "ocr_confidence": mean_confidence(printed.words),
        **({"ocr_engine": printed.engine} if printed.engine else {}),
        **({"languages": languages} if languages else {}),
    }


def _may_not_be_changed(record: Record) -> bool:
    """Whether something that is said of its rights allows no derivatives."""
    said = [value for name, value in record.values.items() if "rights" in name]
    texts = [
        text for value in said for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)
    ]
    return forbids_derivatives(texts)
