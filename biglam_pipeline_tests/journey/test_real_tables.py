"""Tables of real institutions: every line is a row, counted beside the pipeline by another reader of CSV."""

import csv
from collections import Counter
from pathlib import Path

import pytest
import yaml

from biglam_pipeline import pipeline
from biglam_pipeline.records import Tally
from biglam_pipeline_tests.bench import Bench

ENTRY = """
sources:
  real:
    title: As it was delivered
    custodian: A museum
    harvest: file:{path}
    normalize: {{type: table, map: {map}}}
    rights: {{license: CC0-1.0, evidence: https://institution.example/rights, checked: 2026-11-20}}
    languages: [en]
    dedup: {{exact: {exact}}}
"""
SHIPPED = Path(__file__).parents[2] / "sources.yaml"
MAPS = {
    "museum/moma/Artists.csv": (
        "{title: DisplayName, extra: [Nationality, Gender]}",
        ["DisplayName", "Nationality", "Gender"],
    ),
    "museum/tate/artist_data.csv": ("{title: name, date: dates}", ["name", "dates"]),
    "museum/nga-opendata/constituents.csv": ("{title: lastname, extra: [nationality]}", ["lastname", "nationality"]),
    "museum/nga-opendata/object_associations.csv": (
        "{parent_id: parentobjectid, extra: [relationship]}",
        ["parentobjectid", "relationship"],
    ),
    "museum/nga-opendata/media_relationships.csv": ("{extra: [relatedentity]}", ["relatedentity"]),
    "museum/nga-opendata/objects_historical_data.csv": ("{extra: [datatype]}", ["datatype"]),
    "csv/htr-united-statistics/statistics.csv": ("{title: title}", ["title"]),
}
"""What is mapped is little, on purpose: thousands of rows are equal in it, and each is a row."""
LARGE = ("museum/nga-opendata/constituents.csv", "museum/nga-opendata/object_associations.csv")


@pytest.mark.representative(1)  # further tables
@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow if name in LARGE else ()) for name in MAPS])
@pytest.mark.parametrize("exact", ["", "rows"])
def test_every_line_of_a_table_is_a_row(bench: Bench, real_data: Path, name: str, exact: str) -> None:
    """None is dropped by default; where the entry asks for it, as many are left as there are different ones."""
    path, (mapped, columns) = real_data / name, MAPS[name]
    entry = ENTRY.format(path=path, map=mapped, exact=exact)
    bench.write(entry if exact else entry.replace("    dedup: {exact: }\n", ""))
    bench.build("real")
    manifest = bench.run.shards(bench.source("real")).current()
    assert manifest is not None
    with path.open(encoding="utf-8-sig", newline="") as stream:
        due = [tuple(row[column].strip() for column in columns) for row in csv.DictReader(stream)]
    left = len(set(due)) if exact else len(due)
    gone = len(due) - left
    assert manifest.tally == Tally(seen=len(due), current=len(due), duplicate=gone, published=left)
    if not exact:
        assert manifest.doubles == {
            "flagged": len(due) - len(set(due)),
            "clusters": sum(count > 1 for count in Counter(due).values()),
        }


@pytest.mark.slow  # `test_every_line_of_a_table_is_a_row` stays
def test_the_shipped_entry_keeps_what_every_volunteer_said(bench: Bench, real_data: Path) -> None:
    """It published 1,696 of 3,973: several people had said the same of one book."""
    entry = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))["sources"]["bl_books_genre"]
    path = real_data / "csv" / "bl-books-genre" / "annotations.csv"
    entry["harvest"] = f"file:{path}"
    entry["rights"]["checked"] = "2026-01-01"
    del entry["verified"]
    bench.write(yaml.safe_dump({"sources": {"bl_books_genre": entry}}, width=10_000))
    assert bench.night("bl_books_genre").rows == 3973
    with path.open(encoding="utf-8", newline="") as stream:
        due = {row["classification_id"]: row for row in csv.DictReader(stream)}
    found = {row["source_record_id"]: row for row in bench.rows("bl_books_genre")}
    assert found.keys() == due.keys()
    for name, row in found.items():
        assert row["parent_id"] == due[name]["BL record ID"]
        assert {one["value"] for one in row["identifiers"]} == {
            due[name]["BL record ID"],
            due[name]["BL shelfmark"].strip(),
        }
    assert pipeline.last_release(bench.run, bench.source("bl_books_genre")) is not None
