"""Large files as git-lfs knows them: put whole or in parts, listed, and deleted for good."""

import hashlib
import math
import shutil
import urllib.parse
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.responses import JSONResponse, Response

from biglam_pipeline.localhub.exchange import Call, Endpoint, Refusal
from biglam_pipeline.localhub.hub import Hub
from biglam_pipeline.localhub.listing import page_of
from biglam_pipeline.localhub.repositories import Repository, gone
from biglam_pipeline.localhub.xorbs import HASH

MAX_PARTS = 10_000
MAX_BYTES = 5 << 40
FILE_PAGE = 1000


def batch(hub: Hub, call: Call) -> Response:
    """For each large file: where to put it, or nothing where it is here already; or where to get it."""
    document = call.json()
    downloads = document.get("operation") == "download"
    if not downloads and not hub.authorized(call):
        raise Refusal(401, "Invalid credentials in Authorization header")
    repository = hub.repository(call)
    listed = {row["fileOid"]: row for row in _rows(hub, repository)} if downloads else {}
    multipart = "multipart" in document.get("transfers", [])
    rows = []
    for wanted in document.get("objects", []):
        oid, size = str(wanted.get("oid")), wanted.get("size")
        if not HASH.fullmatch(oid) or not isinstance(size, int) or not 0 <= size <= MAX_BYTES:
            raise Refusal(400, f"Not an LFS object: {oid[:80]}")
        row: dict[str, Any] = {"oid": oid, "size": size}
        if downloads:
            row |= _download(call, repository, listed.get(oid))
        elif hub.large_entry(oid) is None:
            verify = {"href": f"{call.base}/datasets/{repository.id}.git/info/lfs/objects/verify"}
            row["actions"] = {"upload": _upload(hub, call, oid, size, multipart), "verify": verify}
        rows.append(row)
    split = any("chunk_size" in row.get("actions", {}).get("upload", {}).get("header", {}) for row in rows)
    return JSONResponse({"transfer": "multipart" if split else "basic", "objects": rows})


def _download(call: Call, repository: Repository, row: dict[str, Any] | None) -> dict[str, Any]:
    if row is None:
        return {"error": {"code": 404, "message": "Not here"}}
    path = urllib.parse.quote(row["filename"])
    return {"actions": {"download": {"href": f"{call.base}/datasets/{repository.id}/resolve/{row['commit']}/{path}"}}}


def _upload(hub: Hub, call: Call, oid: str, size: int, multipart: bool) -> dict[str, Any]:
    """One address; or, above the size of a part, an address for each part and this one for their end."""
    header: dict[str, str] = {}
    if multipart and size > hub.part_bytes:
        part_bytes = max(hub.part_bytes, math.ceil(size / MAX_PARTS))
        header["chunk_size"] = str(part_bytes)
        for number in range(1, math.ceil(size / part_bytes) + 1):
            signature = hub.sign(f"{oid}/{number}")
            header[str(number)] = f"{call.base}/lfs/{oid}/{number}?signature={signature}"
    return {"href": f"{call.base}/lfs/{oid}?signature={hub.sign(oid)}", "header": header}


def put(hub: Hub, call: Call) -> Response:
    """Keep a large file, if it is what its address says."""
    hub.check_signature(call, call.at["oid"])
    assert call.spooled is not None
    _keep(hub, call.spooled, call.at["oid"])
    return Response(status_code=200)


def _keep(hub: Hub, scratch: Path, oid: str) -> None:
    try:
        hub.blobs.put_file(scratch, oid)
    except ValueError as error:
        raise Refusal(400, f"The upload is refused: {error}") from error


def _parts(hub: Hub, oid: str) -> Path:
    # Among the half-written files: what was not completed is gone after the next start.
    return hub.state.tmp / f"parts-{oid}"


def put_part(hub: Hub, call: Call) -> Response:
    """Keep one part of a large file; its ETag is to be shown at the end."""
    oid, number = call.at["oid"], call.at["number"]
    hub.check_signature(call, f"{oid}/{number}")
    known = HASH.fullmatch(oid) and number.isascii() and number.isdecimal()
    if not known or not 1 <= int(number) <= MAX_PARTS:
        raise Refusal(400, f"Not a part of a large file: {oid[:80]}/{number[:20]}")
    assert call.spooled is not None
    with call.spooled.open("rb") as file:
        etag = hashlib.file_digest(file, "sha256").hexdigest()
    if hub.blobs.size(oid) is None:
        _parts(hub, oid).mkdir(exist_ok=True)
        call.spooled.replace(_parts(hub, oid) / f"{int(number)}-{etag}")
    return Response(status_code=200, headers={"ETag": f'"{etag}"'})


def complete(hub: Hub, call: Call) -> Response:
    """Make a large file of its parts. Asked again after an answer was lost, it says yes again."""
    oid = call.at["oid"]
    hub.check_signature(call, oid)
    document = call.json()
    if not HASH.fullmatch(oid) or document.get("oid", oid) != oid:
        raise Refusal(400, f"Not the large file of this address: {oid[:80]}")
    if hub.blobs.size(oid) is None:
        scratch = hub.state.scratch()
        try:
            _join(_named_parts(hub, oid, document.get("parts")), scratch)
            _keep(hub, scratch, oid)
        finally:
            scratch.unlink(missing_ok=True)
    shutil.rmtree(_parts(hub, oid), ignore_errors=True)
    return JSONResponse({})


def _named_parts(hub: Hub, oid: str, rows: Any) -> list[Path]:
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise Refusal(400, "The parts are missing")
    found = []
    for number, row in enumerate(rows, 1):
        etag = str(row.get("etag")).strip('"')
        path = _parts(hub, oid) / f"{number}-{etag}"
        if row.get("partNumber") != number or not HASH.fullmatch(etag) or not path.exists():
            raise Refusal(400, f"Part {number} of {oid} is not here as it is named")
        found.append(path)
    return found


def _join(parts: list[Path], scratch: Path) -> None:
    with scratch.open("wb") as whole:
        for path in parts:
            with path.open("rb") as part:
                shutil.copyfileobj(part, whole, 1 << 20)


def verify(hub: Hub, call: Call) -> Response:
    """Whether a large file arrived whole."""
    hub.repository(call)
    wanted = call.json()
    entry = hub.large_entry(str(wanted.get("oid")))
    if entry is None or entry.size != wanted.get("size"):
        raise Refusal(404, f"Not here in that size: {wanted.get('oid')}")
    return JSONResponse({})


def _rows(hub: Hub, repository: Repository) -> list[dict[str, Any]]:
    """Every large file of every revision, with the commit that brought it, youngest first."""
    rows: dict[str, dict[str, Any]] = {}
    seen: set[str] = set()
    for ref, head in repository.refs():
        for commit_id, commit in reversed(list(repository.history(head))):
            if commit_id in seen:
                continue
            seen.add(commit_id)
            for path, entry in hub.repositories.tree(repository, commit_id).items():
                if entry.lfs and entry.sha256 not in rows and not gone(repository, entry):
                    rows[entry.sha256] = {
                        "fileOid": entry.sha256,
                        "oid": entry.sha256,
                        "filename": path,
                        "size": entry.size,
                        "pushedAt": commit.date,
                        "ref": ref,
                        "commit": commit_id,
                        "xetHash": entry.xet_hash,
                    }
    return sorted(rows.values(), key=lambda row: str(row["pushedAt"]), reverse=True)


def listed(hub: Hub, call: Call) -> Response:
    """The large files of a repository, a page at a time."""
    rows = {row["fileOid"]: row for row in _rows(hub, hub.repository(call))}
    page, headers = page_of(call, list(rows), FILE_PAGE)
    return JSONResponse([rows[sha256] for sha256 in page], headers=headers)


def delete(hub: Hub, call: Call) -> Response:
    """Delete large files from every revision, for good; their names too where history is rewritten."""
    wanted = call.json().get("deletions")
    shas = wanted.get("sha") if isinstance(wanted, dict) else None
    if not isinstance(wanted, dict) or not isinstance(shas, list):
        raise Refusal(400, "The body must name deletions")
    repository = hub.repository(call)
    doomed = {str(sha256) for sha256 in shas}
    if unknown := doomed - {row["fileOid"] for row in _rows(hub, repository)}:
        raise Refusal(404, f"No large file of {repository.id}: {min(unknown)[:80]}", "EntryNotFound")
    with hub.pruning(call.repo_id) as repository:
        if wanted.get("rewriteHistory"):
            _rewrite(hub, repository, doomed)
            repository.deleted = sorted(set(repository.deleted) - doomed)
        else:
            repository.deleted = sorted({*repository.deleted, *doomed})
    return JSONResponse({})


def _rewrite(hub: Hub, repository: Repository, doomed: set[str]) -> None:
    """Every commit without the doomed files; those that had none of them, and no such ancestor, keep their name."""
    names: dict[str, str] = {}
    for _, head in list(repository.refs()):
        for commit_id, commit in reversed(list(repository.history(head))):
            if commit_id in names:
                continue
            tree = hub.repositories.tree(repository, commit_id)
            kept = {path: entry for path, entry in tree.items() if not (entry.lfs and entry.sha256 in doomed)}
            parent = names[commit.parent] if commit.parent else None
            names[commit_id] = commit_id
            if len(kept) < len(tree) or parent != commit.parent:
                tree_name = hub.repositories.write_tree(repository.id, kept)
                names[commit_id] = repository.keep(replace(commit, parent=parent, tree=tree_name))
    for refs in (repository.branches, repository.tags, repository.pulls):
        refs.update({name: names[commit_id] for name, commit_id in refs.items()})
    for discussion in repository.discussions.values():
        discussion.rename_commits(lambda commit_id: names.get(commit_id, commit_id))


def duplicate(hub: Hub, call: Call) -> Response:
    """Copy large files to another repository: all share one store, so it is enough that they are here."""
    repository = hub.repository(call)
    here = {row["fileOid"] for row in _rows(hub, repository)}
    asked = [str(row.get("sha256")) for row in call.json().get("files", [])]
    failed = [{"sha256": sha256, "error": "not in this repository"} for sha256 in asked if sha256 not in here]
    return JSONResponse({"success": [{"sha256": sha256} for sha256 in asked if sha256 in here], "failed": failed})


FILES = "/api/datasets/{ns}/{name}/lfs-files"
OBJECTS = "/datasets/{ns}/{name}/info/lfs/objects"
ENDPOINTS = (
    Endpoint("POST", OBJECTS + "/batch", batch),
    Endpoint("POST", OBJECTS + "/verify", verify, writes=True),
    Endpoint("PUT", "/lfs/{oid}", put, spools=True),
    Endpoint("PUT", "/lfs/{oid}/{number}", put_part, spools=True),
    Endpoint("POST", "/lfs/{oid}", complete),
    Endpoint("GET", FILES, listed),
    Endpoint("POST", FILES + "/batch", delete, writes=True),
    Endpoint("POST", FILES + "/duplicate", duplicate, writes=True),
)
