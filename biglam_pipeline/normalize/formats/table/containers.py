"""Opens what holds tables beside lines of text: workbooks, databases and DBF, each with the files that belong to it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

from biglam_pipeline.normalize.cut import Cut, Fields, Found
from biglam_pipeline.normalize.equals import Times
from biglam_pipeline.normalize.formats.table.databases import offered_tables, tables_in
from biglam_pipeline.normalize.formats.table.dbf import DbfGrid, is_beside
from biglam_pipeline.normalize.formats.table.forms import LINES, Form, form_of
from biglam_pipeline.normalize.formats.table.grids import Asked, Grid
from biglam_pipeline.normalize.formats.table.naming import named
from biglam_pipeline.normalize.formats.table.sheets import expected_in, offered_sheets, sheets_in
from biglam_pipeline.parsing.inflate import read_whole
from biglam_pipeline.parsing.spreadsheets.workbooks import survey
from biglam_pipeline.parsing.sqlite import open_database
from biglam_pipeline.records import Item, Reject, Unmapped

_BESIDE = (".dbt", ".fpt", ".cpg", "-wal", "-journal")


@contextmanager
def grids_of(item: Item, form: Form, beside: Sequence[Item], asked: Asked) -> Iterator[Sequence[Grid]]:
    """The sheets or tables of a file that are read. beside: what came in its bundle.

    Unreadable says what is wrong with the file, ConfigError and SourceChanged what is wrong with the entry.
    """
    if form == "sqlite":
        with closing(open_database(item, beside)) as database:
            yield tables_in(item, database, asked)
    elif form == "dbf":
        yield [DbfGrid(item, beside, asked)]
    elif form in ("xlsx", "xls", "ods"):
        yield sheets_in(item, form, asked)
    else:
        raise AssertionError(f"{form} is read line by line")


def several_in(item: Item) -> Sequence[str]:
    """The tables among which an entry has to choose; none where there is one only, or the file holds lines."""
    form = form_of(item)
    if form == "sqlite":
        with closing(open_database(item)) as database:
            there = offered_tables(database).candidates
    else:
        there = offered_sheets(survey(read_whole(item), form)).candidates if form in ("xlsx", "xls", "ods") else ()
    return there if len(there) > 1 else ()


def cut_grid(
    item: Item, grid: Grid, fixed: Mapping[str, Any], filled: Callable[[dict[str, Any]], dict[str, Any]]
) -> Iterator[Found]:
    """Row by row. fixed: see `Cut.fixed`; filled: the cells without those that hold a word for nothing."""
    yield Fields(grid.names)
    times = Times({})
    for row in grid.rows():
        if isinstance(row, Reject):
            yield row
            continue
        yield Cut(
            filled(row.cells),
            partial(named, item, times, row.cells if row.whole is None else row.whole),
            fixed=fixed,
            place=row.place,
            facts={"line": f"{row.line:09d}", "table": grid.name},
            problems=row.problems,
            filled=(name for name, cell in row.cells.items() if cell is not None),
        )
    yield Unmapped(0, grid.counted(), 0, tuple(grid.noted))


def expected_of(item: Item, form: Form, beside: Sequence[Item], asked: Callable[[Item, Form], Asked]) -> int | None:
    """Rows and rejects that a file should give: by the XML of a sheet, by `count(*)`, by the header of a DBF.

    None of lines of text. Unreadable as `grids_of`: such a file is one reject.
    """
    if form in LINES:
        return None
    wanted = asked(item, form)
    if form in ("xlsx", "xls", "ods"):
        counts = expected_in(item, form, wanted)
    else:
        with grids_of(item, form, beside, wanted) as grids:
            counts = [grid.expected() for grid in grids]
    known = [one for one in counts if one is not None]
    return sum(known) if len(known) == len(counts) else None


def may_be_beside(name: str) -> bool:
    """Whether a file may belong to a table, by the end of its name."""
    return name.lower().endswith(_BESIDE)


def belongs(name: str, table: str) -> bool:
    """Whether a file belongs to this table: memos and code page of a DBF, log and journal of an SQLite database."""
    return is_beside(name, table) if table.lower().endswith(".dbf") else name in (f"{table}-wal", f"{table}-journal")
