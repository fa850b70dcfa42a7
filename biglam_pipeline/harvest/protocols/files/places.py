"""What a file at a web address is called inside its source: by the path, and by more only where that is not enough."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from biglam_pipeline.harvest.listed import ListedFile
from biglam_pipeline.web.naming import asked_for, is_kind

_PAGES = (".html", ".htm", ".xhtml", ".shtml")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file that is to be had."""

    file: ListedFile
    names: tuple[str, str, str]
    """Its key, or one with more in it, where another file has the same."""
    linked: bool = False
    """A server named it, and no person."""
    sum_at: str = ""
    """The address of a file beside it that holds its checksum."""


def as_path(url: str) -> str:
    """The path of an address, as a name; where it would lead somewhere or cannot be read, in its escapes."""
    path = urlsplit(url).path.strip("/")
    plain = unquote(path)
    odd = not plain.isprintable() or "\\" in plain or {"..", "."} & set(plain.split("/"))
    return (path if odd else plain) or "index"


def with_query(url: str) -> str:
    """The same, with what is asked for behind it."""
    query = urlsplit(url).query
    return f"{as_path(url)}?{unquote(query)}" if query else as_path(url)


def is_data(url: str) -> bool:
    """Does it end, or what it asks for, in a known kind of file that is no web page?"""
    suffix = PurePosixPath(asked_for(url)).suffix.casefold()
    return is_kind(suffix) and suffix not in _PAGES


def one_wanted(url: str) -> Wanted:
    """A file whose address a person wrote.

    The path alone: a server that moves to another host keeps its keys, and a mirror has the same.
    """
    parts, path = urlsplit(url), unquote(urlsplit(url).path).strip("/") or "index"
    hosted = f"{parts.netloc}/{path}"
    return Wanted(ListedFile(path, url), (path, hosted, f"{hosted}?{parts.query}"))


def file_wanted(file: ListedFile, base: str, shown: Callable[[str], str], *, alone: bool) -> Wanted:
    """A file that a list names; base: the list's own address. What else is listed there changes nothing of its key.

    Its query belongs to it where the path does not say what the file is; its host, where that is not the list's, or
    where the entry names several. alone: it does not.
    """
    url = shown(file.url)
    parts, here, path = urlsplit(url), urlsplit(base).netloc, as_path(url)
    says = asked_for(parts._replace(query="").geturl()) != ""
    name = path if says or not parts.query else f"{path}?{parts.query}"
    name = name if alone and here in ("", parts.netloc) else f"{parts.netloc}/{name}"
    return Wanted(file, (name, f"{parts.netloc}/{path}", f"{parts.netloc}/{path}?{parts.query}"), linked=True)
