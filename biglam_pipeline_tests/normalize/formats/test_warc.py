"""Web archives: pages are rows, all else is counted, and a spoiled record takes no other along."""

import base64
import gzip
import hashlib
import io
import re
import time
import tracemalloc
import zlib
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from biglam_pipeline.parsing.archives import is_archive
from biglam_pipeline.parsing.archives.kinds import opens_inside
from biglam_pipeline.parsing.warc import framing
from biglam_pipeline.records import Bundle, Item, Record
from biglam_pipeline_tests.contracts.specimens import Specimen
from biglam_pipeline_tests.normalize.bundles import (
    item,
    read,
    read_one,
    reader,
    real_folder,
    reasons,
    records,
    rejects,
    unmapped,
)
from biglam_pipeline_tests.normalize.formats.test_blanking import by_id, bytes_of, take_out

pack = partial(gzip.compress, mtime=0)


def record(
    kind: str, block: bytes, number: int, *fields: str, length: int | None = None, gap: bytes = b"\r\n\r\n"
) -> bytes:
    """One record, as it is written."""
    size = len(block) if length is None else length
    head = [
        *("WARC/1.0", f"WARC-Type: {kind}", f"WARC-Record-ID: <urn:uuid:{number:032x}>"),
        *("WARC-Date: 2019-05-04T03:02:01Z", f"Content-Length: {size}", *fields),
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + block + gap


def http(body: bytes, *fields: str, status: str = "200 OK", kind: str = "text/html") -> bytes:
    said = [f"HTTP/1.1 {status}", *([f"Content-Type: {kind}"] if kind else []), *fields]
    return "\r\n".join(said).encode() + b"\r\n\r\n" + body


def page(number: int, body: bytes = b"", *fields: str, more: tuple[str, ...] = (), **answer: Any) -> bytes:
    """A response with a page in it. fields: of HTTP; more: of the record."""
    body = body or b"<html lang=en><title>Page %d</title><p>Text %d.</html>" % (number, number)
    said = ("Content-Type: application/http; msgtype=response", f"WARC-Target-URI: https://a.org/{number}", *more)
    return record("response", http(body, *fields, **answer), number, *said)


def sha1(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


INFO = record("warcinfo", b"software: test\r\n", 900, "Content-Type: application/warc-fields")
AT = "WARC-Target-URI: https://a.org/1"
ASKED = record("request", b"GET / HTTP/1.1\r\n\r\n", 901, "Content-Type: application/http; msgtype=request", AT)
AGAIN = record("revisit", http(b""), 11, "Content-Type: application/http", AT, f"WARC-Refers-To: <urn:uuid:{1:032x}>")
PLAIN = record(
    "resource", b"A plain text.\r\n", 7, "Content-Type: text/plain", "WARC-Target-URI: file:///x/with blank.txt"
)
PICTURE = record("resource", b"\x89PNG", 8, "Content-Type: image/png", "WARC-Target-URI: https://a.org/8.png")
ALL = [INFO, page(1), ASKED, page(2, status="404 Not Found"), page(3), PLAIN, PICTURE]
SPECIMEN = Specimen(
    {"crawl.warc": b"".join(ALL), "packed.warc.gz": b"".join(map(pack, [INFO, page(4), page(5)]))},
    records=5,
    version=3,
    digest="804290dad4568e49",
)


def rows(data: bytes, **block: Any) -> list[Record]:
    return records(read_one(reader(type="warc", **block), "a/crawl.warc", data))


def only(data: bytes, **block: Any) -> Record:
    (one,) = rows(data, **block)
    return one


def counts(data: bytes, **block: Any) -> Counter[str]:
    found = read_one(reader(type="warc", **block), "a/crawl.warc", data)
    return sum((Counter(one.filled) for one in unmapped(found)), Counter())


def expected(data: bytes, **block: Any) -> int | None:
    one = item("a/crawl.warc", data)
    return reader(type="warc", **block).expected(Bundle("b", (one,)))  # type: ignore[attr-defined, no-any-return]


def test_a_page_is_a_row() -> None:
    one = only(page(1))
    assert one.source_record_id == f"urn:uuid:{1:032x}"
    assert one.values == {
        "text": "Text 1.",
        "title": "Page 1",
        "languages": ["en"],
        "source_url": "https://a.org/1",
        "text_unit": "document",
        "text_origin": "born_digital",
        "transforms": ["html-text/1"],
        "type": "Text",
        "date_raw": ["2019-05-04T03:02:01Z"],
        "date_type": "captured",
        "year_evidence": "none",
    }
    assert (one.datestamp, one.problems, str(one.place)) == ("2019-05-04T03:02:01Z", (), "record 1")


def test_what_is_no_page_is_counted_as_what_it_is() -> None:
    dns = record(
        "response", b"20190504\r\na.org. 1 IN A 1.2.3.4\r\n", 9, "Content-Type: text/dns", "WARC-Target-URI: dns:a.org"
    )
    robots = page(10, b"User-agent: *", kind="text/plain").replace(b"https://a.org/10", b"https://a.org/robots.txt")
    data = b"".join([*ALL, dns, robots, AGAIN, record("metadata", b"a: b", 12), page(13, kind="application/pdf")])
    assert counts(data) == {
        "records of type warcinfo": 1,
        "records of type request": 1,
        "records of type revisit": 1,
        "records of type metadata": 1,
        "responses of status 4xx": 1,
        "resources of image/png": 1,
        "robots.txt": 1,
        "responses of text/dns": 1,
        "responses of application/pdf": 1,
    }
    assert len(rows(data)) == 3 == expected(data)


@pytest.mark.parametrize(
    "target", ["metadata://gnu.org/software/wget/warc/wget.log", "urn:X-wpull:log", "<urn:X-wpull:log>"]
)
def test_what_a_crawler_says_of_itself_is_no_text(target: str) -> None:
    data = record("resource", b"2 files", 1, "Content-Type: text/plain", f"WARC-Target-URI: {target}") + page(2)
    assert len(rows(data)) == expected(data) == 1
    assert counts(data)["logs and arguments of the crawler"] == 1


def test_an_entry_may_ask_for_every_record_and_choose_itself() -> None:
    data = b"".join([*ALL, AGAIN])
    found = rows(data, records="all", map={"extra": {"kind": "$warc_type", "of": "$refers_to", "status": "$status"}})
    assert [(one.extra["kind"], one.extra.get("status"), one.values["text"]) for one in found] == [
        *[("response", "200", "Text 1."), ("response", "404", "Text 2."), ("response", "200", "Text 3.")],
        *[("resource", None, "A plain text."), ("resource", None, ""), ("revisit", "200", "")],
    ]
    assert found[-1].extra["of"] == f"urn:uuid:{1:032x}"
    assert found[-1].problems == ("text: there is none",)
    assert expected(data, records="all") == 6
    chosen = rows(data, records="all", where={"$status": "404"})
    assert [one.values["title"] for one in chosen] == ["Page 2"]


def test_records_are_described_alone_where_the_entry_wants_no_text() -> None:
    one = only(page(1), modality="metadata")
    assert "text" not in one.values
    assert one.values["raw_record"].startswith("WARC/1.0\r\nWARC-Type: response")


@pytest.mark.parametrize(
    "packed",
    [
        b"".join(map(pack, ALL)),
        pack(b"".join(ALL)),
        b"".join(pack(b"".join(ALL)[at : at + 100]) for at in range(0, len(b"".join(ALL)), 100)),
        b"".join(ALL).replace(b"\r\n\r\nWARC", b"WARC"),
        b"".join(ALL).replace(b"WARC/1.0", b"WARC/1.1").replace(b"WARC-Type: ", b"warc-type:\t"),
        b"\r\n" + b"".join(ALL) + b"\r\n\r\n",
    ],
    ids=["a member a record", "one member", "members that end anywhere", "no blank lines", "1.1", "blank lines around"],
)
def test_however_it_is_packed(packed: bytes) -> None:
    assert [one.values["text"] for one in rows(packed)] == ["Text 1.", "Text 3.", "A plain text."]


LOOSE = [
    page(1).replace(b"https://a.org/1\r", b"<https://a.org/1>\r").replace(b"WARC/1.0", b"WARC/0.18"),
    page(1).replace(b"WARC-Date: ", b"WARC-Date:\r\n \t"),
    page(1).replace(b"text/html", b'TEXT/HTML;Charset="utf8"'),
    page(1).replace(b"HTTP/1.1 200 OK", b"HTTP/2   200"),
    page(1).replace(b"WARC-Target-URI", b"warc-target-uri").replace(b"Content-Type: app", b"content-type:App"),
]


@pytest.mark.parametrize("data", LOOSE)
def test_what_tools_write_otherwise_is_read_all_the_same(data: bytes) -> None:
    """The words of a record and of HTTP in any case, folded lines, angle brackets of 1.0, the drafts before it."""
    size = len(data.partition(b"\r\n\r\n")[2]) - 4
    data = re.sub(rb"(?i)(?<=content-length: )\d+", b"%d" % size, data, count=1)
    one = only(data + page(2, status="206 Partial Content"))
    assert (one.values["text"], one.values["source_url"]) == ("Text 1.", "https://a.org/1")
    assert one.values["date_raw"] == ["2019-05-04T03:02:01Z"]
    assert counts(data + page(2, status="206 Partial Content")) == {"responses that are a part of something (206)": 1}


def test_line_feeds_alone_end_lines_too() -> None:
    block = http(b"<p>Text").replace(b"\r\n", b"\n")
    one = record("response", block, 1, "Content-Type: application/http", AT)
    one = one.replace(b"\r\n", b"\n")
    assert [row.values["text"] for row in rows(one + one.replace(b"0001>", b"0002>"))] == ["Text", "Text"]


def test_the_plain_texts_that_common_crawl_makes_are_rows() -> None:
    made = record(
        "conversion", "Caf\u00e9\nTwo".encode(), 1, "Content-Type: text/plain", AT, "WARC-Refers-To: <urn:uuid:9>"
    )
    one = only(made, map={"extra": {"of": "$refers_to"}})
    assert (one.values["text"], one.extra) == ("Caf\u00e9\nTwo", {"of": "urn:uuid:9"})


def chunked(body: bytes) -> bytes:
    return b"%x;a=b\r\n%b\r\n0\r\n\r\n" % (len(body), body)


def bare(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


P = b"<p>caf\xc3\xa9"
SENT = [
    (P, ("Content-Encoding: identity",), ()),
    (pack(P), ("Content-Encoding: gzip",), ()),
    (zlib.compress(P), ("Content-Encoding: deflate",), ()),
    (bare(P), ("Content-Encoding: deflate",), ()),
    (chunked(P), ("Transfer-Encoding: chunked",), ()),
    (chunked(pack(P)), ("Transfer-Encoding: chunked", "Content-Encoding: x-gzip"), ()),
    (zlib.compress(pack(P)), ("Content-Encoding: gzip, deflate",), ()),
    (P, ("Content-Encoding: gzip",), ("http: says gzip, and is stored unpacked",)),
    (P, ("Transfer-Encoding: chunked",), ("http: says chunked, and is stored joined",)),
]


@pytest.mark.parametrize(("body", "fields", "problems"), SENT)
def test_a_body_is_read_however_it_was_sent(body: bytes, fields: tuple[str, ...], problems: tuple[str, ...]) -> None:
    one = only(page(1, body, *fields))
    assert (one.values["text"], one.problems) == ("caf\u00e9", problems)
    assert expected(page(1, body, *fields)) == 1


@pytest.mark.parametrize(
    ("body", "fields", "reason"),
    [
        (pack(P * 99)[:-12], ("Content-Encoding: gzip",), "http_cut"),
        (chunked(P)[:-9], ("Transfer-Encoding: chunked",), "http_cut"),
        (b"\x0b\x02\x80abc\x03", ("Content-Encoding: br",), "coding_unknown"),
        (b"70 MB of zeros", ("Content-Encoding: gzip",), "http_bomb"),
        (b"<p>a\0b", (), "not_text"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_reject(body: bytes, fields: tuple[str, ...], reason: str) -> None:
    body = pack(bytes(70_000_000)) if reason == "http_bomb" else body  # not packed where tests are only collected
    data = page(1) + page(2, body, *fields) + page(3)
    found = read_one(reader(type="warc"), "a/crawl.warc", data)
    assert reasons(found) == [reason]
    assert [one.values["title"] for one in records(found)] == ["Page 1", "Page 3"]
    assert expected(data) == 3


@pytest.mark.parametrize(
    ("body", "kind", "text", "said"),
    [
        ("<p>\u00fcber".encode("cp1252"), "text/html; charset=iso-8859-1", "\u00fcber", "Windows-1252"),
        ("<meta charset=koi8-r><p>\u043c\u0438\u0440".encode("koi8-r"), "text/html", "\u043c\u0438\u0440", "KOI8-R"),
        ("<p>\u00fcber".encode(), "text/html; charset=iso-8859-1", "\u00fcber", ""),
        ("<p>\u00fcber".encode("utf-16"), "text/html", "\u00fcber", ""),
    ],
)
def test_encodings(body: bytes, kind: str, text: str, said: str) -> None:
    one = only(page(1, body, kind=kind))
    assert one.values["text"] == text
    assert said in "".join(one.problems)
    assert bool(said) == bool(one.problems)


def test_what_has_no_media_type_is_known_by_how_it_begins() -> None:
    data = page(1, b" <!DOCTYPE html><p>old", kind="") + page(2, b"GIF89a", kind="")
    assert [one.values["text"] for one in rows(data)] == ["old"]
    assert counts(data) == {"responses of no media type": 1}
    assert expected(data) == 1


def test_a_response_is_known_by_its_status_line_where_its_record_does_not_say_what_it_is() -> None:
    for said in (b"", b"Content-Type: application/octet-stream\r\n"):
        data = page(1).replace(b"Content-Type: application/http; msgtype=response\r\n", said)
        assert only(data).values["text"] == "Text 1."
        assert expected(data) == 1


def test_nobody_knows_how_many_records_a_damaged_archive_has() -> None:
    """warcio ends at some damage without a word: what it counted until then is no number to be held against."""
    for data in (page(1) + page(2)[:-60], page(1) + b"noise\r\n" + page(2), page(1).replace(b"Content-Length", b"X")):
        assert expected(data + page(3)) is None


def test_digests_are_verified() -> None:
    body = b"<p>one"
    block = http(body, "Transfer-Encoding: chunked")
    good = page(1, body, more=(f"WARC-Block-Digest: {sha1(http(body))}", f"WARC-Payload-Digest: {sha1(body)}"))
    assert only(good).problems == ()
    written = f"WARC-Block-Digest: sha-256:{hashlib.sha256(http(body)).hexdigest()}"
    assert only(page(1, body, more=(written,))).problems == ()
    assert reasons(read_one(reader(type="warc"), "a.warc", good.replace(b"<p>one", b"<p>two"))) == ["warc_digest"]
    other = page(1, body, more=(f"WARC-Payload-Digest: {sha1(b'x')}",))
    assert only(other).problems == ("warc: the payload is not what its digest says",)
    assert only(page(1, body, more=("WARC-Block-Digest: crc7:A",))).problems[0].startswith("warc: its digest is of an")
    for sent in (chunked(body), body):  # by the standard without chunks; as most tools have it
        more = (f"WARC-Payload-Digest: {sha1(sent)}",)
        assert only(page(1, chunked(body), "Transfer-Encoding: chunked", more=more)).problems == ()
    assert block


def test_a_page_that_was_cut_while_it_was_crawled_is_kept_and_that_is_said() -> None:
    cut = pack(b"<p>" + b" ".join(b"word %d" % n for n in range(999)))[:-20]
    one = only(page(1, cut, "Content-Encoding: gzip", more=("WARC-Truncated: length",)))
    assert one.values["text"].startswith("word 0 word 1")
    assert one.problems == ("text: truncated when it was crawled (length)",)


SPOILED = [
    ("warc_length", page(2).replace(b"Content-Length: ", b"Content-Length: 1")),  # far too long
    ("warc_length", record("response", http(P), 2, "Content-Type: application/http", length=20)),
    ("warc_head", page(2).replace(b"Content-Length: ", b"Content-Length: -")),
    ("warc_length", page(2).replace(b"</html>\r\n\r\n", b"</html>more\r\n\r\n")),
    ("not_warc_record", b"\0\0\0 noise\n\n" + b"x" * 400_000 + b"\r\n\r\n"),
    ("not_http", page(2).replace(b"HTTP/1.1", b"HTTQ/1.1")),
    ("segmented", page(2, more=("WARC-Segment-Number: 1",))),
]


@pytest.mark.parametrize(("reason", "data"), SPOILED)
@pytest.mark.parametrize("way", ["plain", "one member", "a member a record"])
def test_a_spoiled_record_is_a_reject_and_those_around_it_are_read(way: str, reason: str, data: bytes) -> None:
    one, three = page(1), page(3)
    whole = one + data + three + page(4)
    packed = {"plain": whole, "one member": pack(whole)}
    packed["a member a record"] = b"".join(map(pack, [one, data, three, page(4)]))
    found = read_one(reader(type="warc"), "a.warc", packed[way])
    assert reasons(found) == [reason]
    assert [one.values["title"] for one in records(found)] == ["Page 1", "Page 3", "Page 4"]


def test_a_page_about_web_archives_is_no_record() -> None:
    """The words of a record inside of one: also where its length is wrong, if each record is a member of its own."""
    inner = b"<pre>\n" + page(9) + b"</pre>"
    assert [one.values["source_url"] for one in rows(page(1, inner) + page(2))] == [
        "https://a.org/1",
        "https://a.org/2",
    ]
    wrong = page(1, inner).replace(b"Content-Length: ", b"Content-Length: 9", 1)
    found = read_one(reader(type="warc"), "a.warc", b"".join(map(pack, [page(5), wrong, page(2)])))
    assert reasons(found) == ["warc_cut"]
    assert [one.values["source_url"] for one in records(found)] == ["https://a.org/5", "https://a.org/2"]


@pytest.mark.parametrize("at", [10, 25, -9])
def test_a_damaged_member_is_a_reject_and_those_around_it_are_read(at: int) -> None:
    members = [pack(one) for one in (page(1), page(2), page(3))]
    spoiled = bytearray(members[1])
    spoiled[at] ^= 0xFF
    spoiled[at + 1] ^= 0xFF
    found = read_one(reader(type="warc"), "a.warc", members[0] + bytes(spoiled) + members[2])
    assert reasons(found) == ["gzip_damaged"]
    assert [one.values["title"] for one in records(found)] == ["Page 1", "Page 3"]


@pytest.mark.parametrize("cut", range(1, 300, 23))
def test_a_file_that_ends_too_early_keeps_what_is_whole(cut: int) -> None:
    for data in (page(1) + page(2)[:-cut], pack(page(1)) + pack(page(2))[: -min(cut, 190)]):
        found = read_one(reader(type="warc"), "a.warc", data)
        assert records(found)[0].values["title"] == "Page 1"
        assert len(records(found)) == (2 if cut < 4 and data[:4] == b"WARC" else 1)  # of the blank lines behind it
        assert len(reasons(found)) == 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "warc_empty"),
        (b"filedesc://x.arc 0.0.0.0 20190504030201 text/plain 76\n1 0 x\n", "arc"),
        (pack(b"filedesc://x.arc 0.0.0.0 20190504030201 text/plain 76\n1 0 x\n"), "arc"),
        (b" CDX N b a m s k r M S V g\norg,a)/ 2019 https://a.org/ text/html 200 X - - 1 1 a.warc.gz\n", "not_warc"),
        (pack(b"<html>"), "not_warc"),
        (b"\x1f\x8b\x08\x00", "gzip_cut"),
        (pack(record("resource", bytes(80_000_000), 1)), "gzip_bomb"),
    ],
)
def test_what_is_no_web_archive_is_refused(data: bytes, reason: str) -> None:
    found = read_one(reader(type="warc"), "a.warc.gz", data)
    assert (reasons(found), records(found)) == ([reason], [])


def test_records_that_each_claim_all_that_follows_do_not_cost_its_square(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "_MAX_AGAIN_BYTES", 1 << 20)
    greedy = b"".join(record("response", b"", number, length=60_000_000) for number in range(2_000))
    found = read_one(reader(type="warc"), "a.warc", page(1) + greedy)
    assert [one.values["title"] for one in records(found)] == ["Page 1"]
    assert Counter(reasons(found)).keys() == {"warc_cut", "warc_damaged"}


def test_a_body_that_is_spoiled_in_its_midst_is_no_bomb_and_no_page() -> None:
    whole = pack(b"<p>" + b" ".join(b"word %d" % n for n in range(9_999)))
    spoiled = whole[:9_000] + b"\xff" * 20 + whole[9_020:]
    found = read_one(reader(type="warc"), "a.warc", page(1, spoiled, "Content-Encoding: gzip") + page(2))
    assert (reasons(found), len(records(found))) == (["http_cut"], 1)
    bomb = pack(bytes(99_000_000))[:-9] + b"\xff" * 9
    found = read_one(reader(type="warc"), "a.warc", page(1, bomb, "Content-Encoding: gzip") + page(2))
    assert (reasons(found), len(records(found))) == (["http_bomb"], 1)


def test_rights_that_a_page_says_of_itself_are_heard() -> None:
    body = (
        b"<html><head><meta name='DC.rights' content='CC0 1.0'><link rel='license' href='/terms'>"
        b"<meta name='dcterms.accessRights' content='members'><meta name='rightsholder' content='B. Smith'></head>"
        b"<p>A <a rel='nofollow license' href='//creativecommons.org/licenses/by/4.0/'>licence</a> "
        b"<span property='dct:rights'>All <b>rights</b> reserved</span><a href='https://a.org/rights'>Rights</a></p>"
    )
    values = only(page(1, body, "Link: <https://a.org/l>; rel=license, </next>; rel=next")).values
    assert values["rights_raw"] == [
        *("CC0 1.0", "https://a.org/terms", "https://creativecommons.org/licenses/by/4.0/", "All rights reserved"),
        "https://a.org/l",
    ]
    assert values["access_raw"] == ["members"]
    assert "rights_raw" not in only(page(1)).values


def test_the_text_is_what_a_browser_shows_line_by_line() -> None:
    body = (
        b"<head><title>No</title><style>p{}</style></head><nav>Home</nav><h5>Head<br>ing</h5><p>a <b>b</b>c\n d"
        b"<table><tr><td>1<td>2</table><script>no</script><pre>x\n  y</pre><noscript>no</noscript><!-- no --><template>"
        b"no</template>&amp;&eacute;"
    )
    assert only(page(1, body)).values["text"] == "Home\nHead\ning\na bc d\n1 2\nx\ny\n&\u00e9"
    deep = b"<div>" * 5_000 + b"deep" + b"</div>" * 5_000 + b"<font>" * 5_000 + b"<p>behind"
    assert only(page(1, deep)).values["text"] == "deep\nbehind"


@pytest.mark.parametrize("way", ["plain", "a member a record", "one member"])
def test_of_a_record_that_is_taken_down_nothing_is_left(way: str) -> None:
    parts = [INFO, page(1), page(2), page(3)]
    packed = {"plain": b"".join(parts), "one member": pack(b"".join(parts))}
    packed["a member a record"] = b"".join(map(pack, parts))
    made = reader(type="warc")
    items = {"a.warc": item("a.warc", packed[way])}
    before = by_id(made, items)
    left = take_out(made, items, f"urn:uuid:{2:032x}")
    plain = bytes_of(left["a.warc"])
    plain = gzip.decompress(plain) if way != "plain" else plain
    assert b"Text 2" not in plain
    assert f"{2:032x}".encode() not in plain
    after = by_id(made, left)
    assert after == {name: one for name, one in before.items() if name != f"urn:uuid:{2:032x}"}
    assert bytes_of(left["a.warc"]).startswith(b"WARC" if way == "plain" else b"\x1f\x8b")


def test_a_web_archive_is_no_folder() -> None:
    """Its members are records: taken for a folder of one file, one damaged member would cost all of it."""
    head = pack(INFO)[:512]
    assert not is_archive("a/crawl-00.WARC.gz", head)
    assert not is_archive("old.arc.gz", head)
    assert not opens_inside("a/crawl.warc.gz", head)
    assert is_archive("a/letters.xml.gz", head)
    assert opens_inside("a/letters.xml.gz", head)


@pytest.mark.slow  # a measurement of memory
def test_a_large_archive_is_read_one_record_at_a_time() -> None:
    one = pack(page(1, b"<p>" + b"word " * 20_000))
    film = pack(record("resource", bytes(5_000_000), 2, "Content-Type: video/mp4"))
    whole = pack(INFO) + (one * 12 + film) * 5
    large = replace(item("a.warc.gz", whole), open=lambda: io.BytesIO(whole))
    tracemalloc.start()
    made = reader(type="warc").read(Bundle("b", (large,)), {})
    count = sum(isinstance(found, Record) for found in made)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 60
    assert peak < 25_000_000


def test_of_the_beginning_of_a_file_what_is_cut_off_is_no_fault() -> None:
    """As a preview reads it."""
    data = pack(page(1)) + pack(page(2)) + pack(page(3))
    part = replace(item("a.warc.gz", data[:-50]), whole=False)
    found = read(reader(type="warc"), {"a.warc.gz": part})
    assert ([one.values["title"] for one in records(found)], reasons(found)) == (["Page 1", "Page 2"], [])


def test_real_archives_are_read_as_warcio_frames_them() -> None:
    """Of warcio's own examples; in two of them nothing is a page, one is ARC, one's length is two bytes short."""
    made = reader(type="warc")
    found = {}
    for name, one in real_folder("warc", "*/example*").items():
        got = read(made, {name: one}) if made.takes(name) else []
        found[name.rpartition("/")[2]] = (len(records(got)), reasons(got), made.expected(Bundle(name, (one,))))  # type: ignore[attr-defined]
    assert found == {
        "example-bad.warc.gz.bad": (0, [], None),
        "example-space-in-target-uri.warc.gz": (0, [], 0),
        "example-trunc.warc": (0, ["warc_length"], None),
        "example.arc.gz": (0, ["arc"], None),
        "example.warc": (1, [], 1),
        "example.warc.gz": (1, [], 1),
    }


def test_a_whole_file_in_one_member_is_read_where_warcio_gives_up() -> None:
    one: Item = real_folder("warc", "*/example-bad*")["warcio/example-bad.warc.gz.bad"]
    got = records(read(reader(type="warc", files="*.bad"), {one.name: one}))
    assert [row.values["title"] for row in got] == ["Example Domain"]  # the other answer is a redirect


def test_a_body_of_several_gzip_members_is_read_to_its_end() -> None:
    """RFC 1952, 2.2: servers that pack piece by piece send one after the other, and a browser shows all of it."""
    body = b"".join(gzip.compress(one) for one in (b"<p>One", b" and", b" two</p>")) + b"\0\0"
    [row] = records(read_one(reader(type="warc"), "a.warc", page(1, body, "Content-Encoding: gzip")))
    assert row.values["text"] == "One and two"
    cut = page(1, body[:-12], "Content-Encoding: gzip")
    assert reasons(read_one(reader(type="warc"), "a.warc", cut)) == ["http_cut"]


def test_a_record_that_swallows_another_member_gives_it_back() -> None:
    """Its length leads to a record, only not to the next one; where a member begins as a record, there is one."""
    first = page(1)
    size = len(first.split(b"\r\n\r\n", 1)[1]) - 4
    longer = first.replace(b"Content-Length: %d" % size, b"Content-Length: %d" % (size + 4 + len(page(2))))
    found = read_one(reader(type="warc"), "a.warc.gz", b"".join(map(pack, [longer, page(2), page(3)])))
    assert reasons(found) == ["warc_length"]
    assert [one.values["text"] for one in records(found)] == ["Text 2.", "Text 3."]


def test_a_text_that_is_too_large_is_a_reject_and_a_film_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the second way counts as a page is none less for its size."""
    monkeypatch.setattr(framing, "MAX_BLOCK_BYTES", 1000)
    large = b"<p>" + b"word " * 300
    data = page(1, large) + page(2, large, kind="video/mp4") + page(3, large, kind="") + page(4)
    found = read_one(reader(type="warc"), "a.warc", data)
    assert reasons(found) == ["too_large", "too_large"]
    assert unmapped(found)[0].filled == {"responses of video/mp4": 1}
    assert reader(type="warc").expected(Bundle("a.warc", (item("a.warc", data),))) == 3


def test_a_line_of_a_head_ends_where_http_says() -> None:
    """Not at U+0085 or U+2028, which stand in addresses and names of files: RFC 9112, 2.2."""
    data = page(1).replace(b"https://a.org/1", "https://a.org/1\u2028Content-Type: x\x85y".encode())
    [row] = records(read_one(reader(type="warc", map={"description": "$target"}), "a.warc", data))
    assert row.values["description"] == ("https://a.org/1\u2028Content-Type: x\x85y")


@pytest.mark.slow  # a measurement of time
def test_what_a_spoiled_record_swallowed_is_read_again_in_linear_time() -> None:
    """Nothing is copied behind each record that is as long as what was given back: 240 GB here, and 25 s."""
    count, words = 8_000, b"<html lang=en><p>" + b"ten letters " * 600
    rest = b"".join(page(number, words) for number in range(2, count))
    data = record("response", b"HTTP/1.1 200 OK\r\n\r\n", 1, AT, length=len(rest)) + rest
    began = time.process_time()
    assert len(records(read_one(reader(type="warc"), "a.warc", data))) == count - 2
    assert time.process_time() - began < 10


@pytest.mark.parametrize("before", [0, 1])
@pytest.mark.parametrize("left", [40, 200, 250, -30])
def test_a_record_that_was_cut_before_it_was_packed_takes_no_other_along(before: int, left: int) -> None:
    """In its head, where that ends, or in its block: the next member is a record, whatever stands before it."""
    parts = [*[page(1)] * before, page(2)[:left], page(3), page(4)]
    data = b"".join(map(pack, parts))
    made = reader(type="warc", records="all")
    found = read_one(made, "a.warc.gz", data)
    assert [one.values["text"] for one in records(found)][before:] == ["Text 3.", "Text 4."]
    assert len(reasons(found)) == 1
    expected = made.expected(Bundle("a.warc.gz", (item("a.warc.gz", data),)))
    assert expected is None or len(records(found)) + 1 >= expected


def test_of_a_field_that_is_repeated_both_ways_take_the_first() -> None:
    data = record("resource", b"GIF", 1, "Content-Type: image/gif", "Content-Type: text/html", AT)
    assert records(read_one(reader(type="warc"), "a.warc", data)) == []
    assert reader(type="warc").expected(Bundle("a.warc", (item("a.warc", data),))) == 0


@pytest.mark.parametrize(("kind", "rows"), [("image/png", 0), ("text/html", 1)])
def test_a_response_without_http_is_counted_by_its_own_type(kind: str, rows: int) -> None:
    """Tools store so what a browser showed; warcio looks for a status line at any address of http."""
    data = record("response", b"<p>One two</p>", 1, f"Content-Type: {kind}", "WARC-Target-URI: http://a.org/1")
    assert len(records(read_one(reader(type="warc"), "a.warc", data))) == rows
    assert reader(type="warc").expected(Bundle("a.warc", (item("a.warc", data),))) == rows


def test_chunks_that_break_off_in_the_middle_are_no_text() -> None:
    """Else what is packed in them, or their numbers, stood among the words."""
    body = b"8\r\n<p>One t\r\n5\r\n5\r\nwo</p>\r\n0\r\n\r\n"
    found = read_one(reader(type="warc"), "a.warc", page(1, body, "Transfer-Encoding: chunked"))
    assert reasons(found) == ["http_cut"]
    joined = page(1, b"5\r\n<p>is a number, and no chunk</p>", "Transfer-Encoding: chunked")
    assert [one.values["text"] for one in records(read_one(reader(type="warc"), "a.warc", joined))] == [
        "5\nis a number, and no chunk"
    ]


@pytest.mark.parametrize("left", [0, 1, 2])
def test_a_file_that_ends_before_the_blank_lines_of_a_record_is_cut(left: int) -> None:
    """Its Content-Length is reached, so that its row is whole; what stood behind it, nobody knows."""
    whole = INFO + page(1) + page(2)
    data = whole[: len(whole) - 4 + left]
    found = read_one(reader(type="warc"), "a/crawl.warc", data)
    assert len(records(found)) == 2
    assert reasons(found) == ["warc_cut"]
    assert "blank lines that stand behind each record" in rejects(found)[0].detail
    assert not reasons(read_one(reader(type="warc"), "a/crawl.warc", whole))


def test_where_no_record_has_blank_lines_the_last_needs_none_and_a_stream_of_gzip_says_itself_where_it_ends() -> None:
    alone = read_one(reader(type="warc"), "a/crawl.warc", page(1)[:-4])
    assert not reasons(alone)
    assert records(alone)[0].problems == ("warc: no blank line behind a record",)
    packed = read_one(reader(type="warc"), "a/crawl.warc.gz", pack((INFO + page(1) + page(2))[:-4]))
    assert (len(records(packed)), reasons(packed)) == (2, [])
