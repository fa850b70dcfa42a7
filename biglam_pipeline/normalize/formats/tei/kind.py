"""Reads TEI, P5 and P4: texts alone, in corpora or from a server; a row is a document or a part of it.

TEI P5: https://tei-c.org/release/doc/tei-p5-doc/en/html/ ; P4: https://tei-c.org/Vault/P4/doc/html/
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from biglam_pipeline.columns import Modality
from biglam_pipeline.normalize.block import is_each
from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.enveloped import Enveloped
from biglam_pipeline.normalize.formats.tei.counting import parts_in
from biglam_pipeline.normalize.formats.tei.elements import CORPORA, FRAGMENTS, HEADER, TEXTS, Element, name_of
from biglam_pipeline.normalize.formats.tei.flow import Notes
from biglam_pipeline.normalize.formats.tei.header import read_header, unread
from biglam_pipeline.normalize.formats.tei.rows import WORDS, Document, cut_rows
from biglam_pipeline.normalize.mapping.paths import AnyXPath, PathLanguage
from biglam_pipeline.normalize.rows.rights_of import OF_OBJECT
from biglam_pipeline.parsing.counted import AtLeast, is_sample
from biglam_pipeline.parsing.inflate import open_plain
from biglam_pipeline.parsing.xml.cutting import Layout
from biglam_pipeline.parsing.xml.encoding import HEAD_BYTES
from biglam_pipeline.parsing.xml.envelopes import in_oai, records_of
from biglam_pipeline.parsing.xml.reading import root_name
from biglam_pipeline.parsing.xml.streaming import Piece
from biglam_pipeline.parsing.xml.ways import is_way
from biglam_pipeline.records import Bundle, Item, Record, Reject
from biglam_pipeline.settings import Accounts

_SERVERS = ("oai-pmh", "repository", "listrecords", "getrecord", "listidentifiers", "searchretrieveresponse")
_UNHEARD = "The header of its corpus cannot be read, and may say of rights what nobody heard"
_BESIDE = frozenset({HEADER, "facsimile", "standoff", "include"})
"""What stands in a corpus beside its texts; anything else may hold some."""
_INCLUDE = "{http://www.w3.org/2001/XInclude}include"


class Tei(Enveloped):
    """A text is a row, or a part of it; a PATH is XPath 1.0 from it, `{*}name` is a name in P5 and in P4."""

    type: Literal["tei"] = "tei"
    """TEI, P5 or P4, whatever its root."""
    rows: str = "document"
    """What one row is: document (a TEI element), text (of a group, each), div (the outermost), p (or ab), lg, page
    (between page breaks), or names that lead to elements, such as //div1 or /TEI/text/body/sp. Or $NAME."""
    notes_: Notes = Field(default="behind", alias="notes")
    """Where notes go: behind the paragraph, line group or list that they are anchored in, keep where they stand, or
    drop, which is counted."""
    readings: Literal["source", "edited"] = "source"
    """Which of the alternatives of a `choice`: what stands in the source (orig, sic, abbr), or what the editor made of
    it (reg, corr, expan)."""

    version: ClassVar[int] = 5
    tells_origin: ClassVar[bool] = True
    accounts: ClassVar[Accounts] = Accounts(
        "TEI elements, or their parts",
        "texts counted by expat, up to the first damage; their parts, of every second file. Letters and words (tests)",
        "a text that cannot be repaired, or includes another file, is a reject; what is no text is counted by name",
    )
    extensions: ClassVar[tuple[str, ...]] = (".xml", ".tei", ".sgml", ".sgm")
    path_language: ClassVar[PathLanguage] = AnyXPath()
    default_modality: ClassVar[Modality] = "text"
    record_format: ClassVar[str] = "tei"
    metadata_prefixes: ClassVar[tuple[str, ...]] = ("tei", "oai_tei", "tei_p5")
    called: ClassVar[tuple[str, ...]] = ("tei_p5", "tei_p4", "teip5", "teip4", "p5", "p4", "tei_xml", "eebo", "dtabf")
    containers: ClassVar[frozenset[str]] = TEXTS
    foreign: ClassVar[tuple[str, str]] = ("not_tei", "TEI; choose its files with `files`")
    named_in_file: ClassVar[bool] = True
    own_facts: ClassVar[tuple[str, ...]] = ("n", "number")
    notes: ClassVar[tuple[str, str]] = (
        (
            "Of a part, `$n` is the number that its element has, `$number` its place in the text. The header's columns "
            "stand in every row: title, author and editors, date, publisher and place of the source (never the date of "
            "the file), languages, identifiers, subjects, rights. A header of a corpus is heard for each of its texts."
        ),
        (
            "Paragraphs are divided by an empty line, lines of verse by a line end; printed lines (`lb`) are joined as "
            "in `mets_alto`. Running heads (`fw`), `figDesc`, `del` and the readings that are not chosen are left out, "
            "and reported as unread. A catalogue (`msDesc`) has no text: write `modality: metadata`, then each row "
            "holds its record, and `rows: //msItem` leads into the header."
        ),
    )

    @field_validator("rows")
    @classmethod
    def _is_row(cls, rows: str) -> str:
        if rows in WORDS or is_each(rows) or ("/" in rows and is_way(rows)):
            return rows
        words = ", ".join(WORDS)
        raise ValueError(
            f"{rows!r} is no row of a text; write one of {words}, or names that lead to elements, such as //div1, and "
            "put what else must hold into `where`"
        )

    @classmethod
    def layout(cls) -> Layout:
        """Texts in OAI and SRU, in a corpus, in a list, or in a root of any name; a fragment is its own record."""
        known = records_of(TEXTS | CORPORA)

        def descends(path: tuple[str, ...], name: str, peek: Any) -> bool:
            lower = name.lower()
            if lower in CORPORA:
                return not in_oai(path) or len(path) < 2
            if lower in TEXTS or (not path and lower in FRAGMENTS):
                return False
            if in_oai((*path, name)) or (*path, name)[0].lower() in _SERVERS:
                return known.descends(path, name, peek)
            return lower not in _BESIDE and (lower != "record" or not path)

        return Layout(descends, {"record": "header"}, deep=True)

    @classmethod
    def is_due(cls, piece: Piece) -> bool:
        """A text; whatever else stands in a corpus, or in a root of any name, is beside."""
        if not super().is_due(piece):
            return False
        lower = piece.name.lower()
        return in_oai(piece.path) or lower in TEXTS | {"record"} or (not piece.path and lower in FRAGMENTS)

    def is_container(self, element: Element) -> bool:
        """A text with its header, or a part of one."""
        return name_of(element) in TEXTS | FRAGMENTS

    def cut(self, item: Item) -> Iterator[Found]:
        """The texts of a file; one in which there is none is a Reject."""
        found = False
        for one in super().cut(item):
            found = True
            yield one
        if not found and (root := _root(item)).lower() not in _SERVERS:
            detail = f"there is no TEI in <{root}>; choose the files that are texts with `files`"
            yield Reject("not_tei", detail, item.name, "")

    def expected_of(self, item: Item) -> int | None:
        """The texts, or one for a file without any; of parts of texts the least that is due, of every second file: see
        `counting`.
        """
        if self.rows != "document" and not self.rows.startswith("$"):
            is_due = self.chosen_modality == "text" and is_sample(item.name, 2)
            return parts_in(item, self.rows) if is_due else None
        count = super().expected_of(item)
        if count is None or count or isinstance(count, AtLeast):
            return count
        return int(_root(item).lower() not in _SERVERS)

    def columns_of(self, container: Element, raw: str) -> tuple[dict[str, Any], set[str]]:
        """What the header says."""
        return {}, unread(container)

    def own_name(self, container: Element, columns: Mapping[str, Any]) -> str:
        """Its ID, which names it in its file."""
        return container.get("{http://www.w3.org/XML/1998/namespace}id") or container.get("id") or ""

    def divided(self, cut: Cut, item: Item, around: Sequence[Piece]) -> Iterable[Found]:
        """The rows of a text."""
        container: Element = cut.record()
        included = [*container.iter(_INCLUDE)]
        lacking = next((one for one in included if _in_text(one)), None)
        if lacking is not None:
            detail = (
                f"its text includes {lacking.get('href') or 'another file'}, which is not followed, so it would lack; "
                "resolve XInclude before it is harvested"
            )
            return [Reject("xinclude", detail, item.name, str(cut.place))]
        if included or any(one.name == "include" for one in around):
            cut.problems = (*cut.problems, "xml: XInclude is not followed")
        headers = [one for one in around if one.name.lower() == HEADER]
        known = [one.element for one in headers if one.element is not None]
        cut.columns = {**read_header(container, known), **cut.columns}
        if len(known) < len(headers):
            cut.columns[OF_OBJECT] = [*cut.columns.get(OF_OBJECT, []), _UNHEARD]
        document = Document(cut, container, known, self.rows, self.notes_, self.readings == "edited", item.name)
        return cut_rows(document, self.chosen_modality, self.volatile)

    def blank(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, Iterable[bytes] | None]:
        """A text is taken out of its corpus, which goes with the last; of a part of a text the file goes, or stays
        where it holds others.
        """
        if self.rows != "document":
            return {record.item: None for record, _ in records}
        left = super().blank(bundle, records)
        going = {(record.item, record.place) for record, _ in records}
        for item in bundle.items:
            if left.get(item.name) is not None and _root(item).lower() not in _SERVERS:
                places = [(item.name, one.place) for one in self.cut(item) if isinstance(one, Cut)]
                if going.issuperset(places):
                    left[item.name] = None
        return left


def _root(item: Item) -> str:
    with open_plain(item) as stream:
        return root_name(stream.read(HEAD_BYTES), item.media_type)


def _in_text(element: Element) -> bool:
    return not any(name_of(one) == HEADER for one in element.iterancestors())
