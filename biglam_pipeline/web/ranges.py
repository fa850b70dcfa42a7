"""A file in parts: whether the rest may be asked for, and whether what came is the rest of what is here.

https://www.rfc-editor.org/rfc/rfc9110: If-Range 13.1.5, strong dates 8.8.2.2, Range and Content-Range 14.
"""

import re
from email.utils import parsedate_to_datetime

import httpx

_RANGE = re.compile(r"bytes\s+(\d+)-(\d+)/(\d+|\*)", re.IGNORECASE)
_SURE_SECONDS = 60.0
"""A file that was written so long before it was sent was not written twice within the second that its date can say."""
_OF_THE_FILE = (
    "Content-Type", "Content-Disposition", "ETag", "Last-Modified", "Repr-Digest", "Digest", "x-goog-hash",
)  # fmt: skip
"""What an answer to If-Range leaves out, having been said before (RFC 9110, 15.3.7): name, kind, state, checksums."""

_CODINGS = frozenset({
    "aes128gcm", "br", "compress", "dcb", "dcz", "deflate", "exi", "gzip", "identity", "pack200-gzip", "x-compress",
    "x-gzip", "zstd",
})  # fmt: skip
"""https://www.iana.org/assignments/http-parameters/http-parameters.xhtml#content-coding"""


def coding_of(response: httpx.Response) -> str:
    """How the body is packed, in small letters; nothing where it is as it is.

    What is no coding packs nothing: browsers read past the `utf-8` that stands there by mistake, and past the
    `aws-chunked` that an upload leaves at an object (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html).
    """
    said = (word.strip().casefold() for word in response.headers.get("Content-Encoding", "").split(","))
    return ", ".join(word for word in said if word in _CODINGS and word != "identity")


def validator_of(response: httpx.Response) -> str:
    """What tells, with If-Range, that the rest is of the same file: a strong ETag or date; or nothing."""
    headers = response.headers
    if response.status_code != 200 or not _is_plain(response):
        return ""
    etag, offered = str(headers.get("ETag", "")), headers.get("Accept-Ranges", "").strip().casefold()
    if etag.startswith('"') and offered != "none":
        return etag
    modified = str(headers.get("Last-Modified", ""))
    return modified if offered == "bytes" and _is_strong(modified, headers.get("Date", "")) else ""


def asks(validator: str, begin: int) -> dict[str, str]:
    """The headers that ask for the rest."""
    return {"Range": f"bytes={begin}-", "If-Range": validator}


def said_of_the_file(response: httpx.Response) -> dict[str, str]:
    """The headers that are true of the rest of the file too, and do not come with it."""
    return {name: response.headers[name] for name in _OF_THE_FILE if name in response.headers}


def length_of(response: httpx.Response) -> int | None:
    """Bytes of the whole file, as announced; None where nothing says it."""
    if found := _RANGE.fullmatch(response.headers.get("Content-Range", "").strip()):
        return None if found[3] == "*" else int(found[3])
    length = "" if "Transfer-Encoding" in response.headers else response.headers.get("Content-Length", "")
    return int(length) if length.isascii() and length.isdigit() and response.status_code != 206 else None


def continues(response: httpx.Response, validator: str, begin: int, total: int | None) -> bool:
    """Is it the rest, to the end, of the same file? total: its bytes, where that was announced.

    200 is a server that ignores Range, or a new file under the old name; some answer another range than was asked for.
    Without the ETag, which has to be in every 206 (RFC 9110, 15.3.7), nobody has looked at If-Range.
    """
    found = _RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
    if response.status_code != 206 or not found or not _is_plain(response):
        return False
    name, unsaid = ("ETag", "") if validator.startswith('"') else ("Last-Modified", validator)
    whole = total if found[3] == "*" else int(found[3])
    return (
        response.headers.get(name, unsaid) == validator
        and int(found[1]) == begin
        and whole == int(found[2]) + 1
        and total in (None, whole)
    )


def _is_plain(response: httpx.Response) -> bool:
    return not coding_of(response)


def _is_strong(modified: str, date: str) -> bool:
    try:
        return (parsedate_to_datetime(date) - parsedate_to_datetime(modified)).total_seconds() >= _SURE_SECONDS
    except (TypeError, ValueError):
        return False
