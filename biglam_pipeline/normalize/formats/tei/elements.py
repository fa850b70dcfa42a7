"""What do TEI's elements do to running text? Which stand apart, which begin a line, which are no words of it.

By the model classes of the TEI Guidelines (P5, chapters 3, 4, 6, 7, 11, 12, 17 and 22; P4 has the same names):
https://tei-c.org/release/doc/tei-p5-doc/en/html/REF-CLASSES-MODEL.html . Names in small letters: SGML had no case.
"""

from functools import lru_cache

from lxml import etree

from biglam_pipeline.parsing.xml.reading import local

Element = etree._Element

TEXTS = frozenset({"tei", "tei.2"})
"""The root of a text with its header, in P5 and in P4."""
CORPORA = frozenset({"teicorpus", "teicorpus.2"})
HEADER = "teiheader"
_DIVISIONS = "div div0 div1 div2 div3 div4 div5 div6 div7"
_FRAMES = "text group front body back floatingtext"
_BLOCK_WORDS = """p ab head lg list table sp epigraph argument opener closer postscript byline trailer titlepage
doctitle titlepart docimprint castlist castgroup listbibl prologue epilogue performance set eg egxml u surface zone"""
_LINE_WORDS = "l item row castitem addrline speaker line salute signed dateline"
_INTER_WORDS = """quote q said cit stage note figure bibl biblstruct biblfull label address view docauthor docdate
docedition imprimatur"""
_NO_TEXT = """teiheader fw figdesc desc facsimile standoff sourcedoc del metamark interp interpgrp index binaryobject
xenodata certainty precision respons alt altgrp join joingrp link linkgrp span spangrp timeline listtranspose substjoin
annotation listannotation fs fvlib flib wit witness listwit"""

PARAGRAPHS = frozenset({"p", "ab"})
DIVISIONS = frozenset(_DIVISIONS.split())
FRAGMENTS = frozenset(("text", "group", "front", "back", "sourcedoc", "div0", "div1", "div2", "div3"))
"""A file that holds a part of a text without header. A root <div> or <body> would be told from no web page."""
FRAMES = TEXTS | CORPORA | DIVISIONS | frozenset(_FRAMES.split())
"""What holds no text directly: whatever stands in it stands apart."""
_BLOCKS = FRAMES | frozenset(_BLOCK_WORDS.split())
_LINES = frozenset(_LINE_WORDS.split())
"""Verse lines, and what is printed as a line of its own inside a block."""
_EITHER = frozenset(_INTER_WORDS.split())
"""model.inter and the like: apart between paragraphs, and where it holds such; else part of the sentence around it."""
_APART = FRAMES | {"lg", "sp", "epigraph", "titlepage"}
BREAKS = frozenset({"lb", "pb", "cb", "gb"})
DROPPED = frozenset(_NO_TEXT.split())
"""No words of the text: what describes it, running heads and catch words, and what its writer took out."""
NOTES = frozenset({"note", "notegrp", "witdetail"})
CHOICES = {
    "choice": (("orig", "sic", "abbr", "am"), ("reg", "corr", "expan", "ex")),
    "app": (("lem",), ("lem",)),
    "rdggrp": (("lem", "rdg"), ("lem", "rdg")),
    "subst": (("add",), ("add",)),
}
"""What holds alternatives: those that stand in the source, and the editor's. `subst` may have several additions."""

NONE, BLANK, PRINTED_LINE, IN_WORD, LINE, BLOCK = range(6)
"""What stands between two stretches of text, the weakest first."""


@lru_cache(maxsize=4096)
def _small(tag: str) -> str:
    return tag[tag.rfind("}") + 1 :].lower()


def name_of(element: Element) -> str:
    """Its local name in small letters."""
    return _small(str(element.tag))


def gap_of(element: Element, name: str) -> int:
    """What stands before and behind it."""
    if name in _BLOCKS:
        return BLOCK
    if name in _LINES:
        return LINE
    if name == "cell":
        return BLANK
    return BLOCK if name in _EITHER and _stands_apart(element) else NONE


def _stands_apart(element: Element) -> bool:
    around = element.getparent()
    if around is not None and name_of(around) in _APART:
        return True
    return any(name_of(one) in _BLOCKS | {"l"} for one in element.iterchildren(etree.Element))


def chosen_of(element: Element, *, edited: bool) -> list[Element]:
    """Of alternatives those that are read: of each two the source's or the editor's, else the first."""
    source, editor = CHOICES[name_of(element)]
    inside = [*element.iterchildren(etree.Element)]
    for wanted in (editor, source) if edited else (source, editor):
        if found := [one for one in inside if name_of(one) in wanted]:
            return found if name_of(element) == "subst" else found[:1]
    plain = [one for one in inside if name_of(one) not in NOTES | DROPPED]
    return plain[:1]


def local_name(element: Element) -> str:
    """As it is written."""
    return local(element)
