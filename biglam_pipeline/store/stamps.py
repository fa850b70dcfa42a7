"""What a visit that found nothing new has learnt all the same: newer validators of objects that are what they were."""

import gzip
import hashlib
import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pyarrow as pa

from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.records import StoredObject
from biglam_pipeline.store.raw_listing import Listing
from biglam_pipeline.store.reading import PackedWriter, read_batches
from biglam_pipeline.store.shelf import Shelf

log = logging.getLogger(__name__)

_STAMPS = pa.schema([(name, pa.string()) for name in ("key", "sha256", "etag", "last_modified")])
_ROWS = 16_384


class Stamps:
    """Validators by key, of one closed harvest: kept beside it, since a closed harvest is never written again."""

    def __init__(self, shelf: Shelf) -> None:
        """shelf: the raw shelf."""
        self._shelf = shelf

    def laid_over(self, number: int, objects: Listing) -> Listing:
        """The objects of a harvest, with the newest validators that are known of them."""
        return objects.under(Listing.of(self._known(number, objects)))

    def keep(self, number: int, renewed: Listing, objects: Listing) -> None:
        """Adds what one more visit has learnt. objects: of the harvest, as it was closed."""
        found = Listing.of(self._known(number, objects)).under(renewed)
        writer = PackedWriter(_STAMPS)
        for table in found.tables(_ROWS, _STAMPS.names):
            writer.add(table)
        data = writer.whole()
        name = f"stamps/{number:05d}-{hashlib.sha256(data).hexdigest()[:16]}.parquet"
        before = self._shelf.list("stamps/")
        self._shelf.put(name, data)
        for old in before:
            if old != name:
                self._shelf.delete(old)

    def _known(self, number: int, objects: Listing) -> Iterator[StoredObject]:
        """Those of the objects of which something is known, with it."""
        for key, sha256, etag, last_modified in self._read(number):
            held = objects.get(key)
            if held is not None and held.sha256 == sha256:
                yield replace(held, etag=etag, last_modified=last_modified)

    def _read(self, number: int) -> Iterator[tuple[str, ...]]:
        for name in self._shelf.list("stamps/"):
            if not name.startswith(f"stamps/{number:05d}-"):
                continue
            try:
                yield from self._rows(name)
            except (ShelfDamaged, OSError, EOFError, ValueError, AttributeError, TypeError) as damage:
                log.warning("%s cannot be read (%s); what it speaks of is asked for once more", name, damage)

    def _rows(self, name: str) -> Iterable[tuple[str, ...]]:
        if name.endswith(".parquet"):
            for table in read_batches(self._shelf, name, _STAMPS.names, _STAMPS):
                yield from zip(*(table[column].to_pylist() for column in _STAMPS.names), strict=True)
            return
        reported = json.loads(gzip.decompress(self._shelf.read(name)))  # as it was before there could be a million
        yield from [(str(key), *map(str, words)) for key, words in reported.items() if len(words) == 3]
