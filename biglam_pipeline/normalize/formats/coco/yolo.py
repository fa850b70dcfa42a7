"""Reads the labels of YOLO: a text file a picture, a line an object, and the names of the categories beside them.

https://docs.ultralytics.com/datasets/detect/ (boxes), /segment/ (polygons), /obb/ (four corners); the names in
`classes.txt` (LabelImg, CVAT, Label Studio), `obj.names` (darknet), `_darknet.labels` (Roboflow) or `data.yaml`.
"""

import posixpath
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from biglam_pipeline.normalize.formats.coco.objects import UNKNOWN, Marked
from biglam_pipeline.normalize.rows.rights_of import column_of_term
from biglam_pipeline.parsing.charsets import charset_of
from biglam_pipeline.parsing.encodings import BYTES, find_encoding, mend
from biglam_pipeline.parsing.inflate import Unreadable, read_whole
from biglam_pipeline.records import Item

LABELS = ".txt"
_LARGEST = 1e6
"""No share of a picture, and no category, is larger; NaN is not smaller."""
_PICTURES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".jp2", ".gif", ".webp", ".bmp")
_NAMES = ("classes.txt", "obj.names", "_darknet.labels", "predefined_classes.txt", "data.yaml", "dataset.yaml")
"""In the order in which they are asked, and behind them any other `.names`, `.yaml` and `.yml`."""
_MORE = (".names", ".yaml", ".yml")
_LISTS = ("train.txt", "val.txt", "valid.txt", "test.txt")
"""Of darknet: which pictures are for what."""


def holds_names(name: str) -> bool:
    """Whether a file of this name may say what the categories are called."""
    last = posixpath.basename(name).lower()
    return last in _NAMES or last.endswith(_MORE)


def labels_among(names: Collection[str]) -> list[str]:
    """The text files that are labels: with the stem of a picture, or in a folder that is called so."""
    stems = {_stem(name) for name in names if name.lower().endswith(_PICTURES)}
    return [name for name in names if is_label(name) and (_stem(name) in stems or "labels" in name.split("/")[:-1])]


def is_label(name: str) -> bool:
    """Whether it may be labels: a text file that is no list of names or of pictures."""
    last = posixpath.basename(name).lower()
    return last.endswith(LABELS) and last not in _LISTS and not holds_names(name)


def by_folder(labels: Sequence[str], names: Collection[str]) -> dict[str, list[str]]:
    """The labels of each folder with what may name their categories: what is nearest above them."""
    naming: dict[str, list[str]] = {}
    for name in sorted(one for one in names if holds_names(one)):
        naming.setdefault(posixpath.dirname(name), []).append(name)
    found: dict[str, list[str]] = {}
    for name in sorted(labels):
        found.setdefault(posixpath.dirname(name), []).append(name)
    return {f"{folder or '.'}/*{LABELS}": [*files, *_nearest(folder, naming)] for folder, files in found.items()}


def _stem(name: str) -> str:
    return posixpath.splitext(posixpath.basename(name))[0]


def _nearest(folder: str, naming: dict[str, list[str]]) -> list[str]:
    while folder not in naming and folder:
        folder = posixpath.dirname(folder)
    return naming.get(folder, [])


def names_of(items: Sequence[Item]) -> list[str]:
    """The categories in their order, by the first of these files that says them; none where none does."""

    def rank(item: Item) -> tuple[int, str]:
        last = posixpath.basename(item.name).lower()
        return (_NAMES.index(last) if last in _NAMES else len(_NAMES), item.name)

    for item in sorted(items, key=rank):
        text = text_of(item)
        is_yaml = item.name.lower().endswith((".yaml", ".yml"))
        if found := _names_in_yaml(text) if is_yaml else [line.strip() for line in text.splitlines()]:
            while found and not found[-1]:
                found.pop()
            return found
    return []


_NUMBERED = re.compile(r"""(?:(["']?)(\d{1,5})\1[ \t]*:|-(?=[ \t]|$))?[ \t]*(.*)""", re.DOTALL)
_QUOTED = re.compile(r'"[^"\\]*"|\'(?:[^\']|\'\')*\'')


def _in_brackets(text: str) -> Iterator[str]:
    """The entries of a list or of numbers with names, of the text behind the bracket. In quotes nothing ends, and only
    where a value begins they are quotes: [driver's license, b]. https://yaml.org/spec/1.2.2/#flow-style-productions
    """
    entry, at = "", 0
    while at < len(text):
        letter = text[at]
        begins = letter in "\"'" and (not entry.strip() or entry.rstrip().endswith(":"))
        if begins and (quoted := _QUOTED.match(text, at)):
            entry, at = entry + quoted[0], quoted.end()
            continue
        if letter == "#" and (not entry or entry[-1].isspace()):
            line_end = text.find("\n", at)
            at = len(text) if line_end < 0 else line_end
            continue
        if letter in ",]}\n":
            yield entry
            entry = ""
            if letter in "]}":
                return
        else:
            entry += letter
        at += 1
    yield entry


def _names_in_yaml(text: str) -> list[str]:
    """`names` as tools write it: a list or numbers with names, in brackets or line by line. Anything else is none."""
    lines = text.splitlines()
    begin = next((at for at, line in enumerate(lines) if re.match(r"names[ \t]*:", line)), None)
    if begin is None:
        return []
    rest = lines[begin].partition(":")[2].strip()
    if rest[:1] and rest[0] in "[{":
        entries = [*_in_brackets("\n".join([rest[1:], *lines[begin + 1 :]]))]
    else:
        entries = [*takewhile(lambda line: not line.strip() or line[0] in " \t-#", lines[begin + 1 :])]
    found: dict[int, str] = {}
    for entry in entries:
        if (written := entry.strip()) and not written.startswith("#"):
            match = _NUMBERED.fullmatch(written)
            assert match is not None
            found[int(match[2]) if match[2] else len(found)] = _plain(match[3])
    return [found.get(number, "") for number in range(max(found, default=-1) + 1)]


def _plain(written: str) -> str:
    """A scalar of YAML without its quotes and the comment behind it; empty where it holds more than that."""
    if quoted := _QUOTED.match(written):
        inside = quoted[0][1:-1]
        return inside.replace("''", "'") if quoted[0][0] == "'" else inside
    return "" if written[:1] in ("'", '"', "[", "{", "&", "*", "!", "|", ">") else written.partition(" #")[0].strip()


_POINTS = re.compile(r"^kpt_shape[ \t]*:\s*(?:\[\s*|-[ \t]+)(\d{1,4})\s*(?:,\s*|\n\s*-[ \t]+)([23])\b", re.MULTILINE)
_SAID = re.compile(r"^[ \t]*[\"']?([\w-]+)[\"']?[ \t]*:[ \t]+([^\s#].*)$", re.MULTILINE)


def points_of(items: Sequence[Item]) -> int:
    """How many numbers stand behind the box of each object where its points are marked too; 0 where none do.

    `kpt_shape: [17, 3]`, https://docs.ultralytics.com/datasets/pose/ : without it they would pass for a polygon.
    """
    found = [match for text in _yaml(items) if (match := _POINTS.search(text))]
    return int(found[0][1]) * int(found[0][2]) if found else 0


def statements_of(items: Sequence[Item]) -> list[str]:
    """What the YAML says of rights, in lines of one key and one value: `license: CC BY 4.0`, as Roboflow writes it."""
    said = [(name, value) for text in _yaml(items) for name, value in _SAID.findall(text) if column_of_term(name)]
    return list(dict.fromkeys(_plain(value.strip()) or value.strip() for _, value in said))


def _yaml(items: Sequence[Item]) -> list[str]:
    return [text_of(item).replace("\r", "") for item in items if item.name.lower().endswith((".yaml", ".yml"))]


def text_of(item: Item) -> str:
    """The text of a file of labels or names."""
    data = read_whole(item)
    found = find_encoding(data, server_charset=charset_of(item.media_type))
    text = data.decode(found.encoding, BYTES)
    return text if found.is_clean else mend(text)


class Beside(NamedTuple):
    """What stands beside labels."""

    names: Sequence[str]
    points: int
    statements: list[str]

    @classmethod
    def of(cls, items: Sequence[Item], categories: Sequence[str]) -> "Beside":
        """categories: the names where none of these files says them."""
        return cls(names_of(items) or categories, points_of(items), statements_of(items))


def marked_in(item: Item, names: Sequence[str], points: int) -> Iterator[Marked]:
    """What is marked, in shares of the picture. Unreadable where a line is no label: the picture would lack it.

    points: see `points_of`.
    """
    for number, line in enumerate(text_of(item).splitlines(), 1):
        if not line.strip():
            continue
        try:
            values = [float(one) for one in line.split()]
        except ValueError:
            values = []
        if (
            len(values) < 5
            or not all(abs(value) < _LARGEST for value in values)
            or values[0] != int(values[0])
            or values[0] < 0
        ):
            detail = "it is no label (class x y width height, or class and a polygon); leave the file out with `files`"
            raise Unreadable("yolo_label", f"line {number}: {line[:60]!r}: {detail}", f"line {number}")
        behind = len(values) - 5
        values = values[:5] if points and behind in (points, points + 1) else values
        yield _marked(int(values[0]), values[1:], names)


def _marked(number: int, values: list[float], names: Sequence[str]) -> Marked:
    """Four numbers are a box by its middle, five the same with how sure a program was, more that are even a polygon."""
    name = names[number] if number < len(names) else ""
    found = Marked(category=name or None, flags=[] if name else [UNKNOWN])
    if len(values) in (4, 5):
        x, y, across, down = values[:4]
        found.box = [x - across / 2, y - down / 2, across, down]
    elif len(values) % 2 == 0:
        left, upper = min(values[::2]), min(values[1::2])
        found.box, found.polygons = [left, upper, max(values[::2]) - left, max(values[1::2]) - upper], [values]
    return found
