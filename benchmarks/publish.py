"""How many bytes does a re-harvest send? `python -m benchmarks.publish [--rows N] [--seed S] [--quick]`

Prints Markdown, and ends with status 1 where a goal is missed. Request bodies are counted by the Hub that receives
them; each layout has a Hub, a repository and a client's cache of its own, so that none profits from another's bytes.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path

from benchmarks.corpus import Corpus
from benchmarks.layouts import Night, Published
from biglam_pipeline_tests.servers.hub import HubServer

LAYOUTS = {"sticky": "sticky parts", "sorted": "sorted by id, N equal files", "hashed": "hash(id) % N"}
ROWS, QUICK_ROWS = 34_000, 3_100
NIGHTS, QUICK_NIGHTS = 6, 1
SERIES = "re-harvest"


@dataclass(frozen=True, slots=True)
class Sent:
    """What one publication of one layout cost."""

    bytes: int
    """Of all request bodies."""
    data: int
    """Of those but the tag's."""
    requests: int
    """Up to the release's tag."""
    read_back: int
    """Requests after it: the package looks at what it published."""
    changed: int
    """Data files added, changed or deleted."""
    files: int
    """Data files afterwards."""
    dataset: int
    """Bytes of all data files afterwards."""

    @property
    def share(self) -> float:
        """Of the dataset."""
        return self.bytes / self.dataset


class Stage:
    """One layout: its Hub, its client and what it sent."""

    def __init__(self, name: str, base: Path, stack: ExitStack) -> None:
        """base: the folder that all layouts share."""
        self.name, self.base = name, base
        self.hub = stack.enter_context(HubServer(base / f"hub-{name}"))
        self.sent: dict[str, Sent] = {}
        self.last: Published | None = None
        self.peak = self.arrow = 0

    def publish(self, night: Night) -> Published:
        """In a new process, as every night is: of the nights before it knows what the client's cache keeps."""
        home = self.base / f"client-{self.name}"
        seen = {name: value for name, value in os.environ.items() if not name.startswith(("BIGLAM_", "HF_"))}
        seen |= {"HF_HOME": str(home), "HF_XET_CACHE": str(home / "xet"), "HF_HUB_DISABLE_TELEMETRY": "1"}
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.layouts"],
            input=json.dumps(asdict(night)),
            env=seen,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            cwd=Path(__file__).parents[1],
        )
        return Published(**json.loads(done.stdout))

    def account(self, scenario: str, done: Published, since: int) -> None:
        """Notes what the Hub received since its log had that many rows."""
        rows = self.hub.log[since:]
        tagged = max((at for at, row in enumerate(rows, 1) if row[0] == "POST" and "/tag/" in row[1]), default=0)
        before = self.last.files if self.last else {}
        changed = sum(before.get(path) != done.files.get(path) for path in before.keys() | done.files.keys())
        self.sent[scenario] = Sent(
            bytes=sum(size for _, _, size, _ in rows),
            data=sum(size for _, path, size, _ in rows if "/tag/" not in path),
            requests=tagged,
            read_back=len(rows) - tagged,
            changed=changed,
            files=len(done.files),
            dataset=done.size,
        )
        self.last, self.peak = done, max(self.peak, done.peak_bytes)
        self.arrow = self.arrow or done.arrow_bytes


def scenarios(corpus: Corpus, nights: int) -> dict[str, Callable[[], None]]:
    """What happens to the collection before each publication, in order; each follows on the one before."""

    def night() -> None:
        corpus.scatter(0.01)
        corpus.correct(0.001)
        corpus.withdraw(0.0001)

    return {
        "first publication": corpus.create,
        "nothing changed": lambda: None,
        "1 % appended": lambda: corpus.append(0.01),
        "1 % new, ids scattered": lambda: corpus.scatter(0.01),
        "0.1 % corrected": lambda: corpus.correct(0.001),
        "0.01 % withdrawn": lambda: corpus.withdraw(0.0001),
        **{f"{SERIES} {number}": night for number in range(1, nights + 1)},
    }


def run(corpus: Corpus, stages: list[Stage], nights: int) -> None:
    """Every scenario, on every layout."""
    began = time.monotonic()
    sticky, *others = stages
    part_bytes = files = 0
    for number, (scenario, change) in enumerate(scenarios(corpus, nights).items()):
        change()
        # About a third of the text's bytes is left in Parquet, and nine parts are wanted.
        part_bytes = part_bytes or corpus.size // 27
        night = Night(
            "sticky", number, str(sticky.base), sticky.hub.endpoint, part_bytes, max(corpus.first_rows // 128, 8)
        )
        laid = _publish({sticky: night}, scenario)
        files = files or len(laid.files)
        night = replace(night, parts=laid.parts, files=files)
        _publish({one: replace(night, layout=one.name, endpoint=one.hub.endpoint) for one in others}, scenario)
        if {stage.last.rows for stage in stages if stage.last} != {corpus.rows}:
            raise RuntimeError(f"{scenario}: the layouts do not hold the same {corpus.rows} rows")
        reported = ", ".join(f"{stage.name} {stage.sent[scenario].share:.2%}" for stage in stages)
        sys.stderr.write(f"{time.monotonic() - began:4.0f} s  {scenario}: {reported}\n")


def _publish(work: dict[Stage, Night], scenario: str) -> Published:
    """Publishes layouts side by side; what the last one published."""
    since = {stage: len(stage.hub.log) for stage in work}
    with ThreadPoolExecutor(len(work)) as pool:
        running = {stage: pool.submit(stage.publish, night) for stage, night in work.items()}
    for stage, future in running.items():
        done = future.result()
        stage.account(scenario, done, since[stage])
    return done


def series(stage: Stage) -> float:
    """What the re-harvests sent, as a share of what as many full uploads would have sent."""
    nights = [sent for name, sent in stage.sent.items() if name.startswith(SERIES)]
    return sum(sent.bytes for sent in nights) / sum(sent.dataset for sent in nights)


def table(stages: list[Stage]) -> str:
    """Bytes and shares, then files and requests."""
    titles = " | ".join(LAYOUTS[stage.name] for stage in stages)
    lines = [f"| MB sent (% of the dataset) | {titles} |", "| --- |" + " ---: |" * len(stages)]
    for scenario in stages[0].sent:
        cells = (f"{sent.bytes / 1e6:.2f} ({sent.share:.1%})" for sent in (stage.sent[scenario] for stage in stages))
        lines.append(f"| {scenario} | {' | '.join(cells)} |")
    cells = (
        f"{sum(s.bytes for n, s in stage.sent.items() if n.startswith(SERIES)) / 1e6:.2f} ({series(stage):.1%})"
        for stage in stages
    )
    lines += [f"| **all re-harvests, of as many full uploads** | {' | '.join(cells)} |", ""]
    lines += [f"| Data files changed, of all; requests + read back | {titles} |", "| --- |" + " ---: |" * len(stages)]
    for scenario in stages[0].sent:
        found = (stage.sent[scenario] for stage in stages)
        cells = (f"{sent.changed} of {sent.files}; {sent.requests} + {sent.read_back}" for sent in found)
        lines.append(f"| {scenario} | {' | '.join(cells)} |")
    return "\n".join(lines)


def goals(stages: list[Stage], quick: bool) -> list[tuple[str, bool]]:
    """What must hold, and whether it does. A share of a small dataset says little: --quick asks less."""
    sticky, *others = stages
    nothing, appended = sticky.sent["nothing changed"], sticky.sent["1 % appended"]
    asked = nothing.requests + nothing.read_back
    said = [
        (
            f"nothing changed: {nothing.data} bytes but for the tag's {nothing.bytes - nothing.data}, goal 0",
            nothing.data == 0,
        ),
        (f"nothing changed: {asked} requests, goal at most 3", asked <= 3),
    ]
    if quick:
        ours, best = series(sticky), min(series(stage) for stage in others)
        return [*said, (f"re-harvests: {ours:.1%}, goal below the others' {best:.1%}", ours < best)]
    said += [
        (f"1 % appended: {appended.share:.2%}, goal below 2 %", appended.share < 0.02),
        (f"six re-harvests: {series(sticky):.1%}, goal below 20 %", series(sticky) < 0.20),
    ]
    return said + [
        (f"six re-harvests, {LAYOUTS[one.name]}: {series(one):.1%}, goal above 75 %", series(one) > 0.75)
        for one in others
    ]


def reported(corpus: Corpus, stages: list[Stage], seconds: float) -> str:
    """What was run."""
    first = stages[0].sent["first publication"]
    arrow = stages[0].arrow
    names = ("huggingface_hub", "hf-xet", "pyarrow", "polars")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return (
        f"{corpus.first_rows:,} rows at first, {corpus.rows:,} at the end; {arrow / 1e6:.0f} MB of Arrow, "
        f"{first.dataset / 1e6:.1f} MB of Parquet in {first.changed} parts at first. "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {versions}; {seconds:.0f} s, largest process "
        f"{max(stage.peak for stage in stages) / 1e6:.0f} MB.\n"
    )


def main(arguments: list[str] | None = None) -> int:
    """Runs everything; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=0, help=f"rows of the first publication; {ROWS:,} by default")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROWS:,} rows, one re-harvest, fewer goals")
    chosen = parser.parse_args(arguments)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="biglam-bench-") as folder, ExitStack() as stack:
        corpus = Corpus(Path(folder), chosen.rows or (QUICK_ROWS if chosen.quick else ROWS), chosen.seed)
        stages = [Stage(name, Path(folder), stack) for name in LAYOUTS]
        run(corpus, stages, QUICK_NIGHTS if chosen.quick else NIGHTS)
        found = goals(stages, chosen.quick)
        sys.stdout.write(f"{reported(corpus, stages, time.monotonic() - began)}\n{table(stages)}\n\n")
    for sentence, good in found:
        sys.stdout.write(f"- {'met' if good else 'MISSED'}: {sentence}\n")
    return 0 if all(good for _, good in found) else 1


if __name__ == "__main__":
    sys.exit(main())
