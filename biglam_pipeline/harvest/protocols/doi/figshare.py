"""Articles of figshare, and of the figshares of institutions, which share its numbers.

https://docs.figshare.com/#articles : `ArticleComplete` (`version`, `is_embargoed`, `embargo_date`, `is_confidential`,
`folder_structure`), `PublicFile` (`is_link_only`, `computed_md5`), and lists of files in pages of a thousand at most.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.asking import ask, number_of, objects_of, texts_of
from biglam_pipeline.harvest.listed import ListedFile, checksum
from biglam_pipeline.harvest.listing import Remark
from biglam_pipeline.harvest.visit import Visit

_HOME = "https://api.figshare.com"
_FILES = "https://ndownloader.figshare.com/files"
"""What `download_url` begins with. It is not taken from there: a list does not choose which host is asked."""
_ARTICLE = re.compile(r"(?:(?:doi:)?10\.[0-9]{4,9}/(?:\S*[./])?)?([1-9][0-9]*)(?:\.v([1-9][0-9]*))?", re.IGNORECASE)
_COLLECTION = re.compile(r"\S*\.c\.[0-9]+(?:\.v[0-9]+)?|\S*/collections/\S*", re.IGNORECASE)
_PAGE = re.compile(
    r"https?://(?:[\w-]+\.)*figshare\.com/articles/[^?#]*?/([0-9]+)(?:/([0-9]+))?/?(?:[?#].*)?"
    r"|https?://api\.figshare\.com/v2/articles/([0-9]+)(?:/versions/([0-9]+))?(?:/files)?/?(?:[?#].*)?"
    r"|(?:https?://(?:dx\.)?doi\.org/|doi:)?10\.6084/m9\.figshare\.([0-9]+)(?:\.v([0-9]+))?/?",
    re.IGNORECASE,
)
_PAGE_SIZE = 1000
_MOST_PAGES = 1000


def read(text: str) -> str:
    """The number of an article, with the version that was written; ValueError where none is."""
    if _COLLECTION.fullmatch(text):
        raise ValueError(
            f"figshare:{text}: is a collection, which is not read; list its articles, one figshare:NUMBER each"
        )
    if found := _ARTICLE.fullmatch(text):
        return found[1] + (f".v{found[2]}" if found[2] else "")
    raise ValueError(
        f"figshare:{text}: names no article; write figshare:NUMBER or figshare:10.6084/m9.figshare.NUMBER, with the "
        "number in the address of its page, and .v2 behind it for the second version alone"
    )


def shown_at(address: str) -> str:
    """What to write for a page of it."""
    found = _PAGE.fullmatch(address)
    said = [one for one in found.groups() if one] if found else []
    return f"figshare:{'.v'.join(said)}" if said else ""


def home(_record: str) -> str:
    """Where it is asked."""
    return _HOME


def listing(visit: Visit, record: str, *, with_key: bool) -> Iterator[ListedFile | Remark]:
    """The files of an article, of its newest version where none is named."""
    del with_key  # a key is for the interface; the files lie on another host, which is sent none
    number, _, version = record.partition(".v")
    place = f"{_HOME}/v2/articles/{number}" + (f"/versions/{version}" if version else "")
    article = ask(visit, place).data
    if not isinstance(article, Mapping):
        raise ObjectFailed("damaged", f"{place}: is not the article that its documentation has; report it")
    shut = _shut(record, article)
    folders = article.get("folder_structure")
    files = [_file(record, one, folders if isinstance(folders, Mapping) else {}, shut) for one in _pages(visit, place)]
    if shut and not files:
        raise ObjectFailed("restricted", shut)
    yield from files
    if version:
        yield from _newer(visit, number, int(version))


def _pages(visit: Visit, place: str) -> Iterator[Mapping[str, Any]]:
    """Up to a page without a file: nothing says how many there are, and a server may send fewer than it was asked."""
    met = set[str]()
    for page in range(1, _MOST_PAGES + 1):
        url = f"{place}/files?page={page}&page_size={_PAGE_SIZE}"
        files = objects_of(ask(visit, url).data, url)
        if not files:
            return
        names = {texts_of(one, "id")[0] or repr(one) for one in files}
        if names <= met:
            raise ObjectFailed("loop", f"{url}: the same files came as on a page before; tell figshare")
        met |= names
        yield from files
    raise ObjectFailed("too_large", f"{place}: more than {_MOST_PAGES} pages of files and no end; tell figshare")


def _file(record: str, entry: Mapping[str, Any], folders: Mapping[str, Any], shut: str) -> ListedFile:
    number, name, link, computed, supplied = texts_of(
        entry, "id", "name", "download_url", "computed_md5", "supplied_md5"
    )
    if number_of(number) is None:
        raise ObjectFailed("damaged", f"figshare:{record}: lists a file without a number; report it")
    folder = folders.get(number)
    path = f"{folder.strip('/')}/{name}" if isinstance(folder, str) and folder.strip("/") else name
    due = checksum(computed or supplied, "md5")
    closed = shut
    if entry.get("is_link_only"):
        path = path or link
        closed = (
            f"figshare:{record}: has only a link to {path}, at {link}; write that address in an entry of its own, and "
            "leave it out here under `ignore`"
        )
    return ListedFile(path, f"{_FILES}/{number}", due, number_of(entry.get("size")), due, closed)


def _shut(record: str, article: Mapping[str, Any]) -> str:
    """Why its files cannot be had."""
    until, why, secret = texts_of(article, "embargo_date", "embargo_reason", "confidential_reason")
    if article.get("is_confidential"):
        return f"figshare:{record}: is confidential ({secret or 'no reason is given'}); ask the custodian to open it"
    if article.get("is_embargoed"):
        said = f"until {until[:10]}" if until else "for good"
        because = f" ({why})" if why else ""
        return f"figshare:{record}: is under embargo {said}{because}; wait, or ask the custodian to open it"
    return ""


def _newer(visit: Visit, number: str, version: int) -> Iterator[Remark]:
    url = f"{_HOME}/v2/articles/{number}/versions"
    found = [number_of(one.get("version")) or 0 for one in objects_of(ask(visit, url).data, url)]
    newest = max(found, default=0)
    if newest > version:
        yield Remark(
            f"figshare:{number}.v{version} is a version of which a newer one has come, figshare:{number}.v{newest}; it "
            "stays with the older one until the entry names another"
        )
