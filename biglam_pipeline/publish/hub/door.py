"""Hub, what the rest of the package sees of it."""

import logging
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import partial
from typing import BinaryIO, cast

from huggingface_hub import HfFileSystem
from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

from biglam_pipeline.clearance import Clearance, Removal
from biglam_pipeline.errors import RightsWithheld, ServerBusy, SourceChanged
from biglam_pipeline.publish.draft import MANIFEST, Draft, Release, renamed
from biglam_pipeline.publish.hub.cards import read_header
from biglam_pipeline.publish.hub.judging import UNSURE
from biglam_pipeline.publish.hub.landing import BATCH, land
from biglam_pipeline.publish.hub.line import DATASET, Line
from biglam_pipeline.publish.hub.places import Place, find_places, list_refs
from biglam_pipeline.publish.hub.planning import id_of, plan_changes, report_changes
from biglam_pipeline.publish.hub.pulls import close_leftovers
from biglam_pipeline.publish.hub.purging import Purged, purge
from biglam_pipeline.publish.hub.reading import PatientFile
from biglam_pipeline.publish.hub.retry import TOTAL_SECONDS, Retries
from biglam_pipeline.publish.hub.standing import Standing, Visibility, look

log = logging.getLogger(__name__)

_BEFORE_SECONDS = 60.0

_SHOWN = 20

_RELEASE = re.compile(r"v(\d{4})\.(\d\d)\.(\d\d)(?:\.(\d+))?")


_SAY_WHAT_IS = frozenset({MANIFEST, ".biglam/removed.parquet"})


class Hub:
    """A Hub at one address. The token is handed in, and read from nowhere else."""

    def __init__(
        self,
        endpoint: str,
        token: str = "",
        *,
        publish: bool = False,
        remedy: str = "check BIGLAM_HUB_ENDPOINT",
        sleep: Callable[[float], None] | None = None,
        batch: int = BATCH,
        retry_seconds: float = TOTAL_SECONDS,
    ) -> None:
        """publish: whether anything may leave loopback; remedy: what to do where nothing answers.

        batch: files that one commit changes at most; more of them go through a pull request. retry_seconds: in
        which a Hub that fails or is silent is asked again, all of it together.
        """
        self._line = Line(endpoint, token, publish=publish, remedy=remedy, retries=Retries(retry_seconds, sleep))
        self.endpoint = self._line.endpoint
        self._files: HfFileSystem | None = None
        self._batch = batch

    def url(self, repository: str, commit: str = "") -> str:
        """The page of a repository, or of one commit in it."""
        page = f"{self.endpoint}/datasets/{repository}"
        return f"{page}/commit/{commit}" if commit else page

    # --- before the work ---

    def may_write(self, repository: str) -> None:
        """Asks before hours of work whether the token may write there: SourceChanged with the remedy where it may not.

        One request; two more where the repository does not exist yet, which is fine where its owner is the token's
        user or one of its organisations. Nothing is asked of a Hub to which nothing may be published, and one that
        does not answer is not waited for: the work can begin without it.
        """
        line = self._line.briefly(_BEFORE_SECONDS)
        if not line.allowed:
            return
        try:
            line.ask(lambda: line.api.auth_check(repository, repo_type=DATASET, write=True), "let us write")
        except RepositoryNotFoundError:
            self._may_create(line, repository)

    def _may_create(self, line: Line, repository: str) -> None:
        if line.loopback:  # a Hub on this machine has one user, who may do everything
            return
        known = line.ask(lambda: line.api.whoami(cache=True))
        names = [known.get("name"), *(one.get("name") for one in known.get("orgs") or [])]
        owner = repository.partition("/")[0]
        if owner not in names:
            raise SourceChanged(
                f"{repository} does not exist and cannot be made: BIGLAM_HUB_TOKEN is of {known.get('name')}, who is "
                f"not in the organisation {owner}; set BIGLAM_HUB_OWNER to one of {', '.join(map(str, names))}, or "
                "ask for membership"
            )

    # --- publishing ---

    def commit(self, draft: Draft, clearance: Clearance | Removal) -> Release:
        """Makes the draft true of the repository, `main` moving once, or finds that it already is; tags it.

        RightsWithheld where the clearance was granted for other data. ServerBusy where the time for retries is over, or
        Hub asks us to stay away for longer. SourceChanged where the token does not do, or the Hub is full.
        """
        if not isinstance(clearance, Clearance | Removal) or clearance.digest != draft.digest:
            raise RightsWithheld(f"{draft.repository}: the clearance was granted for other data; publish again")
        line = self._line
        head = line.head(draft.repository)
        if isinstance(clearance, Removal):
            self._refuse_more(draft, clearance, head)
        if head is None:
            line.ask(
                lambda: line.api.create_repo(draft.repository, repo_type=DATASET, private=True, exist_ok=True),
                "make the repository",
            )
            head = line.head(draft.repository)
        draft = renamed(draft, self.free_tag(draft.repository, draft.tag, own=head or ""))
        landed = land(line, draft, head or "", self._batch)
        tag, before = self._name(draft, landed.commit)
        url = self.url(draft.repository, landed.commit)
        release = Release(draft.repository, draft.content, landed.commit, tag, draft.rows, url, files_sent=landed.sent)
        line.retries.restore()
        return replace(release, changed=tuple(sorted(landed.paths)), previous_tag=before)

    def _refuse_more(self, draft: Draft, removal: Removal, head: str | None) -> None:
        """A removal brings no file that was not there, but for the two that say what is, where somebody deleted them;
        and it goes on top of the commit it was compared with alone.

        A commit of its own, whose answer was lost, is found there and not made again.
        """
        if head is None:
            raise SourceChanged(f"{draft.repository} is not there any more, so nothing can be removed from it")
        there = self._line.files(draft.repository, head).keys()
        if more := sorted((draft.files.keys() | draft.texts.keys()) - there - _SAY_WHAT_IS):
            raise RightsWithheld(f"{draft.repository}: {more[0]} is not there, and a removal adds nothing")
        if head != removal.base and not plan_changes(self._line, draft, head).done:
            raise ServerBusy(
                f"{draft.repository} was changed by somebody else meanwhile; run the same command again",
                retry_after_seconds=5,
            )

    def stands(self, last: Release, files: dict[str, str]) -> Standing:
        """What of the last release the repository still holds: three requests, no byte up.

        files: path in the repository -> sha256 of each part. A tag that was moved is put right, and reported.
        """
        found = look(self._line, last, files)
        self._line.retries.restore()
        return found

    def _name(self, draft: Draft, commit: str) -> tuple[str, str]:
        """The release's tag, made where it is not there yet, and the tag of the release before it."""
        line, repository = self._line, draft.repository
        attempts = line.attempts("take the tag")
        while True:
            refs = line.refs(repository)
            taken = {tag.name: tag.target_commit for tag in refs.tags} if refs else {}
            name = _named(draft.tag, commit, taken)
            if name:
                break
            name = _free(draft.tag, set(taken))
            try:
                line.once(
                    partial(line.api.create_tag, repository, tag=name, revision=commit, repo_type=DATASET),
                    "take the tag",
                )
                break
            except UNSURE as cause:  # also a 409: the name was taken in between, by us or by somebody else
                attempts.failed(cause)
        if refs and refs.pull_requests:
            close_leftovers(line, repository)
        older = [tag for tag in taken if tag != name and _RELEASE.fullmatch(tag) and _order(tag) < _order(name)]
        return name, max(older, key=_order, default="")

    def free_tag(self, repository: str, tag: str, own: str = "") -> str:
        """The tag that a release gets, known before its card is written; a day's second release gets `.1`.

        own: a commit that may have it already.
        """
        taken = self._line.tags(repository)
        return _free(tag, {name for name, commit in taken.items() if not own or commit != own})

    # --- who may read ---

    def visibility(self, repository: str) -> Visibility:
        """Who may read the repository: everybody, or its owner's people; nobody can where there is none."""
        line = self._line
        try:
            found = line.ask(lambda: line.api.repo_info(repository, repo_type=DATASET))
        except RepositoryNotFoundError:
            return "private"
        return "private" if found.private else "public"

    def set_visibility(self, repository: str, visibility: Visibility, clearance: Clearance | None = None) -> None:
        """Sets who may read the repository. RightsWithheld where it is to be public without a clearance."""
        if visibility == "public" and not isinstance(clearance, Clearance):
            raise RightsWithheld(f"{repository} stays as it is: it is made public with a clearance only")
        line = self._line
        line.ask(
            lambda: line.api.update_repo_settings(repository, visibility=visibility, repo_type=DATASET),
            "set the visibility",
        )

    # --- takedown ---

    def large_files(self, repository: str) -> frozenset[str]:
        """sha256 of every large file that any revision holds, as the Hub's own list has them."""
        line = self._line
        rows = line.ask(lambda: list(line.api.list_lfs_files(repository, repo_type=DATASET)))
        return frozenset(row.file_oid for row in rows)

    def places(self, repository: str, blobs: Collection[str]) -> tuple[Place, ...]:
        """Every address at which one of these files stands in any revision; to be kept until `purge` has ended.

        blobs: sha256 of large files, git's ids of small ones. One request for each commit.
        """
        return tuple(
            sorted(
                find_places(self._line, repository, list_refs(self._line, repository), blobs),
                key=lambda one: (one.revision, one.path),
            )
        )

    def refs(self, repository: str) -> tuple[str, ...]:
        """Names of its branches, tags and pull requests."""
        found = self._line.refs(repository)
        rows = [*found.branches, *found.tags, *(found.pull_requests or [])] if found else []
        return tuple(row.ref if row.ref.startswith("refs/pr/") else row.name for row in rows)

    def purge(
        self, last: Release, files: dict[str, str], blobs: Collection[str], known: Iterable[Place] = ()
    ) -> Purged:
        """Removes files from every revision for good, and proves it. May be run again after a kill, to the same end.

        last: the release that stays; files: path -> sha256 of its parts; blobs: sha256 of the large files that must
        vanish, and git's ids of small ones. known: what `places` found before the first attempt: a later one proves
        with it what no listing names any more. Tags and pull requests that lead to them go, `main` becomes one commit,
        and the release's tag moves there. Pinned commits of the past break; that is what it is for.

        SourceChanged where `main` is not that release, or still holds one of them, or something can still be had.
        """
        return purge(self._line, last, files, blobs, known)

    # --- reading back ---

    def head(self, repository: str) -> str | None:
        """The commit that `main` points to; None where there is no such repository. SourceChanged where it is called
        otherwise now.
        """
        found = self._line.info(repository)
        return str(found.sha) if found else None

    def report_changes(self, draft: Draft, was: str, now: str) -> None:
        """Reports what others changed between two commits, and what the draft makes of it, before it does."""
        line, repository = self._line, draft.repository
        try:
            report_changes(draft, line.files(repository, was), line.files(repository, now), now)
        except RevisionNotFoundError:
            log.info("%s: its history was squashed: nothing tells any more who changed what", repository)

    def listing(self, repository: str, commit: str) -> dict[str, tuple[int, str]]:
        """Path -> size and sha256 (empty for small files) of everything in a commit."""
        found = self._line.files(repository, commit)
        return {path: (entry.size, entry.lfs.sha256 if entry.lfs else "") for path, entry in found.items()}

    def ids(self, repository: str, commit: str) -> dict[str, str]:
        """Path -> sha256 of a large file, git's id of a small one; nothing where there is no such commit any more."""
        try:
            return {path: id_of(entry) for path, entry in self._line.files(repository, commit).items()}
        except (RepositoryNotFoundError, RevisionNotFoundError):
            return {}

    def commits_since(self, repository: str, until: str) -> list[str]:
        """What was committed to `main` after a commit, in words, youngest first; everything where it is gone."""
        line = self._line
        rows = line.ask(lambda: list(line.api.list_repo_commits(repository, repo_type=DATASET)))
        found = []
        for row in rows:
            if row.commit_id == until:
                break
            by = f" by {', '.join(row.authors)}" if row.authors else ""
            found.append(f"{row.commit_id[:8]} “{row.title}”{by}")
        return found[:_SHOWN]

    def mark(self, repository: str, tag: str, commit: str) -> str:
        """Gives a commit a tag, where no commit has it; the commit that has it."""
        line = self._line
        there = line.tags(repository).get(tag)
        if there is None:
            line.ask(
                lambda: line.api.create_tag(repository, tag=tag, revision=commit, repo_type=DATASET, exist_ok=True)
            )
        return there or commit

    def open(self, repository: str, commit: str, path: str) -> BinaryIO:
        """A file of a commit, read over the wire as users read it: only the ranges that are asked for."""
        # One file system for all: what it remembers of a commit stays true, a commit does not change.
        files = self._files or HfFileSystem(
            endpoint=self.endpoint, token=self._line.api.token, skip_instance_cache=True
        )
        self._files = files
        stream = self._line.ask(lambda: files.open(f"datasets/{repository}@{commit}/{path}", "rb"), "give a file")
        return cast(BinaryIO, PatientFile(stream, self._line.ask))

    def card_fields(self, repository: str, commit: str) -> dict[str, object]:
        """The fields of the card's header, as the Hub's client reads them; ValueError where it cannot be read."""
        with self.open(repository, commit, "README.md") as stream:
            return read_header(stream.read().decode("utf-8"))


def _named(tag: str, commit: str, taken: dict[str, str]) -> str:
    """The tag that a commit has as a release, or nothing."""
    mine = [
        name
        for name, target in taken.items()
        if target == commit and (name == tag or name.startswith(f"{tag}.") or _RELEASE.fullmatch(name))
    ]
    return tag if tag in mine else max(mine, key=_order, default="")


def _free(tag: str, taken: Collection[str]) -> str:
    """The tag, or the next of its day where it or a later one of that day is taken: `v2026.01.02`, then `.1`, `.2`."""
    found = _RELEASE.fullmatch(tag)
    if found is None:
        return next(name for name in (tag, *(f"{tag}.{n}" for n in range(1, 10_000))) if name not in taken)
    day = ".".join(tag.split(".")[:3])
    numbers = [int(other[4] or 0) for name in taken if name.startswith(day) and (other := _RELEASE.fullmatch(name))]
    number = int(found[4] or 0)
    return tag if number > max(numbers, default=-1) else f"{day}.{max(numbers) + 1}"


def _order(tag: str) -> tuple[int, ...]:
    """Release tags in the order of their days; the second of a day after its first. Others come first."""
    found = _RELEASE.fullmatch(tag)
    return tuple(int(part or 0) for part in found.groups()) if found else ()
