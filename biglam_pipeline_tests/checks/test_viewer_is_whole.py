"""`viewer_is_whole`: what a reader of the dataset's page would not see is said before it is published."""

import re
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from biglam_pipeline import clearing
from biglam_pipeline.checks import viewer_is_whole
from biglam_pipeline.clearance import Finding
from biglam_pipeline.publish import viewer
from biglam_pipeline.publish.viewer import Limit
from biglam_pipeline.records import Part
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.checks.test_checks import manifest_of, put_manifest

NAME = "demo_letters"


def found(bench: Bench) -> Finding:
    """The finding of today."""
    source = bench.source(NAME)
    view = clearing.view_of(bench.run, source, bench.base(source), manifest_of(bench).digest)
    return viewer_is_whole.run(view)


def at_most(monkeypatch: pytest.MonkeyPatch, name: str, value: int) -> None:
    """The viewer's limit is this."""
    monkeypatch.setattr(viewer, name, Limit(value, "a test"))


def test_a_small_dataset_is_seen_as_a_whole(bench: Bench) -> None:
    bench.build(NAME)
    finding = found(bench)
    assert finding.passed
    assert int(finding.numbers["largest_row_group"]) > 1_000


@pytest.mark.representative(1)  # other measures of the viewer
@pytest.mark.parametrize(
    ("limit", "value", "said"),
    [
        ("GROUP_BYTES", 1_000, "1 of 1 row groups are above 1.0 kB .* does not show their rows; they can be loaded"),
        ("ROW_BYTES", 100, "on average, and the viewer is made for about 100 bytes"),
        ("INDEXED_BYTES", 1_000, "search and filter see the first 1.0 kB of `default` .*makes configs that are seen"),
    ],
)
def test_what_would_not_be_shown_is_advice(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, said: str
) -> None:
    """It is published all the same: the rows are whole for who loads them."""
    at_most(monkeypatch, limit, value)
    bench.build(NAME)
    finding = found(bench)
    assert (finding.passed, finding.advice) == (False, True)
    assert re.search(said, finding.summary), finding.summary
    assert bench.night(NAME).read_back == ()


def test_the_configs_that_are_searched_as_a_whole_are_named(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.build(NAME)
    manifest = manifest_of(bench)
    part = manifest.parts[0]
    parts = tuple(replace(part, config=name, size=size) for name, size in [("de", 700), ("en", 300), ("fr", 1_600)])
    put_manifest(bench, replace(manifest, parts=parts))
    at_most(monkeypatch, "INDEXED_BYTES", 1_000)
    summary = found(bench).summary
    assert "the first 1.0 kB of `default` (2.6 kB, 38%), `fr` (1.6 kB, 62%)" in summary
    assert "they see all of `de`, `en`" in summary


def test_a_column_of_two_types_stops_publication(bench: Bench) -> None:
    """`datasets` makes one table of all parts, or none (dataset-viewer threads 1519, 1957, 2625)."""
    bench.build(NAME)
    shards, manifest = bench.run.shards(bench.source(NAME)), manifest_of(bench)
    part = manifest.parts[0]
    table = shards.table(part)
    file = part.file.replace("part-00000", "part-00001")
    at = table.schema.get_field_index("title")
    shards.shelf.put(file, b"")
    pq.write_table(table.set_column(at, "title", pa.array([1] * table.num_rows)), shards.shelf.local(file))
    put_manifest(
        bench, replace(manifest, parts=(part, replace(part, file=file, path="data/default/part-00001.parquet")))
    )
    finding = found(bench)
    assert (finding.passed, finding.advice) == (False, False)
    assert "title is int64 in data/default/part-00001.parquet and string before" in finding.summary


def test_names_and_numbers_that_the_viewer_refuses(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.build(NAME)
    manifest = manifest_of(bench)
    parts: tuple[Part, ...] = (manifest.parts[0], replace(manifest.parts[0], config="a|b"))
    put_manifest(bench, replace(manifest, parts=parts))
    at_most(monkeypatch, "CONFIGS", 1)
    at_most(monkeypatch, "COLUMNS", 5)
    finding = found(bench)
    assert (finding.passed, finding.advice) == (False, False)
    assert "a config called `a|b` cannot be loaded" in finding.summary
    assert "2 configs, and none is shown above 1" in finding.summary
    assert "the viewer shows none of more than 5" in finding.summary
