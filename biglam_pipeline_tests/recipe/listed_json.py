"""Reads pages of records in JSON: a format for the tests, with what one needs and no more.

https://www.rfc-editor.org/rfc/rfc8259
"""

import json
from collections.abc import Iterator
from typing import ClassVar, Literal

from biglam_pipeline.columns import Modality
from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.mapping.paths import ColumnName, PathLanguage
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.place import Place
from biglam_pipeline.records import Item, Reject
from biglam_pipeline.settings import Accounts


class ListedJson(Reader):
    """A record of a page is a row; a PATH is the name of a key."""

    type: Literal["listed_json"] = "listed_json"
    """Pages of records in JSON."""
    rows: Literal["record"] = "record"
    """What one row is."""

    accounts: ClassVar[Accounts] = Accounts(
        "records that became rows or rejects",
        "the members of `records`, page by page",
        "a page that cannot be read whole is a reject",
    )
    extensions: ClassVar[tuple[str, ...]] = (".json",)
    metadata_prefixes: ClassVar[tuple[str, ...]] = ("listed",)
    called: ClassVar[tuple[str, ...]] = ("json_pages",)
    path_language: ClassVar[PathLanguage] = ColumnName()
    default_modality: ClassVar[Modality] = "metadata"
    record_format: ClassVar[str] = "listed_json"

    def cut(self, item: Item) -> Iterator[Found]:
        """Record by record."""
        try:
            with item.open() as stream:
                records = [(str(one["id"]), one) for one in json.load(stream)["records"]]
        except (ValueError, KeyError, TypeError) as wrong:
            yield Reject("not_json", f"{item.name}: is no page of records ({wrong!r})", item.name, "")
            return
        for number, (name, record) in enumerate(records, 1):
            yield Cut(record, name, place=Place("record", number))
