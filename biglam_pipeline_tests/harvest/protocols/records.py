"""Zenodo, figshare and a Dataverse on loopback: they answer in the shapes of their documentation, with made-up records.

Shapes: https://inveniordm.docs.cern.ch/reference/rest_api_drafts_records/ (files of a record),
https://docs.figshare.com/#articles , https://guides.dataverse.org/en/latest/api/native-api.html
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from biglam_pipeline_tests.harvest.conftest import Outcome
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer

HOSTS = (
    "https://zenodo.org",
    "https://api.figshare.com",
    "https://ndownloader.figshare.com",
    "https://data.example.org",
)


def rewrite(server: ScriptedServer) -> dict[str, str]:
    """All three are this machine."""
    return dict.fromkeys(HOSTS, server.url)


def said(data: Any, status: int = 200) -> Reply:
    """An answer in JSON."""
    return Reply(json.dumps(data).encode(), status, {"Content-Type": "application/json"})


def keys(outcome: Outcome) -> list[str]:
    """Of what came, in its order."""
    return [one.key for one in outcome.objects]


def missed(outcome: Outcome) -> list[tuple[str, str]]:
    """What did not come, and why."""
    return [(one.key, one.reason) for one in outcome.missing]


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


class Zenodo:
    """Records by number; those of one concept are its versions, in order."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server, self.url = server, "https://zenodo.org"
        self.files: dict[int, dict[str, bytes]] = {}

    def publish(self, concept: int, record: int, files: dict[str, bytes], **changed: dict[str, Any]) -> None:
        """A version, which is the newest. changed: file (without its extension) -> what its list says otherwise."""
        self.files[record] = files
        for name, content in files.items():
            self.server.on(f"/api/records/{record}/files/{quote(name, safe='')}/content", Reply(content))
        self.list(record, [self.entry(record, name) | changed.get(name.partition(".")[0], {}) for name in files])
        page = self.server.on(f"/records/{record}", Reply(b"<!doctype html><title>A record | Zenodo</title>"))
        moved = Reply(status=302, headers={"Location": page.replace(self.server.url, self.url)})
        self.server.on(f"/api/records/{concept}/files", said({"status": 404, "message": "Not found"}, 404))
        for one in [concept, *self.files]:
            self.server.on(f"/records/{one}/latest", moved)

    def entry(self, record: int, name: str) -> dict[str, Any]:
        content = self.files[record][name]
        place = f"{self.url}/api/records/{record}/files/{name}"
        return {
            "key": name,
            "checksum": f"md5:{md5(content)}",
            "size": len(content),
            "status": "completed",
            "access": {"hidden": False},
            "links": {"self": place, "content": f"{place}/content"},
        }

    def list(self, record: int, entries: list[dict[str, Any]], following: str = "") -> None:
        links = {"self": f"{self.url}/api/records/{record}/files", **({"next": following} if following else {})}
        page = {"enabled": True, "links": links, "entries": entries, "default_preview": None, "order": []}
        self.server.on(f"/api/records/{record}/files", said(page))


class Figshare:
    """One article with its versions."""

    def __init__(self, server: ScriptedServer, number: int = 13359104, most: int = 1000) -> None:
        self.server, self.number, self.most = server, number, most
        self.versions: list[dict[str, Any]] = []

    def publish(self, files: list[dict[str, Any]], **article: Any) -> None:
        """A version, which is the newest."""
        self.versions.append({"files": files})
        number = len(self.versions)
        place = f"/v2/articles/{self.number}"
        for front in (place, f"{place}/versions/{number}"):
            self.server.on(front, said({"id": self.number, "version": number, "files": files[:10], **article}))
            self.server.on(f"{front}/files", self._page(files))
        self.server.on(
            f"{place}/versions",
            said(
                [
                    {"version": one, "url": f"https://api.figshare.com{place}/versions/{one}"}
                    for one in range(1, number + 1)
                ]
            ),
        )

    def _page(self, files: list[dict[str, Any]]) -> Callable[[Asked], Reply]:
        def reply(asked: Asked) -> Reply:
            size = min(int(asked.query["page_size"]), self.most)
            start = (int(asked.query["page"]) - 1) * size
            return said(files[start : start + size])

        return reply

    def file(self, number: int, name: str, content: bytes, **changed: Any) -> dict[str, Any]:
        """A file, as a list has it."""
        self.server.on(f"/files/{number}", Reply(content))
        return {
            "id": number,
            "name": name,
            "size": len(content),
            "is_link_only": False,
            "download_url": f"https://ndownloader.figshare.com/files/{number}",
            "supplied_md5": "",
            "computed_md5": md5(content),
            "mimetype": "text/plain",
            **changed,
        }


class Dataverse:
    """One dataset with its versions."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self.replies: dict[str, Reply] = {}
        server.on("/api/datasets/:persistentId/versions/:latest-published", lambda _: self.replies[":latest-published"])

    def publish(self, version: str, files: list[dict[str, Any]], **changed: Any) -> None:
        """A version, which is the newest."""
        major, _, minor = version.partition(".")
        about = {
            "versionNumber": int(major),
            "versionMinorNumber": int(minor),
            "versionState": "RELEASED",
            "files": files,
        }
        reply = said({"status": "OK", "data": {**about, **changed}})
        self.replies[":latest-published"] = reply
        self.server.on(f"/api/datasets/:persistentId/versions/{version}", reply)

    def file(self, number: int, name: str, content: bytes, folder: str = "", **changed: Any) -> dict[str, Any]:
        """A file, as a version has it; `dataFile` of `changed` is laid over its own."""
        self.server.on(f"/api/access/datafile/{number}", Reply(content))
        about = {
            "id": number,
            "filename": name,
            "contentType": "text/plain",
            "filesize": len(content),
            "md5": md5(content),
            "checksum": {"type": "MD5", "value": md5(content)},
            "tabularData": False,
        }
        entry = {"label": name, "restricted": False, "version": 1, "dataFile": {**about, **changed.pop("dataFile", {})}}
        return {**entry, **({"directoryLabel": folder} if folder else {}), **changed}
