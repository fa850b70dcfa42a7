"""What is it that came? By its bytes, then by its name, and least by what the server calls it.

Magic numbers as the formats' specifications have them: ZIP (APPNOTE 4.3), Parquet, SQLite (fileformat2), PDF (ISO
32000), WARC (ISO 28500), JPEG, PNG, TIFF, GIF, WebP and JPEG 2000 (Library of Congress, Sustainability of Digital
Formats), MARC (ISO 2709: https://www.loc.gov/marc/specifications/specrecstruc.html), PICA+:
https://format.gbv.de/pica .
"""

import csv
import re
from pathlib import PurePosixPath
from typing import NamedTuple

from biglam_pipeline.parsing.archives import is_archive
from biglam_pipeline.parsing.archives.kinds import is_document
from biglam_pipeline.parsing.pica.forms import shows_pica
from biglam_pipeline.parsing.xml.reading import root_name
from biglam_pipeline.proposing.labelled import dialect_of
from biglam_pipeline.web.answer import is_page, looks_like_xml

HEAD_BYTES = 65_536
"""`kind_of` needs so much of a file's beginning."""


JSON_LINES = (".jsonl", ".ndjson")


class Kind(NamedTuple):
    """What a file is."""

    word: str
    """`archive`, `page`, `iiif`, `empty`, the name of a reader, built or not, or nothing where that is not seen."""
    said: str
    """The same in a few words, for people."""


_MAGIC = (
    (b"PAR1", Kind("parquet", "a Parquet file")),
    (b"SQLite format 3\0", Kind("table", "an SQLite database")),
    (b"%PDF", Kind("pdf", "a PDF")),
    (b"WARC/", Kind("warc", "a web archive")),
    (b"\xff\xd8\xff", Kind("images", "a JPEG picture")),
    (b"\x89PNG\r\n\x1a\n", Kind("images", "a PNG picture")),
    (b"II*\0", Kind("images", "a TIFF picture")),
    (b"MM\0*", Kind("images", "a TIFF picture")),
    (b"GIF8", Kind("images", "a GIF picture")),
    (b"\0\0\0\x0cjP  \r\n\x87\n", Kind("images", "a JPEG 2000 picture")),
)
_WORKBOOKS = (b"PK", b"\xd0\xcf\x11\xe0", b"\x09\x08")
"""ZIP, a compound file (MS-CFB), and BIFF alone. Many a program calls its HTML or its tabs .xls."""
_TRIPLES = re.compile(
    rb"\s*(?:<[a-z][a-z0-9+.-]*:/*[^\s<>]*>\s+<|@(?:prefix|base)\s|(?:PREFIX|BASE)\s+\S*\s*<)", re.IGNORECASE
)
"""N-Triples, Turtle: https://www.w3.org/TR/n-triples/ , https://www.w3.org/TR/turtle/"""
_CONTROLS = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")
_FEW = 0.01
_WORDS = {2: 4}
"""Of so many columns each name has so many words, as a rule: verse has more beside its one comma."""
_MOST_WORDS = 8
_WEBP = re.compile(rb"RIFF.{4}WEBP", re.DOTALL)
_MARC = re.compile(rb"[0-9]{5}[acdnpsxo][a-z][a-z0-9 |]{2}[ a|][0-9]{2}[0-9 ]{5}.{3}45")
_ROOTS = {
    "OAI-PMH": Kind("oai_dc", "an answer of OAI-PMH"),
    **dict.fromkeys(("dc", "qualifieddc", "simpledc", "dublin_core"), Kind("oai_dc", "Dublin Core")),
    "mets": Kind("mets_alto", "METS"),
    "alto": Kind("mets_alto", "ALTO"),
    "DIDL": Kind("didl", "MPEG-21 DIDL"),
    **dict.fromkeys(("TEI", "TEI.2", "teiCorpus"), Kind("tei", "TEI")),
    **dict.fromkeys(("ead", "archdesc"), Kind("ead", "EAD")),
    **dict.fromkeys(("mods", "modsCollection"), Kind("mods", "MODS")),
    **dict.fromkeys(("lido", "lidoWrap"), Kind("lido", "LIDO")),
    "PcGts": Kind("page_xml", "PAGE XML"),
    "RDF": Kind("edm", "RDF"),
}
"""Root element -> what it is, as their schemas call them (loc.gov/standards, tei-c.org, lido-schema.org, primaresearch,
dublincore.org, DSpace's export)."""
_METADATA = re.compile(rb"<(?:\w+:)?metadata\s*>\s*<(?:\w+:)?(\w+)")
_IIIF = re.compile(rb"iiif\.io/api/(?:presentation|discovery)/")
_NAMED_JSON = (".json", ".geojson", ".jsonld", ".jsonl", ".ndjson")
_TABLES = {**dict.fromkeys((".xlsx", ".xlsm", ".xls", ".ods"), "a workbook"), ".dbf": "a DBF"}
"""Extension -> what it is: of these the bytes alone do not say it, or not the first ones."""


def kind_of(head: bytes, name: str) -> Kind:
    """What a file is. head: its first HEAD_BYTES; name: as it is called, or nothing."""
    if not head.strip():
        return Kind("empty", "empty")
    suffix = PurePosixPath(name).suffix.casefold()
    if found := _by_bytes(head, name, suffix):
        return found
    if _MARC.match(head):
        return Kind("marc", "MARC records")
    if shows_pica(head):
        return Kind("pica", "PICA+ records")
    if is_page(head):
        return Kind("hocr", "hOCR") if b"ocr_page" in head else Kind("page", "a web page")
    if _TRIPLES.match(head):
        return Kind("", "RDF in triples (Turtle or N-Triples)")
    if looks_like_xml(head):
        return _of_xml(head)
    return _of_text(head, suffix)


def _by_bytes(head: bytes, name: str, suffix: str) -> Kind | None:
    """What begins as nothing else does."""
    if found := next((kind for magic, kind in _MAGIC if head.startswith(magic)), None):
        return found
    if _WEBP.match(head):
        return Kind("images", "a WebP picture")
    if name.casefold().endswith((".warc.gz", ".arc.gz")):
        return Kind("warc", "a web archive")
    if suffix in _TABLES and (suffix == ".dbf" or head.startswith(_WORKBOOKS)):
        return Kind("table", _TABLES[suffix])
    if head.startswith(b"PK") and is_document(head) and not is_archive(name, head):
        return Kind("table", "a workbook")  # or a document, which is said when it is read
    return Kind("archive", "an archive") if is_archive(name, head) else None


def _of_xml(head: bytes) -> Kind:
    root = root_name(head)
    if root == "OAI-PMH" and (inside := _METADATA.search(head)):
        if inside[1] == b"mets":  # what it names is not there
            return Kind("mets", "OAI-PMH with METS in its records")
        found = _ROOTS.get(inside[1].decode()) or Kind("xml", f"OAI-PMH with <{inside[1].decode()}> in its records")
        return _ROOTS[root] if found.word == "oai_dc" else found
    if root in ("collection", "record") and b"MARC21/slim" in head:
        return Kind("marc", "MARCXML")
    if b"ead:" in head[:2000] and root == "ead":
        return _ROOTS["ead"]
    if root in ("document", "page") and (b"FineReader" in head or b"<charParams" in head or b" blockType=" in head):
        return Kind("abbyy", "ABBYY FineReader's XML")
    return _ROOTS.get(root) or Kind("xml", f"XML with the root <{root[:40]}>")


def _of_text(head: bytes, suffix: str) -> Kind:
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0" in head.replace(b"\0\0", b""):
        wide = head[1::2].count(0) > len(head) // 3 or head[::2].count(0) > len(head) // 3
        if not wide and len(_CONTROLS.findall(head)) > max(1, _FEW * len(head)):
            return Kind("", "bytes of no kind that is known")
    text = text_at(head)
    if text.startswith(("{", "[")):
        if suffix not in (".json", ".geojson", ".jsonld") and re.match(r"\{[^\n]*\}\s*\n\s*\{", text):
            return Kind("jsonl", "JSON Lines")
        return Kind("iiif", "IIIF") if _IIIF.search(head) else Kind("json", "JSON")
    if suffix in JSON_LINES:
        return Kind("jsonl", "JSON Lines")
    if dialect_of(text, f"a{suffix}") is not None:
        return Kind("annotations", "labelled text")
    return Kind("table", "a table") if suffix in (".csv", ".tsv", ".tab") or _is_table(text) else Kind("text", "a text")


def text_at(head: bytes) -> str:
    """The beginning of a text, as far as it can be read."""
    return _decoded(head).lstrip("\ufeff").strip()


def _decoded(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace")
    return head.decode("utf-8", "replace")


def _is_table(text: str) -> bool:
    """Have its first lines the same number of cells, two at least, by one of the usual marks?"""
    lines = text.splitlines()[:20]
    if len(lines) < 2:
        return False
    for mark in (",", ";", "\t", "|"):
        try:
            widths = [len(row) for row in csv.reader(lines[:-1] if len(lines) == 20 else lines, delimiter=mark)]
        except csv.Error:
            continue
        alike = bool(widths) and sum(width == widths[0] for width in widths) >= 0.9 * len(widths)
        most = _WORDS.get(widths[0], _MOST_WORDS) if widths else 0
        if alike and widths[0] > 1 and all(len(name.split()) <= most for name in lines[0].split(mark)):
            return True
    return False
