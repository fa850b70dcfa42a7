"""What is there: repositories, revisions, trees, refs and commits, as the client reads them."""

import base64
import binascii
import hashlib
import json
import urllib.parse
from typing import Any

from starlette.responses import JSONResponse, Response

from biglam_pipeline.localhub.blobs import lfs_pointer
from biglam_pipeline.localhub.cards import read_card
from biglam_pipeline.localhub.exchange import Call, Endpoint, Refusal, no_entry
from biglam_pipeline.localhub.hub import USER, Hub
from biglam_pipeline.localhub.repositories import Entry, Repository, Tree

TREE_PAGE, EXPANDED_PAGE, COMMIT_PAGE = 1000, 50, 1000
MAX_CARD_BYTES = 1 << 20


def who_am_i(hub: Hub, call: Call) -> Response:
    """The one user of this Hub."""
    if not hub.authorized(call):
        raise Refusal(401, "Invalid credentials in Authorization header")
    token = {"displayName": USER, "role": "write"}
    auth = {"type": "access_token", "accessToken": token}
    return JSONResponse({"type": "user", "name": USER, "fullname": USER, "orgs": [], "auth": auth})


def list_datasets(hub: Hub, call: Call) -> Response:
    """The repositories the caller may see, by `author` and `search`."""
    author, search = call.query("author"), call.query("search").lower()
    rows = [
        describe(hub, repository, repository.resolve("main"))
        for repository in hub.repositories.all()
        if (hub.authorized(call) or not repository.private)
        and (not author or repository.id.startswith(f"{author}/"))
        and search in repository.id.lower()
    ]
    return JSONResponse(rows)


def dataset_info(hub: Hub, call: Call) -> Response:
    """A repository at a revision; `blobs=true` adds sizes and digests."""
    repository, commit_id, tree = hub.revision(call)
    row = describe(hub, repository, commit_id)
    with_blobs = call.asks("blobs")
    row["siblings"] = [_sibling(path, entry, with_blobs) for path, entry in tree.items()]
    return JSONResponse(row)


def describe(hub: Hub, repository: Repository, commit_id: str) -> dict[str, Any]:
    """A repository without its files."""
    tree = hub.repositories.tree(repository, commit_id)
    card = card_of(hub, tree)
    return {
        "_id": hashlib.sha256(repository.id.encode()).hexdigest()[:24],
        "id": repository.id,
        "author": repository.id.split("/")[0],
        "sha": commit_id,
        "lastModified": repository.commits[commit_id].date,
        "createdAt": repository.created,
        "private": repository.private,
        "gated": repository.gated,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": _tags(card),
        # YAML knows dates, JSON does not.
        "cardData": json.loads(json.dumps(card, default=str)),
        "usedStorage": sum(entry.size for entry in tree.values()),
    }


def card_of(hub: Hub, tree: Tree) -> dict[str, Any]:
    """The metadata of the README; empty where there is none or it cannot be read."""
    entry = tree.get("README.md")
    if entry is None:
        return {}
    metadata, _ = read_card(hub.text(entry, MAX_CARD_BYTES))
    return metadata or {}


def _tags(card: dict[str, Any]) -> list[str]:
    tags: list[str] = []
    for key in ("task_categories", "language", "license", "size_categories"):
        values = card.get(key) or []
        tags += [f"{key}:{value}" for value in (values if isinstance(values, list) else [values])]
    own = card.get("tags") or []
    return tags + ([str(tag) for tag in own] if isinstance(own, list) else [])


def _sibling(path: str, entry: Entry, with_blobs: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"rfilename": path}
    if with_blobs:
        row.update(size=entry.size, blobId=entry.oid)
        if entry.lfs:
            row["lfs"] = {"sha256": entry.sha256, "size": entry.size, "pointerSize": _pointer_size(entry)}
    return row


def _pointer_size(entry: Entry) -> int:
    return len(lfs_pointer(entry.sha256, entry.size))


def file_row(path: str, entry: Entry) -> dict[str, Any]:
    """A file as `tree` and `paths-info` tell it."""
    row: dict[str, Any] = {"type": "file", "oid": entry.oid, "size": entry.size, "path": path}
    if entry.lfs:
        row["lfs"] = {"oid": entry.sha256, "size": entry.size, "pointerSize": _pointer_size(entry)}
    if entry.xet_hash:
        row["xetHash"] = entry.xet_hash
    return row


def _folder_row(path: str, tree: Tree) -> dict[str, Any]:
    digest = hashlib.sha1(usedforsecurity=False)
    for name, entry in tree.items():
        if name.startswith(f"{path}/"):
            digest.update(f"{name}\0{entry.oid}\n".encode())
    return {"type": "directory", "oid": digest.hexdigest(), "size": 0, "path": path}


def _children(tree: Tree, folder: str, recursive: bool) -> list[str]:
    """The paths below a folder, in order, folders included; only the direct ones unless recursive."""
    start = f"{folder}/" if folder else ""
    found: set[str] = set()
    for path in tree:
        if path.startswith(start):
            parts = path.removeprefix(start).split("/")
            deepest = len(parts) if recursive else 1
            found.update(start + "/".join(parts[:depth]) for depth in range(1, deepest + 1))
    return sorted(found)


def tree_page(hub: Hub, call: Call) -> Response:
    """The files and folders below a folder, a page at a time."""
    repository, commit_id, tree = hub.revision(call)
    folder = call.at.get("path", "").strip("/")
    paths = _children(tree, folder, call.asks("recursive"))
    if folder and not paths:
        raise no_entry(folder, {"X-Repo-Commit": commit_id})
    expand = call.asks("expand")
    paths, headers = page_of(call, paths, EXPANDED_PAGE if expand else TREE_PAGE)
    rows = [file_row(path, tree[path]) if path in tree else _folder_row(path, tree) for path in paths]
    if expand:
        _add_last_commits(hub, repository, commit_id, rows)
    return JSONResponse(rows, headers=headers)


def page_of(call: Call, rows: list[str], default: int) -> tuple[list[str], dict[str, str]]:
    """The rows after the cursor, and the link to those after them."""
    try:
        after = base64.urlsafe_b64decode(call.query("cursor").encode()).decode()
        limit = max(1, min(int(call.query("limit") or default), default))
    except (ValueError, binascii.Error) as error:
        raise Refusal(400, "Invalid cursor or limit") from error
    begin = rows.index(after) + 1 if after in rows else 0
    page = rows[begin : begin + limit]
    if begin + limit >= len(rows):
        return page, {}
    query = [pair for pair in urllib.parse.parse_qsl(call.query_string) if pair[0] != "cursor"]
    query.append(("cursor", base64.urlsafe_b64encode(page[-1].encode()).decode()))
    address = f"{call.base}{urllib.parse.quote(call.path, safe='/%')}?{urllib.parse.urlencode(query)}"
    return page, {"Link": f'<{address}>; rel="next"'}


def paths_info(hub: Hub, call: Call) -> Response:
    """The named files and folders; those that do not exist are left out."""
    repository, commit_id, tree = hub.revision(call)
    form = call.form()
    rows = []
    for path in form.get("paths", []):
        if path in tree:
            rows.append(file_row(path, tree[path]))
        elif any(name.startswith(f"{path}/") for name in tree):
            rows.append(_folder_row(path, tree))
    if form.get("expand", ["false"])[0].lower() == "true":
        _add_last_commits(hub, repository, commit_id, rows)
    return JSONResponse(rows)


def _add_last_commits(hub: Hub, repository: Repository, commit_id: str, rows: list[dict[str, Any]]) -> None:
    """To each row the youngest commit that changed it."""
    waiting = {row["path"]: row for row in rows}
    younger: tuple[str, Tree] | None = None
    for at, _ in repository.history(commit_id):
        tree = hub.repositories.tree(repository, at)
        if younger is not None:
            _note_changes(repository, waiting, *younger, tree)
        younger = (at, tree)
    if younger is not None:
        _note_changes(repository, waiting, *younger, {})


def _note_changes(
    repository: Repository, waiting: dict[str, dict[str, Any]], commit_id: str, tree: Tree, before: Tree
) -> None:
    if not waiting or tree is before:
        return
    changed = [path for path in tree.keys() | before.keys() if tree.get(path) != before.get(path)]
    commit = repository.commits[commit_id]
    for path in list(waiting):
        if any(name == path or name.startswith(f"{path}/") for name in changed):
            row = waiting.pop(path)
            row["lastCommit"] = {"id": commit_id, "title": commit.title, "date": commit.date}


def refs(hub: Hub, call: Call) -> Response:
    """The branches, tags and pull requests."""
    repository = hub.repository(call)
    branches, tags = (
        [{"name": name, "ref": f"refs/{kind}/{name}", "targetCommit": target} for name, target in sorted(named.items())]
        for kind, named in (("heads", repository.branches), ("tags", repository.tags))
    )
    answer = {"branches": branches, "tags": tags, "converts": [], "pullRequests": []}
    if call.asks("include_prs"):
        pulls = repository.pulls.items()
        answer["pullRequests"] = [{"name": ref, "ref": ref, "targetCommit": target} for ref, target in pulls]
    return JSONResponse(answer)


def commits(hub: Hub, call: Call) -> Response:
    """The history of a revision, youngest first."""
    repository = hub.repository(call)
    history = dict(repository.history(repository.resolve(call.at["rev"])))
    page, headers = page_of(call, list(history), COMMIT_PAGE)
    rows = [
        {
            "id": commit_id,
            "title": history[commit_id].title,
            "message": history[commit_id].message,
            "date": history[commit_id].date,
            "authors": [{"user": history[commit_id].author}],
        }
        for commit_id in page
    ]
    return JSONResponse(rows, headers={**headers, "X-Total-Count": str(len(history))})


DATASET = "/api/datasets/{ns}/{name}"
ENDPOINTS = (
    Endpoint("GET", "/api/whoami-v2", who_am_i),
    Endpoint("GET", "/api/datasets", list_datasets),
    Endpoint("GET", DATASET, dataset_info),
    Endpoint("GET", DATASET + "/revision/{rev}", dataset_info),
    Endpoint("GET", DATASET + "/tree/{rev}", tree_page),
    Endpoint("GET", DATASET + "/tree/{rev}/{*path}", tree_page),
    Endpoint("POST", DATASET + "/paths-info/{rev}", paths_info),
    Endpoint("GET", DATASET + "/refs", refs),
    Endpoint("GET", DATASET + "/commits/{rev}", commits),
)
