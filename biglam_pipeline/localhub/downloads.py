"""How does a file go out: whole, in ranges, or by a pointer to the content store?"""

import urllib.parse

from starlette.responses import Response, StreamingResponse

from biglam_pipeline.localhub.exchange import Call, Endpoint, no_entry, parse_range
from biglam_pipeline.localhub.hub import Hub
from biglam_pipeline.localhub.repositories import gone


def resolve(hub: Hub, call: Call) -> Response:
    """A file at a revision. Content always goes as bytes: a page in a repository must not run as one of ours."""
    repository, commit_id, tree = hub.revision(call)
    path = call.at["path"]
    entry = tree.get(path)
    if entry is None:
        raise no_entry(path, {"X-Repo-Commit": commit_id})
    if gone(repository, entry):
        missing = no_entry(path, {"X-Repo-Commit": commit_id})
        missing.message = f"Entry not found: the content of {path} has been deleted for good"
        raise missing
    etag = f'"{entry.sha256 if entry.lfs else entry.oid}"'
    name = urllib.parse.quote(path.rsplit("/", 1)[-1])
    headers = {
        "X-Repo-Commit": commit_id,
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f"inline; filename*=UTF-8''{name}",
        "X-Content-Type-Options": "nosniff",
        # A commit's files never change; a branch's do.
        "Cache-Control": "no-cache",
    }
    if entry.lfs:
        headers.update({"X-Linked-Etag": etag, "X-Linked-Size": str(entry.size)})
    if entry.xet_hash:
        token = f"{call.base}/api/datasets/{repository.id}/xet-read-token/{commit_id}"
        headers.update({"X-Xet-Hash": entry.xet_hash, "Link": f'<{token}>; rel="xet-auth"'})
    span = parse_range(call.headers.get("range"), entry.size)
    start, end = span or (0, entry.size)
    if span:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{entry.size}"
    headers["Content-Length"] = str(end - start)
    status = 206 if span else 200
    if call.method == "HEAD":
        return Response(status_code=status, headers=headers)
    return StreamingResponse(hub.read(entry, start, end), status, headers)


ENDPOINTS = (
    Endpoint("GET", "/datasets/{ns}/{name}/resolve/{rev}/{*path}", resolve),
    Endpoint("GET", "/datasets/{ns}/{name}/raw/{rev}/{*path}", resolve),
)
