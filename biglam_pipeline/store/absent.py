"""What stood at an earlier visit and has not come since: remembered until a visit is whole, and counted nowhere."""

import logging

from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.store import disk
from biglam_pipeline.store.held_rows import HELD, LISTED_ROWS, held_tables
from biglam_pipeline.store.raw_listing import Listing
from biglam_pipeline.store.reading import write_packed
from biglam_pipeline.store.shelf import Shelf

log = logging.getLogger(__name__)

_FOLDER = "absent/"


class Absent:
    """Objects by closed harvest: their validators spare 30 GB where one night did not find a file."""

    def __init__(self, shelf: Shelf) -> None:
        """shelf: the raw shelf."""
        self._shelf = shelf

    def of(self, number: int) -> Listing:
        """What was not there at a visit, as it stood last; their bytes may be gone from the shelf meanwhile."""
        found = Listing.of([])
        for name in self._named(number):
            try:
                found = found.under(Listing.read(held_tables(self._shelf, name)))
            except ShelfDamaged as damage:
                log.warning("%s; what it speaks of is asked for whole", damage)
        return found

    def keep(self, number: int, objects: Listing) -> None:
        """Notes them before the visit is closed. One that was killed in between may have left another note beside."""
        if not len(objects):
            return
        with self._shelf.scratch() as scratch:
            path = scratch / "absent.parquet"
            write_packed(path, objects.whole_tables(LISTED_ROWS), HELD)
            self._shelf.put(f"{_FOLDER}{number:05d}-{disk.digest_file(path)[0][:16]}.parquet", path)

    def forget(self, before: int) -> None:
        """Throws away the notes of earlier visits."""
        for name in self._shelf.list(_FOLDER):
            if int(name[len(_FOLDER) :][:5]) < before:
                self._shelf.delete(name)

    def _named(self, number: int) -> list[str]:
        return [name for name in self._shelf.list(_FOLDER) if name.startswith(f"{_FOLDER}{number:05d}-")]
