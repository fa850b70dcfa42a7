"""What Commons says of some files at once: licence, makers, description, and where their bytes are.

https://www.mediawiki.org/wiki/API:Imageinfo , https://www.mediawiki.org/wiki/Extension:CommonsMetadata
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.asking import number_of, objects_of, texts_of
from biglam_pipeline.harvest.listed import ListedFile, checksum
from biglam_pipeline.harvest.protocols.wikimedia import api
from biglam_pipeline.harvest.protocols.wikimedia.members import Titled, name_of

_MOST = 50
"""Pages of one request (https://www.mediawiki.org/wiki/API:Query#Additional_notes)."""
_CUT = 32
"""A batch ends before one page in so many, by its number alone: what comes or goes moves no border but its own."""
_ABOUT = (
    "License|LicenseShortName|LicenseUrl|UsageTerms|Copyrighted|NonFree|Restrictions|Permission|AttributionRequired|"
    "Attribution|Artist|Credit|ObjectName|DateTimeOriginal|ImageDescription|GPSLatitude|GPSLongitude"
)
"""Of what CommonsMetadata reads from a file's page: https://www.mediawiki.org/wiki/Extension:CommonsMetadata"""
_GONE = {
    "missing": "was deleted, or renamed, since it was listed; run again",
    "filehidden": "is hidden by Commons, where its revision was deleted",
    "filemissing": "has a page on Commons, and no bytes; tell Commons",
}


def batches(titled: Mapping[int, Titled]) -> Iterator[list[Titled]]:
    """Files that are asked for together, in the order of their numbers."""
    batch = list[Titled]()
    for number in sorted(titled):
        ends = hashlib.sha256(str(number).encode()).digest()[0] % _CUT == 0
        if batch and (ends or len(batch) == _MOST):
            yield batch
            batch = []
        batch.append(titled[number])
    if batch:
        yield batch


def page_of(batch: Sequence[Titled]) -> ListedFile:
    """The answer about a batch: it is another where a page of it has changed since."""
    numbers = "|".join(str(one.number) for one in batch)
    info = {"iiprop": "url|size|sha1|mime|timestamp|extmetadata", "iiextmetadatafilter": _ABOUT}
    url = api.address(prop="imageinfo", pageids=numbers, **info)
    state = hashlib.sha256(orjson.dumps([[one.number, one.version] for one in batch])).hexdigest()[:32]
    version = state if all(one.version for one in batch) else ""
    return ListedFile(f"records/{batch[0].number:012}.json", url, version)


def files_of(content: bytes, batch: Sequence[Titled], url: str) -> list[ListedFile] | None:
    """The files of a batch, each with its digest; None where the answer is not all of it (API:Continue).

    ObjectFailed, ServerBusy where it is none.
    """
    try:
        said = api.check(orjson.loads(content), url)
    except orjson.JSONDecodeError as error:
        raise ObjectFailed("damaged", f"{url}: came cut, or is no JSON ({error}); run again") from error
    pages = {page.get("pageid"): page for page in objects_of(said, url, "query", "pages")}
    if any(one.number not in pages for one in batch):
        raise ObjectFailed("truncated", f"{url}: does not speak of all files that it was asked for; run again")
    files = [_file(pages[one.number], one) for one in batch]
    if "continue" in said and len(batch) > 1 and not all(files):
        return None
    return [found or _without(one, "has no file to its page") for found, one in zip(files, batch, strict=True)]


def _file(page: Mapping[str, Any], titled: Titled) -> ListedFile | None:
    """None where nothing is said of it."""
    infos = page.get("imageinfo")
    info = infos[0] if isinstance(infos, list) and infos and isinstance(infos[0], Mapping) else {}
    if gone := next((words for flag, words in _GONE.items() if page.get(flag) or info.get(flag)), ""):
        return _without(titled, gone)
    title, url, sha1, written = *texts_of(page, "title"), *texts_of(info, "url", "sha1", "timestamp")
    if not url:
        return None
    size, digest = number_of(info.get("size")), checksum(sha1, "sha1")
    place = f"https:{url}" if url.startswith("//") else url
    version = digest or (f"{size} {written}" if size is not None and written else "")
    # Commons marks its addresses by who asked (`?utm_source=…`): the file is the same without
    return ListedFile(f"files/{name_of(title) or titled.path}", place.partition("?")[0], version, size, digest)


def _without(titled: Titled, why: str) -> ListedFile:
    detail = f"{titled.path}: {why}; leave it out under `ignore` if that is so for good"
    return ListedFile(f"files/{titled.path}", titled.url, closed=detail)
