"""How does a file of tokens become rows? Documents or sentences with their text and aligned lists."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from biglam_pipeline.normalize.cut import Cut, Fields, Found
from biglam_pipeline.normalize.formats.annotations.dialects import STARTS, TOKENS, Dialect, Names
from biglam_pipeline.normalize.formats.annotations.lines import Layout, find_layout, lines_of
from biglam_pipeline.normalize.formats.annotations.sentences import MOST_CHARACTERS, Gathering, Said, Sentence
from biglam_pipeline.normalize.rows.rights_of import column_of_term
from biglam_pipeline.normalize.vocabularies.labels import TAG
from biglam_pipeline.place import Place
from biglam_pipeline.records import Item, Reject, Unmapped

_COLUMNS = {
    "date": "date_raw",
    "language": "languages",
    "lang": "languages",
}
"""Ends of keys -> the column that they fill by themselves; beside them what is called as rights are."""
_IDS = {"newdoc id", "begin document", "document_id", "document_path", "doc_id", "docid"}
_MOST_KEYS = 1_000
_LONG = 1_000
"""Tokens of a sentence above which it is no sentence: its file has no borders."""


@dataclass(slots=True)
class _Row:
    """Sentences that are one row."""

    line: int
    said: Said
    document: str
    """The identifier of what it is of."""
    marked: bool
    """Whether something in the file says where it begins."""
    number: int
    """Of the sentence in its document, from 1."""
    sentences: list[Sentence] = field(default_factory=list)
    lines: int = 0
    characters: int = 0
    wrong: Sentence | None = None

    def add(self, sentence: Sentence) -> None:
        """Behind what is not read, nothing is kept."""
        self.lines += sentence.lines
        self.characters += sentence.characters
        if self.characters > MOST_CHARACTERS and not sentence.wrong:
            sentence.wrong, sentence.at = "the document is too long to be one row; write rows: sentence", sentence.line
        if sentence.wrong and self.wrong is None:
            self.wrong, self.sentences = sentence, []
        if self.wrong is None:
            self.sentences.append(sentence)
        for key, values in sentence.said.items():
            self.said.setdefault(key, []).extend(values)


@dataclass(frozen=True, slots=True)
class TokenFile:
    """How files of one entry are read."""

    names: Names
    dialect: Dialect
    rows: str
    document: str
    joined: bool

    def cut(self, item: Item, encoding: str | None) -> Iterator[Found]:
        """Row by row; what cannot be read is a Reject."""
        lines, found = lines_of(item, encoding)
        layout, lines = find_layout(lines, self.names, self.dialect, joined=self.joined)
        gathering = Gathering(layout, self.dialect, self.document)
        counted, keys, times, rows = Counter[str](), dict[str, None](), Counter[str](), 0
        for row in self._rows_of(item, gathering, lines):
            rows += 1
            keys |= dict.fromkeys(row.said) if len(keys) < _MOST_KEYS else {}
            if row.wrong is not None:
                counted["lines of tokens in rows that are rejects"] += row.lines
                yield Reject("row_width", f"line {row.wrong.at}: {row.wrong.wrong}", item.name, f"line {row.wrong.at}")
            else:
                yield self._made(item, gathering, layout, row, times)
        if not rows:
            yield Reject("no_tokens", "there is no token in it; leave it out with `files`", item.name, "")
        yield Fields([*keys], final=False)
        yield Unmapped(0, dict(counted + gathering.beside), 0, (found.problem,) if found.problem else ())

    def _rows_of(self, item: Item, gathering: Gathering, lines: Any) -> Iterator[_Row]:
        row: _Row | None = None
        header, document, numbers = Said(), item.name, Counter[str]()
        for sentence in gathering.sentences(lines):
            if sentence.opens:
                header, document = sentence.header, self._document(item, sentence)
                if document == item.name:
                    numbers[document] = 0  # without a name each is another; a named one may begin before each sentence
            if row is not None and (sentence.opens or self.rows == "sentence"):
                yield row
                row = None
            if row is None:
                own = {key: values for key, values in header.items() if key not in sentence.said}
                own = own if self.rows == "sentence" else {}
                own |= {key: said for key, said in gathering.of_file.items() if key not in {*header, *sentence.said}}
                own = {key: [*values] for key, values in own.items()}
                numbers[document] += 1
                row = _Row(sentence.line, own, document, sentence.marked, numbers[document])
            row.add(sentence)
        if row is not None:
            yield row

    def _reads(self, key: str) -> bool:
        """Whether a row has it without being asked."""
        name = key.rpartition(":")[2]
        return (
            name in _COLUMNS or column_of_term(name) != "" or name in _IDS or key in ("sent_id", "text", self.document)
        )

    def _document(self, item: Item, sentence: Sentence) -> str:
        """Its name: the file's, and what the comment says that begins it."""
        keys = [key for key in sentence.header if key == self.document or key.rpartition(":")[2] in _IDS]
        given = next((value for key in keys for value in sentence.header[key] if value), "")
        return f"{item.name}#{given}" if given else item.name

    def _made(self, item: Item, gathering: Gathering, layout: Layout, row: _Row, times: Counter[str]) -> Cut:
        rows = [cells for sentence in row.sentences for cells in sentence.rows]
        lists: dict[str, Any] = {TOKENS: [cells[layout.token] or "" for cells in rows]}
        problems = list[str]()
        for name, at in layout.places.items():
            lists[name] = None if at is None else [cells[at] for cells in rows]
            problems += _oddities(name, lists[name])
        problems += [] if all(lists[TOKENS]) else ["tokens: an empty one"]
        if not layout.by_tabs and any(" " in one for one in lists[TOKENS]):
            problems.append("tokens: one with blanks in it")
        columns: dict[str, Any] = {"text": self._text(gathering, row, problems), "text_unit": self.rows}
        if self.rows == "sentence":
            columns |= {"parent_id": row.document, "seq": row.number}
            problems += ["text: no border between sentences, read as one"] if len(rows) > _LONG else []
        else:
            lists[STARTS] = _starts(row.sentences)
        columns |= _heard(row.said)
        return Cut(
            row.said,
            self._name(item, row, lists[TOKENS], times),
            columns,
            {"text_origin": "born_digital"},
            Place("line", row.line),
            problems=tuple(problems),
            filled=[*(key for key, values in row.said.items() if any(values) and not self._reads(key)), *layout.unread],
            own=lists,
        )

    def _text(self, gathering: Gathering, row: _Row, problems: list[str]) -> str:
        """The sentences; what a comment `text` says of one is its text."""
        parts, gap = list[str](), ""
        for sentence in row.sentences:
            if self.dialect == "conll_u" and {"newpar", "newpar id"} & sentence.said.keys():
                gap = "\n"
            text, behind = gathering.text_of(sentence)
            said = sentence.said.get("text", []) if self.dialect == "conll_u" else []
            if said and said[0] != text:
                problems.append("text: not what the tokens make; as the comment has it")
            parts += [*([gap] if parts else []), said[0] if said else text]
            gap = behind if self.dialect != "iob" or behind == "" else "\n"
        return "".join(parts)

    def _name(self, item: Item, row: _Row, tokens: list[str], times: Counter[str]) -> str:
        """As the file calls it, else the file with the row's words, which stay where a label is corrected; of several
        equal ones each is counted.
        """
        given = next(iter(row.said.get("sent_id", [])), "") if self.rows == "sentence" else ""
        if given:
            return f"{row.document}#{given}"
        if self.rows == "document" and (row.document != item.name or not row.marked):
            return row.document
        digest = hashlib.sha256("\n".join(tokens).encode(errors="surrogatepass")).hexdigest()
        name = f"{row.document}#{digest[:16]}"
        times[name] += 1
        return name + (f"-{times[name]}" if times[name] > 1 else "")


def _starts(sentences: list[Sentence]) -> list[int]:
    """The place of the first token of each."""
    starts = [0]
    for sentence in sentences[:-1]:
        starts.append(starts[-1] + len(sentence.rows))
    return starts


def _heard(said: Said) -> dict[str, Any]:
    """Columns that comments fill by themselves, by the end of their key: date, language, and what is said of rights."""
    found: dict[str, list[str]] = {}
    for key, values in said.items():
        name = key.rpartition(":")[2]
        column = _COLUMNS.get(name) or column_of_term(name)
        if column and any(values):
            found.setdefault(column, []).extend(dict.fromkeys(one for one in values if one))
    return dict(found)


def _oddities(name: str, labels: list[str | None] | None) -> Iterator[str]:
    """What is odd about a column of labels; they stay as they are."""
    if labels is None:
        yield f"{name}: the file has no such column"
        return
    times = Counter(labels)
    if times[None]:
        yield f"{name}: a token without a label"
    tags = sum(count for one, count in times.items() if one and TAG.fullmatch(one))
    if tags * 10 < len(labels) * 9 or not tags:  # other labels than of IOB
        return
    if any(one and one != "_" and not TAG.fullmatch(one) for one in times):
        yield f"{name}: neither O nor such as B-PER"
    inside = {one: (f"B{one[1:]}", one, f"M{one[1:]}") for one in times if one and one[:2] == "I-"}
    pairs = zip(["O", *labels[:-1]], labels, strict=True) if inside else ()
    if any(one in inside and before not in inside[one] for before, one in pairs if one):
        yield f"{name}: I- without B- before it"
