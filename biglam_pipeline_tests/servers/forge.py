"""A host of git repositories on loopback: real repositories, listed and packed by git itself, as GitHub and GitLab do.

https://git-scm.com/docs/gitprotocol-http (what is put before `git upload-pack`), https://git-scm.com/docs/git-fast-import
"""

import hashlib
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from biglam_pipeline_tests.servers.web import Asked, Reply, Script, ScriptedServer


@dataclass(frozen=True)
class Link:
    """A symbolic link."""

    target: str


@dataclass(frozen=True)
class Submodule:
    """Another repository at one of its commits."""

    commit: str


Content = bytes | Link | Submodule


def pointer(content: bytes) -> bytes:
    """What stands in git for a file that lies in Git LFS."""
    digest = hashlib.sha256(content).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(content)}\n".encode()


@dataclass
class Forge:
    """One repository; what is on `server` follows each `commit`."""

    server: ScriptedServer
    folder: Path
    path: str = "library/prints"
    service: str = "github"
    lfs: dict[str, bytes] = field(default_factory=dict)
    """Path -> what LFS holds of it."""
    files: dict[str, Content] = field(default_factory=dict)
    branch: str = "main"

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        self.git("init", "-q", "--bare", "-b", self.branch, ".")

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def rewrite(self) -> dict[str, str]:
        """Each host of the service -> its folder on the server."""
        hosts = ["github.com", "codeload.github.com", "raw.githubusercontent.com", "media.githubusercontent.com"]
        return {f"https://{host}": f"{self.server.url}/{host}" for host in [*hosts, "gitlab.com", "git.example.org"]}

    def git(self, *words: str, given: bytes = b"") -> bytes:
        """Runs git in the repository, with no settings but its own."""
        alone = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "PATH": os.environ["PATH"]}
        return subprocess.run(
            ["git", *words], cwd=self.folder, input=given, capture_output=True, check=True, env=alone
        ).stdout

    def commit(self, files: Mapping[str, Content | None]) -> str:
        """Files added, corrected and (None) removed; the new commit."""
        self.files = {path: one for path, one in {**self.files, **files}.items() if one is not None}
        stream = f"commit refs/heads/{self.branch}\ncommitter T <t@example.org> 1700000000 +0000\ndata 1\nx\n".encode()
        has_one = self.git("for-each-ref", f"refs/heads/{self.branch}")
        stream += f"from refs/heads/{self.branch}^0\n".encode() if has_one else b""
        stream += b"deleteall\n" + b"".join(_entry(path, one) for path, one in self.files.items())
        self.git("fast-import", "--quiet", "--force", given=stream)
        self.offer()
        return self.head

    @property
    def head(self) -> str:
        """Where the branch stands."""
        return self.git("rev-parse", self.branch).decode().strip()

    def place(self, kind: str, commit: str, path: str = "") -> str:
        """The path on the server of `refs`, `archive`, `raw` or `lfs`."""
        if self.service == "github":
            return {
                "refs": f"/github.com/{self.path}.git/info/refs",
                "archive": f"/codeload.github.com/{self.path}/tar.gz/{commit}",
                "raw": f"/raw.githubusercontent.com/{self.path}/{commit}/{quote(path)}",
                "lfs": f"/media.githubusercontent.com/media/{self.path}/{commit}/{quote(path)}",
            }[kind]
        return {
            "refs": f"/{self.service}/{self.path}.git/info/refs",
            "archive": f"/{self.service}/{self.path}/-/archive/{commit}/{self.name}-{commit}.tar.gz",
            "raw": f"/{self.service}/{self.path}/-/raw/{commit}/{quote(path)}",
            "lfs": f"/{self.service}/{self.path}/-/raw/{commit}/{quote(path)}",
        }[kind]

    def refs(self) -> bytes:
        """What git lists, behind what its HTTP puts before it."""
        return b"001e# service=git-upload-pack\n0000" + self.git("upload-pack", "--advertise-refs", ".")

    def archive(self, commit: str) -> bytes:
        """All files of a commit."""
        return self.git("archive", "--format=tar.gz", f"--prefix={self.name}-{commit}/", commit)

    def offer(self) -> None:
        """Puts the state of now on the server; addresses of earlier commits stay."""
        commit = self.head
        self.on("refs", self._refs)
        self.on("archive", self._archive)
        for path, one in self.files.items():
            if isinstance(one, bytes):
                self.on("raw", Reply(one), path)
            elif isinstance(one, Link):
                self.on("raw", Reply(one.target.encode()), path)
            if path in self.lfs:
                self.server.on(self.place("lfs", commit, path), Reply(self.lfs[path]))

    def on(self, kind: str, reply: Script, path: str = "") -> None:
        """Puts another answer in a place of the newest commit."""
        self.server.on(self.place(kind, self.head, path), reply)

    def _refs(self, asked: Asked) -> Reply:
        assert asked.query == {"service": "git-upload-pack"}
        return Reply(self.refs(), headers={"Content-Type": "application/x-git-upload-pack-advertisement"})

    def _archive(self, asked: Asked) -> Reply:
        commit = next(part for part in asked.path.split("/") if len(part) == 40)
        return Reply(self.archive(commit), headers={"Content-Type": "application/x-gzip"})


def _entry(path: str, content: Content) -> bytes:
    if isinstance(content, Submodule):
        return f"M 160000 {content.commit} {path}\n".encode()
    mode, data = ("120000", content.target.encode()) if isinstance(content, Link) else ("100644", content)
    return f"M {mode} inline {path}\ndata {len(data)}\n".encode() + data + b"\n"
