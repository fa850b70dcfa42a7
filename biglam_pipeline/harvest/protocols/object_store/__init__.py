"""Files in a bucket of S3 or Google Cloud Storage, or on an FTP server, as everybody may list and read them.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html ,
https://cloud.google.com/storage/docs/json_api , https://www.rfc-editor.org/rfc/rfc959
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import ClassVar, Literal, Self
from urllib.parse import unquote_to_bytes

from pydantic import model_validator

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.harvest.harvester import split_pattern
from biglam_pipeline.harvest.listed import ListedFile
from biglam_pipeline.harvest.listing import FromListing
from biglam_pipeline.harvest.protocols.object_store import ftp, gs, s3
from biglam_pipeline.harvest.protocols.object_store.places import (
    SCHEMES,
    Spot,
    as_written,
    bucket_url,
    folder_of,
    key_url,
    meant,
    read,
)
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.records import Harvested, Missing
from biglam_pipeline.settings import Accounts

_FOLDER = "; where it is a folder, write / at its end"
_BUCKETS = {"s3": s3.listing, "gs": gs.listing}


class ObjectStore(FromListing):
    """`s3://BUCKET/FOLDER/#PATTERN` and its like; a file's key is its path in the bucket, or on the server."""

    addresses: ClassVar[Mapping[str, str]] = {
        "s3://BUCKET/FOLDER/`, `s3://BUCKET/KEY": "the objects of an open bucket of S3 in a folder, or one of them",
        "gs://BUCKET/FOLDER/`, `gs://BUCKET/NAME": "the same of Google Cloud Storage",
        "ftp://HOST/FOLDER/`, `ftp://HOST/FILE": "the files of an FTP server in a folder and all below it, or one",
    }
    notes: ClassVar[str] = (
        "With `#PATTERN` the address is a folder, with or without `/` at its end. Nobody logs in (for a password, an "
        "FTP server is told BIGLAM_CONTACT, as is the custom): what is not open to "
        "everybody, or bills its readers, is copied by its own tools, and harvested as `file:FOLDER`. On a quiet night "
        "a bucket costs its list (a request for each 1,000 names), an FTP server its listing, folder by folder (and, "
        "where it has no MLSD, one question a file), a single file one question. Checksums are held where the list has "
        "them (an ETag that is an MD5, `md5Hash`), else sizes. Objects in cold storage and links are missing, unless "
        "`ignore` or `#PATTERN` leaves them out. Keys of buckets are written as they are, FTP addresses with escapes."
    )
    accounts: ClassVar[Accounts] = Accounts(
        "files that are listed, chosen, came whole, are unchanged, ignored, litter or missing",
        "the list to its last page (IsTruncated, nextPageToken; every folder of FTP); sizes, and MD5 where it is said",
        "a list that is cut, leads back or is in no order, a file that is not what it says: the harvest is not whole",
    )

    type: Literal["object_store"] = "object_store"
    """Buckets of S3 and Google Cloud Storage, and FTP servers."""

    @classmethod
    def beginnings(cls) -> tuple[str, ...]:
        """As the language has them."""
        return SCHEMES

    @classmethod
    def check_address(cls, address: str) -> str:
        """What a pattern chooses in is a folder."""
        front, pattern = split_pattern(super().check_address(address))
        return f"{as_written(folder_of(read(front)))}#{pattern}" if pattern else front

    @classmethod
    def check_place(cls, place: str) -> str:
        """A file or folder."""
        return as_written(read(place))

    @classmethod
    def meant_by(cls, address: str) -> str:
        """Of a bucket's page in a console or browser, and of what other programs call it."""
        front, pattern = split_pattern(address)
        found = meant(front)
        return f"{found}#{pattern}" if found and pattern else found

    @model_validator(mode="after")
    def _no_keys_by_ftp(self) -> Self:
        if self.headers and any(address.startswith("ftp:") for address in self.url):
            raise ValueError("headers: FTP has none; leave them out")
        return self

    @property
    def begins_at(self) -> tuple[str, ...]:
        """Each bucket's own host, Google's, or the FTP server."""
        return tuple(dict.fromkeys(_begins(read(split_pattern(address)[0])) for address in self.url))

    def visit(self, visit: Visit) -> Iterator[Harvested]:
        """As of every list; of one object that is not had, with what else may be meant."""
        try:
            for found in super().visit(visit):
                alone = isinstance(found, Missing) and found.reason == "not_found" and found.key in self._alone()
                yield (
                    replace(found, detail=f"{found.detail}{_FOLDER}") if isinstance(found, Missing) and alone else found
                )
        except SourceChanged as refusal:
            if refusal.status != 403 or not any(address.startswith("s3:") for address in self.url):
                raise
            told = SourceChanged(
                f"{refusal}. Of an object that is not there, a bucket that nobody may list says the same: correct the "
                f"key{_FOLDER}; an object that is closed, or lies in cold storage, can be left out under `ignore`"
            )
            told.status = refusal.status
            raise told from refusal

    def _alone(self) -> set[str]:
        """The keys of objects that are named one by one in buckets."""
        spots = (read(split_pattern(address)[0]) for address in self.url)
        return {spot.path for spot in spots if spot.scheme != "ftp" and not spot.is_folder}

    def listing(self, visit: Visit, address: str) -> Iterable[ListedFile]:
        """All files of a folder; a single file is asked for by its name, and never listed."""
        spot = read(address)
        if not spot.is_folder:
            return [_single(visit, spot)]
        if spot.scheme == "ftp":
            return ftp.listing(visit, spot.host, unquote_to_bytes(spot.path))
        return _BUCKETS[spot.scheme](visit, spot.host, spot.path)


def _begins(spot: Spot) -> str:
    if spot.scheme == "ftp":
        return f"ftp://{spot.host}/"
    return bucket_url(spot.host) if spot.scheme == "s3" else gs.HOME


def _single(visit: Visit, spot: Spot) -> ListedFile:
    if spot.scheme == "ftp":
        return ListedFile(ftp.name_of(unquote_to_bytes(spot.path)), as_written(spot))
    home = s3.home_of(visit, spot.host) if spot.scheme == "s3" else f"{gs.HOME}{spot.host}/"
    return ListedFile(spot.path, key_url(home, spot.path))
