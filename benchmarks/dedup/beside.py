"""The other tools on the same pages, each in an environment of its own that is made when it is first needed."""

import json
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.environments import ROOT, environment

PEERS = {
    "datasketch": ("datasketch==2.0.0",),
    "rensa": ("rensa==0.5.0",),
    "datatrove": ("datatrove[processing]==0.10.1", "spacy"),
}
"""Name -> what pip installs."""
SHARD = 6_222
"""Documents that datatrove is given: its time is multiplied, for all of them would take six minutes and more."""


def run(command: list[str | Path], *, check: bool = True) -> dict[str, Any]:
    """The JSON that a command prints last. check: an exit status is an error."""
    done = subprocess.run(  # noqa: S603
        [str(part) for part in command], cwd=ROOT, check=check, stdout=subprocess.PIPE, text=True
    )
    reported: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return reported


def measure(name: str, corpus: Path, out: Path, documents: int) -> dict[str, Any]:
    """What a tool took and found: JSON of its script; groups of the documents it was given are in `out`."""
    script = Path(__file__).parent / "peers" / f"{name}_run.py"
    part = min(SHARD, documents)
    more = [str(part)] if name == "datatrove" else []
    reported = run([environment(name, PEERS[name]), script, corpus, out, *more])
    reported["scale"] = documents / reported["documents"]
    return reported
