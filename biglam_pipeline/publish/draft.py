"""A draft: everything that one commit is to make true of a repository, and nothing that was sent yet."""

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from biglam_pipeline.errors import ServerBusy, SourceChanged
from biglam_pipeline.publish.blocks import Generated

CARD = "README.md"
MANIFEST = ".biglam/manifest.json"


class CardRefused(SourceChanged):
    """The Hub does not take the card, so not the commit either."""


class Overtaken(ServerBusy):
    """Somebody committed to the repository after it was looked at: the card is to be laid again, into what is there."""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on the shelf that is to stand in the repository."""

    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Draft:
    """One release of one repository."""

    repository: str
    """owner/name."""
    digest: str
    """Of the manifest it was made from: a clearance for other data does not fit."""
    content: str
    """Of all that a reader of the repository sees: where it is what was published last, there is nothing to do."""
    files: dict[str, LocalFile]
    """Path in the repository -> part."""
    texts: dict[str, bytes]
    """Path in the repository -> card, manifest and other small files."""
    message: str
    tag: str
    """vYYYY.MM.DD; a number is added where the day already has a release."""
    rows: int
    filled: dict[str, dict[str, int]] = field(default_factory=dict)
    """Section -> column -> rows in which it is filled."""
    owned: tuple[str, ...] = field(default=("data/", ".biglam/"))
    """Folders in which whatever is not in the draft is deleted."""
    gone: frozenset[str] = frozenset()
    """Further paths that are deleted: what an adopted repository held as data, and its scripts."""
    card: Generated | None = None
    """What of README.md is generated; `texts` has it once it was laid into the card that is there."""
    looked: dict[str, str] | None = None
    """Path -> sha256 or git's id of each file, as they were when the card was laid: what else stands at a path that two
    write is not overwritten. None where nobody looked.
    """


def renamed(draft: Draft, tag: str) -> Draft:
    """The draft under another tag, which its commit's title begins with."""
    title = draft.message.removeprefix(draft.tag)
    return replace(draft, tag=tag, message=f"{tag}{title}" if title != draft.message else draft.message)


@dataclass(frozen=True, slots=True)
class Release:
    """What is known of the last publication: kept on the shelf, so that an unchanged night costs three requests."""

    repository: str
    content: str
    commit: str
    tag: str
    rows: int
    url: str
    published_at: str = ""
    files_sent: int = 0
    """Files that the commit changed; 0 where the repository was right already."""
    changed: tuple[str, ...] = ()
    """Their paths, for reading back; not kept."""
    read_back: tuple[str, ...] = ()
    """What was found wrong when the release was read back; empty where everything was right."""
    files_read_back: int = 0
    previous_tag: str = ""
    """Tag of the release that stood before; empty where this is the first."""
    visibility: str = "private"
    """Who may read the repository."""
    profile: str = ""
    """Name of the file beside the release that holds its `Profile`; empty where none was kept."""
    taken_down: int | None = None
    """Records that were taken down by then; None where an older version kept the release."""
    card: str = ""
    """Name of the file beside the release that holds what is `Remembered` of its card; empty where none was kept."""
    seen: str = ""
    """Last commit of `main` in which nothing of ours was touched; empty where that is `commit`."""
    card_file: str = ""
    """sha256 of `cards/NAME.md` when it was last compared with the card; empty where there was none."""
    takedowns: tuple[str, ...] = ()
    """sha256 of the ledger lines about the source as it was published: none of them may go."""

    @property
    def head(self) -> str:
        """The commit at which `main` stands where nobody committed since."""
        return self.seen or self.commit

    @property
    def last_good(self) -> str:
        """What to use instead where this release is not right."""
        if self.previous_tag:
            return f"the last good release is {self.previous_tag}"
        return f"there is no release before {self.tag}"


@dataclass(frozen=True, slots=True)
class Intent:
    """What is about to be committed: kept on the shelf, so that a publication that was cut off goes on as itself."""

    content: str
    tag: str
    repository: str = ""
    """Empty in notes of before 2026-11."""


def encode_intent(intent: Intent) -> bytes:
    """An intent as it is shelved."""
    return json.dumps(asdict(intent)).encode()


def decode_intent(data: bytes) -> Intent:
    """An intent, read back."""
    return Intent(**json.loads(data))


def encode_release(release: Release) -> bytes:
    """A release as it is shelved."""
    kept = {name: value for name, value in asdict(release).items() if name != "changed"}
    return json.dumps(kept, indent=1).encode()


def decode_release(data: bytes) -> Release:
    """A release read from the shelf; one that was kept by an older version has no `previous_tag`."""
    found = json.loads(data)
    return Release(**{**found, "read_back": tuple(found["read_back"]), "takedowns": tuple(found.get("takedowns", ()))})
