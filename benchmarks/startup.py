"""What does it cost to begin? CPU seconds of the command line, of a night with nothing new, and of 1,000 sources.

`make bench-startup`, or `python -m benchmarks.startup --sources 1000 --night 50`. Processes of its own, each counted
whole with `getrusage`, in a folder that goes afterwards; the Hub that the night publishes to is not counted.
"""

import argparse
import os
import resource
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from biglam_pipeline.source.schedule import SLOTS

COMMAND = (sys.executable, "-m", "biglam_pipeline.cli")
DAGSTER = (sys.executable, "-m", "dagster")
LOAD = """
import os
from biglam_pipeline.definitions import defs
from dagster._core.remote_representation.external_data import RepositorySnap
repository = defs().get_repository_def()
RepositorySnap.from_def(repository)
os._exit(0)
"""
"""What a code server does before the page shows anything: the repository, and what the webserver is sent of it. A code
server lives on, so to free all of it again, which takes a second, is not counted.
"""
TICK = """
import os, time
from datetime import UTC, datetime
from pathlib import Path
import dagster as dg
from dagster._core.definitions.reconstruct import ReconstructableRepository
from dagster._grpc.types import ExecuteRunArgs
from dagster._serdes import serialize_value
from biglam_pipeline.definitions import defs
loaded = ReconstructableRepository.for_module("biglam_pipeline.definitions", "defs", os.getcwd())
definitions = defs()
repository, job = definitions.get_repository_def(), definitions.resolve_job_def("__ASSET_JOB")
origin = loaded.get_reconstructable_job("__ASSET_JOB").get_python_origin()
[schedule] = [one for one in repository.schedule_defs if one.cron_schedule == "0 2 * * *"]
began = time.process_time()
with dg.DagsterInstance.from_config(str(Path(os.environ["BIGLAM_STATE"], "dagster"))) as instance:
    with dg.build_schedule_context(
        instance=instance, scheduled_execution_time=datetime.now(UTC), repository_def=repository
    ) as context:
        asked = schedule.evaluate_tick(context).run_requests
    for one in (*asked, dg.RunRequest(asset_selection=[dg.AssetKey("nights")])):
        if not one.run_config:
            print(time.process_time() - began)
        chosen = frozenset(one.asset_selection)
        run = instance.create_run_for_job(
            job.get_subset(asset_selection=chosen), run_config=one.run_config, tags=one.tags,
            asset_selection=chosen, job_code_origin=origin,
        )
        print(serialize_value(ExecuteRunArgs(origin, run.run_id, instance.get_ref(), True)))
"""
"""A tick, as code server and daemon do it together: what the process of each run is handed, and of one of no source."""
ENTRIES = (
    """  s{i}:
    title: Letters of collection {i}
    custodian: Library {library}
    harvest: https://library{library}.example.org/files/{i}.csv
    normalize: {{type: table, map: {{id: ID, title: Title, date: Date, extra: [Place, Shelfmark]}}}}
    rights: {{license: CC0-1.0, evidence: "https://example.org/terms", checked: 2026-01-31, quote: CC0 1.0 Universal}}
    languages: [en]
    expect: {{rows: 20.., fill: {{title: 0.95..}}}}
""",
    """  s{i}:
    title: Newspaper {i}
    custodian: Library {library}
    harvest: https://library{library}.example.org/files/{i}.zip
    normalize: {{type: mets_alto, rows: page}}
    rights: {{license: CC0-1.0, evidence: "https://example.org/terms", checked: 2026-01-31, quote: CC0 1.0 Universal}}
    languages: [en]
""",
    """  s{i}:
    title: Records of set {i}
    summary: >-
      What the set holds, where it comes from, and since when it has been catalogued,
      in a sentence of two lines.
    custodian: Library {library}
    harvest: oai+https://library{library}.example.org/oai?set={i}
    rights: {{license: CC0-1.0, evidence: "https://example.org/terms", checked: 2026-01-31, quote: CC0 1.0 Universal}}
    languages: [en]
""",
)
NEVER = "    schedule: never\n"
NIGHT = """  night{i}:
    title: Letters {i}
    custodian: A library
    harvest: file:{i}.csv
    normalize: {{type: table, map: {{id: id, title: name, date: date}}}}
    rights: {{license: CC0-1.0, evidence: "https://example.org/terms", checked: 2026-01-31, quote: CC0 1.0 Universal}}
    languages: [en]
    schedule: "0 2 * * *"
"""
LIBRARIES = 40
ROWS = 30


def say(line: str) -> None:
    """A figure, as soon as it is there."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def seconds(folder: Path, *command: str) -> float:
    """CPU seconds of a command and of what it waits for; it must succeed."""
    return timed(folder, *command)[0]


def timed(folder: Path, *command: str) -> tuple[float, str]:
    """The same, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BIGLAM_")}
    environment |= {
        "BIGLAM_STATE": str(folder / "state"),
        "BIGLAM_SOURCES": str(folder / "sources.yaml"),
        "BIGLAM_SCHEDULES": "1",
        "BIGLAM_HUB_PORT": (folder / "port").read_text(),
        "DAGSTER_HOME": str(folder / "state" / "dagster"),
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }
    done = subprocess.run(  # noqa: S603
        command, env=environment, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def begin(folder: Path, entries: list[str]) -> None:
    """A folder with a sources file, and a port for its Hub."""
    folder.mkdir()
    (folder / "sources.yaml").write_text("sources:\n" + "".join(entries))
    with socket.create_server(("127.0.0.1", 0)) as free:
        (folder / "port").write_text(str(free.getsockname()[1]))


def measure_many(folder: Path, number: int) -> None:
    """The command line, and a sources file of many entries."""
    begin(folder, [ENTRIES[i % len(ENTRIES)].format(i=i, library=i % LIBRARIES) for i in range(number)])
    for words in (("--version",), ("--help",), ("status",), ("check",)):
        say(f"{seconds(folder, *COMMAND, *words):8.2f}  biglam {' '.join(words)}, {number:,} entries")
    say(f"{seconds(folder, sys.executable, '-c', LOAD):8.2f}  {number:,} entries loaded by Dagster")


def measure_night(folder: Path, number: int, entries: int) -> None:
    """Small tables in a folder, published; then the nights after, as one command, and as a schedule's tick does it.

    entries: in the sources file, which each process loads whole.
    """
    others = (ENTRIES[i % len(ENTRIES)].format(i=i, library=i % LIBRARIES) + NEVER for i in range(number, entries))
    begin(folder, [*(NIGHT.format(i=i) for i in range(number)), *others])
    for i in range(number):
        rows = (f"{i}-{row},Letter {row} of {i},{1800 + row}\n" for row in range(ROWS))
        (folder / f"{i}.csv").write_text("id,name,date\n" + "".join(rows))
    names = [f"night{i}" for i in range(number)]
    first = seconds(folder, *COMMAND, "run", *names)
    say(f"{first / number:8.2f}  a source on its first night, of {number}")
    one, all_of_them = (seconds(folder, *COMMAND, "run", *some) for some in (names[:1], names))
    each = (all_of_them - one) / (number - 1)
    say(f"{each:8.2f}  a source where nothing is new, beside {one - each:.2f} for the command")
    say(f"{each * 1000 / 60:8.2f}  minutes for a thousand of them")
    measure_tick(folder, number)


def measure_tick(folder: Path, number: int) -> None:
    """The processes that the launcher starts at a tick; those of the daemon and the page live anyway."""
    *runs, tick, nothing = timed(folder, sys.executable, "-c", TICK)[1].splitlines()
    say(f"{float(tick):8.2f}  a tick of {number}, which makes {len(runs)} run of them")
    start, *taken = (seconds(folder, *DAGSTER, "api", "execute_run", run) for run in (nothing, *runs))
    each = (sum(taken) - start * len(runs)) / number
    say(f"{each:8.2f}  a source where nothing is new, in that run, beside {start:.2f} for its process")
    night = each * 1000 + SLOTS * (start + float(tick))
    say(f"{night / 60:8.2f}  minutes for a thousand of them, nightly in {SLOTS} ticks")


def main() -> None:
    """Prints a figure a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=int, default=1000)
    parser.add_argument("--night", type=int, default=50)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure_many(Path(folder, "many"), chosen.sources)
        measure_night(Path(folder, "night"), chosen.night, chosen.sources)


if __name__ == "__main__":
    main()
