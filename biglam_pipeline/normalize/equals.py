"""Which of several equal records of a file is it? They are numbered, and keep their numbers when one is taken down."""

from collections.abc import Collection, Iterable, Mapping


class Times:
    """Numbers what is equal in one file: an insertion before it renames nothing but its equals."""

    def __init__(self, gone: Mapping[int, str], before: tuple[bytes, bytes] = (b"", b"")) -> None:
        """gone: what a takedown left no line of goes on counting, so that no other row takes its number.

        before: digests (uint64) that came more than once before, and how often (uint32).
        """
        digests, times = before
        self._more: dict[int, int] = dict(zip(memoryview(digests).cast("Q"), memoryview(times).cast("I"), strict=True))
        self._seen: set[int] = set(self._more)
        self._gone = sorted(gone.items(), reverse=True)

    def come_to(self, line: int) -> None:
        """The row of this line is the next. A run that was killed may have left a row which is noted as gone."""
        while self._gone and self._gone[-1][0] <= line:
            gone, digest = self._gone.pop()
            if digest and gone < line:
                self.numbered(digest)

    def numbered(self, digest: str) -> str:
        """The digest; from the second time on with the number of times that it came, `digest-2`."""
        key = int(digest, 16)
        if key not in self._seen:
            self._seen.add(key)
            return digest
        times = self._more[key] = self._more.get(key, 1) + 1
        return f"{digest}-{times}"


def gone_with(before: Mapping[int, str], rows: Iterable[tuple[int, str]], lines: Collection[int]) -> dict[int, str]:
    """What `Times` is handed when the rows of these lines go too; rows: line and digest of all that the file holds."""
    gone, waiting = dict(before), dict[str, list[int]]()
    for line, digest in rows:
        if line in lines:
            gone[line] = ""
            waiting.setdefault(digest, []).append(line)
        else:
            gone.update(dict.fromkeys(waiting.pop(digest, ()), digest))
    return gone
