"""Serves the Dagster UI of one home on loopback, behind a door, with the daemon beside it, until a signal ends it.

The parts are those of `dagster dev` (https://docs.dagster.io/deployment/oss/dagster-webserver): one code server that
both ask, the webserver, the daemon. The webserver's program runs here: before `dagster dev` nothing can stand.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import dagster as dg
import uvicorn
from dagster._cli.proxy_server_manager import ProxyServerManager
from dagster._core.workspace.context import WorkspaceProcessContext, WorkspaceRequestContext
from dagster._core.workspace.load_target import ModuleTarget, WorkspaceFileTarget, WorkspaceLoadTarget
from dagster_webserver.version import __version__ as webserver_version
from dagster_webserver.webserver import DagsterWebserver
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp

from biglam_pipeline.errors import ConfigError
from biglam_pipeline.store import disk

ADDRESS = "127.0.0.1"
DEFINITIONS = ModuleTarget("biglam_pipeline.definitions", None, None, "biglam")
"""The code location has one name wherever it is started: what was switched on and off is kept by that name."""
_END_SECONDS = 30
_QUIET_SECONDS = 5

Door = Callable[[ASGIApp], ASGIApp]
"""Puts a program behind a door."""


class Webserver(DagsterWebserver[WorkspaceProcessContext, WorkspaceRequestContext]):
    """Dagster's webserver, which asks for POST where something may be changed, and shows no picture from elsewhere."""

    async def graphql_http_endpoint(self, request: Request) -> Response:
        """As Dagster's, but GET shows the page to write a question on, and answers none.

        Dagster executes `GET /graphql?query=mutation…`: the address of a picture on any page could start a run.
        """
        if request.method != "POST" and "text/html" not in request.headers.get("accept", ""):
            return PlainTextResponse("GraphQL is asked by POST here; a GET is refused.\n", 403)
        answer: Response = await super().graphql_http_endpoint(request)
        return answer

    def make_csp_header(self, nonce: str) -> str:
        """Dagster's policy for its pages, and this: nothing is fetched from elsewhere because somebody looks.

        The pages render Markdown, with its pictures; what stands in it may come from a record.
        """
        return f"{super().make_csp_header(nonce).rstrip('; ')}; {_NOTHING_FROM_ELSEWHERE}"


_NOTHING_FROM_ELSEWHERE = (
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'"
)


def listen(port: int) -> socket.socket:
    """Takes a port of this machine before anything else is started; ConfigError where another program has it."""
    try:
        return socket.create_server((ADDRESS, port))
    except OSError as taken:
        reason = taken.strerror or str(taken)
        raise ConfigError(f"The Dagster UI cannot use port {port}: {reason}; choose another one with --port") from taken


def serve(
    home: Path, listening: socket.socket, door: Door, *, workspace: Path | None = None, held: Sequence[int] = ()
) -> int:
    """Until SIGINT or SIGTERM, which give 0; else the status with which the daemon ended by itself.

    home: DAGSTER_HOME, prepared. workspace: a workspace.yaml; None serves our own definitions. held: descriptors that
    the daemon keeps open, such as that of `serving_lock`, so that no second one starts while it lives.
    """
    os.environ["DAGSTER_HOME"] = str(home)  # the code server and its runs read it
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job of a shell ignores it
    with (
        suppress(KeyboardInterrupt),
        dg.DagsterInstance.from_config(str(home)) as instance,
        ExitStack() as stack,
    ):
        target: WorkspaceLoadTarget = WorkspaceFileTarget([str(workspace)]) if workspace else DEFINITIONS
        code = stack.enter_context(ProxyServerManager(instance, target, code_server_log_level="WARNING"))
        served = home / "serving.json"  # JSON is YAML
        disk.put_whole(served, json.dumps({"load_from": code.get_code_server_specs()}).encode())
        process = WorkspaceProcessContext(
            instance, version=webserver_version, workspace_load_target=WorkspaceFileTarget([str(served)])
        )
        app = Webserver(stack.enter_context(process), live_data_poll_rate=2000).create_asgi_app()
        server = uvicorn.Server(
            uvicorn.Config(door(app), log_level="warning", timeout_graceful_shutdown=_QUIET_SECONDS, lifespan="off")
        )
        daemon = stack.enter_context(_daemon(served, held, server))
        server.run(sockets=[listening])
        return daemon.wait()
    return 0


@contextmanager
def _daemon(served: Path, held: Sequence[int], server: uvicorn.Server) -> Iterator["subprocess.Popen[Any]"]:
    """Beside the server, which ends where the daemon ends: schedules that nobody works on would look as if."""
    command = [sys.executable, "-m", "biglam_pipeline.defs.daemon", "--workspace", str(served)]
    daemon = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=held)  # noqa: S603  (our own words, no shell)

    def watch() -> None:
        daemon.wait()
        server.should_exit = True

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield daemon
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave the daemon behind
        with suppress(subprocess.TimeoutExpired, BrokenPipeError):
            assert daemon.stdin is not None
            daemon.stdin.close()
            daemon.wait(_END_SECONDS)
        daemon.kill()
        daemon.wait()
