"""What does a TEI header say in columns? Of the source before the file: a date of the digitiser is none of the text.

TEI Guidelines, chapter 2: https://tei-c.org/release/doc/tei-p5-doc/en/html/HD.html , and chapter 11 for manuscripts.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lxml import etree

from biglam_pipeline.normalize.formats.tei.availability import statements
from biglam_pipeline.normalize.formats.tei.elements import HEADER, Element, local_name, name_of
from biglam_pipeline.normalize.formats.tei.source import below, dated, printing, prose, read_source

_OF_FILE = re.compile(
    r"machine[- ]readable|electronic (?:edition|version|text|transcription|resource)|digital (?:edition|version|text)"
    r"|(?:an|a) (?:xml|tei)[\w -]* (?:edition|version|transcription)|tei (?:edition|version)|gmd",
    re.IGNORECASE,
)
"""How titles say that they are the file's, as Guidelines 2.2.1 asks for, and catalogues' [electronic resource]."""
_OF_OTHERS = {"collection", "catalogue", "catalog"}
"""What idno/@type names beside the record: what that stands in, as the catalogues on TEI of Oxford and Cambridge do."""
_SITE = re.compile(r"https?://[^/?#]+/?", re.IGNORECASE)
"""A publisher's address, which names none of its texts (DraCor, Guidelines 2.2.4)."""
_ADDRESS = re.compile(r"https?://\S+$")
_SCHEMES = {
    "isbn": "isbn",
    "issn": "issn",
    "doi": "doi",
    "ark": "ark",
    "handle": "handle",
    "hdl": "handle",
    "oclc": "oclc",
    "lccn": "lccn",
    "urn": "urn",
    "ppn": "ppn",
    "viaf": "viaf",
    "shelfmark": "shelfmark",
}
_READ = frozenset(
    [
        "title",
        "author",
        "editor",
        "date",
        "publisher",
        "pubplace",
        "idno",
        "availability",
        "licence",
        "license",
        "language",
        "term",
        "classcode",
        "catref",
        "extent",
        "abstract",
        "summary",
        "textlang",
        "origdate",
        "origplace",
        "msitem",
    ]
)
"""What gives a column, in small letters; what stands in these is read with them."""


def read_header(record: Element, around: Sequence[Element] = ()) -> dict[str, Any]:
    """The columns of a text. around: headers of the corpora that it stands in, outermost first."""
    header = _header(record)
    columns: dict[str, Any] = {}
    source = read_source(header) if header is not None else {}
    if header is not None:
        columns = {**source, **_titles(header), **_profile(header, source), **_identified(header, source)}
        works = source.get("title_alt", [])  # of a manuscript
        columns["title_alt"] = list(dict.fromkeys([*columns.get("title_alt", []), *works]))
    # A TEI may hold others (Guidelines 4.1, 15.1), whose words are in this text: their headers limit it too.
    headers = [one for one in record.iter(etree.Element) if name_of(one) == HEADER]
    said = [statement for one in (*around, *headers) for statement in statements(one)]
    for name, text in said:
        columns[name] = list(dict.fromkeys([*columns.get(name, []), text]))
    columns["languages"] = _languages(record, header, source) or next(
        (found for one in reversed(around) if (found := _of_usage(one))), []
    )
    if around and (title := _titles(around[-1]).get("title")):
        columns["collection"] = title
    subjects = [*columns.get("subjects", []), *_categories(record, [*around, *([] if header is None else [header])])]
    columns["subjects"] = list(dict.fromkeys(subjects))
    return {name: value for name, value in columns.items() if value}


def unread(record: Element) -> set[str]:
    """Names of elements of the header that are filled and give no column."""
    header = _header(record)
    found = set[str]()
    if header is None:
        return found
    walk = etree.iterwalk(header, events=("start",))
    for _, one in walk:
        if name_of(one) in _READ:
            walk.skip_subtree()
        elif (one.text or "").strip():
            found.add(local_name(one))
    return found


def _header(record: Element) -> Element | None:
    return next((one for one in record.iterchildren(etree.Element) if name_of(one) == "teiheader"), None)


def glyphs(headers: Sequence[Element]) -> dict[str, str]:
    """What characters stand for that have none of their own, by ID (Guidelines, chapter 5)."""
    found: dict[str, str] = {}
    for header in headers:
        for one in header.iter("{*}char", "{*}glyph"):
            mapped = {
                inner.get("type", ""): "".join(map(str, inner.itertext())).strip() for inner in one.iter("{*}mapping")
            }
            letters = next(
                (mapped[kind] for kind in ("Unicode", "standard", "modern", "normalized") if mapped.get(kind)), ""
            )
            identifier = one.get("{http://www.w3.org/XML/1998/namespace}id") or one.get("id")
            if identifier and letters and not letters.startswith("U+"):
                found[identifier] = letters
    return found


def _titles(header: Element) -> dict[str, Any]:
    """The text's own before the file's: "Aeneid: a machine readable transcription" is the source's "Aeneid"."""
    said = below(header, "filedesc", "titlestmt", "title")
    series = [prose(one) for one in said if one.get("type") == "collection"]
    series += [prose(one) for one in below(header, "filedesc", "seriesstmt", "title")]
    own = _joined([one for one in said if one.get("type") != "collection"])
    printed = printing(header)
    source = _joined(printed.titles) if printed is not None else []
    of_file = own and source and _OF_FILE.search(own[0])
    titles = [*source[:1], *own, *source[1:]] if of_file else [*own, *source]
    found = list(dict.fromkeys(titles))
    columns: dict[str, Any] = {"title": found[0], "title_alt": found[1:]} if found else {}
    return {**columns, **({"collection": series[0]} if series else {})}


def _joined(titles: Sequence[Element]) -> list[str]:
    """`main: sub. volume`, then each other title; of several without a type the first is the title."""
    main = [one for one in titles if (one.get("type") or "main").lower() in ("main", "marc245a", "uniform", "full")]
    first, language = main[:1] or [*titles[:1]], None
    if not first:
        return []
    language = first[0].get("{http://www.w3.org/XML/1998/namespace}lang")
    title = prose(first[0])
    beside, others = [], [one for one in titles if one is not first[0]]
    for one in list(others):
        kind, text = (one.get("type") or "").lower(), prose(one)
        same = one.get("{http://www.w3.org/XML/1998/namespace}lang") in (None, language)
        if kind in ("sub", "subtitle", "subordinate", "volume", "part", "vol", "number") and same and text:
            others.remove(one)
            if not _OF_FILE.search(text):
                beside.append((": " if kind.startswith("sub") else ". ") + text)
    return [text for text in ("".join([title, *beside]), *map(prose, others)) if text]


def _identified(header: Element, source: Mapping[str, Any]) -> dict[str, Any]:
    """Of publicationStmt, and the shelf mark; one whose idno holds others is read by those."""
    found: list[Any] = []
    for one in below(header, "filedesc", "publicationstmt", "*"):
        for idno in one.iter("{*}idno", "{*}IDNO"):
            text, kind = prose(idno), (idno.get("type") or "").lower()
            if kind in _OF_OTHERS or _SITE.fullmatch(text):
                continue
            if text and next(idno.iterchildren(etree.Element), None) is None:
                scheme = _SCHEMES.get(kind)
                found.append({"scheme": scheme, "value": text} if scheme else text)
    address = next((one for one in found if isinstance(one, str) and _ADDRESS.match(one)), "")
    return {"identifiers": [*found, *source.get("identifiers", [])], "source_url": address}


def _profile(header: Element, source: Mapping[str, Any]) -> dict[str, Any]:
    terms = [
        prose(one) for keywords in below(header, "profiledesc", "textclass", "keywords") for one in _leaves(keywords)
    ]
    codes = [prose(one) for one in below(header, "profiledesc", "textclass", "classcode")]
    abstracts = [prose(one) for one in below(header, "profiledesc", "abstract")]
    found: dict[str, Any] = {"subjects": [*filter(None, terms)], "genres": [*dict.fromkeys(filter(None, codes))]}
    if any(abstracts):
        found["description"] = "\n\n".join(filter(None, abstracts))
    if not source.get("date_raw"):
        created = [date for one in below(header, "profiledesc", "creation") for date in dated(one)]
        created += [date for one in below(header, "profiledesc", "settingdesc") for date in dated(one)]
        for one in below(header, "profiledesc", "correspdesc", "correspaction"):  # a letter (Guidelines 2.4.6)
            created += dated(one) if one.get("type") == "sent" else ()
        if created:
            found |= {"date_raw": created[:1], "year_evidence": "record"}
    return found


def _leaves(keywords: Element) -> Iterator[Element]:
    yield from (one for one in keywords.iter(etree.Element) if name_of(one) in ("term", "item") and not len(one))


def _categories(record: Element, headers: Sequence[Element]) -> Iterator[str]:
    """What catRef points to in a taxonomy of the header, or of the corpus."""
    own = _header(record)
    targets = (
        []
        if own is None
        else [
            target.rpartition("#")[2]
            for one in below(own, "profiledesc", "textclass", "catref")
            for target in (one.get("target") or "").split()
        ]
    )
    if not targets:
        return
    named: Mapping[str, str] = {
        key: text
        for header in headers
        for one in header.iter("{*}category", "{*}CATEGORY")
        if (key := one.get("{http://www.w3.org/XML/1998/namespace}id") or one.get("id") or "")
        and (
            text := next((prose(inner) for inner in one.iterchildren(etree.Element) if name_of(inner) == "catdesc"), "")
        )
    }
    yield from (named[target] for target in targets if target in named)


def _languages(record: Element, header: Element | None, source: Mapping[str, Any]) -> list[str]:
    """What the text says of itself, else what the header says of its languages, else the root's."""
    texts = [one for one in record.iterchildren(etree.Element) if name_of(one) == "text"]
    said = [language for one in texts if (language := _language(one))]
    if said or header is None:
        return list(dict.fromkeys(said))
    return source.get("languages") or _of_usage(header) or [*filter(None, [_language(record)])]


def _language(element: Element) -> str:
    return element.get("{http://www.w3.org/XML/1998/namespace}lang") or element.get("lang") or ""


def _of_usage(header: Element) -> list[str]:
    used = [one for one in below(header, "profiledesc", "langusage", "language") if one.get("usage") != "0"]
    return list(dict.fromkeys(filter(None, (one.get("ident") or one.get("id") or prose(one) for one in used))))
