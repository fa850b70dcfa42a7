"""Rows of sheets are counted by their XML and read by a library: over sheets of any cells, both come to the same."""

import random

import pytest

from biglam_pipeline.normalize.formats.table.forms import Form
from biglam_pipeline.records import Bundle, Unmapped
from biglam_pipeline_tests.normalize.bundles import item, read_one, reader, records, rejects
from biglam_pipeline_tests.normalize.formats.grids import ods, ods_row, xlsx

SHARED = [
    "<t>a</t>",
    "<t/>",
    "<t> </t>",
    "<t xml:space='preserve'> </t>",
    "<r><t>x</t></r>",
    "<r><t/></r>",
    "<rPh sb='0' eb='1'><t>k</t></rPh>",
]
CELLS = [
    "><v>1.5</v>",
    "><v/>",
    " s='1'>",
    " s='1'><v>18295.5</v>",
    " t='b'><v>1</v>",
    " t='e'><v>#N/A</v>",
    " t='d'><v>1950-01-02</v>",
    "><f>A1</f>",
    "><f>A1</f><v></v>",
    " t='str'><f>A1</f><v></v>",
    " t='str'><f>A1</f><v>q</v>",
    " t='inlineStr'><is/>",
    " t='inlineStr'><is><t> </t></is>",
    " t='inlineStr'><is><t>x</t></is>",
    " t='inlineStr'><is><r><t>b</t></r><rPh sb='0' eb='1'><t>k</t></rPh></is>",
    *(f" t='s'><v>{number}</v>" for number in range(len(SHARED))),
]
TEXT = " office:value-type='string'"
ODS_CELLS = [
    "/>",
    " table:number-columns-repeated='3'/>",
    " office:value-type='float' office:value='1'/>",
    " office:value-type='boolean' office:boolean-value='false'/>",
    " office:value-type='time' office:time-value='PT1H'/>",
    f"{TEXT} office:string-value='s'/>",
    f"{TEXT}><text:p/></table:table-cell>",
    f"{TEXT}><text:p>a</text:p><text:p/></table:table-cell>",
    f"{TEXT}><text:p><text:s/></text:p></table:table-cell>",
    f"{TEXT}><text:p><text:span/></text:p></table:table-cell>",
    f"{TEXT}><office:annotation><text:p>n</text:p></office:annotation></table:table-cell>",
    f"{TEXT} table:number-columns-repeated='2'><text:p>r</text:p></table:table-cell>",
    f"{TEXT} table:formula='of:=1/0'><text:p>#DIV/0!</text:p></table:table-cell>",
    "><text:p>no type</text:p></table:table-cell>",
]


def sheet_of(chance: random.Random) -> bytes:
    """A few rows with gaps, of cells that say where they stand or do not."""
    rows, number = [], 0
    for _ in range(chance.randint(1, 8)):
        number += chance.choice([1, 1, 1, 2, 5])
        places = [
            f" r='{letter}{number}'" if chance.random() < 0.9 else "" for letter in "ABCDE" if chance.random() < 0.6
        ]
        inside = "".join(f"<c{place}{chance.choice(CELLS)}</c>" for place in places)
        rows.append(f"<row r='{number}'>{inside}</row>")
    return xlsx({"S": "".join(rows)}, shared=SHARED)


def table_of(chance: random.Random) -> bytes:
    """A few rows, some of them repeated."""
    rows = [
        ods_row(
            *(f"<table:table-cell{chance.choice(ODS_CELLS)}" for _ in range(chance.randint(1, 4))),
            times=chance.choice([1, 1, 1, 2, 4]),
        )
        for _ in range(chance.randint(1, 6))
    ]
    return ods({"T": "".join(rows)})


@pytest.mark.representative(1)  # the other form of workbook
@pytest.mark.parametrize(("form", "make"), [("xlsx", sheet_of), ("ods", table_of)])
def test_both_ways_count_the_same(form: Form, make: object) -> None:
    assert callable(make)
    made, rows, whole = reader(type="table", map={"title": {"const": "x"}, "extra": {"line": "$line"}}), 0, 0
    made = made.as_joined()
    for seed in range(200):
        name, data = f"t.{form}", make(random.Random(seed))
        found = read_one(made, name, data)
        if [one.reason for one in rejects(found)] == ["table_empty"]:
            continue
        assert len(records(found)) == made.expected(Bundle(name, (item(name, data),))), seed  # type: ignore[attr-defined]
        assert sum(one.rows for one in found if isinstance(one, Unmapped)) == len(records(found))
        rows, whole = rows + len(records(found)), whole + 1
    assert rows > 300
    assert whole > 150
