"""Tables that are read column by column give the slices of those that are read row by row, byte for byte."""

import csv
import io
import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from biglam_pipeline import pipeline
from biglam_pipeline.context import RunContext, open_context
from biglam_pipeline.environment import read_environment
from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.inputs import readings_of
from biglam_pipeline.normalize.columnar import by_columns, distinct
from biglam_pipeline.normalize.files import files_of
from biglam_pipeline.normalize.formats.table import blocks, jsonl
from biglam_pipeline.normalize.reading import lay_out
from biglam_pipeline.normalize.slices import SliceRead, SliceTask, read_slice
from biglam_pipeline.normalize.slicing import as_they_stand
from biglam_pipeline.records import Block
from biglam_pipeline.source import load_sources
from biglam_pipeline.store.normalized import ENDINGS
from biglam_pipeline_tests.bench import Clock
from biglam_pipeline_tests.examples import examples

COLUMNS = ("id", "a", "b", "d", "c", "l", "s", "i", "r", "n", "g", "t", "u", "rest")
FEW = {"l": ["eng", "ger", "klingonish", ""], "g": ["x", "y", "", " x "], "u": ["page", "row", "", "scroll"]}
CELLS = {
    "id": ["1", "2", "3", " 3", "a\x07b", "", " "],
    "d": ["1823", "c. 1850", "1850-03-10", "[1790?]", "born 18xx", "-12", "1999/2001", "99999", "in the flood"],
    "c": ["Dickens, Charles, 1812-1870, author", "Smith, J.; Jones, A.", "Anon", ";;"],
    "i": ["978-3-16-148410-0", "Q42", "isbn:123", "10.1000/182", "Add MS 1", "http://example.org/1"],
    "r": ["CC BY 4.0", "https://creativecommons.org/publicdomain/zero/1.0/", "In copyright", "© Anon", "whatever", ""],
    "n": ["1", "7", "-3", "12.5", "1e3", "many", "3000000000", "true"],
}
ODD = (
    *(
        "",
        "",
        " ",
        "A title",
        "x;y;z",
        "x; ;y",
        'he said "hi"',
        '"',
        ', "',
        ' "begins',
        "line\nbreak",
        "three\n\nlines",
    ),
    *("tab\tbed", "nul\0", "bell\x07", "\ufeffmark", "\u202eright", "é", "日本語", "🙂🙂", "NULL", "n/a", "  padded  "),
    *(
        "#hash",
        "'",
        "\\",
        "a\\",
        "http://example.org/x",
        "<p>one<br>two &amp; three</p>",
        "ſtrange ligatures ﬁ",
        "0" * 40,
    ),
    *("a long text that says enough to be known by its letters again", "a\x85b", "a\u2028b"),
)
MAPPED: Mapping[str, list[Any]] = {
    "id": ["id", ["id", "a"], "id >> strip >> regex(^[0-9]+)", {"all": ["id", "$stem"], "join": "-"}],
    "title": ["a", "a >> strip >> first", ["missing", "b", "a"], {"all": ["a", "b"], "join": " / "}, {"const": "T"}],
    "title_alt": ["b", {"all": ["a", "b"]}, "b >> split(;)"],
    "date": ["d", ["d", "a"], "d >> until", "d >> regex([0-9]{4})"],
    "year_evidence": [{"const": "imprint"}, "u"],
    "original_date_raw": ["d"],
    "creators": ["c", "c >> split(;)"],
    "publisher": ["b", "c"],
    "publication_place": ["b >> split(;)", "b"],
    "languages": ["l", "l >> split(;)"],
    "subjects": ["s >> split(;)", "s", ["s", "i"]],
    "spatial": ["a >> split(;)", "i"],
    "genres": ["g", ["g", {"const": "Novel"}]],
    "description": ["rest >> html_text", "rest"],
    "identifiers": ["i", {"isbn": "i"}, {"wikidata": "i", "own": "a"}, "i >> split(;)"],
    "parent_id": ["g", "$name"],
    "type": [["g", {"const": "Text"}], {"const": "Text"}],
    "source_url": ["a >> url", "$url", "id >> template(http://example.org/{})"],
    "rights_raw": ["r", "r >> split(;)", "r >> replace(CC, )"],
    "attribution": ["c"],
    "rights_until": ["d"],
    "labels": ["g", "r"],
    "config": ["g", "u"],
}
TEXTS: Mapping[str, list[Any]] = {
    "text": ["t", "t >> html_text", ["t", "a"], "t >> replace(e, ee)"],
    "text_unit": ["u", {"const": "page"}],
    "text_origin": ["u", {"const": "ocr"}],
    "ocr_confidence": ["n"],
    "seq": ["n >> int", "n"],
    "image_url": ["i >> url"],
}
EXTRA: Mapping[str, Any] = {
    "whole": "n >> int",
    "share": ["n >> float"],
    "truth": "n >> bool",
    "one_of": "g >> class(x, y)",
    "several": "s >> split(;)",
    "own": "a",
    "here": "$stem",
    "kept": ["missing", "rest"],
}
WRITTEN = [
    *({"header": list(COLUMNS)}, {"header": list(COLUMNS), "skip": 1}, {"skip": 2}, {"comment": ["#", "x"]}),
    *({"escape": "\\"}, {"quote": "none"}, {"encoding": "cp1252"}, {"delimiter": ","}, {"delimiter": "blank"}),
]
WHERES = [{"g": ["x", "y"]}, {"n": "1..10"}, [{"g": "x"}, {"l": ["eng", "ger"]}], {"missing >> lower": "x"}]
CC0 = {"license": "CC0-1.0", "evidence": "https://example.org/rights", "checked": "2026-11-20", "quote": "CC0"}
RIGHTS = [
    CC0,
    {"from": "r", "evidence": "https://example.org/rights", "checked": "2026-11-20"},
    {**CC0, "license": "CC-BY-4.0", "statements": {"whatever": "CC0-1.0"}},
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunContext]:
    """Shelves for all of this."""
    state = str(tmp_path_factory.mktemp("state"))
    with open_context(read_environment({"BIGLAM_STATE": state, "BIGLAM_PROCESSES": "1"}), Clock()) as it:
        yield it


def both_ways(run: RunContext, folder: Path, name: str, data: bytes, entry: Mapping[str, Any]) -> list[SliceRead]:
    """The slice of one file, read by columns and row by row, once its files are equal byte for byte.

    Where a file is not what the entry says, both say so; then there is none.
    """
    task = task_of(run, folder, name, data, entry)
    found = [reported_of(task, least=0), reported_of(replace(task, folder=folder / "by_rows"), least=1 << 60)]
    read = [one for one in found if isinstance(one, SliceRead)]
    if len(read) < 2:
        assert found[0] == found[1]
        return []
    for ending in ENDINGS:
        first, second = ((folder / way / ending).read_bytes() for way in ("by_columns", "by_rows"))
        assert first == second, ending
    assert asdict(read[0]) == asdict(read[1])
    assert list(read[0].slice.problems) == list(read[1].slice.problems)
    return read


def task_of(run: RunContext, folder: Path, name: str, data: bytes, entry: Mapping[str, Any]) -> SliceTask:
    """The slice of one file that was harvested."""
    (folder / name).write_bytes(data)
    made = {"title": "A desk", "custodian": "A library", "harvest": f"file:{folder}#{name}", "rights": CC0, **entry}
    lines = "".join(f"    {key}: {json.dumps(value)}\n" for key, value in made.items())
    (folder / "sources.yaml").write_text(f"sources:\n  desk:\n{lines}")
    source = load_sources([folder / "sources.yaml"]).get("desk")
    raw, reading = run.raw(source), readings_of(source)[0]
    pipeline.harvest_source(run, source, folder)
    harvest = raw.latest()
    assert harvest is not None
    laid = lay_out(reading, raw, harvest, run.normalized(source), files_of(raw, raw.objects(harvest.number)), None)
    ((key, bundle_refs),) = laid.slices.items()
    return SliceTask(key, reading, raw.shelf, as_they_stand(raw, bundle_refs), folder / "by_columns")


def reported_of(task: SliceTask, least: int) -> SliceRead | str:
    """What comes of it, in blocks of some lines; least: bytes of a file that is read by columns."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(by_columns, "LEAST_BYTES", least)
        patch.setattr(distinct, "MAX_HELD", 4000)
        patch.setattr(blocks, "BLOCK_CHARS", 1500)
        patch.setattr(jsonl, "BLOCK_BYTES", 1500)
        try:
            return read_slice(task)
        except SourceChanged as error:
            return str(error)


def table_of(chance: random.Random, rows: int) -> list[list[str]]:
    """A table of cells that occur, and of some that hardly do."""
    wild = chance.choice([0.0, 0.02, 0.3])

    def cell(name: str) -> str:
        if name in FEW:
            return chance.choice(FEW[name])
        return chance.choice(ODD) if chance.random() < wild else chance.choice(CELLS.get(name, ODD[:7]))

    made = [[cell(name) for name in COLUMNS] for _ in range(rows)]
    for number, row in enumerate(made):
        if chance.random() < 0.7:
            row[0] = str(number)
    return made


def as_csv(chance: random.Random, rows: list[list[str]]) -> bytes:
    """The table as a file; some are written otherwise, and some have lines that are none of its rows."""
    delimiter, end = chance.choice([",", ",", ";", "\t"]), chance.choice(["\n", "\r\n"])
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerow(COLUMNS)
    loose = chance.choice([0.0, 0.0, 0.05])
    for row in rows:
        writer.writerow(row)
        if chance.random() < loose:
            odd = [
                end,
                f"  {end}",
                f'x{delimiter}"loose" y{end}',
                f"too{delimiter}few{end}",
                f'"open{end}',
                "mac\rmac\r",
            ]
            out.write(chance.choice([*odd, delimiter.join(COLUMNS) + end]))
    text = out.getvalue()
    return text[: len(text) - chance.choice([0, 0, 1, 30])].encode(
        chance.choice(["utf-8", "utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16"]), "replace"
    )


def entry_of(chance: random.Random, of_text: bool) -> dict[str, Any]:
    """An entry that maps some columns somehow."""
    chosen = {**MAPPED, **(TEXTS if of_text else {})}
    names = chance.sample(sorted(chosen), chance.randint(1, len(chosen)))
    mapped = {name: chance.choice(chosen[name]) for name in names}
    if of_text:
        mapped["text"] = chance.choice(TEXTS["text"])
    mapped["extra"] = {name: EXTRA[name] for name in chance.sample(sorted(EXTRA), chance.randint(0, len(EXTRA)))}
    reader: dict[str, Any] = {"type": "table", "map": mapped}
    if chance.random() < 0.3:
        reader["where"] = chance.choice(WHERES)
    if chance.random() < 0.3:
        reader["null"] = ["NULL", "n/a", "whatever"]
    if chance.random() < 0.3:
        reader |= chance.choice(WRITTEN)
    return {"normalize": reader, "languages": ["en"], "rights": chance.choice(RIGHTS)}


@given(seed=st.integers(0, 2**32), of_text=st.booleans())
@examples(25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_table_is_the_same_slice_by_columns_and_by_rows(
    run: RunContext, tmp_path: Path, seed: int, of_text: bool
) -> None:
    chance = random.Random(seed)
    data = as_csv(chance, table_of(chance, chance.choice([5, 60, 150])))
    both_ways(run, tmp_path, "table.csv", data, entry_of(chance, of_text))


@given(seed=st.integers(0, 2**32), of_text=st.booleans())
@examples(25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_json_lines_are_the_same_slice_by_columns_and_by_rows(
    run: RunContext, tmp_path: Path, seed: int, of_text: bool
) -> None:
    chance = random.Random(seed)
    lines = [json_line(chance, row) for row in table_of(chance, chance.choice([5, 60, 150]))]
    both_ways(
        run, tmp_path, "table.jsonl", "\n".join(lines).encode("utf-8", "surrogatepass"), entry_of(chance, of_text)
    )


VALUES = (None, 1, 1.5, True, ["x", "y", None, 3], [], {}, {"k": [1, {"z": 2}]}, [["deep"], {"a": "b"}], 10**25, "x")
LINES = ("", "  ", '{"a": 1.10}', '{"a": 1, "a": 2}', "[1]", "{", '{"a": NaN}', '{"t": "\\ud800"}', '{"new": "key"}')


def json_line(chance: random.Random, row: list[str]) -> str:
    if chance.random() < 0.02:
        return chance.choice(LINES)
    record: dict[str, Any] = {name: cell for name, cell in zip(COLUMNS, row, strict=True) if chance.random() < 0.95}
    if chance.random() < 0.1:
        record[chance.choice(COLUMNS)] = chance.choice(VALUES)
    return json.dumps(record, ensure_ascii=chance.random() < 0.3)


PLAIN = {"id": "id", "title": "a", "date": "d", "creators": "c", "subjects": "s >> split(;)", "description": "rest"}


def plain_table(rows: int) -> bytes:
    """A table without anything odd, for cells of two lines are none."""
    ends = '"Smith, J.",eng,x;y,i,,1,x,,,"rest\nof it"'
    lines = [f"{at},Title {at},,{1800 + at % 9},{ends}" for at in range(rows)]
    return "\n".join([",".join(COLUMNS), *lines, ""]).encode()


@pytest.fixture
def laid(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many records came in each block."""
    found: list[int] = []
    lay = by_columns.ByColumns.lay

    def counting(one: by_columns.ByColumns, block: Block, harvest: int, seq: int) -> by_columns.Laid:
        found.append(len(block.lines))
        return lay(one, block, harvest, seq)

    monkeypatch.setattr(by_columns.ByColumns, "lay", counting)
    return found


def table(**mapped: Any) -> dict[str, Any]:
    """An entry that maps this."""
    return {"normalize": {"type": "table", "map": mapped}}


def test_all_rows_of_a_plain_table_are_read_by_columns(run: RunContext, tmp_path: Path, laid: list[int]) -> None:
    """In the files they lie as they would one by one, in groups of a thousand."""
    by_columns, _ = both_ways(run, tmp_path, "table.csv", plain_table(2500), table(**PLAIN))
    assert by_columns.slice.rows == 2500
    assert sum(laid) > 2000, "all but those that are cut off where a block ends"
    assert len(laid) > 10


@pytest.mark.representative(2)  # other names that collide
@pytest.mark.parametrize("own", ["(a) Age", "(key)", "(statement)", "(notes)", "(holds)", "size", "tier"])
def test_an_own_column_may_be_called_as_what_is_worked_out_beside(
    run: RunContext, tmp_path: Path, laid: list[int], own: str
) -> None:
    """Survey exports have headers as `(a) Age`; what lies in such a column is in a row's digests as in any other."""
    rows = "".join(f'{at},{at % 7},"two{chr(10)}lines {at}"\n' for at in range(3000))
    entry = table(id="id", extra={own: "n >> int", f"{own}2": "t"})
    both_ways(run, tmp_path, "table.csv", f"id,n,t\n{rows}".encode(), entry)
    assert sum(laid) > 0


def test_what_names_a_section_stands_in_each_id(run: RunContext, tmp_path: Path, laid: list[int]) -> None:
    entry = table(**PLAIN, config={"const": "objects"})
    by_columns, _ = both_ways(run, tmp_path, "table.csv", plain_table(2500), entry)
    assert sum(laid) > 2000
    assert by_columns.slice.rows == 2500


def test_all_json_lines_are_read_by_columns(run: RunContext, tmp_path: Path, laid: list[int]) -> None:
    lines = [json.dumps({"id": str(at), "a": f"Title {at}", "s": ["x", "y"], "new": None}) for at in range(1200)]
    entry = table(id="id", title="a", genres="s")
    by_columns, _ = both_ways(run, tmp_path, "table.jsonl", "\n".join([*lines, ""]).encode(), entry)
    assert by_columns.slice.rows == 1200
    assert sum(laid) >= 1199


@pytest.mark.slow  # a matter of size; small rows stay, above
def test_rows_of_much_text_are_flushed_at_the_same_places(run: RunContext, tmp_path: Path, laid: list[int]) -> None:
    """A batch ends where its texts are large, not only at its thousandth row."""
    lines = [f"{at},{'many words ' * 70_000}" for at in range(24)]
    both_ways(run, tmp_path, "table.csv", "\n".join(["id,t", *lines, ""]).encode(), table(id="id", text="t"))
    assert sum(laid) > 20
    with pq.ParquetFile(tmp_path / "by_columns" / "parquet") as file:
        assert file.num_row_groups == 3


def test_a_statement_that_credits_whom_the_record_names_is_judged_with_the_names(
    run: RunContext, tmp_path: Path, laid: list[int]
) -> None:
    """The same words are one thing beside the name that they credit, and another beside a stranger."""
    lines = [f"{at},{'Ann Lee' if at % 2 else 'Bo Day'},CC BY 4.0 Ann Lee" for at in range(400)]
    entry = table(id="id", creators="c", extra=["r"])
    entry["rights"] = {"from": "r", "evidence": "https://example.org/rights", "checked": "2026-11-20"}
    both_ways(run, tmp_path, "table.csv", "\n".join(["id,c,r", *lines, ""]).encode(), entry)
    assert sum(laid) > 390
    rows = pq.read_table(tmp_path / "by_columns" / "parquet", columns=["creators", "rights_tier"]).to_pylist()
    tiers = {row["creators"][0]["name_raw"]: row["rights_tier"] for row in rows}
    assert tiers["Ann Lee"] != tiers["Bo Day"]


@pytest.mark.parametrize(
    "changed", [{"title": "$line"}, {"title": "$date"}, {"extra": {"n": "$title"}}, {"text": "a >> replace(e, eee)"}]
)
def test_what_is_not_known_by_columns_is_read_row_by_row(
    run: RunContext, tmp_path: Path, laid: list[int], changed: dict[str, Any]
) -> None:
    by_columns, _ = both_ways(run, tmp_path, "table.csv", plain_table(100), table(**{**PLAIN, **changed}))
    assert by_columns.slice.rows == 100
    assert not laid


def test_a_slice_of_which_records_are_passed_over_is_read_row_by_row(
    run: RunContext, tmp_path: Path, laid: list[int]
) -> None:
    """After a takedown: the others keep their places."""
    task = task_of(run, tmp_path, "table.csv", plain_table(1300), table(**PLAIN))
    found = read_slice(replace(task, passed_over=frozenset({7, 200})))
    assert not laid
    assert found.slice.rows == 1298
    seqs = pq.read_table(task.folder / "index.parquet", columns=["seq"])["seq"].to_pylist()
    assert seqs == [at for at in range(1, 1301) if at not in (7, 200)]
