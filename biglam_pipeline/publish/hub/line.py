"""A line to one Hub: the client, and how often and how long it is asked."""

import logging
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping
from copy import copy
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx2
from huggingface_hub import HfApi, set_client_factory
from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError
from huggingface_hub.hf_api import DatasetInfo, GitRefs, RepoFile
from huggingface_hub.utils._http import default_client_factory

from biglam_pipeline.environment import is_loopback
from biglam_pipeline.errors import BiglamError, ConfigError, ServerBusy, SourceChanged
from biglam_pipeline.publish.hub.judging import (
    UNSURE,
    Fatal,
    Full,
    Nobody,
    Refused,
    Retry,
    asked_seconds,
    headers_of,
    judge,
    status_of,
)
from biglam_pipeline.publish.hub.retry import Retries, left_now

log = logging.getLogger(__name__)

T = TypeVar("T")
_A_YEAR = 365 * 86_400.0
_LONGEST_PAUSE_SECONDS = 30.0
CONNECT_SECONDS, ANSWER_SECONDS = 30.0, 300.0
DATASET: Any = "dataset"


def _not_for_hours(response: httpx2.Response) -> None:
    """The client sleeps as long as it is told, without a limit; this is asked before it does."""
    if response.status_code not in {429, 503}:
        return
    asked = asked_seconds(response.headers, response.status_code)
    if asked is not None and asked > left_now():
        raise _stay_away(response.url.host, asked, response.headers)


def _stay_away(who: str, seconds: float, headers: Mapping[str, str] | None = None) -> ServerBusy:
    """headers: of the answer, for its own clock: ours may be wrong."""
    try:
        day = parsedate_to_datetime((headers or {}).get("Date", ""))
        when = f"until {day + timedelta(seconds=min(seconds, _A_YEAR)):%Y-%m-%d %H:%M} UTC"
    except (ValueError, TypeError):
        when = f"for {seconds / 60:.0f} minutes"
    return ServerBusy(f"{who} asks us to stay away {when}; run again then", retry_after_seconds=seconds)


def _client() -> httpx2.Client:
    """As the Hub's client makes it; its own never gives up on a server that takes a request and says nothing."""
    client = default_client_factory()
    client.timeout = httpx2.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
    client.event_hooks["response"].append(_not_for_hours)
    return client


set_client_factory(_client)


class Line:
    """One endpoint, asked again where that helps. Errors: those of `biglam_pipeline.errors`, or the client's own."""

    def __init__(self, endpoint: str, token: str, *, publish: bool, remedy: str, retries: Retries) -> None:
        """remedy: what to do where nothing answers."""
        self.endpoint = endpoint.rstrip("/")
        self.loopback = is_loopback(endpoint)
        self.allowed = self.loopback or bool(publish and token and self.endpoint.startswith("https://"))
        self.has_token = bool(token)
        self.api = HfApi(endpoint=self.endpoint, token=token or False, library_name="biglam-pipeline")
        self.remedy = remedy
        self.retries = retries
        self.answered = False

    def ask(self, call: Callable[[], T], doing: str = "answer") -> T:
        """A call that may be made twice. ConfigError where this Hub may not be asked at all; ServerBusy in the end."""
        self.check_allowed()
        attempts = self.attempts(doing)
        while True:
            try:
                found = self.once(call, doing)
            except UNSURE as cause:
                if isinstance(cause, RepositoryNotFoundError | RevisionNotFoundError) and _is_absent(cause):
                    self.answered = True
                    raise
                attempts.failed(cause)
            else:
                self.answered = True
                return found

    def briefly(self, seconds: float) -> "Line":
        """The same line, on which nobody waits longer than this."""
        other = copy(self)
        other.retries = self.retries.shorter(seconds)
        return other

    def once(self, call: Callable[[], T], doing: str, size: int = 0) -> T:
        """One attempt, ended where the time is. size: bytes that it sends."""
        return self.retries.within(call, self.endpoint, doing, size)

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

    def info(self, repository: str) -> DatasetInfo | None:
        """What the Hub says of a repository; None where there is none. SourceChanged where it has another name now:
        a Hub leads on from the old one, and what was meant for it would land there.
        """
        try:
            found = self.ask(lambda: self.api.dataset_info(repository, revision="main"))
        except (RepositoryNotFoundError, RevisionNotFoundError):
            return None
        if found.id and found.id.casefold() != repository.casefold():
            raise SourceChanged(
                f"{repository} is called {found.id} now: write `publish: {{repository: {found.id}}}`, or give it its "
                "old name on the Hub again; nothing was published"
            )
        return found

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
            verdict = Retry()  # it did before: it is being started again
        if isinstance(verdict, Retry):
            self._seen[verdict] += 1
            if self._seen[verdict] > verdict.times and verdict.then is not None:
                verdict = verdict.then
        if not isinstance(verdict, Retry):
            raise self._refusal(verdict, cause) from cause
        self._wait(verdict, cause)

    def _wait(self, verdict: Retry, cause: Exception) -> None:
        self._count += 1
        asked, retries = verdict.after_seconds, self._line.retries
        pause = asked if asked is not None else self._rhythm()
        if pause > retries.left:
            if asked is not None:
                raise _stay_away(self._line.endpoint, asked, headers_of(cause)) from cause
            raise ServerBusy(
                f"{self._line.endpoint} did not {self._doing} in {self._count} attempts and {retries.total / 60:.0f} "
                f"min: {_short(cause)}; what was sent is kept there, and the next run goes on where this one stopped",
                retry_after_seconds=300.0,
            ) from cause
        log.warning(
            "the Hub said %s; attempt %d, waiting %.0f s; it is left alone after %.0f s",
            *(_short(cause), self._count, pause, retries.left),
        )
        retries.pause(pause)

    def _rhythm(self) -> float:
        longest = min(_LONGEST_PAUSE_SECONDS, 2.0 ** min(self._count, 10))
        return longest * (0.5 + random.random() / 2)

    def _refusal(self, verdict: Refused | Fatal | Full, cause: Exception) -> SourceChanged:
        where = self._line.endpoint
        if isinstance(verdict, Full):
            return SourceChanged(
                f"the disk of the Hub at {where} is full ({_short(cause)}): nothing was published; make room there, "
                "then run again: what was sent is not sent twice"
            )
        if isinstance(verdict, Fatal):
            hint = _HINTS.get(status_of(cause), "look at what it says, mend that, and run again")
            return SourceChanged(f"{where} does not {self._doing}: {_short(cause)}; {hint}")
        if verdict.status == 401 and self._line.has_token:
            return SourceChanged(
                f"{where} does not know the token, or does not any more: renew BIGLAM_HUB_TOKEN ({_short(cause)})"
            )
        return SourceChanged(
            f"{where} refuses to {self._doing} ({_short(cause)}); the token in BIGLAM_HUB_TOKEN needs write access "
            "to the repository's owner"
        )


_HINTS = {
    404: "check that the repository is still there under this name, and that the token in BIGLAM_HUB_TOKEN may see it",
}
"""Status of an answer that stays -> what to do."""


def _is_absent(cause: RepositoryNotFoundError | RevisionNotFoundError) -> bool:
    """The client calls a 401 "not found" too: the Hub does not tell strangers what there is."""
    return bool(cause.response.status_code == 404)


def _short(cause: Exception) -> str:
    """The first words of an error, on one line; no address's arguments, which may be signatures."""
    said = " ".join(str(cause).split()).partition(" For more information check:")[0]
    return re.sub(r"\?\S+", "?", said)[:200] or type(cause).__name__
