"""Cutting parts again: never by itself, and reported beforehand."""

from contextlib import nullcontext
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from biglam_pipeline import pipeline
from biglam_pipeline.cli import running
from biglam_pipeline.dedup.compaction import foresee
from biglam_pipeline.store.parts import PartSize
from biglam_pipeline_tests.bench import DEMO_SOURCES, Bench
from biglam_pipeline_tests.journey.test_nights import advance, manifest_of

NAME = "demo_letters"


def scattered(bench: Bench) -> None:
    """A source that shrank: parts of a row or two, as many nights of withdrawals leave them."""
    bench.night(NAME)
    advance(bench)
    library = bench.institution.institution
    library.remove("letters", library.ids("letters")[::2])
    bench.catalog.sources[NAME] = bench.source(NAME).model_copy(
        update={"expect": bench.source(NAME).expect.model_copy(update={"rows": None})}
    )


def test_cutting_again_makes_fewer_parts_and_loses_nothing(small: Bench) -> None:
    scattered(small)
    source = small.build(NAME)
    shards = small.run.shards(source)
    before = manifest_of(small, NAME)
    rows = {row["id"]: row for part in before.parts for row in shards.table(part).to_pylist()}
    small.run = replace(small.run, part_size=PartSize())
    assert pipeline.dedup_source(small.run, source, small.base(source)).written == 0, "a night never cuts again"
    seen = foresee(before, small.run.part_size)
    assert (seen.rows, seen.parts_before, seen.parts_after) == (len(rows), len(before.parts), 1)
    assert seen.gains
    laid = pipeline.dedup_source(small.run, source, small.base(source), rebuild=True)
    assert [part.path for part in laid.manifest.parts] == ["data/default/part-00000.parquet"]
    found = shards.table(laid.manifest.parts[0]).to_pylist()
    assert {row["id"]: row for row in found} == rows
    order = [(row["first_seen"], row["id"]) for row in found]
    assert order == sorted(order)
    assert not foresee(laid.manifest, small.run.part_size).gains


def test_cutting_again_what_is_cut_already_changes_nothing(small: Bench) -> None:
    """The same rows are cut by the same rule: nothing would be sent, and a night goes on from there."""
    source = small.build(NAME)
    before = manifest_of(small, NAME)
    shards = small.run.shards(source)
    old = shards.shelf.read("manifest.json")
    pipeline.dedup_source(small.run, source, small.base(source), rebuild=True)
    again = pipeline.dedup_source(small.run, source, small.base(source))
    assert again.written == 0
    assert shards.shelf.read("manifest.json") == old
    assert before.parts == again.manifest.parts


def test_the_command_tells_the_cost_asks_and_cuts(small: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    scattered(small)
    small.build(NAME)
    before = manifest_of(small, NAME)
    small.run = replace(small.run, part_size=PartSize())
    monkeypatch.setattr("biglam_pipeline.context.open_context", lambda _: nullcontext(small.run))
    words = ["compact", NAME, "--sources", str(DEMO_SOURCES)]
    monkeypatch.setenv("BIGLAM_SOURCES", str(DEMO_SOURCES))  # the command sets it; the next test has its own
    refused = CliRunner().invoke(running.app, words, input="n\n")
    assert refused.exit_code == 1
    assert manifest_of(small, NAME) == before
    done = CliRunner().invoke(running.app, words, input="y\n")
    assert done.exit_code == 0, done.output
    rows = sum(part.rows for part in before.parts)
    assert [(part.path, part.rows) for part in manifest_of(small, NAME).parts] == [
        ("data/default/part-00000.parquet", rows)
    ]
