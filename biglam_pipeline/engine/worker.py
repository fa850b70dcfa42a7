"""What a process does that works for another: it takes one task after the other, and ends with the one that asks."""

import logging
import os
import pickle
import pkgutil
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from importlib.util import find_spec, module_from_spec
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

import biglam_pipeline
from biglam_pipeline.collecting import seldom
from biglam_pipeline.engine.pulse import beating


def main(handle: int) -> None:
    """The whole life of the process. handle: of the socket on which tasks come and answers go."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks, which then ends this one
    threading.Thread(target=_end_with_parent, daemon=True).start()
    seldom()
    for room in pkgutil.iter_modules(biglam_pipeline.__path__, "biglam_pipeline."):
        if room.ispkg and room.name not in sys.modules:
            read_late(room.name)
    connection = Connection(handle)
    root = logging.getLogger()
    root.addHandler(_Passing(connection))
    while True:
        try:
            level, work, name, question = connection.recv()
        except (EOFError, ConnectionError):
            return
        root.setLevel(level)
        connection.send(_answer(work, name, question, connection))


def read_late(name: str) -> None:
    """Has a package's own file read once somebody asks for what stands in it; its modules can be imported before.

    A stage's own file is the list of its kinds. Whoever imports a module of `normalize` runs it first, and so imports
    every format: a third of what a worker needs to begin, of which its task has one.
    """
    spec = find_spec(name)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(name)
    package, read = module_from_spec(spec), spec.loader.exec_module

    def look_up(wanted: str) -> Any:  # https://peps.python.org/pep-0562/
        vars(package).pop("__getattr__", None)
        read(package)
        return getattr(package, wanted)

    vars(package)["__getattr__"] = look_up
    sys.modules[name] = package


def _end_with_parent() -> None:
    """Nothing is ever written to standard input: it ends when the parent does, however it ends."""
    while os.read(0, 1):
        pass
    os._exit(1)


def _answer(work: Callable[[Any], Any], name: str, question: Any, connection: Connection) -> tuple[str, Any]:
    """What comes of a task, in a form that can be sent."""
    try:
        with beating(lambda records, where: connection.send(("beat", (records, where))), name):
            answer = work(question)
    except Exception as error:  # noqa: BLE001  # it is raised again in the process that asked
        reported = "".join(traceback.format_exception(error))
        return ("error", (_sendable(error), reported))
    return ("answer", answer)


def _sendable(error: Exception) -> Exception:
    """The error itself, or its words where it cannot leave the process."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    except Exception as why:  # noqa: BLE001  # pickle raises whatever an error's own methods raise
        return RuntimeError(f"{type(error).__name__}: {error} (which cannot be sent as it is: {why})")
    return error


class _Passing(QueueHandler):
    """Log records go to the process that asks, which has the log."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(SimpleQueue())
        self._connection = connection

    def enqueue(self, record: logging.LogRecord) -> None:
        self._connection.send(("log", record))
