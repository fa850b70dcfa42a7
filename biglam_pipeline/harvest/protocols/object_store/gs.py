"""What a bucket of Google Cloud Storage has, page by page, as everybody may list it.

https://cloud.google.com/storage/docs/json_api/v1/objects/list
"""

import base64
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.asking import ask, number_of, objects_of, texts_of
from biglam_pipeline.harvest.listed import ListedFile, checksum
from biglam_pipeline.harvest.protocols.object_store.places import key_url
from biglam_pipeline.harvest.visit import Visit

HOME = "https://storage.googleapis.com/"
_FIELDS = "kind,nextPageToken,items(name,size,md5Hash,generation,updated)"
_EMPTY_PAGES = 10
_MOST_PAGES = 100_000
"""A page has a thousand names."""


def listing(visit: Visit, bucket: str, prefix: str) -> Iterator[ListedFile]:
    """Every object whose name begins so; marks of folders, which hold nothing, are none.

    ObjectFailed where it cannot be listed whole.
    """
    where, token, last, empty = f"gs://{bucket}/{prefix}", "", b"", 0
    for _ in range(_MOST_PAGES):
        items, following = _asked(visit, bucket, prefix, token)
        names = [texts_of(item, "name")[0] for item in items]
        if odd := next((name for name in names if not name or not name.startswith(prefix)), None):
            raise ObjectFailed("damaged", f"{where}: its list has {odd[:200]!r}, which lies elsewhere; report it")
        keys = [name.encode("utf-8", "surrogatepass") for name in names]
        if keys and (keys != sorted(set(keys)) or (last and keys[0] <= last)):
            raise ObjectFailed("loop", f"{where}: its list leads back, or is in no order; run again")
        yield from (_file(item, bucket, where) for item in items if not _is_folder(item))
        empty = 0 if keys else empty + 1
        if not following:
            return
        if following == token or empty >= _EMPTY_PAGES:
            raise ObjectFailed("loop", f"{where}: its list leads back to itself, or has no end; tell the custodian")
        token, last = following, keys[-1] if keys else last
    raise ObjectFailed("too_large", f"{where}: more than {_MOST_PAGES:,} pages; name a folder in it")


def _asked(visit: Visit, bucket: str, prefix: str, token: str) -> tuple[list[Mapping[str, Any]], str]:
    query = {"prefix": prefix, "maxResults": "1000", "fields": _FIELDS} | ({"pageToken": token} if token else {})
    url = f"{HOME}storage/v1/b/{quote(bucket, safe='')}/o?{urlencode(query)}"
    try:
        said = ask(visit, url).data
    except ObjectFailed as error:
        raise _refusal(error, bucket, prefix) from error
    if not isinstance(said, Mapping) or said.get("kind") != "storage#objects":
        raise ObjectFailed("damaged", f"{url}: is not the list that its documentation has; report it")
    items = objects_of(said, url, "items") if "items" in said else []
    return items, texts_of(said, "nextPageToken")[0]


def _refusal(error: ObjectFailed, bucket: str, prefix: str) -> ObjectFailed:
    if error.reason == "not_found":
        return ObjectFailed("not_found", f"gs://{bucket}: there is no such bucket; correct its name ({error.detail})")
    if error.reason == "restricted" or "requester pays" in error.detail.casefold():
        return ObjectFailed(
            "restricted",
            f"gs://{bucket}/{prefix}: not everybody may list it, or who reads it pays for that; name files that are "
            "open one by one, gs://BUCKET/NAME, or ask the custodian; or copy it with an account of yours "
            f"(`gcloud storage cp -r`), and write file:FOLDER ({error.detail})",
        )
    return error


def _is_folder(item: Mapping[str, Any]) -> bool:
    name, size = texts_of(item, "name", "size")
    return name.endswith(("/", "_$folder$")) and size == "0"


def _file(item: Mapping[str, Any], bucket: str, where: str) -> ListedFile:
    name, size, md5, generation = texts_of(item, "name", "size", "md5Hash", "generation")
    length = number_of(size)
    if length is None or not generation:
        raise ObjectFailed("damaged", f"{where}: lists {name[:200]!r} without its size or generation; report it")
    try:
        digest = checksum(base64.b64decode(md5, validate=True).hex(), "md5")  # composed objects have none
    except ValueError:  # also of what is no ASCII
        digest = ""
    return ListedFile(name, key_url(f"{HOME}{bucket}/", name), digest or generation, length, digest, packed=True)
