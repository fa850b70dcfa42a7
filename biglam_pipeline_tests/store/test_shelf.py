"""The five verbs, on disk and in object storage alike."""

import os
import threading
import uuid
from pathlib import Path

import fsspec
import pytest

from biglam_pipeline.errors import ConfigError, ServerBusy, ShelfDamaged
from biglam_pipeline.store import disk
from biglam_pipeline.store.objects import ObjectShelf
from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline.store.shelf import Shelf


@pytest.fixture(params=["disk", "objects"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    home = str(tmp_path / "home") if request.param == "disk" else f"memory://{uuid.uuid4()}/home"
    return open_shelf(home, tmp_path / "local").at("letters/raw")


def test_put_read_list_delete(shelf: Shelf) -> None:
    for name in ("b/2", "b/1", "a", "bc/3"):
        shelf.put(name, name.encode())
    assert shelf.list() == ["a", "b/1", "b/2", "bc/3"]
    assert shelf.list("b/") == ["b/1", "b/2"]
    assert shelf.list("b/1") == ["b/1"]
    assert shelf.list("nothing/") == []
    assert shelf.read("b/2") == b"b/2"
    assert shelf.exists("a")
    shelf.delete("a")
    shelf.delete("a")
    assert not shelf.exists("a")
    assert not shelf.exists("b"), "a folder is no file"


def test_a_path_is_moved_in(shelf: Shelf, tmp_path: Path) -> None:
    written = tmp_path / "written"
    written.write_bytes(b"x" * 3_000_000)
    shelf.put("large", written)
    assert not written.exists()
    assert shelf.local("large").stat().st_size == 3_000_000


def test_one_shelf_does_not_see_another(shelf: Shelf) -> None:
    shelf.at("x").put("one", b"1")
    assert shelf.at("y").list() == []
    assert shelf.list() == ["x/one"]
    assert shelf.full("one") == "letters/raw/one"


@pytest.mark.parametrize("verb", ["read", "local"])
def test_what_is_gone_says_what_to_do(shelf: Shelf, verb: str) -> None:
    with pytest.raises(ShelfDamaged, match=r"letters/raw/batches/1 is not on the shelf.*materialize raw again"):
        getattr(shelf, verb)("batches/1")


def test_a_pointer_moves_from_what_was_read(shelf: Shelf) -> None:
    shelf.swap("pointer", None, b"1")
    shelf.swap("pointer", None, b"1")
    shelf.swap("pointer", b"1", b"2")
    with pytest.raises(ServerBusy, match="run this stage again"):
        shelf.swap("pointer", b"1", b"3")
    assert shelf.read("pointer") == b"2"


def test_of_many_swaps_at_once_one_succeeds(shelf: Shelf) -> None:
    shelf.swap("pointer", None, b"start")
    won: list[int] = []

    def move(number: int) -> None:
        try:
            shelf.swap("pointer", b"start", b"%d" % number)
            won.append(number)
        except ServerBusy:
            pass

    threads = [threading.Thread(target=move, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [b"%d" % number for number in won] == [shelf.read("pointer")]


def test_a_lock_is_held_once(shelf: Shelf) -> None:
    busy = pytest.raises(ServerBusy, match="another run is at work on letters/raw/run")
    with shelf.lock("run"), busy, shelf.lock("run"):
        pass
    with shelf.lock("run"):
        pass


def test_a_name_that_is_put_again_is_read_again(shelf: Shelf) -> None:
    """A batch of another request is thrown away, and its name is used again: no old copy may answer for it."""
    shelf.put("batch", b"old")
    assert shelf.local("batch").read_bytes() == b"old"
    shelf.delete("batch")
    shelf.put("batch", b"new")
    assert shelf.local("batch").read_bytes() == b"new"


def test_scratch_is_gone_afterwards_and_after_a_kill(shelf: Shelf, tmp_path: Path) -> None:
    with shelf.scratch() as folder:
        (folder / "half").write_bytes(b"x")
    assert not folder.exists()
    with (
        shelf.scratch() as left,
        open_shelf(str(tmp_path / "home"), tmp_path / "local").at("plates").scratch() as other,
    ):  # as killed runs leave them
        (left / "half").write_bytes(b"x")
        shelf.tidy()
        assert not left.exists()
        assert other.exists(), "another source's run may be at work"
        left.mkdir(parents=True)


def test_a_half_written_file_is_never_seen_and_goes(tmp_path: Path) -> None:
    shelf = open_shelf(str(tmp_path / "home"), tmp_path / "local").at("letters")
    shelf.put("raw/whole", b"whole")
    (tmp_path / "home" / "letters" / "raw" / ".put-abc").write_bytes(b"ha")
    assert shelf.list() == ["raw/whole"]
    shelf.tidy()
    assert not list(tmp_path.rglob(".put-*"))
    assert shelf.read("raw/whole") == b"whole"


def test_a_failed_put_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "file"
    disk.put_whole(target, b"good")
    with pytest.raises(FileNotFoundError):
        disk.put_whole(target, tmp_path / "never written")
    assert target.read_bytes() == b"good"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_home_that_no_driver_knows(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="BIGLAM_HOME=nowhere://x"):
        open_shelf("nowhere://x", tmp_path)


def test_object_storage_holds_what_fsspec_finds(tmp_path: Path) -> None:
    root = f"memory://{uuid.uuid4()}"
    shelf = ObjectShelf(root, tmp_path).at("letters")
    shelf.put("one", b"1")
    assert fsspec.open(f"{root}/letters/one").open().read() == b"1"


def test_colleagues_may_read_what_is_shelved(tmp_path: Path) -> None:
    """As any program's file: who may is the umask's to say, and not that of a temporary file, which nobody may."""
    before = os.umask(0o027)
    try:
        disk.put_whole(tmp_path / "one.json", b"{}")
    finally:
        os.umask(before)
    assert (tmp_path / "one.json").stat().st_mode & 0o777 == 0o640
