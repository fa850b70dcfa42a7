"""Buckets of S3 and Google Cloud Storage on loopback, in the shapes of their documentation, with made-up objects.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html ,
https://cloud.google.com/storage/docs/json_api/v1/objects/list
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

from biglam_pipeline_tests.harvest.protocols.records import said
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer


def rewrite(server: ScriptedServer, *buckets: str) -> dict[str, str]:
    """Their hosts are this machine."""
    hosts = {f"https://{one}.s3.amazonaws.com/": f"{server.url}/s3/{one}/" for one in buckets}
    return hosts | {
        "https://s3.amazonaws.com/": f"{server.url}/east/",
        "https://s3.eu-west-1.amazonaws.com/": f"{server.url}/s3/",
        "https://storage.googleapis.com/": f"{server.url}/gs/",
    }


@dataclass
class Stored:
    """One object."""

    content: bytes
    etag: str = ""
    day: int = 1
    kind: str = "STANDARD"


@dataclass
class S3:
    """One bucket; `changed` words are laid over those of its list."""

    server: ScriptedServer
    name: str = "prints"
    page_size: int = 1000
    objects: dict[str, Stored] = field(default_factory=dict)
    changed: Mapping[str, str] = field(default_factory=dict)
    refusal: Reply | None = None

    def __post_init__(self) -> None:
        self.server.on(f"/s3/{self.name}/", self.list)

    def put(self, key: str, content: bytes, **words: Any) -> None:
        self.objects[key] = Stored(content, **words)
        headers = {"ETag": f'"{self.etag(key)}"'}
        self.on(key, Reply(content, headers=headers))

    def on(self, key: str, *replies: Any) -> None:
        self.server.on(f"/s3/{self.name}/{quote(key)}", *replies)

    def drop(self, key: str) -> None:
        del self.objects[key]
        self.on(key, error("NoSuchKey", 404))

    def etag(self, key: str) -> str:
        one = self.objects[key]
        return one.etag or hashlib.md5(one.content, usedforsecurity=False).hexdigest()

    def list(self, asked: Asked) -> Reply:
        if self.refusal:
            return self.refusal
        query = asked.query
        names = sorted((one for one in self.objects if one.startswith(query["prefix"])), key=str.encode)
        begin, size = int(query.get("continuation-token", 0)), min(self.page_size, int(query["max-keys"]))
        page = names[begin : begin + size]
        more = begin + size < len(names)
        words = {
            "Name": self.name, "Prefix": quote_plus(query["prefix"]), "KeyCount": str(len(page)), "MaxKeys": str(size),
            "EncodingType": "url", "IsTruncated": str(more).lower(),
            **({"NextContinuationToken": str(begin + size)} if more else {}), **self.changed,
        }  # fmt: skip
        head = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in words.items() if value)
        rows = "".join(map(self._row, page))
        body = f'<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{head}{rows}</ListBucketResult>'
        return Reply(body.encode(), headers={"Content-Type": "application/xml"})

    def _row(self, key: str) -> str:
        one = self.objects[key]
        return (
            f"<Contents><Key>{quote_plus(key, safe='/')}</Key><LastModified>2024-01-{one.day:02}T00:00:00.000Z"
            f"</LastModified><ETag>&quot;{self.etag(key)}&quot;</ETag><Size>{len(one.content)}</Size>"
            f"<StorageClass>{one.kind}</StorageClass></Contents>"
        )


def error(code: str, status: int, **words: str) -> Reply:
    """As S3 refuses."""
    more = "".join(f"<{name}>{value}</{name}>" for name, value in words.items())
    body = f"<?xml version='1.0' encoding='UTF-8'?>\n<Error><Code>{code}</Code><Message>No</Message>{more}</Error>"
    return Reply(body.encode(), status, {"Content-Type": "application/xml"})


@dataclass
class Gcs:
    """One bucket of Google's."""

    server: ScriptedServer
    name: str = "prints"
    page_size: int = 1000
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    generation: int = 1700000000000000

    def __post_init__(self) -> None:
        self.server.on(f"/gs/storage/v1/b/{self.name}/o", self.list)

    def put(self, name: str, content: bytes, **changed: Any) -> None:
        self.generation += 1
        digest = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
        item = {"name": name, "size": str(len(content)), "md5Hash": digest, "generation": str(self.generation)}
        self.items[name] = {key: value for key, value in (item | changed).items() if value is not None}
        self.on(name, Reply(content))

    def on(self, name: str, *replies: Any) -> None:
        self.server.on(f"/gs/{self.name}/{quote(name)}", *replies)

    def list(self, asked: Asked) -> Reply:
        query = asked.query
        names = sorted((one for one in self.items if one.startswith(query["prefix"])), key=str.encode)
        token = query.get("pageToken", "0")
        if not token.isdigit() or len(token) > 9:
            return said({"error": {"code": 400, "message": "Invalid page token"}}, 400)
        begin = int(token)
        page = [self.items[name] for name in names[begin : begin + self.page_size]]
        more = {"nextPageToken": str(begin + self.page_size)} if begin + self.page_size < len(names) else {}
        return said({"kind": "storage#objects", **({"items": page} if page else {}), **more})


def unlike(reply: Reply, **words: Any) -> Reply:
    """The same with other words."""
    return replace(reply, **words)
