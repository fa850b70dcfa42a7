"""Repositories that give DOIs: the files of a record of Zenodo, figshare or a Dataverse.

Zenodo: https://developers.zenodo.org/ ; figshare: https://docs.figshare.com/ ; Dataverse:
https://guides.dataverse.org/en/latest/api/native-api.html
"""

import re
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import ClassVar, Literal

from biglam_pipeline.harvest.harvester import split_pattern
from biglam_pipeline.harvest.listed import ListedFile
from biglam_pipeline.harvest.listing import FromListing, Remark
from biglam_pipeline.harvest.protocols.doi import dataverse, figshare, zenodo
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.secrecy import without_secrets
from biglam_pipeline.settings import Accounts

_REPOSITORIES: Mapping[str, ModuleType] = {"zenodo": zenodo, "figshare": figshare, "dataverse": dataverse}
"""Each reads an address (`read`), says where it is asked (`home`), lists (`listing`), and knows its pages (`shown_at`).
"""


_A_DOI = re.compile(r"https?://(?:dx\.)?doi\.org/10\.[0-9]{4,9}/\S+", re.IGNORECASE)


class Doi(FromListing):
    """Files of records, each held against the checksum that its repository keeps."""

    addresses: ClassVar[Mapping[str, str]] = {
        "zenodo:NUMBER`, `zenodo:10.5281/zenodo.NUMBER": "the files of a record of Zenodo",
        "figshare:NUMBER`, `figshare:10.6084/m9.figshare.NUMBER.v2": "the files of an article of figshare, or of an "
        "institution's own figshare",
        "dataverse:HOST/doi:10.…`, `dataverse:HOST/doi:10.…?version=2.0": "the files of a dataset of a Dataverse; "
        "tables in the format in which they were uploaded",
    }
    notes: ClassVar[str] = (
        "`#PATTERN` chooses among the files: `zenodo:5838410#*.csv`. An address of all versions (Zenodo's DOI for all "
        "versions, figshare's without `.v2`, Dataverse's without `?version=`) follows the newest; one of a version "
        "stays with it, and a newer one is reported. A file whose checksum is that of before is not fetched again, "
        "in whichever version it lies."
    )
    accounts: ClassVar[Accounts] = Accounts(
        "files that came whole, are unchanged, ignored or missing",
        "the record's list of files, to its last page; size and checksum of each file; a file that was restricted, "
        "embargoed or only linked stands in it too",
        "a list that cannot be had whole, or a file without what its checksum says: the harvest is not whole",
    )

    type: Literal["doi"] = "doi"
    """Records of Zenodo, figshare or a Dataverse."""

    @classmethod
    def beginnings(cls) -> tuple[str, ...]:
        """One a repository."""
        return tuple(f"{name}:" for name in _REPOSITORIES)

    @classmethod
    def check_place(cls, place: str) -> str:
        """The shortest way to write the record."""
        name, _, record = place.partition(":")
        if name not in _REPOSITORIES:
            raise ValueError(f"{place}: write an address that begins with one of {', '.join(cls.beginnings())}")
        if "://" in record and (meant := cls.meant_by(record)):
            raise ValueError(f"{without_secrets(place)}: is the address of a page; write {meant}")
        if found := re.fullmatch(r"([0-9]+)/([^/].*)", record):
            raise ValueError(f"{place}: files are chosen behind #; write {name}:{found[1]}#{found[2]}")
        return f"{name}:{_REPOSITORIES[name].read(record)}"

    @classmethod
    def meant_by(cls, address: str) -> str:
        """The record that a page in a browser shows, or a DOI that says its repository."""
        if meant := next((meant for one in _REPOSITORIES.values() if (meant := one.shown_at(address))), ""):
            return meant
        return "the addresses of the files that it offers" if _A_DOI.fullmatch(address) else ""

    @property
    def begins_at(self) -> tuple[str, ...]:
        """The interfaces of the repositories."""
        return tuple(dict.fromkeys(_of(address)[0].home(_of(address)[1]) for address in self.url))

    def listing(self, visit: Visit, address: str) -> Iterable[ListedFile | Remark]:
        """Every file of a record; whose key is given can ask for what is not open to everybody."""
        repository, record = _of(address)
        found: Iterable[ListedFile | Remark] = repository.listing(visit, record, with_key=bool(self.headers))
        return found


def _of(address: str) -> tuple[ModuleType, str]:
    name, _, record = split_pattern(address)[0].partition(":")
    return _REPOSITORIES[name], record
