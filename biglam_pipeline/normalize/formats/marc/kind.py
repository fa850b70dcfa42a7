"""Reads MARC: a file of ISO 2709, MARCXML in whatever envelope it stands, or MARC in JSON.

MARC 21: https://www.loc.gov/marc/bibliographic/ ; UNIMARC: https://www.ifla.org/g/unimarc-rg/ . The first bytes of a
file say which of the three it is, not its name.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from lxml import etree
from pydantic import AfterValidator

from biglam_pipeline.normalize.block import Encoding, OneOrEach
from biglam_pipeline.normalize.catalogued import Catalogued, Names, Read, left_out
from biglam_pipeline.normalize.cut import Described, Found
from biglam_pipeline.normalize.formats.marc.files import cut_file, expected_in, read_form, without
from biglam_pipeline.normalize.formats.marc.record_ends import RecordEnds
from biglam_pipeline.normalize.mapping.marc_paths import MarcPath, read_spec
from biglam_pipeline.normalize.mapping.paths import PathLanguage
from biglam_pipeline.normalize.stretching import Borders
from biglam_pipeline.normalize.vocabularies.marc import marc21, unimarc
from biglam_pipeline.normalize.vocabularies.marc.dialect import deleted, dialect_of, public
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.marc.record import MarcRecord
from biglam_pipeline.parsing.marc.shapes import control_number, is_marcxml, read_marcxml
from biglam_pipeline.records import Item
from biglam_pipeline.settings import Accounts, Texts

Element = etree._Element

_P, _TAG = rb"<(?:[\w.-]+:)?", rb"(?:\s[^<>]*)?>"
_BEGINS_NAMED = re.compile(
    rb"%brecord%b\s*(?:%bleader%b[^<>]*</[^<>]*>\s*)?" % (_P, _TAG, _P, _TAG)
    + rb"%bcontrolfield\s+tag=[\"']001[\"'][^<>]*>\s*[0-9A-Za-z]" % _P
)
"""The control number in front: https://www.loc.gov/marc/bibliographic/bd001.html"""


def _check(tags: tuple[str, ...]) -> tuple[str, ...]:
    for tag in tags:
        if (spec := read_spec(tag)).start is not None or spec.tag == "LDR":
            raise ValueError(f"{tag!r}: a whole field or subfield is left out; write TAG or TAG$CODES, such as 005")
    return tags


class Marc(Catalogued):
    """A record is a row; a PATH is `245$ab`, `650`, `008/35-37`, `264[_1]$c` or `LDR/06`."""

    type: Literal["marc"] = "marc"
    """MARC 21 or UNIMARC, in files or from a server of OAI-PMH or SRU."""
    rows: Annotated[str, OneOrEach("record")] = "record"
    """What one row is: a record, or $NAME for each that `with` finds under this name."""
    dialect: Literal["marc21", "unimarc"] | None = None
    """What the tags mean; by default each record shows it, and one that does not is a reject."""
    encoding: Encoding = None
    """Of records in ISO 2709; by default UTF-8 where all of a record is, then what it says itself, then MARC-8."""
    volatile: Annotated[Texts, AfterValidator(_check)] = ()
    """Fields that say nothing of a record and change by themselves, as TAG or TAG$CODES: left out of raw_record and of
    the row's digest."""

    version: ClassVar[int] = 5
    accounts: ClassVar[Accounts] = Accounts(
        "records that became rows, tombstones or rejects",
        "lengths in leaders, up to the first that lies; elements counted by expat; members of a list; pymarc (tests)",
        "a record whose lengths lie, whose characters are not known, or whose dialect does not show is a reject, and "
        "the next is read; what is not public is left out, and counted",
    )
    extensions: ClassVar[tuple[str, ...]] = (
        ".mrc",
        ".marc",
        ".marc21",
        ".marcxml",
    )
    record_format: ClassVar[str] = "marcxml"
    guessed_from: ClassVar[tuple[str, ...]] = ("mrc", "marc", "marcxml")
    metadata_prefixes: ClassVar[tuple[str, ...]] = (
        *("marc21", "marcxml", "marc_xml", "marc", "marc21_slim", "unimarc", "marcxchange", "unimarcXchange"),
        *("MARC21-xml", "MARC21plus-xml"),
    )
    called: ClassVar[tuple[str, ...]] = ("marc21", "marcxml", "marc_xml", "unimarc", "mrc", "iso2709", "iso_2709")
    path_language: ClassVar[PathLanguage] = MarcPath()
    containers: ClassVar[frozenset[str]] = frozenset({"record"})
    foreign: ClassVar[tuple[str, str]] = ("not_marc", "MARCXML (record with a leader and fields); ask for marc21")
    notes: ClassVar[tuple[str, str]] = (
        (
            "A PATH is a tag, and what of its fields is meant: `650` (all of each, without $0 to $9), `020$a` (each "
            "such subfield is a value), `245$ab` (several subfields of a field, in their order there, are one value), "
            "`264[_1]$c` (indicators: `_` is a blank, `.` any), `008/35-37` and `100$a/26-29` (positions, from 0), "
            "`LDR/06` (the leader), `6..$a` (any character). In a list or in braces put one with brackets in quotes."
        ),
        (
            "`raw_record` is the record in MARCXML, whichever way it came. Never read, and counted: 541, 542, 561 and "
            "583 with first indicator 0, nonpublic notes ($x of 363, 526, 583, 852, 856 and of holdings), 667, and "
            "830 of UNIMARC. A record whose leader/05 is `d` is deleted, and an authority whose is `s` or `x`."
        ),
    )

    @classmethod
    def is_xml(cls, item: Item) -> bool:
        """By its first bytes."""
        return read_form(item) == "xml"

    def read_xml(self, container: Element) -> Read:
        """A record in MARCXML."""
        return read_marcxml(container)

    def cut_other(self, item: Item) -> Iterator[Found]:
        """ISO 2709, or JSON."""
        yield from cut_file(item, self.encoding, self.described_record, text=self.chosen_modality == "text")

    def expected_in_other(self, item: Item) -> int | None:
        """By leaders and terminators, or as members of a list."""
        return expected_in(item)

    begins_named: ClassVar[re.Pattern[bytes] | None] = _BEGINS_NAMED

    def how_cut(self, item: Item) -> str:
        """ISO 2709 and XML by their records; JSON is read whole."""
        try:
            return "iso2709" if read_form(item) == "iso2709" else super().how_cut(item)
        except Unreadable:
            return ""

    def borders(self, item: Item) -> Borders:
        """See `Reader.borders`."""
        return RecordEnds() if read_form(item) == "iso2709" else super().borders(item)

    def blanked(self, item: Item, names: Names) -> Iterable[bytes] | None:
        """A leader of the record stays that says that it is deleted, or null in JSON."""
        return without(item, names)

    def described_record(self, record: MarcRecord, problems: tuple[str, ...] = ()) -> Described:
        """What is made of a record, in whichever form it was. Unreadable where its dialect does not show."""
        dialect = self.dialect or dialect_of(record)
        shown, hidden = public(record, dialect)
        fields = tuple(one for one in shown.fields if one.text or one.subfields)
        shown = MarcRecord(shown.leader, fields, shown.form)
        vocabulary = marc21 if dialect == "marc21" else unimarc
        raw = self._kept(shown).as_xml()
        gone = deleted(record, dialect)
        unread, columns = vocabulary.unread_of(shown), vocabulary.columns_of(shown)
        slips = marc21.slips_of(shown) if dialect == "marc21" else ()
        return Described(shown, raw, columns, unread, (*problems, *hidden, *slips), gone)

    def _kept(self, record: MarcRecord) -> MarcRecord:
        if not self.volatile:
            return record
        specs = [read_spec(path) for path in self.volatile]
        return MarcRecord(record.leader, tuple(left_out(record.fields, specs)), record.form)

    def is_container(self, element: Element) -> bool:
        """A `record` is many things: it has a leader or fields of MARC."""
        return is_marcxml(element)

    def own_name(self, container: Element, columns: Mapping[str, Any]) -> str:
        """Its control number (001)."""
        return control_number(container)
