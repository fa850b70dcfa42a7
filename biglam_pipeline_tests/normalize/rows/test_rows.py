"""Records become rows: normalised beside their raw partners, clean, typed as the schema says, and digested alike."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from biglam_pipeline.columns import Modality, content_columns, schema_of
from biglam_pipeline.normalize.rows.building import STRUCTS, Rows, _year
from biglam_pipeline.normalize.rows.keys import double_key, row_digest
from biglam_pipeline.normalize.rows.rights import RowRights
from biglam_pipeline.records import Record
from biglam_pipeline.rights.layers import Layer
from biglam_pipeline.rights.recognise import recognise
from biglam_pipeline_tests.normalize.bundles import read, reader, real_folder, records

CC0 = "CC0-1.0"
BY = "CC-BY-4.0"


def _rows(
    modality: Modality = "text",
    statement: str = CC0,
    extras: dict[str, pa.DataType] | None = None,
    attribution: str = "",
    languages: tuple[str, ...] = ("en",),
    record_format: str = "dc",
) -> Rows:
    return Rows(
        source_id="s",
        custodian="A library",
        languages=languages,
        modality=modality,
        extras=extras or {},
        record_format=record_format,
        rights=RowRights((Layer(license=statement),), "A library", attribution, modality),
    )


def _row(values: dict[str, Any], rows: Rows | None = None, **more: Any) -> tuple[dict[str, Any], list[str]]:
    return (rows or _rows()).row(Record("1", {"type": "Text", **values}, **more))


def test_a_subject_with_its_list_and_a_creator_with_its_address_are_the_row_s() -> None:
    subject = {"label": "Whaling", "uri": "http://a.org/w", "scheme": "lcsh"}
    names = [{"name": "Melville, Herman, 1819-1891", "role": "aut", "uri": "http://a.org/m"}]
    row, problems = _row({"subjects": [subject, {"label": "Sea"}, "Ships"], "creators": names})
    assert row["subjects"] == [
        subject,
        {"label": "Sea", "uri": None, "scheme": None},
        {"label": "Ships", "uri": None, "scheme": None},
    ]
    (creator,) = row["creators"]
    assert (creator["name"], creator["uri"], creator["birth_year"]) == ("Melville, Herman", "http://a.org/m", 1819)
    assert not problems


@pytest.mark.parametrize(
    ("said", "publisher", "places"),
    [
        (("[s.n.]", ["[S.l.]", "Paris"]), None, ["Paris"]),
        (("A. Wahlen; [éditeur inconnu]", ["[place of publication not identified]"]), "A. Wahlen", None),
        (("S. N. Dick; Co.", ["London"]), "S. N. Dick; Co.", ["London"]),
    ],
)
def test_who_is_not_known_is_no_publisher_and_that_is_said(
    said: tuple[str, list[str]], publisher: str | None, places: list[str] | None
) -> None:
    row, problems = _row(dict(zip(("publisher", "publication_place"), said, strict=True)))
    assert (row["publisher"], row["publication_place"]) == (publisher, places)
    changed = [name for name, was in zip(("publisher", "publication_place"), said, strict=True) if row[name] != was]
    assert problems == [f"{name}: only says that it is not known" for name in changed]


def test_a_heading_of_two_roles_is_two_creators() -> None:
    row, _ = _row({"creators": ["Melville, Herman, 1819-1891, author, editor"]})
    assert [(one["name"], one["role"], one["birth_year"]) for one in row["creators"]] == [
        ("Melville, Herman", "aut", 1819),
        ("Melville, Herman", "edt", 1819),
    ]


def test_a_place_with_its_address_is_the_row_s() -> None:
    row, _ = _row(
        {"spatial": [{"name": "Turku", "uri": "http://a.org/t"}, {"uri": "http://a.org/u"}, {"lat": "1"}, "Paris"]}
    )
    assert row["spatial"] == [
        {"name": "Turku", "uri": "http://a.org/t"},
        {"name": None, "uri": "http://a.org/u"},
        {"name": "Paris", "uri": None},
    ]


@pytest.mark.parametrize(("record_format", "tags"), [("marcxml", ["km", "en", "fr"]), ("dc", ["cam", "en", "fr"])])
def test_codes_that_marc_gave_up_mean_what_they_meant_in_marc_alone(record_format: str, tags: list[str]) -> None:
    row, _ = _row({"languages": ["cam", "engfre"]}, _rows("metadata", record_format=record_format))
    assert (row["languages"], row["languages_raw"]) == (tags, ["cam", "engfre"])


FULL = {
    "title": "T",
    "text": "One two.",
    "text_unit": "page",
    "text_origin": "ocr",
    "ocr_confidence": 0.1,
    "transforms": ["a/1"],
    "date_raw": ["[1875]"],
    "languages": ["eng", "xx-unknown-thing"],
    "creators": ["Doe, John, 1800-1870", {"name": "Roe, Jane", "role": "contributor"}],
    "identifiers": ["https://doi.org/10.1000/182", "no scheme"],
    "subjects": ["Maps", "http://example.org/maps"],
    "spatial": ["Paris"],
    "seq": 3,
}


def test_a_full_row() -> None:
    row, problems = _row(FULL)
    assert (row["id"], row["source_id"], row["source_record_id"]) == ("s:1", "s", "1")
    assert (row["date_raw"], row["date_edtf"], row["year_start"], row["year_end"]) == (["[1875]"], "1875", 1875, 1875)
    assert (row["date_precision"], row["date_qualifier"]) == ("year", "inferred")
    assert (row["languages"], row["languages_raw"]) == (["en"], ["eng", "xx-unknown-thing"])
    assert [(one["name_raw"], one["role"]) for one in row["creators"]] == [
        ("Doe, John, 1800-1870", None),
        ("Roe, Jane", row["creators"][1]["role"]),
    ]
    assert (row["creators"][0]["birth_year"], row["creators"][0]["death_year"]) == (1800, 1870)
    assert row["creators"][1]["role"]
    assert row["identifiers"] == [
        {"scheme": "doi", "value": "10.1000/182"},
        {"scheme": None, "value": "no scheme"},
    ]
    assert row["subjects"] == [
        {"label": "Maps", "uri": None, "scheme": None},
        {"label": None, "uri": "http://example.org/maps", "scheme": None},
    ]
    assert row["spatial"] == [{"name": "Paris", "uri": None}]
    assert (row["n_chars"], row["n_words"], row["seq"]) == (8, 2, 3)
    assert (row["rights_tier"], row["rights_basis"], row["rights_raw"]) == ("pd", "source", None)
    assert row["rights_uri"] == recognise(CC0).uri
    assert [problem.split(":")[0] for problem in problems] == ["languages"]


@pytest.mark.parametrize("modality", ["text", "image", "metadata"])
def test_every_column_is_there_and_fits_its_type(modality: Modality) -> None:
    extras = {"own": pa.int64(), "several": pa.list_(pa.string())}
    rows = _rows(modality, extras=extras)
    columns = content_columns(modality, extras)
    for values, extra in ((FULL, {"own": 5, "several": ["a"]}), ({}, {})):
        row, _ = _row(values, rows, extra=extra)
        assert list(row) == [column.name for column in columns]
        table = pa.Table.from_pylist([row], schema=schema_of(columns))
        table.validate(full=True)
        assert all(table[column.name].null_count == 0 for column in columns if column.required)


@pytest.mark.parametrize("modality", ["text", "metadata"])
def test_a_row_read_back_from_arrow_has_the_same_digest(modality: Modality) -> None:
    columns = content_columns(modality, {"own": pa.float64()})
    row, _ = _row(FULL, _rows(modality, extras={"own": pa.float64()}), extra={"own": 0.1})
    back = pa.Table.from_pylist([row], schema=schema_of(columns)).to_pylist()[0]
    assert row_digest(back, columns) == row_digest(row, columns)
    assert len(row_digest(row, columns)) == 16


def test_the_digest_sees_every_column_and_the_duplicate_key_only_what_it_holds() -> None:
    columns = content_columns("text", {})
    row, _ = _row(FULL)
    for column in columns:
        other = row | {column.name: "other"}
        assert row_digest(other, columns) != row_digest(row, columns), column.name
        assert (double_key(other, columns) == double_key(row, columns)) == column.identity, column.name


def test_digests_are_the_same_in_every_run() -> None:
    columns = content_columns("text", {})
    row = {column.name: None for column in columns} | {"title": "é", "seq": 1, "ocr_confidence": 0.5}
    assert row_digest(row, columns).hex() == "a3fa9c24deab475ef3e2bbdd011d0f6a"
    assert row_digest(dict(reversed(row.items())), columns) == row_digest(row, columns)


@pytest.mark.parametrize(
    ("raws", "statement", "tier", "basis"),
    [
        (["http://creativecommons.org/licenses/by-nc/4.0/"], CC0, "nc", "record"),
        (["http://creativecommons.org/licenses/by-nc/4.0/"], "", "nc", "record"),
        (["http://creativecommons.org/publicdomain/mark/1.0/"], "", "pd", "record"),
        (["Public domain"], CC0, "pd", "source"),
        ([], "", "unknown", "record"),
        (["ask the reading room"], "", "unknown", "record"),
        (["ask the reading room"], CC0, "pd", "source"),
    ],
)
def test_rights(raws: list[str], statement: str, tier: str, basis: str) -> None:
    asked = {} if statement else {"rights_from_0": raws}
    row, problems = _row({"rights_raw": raws, **asked}, _rows(statement=statement))
    assert (row["rights_tier"], row["rights_basis"], row["rights_raw"]) == (tier, basis, raws or None)
    reported = [problem for problem in problems if problem.startswith("rights_raw: ")]
    assert bool(reported) == (
        tier == "unknown" or raws == ["ask the reading room"] or (statement == CC0 and tier == "nc")
    )


@pytest.mark.parametrize(
    ("values", "statement", "attribution", "wanted"),
    [
        ({}, CC0, "", None),
        ({}, CC0, "Credit us", "Credit us"),
        ({}, BY, "", "A library"),
        ({}, BY, "Credit us", "Credit us"),
        ({"attribution": "Her"}, BY, "Credit us", "Her"),
    ],
)
def test_attribution(values: dict[str, Any], statement: str, attribution: str, wanted: str | None) -> None:
    assert _row(values, _rows(statement=statement, attribution=attribution))[0]["attribution"] == wanted


def test_languages_of_the_source_stand_in() -> None:
    assert _row({})[0]["languages"] == ["en"]
    assert _row({}, _rows(languages=()))[0]["languages"] is None
    assert _row({"languages": ["fre"]})[0]["languages"] == ["fr"]
    assert _row({"languages": ["blah blah"]})[0]["languages"] == ["en"]


@pytest.mark.parametrize(
    ("text", "wanted", "problem"),
    [
        pytest.param("a\0b", "ab", "title: control characters removed", id="H09 NUL"),
        pytest.param("a\x07b\tc\nd\re", "ab\tc\nd\re", "title: control characters removed", id="H09 bell"),
        pytest.param("a\ud800b", "ab", "title: control characters removed", id="H10 half surrogate"),
        pytest.param("\ud835\udc00", "\U0001d400", "title: control characters removed", id="H10 surrogates"),
        pytest.param("a\u202eb", "a\u202eb", "title: changes the direction of writing", id="H43 bidi"),
        pytest.param("<script>", "<script>", "", id="H43 script"),
        pytest.param("=HYPERLINK()", "=HYPERLINK()", "", id="H41 formula"),
    ],
)
def test_odd_characters(text: str, wanted: str, problem: str) -> None:
    row, problems = _row({"title": text})
    assert row["title"] == wanted
    assert problems == ([problem] if problem else [])


def test_odd_characters_are_found_wherever_they_stand() -> None:
    values = {"creators": [{"name": "a\0", "role": "x"}], "subjects": ["b\0"]}
    row, problems = Rows.row(
        _rows(extras={"own": pa.string()}), Record("i\0d", values | {"type": "Text"}, {"own": "c\0"})
    )
    assert (row["id"], row["own"], row["subjects"][0]["label"]) == ("s:id", "c", "b")
    assert {problem.split(":")[0] for problem in problems} == {"id", "own", "creators", "subjects"}


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("seq", 0, 0),
        ("seq", -(1 << 31), -(1 << 31)),
        ("seq", (1 << 31) - 1, (1 << 31) - 1),
        ("seq", 1 << 31, None),
        ("seq", -(1 << 31) - 1, None),
        ("seq", "12", None),
        ("seq", 1.5, None),
        ("seq", None, None),
    ],
)
def test_d03_a_number_fits_its_column_or_is_counted(name: str, value: Any, kept: int | None) -> None:
    """Asked by its size: `in range()` compares what is no whole number with all four thousand millions of them."""
    row, problems = _row({name: value})
    assert row[name] == kept
    assert problems == ([f"{name}: out of range"] if kept is None and value is not None else [])


@pytest.mark.parametrize(("year", "kept"), [(None, None), (1850, 1850), (-(1 << 15), -(1 << 15)), (1 << 15, None)])
def test_d03_a_year_that_is_not_known_costs_what_a_year_does(year: int | None, kept: int | None) -> None:
    """The cost is bounded by the number of times that a number is compared, which no list of years can be."""
    assert _year(year) == kept


def test_identifiers_keep_everything() -> None:
    said = [{"scheme": "wikidata", "value": "Q42"}, {"scheme": "isbn", "value": "0306406153"}]
    row, problems = _row({"identifiers": ["MS 14.b", " ", *said, "doi:10.1000/182"]})
    assert [tuple(one.values()) for one in row["identifiers"]] == [
        (None, "MS 14.b"),
        ("wikidata", "Q42"),
        ("isbn", "0306406153"),
        ("doi", "10.1000/182"),
    ]
    assert problems == ["identifiers: not a valid isbn"]


def test_what_a_row_is_has_to_be_said() -> None:
    """A row without a unit is a row: no whole, so nothing that is dropped where it repeats."""
    assert _row({"text": "One."})[0]["text_unit"] == "row"


def test_dates_that_cannot_be_read_keep_their_text() -> None:
    row, problems = _row({"date_raw": ["no idea at all"]})
    assert (row["date_raw"], row["date_edtf"], row["year_start"]) == (["no idea at all"], None, None)
    assert problems[0].startswith("date: ")


@given(st.dictionaries(st.sampled_from(sorted(FULL)), st.one_of(st.text(), st.lists(st.text(), max_size=3))))
def test_any_text_makes_a_row_that_arrow_takes(values: dict[str, Any]) -> None:
    lists = {column.name for column in content_columns("text", {}) if pa.types.is_list(column.type)}
    fitting = {name: value for name, value in values.items() if isinstance(value, list) == (name in lists)}
    for name in ("seq", "ocr_confidence"):
        fitting.pop(name, None)
    row, _ = _row(fitting)
    table = pa.Table.from_pylist([row], schema=schema_of(content_columns("text", {})))
    table.validate(full=True)
    assert table.to_pylist() == [row]


def test_real_records_become_rows() -> None:
    """The four live records of a real chain: every column filled that the page can fill."""
    made = reader(type="oai_dc")
    items = real_folder("oai-pmh/sickle", "ListRecords?.xml") | real_folder("oai-pmh/sickle", "ListRecords.xml")
    rows = _rows("metadata", statement="")
    found = [rows.row(record) for record in records(read(made, items))]
    columns = content_columns("metadata", {})
    pa.Table.from_pylist([row for row, _ in found], schema=schema_of(columns)).validate(full=True)
    assert len({row_digest(row, columns) for row, _ in found}) == 1
    row, problems = found[0]
    assert (row["date_edtf"], row["languages"], row["type"]) == ("2010", ["en"], "Text")
    assert (row["rights_tier"], row["record_format"]) == ("unknown", "dc")
    assert [problem.split(":")[0] for problem in problems] == ["rights_raw"]


def test_two_pictures_with_the_same_caption_are_no_duplicate() -> None:
    columns = content_columns("image", {})
    empty = {column.name: None for column in columns}
    first = empty | {"id": "s:1", "source_record_id": "1", "title": "The mill", "image_url": "https://h.example/1.jpg"}
    second = first | {"id": "s:2", "source_record_id": "2", "image_url": "https://h.example/2.jpg"}
    same = first | {"id": "s:3", "source_record_id": "3"}
    assert double_key(first, columns) != double_key(second, columns)
    assert double_key(first, columns) == double_key(same, columns)


def test_a_picture_is_digested_by_its_sha256_and_its_name_makes_it_no_other() -> None:
    columns = content_columns("image", {})
    empty: dict[str, Any] = {column.name: None for column in columns}
    first = empty | {"id": "s:1", "image": {"bytes": b"a" * 100, "path": "a.jpg"}, "image_sha256": "1f"}
    copy = first | {"id": "s:2", "image": {"bytes": b"a" * 100, "path": "b.jpg"}}
    other = copy | {"image_sha256": "2f"}
    titled = copy | {"title": "The mill"}
    without_bytes = first | {"image": {"bytes": None, "path": "a.jpg"}}
    assert double_key(first, columns) == double_key(copy, columns) == double_key(without_bytes, columns)
    assert len({double_key(one, columns) for one in (copy, other, titled)}) == 3
    assert row_digest(first, columns) == row_digest(without_bytes, columns)
    renamed = first | {"image": copy["image"]}
    assert row_digest(first, columns) != row_digest(renamed, columns)
    back = pa.Table.from_pylist([first | _REQUIRED], schema=schema_of(columns)).to_pylist()[0]
    assert row_digest(back, columns) == row_digest(first | _REQUIRED, columns)


_REQUIRED = dict.fromkeys(("source_id", "source_record_id", "custodian", "type", "rights_tier", "rights_basis"), "x")


@pytest.mark.parametrize("name", ["identifiers", "subjects", "spatial", "creators"])
def test_a_text_that_knows_its_element_is_a_text(name: str) -> None:
    """As XPath of lxml gives them, alone and among others."""
    [told] = etree.XML("<a>urn:nbn:de:1-2</a>").xpath("text()")
    assert type(told) is not str
    for value, plain in ((told, str(told)), ([told], [str(told)]), ([told, "Maps"], [str(told), "Maps"])):
        assert STRUCTS[name](value, []) == STRUCTS[name](plain, []) != []
