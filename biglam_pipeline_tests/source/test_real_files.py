"""Do the entries of sources.yaml fit the files that institutions published? Where a copy of one is at hand."""

import re
from pathlib import Path

from biglam_pipeline import pipeline
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.conftest import ROOT


def test_the_genres_of_british_library_books(bench: Bench, real_data: Path) -> None:
    file = real_data / "csv" / "bl-books-genre" / "annotations.csv"
    text = (ROOT / "sources.yaml").read_text(encoding="utf-8")
    entry = re.search(r"  bl_books_genre:\n(?:    .+\n)+", text)
    assert entry is not None
    bench.write("sources:\n" + re.sub(r"harvest: \S+", f"harvest: file:{file}", entry[0]))
    source = bench.source("bl_books_genre")
    pipeline.harvest_source(bench.run, source, bench.base(source))
    done = pipeline.normalize_source(bench.run, source, bench.base(source))
    rows = sum(one.rows for one in done.slices)
    assert source.expect.rows is not None
    assert rows in source.expect.rows
    assert sum(one.rejected for one in done.slices) == 0
    filled = {name: sum(one.filled.get(name, 0) for one in done.slices) for name in source.column_names}
    assert filled["title"] / rows in source.expect.fill["title"]
    assert filled["languages"] > 0.9 * rows
    assert {name: filled[name] > 0 for name in source.sections[0].extras} == dict.fromkeys(
        source.sections[0].extras, True
    )
    table = bench.run.normalized(source).head(done.slices[0].key, 1).to_pylist()[0]
    assert (table["title"], table["languages"], table["publisher"]) == ("Sonnets", ["en"], "published by the author")
