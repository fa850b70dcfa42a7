"""What does the second count cost? Processor time of counting what a file should give, of that of reading it.

    python -m benchmarks.accounts            # --megabytes, --turns, --only alto

The cases are those of `benchmarks.normalize`: the whole second stage in one process. The time of `Accounts.settle` is
taken inside of it, so that both fall into the same minute.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.normalize import CASES, Case, reading, seconds_of
from biglam_pipeline.collecting import seldom
from biglam_pipeline.normalize.accounting import Account, Accounts
from biglam_pipeline.records import Bundle

MEGABYTES, TURNS, GOAL = 6, 5, 0.10


@contextmanager
def timed() -> Iterator[list[float]]:
    """Processor seconds of each count, as long as this lives; and of each whether there was one."""
    spent: list[float] = []
    whole: Callable[[Accounts, Bundle, Account], None] = Accounts.settle

    def settle(accounts: Accounts, bundle: Bundle, account: Account) -> None:
        began = time.process_time()
        whole(accounts, bundle, account)
        spent.append(time.process_time() - began)

    Accounts.settle = settle  # type: ignore[method-assign]
    try:
        yield spent
    finally:
        Accounts.settle = whole  # type: ignore[method-assign]


def measure(case: Case, megabytes: int, turns: int) -> tuple[float, float]:
    """Processor seconds of the stage without the count, and of the count: the middle of all turns."""
    with tempfile.TemporaryDirectory(prefix="biglam-bench-") as name:
        folder, state = Path(name) / "files", Path(name) / "state"
        folder.mkdir()
        state.mkdir()
        case.fill(folder, megabytes * 10**6)
        with reading(case, folder, state) as read, timed() as spent:
            read()
            stage, counted = list[float](), list[float]()
            for _ in range(turns):
                spent.clear()
                seconds = seconds_of(read)
                counted.append(sum(spent))
                stage.append(seconds - counted[-1])
    return median(stage), median(counted)


def main(arguments: list[str] | None = None) -> int:
    """Runs everything; 1 where a count costs more than a tenth."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--megabytes", type=int, default=MEGABYTES, help="of input, each case")
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--only", choices=[case.name for case in CASES], action="append")
    chosen = parser.parse_args(arguments)
    seldom()
    dear = False
    sys.stdout.write("| read | CPU s of reading | CPU s of the second count | share |\n| --- | ---: | ---: | ---: |\n")
    for case in (one for one in CASES if one.name in (chosen.only or one.name)):
        stage, counted = measure(case, chosen.megabytes, chosen.turns)
        dear = dear or counted > stage * GOAL
        sys.stdout.write(f"| {case.name} | {stage:.2f} | {counted:.3f} | {counted / stage:.1%} |\n")
        sys.stdout.flush()
    return int(dear)


if __name__ == "__main__":
    sys.exit(main())
