"""Entries that are made of others: names, circles, rights, and what follows from them; each fault at its line."""

from pathlib import Path

import dagster as dg
import pytest

from biglam_pipeline.cli.choosing import choose_sources
from biglam_pipeline.definitions import build_definitions
from biglam_pipeline.environment import read_environment
from biglam_pipeline.source import Catalog, load_sources
from biglam_pipeline.source.origins import made_of_it

RIGHTS = "{license: CC0-1.0, evidence: https://www.bl.uk/x, checked: 2026-01-01}"
TABLE = f"""
  letters:
    title: Letters
    custodian: An Archive
    harvest: file:letters.csv
    normalize: {{map: {{id: id, text: text, date: date}}}}
    rights: {RIGHTS}
  records:
    title: Records
    custodian: A Museum
    harvest: file:records.csv
    normalize: {{map: {{id: id, title: title}}}}
    rights: {RIGHTS}
"""


def corpus(name: str, harvest: str, more: str = "", rights: str = "{from: $rights_name, accept: [pd, by]}") -> str:
    return f"""
  {name}:
    title: A corpus
    custodian: BigLAM
    harvest: {harvest}
    rights: {rights}
    {more}
"""


def load(folder: Path, *entries: str) -> Catalog:
    path = folder / "sources.yaml"
    path.write_text("sources:\n" + "".join(entries))
    return load_sources([path])


def test_it_may_stand_before_what_it_is_made_of(tmp_path: Path) -> None:
    catalog = load(tmp_path, corpus("mine", "source:letters"), TABLE)
    assert not catalog.faults
    mine = catalog.get("mine")
    assert [*mine.made_of] == ["letters"]
    [reader] = mine.normalize
    assert (reader.type, reader.chosen_modality) == ("parquet", "text"), "as the rows that it reads"
    assert mine.harvest.shown == ("source:letters",)


@pytest.mark.parametrize(
    ("harvest", "said"),
    [
        ("source:leters", "there is no source `leters`; did you mean `source:letters`?"),
        ("source:zzz", "there is no source `zzz`; write the key of another entry of this file"),
        ("source:{letters,zzz}", "there is no source `zzz`"),
        ("source:mine", "it is made of itself: mine of mine; take one of them out"),
        ("[source:letters, source:other]", "`other`, which it is made of, has faults of its own"),
        ("[source:letters, source:records]", "its sources have rows of modality metadata and text; write which"),
        ("[source:letters, source:letters]", "letters is named twice"),
        ("[source:letters, https://example.org/a.csv]", "addresses of different kinds"),
        ("source:letters/data", "write source:letters, and under `normalize` {files: data}"),
    ],
)
def test_a_name_that_leads_nowhere_is_reported_at_its_line(tmp_path: Path, harvest: str, said: str) -> None:
    broken = "\n  other:\n    title: Other\n    custodian: X\n    harvest: file:a.csv\n    rights: none at all\n"
    catalog = load(tmp_path, TABLE, broken, corpus("mine", harvest))
    [fault, *_] = catalog.faults["mine"]
    assert said in fault
    lines = (tmp_path / "sources.yaml").read_text().splitlines()
    number = int(fault.split(":")[1])
    assert harvest in lines[number - 1] or "mine:" in lines[number - 1]


def test_a_circle_is_a_fault_of_each_in_it_and_of_nobody_else(tmp_path: Path) -> None:
    catalog = load(
        tmp_path, TABLE, corpus("a", "source:b"), corpus("b", "source:c"), corpus("c", "[source:a, source:letters]"),
        corpus("d", "source:a"),
    )  # fmt: skip
    assert catalog.faults.keys() == {"a", "b", "c", "d"}
    assert "it is made of itself: a of b of c of a" in catalog.faults["a"][0]
    assert "it is made of itself: c of a of b of c" in catalog.faults["c"][0]
    assert "`a`, which it is made of, has faults of its own" in catalog.faults["d"][0]
    assert catalog.sources.keys() == {"letters", "records"}


@pytest.mark.parametrize(
    "rights", ["CC0-1.0", RIGHTS, "{from: title, accept: [pd]}", "[{from: $rights_name}, {license: CC0-1.0}]"]
)
def test_a_statement_for_all_rows_is_refused(tmp_path: Path, rights: str) -> None:
    """It would stand over those that the rows bring along."""
    catalog = load(tmp_path, TABLE, corpus("mine", "source:letters", rights=rights))
    assert "carry their own statement; write {from: $rights_name" in catalog.faults["mine"][0]


def test_what_is_made_of_others_runs_behind_them(tmp_path: Path) -> None:
    catalog = load(tmp_path, corpus("a", "source:b"), corpus("b", "source:letters"), TABLE)
    environment = read_environment({"BIGLAM_STATE": str(tmp_path / "state")})
    assert choose_sources(catalog, environment, [], every=True, failed=False) == ["letters", "records", "b", "a"]
    assert choose_sources(catalog, environment, ["a", "letters"], every=False, failed=False) == ["letters", "a"]


def test_who_reads_a_source_is_known_also_two_steps_away(tmp_path: Path) -> None:
    catalog = load(
        tmp_path, corpus("a", "source:b"), corpus("b", "source:letters"), corpus("c", "source:records"), TABLE
    )
    assert made_of_it(catalog.sources.values(), "letters") == ["b", "a"]
    assert made_of_it(catalog.sources.values(), "a") == []


def test_it_is_closed_where_one_of_them_is(tmp_path: Path) -> None:
    unverified = TABLE.replace("    custodian: An Archive", "    custodian: An Archive\n    verified: false")
    catalog = load(tmp_path, unverified, corpus("b", "source:letters"), corpus("a", "source:b"))
    [why] = catalog.get("a").closed_because
    assert "letters, which it is made of, is closed: the entry says verified: false" in why


def test_another_modality_reads_all_of_them_again_and_an_edit_of_an_origin_nothing(tmp_path: Path) -> None:
    before = load(tmp_path, TABLE, corpus("mine", "source:letters")).get("mine")
    edited = load(tmp_path, TABLE.replace("title: Letters", "title: Our letters"), corpus("mine", "source:letters"))
    assert edited.get("mine").digest("normalized") == before.digest("normalized")
    other = load(tmp_path, TABLE.replace("text: text, ", ""), corpus("mine", "source:letters")).get("mine")
    assert other.digest("normalized") != before.digest("normalized")


def test_its_night_is_later_than_that_of_what_it_is_made_of(tmp_path: Path) -> None:
    catalog = load(tmp_path, TABLE, corpus("b", "source:letters"), corpus("a", "source:b"))
    hours = [int((catalog.get(name).cron or "").split()[1]) for name in ("letters", "b", "a")]
    assert hours == [2, 5, 8]
    own = load(tmp_path, TABLE, corpus("b", "source:letters", 'schedule: "15 6 * * *"')).get("b")
    assert own.cron == "15 6 * * *"


def test_dagster_sees_what_it_is_made_of(tmp_path: Path) -> None:
    catalog = load(tmp_path, TABLE, corpus("b", "source:letters"))
    graph = build_definitions(catalog, schedules=True).resolve_asset_graph()
    assert graph.get(dg.AssetKey(["b", "raw"])).parent_keys == {dg.AssetKey(["letters", "shards"])}
