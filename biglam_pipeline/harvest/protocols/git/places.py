"""How a repository is written in an entry, where its host keeps what, and what a browser or git calls the same thing.

https://docs.github.com/en/repositories/working-with-files/using-files/downloading-source-code-archives
https://docs.gitlab.com/user/project/repository/#download-repository-source-code
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, urlsplit

from biglam_pipeline.harvest.harvester import split_pattern
from biglam_pipeline.harvest.keys import unique_keys
from biglam_pipeline.parsing.archives.names import clean
from biglam_pipeline.patterns import Pattern, choose, expand

_GITHUB_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
"""https://docs.github.com/en/enterprise-cloud@latest/admin/managing-iam (names: letters, digits and single hyphens)"""
_GITLAB_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)+")
"""https://docs.gitlab.com/user/reserved_names/ ; groups in groups, so two parts or more."""
_HOST = re.compile(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+(?::\d+)?")
_FILES_OF_GITHUB = re.compile(
    r"https://(?:raw\.githubusercontent\.com|media\.githubusercontent\.com/media)/([^/]+/[^/]+)/([0-9a-f]{40,64})/"
)
_FILES_OF_GITLAB = re.compile(r"https://[^/]+/(.+?)/-/raw/([0-9a-f]{40,64})/")
_NOT_PAGES = re.compile(r"raw|releases|archive|zipball|tarball|suites|actions|assets|files|wiki|info|git-upload-pack")
"""Behind OWNER/NAME on GitHub: what is a file, or no part of the repository."""


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository, at one place in its history."""

    service: str
    """github or gitlab."""
    host: str
    path: str
    """OWNER/NAME, or GROUP/…/NAME."""
    ref: str = ""
    """A branch, a tag or a whole commit; empty for the default branch."""

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def url(self) -> str:
        """Its page."""
        return f"https://{self.host}/{self.path}"

    @property
    def written(self) -> str:
        """As the entry has it, without its ref."""
        host = f"{self.host}/" if self.service == "gitlab" and self.host != "gitlab.com" else ""
        return f"{self.service}:{host}{self.path}"

    @property
    def refs_url(self) -> str:
        """Where git itself begins."""
        return f"{self.url}.git/info/refs?service=git-upload-pack"

    def archive_url(self, commit: str) -> str:
        """All files at a commit, as a TAR in gzip."""
        if self.service == "github":
            return f"https://codeload.github.com/{self.path}/tar.gz/{commit}"
        return f"{self.url}/-/archive/{commit}/{self.name}-{commit}.tar.gz"

    def file_url(self, commit: str, path: str) -> str:
        """One file at a commit; on GitHub a pointer where it lies in Git LFS."""
        if self.service == "github":
            return f"https://raw.githubusercontent.com/{self.path}/{commit}/{quote(path)}"
        return f"{self.url}/-/raw/{commit}/{quote(path)}"

    def large_url(self, commit: str, path: str) -> str:
        """The same file, out of Git LFS."""
        if self.service == "github":
            return f"https://media.githubusercontent.com/media/{self.path}/{commit}/{quote(path)}"
        return self.file_url(commit, path)

    def origin_of(self, url: str) -> tuple[str, str]:
        """Path and commit of the address of a file; two empty texts where it is none of such a host."""
        found = (_FILES_OF_GITHUB if self.service == "github" else _FILES_OF_GITLAB).match(url)
        return (found[1], found[2]) if found else ("", "")


def parse(address: str) -> tuple[Repository, str]:
    """Repository and pattern of an address; ValueError says what to write instead."""
    front, pattern = split_pattern(address)
    service, _, rest = front.partition(":")
    if meant := page(_as_page(service, rest)):
        raise ValueError(f"{address}: write {meant}{f'#{pattern}' if pattern and '#' not in meant else ''}")
    path, at, ref = rest.partition("@")
    host = "github.com" if service == "github" else "gitlab.com"
    first, _, others = path.partition("/")
    if service == "gitlab" and _HOST.fullmatch(first):
        host, path = first.lower(), others
    good = (_GITHUB_PATH if service == "github" else _GITLAB_PATH).fullmatch(path)
    if not good or path.endswith(".git") or (at and not ref):
        raise ValueError(f"{address}: {_instead(service, path)}")
    if pattern:
        _check_pattern(address, pattern)
    return Repository(service, host, path, ref), pattern


def _as_page(service: str, rest: str) -> str:
    """What was pasted behind the prefix, or the page that somebody cut off a browser's address."""
    if "//" in rest or rest.startswith("git@"):
        return rest
    if not re.search(r"/(?:tree|blob)/", rest):
        return ""
    host = "github.com/" if service == "github" else "" if _HOST.fullmatch(rest.partition("/")[0]) else "gitlab.com/"
    return f"https://{host}{rest}"


def _instead(service: str, path: str) -> str:
    parts = [part for part in path.removesuffix(".git").split("/") if part]
    if service == "github" and len(parts) > 2:
        return f"what is in the repository is a PATTERN; write github:{'/'.join(parts[:2])}#{'/'.join(parts[2:])}"
    if len(parts) >= 2 and path != "/".join(parts):
        return f"write {service}:{'/'.join(parts)}"
    what = "OWNER/NAME" if service == "github" else "GROUP/NAME, or gitlab:HOST/GROUP/NAME for one of another host,"
    return f"is not a repository; write {service}:{what} and @BRANCH, @TAG or @COMMIT behind it where one is meant"


def _check_pattern(address: str, pattern: str) -> None:
    Pattern(pattern.removeprefix("!"))
    if pattern.endswith("/"):
        raise ValueError(f"{address}: {pattern} is a folder; write {pattern}** for all that is in it")
    if _is_exact(pattern) and any(clean(path).text != path or clean(path).outside for path in expand(pattern)):
        raise ValueError(f"{address}: {pattern} is no path; write it from the root on, without `..` and the like")


def page(text: str) -> str:
    """What to write for the page of a repository, or for what git calls it; empty for any other text."""
    text = re.sub(r"^(?:ssh://)?git@([^:/]+)[:/]", r"https://\1/", text.strip().removeprefix("git+"))
    parts = urlsplit(re.sub(r"^(?:git|ssh)://", "https://", text))
    if parts.scheme not in ("https", "http") or not parts.hostname:
        return ""
    host = parts.netloc.rpartition("@")[2].lower().removeprefix("www.")
    path = unquote(parts.path).strip("/")
    if {"1", "true"} & set(parse_qs(parts.query).get("raw", [])):
        return ""  # leads to the file itself
    chosen = f"#{parts.fragment}" if re.search(r"[*./]", parts.fragment) else ""
    if host == "github.com":
        return _github_page(path, chosen)
    front, mark, behind = path.partition("/-/")
    if not mark and (host != "gitlab.com" or not _GITLAB_PATH.fullmatch(path.removesuffix(".git"))):
        return ""
    if mark and not re.match(r"(tree|blob)/", behind):
        return ""
    where = front.removesuffix(".git") if host == "gitlab.com" else f"{host}/{front.removesuffix('.git')}"
    return f"gitlab:{where}{_behind(behind)}{chosen}"


def _github_page(path: str, chosen: str) -> str:
    parts = path.split("/", 2)
    name = "/".join(parts[:2]).removesuffix(".git")
    rest = parts[2] if len(parts) > 2 else ""
    if not _GITHUB_PATH.fullmatch(name) or _NOT_PAGES.match(rest):
        return ""
    if rest and not re.match(r"(tree|blob)/", rest):
        return ""
    return f"github:{name}{_behind(rest)}{chosen}"


def _behind(rest: str) -> str:
    """`@REF#PATTERN` of `tree/REF/FOLDER` or `blob/REF/FILE`."""
    kind, _, place = rest.partition("/")
    ref, _, below = place.partition("/")
    if not ref:
        return ""
    at = "" if ref == "HEAD" else f"@{ref}"
    return at + (f"#{below}/**" if below and kind == "tree" else f"#{below}" if below else "")


# --- what of a repository is meant -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Selection:
    """What an entry wants of one repository: all its addresses that name it."""

    repository: Repository
    patterns: tuple[str, ...]
    """Empty where all files are wanted."""
    prefix: str
    """How the keys of its files begin: nothing, or a folder where the entry names several repositories."""

    @property
    def written(self) -> str:
        """As the entry has it; the key of what is noted of it."""
        at = f"@{self.repository.ref}" if self.repository.ref else ""
        return f"{self.repository.written}{at}" + "".join(f"#{pattern}" for pattern in self.patterns)

    @property
    def exact(self) -> tuple[str, ...]:
        """The paths, from the root, where every pattern names a file; else nothing."""
        if not all(map(_is_exact, self.patterns)):
            return ()
        return tuple(dict.fromkeys(path for pattern in self.patterns for path in expand(pattern)))

    def chooses(self, path: str) -> bool:
        """Does one of the patterns fit this path?"""
        return not self.patterns or any(choose([pattern], path) is not None for pattern in self.patterns)


def _is_exact(pattern: str) -> bool:
    return "*" not in pattern and not pattern.startswith("!") and not Pattern(pattern).captures


def selections(addresses: tuple[str, ...]) -> list[Selection]:
    """One for each repository, in the order of the entry.

    Keys depend on what the entry names and never on what is in a repository: what others add moves no identifier.
    """
    wanted: dict[Repository, list[str]] = {}
    for repository, pattern in map(parse, addresses):
        wanted.setdefault(repository, []).append(pattern)
    names = ((one.name, one.path, f"{one.path}@{one.ref}", f"{one.host}/{one.path}@{one.ref}") for one in wanted)
    folders = unique_keys([name.replace("/", "~") for name in some] for some in names)
    return [
        Selection(repository, () if "" in patterns else tuple(patterns), f"{folder}/" if len(wanted) > 1 else "")
        for (repository, patterns), folder in zip(wanted.items(), folders, strict=True)
    ]
