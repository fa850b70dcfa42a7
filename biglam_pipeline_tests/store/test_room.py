"""A disk that is full, read-only or closed: asked before a large write, named with remedy and exit status."""

import contextlib
import errno
import os
import resource
import shutil
import subprocess
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from biglam_pipeline.errors import Exit, NoRoom, ShelfDamaged
from biglam_pipeline.store import disk, room
from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline_tests.command import Command

ENTRY = """
    sources:
      letters:
        title: Letters
        custodian: Ashby Record Office
        harvest: file:pages
        normalize: {type: table, map: {id: id, title: title}}
        rights: {license: CC0-1.0, evidence: https://example.org/r, checked: 2026-01-31, quote: CC0 1.0}
"""
ROWS = 8_000


def entry(folder: Path) -> None:
    """A table of a MB that does not compress."""
    (folder / "pages").mkdir(parents=True)
    rows = "".join(f"{number},{os.urandom(60).hex()}\n" for number in range(ROWS))
    (folder / "pages" / "a.csv").write_text(f"id,title\n{rows}")
    (folder / "sources.yaml").write_text(textwrap.dedent(ENTRY))


Biglam = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def biglam(command: Command) -> Biglam:
    """The command as it is."""

    def run(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return command(*words, folder=folder, settings={"BIGLAM_SOURCES": str(folder / "sources.yaml"), **settings})

    return run


def no_traceback(done: subprocess.CompletedProcess[str]) -> str:
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said
    assert "Errno" not in said, said
    return said


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB, where this user may mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    if os.getuid() or not mount:
        pytest.skip("only root mounts a small file system")
    done = subprocess.run([mount, "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True)
    if done.returncode:
        pytest.skip("no file system may be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_f33_room_is_asked_before_a_large_write(small_disk: Path, tmp_path: Path) -> None:
    """Nothing is begun that cannot end: what is needed and what is there is said."""
    shelf = open_shelf(str(small_disk), tmp_path / "local").at("letters/raw")
    with pytest.raises(NoRoom, match=r"no room for .*needs 12\.0 MB, and of the 2\d\.\d MB free in .*make room"):
        shelf.put("files/" + "0" * 64, b"x" * 12_000_000)
    assert shelf.list() == []
    assert not list(small_disk.rglob(".put-*"))
    shelf.put("files/" + "1" * 64, b"x" * 1_000_000)


@pytest.mark.slow
def test_f33_a_full_disk_has_words_and_a_status(small_disk: Path, tmp_path: Path, biglam: Biglam) -> None:
    """In the middle of many small writes, where nobody can ask; afterwards the same command goes on."""
    entry(tmp_path)
    state = small_disk / "state"
    filler = small_disk / "filler"
    first = biglam(tmp_path, "run", "letters", "--to", "raw", BIGLAM_STATE=str(state), DAGSTER_HOME=str(tmp_path / "d"))
    assert first.returncode == 0, first.stderr
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as stream:
        while stream.write(b"x" * 4096):
            pass
    for words in (["run", "letters", "--to", "shards"], ["preview", "letters"]):
        done = biglam(tmp_path, *words, BIGLAM_STATE=str(state), DAGSTER_HOME=str(tmp_path / "d"))
        if words[0] == "run" or done.returncode:
            assert done.returncode == Exit.NO_ROOM, done.stderr
            said = no_traceback(done)
            assert "make room, then run again" in " ".join(said.split())
    filler.unlink()
    done = biglam(
        tmp_path, "run", "letters", "--to", "normalized", BIGLAM_STATE=str(state), DAGSTER_HOME=str(tmp_path / "d")
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_shelves_that_may_not_be_written(tmp_path: Path, biglam: Biglam) -> None:
    """Here a file system that is read-only; the words are the same of a folder that is somebody else's."""
    mount = shutil.which("mount")
    if os.getuid() or not mount:
        pytest.skip("only root mounts a file system")
    entry(tmp_path)
    home = tmp_path / "home"
    home.mkdir()
    if subprocess.run([mount, "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", str(home)], capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    try:
        done = biglam(
            tmp_path, "run", "letters", "--to", "raw", BIGLAM_HOME=str(home), BIGLAM_STATE=str(tmp_path / "state")
        )
        assert done.returncode == Exit.NO_ROOM, done.stderr
        said = " ".join(no_traceback(done).split())
        assert f"{home}/letters cannot be written (Read-only file system)" in said
        assert "BIGLAM_HOME" in said
        listed = biglam(tmp_path, "status", BIGLAM_HOME=str(home), BIGLAM_STATE=str(tmp_path / "state"))
        assert listed.returncode == 0, listed.stderr
    finally:
        subprocess.run(["umount", str(home)], check=True)


def test_a_state_folder_that_may_not_be_written(tmp_path: Path, biglam: Biglam) -> None:
    entry(tmp_path)
    (tmp_path / "file").write_text("a file where a folder should be")
    done = biglam(tmp_path, "run", "letters", "--to", "raw", BIGLAM_STATE=str(tmp_path / "file"))
    assert done.returncode == Exit.MEND, done.stderr
    assert "move it away, then run again" in " ".join(no_traceback(done).split())


def test_f33_a_limit_on_files_is_a_full_disk(tmp_path: Path) -> None:
    """RLIMIT_FSIZE, as batch systems set it; a quota (EDQUOT) is reported in the same words."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        with pytest.raises(NoRoom, match=r"a limit is reached \(File too large\).*make room"), room.named(tmp_path):
            disk.put_whole(tmp_path / "large", b"x" * 2_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.ENOSPC, NoRoom),
        (errno.EDQUOT, NoRoom),
        (errno.EROFS, NoRoom),
        (errno.EACCES, NoRoom),
        (errno.EPERM, NoRoom),
        (errno.EISDIR, ShelfDamaged),
        (errno.ENOTDIR, ShelfDamaged),
        (errno.ENOENT, OSError),
        (errno.ECONNRESET, OSError),
    ],
)
def test_numbers_of_errors(tmp_path: Path, number: int, error: type[Exception]) -> None:
    with pytest.raises(error), room.named(tmp_path):
        raise OSError(number, os.strerror(number), str(tmp_path / "a" / "b"))


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.EISDIR])
def test_what_lies_elsewhere_is_not_ours(tmp_path: Path, number: int) -> None:
    """A source's own folder that may not be read is a fault of the entry, which the harvester says."""
    with pytest.raises(OSError), room.named(tmp_path / "state"):
        raise OSError(number, os.strerror(number), str(tmp_path / "pages"))
