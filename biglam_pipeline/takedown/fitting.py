"""Which lines of the ledger can keep nothing out any more? Those of a section that no READ of today makes rows of.

A section is named by a READ's constant `config`, and stands in front of the identifiers of its rows. A READ that is
called otherwise, or taken out, leaves lines behind that fit no identifier.
"""

from collections.abc import Collection

from biglam_pipeline.takedown.ledger import Ledger, Line


def unfit_lines(ledger: Ledger, names: Collection[str], before: Collection[str] = ()) -> list[Line]:
    """The lines in force that fit no row of today, and of which nobody has said that there are none any more.

    names: of the sections of today, "" where a READ names none; before: those of the last release, which tell a
    section that is gone from a beginning of an identifier that looks like one. That the same record is kept out by
    its new name cannot be told from here: object 5 is not person 5.
    """
    return [line for line in ledger.kept if line.action != "retired" and not _fits(line, names, before)]


def section_in(record: str, names: Collection[str]) -> str:
    """The section that an identifier names; empty where it names none of these."""
    section = record.partition(":")[0]
    return section if ":" in record and section in names else ""


def _fits(line: Line, names: Collection[str], before: Collection[str]) -> bool:
    if line.section is not None or line.record_id is None:
        return line.section is None or line.section in names
    if section_in(line.record_id, names):
        return True
    return "" in names and not section_in(line.record_id, before)
