"""Each check passes on a sound shelf, and fails on the fault that it is there for, with what to do about it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from biglam_pipeline import clearing, pipeline
from biglam_pipeline.checks import CHECKS
from biglam_pipeline.clearance import Finding, nightly, required
from biglam_pipeline.errors import RightsWithheld
from biglam_pipeline.records import Part
from biglam_pipeline.store.parts import Manifest, encode
from biglam_pipeline_tests.bench import DEMO_SOURCES, Bench

NAME = "demo_letters"


def findings(bench: Bench, name: str = NAME) -> dict[str, Finding]:
    """All findings about a source, by check."""
    source = bench.source(name)
    manifest = bench.run.shards(source).current()
    view = clearing.view_of(bench.run, source, bench.base(source), manifest.digest if manifest else "none")
    names = frozenset(check for checks in CHECKS.values() for check in checks)
    return {one.check: one for one in clearing.run_checks(view, names)}


def manifest_of(bench: Bench) -> Manifest:
    """The shards of today."""
    manifest = bench.run.shards(bench.source(NAME)).current()
    assert manifest is not None
    return manifest


def put_manifest(bench: Bench, manifest: Manifest) -> None:
    """Another manifest on the shelf, past everything that makes one."""
    shelf = bench.run.shards(bench.source(NAME)).shelf
    shelf.swap("manifest.json", shelf.read("manifest.json"), encode(manifest))


def rewrite(bench: Bench, change: Callable[[pa.Table], pa.Table]) -> None:
    """The first part with other rows, and a manifest that says that this is right."""
    shards, manifest = bench.run.shards(bench.source(NAME)), manifest_of(bench)
    part = manifest.parts[0]
    table = change(shards.table(part))
    pq.write_table(table, shards.path(part))
    sha256, size = shards.digest(part)
    put_manifest(bench, replace(manifest, parts=(replace(part, sha256=sha256, size=size, rows=table.num_rows),)))


def column(table: pa.Table, name: str, value: Any) -> pa.Table:
    """The table with this value in its first row."""
    values = table[name].to_pylist()
    values[0] = value
    at = table.schema.get_field_index(name)
    return table.set_column(at, table.schema.field(at), pa.array(values, table.schema.field(at).type))


def test_a_sound_source_passes_everything(bench: Bench) -> None:
    bench.night(NAME)
    found = findings(bench)
    assert {name: one.summary for name, one in found.items() if not one.passed and not one.advice} == {}
    assert all(one.summary and one.digest == manifest_of(bench).digest for one in found.values())
    assert found.keys() >= required() > nightly()
    assert "round_trip" not in required()


def _twice(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table, table.slice(0, 1)])


def _mixed(table: pa.Table) -> pa.Table:
    """Share-alike beside non-commercial: no repository can state a licence for both."""
    kinds = ["by-sa" if at % 2 else "by-nc" for at in range(table.num_rows)]
    statements = pa.array([f"https://creativecommons.org/licenses/{kind}/4.0/" for kind in kinds])
    at = table.schema.get_field_index("rights_uri")
    return table.set_column(at, table.schema.field(at), statements)


FAULTS: dict[str, tuple[Callable[[pa.Table], pa.Table], str]] = {
    "ids_are_unique": (_twice, "stands in the parts more than once; materialize shards again"),
    "tally_adds_up": (lambda table: table.slice(1), "the parts hold 38 rows, the tally says 39"),
    "every_row_is_licensed": (lambda table: column(table, "rights_tier", "closed"), "has tier closed"),
    "no_duplicate_is_left": (lambda table: column(table, "dup_of", "demo_letters:nobody"), "demo_letters:nobody"),
    "parts_are_whole": (lambda table: table.drop_columns(["title"]), "has not the schema of the entry"),
    "licences_combine": (_mixed, "by-sa"),
}


@pytest.mark.parametrize("check", FAULTS)
def test_a_fault_in_the_parts_is_found_and_refused(bench: Bench, check: str) -> None:
    bench.build(NAME)
    change, words = FAULTS[check]
    rewrite(bench, change)
    found = findings(bench)[check]
    assert not found.passed
    assert words in found.summary
    source = bench.source(NAME)
    with pytest.raises(RightsWithheld, match=check):
        pipeline.publish_source(bench.run, source, bench.base(source))
    assert bench.commits(NAME) == 0


def test_a_dropped_duplicate_whose_keeper_is_not_published(bench: Bench) -> None:
    """letter-040 was dropped for letter-015."""
    bench.build(NAME)
    rewrite(bench, lambda table: table.filter(pa.compute.not_equal(table["id"], f"{NAME}:letter-015")))
    assert f"{NAME}:letter-040 was dropped for {NAME}:letter-015" in findings(bench)["no_duplicate_is_left"].summary


def _copied(table: pa.Table) -> pa.Table:
    """A row once more, under another identifier: what dropping exact duplicates should not leave."""
    last = table.slice(table.num_rows - 1)
    for name, value in (("id", f"{NAME}:other"), ("source_record_id", "other"), ("dup_of", None)):
        last = column(last, name, value)
    return pa.concat_tables([table, last])


@pytest.mark.parametrize(
    ("choice", "change", "words"),
    [
        ("rows", _copied, "are equal in everything but identifiers, and the entry leaves one"),
        ("drop", lambda table: column(_copied(table), "title", "Another"), "are equal in text, and the entry leaves"),
    ],
)
def test_an_exact_duplicate_that_was_left_is_found(
    bench: Bench, choice: str, change: Callable[[pa.Table], pa.Table], words: str
) -> None:
    text = DEMO_SOURCES.read_text(encoding="utf-8")
    entry = text[text.index(f"  {NAME}:") :]
    entry = entry[: entry.index("\n  demo_", 5)]
    bench.write(f"sources:\n{entry}\n    dedup: {{exact: {choice}}}\n")
    bench.build(NAME)
    assert findings(bench)["no_duplicate_is_left"].passed
    rewrite(bench, change)
    assert words in findings(bench)["no_duplicate_is_left"].summary
    text = (bench.folder / "sources.yaml").read_text()
    bench.write(text.replace(f"exact: {choice}", "exact: flag"))
    assert findings(bench)["no_duplicate_is_left"].passed, "an entry that drops nothing may have them"


CHAINS = {
    "normalized_digest": "made from other normalized rows; materialize shards again",
    "harvest_digest": "made from another harvest; materialize normalized and shards again",
    "policy_digest": "`accept` or `dedup` changed",
    "ledger_digest": "the takedown ledger changed",
}


@pytest.mark.parametrize("link", CHAINS)
def test_a_broken_chain_names_its_link(bench: Bench, link: str) -> None:
    bench.build(NAME)
    put_manifest(bench, replace(manifest_of(bench), **{link: "another"}))
    found = findings(bench)["chain_is_unbroken"]
    assert not found.passed
    assert CHAINS[link] in found.summary


def test_shards_of_an_incomplete_harvest_are_not_published(bench: Bench) -> None:
    bench.build(NAME)
    put_manifest(bench, replace(manifest_of(bench), complete=False))
    assert "is not complete" in findings(bench)["chain_is_unbroken"].summary


def test_an_edit_of_the_entry_breaks_the_chain_until_its_stage_is_run(bench: Bench) -> None:
    bench.night(NAME)
    entry = bench.source(NAME)
    bench.catalog.sources[NAME] = entry.model_copy(update={"languages": ("en", "fr")})
    found = findings(bench)["chain_is_unbroken"]
    assert "`normalize` or `rights` changed" in found.summary
    assert bench.night(NAME).rows == 39
    assert findings(bench)["chain_is_unbroken"].passed


def test_a_takedown_since_the_shards_were_made_stops_the_upload(bench: Bench, tmp_path: Path) -> None:
    bench.build(NAME)
    entry = bench.source(NAME)
    bench.catalog.bases[NAME] = tmp_path
    line = {"source_id": NAME, "record_id": "letter-003", "action": "removed", "ground": "privacy"}
    (tmp_path / "takedowns.jsonl").write_text(json.dumps(line) + "\n")
    with pytest.raises(RightsWithheld, match="takedown ledger changed"):
        pipeline.publish_source(bench.run, entry, tmp_path)
    assert bench.night(NAME).rows == 38
    assert f"{NAME}:letter-003" not in {row["id"] for row in bench.rows(NAME)}
    (tmp_path / "takedowns.jsonl").write_text(
        json.dumps(line) + "\n" + json.dumps(line | {"action": "restored"}) + "\n"
    )
    assert bench.night(NAME).rows == 39


def test_a_slice_with_other_columns(bench: Bench) -> None:
    bench.build(NAME)
    folder = bench.folder / "state" / "shelves" / NAME / "normalized" / "slices"
    (path,) = [one for one in folder.glob("*.parquet") if one.name.count(".") == 1]
    table = pq.read_table(path)
    odd = table.drop_columns(["title"]).append_column("stray", pa.array(range(table.num_rows)))
    pq.write_table(odd, path)
    found = findings(bench)["schema_matches"]
    assert not found.passed
    assert f"{path.name} is not the file that was put there" in found.summary, "its columns were others when it was put"


def test_expectations_name_figure_and_bounds(bench: Bench) -> None:
    bench.build(NAME)
    entry = bench.source(NAME)
    strict = entry.expect.model_validate({"rows": "100..", "fill": {"text": "1..", "title": "0.5.."}})
    bench.catalog.sources[NAME] = entry.model_copy(update={"expect": strict})
    summary = findings(bench)["expectations_hold"].summary
    assert "39 rows to publish (1 duplicate, of 40 seen); the entry expects 100.." in summary
    assert "title is filled in 0.0% of rows; the entry expects 0.5.." in summary
    assert "text is filled" not in summary


@pytest.mark.parametrize("stage", [0, 1, 2])
def test_a_check_of_a_stage_that_was_not_run_fails_with_what_to_run(bench: Bench, stage: int) -> None:
    """No check is passed for want of something to look at."""
    source = bench.source(NAME)
    for number in range(stage):
        if number == 0:
            pipeline.harvest_source(bench.run, source, bench.base(source))
        else:
            pipeline.normalize_source(bench.run, source, bench.base(source))
    found = findings(bench)
    due = ["raw", "normalized", "shards", "hub"][stage]
    assert not any(found[check].passed for check in CHECKS[due])
    assert all(f"materialize {due}" in found[check].summary for check in CHECKS[due])


def test_the_nightly_checks_read_no_rows(bench: Bench) -> None:
    """They hold where all that is large is gone: so an unchanged night costs no reading."""
    bench.night(NAME)
    for part in manifest_of(bench).parts:
        _empty(bench, part)
    source = bench.source(NAME)
    view = clearing.view_of(bench.run, source, bench.base(source), "any")
    assert all(one.passed for one in clearing.run_checks(view, nightly()))


def _empty(bench: Bench, part: Part) -> None:
    shards = bench.run.shards(bench.source(NAME))
    shards.path(part).write_bytes(b"")
