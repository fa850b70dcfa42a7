"""An S3 server (moto) on loopback: one request at a time, as conditions are atomic; with log and faults."""

import logging
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

import boto3
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

Fault = Callable[[str, str], tuple[str, bytes] | None]
"""(method, path with its query) -> (status line, body) that is sent instead, or None."""

KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}


class ObjectServer:
    """S3 at `endpoint`. `log` holds (method, path with its query); `fault` may be set at any time."""

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.log: list[tuple[str, str]] = []
        self.fault: Fault | None = None
        self._app = DomainDispatcherApplication(create_backend_app)
        self._one = threading.Lock()
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="objects", daemon=True)
        self._thread.start()

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to find it."""
        return {**KEYS, "AWS_ENDPOINT_URL": self.endpoint}

    def client(self) -> Any:
        """A client of one's own, beside the code under test."""
        named = {name.lower(): value for name, value in KEYS.items() if name != "AWS_DEFAULT_REGION"}
        return boto3.client("s3", endpoint_url=self.endpoint, region_name="us-east-1", **named)

    def bucket(self, name: str) -> str:
        """Makes a bucket; its address."""
        self.client().create_bucket(Bucket=name)
        self.log.clear()
        return f"s3://{name}"

    def _answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        query = f"?{environ['QUERY_STRING']}" if environ["QUERY_STRING"] else ""
        asked = (environ["REQUEST_METHOD"], environ["PATH_INFO"] + query)
        with self._one:
            self.log.append(asked)
            reported = self.fault(*asked) if self.fault else None
            if reported is not None:
                environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
                body = b"" if asked[0] == "HEAD" else reported[1]
                start(reported[0], [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
                return [body]
            return list(self._app(environ, start))

    def __enter__(self) -> "ObjectServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
