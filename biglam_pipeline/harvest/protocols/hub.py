"""Datasets on the Hugging Face Hub as a source: the files of a dataset at one commit, each held against its digest.

https://huggingface.co/docs/hub/api ; the tree and its pages: huggingface_hub, `HfApi.list_repo_tree`.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal, Self
from urllib.parse import parse_qs, quote, unquote, urlsplit

import orjson
from pydantic import model_validator

from biglam_pipeline.errors import ObjectFailed, SourceChanged
from biglam_pipeline.harvest.harvester import split_pattern
from biglam_pipeline.harvest.listed import GIT, ListedFile
from biglam_pipeline.harvest.listing import FromListing
from biglam_pipeline.harvest.standing import note, still, watching
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.patterns import Pattern
from biglam_pipeline.records import Evidence, Harvested, Missing, Unchanged
from biglam_pipeline.settings import Accounts

log = logging.getLogger(__name__)

HOST = "https://huggingface.co"
_DATASET = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
"""huggingface_hub, `validate_repo_id`."""
_COMMIT = re.compile(r"[0-9a-f]{40}")
_RESOLVED = re.compile(r"https://huggingface\.co/datasets/([^/]+/[^/]+)/resolve/([0-9a-f]{40})/")
_PAGE_BYTES = 32_000_000
_MOST_PAGES = 10_000
"""A page has a thousand rows; the Hub advises against more than 100,000 files
(https://huggingface.co/docs/hub/storage-limits).
"""
_NEXT = re.compile(r"<([^>]*)>\s*;[^,]*\brel=\"?next\b")
"""RFC 8288, 3."""
_HOSTS = ("huggingface.co", "hf.co")


class Hub(FromListing):
    """`hf:OWNER/NAME@REVISION#PATTERN`; a file's key is its path in the dataset."""

    addresses: ClassVar[Mapping[str, str]] = {
        "hf:OWNER/NAME`, `hf:OWNER/NAME@REVISION#PATTERN": "the files of a dataset on the Hugging Face Hub, or those "
        "that fit the pattern, at `main` or at another branch, tag or whole commit",
    }
    accounts: ClassVar[Accounts] = Accounts(
        "files that are listed, chosen, came whole, are unchanged, ignored, litter or missing",
        "the list of one commit, to its last page; sha256 of large files, git's digest of the others",
        "a list that is cut or leads in a circle, or a file that is not what its list says: the harvest is not whole",
    )
    notes: ClassVar[str] = (
        "The revision is looked up once a visit, and everything is asked for at that commit; where it is the same, "
        "that is the one request of the night. A dataset that is private or gated wants `headers: {Authorization: "
        "env:A_HUB_KEY}`, with `Bearer hf_...` in that variable: it goes to huggingface.co, and never to the host that "
        "holds the bytes. How a dataset that a loading script makes is moved over: "
        "[publishing.md](publishing.md#a-dataset-that-a-loading-script-makes)."
    )

    type: Literal["hub"] = "hub"
    """A dataset on the Hugging Face Hub."""

    @classmethod
    def beginnings(cls) -> tuple[str, ...]:
        """The one that the Hub's own programs have in `hf://`."""
        return ("hf:",)

    @classmethod
    def check_address(cls, address: str) -> str:
        """A dataset, and a pattern where there is one."""
        front, pattern = split_pattern(address)
        if meant := _page(front.removeprefix("hf:")) or _page(front):
            raise ValueError(f"{address}: write {meant}{f'#{pattern}' if pattern and '#' not in meant else ''}")
        name, at, revision = front.removeprefix("hf:").partition("@")
        if not _DATASET.fullmatch(name) or name.endswith(".git") or (at and not revision):
            parts = [part for part in name.removesuffix(".git").split("/") if part]
            parts = parts[1:] if parts[:1] == ["datasets"] else parts
            behind = f"#{'/'.join(parts[2:])}" if len(parts) > 2 else ""
            whole = f"{'/'.join(parts[:2])}{at if revision else ''}{revision}{behind}"
            instead = f"hf:{whole}" if len(parts) > 1 else "hf:OWNER/NAME, and @REVISION behind it where one is meant"
            raise ValueError(f"{address}: is not a dataset; write {instead}")
        if pattern:
            Pattern(pattern.removeprefix("!"))
            if pattern.endswith("/"):
                raise ValueError(f"{address}: {pattern} is a folder; write {pattern}** for all that is in it")
        return address

    @classmethod
    def meant_by(cls, address: str) -> str:
        """Of a page of a dataset, and of what fsspec and git call it."""
        return _page(address)

    @property
    def begins_at(self) -> tuple[str, ...]:
        """The Hub: keys go there, and to no host that it leads to."""
        return (HOST,)

    @property
    def feeds(self) -> frozenset[str]:
        """Those that are named without a whole commit."""
        return frozenset(name.casefold() for name, revision in self._named() if not _COMMIT.fullmatch(revision))

    def _named(self) -> set[tuple[str, str]]:
        fronts = (split_pattern(address)[0].removeprefix("hf:").partition("@") for address in self.url)
        return {(name, revision) for name, _, revision in fronts}

    @model_validator(mode="after")
    def _at_one_revision(self) -> Self:
        """A visit that was cut off knows by the files that came at which commit it was; of two it would not know."""
        named = self._named()
        moving = {name for name, revision in named if not _COMMIT.fullmatch(revision)}
        if twice := sorted(one for one in moving if sum(name == one for name, _ in named) > 1):
            detail = f"hf:{twice[0]} is named at several revisions; make a source of each, or name whole commits"
            raise ValueError(detail)
        return self

    def visit(self, visit: Visit) -> Iterator[Harvested]:
        """One request an address where it stands still; else the list of its commit, and what is new of it."""
        try:
            yield from self._visit(visit)
        except SourceChanged as refusal:
            if refusal.status not in (401, 403):
                raise
            raise SourceChanged(
                f"{refusal}. Of a dataset that is private, gated or not there the Hub says the same: correct the name; "
                "or ask for access in a browser, and write `headers: {Authorization: env:NAME}`, where that variable "
                "holds `Bearer` and a key that may read it"
            ) from refusal

    def _visit(self, visit: Visit) -> Iterator[Harvested]:
        commits, missing = dict[str, str](), list[Missing]()
        for where in dict.fromkeys(split_pattern(address)[0] for address in self.url):
            try:
                commits[where] = _pinned(visit, where) or _asked(visit, where)
            except ObjectFailed as error:
                missing.append(Missing(where, HOST, error.reason, error.detail))
        pinned = {one: _at(one, commits[where]) for one in self.url if (where := split_pattern(one)[0]) in commits}
        word = " ".join(pinned.values())
        name, noted = " ".join(self.url), visit.cursor.get(" ".join(self.url), "")
        left_out = None if visit.shelved or missing else still(noted, word, self.ignored, visit.previous.values())
        if left_out is not None:
            yield from map(Unchanged, visit.previous)
            proof = f"the same commit; {len(visit.previous)} files unchanged"
            yield Evidence("replace", True, proof, cursor={name: noted}, left_out=left_out)
            return
        yield from missing
        objects: dict[str, str] = {}
        for found in watching(visit, self.take_lists(visit, pinned), objects):
            if isinstance(found, Evidence):
                lost_names = {one.key.removeprefix("hf:").partition("@")[0] for one in missing}
                yield from (Unchanged(key) for key in _of(lost_names, visit) if key not in objects)
                whole = found.complete and not missing
                cursor = {name: note(word, self.ignored, objects, found.left_out)} if whole else {}
                lost = f"; {len(missing)} datasets not found" if missing else ""
                found = replace(found, cursor=cursor, complete=whole, proof=found.proof + lost)
            yield found

    def first_listing(self, visit: Visit, address: str) -> Iterator[ListedFile]:
        """At the commit at which the dataset stands."""
        return self.listing(visit, _at(address, _pinned(visit, address) or _asked(visit, address)))

    def listing(self, visit: Visit, address: str) -> Iterator[ListedFile]:
        """The tree of a commit, page by page; folders are none of it."""
        name, _, commit = address.removeprefix("hf:").partition("@")
        url = f"{HOST}/api/datasets/{name}/tree/{commit}?recursive=true&expand=false"
        met = {url}
        while url:
            rows, following = _page_of(visit, url)
            yield from (_file(row, name, commit, url) for row in rows if row.get("type") != "directory")
            url = following
            if url in met or len(met) > _MOST_PAGES:
                raise ObjectFailed("loop", f"{address}: its list leads back to itself, or has no end; tell the Hub")
            met.add(url)


def _of(names: set[str], visit: Visit) -> Iterator[str]:
    """What the shelf has of some datasets: of one that could not be looked up, nothing is gone."""
    for key, held in visit.previous.items():
        if (found := _RESOLVED.match(held.url)) and found[1] in names:
            yield key


def _at(address: str, commit: str) -> str:
    front, pattern = split_pattern(address)
    return f"{front.partition('@')[0]}@{commit}" + (f"#{pattern}" if pattern else "")


def _pinned(visit: Visit, where: str) -> str:
    """The commit of what this visit shelved before it was cut off: files of two commits never mix."""
    name, _, revision = where.removeprefix("hf:").partition("@")
    if _COMMIT.fullmatch(revision):
        return revision
    found = (_RESOLVED.match(held.url) for held in visit.shelved.values())
    return next((one[2] for one in found if one and one[1] == name), "")


def _asked(visit: Visit, where: str) -> str:
    """The commit at which a branch or tag stands now."""
    name, _, revision = where.removeprefix("hf:").partition("@")
    url = f"{HOST}/api/datasets/{name}/revision/{quote(revision or 'main', safe='')}?expand=sha"
    try:
        answer = visit.web.get(url, expect="json")
    except ObjectFailed as error:
        if error.reason != "not_found":
            raise
        detail = f"{where}: the Hub has no such dataset, or no revision {revision or 'main'} of it; correct the address"
        raise ObjectFailed("not_found", detail) from error
    said = _read(answer.content or b"", url)
    commit = str(said.get("sha", "")) if isinstance(said, dict) else ""
    if not _COMMIT.fullmatch(commit):
        raise ObjectFailed("damaged", f"{where}: the Hub did not say its commit; run again later")
    called = str(said.get("id", name))
    if called.casefold() != name.casefold():
        log.warning("%s is called hf:%s now; write that in the entry", where, called)
    return commit


def _page_of(visit: Visit, url: str) -> tuple[list[dict[str, Any]], str]:
    """Rows, and the address of the next page: on the host that was asked, whatever the answer says."""
    answer = visit.web.get(url, expect="json", max_bytes=_PAGE_BYTES)
    rows = _read(answer.content or b"", url)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ObjectFailed("damaged", f"{url}: is not a list of files; run again later")
    following = _NEXT.search(answer.link)
    parts = urlsplit(following[1] if following else "")
    return rows, f"{HOST}{parts.path}?{parts.query}" if following else ""


def _file(row: Mapping[str, Any], name: str, commit: str, url: str) -> ListedFile:
    path, size, large = row.get("path"), row.get("size"), row.get("lfs")
    sha256 = large.get("oid", "") if isinstance(large, dict) else ""
    oid = row.get("oid", "")
    if isinstance(large, dict):
        size = large.get("size", size)
    digest = f"sha256:{sha256}" if isinstance(large, dict) else f"{GIT}:{oid}"
    length = 64 if isinstance(large, dict) else 40
    known = isinstance(path, str) and isinstance(size, int) and row.get("type") == "file"
    if not known or not re.fullmatch(rf"\w+:[0-9a-f]{{{length}}}", digest):
        raise ObjectFailed("damaged", f"{url}: lists a file without its path, size or digest: {str(row)[:200]}")
    return ListedFile(str(path), f"{HOST}/datasets/{name}/resolve/{commit}/{quote(str(path))}", digest, size, digest)


def _read(content: bytes, url: str) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise ObjectFailed("damaged", f"{url}: is not JSON ({error}); run again later") from error


def _page(text: str) -> str:
    """What to write for a page of a dataset, `hf://datasets/…` and their like; empty for any other text."""
    if found := re.match(r"(?:hf:)?//(?:datasets/)?([^/@]+/[^/@]+)(@[^/]+)?(?:/(.+))?$", text):
        return f"hf:{found[1]}{unquote(found[2] or '')}{f'#{found[3]}' if found[3] else ''}"
    parts = urlsplit(re.sub(r"^git@(hf\.co|huggingface\.co):", r"https://\1/", text.strip()))
    found = re.match(r"/datasets/([^/]+/[^/]+?)(?:\.git)?(?:/(.*))?$", parts.path)
    if (parts.hostname or "").removeprefix("www.") not in _HOSTS or not found or not _DATASET.fullmatch(found[1]):
        return ""
    kind, revision, below = [*(found[2] or "").rstrip("/").split("/", 2), "", ""][:3]
    if kind in ("resolve", "raw") or parse_qs(parts.query).get("download"):
        return ""  # the file itself
    if kind not in ("tree", "blob"):
        return f"hf:{found[1]}"
    at = "" if revision in ("", "main") else f"@{unquote(revision)}"
    chosen = f"#{unquote(below)}{'/**' if kind == 'tree' else ''}" if below else ""
    return f"hf:{found[1]}{at}{chosen}"
