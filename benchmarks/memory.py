"""Does memory stay as it is while the input grows? One process that reads files of several sizes into slices.

    python -m benchmarks.memory       # --megabytes 300 600 ..., --kinds marc table

Everything is harvest and `normalize_source` of a made-up catalogue in one file, MARCXML or CSV, each size in a process
of its own: the largest memory that it ever had is what counts. A large file is one of 100 MB again and again, each
time with other identifiers, so that it is made in a minute.
"""

import argparse
import csv
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from benchmarks.slices import make_dump, make_source, run

MEGABYTES = (300, 600)
GOAL = 1.3
"""Times the memory of the smallest."""
_ONCE = 100 * 10**6
_NUMBER = '<controlfield tag="001">'


def _records(path: Path) -> Iterator[str]:
    """The lines of a list of MARCXML, then its records again and again; the last one ends the list."""
    yield from _lines(path, "")
    for time in count(1):
        yield from (line for line in _lines(path, f"{time}-") if line.startswith("<record>"))


def _lines(path: Path, before: str) -> Iterator[str]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line != "</collection>\n":
                yield line.replace(_NUMBER, f"{_NUMBER}{before}", 1)


def _grow_dump(once: Path, path: Path, size: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for line in _records(once):
            if file.tell() >= size:
                break
            file.write(line)
        file.write("</collection>\n")


def _grow_table(once: Path, path: Path, size: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for time in count():
            with once.open(newline="", encoding="utf-8") as made:
                rows = csv.reader(made)
                header = next(rows)
                if not time:
                    writer.writerow(header)
                for row in rows:
                    if file.tell() >= size:
                        return
                    writer.writerow([f"{time}-{row[0]}", *row[1:]])


def _make_table(state: Path, size: int) -> None:
    make_source(state, size, 1)


Grow = Callable[[Path, Path, int], None]
KINDS: dict[str, tuple[Callable[[Path, int], None], Grow]] = {
    "marc": (make_dump, _grow_dump),
    "table": (_make_table, _grow_table),
}


def measure(kind: str, sizes: list[int], scratch: Path) -> bool:
    """Prints a line a size; True where memory stays as it is."""
    make, grow = KINDS[kind]
    make(scratch / "once", _ONCE)
    (once,) = (scratch / "once" / "files").iterdir()
    least = 0.0
    good = True
    for megabytes in sizes:
        state = scratch / f"{megabytes}"
        (state / "files").mkdir(parents=True)
        entry = (scratch / "once" / "sources.yaml").read_text()
        (state / "sources.yaml").write_text(entry.replace(str(once.parent), str(state / "files")))
        grow(once, state / "files" / once.name, megabytes * 10**6)
        read = run(state, 1)
        least = least or read.peak_mb
        good &= read.peak_mb <= GOAL * least
        cells = (f"{megabytes:,}", read.slices, f"{read.rows:,}", f"{read.asking:.0f}", f"{read.peak_mb:.0f}")
        sys.stdout.write(f"| {kind} | {' | '.join(map(str, cells))} | {read.peak_mb / least:.2f} |\n")
        sys.stdout.flush()
    return good


def main(arguments: list[str] | None = None) -> int:
    """Runs everything; 1 where memory grows with the input."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--megabytes", type=int, nargs="+", default=MEGABYTES, help="of input, the smallest first")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=[*KINDS])
    chosen = parser.parse_args(arguments)
    sys.stdout.write(f"{os.cpu_count()} cores, Python {platform.python_version()}.\n\n")
    sys.stdout.write("| read | MB | slices | rows | CPU s | peak MB | x smallest |\n")
    sys.stdout.write("| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n")
    good = True
    for kind in chosen.kinds:
        with tempfile.TemporaryDirectory(prefix="biglam-bench-") as name:
            good &= measure(kind, [*chosen.megabytes], Path(name))
    sys.stdout.write(f"\n- {'met' if good else 'MISSED'}: at most {GOAL} times the memory of the smallest\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
