"""A large file under way that outlives its run: its bytes as far as they are sure, and what they are the beginning of.

What stands in the note was on the disk before the note was, so that neither a kill nor a power cut leaves a gap in it.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from biglam_pipeline.store import disk

_BLOCK = 1 << 20


class Partial:
    """One file under way. `size` bytes of it are here, `validator` is what its server called them, `said` what else."""

    def __init__(self, path: Path, every: int) -> None:
        """path: where its bytes lie; the note lies beside. every: so many bytes are sure at least, or none.

        What an earlier run left is read once, and counts where it is what was noted.
        """
        self.path, self._note, self._every = path, path.with_name(f"{path.name}.json"), every
        self.validator, self.total, self.size = "", 0, 0
        self.said = dict[str, str]()
        self._digest = hashlib.sha256()
        if not self._take_up():
            self.discard()

    def _take_up(self) -> bool:
        try:
            note = json.loads(disk.read_file(self._note))
            validator, total, size = str(note["validator"]), int(note["total"]), int(note["size"])
            said = {str(name): str(value) for name, value in note["said"].items()}
            for block in self.blocks(size):
                self._digest.update(block)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return False
        if self._digest.hexdigest() != note.get("sha256"):  # shorter, or spoiled
            return False
        self.validator, self.total, self.size, self.said = validator, total, size, said
        return True

    def blocks(self, size: int) -> Iterator[bytes]:
        """The first bytes of what is here."""
        with disk.open_file(self.path) as stream:
            while size and (block := stream.read(min(_BLOCK, size))):
                size -= len(block)
                yield block

    def begin(self, validator: str, total: int, said: Mapping[str, str]) -> None:
        """Another file, from its first byte on. total: its bytes, as announced; said: what else was said of it, by
        headers that do not come again with the rest.
        """
        self.discard()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.validator, self.total, self.said = validator, total, dict(said)

    def take(self, blocks: Iterable[bytes]) -> tuple[str, int]:
        """Writes what comes behind what is here; sha256 (hex) and size of all. What came before an error stays."""
        noted = self.size
        with disk.edit_file(self.path) as stream:
            stream.truncate(self.size)
            stream.seek(self.size)
            try:
                for block in blocks:
                    stream.write(block)
                    self._digest.update(block)
                    self.size += len(block)
                    if self.size - noted >= self._every:
                        self._be_sure(stream)
                        noted = self.size
            except OSError:  # of the disk, which can hold no more: what was noted stays
                raise
            except BaseException:
                if self.size >= self._every:
                    self._be_sure(stream)
                raise
        return self._digest.hexdigest(), self.size

    def discard(self) -> None:
        """Nothing of it is here any more."""
        self.validator, self.total, self.size = "", 0, 0
        self._digest = hashlib.sha256()
        for path in (self._note, self.path):
            with contextlib.suppress(OSError):
                disk.remove(path)

    def _be_sure(self, stream: BinaryIO) -> None:
        if self.size >= self.total:  # the rest of it would be nothing, which no server sends
            return
        stream.flush()
        os.fsync(stream.fileno())
        note = {
            "validator": self.validator,
            "total": self.total,
            "said": self.said,
            "size": self.size,
            "sha256": self._digest.hexdigest(),
        }
        disk.put_whole(self._note, json.dumps(note).encode())
