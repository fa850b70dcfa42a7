"""What stands since the last whole visit, by one word of the server: where that is the same, nothing else is asked."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.records import Harvested, RawObject, StoredObject, Unchanged


def note(word: str, ignored: Sequence[str], objects: Mapping[str, str], left_out: Mapping[str, int]) -> str:
    """What a visit found, for `Evidence.cursor`.

    word: what the server calls this state, such as a commit. ignored: the entry's patterns. objects: key -> sha256.
    left_out: as `Evidence.left_out`.
    """
    return json.dumps({"at": word, "holds": _digest(ignored, objects), "left_out": dict(left_out)})


def still(noted: str, word: str, ignored: Sequence[str], objects: Iterable[StoredObject]) -> dict[str, int] | None:
    """What was left out, where all that was noted is so today and on the shelf; else None.

    A later visit may have ended without all: a branch that went back would then give a part of it for the whole.
    """
    said = json.loads(noted) if noted else {}
    if said.get("at") != word or said["holds"] != _digest(ignored, {held.key: held.sha256 for held in objects}):
        return None
    return dict(said["left_out"])


def watching(visit: Visit, found: Iterable[Harvested], objects: dict[str, str]) -> Iterator[Harvested]:
    """The same; `objects` has all that is shelved or kept, key -> sha256, once the last came."""
    objects.update({key: held.sha256 for key, held in visit.shelved.items()})
    for one in found:
        if isinstance(one, RawObject):
            objects[one.key] = one.sha256
        elif isinstance(one, Unchanged):
            objects[one.key] = visit.known[one.key].sha256
        yield one


def _digest(ignored: Sequence[str], objects: Mapping[str, str]) -> str:
    said = json.dumps([list(ignored), sorted(objects.items())])
    return hashlib.sha256(said.encode()).hexdigest()[:32]
