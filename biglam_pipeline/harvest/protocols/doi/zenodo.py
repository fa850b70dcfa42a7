"""Records of Zenodo, which is an InvenioRDM.

Files: https://inveniordm.docs.cern.ch/reference/rest_api_drafts_records/ . Its robots.txt keeps programs away from
`/api`, but for `/api/records/*/files`, and asks for ten seconds between requests: the record itself is not asked for.
What the newest version is called is seen by where `/records/NUMBER/latest` leads; so is a number that stands for all
versions, which has no files of its own.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.asking import Said, ask, number_of, objects_of, texts_of
from biglam_pipeline.harvest.listed import ListedFile, checksum
from biglam_pipeline.harvest.listing import Remark
from biglam_pipeline.harvest.visit import Visit

_HOME = "https://zenodo.org"
_RECORD = re.compile(r"(?:(?:doi:)?10\.5281/zenodo\.)?([1-9][0-9]*)", re.IGNORECASE)
_PAGE = re.compile(
    r"https?://(?:(?:www\.)?zenodo\.org/(?:records?|api/records)/([0-9]+)(?:/(?:latest|files|export/[^/?#]*|preview/[^/?#]*))?/?(?:[?#].*)?"
    r"|(?:www\.)?zenodo\.org/(?:doi|badge/doi)/10\.5281/zenodo\.([0-9]+)(?:\.svg)?"
    r"|(?:dx\.)?doi\.org/10\.5281/zenodo\.([0-9]+)/?)|(?:doi:)?10\.5281/zenodo\.([0-9]+)",
    re.IGNORECASE,
)
_MOST_PAGES = 1000


def read(text: str) -> str:
    """The number of a record; ValueError where none is written."""
    if found := _RECORD.fullmatch(text):
        return found[1]
    raise ValueError(
        f"zenodo:{text}: names no record; write zenodo:NUMBER or zenodo:10.5281/zenodo.NUMBER, with the number in the "
        "address of its page"
    )


def shown_at(address: str) -> str:
    """What to write for a page of it."""
    found = _PAGE.fullmatch(address)
    return f"zenodo:{next(filter(None, found.groups()))}" if found else ""


def home(_record: str) -> str:
    """Where it is asked."""
    return _HOME


def listing(visit: Visit, record: str, *, with_key: bool) -> Iterator[ListedFile | Remark]:
    """The files of a version; of a number for all versions, those of the newest."""
    del with_key  # a list that a key opens names files like any other
    newest = ""
    try:
        first = ask(visit, _files_of(record))
        version = _number(first.url) or record
    except ObjectFailed as refused:
        newest = _newest(visit, record) if refused.reason == "not_found" else ""
        if not newest or newest == record:
            raise
        version, first = newest, ask(visit, _files_of(newest))
    yield from _files(visit, version, first)
    if version == record:
        newest = newest or _newest(visit, record)
        if newest and newest != record:
            yield Remark(
                f"zenodo:{record} is a version of which a newer one has come, zenodo:{newest}; it stays with the "
                f"older one until the entry names another"
            )


def _files_of(record: str) -> str:
    return f"{_HOME}/api/records/{record}/files"


def _newest(visit: Visit, record: str) -> str:
    """Its number; empty where it cannot be seen, which makes no file wrong."""
    for page in ("/latest", ""):  # a number for all versions has only the second on some releases of InvenioRDM
        with contextlib.suppress(ObjectFailed):
            return _number(visit.web.get(f"{_HOME}/records/{record}{page}").final_url)
    return ""


def _number(address: str) -> str:
    """Of the record at an address, behind all redirects."""
    found = re.fullmatch(r"(?:/api)?/records/([0-9]+)(?:/files)?/?", urlsplit(address).path)
    return found[1] if found else ""


def _files(visit: Visit, record: str, first: Said) -> Iterator[ListedFile]:
    """All pages of the list: today there is one, as for the buckets of before, which were cut at a thousand files
    (https://github.com/zenodo/zenodo/issues/2471).
    """
    page, url, met = first.data, _files_of(record), set[str]()
    while True:
        for entry in objects_of(page, url, "entries"):
            yield _file(record, entry)
        links = page.get("links")
        (following,) = texts_of(links, "next") if isinstance(links, dict) else ("",)
        if not following:
            return
        if following in met or len(met) >= _MOST_PAGES or not following.startswith(f"{_HOME}/"):
            raise ObjectFailed("loop", f"{url}: its list of files leads to {following}, and has no end; report it")
        met.add(following)
        page = ask(visit, following).data


def _file(record: str, entry: Mapping[str, Any]) -> ListedFile:
    name, status, digest = texts_of(entry, "key", "status", "checksum")
    due = checksum(digest)
    closed = (
        f"zenodo:{record}: {name} was announced and is not uploaded yet; ask who keeps the record"
        if status not in ("", "completed")
        else ""
    )
    url = f"{_files_of(record)}/{quote(name, safe='')}/content"
    return ListedFile(name, url, due, number_of(entry.get("size")), due, closed)
