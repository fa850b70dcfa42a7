"""What is said of use by machines is read from where each proposal puts it, and never for more than it says."""

import pytest

from biglam_pipeline.parsing.html import metas_of
from biglam_pipeline.signals import Signal, in_headers, in_metas, in_robots, in_tdmrep, read_tdmrep

ORIGIN = "https://a.org"
URL = f"{ORIGIN}/data/a.csv?x=1"


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"TDM-Reservation": "1"}, [("tdm-reservation", "1")]),
        (
            {"tdm-reservation": " 1 ", "tdm-policy": "https://a.org/p.json"},
            [("tdm-reservation", "1; policy: https://a.org/p.json")],
        ),
        ({"tdm-reservation": "0"}, []),
        ({"tdm-policy": "https://a.org/p.json"}, []),
        ({"Content-Usage": "train-ai=n"}, [("Content-Usage", "train-ai=n")]),
        ({"X-Robots-Tag": "noindex, noAI, noimageai"}, [("X-Robots-Tag", "noai, noimageai")]),
        ({"X-Robots-Tag": "noindex, nofollow"}, []),
        ({"Content-Type": "text/csv"}, []),
    ],
)
def test_headers_are_of_the_data(headers: dict[str, str], said: list[tuple[str, str]]) -> None:
    found = list(in_headers(headers, URL))
    assert [(one.kind, one.value) for one in found] == said
    assert {(one.reach, one.where) for one in found} <= {("data", URL)}
    assert [one.reserves for one in found] == [one.kind == "tdm-reservation" for one in found]


def test_lines_of_robots_txt_are_of_the_host() -> None:
    text = """
# Content-Signal: ai-train=yes is only a comment
User-agent: *
content-signal: search=yes, ai-train=no  # managed
Content-Usage: train-ai=n
License: https://a.org/license.xml
Content-Signal:
Allow: /
User-agent: x
Content-Signal: search=yes, ai-train=no
"""
    found = list(in_robots(text, ORIGIN, ["GPTBot", "CCBot"]))
    assert [(one.kind, one.value) for one in found] == [
        ("Content-Signal", "search=yes, ai-train=no"),
        ("Content-Usage", "train-ai=n"),
        ("RSL license", "https://a.org/license.xml"),
        ("robots.txt", "sends away GPTBot, CCBot"),
    ]
    assert {(one.reach, one.where, one.reserves) for one in found} == {("host", f"{ORIGIN}/robots.txt", False)}


@pytest.mark.parametrize(
    ("location", "covers"),
    [
        ("/", "host"),
        ("/*", "host"),
        ("", "host"),
        ("/data", "data"),
        ("/data/*.csv", "data"),
        ("/data/a.csv?x=1$", "data"),
        ("/data/a.csv$", None),
        ("/other", None),
        ("/dat.", None),
    ],
)
def test_a_place_of_a_tdmrep_file_covers_what_begins_like_it(location: str, covers: str | None) -> None:
    places = read_tdmrep(f'[{{"location": "{location}", "tdm-reservation": 1}}]'.encode())
    assert [one.reach for one in in_tdmrep(places, ORIGIN, URL)] == ([covers] if covers else [])


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"<html>", b"{}", b"[1, null]", b"\xff[]", b"[" * 100_000),
        *(b'[{"location": 5, "tdm-reservation": 1}]', b'[{"tdm-reservation": 1}]'),
        b'[{"location": "/", "tdm-reservation": 0}]',
    ],
)
def test_what_is_no_reservation_reserves_nothing(content: bytes) -> None:
    assert read_tdmrep(content) == []


def test_a_value_is_one_short_line_whatever_a_server_writes() -> None:
    (found,) = in_headers({"Content-Usage": "a\r\n b" + "c" * 10_000}, URL)
    assert found == Signal("Content-Usage", f"a b{'c' * 296}…", "data", URL)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (b'<meta name="tdm-reservation" content="1"/>', [("tdm-reservation", "1 in the page")]),
        (
            b"<meta content='1' name=tdm-reservation><meta name=tdm-policy content=x>",
            [("tdm-reservation", "1 in the page; policy: x")],
        ),
        (b'<meta name="tdm-reservation" content="0">', []),
        (b'<meta name="tdm-policy" content="https://a.org/p">', []),
        (b'<!-- <meta name="tdm-reservation" content="1"> -->', []),
        (b'<script>\'<meta name="tdm-reservation" content="1">\'</script>', []),
        (
            b'<meta name="robots" content="noimageai, noai"><meta name="robots" content="noai">',
            [("meta robots", "noai, noimageai")],
        ),
        (b'<meta name="description" content="we say noai">', []),
        (b'<meta property="tdm-reservation" content="1">', []),
        (b'<meta name="tdm-reservation">', []),
        (b"", []),
        (b"   ", []),
        (b"\xff\xfe<\x00", []),
    ],
)
def test_metas_of_a_page_are_of_the_data(page: bytes, said: list[tuple[str, str]]) -> None:
    found = list(in_metas(metas_of(page), URL))
    assert [(one.kind, one.value) for one in found] == said
    assert {(one.reach, one.where) for one in found} <= {("data", URL)}
