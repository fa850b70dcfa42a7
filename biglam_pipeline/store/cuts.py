"""Where large files are cut: found in one pass over the bytes, and kept beside the raw shelf's files."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from biglam_pipeline.store.reading import read_json, sound
from biglam_pipeline.store.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of whole records of a large file."""

    begins: int
    """Number of its first line (or record, where the format counts those) in the file, from 1."""
    places: int
    """How many lines it has."""
    sha256: str
    """Of its bytes when it was cut: what its slice is known by, also after a takedown."""
    number: int
    """Which of several equal ones of the file it is, from 1."""
    offset: int
    """In the file as it stands, bytes."""
    size: int
    stands: str
    """sha256 of its bytes as they stand."""

    @property
    def lines(self) -> range:
        """The numbers of its lines in the file."""
        return range(self.begins, self.begins + self.places)


@dataclass(frozen=True, slots=True)
class CutFile:
    """One file, cut; or why it is read whole."""

    why: str = ""
    """Why it is not cut; empty where it is."""
    ends: str = ""
    """What ends a line of it, as the format calls it."""
    head: Mapping[str, Any] = field(default_factory=dict)
    """What every stretch must know of the file: JSON of the format's own."""
    stretches: tuple[Stretch, ...] = ()


class Cuts:
    """The notes of one raw shelf: one for each way in which a file is cut, and for each content that it had."""

    def __init__(self, shelf: Shelf) -> None:
        """shelf: that of the raw objects."""
        self._shelf = shelf

    def read(self, cut: str, sha256: str) -> CutFile | None:
        """The file as it was cut, with the offsets of these bytes; None where they were not measured yet.

        cut: digest of the file as it came and of how it is read; sha256: of its bytes as they stand.
        """
        return self._read(_name(cut, sha256)) if self._shelf.exists(_name(cut, sha256)) else None

    def any(self, cut: str) -> CutFile | None:
        """The same with the offsets of whatever bytes it had when it was measured."""
        names = self._shelf.list(f"cuts/{cut}-")
        return self._read(names[0]) if names else None

    def keep(self, cut: str, sha256: str, found: CutFile) -> None:
        """Notes where a file of these bytes is cut."""
        self._shelf.put(_name(cut, sha256), json.dumps(asdict(found)).encode())

    def _read(self, name: str) -> CutFile:
        data = read_json(self._shelf, name)
        with sound(self._shelf, name):
            return CutFile(**{**data, "stretches": tuple(Stretch(**one) for one in data["stretches"])})


def _name(cut: str, sha256: str) -> str:
    return f"cuts/{cut}-{sha256[:16]}.json"
