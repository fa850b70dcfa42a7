"""The same documents through the whole pipeline and through the search alone: clusters, and what each stage took."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import dagster as dg
import numpy as np
import polars as pl

from benchmarks import ocr_corpus
from benchmarks.dedup.ours import Texts, rows_of
from biglam_pipeline.context import open_context
from biglam_pipeline.dedup.near.finding import Choice, find_near, open_store
from biglam_pipeline.dedup.near.rows import Found
from biglam_pipeline.environment import read_environment
from biglam_pipeline.source import load_sources
from biglam_pipeline.store.opening import open_shelf

SOURCE = "pages"
ENTRY = """sources:
  pages:
    title: Pages as OCR gives them
    custodian: A made-up library
    harvest: file:pages
    normalize:
      {type: table, modality: text, map: {id: id, text: text, text_origin: {const: ocr}, text_unit: {const: document}}}
    rights: {license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-01, quote: CC0}
    languages: [en]
    dedup: {near: flag}
"""
STAGES = ("raw", "normalized", "shards")


@dataclass(frozen=True, slots=True)
class Journey:
    """What became of the documents on both ways."""

    seconds: dict[str, float]
    """Stage -> wall time of its step in Dagster's run."""
    run: float
    """From the run's first step to the end of its last check."""
    search: float
    """Seconds of the search alone, given the exact keys, as the shards stage is."""
    rows: int
    marked: int
    """Rows that repeat another, as the pipeline says."""
    dropped: int
    """Rows equal in everything but identifiers."""
    differing: list[str]
    """What the two say differently; the first few."""


def compare(corpus: ocr_corpus.Corpus, folder: Path, processes: int) -> Journey:
    """Runs both. folder: an empty one, for sources, shelves and Dagster's home."""
    texts = Texts(corpus, seed=7)
    _write(texts, folder)
    seconds, run = _through_dagster(folder, processes)
    marks, removed = _outcome(folder)
    rows = rows_of(texts, 1)
    began = time.monotonic()
    store = open_store(open_shelf(str(folder / "alone"), folder / "local").at("alone/fingerprints"), "page")
    found = find_near(rows, texts, store, Choice("page", "standard", processes))
    search = time.monotonic() - began
    marked = marks.filter(pl.col("dup_of").is_not_null()).height
    return Journey(seconds, run, search, marks.height, marked, len(removed), differing(found, rows, marks, removed)[:5])


def differing(found: Found, rows: pl.DataFrame, marks: pl.DataFrame, removed: dict[str, str]) -> list[str]:
    """Where the search alone (found, rows: by rank) and the pipeline disagree.

    marks: id, dup_of and similarity of published rows. removed: id -> keeper of rows that were dropped as equal.
    """
    keys, out = rows["content_key"].to_list(), []
    reported = {name: (of, alike) for name, of, alike in marks.select("id", "dup_of", "similarity").iter_rows()}
    for rank, (keeper, alike) in enumerate(zip(found.keeper.tolist(), found.similarity.tolist(), strict=True)):
        name = f"{SOURCE}:{rank:08}"
        if name in removed:
            right = keys[rank] is not None and keys[int(removed[name].partition(":")[2])] == keys[rank]
        else:
            right = reported.get(name) == ((None, None) if keeper == rank else (f"{SOURCE}:{keeper:08}", alike))
        if not right:
            out.append(f"{name}: {removed.get(name) or reported.get(name)}, alone {keeper} {alike}")
    return out


def _write(texts: Texts, folder: Path) -> None:
    """JSON Lines in the order of the corpus; identifiers in that of rank."""
    (folder / "pages").mkdir(parents=True)
    (folder / "sources.yaml").write_text(ENTRY, encoding="utf-8")
    rank = np.argsort(texts.order)
    with (folder / "pages" / "pages.jsonl").open("w", encoding="utf-8") as stream:
        for begin in range(0, len(rank), 1000):
            chosen = rank[begin : begin + 1000]
            lines = [text for batch in texts(chosen) for text in batch]
            for at, text in zip(chosen.tolist(), lines, strict=True):
                stream.write(json.dumps({"id": f"{at:08}", "text": text}) + "\n")


def _settings(folder: Path, processes: int = 1) -> dict[str, str]:
    return {"BIGLAM_STATE": str(folder / "state"), "BIGLAM_PROCESSES": str(processes)}


def _through_dagster(folder: Path, processes: int) -> tuple[dict[str, float], float]:
    """Runs the command; seconds of each stage's step, and of the whole run."""
    command = [sys.executable, "-m", "biglam_pipeline.cli", "run", SOURCE, "--to", "shards", "--sources"]
    environment = {**os.environ, **_settings(folder, processes)}
    subprocess.run([*command, str(folder / "sources.yaml")], check=True, env=environment, stdout=sys.stderr)  # noqa: S603
    with dg.DagsterInstance.from_config(str(folder / "state" / "dagster")) as instance:
        run = instance.get_runs(limit=1)[0].run_id
        steps = {one.step_key: (one.start_time or 0, one.end_time or 0) for one in instance.get_run_step_stats(run)}
    seconds = {stage: steps[f"{SOURCE}__{stage}"][1] - steps[f"{SOURCE}__{stage}"][0] for stage in STAGES}
    return seconds, max(end for _, end in steps.values()) - min(begin for begin, _ in steps.values())


def _outcome(folder: Path) -> tuple[pl.DataFrame, dict[str, str]]:
    """id, dup_of and similarity of what would be published; id -> keeper of what was dropped."""
    source = load_sources([folder / "sources.yaml"]).get(SOURCE)
    with open_context(read_environment(_settings(folder))) as run:
        shelf = run.shards(source)
        manifest = shelf.current()
        if manifest is None:
            raise SystemExit("the run left no shards")
        columns = ["id", "dup_of", "similarity"]
        marks = [pl.DataFrame(pl.from_arrow(shelf.table(part, columns))) for part in manifest.parts]
        return pl.concat(marks), dict(shelf.removed(manifest).select("id", "keeper").iter_rows())


def main(arguments: list[str] | None = None) -> int:
    """Prints both as JSON; 1 where they disagree."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args(arguments)
    corpus = ocr_corpus.make(chosen.corpus, 0, 0)
    with tempfile.TemporaryDirectory(dir=chosen.corpus) as folder:
        reported = compare(corpus, Path(folder), chosen.processes)
    sys.stdout.write(json.dumps(asdict(reported)) + "\n")
    return 1 if reported.differing else 0


if __name__ == "__main__":
    sys.exit(main())
