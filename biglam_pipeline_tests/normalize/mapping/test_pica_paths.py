"""Paths of PICA: fields, occurrences, subfields, positions; what is none is refused where it is written."""

import pytest
from pydantic import ValidationError

from biglam_pipeline_tests.normalize.bundles import read_one, reader, records
from biglam_pipeline_tests.normalize.formats.pica_records import Made, normalized

RECORD: Made = [
    ("003@", "$012345X"),
    ("005A", "$01234-5678"),
    ("005A", "$01011-1213"),
    ("009Q", "$uhttp://example.org/$xA"),
    ("021A", "$aTitle$dSupplement"),
    ("045F", "$anone"),
    ("045F/01", "$a001"),
    ("045F/02", "$a002"),
    ("045F/12", "$a012"),
    ("045U", "$e003$e004"),
    ("145Z/40", "$alocal"),
    ("209A/01", "$af$x00"),
    ("209A/112", "$ag$x10"),
]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("003@", ["12345X"]),
        ("003@$0", ["12345X"]),
        ("003@.0", ["12345X"]),
        ("003@/00$0", ["12345X"]),
        ("005A$0", ["1234-5678", "1011-1213"]),
        ("021A$a", ["Title"]),
        ("021A$ad", ["Title Supplement"]),
        ("021A$da", ["Title Supplement"]),
        ("021A", ["Title Supplement"]),
        ("021A$*", ["Title Supplement"]),
        ("0[23]1A$a", None),
        ("0.1A$a", ["Title"]),
        ("045F$a", ["none"]),
        ("045F/01$a", ["001"]),
        ("045F/1$a", ["001"]),
        ("045F[01]$a", ["001"]),
        ("045F/01.a", ["001"]),
        ("045F/0.$a", ["001", "002"]),
        ("045F/.2$a", ["002", "012"]),
        ("045F/01-10$a", ["001", "002"]),
        ("045F/*$a", ["none", "001", "002", "012"]),
        ("045U$e", ["003", "004"]),
        ("145Z$a", []),
        ("145Z/40$a", ["local"]),
        ("209A$a", ["f", "g"]),
        ("209A/01$a", ["f"]),
        ("209A/112$a", ["g"]),
        ("209Ax00$a", ["f"]),
        ("209Ax10$a", ["g"]),
        ("2...$x", ["00", "10"]),
        ("....$a", ["Title", "none", "001", "002", "012", "local", "f", "g"]),
        ("021A$a/0-2", ["Tit"]),
        ("021A$a/1", ["i"]),
        ("021A$a/2-", ["tle"]),
        ("021A$a/-1", ["Ti"]),
        ("045F/0./1-2", ["01", "02"]),
        ("999@", None),
    ],
)
def test_a_path_of_pica(path: str, found: list[str] | None) -> None:
    if found is None:
        with pytest.raises(ValidationError, match="no path of PICA"):
            reader(type="pica", map={"title": path})
        return
    made = reader(type="pica", map={"extra": {"found": {"all": [path]}}}, dialect="k10plus")
    (record,) = records(read_one(made, "a.dat", normalized(RECORD)))
    assert (record.extra.get("found") or []) == found


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("021", "no path of PICA"),
        ("021a$a", "no path of PICA"),
        ("021A$", "no path of PICA"),
        ("021Aa", "no path of PICA"),
        ("021A$a$d", "no path of PICA"),
        ("321A$a", "no path of PICA"),
        ("//x", "no path of PICA"),
        ("021Ax00$a", "only fields of copies"),
        ("021A$a/3-1", "ends before it begins"),
        ("021A$a/", "names no positions"),
        ("045F/10-01$a", "names occurrences from 10 to 1"),
        ("045F/1000$a", "no path of PICA"),
    ],
)
def test_what_is_no_path_is_refused_where_it_is_written(path: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        reader(type="pica", map={"title": path})


def test_what_is_left_out_is_a_field_or_a_subfield() -> None:
    with pytest.raises(ValidationError, match="a whole field or subfield"):
        reader(type="pica", volatile=["001B$0/0-3"])
