"""`map: {config: ...}`: which part of the dataset a row goes to, and the normalised columns that say so."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.normalize.config import LONGEST, config_slug
from biglam_pipeline.records import Bundle, Record
from biglam_pipeline_tests.normalize.bundles import item, read_one, reader, records

_SLUG = re.compile(r"[a-z0-9_-]{1,64}")


@given(st.text())
def test_whatever_the_value_there_is_a_slug(text: str) -> None:
    slug = config_slug(text)
    assert _SLUG.fullmatch(slug)
    assert config_slug(slug) == slug


@given(st.from_regex(r"[a-z0-9_]([a-z0-9_-]{0,62}[a-z0-9_])?", fullmatch=True))
def test_what_is_a_slug_already_stays(text: str) -> None:
    assert config_slug(text.replace("--", "__")) == text.replace("--", "__")


@given(st.lists(st.text("абвгдежз漢字仮名", min_size=1), min_size=2, unique=True))
def test_two_words_of_another_alphabet_stay_two_parts(words: list[str]) -> None:
    assert len({config_slug(word) for word in words}) == len(words)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("sr-Latn", "sr-latn"),
        ("Popular Press / Ephemera", "popular-press-ephemera"),
        ("1850s", "1850s"),
        ("Übersicht", "ubersicht"),
        ("default", "default"),
        ("", "unknown"),
        ("  ", "unknown"),
        ("a_b", "a_b"),
        ("x" * 200, "x" * LONGEST),
    ],
)
def test_slug(text: str, slug: str) -> None:
    assert config_slug(text) == slug


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
    ("config", "slugs"),
    [
        ({"const": "people"}, ["people", "people", "people"]),
        ("$languages", ["en", "unknown", "sr-latn"]),
        ("$languages_raw", ["eng", "unknown", "sr-latn"]),
        ("$year_start", ["1857", "1824", "unknown"]),
        (r"$year_start >> regex(^\d{3}) >> template({}0s)", ["1850s", "1820s", "unknown"]),
        ("$date", ["1857", "1824", "unknown"]),
        ("$date_raw", ["ca-1857", "mdcccxxiv", "no-idea"]),
        (["$languages", {"const": "none"}], ["en", "none", "sr-latn"]),
        ("kind", ["people", "unknown", "objects"]),
        ("$stem", ["t", "t", "t"]),
    ],
)
def test_the_first_of_the_normalised_values(config: Any, slugs: list[str]) -> None:
    found = _records(config)
    assert [record.config for record in found] == slugs
    assert all("config" not in record.values for record in found)


def test_a_row_that_names_no_language_has_the_sources() -> None:
    assert [record.config for record in _records("$languages", ("la", "it"))] == ["en", "la", "sr-latn"]


def test_the_order_of_the_entry_does_not_matter() -> None:
    made = reader(type="table", map={"config": "$languages", "id": "id", "languages": "lang"})
    assert records(read_one(made, "t.csv", TABLE))[2].config == "sr-latn"


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
