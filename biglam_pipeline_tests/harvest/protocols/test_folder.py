"""A folder as a source."""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from biglam_pipeline.errors import ConfigError
from biglam_pipeline.harvest.protocols.folder import Folder
from biglam_pipeline.store.walking import Walk, Walked
from biglam_pipeline_tests.contracts.offers import Offer
from biglam_pipeline_tests.harvest.conftest import Shelf
from biglam_pipeline_tests.opening import opened_below
from biglam_pipeline_tests.servers.web import ScriptedServer


@pytest.fixture
def folder(shelf: Shelf) -> Path:
    data = shelf.base / "data"
    (data / "deep").mkdir(parents=True)
    (data / "a.csv").write_text("a,b\n")
    (data / "deep" / "b.csv").write_text("c,d\n")
    (data / "deep" / "notes.txt").write_text("x")
    (data / ".DS_Store").write_text("x")
    return data


def offer(server: ScriptedServer, folder: Path) -> Offer:
    """A file that is gone is simply gone; one that is listed and cannot be had is a link that leads nowhere."""
    objects = {name: f"{name}\n".encode() for name in ("a.csv", "b/c.csv", "d.csv")}
    data = folder / "data"

    def find(key: str) -> None:
        (data / key).parent.mkdir(parents=True, exist_ok=True)
        (data / key).unlink(missing_ok=True)
        (data / key).write_bytes(objects[key])

    def lose(key: str) -> None:
        (data / key).unlink()
        (data / key).symlink_to("nowhere.csv")

    for key in objects:
        find(key)
    return Offer({"url": ["file:data"]}, objects, lose, find)


def test_a_folder_is_read_by_name(shelf: Shelf, folder: Path) -> None:
    outcome = shelf.visit(Folder(url=("file:data",)))
    assert [(one.key, one.content, one.archive) for one in outcome.objects] == [
        ("a.csv", b"a,b\n", False),
        ("deep/b.csv", b"c,d\n", False),
        ("deep/notes.txt", b"x", False),
    ]
    assert outcome.objects[1].url == "file:data/deep/b.csv"
    assert (outcome.evidence.mode, outcome.evidence.complete) == ("replace", True)
    assert outcome.evidence.proof == "3 files listed, 3 read, 0 unchanged, 0 missing"
    assert outcome.evidence.left_out == {"litter": 1}


def test_a_pattern_chooses(shelf: Shelf, folder: Path) -> None:
    outcome = shelf.visit(Folder(url=("file:data#deep/*.{csv,tsv}",)))
    assert [one.key for one in outcome.objects] == ["deep/b.csv"]


def test_one_file_is_a_folder_of_one(shelf: Shelf, folder: Path) -> None:
    outcome = shelf.visit(Folder(url=(f"file:{folder}/a.csv",)))
    assert [(one.key, one.content) for one in outcome.objects] == [("a.csv", b"a,b\n")]


def test_a_list_of_addresses_is_not_taken_for_data(shelf: Shelf, folder: Path) -> None:
    (folder / "list.txt").write_text("https://example.org/1.zip\n")
    with pytest.raises(ValidationError, match="leave `type: folder` out"):
        Folder(url=("file:data/list.txt#*",))
    (folder / "list").write_text("https://example.org/1.zip\n")
    with pytest.raises(ConfigError, match=r"leave #\* out"):
        shelf.visit(Folder(url=("file:data/list#*",)))


def test_several_folders_keep_their_names_apart(shelf: Shelf, folder: Path) -> None:
    (shelf.base / "more").mkdir()
    (shelf.base / "more" / "a.csv").write_text("e\n")
    outcome = shelf.visit(Folder(url=("file:data", "file:more")))
    assert [one.key for one in outcome.objects] == ["data/a.csv", "deep/b.csv", "deep/notes.txt", "more/a.csv"]


def test_unchanged_files_are_not_opened(shelf: Shelf, folder: Path) -> None:
    shelf.visit(Folder(url=("file:data",)))
    with opened_below(folder) as opened:
        outcome = shelf.visit(Folder(url=("file:data",)))
    assert (outcome.objects, outcome.kept) == ([], ["a.csv", "deep/b.csv", "deep/notes.txt"])
    assert outcome.evidence.complete
    assert opened == []


@pytest.mark.parametrize("by_another", [False, True])
def test_a_file_that_changed_under_its_size_and_time_is_read(shelf: Shelf, folder: Path, by_another: bool) -> None:
    """`rsync --times`, `cp -p` and editors of metadata put the time back; `by_another`: a file that takes its name."""
    shelf.visit(Folder(url=("file:data",)))
    path, new = folder / "a.csv", (shelf.base / "new") if by_another else folder / "a.csv"
    state = path.stat()
    new.write_bytes(path.read_bytes().swapcase())
    os.utime(new, ns=(state.st_atime_ns, state.st_mtime_ns))
    new.replace(path)
    outcome = shelf.visit(Folder(url=("file:data",)))
    assert [one.key for one in outcome.objects] == ["a.csv"]


def test_a_touched_file_with_the_same_bytes_is_kept(shelf: Shelf, folder: Path) -> None:
    shelf.visit(Folder(url=("file:data",)))
    os.utime(folder / "a.csv", ns=(1, 1))
    (folder / "deep" / "b.csv").write_text("changed")
    outcome = shelf.visit(Folder(url=("file:data",)))
    assert [one.key for one in outcome.objects] == ["deep/b.csv"]
    assert outcome.kept == ["a.csv", "deep/notes.txt"]


def test_a_removed_file_is_gone(shelf: Shelf, folder: Path) -> None:
    shelf.visit(Folder(url=("file:data",)))
    (folder / "a.csv").unlink()
    outcome = shelf.visit(Folder(url=("file:data",)))
    assert outcome.evidence.complete
    assert "a.csv" not in shelf.held


@pytest.mark.parametrize(
    ("address", "words"), [("gone", "there is no"), ("empty", "mounted"), ("data#*.pdf", "pattern")]
)
def test_a_folder_that_yields_nothing_is_not_complete(address: str, words: str, shelf: Shelf, folder: Path) -> None:
    (shelf.base / "empty").mkdir()
    outcome = shelf.visit(Folder(url=(address,)))
    assert [one.reason for one in outcome.missing] == ["not_found"]
    assert words in outcome.missing[0].detail
    assert not outcome.evidence.complete


def test_an_archive_goes_to_the_shelf_as_a_copy(shelf: Shelf, folder: Path) -> None:
    with zipfile.ZipFile(folder / "pages.zip", "w") as archive:
        archive.writestr("a.xml", "<a/>")
    (folder / "broken.zip").write_bytes((folder / "pages.zip").read_bytes()[:-30])
    outcome = shelf.visit(Folder(url=("file:data#*.zip",)))
    (one,) = outcome.objects
    assert (one.key, one.archive, one.content) == ("pages.zip", True, None)
    assert one.path is not None
    assert one.path.parent == shelf.scratch
    assert (folder / "pages.zip").exists()
    assert [(one.key, one.reason) for one in outcome.missing] == [("broken.zip", "truncated")]
    assert not outcome.evidence.complete


def test_a_file_that_changes_while_it_is_read_is_missing(
    shelf: Shelf, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Walk.through

    def walk_then_append(walk: Walk, path: Path) -> Walked:
        listed = real(walk, path)
        with (folder / "a.csv").open("a") as stream:
            stream.write("more\n")
        (folder / "deep" / "notes.txt").unlink()
        return listed

    monkeypatch.setattr(Walk, "through", walk_then_append)
    outcome = shelf.visit(Folder(url=("file:data",)))
    assert [(one.key, one.reason) for one in outcome.missing] == [("a.csv", "changed"), ("deep/notes.txt", "changed")]
    assert not outcome.evidence.complete


def test_what_is_shelved_is_not_read_again(shelf: Shelf, folder: Path) -> None:
    first = shelf.visit(Folder(url=("file:data",)))
    shelf.held.clear()
    outcome = shelf.resume(Folder(url=("file:data",)), tuple(first.objects[:2]))
    assert [one.key for one in outcome.objects] == ["deep/notes.txt"]
    assert outcome.evidence.proof == "3 files listed, 3 read, 0 unchanged, 0 missing"


def test_h28_newlines_in_names_are_data(shelf: Shelf, folder: Path) -> None:
    (folder / "two\nlines.csv").write_text("x")
    assert "two\nlines.csv" in [one.key for one in shelf.visit(Folder(url=("file:data",))).objects]


@pytest.fixture
def closed_file(folder: Path) -> Iterator[Path]:
    path = folder / "a.csv"
    path.chmod(0)
    yield path
    path.chmod(0o644)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_missing(shelf: Shelf, closed_file: Path) -> None:
    outcome = shelf.visit(Folder(url=("file:data",)))
    assert [one.reason for one in outcome.missing] == ["refused"]


@pytest.mark.parametrize("second", ["data/a.csv", "data", "data/box", "data#*.csv"])
@pytest.mark.parametrize("turned", [False, True])
def test_what_another_address_names_too_is_counted_once(shelf: Shelf, second: str, turned: bool) -> None:
    """A file and its folder, a folder and one in it, the same folder by two patterns: in either order."""
    folder = shelf.base / "data"
    (folder / "box").mkdir(parents=True)
    for name in ("a.csv", "b.csv", "box/a.csv"):
        (folder / name).write_text(name)
    urls = ["data#**", second] if second == "data" else ["data", second]
    outcome = shelf.visit(Folder(url=tuple(reversed(urls) if turned else urls)))
    assert sorted(one.content or b"" for one in outcome.objects) == [b"a.csv", b"b.csv", b"box/a.csv"]
    assert len({one.key for one in outcome.objects}) == 3
    assert outcome.evidence.left_out["linked"] == {"data/a.csv": 1, "data": 3, "data/box": 1, "data#*.csv": 3}[second]
