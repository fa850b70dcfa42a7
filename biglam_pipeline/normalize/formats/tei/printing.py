"""How do stretches of TEI become a text? Paragraphs apart by an empty line, verse line by line, broken words whole.

`lb` is a line of the print: as in ALTO, lines are joined by a blank, and a word that is broken between them is made
whole by the same rules (`normalize/printed`). `break="no"` says that a word goes on, so that only its hyphen is asked
after (TEI Guidelines 3.11.3).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from biglam_pipeline.normalize.formats.tei.elements import BLANK, BLOCK, IN_WORD, LINE, PRINTED_LINE
from biglam_pipeline.normalize.formats.tei.flow import Stretch
from biglam_pipeline.normalize.printed.running_text import Text, running_text
from biglam_pipeline.normalize.printed.words import Forms, Place, Word

_HYPHEN = re.compile("[\u00ac\u00ad\\-=\u2010\u2011\u2e17]$")
"""The marks of `normalize/printed`."""
_SURE = "\u00ac\u00ad"
"""Those that are no letter of any word: DTA's not sign, and the soft hyphen."""
_FIRST_UNDIVIDED = "\u0e00"


def print_text(stretches: Sequence[Stretch], forms: Forms, *, as_printed: bool = False) -> Text:
    """Their text. forms: how often words stand in the whole document; as_printed: lines and hyphens stay."""
    pieces: list[str] = []
    joined = 0
    for gap, lines in _lines(stretches):
        text = Text("\n".join(text for _, text in lines), 0) if as_printed else _joined(lines, forms)
        pieces += ["\n\n" if gap == BLOCK else "\n", text.text] if pieces else [text.text]
        joined += text.joined
    return Text("".join(pieces), joined)


def _lines(stretches: Sequence[Stretch]) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """Each line or paragraph with what stands before it, and the printed lines in it."""
    number = 0
    numbered: list[tuple[int, Stretch]] = []
    for stretch in stretches:
        number += stretch.gap >= LINE or not numbered
        numbered.append((number, stretch))
    for _, group in groupby(numbered, key=lambda one: one[0]):
        inside = [stretch for _, stretch in group]
        lines: list[tuple[int, list[str]]] = []
        for stretch in inside:
            if not lines or stretch.gap in (PRINTED_LINE, IN_WORD):
                lines.append((stretch.gap, [stretch.text]))
            else:
                lines[-1][1].append(f" {stretch.text}" if stretch.gap == BLANK else stretch.text)
        yield inside[0].gap, [(gap, "".join(texts)) for gap, texts in lines]


def _joined(lines: list[tuple[int, str]], forms: Forms) -> Text:
    whole, joined = _whole_words(lines)
    plain = not any(_HYPHEN.search(line) for line in whole[:-1])
    if plain and not any(_undivided(one[-1:], other[:1]) for one, other in pairwise(whole)):
        return Text(" ".join(whole), joined)
    block = Place("", forms)
    found = running_text([word for line in whole for word in _words(line, block, forms)])
    return Text(found.text, joined + found.joined)


def _whole_words(lines: list[tuple[int, str]]) -> tuple[list[str], int]:
    """The lines, those joined between which a word goes on: without its hyphen, if it is none of its own."""
    whole, joined = [lines[0][1]], 0
    for gap, line in lines[1:]:
        if gap == IN_WORD:
            first = whole[-1]
            if _HYPHEN.search(first) and (first[-1] in _SURE or _are_halves(first[:-1], line)):
                first = first[:-1]
            whole[-1] = first + line
            joined += 1
        else:
            whole.append(line)
    return whole, joined


def _are_halves(first: str, second: str) -> bool:
    """`Corps-` and `Ingenieurs` keep their hyphen, and so do figures."""
    before, after = first[-1:], second[:1]
    return before.isalpha() and after.isalpha() and not (after.isupper() and not before.isupper())


def _undivided(before: str, after: str) -> bool:
    return before >= _FIRST_UNDIVIDED and after >= _FIRST_UNDIVIDED


def _words(line: str, block: Place, forms: Forms) -> Iterator[Word]:
    """The first and the last word of a printed line; what stands between them is broken nowhere."""
    place = Place("", forms)
    first, _, rest = line.partition(" ")
    midst, _, last = rest.rpartition(" ")
    texts = [one for one in (first, midst, last) if one]
    for number, text in enumerate(texts, 1):
        hyphen = text[-1] if number == len(texts) and text[-1] in _SURE else ""
        yield Word(text, place, block, 0, "", None, hyphen, number < len(texts))
