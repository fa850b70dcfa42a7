"""A stranger makes a slip, reads what `biglam check` says, does it to the letter, and is cured."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from biglam_pipeline.cli.app import app
from biglam_pipeline.cli.entry import VERBS

assert VERBS  # their import registers them
GOOD = """\
sources:
  parish:
    title: Parish registers
    custodian: Ashby Record Office
    harvest: file:parish
    normalize: {type: table, map: {id: entry, title: name, date: date, extra: {kind: note}}}
    rights: {license: CC0-1.0, evidence: https://example.org/r, checked: 2026-01-31}
    languages: [en]
    expect: {rows: 1..}
"""
FAMILIAR = {
    "a key misspelt": ("    title:", "    titel:"),
    "a key in capitals": ("    custodian:", "    Custodian:"),
    "a tab": ("    custodian:", "\tcustodian:"),
    "three blanks": ("    custodian:", "   custodian:"),
    "a key as far out as the name": ("    custodian:", "  custodian:"),
    "one blank": ("    harvest:", " harvest:"),
    "five blanks": ("    harvest:", "     harvest:"),
    "a no-break space": ("    custodian:", "    \u00a0custodian:"),
    "a no-break space in the indentation": ("    custodian:", "   \u00a0 custodian:"),
    "no blank behind the colon": ("title: Parish", "title:Parish"),
    "no blank further down": ("custodian: Ashby", "custodian:Ashby"),
    "a no-break space behind the colon": ("title: Parish", "title:\u00a0Parish"),
    "a quote not closed": ("title: Parish registers", 'title: "Parish registers'),
    "a quote that ends early": ("title: Parish registers", 'title: "Parish" registers'),
    "quotes inside quotes": ("title: Parish registers", 'title: "The "Parish" registers"'),
    "an apostrophe inside apostrophes": ("title: Parish registers", "title: 'The parish's registers'"),
    "an equals sign": ("title: Parish", "title = Parish"),
    "no colon": ("title: Parish", "title Parish"),
    "a brace closed by a bracket": ("kind: note}}}", "kind: note]}}"),
    "a brace too many": ("kind: note}}}", "kind: note}}}}"),
    "a blank in an address": ("harvest: file:parish", "harvest: file: parish"),
    "a backslash in quotes": ("title: Parish registers", 'title: "Parish\\quarters"'),
    "a mark that YAML keeps": ("title: Parish registers", "title: @Parish"),
    "a percentage": ("title: Parish registers", "title: 100%: all registers"),
    "an indentation of no-break spaces alone": ("    custodian:", "\u00a0" * 4 + "custodian:"),
    "a full-width colon": ("custodian: Ashby", "custodian\uff1aAshby"),
    "a soft hyphen in a key": ("    custodian:", "    custo\u00addian:"),
    "a tab behind a value": ("title: Parish registers", "title: Parish registers\t"),
    "a block in the line of its key": ("expect: {rows: 1..}", "expect: rows: 1.."),
    "a comma in a quotation": ("2026-01-31}", "2026-01-31, quote: free, for all, for ever}"),
    "a colon in a quotation": ("2026-01-31}", "2026-01-31, quote: Licence: CC0}"),
    "quotes of a word processor around an address": ("file:parish", "\u201chttps://example.org/a.csv\u201d"),
    "brackets of an e-mail around an address": ("file:parish", "<https://example.org/a.csv>"),
    "a semicolon in an address": ("file:parish", "https;//example.org/a.csv"),
    "an address under another key": ("file:parish", "{urls: file:parish}"),
    "languages in one text": ("[en]", "en, de"),
    "a point for thousands": ("rows: 1..", "rows: 1.000.."),
    "a backslash in a path": ("file:parish", "file:parish\\b.csv"),
    "a pattern in a path": ("file:parish", "file:parish/*.csv"),
    "an arrow of two signs": ("date: date,", "date: date -> strip,"),
    "a scheme in capitals": ("file:parish", "HTTPS://example.org/a.csv"),
    "one slash": ("file:parish", "https:/example.org/a.csv"),
    "a zero-width space": ("    custodian:", "    \u200bcustodian:"),
    "a colon in a title": ("title: Parish registers", "title: Parish: registers"),
    "a bracket in a title": ("title: Parish registers", "title: [Parish] registers"),
    "a brace not closed": ("kind: note}}}", "kind: note}}"),
    "a pattern in braces": ("kind: note", r"kind: note >> regex(\w{3})"),
    "a comma in braces": ("kind: note", "kind: note >> class(portrait, street, page)"),
    "another comma in braces": ("date: date,", "date: date >> replace(a, b),"),
    "one arrow": ("date: date,", "date: date > strip,"),
    "a pipe": ("date: date,", "date: date | strip | lower,"),
    "a step misspelt": ("kind: note", "kind: note >> spilt(x)"),
    "a constant not marked": ("extra: {kind: note}", "text: note, text_origin: keyed"),
    "a column that is not there": ("title: name", "title: nmae"),
    "a folder that is not there": ("file:parish", "file:parsih"),
    "a pattern that fits nothing": ("{type: table,", '{type: table, files: "*.tsv",'),
    "a reader misspelt": ("type: table", "type: tabel"),
    "a reader by its extension": ("type: table", "type: csv"),
    "a range as elsewhere": ("{rows: 1..}", '{rows: ">=1"}'),
    "a range in words": ("{rows: 1..}", "{rows: at least 1}"),
    "a language in words": ("[en]", "[english]"),
    "a tag with an underscore": ("[en]", "[en_GB]"),
    "a day that never comes": ("    languages:", '    schedule: "0 2 31 2 *"\n    languages:'),
    "a scheme misspelt": ("file:parish", "htps://example.org/a.csv"),
    "no scheme": ("file:parish", "www.example.org/a.csv"),
    "a folder without file:": ("file:parish", "parish"),
    "sources misspelt": ("sources:", "source:"),
    "a comment that eats": ("title: Parish registers", "title: Parish register #4"),
}
"""What a person writes wrong -> what stood there, and what stands there now."""


def _check(path: Path) -> list[dict[str, str]]:
    """The faults that `biglam check` tells, in its order."""
    said = CliRunner().invoke(app, ["check", "--json", "--sources", str(path)])
    assert said.exception is None or isinstance(said.exception, SystemExit), said.output
    return [fault for entry in json.loads(said.output).values() for fault in entry["faults"]]


def _do(what: str, line: str) -> str:
    """The line as the remedy of a message says it."""
    key = re.match(r"\s*([\w-]+)", line)
    if found := re.search(r"write (\d+) blanks in front of `(\w+)`", what):
        return " " * int(found[1]) + line[line.index(found[2]) :]
    if found := re.search(r"did you mean (file:\S+)\?", what):
        return re.sub(r"file:[^\s,}]+", found[1], line)
    if found := re.search(r"write it in quotes: (([\"'])(.*)\2)$", what):
        return line.replace(found[3], found[1])
    if found := re.search(r"cuts the value off; write ((\w+): \"(.*)\")$", what):
        return line.replace(f"{found[2]}: {found[3]}", found[1])
    if found := re.search(r"; (?:a pattern stands behind #: )?write (file:\S+)$", what):
        return re.sub(r"file:[^\s,}]+", found[1].replace("\\", r"\\"), line)
    if found := re.search(r"`([^`]+)`.*did you mean `([^`]+)`\?", what):
        return line.replace(found[1], found[2])
    if found := re.search(r"take it out$", what):
        return line.replace("\u00a0", "").replace("\u200b", "").replace("\u00ad", "").rstrip("\t")
    if found := re.search(r"or put two blanks before the #$|quote the value", what):
        return re.sub(r": (.*)$", r': "\1"', line, count=1)
    if found := re.search(r"write ((?P<key>\w+): (?P<value>\{const: \w+\}))", what):
        return re.sub(rf"{found['key']}: \w+", found[1], line)
    if found := re.search(r"write ((?P<key>\w+): [^`]+?)(?:, or monthly)?$", what):
        if key and key[1] == found["key"]:
            return line[: len(line) - len(line.lstrip())] + found[1]
        return re.sub(rf"{found['key']}: (\"[^\"]*\"|\S+?)(?=[,}}])", lambda _: found[1], line)
    if found := re.search(r"'([^']+)' (?:is not a range|does not say how many); write (\S+)$", what):
        return line.replace(f'"{found[1]}"', found[2]).replace(found[1], found[2])
    if found := re.search(r"^`([^`]+)`.*?(?:write|here) ([^;`]+)$", what):
        return line.replace(found[1], found[2])
    if found := re.search(r"write `([^`]+)` alone", what):
        return found[1]
    raise AssertionError(f"a person would not know what to write: {what}")


@pytest.mark.parametrize("slip", FAMILIAR)
def test_each_remedy_done_to_the_letter_cures(slip: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One message for one slip, at its line; what it says to write is all that has to be written."""
    monkeypatch.setenv("BIGLAM_SOURCES", "")  # the command sets it
    (tmp_path / "parish").mkdir()
    (tmp_path / "parish" / "b.csv").write_text("entry,name,date,note\nb1,Ann,1801-03-04,page\n")
    right, wrong = FAMILIAR[slip]
    assert right in GOOD
    text = GOOD.replace(right, wrong, 1)
    path = tmp_path / "s.yaml"
    path.write_text(text)
    reported = _check(path)
    assert len(reported) == 1, reported
    assert reported[0]["line"] == 1 + next(
        number
        for number, (one, other) in enumerate(zip(text.splitlines(), GOOD.splitlines(), strict=False))
        if one != other
    )
    lines = text.splitlines()
    lines[int(reported[0]["line"]) - 1] = _do(reported[0]["what"], lines[int(reported[0]["line"]) - 1])
    path.write_text("\n".join(lines) + "\n")
    assert _check(path) == []


def test_a_block_too_far_in_is_moved_where_the_message_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No second fault says that it is missing."""
    monkeypatch.setenv("BIGLAM_SOURCES", "")
    (tmp_path / "parish").mkdir()
    (tmp_path / "parish" / "b.csv").write_text("entry,name,date,note\nb1,Ann,1801-03-04,page\n")
    rights = "    rights: {license: CC0-1.0, evidence: https://example.org/r, checked: 2026-01-31}\n"
    block = "    normalize:\n      type: table\n      map: {id: entry, title: name}\n  " + rights
    path = tmp_path / "s.yaml"
    path.write_text(re.sub(r"    normalize: .*\n    rights: .*\n", block, GOOD))
    (fault,) = _check(path)
    assert fault["place"] == "parish.normalize.rights"
    assert "`rights` is a key of the entry; write it below `title`, no further in than that" in fault["what"]
    path.write_text(GOOD)
    assert _check(path) == []
