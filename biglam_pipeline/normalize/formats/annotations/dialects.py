"""Which columns has a token? What a dialect fixes, and what else the entry says; never what a file happens to have."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from biglam_pipeline.normalize.vocabularies.labels import TAG

Dialect = Literal["iob", "hipe", "conll_u", "brat"]

CONLL_U = ("ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC")
"""https://universaldependencies.org/format.html"""
IOB = ("token", "tags")
"""Of two columns, where the entry names none."""

TOKENS = "tokens"
STARTS = "sentence_starts"
LEFT_OUT = "_"
"""In `columns`, one that is not read."""

_STRINGS = pa.list_(pa.string())
_TOKEN_NAMES = {"token", "tokens", "form", "word", "words"}
_CALLED = re.compile(
    r"(ner?|nel|ent|pos|[ux]pos|iob2?|bio|chunk)([-_ ].*|tags?)?|(tag|label|lemma)s?|misc|entit(y|ies)"
)
"""What headers call labels: HIPE, impresso, Kaggle's copies of CoNLL, `datasets`."""


@dataclass(frozen=True, slots=True)
class Names:
    """The columns of a token as they are named, in their order."""

    all: tuple[str, ...]
    written: bool
    """Whether by the entry or a specification; else two are taken for granted, and files must have as many."""

    @property
    def token(self) -> int:
        """Which of them is the token: one that is called so, else the first."""
        return next((at for at, name in enumerate(self.all) if name.casefold() in _TOKEN_NAMES), 0)

    @property
    def labels(self) -> tuple[str, ...]:
        """The others that are read."""
        return tuple(name for at, name in enumerate(self.all) if at != self.token and name != LEFT_OUT)

    def types(self, *, sentences: bool) -> dict[str, pa.DataType]:
        """The source's own columns. sentences: whether a row has several, so that it says where each begins."""
        lists = dict.fromkeys((TOKENS, *self.labels), _STRINGS)
        return {**lists, STARTS: pa.list_(pa.int32())} if sentences else lists


def is_header(cells: Sequence[str], names: Names) -> bool:
    """Whether a line names columns: one is called token, form or word, or as the entry calls it, and another as the
    entry calls a label, or as people do; none is a label of IOB.
    """
    tokens = {*_TOKEN_NAMES, names.all[names.token].casefold()}
    called = [one.casefold() for one in cells]
    others = [one for one in called if one not in tokens]
    known = {name.casefold() for name in names.labels}
    return (
        len(others) < len(called)
        and any(one in known or _CALLED.fullmatch(one) for one in others)
        and not any(TAG.fullmatch(one) for one in cells)
    )


def is_token_name(name: str) -> bool:
    """Whether a column of this name holds the token."""
    return name.casefold() in _TOKEN_NAMES
