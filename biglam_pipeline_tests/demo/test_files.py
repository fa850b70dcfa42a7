"""Are the files served as a good server serves them, and do they hold what the sources say?"""

import csv
import hashlib
import io
import json

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from biglam_pipeline.demo.institution import Institution
from biglam_pipeline.demo.server import Running

PATHS = Institution().paths()


def rows(answer: httpx.Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.text, newline="")))


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_sent_twice(client: httpx.Client, path: str) -> None:
    whole = client.get(f"/files/{path}")
    assert whole.status_code == 200
    by_tag = client.get(f"/files/{path}", headers={"If-None-Match": whole.headers["etag"]})
    by_date = client.get(f"/files/{path}", headers={"If-Modified-Since": whole.headers["last-modified"]})
    older = client.get(f"/files/{path}", headers={"If-Modified-Since": "Sun, 02 Nov 2025 10:00:00 GMT"})
    other = {"If-None-Match": '"other"', "If-Modified-Since": whole.headers["last-modified"]}
    assert [answer.status_code for answer in (by_tag, by_date, older)] == [304, 304, 200]
    assert (by_tag.content, by_date.content) == (b"", b"")
    assert client.get(f"/files/{path}", headers=other).status_code == 200


def test_a_head_tells_the_length(client: httpx.Client) -> None:
    whole, head = client.get("/files/plates.csv"), client.head("/files/plates.csv")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-length", "etag", "last-modified", "content-type"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize(
    "asked, start, stop", [("bytes=0-9", 0, 10), ("bytes=1000-", 1000, None), ("bytes=-7", -7, None)]
)
def test_a_part_of_a_file(client: httpx.Client, asked: str, start: int, stop: int | None) -> None:
    whole = client.get("/files/letters.jsonl")
    part = client.get("/files/letters.jsonl", headers={"Range": asked, "If-Range": whole.headers["etag"]})
    assert part.status_code == 206
    assert part.content == whole.content[start:stop]
    assert part.headers["content-range"].endswith(f"/{len(whole.content)}")


def test_a_part_that_is_not_there_and_a_part_of_another_version(client: httpx.Client) -> None:
    assert client.get("/files/closed.csv", headers={"Range": "bytes=9999999-"}).status_code == 416
    answer = client.get("/files/closed.csv", headers={"Range": "bytes=0-9", "If-Range": '"older"'})
    assert (answer.status_code, len(answer.content) > 10) == (200, True)


def test_people_find_their_way(client: httpx.Client) -> None:
    assert "Aldermere Free Library" in client.get("/").text
    assert "Public Domain Mark 1.0" in client.get("/rights").text
    assert client.get("/files/mercury/").text.count(".zip</a>") == 4
    assert client.get("/files/nothing.csv").status_code == 404


def test_plates_two_duplicates_and_one_row_too_wide(client: httpx.Client) -> None:
    header, *plates = rows(client.get("/files/plates.csv"))
    wide = [row for row in plates if len(row) != len(header)]
    assert (len(plates), [row[0] for row in wide]) == (60, ["p-0033"])
    assert len({tuple(row[1:]) for row in plates}) == 58
    assert (plates[58][1:], plates[59][1:]) == (plates[6][1:], plates[11][1:])
    narrow = [dict(zip(header, row, strict=True)) for row in plates if row not in wide]
    assert all("creativecommons.org/publicdomain" in row["rights"] for row in narrow)
    assert min(len(row["note"].split()) for row in narrow) >= 60
    for row in (narrow[0], narrow[-1]):
        picture = client.get(row["picture"].removeprefix("https://institution.example"))
        assert picture.content.startswith(b"\x89PNG")


def test_letters_one_reported_twice_and_one_filed_twice(client: httpx.Client) -> None:
    letters = [json.loads(line) for line in client.get("/files/letters.jsonl").text.splitlines()]
    assert len(letters) == 40
    assert len({letter["text"] for letter in letters}) == 38
    without_id = {tuple(value for key, value in letter.items() if key != "id") for letter in letters}
    assert len(without_id) == 39
    assert letters[38]["text"] == letters[7]["text"]
    assert letters[38]["date"] != letters[7]["date"]
    assert {letter["language"] for letter in letters} == {"en", "fr", "de"}
    assert min(len(letter["text"].split()) for letter in letters) >= 80


def test_the_register_has_ten_rows(client: httpx.Client) -> None:
    header, *entries = rows(client.get("/files/closed.csv"))
    assert (header, len(entries)) == (["entry", "title", "borrowed", "note"], 10)


def test_every_file_is_the_same_on_every_start() -> None:
    def digests() -> dict[str, str]:
        library = Institution()
        files = {path: library.file(path) for path in library.paths()}
        return {path: hashlib.sha256(file.content).hexdigest() for path, file in files.items() if file}

    first = digests()
    assert len(first) == 8
    assert digests() == first


@pytest.mark.parametrize(
    "collection, path, one", [("plates", "plates.csv", "p-0033"), ("letters", "letters.jsonl", "letter-004")]
)
def test_the_second_night_of_a_list(
    client: httpx.Client, running: Running, collection: str, path: str, one: str
) -> None:
    library = running.institution
    first = client.get(f"/files/{path}")
    library.advance()
    library.remove(collection, [one])
    without = client.get(f"/files/{path}", headers={"If-None-Match": first.headers["etag"]})
    assert (without.status_code, one in without.text) == (200, False)
    assert without.headers["last-modified"] == "Sat, 03 Jan 2026 03:04:05 GMT"
    library.restore(collection, [one])
    assert client.get(f"/files/{path}").content == first.content
    library.correct(collection, [one])
    (new,) = library.add(collection)
    lines = client.get(f"/files/{path}").text.splitlines()
    assert new in lines[-1]
    changed = [line for line in lines[:-1] if line not in first.text.splitlines()]
    assert [one in line for line in changed] == [True]


def test_a_corrected_row_has_the_right_width(client: httpx.Client, running: Running) -> None:
    running.institution.correct("plates", ["p-0033"])
    assert {len(row) for row in rows(client.get("/files/plates.csv"))} == {10}


def test_what_is_not_held_cannot_be_changed() -> None:
    with pytest.raises(KeyError, match="letter-999"):
        Institution().remove("letters", ["letter-999"])


def test_requests_are_noted_and_faults_obeyed(client: httpx.Client, running: Running) -> None:
    def busy(request: Request) -> Response | None:
        return PlainTextResponse("later", 503) if request.url.path == "/oai" else None

    running.fault = busy
    assert client.get("/oai?verb=Identify").status_code == 503
    size = len(client.get("/files/closed.csv").content)
    running.fault = None
    assert client.get("/oai?verb=Identify").status_code == 200
    assert running.log[:2] == [("GET", "/oai?verb=Identify", 503, 5), ("GET", "/files/closed.csv", 200, size)]


def test_it_stops_listening() -> None:
    with Running() as served:
        address = served.address
        assert httpx.get(address, trust_env=False).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(address, trust_env=False)
