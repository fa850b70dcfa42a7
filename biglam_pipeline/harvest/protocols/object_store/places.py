"""Where is it? The parts of `s3://`, `gs://` and `ftp://` addresses, and what was meant by those of other programs."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, unquote_to_bytes, urlsplit

from biglam_pipeline.secrecy import store_fault, without_secrets

SCHEMES = ("s3://", "gs://", "ftp://")
_ALIASES = {"s3a": "s3", "s3n": "s3", "gcs": "gs", "gsutil": "gs"}
"""What Hadoop and fsspec call them."""
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,220}[A-Za-z0-9]")
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html (old ones hold capitals and `_`),
https://cloud.google.com/storage/docs/buckets#naming"""
_HOST = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_OF_BUCKET = re.compile(
    r"(?:(?P<first>[a-z0-9][a-z0-9.-]+)\.)?s3(?:[.-](?:dualstack\.)?[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?"
)
"""Hosts of S3: https://docs.aws.amazon.com/general/latest/gr/s3.html"""
_OF_GOOGLE = re.compile(r"(?:(?P<first>[a-z0-9][a-z0-9._-]+)\.)?(?:storage|commondatastorage)\.googleapis\.com")
"""Of Google: https://cloud.google.com/storage/docs/request-endpoints"""


@dataclass(frozen=True, slots=True)
class Spot:
    """A file, or a folder."""

    scheme: str
    """`s3`, `gs` or `ftp`."""
    host: str
    """The bucket, or the FTP server with its port."""
    path: str
    """Without a slash in front; that of a folder ends in one, or is empty."""

    @property
    def is_folder(self) -> bool:
        """Is it to be listed?"""
        return not self.path or self.path.endswith("/")


def read(place: str) -> Spot:
    """The parts of an address, without #PATTERN; ValueError ends in what to write.

    Keys of buckets are written as they are; FTP addresses are escaped as others of the web (RFC 1738, 3.2.2).
    """
    shown, (scheme, _, rest) = without_secrets(place), place.partition("://")
    host, _, path = rest.partition("/")
    if f"{scheme}://" not in SCHEMES:
        raise ValueError(f"{shown}: write an address that begins with one of {', '.join(SCHEMES)}")
    if said := store_fault(place):
        raise ValueError(said)
    if not (_HOST if scheme == "ftp" else _BUCKET).fullmatch(host) or ".." in host:
        form = "ftp://HOST/FOLDER/" if scheme == "ftp" else f"{scheme}://BUCKET/FOLDER/"
        raise ValueError(f"{shown}: names no {'server' if scheme == 'ftp' else 'bucket'}; write {form}")
    if scheme != "ftp" and re.search(r"\?(?:versionId|generation)=", path):
        raise ValueError(
            f"{shown}: the version that there is now comes, and an old one stays on the shelf; write {scheme}://{host}/"
            f"{path.partition('?')[0]}"
        )
    if scheme == "ftp" and (found := re.search(r";type=[aid]$", path, re.IGNORECASE)):
        raise ValueError(f"{shown}: files come as they are; write ftp://{host}/{path[: found.start()]}")
    if found := re.search(r"[*?]", path):
        folder = path[: found.start()].rpartition("/")[0]
        behind = f"#{path[len(folder) :].lstrip('/')}" if found[0] == "*" else ""
        raise ValueError(
            f"{shown}: files are chosen behind #; write {scheme}://{host}/{f'{folder}/' if folder else ''}{behind}"
        )
    plain = unquote_to_bytes(path).decode("latin-1") if scheme == "ftp" else path
    if _CONTROL.search(plain) or ".." in plain.split("/"):
        raise ValueError(f"{shown}: `..` or a control character stands in it; write the folder where it leads")
    return Spot(scheme, host.lower() if scheme == "ftp" else host, path.lstrip("/"))


def folder_of(spot: Spot) -> Spot:
    """The same as a folder: what a pattern chooses in."""
    return spot if spot.is_folder else Spot(spot.scheme, spot.host, f"{spot.path}/")


def as_written(spot: Spot) -> str:
    """Its address."""
    return f"{spot.scheme}://{spot.host}/{spot.path}"


def bucket_url(bucket: str) -> str:
    """Where a bucket of S3 is asked, with `/` at the end. A name that is no label of a host's has no certificate there
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html), so it stands in the path.
    """
    if re.fullmatch(r"[a-z0-9-]{3,63}", bucket):
        return f"https://{bucket}.s3.amazonaws.com/"
    return f"https://s3.amazonaws.com/{bucket}/"


def key_url(home: str, key: str) -> str:
    """The address of an object. Every sign is escaped that an address would read otherwise: so is a step `.`, which is
    one of a key's, and which addresses leave out (RFC 3986, 5.2.4).
    """
    return home + "/".join(step.replace(".", "%2E") if step in (".", "..") else quote(step) for step in key.split("/"))


def meant(address: str) -> str:
    """What to write instead of the address that a console, a list or another program shows; or nothing.

    One file of a bucket at its web address is an address of its own.
    """
    text = address.strip()
    scheme, mark, rest = text.partition("://")
    if mark and scheme.casefold() in _ALIASES:
        return f"{_ALIASES[scheme.casefold()]}://{rest}"
    if mark and scheme.casefold() in ("ftps", "ftpes", "sftp"):
        return (
            f"https:// or ftp:// where {rest.partition('/')[0].rpartition('@')[2]} answers to one of them without a "
            "password; else copy the files into a folder, and write file:FOLDER"
        )
    if found := re.fullmatch(r"arn:aws[a-z-]*:s3:::([^/*]+)(/[^*]*)?\*?", text):
        return f"s3://{found[1]}{found[2] or '/'}"
    return _console(text) or _listing(text)


def _console(text: str) -> str:
    """Of the pages in which their owners look at buckets."""
    parts = urlsplit(text)
    host, path, query = parts.hostname or "", unquote(parts.path), parse_qs(parts.query)
    if host.endswith("console.aws.amazon.com") and (found := re.match(r"/s3/(?:buckets|object)/([^/]+)/?$", path)):
        return f"s3://{found[1]}/{query.get('prefix', [''])[0]}"
    if host == "console.cloud.google.com" and (
        found := re.match(r"/storage/browser/(?:_details/)?([^/;]+)/?([^;]*)", path)
    ):
        return f"gs://{found[1]}/{found[2]}"
    return ""


def _listing(text: str) -> str:
    """Of a bucket's list, as a browser shows it."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https"):
        return ""
    host, query = (parts.hostname or "").casefold(), parse_qs(parts.query)
    if host == "storage.cloud.google.com" and parts.path.strip("/"):  # of who is logged in
        return f"gs:/{unquote(parts.path)}"
    found, google, path = _OF_BUCKET.fullmatch(host), _OF_GOOGLE.fullmatch(host), unquote(parts.path)
    if not (found or google):
        return ""
    if google and (asked := re.fullmatch(r"/storage/v1/b/([^/]+)/o/?", path)):
        path = f"/{asked[1]}/"
    scheme, bucket = ("s3", found["first"]) if found else ("gs", google["first"] if google else "")
    if not bucket:
        bucket, _, path = path.lstrip("/").partition("/")
    below = path.lstrip("/")
    return f"{scheme}://{bucket}/{query.get('prefix', [below])[0]}" if bucket and below[-1:] in ("", "/") else ""
