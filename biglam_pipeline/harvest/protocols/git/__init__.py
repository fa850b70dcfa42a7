"""Git repositories: their files at a commit, which one small request finds; where that is the same, none follows.

https://git-scm.com/docs/gitprotocol-http
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from biglam_pipeline.harvest.harvester import OfFiles, OnTheWeb
from biglam_pipeline.harvest.protocols.git.places import page, parse, selections
from biglam_pipeline.harvest.protocols.git.walk import LEFT_OUT, Walk
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.records import Evidence, Harvested
from biglam_pipeline.settings import Accounts


class Git(OnTheWeb, OfFiles):
    """`github:OWNER/NAME@BRANCH#PATTERN`; a file's key is its path in the repository."""

    addresses: ClassVar[Mapping[str, str]] = {
        "github:OWNER/NAME`, `github:OWNER/NAME@REF#PATTERN": "the files of a repository on GitHub, or those that fit "
        "the pattern, at its default branch or at a branch, tag or whole commit",
        "gitlab:GROUP/…/NAME`, `gitlab:HOST/GROUP/…/NAME": "the same of gitlab.com, or of a GitLab of one's own",
    }
    accounts: ClassVar[Accounts] = Accounts(
        "files of the commit that came whole, are unchanged, ignored, litter, linked or missing; submodules",
        "the commit, one for all files; the archive's checksum and end; sha256 and size of Git LFS",
        "a file that does not come whole, a pointer that cannot be followed, a link that leads out, or files that "
        "`.gitattributes` keeps out of archives: the harvest is not whole",
    )
    notes: ClassVar[str] = (
        "One request a night says at which commit a repository stands; where it is the same, nothing else is asked. "
        "Else the archive of that commit comes, and what is new of it is shelved, file by file. A PATTERN without a "
        "`*` is a path from the root on: then only these files come. Several repositories in one entry stand in "
        "folders of their names.\n\n"
        "A pointer of Git LFS is never data: what it points to is fetched and held against its sha256, or is missing. "
        "Submodules are counted and not fetched; name them as addresses of their own. A first part with a dot is a "
        "host: `gitlab:git.example.org/group/name`; a group of gitlab.com whose name has one is written "
        "`gitlab:gitlab.com/my.group/name`. The robots.txt that comes with GitLab forbids archives and raw files to "
        "all programs, though its interface is made for them: ask the host's keeper, then write "
        "`robots: {overrule: WHY, evidence: PAGE, checked: DATE, by: WHO}`, or copy the files into a folder."
    )

    type: Literal["git"] = "git"
    """A repository on GitHub or on a GitLab."""

    @classmethod
    def beginnings(cls) -> tuple[str, ...]:
        """By the service: hosts differ in where they keep a file."""
        return ("github:", "gitlab:")

    @classmethod
    def check_address(cls, address: str) -> str:
        """A repository, and a pattern where there is one."""
        parse(address)
        return address

    @classmethod
    def meant_by(cls, address: str) -> str:
        """Of a page of GitHub or GitLab, and of what `git clone` is given."""
        return page(address)

    @property
    def begins_at(self) -> tuple[str, ...]:
        """The pages of the repositories."""
        return tuple(one.repository.url for one in selections(self.url))

    def visit(self, visit: Visit) -> Iterator[Harvested]:
        """One request a repository where it stands still; else what is new at its commit."""
        walks = [Walk(self, visit, one) for one in selections(self.url)]
        for walk in walks:
            yield from walk.objects()
        counts = Counter[str]()
        for walk in walks:
            counts.update(walk.counts)
        at = f"commit {walks[0].commit[:12] or 'unknown'}" if len(walks) == 1 else f"{len(walks)} repositories"
        yield Evidence(
            "replace",
            complete=not counts["missing"],
            proof=f"{at}: {counts['whole']} files came whole, {counts['unchanged']} unchanged, "
            f"{counts['missing']} missing",
            cursor={walk.selection.written: walk.noted for walk in walks if walk.noted},
            left_out={way: counts[way] for way in LEFT_OUT if counts[way]},
        )
