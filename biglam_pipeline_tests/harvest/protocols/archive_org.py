"""archive.org on loopback: items, collections, and files that lie on another host, with made-up content.

Shapes: https://archive.org/developers/md-read.html , https://archive.org/help/aboutsearch.htm
"""

import itertools
import json
import re
from typing import Any
from urllib.parse import quote

from biglam_pipeline_tests.harvest.protocols.records import md5, said
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer

STORE = "https://ia800000.us.archive.org"


def rewrite(server: ScriptedServer) -> dict[str, str]:
    return {"https://archive.org": server.url, STORE: f"{server.url}/store"}


class Archive:
    """`item` makes one, and puts it into the index; `page_size` is how many the index gives at once."""

    def __init__(self, server: ScriptedServer, page_size: int = 10_000) -> None:
        self.server, self.page_size = server, page_size
        self.index: dict[str, dict[str, Any]] = {}
        self.of: dict[str, list[str]] = {}
        self.total: int | None = None
        """As the index says it; None where it says the truth."""
        self._tasks = itertools.count()
        server.on("/services/search/v1/scrape", self._scrape)

    def item(self, name: str, files: dict[str, bytes], *, within: str = "", day: int = 1, **changed: Any) -> None:
        """day: of the last change. changed: further words of the metadata answer."""
        listed = [self.file(name, path, content) for path, content in files.items()]
        own = {"name": f"{name}_files.xml", "source": "original", "format": "Metadata", "md5": "0" * 32}
        self.answer(name, [*listed, own], **changed)
        # written again with each task, whatever it is about
        self.server.on(f"/store/{name}/{name}_files.xml", lambda _: Reply(b"<files>%d</files>" % next(self._tasks)))
        self._lead(name, f"{name}_files.xml")
        size = sum(map(len, files.values()))
        self.index[name] = {"identifier": name, "item_size": size, "oai_updatedate": [f"2026-01-{day:02d}T00:00:00Z"]}
        if within:
            self.of.setdefault(within, []).append(name)

    def file(self, name: str, path: str, content: bytes, **changed: Any) -> dict[str, Any]:
        """As the metadata answer lists it; all its numbers are texts."""
        self.server.on(f"/store/{name}/{quote(path)}", Reply(content))
        self._lead(name, path)
        return {
            "name": path,
            "source": "original",
            "format": "Text",
            "mtime": "1500000000",
            "size": str(len(content)),
            "md5": md5(content),
            **changed,
        }

    def _lead(self, name: str, path: str) -> None:
        there = Reply(status=302, headers={"Location": f"{STORE}/{name}/{quote(path)}"})
        self.server.on(f"/download/{name}/{quote(path)}", there)

    def answer(self, name: str, files: list[dict[str, Any]], **changed: Any) -> None:
        """What it says of an item; as the real one, never the same bytes."""

        def reply(_: Asked) -> Reply:
            about = {"identifier": name, "mediatype": "texts"}
            base = {"uniq": next(self._tasks), "server": "ia800000.us.archive.org", "metadata": about, "files": files}
            return said({**base, "files_count": len(files), **changed})

        self.server.on(f"/metadata/{name}", reply)

    def collection(self, name: str, **changed: Any) -> None:
        files = [self.file(name, "__ia_thumb.jpg", b"thumb")]
        self.answer(name, files, metadata={"identifier": name, "mediatype": "collection"}, **changed)

    def _scrape(self, asked: Asked) -> Reply:
        found = re.fullmatch(r"collection:(\S+) AND NOT mediatype:collection", asked.query["q"])
        names = sorted(self.of.get(found[1], [])) if found else []
        start = int(asked.query.get("cursor", "c0")[1:])
        page = [self.index[name] for name in names[start : start + self.page_size]]
        more = {"cursor": f"c{start + self.page_size}"} if start + self.page_size < len(names) else {}
        total = len(names) if self.total is None else self.total
        return Reply(json.dumps({"items": page, "count": len(page), "total": total, **more}).encode())
