"""When does Python look for garbage? Not while things are made that stay, for it would walk them again and again.

https://docs.python.org/3/library/gc.html. Loading a thousand sources spent a third of its time on that.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 100_000
"""Objects after which it looks among the youngest: a hundred times Python's default, a few megabytes."""


def seldom() -> None:
    """From here on it looks seldom, and never at what is there already, which stays as long as this process."""
    gc.freeze()
    gc.set_threshold(YOUNG)


@contextmanager
def rarely() -> Iterator[None]:
    """Inside it looks as seldom, whatever the process does otherwise. For work without end that leaves few behind."""
    was = gc.get_threshold()
    gc.set_threshold(max(YOUNG, was[0]) if was[0] else 0, *was[1:])
    try:
        yield
    finally:
        gc.set_threshold(*was)


@contextmanager
def held_off() -> Iterator[None]:
    """No search for cycles inside; it goes on afterwards where it went on before. For work that leaves few behind."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
