"""Lists of files: index pages, pages made by hand, texts on the web and beside sources.yaml."""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from biglam_pipeline.harvest.address import read_address
from biglam_pipeline.harvest.protocols.files import Files
from biglam_pipeline.web import Web
from biglam_pipeline_tests.harvest.conftest import Outcome, Shelf
from biglam_pipeline_tests.harvest.protocols.test_files import validated
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer, scripted_server

HTML = {"Content-Type": "text/html"}
LOGIN = b"<!DOCTYPE html><title>Log in</title><a href='help.html'>Help</a><form><input type=password></form>"


def page(*hrefs: str, title: str = "Index of /data") -> Reply:
    links = "".join(f'<a href="{href}">{href}</a>\n' for href in hrefs)
    body = f"<html><head><title>{title}</title></head><body><pre>{links}</pre></body></html>"
    return Reply(body.encode(), headers=HTML)


def offered(server: ScriptedServer, *names: str) -> None:
    for name in names:
        server.on(f"/data/{name}", validated(name.encode()))  # type: ignore[arg-type]


def keys(outcome: Outcome) -> list[str]:
    return [one.key for one in outcome.objects]


def only_missing(outcome: Outcome) -> tuple[str, str]:
    assert not outcome.evidence.complete
    (one,) = outcome.missing
    return one.reason, one.detail


INDEX = (
    "?C=N;O=D",
    "../",
    "/",
    "1850/",
    "a.zip.txt",
    "b.csv",
    "b.csv",
    "c.csv",
    "readme.html",
    "mailto:x@a.org",
    "#top",
)


def test_an_index_page_lists_what_the_pattern_chooses(server: ScriptedServer, shelf: Shelf) -> None:
    url = server.on("/data/", page(*INDEX))
    offered(server, "b.csv", "c.csv")
    outcome = shelf.visit(Files(url=(f"{url}#*.csv",)))
    assert keys(outcome) == ["data/b.csv", "data/c.csv"]
    assert outcome.evidence.complete
    assert outcome.evidence.proof == (
        "4 files listed, 1 folders not looked into; 2 files asked for, 2 came whole, 0 unchanged, 0 missing"
    )


def test_two_nights_of_an_index(server: ScriptedServer, shelf: Shelf) -> None:
    """Added, corrected, removed, restored; a night with nothing new is one request for the list and one a file."""
    harvester = Files(url=(f"{server.on('/data/', page('a.csv', 'b.csv'))}#*.csv",))
    offered(server, "a.csv", "b.csv", "c.csv")
    shelf.visit(harvester)
    server.asked.clear()
    assert shelf.visit(harvester).kept == ["data/a.csv", "data/b.csv"]
    assert server.paths() == ["/data/", "/data/a.csv", "/data/b.csv"]
    server.on("/data/", page("c.csv", "b.csv"))
    server.on("/data/b.csv", Reply(b"new", headers={"ETag": '"2"'}))
    outcome = shelf.visit(harvester)
    assert (keys(outcome), outcome.kept, sorted(shelf.held)) == (
        ["data/c.csv", "data/b.csv"], [], ["data/b.csv", "data/c.csv"]
    )  # fmt: skip
    server.on("/data/", page("a.csv", "b.csv"))
    assert keys(shelf.visit(harvester)) == ["data/a.csv"]


@pytest.mark.parametrize(
    ("reply", "reason", "words"),
    [
        (Reply(status=404), "not_found", "correct the address"),
        (page(), "not_found", "lists no file"),
        (Reply(b""), "not_found", "lists no file"),
        (Reply(LOGIN, headers=HTML), "not_found", "ends like"),
        (page("x.html", "y.html"), "not_found", "it has data/x.html, data/y.html; correct the pattern"),
        (page("1850/", "1851/"), "not_found", "lists only folders .*1850/, .*one level.*1850/#"),
        (Reply(page("a.csv").body, cut=90, headers=HTML), "truncated", "broke off"),
        (Reply(page("a.csv", "b.csv").body[:-75], headers=HTML), "truncated", "in the middle of a tag"),
        (Reply(b"PK\x03\x04zip"), "not_a_list", "leave #"),
    ],
)
def test_a_list_that_is_none_takes_nothing_away(
    reply: Reply, reason: str, words: str, server: ScriptedServer, shelf: Shelf
) -> None:
    harvester = Files(url=(f"{server.on('/data/', page('a.csv', 'b.csv'))}#*.csv",))
    offered(server, "a.csv", "b.csv")
    shelf.visit(harvester)
    server.on("/data/", reply)
    outcome = shelf.visit(harvester)
    found, detail = only_missing(outcome)
    assert (found, outcome.kept) == (reason, ["data/a.csv", "data/b.csv"])
    assert re.search(words, detail), detail
    server.on("/data/", page("a.csv", "b.csv"))
    server.asked.clear()
    outcome = shelf.visit(harvester)
    assert (outcome.kept, outcome.evidence.complete) == (["data/a.csv", "data/b.csv"], True)
    assert all("If-None-Match" in asked.headers for asked in server.asked[1:])


def test_f06_a_page_of_other_links_is_not_believed_where_the_pattern_takes_all(
    server: ScriptedServer, shelf: Shelf
) -> None:
    """A pattern without a word of its own cannot tell files from the links of a log-in page; the remedy cures."""
    url = server.on("/data/", page("a.csv", "b.csv"))
    offered(server, "a.csv", "b.csv", "help.html", "c.csv")
    shelf.visit(Files(url=(f"{url}#*",)))
    server.on("/data/", Reply(LOGIN, headers=HTML))
    reason, detail = only_missing(shelf.visit(Files(url=(f"{url}#*",))))
    assert (reason, 'its title is "Log in"' in detail) == ("wall", True)
    assert sorted(shelf.held) == ["data/a.csv", "data/b.csv"]
    server.on("/data/", page("c.csv"))
    assert only_missing(shelf.visit(Files(url=(f"{url}#*",))))[0] == "wall"
    assert shelf.visit(Files(url=(f"{url}#*.csv",))).evidence.complete
    assert sorted(shelf.held) == ["data/c.csv"]


def test_links_lead_elsewhere_only_to_files_and_never_with_our_key(
    server: ScriptedServer, shelf: Shelf, tmp_path: Path
) -> None:
    with scripted_server() as other:
        also = frozenset({"1", f"127.0.0.1:{other.port}"})
        settings = {"contact": "k@a.org", "rewrite": {}, "locks": tmp_path / "locks", "secrets": {"KEY": "s3cret"}}
        shelf.web = Web(allow_private=also, **settings)  # type: ignore[arg-type]
        other.on("/x/a.zip.csv", Reply(b"1"))
        pages = page(f"{other.url}/x/a.zip.csv", f"{other.url}/about", f"{other.url}/", f"{other.url}/i.html")
        url = server.on("/data/", pages)
        outcome = shelf.visit(Files(url=(f"{url}#*",), headers={"X-Key": "env:KEY"}))
        assert keys(outcome) == [f"127.0.0.1:{other.port}/x/a.zip.csv"]
        assert server.asked[0].headers["X-Key"] == "s3cret"
        assert [(asked.path, asked.headers.get("X-Key")) for asked in other.asked] == [("/x/a.zip.csv", None)]
        shelf.web.close()


def test_h29_a_link_to_a_private_place_is_refused(server: ScriptedServer, shelf: Shelf) -> None:
    with scripted_server() as other:
        secret = other.on("/latest/meta-data.csv", Reply(b"1"))
        url = server.on("/data/", page("a.csv", secret, "http://169.254.169.254/x.csv", "http://nowhere.invalid/y.csv"))
        offered(server, "a.csv")
        outcome = shelf.visit(Files(url=(f"{url}#*.csv",)))
        assert keys(outcome) == ["data/a.csv"]
        assert [one.reason for one in outcome.missing] == ["refused", "refused", "not_found"]
        assert other.asked == []
        text = server.on("/list.txt", Reply(f"{secret}\n".encode()))
        assert only_missing(shelf.visit(Files(url=(f"{text}#*",))))[0] == "refused"
        assert other.asked == []


def test_a_list_of_addresses_with_checksums_asks_for_what_changed(server: ScriptedServer, shelf: Shelf) -> None:
    def summed(*names: str) -> Reply:
        lines = [f"{hashlib.sha256(server_has[name]).hexdigest()}  {name}\n" for name in names]
        return Reply("".join(lines).encode())

    server_has = {"a.csv": b"a", "b.csv": b"b"}
    for name, body in server_has.items():
        server.on(f"/data/{name}", Reply(body))
    url = server.on("/data/sha256sums.txt", summed("a.csv", "b.csv"))
    harvester = Files(url=(f"{url}#*.csv",))
    assert keys(shelf.visit(harvester)) == ["data/a.csv", "data/b.csv"]
    server.asked.clear()
    assert shelf.visit(harvester).kept == ["data/a.csv", "data/b.csv"]
    assert server.paths() == ["/data/sha256sums.txt"]
    server_has["b.csv"] = b"new"
    server.on("/data/sha256sums.txt", summed("a.csv", "b.csv"))
    reason, detail = only_missing(shelf.visit(harvester))
    assert (reason, "its list says" in detail) == ("checksum", True)
    server.on("/data/b.csv", Reply(b"cut"), Reply(b"new"))
    assert [one.content for one in shelf.visit(harvester).objects] == [b"new"]


def test_a_checksum_that_lies_beside_is_held_against_its_file(server: ScriptedServer, shelf: Shelf) -> None:
    url = server.on("/data/", page("a.csv", "a.csv.md5", "a.csv.sha256", "b.csv"))
    offered(server, "a.csv", "b.csv")
    server.on("/data/a.csv.sha256", Reply(f"{hashlib.sha256(b'a.csv').hexdigest()}  ./a.csv\n".encode()))
    harvester = Files(url=(f"{url}#*.csv",))
    assert shelf.visit(harvester).evidence.complete
    server.asked.clear()
    assert shelf.visit(harvester).evidence.complete
    assert server.paths() == ["/data/", "/data/a.csv.sha256", "/data/b.csv"]
    server.on("/data/a.csv.sha256", Reply(b"0" * 64))
    assert only_missing(shelf.visit(harvester))[0] == "checksum"
    server.on("/data/a.csv.sha256", Reply(b"<html>"))
    assert "has no checksum of a.csv" in only_missing(shelf.visit(harvester))[1]
    assert shelf.visit(Files(url=(f"{url}#*.csv",), ignore="*.sha256")).evidence.complete


def test_h18_a_web_page_in_the_place_of_a_text_list_is_a_wall(server: ScriptedServer, shelf: Shelf) -> None:
    url = server.on("/list.txt", Reply(LOGIN, headers=HTML))
    assert only_missing(shelf.visit(Files(url=(f"{url}#*",))))[0] == "wall"


def test_a_line_that_is_not_understood_is_missed_by_its_words(server: ScriptedServer, shelf: Shelf) -> None:
    a, b = (server.on(f"/{name}.csv", Reply(b"1")) for name in "ab")
    url = server.on("/list.txt", Reply(f"{a}\n{a}\t{b}\n".encode()))
    reason, detail = only_missing(shelf.visit(Files(url=(f"{url}#*",))))
    assert (reason, f"`{a}\t{b}`" in detail) == ("not_a_list", True)


def test_what_is_not_on_the_web_is_missed_where_it_is_wanted(server: ScriptedServer, shelf: Shelf) -> None:
    url = server.on("/data/", page("ftp://a.org/a.csv", "a.csv", "ftp://a.org/b.csv", "ftp://a.org/c.pdf"))
    offered(server, "a.csv")
    outcome = shelf.visit(Files(url=(f"{url}#*.csv",)))
    assert keys(outcome) == ["data/a.csv"]
    assert [(one.key, one.reason) for one in outcome.missing] == [("ftp://a.org/b.csv", "refused")]


def test_a_page_behind_a_redirect_and_a_base(server: ScriptedServer, shelf: Shelf) -> None:
    url = server.on("/start", Reply(status=301, headers={"Location": "/data/"}))
    server.on("/data/", page("a.csv"), Reply(b'<base href="/files/"><a href="a.csv">a</a>', headers=HTML))
    offered(server, "a.csv")
    server.on("/files/a.csv", Reply(b"1"))
    harvester = Files(url=(f"{url}#*.csv",))
    assert [keys(shelf.visit(harvester)) for _ in range(2)] == [["data/a.csv"], ["files/a.csv"]]


def test_keys_are_the_same_whatever_else_is_listed(server: ScriptedServer, shelf: Shelf) -> None:
    """Also under session ids that are others each night, and names that only the answer says."""
    server.on("/get", Reply(b"1,2\n", headers={"Content-Disposition": 'attachment; filename="x.csv"', "ETag": '"1"'}))
    server.on("/data/a.csv", Reply(b"a"))
    url = server.on(
        "/list.html",
        page("get?id=1&PHPSESSID=1", "data/a.csv;jsessionid=1?v=2"),
        page("get?id=1&PHPSESSID=2", "get?id=2", "data/a.csv;jsessionid=2?v=2"),
    )
    harvester = Files(url=(f"{url}#{{get*,*.csv}}",))
    assert keys(shelf.visit(harvester)) == ["get?id=1/x.csv", "data/a.csv"]
    outcome = shelf.visit(harvester)
    assert (keys(outcome), outcome.kept) == (["get?id=2/x.csv"], ["get?id=1/x.csv", "data/a.csv"])


def test_hostile_names_are_data(server: ScriptedServer, shelf: Shelf) -> None:
    hrefs = ("x/%2e%2e/%2e%2e/etc/a.csv", "%00b.csv", "c%0a.csv", "..%5cd.csv", "//[/e.csv", "/" + "f" * 9000 + ".csv")
    url = server.on("/data/", page(*hrefs))
    outcome = shelf.visit(Files(url=(f"{url}#*.csv",)))
    assert outcome.objects == []
    assert len(outcome.missing) == 6
    assert all(one.key.isprintable() and "/../" not in one.key for one in outcome.missing)


def test_one_file_of_two_lists_comes_once(server: ScriptedServer, shelf: Shelf) -> None:
    url = server.on("/data/", page("a.csv", "b.csv"))
    offered(server, "a.csv", "b.csv")
    outcome = shelf.visit(Files(url=(f"{url}a.csv", f"{url}#a*", f"{url}#*.csv")))
    assert keys(outcome) == ["data/a.csv", "data/b.csv"]


# --- a list beside sources.yaml ------------------------------------------------------------------------------


def test_a_local_list_of_addresses_is_of_the_kind_files(server: ScriptedServer, shelf: Shelf) -> None:
    (shelf.base / "lists").mkdir(parents=True)
    offered(server, "a.csv", "b.csv")
    lines = f"# The Times\r\n{server.url}/data/a.csv\r\n\r\n{server.url}/data/b.csv\tof 1850\r\n"
    (shelf.base / "lists" / "times.txt").write_text(lines)
    settings = read_address("file:lists/times.txt#*")
    assert settings["type"] == "files"
    harvester = Files(**settings)
    assert (harvester.hosts, harvester.offers(shelf.base).faults) == ((), [])  # type: ignore[union-attr]
    assert keys(shelf.visit(harvester)) == ["data/a.csv", "data/b.csv"]
    assert shelf.visit(harvester).kept == ["data/a.csv", "data/b.csv"]
    (shelf.base / "lists" / "times.txt").unlink()
    assert "write the list" in harvester.offers(shelf.base).faults[0]  # type: ignore[union-attr]
    outcome = shelf.visit(harvester)
    assert (only_missing(outcome)[0], outcome.kept) == ("not_found", ["data/a.csv", "data/b.csv"])


def test_a_local_list_has_nothing_that_a_name_is_relative_to(shelf: Shelf) -> None:
    shelf.base.mkdir()
    (shelf.base / "l.txt").write_text("a.csv\n")
    reason, detail = only_missing(shelf.visit(Files(url=("file:l.txt#*",))))
    assert (reason, "write it out in https://" in detail) == ("refused", True)


def test_addresses_of_lists_that_are_refused() -> None:
    assert read_address("file:data#*.csv")["type"] == "folder"
    assert read_address("file:data.txt/#*.csv")["type"] == "folder"
    assert Files(url="file:///mnt/l.txt#*").url == ("file:/mnt/l.txt#*",)
    for url, words in (
        ("https://a.org/#{x", "no counterpart"),
        ("https://a.org/data/*.csv", r"write https://a.org/data/#\*.csv"),
        ("file://host/l.txt#*", "names host as a host"),
        ("file:data#*", "no list of web addresses"),
    ):
        with pytest.raises(ValidationError, match=words):
            Files(url=url)
    with pytest.raises(ValidationError, match="headers go to hosts that the entry names"):
        Files(url="file:l.txt#*", headers={"X-Key": "env:KEY"})


@pytest.mark.parametrize("kind", ["page", "text", "site map"])
@pytest.mark.parametrize("link", ['<?page=2>; rel="next"', "</data/2>; rel=prev, </data/?page=2>; rel='next last'"])
def test_a_link_header_says_that_a_list_goes_on(kind: str, link: str, server: ScriptedServer, shelf: Shelf) -> None:
    """RFC 8288: a list that a program makes may say so there and nowhere in its text. Written out, it is whole."""
    site = f"<urlset><url><loc>{server.url}/data/b.csv</loc></url></urlset>".encode()
    lists = {"page": page("b.csv"), "text": Reply(b"b.csv\n"), "site map": Reply(site)}
    url = server.on("/data/", replace(lists[kind], headers={**lists[kind].headers, "Link": link}))
    offered(server, "b.csv", "c.csv")
    outcome = shelf.visit(Files(url=(f"{url}#*.csv",)))
    assert keys(outcome) == ["data/b.csv"]
    reason, detail = only_missing(outcome)
    assert reason == "truncated"
    assert f"{server.url}/data/?page=2 is the next; write that address beside it" in detail
    server.on("/data/?page=2", page("c.csv"))
    both = shelf.visit(Files(url=(f"{url}#*.csv", f"{url}?page=2#*.csv")))
    assert both.evidence.complete


@pytest.mark.parametrize("link", ['</style.css>; rel="preload"', '</data/>; rel="next"', "<", ""])
def test_a_link_header_that_leads_nowhere_says_nothing(link: str, server: ScriptedServer, shelf: Shelf) -> None:
    found = page("b.csv")
    url = server.on("/data/", replace(found, headers={**found.headers, "Link": link} if link else found.headers))
    offered(server, "b.csv")
    assert shelf.visit(Files(url=(f"{url}#*.csv",))).evidence.complete


def test_what_an_index_page_says_of_ai_is_heard(server: ScriptedServer, shelf: Shelf) -> None:
    head = b'<html><head><META NAME="TDM-Reservation" CONTENT=" 1 "><meta name=tdm-policy content="https://a.org/p">'
    head += b'<meta name="ROBOTS" content="noindex, NoAI"></head><body><a href="b.csv">b</a></body></html>'
    url = server.on("/data/", Reply(head, headers=HTML))
    offered(server, "b.csv")
    web = shelf.web.visiting([url])
    shelf.web = web
    web.get(url, expect="text")
    said = [(one.kind, one.value, one.reach, one.where, one.reserves) for one in web.signals()]
    assert said == [
        ("meta robots", "noai", "data", url, False),
        ("tdm-reservation", "1 in the page; policy: https://a.org/p", "data", url, True),
    ]
