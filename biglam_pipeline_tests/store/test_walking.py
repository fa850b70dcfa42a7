"""Every name in a folder is a file, blocked with a reason, or counted: measured against os.walk."""

import contextlib
import os
import random
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from biglam_pipeline.parsing.archives.names import file_name
from biglam_pipeline.parsing.litter import is_litter
from biglam_pipeline.store.walking import Blocked, Walk, Walked, alone

NOBODY = 65534


def walked(folder: Path, chosen: Callable[[str], bool] = lambda name: True, encoding: str = "") -> Walked:
    return Walk(litter=is_litter, chosen=chosen, decode=lambda raw: file_name(raw, encoding)).through(folder)


def names_there(folder: Path) -> int:
    """Files, links and devices below a folder, as the system lists them; folders are none."""
    total = 0
    for path, folders, files in os.walk(folder):
        total += len(files) + sum(Path(path, name).is_symlink() for name in folders)
    return total


def files(found: Walked) -> list[str]:
    return [one.name for one in found.files]


def blocked(found: Walked) -> dict[str, str]:
    return {one.name: one.trouble for one in found.blocked}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    (data / "deep").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "o.csv").write_text("o")
    (data / "a.csv").write_text("a")
    (data / "deep" / "b.csv").write_text("b")
    return data


def test_a_link_inside_is_another_name_of_a_file(folder: Path) -> None:
    (folder / "again.csv").symlink_to("a.csv")
    (folder / "deep" / "up.csv").symlink_to(folder / "a.csv")
    (folder / "way").symlink_to("deep")
    (folder / "chain").symlink_to("again.csv")
    found = walked(folder)
    assert (files(found), blocked(found)) == (["a.csv", "deep/b.csv"], {})
    assert found.counts == {"linked": 4}


def test_loops_end(folder: Path) -> None:
    (folder / "deep" / "back").symlink_to("..")
    (folder / "self").symlink_to(".")
    (folder / "x").symlink_to("y")
    (folder / "y").symlink_to("x")
    found = walked(folder)
    assert files(found) == ["a.csv", "deep/b.csv"]
    assert blocked(found) == {"x": "circle", "y": "circle"}
    assert found.counts == {"linked": 2}


def test_links_that_leave_or_dangle_are_blocked(folder: Path) -> None:
    (folder / "out.csv").symlink_to("../outside/o.csv")
    (folder / "out").symlink_to("../outside")
    (folder / "abs").symlink_to("/etc/hostname")
    (folder / "gone.csv").symlink_to("none.csv")
    (folder / "beside").symlink_to(f"../{folder.name}-other")
    (folder.parent / f"{folder.name}-other").mkdir()
    found = walked(folder)
    assert blocked(found) == {
        "out.csv": "leaves", "out": "leaves", "abs": "leaves", "gone.csv": "dangles", "beside": "leaves"
    }  # fmt: skip


def test_what_a_link_shows_of_litter_is_a_file(folder: Path) -> None:
    """git-annex keeps files under .git, and shows them by links: https://git-annex.branchable.com/internals/"""
    annex = folder / ".git" / "annex" / "objects" / "k"
    annex.mkdir(parents=True)
    (annex / "SHA256E-s3--ab.csv").write_text("c")
    (folder / "c.csv").symlink_to(".git/annex/objects/k/SHA256E-s3--ab.csv")
    (folder / "c2.csv").symlink_to(".git/annex/objects/k/SHA256E-s3--ab.csv")
    (folder / "lost.csv").symlink_to(".git/annex/objects/k/SHA256E-s9--none.csv")
    found = walked(folder)
    assert files(found) == ["a.csv", "c.csv", "deep/b.csv"]
    assert (blocked(found), found.counts) == ({"lost.csv": "dangles"}, {"litter": 1, "linked": 1})


def test_a_pattern_may_choose_a_link_and_not_its_file(folder: Path) -> None:
    (folder / "latest.csv").symlink_to("deep/b.csv")
    (folder / "current").symlink_to("deep")
    assert files(walked(folder, lambda name: name == "latest.csv")) == ["latest.csv"]
    assert files(walked(folder, lambda name: name.startswith("current/"))) == ["current/b.csv"]


def test_many_loops_cost_no_more_than_one(folder: Path) -> None:
    for number in range(30):
        (folder / "deep" / f"loop{number}").symlink_to("..")
    found = walked(folder, lambda name: name.endswith("b.csv"))
    assert files(found) == ["deep/b.csv"]


def test_pipes_and_sockets_are_blocked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(folder / "pipe")
    monkeypatch.chdir(folder)  # a socket's path may not be long
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("sock")
        assert blocked(walked(folder)) == {"pipe": "device", "sock": "device"}


def test_a_name_that_is_no_utf8_is_text_all_the_same(folder: Path) -> None:
    raw = os.fsencode(folder) + "/Zürich.csv".encode("latin-1")
    Path(os.fsdecode(raw)).write_text("z")
    found = walked(folder)
    assert files(found)[0] == "Zürich.csv"
    assert next(iter(found.files)).path.read_text() == "z"
    assert found.counts == {"names_guessed": 1}
    assert walked(folder, encoding="latin-1").counts == {}


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """As a user who may not read everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that any user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="walked-"))
    folder.chmod(0o755)
    yield folder
    for path, folders, _ in os.walk(folder):
        for name in folders:
            Path(path, name).chmod(0o755)
    shutil.rmtree(folder)


def test_what_may_not_be_read_is_blocked(shared: Path) -> None:
    for name, mode in (("closed", 0), ("listed", 0o444), ("open", 0o755)):
        (shared / name).mkdir()
        (shared / name / "c.csv").write_text("c")
        (shared / name).chmod(mode)
    with as_nobody():
        found = walked(shared)
    assert files(found) == ["open/c.csv"]
    assert blocked(found) == {"closed": "refused", "listed/c.csv": "refused"}
    with as_nobody():
        found = walked(shared, lambda name: name.endswith(".xml"))
    assert blocked(found) == {"closed": "refused"}, "nobody knows whether it holds one that is asked for"


def test_a_file_named_by_itself_follows_the_same_rule(folder: Path) -> None:
    (folder / "out.csv").symlink_to("../outside/o.csv")
    (folder / "below.csv").symlink_to("deep/b.csv")
    (folder / "near.csv").symlink_to("a.csv")
    (folder / "gone.csv").symlink_to("none.csv")
    (folder.parent / "linked").symlink_to("outside")
    (folder.parent / "deep").symlink_to("data/deep")
    troubles = {
        path.name: found.trouble if isinstance(found := alone(path), Blocked) else found and found.name
        for path in [*folder.glob("*.csv"), folder / "none", folder, *folder.parent.glob("[ld]*")]
    }
    assert troubles == {
        "a.csv": "a.csv", "out.csv": "leaves", "below.csv": "leaves", "near.csv": "near.csv", "gone.csv": "dangles",
        "none": None, "data": "data", "linked": "linked", "deep": "leaves",
    }  # fmt: skip


NAMES = ["a.csv", "b", ".DS_Store", "Thumbs.db", "__MACOSX", ".git", "._x", "ü.csv", "CVS", "c.tif"]


@pytest.mark.parametrize("seed", range(80))
def test_every_name_is_accounted_for(seed: int, tmp_path: Path) -> None:
    dice, root = random.Random(seed), tmp_path / "root"
    root.mkdir()
    folders = [root]
    for _ in range(30):
        path = dice.choice(folders) / dice.choice(NAMES)
        if os.path.lexists(path):
            continue
        match dice.randrange(6):
            case 0:
                path.mkdir()
                folders.append(path)
            case 1:
                os.mkfifo(path)
            case 2 | 3:
                target = dice.choice([*root.rglob("*"), root, tmp_path, Path("none"), Path("..", ".."), path])
                path.symlink_to(target)
            case _:
                path.write_text("x")
    found = walked(root)
    counts = found.counts
    total = len(found.files) + len(found.blocked) + counts["litter"] + counts["linked"]
    assert total >= names_there(root)
    if not counts["litter"]:  # of which a link to a folder in it shows files once more
        assert total == names_there(root)
    real = [one.path.resolve() for one in found.files]
    assert len(set(real)) == len(real), "a file counts once"
