"""What a sign before a year means, where the entry says it: the steps `bc`, `edtf` and `until`.

`-1937` is "until 1937" to a cataloguer, 1937 BC in a museum's integers (there is no year 0), and 1938 BC in EDTF. No
column guesses which; a step puts it into words, and the words are read like any other date.
"""

import re

from biglam_pipeline.fields.calendars import SEASONS
from biglam_pipeline.fields.edtf import read_edtf

_SIGNED = re.compile(r"(?<![0-9A-Za-z)\]-])-\s?([0-9]{1,5})(?:\.0*)?(?![0-9-])")
_EARLY = re.compile(r"(?<![0-9 ])(\s*)([1-9][0-9]{0,2})(?:\.0*)?(?=\s*(?:[/–]|$))")
_INTEGERS = re.compile(r"\s*-?[0-9]{1,5}(?:\.0*)?\s*(?:[/–]\s*-?[0-9]{1,5}(?:\.0*)?\s*)?")
_OPEN = re.compile(r"([\[(]?)-\s?([\[(]?[0-9X].*)", re.DOTALL)
_EDTF_YEAR = re.compile(r"-([0-9]{4})(?![0-9-])")
_EDTF_YEAR_0 = re.compile(r"(?<![0-9-])0000(?![0-9-])")
_EDTF_SEASON = re.compile(r"([0-9]{4})-(2[1-4])")
_SEASON_WORDS = {21: "spring", 22: "summer", 23: "autumn", 24: "winter"}
assert set(SEASONS.values()) == set(_SEASON_WORDS)


def say_bc(text: str) -> str:
    """A museum's integers: -570 is `570 BC`, -570/-490 both, 140 is `AD 140`; 0 is no year; other texts stay."""
    if not _INTEGERS.fullmatch(text):
        return text
    text = _SIGNED.sub(lambda found: f"{int(found[1])} BC" if int(found[1]) else "0", text)
    return _EARLY.sub(r"\1AD \2", text)


def say_until(text: str) -> str:
    """A cataloguer's dash: -1937 is `until 1937`, [-1937] too; other texts stay."""
    found = _OPEN.fullmatch(text.strip())
    return f"{found[1]}until {found[2]}" if found else text


def say_edtf(text: str) -> str:
    """EDTF: -1937 is `1938 BC`, 0000 is `1 BC`, and 1921-23 the autumn of 1921; other texts stay."""
    plain = text.strip()
    if read_edtf(plain) is None:
        return text
    season = _EDTF_SEASON.fullmatch(plain)
    if season:
        return f"{_SEASON_WORDS[int(season[2])]} {season[1]}"
    return _EDTF_YEAR_0.sub("1 BC", _EDTF_YEAR.sub(lambda found: f"{int(found[1]) + 1} BC", plain))
