"""Which figures a search for near-duplicates goes by: for pages or books, at what recall, in how large a collection.

The figures were measured on noisy pages with known duplicates; `make bench-dedup` measures them again.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["page", "book"]
Recall = Literal["standard", "high"]

VERSION = 4
"""Of what a fingerprint or a similarity is: another number, and everything stored is made again."""
MANY = 2_000_000
"""Documents from which chance candidates of two rows a band would outgrow the true ones."""


@dataclass(frozen=True, slots=True)
class Bands:
    """How a signature is cut: two documents are candidates where all rows of one band are equal."""

    count: int
    rows: int
    worth: float = 0.2
    """Share of equal slots below which a candidate is not read. True duplicates with 10 % of their letters wrong have
    .33 on the average; unrelated pages have none, filled-in forms .25."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a document is like, and what follows for its fingerprint and for the decision."""

    kind: Kind
    window: int
    """Letters a window; an ideograph counts as two. Longer ones keep the words of a language from meeting in books."""
    slots: int = 128
    """Of a signature: 2 bytes each."""
    alike: float = 0.72
    """Normalised Levenshtein similarity from which two texts are the same. Filled-in forms reach .58, reprints .80."""
    rearranged: float = 0.35
    """Share of equal slots from which the windows are compared where the edit distance says no."""
    shared: float = 0.5
    """Jaccard similarity of the windows from which they are the same, where edit distance cannot say it."""
    longest_edited: int = 50_000
    """Letters up to which the edit distance decides; above, the windows do."""
    head: int = 320
    tail: int = 160
    """Letters at either end in which mastheads and imprints are looked for."""
    frequent: int = 64
    """Documents that must share a piece of head or tail for it to be boilerplate."""
    at_once: int = 32_768
    """Documents whose fingerprints are shelved together; a killed run loses no more work than theirs."""

    @property
    def version(self) -> str:
        """Names everything that stored fingerprints and similarities depend on."""
        figures = (self.kind, self.window, self.slots, self.head, self.tail)
        limits = (self.alike, self.shared, self.longest_edited)
        return "-".join(map(str, (VERSION, *figures, *limits)))


PAGE = Profile(kind="page", window=8)
"""To about 20 KB: pages, articles, letters."""
BOOK = Profile(kind="book", window=12, at_once=1024)
"""Above: whole books, whose windows of eight letters meet by chance."""
PROFILES: dict[Kind, Profile] = {"page": PAGE, "book": BOOK}


def bands_for(profile: Profile, recall: Recall, documents: int) -> Bands:
    """How to cut signatures. documents: those that are compared, in number."""
    if profile.kind == "book":
        return Bands(64, 2, worth=0.15) if recall == "high" else Bands(42, 3)
    if documents > MANY:
        return Bands(48, 2, worth=0.15) if recall == "high" else Bands(42, 3)
    return Bands(64, 2, worth=0.15) if recall == "high" else Bands(48, 2)
