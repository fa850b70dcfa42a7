"""What does the documentation say of tables, beside their keys?"""

from biglam_pipeline.settings import Accounts

ACCOUNTS = Accounts(
    "lines that became rows, rejects, header, comments, blank and skipped lines; rows of sheets, tables and DBF that "
    "became rows, rejects, titles above the header, blank rows and records marked as deleted",
    "line ends outside of quotes, counted in the bytes, and lines of JSON Lines; not where quotes stand amidst "
    "cells; Python's strict `csv` on valid RFC 4180 (tests); the XML of a sheet by expat, "
    "cells of XLS record by record, `count(*)` and `quick_check` of SQLite, the header of a DBF and its marks of "
    "deletion",
    "a record that breaks the rules is a reject at its line, and the next line begins a new record; a workbook or DBF "
    "that is cut is one reject, a database that is damaged midway stops the source",
)
NOTES = (
    (
        "The bytes of a file say what it is, then its name; nothing more has to be said where a workbook has one sheet "
        "that is seen and holds anything, or a database one table. No SQL is written: a view may be named."
    ),
    (
        "Cells of sheets, SQLite and DBF are texts. Days and moments are ISO 8601 (also of workbooks that count from "
        "1904), numbers have no format: 50 % is 0.5, and 00123 is 123 where its zeros are only shown. Hidden rows and "
        "columns are read, errors (`#REF!`) are no values, and merged cells stand in their first row only; all of this "
        "is counted, and so are formulas that no program worked out. Records of a DBF that are marked as deleted are "
        "left out. Its memos (.dbt, .fpt) and code page (.cpg) are the files of its name beside it. BLOBs are texts "
        "where they are UTF-8. A workbook is held in memory, up to 128 MB and 16,777,216 cells a sheet; databases and "
        "DBF are read row by row, those in archives up to 128 MB."
    ),
)
