"""The other tools on the same pages, each in an environment of its own that is made when it is first needed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".biglam" / "bench"
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


def environment(name: str) -> Path:
    """The Python of a tool's environment."""
    folder = CACHE / name
    python = folder / "bin" / "python"
    ready = folder / f"ready-{abs(hash_of(PEERS[name]))}"
    if not ready.is_file():
        sys.stderr.write(f"making an environment for {name}\n")
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)  # noqa: S603
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PEERS[name]]
        subprocess.run(install, check=True)  # noqa: S603
        ready.touch()
    return python


def hash_of(requirements: tuple[str, ...]) -> int:
    """Changes when what is installed changes, and is the same in every process."""
    return sum(at * value for at, value in enumerate(" ".join(requirements).encode(), 1))


def measure(name: str, corpus: Path, out: Path, documents: int) -> dict[str, Any]:
    """What a tool took and found: JSON of its script; groups of the documents it was given are in `out`."""
    script = Path(__file__).parent / "peers" / f"{name}_run.py"
    part = min(SHARD, documents)
    more = [str(part)] if name == "datatrove" else []
    reported = run([environment(name), script, corpus, out, *more])
    reported["scale"] = documents / reported["documents"]
    return reported
