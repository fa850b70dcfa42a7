"""What is in a record of a web archive? Whether it is a page or a text, and what that says."""

import io
import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import redirect_stderr, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from biglam_pipeline.normalize.rows.rights_of import column_of_term
from biglam_pipeline.parsing.charsets import charset_of
from biglam_pipeline.parsing.encodings import BYTES, find_encoding, mend
from biglam_pipeline.parsing.html import charset_in_html
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.link_header import links_of
from biglam_pipeline.parsing.warc.answers import Answer, Body, body_of, read_answer
from biglam_pipeline.parsing.warc.digests import judge
from biglam_pipeline.parsing.warc.framing import MAX_BLOCK_BYTES, WarcRecord
from biglam_pipeline.parsing.web_page import Said, WebPage, read_page
from biglam_pipeline.records import Item

MAY_BE_ROWS = frozenset({"response", "resource", "conversion"})
"""Types of records that hold what was found (5.5); all others are about it, or are bookkeeping."""
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_TEXT = _HTML | {"text/plain"}
_LOOKS_LIKE_HTML = re.compile(
    rb"[\t\n\f\r ]*<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|!--)[ >]", re.I
)
"""https://mimesniff.spec.whatwg.org/#identifying-a-resource-with-an-unknown-mime-type"""
_OF_CRAWLERS = ("metadata://gnu.org/software/wget/", "urn:x-wpull:")
"""Addresses under which crawlers archive their own arguments and logs as plain text: src/warc.c of GNU Wget, and
https://github.com/ArchiveTeam/wpull, wpull/warc/recorder.py.
"""
_PART = 206
"""Partial Content (RFC 9110, 15.3.7)."""
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}")


@dataclass(frozen=True, slots=True)
class Content:
    """What is read of a record."""

    target: str
    """The address that was asked."""
    status: int | None = None
    """Of HTTP; None for a resource or a conversion."""
    media_type: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    """What the server said."""
    title: str = ""
    language: str = ""
    text: str = ""
    is_html: bool = False
    statements: Mapping[str, list[str]] = field(default_factory=dict)
    """Columns of rights."""
    problems: tuple[str, ...] = ()


def is_answer(record: WarcRecord) -> bool:
    """Whether the block is an answer of HTTP, header and all, as also a revisit has it."""
    begins = (record.block or record.begins)[:5]
    answered = record.fields.get("warc-type", "").casefold() == "response" and begins == b"HTTP/"
    return _says_http(record.fields) or answered


def _says_http(fields: Mapping[str, str]) -> bool:
    return fields.get("content-type", "").casefold().startswith("application/http")


def target_of(fields: Mapping[str, str]) -> str:
    """Its address; WARC 1.0 has it between angle brackets, and no tool writes them."""
    return fields.get("warc-target-uri", "").strip("<> ")


def why_none(record: WarcRecord) -> str:
    """What a record of these types is that is no page and no text; empty for one that is, or that cannot be read."""
    begins = record.begins if record.block is None else record.block
    if not is_answer(record):
        return _why_none(record.fields, None, record.fields.get("content-type", ""), begins)
    try:
        answer = read_answer(begins)
        said = answer.fields.get("content-type", "")
        return _why_none(record.fields, answer.status, said, b"" if said.strip() else body_of(answer).data)
    except Unreadable:
        return ""  # `content_of` says why


def _why_none(fields: Mapping[str, str], status: int | None, said: str, begins: bytes) -> str:
    if status == _PART:
        return "responses that are a part of something (206)"
    if status is not None and not 200 <= status < 300:
        return f"responses of status {status // 100}xx"
    if is_robots(target_of(fields)):
        return "robots.txt"
    if target_of(fields).lower().startswith(_OF_CRAWLERS):
        return "logs and arguments of the crawler"
    kind = media_type_of(said, begins)
    return "" if kind in _TEXT else f"{fields.get('warc-type', '').casefold()}s of {kind or 'no media type'}"


def is_robots(target: str) -> bool:
    """What a crawler asks for itself: RFC 9309, 2.3."""
    try:
        return urlsplit(target).path == "/robots.txt"
    except ValueError:
        return False


def media_type_of(said: str, begins: bytes) -> str:
    """As it is said; where nothing is, HTML is known by how it begins. Empty where it is not known."""
    if not said.strip():
        return "text/html" if _LOOKS_LIKE_HTML.match(begins) else ""
    found = _MEDIA_TYPE.match(said.strip())
    return found[0].casefold() if found else ""


def content_of(record: WarcRecord, *, every: bool) -> Content:
    """What a record holds. every: whether it is a row whatever it is.

    Unreadable where it is not what was archived, or not what it says it is.
    """
    if record.block is None:
        raise Unreadable("too_large", f"its block is above {MAX_BLOCK_BYTES} bytes; leave the file out with `files`")
    problems = _verified(record)
    fields, target = record.fields, target_of(record.fields)
    if fields.get("warc-segment-number"):
        raise Unreadable("segmented", "it goes on in continuation records, which are not joined; join them before")
    if not is_answer(record):
        answer, body = Answer(0, {}, b""), Body(record.block)
        said, status = fields.get("content-type", ""), None
    else:
        answer = read_answer(record.block)
        said, status = answer.fields.get("content-type", ""), answer.status
        body = body_of(answer) if not every or media_type_of(said, b"<p>") in _TEXT else Body(answer.body)
        problems += [*body.problems, *_payload(record, answer, body)]
    kind = media_type_of(said, body.data)
    if fields.get("warc-truncated"):
        problems.append(f"text: truncated when it was crawled ({fields['warc-truncated'][:20]})")
    elif not body.is_whole:
        raise Unreadable("http_cut", "its body ends in the middle, and the archive does not say so; crawl it again")
    if kind not in _TEXT:
        return Content(target, status, kind, answer.fields, problems=(*problems, "text: there is none"))
    page, wrong = _page(body.data, said, is_html=kind in _HTML)
    statements = _statements([*page.said, *_in_header(answer)], target)
    empty = () if page.text else ("text: there is none",)
    return Content(
        *(target, status, kind, answer.fields, page.title, page.language, page.text, kind in _HTML, statements),
        (*problems, *wrong, *empty),
    )


def _verified(record: WarcRecord) -> list[str]:
    assert record.block is not None
    verdict = judge(record.fields.get("warc-block-digest", ""), [record.block])
    if verdict == "other" and not record.fields.get("warc-truncated"):
        raise Unreadable("warc_digest", "its block is not what was archived, by its own digest; harvest the file again")
    return ["warc: its digest is of an algorithm that nothing here knows"] if verdict == "unknown" else []


def _payload(record: WarcRecord, answer: Answer, body: Body) -> list[str]:
    """By the standard it is taken of the body without chunks; most tools take it of the body as it was sent."""
    said = record.fields.get("warc-payload-digest", "")
    if record.fields.get("warc-type", "").casefold() == "revisit" or record.fields.get("warc-truncated"):
        return []  # it is that of what is not in here
    verdict = judge(said, (answer.body, body.sent, body.data))
    return ["warc: the payload is not what its digest says"] if verdict == "other" else []


def _page(data: bytes, said: str, *, is_html: bool) -> tuple[WebPage, tuple[str, ...]]:
    charset = charset_of(said) or (charset_in_html(data) if is_html else "")
    found = find_encoding(data, server_charset=charset)
    text = data.decode(found.encoding, BYTES)
    text = text if found.is_clean else mend(text)
    wrong = (found.problem,) if found.problem else ()
    if "\0" in text:
        raise Unreadable("not_text", "it holds NUL bytes, so it is no text, whatever the server called it")
    if is_html:
        return read_page(text), wrong
    return WebPage("", "", text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")), wrong


def _in_header(answer: Answer) -> Iterable[Said]:
    """RFC 8288: a header Link says what <link> says."""
    return [Said("license", one, is_address=True) for one in links_of(answer.fields.get("link", ""), "license")]


def _statements(said: Iterable[Said], target: str) -> dict[str, list[str]]:
    """Columns of rights, each statement once, with whole addresses."""
    found: dict[str, list[str]] = {}
    for one in said:
        column = column_of_term(re.split(r"[.:/#]", one.name)[-1]) or column_of_term(one.name)
        value = " ".join(one.value.split())
        if one.is_address:
            with suppress(ValueError):
                value = urljoin(target, value)
        if column and value and value not in found.setdefault(column, []):
            found[column].append(value)
    return {column: values for column, values in found.items() if values}


def count_rows(item: Item, types: Collection[str] | None) -> int | None:
    """How many records of a file are rows, as warcio frames them; None where it gives up, which it does in silence too.

    types: all records of these are rows.
    """
    count = 0
    try:
        with item.open() as stream, redirect_stderr(io.StringIO()):
            records = ArchiveIterator(stream)
            for record in records:
                if record.format != "warc" or not (record.rec_headers.get_header("Content-Length") or "").isdigit():
                    return None  # without a length it takes all that follows for one record
                kind = record.rec_type
                count += kind in types if types is not None else kind in MAY_BE_ROWS and _is_row(record)
            return None if records.err_count or stream.read(1) else count
    except (ArchiveLoadFailed, EOFError, OSError, ValueError, AttributeError):
        return None


def _is_row(record: Any) -> bool:
    fields = {name.casefold(): value for name, value in reversed(record.rec_headers.headers)}
    http = record.http_headers
    if http is not None and not (_says_http(fields) or http.protocol.startswith("HTTP/")):
        http = None  # warcio goes by the scheme of the address, and took the first line of something else for a status
    code = "200" if http is None else http.get_statuscode() or ""
    if not code.isdigit():
        return True  # a reject
    status = None if http is None else int(code)
    said = fields.get("content-type", "") if http is None else http.get_header("content-type") or ""
    begins = b"" if said.strip() else record.content_stream().read(512)
    return not _why_none(fields, status, said, begins)
