"""The shelves stand on object storage as they do on disk: same files, same parts, same pointers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from biglam_pipeline.demo.server import Running
from biglam_pipeline.errors import ConfigError, ServerBusy, ShelfDamaged
from biglam_pipeline.store.shelf import DiskShelf, Shelf, open_shelf
from biglam_pipeline_tests.bench import Bench, open_bench
from biglam_pipeline_tests.servers.hub import HubServer


@pytest.fixture(params=["disk", "memory"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    """One shelf of each kind."""
    name = "".join(c for c in request.node.name if c.isalnum())
    home = str(tmp_path / "home") if request.param == "disk" else f"memory://{name}"
    return open_shelf(home, tmp_path / "local").at("source/raw")


def test_what_is_put_is_read_listed_and_deleted(shelf: Shelf, tmp_path: Path) -> None:
    shelf.put("a/one", b"1")
    shelf.put("a/two", b"2")
    shelf.put("b", b"3")
    moved = tmp_path / "moved"
    moved.write_bytes(b"4")
    shelf.put("a/three", moved)
    assert not moved.exists()
    assert shelf.list("a/") == ["a/one", "a/three", "a/two"]
    assert shelf.list() == ["a/one", "a/three", "a/two", "b"]
    assert shelf.read("a/three") == b"4"
    assert shelf.local("a/two").read_bytes() == b"2"
    shelf.delete("a/one")
    shelf.delete("a/one")
    assert not shelf.exists("a/one")
    with pytest.raises(ShelfDamaged, match="materialize the stage before"):
        shelf.read("a/one")


def test_a_pointer_is_moved_only_from_where_it_was_seen(shelf: Shelf) -> None:
    shelf.swap("pointer", None, b"1")
    shelf.swap("pointer", b"1", b"2")
    shelf.swap("pointer", b"1", b"2")  # the same move again, after a lost answer, is no fault
    with pytest.raises(ServerBusy, match="moved by another run"):
        shelf.swap("pointer", b"1", b"3")
    assert shelf.read("pointer") == b"2"


def test_a_lock_keeps_another_out_and_says_what_to_do(shelf: Shelf) -> None:
    with shelf.lock("run"), pytest.raises(ServerBusy, match="wait until it has ended"), shelf.lock("run"):
        pass
    with shelf.lock("run"):
        pass


def test_an_address_nothing_can_open_is_a_setting_to_mend(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="BIGLAM_HOME=nonsense://"):
        open_shelf("nonsense://bucket", tmp_path)


@pytest.fixture
def remote(tmp_path: Path, hub: HubServer, institution: Running) -> Iterator[Bench]:
    """A bench whose shelves are in memory, behind the same door as a bucket."""
    with open_bench(tmp_path / "far", hub, institution, "remote", BIGLAM_HOME=f"memory://{tmp_path.name}") as bench:
        yield bench


def test_two_nights_come_out_as_on_disk(remote: Bench, bench: Bench) -> None:
    on_disk = bench.night("demo_letters")
    far = remote.night("demo_letters")
    assert not isinstance(remote.house.shelf, DiskShelf)
    assert bench.parts("demo_letters") == remote.parts("demo_letters")
    assert remote.night("demo_letters").files_sent == 0
    assert on_disk.content == far.content
