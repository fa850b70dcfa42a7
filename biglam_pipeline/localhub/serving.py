"""How is the Hub served, and how does a program find or start the one of its state folder?"""

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn

from biglam_pipeline.localhub.app import PROGRAM, create_app
from biglam_pipeline.localhub.door import LOOPBACK
from biglam_pipeline.localhub.hub import PART_BYTES
from biglam_pipeline.localhub.lifetime import watch
from biglam_pipeline.localhub.state import StateBusy, holder_of

HOST = "127.0.0.1"
PORT = 8766
IDLE_MINUTES = 10.0
START_SECONDS = 30.0
REPORT_SECONDS = 5.0
# A server that ends keeps its folder until it has answered what it was asked, which may take five seconds.
HANDOVER_SECONDS = 10.0
# A commit is not repeated by the client when an idle connection closes under it, so connections stay open.
KEEP_ALIVE_SECONDS = 3600
REMEDY = "set BIGLAM_HUB_PORT to another port"


def serve(
    state: Path,
    *,
    host: str = HOST,
    port: int = PORT,
    idle_minutes: float | None = IDLE_MINUTES,
    keep_for: int | None = None,
    allow_remote: bool = False,
    auth: str | None = None,
    part_bytes: int = PART_BYTES,
) -> None:
    """Serve a state folder until a signal, or until idle; None never ends by itself. Raises StateBusy."""
    if host not in LOOPBACK and not allow_remote:
        raise ValueError(f"{host} is not a loopback address: without a token anyone could write. Use --allow-remote")
    deadline = time.monotonic() + HANDOVER_SECONDS
    while True:
        try:
            app = create_app(state, auth=auth, allow_remote=allow_remote, part_bytes=part_bytes)
            break
        except StateBusy:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    hub = app.state.hub
    if keep_for is not None:
        hub.activity.keep_for(keep_for)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            access_log=False,
            ws="none",
            lifespan="on",
            log_level="warning",
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=5,
        )
    )

    def stop() -> None:
        server.should_exit = True

    if idle_minutes is not None:
        watch(hub.activity, idle_minutes * 60, state, stop)
    try:
        server.run()
    finally:
        hub.close()


def ensure_running(
    state: Path,
    port: int = PORT,
    keep_for: int | None = None,
    waiting: Callable[[str], object] = lambda said: None,
) -> str:
    """The endpoint of the Hub that serves this state folder on this port, started where it is not running yet.

    waiting: told once, in a sentence, where it takes more than five seconds, as while another process still has the
    folder. RuntimeError where the port or the folder is taken by something else, or the Hub does not come up.
    """
    state = state.resolve()
    endpoint = f"http://{HOST}:{port}"
    if not _is_ours(_ask(port), state, port):
        _start(state, port, keep_for, waiting)
    if keep_for is not None:
        _ask(port, "POST", "/health/keep", {"pid": keep_for})
    return endpoint


def _start(state: Path, port: int, keep_for: int | None, waiting: Callable[[str], object]) -> None:
    state.mkdir(parents=True, exist_ok=True)
    log = state / "hub.log"
    command = [sys.executable, "-m", PROGRAM, "--state", str(state), "--port", str(port)]
    if keep_for is not None:
        command += ["--keep-for", str(keep_for)]
    with log.open("ab") as output:
        began = output.tell()
        # Its own session: a Ctrl-C in the terminal that happened to start it must not end it.
        process = subprocess.Popen(  # noqa: S603  the command is this interpreter with our own arguments
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    # Whoever started it reaps it when it ends, however much later that is.
    threading.Thread(target=process.wait, name="hub-reaper", daemon=True).start()
    report, deadline = time.monotonic() + REPORT_SECONDS, time.monotonic() + START_SECONDS
    while not _is_ours(_ask(port), state, port):
        # Two may start at once; the loser ends, and its caller finds the winner at the next look.
        if process.poll() is not None:
            deadline = min(deadline, time.monotonic() + 2)
        if time.monotonic() > report:
            report = deadline + 1
            waiting(f"for the Hub of {state}, {START_SECONDS:.0f} s at most; {holder_of(state)} had it last ({log})")
        if time.monotonic() > deadline:
            said = log.read_bytes()[began:].decode("utf-8", "replace").strip()
            raise RuntimeError(
                f"The Hub for {state} did not come up on port {port}: {said or 'no word in'} ({log}); {REMEDY}"
            )
        time.sleep(0.05)


def _ask(port: int, method: str = "GET", path: str = "/health", body: Any = None) -> dict[str, Any] | None:
    """The health of whatever listens on the port; {} where it is no Hub, None where nothing listens."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None)
        document = json.loads(connection.getresponse().read(65536))
        return document if isinstance(document, dict) else {}
    except ConnectionRefusedError:
        return None
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()


def _is_ours(health: dict[str, Any] | None, state: Path, port: int) -> bool:
    if health is None:
        return False
    if health.get("program") != PROGRAM:
        raise RuntimeError(f"Port {port} is taken by another program, so the Hub for {state} cannot use it; {REMEDY}")
    if health.get("state") != str(state):
        raise RuntimeError(
            f"Port {port} is taken by the Hub for {health.get('state')} (process {health.get('pid')}), "
            f"not the one for {state}; {REMEDY}"
        )
    return True
