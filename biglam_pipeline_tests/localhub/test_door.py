"""No page of another origin comes through the door, by whatever name or method; our own pages and programs do."""

import socket
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from biglam_pipeline.localhub.door import LOOPBACK, Door
from biglam_pipeline_tests.raw_requests import answer, status, websocket
from biglam_pipeline_tests.servers.hub import HubServer

CREATE = "/api/repos/create"
LINK = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Hub of this module."""
    server = HubServer(tmp_path_factory.mktemp("hub"))
    yield server.endpoint
    server.close()


@contextmanager
def behind(names: Collection[str]) -> Iterator[str]:
    """A program that answers everything with 200, and opens every WebSocket, behind a door of these names."""

    async def respond(_: Request) -> PlainTextResponse:
        return PlainTextResponse("come in")

    async def accept(websocket: WebSocket) -> None:
        await websocket.accept(subprotocol="graphql-ws")
        await websocket.close()

    app = Starlette(routes=[Route("/", respond, methods=["GET", "POST"]), WebSocketRoute("/", accept)])
    server = uvicorn.Server(uvicorn.Config(Door(app, names, "Ask the porter."), log_level="critical", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(20)


def port(address: str) -> str:
    return address.rpartition(":")[2]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", "127.0.0.1:1", "localhost:8080"])
def test_loopback_is_answered_under_each_of_its_names_and_any_port(address: str, host: str) -> None:
    """A tunnel has another port than the server."""
    assert status(address, headers={"Host": host}) == 200


@pytest.mark.parametrize(
    "host",
    [
        *(
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "localhost.",
            "127.0.0.2",
            "0.0.0.0",
            "[::]",
        ),
        *("evil@127.0.0.1", "127.0.0.1@evil.example", "127.1", "2130706433", "127.0.0.1:x", "127.0.0.1:1:2", "::1", ""),
        *("localhost/x", "localhost#", "127.0.0.1 evil.example", "127.0.0.1, evil.example"),
        "evil.example\r\nHost: 127.0.0.1",
        "127.0.0.1\r\nHost: evil.example",
        None,
    ],
)
def test_another_name_is_misdirected(address: str, host: str | None) -> None:
    """DNS rebinding: a page's own name leads here. Some of these the server itself does not read."""
    assert status(address, headers={"Host": host}) in (421, 400)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80"])
def test_a_refusal_says_what_was_asked(address: str, host: str) -> None:
    assert f"does not answer as {host}".encode() in answer(address, headers={"Host": host})


@pytest.mark.parametrize(
    "origin",
    [
        *("https://evil.example", "http://127.0.0.1:1", "http://localhost:{port}", "http://127.0.0.1", "null", ""),
        *(
            "http://127.0.0.1:{port}.evil.example",
            "http://evil@127.0.0.1:{port}",
            "file://",
            "http://[",
            "127.0.0.1:{port}",
            "tauri://127.0.0.1:{port}",
        ),
        "http://127.0.0.1:{port}\r\nOrigin: https://evil.example",
        "https://evil.example\r\nOrigin: http://127.0.0.1:{port}",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "PUT", "DELETE"])
def test_another_origin_is_refused_for_reading_and_writing(address: str, origin: str, method: str) -> None:
    said = {"Origin": origin.replace("{port}", port(address))}
    assert status(address, CREATE, method=method, body=b"{}", headers=said) in (403, 400)


@pytest.mark.parametrize(
    "site", ["cross-site", "same-site", "", "nonsense", "same-origin\r\nSec-Fetch-Site: cross-site"]
)
@pytest.mark.parametrize("origin", [{}, {"Origin": "own"}])
def test_where_the_origin_is_not_said_the_site_is(address: str, site: str, origin: dict[str, str]) -> None:
    """`same-site` is another port of this machine, and no less foreign."""
    headers = {"Sec-Fetch-Site": site} | ({"Origin": address} if origin else {})
    for how in ({}, {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, {**LINK, "Sec-Fetch-Dest": "iframe"}):
        assert status(address, headers=headers | how) == 403
    assert status(address, CREATE, method="POST", body=b"{}", headers=headers | LINK) == 403


def test_our_own_pages_links_and_programs_come_in(address: str) -> None:
    body = b'{"name": "door", "type": "dataset", "organization": "a"}'
    own = {"Origin": address, "Sec-Fetch-Site": "same-origin"}
    assert status(address, CREATE, method="POST", body=body, headers=own) == 200
    assert status(address, CREATE, method="POST", body=body, headers={}) == 409  # a program's: it is there already
    for site in ("none", "same-origin", "same-site", "cross-site"):
        assert status(address, headers={"Sec-Fetch-Site": site, **LINK}) == 200


def test_no_answer_is_shown_in_a_frame_or_embedded_by_another_origin(address: str) -> None:
    head = answer(address).partition(b"\r\n\r\n")[0].lower()
    assert b"frame-ancestors" in head
    assert b"cross-origin-resource-policy: same-origin" in head


@pytest.mark.parametrize(
    ("host", "origin", "due"),
    [
        ("lam.example.org", "https://lam.example.org", 200),
        ("lam.example.org:443", "https://lam.example.org", 200),
        ("LAM.example.org", "https://lam.example.org", 200),
        ("lam.example.org", "https://lam.example.org:8443", 403),
        ("lam.example.org", "https://evil.example", 403),
        ("only.example.org:8080", "http://only.example.org:8080", 200),
        ("only.example.org", "http://only.example.org", 421),
        ("127.0.0.1", "http://127.0.0.1", 421),
    ],
)
def test_a_proxys_name_is_answered_where_it_was_named(host: str, origin: str, due: int) -> None:
    with behind(["lam.example.org", "only.example.org:8080"]) as address:
        found = answer(address, method="POST", headers={"Host": host, "Origin": origin})
    assert found.startswith(f"HTTP/1.1 {due} ".encode())
    assert (b"Ask the porter." in found) is (due == 421)


@pytest.mark.parametrize(
    ("said", "due"), [({}, 403), ({"Origin": "own"}, 101), ({"Origin": "https://evil.example"}, 403)]
)
def test_a_websocket_is_opened_by_our_own_pages_only(said: dict[str, str], due: int) -> None:
    with behind(LOOPBACK) as address:
        headers = {name: address if value == "own" else value for name, value in said.items()}
        assert websocket(address, "/", **headers) == due
