"""Members that an archive lists are read, left out with a reason, or counted as no data: whatever is done to it.

The count is independent of the reader: headers as they were written here, or entries of the directory by zipfile.
"""

import gzip
import hashlib
import io
import random
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.parsing.archives import read_members, survey
from biglam_pipeline.records import Survey
from biglam_pipeline_tests.examples import examples
from biglam_pipeline_tests.parsing.raw_zip import ENCRYPTED, STREAMED, UTF8, Part, raw_zip

NAMES = [
    "a.csv", "b.csv", "b\\a.csv", "b/a.csv", "./a.csv", "../a.csv", "/a.csv", "C:\\a.csv", "ü.csv", "Москва.csv",
    "__MACOSX/._a.csv", ".DS_Store", "x/Thumbs.db", ".git/config", ".hidden", "scan.tif", "no extension", "a\0b",
    "x/" * 60 + "y",
]  # fmt: skip
QUIET = examples(100, suppress_health_check=list(HealthCheck))


def accounted(found: Survey) -> int:
    counts = found.counts
    return (
        len(found.members) + len(found.left_out) + sum(counts.get(one, 0) for one in ("litter", "linked", "repeated"))
    )


def surveyed(path: Path, content: bytes) -> Survey | None:
    """The survey, whose members are then read one and all; None where the archive is refused as a whole."""
    path.write_bytes(content)
    try:
        found = survey(path)
    except ObjectFailed:
        return None
    assert len({one.name for one in found.members}) == len(found.members)
    wanted = {one.name: one.sha256 for one in found.members}
    read = read_members(path, list(wanted), good=lambda name, data: digest(data) == wanted[name])
    assert {name for name, _ in read} == wanted.keys()
    return found


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


parts = st.builds(
    Part,
    name=st.sampled_from(NAMES).map(str.encode)
    | st.binary(min_size=1, max_size=12).filter(lambda raw: b"\0" not in raw),
    data=st.sampled_from([b"", b"x", b"id\n1\n", b"id\n2\n" * 500, b"a.csv", b"../a.csv"]),
    method=st.sampled_from([0, 8, 8, 8, 8, 1, 98, 99]),
    flags=st.sampled_from([0, 0, 0, UTF8, STREAMED, ENCRYPTED, ENCRYPTED | STREAMED]),
    mode=st.sampled_from([0o100644, 0o100644, 0, 0o120777, 0o010644]),
    crc=st.sampled_from([None, None, None, 1]),
    local_name=st.sampled_from([None, None, None, b"other"]),
)


@QUIET
@given(listed=st.lists(parts, max_size=12))
def test_of_a_zip(listed: list[Part], tmp_path_factory: pytest.TempPathFactory) -> None:
    found = surveyed(tmp_path_factory.mktemp("zip") / "a.zip", raw_zip(*listed))
    assert found is not None
    folders = sum(part.name.replace(b"\\", b"/").endswith((b"/", b"/.")) for part in listed)
    assert len(listed) - folders <= accounted(found) <= len(listed)


infos = st.tuples(
    st.sampled_from([name for name in NAMES if "\0" not in name]),
    st.sampled_from(
        [tarfile.REGTYPE] * 4 + [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, b"Q", tarfile.CONTTYPE]
    ),
    st.sampled_from([b"", b"x", b"id\n1\n" * 300]),
    st.sampled_from(["a.csv", "../../out", "b", "none", "/etc/passwd"]),
)


def a_tar(members: list[tuple[str, bytes, bytes, str]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, kind, data, target in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            info.size = len(data) if kind in (tarfile.REGTYPE, tarfile.CONTTYPE, b"Q") else 0
            archive.addfile(info, io.BytesIO(data[: info.size]))
    return buffer.getvalue()


@QUIET
@given(members=st.lists(infos, min_size=1, max_size=12), pack=st.sampled_from([bytes, gzip.compress]))
def test_of_a_tar(
    members: list[tuple[str, bytes, bytes, str]],
    pack: Callable[[bytes], bytes],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    found = surveyed(tmp_path_factory.mktemp("tar") / "a.tar", pack(a_tar(members)))
    assert found is not None
    assert accounted(found) == len(members)


def mutated(content: bytes, seed: int) -> bytes:
    """Cut, altered, doubled or moved somewhere."""
    dice = random.Random(seed)
    at, to = sorted(dice.randrange(len(content)) for _ in range(2))
    match dice.randrange(5):
        case 0:
            return content[:at]
        case 1:
            return content[:at] + content[to:]
        case 2:
            return content[:to] + content[at:]
        case 3:
            return content[:at] + bytes([content[at] ^ (1 << dice.randrange(8))]) + content[at + 1 :]
        case _:
            return content[:at] + dice.randbytes(min(8, to - at)) + content[at + min(8, to - at) :]


WHOLE = {name: bytes(random.Random(name).randbytes(900)) for name in ("a.csv", "deep/b.csv", "c.tif", "d")}


@pytest.mark.parametrize("seed", range(120))
def test_of_a_zip_that_something_happened_to(seed: int, tmp_path: Path) -> None:
    """Where it is not refused, every member that is still listed is accounted for, and what is read is what it was."""
    content = mutated(raw_zip(*(Part(name.encode(), data) for name, data in WHOLE.items())), seed)
    found = surveyed(tmp_path / "a.zip", content)
    if found is None:
        return
    assert accounted(found) == len(WHOLE)
    assert {digest(data) for data in WHOLE.values()} >= {one.sha256 for one in found.members}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert accounted(found) >= len(archive.infolist())
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError):
        pass


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("seed", range(60))
def test_of_a_tar_that_something_happened_to(seed: int, pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    """A TAR has no checksums of its data, so only its headers tell: what lists fewer members is not taken for whole."""
    whole = a_tar([(name, tarfile.REGTYPE, data, "") for name, data in WHOLE.items()]).rstrip(b"\0")
    found = surveyed(tmp_path / "a.tar", mutated(pack(whole + bytes(1024)), seed))
    if found is not None and pack is gzip.compress:
        assert accounted(found) == len(WHOLE)


def test_of_a_zip_that_zipfile_wrote(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")
        for number in range(300):
            archive.writestr(NAMES[number % len(NAMES)], str(number % 3))
    with zipfile.ZipFile(path) as archive:
        assert accounted(survey(path)) == len(archive.infolist()) == 300
