"""What of a visit's archives is missing, ignored or no data: said on every visit, also where they are unchanged."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from biglam_pipeline.parsing import archives
from biglam_pipeline.patterns import is_ignored
from biglam_pipeline.records import LeftOut, Missing, RawObject, StoredObject, Survey
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.surveys import Note, note_of

log = logging.getLogger(__name__)

_TOLD = 5
"""Members of one archive that are named in the log; the harvest's note has more."""
_KEPT = 1000
_TRANSFER = frozenset({"damaged", "truncated"})
"""What may be whole when it is fetched again."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look into one archive came to."""

    note: Note
    missing: list[Missing] = field(default_factory=list)
    come_again: bool = False
    """Whether something of it is damaged, so that it is asked for again without validators."""
    new: bool = False
    """Whether the shelf did not know it so."""


class Surveyor:
    """Looks into the archives of one visit, each once, and into the shelf's notes for those that are there."""

    def __init__(self, raw: RawShelf, ignore: Sequence[str], names: str) -> None:
        """ignore: patterns of the entry; names: the encoding of names that do not say theirs, or ""."""
        self._raw, self._ignore, self._names = raw, tuple(ignore), names

    def arrived(self, found: RawObject) -> Looked:
        """Of an archive that came. ObjectFailed where it is not whole."""
        survey = self._raw.surveys.find(found.sha256, archives.VERSION, self._names)
        if survey is None:
            assert found.path is not None
            survey = found.survey or archives.survey(found.path, found.key, self._names)
            self._raw.surveys.keep(found.sha256, survey, archives.VERSION, self._names)
        return self._judge(found.key, found.url, survey, new=True)

    def kept(self, held: StoredObject) -> Looked:
        """Of an archive that is what it was at the last visit. ObjectFailed where newer eyes find it broken."""
        note = note_of(held)
        same = (note.version, note.names, note.ignore) == (archives.VERSION, self._names, self._ignore)
        if same and not note.counts.get("missing"):
            return Looked(note)
        survey = self._raw.surveys.find(held.sha256, archives.VERSION, self._names)
        if survey is None:
            if self._raw.redactions.of(held) is not None:  # what lies there is what a takedown left of it
                return Looked(note)
            survey = archives.survey(self._raw.path(held), held.key, self._names)
            self._raw.surveys.keep(held.sha256, survey, archives.VERSION, self._names)
        return self._judge(held.key, held.url, survey, new=not same)

    def _judge(self, key: str, url: str, survey: Survey, *, new: bool) -> Looked:
        """What the entry's `ignore` leaves of it."""
        missing = [one for one in survey.left_out if not is_ignored(self._ignore, f"{key}/{one.name}")]
        noise = sum(is_ignored(self._ignore, f"{key}/{one.name}") for one in survey.members) if self._ignore else 0
        counts = Counter({word: count for word, count in survey.counts.items() if word != "archives_inside"})
        counts["missing"] = len(missing)
        counts["ignored"] = len(survey.left_out) - len(missing) + noise
        _report(key, missing)
        return Looked(
            Note(archives.VERSION, self._names, self._ignore, bool(survey.counts.get("repeated")), dict(+counts)),
            [
                Missing(f"{key}/{one.name}", url, one.reason, f"{key}/{one.name} {one.detail}")
                for one in missing[:_KEPT]
            ],
            any(one.reason in _TRANSFER for one in missing),
            new,
        )


def without_validators(found: RawObject) -> RawObject:
    """So that the next visit asks for it as if it had never come."""
    return replace(found, etag="", last_modified="")


def _report(key: str, missing: Sequence[LeftOut]) -> None:
    for one in missing[:_TOLD]:
        log.warning("%s: %s %s", key, one.name, one.detail)
    if len(missing) > _TOLD:
        log.warning("%s: and %d more members cannot be had", key, len(missing) - _TOLD)
