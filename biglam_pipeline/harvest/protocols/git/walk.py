"""One repository at one commit: what is new of it comes, by single files or in an archive; pointers are followed.

An archive is a way to travel and is not shelved: hosts make no promise that its bytes stay
(https://github.blog/open-source/git/update-on-the-future-stability-of-source-code-archives-and-hashes/), its folder is
called after the commit, and a night on which one file changed would shelve all of them again.
"""

import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from biglam_pipeline.errors import ObjectFailed, SourceChanged
from biglam_pipeline.harvest.fetching import discard, file_of, head_of
from biglam_pipeline.harvest.harvester import OfFiles
from biglam_pipeline.harvest.listed import ListedFile, fetch_listed
from biglam_pipeline.harvest.protocols.git.pinning import pin
from biglam_pipeline.harvest.protocols.git.places import Repository, Selection
from biglam_pipeline.harvest.protocols.git.pointers import Pointer, read_pointer
from biglam_pipeline.harvest.protocols.git.trees import Tree, read_tree, unexported, where_to
from biglam_pipeline.harvest.standing import note, still, watching
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.parsing.archives import open_member, read_members
from biglam_pipeline.parsing.litter import is_litter
from biglam_pipeline.records import Harvested, Listed, Missing, RawObject, StoredObject, Unchanged
from biglam_pipeline.store import disk
from biglam_pipeline.web import Answer
from biglam_pipeline.web.answer import is_page

log = logging.getLogger(__name__)

_ONE_BY_ONE = 100
"""More files than this are fetched in one archive: at half a second between requests they would take a minute."""
_IN_MEMORY = 32_000_000
"""Bytes of a member; as much as the network holds (`web.limits`)."""
_BLOCK = 1 << 20
_WORDS = {RawObject: "whole", Unchanged: "unchanged", Missing: "missing"}
LEFT_OUT = ("ignored", "linked", "litter", "submodules")
"""Of what is counted, what no row is made of."""


@dataclass(slots=True)
class Walk:
    """The way through one repository, and at its end what can be said about it."""

    harvester: OfFiles
    visit: Visit
    selection: Selection
    counts: Counter[str] = field(default_factory=Counter)
    """whole, unchanged, missing, and the words of `Evidence.left_out`."""
    noted: str = ""
    """For the cursor: what stands now; empty where something is missing."""
    repository: Repository = field(init=False)
    commit: str = ""
    is_lost: bool = False
    """Whether it could not be seen which files there are, or not all of them came."""
    refusal: str = ""
    """What the host of Git LFS said, once it refused."""

    def __post_init__(self) -> None:
        self.repository = self.selection.repository

    def objects(self) -> Iterator[Harvested]:
        """All that the entry wants of the repository."""
        objects: dict[str, str] = {}
        mine = {key: held for key, held in self.visit.shelved.items() if key.startswith(self.selection.prefix)}
        met = set(mine)
        for found in watching(replace(self.visit, shelved=mine), self._found(mine), objects):
            if isinstance(found, RawObject | Unchanged | Missing):
                self.counts[_WORDS[type(found)]] += 1
                met.add(found.key)
            yield found
        if self.is_lost:
            yield from (Unchanged(key) for key in self._chosen_before() if key not in met)
        left_out = {way: self.counts[way] for way in LEFT_OUT if self.counts[way]}
        if not self.counts["missing"]:
            self.noted = note(self.commit, self.harvester.ignored, objects, left_out)

    def _chosen_before(self) -> Iterator[str]:
        """What the shelf has of this repository: where nobody can say where it stands, nothing of it is gone."""
        prefix = self.selection.prefix
        for key in self.visit.previous:
            path = key.removeprefix(prefix)
            if key.startswith(prefix) and self.selection.chooses(path) and not self.harvester.ignores(key):
                yield key

    def _found(self, taken: Mapping[str, StoredObject]) -> Iterator[Harvested]:
        selection, visit = self.selection, self.visit
        try:
            self.repository, self.commit = pin(self.visit, selection, taken.values())
            before = [held for key, held in visit.previous.items() if key.startswith(selection.prefix)]
            noted = visit.cursor.get(selection.written, "")
            left_out = None if taken else still(noted, self.commit, self.harvester.ignored, before)
            if left_out is not None:
                self.counts.update(left_out)
                yield from (Unchanged(held.key) for held in before)
            elif 0 < len(selection.exact) <= _ONE_BY_ONE:
                yield from self._one_by_one(selection.exact)
            else:
                yield from self._together()
        except ObjectFailed as error:
            log.warning("%s", error)
            self.is_lost = True
            yield Missing(selection.written, self.repository.url, error.reason, error.detail)

    # --- file by file ------------------------------------------------------------------------------------

    def _one_by_one(self, paths: tuple[str, ...]) -> Iterator[Harvested]:
        yield Listed(len(paths))
        for path in paths:
            key = self.selection.prefix + path
            if self.harvester.ignores(key):
                self.counts["ignored"] += 1
            elif key in self.visit.shelved:
                self.counts["whole"] += 1
            else:
                yield self._single(key, path)

    def _single(self, key: str, path: str) -> RawObject | Unchanged | Missing:
        url = self.repository.file_url(self.commit, path)
        try:
            answer = self.visit.web.get(url, expect="blob", into=self.visit.scratch)
            if (pointer := read_pointer(path, answer.content or b"", answer.size)) is not None:
                return self._large(key, path, pointer)
            _refuse_link(path, answer.content or b"")
            if (before := self._before(key)) is not None and before.sha256 == answer.sha256:
                discard(answer.path)
                return Unchanged(key)
            return file_of(key, answer, key, self.visit.scratch, self.harvester.survey_of)
        except ObjectFailed as error:
            detail = error.detail
            if error.reason == "not_found":
                detail = (
                    f"{self.selection.written}: there is no {path} at commit {self.commit[:12]}; a PATTERN without a * "
                    f"is a path from the root on: correct it, or write **/{path.rpartition('/')[2]} to look in all "
                    "folders"
                )
            log.warning("%s", detail)
            return Missing(key, url, error.reason, detail)

    def _large(self, key: str, path: str, pointer: Pointer) -> RawObject | Unchanged | Missing:
        """What a pointer of Git LFS points to, held against it; a pointer is never data."""
        if (before := self._before(key)) is not None and before.sha256 == pointer.sha256:
            return Unchanged(key)
        found = self._from_lfs(key, path, pointer)
        if not isinstance(found, Missing):
            return found
        why = "the pointer came again" if found.reason == "lfs_pointer" else found.detail
        return replace(
            found,
            reason="lfs_pointer" if found.reason == "not_found" else found.reason,
            detail=f"{path}: lies in Git LFS ({pointer.size:,} bytes), and did not come from there ({why}); ask its "
            "owner for it (their LFS budget may be used up), or write `ignore` for it",
        )

    def _from_lfs(self, key: str, path: str, pointer: Pointer) -> RawObject | Unchanged | Missing:
        """GitHub's host of large files refuses once its owner's budget is used up: it is asked no more, the others are.

        https://docs.github.com/en/billing/managing-billing-for-your-products/about-billing-for-git-large-file-storage
        """
        url = self.repository.large_url(self.commit, path)
        listed = ListedFile(path, url, size=pointer.size, digest=f"sha256:{pointer.sha256}")
        try:
            if not self.refusal:
                return fetch_listed(self.visit, key, listed, self.harvester.survey_of)
        except SourceChanged as refusal:
            if not refusal.status or self.repository.service != "github":
                raise
            self.refusal = str(refusal)
        return Missing(key, url, "refused", self.refusal)

    def _before(self, key: str) -> StoredObject | None:
        """What the shelf has of a file, where that came from this repository."""
        held = self.visit.known.get(key)
        return held if held is not None and self.repository.origin_of(held.url)[0] == self.repository.path else None

    # --- all in one archive ------------------------------------------------------------------------------

    def _together(self) -> Iterator[Harvested]:
        url = self.repository.archive_url(self.commit)
        answer = self.visit.web.get(url, into=self.visit.scratch)
        path = answer.path
        if path is None:
            path = self.visit.scratch / f"tree-{answer.sha256[:24]}"
            disk.write_stream(path, [answer.content or b""])
        try:
            if is_page(head_of(answer)):
                detail = f"{url}: a web page came where an archive was due; open the address in a browser"
                raise ObjectFailed("wall", detail)
            tree = read_tree(path, url, self.commit, self.harvester.name_encoding)
            yield from self._of_tree(tree, answer, path)
        finally:
            discard(path)

    def _of_tree(self, tree: Tree, answer: Answer, path: Path) -> Iterator[Harvested]:
        exact = set(self.selection.exact)
        chosen = {one for one in tree.files if (one in exact if exact else self.selection.chooses(one))}
        lost = list(self._no_files(tree, chosen))
        if not chosen and not lost:
            raise ObjectFailed("not_found", self._nothing(tree))
        yield Listed(len(chosen))
        yield from lost
        wanted = [one for one in tree.files if one in chosen and not self._is_settled(one)]
        packed: list[str] = []
        for one in wanted:
            if (found := self._elsewhere(one, tree)) is not None:
                yield found
            else:
                packed.append(one)
        yield from self._unpacked(tree, packed, answer, path)

    def _is_settled(self, path: str) -> bool:
        """Is it left out, or here already? Then it is counted."""
        key = self.selection.prefix + path
        if self.harvester.ignores(key):
            self.counts["ignored"] += 1
        elif is_litter(path):
            self.counts["litter"] += 1
        elif key in self.visit.shelved:
            self.counts["whole"] += 1
        else:
            return False
        return True

    def _elsewhere(self, path: str, tree: Tree) -> RawObject | Unchanged | Missing | None:
        """A file that lies on the shelf or in Git LFS; None where the archive has its bytes."""
        key, packed = self.selection.prefix + path, tree.files[path]
        try:
            if (pointer := read_pointer(path, packed.head, packed.size)) is not None:
                return self._large(key, path, pointer)
        except ObjectFailed as error:
            return self._missing(path, (error.reason, error.detail))
        if (before := self._before(key)) is not None and before.sha256 == packed.sha256:
            return Unchanged(key)
        return None

    def _unpacked(self, tree: Tree, wanted: list[str], answer: Answer, path: Path) -> Iterator[Harvested]:
        """Small files in one pass; each large one in a pass of its own, through scratch space."""
        small = [tree.member(one) for one in wanted if tree.files[one].size <= _IN_MEMORY]
        for member, content in read_members(path, small, names=self.harvester.name_encoding):
            yield self._object(member.removeprefix(f"{tree.top}/"), tree, answer, content, None)
        for one in wanted:
            if tree.files[one].size > _IN_MEMORY:
                file = self.visit.scratch / f"file-{tree.files[one].sha256[:24]}"
                with open_member(path, tree.member(one), names=self.harvester.name_encoding) as stream:
                    disk.write_stream(file, iter(lambda stream=stream: stream.read(_BLOCK), b""))  # type: ignore[misc]
                yield self._object(one, tree, answer, None, file)

    def _object(
        self, path: str, tree: Tree, answer: Answer, content: bytes | None, file: Path | None
    ) -> RawObject | Missing:
        """A file of the archive as if it had come alone: its address is its own; it came from that of the archive."""
        key, packed = self.selection.prefix + path, tree.files[path]
        alone = replace(
            answer,
            url=self.repository.file_url(self.commit, path),
            media_type="",
            etag="",
            last_modified="",
            sha256=packed.sha256,
            size=packed.size,
            content=content,
            path=file,
            name="",
        )
        try:
            return file_of(key, alone, key, self.visit.scratch, self.harvester.survey_of)
        except ObjectFailed as error:
            return self._missing(path, (error.reason, error.detail))

    # --- what is no file ---------------------------------------------------------------------------------

    def _no_files(self, tree: Tree, chosen: set[str]) -> Iterator[Missing]:
        """Links, other repositories inside, and what the archive leaves out or cannot give."""
        for link in filter(self.selection.chooses, tree.links):
            end, why = where_to(link, tree)
            if not why and end in tree.files and end not in chosen:
                why = f"is a link to {end}, which #PATTERN does not choose; name that file"
            if not why:
                self.counts["linked"] += 1
            elif found := self._unless_ignored(link, ("link", f"{link}: {why}; name the file itself, or ignore it")):
                yield found
        for path, (reason, detail) in tree.troubles.items():
            if self.selection.chooses(path) and (found := self._unless_ignored(path, (reason, f"{path}: {detail}"))):
                yield found
        for pattern in self._unexported(tree):
            detail = (
                f"{self.selection.written}: its .gitattributes keeps `{pattern}` out of archives (export-ignore); name "
                f"the files that you want exactly, or write `ignore: {pattern}`"
            )
            if not is_litter(pattern) and (found := self._unless_ignored(pattern, ("refused", detail))):
                yield found
        if tree.submodules:
            self.counts["submodules"] += len(tree.submodules)
            names = ", ".join(tree.submodules[:3])
            log.warning(
                "%s: holds other repositories (%s), and nothing of them; name them as addresses of their own",
                self.selection.written,
                names,
            )

    def _unexported(self, tree: Tree) -> list[str]:
        """The root's .gitattributes often keeps itself out of archives: then it is asked for."""
        if tree.has_attributes:
            return tree.unexported
        try:
            answer = self.visit.web.get(self.repository.file_url(self.commit, ".gitattributes"), expect="blob")
        except ObjectFailed as error:
            if error.reason != "not_found":
                raise
            return tree.unexported
        return [*tree.unexported, *unexported(answer.content or b"")]

    def _unless_ignored(self, path: str, why: tuple[str, str]) -> Missing | None:
        if self.harvester.ignores(self.selection.prefix + path):
            self.counts["ignored"] += 1
            return None
        return self._missing(path, why)

    def _missing(self, path: str, why: tuple[str, str]) -> Missing:
        log.warning("%s", why[1])
        return Missing(self.selection.prefix + path, self.repository.file_url(self.commit, path), *why)

    def _nothing(self, tree: Tree) -> str:
        names = ", ".join(sorted(tree.files)[:3])
        return (
            f"{self.selection.written}: no file at commit {self.commit[:12]} ends like that; it has {names} and "
            f"{max(len(tree.files) - 3, 0)} more; correct the pattern"
        )


def _refuse_link(path: str, content: bytes) -> None:
    """A symbolic link comes as its target, a path without an end of line (gitglossary(7): mode 120000 is a blob)."""
    text = content.decode("utf-8", "replace") if len(content) <= 4096 else ""
    same_kind = text.rpartition(".")[2] == path.rpartition(".")[2] and "." in text
    if same_kind and re.fullmatch(r"[^\s<>{}\[\]\"',;|]+", text):
        raise ObjectFailed(
            "link", f"{path}: is a link to {text}, and not a file; write the path where it leads in its place"
        )
