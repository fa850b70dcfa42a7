"""FTP servers as a source: as polite and as guarded as all others, and everything that old servers do."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from biglam_pipeline.errors import ObjectFailed, ServerBusy, SourceChanged
from biglam_pipeline.harvest.address import read_address
from biglam_pipeline.harvest.protocols.object_store import ObjectStore
from biglam_pipeline.web import Limits, Web
from biglam_pipeline_tests.harvest.conftest import Shelf
from biglam_pipeline_tests.harvest.protocols.conftest import MakeShelf, says_what_to_write
from biglam_pipeline_tests.harvest.protocols.records import keys, missed
from biglam_pipeline_tests.servers.ftp import FtpServer, _Conversation, ftp_server
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer

HOST = "ftp://download.example.org"


@pytest.fixture
def ftp() -> Iterator[FtpServer]:
    with ftp_server() as running:
        yield running


@pytest.fixture
def shelf(ftp: FtpServer, shelf_of: MakeShelf) -> Shelf:
    return shelf_of({f"{HOST}/": f"{ftp.url}/"})


def of(*addresses: str, **settings: Any) -> ObjectStore:
    return ObjectStore(url=tuple(one if "://" in one else HOST + one for one in addresses), **settings)


@pytest.mark.parametrize("form", ["MLSD", "LIST"])
def test_nights_of_a_folder_and_all_below_it(form: str, ftp: FtpServer, shelf: Shelf) -> None:
    ftp.unknown = frozenset({"MLSD"} if form == "LIST" else ())
    for name in ("a.txt", "b.txt", "deep/er/c.txt", "deep/x.md"):
        ftp.put(f"/news/{name}", name.encode())
    source = of("/news#*.txt")
    assert keys(shelf.visit(source)) == ["news/a.txt", "news/b.txt", "news/deep/er/c.txt"]
    del ftp.log[:]
    quiet = shelf.visit(source)
    assert (quiet.objects, len(quiet.kept), quiet.evidence.complete) == ([], 3, True)
    assert (len(ftp.asked(form)), ftp.asked("RETR")) == (3, []), "a listing for each folder, and no file"
    assert len(ftp.asked("MDTM")) == (3 if form == "LIST" else 0)
    assert ftp.sessions == 1
    ftp.put("/news/b.txt", b"TWO__", "20250101000000")
    ftp.put("/news/d.txt", b"d")
    del ftp.files[b"/news/a.txt"]
    night = shelf.visit(source)
    assert (keys(night), night.kept) == (["news/b.txt", "news/d.txt"], ["news/deep/er/c.txt"])
    ftp.put("/news/a.txt", b"a.txt")
    assert keys(shelf.visit(source)) == ["news/a.txt"]


def test_single_files_are_asked_for_by_name_and_keep_their_folders(ftp: FtpServer, shelf: Shelf) -> None:
    """As the newspapers of Europeana stand in their entry."""
    for path in ("/n/alto/1.txt", "/n/alto/2.txt", "/n/metadata/1.txt"):
        ftp.put(path, path.encode())
    source = of("/n/{alto,metadata}/1.txt")
    assert keys(shelf.visit(source)) == ["n/alto/1.txt", "n/metadata/1.txt"]
    del ftp.log[:]
    assert len(shelf.visit(source).kept) == 2
    assert {line.partition(" ")[0] for line in ftp.log} == {"NOOP", "SIZE", "MDTM"}


def test_an_old_server_that_knows_neither_size_nor_time(ftp: FtpServer, shelf: Shelf) -> None:
    """Then a file comes each night, and is found to be the same."""
    ftp.unknown = frozenset({"SIZE", "MDTM", "MLSD", "OPTS", "REST", "FEAT"})
    ftp.put("/a.txt", b"a")
    assert keys(shelf.visit(of("/"))) == ["a.txt"]
    assert shelf.visit(of("/")).kept == ["a.txt"]


@pytest.mark.parametrize("name", ["ä ö.txt", "50% off#1.txt", "x?y=1.txt", "-rf.txt", " two  blanks.txt"])
def test_a_file_is_asked_for_by_its_name_whatever_stands_in_it(name: str, ftp: FtpServer, shelf: Shelf) -> None:
    ftp.put(f"/d e/{name}", b"1")
    assert keys(shelf.visit(of("/d%20e/"))) == [f"d e/{name}"]


def test_names_in_an_encoding_that_nobody_says_come_back_as_the_same_bytes(ftp: FtpServer, shelf: Shelf) -> None:
    ftp.put("/x", b"")
    ftp.files["/b\xfccher.txt".encode("latin-1")] = ftp.files.pop(b"/x")
    outcome = shelf.visit(of("/"))
    assert (keys(outcome), outcome.objects[0].url) == (["bücher.txt"], f"{HOST}/b%FCcher.txt")


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["total 8", "-rw-r--r--   1 root root   3 Jan  2 03:04 a.txt"], ["a.txt"]),
        (["-rw-r--r--  1 root   3 Jan  2  2019 a b.txt"], ["a b.txt"]),  # without the group
        (["-rw-r--r--   1 u g   3 Mär  2  2019 2018 10:00 b.txt"], ["2018 10:00 b.txt"]),
        (["-rw-r--r--   1 u g   3 3月  2日 03:04 a.txt"], ["a.txt"]),
        (["-rw-r--r--+ 1 4294967294 10  3 2024-01-02 03:04 a.txt"], ["a.txt"]),
        (["-rw-r--r--   1 u g   3  2 Jan 2019 a.txt", "drwxr-sr-x 2 u g 4096 Jan  2 2019 .."], ["a.txt"]),
        (["insgesamt 8", "-rw-r--r--   1 joe domain users  3 Jan 02 03:04 a.txt"], ["a.txt"]),
        (["итого 8", "-rw-r--r-- 1 0 0 3 2024-01-02 03:04:05.000000000 +0000 a.txt"], ["a.txt"]),
        (["01-02-24  03:04AM       <DIR>          .", "01-02-2024  03:04                    3 a.txt"], ["a.txt"]),
    ],
)
def test_listings_of_many_programs(lines: list[str], found: list[str], ftp: FtpServer, shelf: Shelf) -> None:
    ftp.unknown = frozenset({"MLSD"})
    for name in found:
        ftp.put(f"/{name}", b"abc")
    ftp.lines[b"/"] = [line.encode() for line in lines]
    outcome = shelf.visit(of("/"))
    assert (keys(outcome), outcome.evidence.complete) == (found, True)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"something else entirely", "damaged"),
        (b"type=file;size=1", "damaged"),
        (b"type=dir; a/b", "damaged"),
        (b"type=dir; a\x07", "damaged"),
    ],
)
def test_what_is_not_understood_closes(line: bytes, reason: str, ftp: FtpServer, shelf: Shelf) -> None:
    ftp.put("/a.txt", b"a")
    shelf.visit(of("/"))
    ftp.lines[b"/"] = [line]
    outcome = shelf.visit(of("/"))
    assert (missed(outcome), outcome.kept) == ([(f"{HOST}/", reason)], ["a.txt"])


@pytest.mark.parametrize("form", ["MLSD", "LIST"])
def test_a_listing_that_ends_within_a_line_is_cut(
    form: str, ftp: FtpServer, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though its server says that all was sent: `b-lo` is no file of its own, and `b-long.txt` has not gone."""
    ftp.unknown = frozenset({"MLSD"} if form == "LIST" else ())
    for name in ("a.txt", "b-long.txt"):
        ftp.put(f"/{name}", b"abc")
    shelf.visit(of("/"))
    send = _Conversation.send
    monkeypatch.setattr(
        _Conversation,
        "send",
        lambda self, content, last="226 done": send(self, content.removesuffix(b"ng.txt\r\n"), last),
    )
    outcome = shelf.visit(of("/"))
    assert (missed(outcome), outcome.kept) == ([(f"{HOST}/", "truncated")], ["a.txt", "b-long.txt"])


def test_a_device_is_no_file(ftp: FtpServer, shelf: Shelf) -> None:
    ftp.unknown = frozenset({"MLSD"})
    ftp.put("/a.txt", b"abc")
    ftp.lines[b"/"] = [b"crw-rw-rw- 1 root root 1,   3 Jan  2 03:04 null", b"-rw-r--r-- 1 0 0 3 Jan  2 03:04 a.txt"]
    outcome = shelf.visit(of("/"))
    assert (keys(outcome), missed(outcome)) == (["a.txt"], [("null", "restricted")])


@pytest.mark.parametrize("name", [b"../x.txt", b"a\x01b.txt", b"/etc/x.txt"])
def test_a_name_that_is_none_is_missing_by_name(name: bytes, ftp: FtpServer, shelf: Shelf) -> None:
    ftp.lines[b"/n/"] = [b"type=file;size=1;modify=20240101000000; " + name, b"type=file;size=1; a.txt"]
    ftp.put("/n/a.txt", b"1")
    ftp.put("/n//etc/x.txt", b"1")
    outcome = shelf.visit(of("/n/"))
    assert keys(outcome)[-1:] == ["n/a.txt"]
    assert [one.reason for one in outcome.missing] in (["name"], [])
    assert not any(".." in key or "\x01" in key for key in shelf.held)


def test_links_are_missing_unless_they_are_left_out(ftp: FtpServer, shelf: Shelf) -> None:
    ftp.put("/a.txt", b"1")
    ftp.lines[b"/"] = [b"type=file;size=1;modify=20240101000000; a.txt", b"type=OS.unix=slink:/; loop"]
    outcome = shelf.visit(of("/"))
    assert (keys(outcome), missed(outcome)) == (["a.txt"], [("loop", "restricted")])
    assert shelf.visit(of("/", ignore="loop")).evidence.complete


def test_folders_without_an_end_are_given_up(ftp: FtpServer, shelf: Shelf) -> None:
    class Endless(dict[bytes, list[bytes]]):
        def get(self, _: bytes, default: Any = None) -> list[bytes]:
            return [b"type=dir; again"]

        def __contains__(self, _: object) -> bool:
            return True

    ftp.lines = Endless()
    assert missed(shelf.visit(of("/"))) == [(f"{HOST}/", "loop")]
    assert len(ftp.asked("MLSD")) < 50


def test_a_folder_that_is_listed_as_a_file_says_what_to_write(ftp: FtpServer, shelf: Shelf) -> None:
    ftp.put("/n/a.txt", b"1")
    (missing,) = shelf.visit(of("/n")).missing
    assert (missing.reason, "write / at its end" in missing.detail) == ("not_found", True)


# --- transfers ------------------------------------------------------------------------------------------


def test_a_transfer_that_breaks_off_goes_on_from_there(ftp: FtpServer, shelf: Shelf) -> None:
    content = bytes(range(256)) * 1000
    ftp.put("/a.bin", content)
    ftp.cut[b"/a.bin"] = 100_000
    (one,) = shelf.visit(of("/a.bin")).objects
    assert one.content == content
    assert ftp.asked("REST") == ["REST 100000"]


def test_a_large_file_goes_on_in_the_next_run(ftp: FtpServer, tmp_path: Path) -> None:
    content = bytes(range(256)) * 4000
    ftp.put("/a.bin", content)
    limits = replace(Limits(), mark_bytes=100_000, backoff_seconds=0.0, tries=1)
    rests = []
    for cut in (500_000, None):
        if cut:
            ftp.cut[b"/a.bin"] = cut
            ftp.before = lambda line: ftp.replies.update(PASV="421 closing") if line.startswith("RETR") else None
        else:
            ftp.before = lambda _: None
            ftp.replies.clear()
        with Web(
            contact="a@example.org", rewrite={}, allow_private=True, locks=tmp_path, limits=limits, sleep=lambda _: None
        ) as web:
            shelf = Shelf(web, tmp_path, tmp_path / "scratch")
            if cut:
                with pytest.raises(ServerBusy):
                    shelf.visit(of(f"{ftp.url}/a.bin"))
            else:
                (one,) = shelf.visit(of(f"{ftp.url}/a.bin")).objects
        rests.append(ftp.asked("REST"))
    assert rests[1][-1:] == ["REST 500000"]
    assert one.size == len(content)


def test_a_file_that_changed_between_two_parts_is_never_joined(ftp: FtpServer, shelf: Shelf) -> None:
    ftp.put("/a.bin", b"a" * 200_000)
    ftp.cut[b"/a.bin"] = 100_000

    def change(line: str) -> None:
        if line.startswith("NOOP") or (line.startswith("SIZE") and len(ftp.asked("SIZE")) > 1):
            ftp.put("/a.bin", b"b" * 200_000, "20250101000000")

    ftp.before = change
    outcome = shelf.visit(of("/a.bin"))
    assert all(set(one.content or b"") in ({97}, {98}) for one in outcome.objects)
    assert outcome.objects or outcome.missing


def test_a_size_that_is_not_what_the_listing_says_is_missing(ftp: FtpServer, shelf: Shelf) -> None:
    ftp.put("/a.txt", b"abc")
    ftp.lines[b"/"] = [b"type=file;size=4;modify=20240101000000; a.txt"]
    assert missed(shelf.visit(of("/"))) == [("a.txt", "checksum")]
    assert len(ftp.asked("RETR")) == 2


def test_a_killed_night_asks_for_nothing_twice(ftp: FtpServer, shelf: Shelf) -> None:
    for name in "abc":
        ftp.put(f"/{name}.txt", name.encode())
    first = shelf.visit(of("/")).objects
    shelf.held.clear()
    del ftp.log[:]
    again = shelf.resume(of("/"), tuple(first[:2]))
    assert (keys(again), ftp.asked("RETR")) == (["c.txt"], ["RETR /c.txt"])


def test_the_word_for_the_end_never_comes_and_all_is_here(
    ftp: FtpServer, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A router forgets the connection on which nothing is said while a large file comes. Of a listing, nobody knows."""

    def send(self: _Conversation, content: bytes, last: str = "") -> None:
        assert self.data is not None
        taken, _ = self.data.accept()
        self.say("150 here it comes")
        with taken, self.data:
            taken.sendall(content)
        self.sock.shutdown(socket.SHUT_RDWR)

    content = b"x" * 300_000
    ftp.put("/a.bin", content)
    ftp.put("/b.bin", content)
    monkeypatch.setattr(_Conversation, "send", send)
    assert keys(shelf.visit(of("/a.bin", "/b.bin"))) == ["a.bin", "b.bin"]
    assert len(ftp.asked("RETR")) == 2
    assert missed(shelf.visit(of("/"))) == [(f"{HOST}/", "truncated")]


@pytest.mark.parametrize("refusal", ["502 use EPSV", "500 unknown", "550 Permission denied", "227 none"])
def test_a_server_without_pasv_is_asked_by_epsv_and_else_has_no_connection(
    refusal: str, ftp: FtpServer, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 2428. It is not said of a file that it is not there."""

    def epsv(self: _Conversation, _: bytes) -> None:
        self.hang_up()
        self.data = socket.create_server(("127.0.0.1", 0))
        self.say(f"229 Entering Extended Passive Mode (|||{self.data.getsockname()[1]}|)")

    ftp.put("/a.txt", b"1")
    ftp.replies["PASV"] = refusal
    (missing,) = shelf.visit(of("/a.txt")).missing
    assert (missing.reason, "opens no connection for data" in missing.detail) == ("damaged", True)
    monkeypatch.setattr(_Conversation, "EPSV", epsv, raising=False)
    assert keys(shelf.visit(of("/"))) == ["a.txt"]


# --- a guest, and guarded -------------------------------------------------------------------------------


def test_who_asks_is_said(ftp: FtpServer, shelf: Shelf) -> None:
    ftp.put("/a.txt", b"1")
    shelf.visit(of("/a.txt"))
    assert ftp.log[:2] == ["USER anonymous", "PASS a@example.org"]


def test_robots_txt_of_the_server_is_asked_for_and_kept_to(ftp: FtpServer, tmp_path: Path) -> None:
    """RFC 9309, 2.3, has ftp://ftp.example.com/robots.txt among its examples."""
    ftp.put("/a.txt", b"1")
    ftp.put("/robots.txt", b"User-agent: *\nDisallow: /closed/\n")
    ftp.put("/closed/b.txt", b"1")
    with Web(
        contact="a@example.org",
        rewrite={},
        allow_private=True,
        locks=tmp_path,
        spare_loopback=False,
        sleep=lambda _: None,
    ) as web:
        shelf = Shelf(web, tmp_path, tmp_path / "scratch")
        assert keys(shelf.visit(of(f"{ftp.url}/a.txt"))) == ["a.txt"]
        with pytest.raises(SourceChanged, match=r"robots\.txt"):
            shelf.visit(of(f"{ftp.url}/closed/b.txt"))


def test_a_server_that_names_another_host_for_the_data_is_not_its_hand(ftp: FtpServer, shelf: Shelf) -> None:
    """PASV names an address: whoever follows it asks inside networks for others (the FTP bounce)."""
    ftp.pasv_host = "169,254,169,254"
    ftp.put("/a.txt", b"1")
    assert keys(shelf.visit(of("/a.txt"))) == ["a.txt"]


def test_a_private_server_is_not_asked(ftp: FtpServer, tmp_path: Path) -> None:
    with Web(contact="a@example.org", rewrite={}, allow_private=False, locks=tmp_path) as web:
        (missing,) = Shelf(web, tmp_path, tmp_path / "scratch").visit(of(f"{ftp.url}/a.txt")).missing
    assert (missing.reason, "not a public address" in missing.detail) == ("refused", True)
    assert ftp.log == []


def test_who_lets_nobody_in_is_left_alone(ftp: FtpServer, shelf: Shelf) -> None:
    ftp.replies["PASS"] = "530 Login incorrect."
    with pytest.raises(SourceChanged, match="without a password"):
        shelf.visit(of("/"))


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("PASS", "530 Sorry, the maximum number of clients (10) are already connected."),
        ("USER", "421 Too many connections"),
        ("PASS", "500 OOPS: vsftpd: refusing to run with writable root inside chroot()"),
        ("RETR", "450 busy"),
        ("PASV", "425 no"),
        ("TYPE", "999 what"),
    ],
)
def test_a_server_that_is_busy_is_asked_again_later(command: str, reply: str, ftp: FtpServer, shelf: Shelf) -> None:
    ftp.put("/a.txt", b"1")
    ftp.replies[command] = reply
    if command == "TYPE":
        assert missed(shelf.visit(of("/a.txt"))) == [("a.txt", "damaged")]
        return
    with pytest.raises(ServerBusy, match="FTP says"):
        shelf.visit(of("/a.txt"))


@pytest.mark.parametrize("greeting", [b"HTTP/1.1 200 OK\r\n\r\n", b"220-" + b"x" * 100_000, b"220-a\r\n" * 1000, b""])
def test_a_greeting_that_is_none_or_has_no_end(greeting: bytes, ftp: FtpServer, tmp_path: Path) -> None:
    ftp.greeting = greeting
    limits = replace(Limits(), head_seconds=0.5, read_seconds=0.3, tries=1)
    with Web(
        contact="a@example.org", rewrite={}, allow_private=True, locks=tmp_path, limits=limits, sleep=lambda _: None
    ) as web:
        shelf = Shelf(web, tmp_path, tmp_path / "scratch")
        if greeting:
            assert missed(shelf.visit(of(f"{ftp.url}/a.txt"))) == [("a.txt", "damaged")]
        else:
            with pytest.raises(ServerBusy, match="no connection"):
                shelf.visit(of(f"{ftp.url}/a.txt"))


def test_nobody_there_is_a_wait(shelf_of: MakeShelf) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ServerBusy, match="no connection"):
        shelf_of({}).visit(of(f"ftp://127.0.0.1:{port}/a.txt"))


def test_a_redirect_to_an_address_of_ftp_is_not_followed_and_a_link_to_it_neither(
    shelf_of: MakeShelf, ftp: FtpServer
) -> None:
    """Only what a person wrote is asked for by FTP."""
    web = shelf_of({}).web.visiting(["https://a.example.org/"])
    with pytest.raises(ObjectFailed, match="only http and https"):
        web.get(f"{ftp.url}/a.txt", linked=True)
    assert ftp.log == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ftp://a.org/x/*.txt", "ftp://a.org/x/#*.txt"),
        ("ftp://a.org/x.bin;type=i", "ftp://a.org/x.bin"),
    ],
)
def test_an_address_that_is_nearly_right_gets_the_one_that_is(written: str, meant: str) -> None:
    says_what_to_write(ObjectStore, written, meant)


def test_a_server_that_was_given_up_is_read_from_where_it_went(server: ScriptedServer, shelf_of: MakeShelf) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server.on("/mirror/a.txt", Reply(b"a"))
    source = of(f"ftp://127.0.0.1:{port}/pub/a.txt", mirrors={f"ftp://127.0.0.1:{port}/pub/": f"{server.url}/mirror/"})
    (one,) = shelf_of({}).visit(source).objects
    assert (one.content, one.url) == (b"a", f"ftp://127.0.0.1:{port}/pub/a.txt")


@pytest.mark.parametrize("written", ["ftps://a.org/x/", "sftp://me@a.org/x"])
def test_other_ways_to_move_files_are_told_from_it(written: str) -> None:
    with pytest.raises(ValueError, match=r"copy the files into a folder, and write file:FOLDER$"):
        read_address(written)


def test_headers_are_not_for_ftp() -> None:
    with pytest.raises(ValueError, match="FTP has none"):
        of("/x", headers={"X-Key": "env:KEY"})
