"""`map: {config: ...}`: which part of the dataset a row goes to, and the normalised columns that say so."""

from typing import Any

import pytest

from biglam_pipeline.normalize.mapping.subsets import config_value
from biglam_pipeline.records import Bundle, Record
from biglam_pipeline_tests.normalize.bundles import item, read_one, reader, records


def test_a_value_is_reported_from_others_without_its_blanks_and_as_it_is_composed() -> None:
    assert config_value("  Popular\n Press ") == "=Popular Press"
    assert config_value("Cafe\u0301") == config_value("Caf\u00e9")
    assert config_value(" ") == "=", "none is a value too: the entry maps a config"


TABLE = b"""id,lang,when,kind
1,eng; fre,ca. 1857,People
2,,MDCCCXXIV,
3,sr-Latn,no idea,Objects
"""


def _records(config: Any, languages: tuple[str, ...] = (), **more: Any) -> list[Record]:
    mapped = {"id": "id", "languages": "lang >> split(;)", "date": "when", "config": config, **more}
    made = reader(type="table", map=mapped)
    found = list(made.read(Bundle("t.csv", (item("t.csv", TABLE),)), {}, languages))
    return records(found)


@pytest.mark.parametrize(
    ("config", "values"),
    [
        ({"const": "people"}, ["people", "people", "people"]),
        ("$languages", ["en", "", "sr-Latn"]),
        ("$languages_raw", ["eng", "", "sr-Latn"]),
        ("$year_start", ["1857", "1824", ""]),
        (r"$year_start >> regex(^\d{3}) >> template({}0s)", ["1850s", "1820s", ""]),
        ("$date", ["1857~", "1824", ""]),
        ("$date_raw", ["ca. 1857", "MDCCCXXIV", "no idea"]),
        (["$languages", {"const": "none"}], ["en", "none", "sr-Latn"]),
        ("kind", ["People", "", "Objects"]),
        ("$stem", ["t", "t", "t"]),
    ],
)
def test_the_first_of_the_normalised_values(config: Any, values: list[str]) -> None:
    found = _records(config)
    assert [record.config for record in found] == [f"={value}" for value in values]
    assert all("config" not in record.values for record in found)


def test_a_row_that_names_no_language_has_the_sources() -> None:
    assert [record.config for record in _records("$languages", ("la", "it"))] == ["=en", "=la", "=sr-Latn"]


def test_the_order_of_the_entry_does_not_matter() -> None:
    made = reader(type="table", map={"config": "$languages", "id": "id", "languages": "lang"})
    assert records(read_one(made, "t.csv", TABLE))[2].config == "=sr-Latn"


def test_columns_and_where_read_the_normalised_value_too() -> None:
    mapped = {"id": "id", "languages": "lang >> split(;)", "date": "when", "description": "$year_start"}
    made = reader(type="table", where={"$languages": "en", "$year_start": "1850..1860"}, map=mapped)
    (record,) = records(read_one(made, "t.csv", TABLE))
    assert (record.source_record_id, record.values["description"]) == ("1", "1857")
    assert record.values["languages"] == ["eng", "fre"]


def test_without_a_config_there_is_none() -> None:
    assert {record.config for record in records(read_one(reader(type="table", map={"id": "id"}), "t.csv", TABLE))} == {
        ""
    }
