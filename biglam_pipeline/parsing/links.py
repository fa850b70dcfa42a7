"""Which addresses does a list name? Of a web page its links, of a text one a line, with the checksum that stands there.

Links: https://html.spec.whatwg.org/multipage/links.html (`a` and `area`; a `link` is for programs: styles, icons);
addresses in them: https://url.spec.whatwg.org. Lists with checksums: `sha256sum` and its like, with or without `--tag`
(https://www.gnu.org/software/coreutils/manual/html_node/cksum-output-modes.html), `fetch.txt` and manifests of BagIt
(RFC 8493, 2.1.3 and 2.2.3). Site maps: https://www.sitemaps.org/protocol.html.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from lxml import etree

from biglam_pipeline.parsing.encodings import find_encoding, mend
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.reading import local, read_xml, root_name, text_of

_INSIDE = "and no list; leave #… out, and choose what is inside by `normalize: {files: …}`"
_OF_LISTS = {
    "sitemapindex": "is a list of site maps, and names no file itself; write the address of each in its place",
    "ListBucketResult": "is the list of an object store, of which this may be one page of many; write the addresses of "
    "the files in a text list, one a line",
}
"""Root element -> what is wrong. The second: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html"""
_LONGEST = 8000
"""Octets of an address that servers and clients should support (RFC 9110, 4.1)."""
_OUTER = "".join(map(chr, range(0x21)))
_PORTS = {"http": "80", "https": "443"}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ON_THE_WEB = re.compile(r"https?:[/\\]", re.IGNORECASE)
_SESSION = re.compile(r";jsessionid=[^/?#;]*|/\([SAF]\([^()/]*\)\)(?=/)", re.IGNORECASE)
"""Servlets (Jakarta Servlet 6.0, 7.1.3) and ASP.NET without cookies write who is asking into the path."""
_SESSION_NAMES = re.compile(r"jsessionid|phpsessid|aspsessionid\w*|cfid|cftoken", re.IGNORECASE)
"""The same in a query, as PHP (session.name) and ColdFusion do."""
_DIGESTS = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
"""Hexadecimal digits -> the checksum that has so many."""
_HEX = re.compile(r"[0-9A-Fa-f]+")
_SUM = re.compile(r"(\\?)([0-9A-Fa-f]{32,128})(?:[ \t]+[*]?|[*])(\S.*)")
_TAGGED = re.compile(r"(\\?)(MD5|SHA-?1|SHA-?224|SHA-?256|SHA-?384|SHA-?512) ?\((.+)\) ?= ?([0-9A-Fa-f]{32,128})")
_BAG = re.compile(r"(\S+)[ \t]+(\d+|-)[ \t]+(\S.*)")
_LISTS = re.compile(r"</?(?:pre|table|ul)\b", re.IGNORECASE)
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})|[^\x21-\x7e]")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,9}$")
_ESCAPES = {"\\\\": "\\", "\\n": "\n", "\\r": "\r"}


@dataclass(frozen=True, slots=True)
class Link:
    """One address that a list names."""

    address: str
    """Whole, without what stands behind `#` and without a session; as it stands where it cannot be made whole."""
    digest: str = ""
    """`sha256:…`, where the list has one."""
    size: int | None = None

    @property
    def is_web(self) -> bool:
        """Can it be asked?"""
        return bool(_ON_THE_WEB.match(self.address)) and bool(urlsplit(self.address).hostname)


@dataclass(slots=True)
class Links:
    """All that a list names, in its order, each once."""

    found: list[Link] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    """Lines that are neither an address nor a remark."""
    title: str = ""
    is_page: bool = False
    is_cut: bool = False
    """It ends in the middle of a tag, or of the list."""
    following: str = ""
    """Its next page, where it says that there is one."""


def links_of(data: bytes, base: str, charset: str = "") -> Links:
    """What a list names. base: its own address, or nothing; charset: as the server said. Unreadable: it is no list."""
    head = data[:2048]
    if data.startswith((b"PK\x03\x04", b"\x1f\x8b", b"%PDF", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf")):
        raise Unreadable("not_a_list", f"is an archive or a document, {_INSIDE}")
    if (root := root_name(head)) == "urlset":
        return _of_site_map(data)
    if root in _OF_LISTS:
        raise Unreadable("not_a_list", _OF_LISTS[root])
    found = find_encoding(data, server_charset=charset)
    text = mend(data.decode(found.encoding, "biglam_bytes")) if not found.is_clean else data.decode("utf-8-sig")
    if "\0" in text:
        raise Unreadable("not_a_list", f"is no text, {_INSIDE}")
    if text.lstrip().startswith(("{", "[")):
        raise Unreadable("not_a_list", "is JSON, and no list; write json+ in front, or a list of one address a line")
    links = _of_page(text, base) if _looks_like_html(text) else _of_lines(text, base)
    links.found = _once(links)
    return links


def _once(links: Links) -> list[Link]:
    """Each address once, with the checksum that one of its lines has; where two differ, nobody knows which is right."""
    found: dict[str, Link] = {}
    for link in links.found:
        known = found.setdefault(link.address, link)
        if link.digest and not known.digest:
            found[link.address] = link
        elif link.digest != known.digest and len(link.digest) == len(known.digest):
            links.strange.append(f"{link.address} {link.digest}")
    return list(found.values())


# --- pages ---------------------------------------------------------------------------------------------------


def _looks_like_html(text: str) -> bool:
    """No address has `<` in it (RFC 3986, 2), and a text list begins with an address, a checksum or a remark."""
    return text.lstrip().startswith("<") or bool(re.search(r"<(?:a|area|base)\s[^>]*href", text[:65536], re.IGNORECASE))


class _Seen:
    """What the parser reports, without a tree: an index may name a million files.

    The methods are called by lxml: https://lxml.de/parsing.html#the-target-parser-interface
    """

    def __init__(self) -> None:
        self.links: list[str] = []
        self.following: list[str] = []
        self.base: str | None = None
        self.title = ""
        self._in_title = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        href = attributes.get("href")
        self._in_title = tag == "title" and not self.title
        if href is not None and "next" in attributes.get("rel", "").casefold().split():
            self.following.append(href)
        if href is not None and tag in ("a", "area"):
            self.links.append(href)
        elif href is not None and tag == "base" and self.base is None:
            self.base = href

    def end(self, tag: str) -> None:
        self._in_title &= tag != "title"

    def data(self, text: str) -> None:
        if self._in_title and len(self.title) < 200:
            self.title += text

    def close(self) -> "_Seen":
        return self


def _of_page(text: str, base: str) -> Links:
    seen = _Seen()
    target: Any = seen
    parser = etree.HTMLParser(target=target, encoding="utf-8", no_network=True)
    parser.feed(text.encode("utf-8", "replace"))
    parser.close()
    links = Links(title=" ".join(seen.title.split()), is_page=True)
    links.is_cut = text.rfind("<") > text.rfind(">") or _is_unfinished(text)
    here = _whole(seen.base, base) if seen.base else base
    sheets = [
        whole for href in seen.following if (whole := _whole(href, here)).partition("?")[0] == base.partition("?")[0]
    ]
    links.following = next((one for one in sheets if one != _whole(base, "")), "")
    for href in seen.links:
        if address := _whole(href, here):
            links.found.append(Link(address))
    return links


def _is_unfinished(text: str) -> bool:
    """Was it cut between two tags? `</html>` may be left out (HTML, 13.1.2.4), and `</pre>`, `</table>` or `</ul>`, in
    which indexes have their files, by a careless hand; both are missing where a server died.
    """
    if not re.search(r"<html[\s>]", text[:4096], re.IGNORECASE) or re.search(r"</html\s*>", text, re.IGNORECASE):
        return False
    tags = Counter(found[0].casefold() for found in _LISTS.finditer(text))
    return any(tags[f"<{name}"] > tags[f"</{name}"] for name in ("pre", "table", "ul"))


def _whole(written: str, base: str) -> str:
    """The address that a link leads to, as browsers read it; empty where that is the page itself."""
    text = re.sub(r"[\t\r\n]", "", written.strip(_OUTER)).partition("#")[0]
    if not text:
        return ""
    if not _SCHEME.match(text) or _ON_THE_WEB.match(text):
        front, mark, query = text.partition("?")
        text = front.replace("\\", "/") + mark + query
    try:
        return _plain(urljoin(base, text))
    except ValueError:  # http://[ : whoever asks for it is told
        return ("http:" if text.startswith("//") else "") + text.replace("[", "%5B").replace("]", "%5D")


def _plain(address: str) -> str:
    """One spelling: no user, no default port, no session, the same letters escaped in the same way."""
    parts = urlsplit(address)
    if parts.scheme not in _PORTS:
        return address
    host = parts.netloc.rpartition("@")[2].lower().removesuffix(f":{_PORTS[parts.scheme]}")
    path = _spelled(_SESSION.sub("", parts.path)) or "/"
    if "/." in path and not path.startswith("//"):
        path = urljoin(f"{parts.scheme}://{host}/", path).partition(host)[2]
    pairs = [one for one in parts.query.split("&") if not _SESSION_NAMES.fullmatch(unquote(one.partition("=")[0]))]
    return urlunsplit((parts.scheme, host, path, _spelled("&".join(pairs)), ""))


def _spelled(part: str) -> str:
    """A path or a query in the one spelling that RFC 3986, 6.2.2, gives it: two of them are one file."""

    def one(found: re.Match[str]) -> str:
        if found[1] is None:
            return quote(found[0], safe="", errors="replace")
        letter = chr(int(found[1], 16))
        return letter if _UNRESERVED.fullmatch(letter) else found[0].upper()

    return _ESCAPED.sub(one, part)


# --- site maps -----------------------------------------------------------------------------------------------


def _of_site_map(data: bytes) -> Links:
    places = (text_of(one) for each in read_xml(data).root for one in each if local(one) == "loc")
    return Links([Link(whole) for place in places if (whole := _whole(place, ""))])


# --- texts ---------------------------------------------------------------------------------------------------


def _of_lines(text: str, base: str) -> Links:
    links = Links()
    for line in text.splitlines():
        bare = line.strip(_OUTER)
        if not bare or bare.startswith(("#", "//")):
            continue
        link = _of_line(bare, base)
        if link is None:
            links.strange.append(bare)
        else:
            links.found.append(link)
    return links


def _of_line(line: str, base: str) -> Link | None:
    if len(line) > _LONGEST:
        return None
    if found := _TAGGED.fullmatch(line):
        return _summed(found[3], found[4], base, escaped=bool(found[1]))
    if (found := _SUM.fullmatch(line)) and len(found[2]) in _DIGESTS:
        return _summed(found[3], found[2], base, escaped=bool(found[1]))
    if not _ON_THE_WEB.match(line) and "\t" not in line:
        if re.search(r"https?://", line, re.IGNORECASE):
            return None  # an address inside of something: a table, a text, a list with marks
        return Link(_named(line, base)) if not _SCHEME.match(line) else Link(line.split()[0])
    found = _BAG.fullmatch(line)  # BagIt's fetch.txt: what the file is called there is not where it lies
    if found and _ON_THE_WEB.match(found[1]) and not _ON_THE_WEB.search(found[3]):
        size = None if found[2] == "-" else int(found[2])
        return Link(_whole(found[1], base), _digest_in(found[3].split()), size)
    return _of_cells(line, base)


def _of_cells(line: str, base: str) -> Link | None:
    """A line of several: the one that is an address, with a checksum beside; None where two are."""
    cells = [cell.strip() for cell in (line.split("\t") if "\t" in line else line.split())]
    whole = [cell for cell in cells if _ON_THE_WEB.match(cell)]
    if "\t" not in line and len(cells) > 1 and cells[1].startswith("#"):
        return Link(_whole(cells[0], base))
    if len(whole) > 1 or ("\t" not in line and whole and _is_torn(whole[0], cells[-1])):
        return None
    digest = _digest_in(cells)
    if whole:
        return Link(_whole(whole[0].split()[0], base), digest)
    names = [cell for cell in cells if cell and not _is_digest(cell) and not cell.isdigit()]
    return Link(_named(names[0], base), digest) if len(names) == 1 else None


def _is_torn(address: str, last: str) -> bool:
    """`https://a.org/my file.csv`: is the end of a line another kind of file than the address, so that both are one?"""
    end = _EXTENSION.search(last)
    return end is not None and not unquote(address).casefold().endswith(end[0].casefold())


def _summed(name: str, digest: str, base: str, *, escaped: bool) -> Link:
    if escaped:
        name = re.sub(r"\\[\\nr]", lambda found: _ESCAPES[found[0]], name)
    written = name if _ON_THE_WEB.match(name) else _quoted(name)
    return Link(_whole(written, base), f"{_DIGESTS[len(digest)]}:{digest.lower()}")


def _named(name: str, base: str) -> str:
    return _whole(_quoted(name) if " " in name else name, base)


def _quoted(name: str) -> str:
    """The name of a file as an address: what would end a path there is escaped."""
    return "".join(f"%{ord(letter):02X}" if letter in "%?#\t\r\n " else letter for letter in name.replace("\\", "/"))


def _is_digest(cell: str) -> bool:
    return len(cell) in _DIGESTS and bool(_HEX.fullmatch(cell))


def _digest_in(cells: list[str]) -> str:
    found = [f"{_DIGESTS[len(cell)]}:{cell.lower()}" for cell in cells if _is_digest(cell)]
    return found[-1] if len(found) == 1 else ""


def sums_of(text: str) -> Iterator[tuple[str, str]]:
    """(name, `sha256:…`) of every line of a file with checksums; the name is empty where the line has none."""
    for line in text.splitlines():
        bare = line.strip(_OUTER)
        if _is_digest(bare):
            yield "", f"{_DIGESTS[len(bare)]}:{bare.lower()}"
        elif (link := _of_line(bare, "")) is not None and link.digest:
            yield unquote(link.address), link.digest
