"""How are repositories made, set, branched, tagged and removed?"""

from typing import Any, Literal

from starlette.responses import JSONResponse, Response

from biglam_pipeline.localhub.cards import check_card
from biglam_pipeline.localhub.community import drop_ref
from biglam_pipeline.localhub.discussions import PULL
from biglam_pipeline.localhub.exchange import Call, Endpoint, Refusal, no_revision
from biglam_pipeline.localhub.hub import USER, Hub
from biglam_pipeline.localhub.repositories import COMMIT_ID, REF_NAME, Commit, now
from biglam_pipeline.localhub.uploads import git_attributes, regular_entry


def _named(document: dict[str, Any]) -> str:
    """The repository that the body of a create or delete names."""
    if document.get("type") != "dataset":
        raise Refusal(404, "This Hub holds datasets only, no models and no spaces", "RepoNotFound")
    return f"{document.get('organization') or USER}/{document.get('name')}"


def _is_private(document: dict[str, Any], otherwise: bool) -> bool:
    if "visibility" in document:
        if document["visibility"] not in ("public", "private"):
            raise Refusal(400, f"Unknown visibility: {document['visibility']}")
        return bool(document["visibility"] == "private")
    return bool(document.get("private", otherwise))


def create(hub: Hub, call: Call) -> Response:
    """A repository that holds .gitattributes, as the Hub makes it; 409 with its address where it exists."""
    document = call.json()
    repo_id = _named(document)
    url = f"{call.base}/datasets/{repo_id}"
    try:
        with hub.repositories.lock:  # the file must not be pruned before a repository names it
            tree = {".gitattributes": regular_entry(hub, git_attributes())}
            hub.repositories.create(repo_id, tree, private=_is_private(document, False), author=USER)
    except Refusal as refusal:
        if refusal.status == 409:
            refusal.extra["url"] = url
        raise
    return JSONResponse({"url": url, "name": repo_id, "id": repo_id})


def delete(hub: Hub, call: Call) -> Response:
    """Forget a repository, and the files that no other names."""
    hub.forget(_named(call.json()))
    return JSONResponse({})


def settings(hub: Hub, call: Call) -> Response:
    """Visibility and gating."""
    document = call.json()
    hub.repository(call)
    with hub.repositories.changing(call.repo_id) as repository:
        repository.private = _is_private(document, repository.private)
        if "gated" in document:
            repository.gated = _gating(document["gated"])
    return JSONResponse({"private": repository.private, "gated": repository.gated})


def _gating(value: Any) -> Literal["auto", "manual", False]:
    match value:
        case False:
            return False
        case "auto" | "manual":
            return "auto" if value == "auto" else "manual"
        case _:
            raise Refusal(400, f"Unknown gating: {value}")


def validate_yaml(hub: Hub, call: Call) -> Response:
    """What is wrong with the metadata of a README."""
    document = call.json()
    if document.get("repoType") != "dataset":
        raise Refusal(404, "This Hub holds datasets only", errors=[], warnings=[])
    errors, warnings = check_card(str(document.get("content", "")))
    failures = [{"message": text} for text in errors]
    remarks = [{"message": text} for text in warnings]
    if failures:
        raise Refusal(400, "Invalid metadata in README.md", errors=failures, warnings=remarks)
    return JSONResponse({"errors": failures, "warnings": remarks})


def auth_check(hub: Hub, call: Call) -> Response:
    """Whether the caller may read, or write, the repository; the gate before this has decided."""
    hub.repository(call)
    return JSONResponse({})


def _check_ref(name: str, taken: dict[str, str]) -> None:
    # A name like a commit id would hide that commit.
    if not REF_NAME.fullmatch(name) or COMMIT_ID.fullmatch(name) or name.startswith("refs/"):
        raise Refusal(400, f"Invalid reference name: {name[:100]}")
    if name in taken:
        raise Refusal(409, f"Reference already exists: {name}")


def create_tag(hub: Hub, call: Call) -> Response:
    """Name a commit for good."""
    tag = str(call.json().get("tag", ""))
    hub.repository(call)
    with hub.repositories.changing(call.repo_id) as repository:
        target = repository.resolve(call.at["rev"])
        _check_ref(tag, repository.tags)
        repository.tags[tag] = target
    return JSONResponse({"name": tag, "ref": f"refs/tags/{tag}", "targetCommit": target})


def create_branch(hub: Hub, call: Call) -> Response:
    """A new branch at a revision, at `main` where none is given."""
    document = call.json()
    hub.repository(call)
    with hub.repositories.changing(call.repo_id) as repository:
        target = repository.resolve(str(document.get("startingPoint") or "main"))
        _check_ref(call.at["branch"], repository.branches)
        repository.branches[call.at["branch"]] = target
    return JSONResponse({})


def _drop(refs: dict[str, str], name: str) -> Response:
    if name not in refs:
        raise no_revision(name)
    del refs[name]
    return JSONResponse({})


def delete_tag(hub: Hub, call: Call) -> Response:
    """Remove a tag; the commit stays."""
    hub.repository(call)
    with hub.repositories.changing(call.repo_id) as repository:
        return _drop(repository.tags, call.at["rev"])


def delete_branch(hub: Hub, call: Call) -> Response:
    """Remove a branch other than main, or a pull request's ref, and what only it led to."""
    name = call.at["branch"]
    hub.repository(call)
    if name == "main":
        raise Refusal(403, "The branch main cannot be deleted")
    with hub.pruning(call.repo_id) as repository:
        if name.startswith(PULL):
            drop_ref(repository, name)
        else:
            _drop(repository.branches, name)
    return JSONResponse({})


def super_squash(hub: Hub, call: Call) -> Response:
    """Replace the history of a branch by one commit with its tree; files that no ref leads to are removed."""
    title = str(call.json().get("message") or "Super-squash")
    hub.repository(call)
    with hub.pruning(call.repo_id) as repository:
        branch = repository.branch(call.at["branch"])
        if branch.startswith(PULL):
            raise Refusal(400, "A pull request needs the commit it began at; merge it instead")
        tree = repository.commits[repository.head(branch)].tree
        repository.add(branch, Commit(None, tree, title, "", now(), USER))
    return JSONResponse({})


DATASET = "/api/datasets/{ns}/{name}"
ENDPOINTS = (
    Endpoint("POST", "/api/repos/create", create, writes=True),
    Endpoint("DELETE", "/api/repos/delete", delete, writes=True),
    Endpoint("POST", "/api/validate-yaml", validate_yaml),
    Endpoint("PUT", DATASET + "/settings", settings, writes=True),
    Endpoint("GET", DATASET + "/auth-check", auth_check),
    Endpoint("GET", DATASET + "/auth-check/write", auth_check, writes=True),
    Endpoint("POST", DATASET + "/tag/{rev}", create_tag, writes=True),
    Endpoint("DELETE", DATASET + "/tag/{rev}", delete_tag, writes=True),
    Endpoint("POST", DATASET + "/branch/{branch}", create_branch, writes=True),
    Endpoint("DELETE", DATASET + "/branch/{branch}", delete_branch, writes=True),
    Endpoint("POST", DATASET + "/super-squash/{branch}", super_squash, writes=True),
)
