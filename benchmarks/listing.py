"""What does an object of a long listing cost in memory? `python -m benchmarks.listing [--objects N ...]`

Makes tiny pictures, as files of a folder and as members of one ZIP, and takes them through harvest, normalize, a
takedown and dedup, each in a process of its own: a first night, and one on which nothing is new. Prints Markdown: the
peak of each process, what each object more adds to it between two sizes, and processor time an object. Ends with
status 1 where that is above the goal.
"""

import argparse
import json
import logging
import os
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any

from biglam_pipeline import pipeline
from biglam_pipeline.context import RunContext, open_context
from biglam_pipeline.environment import read_environment
from biglam_pipeline.source import Source, load_sources

SIZES = (100_000, 200_000)
"""Below a hundred thousand, windows and caches of a fixed size are not full yet, and would count as the objects'."""
GOAL = 250
"""Bytes of resident memory that an object more may cost in harvest and normalize: 200, and what allocators keep."""
IN_A_FOLDER = 1000
_SOURCES = """
sources:
  measured:
    title: Measured
    custodian: A library
    harvest: file:{place}
    normalize: {{type: images}}
    rights: {{license: CC0-1.0, evidence: 'https://institution.example/rights', checked: 2026-11-20}}
    languages: [en]
"""
_COMMENT = b"\x21\xfe" + 4 * (b"\xf0" + 240 * b".") + b"\x00"
_HEAD, _END = b"GIF89a\x01\x00\x01\x00\x80\x00\x00", b"\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
_GIF = _HEAD + b"%s" + _COMMENT + _END
"""A picture of one point, about a kilobyte; the two colours of its table, six bytes, are its own."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one stage came to."""

    count: int
    """Of objects, members or rows, as the stage has them."""
    cpu: float
    before: float
    """MB, the resident memory of the process when the stage began."""
    peak: float
    """MB, the largest of the stage."""


def picture(number: int) -> tuple[str, bytes]:
    """A name and the bytes of one picture."""
    name = f"box-{number // IN_A_FOLDER:04d}/photograph-{number:07d}.gif"
    return name, _GIF % struct.pack(">Q", number)[2:]


def make(state: Path, kind: str, objects: int) -> None:
    """The files, and the entry that reads them."""
    folder = state / "files"
    folder.mkdir(parents=True)
    if kind == "zip":
        with zipfile.ZipFile(folder / "all.zip", "w") as archive:
            for number in range(objects):
                name, data = picture(number)
                archive.writestr(zipfile.ZipInfo(name), data)
    for number in range(objects if kind == "folder" else 0):
        name, data = picture(number)
        path = folder / name
        if number % IN_A_FOLDER == 0:
            path.parent.mkdir()
        path.write_bytes(data)
    (state / "sources.yaml").write_text(_SOURCES.format(place=folder / "all.zip" if kind == "zip" else folder))


def _take_down(state: Path, kind: str) -> None:
    """A picture from the middle is asked for by its owner."""
    record = ("all.zip/" if kind == "zip" else "") + picture(7)[0]
    line = {"source_id": "measured", "record_id": record, "action": "removed"}
    (state / "takedowns.jsonl").write_text(json.dumps(line) + "\n")


Stage = Callable[[RunContext, Source, Path], int]


def _harvest(run: RunContext, source: Source, base: Path) -> int:
    return pipeline.harvest_source(run, source, base).harvest.objects


def _normalize(run: RunContext, source: Source, base: Path) -> int:
    return sum(one.rows for one in pipeline.normalize_source(run, source, base).slices)


def _dedup(run: RunContext, source: Source, base: Path) -> int:
    return pipeline.dedup_source(run, source, base).manifest.tally.published


STAGES: dict[str, Stage] = {
    "harvest, first night": _harvest,
    "harvest, nothing new": _harvest,
    "normalize, first night": _normalize,
    "normalize, nothing new": _normalize,
    "dedup": _dedup,
    "normalize, a record taken down": _normalize,
    "normalize, nothing new after that": _normalize,
}


def measure(state: Path, stage: str) -> Measured:
    """One stage, in this process."""
    catalog = load_sources([state / "sources.yaml"])
    source, base = catalog.sources["measured"], catalog.bases["measured"]
    chosen = {
        **os.environ,
        "BIGLAM_STATE": f"{state}/state",
        "BIGLAM_CONTACT": "a@example.org",
        "BIGLAM_PROCESSES": "1",
    }
    with open_context(read_environment(chosen)) as run:
        resident, began = getrusage(RUSAGE_SELF).ru_maxrss / 1024, time.process_time()
        count = STAGES[stage](run, source, base)
        return Measured(count, time.process_time() - began, resident, getrusage(RUSAGE_SELF).ru_maxrss / 1024)


def _child(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.listing", *arguments]
    reported = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603
    return dict(json.loads(reported.splitlines()[-1]))


def walk(kind: str, objects: int) -> Iterator[tuple[str, Measured]]:
    """Every stage of a source of this size."""
    with tempfile.TemporaryDirectory(prefix="biglam-bench-") as folder:
        state = Path(folder)
        _child("--make", kind, "--objects", str(objects), "--state", folder)
        # In a process of its own: the children of this one would begin with the largest memory of the making.
        for stage in STAGES:
            if "taken down" in stage:
                _take_down(state, kind)
            yield stage, Measured(**_child("--stage", stage, "--state", folder))


def main(arguments: list[str] | None = None) -> int:
    """Prints the table; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--objects", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--kinds", nargs="+", choices=("folder", "zip"), default=["folder", "zip"])
    parser.add_argument("--stage", choices=list(STAGES), help=argparse.SUPPRESS)
    parser.add_argument("--make", help=argparse.SUPPRESS)
    parser.add_argument("--state", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    logging.disable(logging.INFO)
    if chosen.make:
        make(chosen.state, chosen.make, chosen.objects[0])
        _say("{}")
        return 0
    if chosen.stage:
        _say(json.dumps(asdict(measure(chosen.state, chosen.stage))))
        return 0
    return report(chosen.kinds, sorted(chosen.objects))


def report(kinds: list[str], sizes: list[int]) -> int:
    """Each line with what an object more costs since the size before."""
    _say("| source | stage | objects | CPU s | µs an object | peak MB | bytes an object more |")
    _say("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    missed = []
    for kind in kinds:
        smaller: dict[str, tuple[int, float]] = {}
        for objects in sizes:
            for stage, one in walk(kind, objects):
                each = ""
                if stage in smaller:
                    before, peak = smaller[stage]
                    more = (one.peak - peak) * 2**20 / (objects - before)
                    each = f"{more:.0f}"
                    missed += [f"{kind}, {stage}: {each} bytes"] if more > GOAL and stage != "dedup" else []
                smaller[stage] = (objects, one.peak)
                _say(
                    f"| {kind} | {stage} | {objects:,} | {one.cpu:.1f} | {one.cpu / objects * 1e6:.0f} | "
                    f"{one.peak:.0f} | {each} |"
                )
    _say(f"\n{'missed: ' + '; '.join(missed) if missed else 'met'}: an object more costs {GOAL} bytes at most")
    return int(bool(missed))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
