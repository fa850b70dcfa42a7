"""The canonical columns: what a row of every source holds, by modality, with what each column means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pyarrow as pa

Modality = Literal["text", "image", "metadata"]

SCHEMA_VERSION = 4
"""Raised when a canonical column is added, dropped or retyped: every part is then written again."""

_NAMED = pa.struct([("name", pa.string()), ("uri", pa.string())])
_CREATOR = pa.struct(
    [
        ("name", pa.string()),
        ("name_raw", pa.string()),
        ("role", pa.string()),
        ("uri", pa.string()),
        ("birth_year", pa.int16()),
        ("death_year", pa.int16()),
    ]
)
_SUBJECT = pa.struct([("label", pa.string()), ("uri", pa.string()), ("scheme", pa.string())])
_IDENTIFIER = pa.struct([("scheme", pa.string()), ("value", pa.string())])
_STRINGS = pa.list_(pa.string())


_TEXT = "the text; a word broken at a line end is joined once"
_TEXT_ORIGIN = "ocr, htr, keyed, born_digital or corrected"


@dataclass(frozen=True, slots=True)
class Column:
    """One canonical column. `term` is its Dublin Core or schema.org equivalent, where there is one."""

    name: str
    type: pa.DataType
    meaning: str
    term: str = ""
    required: bool = False
    identity: bool = False
    """Says which copy a row is, not what it holds: left out when duplicates are looked for."""

    @property
    def field(self) -> pa.Field:
        """The Arrow field; nullable unless required."""
        return pa.field(self.name, self.type, nullable=not self.required)


CORE = (
    Column(
        "id",
        pa.string(),
        "source and identifier, stable from harvest to harvest",
        "dcterms:identifier",
        True,
        True,
    ),
    Column("source_id", pa.string(), "the source's name in sources.yaml", "dcterms:source", True),
    Column("source_record_id", pa.string(), "the identifier inside the source", "dcterms:identifier", True, True),
    Column("source_url", pa.string(), "page of the record at its institution", "sc:url", identity=True),
    Column(
        "identifiers",
        pa.list_(_IDENTIFIER),
        "other identifiers, by scheme",
        "dcterms:identifier",
        identity=True,
    ),
    Column(
        "parent_id",
        pa.string(),
        "the issue, volume or series it belongs to",
        "dcterms:isPartOf",
    ),
    Column("custodian", pa.string(), "the institution that keeps the original", "edm:dataProvider", True),
    Column("collection", pa.string(), "the collection it belongs to", "dcterms:isPartOf"),
    Column("type", pa.string(), "DCMI type: Text, StillImage, Dataset", "dcterms:type", True),
    Column("title", pa.string(), "title", "dcterms:title"),
    Column("title_alt", _STRINGS, "other titles", "dcterms:alternative"),
    Column("creators", pa.list_(_CREATOR), "creators and contributors, with roles", "dcterms:creator"),
    Column("publisher", pa.string(), "publisher", "dcterms:publisher"),
    Column("publication_place", _STRINGS, "place of publication", "sc:locationCreated"),
    Column("spatial", pa.list_(_NAMED), "places it is about", "dcterms:spatial"),
    Column("date_raw", _STRINGS, "date as the source gives it", "dc:date"),
    Column("date_edtf", pa.string(), "date in EDTF, levels 0 and 1", "dcterms:date"),
    Column("year_start", pa.int16(), "first year of the date"),
    Column("year_end", pa.int16(), "last year of the date"),
    Column("date_precision", pa.string(), "day, month, season, year, decade, century or range"),
    Column("date_qualifier", pa.string(), "approximate, uncertain or inferred"),
    Column("date_type", pa.string(), "what the date is of, where the source says"),
    Column(
        "year_evidence",
        pa.string(),
        "where the year comes from: record, imprint, issue, guess, or none where only a repository's stamp gives it",
    ),
    Column("original_date_raw", _STRINGS, "of a reprint, the date of the original as the source gives it"),
    Column("languages", _STRINGS, "languages, BCP 47", "dcterms:language"),
    Column("languages_raw", _STRINGS, "languages as the source gives them", "dc:language"),
    Column("subjects", pa.list_(_SUBJECT), "subjects", "dcterms:subject"),
    Column("genres", _STRINGS, "genres and types as the source gives them", "sc:genre"),
    Column("description", pa.string(), "description", "dcterms:description"),
    Column("extent", pa.string(), "extent", "dcterms:extent"),
    Column("rights_raw", _STRINGS, "rights exactly as received", "dc:rights"),
    Column("rights_uri", pa.string(), "recognised rights statement", "dcterms:rights"),
    Column("rights_name", pa.string(), "its id, or the name of a claim that has no address", "dcterms:rights"),
    Column("rights_until", pa.string(), "day, in EDTF, on which it ends, where the source says", "dcterms:available"),
    Column("rights_tier", pa.string(), "what the statement allows, from pd to closed", required=True),
    Column(
        "rights_basis",
        pa.string(),
        "whose statement it is: record or source; overruled: the record denies it",
        required=True,
    ),
    Column("object_rights_raw", _STRINGS, "what the record says of the object, where the row only describes it"),
    Column("object_rights_uri", pa.string(), "the same as recognised", "edm:rights"),
    Column("attribution", pa.string(), "whom to credit, where the statement asks for it", "sc:creditText"),
    Column("labels", _STRINGS, "Traditional Knowledge labels and notices"),
)

BLOCKS: dict[str, tuple[Column, ...]] = {
    "text": (
        Column("text", pa.string(), _TEXT, required=True),
        Column(
            "text_unit",
            pa.string(),
            "what one row is: page, chapter, division, paragraph, stanza, article, region, line, sentence, issue, "
            "book, document or row",
            required=True,
        ),
        Column("seq", pa.int32(), "place among the rows of the same parent", identity=True),
        Column("text_origin", pa.string(), _TEXT_ORIGIN, required=True),
        Column("ocr_engine", pa.string(), "the software that read the image"),
        Column("ocr_confidence", pa.float32(), "mean word confidence as the engine gives it, 0 to 1"),
        Column("n_chars", pa.int32(), "characters of the text", required=True),
        Column("n_words", pa.int32(), "words of the text", required=True),
        Column("transforms", _STRINGS, "what was done to the text between the source and here", required=True),
        Column("image_url", pa.string(), "picture of the page", identity=True),
    ),
    "image": (
        Column("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())]), "the picture's own bytes"),
        Column("image_url", pa.string(), "address of the picture"),  # what the row shows: two pictures are no duplicate
        Column("iiif_service", pa.string(), "IIIF Image API address"),
        Column("width", pa.int32(), "pixels"),
        Column("height", pa.int32(), "pixels"),
        Column("media_type", pa.string(), "media type of the bytes"),
        Column("image_sha256", pa.string(), "digest of the bytes"),
        Column("seq", pa.int32(), "place among the pictures of the same parent", identity=True),
        Column("caption_raw", pa.string(), "caption as the source gives it"),
        Column("text", pa.string(), _TEXT),
        Column("text_origin", pa.string(), _TEXT_ORIGIN),
    ),
    "metadata": (
        Column("record_format", pa.string(), "format of the source's record", required=True),
        Column("raw_record", pa.string(), "the source's record, where it is text"),
    ),
}

WHOLES = frozenset({"issue", "book", "document"})
"""Values of `text_unit` that stand for a whole: the same one a second time is the same delivery twice."""
PARTS = frozenset(
    {"page", "chapter", "division", "paragraph", "stanza", "article", "region", "line", "sentence", "canvas"}
)
"""And those for a part of a whole, whose repetition inside it is a fact about it. Any other unit is an observation."""

FIRST_SEEN = Column("first_seen", pa.int32(), "number of the harvest that first brought the row", required=True)
DUPLICATES = (
    Column(
        "dup_cluster_id",
        pa.string(),
        "rows with the same text or picture, or equal in everything, share it; null where it is unique",
    ),
    Column("dup_of", pa.string(), "the row that this one repeats; null for the one that was there first"),
    Column(
        "similarity",
        pa.float32(),
        "how alike they are, this row and the one it repeats: to 1 for equal letters or equal looks",
    ),
)

IMAGE_FEATURE = "image"
"""The column that the `datasets` library shall decode as a picture."""
OBJECTS = "objects"
"""The source's own column of a reader that reads boxes: a struct of lists, one entry an object."""
LAYOUT = "layout"
"""The same of a reader that reads pages, where the entry asks for the boxes of their blocks and lines."""
_OBJECTS_MEANING = (
    "what is marked on the picture: a list each of ids, boxes [x, y, width, height] in pixels, categories"
)

_LAYOUT_MEANING = (
    "where the blocks and lines of the page stand: unit (pixel, or what the file measures in) and size of the page, a "
    "list each of ids, categories (text, illustration, advertisement, table, separator, line), boxes [x, y, width, "
    "height], and for lines the place of their block in these lists"
)

OWN = {
    "image_status": "what became of the picture that the record points to: fetched, missing, restricted, refused, too "
    "large or unreadable; empty where it names none",
    "split": "how the source divides its rows for training: train, validation or test, else its own word",
    "block_type": "what the block is, or the line stands in: text, illustration, advertisement or table",
    "suspicious_chars": "characters that the OCR program itself marks as uncertain",
    "ocr_confidence_sd": "standard deviation of the confidence of its words",
    "ocr_confidence_low": "share of its words whose confidence is below 0.5, of those that have one",
}
"""Columns of some sources alone that mean the same in each."""


def content_columns(modality: Modality, extras: Mapping[str, pa.DataType]) -> list[Column]:
    """The columns that say what a row is: core, the modality's block, then the source's own, in that order."""
    own = [Column(name, kind, OWN.get(name) or _meaning(name, kind)) for name, kind in extras.items()]
    return [*CORE, *BLOCKS[modality], *own]


def _meaning(name: str, kind: pa.DataType) -> str:
    """Of a source's own column; of those only boxes are a struct."""
    if not pa.types.is_struct(kind):
        return "the source's own column"
    return _LAYOUT_MEANING if name == LAYOUT else _OBJECTS_MEANING


def published_columns(modality: Modality, extras: Mapping[str, pa.DataType]) -> list[Column]:
    """What a published row holds: its content, when it was first seen, and whose duplicate it is."""
    return [*content_columns(modality, extras), FIRST_SEEN, *DUPLICATES]


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of a source that have the same columns and share their identifiers: those of one READ, or of several that
    go to the same config.
    """

    name: str
    """The one config that they go to, as the entry writes it; empty where it names none, or each row says its own. It
    stands in their identifiers, so that a number of another section is another thing.
    """
    modality: Modality
    extras: Mapping[str, pa.DataType]
    """The source's own columns and their types."""
    classes: Mapping[str, tuple[str, ...]]
    """Of those that hold one of a few names, the names; `COLUMN.FIELD` is a field of a struct."""

    meanings: Mapping[str, str] = field(default_factory=dict)
    """What the entry says of the source's own columns."""

    @property
    def content(self) -> list[Column]:
        """See `content_columns`."""
        return content_columns(self.modality, self.extras)

    @property
    def published(self) -> list[Column]:
        """See `published_columns`; own columns say what the entry says of them."""
        columns = published_columns(self.modality, self.extras)
        return [
            replace(one, meaning=self.meanings.get(one.name, one.meaning)) if one.name in self.extras else one
            for one in columns
        ]


def schema_of(columns: list[Column]) -> pa.Schema:
    """The Arrow schema of these columns."""
    return pa.schema([column.field for column in columns])


VIEW_FIRST = (IMAGE_FEATURE, "title", "text")
VIEW_LATER = ("date_raw", "date_edtf", "creators")
"""What a person looks at first: these, then the source's own columns, then these, then all others."""
_CANONICAL = frozenset(
    column.name for column in (*CORE, *(c for b in BLOCKS.values() for c in b), FIRST_SEEN, *DUPLICATES)
)


def in_view(names: Sequence[str]) -> list[str]:
    """The columns in the order in which a preview shows them, whichever it is; `localhub` has the same rule as data."""
    own = [name for name in names if name not in _CANONICAL]
    leading = [*(name for name in VIEW_FIRST if name in names), *own, *(name for name in VIEW_LATER if name in names)]
    return [*leading, *(name for name in names if name not in leading)]


def same_in_all(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, Any]:
    """The filled columns that hold the same in each of several rows, with what that is; it is shown once."""
    if len(rows) < 2:
        return {}
    first = {name: rows[0].get(name) for name in names if name != IMAGE_FEATURE}
    return {
        name: value
        for name, value in first.items()
        if value not in (None, "", []) and all(row.get(name) == value for row in rows[1:])
    }
