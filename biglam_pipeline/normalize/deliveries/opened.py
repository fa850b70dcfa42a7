"""What do several METS of one bundle share? The files they read, what is a row already, and what is said of rights."""

from dataclasses import dataclass, field
from typing import Any

from biglam_pipeline.normalize.deliveries.page_file import PageFile
from biglam_pipeline.normalize.rows.rights_of import KEPT, with_statements


@dataclass(slots=True)
class Opened:
    """What several METS of one bundle share."""

    files: dict[str, PageFile] = field(default_factory=dict)
    rows: set[str] = field(default_factory=set)
    """Files that are a row, or in one, already: one page a file, also where two METS name it."""
    claimed: set[int] = field(default_factory=set)
    """Words, by `id`, that are in an article of another METS."""
    spots: set[tuple[str | None, str, str]] = field(default_factory=set)
    """Where these articles stand: file, first and last element."""
    rights: dict[str, dict[str | None, dict[str, Any]]] = field(default_factory=dict)
    """File -> what any METS says of its rights: of the whole by None, of a part by the element that this begins with.
    Of two METS of a page one makes the row, and it may be the other one that closes it."""

    def hear(self, place: str | None, begin: str | None, said: dict[str, Any]) -> None:
        """Notes what is said of a file, or of a part that stands there."""
        if place is not None and KEPT & said.keys():
            heard = self.rights.setdefault(place, {})
            heard[begin] = with_statements(heard.get(begin, {}), said)

    def with_rights(self, columns: dict[str, Any], place: str | None, *begins: str | None) -> dict[str, Any]:
        """Columns, and what was said of this file, or of these parts of it alone."""
        heard = self.rights.get(place or "", {})
        for begin in begins or heard:
            columns = with_statements(columns, heard.get(begin, {}))
        return columns
