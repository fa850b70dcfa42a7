"""What lists of files name, as servers and people write them."""

import time

import pytest

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.links import Link, links_of, sums_of

BASE = "https://a.org/data/"

APACHE = b"""<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
<html>
 <head>
  <title>Index of /data</title>
 </head>
 <body>
<h1>Index of /data</h1>
<pre><img src="/icons/blank.gif" alt="Icon "> <a href="?C=N;O=D">Name</a>  <a href="?C=M;O=A">Last modified</a>  <hr>
<img src="/icons/back.gif" alt="[PARENTDIR]"> <a href="/">Parent Directory</a>                             -
<a href="a.zip"><img src="/icons/compressed.gif" alt="[   ]"></a> <a href="a.zip">a.zip</a>  2026-01-02 10:00  1.2M
<img src="/icons/folder.gif" alt="[DIR]"> <a href="1850/">1850/</a>   2026-01-02 10:00    -
<img src="/icons/compressed.gif" alt="[   ]"> <a href="b%20c%20%c3%a9.zip">b c \xc3\xa9.zip</a> 2026-01-02 10:00  1.2M
<hr></pre>
<address>Apache/2.4.62 (Debian) Server at a.org Port 443</address>
</body></html>
"""
NGINX = b"""<html>\r
<head><title>Index of /data/</title></head>\r
<body>\r
<h1>Index of /data/</h1><hr><pre><a href="../">../</a>\r
<a href="1850/">1850/</a>                                              02-Jan-2026 10:00       -\r
<a href="a.zip">a.zip</a>                                              02-Jan-2026 10:00    1234\r
</pre><hr></body>\r
</html>\r
"""
IIS = b"""<html><head><title>a.org - /data/</title></head><body><H1>a.org - /data/</H1><hr>

<pre><A HREF="/">[To Parent Directory]</A><br><br> 1/2/2026 10:00 AM  &lt;dir&gt; <A HREF="/data/1850/">1850</A><br>\
 1/2/2026 10:00 AM   1234 <A HREF="/data/a&amp;b.zip">a&amp;b.zip</A><br></pre><hr></body></html>"""


def named(data: bytes, base: str = BASE, charset: str = "") -> list[str]:
    return [link.address for link in links_of(data, base, charset).found]


def test_index_pages_of_servers() -> None:
    root = "https://a.org/"
    assert named(APACHE) == [
        f"{BASE}?C=N;O=D", f"{BASE}?C=M;O=A", root, f"{BASE}a.zip", f"{BASE}1850/", f"{BASE}b%20c%20%C3%A9.zip"
    ]  # fmt: skip
    assert named(NGINX) == [root, f"{BASE}1850/", f"{BASE}a.zip"]
    assert named(IIS) == [root, f"{BASE}1850/", f"{BASE}a&b.zip"]
    assert links_of(APACHE, BASE).title == "Index of /data"


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("x.zip", "https://a.org/data/x.zip"),
        ("./x.zip", "https://a.org/data/x.zip"),
        ("../x.zip", "https://a.org/x.zip"),
        ("/x.zip", "https://a.org/x.zip"),
        ("//b.org/x.zip", "https://b.org/x.zip"),
        ("HTTPS://A.org:443/x.zip", "https://a.org/x.zip"),
        ("https://me:word@a.org/x.zip", "https://a.org/x.zip"),
        ("  x.zip\n", "https://a.org/data/x.zip"),
        ("sub\\x.zip", "https://a.org/data/sub/x.zip"),
        ("x y.zip", "https://a.org/data/x%20y.zip"),
        ("x.zip#page=2", "https://a.org/data/x.zip"),
        ("get?file=x.zip&amp;v=1", "https://a.org/data/get?file=x.zip&v=1"),
        ("x.zip;jsessionid=0A1B", "https://a.org/data/x.zip"),
        ("get;jsessionid=0A1B?id=3", "https://a.org/data/get?id=3"),
        ("get?PHPSESSID=0a1b&id=3", "https://a.org/data/get?id=3"),
        ("/(S(lit3py55t21z5v55vlm25s55))/x.zip", "https://a.org/x.zip"),
        ("../../../../x.zip", "https://a.org/x.zip"),
        ("mailto:me@a.org", "mailto:me@a.org"),
        ("ftp://a.org/x.zip", "ftp://a.org/x.zip"),
        ("http://[x.zip", "http://%5Bx.zip"),
    ],
)
def test_a_link_leads_where_a_browser_would_go(href: str, address: str) -> None:
    found = links_of(f'<a href="{href}">x</a>'.encode(), BASE).found
    assert found == [Link(address)]
    assert found[0].is_web == address.startswith("http")


def test_a_base_an_area_and_what_is_no_link() -> None:
    page = b"""<base href="files/"><base href="/no/"><link rel=stylesheet href=s.css><map><area href=m.zip></map>
    <!-- <a href=no1.zip> --><script>x = '<a href="no2.zip">'</script><a name=x>x</a><a href="#top">top</a>
    <a href="">self</a><a href=a.zip>a<a href=a.zip>again</a>"""
    assert named(page) == [f"{BASE}files/m.zip", f"{BASE}files/a.zip"]


def test_a_page_that_ends_in_a_tag_was_cut() -> None:
    assert links_of(APACHE[: APACHE.rindex(b"<a href=")] + b"<a hre", BASE).is_cut
    assert not links_of(APACHE, BASE).is_cut


@pytest.mark.slow  # a measurement of time
def test_a_million_links_and_endless_nesting_are_read_in_one_pass() -> None:
    page = b"<html>" + b"<div><b>" * 50_000 + b"".join(b"<a href='f%d.zip'>f</a>" % number for number in range(100_000))
    began = time.process_time()
    assert len(links_of(page, BASE).found) == 100_000
    assert time.process_time() - began < 10


def test_lists_of_addresses() -> None:
    text = (
        "# ours\r\n\r\nhttps://b.org/1.zip\r\n  rel/2.zip  \r\nhttps://b.org/3.zip # of 1850\r\n// theirs\r\n"
        "https://b.org/4.zip\t1850\tThe Times\r\nmy file.zip\r\nhttps://b.org/1.zip#again\r\nftp://b.org/5.zip\r\n"
    )
    due = [
        "https://b.org/1.zip", f"{BASE}rel/2.zip", "https://b.org/3.zip", "https://b.org/4.zip", f"{BASE}my%20file.zip",
        "ftp://b.org/5.zip",
    ]  # fmt: skip
    for data in (
        text.encode(),
        b"\xef\xbb\xbf" + text.encode(),
        text.encode("utf-16"),
        text.replace("\r", "").encode(),
    ):
        assert named(data) == due
        assert links_of(data, BASE).strange == []


MD5, SHA256 = "d41d8cd98f00b204e9800998ecf8427e", "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"


@pytest.mark.parametrize(
    ("line", "address", "digest"),
    [
        (f"{MD5}  a.zip", "a.zip", f"md5:{MD5}"),
        (f"{MD5} *a b.zip", "a%20b.zip", f"md5:{MD5}"),
        (f"{SHA256}\t./x/a.zip", "x/a.zip", f"sha256:{SHA256.lower()}"),
        (f"{SHA256} data/100%#.zip", "data/100%25%23.zip", f"sha256:{SHA256.lower()}"),
        (f"\\{MD5}  a\\\\b\\n.zip", "a/b%0A.zip", f"md5:{MD5}"),
        (f"SHA256 (a.zip) = {SHA256}", "a.zip", f"sha256:{SHA256.lower()}"),
        (f"MD5(a b.zip)= {MD5}", "a%20b.zip", f"md5:{MD5}"),
        (f"{MD5}  https://a.org/data/a.zip", "a.zip", f"md5:{MD5}"),
        (f"https://a.org/data/a.zip {MD5}", "a.zip", f"md5:{MD5}"),
        (f"a.zip\t{MD5}\t123", "a.zip", f"md5:{MD5}"),
        ("https://a.org/data/a.zip 123 data/x.zip", "a.zip", ""),
        (MD5, MD5, ""),  # a file may be called so
    ],
)
def test_a_line_with_a_checksum(line: str, address: str, digest: str) -> None:
    found = links_of(line.encode(), BASE)
    assert [(one.address, one.digest) for one in found.found] == [(BASE + address, digest)]


def test_the_length_in_a_bags_list_of_files_elsewhere() -> None:
    assert links_of(b"https://b.org/a.zip 123 data/a.zip", "").found == [Link("https://b.org/a.zip", "", 123)]


@pytest.mark.parametrize(
    "line",
    [
        "https://a.org/1\thttps://a.org/2",
        "1,Map,https://a.org/1.zip",
        '"https://a.org/1.zip"',
        "- https://a.org/1.zip",
        "<https://a.org/1.zip>;",
        "see https://a.org/1.zip",
        "x" * 8001,
    ],
)
def test_a_line_that_holds_more_than_an_address_is_not_guessed_at(line: str) -> None:
    links = links_of(f"https://a.org/3\n{line}".encode(), BASE)
    assert (links.strange, links.found) == ([line], [Link("https://a.org/3")])


def test_two_checksums_of_one_file_are_not_chosen_between() -> None:
    links = links_of(f"{'0' * 32}  a.zip\n{MD5}  a.zip\n{MD5}  b.zip\n{MD5}  b.zip\n".encode(), BASE)
    assert links.strange == [f"{BASE}a.zip md5:{MD5}"]


def test_a_site_map() -> None:
    text = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
    <url><loc>https://a.org/a.zip?x=1&amp;y=2</loc><lastmod>2026-01-01</lastmod></url>
    <url><loc> https://a.org/b.zip </loc></url></urlset>"""
    assert named(text.encode()) == ["https://a.org/a.zip?x=1&y=2", "https://a.org/b.zip"]


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04....", b"\x00\x01\x02\x03", b"%PDF-1.7", b"\x1f\x8b\x08", b'[{"url": 1}]']
)
def test_what_is_no_list(data: bytes) -> None:
    with pytest.raises(Unreadable):
        links_of(data, BASE)


def test_files_with_checksums() -> None:
    assert list(sums_of(f"{MD5}\n{MD5}  a b.zip\nSHA256 (c.zip) = {SHA256}\n# no\n")) == [
        ("", f"md5:{MD5}"),
        ("a b.zip", f"md5:{MD5}"),
        ("c.zip", f"sha256:{SHA256.lower()}"),
    ]
