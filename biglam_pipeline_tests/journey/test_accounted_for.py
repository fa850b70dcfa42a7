"""A record that a reader loses stops publication, in whatever format and wherever it stood; what is whole goes up."""

import json
from collections.abc import Iterable, Iterator

import pytest

from biglam_pipeline import clearing
from biglam_pipeline.clearance import Finding
from biglam_pipeline.errors import RightsWithheld
from biglam_pipeline.harvest.protocols import folder
from biglam_pipeline.normalize import stretching
from biglam_pipeline.normalize.columnar.by_columns import ByColumns
from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.formats.table import Table
from biglam_pipeline.normalize.stretching import Sizes
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.records import Bundle, Item
from biglam_pipeline.store.normalized import Slice
from biglam_pipeline.store.slice_writer import SliceWriter
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_large_files import begin_again
from biglam_pipeline_tests.journey.test_rows_kept import desk, take

ENTRY = """
sources:
  desk:
    title: A desk
    custodian: A library
    harvest: "file:data#*.csv"
    normalize: {{type: table, map: {{id: number, title: title}}{more}}}
    rights: {{license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-01}}
    languages: [en]
    expect: {{rows: 1.., rejects: 0..0.5}}
    dedup: {{exact: none, near: none}}
"""


def lay(bench: Bench, text: str, more: str = "") -> None:
    data = bench.folder / "data"
    data.mkdir(exist_ok=True)
    (data / "objects.csv").write_text(text)
    bench.write(ENTRY.format(more=more))


def lines(count: int) -> str:
    return "number,title\n" + "".join(f"{one},Thing {one}\n" for one in range(count))


def finding(bench: Bench) -> Finding:
    source = bench.source("desk")
    view = clearing.view_of(bench.run, source, bench.base(source), "d")
    [found] = clearing.run_checks(view, frozenset({"everything_is_accounted_for"}))
    return found


def losing(number: int) -> type:
    """How `in_blocks` and `streams` are without the record of this number."""

    class Without:
        def streams(self, bundle: Bundle) -> Iterator[tuple[Item, Iterable[Found]]]:
            for item in bundle.items:
                yield item, self.all_but(item)

        in_blocks = streams

        def all_but(self, item: Item) -> Iterator[Found]:
            cuts = 0
            for one in self.cut(item):  # type: ignore[attr-defined]
                cuts += isinstance(one, Cut)
                if cuts != number or not isinstance(one, Cut):
                    yield one

    return Without


def lose(monkeypatch: pytest.MonkeyPatch, kind: type, number: int) -> None:
    for name in ("streams", "in_blocks", "all_but"):
        monkeypatch.setattr(kind, name, vars(losing(number))[name], raising=False)


def test_a_record_that_a_reader_loses_stops_publication(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(bench, lines(9))
    lose(monkeypatch, Table, 5)
    with pytest.raises(RightsWithheld, match=r"objects\.csv: 8 records were read, and 9 are in it by another count"):
        bench.night("desk")
    found = finding(bench)
    assert (found.passed, found.advice) == (False, False)
    assert "`harvest: {ignore: 'objects.csv'}`" in found.summary


def test_its_remedy_cures(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(bench, lines(9))
    (bench.folder / "data" / "others.csv").write_text(lines(3))
    lose(monkeypatch, Table, 5)
    bench.write(
        ENTRY.format(more="").replace(
            'harvest: "file:data#*.csv"', "harvest: {url: 'file:data#*.csv', ignore: objects.csv}"
        )
    )
    assert bench.night("desk").rows == 3
    assert finding(bench).passed


def test_what_is_whole_goes_up_with_both_numbers(bench: Bench) -> None:
    lay(bench, lines(9) + "10,a,b\n")
    bench.night("desk")
    found = finding(bench)
    assert found.passed
    assert (found.numbers["found"], found.numbers["expected"], found.numbers["not_counted"]) == (10, 10, 0)


def test_what_where_leaves_out_is_counted(bench: Bench) -> None:
    lay(bench, lines(9), ", where: {number: [1, 2]}")
    bench.night("desk")
    [one] = slices(bench)
    assert (one.rows, one.left_out, one.counted["found"], one.counted["expected"]) == (2, 7, 9, 9)


def slices(bench: Bench) -> list[Slice]:
    source = bench.source("desk")
    return clearing.view_of(bench.run, source, bench.base(source), "d").slices()


def test_a_large_file_adds_up_piece_by_piece(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretching, "SIZES", Sizes(above=1000, least=500, spread=500, most=2000, block=1000))
    monkeypatch.setattr(folder, "_KEPT_BYTES", 1000)
    lay(bench, lines(300) + '301,"a title\nof two lines"\n')
    bench.night("desk")
    assert len(slices(bench)) > 2
    assert [one.counted["found"] for one in slices(bench)] == [one.counted["expected"] for one in slices(bench)]
    assert sum(one.counted["found"] for one in slices(bench)) == 301


@pytest.mark.parametrize("way", ["many", "one"])
def test_a_row_that_is_lost_behind_the_reader_stops_publication(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Between what was cut and what is written: mapping, rows by columns, the writer."""
    lay(bench, lines(9))
    monkeypatch.setattr(ByColumns, "_may", lambda self, bundle: way == "many" and bool(bundle.items))
    add, add_many = SliceWriter.add, SliceWriter.add_many
    monkeypatch.setattr(SliceWriter, "add", lambda self, row, index: index["seq"] == 4 or add(self, row, index))

    def add_fewer(self: SliceWriter, rows: dict, index: dict) -> None:  # type: ignore[type-arg]
        shorter = {name: one[:-1] for name, one in index.items()}
        add_many(self, {name: one[:-1] for name, one in rows.items()}, shorter)

    monkeypatch.setattr(SliceWriter, "add_many", add_fewer)
    with pytest.raises(RightsWithheld, match="was written with 8 records, and its files gave 9"):
        bench.night("desk")


def test_a_slice_of_before_has_no_counts_and_is_not_read_again(bench: Bench) -> None:
    lay(bench, lines(9))
    bench.night("desk")
    source = bench.source("desk")
    shelf = clearing.view_of(bench.run, source, bench.base(source), "d").normalized.shelf
    [name] = [one for one in shelf.list("slices/") if one.endswith(".json")]
    said = json.loads(shelf.read(name))
    del said["counted"], said["differing"]
    shelf.put(name, json.dumps(said).encode())
    assert bench.night("desk").files_sent == 0
    found = finding(bench)
    assert found.passed
    assert found.numbers["not_counted"] == 1


def test_a_file_that_is_a_reject_as_a_whole_is_accounted_for(bench: Bench) -> None:
    """And it is said how many records another way saw in it."""
    data = bench.folder / "data"
    data.mkdir()
    (data / "objects.json").write_text('[{"number": 1, "title": "a"}, {"number": 2, "title": "b"}]')
    (data / "cut.txt").write_text('[{"number": 3}, {"number": 4}, {"number": 5}')
    bench.write(
        ENTRY.format(more="").replace("#*.csv", "").replace("type: table", "type: json, files: ['*.json', cut.txt]")
    )
    bench.night("desk")
    found = finding(bench)
    assert found.passed
    assert (found.numbers["found"], found.numbers["not_counted"]) == (2, 1)


def test_records_behind_such_a_reject_are_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another way sees further than the reader."""
    lay(bench, lines(9))

    def cut(self: Table, item: Item) -> Iterator[Found]:
        raise Unreadable("not_read", "a fault of the reader, not of the file")
        yield

    lose(monkeypatch, Table, 99)
    monkeypatch.setattr(Table, "cut", cut)
    source = bench.build("desk")
    view = clearing.view_of(bench.run, source, bench.base(source), "d")
    [found] = clearing.run_checks(view, frozenset({"everything_is_accounted_for"}))
    assert found.passed
    assert "1 ended as a reject, behind which 9 more stand" in found.summary


@pytest.mark.slow  # test_takedown.py publishes behind a takedown
def test_a_takedown_is_no_difference(bench: Bench) -> None:
    """Of a file that holds less than came, nobody counts again what is left of it; nor does its slice lack a row."""
    desk(bench, "{type: table, map: {id: id, title: title}}", big__csv="id,title\n1,One\n2,Two\n3,Three\n")
    bench.night("desk")
    take(bench, "2")
    assert finding(bench).passed
    begin_again(bench, "normalized")
    bench.night("desk")
    found = finding(bench)
    assert found.passed
    assert (found.numbers["bundles"], found.numbers["not_counted"]) == (0, 1)
