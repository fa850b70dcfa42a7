"""What do several layers of rights make of one record? The strictest counts; what nobody covers is not published.

A row publishes its metadata always, a text or a picture where it has one. A layer counts where it covers something of
that. What a record says of its object (https://www.dublincore.org/specifications/dublin-core/dcmi-terms/#rights:
"rights held in and over the resource") is heard beside every layer that speaks of the object.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from biglam_pipeline.rights.access import read_access
from biglam_pipeline.rights.beside import Beside, fold_statement
from biglam_pipeline.rights.recognise import Statement, recognise
from biglam_pipeline.rights.shut import reads_shut
from biglam_pipeline.rights.table import nothing
from biglam_pipeline.rights.tiers import BELIEFS, NEVER, TIERS, rank

Covers = Literal["all", "metadata", "text", "images"]
Aspect = Literal["metadata", "text", "images"]
"""What a row can publish: everything but text and the bytes of a picture is metadata, an address of a picture too."""

CONTRADICTED, UNCOVERED, LABELLED, SILENT = "contradicted", "uncovered", "labelled", "-"
"""Words that stand in the place of a tier: the record denies what the layer says; no layer covers a part of the row;
a Label keeps it to some; the layer is for something that the row does not publish."""

_CLOSING = frozenset({"nc", "nd", "review", "closed"})
_BESIDE_HELPS = frozenset({"unknown", "review"})


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of an entry's rights, as far as a record is judged by it."""

    covers: Covers = "all"
    license: str = ""
    """One statement for all records; empty where each record says its own."""
    evidenced: bool = False
    """Whether it names the page, and the day on which a person read it."""
    overrules: bool = False
    """Whether a person decided to publish records that say of themselves that they are closed."""
    hosts: frozenset[str] = frozenset()
    """Of the page."""
    statements: tuple[tuple[str, str], ...] = ()
    """Whole values that a person read, with what they say."""

    def is_about(self, part: Aspect) -> bool:
        """Whether it covers this part of a row."""
        return self.covers in ("all", part)

    def hears_object(self, parts: frozenset[Aspect]) -> bool:
        """Whether it speaks of the object: all but a layer for metadata that somebody has evidence for."""
        if self.covers == "metadata":
            return not self.evidenced
        return self.covers == "all" or self.covers in parts


@dataclass(frozen=True, slots=True)
class Said:
    """Everything that one record says of rights, exactly as received, by what it is about."""

    asked: tuple[tuple[str, ...], ...] = ()
    """What `from:` of each layer reads; empty for a layer that does not ask."""
    of_object: tuple[str, ...] = ()
    """Statements about what the record describes."""
    access: tuple[str, ...] = ()
    """Conditions of access to it."""
    of_record: tuple[str, ...] = ()
    """What the format marks as said of the record itself."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a row may say of its rights, and what each layer makes of it."""

    statement: Statement
    """The strictest that holds for what the row publishes."""
    basis: Literal["record", "source", "overruled"]
    tiers: str
    """A tier, or one of the words above, for each layer, divided by blanks."""
    described: Statement | None = None
    """What the record says of its object, where the row publishes nothing of the object."""
    notes: tuple[str, ...] = ()
    """What is counted: not_understood, contradicted, overruled, uncovered, labelled, non_commercial, line: VALUE."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """One layer beside one record."""

    word: str
    statement: Statement
    basis: Literal["record", "source", "overruled"]
    notes: tuple[str, ...] = ()


def judge(
    layers: Sequence[Layer],
    said: Said,
    parts: frozenset[Aspect],
    names: Callable[[], frozenset[str]] = frozenset,
    retrieved: date | None = None,
) -> Judgement:
    """The judgement of one record.

    parts: what the row publishes; names: of custodian, creators and the like, asked for only where they can help;
    retrieved: the day on which the record was fetched.
    """
    heard: list[_Heard | None] = []
    for number, layer in enumerate(layers):
        if not any(layer.is_about(part) for part in parts):
            heard.append(None)
            continue
        ear = _Ear(layer, names, retrieved)
        asked = said.asked[number] if number < len(said.asked) else ()
        heard.append(ear.listen((layer.license,) if layer.license else asked, said, parts))
    words = [one.word if one else SILENT for one in heard]
    found = [one for one in heard if one]
    notes = [note for one in found for note in one.notes]
    bare = sorted(part for part in parts if not any(layer.is_about(part) for layer in layers))
    if bare:
        missing = nothing(f"no layer of rights covers {' and '.join(bare)}")
        found.append(_Heard(UNCOVERED, missing, "source"))
        words.append(UNCOVERED)
        notes.append("uncovered")
    strictest = max(found, key=lambda one: (rank(one.statement.tier), TIERS.index(one.statement.tier)))
    overruled = any(one.basis == "overruled" for one in found)
    basis = "overruled" if overruled else strictest.basis
    described = _of_object(layers, said, parts, names, retrieved)
    return Judgement(strictest.statement, basis, " ".join(words), described, tuple(dict.fromkeys(notes)))


def _of_object(
    layers: Sequence[Layer],
    said: Said,
    parts: frozenset[Aspect],
    names: Callable[[], frozenset[str]],
    retrieved: date | None,
) -> Statement | None:
    """What the record says of the object that the row only describes, where no layer speaks of the object."""
    about = [layer for layer in layers if layer.is_about("metadata")]
    if not said.of_object or not about or parts != {"metadata"} or any(one.hears_object(parts) for one in about):
        return None
    return _Ear(about[0], names, retrieved).read(said.of_object)


class _Ear:
    """Reads statements beside one layer."""

    def __init__(self, layer: Layer, names: Callable[[], frozenset[str]], retrieved: date | None) -> None:
        self._layer, self._names, self._retrieved = layer, names, retrieved

    def read(self, values: tuple[str, ...]) -> Statement:
        """What values say; what stands beside them is looked at only where it can help, and never closes."""
        found = recognise(values)
        if found.tier not in _BESIDE_HELPS or not values:
            return found
        layer = self._layer
        lines = layer.statements if layer.evidenced else ()
        return recognise(values, Beside(self._names(), layer.hosts, self._retrieved, lines))

    def listen(self, own: tuple[str, ...], said: Said, parts: frozenset[Aspect]) -> _Heard:
        """What the layer says, unless what the record says contradicts it."""
        layer = self._layer
        base = recognise(own) if layer.license else self.read(own)
        basis: Literal["record", "source"] = "source" if layer.license else "record"
        notes = list(self._lines((*own, *said.of_object, *said.of_record)))
        found = [*self._denials(own, base, said, parts)]
        denials = [one for one in found if one is not None]
        if None in found:
            notes.append("not_understood")
        if not denials:
            return _Heard(base.tier, base, basis, tuple(notes))
        if layer.overrules and layer.evidenced and layer.license:
            return _Heard(base.tier, base, "overruled", (*notes, "overruled"))
        strictest = max(denials, key=lambda one: rank(one.tier))
        return _Heard(CONTRADICTED, strictest, "record", (*notes, "contradicted"))

    def _denials(
        self, own: tuple[str, ...], base: Statement, said: Said, parts: frozenset[Aspect]
    ) -> Iterator[Statement | None]:
        """Statements that close what the layer opens; None for one that is not understood."""
        layer = self._layer
        if layer.hears_object(parts):
            yield from self._against(own, base, said.of_object)
            for value in said.access:
                yield from self._barred(base, value)
        if layer.covers in ("all", "metadata"):
            yield from self._against(own, base, said.of_record)

    def _against(self, own: tuple[str, ...], base: Statement, values: tuple[str, ...]) -> Iterator[Statement | None]:
        """Value by value and all together: beside one that is not understood, one that forbids would not be seen."""
        news = tuple(value for value in values if value not in own)
        singly = [(value,) for value in news] if len(news) > 1 else []
        for some in (*singly, news) if news else ():
            together = self.read((*own, *some))
            if together.tier in _CLOSING and rank(together.tier) > rank(base.tier):
                yield together
            elif together.tier == "unknown" and base.tier not in NEVER:
                yield from self._barred_by(base, some)

    def _barred_by(self, base: Statement, values: tuple[str, ...]) -> Iterator[Statement | None]:
        """Words of access stand among words of use as well: "Embargoed until 2031" is no licence, and no riddle."""
        shut = [found for value in values for found in self._barred(base, value) if found is not None]
        shut = shut or [
            found for value in values if (found := self._forbids(value)) and rank(found.tier) > rank(base.tier)
        ]
        yield from shut
        if not shut:
            yield None

    def _forbids(self, value: str) -> Statement | None:
        """What a value forbids that names no licence: "For non-commercial use only"."""
        tier = reads_shut(value)
        return Statement(None, tier, value[:80], "", problem=f"forbidden in words: {value[:80]}") if tier else None

    def _barred(self, base: Statement, value: str) -> Iterator[Statement | None]:
        found = read_access(value)
        if found is not None and found.tier == "closed" and base.tier != "closed":
            yield found
        elif found is not None and found.tier in ("unknown", "review"):
            yield None

    def _lines(self, values: tuple[str, ...]) -> Iterator[str]:
        """The lines of the entry that were of use here."""
        if self._layer.statements:
            folded = {fold_statement(value) for value in values}
            for line, _ in self._layer.statements:
                if fold_statement(line) in folded:
                    yield f"line: {line}"


# --- what a source accepts of it ---


def lets_through(tiers: str, accepted: Sequence[frozenset[str]]) -> bool:
    """Whether every layer that counts for a row accepts its tier.

    tiers: of a Judgement; accepted: tiers, a set for each layer. Anything unexpected refuses.
    """
    return not _refused(tiers, accepted)


def refused_for_belief(tiers: str, accepted: Sequence[frozenset[str]]) -> str:
    """The belief for which alone a row is withheld, empty where it is not, or also for something else."""
    refused = _refused(tiers, accepted)
    beliefs = {word for word in refused if word in BELIEFS}
    return max(beliefs, key=TIERS.index) if beliefs and len(beliefs) == len(refused) else ""


def count_beliefs(kinds: Mapping[str, int], accepted: Sequence[frozenset[str]]) -> dict[str, int]:
    """Tier -> rows that are withheld only because it is a belief, which the entry could accept.

    kinds: `tiers` of judgements -> rows.
    """
    counts: Counter[str] = Counter()
    for tiers, rows in kinds.items():
        if tier := refused_for_belief(tiers, accepted):
            counts[tier] += rows
    return dict(sorted(counts.items()))


def _refused(tiers: str, accepted: Sequence[frozenset[str]]) -> set[str]:
    words = (tiers or UNCOVERED).split(" ")
    if len(words) != len(accepted) or all(word == SILENT for word in words):
        return {UNCOVERED, *words} - {SILENT}
    return {
        word
        for word, allowed in zip(words, accepted, strict=True)
        if word != SILENT and (word not in allowed or word in NEVER)
    }
