"""datatrove, https://github.com/huggingface/datatrove : its four minhash steps in one process, 14 buckets of 8."""

import sys
import tempfile
from pathlib import Path
from typing import Any

import reading
from datatrove.data import Document
from datatrove.pipeline.dedup.minhash import (
    MinhashConfig,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from loguru import logger


def main() -> None:
    """Arguments: corpus folder, file for the groups, documents of the one shard."""
    corpus, out, documents = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    logger.remove()
    clock = reading.Clock()
    config = MinhashConfig(n_grams=reading.WORDS, num_buckets=reading.BANDS, hashes_per_bucket=reading.ROWS)

    def part() -> Any:
        return (Document(text=text, id=str(at)) for at, text in enumerate(reading.texts(corpus, documents)))

    with tempfile.TemporaryDirectory() as folder:
        signatures, buckets, removed = (f"{folder}/{name}" for name in ("signatures", "buckets", "removed"))
        # Its tokenizer is spaCy's for English, and 92 % of the time.
        MinhashDedupSignature(signatures, config=config, language="eng").run(part())
        for bucket in range(reading.BANDS):
            MinhashDedupBuckets(signatures, buckets, config=config).run(None, bucket, reading.BANDS)
        MinhashDedupCluster(buckets, removed, config=config, save_cluster_id=True, save_cluster_size=True).run(None)
        kept = _Kept()
        step = MinhashDedupFilter(removed, exclusion_writer=kept, load_cluster_ids=True)
        kept.seen.extend(step.run(part()))
    keeper = list(range(documents))
    first: dict[int, int] = {}
    for document in sorted(kept.seen, key=lambda one: int(one.id)):
        cluster, number = document.metadata.get("minhash_cluster_id", -1), int(document.id)
        if cluster != -1:
            keeper[number] = first.setdefault(cluster, number)
    clock.tell(documents, keeper, out)


class _Kept:
    """Takes what the filter drops as well."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def __enter__(self) -> "_Kept":
        return self

    def __exit__(self, *error: object) -> None:
        return

    def write(self, document: Any, rank: int) -> None:
        self.seen.append(document)


main()
