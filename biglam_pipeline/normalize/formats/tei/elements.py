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
doctitle titlepart docimprint castlist castgroup listbibl prologue epilogue performance set eg egxml u surface zone
entry superentry entryfree hom spgrp annotationblock listperson listplace listorg listevent listnym listobject
listrelation"""
_LINE_WORDS = """l item row castitem addrline speaker line salute signed dateline headlabel headitem person place org
event object nym relation persongrp"""
_INTER_WORDS = """quote q said cit stage note figure bibl biblstruct biblfull label address view docauthor docdate
docedition imprimatur camera caption sound tech"""
_RECORD_WORDS = """entry hom biblstruct analytic monogr imprint biblfull titlestmt publicationstmt address person place
org event object nym"""
_MIXED_RECORD_WORDS = "sense form gramgrp re etym entryfree cit castitem dateline docimprint"
_FIELD_WORDS = """form orth pron hyph syll gramgrp gram pos gen number case per tns mood itype subc colloc sense def usg
lbl xr etym re cit quote q bibl role roledesc actor placename persname name date docdate pubplace publisher settlement
country address"""
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
_RECORDS = frozenset(_RECORD_WORDS.split())
_MIXED_RECORDS, _FIELDS = frozenset(_MIXED_RECORD_WORDS.split()), frozenset(_FIELD_WORDS.split())
"""What holds fields and no sentence, and so needs no white space between them (Guidelines 3.12, 7.1.4, 10.1, 14.3): a
field with nothing beside it is a word by itself.
"""
_APART = FRAMES | {"lg", "sp", "epigraph", "titlepage", "listbibl"}
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
    if name in _EITHER and _stands_apart(element):
        return BLOCK
    # A sentence ends between words (Guidelines 18.1, s-units).
    return BLANK if name in ("cell", "s") or _is_field(element, name) else NONE


def _is_field(element: Element, name: str) -> bool:
    around = element.getparent()
    if around is None or element.tail:
        return False
    holder = name_of(around)
    if holder not in _RECORDS and (holder not in _MIXED_RECORDS or name not in _FIELDS):
        return False
    before = element.getprevious()
    return not (around.text if before is None else before.tail)


def _stands_apart(element: Element) -> bool:
    around = element.getparent()
    if around is not None and name_of(around) in _APART:
        return True
    return any(name_of(one) in _BLOCKS | {"l"} for one in element.iterchildren(etree.Element))


def chosen_of(element: Element, *, edited: bool) -> list[Element]:
    """Of alternatives those that are read: of each two the source's or the editor's, else the first."""
    source, editor = CHOICES[name_of(element)]
    inside = [*element.iterchildren(etree.Element)]
    first, second = (editor, source) if edited else (source, editor)
    if found := [one for one in inside if name_of(one) in first]:
        return found if name_of(element) == "subst" else found[:1]
    if nested := [one for one in inside if name_of(one) == "choice"]:
        return nested[:1]  # a choice of choices (Guidelines 3.5): what is wanted stands in it, if anywhere
    if found := [one for one in inside if name_of(one) in second]:
        return found[:1]
    plain = [one for one in inside if name_of(one) not in NOTES | DROPPED]
    return plain[:1]


def local_name(element: Element) -> str:
    """As it is written."""
    return local(element)
