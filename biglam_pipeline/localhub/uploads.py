"""How do files come in: which way for each, and all of them as one commit?"""

import base64
import binascii
import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from starlette.responses import JSONResponse, Response

from biglam_pipeline.localhub import state
from biglam_pipeline.localhub.blobs import git_oid
from biglam_pipeline.localhub.exchange import Call, Endpoint, Refusal, no_entry
from biglam_pipeline.localhub.hub import USER, Hub
from biglam_pipeline.localhub.pulls import clashing, note_commit, open_discussion
from biglam_pipeline.localhub.repositories import Commit, Entry, Tree, now

LARGE_BYTES = 10 * 1024 * 1024
# The extensions of the .gitattributes that the Hub gives to a new dataset repository.
_EXTENSIONS = """
7z arrow bin bz2 ckpt ftz gz h5 joblib lz4 mds mlmodel model msgpack npy npz onnx ot parquet pb pickle pkl
pt pth rar safetensors tar tflite tgz wasm xz zip zst pcm sam raw aac flac mp3 ogg wav bmp gif png tiff
jpg jpeg webp mp4 webm
"""
LARGE_EXTENSIONS = frozenset(_EXTENSIONS.split())


def git_attributes() -> bytes:
    """The file that a new repository begins with."""
    lines = [f"*.{extension} filter=lfs diff=lfs merge=lfs -text" for extension in sorted(LARGE_EXTENSIONS)]
    return ("\n".join(lines) + "\n").encode()


def preupload(hub: Hub, call: Call) -> Response:
    """For each file: upload as large or as regular, and what is there under its name now."""
    _, _, tree = hub.revision(call)
    files = call.json().get("files", [])
    if len(files) > 256:
        raise Refusal(400, "At most 256 files at once")
    rows = [_preupload_row(row, tree) for row in files]
    size, room = sum(int(row.get("size", 0)) for row in files), state.free_bytes(hub.state.root)
    if size > room:
        raise Refusal(507, f"{size} bytes are to come, and {hub.state.root} has room for {room}")
    return JSONResponse({"files": rows})


def _preupload_row(row: dict[str, Any], tree: Tree) -> dict[str, Any]:
    path = check_path(row.get("path"))
    try:
        sample = base64.b64decode(row.get("sample", ""))
    except binascii.Error as error:
        raise Refusal(400, f"The sample of {path} is not base64") from error
    suffix = PurePosixPath(path).suffix.lower().removeprefix(".")
    # As git does: text has no NUL byte.
    large = suffix in LARGE_EXTENSIONS or row.get("size", 0) > LARGE_BYTES or b"\0" in sample
    there = tree.get(path)
    oid = None if there is None else there.sha256 if there.lfs else there.oid
    return {"path": path, "uploadMode": "lfs" if large else "regular", "shouldIgnore": False, "oid": oid}


def check_path(path: Any) -> str:
    """A path inside a repository, as git would take it."""
    if not isinstance(path, str) or len(path.encode("utf-8", "replace")) > 1000:
        raise Refusal(400, f"Invalid path: {str(path)[:100]}")
    parts = path.split("/")
    if any(part in ("", ".", "..", ".git") for part in parts) or any(ord(letter) < 32 for letter in path):
        raise Refusal(400, f"Invalid path: {path[:100]}")
    return path


def commit(hub: Hub, call: Call) -> Response:
    """Apply all operations as one commit, or none; `create_pr` makes it a pull request's first."""
    header, operations = _read_operations(call.body)
    hub.repository(call)
    with hub.repositories.changing(call.repo_id) as repository:
        title, message = str(header.get("summary") or "Update"), str(header.get("description") or "")
        parent = str(header.get("parentCommit") or "")
        answer: dict[str, Any] = {"success": True, "hookOutput": ""}
        if call.asks("create_pr"):
            start = repository.resolve(parent or call.at["rev"])
            branch = open_discussion(repository, title, message, start, "open").ref
            answer["pullRequestUrl"] = f"{call.base}/datasets/{call.repo_id}/discussions/{branch.rpartition('/')[2]}"
        else:
            branch = repository.branch(call.at["rev"])
            if parent and not (len(parent) >= 7 and repository.head(branch).startswith(parent)):
                raise Refusal(412, "A commit has happened since. Please refresh and try again.")
        head = repository.head(branch)
        tree = _changed(hub, dict(hub.repositories.tree(repository, head)), operations)
        name = hub.repositories.write_tree(repository.id, tree)
        commit_id = repository.add(branch, Commit(head, name, title, message, now(), USER))
        note_commit(repository, branch, commit_id)
        # A large file that was deleted for good and is sent again is there again.
        sent = {value.get("oid") for kind, value in operations if kind == "lfsFile"}
        repository.deleted = [sha256 for sha256 in repository.deleted if sha256 not in sent]
    answer |= {"commitOid": commit_id, "commitUrl": f"{call.base}/datasets/{call.repo_id}/commit/{commit_id}"}
    return JSONResponse(answer)


def _changed(hub: Hub, tree: Tree, operations: list[tuple[str, dict[str, Any]]]) -> Tree:
    for kind, value in operations:
        _apply(hub, tree, kind, value)
    if clash := clashing(tree):
        raise Refusal(400, f"{clash[0]} lies in a folder that is also a file")
    return tree


def _read_operations(body: bytes) -> tuple[dict[str, Any], list[tuple[str, dict[str, Any]]]]:
    lines = list(_lines(body))
    if not lines or lines[0][0] != "header":
        raise Refusal(400, "A commit begins with its header")
    return lines[0][1], lines[1:]


def _lines(body: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    for line in body.splitlines():
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            yield row["key"], dict(row["value"])
        except (ValueError, KeyError, TypeError) as error:
            raise Refusal(400, f"Not a line of a commit: {line[:80]!r}") from error


def _apply(hub: Hub, tree: Tree, kind: str, value: dict[str, Any]) -> None:
    path = check_path(str(value.get("path", "")).rstrip("/"))
    match kind:
        case "file":
            tree[path] = _regular_entry(hub, path, value)
        case "lfsFile":
            entry = hub.large_entry(str(value.get("oid")))
            if entry is None or value.get("size", entry.size) != entry.size:
                raise Refusal(
                    400, f"Your push was rejected: LFS pointer of {path} pointed to a file that does not exist"
                )
            tree[path] = entry
        case "deletedFile":
            _remove(tree, [path] if path in tree else [], path)
        case "deletedFolder":
            _remove(tree, [name for name in tree if name.startswith(f"{path}/")], path)
        case _:
            raise Refusal(400, f"Unknown operation: {kind}")


def _remove(tree: Tree, names: list[str], path: str) -> None:
    if not names:
        missing = no_entry(path)
        missing.message = f"A file with this name doesn't exist: {path}"
        raise missing
    for name in names:
        del tree[name]


def _regular_entry(hub: Hub, path: str, value: dict[str, Any]) -> Entry:
    try:
        if value.get("encoding") == "base64":
            content = base64.b64decode(value["content"], validate=True)
        else:
            content = str(value["content"]).encode()
    except (KeyError, ValueError) as error:
        raise Refusal(400, f"The content of {path} cannot be read") from error
    return regular_entry(hub, content)


def regular_entry(hub: Hub, content: bytes) -> Entry:
    """Keep a regular file; returns its entry."""
    return Entry(git_oid(content), len(content), hub.blobs.put(content), False)


DATASET = "/api/datasets/{ns}/{name}"
ENDPOINTS = (
    Endpoint("POST", DATASET + "/preupload/{rev}", preupload, writes=True),
    Endpoint("POST", DATASET + "/commit/{rev}", commit, writes=True),
)
