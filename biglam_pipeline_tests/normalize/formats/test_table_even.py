"""Lines that Arrow reads are the records that Python's `csv` reads, or Arrow is not asked."""

import io
import random

import pytest

from biglam_pipeline.normalize.formats.table.blocks import Ahead, plain_records
from biglam_pipeline.normalize.formats.table.dialect import Dialect, Wanted
from biglam_pipeline.normalize.formats.table.even import columns_of
from biglam_pipeline.parsing.encodings import Found

NAMES = ["id", "title", "note"]
WORDS = ("a", "é", "", " ", "  b ", "null", "NULL", "NaN", "0012", "\u2028", "\x85", "𝔅", "#", "\\", "'", "title")
LOOSE = ('"', '""', '"a"b', 'a"', "\r", "\n", "\r\n", ",", ";", "\t", "\ud800", "'", '"\n"', '""""')
DIALECTS = [(",", '"'), (";", '"'), ("\t", '"'), ("\t", None), ("|", "'"), (",", None)]


def read_both(text: str, delimiter: str, quote: str | None) -> bool:
    """Whether Arrow was asked for the lines of a text; then it and `csv` have read the same."""
    dialect = Dialect(Found("utf-8", "", "utf-8"), delimiter, quote, Wanted())
    taken = Ahead(io.StringIO(text, newline="")).take()
    columns = columns_of("".join(taken), len(taken), NAMES, dialect) if taken else None
    if columns is None:
        return False
    records, ends = plain_records(taken, dialect, len(NAMES))
    assert [*zip(*(columns[name] for name in NAMES), strict=True)] == [*map(tuple, records)], text
    assert ends == [*range(1, len(taken) + 1)], text
    assert [columns[name].filled for name in NAMES] == [sum(map(bool, one)) for one in zip(*records, strict=True)]
    return True


def written(chance: random.Random, delimiter: str, quote: str | None, end: str) -> str:
    """A line as programs write it."""
    cells = []
    for _ in NAMES:
        cell = "".join(chance.choices(WORDS, k=chance.randrange(3)))
        if quote and chance.random() < 0.4:
            inside = chance.choice(("", delimiter, quote, f"{quote}{delimiter}", f" {quote}{quote} "))
            cell = f"{quote}{(cell + inside + cell).replace(quote, quote * 2)}{quote}"
        cells.append(cell if quote and cell.startswith(quote) else cell.replace(quote or "\0", ""))
    return delimiter.join(cells) + end


@pytest.mark.representative(4)  # further seeds
@pytest.mark.parametrize(("delimiter", "quote"), DIALECTS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_as_programs_write_them_are_read_alike(delimiter: str, quote: str | None, end: str) -> None:
    chance = random.Random(7)
    texts = ["".join(written(chance, delimiter, quote, end) for _ in range(chance.randrange(1, 9))) for _ in range(300)]
    assert sum(read_both(text, delimiter, quote) for text in texts) > 200


@pytest.mark.representative(1)  # further seeds
@pytest.mark.parametrize(("delimiter", "quote"), DIALECTS)
def test_hostile_lines_are_read_alike_or_not_at_all(delimiter: str, quote: str | None) -> None:
    chance, asked = random.Random(8), 0
    for _ in range(4000):
        lines = [written(chance, delimiter, quote, chance.choice(("\n", "\n", "\r\n"))) for _ in range(3)]
        text = "".join(lines)
        for _ in range(chance.randrange(3)):
            at = chance.randrange(len(text) + 1)
            text = text[:at] + chance.choice(LOOSE) + text[at:]
        asked += read_both(text, delimiter, quote)
    assert asked > 400


@pytest.mark.parametrize(
    "text",
    [
        'a,"b\nc",d\n',
        "a,b\n",
        "a,b,c,d\n",
        "\na,b,c\n",
        'a,b"c,"d\n',
        'a,"b"c,d\n',
        "a\rb,c,d\n",
        "a,b,c\r\nd,e,f\n",
        "a,\ud800,c\n",
        "id,title,note\n",
    ],
)
def test_what_is_odd_is_left_to_csv(text: str) -> None:
    assert not read_both(text, ",", '"')
