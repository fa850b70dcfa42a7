"""`biglam new` at addresses that are none, lie, are too much, or mean harm: what is said cures; nothing is harmed."""

import json
import re
from pathlib import Path

import pytest

from biglam_pipeline.source import load_sources
from biglam_pipeline_tests.normalize.formats.grids import texts, xlsx
from biglam_pipeline_tests.proposing.conftest import Biglam
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer, scripted_server

HTML = {"Content-Type": "text/html; charset=utf-8"}


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.representative(3)  # further ones by the same way
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html><head><title>Log in - Library</title></head><body></body></html>", "is a wall: open it in a browser"),
        (b"<!doctype html><title>Just a moment...</title>", "is a wall: open it in a browser"),
        (b"<html><head><title>Our maps</title></head><a href='/about'>About</a></html>", "to no file that is data"),
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (bytes(range(256)) * 40, "of no kind that is known"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "write the address of the file itself"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_with_what_to_do(
    body: bytes, said: str, server: ScriptedServer, biglam: Biglam
) -> None:
    ended = biglam(
        "new", server.on("/thing", Reply(body, headers=HTML if body[:1] == b"<" and b"xml" not in body[:9] else {}))
    )
    assert ended.returncode == 2, ended.stderr
    assert said in words(ended.stderr)
    assert not ended.stdout
    assert "Traceback" not in ended.stderr


def test_a_workbook_that_no_name_says_is_one(server: ScriptedServer, biglam: Biglam) -> None:
    """As a catalogue exports it: its address has no extension, and a workbook is a ZIP."""
    data = xlsx({"S": texts(("id", "title"), ("1", "One"), ("2", "Two")), "T": texts(("x",), ("y",))})
    ended = biglam("new", server.on("/export", Reply(data)))
    assert "2 records" in words(ended.stderr)
    assert "holds 2 tables; only 'S' is taken here" in words(ended.stderr)
    assert "table: S" in ended.stdout


def test_a_database_that_is_cut_is_said_to_be_cut(server: ScriptedServer, biglam: Biglam) -> None:
    ended = biglam("new", server.on("/thing", Reply(b"SQLite format 3\0" + b"\1" * 400)))
    assert "reject thing : thing: it should have 4,328,653,313 bytes and has 416" in words(ended.stderr)
    assert "0 records" in words(ended.stderr)


@pytest.mark.representative(4)  # further ones by the same way
@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://reader:hunter2@library.example/data.csv", "a name or password before the host"),
        ("https://library.example/data.csv?api_key=hunter2", "`api_key`"),
        ("https://library.example/x?sig=hunter2&a=1", "write harvest: {url: ADDRESS, headers: {NAME: env:NAME}}"),
        ("https://library.example/\x1b[31mhunter2", "a control character stands in the address"),
        ("nowhere/at/all.csv", "is neither an address nor a file here"),
        ("s3://bucket/folder", ""),
        ("htps://library.example/x", "write https://library.example/x"),
        ("file:nowhere.csv", "nowhere.csv"),
        ("", "no address is given"),
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_not_asked_and_no_secret_is_printed(address: str, said: str, biglam: Biglam) -> None:
    ended = biglam("new", address)
    assert ended.returncode != 0
    assert said in words(ended.stderr)
    assert "hunter2" not in ended.stdout + ended.stderr
    assert "\x1b" not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_redirect_to_a_host_that_nobody_named_is_refused(server: ScriptedServer, biglam: Biglam) -> None:
    with scripted_server() as private:
        inside = private.on("/metadata", Reply(b"a,b\n1,2\n"))
        address = server.on("/data.csv", Reply(status=302, headers={"Location": inside}))
        ended = biglam("new", address, private=server.url.removeprefix("http://"))
        assert ended.returncode != 0
        assert private.asked == []


@pytest.mark.slow  # a matter of size
def test_twenty_thousand_columns_are_bounded(server: ScriptedServer, biglam: Biglam) -> None:
    names = ["title", *(f"c{n}" for n in range(20_000))]
    body = ",".join(names) + "\n" + "\n".join(",".join(["x"] * len(names)) for _ in range(3)) + "\n"
    ended = biglam("new", server.on("/wide.csv", Reply(body.encode())))
    assert ended.returncode == 0, ended.stderr
    assert len(ended.stdout) < 5_000
    assert len(ended.stderr) < 60_000
    assert "title: title" in ended.stdout


NAMES = ["title", "a: b", "# c", "[d]", "{e}", "- f", "'g\"", "*h*|<script>", "i >> j", "$k", "\x1b[31ml", "null",
         "yes", "\u202egnp", "m\tn", "&o", "!p", "%q", "@r", "`s`", "é", "=HYPERLINK(1)"]  # fmt: skip


def test_names_that_mean_something_to_yaml_terminals_or_markdown_are_names(
    server: ScriptedServer, biglam: Biglam, tmp_path: Path
) -> None:
    """As a header of JSON, where a key may hold anything; every one is a column here, and the draft can be loaded."""
    lines = [{**dict.fromkeys(NAMES, "x"), "title": f"T{n}"} for n in range(3)]
    body = "".join(json.dumps(one) + "\n" for one in lines).encode()
    ended = biglam("new", server.on("/odd.jsonl", Reply(body)), "--write")
    assert ended.returncode == 0, ended.stderr
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", ended.stderr + (tmp_path / "sources.yaml").read_text())
    load_sources([tmp_path / "sources.yaml"]).strict()


def test_values_and_titles_harm_neither_yaml_nor_the_terminal(
    server: ScriptedServer, biglam: Biglam, tmp_path: Path
) -> None:
    page = b"<html><head><title>x\"\nverified: true # \x1b[2J {{7*7}} [a]</title></head><a href='t.csv'>t</a></html>"
    server.on("/t.csv", Reply(b'title,note\n\x1b[31mred,"a\nverified: true"\n[bold]b[/],c\n'))
    ended = biglam("new", server.on("/p/", Reply(page.replace(b"t.csv", b"/t.csv"), headers=HTML)), "--write")
    assert ended.returncode == 0, ended.stderr
    assert "\x1b" not in ended.stderr
    [source] = load_sources([tmp_path / "sources.yaml"]).strict().sources.values()
    assert source.verified is False
    assert source.title == 'x" verified: true # [2J {{7*7}} [a]'


@pytest.mark.slow  # a matter of size
def test_a_page_of_very_many_links_costs_three_requests_and_few_words(server: ScriptedServer, biglam: Biglam) -> None:
    page = b"<html><head><title>Index</title></head><body>" + b"".join(
        b"<a href='f%06d.jpg'>f</a>\n" % n for n in range(10_000)
    )
    server.on("/big/f000000.jpg", Reply(b"\xff\xd8\xff\xe0", headers={"Content-Type": "image/jpeg"}))
    ended = biglam("new", server.on("/big/", Reply(page, headers=HTML)))
    assert "Traceback" not in ended.stderr
    assert len(server.asked) <= 3
    assert len(ended.stderr) < 60_000


# --- the sources file ---

TABLE = b"id,title\n1,One\n2,Two\n"
ENTRY = """  mine:
    title: Mine
    custodian: Me
    harvest: file:x.csv
    normalize: {map: {title: title}}
    rights: CC0-1.0
"""


@pytest.mark.representative(3)  # further files
@pytest.mark.parametrize(
    "before",
    [
        f"sources:\n{ENTRY}",
        f"sources:\n{ENTRY}".rstrip("\n"),
        f"# of mine\nsources:\n\n{ENTRY}\n\n# the end\n",
        f"sources:\n{ENTRY}".replace("\n", "\r\n"),
        "sources:\n" + ENTRY.replace("    ", "\0").replace("  ", "    ").replace("\0", "        "),
        "sources:\n  broken:\n    titel: x\n",
        "# nothing yet\n",
        "",
    ],
)
def test_a_draft_is_appended_and_all_else_stays_byte_for_byte(
    before: str, server: ScriptedServer, biglam: Biglam, tmp_path: Path
) -> None:
    file = tmp_path / "sources.yaml"
    file.write_bytes(before.encode())
    known = load_sources([file])
    ended = biglam("new", server.on("/mine.csv", Reply(TABLE)), "--write")
    assert ended.returncode == 0, ended.stderr
    assert file.read_bytes().startswith(before.encode())
    found = load_sources([file])
    assert [*found.sources] == [*known.sources, *(["mine_2"] if "mine" in known.sources else ["mine"])]
    assert set(found.faults) == {name for name in known.faults if name != "sources.yaml"}


@pytest.mark.representative(2)  # further files
@pytest.mark.parametrize("before", ["sources: {}\n", "[1, 2]\n", "entries:\n  a: b\n", "\xff\xfe"])
def test_a_file_that_would_not_be_read_as_before_is_left_alone(
    before: str, server: ScriptedServer, biglam: Biglam, tmp_path: Path
) -> None:
    file = tmp_path / "sources.yaml"
    file.write_bytes(before.encode("latin-1"))
    ended = biglam("new", server.on("/mine.csv", Reply(TABLE)), "--write")
    assert ended.returncode == 2, ended.stderr
    assert "nothing is written" in words(ended.stderr)
    assert file.read_bytes() == before.encode("latin-1")
