"""What does a PDF say of itself? By its XMP packet, and beneath that by the few fields of its information dictionary.

XMP: ISO 16684-1 and https://developer.adobe.com/xmp/docs/XMPSpecifications/ (xmpRights); licences in it:
https://wiki.creativecommons.org/wiki/XMP ; the dictionary: ISO 32000-2, 14.3.3. Both are mostly filled by programs.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from biglam_pipeline.normalize.rows.rights_of import OF_OBJECT, column_of_term
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.reading import read_xml, text_of
from biglam_pipeline.rights.rights_words import says_rights

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DC = "http://purl.org/dc/elements/1.1/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_RIGHTS = "http://ns.adobe.com/xap/1.0/rights/"
_SAYS_RIGHTS = {f"{{{_RIGHTS}}}WebStatement", f"{{{_RIGHTS}}}UsageTerms"}
_MARKED = f"{{{_RIGHTS}}}Marked"
_ONE = {"title": "title", "description": "description", "publisher": "publisher"}
_SEVERAL = {"creator": "creators", "subject": "subjects", "language": "languages", "date": "date_raw"}
_LONGEST, _MOST = 4_000, 100
"""Characters of a value, and values of a column."""
_NO_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint|excel)|powerpoint(?: presentation|-pr.sentation)?|adobe \w+)\b.*"
    r"|(?:untitled|unbenannt|sans titre|sin t.tulo|output|document|dokument|layout|scan(?:ned document)?|print|cover|"
    r"slide|folie|diapositive|page|seite|book|title|titel)[ _-]?\d*"
    r"|.*\.(?:pdf|docx?|dotx?|rtf|odt|pptx?|xlsx?|indd|qx[dp]|pmd|p65|fm|tex|dvi|e?ps|tiff?|jpe?g|png|html?|txt|wpd|pub)"
    r"|(?:https?|file):.*|[\w.-]*[\\/][\w\\/. -]*|[\W\d_]*",
    re.IGNORECASE | re.DOTALL,
)
"""What word processors, layout programs and scanners put there: names of files and programs, and first guesses."""
_NO_AUTHOR = re.compile(
    r"(?:admin(?:istrator)?|user|owner|unknown|author|anonymous|pc|windows user|default|scan(?:ner)?|guest|.*@.*"
    r"|[\W\d_]*)\d*",
    re.IGNORECASE,
)
UNHEARD = "What the document says of itself cannot be read, and may say of rights what nobody heard"
_ENGINES = re.compile(
    r"abbyy|finereader|tesseract|ocrmypdf|luradocument|paper capture|clearscan|omnipage|readiris|nuance|kofax|capture\b"
    r"|internet archive|docworks|transkribus|escriptorium|ocropus|kraken|cvision|foxit.*ocr|\bocr\b",
    re.IGNORECASE,
)
"""Programs that read pictures, as they name themselves."""


@dataclass(slots=True)
class About:
    """What stands in the columns of all rows of a document."""

    columns: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, str | list[str]] = field(default_factory=dict)
    engine: str = ""
    """The program that read pictures, where one is named."""
    problems: list[str] = field(default_factory=list)


def about_of(told: Mapping[str, Any]) -> About:
    """told: as `parsing.pdf.describing.describe` has it."""
    made, info = About(), dict(told["info"])
    if told["trouble"]:
        _unheard(made, "about: what the document says of itself cannot be read")
    if told["repairs"]:
        made.problems.append("pdf: damaged, and repaired to be read")
    if told["form"]:
        made.problems.append("text: a form whose pages a program has to make; what stands in it is not read")
    said = [*_properties(told["xmp"], made)]
    for name, values in _by_column(said).items():
        _put(made, name, values)
    _put(made, "title", [info.get("Title", "")])
    _put(made, "creators", [info.get("Author", "")])
    _rights(made, said, info)
    stamps = {value[:10] for name, value in said if name in (f"{{{_XMP}}}CreateDate", f"{{{_XMP}}}ModifyDate")}
    dates = made.columns.pop("date_raw", [])
    if kept := [one for one in dates if one[:10] not in stamps]:
        made.columns["date_raw"] = kept
    elif dates:
        made.problems.append("date: it is that of the file; left out")
    programs = [info.get(name, "") for name in ("Producer", "Creator")]
    made.engine = next((one for one in programs if _ENGINES.search(one)), "")
    made.facts = {"producer": programs[0], "creator_tool": programs[1], "created": info.get("CreationDate", "")}
    return made


def _unheard(made: About, problem: str) -> None:
    """It may state anything: that is a statement which nobody understands. It closes where rights are the record's, and
    is reported beside the entry's licence.
    """
    made.problems.append(problem)
    made.columns[OF_OBJECT] = [UNHEARD]


def _by_column(said: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in said:
        own = name.removeprefix(f"{{{_DC}}}")
        if column := (_ONE | _SEVERAL).get(own):
            found.setdefault(column, []).append(value)
    return found


def _put(made: About, column: str, values: list[str]) -> None:
    """Fills a column that is empty, with what is no name of a file or of nobody."""
    kept = list(
        dict.fromkeys(value[:_LONGEST] for one in values if (value := " ".join(one.replace("\ufffd", "").split())))
    )[:_MOST]
    wrong = {"title": _NO_TITLE, "creators": _NO_AUTHOR}.get(column)
    if wrong is not None and any(wrong.fullmatch(one) for one in kept):
        problem = f"{column}: it is the name of a file or a program; left out"
        made.problems += [problem] if problem not in made.problems else []
        kept = [one for one in kept if not wrong.fullmatch(one)]
    if kept and column not in made.columns:
        made.columns[column] = kept[0] if column in _ONE.values() else kept


def _rights(made: About, said: list[tuple[str, str]], info: Mapping[str, str]) -> None:
    """dc:rights, xmpRights, cc:license, and whatever else is named like rights, also in the dictionary.

    `Marked` alone says that somebody reserves rights; that it is false is what programs write who know nothing.
    """
    found: dict[str, list[str]] = {OF_OBJECT: made.columns.get(OF_OBJECT, [])}
    for name, value in [*said, *(pair for pair in info.items() if says_rights(pair[0]))]:
        local = name.rpartition("}")[2]
        column = OF_OBJECT if name in _SAYS_RIGHTS else column_of_term(local)
        if column and value not in found.setdefault(column, []):
            found[column].append(value)
    if not found.get(OF_OBJECT) and any(name == _MARKED and value.lower() == "true" for name, value in said):
        found[OF_OBJECT] = ["In copyright (xmpRights:Marked)"]
    if sum(len(value) for values in found.values() for value in values) > _LONGEST * 5:  # each page's row repeats them
        _unheard(made, "rights: more words than any statement; what they say is not heard")
        return
    made.columns |= {column: values for column, values in found.items() if values}


def _properties(xmp: str, made: About) -> Iterator[tuple[str, str]]:
    """Name as {namespace}name, and value, of all properties of the packet, in its order."""
    if not xmp.strip():
        return
    try:
        root = read_xml(xmp.encode("latin-1"), "").root
    except Unreadable:
        _unheard(made, "xmp: no XML; what it says is not heard")
        return
    for described in root.iter(f"{{{_RDF}}}Description"):
        for name, value in described.attrib.items():
            if not str(name).startswith(f"{{{_RDF}}}") and str(value).strip():
                yield str(name), str(value).strip()
        for one in described.iterchildren(etree.Element):
            yield from ((str(one.tag), value) for value in _values(one))


def _values(one: etree._Element) -> Iterator[str]:
    for each in [*one.iter(f"{{{_RDF}}}li")] or [one]:
        if text := text_of(each) or (each.get(f"{{{_RDF}}}resource") or "").strip():
            yield text
