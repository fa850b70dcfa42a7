"""What is a block of a page: text, illustration, advertisement or table? By the words that programs and libraries use.

ALTO leaves `ComposedBlock/@TYPE` and the labels of tags free, METS `div/@TYPE`. The words are those of docWorks, which
writes both, of ABBYY FineReader (`blockType`), of the Europeana Newspapers profile, of PAGE's regions, of SegmOnto's
zones (https://segmonto.github.io/), and of the national libraries of France (`publicité`) and of the Netherlands
(`advertentie`, `illustratie met onderschrift`). Any other word, as `article` or `familiebericht`, says text.
"""

import re
from collections.abc import Iterable

TEXT, ILLUSTRATION, ADVERTISEMENT, TABLE, SEPARATOR = "text", "illustration", "advertisement", "table", "separator"
_WORDS = {
    ADVERTISEMENT: "advertisement advertising advert ad ads classifiedad classifiedads advertisementzone advertzone "
    "publicite annonce reklame anzeige werbung advertentie inserat",
    ILLUSTRATION: "illustration illustrationregion image imageregion picture photo photograph figure figurezone "
    "graphic graphicregion graphiczone drawing linedrawing cartoon comic comicstrip chart chartregion graph map "
    "mapregion diagram illustratie illustratiemetonderschrift abbildung bild vectorpicture rasterpicture",
    TABLE: "table tableregion tablezone tabelle tabel tableau",
    SEPARATOR: "separator separatorregion separatorsbox",
}
_KINDS = {word: kind for kind, words in _WORDS.items() for word in words.split()}


def kind_of(words: Iterable[str]) -> str:
    """The kind that the first of these words names which names one; empty where none does.

    words: from the block outwards, as the files write them.
    """
    plain = (re.sub(r"[^a-zé]", "", one.lower().rpartition(":")[2]).replace("é", "e") for one in words)
    return next((_KINDS[one] for one in plain if one in _KINDS), "")
