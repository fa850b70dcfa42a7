"""Paths of MARC: fields, indicators, subfields, positions; what is none is refused where it is written."""

import pytest
from pydantic import ValidationError

from biglam_pipeline_tests.normalize.bundles import read_one, reader, records
from biglam_pipeline_tests.normalize.formats.marc_records import FIXED, WHALE, iso2709


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("245$a", ["The whale /"]),
        ("245$ac", ["The whale / by Herman Melville."]),
        ("245", ["The whale / by Herman Melville."]),
        ("245[14]$a", ["The whale /"]),
        ("245[1_]$a", []),
        ("856[.0]$u", ["http://a.org/1"]),
        ("260[__]$b", ["Harper,"]),
        ("856$u", ["http://a.org/toc", "http://a.org/1"]),
        ("700$4", ["ill", "edt"]),
        ("880$a", ["白鯨 /"]),
        ("008", [FIXED]),
        ("008/35-37", ["eng"]),
        ("008/06", ["s"]),
        ("008/11-14", []),
        ("LDR/06", ["a"]),
        ("65.$a", ["Whaling", "Nantucket (Mass.)", "Novels."]),
        ("260$c/0-3", ["1851"]),
        ("999$a", []),
    ],
)
def test_a_path_of_marc(path: str, values: list[str]) -> None:
    made = reader(type="marc", map={"extra": {"found": {"all": [path]}}})
    (record,) = records(read_one(made, "a.mrc", iso2709(WHALE)))
    assert (record.extra.get("found") or []) == values


@pytest.mark.parametrize(
    "path", ["24", "245$", "245$a$b", "245[1]", "245[1_", "008$a", "LDR$a", "008/9-3", "//x", "245$a[1]"]
)
def test_what_is_no_path_is_refused_where_it_is_written(path: str) -> None:
    with pytest.raises(ValidationError, match=r"no path of MARC|no subfields|ends before"):
        reader(type="marc", map={"title": path})
