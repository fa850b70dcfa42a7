"""How fast is an OAI-PMH server harvested, beside other clients, and how much memory does that take?

    python -m benchmarks.harvest      # --records of the comparison, --large, --turns

A made-up server on loopback, a process of its own, sends records of Dublin Core, a hundred a page. Ours is the whole
first stage (`harvest_source`: gate, paging, loops, counts, pages on the shelf, evidence); the others ask and
make their record of each, and keep nothing. Processor time is of the asking process alone, once its modules are
imported. The peak is its largest resident memory, at `--records` and at ten times as many: a harvest must not grow.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from statistics import median
from urllib.parse import parse_qs, urlsplit

from benchmarks import pages
from benchmarks.environments import ROOT, environment

RECORDS, TURNS, FASTER, FLAT, MOST_MB = 100_000, 3, 1.5, 1.2, 500.0
PEERS = {"Sickle": ("Sickle==0.7.0",), "oaipmh-scythe": ("oaipmh-scythe==0.16.0",)}
"""Name -> what pip installs."""
_BEGIN = "import json, resource, sys, time\n"
_END = """
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"records": records, "cpu": time.process_time() - began, "peak": peak}))
"""
_SCRIPTS = {
    "Sickle": f"""{_BEGIN}
from sickle import Sickle
began = time.process_time()
records = sum(1 for _ in Sickle(sys.argv[1]).ListRecords(metadataPrefix="oai_dc"))
{_END}""",
    "oaipmh-scythe": f"""{_BEGIN}
from oaipmh_scythe import Scythe
began = time.process_time()
with Scythe(sys.argv[1]) as client:
    records = sum(1 for _ in client.list_records(metadata_prefix="oai_dc"))
{_END}""",
}
_SOURCES = """
sources:
  measured:
    title: Measured
    custodian: A library
    harvest: {{url: 'oai+{url}?metadataPrefix=oai_dc', max_records: 10000000}}
    rights: {{license: CC0-1.0, evidence: 'https://institution.example/rights', checked: 2026-11-20}}
"""


@dataclass(frozen=True, slots=True)
class Harvested:
    """What one client came to."""

    records: int
    cpu: float
    """Processor seconds, once its modules are there."""
    peak: float
    """MB."""


# --- the server ---


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    records: int
    page: list[bytes]
    """Between each two of them stands the number of a record."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        """Identify, or the page that the token names."""
        asked = parse_qs(urlsplit(self.path).query)
        body = (
            _IDENTIFY if asked.get("verb") == ["Identify"] else self._list(int(asked.get("resumptionToken", ["0"])[0]))
        )
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _list(self, start: int) -> bytes:
        parts, end = self.server.page, start + pages.PAGE_RECORDS
        filled = [parts[0]]
        for number, part in enumerate(parts[1:], start):
            filled += [b"%09d" % number, part]
        token = b"" if end >= self.server.records else b"%d" % end
        size = self.server.records
        last = b'<resumptionToken completeListSize="%d">%s</resumptionToken></ListRecords></OAI-PMH>' % (size, token)
        return b"".join(filled) + last

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


_IDENTIFY = (
    b'<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>'
    b"2026-11-20T10:00:00Z</responseDate><request>x</request><Identify><repositoryName>Made up</repositoryName>"
    b"<protocolVersion>2.0</protocolVersion><deletedRecord>persistent</deletedRecord><granularity>YYYY-MM-DD"
    b"</granularity></Identify></OAI-PMH>"
)


def serve(records: int) -> None:
    """Prints its port, and answers until it is killed."""
    with tempfile.TemporaryDirectory() as folder:
        pages.make_oai(Path(folder), 1)
        (file,) = Path(folder).iterdir()
        text = file.read_bytes().partition(b"</ListRecords>")[0]
    for number in range(pages.PAGE_RECORDS):
        text = text.replace(b"<identifier>oai:library.example:%d<" % number, b"<identifier>oai:library.example:\0<")
    server = _Server(("127.0.0.1", 0), _Handler)
    server.records, server.page = records, text.split(b"\0")
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


@contextmanager
def server_of(records: int) -> Iterator[str]:
    """The address of a server with so many records."""
    command = [sys.executable, "-m", "benchmarks.harvest", "--serve", str(records)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:  # noqa: S603
        assert running.stdout is not None
        try:
            yield f"http://127.0.0.1:{running.stdout.readline().strip()}/oai"
        finally:
            running.kill()


# --- the clients ---


def ours(url: str) -> None:
    """Harvests into a shelf of its own, and prints what that came to."""
    from biglam_pipeline import pipeline
    from biglam_pipeline.collecting import seldom
    from biglam_pipeline.context import open_context
    from biglam_pipeline.environment import read_environment
    from biglam_pipeline.publish.hub import door  # noqa: F401 - the run asks it for leave, and imports it only then
    from biglam_pipeline.source import load_sources

    with tempfile.TemporaryDirectory(prefix="biglam-bench-") as name:
        file = Path(name) / "sources.yaml"
        file.write_text(_SOURCES.format(url=url))
        source = load_sources([file]).strict().sources["measured"]
        chosen = {**os.environ, "BIGLAM_STATE": f"{name}/state", "BIGLAM_ALLOW_PRIVATE_HOSTS": "1"}
        seldom()  # as the command does, once its modules are imported
        began = time.process_time()
        with open_context(read_environment(chosen)) as run:
            visited = pipeline.harvest_source(run, source, Path(name))
        assert visited.harvest.complete, visited.harvest.proof
        records, peak = int(visited.harvest.cursor["records"]), getrusage(RUSAGE_SELF).ru_maxrss / 1024
        found = {"records": records, "cpu": time.process_time() - began, "peak": peak}
    sys.stdout.write(json.dumps(found) + "\n")


def harvest(client: str, url: str) -> Harvested:
    """One client, in a process of its own."""
    command: list[str | Path] = [sys.executable, "-m", "benchmarks.harvest", "--ours", url]
    if client in PEERS:
        command = [environment(client, PEERS[client]), "-c", _SCRIPTS[client], url]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return Harvested(**json.loads(done.stdout.splitlines()[-1]))


def main(arguments: list[str] | None = None) -> int:
    """Runs everything; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--records", type=int, default=RECORDS, help="of the comparison")
    parser.add_argument("--large", type=int, default=10 * RECORDS, help="of the long list, for memory")
    parser.add_argument("--turns", type=int, default=TURNS, help="of each client")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--ours", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.serve:
        serve(chosen.serve)
    if chosen.ours:
        ours(chosen.ours)
        return 0
    goals = compare(chosen.records, chosen.large, chosen.turns)
    for met, said in goals:
        sys.stdout.write(f"- {'met' if met else 'MISSED'}: {said}\n")
    return 0 if all(met for met, _ in goals) else 1


def compare(records: int, large: int, turns: int) -> list[tuple[bool, str]]:
    """Prints a table, and answers which goals are met."""
    names = ("biglam_pipeline", *PEERS)
    with server_of(records) as url:
        rounds = [{name: harvest(name, url) for name in names} for _ in range(turns)]
    with server_of(large) as url:
        long = harvest("biglam_pipeline", url)
    sys.stdout.write(f"{turns} turns; {os.cpu_count()} cores, Python {platform.python_version()}.\n\n")
    sys.stdout.write("| client | records | CPU s | records/CPU s | peak MB |\n| --- | ---: | ---: | ---: | ---: |\n")
    for name, found in [*((name, [one[name] for one in rounds]) for name in names), ("biglam_pipeline", [long])]:
        cpu, peak = median(one.cpu for one in found), max(one.peak for one in found)
        counted = found[0].records
        sys.stdout.write(f"| {name} | {counted:,} | {cpu:.1f} | {counted / cpu:,.0f} | {peak:.0f} |\n")
    sys.stdout.write("\n")
    goals = []
    for name in PEERS:
        ratio = median(one[name].cpu / one["biglam_pipeline"].cpu for one in rounds)
        goals.append((ratio >= FASTER, f"{ratio:.2f} times the records of {name} in a CPU second, goal {FASTER}"))
    peak = max(one["biglam_pipeline"].peak for one in rounds)
    goals.append((long.peak <= FLAT * peak, f"memory {long.peak / peak:.2f} times at {large:,} records, goal {FLAT}"))
    goals.append((long.peak <= MOST_MB, f"peak {long.peak:.0f} MB at {large:,} records, goal below {MOST_MB:.0f}"))
    return goals


if __name__ == "__main__":
    sys.exit(main())
