"""rensa, https://github.com/beowolx/rensa : MinHash and its index in Rust, 14 bands of 8."""

import sys
from pathlib import Path

import reading
from rensa import RMinHash, RMinHashLSH


def main() -> None:
    """Arguments: corpus folder, file for the groups."""
    corpus, out = map(Path, sys.argv[1:3])
    clock = reading.Clock()
    many = reading.BANDS * reading.ROWS
    index = RMinHashLSH(threshold=0.72, num_perm=many, num_bands=reading.BANDS)
    groups, documents = reading.Groups(), 0
    for number, text in enumerate(reading.texts(corpus)):
        documents += 1
        found = reading.shingles(text)
        if found:
            minhash = RMinHash(num_perm=many, seed=42)
            minhash.update(list(found))
            for other in index.query(minhash):
                groups.join(number, other)
            index.insert(number, minhash)
    clock.tell(documents, [groups.find(number) for number in range(documents)], out)


main()
