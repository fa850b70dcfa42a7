"""A line to one Hub: the client, and the patience with which it is asked."""

import logging
import random
import re
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

import httpx2
from huggingface_hub import HfApi, set_client_factory
from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError
from huggingface_hub.hf_api import GitRefs, RepoFile
from huggingface_hub.utils._http import default_client_factory

from biglam_pipeline.environment import is_loopback
from biglam_pipeline.errors import BiglamError, ConfigError, ServerBusy, SourceChanged
from biglam_pipeline.publish.hub.judging import UNSURE, Again, Nobody, Refused, asked_seconds, judge

log = logging.getLogger(__name__)

T = TypeVar("T")
ATTEMPTS = 6
LONGEST_WAIT_SECONDS = 900.0
"""Who is asked to stay away longer than this gives up, and is run again another time."""
CONNECT_SECONDS, ANSWER_SECONDS = 30.0, 300.0
DATASET: Any = "dataset"


def _not_for_hours(response: httpx2.Response) -> None:
    """The client sleeps as long as it is told, without a limit; this is asked before it does."""
    if response.status_code not in {429, 503}:
        return
    asked = asked_seconds(response.headers, response.status_code)
    if asked is not None and asked > LONGEST_WAIT_SECONDS:
        raise ServerBusy(f"{response.url.host} asks us to stay away for {asked:.0f} s", retry_after_seconds=asked)


def _client() -> httpx2.Client:
    """As the Hub's client makes it; its own never gives up on a server that takes a request and says nothing."""
    client = default_client_factory()
    client.timeout = httpx2.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
    client.event_hooks["response"].append(_not_for_hours)
    return client


set_client_factory(_client)


class Line:
    """One endpoint, asked with patience. Errors are those of `biglam_pipeline.errors`, or the client's own."""

    def __init__(
        self, endpoint: str, token: str, *, publish: bool, remedy: str, sleep: Callable[[float], None]
    ) -> None:
        """remedy: what to do where nothing answers."""
        self.endpoint = endpoint.rstrip("/")
        self.loopback = is_loopback(endpoint)
        self.allowed = self.loopback or bool(publish and token and self.endpoint.startswith("https://"))
        self.has_token = bool(token)
        self.api = HfApi(endpoint=self.endpoint, token=token or False, library_name="biglam-pipeline")
        self.remedy = remedy
        self.sleep = sleep
        self.answered = False

    def ask(self, call: Callable[[], T], doing: str = "answer") -> T:
        """A call that may be made twice. ConfigError where this Hub may not be asked at all; ServerBusy in the end."""
        self.check_allowed()
        attempts = self.attempts(doing)
        while True:
            try:
                found = call()
            except UNSURE as cause:
                if isinstance(cause, RepositoryNotFoundError | RevisionNotFoundError) and _is_absent(cause):
                    self.answered = True
                    raise
                attempts.failed(cause)
            else:
                self.answered = True
                return found

    def attempts(self, doing: str) -> "Attempts":
        """A fresh count of attempts. doing: what the Hub did not do, for the message."""
        return Attempts(self, doing)

    def check_allowed(self) -> None:
        """ConfigError where nothing may be sent to this address."""
        if not self.allowed:
            raise ConfigError(
                f"BIGLAM_HUB_ENDPOINT={self.endpoint} is not on this machine: publishing there needs https://, "
                "BIGLAM_PUBLISH=1 and BIGLAM_HUB_TOKEN"
            )

    # --- what is there ---

    def head(self, repository: str, revision: str = "main") -> str | None:
        """The commit that a branch points to; None where there is no such repository or branch."""
        try:
            return str(self.ask(lambda: self.api.repo_info(repository, repo_type=DATASET, revision=revision)).sha)
        except (RepositoryNotFoundError, RevisionNotFoundError):
            return None

    def files(self, repository: str, revision: str) -> dict[str, RepoFile]:
        """Path -> entry of every file of a revision."""
        entries = self.ask(
            lambda: list(self.api.list_repo_tree(repository, recursive=True, revision=revision, repo_type=DATASET))
        )
        return {entry.path: entry for entry in entries if isinstance(entry, RepoFile)}

    def refs(self, repository: str) -> GitRefs | None:
        """Branches, tags and pull requests; None where there is no such repository yet."""
        try:
            return self.ask(lambda: self.api.list_repo_refs(repository, repo_type=DATASET, include_pull_requests=True))
        except RepositoryNotFoundError:
            return None

    def tags(self, repository: str) -> dict[str, str]:
        """Tag -> commit; none where there is no such repository yet."""
        refs = self.refs(repository)
        return {tag.name: tag.target_commit for tag in refs.tags} if refs else {}


class Attempts:
    """The attempts at one thing: counts them, waits between them, and gives up."""

    def __init__(self, line: Line, doing: str) -> None:
        self._line, self._doing = line, doing
        self._count = 0
        self._seen: Counter[object] = Counter()

    def failed(self, cause: Exception) -> None:
        """Sleeps before the next attempt; raises at once where another attempt cannot help."""
        if isinstance(cause.__cause__, BiglamError):
            raise cause.__cause__
        verdict = judge(cause)
        if isinstance(verdict, Nobody):
            if not self._line.answered:
                raise ConfigError(f"no Hub answers at {self._line.endpoint}; {self._line.remedy}") from cause
            verdict = Again()  # it did before: it is being started anew
        if isinstance(verdict, Again):
            self._seen[verdict] += 1
            if self._seen[verdict] > verdict.times and verdict.then is not None:
                verdict = verdict.then
        if isinstance(verdict, Refused):
            raise self._refusal(verdict, cause) from cause
        if not isinstance(verdict, Again):
            raise cause
        self._wait(verdict, cause)

    def _wait(self, verdict: Again, cause: Exception) -> None:
        self._count += 1
        asked = verdict.after_seconds
        if self._count >= ATTEMPTS or (asked or 0) > LONGEST_WAIT_SECONDS:
            times = f"{self._count} attempt" + ("" if self._count == 1 else "s")
            raise ServerBusy(
                f"{self._line.endpoint} did not {self._doing} in {times}: {_short(cause)}",
                retry_after_seconds=asked or 300.0,
            ) from cause
        pause = asked if asked is not None else min(30.0, 2.0**self._count) * (0.5 + random.random())
        log.warning("the Hub said %s; attempt %d, waiting %.0f s", _short(cause), self._count, pause)
        self._line.sleep(pause)

    def _refusal(self, verdict: Refused, cause: Exception) -> SourceChanged:
        where = self._line.endpoint
        if verdict.status == 401 and self._line.has_token:
            return SourceChanged(
                f"{where} does not know the token, or does not any more: renew BIGLAM_HUB_TOKEN ({_short(cause)})"
            )
        return SourceChanged(
            f"{where} refuses to {self._doing} ({_short(cause)}); the token in BIGLAM_HUB_TOKEN needs write access "
            "to the repository's owner"
        )


def _is_absent(cause: RepositoryNotFoundError | RevisionNotFoundError) -> bool:
    """The client calls a 401 "not found" too: the Hub does not tell strangers what there is."""
    return bool(cause.response.status_code == 404)


def _short(cause: Exception) -> str:
    """The first words of an error, on one line; no address's arguments, which may be signatures."""
    said = " ".join(str(cause).split()).partition(" For more information check:")[0]
    return re.sub(r"\?\S+", "?", said)[:200] or type(cause).__name__
