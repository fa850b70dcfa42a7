"""What slices save: two processes beside one, memory as a file grows, and what a small change costs to read again.

    python -m benchmarks.slices       # --megabytes of the large table, --small of a smaller one for memory, --turns

Everything is `normalize_source` of a made-up catalogue: 33 columns and about 900 bytes a row, in one file that is cut
at record borders and in 60 files; and in one list of MARCXML, which is cut too. Each reading is a process of its own,
as a night is. A machine that does other work says little by the clock, so beside it stands the processor time of the
longest way: of the process that asks, and its workers' by their number. Bytes read again are those of the slices that
had to be read.
"""

import argparse
import csv
import json
import logging
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import pages
from benchmarks.normalize import _SOURCES, _TABLE
from biglam_pipeline import pipeline
from biglam_pipeline.context import open_context
from biglam_pipeline.engine.slices import map_slices
from biglam_pipeline.environment import read_environment
from biglam_pipeline.normalize import reading
from biglam_pipeline.source import load_sources

MEGABYTES, SMALL, TURNS, FILES = 256, 64, 3, 60
_DUMP = "one dump of MARCXML"


@dataclass(frozen=True, slots=True)
class Read:
    """One reading, in a process of its own."""

    slices: int
    rows: int
    size: int
    """Bytes of the slices that were read."""
    clock: float
    asking: float
    """Processor seconds of the process that asks."""
    working: float
    """Processor seconds of its workers."""
    peak_mb: float
    """Largest memory of the process that asks, and of a worker, together."""

    def way(self, processes: int) -> float:
        """Processor seconds of the longest way, where the workers share their work evenly."""
        return self.asking + self.working / processes


def read_source(state: Path, processes: int) -> Read:
    """A visit that does not count, then the reading of what is new."""
    catalog = load_sources([state / "sources.yaml"])
    source, base = catalog.sources["measured"], catalog.bases["measured"]
    sizes, mapped = list[int](), map_slices

    def counting(function: Any, tasks: Sequence[Any], processes: int, log: logging.Logger) -> Iterator[Any]:
        sizes.extend(task.size for task in tasks)
        return mapped(function, tasks, processes, log)

    vars(reading)["map_slices"] = counting
    chosen = {**os.environ, "BIGLAM_STATE": f"{state}/state", "BIGLAM_CONTACT": "a@example.org"}
    with open_context(read_environment(chosen)) as run:
        pipeline.harvest_source(run, source, base)
        began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
        done = pipeline.normalize_source(replace(run, processes=processes), source, base)
        clock, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF)
    workers = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Read(
        done.read,
        sum(one.rows for one in done.slices),
        sum(sizes),
        clock,
        after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        workers.ru_utime + workers.ru_stime,
        (after.ru_maxrss + workers.ru_maxrss) / 1024,
    )


def run(state: Path, processes: int, *, rebuild: bool = False) -> Read:
    """The same in a process of its own. again: nothing was normalized before, nor cut."""
    for one in (*state.rglob("normalized"), *state.rglob("cuts")) if rebuild else ():
        shutil.rmtree(one)
    command = [sys.executable, "-m", "benchmarks.slices", "--state", str(state), "--processes", str(processes)]
    reported = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    return Read(**json.loads(reported.splitlines()[-1]))


# --- sources -----------------------------------------------------------------------------------------------------


def make_dump(state: Path, size: int) -> None:
    """A list of MARCXML of so many bytes, and the entry that reads it."""
    folder = state / "files"
    folder.mkdir(parents=True)
    pages.make_marcxml(folder, size)
    (state / "sources.yaml").write_text(_SOURCES.format(folder=folder, normalize="{type: marc}"))


def correct_record(path: Path, number: int) -> None:
    """Another title in this record."""
    with path.open(encoding="utf-8") as old, path.with_suffix(".new").open("w", encoding="utf-8") as new:
        for at, record in enumerate(old, -1):  # a record is a line
            new.write(
                record.replace('<subfield code="a">', '<subfield code="a">Corrected: ', 1) if at == number else record
            )
    path.with_suffix(".new").replace(path)


def make_source(state: Path, size: int, files: int) -> None:
    """A catalogue of so many bytes in so many files, and the entry that reads it."""
    folder = state / "files"
    folder.mkdir(parents=True)
    for number in range(files):
        pages.make_table(folder, size // files)
        (folder / "catalogue.csv").rename(folder / f"catalogue-{number:02d}.csv")
        _rewrite(folder / f"catalogue-{number:02d}.csv", partial(_called, f"{number}-"))
    (state / "sources.yaml").write_text(_SOURCES.format(folder=folder, normalize=_TABLE))


def _called(prefix: str, _: int, row: list[str]) -> list[str]:
    """Identifiers that no other file has."""
    return [prefix + row[0], *row[1:]]


def _rewrite(path: Path, change: Callable[[int, list[str]], list[str]]) -> None:
    """Each row of a table as `change` has it; the header is row 0 and stays."""
    target = path.with_suffix(".new")
    with path.open(newline="", encoding="utf-8") as old, target.open("w", newline="", encoding="utf-8") as new:
        csv.writer(new).writerows(change(at, row) if at else row for at, row in enumerate(csv.reader(old)))
    target.replace(path)


def correct(path: Path, rows: range) -> None:
    """Another title in these rows."""
    _rewrite(path, lambda at, row: [row[0], f"{row[1]}, corrected", *row[2:]] if at in rows else row)


# --- what is measured --------------------------------------------------------------------------------------------


def two_beside_one(state: Path, turns: int) -> tuple[float, float, Read]:
    """How many times as fast two processes are: by the clock, by processor time; and the last reading by two."""
    clocks, ways = list[float](), list[float]()
    for _ in range(turns):
        one, both = run(state, 1, rebuild=True), run(state, 2, rebuild=True)
        clocks.append(one.clock / both.clock)
        ways.append(one.way(1) / both.way(2))
    return median(clocks), median(ways), both


def unconnected(state: Path, turns: int) -> float:
    """What this machine gives at best: how many readings by one process are done in the time of one, where two that
    have nothing to do with each other go on at once.
    """
    twin = state.with_name(f"{state.name}-twin")
    shutil.copytree(state, twin)
    gains = list[float]()
    for _ in range(turns):
        alone = run(state, 1, rebuild=True).clock
        with ThreadPoolExecutor(2) as pool:
            both = [*pool.map(partial(run, processes=1, rebuild=True), (state, twin))]
        gains.append(2 * alone / max(one.clock for one in both))
    shutil.rmtree(twin)
    return median(gains)


def main(arguments: list[str] | None = None) -> int:
    """Runs everything; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--megabytes", type=int, default=MEGABYTES, help="of the large table, and of 60 files")
    parser.add_argument("--small", type=int, default=SMALL, help="of a smaller table, for memory")
    parser.add_argument("--turns", type=int, default=TURNS, help="pairs that are measured")
    parser.add_argument("--state", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--processes", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.state:
        read = read_source(chosen.state, chosen.processes)
        sys.stdout.write(json.dumps({name: getattr(read, name) for name in Read.__slots__}) + "\n")
        return 0
    with tempfile.TemporaryDirectory(prefix="biglam-bench-") as name:
        goals = measure(Path(name), chosen.megabytes, chosen.small, chosen.turns)
    for met, said in goals:
        sys.stdout.write(f"- {'met' if met else 'MISSED'}: {said}\n")
    return 0 if all(met for met, _ in goals) else 1


def measure(scratch: Path, megabytes: int, small: int, turns: int) -> list[tuple[bool, str]]:
    """Prints tables, and answers which goals are met."""
    goals: list[tuple[bool, str]] = []
    large, many, little, dump, short = (scratch / name for name in ("large", "many", "little", "dump", "short"))
    make_source(large, megabytes * 10**6, 1)
    make_source(many, megabytes * 10**6, FILES)
    make_source(little, small * 10**6, 1)
    make_dump(dump, megabytes * 10**6)
    make_dump(short, small * 10**6)
    sys.stdout.write(f"{os.cpu_count()} cores, Python {platform.python_version()}, {turns} pairs.\n\n")
    sys.stdout.write("| read | MB | slices | rows | asking, CPU s | workers, CPU s | two of one, clock | CPU |\n")
    sys.stdout.write("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
    last: dict[str, Read] = {}
    for name, state in (("one file", large), (f"{FILES} files", many), (_DUMP, dump)):
        clock, way, read = two_beside_one(state, turns)
        last[name] = read
        cells = (megabytes, read.slices, f"{read.rows:,}", f"{read.asking:.1f}", f"{read.working:.1f}")
        sys.stdout.write(f"| {name} | {' | '.join(map(str, cells))} | {clock:.2f} | {way:.2f} |\n")
        goals.append((way >= 1.7, f"{name}: two processes are {way:.2f} times as fast as one, goal 1.7"))
    best = unconnected(large, turns)
    sys.stdout.write(f"\nTwo readings that have nothing to do with each other: {best:.2f} times as fast as in turn.\n")
    for name, state in (("one file", little), (_DUMP, short)):
        before, after = run(state, 2, rebuild=True).peak_mb, last[name].peak_mb
        sys.stdout.write(f"\nPeak memory of asking and one worker, {name}: {before:.0f} MB at {small} MB of input, ")
        sys.stdout.write(f"{after:.0f} MB at {megabytes} MB.\n")
        more = f"{after / before:.2f} times as much at {megabytes} MB, goal 1.3"
        goals.append((after <= 1.3 * before, f"memory, {name}: {more}"))
    return goals + read_again(large, many, dump, last)


def read_again(large: Path, many: Path, dump: Path, last: Mapping[str, Read]) -> list[tuple[bool, str]]:
    """What a small change costs, and which goals are met."""
    goals: list[tuple[bool, str]] = []
    table, file, listed = (
        state / "files" / name
        for state, name in ((large, "catalogue-00.csv"), (many, "catalogue-30.csv"), (dump, "catalogue.xml"))
    )
    megabytes = table.stat().st_size / 10**6
    sys.stdout.write("\n| changed | read again, MB | share |\n| --- | ---: | ---: |\n")
    rows = last["one file"].rows
    few = max(1, rows // 10_000)
    scattered = range(rows // (2 * few), rows, rows // few)
    changes: tuple[tuple[str, Path, Path, range | int, float | None], ...] = (
        ("nothing", large, table, range(0), 0.0),
        (f"1 of {FILES} files", many, file, range(1, 2), 0.02),
        ("one row of one file", large, table, range(rows // 3, rows // 3 + 1), None),
        (f"0.01 % of its rows ({few}), one behind the other", large, table, range(rows // 2, rows // 2 + few), None),
        (f"0.01 % of its rows ({few}), scattered", large, table, scattered, None),
        ("one record of one dump", dump, listed, last[_DUMP].rows // 3, None),
    )
    for name, state, path, which, goal in changes:
        correct_record(path, which) if isinstance(which, int) else correct(path, which)
        again = run(state, 1)
        share = again.size / sum(one.stat().st_size for one in path.parent.iterdir())
        sys.stdout.write(f"| {name} | {again.size / 1e6:.1f} | {share:.1%} |\n")
        if "scattered" not in name:
            limit = goal if goal is not None else max(0.025, 2 * 16 / megabytes)
            goals.append((share <= limit, f"{name}: {share:.1%} is read again, goal at most {limit:.1%}"))
    return goals


if __name__ == "__main__":
    sys.exit(main())
