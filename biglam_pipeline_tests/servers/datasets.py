"""The Hugging Face Hub as its readers see it, on a scripted server: a dataset's commits, trees in pages, its files.

The shapes are those of `/api/datasets/{id}/revision/{rev}`, `…/tree/{rev}?recursive=true` and `…/resolve/{rev}/{path}`
as huggingface_hub reads them (`HfApi.list_repo_tree`, `RepoFile`): https://huggingface.co/docs/hub/api
"""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from biglam_pipeline_tests.servers.web import Asked, Reply, Script, ScriptedServer


def git_oid(content: bytes) -> str:
    """The digest by which git knows a file."""
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()


@dataclass
class Dataset:
    """One dataset; what is on `server` follows each `commit`."""

    server: ScriptedServer
    name: str = "biglam/prints"
    large: tuple[str, ...] = ()
    """Endings of files that lie in LFS."""
    page: int = 1000
    files: dict[str, bytes] = field(default_factory=dict)
    commits: list[str] = field(default_factory=list)

    @property
    def rewrite(self) -> dict[str, str]:
        """The Hub -> its folder on the server."""
        return {"https://huggingface.co": f"{self.server.url}/hub"}

    @property
    def head(self) -> str:
        """The newest commit."""
        return self.commits[-1]

    def commit(self, files: dict[str, bytes | None]) -> str:
        """Files added, corrected and (None) removed; the new commit."""
        self.files = {path: one for path, one in {**self.files, **files}.items() if one is not None}
        self.commits.append(hashlib.sha1(repr((len(self.commits), self.files)).encode()).hexdigest())
        self.server.on(f"/hub/api/datasets/{self.name}/revision/main", self._revision)
        self.server.on(self.tree, self._tree_of(dict(self.files)))
        for path, content in self.files.items():
            self.on(path, Reply(content))
        return self.head

    @property
    def tree(self) -> str:
        """The path of the list of the newest commit."""
        return f"/hub/api/datasets/{self.name}/tree/{self.head}"

    def on(self, path: str, reply: Script) -> None:
        """Puts another answer in the place of a file of the newest commit."""
        self.server.on(self.place(path), reply)

    def place(self, path: str) -> str:
        """Where a file of the newest commit is had."""
        return f"/hub/datasets/{self.name}/resolve/{self.head}/{quote(path)}"

    def rows(self, files: dict[str, bytes]) -> list[dict[str, Any]]:
        """What a tree lists."""
        folders = sorted({path.rpartition("/")[0] for path in files} - {""})
        rows: list[dict[str, Any]] = [
            {"type": "directory", "oid": "0" * 40, "size": 0, "path": folder} for folder in folders
        ]
        for path, content in sorted(files.items()):
            row: dict[str, Any] = {"type": "file", "oid": git_oid(content), "size": len(content), "path": path}
            if path.endswith(self.large):
                row["oid"] = git_oid(b"pointer " + content)
                row["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}
                row["xetHash"] = "f" * 64
            rows.append(row)
        return rows

    def _revision(self, asked: Asked) -> Reply:
        assert asked.query == {"expand": "sha"}
        return _json({"_id": "65", "id": self.name, "sha": self.head})

    def _tree_of(self, files: dict[str, bytes]) -> Script:
        rows = self.rows(files)

        def reply(asked: Asked) -> Reply:
            assert asked.query.items() >= {"recursive": "true", "expand": "false"}.items()
            begin = int(asked.query.get("cursor", "0"))
            end = begin + self.page
            path = asked.path.partition("?")[0].removeprefix("/hub")
            following = f"https://huggingface.co{path}?recursive=true&expand=false&cursor={end}"
            return _json(rows[begin:end], {"Link": f'<{following}>; rel="next"'} if end < len(rows) else {})

        return reply


def _json(data: Any, headers: dict[str, str] | None = None) -> Reply:
    return Reply(json.dumps(data).encode(), headers={"Content-Type": "application/json", **(headers or {})})
