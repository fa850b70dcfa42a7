"""Which address does an entry name for what somebody pasted: a page of a repository, a server, a file, a folder?"""

import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

from biglam_pipeline.errors import ConfigError, ObjectFailed
from biglam_pipeline.harvest.address import BUILT, OWED
from biglam_pipeline.harvest.fetching import head_of
from biglam_pipeline.harvest.ways_out import instead
from biglam_pipeline.language import not_built
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.links import Link, Links, links_of
from biglam_pipeline.proposing.choosing import choose_files
from biglam_pipeline.proposing.contents import HEAD_BYTES, Kind, kind_of
from biglam_pipeline.proposing.pages import MOST_BYTES, FewPages
from biglam_pipeline.secrecy import secret_fault, secrets_in, without_secrets
from biglam_pipeline.store import disk
from biglam_pipeline.web import Answer

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_WEB = ("https://", "http://")
_KINDS = tuple(dict.fromkeys(BUILT.values()))
_OAI = re.compile(r"(?<![a-z])oai", re.IGNORECASE)
_WALL = re.compile(r"log[\s-]?in|sign[\s-]?in|captcha|robot|access denied|just a moment|consent|anmeld|connexion", re.I)


@dataclass(slots=True)
class Address:
    """What an entry writes under `harvest`, and what was seen on the way there."""

    written: str
    title: str = ""
    page: str = ""
    """The page for people that was looked at."""
    notes: list[str] = field(default_factory=list)


def find_address(text: str, web: FewPages, scratch: Path, base: Path) -> Address:
    """base: the folder that local addresses are relative to. ConfigError where nothing can be harvested there, with
    what to write instead; ObjectFailed, ServerBusy, SourceChanged as of `Web.get`.
    """
    text = text.strip()
    if _CONTROL.search(text):
        raise ConfigError("a control character stands in the address; take it out")
    if names := secrets_in(text):
        raise ConfigError(f"the address is not asked: {secret_fault(names)}")
    if not text:
        raise ConfigError("the address is empty; write where the source is")
    _check_host(text)
    if meant := _meant(text):
        return Address(meant, page=text if text.startswith(_WEB) else "")
    if text.startswith(_WEB):
        return _on_the_web(text, web, scratch)
    for begins, how in OWED.items():
        if text.startswith(begins):
            raise ConfigError(f"{text}: {not_built(begins, how)}")
    if text.startswith(tuple(one for one in BUILT if not one.startswith(_WEB))):
        return Address(text)
    return _local(text, base)


def _check_host(text: str) -> None:
    if text.startswith("//"):
        raise ConfigError(f"{text[:200]}: names no protocol; write https:{text[:200]}")
    try:
        bare = text.startswith(_WEB) and not urlsplit(text).hostname
    except ValueError as wrong:  # brackets of IPv6, signs that stand for several
        raise ConfigError(f"{text[:200]}: is no address ({wrong}); correct its host") from None
    if bare:
        raise ConfigError(f"{text[:200]}: names no host; write https://HOST/...")


def _meant(text: str) -> str:
    """The address of the language for a page that a browser shows; nothing where that is none of them."""
    found = next((meant for kind in _KINDS if (meant := kind.meant_by(text))), "")
    return found if found.startswith(tuple(BUILT)) and found != text else ""


def _local(text: str, base: Path) -> Address:
    path = Path(text).expanduser()
    whole = path if path.is_absolute() else Path.cwd() / path
    if not _is_there(whole):
        raise ConfigError(
            f"`{without_secrets(text)[:200]}` is neither an address nor a file here; {instead(text[:200], BUILT)}"
        )
    near = whole.relative_to(base) if whole.is_relative_to(base) else whole
    folder = "/" if disk.is_folder(whole) and near == Path() else ""
    return Address(f"file:{near}{folder}")


def _is_there(path: Path) -> bool:
    try:
        return disk.look(path) is not None or disk.is_folder(path)
    except (OSError, ValueError):  # longer than any name of a file
        return False


def _on_the_web(text: str, web: FewPages, scratch: Path) -> Address:
    front, mark, _ = text.partition("#")
    try:
        answer = web.get(front, into=scratch, also_status=(400, 422))
    except ObjectFailed as failed:
        if failed.reason != "too_large":
            raise
        note = (
            f"{front} is larger than {MOST_BYTES // 10**6} MB, so nothing of it was looked at; its name says what it is"
        )
        return Address(text, notes=[note])
    head = head_of(answer)[:HEAD_BYTES] if answer.content is None else answer.content[:HEAD_BYTES]
    kind = kind_of(head, answer.name or unquote(urlsplit(front).path))
    if b"<OAI-PMH" in head[:2000]:
        return Address(_of_oai(front))
    if kind.word == "page":
        return _of_page(front, text if mark else "", answer, web)
    if kind.word == "text" and (links := _links(answer, front)) and choose_files(list(_named(links))).names:
        return _of_links(front, links, page="")
    if kind.word == "empty":
        raise ConfigError(f"{front}: what came is empty; open it in a browser, and write the address of what it shows")
    if kind.word in ("json", "iiif"):
        return Address(_of_json(front, kind))
    return Address(text)


def _of_json(front: str, kind: Kind) -> str:
    if kind.word == "iiif":
        return f"iiif+{front}"
    parts = urlsplit(front)
    is_file = PurePosixPath(parts.path).suffix.casefold() in (".json", ".geojson", ".jsonld") and not parts.query
    return front if is_file else f"json+{front}"


def _of_oai(front: str) -> str:
    """The base URL with the list's own arguments, whatever verb was asked."""
    parts = urlsplit(front)
    ours = ("verb", "resumptionToken", "from", "until", "identifier")
    kept = {name: value for name, value in parse_qsl(parts.query) if name not in ours}
    arguments = {"metadataPrefix": kept.pop("metadataPrefix", "oai_dc"), **kept}
    query = "&".join(f"{quote(name)}={quote(value, safe=':/+')}" for name, value in arguments.items())
    return f"oai+{urlunsplit((parts.scheme, parts.netloc, parts.path, query, ''))}"


def _of_page(front: str, with_pattern: str, answer: Answer, web: FewPages) -> Address:
    """A page for people: of a repository that is known, of an OAI server, or one with links to files."""
    if meant := _meant(answer.final_url) or ("" if answer.final_url == front else _meant(answer.url)):
        return Address(meant, page=front)
    if _OAI.search(urlsplit(front).path):  # some servers greet people at their base URL
        try:
            said = web.get(f"{front.partition('?')[0]}?verb=Identify", expect="xml")
        except ObjectFailed:
            said = None
        if said is not None and b"<OAI-PMH" in (said.content or b"")[:2000]:
            return Address(_of_oai(front.partition("?")[0]), page=front)
    links = _links(answer, front)
    if with_pattern:
        return Address(with_pattern, links.title if links else "", front)
    if links is None:
        raise ConfigError(f"{front}: is a page for people that cannot be read; write the address of the file itself")
    return _of_links(front, links, page=front)


def _links(answer: Answer, base: str) -> Links | None:
    data = answer.content
    if data is None:
        return None
    try:
        return links_of(data, answer.final_url or base)
    except Unreadable:
        return None


def _named(links: Links) -> dict[str, str]:
    """Path -> address of what can be asked."""
    return {unquote(urlsplit(one).path).lstrip("/"): one for one in map(_as_written, links.found) if one}


def _as_written(link: Link) -> str:
    """As `harvest` takes it, where braces choose."""
    return link.address.replace("{", "%7B").replace("}", "%7D") if link.is_web else ""


def _of_links(front: str, links: Links, page: str) -> Address:
    """The file, or the files of one kind, that a list names."""
    names = _named(links)
    chosen = choose_files(list(names))
    if not chosen.names:
        title = f' ("{links.title[:80]}")' if links.title else ""
        if page and _WALL.search(links.title):
            why = "is a wall: open it in a browser, and write an address that answers without a log-in or a robot check"
            raise ConfigError(f"{front}{title}: {why}")
        why = (
            "is a page for people and links to no file that is data; open it, and write the address of the file that it"
        )
        raise ConfigError(
            f"{front}{title}: {why} offers, of its API (json+https://...), or of its OAI server (oai+...)"
        )
    if len(chosen.names) > 1:
        return Address(f"{front}#{chosen.pattern}", links.title, page, [*chosen.notes])
    return Address(names[chosen.names[0]], links.title, page, [*chosen.notes])
