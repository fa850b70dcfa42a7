"""What stays as it was: keys beside new neighbours, other spellings, files behind walls, lists that are a part."""

import re

import pytest

from biglam_pipeline.harvest.protocols.files import Files
from biglam_pipeline_tests.harvest.conftest import Shelf
from biglam_pipeline_tests.harvest.protocols.test_files import validated
from biglam_pipeline_tests.harvest.protocols.test_files_lists import HTML, keys, offered, only_missing, page
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer


def test_a_file_keeps_its_key_beside_another_of_its_name(server: ScriptedServer, shelf: Shelf) -> None:
    """`a.csv`, and one night `a.csv?download=1` too: neither moves, and nothing comes twice."""
    harvester = Files(url=(f"{server.on('/data/', page('a.csv'))}#*.csv",))
    offered(server, "a.csv")
    shelf.visit(harvester)
    server.on("/data/", page("a.csv", "a.csv?download=1"))
    outcome = shelf.visit(harvester)
    assert (outcome.kept, keys(outcome)) == (["data/a.csv"], [f"127.0.0.1:{server.port}/data/a.csv?download=1"])
    server.on("/data/", page("a.csv?download=1", "a.csv"))
    assert keys(shelf.visit(harvester)) == []
    server.on("/data/", page("a.csv?download=1"))
    assert keys(shelf.visit(harvester)) == []
    assert sorted(shelf.held) == [f"127.0.0.1:{server.port}/data/a.csv?download=1"]


def test_an_address_has_one_spelling(server: ScriptedServer, shelf: Shelf) -> None:
    """RFC 3986, 6.2.2: the same letter escaped or not, in small digits or great, dots resolved."""
    server.on("/data/%C3%A9~.csv", validated(b"1"))  # type: ignore[arg-type]
    harvester = Files(url=(f"{server.on('/data/', page('é~.csv', '%C3%A9%7e.csv'))}#*.csv",))
    assert keys(shelf.visit(harvester)) == ["data/é~.csv"]
    for href in ("%c3%a9~.csv", "%C3%A9%7E.csv", f"{server.url}/data/./x/../é~.csv"):
        server.on("/data/", page(href))
        assert shelf.visit(harvester).kept == ["data/é~.csv"]


def test_a_name_that_the_server_does_not_say_again_stays(server: ScriptedServer, shelf: Shelf) -> None:
    url = server.on("/dl/1", Reply(b"a\n1\n", headers={"Content-Disposition": "attachment; filename=d.csv"}))
    shelf.visit(Files(url=(url,)))
    server.on("/dl/1", Reply(b"a\n2\n"))
    assert keys(shelf.visit(Files(url=(url,)))) == ["dl/1/d.csv"]


def test_f06_a_web_page_is_not_taken_for_what_was_data_before(server: ScriptedServer, shelf: Shelf) -> None:
    """The address does not say what is due there, but what came from it does; a page that stays one is data."""
    csv = {"Content-Type": "text/csv"}
    url = server.on("/dl/1", Reply(b"a\n1\n", headers=csv))
    shelf.visit(Files(url=(url,)))
    server.on("/dl/1", page(title="Just a moment..."))
    reason, detail = only_missing(shelf.visit(Files(url=(url,))))
    assert (reason, "text/csv came before" in detail, "Just a moment" in detail) == ("wall", True, True)
    other = server.on("/dl/2", page("a"))
    shelf.visit(Files(url=(other,)))
    server.on("/dl/2", page("b"))
    assert shelf.visit(Files(url=(other,))).evidence.complete


def test_an_index_that_ends_between_two_files_is_cut(server: ScriptedServer, shelf: Shelf) -> None:
    """Its server died, and its chunks end in order; a page that a careless hand left open is none of that."""
    whole = page("a.csv").body
    offered(server, "a.csv")
    url = server.on("/data/", Reply(whole[: whole.index(b"</pre>")], headers=HTML))
    assert only_missing(shelf.visit(Files(url=(f"{url}#*.csv",))))[0] == "truncated"
    for careless in (whole.replace(b"</pre>", b""), whole.replace(b"</html>", b""), b"<ul><a href=a.csv>a</a>"):
        server.on("/data/", Reply(careless, headers=HTML))
        assert shelf.visit(Files(url=(f"{url}#*.csv",))).evidence.complete


def test_one_page_of_several_is_not_taken_for_all(server: ScriptedServer, shelf: Shelf) -> None:
    """rel=next (HTML, 4.6.7.14), to the same page with another query; done literally, the remedy cures."""
    first = page("a.csv").body + b'<a rel="nofollow next" href="?page=2">more</a>'
    offered(server, "a.csv", "b.csv")
    url = server.on("/data/", Reply(first, headers=HTML))
    server.on("/data/?page=2", page("b.csv"))
    reason, detail = only_missing(shelf.visit(Files(url=(f"{url}#*.csv",))))
    assert (reason, f"{url}?page=2 is the next" in detail) == ("truncated", True)
    outcome = shelf.visit(Files(url=(f"{url}#*.csv", f"{url}?page=2#*.csv")))
    assert (sorted(shelf.held), outcome.evidence.complete) == (["data/a.csv", "data/b.csv"], True)
    chapter = page("a.csv").body + b'<link rel="next" href="chapter2.html">'
    server.on("/data/", Reply(chapter, headers=HTML))
    assert shelf.visit(Files(url=(f"{url}#*.csv",))).evidence.complete


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (("<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap><loc>{}/a.xml</loc></sitemap>"
         "</sitemapindex>"), "a list of site maps"),
        (("<ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><IsTruncated>true</IsTruncated>"
         "<Contents><Key>a.csv</Key></Contents></ListBucketResult>"), "an object store"),
    ],
)  # fmt: skip
def test_a_list_of_lists_is_no_list_of_files(body: str, words: str, server: ScriptedServer, shelf: Shelf) -> None:
    url = server.on("/list", Reply(body.format(server.url).encode(), headers={"Content-Type": "application/xml"}))
    reason, detail = only_missing(shelf.visit(Files(url=(f"{url}#*",))))
    assert (reason, bool(re.search(words, detail))) == ("not_a_list", True)


def test_a_name_in_a_query_is_chosen_whatever_stands_behind_it(server: ScriptedServer, shelf: Shelf) -> None:
    url = server.on("/data/", page("get.php?file=a.csv&amp;v=1", "get.php?file=b.zip&amp;v=1"))
    server.on("/data/get.php?file=a.csv&v=1", Reply(b"a"))
    outcome = shelf.visit(Files(url=(f"{url}#*.csv",)))
    assert ([one.content for one in outcome.objects], outcome.evidence.complete) == ([b"a"], True)


def test_a_checksum_beside_that_is_gone_is_said_to_be_one_and_the_remedy_cures(
    server: ScriptedServer, shelf: Shelf
) -> None:
    url = server.on("/data/", page("a.csv", "a.csv.sha256"))
    offered(server, "a.csv")
    reason, detail = only_missing(shelf.visit(Files(url=(f"{url}#*.csv",))))
    assert (reason, "the checksum that is listed beside data/a.csv" in detail) == ("not_found", True)
    ignored = re.search(r"ignore: '(.+)'", detail)
    assert ignored is not None
    assert shelf.visit(Files(url=(f"{url}#*.csv",), ignore=(ignored[1],))).evidence.complete


def test_an_address_with_a_blank_in_it_is_not_lost_in_silence(server: ScriptedServer, shelf: Shelf) -> None:
    """What stands in front of the blank is another address, which no pattern for the file would choose."""
    lines = ["/data/b.csv b.csv", "/data/c.csv (1.2 MB)", "/data/d.csv 1.5K", "/data/my file.csv"]
    text = "\n".join(f"{server.url}{line}" for line in lines)
    url = server.on("/list.txt", Reply(text.encode(), headers={"Content-Type": "text/plain"}))
    offered(server, "b.csv", "c.csv", "d.csv", "my%20file.csv")
    outcome = shelf.visit(Files(url=(f"{url}#*.csv",)))
    assert keys(outcome) == ["data/b.csv", "data/c.csv", "data/d.csv"]
    reason, detail = only_missing(outcome)
    assert (reason, "/data/my file.csv" in detail, "%20" in detail) == ("not_a_list", True, True)
    server.on("/list.txt", Reply(text.replace("my file", "my%20file").encode(), headers={"Content-Type": "text/plain"}))
    outcome = shelf.visit(Files(url=(f"{url}#*.csv",)))
    assert (keys(outcome), outcome.evidence.complete) == (["data/my file.csv"], True)
