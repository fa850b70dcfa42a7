"""Datasets on the Hub as a source: one commit a visit, every file held against its digest, no key to another host."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from biglam_pipeline.errors import ServerBusy, SourceChanged
from biglam_pipeline.harvest.address import read_address
from biglam_pipeline.harvest.protocols.hub import Hub
from biglam_pipeline.web import Web
from biglam_pipeline_tests.contracts.offers import Offer
from biglam_pipeline_tests.harvest.conftest import Outcome, Shelf
from biglam_pipeline_tests.harvest.protocols.conftest import says_what_to_write
from biglam_pipeline_tests.servers.datasets import Dataset
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer, scripted_server

A, B, C = b"id,title\n1,One\n", b"id,title\n2,Two\n", b"id,title\n3,Three\n"
FILES: dict[str, bytes | None] = {
    "data/a.csv": A,
    "data/b.csv": B,
    "README.md": b"---\nlicense: cc0-1.0\n---\n",
    ".gitattributes": b"*.parquet filter=lfs\n",
}
SOURCE = "hf:biglam/prints"


def offer(server: ScriptedServer, folder: Path) -> Offer:
    objects = {f"data/{name}.csv": f"x,y\n{name},1\n".encode() for name in "abc"}
    dataset = Dataset(server, large=("b.csv",))
    dataset.commit({**objects, "README.md": b"# Prints\n"})
    return Offer(
        {"url": [f"{SOURCE}#*.csv"]},
        objects,
        lambda key: dataset.on(key, Reply(status=404)),
        lambda key: dataset.on(key, Reply(objects[key])),
        dataset.rewrite,
    )


@pytest.fixture
def dataset(server: ScriptedServer) -> Dataset:
    made = Dataset(server, large=(".parquet", ".zip"))
    made.commit(FILES)
    return made


@pytest.fixture
def shelf(dataset: Dataset, tmp_path: Path, slept: list[float]) -> Iterator[Shelf]:
    rewrite, locks = dataset.rewrite, tmp_path / "locks"
    with Web(contact="a@example.org", rewrite=rewrite, allow_private=True, locks=locks, sleep=slept.append) as web:
        yield Shelf(web, tmp_path, tmp_path / "scratch")


def held(shelf: Shelf) -> dict[str, bytes]:
    return {key: shelf.bytes_of[one.sha256] for key, one in shelf.held.items()}


def why(outcome: Outcome) -> dict[str, str]:
    return {one.key: one.reason for one in outcome.missing}


# --- nights ---


def test_a_night_brings_what_was_added_corrected_removed_or_restored(dataset: Dataset, shelf: Shelf) -> None:
    source = Hub(url=f"{SOURCE}#*.csv")
    assert shelf.visit(source).evidence.proof == "4 files listed, 2 chosen, 2 came whole, 0 unchanged, 0 missing"
    assert held(shelf) == {"data/a.csv": A, "data/b.csv": B}
    dataset.commit({"data/b.csv": C, "data/c.csv": C, "README.md": b"other"})
    before = len(dataset.server.asked)
    outcome = shelf.visit(source)
    assert ([one.key for one in outcome.objects], outcome.kept) == (["data/b.csv", "data/c.csv"], ["data/a.csv"])
    assert len(dataset.server.asked) - before == 4, "the commit, the list, two files"
    dataset.commit({"data/a.csv": None})
    assert shelf.visit(source).kept == ["data/b.csv", "data/c.csv"]
    dataset.commit({"data/a.csv": A})
    assert [one.key for one in shelf.visit(source).objects] == ["data/a.csv"]
    assert held(shelf) == {"data/a.csv": A, "data/b.csv": C, "data/c.csv": C}


def test_a_night_without_a_commit_is_one_request(dataset: Dataset, shelf: Shelf) -> None:
    source = Hub(url=SOURCE)
    first = shelf.visit(source)
    assert first.evidence.left_out == {"litter": 1}
    before = len(dataset.server.asked)
    outcome = shelf.visit(source)
    assert (outcome.objects, len(outcome.kept), outcome.evidence.complete) == ([], 3, True)
    assert outcome.evidence.left_out == {"litter": 1}
    assert dataset.server.paths()[before:] == ["/hub/api/datasets/biglam/prints/revision/main?expand=sha"]


def test_a_commit_that_touches_nothing_chosen_is_two_requests(dataset: Dataset, shelf: Shelf) -> None:
    source = Hub(url=f"{SOURCE}#*.csv")
    shelf.visit(source)
    dataset.commit({"README.md": b"other"})
    before = len(dataset.server.asked)
    assert shelf.visit(source).kept == ["data/a.csv", "data/b.csv"]
    assert len(dataset.server.asked) - before == 2


def test_a_whole_commit_is_never_looked_up(dataset: Dataset, shelf: Shelf) -> None:
    source = Hub(url=f"{SOURCE}@{dataset.head}#*.csv")
    shelf.visit(source)
    dataset.commit({"data/a.csv": C})
    before = len(dataset.server.asked)
    assert shelf.visit(source).kept == ["data/a.csv", "data/b.csv"]
    assert len(dataset.server.asked) == before


def test_files_of_two_commits_never_mix(dataset: Dataset, shelf: Shelf) -> None:
    """A commit that comes between the list and a file; and one while a visit that was killed waits to be taken up."""
    old = dataset.head

    def commit_first(asked: Asked) -> Reply:
        dataset.commit({"data/a.csv": C, "data/b.csv": C})
        return Reply(A)

    dataset.on("data/a.csv", commit_first)
    taken = tuple(one for one in shelf.visit(Hub(url=f"{SOURCE}#*.csv")).objects if one.key == "data/a.csv")
    assert (dataset.head != old, held(shelf)) == (True, {"data/a.csv": A, "data/b.csv": B})
    shelf.held, shelf.cursor = {}, {}
    shelf.resume(Hub(url=f"{SOURCE}#*.csv"), taken)
    assert held(shelf) == {"data/a.csv": A, "data/b.csv": B}
    shelf.visit(Hub(url=f"{SOURCE}#*.csv"))
    assert held(shelf) == {"data/a.csv": C, "data/b.csv": C}


def test_a_branch_that_goes_back_after_a_night_without_all_is_no_whole(dataset: Dataset, shelf: Shelf) -> None:
    source = Hub(url=f"{SOURCE}#*.csv")
    shelf.visit(source)
    cursor = dict(shelf.cursor)
    dataset.commit({"data/a.csv": C, "data/b.csv": C})
    dataset.on("data/b.csv", Reply(status=404))
    assert why(shelf.visit(source)) == {"data/b.csv": "not_found"}
    shelf.cursor = cursor  # as it is left where a harvest is not whole
    dataset.commits.append(dataset.commits[0])
    assert shelf.visit(source).evidence.complete
    assert held(shelf) == {"data/a.csv": A, "data/b.csv": B}


def test_a_dataset_of_many_files_is_listed_in_pages(dataset: Dataset, shelf: Shelf) -> None:
    dataset.page = 100
    dataset.commit({f"p/{number:04d}.txt": b"%d" % number for number in range(450)})
    before = len(dataset.server.asked)
    outcome = shelf.visit(Hub(url=f"{SOURCE}#p/00*.txt"))
    assert (len(outcome.objects), outcome.evidence.proof[:18]) == (100, "454 files listed, ")
    assert len(dataset.server.asked) - before == 1 + 5 + 100


def test_two_datasets_with_a_file_of_the_same_name(dataset: Dataset, shelf: Shelf) -> None:
    other = Dataset(dataset.server, "biglam/maps")
    other.commit({"data/a.csv": C, "maps.csv": C})
    source = Hub(url=[f"{SOURCE}#*.csv", "hf:biglam/maps", f"{SOURCE}#data/*"])
    shelf.visit(source)
    names = ["data/b.csv", "maps.csv", "maps/data/a.csv", "prints/data/a.csv"]
    assert sorted(held(shelf)) == names
    dataset.commit({"README.md": b"x"})
    assert sorted(shelf.visit(source).kept) == names, "no key has a commit in it"
    before = len(dataset.server.asked)
    shelf.visit(source)
    assert len(dataset.server.asked) - before == 2, "one commit a dataset, however many patterns"


# --- digests ---


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_file_is_held_against_its_digest(dataset: Dataset, shelf: Shelf, name: str) -> None:
    """git's of small files, sha256 of large ones; once more, then it is missing."""
    dataset.commit({name: A})
    dataset.server.on(dataset.place(name), Reply(B), Reply(A))
    assert shelf.visit(Hub(url=f"{SOURCE}#{name}")).evidence.complete
    dataset.commit({name: C})
    dataset.on(name, Reply(B))
    outcome = shelf.visit(Hub(url=f"{SOURCE}#{name}"))
    assert name not in held(shelf)
    assert (why(outcome), outcome.evidence.complete) == ({name: "checksum"}, False)


def test_a_pointer_in_place_of_a_file_is_missing(dataset: Dataset, shelf: Shelf) -> None:
    dataset.commit({"a.parquet": A})
    dataset.on("a.parquet", Reply(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"))
    assert why(shelf.visit(Hub(url=f"{SOURCE}#*.parquet"))) == {"a.parquet": "lfs_pointer"}


# --- hostile lists ---


def _serve(dataset: Dataset, rows: Any, link: str = "") -> None:
    body = rows if isinstance(rows, bytes) else json.dumps(rows).encode()
    dataset.server.on(dataset.tree, Reply(body, headers={"Link": f'<{link}>; rel="next"'} if link else {}))


@pytest.mark.parametrize(
    "rows",
    [
        b"<html>wall</html>",
        b"",
        b'[{"type":"file","path":"a.csv"',
        {"error": "x"},
        ["a.csv"],
        [{"type": "file", "path": "a.csv", "size": 3}],
        [{"type": "file", "path": "a.csv", "size": "3", "oid": "0" * 40}],
        [{"type": "file", "path": None, "size": 3, "oid": "0" * 40}],
        [{"type": "file", "path": "a.csv", "size": 3, "oid": "0" * 40, "lfs": {"oid": "md5", "size": 3}}],
        [{"type": "unknown", "path": "a.csv", "size": 3, "oid": "0" * 40}],
        [],
    ],
)
def test_a_list_that_is_none_takes_no_file_away(dataset: Dataset, shelf: Shelf, rows: Any) -> None:
    _serve(dataset, rows)
    outcome = shelf.visit(Hub(url=SOURCE))
    assert not outcome.evidence.complete
    assert [one.key for one in outcome.missing] == [SOURCE]


@pytest.mark.parametrize("path", ["../a.csv", "/etc/a.csv", "a/../../b.csv", "C:\\a.csv", "a\nb.csv", "data/", "\x00"])
def test_a_path_that_leads_out_is_missing_and_the_rest_comes(dataset: Dataset, shelf: Shelf, path: str) -> None:
    rows = dataset.rows({"data/a.csv": A})
    _serve(dataset, [*rows, {**rows[-1], "path": path}])
    outcome = shelf.visit(Hub(url=SOURCE))
    shown = path.replace("\n", "\ufffd").replace("\x00", "\ufffd")
    assert (why(outcome), list(held(shelf))) == ({shown: "name"}, ["data/a.csv"])


def test_a_path_that_is_listed_twice(dataset: Dataset, shelf: Shelf) -> None:
    """In the same way, it is one file; with another digest, nobody knows which is meant."""
    rows = dataset.rows({"data/a.csv": A, "data/b.csv": B})
    _serve(dataset, [*rows, rows[-1]])
    assert shelf.visit(Hub(url=SOURCE)).evidence.complete
    dataset.commit({"README.md": b"x"})
    _serve(dataset, [*rows, {**rows[-1], "size": 7}])
    assert why(shelf.visit(Hub(url=SOURCE))) == {"data/b.csv": "named_twice"}


def test_a_list_that_leads_back_or_elsewhere_or_has_no_end(
    dataset: Dataset, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = dataset.rows({"data/a.csv": A})
    _serve(dataset, rows, f"https://huggingface.co{dataset.tree.removeprefix('/hub')}?recursive=true&expand=false")
    assert why(shelf.visit(Hub(url=SOURCE))) == {SOURCE: "loop"}
    _serve(dataset, rows, "https://example.org/api/steal?cursor=1")
    assert why(shelf.visit(Hub(url=SOURCE))) == {SOURCE: "not_found"}, "asked of the Hub, and of nobody else"
    assert dataset.server.paths()[-1] == "/hub/api/steal?cursor=1"
    monkeypatch.setattr("biglam_pipeline.harvest.protocols.hub._MOST_PAGES", 20)
    count = iter(range(1000))

    def endless(asked: Asked) -> Reply:
        link = f"https://huggingface.co{dataset.tree.removeprefix('/hub')}?recursive=true&expand=false&cursor={next(count)}"
        return Reply(json.dumps(rows).encode(), headers={"Link": f'<{link}>; rel="next"'})

    dataset.server.on(dataset.tree, endless)
    assert why(shelf.visit(Hub(url=SOURCE))) == {SOURCE: "loop"}


def test_a_list_of_a_million_names_is_refused(dataset: Dataset, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("biglam_pipeline.harvest.listing._MOST", 100)
    dataset.commit({f"{number}.txt": b"x" for number in range(101)})
    assert why(shelf.visit(Hub(url=SOURCE))) == {SOURCE: "too_large"}


# --- refusals ---


@pytest.mark.parametrize("place", ["revision", "tree", "file"])
@pytest.mark.parametrize("status", [401, 403])
def test_one_that_is_private_gated_or_not_there_says_what_to_do(
    dataset: Dataset, shelf: Shelf, place: str, status: int
) -> None:
    path = {"revision": "/hub/api/datasets/biglam/prints/revision/main", "tree": dataset.tree}
    dataset.server.on(path.get(place, dataset.place("data/a.csv")), Reply(b"Access is restricted", status))
    with pytest.raises(SourceChanged, match=r"private, gated or not there.*headers: \{Authorization: env:NAME\}"):
        shelf.visit(Hub(url=SOURCE))


def test_a_revision_that_is_not_there(dataset: Dataset, shelf: Shelf) -> None:
    outcome = shelf.visit(Hub(url=[f"{SOURCE}@v9", "hf:biglam/maps"]))
    assert why(outcome) == {f"{SOURCE}@v9": "not_found", "hf:biglam/maps": "not_found"}
    assert "no revision v9 of it" in outcome.missing[0].detail
    assert outcome.evidence.proof.endswith("; 2 datasets not found")


def test_a_hub_that_asks_to_wait_is_waited_for(dataset: Dataset, shelf: Shelf, slept: list[float]) -> None:
    dataset.server.on(dataset.place("data/a.csv"), Reply(status=429, headers={"Retry-After": "7"}), Reply(A))
    assert shelf.visit(Hub(url=SOURCE)).evidence.complete
    assert slept == [7.0]
    dataset.server.on(dataset.tree, Reply(status=429, headers={"Retry-After": "900"}))
    dataset.commits.append(dataset.commits.pop(0))
    shelf.cursor = {}
    with pytest.raises(ServerBusy):
        shelf.visit(Hub(url=SOURCE))


def test_a_dataset_that_was_renamed_is_told(dataset: Dataset, shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    """The Hub leads from the old name to the new one."""
    to = f"{dataset.server.url}/hub/api/datasets/biglam/prints/revision/main?expand=sha"
    dataset.server.on("/hub/api/datasets/old/name/revision/main", Reply(status=307, headers={"Location": to}))
    dataset.server.on(f"/hub/api/datasets/old/name/tree/{dataset.head}", Reply(b"[]"))
    with caplog.at_level(logging.WARNING):
        shelf.visit(Hub(url="hf:old/name"))
    assert "hf:old/name is called hf:biglam/prints now" in caplog.text


def test_a_key_goes_to_the_hub_and_not_to_the_host_of_the_bytes(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`resolve` leads to a content network, with a signature of its own in the address."""
    monkeypatch.setattr("biglam_pipeline.harvest.protocols.hub.HOST", dataset.server.url + "/hub")
    source = Hub(url=f"{SOURCE}#data/a.csv", headers={"Authorization": "env:A_KEY"})
    with scripted_server() as network:
        to = network.on("/xet/abc?X-Amz-Signature=S1GNED", Reply(A))
        dataset.on("data/a.csv", Reply(status=302, headers={"Location": to}))
        secrets = {"A_KEY": "Bearer S3CRET"}
        everywhere = frozenset({"1", f"127.0.0.1:{network.port}"})
        with Web(
            contact="a@example.org", rewrite={}, allow_private=everywhere, locks=tmp_path / "locks", secrets=secrets
        ) as web:
            guest = web.visiting(source.begins_at, headers=source.secret_headers)
            shelf = Shelf(guest, tmp_path, tmp_path / "scratch")
            outcome = shelf.visit(source)
        assert [one.content for one in outcome.objects] == [A]
        assert [asked.headers.get("Authorization") for asked in dataset.server.asked] == ["Bearer S3CRET"] * 3
        assert [asked.headers.get("Authorization") for asked in network.asked] == [None]
    assert "S1GNED" not in repr(outcome.objects) + repr(shelf.held)
    assert "S3CRET" not in repr(outcome.objects)


# --- addresses ---


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://huggingface.co/datasets/biglam/prints", "hf:biglam/prints"),
        ("https://huggingface.co/datasets/biglam/prints/", "hf:biglam/prints"),
        ("https://hf.co/datasets/biglam/prints", "hf:biglam/prints"),
        ("https://huggingface.co/datasets/biglam/prints/viewer/default/train", "hf:biglam/prints"),
        ("https://huggingface.co/datasets/biglam/prints/tree/main", "hf:biglam/prints"),
        ("https://huggingface.co/datasets/biglam/prints/tree/v1/data", "hf:biglam/prints@v1#data/**"),
        (
            "https://huggingface.co/datasets/biglam/prints/tree/refs%2Fconvert%2Fparquet/default",
            "hf:biglam/prints@refs/convert/parquet#default/**",
        ),
        ("https://huggingface.co/datasets/biglam/prints/blob/main/data/a.csv", "hf:biglam/prints#data/a.csv"),
        ("https://huggingface.co/datasets/biglam/prints.git", "hf:biglam/prints"),
        ("git@hf.co:datasets/biglam/prints", "hf:biglam/prints"),
        ("hf://datasets/biglam/prints@v1/data/a.csv", "hf:biglam/prints@v1#data/a.csv"),
        ("hf://datasets/biglam/prints", "hf:biglam/prints"),
        ("hf:datasets/biglam/prints", "hf:biglam/prints"),
        ("hf:biglam/prints/data/a.csv", "hf:biglam/prints#data/a.csv"),
        ("hf:https://huggingface.co/datasets/biglam/prints", "hf:biglam/prints"),
        ("hf:biglam/prints.git", "hf:biglam/prints"),
        ("hf:biglam/prints/", "hf:biglam/prints"),
    ],
)
def test_an_address_that_is_nearly_right_says_what_to_write(written: str, meant: str) -> None:
    """And what it says is right."""
    says_what_to_write(Hub, written, meant)
    assert Hub(**read_address(meant)).url == (meant,)


@pytest.mark.parametrize(
    "address",
    [
        "https://huggingface.co/datasets/biglam/prints/resolve/main/data/a.csv",
        "https://huggingface.co/docs/hub/api",
        "https://huggingface.co/biglam/a-model/resolve/main/config.json",
    ],
)
def test_the_address_of_a_file_is_one(address: str) -> None:
    assert read_address(address)["type"] == "files"


@pytest.mark.parametrize("address", ["hf:", "hf:prints", "hf:biglam/prints@", "hf:big lam/x", "hf:biglam/x#data/"])
def test_what_is_no_dataset(address: str) -> None:
    with pytest.raises((ValueError, ValidationError), match="write"):
        Hub(**read_address(address))


def test_two_revisions_that_may_move_are_two_sources() -> None:
    commits = ["a" * 40, "b" * 40]
    assert Hub(url=[f"{SOURCE}@{commits[0]}#x/*", f"{SOURCE}@{commits[1]}#y/*", "hf:biglam/maps"])
    assert Hub(url=[f"{SOURCE}#z/*", f"{SOURCE}#*.csv"])
    with pytest.raises(ValidationError, match="make a source of each, or name whole commits"):
        Hub(url=[SOURCE, f"{SOURCE}@v1"])
    with pytest.raises(ValidationError, match="make a source of each, or name whole commits"):
        Hub(url=[f"{SOURCE}@{commits[0]}", f"{SOURCE}@v1"])


def test_a_dataset_that_cannot_be_looked_up_loses_nothing(
    dataset: Dataset, shelf: Shelf, server: ScriptedServer
) -> None:
    source = Hub(url=f"{SOURCE}#*.csv")
    shelf.visit(source)
    spoil = server.spoil
    server.spoil = lambda _: Reply(b"no", 404)
    outcome = shelf.visit(source)
    assert (outcome.kept, len(outcome.missing), outcome.evidence.complete) == (["data/a.csv", "data/b.csv"], 1, False)
    server.spoil = spoil
    before = len(dataset.server.asked)
    outcome = shelf.visit(source)
    assert (outcome.kept, outcome.evidence.complete) == (["data/a.csv", "data/b.csv"], True)
    assert len(dataset.server.asked) - before <= 2, "no file comes again"
