"""A list of addresses, of the web or of this machine: what it names, and what of that is chosen."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.fetching import content_of
from biglam_pipeline.harvest.listed import ListedFile
from biglam_pipeline.harvest.mirrors import from_first, is_of_a_mirror
from biglam_pipeline.harvest.protocols.files.places import Wanted, as_path, file_wanted, is_data, with_query
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.parsing.charsets import charset_of
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.link_header import next_of
from biglam_pipeline.parsing.links import Link, Links, links_of, sums_of
from biglam_pipeline.patterns import choose
from biglam_pipeline.records import Missing, StoredObject
from biglam_pipeline.store import disk
from biglam_pipeline.web import Answer, Expect
from biglam_pipeline.web.naming import asked_for

_NAMED = 3
"""Files, folders or lines that a message names."""
_MISSED = 1000
"""Lines that are reported one by one."""
_FILES_ELSEWHERE = re.compile(r"(?:ftps?|sftp|s3|gs|rsync|file):", re.IGNORECASE)
"""Links to files that are not on the web: https://www.iana.org/assignments/uri-schemes, and those of object storage."""
_SUMS = (".sha512", ".sha512sum", ".sha256", ".sha256sum", ".sha1", ".sha1sum", ".md5", ".md5sum")
"""How a file beside another is called that holds its checksum, the strongest first: the habit of GNU's `sha256sum`."""
_SUM_BYTES = 100_000


@dataclass(slots=True)
class Chosen:
    """What an address stands for."""

    files: list[Wanted] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    listed: int = 0
    folders: list[str] = field(default_factory=list)
    """Below the list, and not looked into."""
    following: dict[str, str] = field(default_factory=dict)
    """A list -> its next page."""
    lost: tuple[str, ...] = ()
    """Patterns of lists that could not be had: what the shelf has of these stays there."""

    known: set[str] = field(default_factory=set)
    """The addresses of the files that `add` took in."""

    def add(self, other: "Chosen") -> None:
        """Takes another address's in; a file that both name counts once."""
        self.files += [one for one in other.files if one.file.url not in self.known]
        self.known.update(one.file.url for one in other.files)
        self.missing += other.missing
        self.listed += other.listed
        self.folders += other.folders
        self.following |= other.following
        self.lost += other.lost


def fits(pattern: str, url: str) -> bool:
    """Is a file of this address chosen? By its path, with its query or without, or by the name in its query."""
    names = (as_path(url), with_query(url), asked_for(url).strip("/"))
    return any(choose([pattern], one) is not None for one in dict.fromkeys(names))


def from_list(
    visit: Visit,
    where: str,
    pattern: str,
    *,
    elsewhere: Sequence[str],
    held: Callable[[], Iterable[StoredObject]],
    alone: bool,
) -> Chosen:
    """What a list on the web names and the pattern chooses.

    elsewhere: its mirrors. held: what the shelf has of lists. alone: whether the entry names no other host.
    """
    try:
        answer = from_first(
            where, elsewhere, lambda place, _: visit.web.get(place, expect=_due(where)), visit.web.shown, visit.gone
        )
        base = _place_of(visit, where, answer)
        links = _read(content_of(answer), where, base, answer.media_type)
        links.following = links.following or _said_next(answer, base, where)
        found = _choose(visit, links, where, pattern, base, alone=alone)
        if links.is_page and _takes_all(pattern):
            known = {one.url for one in held() if fits(pattern, one.url)}
            if known and not known & {visit.web.shown(one.file.url) for one in found.files}:
                raise ObjectFailed("wall", _another_page(links, where, pattern, len(known)))
        return found
    except ObjectFailed as error:
        missing = Missing(visit.web.shown(as_path(where)), visit.web.shown(where), error.reason, error.detail)
        return Chosen(missing=[missing], lost=(pattern,))


def from_file(visit: Visit, written: str, pattern: str) -> Chosen:
    """The same of a list on this machine, which a person wrote: its addresses are as good as those of the entry."""
    path, where = visit.base / written, f"file:{written}"
    try:
        if disk.look(path) is None:
            raise ObjectFailed("not_found", f"there is no {path}; correct the path, or write the list")
        found = _choose(visit, _read(disk.read_file(path), where, "", ""), where, pattern, "", alone=True)
        return replace(found, files=[replace(one, linked=False) for one in found.files])
    except ObjectFailed as error:
        return Chosen(missing=[Missing(written, where, error.reason, error.detail)], lost=(pattern,))


def _said_next(answer: Answer, base: str, where: str) -> str:
    """The next page that the Link header names, of a list of any kind; a program says so, and no menu of a page."""
    try:
        whole = urljoin(base, next_of(answer.link)) if next_of(answer.link) else ""
    except ValueError:  # http://[
        whole = next_of(answer.link)
    return "" if whole.partition("#")[0] in (base, where) else whole


def _due(where: str) -> Expect:
    """A web page in the place of a text is a wall; anywhere else it is what a list may well be."""
    suffix = PurePosixPath(urlsplit(where).path).suffix.casefold()
    return "any" if suffix in (".txt", ".xml", ".csv", ".tsv") else "text"


def _place_of(visit: Visit, where: str, answer: Answer) -> str:
    """The address that a list's own are relative to: where it was found, not where a rewrite or a mirror has it."""
    return where if is_of_a_mirror(answer) else visit.web.unrewritten(answer.final_url)


def _read(data: bytes, where: str, base: str, media_type: str) -> Links:
    try:
        links = links_of(data, base, charset_of(media_type))
    except Unreadable as error:
        raise ObjectFailed("not_a_list", f"{where}: {error.detail}") from error
    if links.is_cut:
        raise ObjectFailed(
            "truncated", f"{where}: ends in the middle of a tag or a list, so it was cut; run again later"
        )
    return links


def _choose(visit: Visit, links: Links, where: str, pattern: str, base: str, *, alone: bool) -> Chosen:
    found = Chosen()
    every: list[Link] = []
    for link in links.found:
        kind = _kind(link, base, pattern, of_page=links.is_page)
        if kind == "folder":
            found.folders.append(link.address)
        elif kind:
            every.append(_upgraded(link, base) if links.is_page else link)
    found.listed = len(every)
    found.following = {where: links.following} if links.following else {}
    chosen = [link for link in every if fits(pattern, link.address)]
    found.missing += _unusable(visit, chosen, where)
    chosen = [link for link in chosen if link.is_web]
    if not chosen and not found.missing and not links.strange:
        raise ObjectFailed("not_found", _nothing(links, where, pattern, every, found.folders))
    found.missing += [
        Missing(f"{as_path(where)}#{number}", visit.web.shown(where), "not_a_list", _strange(where, line))
        for number, line in enumerate(links.strange[:_MISSED], 1)
    ]
    sums = _sums_among(every)
    for link in chosen:
        file = ListedFile(as_path(link.address), link.address, link.digest, link.size, link.digest)
        wanted = file_wanted(file, base, visit.web.shown, alone=alone)
        found.files.append(replace(wanted, sum_at="" if link.digest else sums.get(link.address, "")))
    return found


def _kind(link: Link, base: str, pattern: str, *, of_page: bool) -> str:
    """`file`, `folder`, or nothing: what is no file is not listed."""
    if not of_page:
        return "file"
    if not link.is_web:
        return "file" if _FILES_ELSEWHERE.match(link.address) else ""
    there, here = urlsplit(link.address), urlsplit(base)
    if there.netloc != here.netloc:
        if there.path.endswith("/"):
            return "folder" if not here.netloc else ""
        return "file" if is_data(link.address) or not here.netloc else ""
    folder = here.path.rpartition("/")[0] + "/"
    if there.path.endswith("/") and not there.query:
        return "folder" if there.path.startswith(folder) and there.path != here.path else ""
    if there.path == here.path:  # an index sorts itself by links to itself
        return "file" if there.query and (is_data(link.address) or "?" in pattern) else ""
    return "" if there.path.endswith("/") else "file"


def _upgraded(link: Link, base: str) -> Link:
    """A link of a page that came over https leads on over https, as far as its own host goes."""
    there, here = urlsplit(link.address), urlsplit(base)
    if (here.scheme, there.scheme) == ("https", "http") and there.netloc == here.netloc:
        return replace(link, address=f"https{link.address.removeprefix('http')}")
    return link


def _unusable(visit: Visit, chosen: list[Link], where: str) -> Iterator[Missing]:
    """What cannot be asked for, and is not listed by an address of the web beside."""
    names = {PurePosixPath(as_path(link.address)).name for link in chosen if link.is_web}
    for link in chosen:
        name = PurePosixPath(link.address.partition("?")[0]).name
        if not link.is_web and name not in names:
            said = visit.web.shown(link.address)[:200]
            detail = f"{where}: names {said}, which is no address of the web; write it out in https://…, or ignore it"
            yield Missing(said, said, "refused", detail)


def _takes_all(pattern: str) -> bool:
    return not re.search(r"[^\W_]", re.sub(r"\{\w+\}", "", pattern))


def _sums_among(every: list[Link]) -> dict[str, str]:
    """File -> the file beside that holds its checksum."""
    found: dict[str, str] = {}
    for suffix in reversed(_SUMS):
        for link in every:
            if link.address.casefold().endswith(suffix):
                found[link.address[: -len(suffix)]] = link.address
    return found


def digest_at(visit: Visit, wanted: Wanted) -> ListedFile:
    """The file with the checksum that lies beside it. ObjectFailed where that cannot be had, or is of another file."""
    answer = visit.web.get(wanted.sum_at, expect="text", max_bytes=_SUM_BYTES, linked=wanted.linked)
    name = PurePosixPath(unquote(urlsplit(wanted.file.url).path)).name
    sums = list(sums_of(content_of(answer).decode("utf-8-sig", "replace")))
    digests = {digest for said, digest in sums if not said or PurePosixPath(said).name == name}
    if len(digests) != 1:
        raise ObjectFailed(
            "checksum", f"{wanted.sum_at}: has no checksum of {name}, or several; tell the custodian, or ignore it"
        )
    digest = digests.pop()
    return replace(wanted.file, digest=digest, version=digest)


# --- what is said ---------------------------------------------------------------------------------------------


def _nothing(links: Links, where: str, pattern: str, every: list[Link], folders: list[str]) -> str:
    title = f' (its title is "{links.title[:80]}")' if links.title else ""
    if every:
        names = _some([with_query(link.address) for link in every])
        return f"{where}: no file that is listed there{title} ends like {pattern}; it has {names}; correct the pattern"
    if folders:
        first = folders[0]
        return (
            f"{where}: lists only folders{title}, {_some(folders)}, and one level is looked into; write the address of "
            f"a folder, {first}#{pattern}, with {{a,b}} for several"
        )
    return (
        f"{where}: lists no file{title}; open it in a browser: a log-in, a robot check, or a page that a script fills; "
        "correct the address, or write those of the files"
    )


def further(visit: Visit, where: str, following: str) -> Missing:
    """A page that another one names as its next, and the entry does not."""
    page, shown = visit.web.shown(following), visit.web.shown(where)
    detail = (
        f"{shown}: is one page of several, and says that {page} is the next; write that address beside it, or {{1..9}} "
        "for the number of the page"
    )
    return Missing(visit.web.shown(with_query(following)), page, "truncated", detail)


def _another_page(links: Links, where: str, pattern: str, known: int) -> str:
    return (
        f'{where}: names not one of the {known} files that it named before (its title is "{links.title[:80]}"); open '
        "it in a browser: a log-in or a robot check. Where it is right, write a pattern that has a part of the files' "
        f"names, such as #*.zip, and not only #{pattern}"
    )


def _strange(where: str, line: str) -> str:
    return (
        f"{where}: `{line[:80]}` is neither an address nor a remark behind #; mend the line: one address a line, with "
        "%20 for a blank in it"
    )


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
