"""A scripted server, and a client whose clock only sleeping moves."""

import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from biglam_pipeline.web import Web
from biglam_pipeline_tests.servers.web import ScriptedServer, scripted_server

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
XML = b"<?xml version='1.0'?><OAI-PMH/>"
HTML = b"<!DOCTYPE html><html><head><title>Are you a robot?</title></head><body>Incapsula</body></html>"


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = NOW
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


MakeWeb = Callable[..., Web]


@pytest.fixture
def make_web(tmp_path: Path, clock: Clock) -> Iterator[MakeWeb]:
    made: list[Web] = []

    def make(**settings: object) -> Web:
        defaults: dict[str, object] = {
            "contact": "keeper@example.org",
            "rewrite": {},
            "allow_private": True,
            "locks": tmp_path / "locks",
            "sleep": clock.sleep,
            "clock": clock,
        }
        made.append(Web(**(defaults | settings)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for web in made:
        web.close()


@pytest.fixture
def web(make_web: MakeWeb) -> Web:
    return make_web()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost that nobody has signed, with its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    path = tmp_path / "localhost.pem"
    command = "req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -addext subjectAltName=DNS:localhost -days 2"
    subprocess.run(
        [openssl, *command.split(), "-keyout", path, "-out", tmp_path / "cert.pem"], check=True, capture_output=True
    )
    path.write_bytes(path.read_bytes() + (tmp_path / "cert.pem").read_bytes())
    return path


@pytest.fixture
def secure_server(certificate: Path) -> Iterator[ScriptedServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with scripted_server(context) as running:
        yield running
