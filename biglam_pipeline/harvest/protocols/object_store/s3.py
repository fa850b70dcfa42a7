"""What a bucket of S3 has, page by page, as everybody may list it.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html ; errors:
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_plus, urlencode

from lxml import etree

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.asking import number_of
from biglam_pipeline.harvest.fetching import content_of, discard
from biglam_pipeline.harvest.listed import ListedFile, checksum
from biglam_pipeline.harvest.paging import PAGE_BYTES
from biglam_pipeline.harvest.protocols.object_store.places import bucket_url, key_url
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.reading import local, read_xml

_FROZEN = ("GLACIER", "DEEP_ARCHIVE")
"""Storage classes whose objects are read only hours after somebody asks for them to be restored; GLACIER_IR is none
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html).
"""
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]{1,2}")
_IN_ENDPOINT = re.compile(r"\bs3[.-](?:dualstack\.)?([a-z]{2}(?:-[a-z]+)+-[0-9]{1,2})\.amazonaws\.com(?:\.cn)?$")
_REFUSALS = frozenset({301, 400, 403, 404})
_EMPTY_PAGES = 10
_MOST_PAGES = 100_000
"""A page has a thousand names."""


@dataclass(frozen=True, slots=True)
class _Page:
    files: list[ListedFile]
    names: list[str]
    """Keys, those of folders too."""
    token: str
    """Empty on the last one."""


def listing(visit: Visit, bucket: str, prefix: str) -> Iterator[ListedFile]:
    """Every object whose key begins so; marks of folders, which hold nothing, are none.

    ObjectFailed where it cannot be listed whole.
    """
    home, token, last, empty = bucket_url(bucket), "", "", 0
    for _ in range(_MOST_PAGES):
        page, home = _asked(visit, bucket, home, _query(prefix, token))
        where = f"s3://{bucket}/{prefix}"
        for name in page.names:
            if not name.startswith(prefix):
                raise ObjectFailed("damaged", f"{where}: its list has {name[:200]!r}, which lies elsewhere; report it")
        names = [name.encode() for name in page.names]
        if names and (names != sorted(set(names)) or (last and names[0] <= last.encode())):
            raise ObjectFailed("loop", f"{where}: its list leads back, or is in no order; run again")
        yield from page.files
        empty = 0 if names else empty + 1
        if not page.token:
            return
        if page.token == token or empty >= _EMPTY_PAGES:
            raise ObjectFailed("loop", f"{where}: its list leads back to itself, or has no end; tell the custodian")
        token, last = page.token, page.names[-1] if page.names else last
    raise ObjectFailed("too_large", f"s3://{bucket}/{prefix}: more than {_MOST_PAGES:,} pages; name a folder in it")


def home_of(visit: Visit, bucket: str) -> str:
    """Where a bucket's objects are; one whose name stands in the path is found only in its own region, which is also
    said to who may not list it.
    """
    home = bucket_url(bucket)
    if home.startswith(f"https://{bucket}."):
        return home
    root, status = _answer(visit, f"{home}?{urlencode(_query('', '', 1))}")
    return _regional(bucket, root, status) or home


def _query(prefix: str, token: str, most: int = 1000) -> dict[str, str]:
    asked = {"list-type": "2", "encoding-type": "url", "max-keys": str(most), "prefix": prefix}
    return asked | ({"continuation-token": token} if token else {})


def _asked(visit: Visit, bucket: str, home: str, query: dict[str, str]) -> tuple[_Page, str]:
    """A page, and where the bucket really is: in another region, its list says in which."""
    for _ in range(2):
        url = f"{home}?{urlencode(query)}"
        root, status = _answer(visit, url)
        if status == 200:
            return _read(root, home, url), home
        home = _regional(bucket, root, status)
        if not home:
            raise _refusal(root, status, f"s3://{bucket}/{query['prefix']}")
    raise ObjectFailed("loop", f"s3://{bucket}: every region names another one; run again, or ask the custodian")


def _answer(visit: Visit, url: str) -> tuple[etree._Element, int]:
    answer = visit.web.get(url, expect="xml", into=visit.scratch, max_bytes=PAGE_BYTES, also_status=_REFUSALS)
    content = content_of(answer)
    discard(answer.path)
    try:
        return read_xml(content, answer.media_type).root, answer.status
    except Unreadable as error:
        raise ObjectFailed("damaged", f"{url}: came cut, or is no XML ({error.detail}); run again") from error


def _read(root: etree._Element, home: str, url: str) -> _Page:
    said = {local(child): child.text or "" for child in root}
    if local(root) != "ListBucketResult" or said.get("IsTruncated") not in ("true", "false"):
        raise ObjectFailed("damaged", f"{url}: is not the list that its documentation has; report it")
    escaped = said.get("EncodingType") == "url"
    entries = [{local(part): part.text or "" for part in child} for child in root if local(child) == "Contents"]
    due, token = number_of(said.get("KeyCount")), said.get("NextContinuationToken", "")
    if due is not None and due != len(entries):
        raise ObjectFailed("truncated", f"{url}: has {len(entries)} of the {due} names that it counts; run again")
    if said["IsTruncated"] == "true" and not token:
        raise ObjectFailed("truncated", f"{url}: is not the last page, and names no next one; report it")
    for entry in entries:
        entry["Key"] = unquote_plus(entry.get("Key", "")) if escaped else entry.get("Key", "")
    files = [_file(entry, home, url) for entry in entries if not _is_folder(entry)]
    return _Page(files, [entry["Key"] for entry in entries], token if said["IsTruncated"] == "true" else "")


def _is_folder(entry: dict[str, str]) -> bool:
    """As consoles and Hadoop mark one: an object of no bytes whose name says it."""
    return entry["Key"].endswith(("/", "_$folder$")) and entry.get("Size") == "0"


def _file(entry: dict[str, str], home: str, url: str) -> ListedFile:
    key, size, etag = entry["Key"], number_of(entry.get("Size")), entry.get("ETag", "").strip('"')
    if not key or size is None:
        raise ObjectFailed("damaged", f"{url}: lists an object without its name or size; report it")
    kind, closed = entry.get("StorageClass", ""), ""
    if kind in _FROZEN:
        closed = (
            f"{key}: lies in cold storage ({kind}), and cannot be read before its owner restores it; ask the "
            "custodian, or leave it out under `ignore`"
        )
    # An ETag with `-` is of the parts in which it came, and no checksum of it.
    digest = checksum(etag, "md5")
    version = f"{etag} {size}" if etag else f"{size} {entry.get('LastModified', '')}"
    return ListedFile(key, key_url(home, key), version, size, digest, closed, packed=True)


def _regional(bucket: str, root: etree._Element, status: int) -> str:
    """Where S3 sends somebody who asks in the wrong region, or nothing; no other host that it names is gone to."""
    said = {local(child): (child.text or "").strip() for child in root}
    found = _IN_ENDPOINT.search(said.get("Endpoint", ""))
    region = said["Region"] if _REGION.fullmatch(said.get("Region", "")) else found[1] if found else ""
    return f"https://s3.{region}.amazonaws.com/{bucket}/" if status == 301 and region else ""


def _refusal(root: etree._Element, status: int, where: str) -> ObjectFailed:
    said = {local(child): (child.text or "").strip() for child in root}
    code, words = said.get("Code", ""), "".join(filter(str.isprintable, said.get("Message", "")))[:300]
    quoted = f'S3 says {code or f"HTTP {status}"}, "{words}"'
    if code == "NoSuchBucket":
        return ObjectFailed("not_found", f"{where}: there is no such bucket ({quoted}); correct its name")
    if status == 403:
        return ObjectFailed(
            "restricted",
            f"{where}: not everybody may list it, or who reads it pays for that ({quoted}); name files that are open "
            "one by one, s3://BUCKET/KEY, or ask the custodian; or copy it with a key of yours (`aws s3 sync "
            f"{where} FOLDER`, and `--request-payer requester` where readers pay), and write file:FOLDER",
        )
    return ObjectFailed("refused", f"{where}: cannot be listed ({quoted}); correct the address, or ask the custodian")
