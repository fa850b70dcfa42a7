"""What an entry brings along: how its rows are divided, small tables, and what its own columns say."""

from pathlib import Path
from typing import Any

import pytest

from biglam_pipeline.defs import metadata
from biglam_pipeline_tests.bench import Bench

_ENTRY = """
sources:
  cards:
    title: Catalogue cards
    custodian: A made-up library
    harvest: file:{folder}/data#cards/*.csv
    normalize: {normalize}
    rights: {{license: CC0-1.0, evidence: https://example.org/terms, checked: 2026-11-20, quote: CC0}}
    languages: [en]
"""
_NORMALIZE = (
    "{type: table, files: 'cards/{part}.csv', map: {id: id, title: title, split: $part, "
    "genres: kind >> lookup(kinds), extra: {place: place >> lookup(places), kind: kind}}, "
    "lookups: {kinds: {m: Map, 'no': Note, '001': Numbered}, places: places.csv}%s}"
)


def entry(bench: Bench, more: str = "", normalize: str = _NORMALIZE) -> None:
    """The entry, with more keys of its READ."""
    bench.write(_ENTRY.format(folder=bench.folder, normalize=normalize % more if "%s" in normalize else normalize))


def cards(bench: Bench, rows: int = 4, places: str = "key,value\nB,Berlin\nÜ,Überlingen\n") -> None:
    """Three files of cards, and a table of places beside the sources file."""
    folder = bench.folder / "data" / "cards"
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("dev", "Training", "unassigned"):
        lines = [
            f"{part}{at},Card {at} of {part},{['m', 'no', '001', 'x'][at % 4]},{'BÜ'[at % 2]}" for at in range(rows)
        ]
        (folder / f"{part}.csv").write_text("\n".join(["id,title,kind,place", *lines]) + "\n", encoding="utf-8")
    (bench.folder / "places.csv").write_text(places, encoding="utf-8")


def rows_of(bench: Bench) -> dict[str, dict[str, Any]]:
    """The published rows, by what identifies them in the source."""
    return {row["source_record_id"]: row for row in bench.rows("cards")}


@pytest.mark.representative(1)  # so many that they are read by columns: normalize/test_columnar.py
@pytest.mark.parametrize("rows", [4, 3000])
def test_a_split_is_a_column_in_the_words_of_the_hub(bench: Bench, rows: int) -> None:
    """Few rows are read one by one, many by columns: `dev` is validation, and what names no split stays."""
    cards(bench, rows)
    entry(bench)
    bench.night("cards")
    found = rows_of(bench)
    assert len(found) == 3 * rows
    assert {name: found[f"{name}0"]["split"] for name in ("dev", "Training", "unassigned")} == {
        "dev": "validation",
        "Training": "train",
        "unassigned": "unassigned",
    }
    assert [found[f"dev{at}"]["genres"] for at in range(4)] == [["Map"], ["Note"], ["Numbered"], None]
    assert [found[f"dev{at}"]["place"] for at in range(2)] == ["Berlin", "Überlingen"]
    assert "`split` | string | 100\u00a0% | how the source divides its rows" in bench.card("cards")


def test_a_split_is_what_rows_are_sent_by(bench: Bench) -> None:
    """`$split` is known to `config`, as every column is that is mapped."""
    cards(bench)
    entry(
        bench,
        normalize="{type: table, files: 'cards/{part}.csv', map: {id: id, title: title, split: $part, config: $split}}",
    )
    bench.night("cards")
    assert sorted({path.split("/")[1] for path in bench.parts("cards")}) == ["train", "unassigned", "validation"]


def test_a_split_chooses_rows(bench: Bench) -> None:
    """As the Hub calls it; and what is mapped before it is known is refused, where it would be empty in silence."""
    cards(bench)
    entry(
        bench,
        normalize="{type: table, files: 'cards/{part}.csv', where: {$split: validation}, map: {id: id, title: title, "
        "split: $part}}",
    )
    bench.night("cards")
    assert sorted(rows_of(bench)) == ["dev0", "dev1", "dev2", "dev3"]
    entry(bench, normalize="{type: table, files: 'cards/{part}.csv', map: {id: id, title: $split, split: $part}}")
    [fault] = bench.catalog.faults["cards"]
    assert "$split: no fact, no column, and nothing that `files` captures" in fault


@pytest.mark.slow  # of tables test_joins.py holds what is read again
def test_an_edited_table_is_read_again_and_a_meaning_is_not(bench: Bench) -> None:
    cards(bench)
    entry(bench)
    before = {stage: bench.source("cards").digest(stage) for stage in ("raw", "normalized", "shards", "hub")}
    entry(bench, ", meanings: {place: where the card was written, kind: the letter on the card}")
    said = {stage: bench.source("cards").digest(stage) for stage in ("raw", "normalized", "shards", "hub")}
    assert {stage for stage in before if before[stage] != said[stage]} == {"hub"}
    cards(bench, places="B,Bern\n")
    entry(bench)
    edited = bench.source("cards")
    assert edited.digest("normalized") != before["normalized"]
    bench.night("cards")
    assert rows_of(bench)["dev0"]["place"] == "Bern"


def test_meanings_reach_the_card_and_the_columns_that_dagster_shows(bench: Bench) -> None:
    cards(bench)
    entry(bench, ", meanings: {place: where the card was written, split: drawn by lot in 1998}")
    bench.night("cards")
    card = bench.card("cards")
    assert "`place` | string | 100\u00a0% | where the card was written" in card
    assert "`split` | string | 100\u00a0% | drawn by lot in 1998" in card
    assert "`kind` | string | 100\u00a0% | the source's own column" in card
    shown = {one.name: one.description for one in metadata._columns(bench.source("cards").sections[0]).columns}
    assert (shown["place"], shown["split"]) == ("where the card was written", "drawn by lot in 1998")


def test_a_cell_of_a_table_may_hold_a_line_end(bench: Bench) -> None:
    """RFC 4180, 2.6; and a line separator (U+2028) is none of CSV's line ends."""
    cards(bench, places='B,"Berlin,\nEast"\nÜ,Über\u2028lingen\n')
    entry(bench)
    bench.night("cards")
    assert {row["place"] for row in rows_of(bench).values()} == {"Berlin,\nEast", "Über\u2028lingen"}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("places.csv", None, "there is no file places.csv beside the sources file; write it"),
        ("places.csv", "B,Berlin\nB,Bern\n", "'B' stands there twice, with two values; leave one out"),
        ("places.csv", "B,Berlin,x\n", "row 1 has 3 columns; write a key and its value"),
        ("places.csv", b"\xff\xfeB", "is no table in UTF-8"),
        ("places.csv", "B,B\n" * 300_000, "above 1 MB; harvest it, and join it by `with`"),
        ("../places.csv", "B,Berlin\n", "is no file beside the sources file"),
        ("/etc/passwd.csv", None, "is no file beside the sources file"),
        ("places.yaml", "B: Berlin\n", "write NAME.csv or NAME.tsv, or the table itself"),
    ],
)
def test_what_is_wrong_with_a_table_is_a_fault_at_its_line(
    bench: Bench, name: str, content: str | bytes | None, said: str
) -> None:
    cards(bench)
    (bench.folder / "places.csv").unlink()
    if content is not None and not name.startswith(".."):
        path: Path = bench.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    entry(bench, normalize=(_NORMALIZE % "").replace("places.csv", name))
    [fault] = bench.catalog.faults["cards"]
    assert fault.startswith("sources.yaml:7: cards.normalize.lookups.places: ")
    assert said in fault


def test_a_table_of_a_joined_file_is_its_own(bench: Bench) -> None:
    cards(bench)
    (bench.folder / "data" / "cards" / "more.tsv").write_text("card\tshelf\ndev0\ta\n")
    normalize = (
        "{type: table, files: 'cards/dev.csv', with: {more: {files: more.tsv, by: {id: card}, "
        "lookups: {shelves: {a: Attic}}, map: {extra: {shelf: shelf >> lookup(shelves)}}}}, "
        "map: {id: id, title: title, extra: {shelf: $more.shelf}}}"
    )
    entry(bench, normalize=normalize)
    bench.catalog.faults.pop("cards", None)
    bench.write(_ENTRY.format(folder=bench.folder, normalize=normalize).replace("#cards/*.csv", "#cards/*.{csv,tsv}"))
    bench.night("cards")
    assert rows_of(bench)["dev0"]["shelf"] == "Attic"
