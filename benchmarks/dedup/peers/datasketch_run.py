"""datasketch, https://ekzhu.com/datasketch/lsh.html : MinHash and MinHashLSH in memory, 14 bands of 8."""

import sys
from pathlib import Path

import reading
from datasketch import MinHash, MinHashLSH


def main() -> None:
    """Arguments: corpus folder, file for the groups."""
    corpus, out = map(Path, sys.argv[1:3])
    clock = reading.Clock()
    index = MinHashLSH(num_perm=reading.BANDS * reading.ROWS, params=(reading.BANDS, reading.ROWS))
    groups, documents = reading.Groups(), 0
    for number, text in enumerate(reading.texts(corpus)):
        documents += 1
        found = reading.shingles(text)
        if found:
            minhash = MinHash(num_perm=reading.BANDS * reading.ROWS)
            minhash.update_batch([shingle.encode() for shingle in found])
            for other in index.query(minhash):
                groups.join(number, other)
            index.insert(number, minhash)
    clock.tell(documents, [groups.find(number) for number in range(documents)], out)


main()
