"""Is it what people labelled? Words with their labels a line each, marks beside a text, boxes on pictures.

CoNLL-U: https://universaldependencies.org/format.html ; IOB as CoNLL-2003 has it:
https://www.clips.uantwerpen.be/conll2003/ner/ ; HIPE: https://github.com/hipe-eval/HIPE-2022-data ; brat:
https://brat.nlplab.org/standoff.html ; COCO: https://cocodataset.org/#format-data
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from biglam_pipeline.normalize.vocabularies.labels import HIPE, TAG

_STANDOFF = re.compile(
    r"(?:T\d+\t\S+ \d+ \d+(?:;\d+ \d+)*(?:\t|$)|[RE]\d+\t\S+|[AMN]\d+\t\S+ \S+|\*\t\S+ \S+|#\d*\t\S+ \S+)"
)
"""Text-bound annotations, relations and events, attributes and normalisations, equivalences, notes."""
_WORD = re.compile(r"\d+(?:-\d+|\.\d+)?")
"""ID of a word, of several that are one token, of a node that is no token."""
_UPOS, _HEAD = re.compile(r"[A-Z]+|_"), re.compile(r"\d+|_")
_FIELDS = 10
_COLUMNS: Mapping[int, Sequence[str]] = {2: (), 3: ("token", "pos", "tags"), 4: ("token", "pos", "chunk", "tags")}
"""As CoNLL-2002 (the default of the reader), CoNLL-2000 and CoNLL-2003 have them."""
_FEWEST = 3
"""Lines with labels below which nothing is guessed."""
_NEARLY = 0.99
"""Of the lines; libraries' files have some that lack their label (Europeana Newspapers)."""
_LISTS = ("images", "annotations", "categories")


def dialect_of(text: str, name: str) -> dict[str, Any] | None:
    """What a READ of `annotations` has to say of a text; None where it is none. text: its beginning."""
    suffix = PurePosixPath(name).suffix.casefold()
    lines = text.splitlines()[:-1] or text.splitlines()  # the last may be cut
    said = [line for line in lines if line.strip() and not line.startswith("#")]
    if suffix == ".ann" and said and all(map(_STANDOFF.match, [one for one in lines if one.strip()])):
        return {"dialect": "brat"}
    cells = [line.split("\t") for line in said]
    if not cells:
        return None
    if tuple(cells[0][: len(HIPE)]) == HIPE:
        return {"dialect": "hipe"}
    if all(map(_is_word, cells)):
        return {"dialect": "conll_u"}
    return _iob(said)


def _is_word(cells: Sequence[str]) -> bool:
    return (
        len(cells) == _FIELDS
        and bool(_WORD.fullmatch(cells[0]))
        and bool(_UPOS.fullmatch(cells[3]))
        and bool(_HEAD.fullmatch(cells[6]))
    )


def _iob(said: Sequence[str]) -> dict[str, Any] | None:
    """Columns by tabs or blanks, of which the last is a label in nearly every line, and of some a name's."""
    rows = [line.split() for line in said if not line.startswith("-DOCSTART-")]
    [(width, _)] = Counter(map(len, rows)).most_common(1) or [(0, 0)]
    labels = [row[-1] for row in rows if len(row) == width and TAG.fullmatch(row[-1])]
    if width < 2 or len(labels) < max(_FEWEST, len(rows) * _NEARLY) or not any("-" in one for one in labels):
        return None
    names = _COLUMNS.get(width, ("token", *(f"column_{number}" for number in range(2, width)), "tags"))
    return {"dialect": "iob", **({"columns": list(names)} if names else {})}


def is_coco(body: Any) -> bool:
    """Lists of pictures, marks and categories; each mark is of a picture."""
    if not isinstance(body, dict) or not all(isinstance(body.get(name), list) for name in _LISTS):
        return False
    listed = [one for name in _LISTS for one in body[name][:20]]
    marks = [one for one in body["annotations"][:20] if isinstance(one, dict)]
    return (
        bool(body["images"])
        and all(isinstance(one, dict) and "id" in one for one in listed)
        and all({"image_id", "category_id"} <= one.keys() for one in marks)
    )


def standoff_among(names: Sequence[str]) -> list[str]:
    """Marks of brat: `.ann` beside `.txt` of one name."""
    texts = {name[:-4] for name in names if name.casefold().endswith(".txt")}
    return [name for name in names if name.casefold().endswith(".ann") and name[:-4] in texts]
