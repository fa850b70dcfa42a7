"""An environment for each other tool, made when it is first needed: none of them is among what the project installs."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".biglam" / "bench"


def environment(name: str, requirements: tuple[str, ...]) -> Path:
    """The Python of a tool's environment. requirements: what pip installs."""
    folder = CACHE / name
    python = folder / "bin" / "python"
    ready = folder / f"ready-{abs(hash_of(requirements))}"
    if not ready.is_file():
        sys.stderr.write(f"making an environment for {name}\n")
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)  # noqa: S603
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
        subprocess.run(install, check=True)  # noqa: S603
        ready.touch()
    return python


def hash_of(requirements: tuple[str, ...]) -> int:
    """Changes when what is installed changes, and is the same in every process."""
    return sum(at * value for at, value in enumerate(" ".join(requirements).encode(), 1))
