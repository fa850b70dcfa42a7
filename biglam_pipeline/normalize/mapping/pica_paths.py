"""Where does a value stand in a PICA+ record? `021A$a`, `045Q/01$9`, `041A/*$a`, `209Ax00$a`, `002@$0/0-1`.

PICA Path expressions, with their standard extensions: https://format.gbv.de/query/picapath
"""

import re
from dataclasses import dataclass

from biglam_pipeline.normalize.mapping.paths import Getter
from biglam_pipeline.parsing.pica.record import Field, PicaRecord

_OCCURRENCE = r"[0-9]+-[0-9]+|[0-9.]{1,3}?|\*"
_PATH = re.compile(
    r"(?P<tag>[012.][0-9.][0-9.][A-Z@.])(?:x(?P<x>[0-9]+))?"
    rf"(?:/(?P<slash>{_OCCURRENCE})|\[(?P<bracket>{_OCCURRENCE})\])?"
    r"(?:[$.](?P<codes>[0-9A-Za-z]+|\*))?"
    r"(?:/(?P<start>[0-9]{1,5})?(?P<dash>-)?(?P<end>[0-9]{1,5})?)?"
)
_FORMS = (
    "write TAG, TAG$CODES, TAG/OCCURRENCE$CODES, 2..AxNUMBER$CODES or any of them with /FROM-TO behind it, such as "
    "021A$ad, 045Q/01$9, 041A/*$a, 209Ax00$a or 011@$a/0-3; `.` is any character"
)


@dataclass(frozen=True, slots=True)
class Spec:
    """One path, taken apart."""

    tag: re.Pattern[str]
    occurrence: str | range | None = ""
    """A pattern, `.` for any digit; a range; empty where there must be none; None where it may be any."""
    x: str = ""
    """What `x` of a field says, which counts fields of a copy."""
    codes: str = ""
    start: int = 0
    end: int | None = None

    def fits(self, field: Field) -> bool:
        """Whether it means this field."""
        if not self.tag.fullmatch(field.tag) or not self._occurs(field.occurrence):
            return False
        return not self.x or any(_number(text) == _number(self.x) for text in field.all("x"))

    def _occurs(self, occurrence: str) -> bool:
        if self.occurrence is None:
            return True
        if isinstance(self.occurrence, range):
            return int(occurrence or 0) in self.occurrence
        if not self.occurrence or not occurrence:
            return self.occurrence == occurrence
        width = max(2, len(self.occurrence), len(occurrence))
        mine, theirs = self.occurrence.zfill(width), occurrence.zfill(width)
        return all(one in (".", other) for one, other in zip(mine, theirs, strict=True))

    def texts(self, field: Field) -> list[str]:
        """What it means of a field that it fits. One code: each subfield by itself; several, or none for all: those of
        a field together, in their order there.
        """
        if len(self.codes) == 1:
            return field.all(self.codes)
        return [" ".join(field.all(self.codes or "".join(code for code, _ in field.subfields)))]

    def part(self, text: str) -> str:
        """The positions, from 0, to and with the last."""
        return text[self.start : None if self.end is None else self.end + 1].strip()


def _number(text: str) -> str:
    return text.strip().lstrip("0")


def read_spec(path: str) -> Spec:
    """The path taken apart. ValueError says what is wrong with it."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise ValueError(f"{path!r} is no path of PICA; {_FORMS}")
    tag, x = found["tag"], found["x"] or ""
    if x and tag[0] != "2":
        raise ValueError(f"{path!r}: only fields of copies, which begin with 2, are counted by x; {_FORMS}")
    start, end = (int(found[name]) if found[name] else None for name in ("start", "end"))
    if path.endswith(("/", "/-")):
        raise ValueError(f"{path!r} names no positions; {_FORMS}")
    if start is not None and not found["dash"]:
        end = start
    if end is not None and end < (start or 0):
        raise ValueError(f"{path!r} ends before it begins; {_FORMS}")
    codes = "" if found["codes"] == "*" else found["codes"] or ""
    occurrence = _occurrence(found["slash"] or found["bracket"] or "", path, anyhow=tag[0] in "2.")
    return Spec(re.compile(tag.replace("@", "[@]")), occurrence, x, codes, start or 0, end)


def _occurrence(written: str, path: str, *, anyhow: bool) -> str | range | None:
    if written == "*" or (not written and anyhow):
        return None
    if "-" in written:
        first, last = map(int, written.split("-"))
        if last < first:
            raise ValueError(f"{path!r} names occurrences from {first} to {last}; {_FORMS}")
        return range(first, last + 1)
    return written if written.strip("0") else ""


@dataclass(frozen=True)
class PicaPath:
    """The field and what of it; nothing of a record that is not public is ever found."""

    name = "PICA"

    def compile(self, path: str) -> Getter:
        """The texts, without outer blanks, in the order of the record; ValueError says what is wrong with the path."""
        spec = read_spec(path)

        def get(record: PicaRecord) -> list[str]:
            found = (text for field in record.fields if spec.fits(field) for text in spec.texts(field))
            return [text for one in found if (text := spec.part(one))]

        return get

    def fields(self, path: str) -> list[str]:
        """The tag."""
        read_spec(path)
        return [path[:4]]
