"""Which parts of an item a value speaks of, and whether the licence in it is said of all of them.

"Text: CC BY 4.0. Images: see the authors" licenses the text; "Painting © Picasso; photograph CC BY 4.0" the photograph.
The names of parts are the rows `medium` of words.csv. A part by any other name is a word that is left over, and closes.
"""

from collections.abc import Sequence

from biglam_pipeline.rights.folding import Token, plain
from biglam_pipeline.rights.lexicon import LEXICON, Phrase
from biglam_pipeline.rights.table import Statement

_MOST_BETWEEN = 3
_JOINING_WORDS = "and & of the a an its und der die des von et de des les la du y e el las i en van og av och ja i a и"
_JOINING = frozenset(map(plain, _JOINING_WORDS.split()))
"""Articles, "and", "of" in the languages of those rows, inside one mention of several parts: "text and images", "scan
of the book". Any other word between two parts parts them, and each then needs a statement."""

# Of a museum's photograph "CC BY 4.0, image © Museum" is the credit; "images © Getty" are some of several. The
# singulars of the rows `medium,image`, and "digital" that stands alone; a notice behind any other part is of that part.
_ONE_IMAGE_WORDS = """
image photo photograph picture scan reproduction digital bild foto abbildung digitalisat photographie imagen fotografía
immagine fotografia imagem afbeelding beeld billede fotografi bilde kuva zdjęcie obraz obrázek snímek fotografie
изображение фотография
"""
_ONE_IMAGE = frozenset(map(plain, _ONE_IMAGE_WORDS.split()))


class Parts:
    """The parts that are named, in groups: "text and images" is one group, "text: X; images: Y" are two."""

    def __init__(self, words: Sequence[Token], led: bool) -> None:
        """`led`: does a licence's address stand before all words?"""
        self.licensed = 0
        """How many statements are made in words."""
        self.noticed = False
        """Is a part behind the licence somebody's: "CC BY 4.0. Figures © Springer"?"""
        self.held = False
        """Is a part somebody's, with or without a licence before it?"""
        self._words = words
        self._led = led
        self._licensed_before = 0
        self._groups: list[set[str]] = []
        self._end = 0

    def named(self, phrase: Phrase, place: int, end: int) -> None:
        """A phrase at a place; "photo" is a part too where a credit stands behind it."""
        medium = phrase.statement if phrase.kind == "medium" else LEXICON.media.get(phrase.words)
        if not medium:
            return
        between = self._words[self._end : place]
        goes_on = len(between) <= _MOST_BETWEEN and all(token.word in _JOINING for token in between)
        if not self._groups or not goes_on or any(token.first for token in self._words[self._end : place + 1]):
            self._groups.append(set())
            self._licensed_before = self.licensed
        self._groups[-1].add(medium)
        self._end = end

    def notice(self, place: int) -> None:
        """A copyright notice at a place."""
        if not self._groups or self._end != place or self._words[place - 1].word in _ONE_IMAGE:
            return
        self.held = True
        self.noticed = self.noticed or self._licensed_before > 0 or self._led

    def differ(self, found: Sequence[Statement], notice: Statement, by_address: int) -> list[str]:
        """The parts of which different things are said, or to one of which nothing is said; [] where all is one."""
        media = sorted(set().union(*self._groups))
        if len(media) < 2 or self.noticed:
            return media if self.noticed else []
        apart = len(self._groups) > 1
        unsaid = apart and (max(self.licensed, by_address) < len(self._groups) or notice in found)
        return media if unsaid or len({one.rights_name or one.name for one in found}) > 1 else []
