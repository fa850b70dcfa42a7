"""One search of this package over a corpus, in a process of its own, so that its time and memory are its own."""

import argparse
import json
import logging
import os
import resource
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import numpy.typing as npt

from biglam_pipeline.quality.canonical import text_key

if TYPE_CHECKING:
    import polars as pl

    from benchmarks.ocr_corpus import Corpus

# The rest is imported where it is used: each process of a pool imports this module, and needs no more than the above.

_BATCH = 512


class Texts:
    """The documents in an order that has nothing to do with families: row -> text."""

    def __init__(self, corpus: "Corpus", seed: int) -> None:
        """seed: of the order."""
        self.order = np.random.default_rng(seed).permutation(len(corpus.kind))
        self._offsets, self._file = corpus.offsets, corpus.folder / "texts.bin"

    def __call__(self, positions: npt.NDArray[np.int64]) -> "Some":
        """Texts of rows."""
        rows = self.order[positions]
        return Some(self._file, self._offsets[rows], self._offsets[rows + 1])


@dataclass(frozen=True, slots=True)
class Some:
    """Texts by their first and past-the-last bytes in a file, opened where they are read."""

    file: Path
    begins: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]

    def __iter__(self) -> Iterator[list[str | None]]:
        """In batches."""
        with self.file.open("rb") as stream:
            for at in range(0, len(self.begins), _BATCH):
                yield _texts(stream, self.begins[at : at + _BATCH], self.ends[at : at + _BATCH])


def _texts(stream: BinaryIO, begins: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> list[str | None]:
    """One stretch of the file where the texts lie close together, as a row group of Parquet is read."""
    first, last = int(begins.min()), int(ends.max())
    if last - first > 4 * int((ends - begins).sum()) + (1 << 16):
        return [_texts(stream, begins[at : at + 1], ends[at : at + 1])[0] for at in range(len(begins))]
    stream.seek(first)
    data = stream.read(last - first)
    spans = zip((begins - first).tolist(), (ends - first).tolist(), strict=True)
    return [data[a:b].decode() for a, b in spans]


def keys_of(texts: Some) -> npt.NDArray[np.uint8]:
    """What the normalize stage computes of each text, (texts, 16); zeros for a text without a key."""
    nothing = bytes(16)
    keys = b"".join([text_key(text) or nothing for batch in texts for text in batch])
    return np.frombuffer(keys, np.uint8).reshape(-1, 16)


def rows_of(texts: Texts, processes: int) -> "pl.DataFrame":
    """Rows with their keys, in rank order; their places are those in the file."""
    import polars as pl

    from biglam_pipeline.dedup.near.reading import ready
    from biglam_pipeline.engine.workers import Workers

    keys = np.zeros((len(texts.order), 16), np.uint8)
    places = np.argsort(texts.order)
    parts = [places[begin : begin + 8 * _BATCH] for begin in range(0, len(places), 8 * _BATCH)]
    with Workers(processes, ready) as workers:
        for part, found in zip(parts, workers.map(keys_of, map(texts, parts)), strict=True):
            keys[part] = found
    series = pl.Series("content_key", keys.view("V16").ravel().tolist(), pl.Binary)
    series = pl.select(pl.when(pl.Series(keys.any(axis=1))).then(series).alias("content_key")).to_series()
    return pl.DataFrame([series, pl.Series("place", texts.order, pl.Int64)])


class Family(threading.Thread):
    """Looks at this process's children: how large each was at most. What the kernel says of ended ones is of no use,
    for it counts what they had of their parent before they became themselves.
    """

    def __init__(self) -> None:
        """Not started yet; it ends with its process."""
        super().__init__(daemon=True)
        self.peaks: dict[int, int] = {}
        """Process -> bytes; of two pools that follow each other, the later one."""

    def run(self) -> None:
        """Twice a second."""
        while True:
            alive = {}
            for child in Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split():
                status = _lines(Path(f"/proc/{child}/status"))
                alive |= {int(child): int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM")}
            if alive.keys() - self.peaks.keys():
                self.peaks = {}
            self.peaks |= alive
            time.sleep(0.5)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return []  # it ended meanwhile


def _cpu() -> float:
    """Seconds of processor time, of this process and of those that it started and that ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main(arguments: list[str] | None = None) -> int:
    """Prints what it took as JSON, and writes keeper.npy (of documents, by number) into the home folder."""
    from benchmarks import ocr_corpus
    from biglam_pipeline.dedup.near.finding import Choice, find_near, open_store
    from biglam_pipeline.store.opening import open_shelf

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("home", type=Path)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--recall", choices=["standard", "high"], default="standard")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(relativeCreated)d %(message)s", stream=sys.stderr)
    corpus = ocr_corpus.make(chosen.corpus, 0, 0)
    began, before = time.monotonic(), _cpu()
    texts, family = Texts(corpus, seed=7), Family()
    family.start()
    rows = rows_of(texts, chosen.processes)
    keyed = time.monotonic()
    store = open_store(open_shelf(str(chosen.home), chosen.home / "local").at("bench/fingerprints"), "page")
    found = find_near(rows, texts, store, Choice("page", chosen.recall, chosen.processes))
    wall = time.monotonic() - began
    keeper = np.empty(len(rows), np.int64)
    keeper[texts.order] = texts.order[found.keeper]
    np.save(chosen.home / "keeper.npy", keeper)
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    reported = {
        "documents": len(rows),
        "bytes": corpus.bytes,
        "wall": wall,
        "keys_wall": keyed - began,
        "cpu": _cpu() - before,
        "self": own.ru_utime + own.ru_stime,
        "children": children.ru_utime + children.ru_stime,
        "peak": 1024 * own.ru_maxrss + sum(family.peaks.values()),
        "candidates": found.numbers.candidates,
        "asked": found.numbers.asked,
        "verified": found.numbers.verified,
    }
    sys.stdout.write(json.dumps(reported) + "\n")
    return 0


if __name__ == "__main__":
    from benchmarks.dedup import ours  # by its name, so that what is handed to processes is found there

    sys.exit(ours.main())
