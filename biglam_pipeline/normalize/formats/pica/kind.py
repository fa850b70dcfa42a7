"""Reads PICA+: the records of K10plus, GBV, SWB, the German National Library and the Dutch libraries, title by title.

https://format.gbv.de/pica . Normalized, binary, import, plain, PICA-XML and PPXML in whatever envelope, and PICA JSON:
the first bytes of a file say which of them it is, not its name.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from lxml import etree
from pydantic import AfterValidator

from biglam_pipeline.normalize.block import Encoding, OneOrEach
from biglam_pipeline.normalize.catalogued import Catalogued, Names, Read, left_out
from biglam_pipeline.normalize.cut import Described, Found
from biglam_pipeline.normalize.formats.pica.files import cut_file, expected_in, read_form, without
from biglam_pipeline.normalize.mapping.paths import PathLanguage
from biglam_pipeline.normalize.mapping.pica_paths import PicaPath, read_spec
from biglam_pipeline.normalize.vocabularies.pica import authority, titles
from biglam_pipeline.normalize.vocabularies.pica.dialect import (
    Dialect,
    deleted,
    dialect_of,
    is_authority,
    public,
    refuse_internal,
)
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.pica.record import PicaRecord
from biglam_pipeline.parsing.pica.shapes import is_pica_xml, number_in, read_pica_xml
from biglam_pipeline.records import Item
from biglam_pipeline.settings import Accounts, Texts

Element = etree._Element


def _check(paths: tuple[str, ...]) -> tuple[str, ...]:
    for path in paths:
        if (spec := read_spec(path)).start or spec.end is not None:
            raise ValueError(f"{path!r}: a whole field or subfield is left out; write TAG or TAG$CODES, such as 001B")
    return paths


class Pica(Catalogued):
    """A title with the copies of all libraries is a row; a PATH is `021A$ad`, `045Q/01$9`, `041A/*$a`, `209Ax00$a`."""

    type: Literal["pica"] = "pica"
    """PICA+ in any of its forms, in files or from a server of OAI-PMH or SRU."""
    rows: Annotated[str, OneOrEach("record")] = "record"
    """What one row is: a record, or $NAME for each that `with` finds under this name."""
    dialect: Dialect | None = None
    """By whose rules the tags are used, where those differ: k10plus (GBV, SWB) or dnb (with ZDB and GND). By default
    each record shows it; of one that does not, what is internal in either is left out."""
    encoding: Encoding = None
    """Of records that are neither XML nor JSON; by default UTF-8, and a record that is not UTF-8 is a reject."""
    volatile: Annotated[Texts, AfterValidator(_check)] = ()
    """Fields that say nothing of a record and change by themselves, as TAG or TAG$CODES, such as 001B: left out of
    raw_record and of the row's digest."""

    version: ClassVar[int] = 2
    accounts: ClassVar[Accounts] = Accounts(
        "records that became rows, tombstones or rejects",
        "lines, ends of records or blank lines, by the form; elements counted by expat; members of a list",
        "a record with a field that is none, that is cut, not in UTF-8, or for internal use is a reject, and the next "
        "is read; what is not public is left out, and counted",
    )
    extensions: ClassVar[tuple[str, ...]] = (".pica", ".pp", ".picaxml", ".ppxml")
    record_format: ClassVar[str] = "picaxml"
    guessed_from: ClassVar[tuple[str, ...]] = ("pica", "pp", "picaxml", "ppxml")
    metadata_prefixes: ClassVar[tuple[str, ...]] = (
        *("picaxml", "pica", "PicaPlus-xml", "picaplus-xml", "pp-xml", "ppxml", "pica-xml", "picajson", "pp"),
    )
    called: ClassVar[tuple[str, ...]] = ("picaplus", "pica_plus", "pica+", "picaxml", "pica_xml", "ppxml", "picajson")
    path_language: ClassVar[PathLanguage] = PicaPath()
    containers: ClassVar[frozenset[str]] = frozenset({"record"})
    foreign: ClassVar[tuple[str, str]] = (
        "not_pica",
        "PICA-XML or PPXML (record with fields such as 003@); ask for picaxml",
    )
    notes: ClassVar[tuple[str, str]] = (
        (
            "A PATH is a [PICA Path](https://format.gbv.de/query/picapath): a tag, and what of its fields is meant: "
            "`021A` (all of each), `004A$0` (each such subfield is a value; `004A.0` is the same), `021A$ad` (several "
            "subfields of a field, in their order there, are one value), `045Q/01$9` (this occurrence; without one, "
            "fields that have none, but of copies, 2.., all), `041A/*$a` (any), `041A/10-19$a`, `209Ax00$a` (fields of "
            "a copy whose x is 00), `02.A` (`.` is any character), `011@$a/0-3` (positions, from 0). `@` marks the "
            "word by which a title is sorted; it is gone from columns, not from paths."
        ),
        (
            "`raw_record` is the record in PICA-XML, whichever way it came. Never read, and counted: internal fields "
            "of the German National Library (002M, 047R, ..), notes for cataloguers (047A, 047B, 220B, ..), $x of "
            "addresses, orders of copies, 050C of authorities. A record with 001E, or an authority whose 008@ says `d` "
            "or `u`, is deleted; one whose 002@ says that it is for internal use, a message or a test is a reject, and "
            "so is one with two numbers (003@): the end between two records is missing."
        ),
    )

    @classmethod
    def is_xml(cls, item: Item) -> bool:
        """By its first bytes."""
        return read_form(item) == "xml"

    def read_xml(self, container: Element) -> Read:
        """A record in PICA-XML or PPXML."""
        return read_pica_xml(container)

    def cut_other(self, item: Item) -> Iterator[Found]:
        """A form of marks, or JSON."""
        yield from cut_file(item, self.encoding, self.described_record, text=self.chosen_modality == "text")

    def expected_in_other(self, item: Item) -> int | None:
        """By marks, or as members of a list."""
        return expected_in(item)

    def blanked(self, item: Item, names: Names) -> Iterable[bytes] | None:
        """Its number stays, and that it is deleted, or null in JSON."""
        return without(item, names)

    def described_record(self, record: PicaRecord, problems: tuple[str, ...] = ()) -> Described:
        """What is made of a record, in whichever form it was. Unreadable where it is of no title, or not public."""
        if not any(field.tag[0] == "0" for field in record.fields):
            raise Unreadable(
                "pica_level", "it has no field of a title, only of libraries or copies: whose is not known"
            )
        refuse_internal(record)
        dialect = self.dialect or dialect_of(record)
        shown, hidden = public(record, dialect)
        if is_authority(record):
            columns, unread = authority.columns_of(shown), authority.unread_of(shown)
        else:
            columns, unread = titles.columns_of(shown, dialect), titles.unread_of(shown, dialect)
        raw = self._kept(shown).as_xml()
        return Described(shown, raw, columns, unread, (*problems, *hidden), deleted(record))

    def _kept(self, record: PicaRecord) -> PicaRecord:
        if not self.volatile:
            return record
        return PicaRecord(tuple(left_out(record.fields, [read_spec(path) for path in self.volatile])))

    def is_container(self, element: Element) -> bool:
        """A `record` is many things: it has fields of PICA."""
        return is_pica_xml(element)

    def own_name(self, container: Element, columns: Mapping[str, Any]) -> str:
        """Its number, the PPN or IDN (003@)."""
        return number_in(container)
