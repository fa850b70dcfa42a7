"""Explores at random what the tests hold of all input, for a while: `make fuzz`, or `make fuzz SECONDS=3600`.

Round after round of the property tests, each with a seed of its own for Hypothesis and for the order of sets, which is
said before it starts. What is found is printed with the command that finds it again; it becomes an `@example`.
"""

import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = ["-m", "pytest", "-q", "-x", "-n", "auto", "-m", "hypothesis", "--hypothesis-profile=explore"]


def explore(seconds: float, more: list[str]) -> int:
    """0 where nothing was found until then; a round under way is given up. more: for pytest, such as a folder."""
    end, rounds = time.monotonic() + seconds, 0
    while (left := end - time.monotonic()) > 0:
        seed = secrets.randbelow(2**32)
        command = [sys.executable, *TESTS, f"--hypothesis-seed={seed}", *more]
        print(f"\n== round {rounds + 1}, {left:.0f} s left, seed {seed}", flush=True)
        try:
            done = subprocess.run(
                command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": str(seed)}, timeout=left, check=False
            )
        except subprocess.TimeoutExpired:
            break
        if done.returncode:
            print(f"\nFound; again by: PYTHONHASHSEED={seed} {' '.join(command)}\nKeep it as an @example of its test.")
            return done.returncode
        rounds += 1
    print(f"\n{rounds} whole rounds in {seconds:.0f} s, and nothing was found")
    return 0


if __name__ == "__main__":
    sys.exit(explore(float(sys.argv[1]), sys.argv[2:]))
