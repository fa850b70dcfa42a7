"""What is put aside comes back, whether it stayed in memory or went to the scratch file."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.store.spool import Spool


@given(
    contents=st.dictionaries(st.text(max_size=5), st.binary(max_size=50), max_size=12),
    order=st.randoms(use_true_random=False),
    room=st.integers(0, 200),
)
def test_everything_comes_back_in_any_order(contents: dict[str, bytes], order: object, room: int) -> None:
    with TemporaryDirectory() as folder, Spool(Path(folder) / "spool", room) as spool:
        for name, data in contents.items():
            spool.add(name, data)
        names = list(contents) * 2
        order.shuffle(names)  # type: ignore[attr-defined]
        assert [spool.get(name) for name in names] == [contents[name] for name in names]
        assert all(name in spool for name in contents)


def test_what_was_not_put_aside_is_not_there(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool") as spool:
        assert "a" not in spool
        with pytest.raises(KeyError):
            spool.get("a")


def test_the_file_is_made_when_memory_is_full(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool", 10) as spool:
        spool.add("a", b"x" * 10)
        assert not (tmp_path / "spool").exists()
        spool.add("b", b"y" * 10)
        assert (tmp_path / "spool").exists()
        assert (spool.get("a"), spool.get("b")) == (b"x" * 10, b"y" * 10)
