"""What a visit that found nothing new has learnt all the same: newer validators of objects that are what they were."""

import gzip
import hashlib
import json
import logging
from dataclasses import replace

from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.records import StoredObject
from biglam_pipeline.store.shelf import Shelf

log = logging.getLogger(__name__)


class Stamps:
    """Validators by key, of one closed harvest: kept beside it, since a closed harvest is never written again."""

    def __init__(self, shelf: Shelf) -> None:
        """shelf: the raw shelf."""
        self._shelf = shelf

    def laid_over(self, number: int, objects: dict[str, StoredObject]) -> dict[str, StoredObject]:
        """The objects of a harvest, with the newest validators that are known of them."""
        known = self._read(number)
        return {
            key: replace(held, etag=known[key][1], last_modified=known[key][2])
            if key in known and known[key][0] == held.sha256
            else held
            for key, held in objects.items()
        }

    def keep(self, number: int, renewed: dict[str, StoredObject]) -> None:
        """Adds what one more visit has learnt."""
        found = self._read(number) | {key: [one.sha256, one.etag, one.last_modified] for key, one in renewed.items()}
        data = json.dumps(found, ensure_ascii=False, sort_keys=True).encode()
        name = f"stamps/{number:05d}-{hashlib.sha256(data).hexdigest()[:16]}.json.gz"
        before = self._shelf.list("stamps/")
        self._shelf.put(name, gzip.compress(data, mtime=0))
        for old in before:
            if old != name:
                self._shelf.delete(old)

    def _read(self, number: int) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in self._shelf.list("stamps/"):
            if not name.startswith(f"stamps/{number:05d}-"):
                continue
            try:
                reported = json.loads(gzip.decompress(self._shelf.read(name)))
                found |= {str(key): [str(word) for word in words] for key, words in reported.items() if len(words) == 3}
            except (ShelfDamaged, OSError, EOFError, ValueError, AttributeError, TypeError) as damage:
                log.warning("%s cannot be read (%s); what it speaks of is asked for once more", name, damage)
        return found
