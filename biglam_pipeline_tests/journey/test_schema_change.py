"""The entry maps one more column: every part is written again under the one schema, and no row changes its place."""

from typing import Any

import pyarrow as pa
import pytest

from biglam_pipeline.normalize.rows import measuring
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_nights import manifest_of

NAME = "demo_letters"


def maps(bench: Bench, extra: dict[str, Any]) -> None:
    """The entry with these columns of its own."""
    old = bench.source(NAME)
    reported = old.model_dump(mode="json", by_alias=True, exclude_none=True)
    reported["normalize"][0]["map"]["extra"] = extra
    bench.catalog.sources[NAME] = type(old).model_validate(reported)


def test_all_parts_have_one_schema_and_the_rows_stay(small: Bench) -> None:
    small.night(NAME)
    before = small.rows(NAME)
    paths = [part.path for part in manifest_of(small, NAME).parts]
    assert len(paths) > 2
    maps(small, {"recipient": "recipient", "letters": "writer >> lower"})
    release = small.night(NAME)
    shards = small.run.shards(small.source(NAME))
    parts = manifest_of(small, NAME).parts
    schemas = {shards.schema(part).to_string(show_schema_metadata=True) for part in parts}
    assert len(schemas) == 1
    assert "letters: string" in schemas.pop()
    assert [part.path for part in parts] == paths
    after = small.rows(NAME)
    assert [row["id"] for row in after] == [row["id"] for row in before]
    assert [{key: row[key] for key in before[0]} for row in after] == before
    assert release.read_back == ()
    assert small.commits(NAME) == 2


def test_a_row_that_nobody_could_open_is_rejected_and_the_rest_goes_on(
    small: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [len(row["text"].encode()) for row in _rows(small)]
    monkeypatch.setattr(measuring, "MAX_ROW_BYTES", sorted(texts)[-3])
    monkeypatch.setattr(measuring, "VERSION", measuring.VERSION + 1)
    small.build(NAME)
    manifest = manifest_of(small, NAME)
    assert manifest.rejects == {"row_too_large": 2}
    normalized = small.run.normalized(small.source(NAME))
    current = normalized.current()
    assert current is not None
    reported = [row["detail"] for key in current.slices for row in normalized.rejects(key)]
    assert len(reported) == 2
    assert all("smaller units with `rows`" in one for one in reported)


def _rows(bench: Bench) -> list[dict[str, Any]]:
    bench.build(NAME)
    shards = bench.run.shards(bench.source(NAME))
    tables = [shards.table(part, ["text"]) for part in manifest_of(bench, NAME).parts]
    rows: list[dict[str, Any]] = pa.concat_tables(tables).to_pylist()
    return rows
