"""What is an entry that reads labelled text? Its keys, its own columns, and the files that are read together.

CoNLL-2003: https://aclanthology.org/W03-0419/ ; CoNLL-U: https://universaldependencies.org/format.html ; HIPE:
https://github.com/hipe-eval/HIPE-2022-data ; brat: https://brat.nlplab.org/standoff.html
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, Literal

import pyarrow as pa
from pydantic import field_validator, model_validator

from biglam_pipeline.columns import Modality
from biglam_pipeline.normalize.block import Encoding
from biglam_pipeline.normalize.cut import Found
from biglam_pipeline.normalize.formats.annotations import dialects
from biglam_pipeline.normalize.formats.annotations.counting import expected_in
from biglam_pipeline.normalize.formats.annotations.dialects import Dialect, Names
from biglam_pipeline.normalize.formats.annotations.standoff import STANDOFF, read_standoff
from biglam_pipeline.normalize.formats.annotations.tokens import TokenFile
from biglam_pipeline.normalize.mapping.columns import taken_name
from biglam_pipeline.normalize.mapping.paths import ColumnName, PathLanguage
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.vocabularies.labels import HIPE
from biglam_pipeline.parsing.counted import added
from biglam_pipeline.records import Bundle, Item, Record, Reject
from biglam_pipeline.settings import Accounts, Misplaced

_ANN, _TXT = ".ann", ".txt"
_DIALECTS: dict[str, Dialect] = {_ANN: "brat", ".conllu": "conll_u", ".conllup": "conll_u"}


class Annotations(Reader):
    """A document or a sentence is a row, its tokens and labels are lists; a PATH is the key of a comment line."""

    type: Literal["annotations"] = "annotations"
    """Labelled text: IOB and CoNLL, HIPE, CoNLL-U, brat."""
    dialect: Dialect | None = None
    """iob: a token and its labels a line, by tabs or blanks; hipe; conll_u; brat: `.ann` and `.txt` of one name. By
    default what `files` shows (`*.ann`, `*.conllu`), else iob."""
    columns: tuple[str, ...] = ()
    """Of iob, the columns as they stand or as a header names them, such as [token, pos, ner]: the one called token,
    form or word, else the first, is `tokens`, each other a list of its own; `_` is not read. By default [token, tags].
    Of conll_u, those of CoNLL-U Plus."""
    rows: Literal["document", "sentence"] = "document"
    """What one row is. A document is a file, or what begins at `-DOCSTART-`, `# newdoc` or `# document_id = ...`."""
    document: str = ""
    """The key of a comment line that begins a document too, such as file, where files have `# file: ...`."""
    encoding: Encoding = None
    """Of the text; by default a byte order mark, UTF-8, what the server says, then a guess, counted."""

    accounts: ClassVar[Accounts] = Accounts(
        "tokens of rows, and lines of rows that are rejects; of brat files",
        "borders of sentences and documents, found in the bytes; `.ann` files. Lines, and spans (tests)",
        "a row of which a line cannot be read is a reject that names the line; no label moves to another token",
    )
    version: ClassVar[int] = 3
    extensions: ClassVar[tuple[str, ...]] = (".bio", ".iob", ".iob2", ".conll", ".conllu", ".conllup", _ANN)
    path_language: ClassVar[PathLanguage] = ColumnName()
    default_modality: ClassVar[Modality] = "text"
    record_format: ClassVar[str] = "annotations"
    guessed_from: ClassVar[tuple[str, ...]] = ("bio", "iob", "iob2", "conll")
    called: ClassVar[tuple[str, ...]] = (
        "annotation",
        "iob",
        "bio",
        "ner",
        "brat",
        "hipe",
        "conllu",
        "conll_u",
        "conll",
    )
    hears_rights: ClassVar[bool] = False
    notes: ClassVar[tuple[str, str]] = (
        (
            "A row has its text, `tokens` and a list for each column of labels, all of one length; of brat `spans` "
            "(with places in characters of `text`), `attributes`, `relations`, `links` and `notes`. Which lists there "
            "are follows from the entry alone: a file that has more or fewer columns than `columns` is a reject."
        ),
        (
            "Labels stay as they are; what is odd (I- without B-, a token without a label) is counted. A line whose "
            "cells cannot be told apart makes its row a reject: write `rows: sentence` where one line should not cost "
            "a document. Spans of brat are held against the text; offsets in UTF-16 or bytes are counted again in "
            "characters. A PATH is the key of a comment: `map: {title: 'ajmc:title'}`."
        ),
    )

    @field_validator("columns")
    @classmethod
    def _told_apart(cls, columns: tuple[str, ...]) -> tuple[str, ...]:
        named = [name for name in columns if name != dialects.LEFT_OUT]
        if taken := {dialects.TOKENS, dialects.STARTS} & {*Names(columns, True).labels}:
            raise ValueError(f"`{taken.pop()}` is what the reader fills; give yours another name")
        if 0 < len(named) < 2 or len({*named}) < len(named) or "" in named:
            raise ValueError("`columns` wants different names, two or more, the token's and the labels'; `_` is none")
        return columns

    @model_validator(mode="after")
    def _fits_together(self) -> "Annotations":
        if self.columns and self.chosen_dialect in ("hipe", "brat"):
            raise Misplaced((("columns",), f"`{self.chosen_dialect}` has columns of its own; leave it out"))
        if self.rows == "sentence" and self.chosen_dialect == "brat":
            raise Misplaced((("rows",), "brat knows no sentences; leave it out"))
        if self.document and self.chosen_dialect == "brat":
            raise Misplaced((("document",), "of brat each file is a document; leave it out"))
        faults = [(("columns",), why) for name in self.own_types if (why := taken_name(name))]
        said = "the reader fills a column of this name; give yours another"
        twice = [name for name in self.map.extra if name in self.own_types]
        if faults or twice:
            raise Misplaced(*faults, *((("map", "extra", name), f"`{name}`: {said}") for name in twice))
        return self

    @property
    def chosen_dialect(self) -> Dialect:
        """As the entry says; else what all its patterns end with; else iob."""
        ends = {_DIALECTS.get(f".{one.rpartition('.')[2].lower()}") for one in self.files or () if one[:1] != "!"}
        shown = ends.pop() if len(ends) == 1 else None
        return self.dialect or shown or "iob"

    @property
    def names(self) -> Names:
        """The columns of a token."""
        fixed = {"hipe": HIPE, "conll_u": dialects.CONLL_U}.get(self.chosen_dialect, dialects.IOB)
        return Names(self.columns or fixed, bool(self.columns) or self.chosen_dialect != "iob")

    @property
    def own_types(self) -> dict[str, pa.DataType]:
        """The columns that the reader adds: a function of the entry."""
        return STANDOFF if self.chosen_dialect == "brat" else self.names.types(sentences=self.rows == "document")

    @property
    def extras(self) -> dict[str, pa.DataType]:
        """These, and what the entry adds."""
        return {**self.own_types, **super().extras}

    # --- reading ---

    def bundles(self, names: Sequence[str]) -> Mapping[str, list[str]]:
        """Of brat, a file of annotations with the text of its name."""
        if self.chosen_dialect != "brat":
            return super().bundles(names)
        there = {*names}
        chosen = sorted(name for name in there if name.lower().endswith(_ANN) and self.takes(name))
        texts = {
            name: [one for end in (_TXT, _TXT.upper()) if (one := name[: -len(_ANN)] + end) in there] for name in chosen
        }
        return self.with_pictures({name: [name, *texts[name][:1]] for name in chosen}, names)

    def streams(self, bundle: Bundle) -> Iterator[tuple[Item, Iterable[Found]]]:
        """The records of each file; of brat that of both."""
        if self.chosen_dialect != "brat":
            yield from super().streams(bundle)
            return
        (ann,) = (item for item in bundle.items if item.name == bundle.name)
        text = next((item for item in bundle.items if item is not ann), None)
        yield ann, read_standoff(ann, text, self.encoding)

    def cut(self, item: Item) -> Iterator[Found]:
        """The documents or sentences of a file of tokens."""
        if item.name.lower().endswith(_ANN):
            yield Reject("standoff", "it is a file of brat; write dialect: brat", item.name, "")
            return
        yield from TokenFile(self.names, self.chosen_dialect, self.rows, self.document, self._is_joined).cut(
            item, self.encoding
        )

    def expected(self, bundle: Bundle) -> int | None:
        """By borders: see `counting`. Of brat each file of annotations is a document."""
        if self.chosen_dialect == "brat":
            return 1
        return added(map(self._expected_of, bundle.items))

    def _expected_of(self, item: Item) -> int | None:
        if item.name.lower().endswith(_ANN):
            return 1
        return expected_in(item, self.names, self.document, sentences=self.rows == "sentence")

    def redact(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, Iterable[bytes] | None]:
        """Of brat the text goes with its annotations."""
        left = super().redact(bundle, records)
        if self.chosen_dialect == "brat" and bundle.name in left:
            left |= {item.name: None for item in self._own(bundle).items}
        return left
