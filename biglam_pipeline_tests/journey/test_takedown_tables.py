"""A takedown of the very line by which a table was judged: what is left of raw makes the same dataset again."""

import gzip
import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_rows_kept import desk, manifest_of, take

READ = "{type: table, map: {title: a, extra: {b: b, line: $line}}}"


def zipped(name: str, data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), data)
    return packed.getvalue()


MIXED = b"a,b\nFirst,\xc3\xa9t\xc3\xa9\nSecond,x\nThird,\xc3\xa8\nFourth,\xe9t\xe9\n"
TABLES = {
    "the good letters": ("a__csv", MIXED),
    "in a ZIP": ("a__zip", zipped("a.csv", MIXED)),
    "in gzip": ("a__tsv__gz", gzip.compress(b'a\tb\nFirst\t"Nay\nSecond\t"of"\nThird\t"isle"\n', mtime=0)),
    "what a loose quote broke on": ("a__csv", b'a,b\nNone,"x\nFirst,6" x\nSecond,5"\nThird,7\n'),
    "JSON": ("a__jsonl", b'{"a":"First","b":"\xe9"}\n{"a":"Second","c":"\xc3\xa9"}\n{"a":"Third"}\n'),
    "equal lines": ("a__csv", b"a,b\nFirst,x\nSecond,y\nSecond,y\nFirst,x\nFirst,x\n"),
}


@pytest.mark.representative(1)  # out of an archive
@pytest.mark.parametrize("name", TABLES)
def test_what_is_left_of_a_table_is_not_judged_again(bench: Bench, name: str) -> None:
    file, data = TABLES[name]
    desk(bench, READ, "expect: {rows: 1.., rejects: ..0.9}", **{file: data})
    bench.night("desk")
    rows = {row["source_record_id"]: row for row in bench.rows("desk")}
    for title in ("First", "Second"):  # the second takedown finds what the first left
        gone = min(key for key, row in rows.items() if row["title"] == title)
        take(bench, gone)
        rows = {key: row for key, row in rows.items() if key != gone}
        kept = bench.rows("desk")
        assert {row["source_record_id"]: (row["title"], row["b"], row["line"]) for row in kept} == {
            key: (row["title"], row["b"], row["line"]) for key, row in rows.items()
        }
        before = bench.parts("desk"), manifest_of(bench).tally
        shutil.rmtree(shelf(bench) / "normalized")
        bench.night("desk")
        assert (bench.parts("desk"), manifest_of(bench).tally) == before


@pytest.mark.slow  # `test_what_is_left_of_a_table_is_not_judged_again` stays
def test_the_notes_hold_nothing_of_what_went(bench: Bench) -> None:
    """Of a row the digest is kept only while an equal row stands in the file."""
    desk(bench, READ, "expect: {rows: 1..}", a__csv=b"a,b\nSecret,caf\xe9\nSecond,\xc3\xa9\nThird,\xc3\xa8\n")
    bench.night("desk")
    take(bench, next(row["source_record_id"] for row in bench.rows("desk") if row["title"] == "Secret"))
    notes = json.loads((shelf(bench) / "raw" / "redacted.json").read_text())
    [copy] = notes["copies"].values()
    assert copy["known"][""]["gone"] == {"2": ""}
    assert "Secret" not in json.dumps(notes)


def shelf(bench: Bench) -> Path:
    return bench.folder / "state" / "shelves" / "desk"
