"""Shelves what an open harvest brings, batch by batch."""

from dataclasses import fields
from typing import Any

import pyarrow as pa

from biglam_pipeline.links import is_link
from biglam_pipeline.records import RawObject, StoredObject
from biglam_pipeline.store.held_rows import BATCH
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.raw_listing import Listing
from biglam_pipeline.store.reading import PackedWriter

BATCH_BYTES = 64 * 2**20
GROUP_BYTES, GROUP_ROWS = 2**20, 10_000
"""Of a batch's row groups: a slice that needs a few objects of a batch then reads little more than those."""
_NAMES = [field.name for field in fields(StoredObject)]


class BatchWriter:
    """Shelves the objects of an open harvest, batch by batch; what is shelved is not asked for again.

    In memory is one row group, and what was packed of the batch: of objects of a hundred bytes it holds half a million.
    """

    def __init__(self, raw: RawShelf, number: int, taken: Listing) -> None:
        """taken: what earlier attempts at this harvest shelved, so that batch names go on after theirs."""
        self._raw, self._number = raw, number
        self._next = max((int(batch[-14:-8]) for batch in taken.said("batch")), default=0) + 1
        self._rows: list[dict[str, Any]] = []
        self._group_size = 0
        self._writer: PackedWriter | None = None
        self._size = 0

    @property
    def _batch(self) -> str:
        return f"batches/{self._number:05d}-{self._next:06d}.parquet"

    def add(self, found: RawObject, survey: str = "", *, at_once: bool = True) -> StoredObject:
        """Takes an object in: bytes into the batch, an archive or a large answer as a file of its own at once.

        survey: see `StoredObject.survey`. at_once: whether a file of its own ends the batch, so that it is never asked
        for again; of many small ones, each would have a batch of its own.
        """
        file = ""
        if found.path is not None:
            file = f"files/{found.sha256}"
            copy = self._raw.redactions.copies.get(file)
            # Links of what was taken down are not followed: what comes from one belongs to another row.
            again = copy is not None and (copy.wanted or is_link(found.key))
            if again or not self._raw.shelf.exists(file):
                self._raw.shelf.put(file, found.path)
                if self._raw.redactions.copies.pop(file, None):  # whole again
                    self._raw.redactions.save()
        held = StoredObject(
            key=found.key,
            url=found.url,
            final_url=found.final_url or found.url,
            retrieved_at=found.retrieved_at,
            status=found.status,
            media_type=found.media_type,
            etag=found.etag,
            last_modified=found.last_modified,
            sha256=found.sha256,
            size=found.size,
            harvest=self._number,
            batch=self._batch,
            file=file,
            archive=found.archive,
            survey=survey,
        )
        self._take({name: getattr(held, name) for name in _NAMES} | {"content": None if file else found.content})
        self._size += 0 if file and at_once else found.size
        if (file and at_once) or self._size >= BATCH_BYTES:
            self.flush()
        return held

    def _take(self, row: dict[str, Any]) -> None:
        self._rows.append(row)
        self._group_size += len(row["content"] or b"")
        if self._group_size >= GROUP_BYTES or len(self._rows) == GROUP_ROWS:
            self._end_group()

    def _end_group(self) -> None:
        if self._rows:
            self._writer = self._writer or PackedWriter(BATCH)
            self._writer.add(pa.Table.from_pylist(self._rows, BATCH))
            self._rows, self._group_size = [], 0

    @property
    def pending(self) -> bool:
        """Whether objects were taken in that are not shelved yet."""
        return bool(self._rows) or self._writer is not None

    def flush(self) -> None:
        """Shelves what was taken in so far as one batch."""
        self._end_group()
        if self._writer is None:
            return
        self._raw.shelf.put(self._batch, self._writer.whole())
        self._writer, self._size = None, 0
        self._next += 1
