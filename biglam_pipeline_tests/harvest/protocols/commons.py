"""Wikimedia Commons on loopback: categories, a search, and files that lie on another host, with made-up content.

Shapes, with formatversion=2: https://www.mediawiki.org/wiki/API:Categorymembers ,
https://www.mediawiki.org/wiki/API:Search , https://www.mediawiki.org/wiki/API:Imageinfo ; an answer is quoted at
https://make.wordpress.org/openverse/handbook/openverse-catalog/provider-api-wikimedia-commons/
"""

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from biglam_pipeline_tests.harvest.protocols.records import said
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer

UPLOAD = "https://upload.wikimedia.org"


def rewrite(server: ScriptedServer) -> dict[str, str]:
    return {"https://commons.wikimedia.org": server.url, UPLOAD: f"{server.url}/upload"}


class Commons:
    """`file` makes one, `category` files it; `page_size` is how many titles a list gives at once."""

    def __init__(self, server: ScriptedServer, page_size: int = 500) -> None:
        self.server, self.page_size = server, page_size
        self.pages: dict[int, dict[str, Any]] = {}
        self.infos: dict[int, dict[str, Any]] = {}
        self.members: dict[str, list[str]] = {}
        self.hits: dict[str, list[str]] = {}
        self.total: int | None = None
        """Of a search; None where it says the truth."""
        self.split = 0
        """Of how many files at most an answer says all; 0 for any number."""
        self.error: Mapping[str, Any] | None = None
        server.on("/w/api.php", self._answer)

    def file(self, number: int, name: str, content: bytes, *, day: int = 1, licence: str = "", **changed: Any) -> None:
        title = f"File:{name}"
        self.pages[number] = self._page(number, 6, title, day)
        path = f"/wikipedia/commons/a/a2/{quote(name.replace(' ', '_'))}"
        self.server.on(f"/upload{path}", Reply(content))
        url = licence or "https://creativecommons.org/publicdomain/zero/1.0/deed.en"
        about = {"LicenseShortName": "CC0", "LicenseUrl": url, "Artist": "<b>Ann Hopper</b>", "ObjectName": name}
        info = {
            "timestamp": f"2024-01-{day:02}T00:00:00Z",
            "size": len(content),
            "width": 8,
            "height": 8,
            "url": f"{UPLOAD}{path}?utm_source=commons.wikimedia.org&utm_campaign=imageinfo",
            "descriptionurl": f"https://commons.wikimedia.org/wiki/{quote(title)}",
            "sha1": hashlib.sha1(content, usedforsecurity=False).hexdigest(),
            "mime": "image/png",
            "extmetadata": {key: {"value": value, "source": "commons-desc-page"} for key, value in about.items()},
        }
        self.infos[number] = {key: value for key, value in (info | changed).items() if value is not None}

    def category(self, name: str, *titles: str) -> None:
        """titles: of files without `File:`, or of categories with `Category:`."""
        whole = [title if title.startswith("Category:") else f"File:{title}" for title in titles]
        self.members[f"Category:{name}"] = whole
        number = 90_000 + len(self.pages)
        if not any(page["title"] == f"Category:{name}" for page in self.pages.values()):
            self.pages[number] = self._page(number, 14, f"Category:{name}", 1)

    def on(self, name: str, *replies: Any) -> None:
        """What the other host says for a file."""
        self.server.on(f"/upload/wikipedia/commons/a/a2/{quote(name.replace(' ', '_'))}", *replies)

    def asked(self, word: str) -> int:
        return sum(word in path for path in self.server.paths())

    @staticmethod
    def _page(number: int, space: int, title: str, day: int) -> dict[str, Any]:
        touched = f"2024-01-{day:02}T00:00:00Z"
        return {"pageid": number, "ns": space, "title": title, "touched": touched, "lastrevid": day, "length": 9}

    def _answer(self, asked: Asked) -> Reply:
        query = asked.query
        assert (query["maxlag"], query["formatversion"]) == ("5", "2")
        if self.error is not None:
            return said({"error": self.error, "docref": "See https://commons.wikimedia.org/w/api.php"})
        if query.get("list") == "search":
            hits = self.hits.get(query["srsearch"], [])
            total = len(hits) if self.total is None else self.total
            return said({"batchcomplete": True, "query": {"searchinfo": {"totalhits": total}, "search": []}})
        if query["prop"] == "imageinfo":
            return self._infos([int(one) for one in query["pageids"].split("|")])
        if "titles" in query:
            page = next((one for one in self.pages.values() if one["title"] == query["titles"]), None)
            return said(
                {
                    "batchcomplete": True,
                    "query": {"pages": [page or {"ns": 6, "title": query["titles"], "missing": True}]},
                }
            )
        search = query["generator"] == "search"
        names = self.hits.get(query["gsrsearch"], []) if search else self.members.get(query["gcmtitle"], [])
        if not search and "subcat" not in query["gcmtype"]:
            names = [name for name in names if not name.startswith("Category:")]
        key = "gsroffset" if search else "gcmcontinue"
        begin = int(query.get(key, 0))
        page_of = {page["title"]: page for page in self.pages.values()}
        found = [page_of[name] for name in names[begin : begin + self.page_size] if name in page_of]
        more = {"continue": {key: str(begin + self.page_size), "continue": f"{key}||"}}
        ends = begin + self.page_size >= len(names)
        return said({"batchcomplete": True, **({} if ends else more), **({"query": {"pages": found}} if found else {})})

    def _infos(self, numbers: list[int]) -> Reply:
        pages = []
        for at, number in enumerate(numbers):
            page = {key: self.pages[number][key] for key in ("pageid", "ns", "title")} if number in self.pages else None
            whole = not self.split or at < self.split
            info = {"imagerepository": "local", "imageinfo": [self.infos[number]]} if page and whole else {}
            pages.append({**page, **info} if page else {"pageid": number, "missing": True})
        more = {"continue": {"iicontinue": "x", "continue": "||"}} if self.split and len(numbers) > self.split else {}
        return said({**more, "query": {"pages": pages}})
