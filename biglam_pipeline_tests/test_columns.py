"""One order of columns for all previews: picture, title, text, the source's own, date, creators, the rest."""

from typing import get_args

import pyarrow as pa
import pytest

from biglam_pipeline import columns
from biglam_pipeline.columns import Modality, in_view, published_columns, same_in_all
from biglam_pipeline.defs.metadata import preview
from biglam_pipeline.localhub import order


@pytest.mark.parametrize("modality", get_args(Modality))
def test_the_hubs_page_has_the_same_order_as_data(modality: Modality) -> None:
    """`localhub` is a program of its own and imports nothing of the pipeline."""
    names = [column.name for column in published_columns(modality, {"shelfmark": pa.string(), "zoo": pa.int64()})]
    assert order.in_view(names) == in_view(names)
    assert order.CANONICAL == columns._CANONICAL
    shown = in_view(names)
    assert sorted(shown) == sorted(names)
    leading = ("image", "title", "text", "shelfmark", "zoo", "date_raw", "date_edtf", "creators")
    first = [name for name in leading if name in names]
    assert shown[: len(first)] == first


def test_what_is_the_same_in_all_rows_stands_once_above() -> None:
    rows = [{"title": name, "place": "Ash", "empty": None, "image": {"bytes": b"x"}} for name in ("One", "Two")]
    assert same_in_all(rows, ["title", "place", "empty", "image"]) == {"place": "Ash"}
    assert same_in_all(rows[:1], ["place"]) == {}
    said = preview(pa.Table.from_pylist([{k: v for k, v in row.items() if k != "image"} for row in rows]))
    assert said.startswith("The same in all of them: place: Ash\n\n| title |")
