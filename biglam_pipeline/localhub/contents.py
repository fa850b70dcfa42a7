"""How does a file that came in chunks become whole again?"""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from biglam_pipeline.localhub.shards import StoredFile, Term
from biglam_pipeline.localhub.state import StateFolder
from biglam_pipeline.localhub.xorbs import HASH, Damaged, Xorbs


class Contents:
    """Files by Xet hash, and the Xet hash of a sha256."""

    def __init__(self, state: StateFolder, xorbs: Xorbs) -> None:
        self._state = state
        self._xorbs = xorbs
        self._root = state.root / "xet"
        self._read_record = lru_cache(maxsize=4096)(self._load)

    def register(self, file: StoredFile) -> None:
        """Keep the record of a file after proving it: every chunk is here and the sha256 is the true one."""
        if (known := self.get(file.xet_hash)) is not None:
            # A record is proven once; the sha256 named this time must still be that of the first.
            self._compare(file, known.sha256 or "")
            return
        self._check_terms(file)
        digest = hashlib.sha256()
        for piece in self.read(file, 0, file.size):
            digest.update(piece)
        sha256 = digest.hexdigest()
        self._compare(file, sha256)
        terms = [[term.xorb, term.first, term.last, term.size] for term in file.terms]
        record = json.dumps({"sha256": sha256, "terms": terms}).encode()
        with self._xorbs.lock:
            self._check_terms(file)  # again: chunks may have been removed while these were read
            # The record before the name that leads to it: a kill in between leaves an unused record.
            self._state.write(self._record_path(file.xet_hash), record)
            self._state.write(self._name_path(sha256), file.xet_hash.encode())

    @staticmethod
    def _compare(file: StoredFile, sha256: str) -> None:
        if file.sha256 is not None and file.sha256 != sha256:
            raise Damaged(f"file {file.xet_hash} has sha256 {sha256}, its shard says {file.sha256}")

    def _check_terms(self, file: StoredFile) -> None:
        for term in file.terms:
            if not self._xorbs.has(term.xorb, term.first, term.last):
                raise Damaged(
                    f"file {file.xet_hash} needs chunks of xorb {term.xorb} that are not here. "
                    "A stale chunk cache can cause this: remove HF_XET_CACHE and upload again"
                )
            chunks = self._xorbs.chunks(term.xorb)
            if not 0 <= term.first < term.last <= len(chunks):
                raise Damaged(f"file {file.xet_hash} names chunks that xorb {term.xorb} does not have")
            if chunks.sizes[term.last] - chunks.sizes[term.first] != term.size:
                raise Damaged(f"file {file.xet_hash} and xorb {term.xorb} disagree on the size of chunks")

    def get(self, xet_hash: str) -> StoredFile | None:
        """The record of a file, or None."""
        try:
            return self._read_record(xet_hash, self._record_path(xet_hash).stat().st_mtime_ns)
        except FileNotFoundError:
            return None

    def xet_hash(self, sha256: str) -> str | None:
        """The Xet hash of a file that was uploaded in chunks, or None."""
        try:
            return self._name_path(sha256).read_text()
        except FileNotFoundError:
            return None

    def remove(self, sha256: str) -> None:
        """Forget the file of this sha256, its name last: that is what leads to the record."""
        if (found := self.xet_hash(sha256)) is not None:
            self._state.remove(self._record_path(found))
            self._state.remove(self._name_path(sha256))

    def needed_chunks(self, xorbs: set[str]) -> dict[str, set[int]]:
        """Of these xorbs, the chunks that any file still consists of."""
        needed: dict[str, set[int]] = {xorb: set() for xorb in xorbs}
        for path in (self._root / "files").glob("*/*"):
            file = self.get(path.name)
            for term in file.terms if file else ():
                if term.xorb in needed:
                    needed[term.xorb].update(range(term.first, term.last))
        return needed

    def _load(self, xet_hash: str, _: int) -> StoredFile:
        record = json.loads(self._record_path(xet_hash).read_bytes())
        return StoredFile(xet_hash, record["sha256"], tuple(Term(*term) for term in record["terms"]))

    def _record_path(self, xet_hash: str) -> Path:
        return self._address("files", xet_hash)

    def _name_path(self, sha256: str) -> Path:
        return self._address("sha256", sha256)

    def _address(self, folder: str, name: str) -> Path:
        if not HASH.fullmatch(name):
            raise FileNotFoundError(name[:80])
        return self._root / folder / name[:2] / name

    def read(self, file: StoredFile, start: int, end: int) -> Iterator[bytes]:
        """The bytes [start, end) of a file."""
        terms, skip = self.cut(file, start, end)
        left = end - start
        for term in terms:
            for piece in self._xorbs.read(term.xorb, term.first, term.last):
                kept = piece[skip : skip + left]
                skip = max(0, skip - len(piece))
                left -= len(kept)
                if kept:
                    yield kept

    def cut(self, file: StoredFile, start: int, end: int) -> tuple[list[Term], int]:
        """The terms, cut to whole chunks, that hold [start, end), and the bytes to skip in the first."""
        terms: list[Term] = []
        skip = at = 0
        for term in file.terms:
            if at < end and at + term.size > start:
                kept, before = self._cut_term(term, start - at, end - at)
                if not terms:
                    skip = start - at - before
                terms.append(kept)
            at += term.size
        return terms, skip

    def _cut_term(self, term: Term, start: int, end: int) -> tuple[Term, int]:
        sizes = self._xorbs.chunks(term.xorb).sizes
        base = sizes[term.first]
        first = bisect_right(sizes, base + max(0, start), term.first, term.last) - 1
        last = first + 1
        while last < term.last and sizes[last] - base < end:
            last += 1
        return Term(term.xorb, first, last, sizes[last] - sizes[first]), sizes[first] - base

    def fetches(self, terms: list[Term]) -> dict[str, list[tuple[int, int, int, int]]]:
        """For each xorb the chunk ranges to fetch: first and last chunk (exclusive), first and last byte (inclusive).

        Overlapping and adjoining ranges are merged, so every term lies within one of them.
        """
        wanted: dict[str, list[list[int]]] = {}
        for term in sorted(terms, key=lambda term: (term.xorb, term.first)):
            ranges = wanted.setdefault(term.xorb, [])
            if ranges and term.first <= ranges[-1][1]:
                ranges[-1][1] = max(ranges[-1][1], term.last)
            else:
                ranges.append([term.first, term.last])
        found: dict[str, list[tuple[int, int, int, int]]] = {}
        for xorb, ranges in wanted.items():
            starts = self._xorbs.chunks(xorb).starts
            found[xorb] = [(first, last, starts[first], starts[last] - 1) for first, last in ranges]
        return found


def term_rows(terms: list[Term]) -> list[dict[str, Any]]:
    """The terms as the client reads them."""
    return [
        {"hash": term.xorb, "unpacked_length": term.size, "range": {"start": term.first, "end": term.last}}
        for term in terms
    ]
