"""Files, entries and names: what is broken harms nothing else."""

import re
from pathlib import Path

import pytest

from biglam_pipeline.errors import ConfigError
from biglam_pipeline.source import load_sources
from biglam_pipeline_tests.source.conftest import Load, entry

HEAD = "sources:\n"


def test_a_syntax_error_leaves_the_other_entries(load: Load) -> None:
    broken = "  bad:\n    title: [Letters\n    custodian: A Library\n"
    catalog = load(HEAD + entry("a") + broken + entry("b"))
    assert list(catalog.sources) == ["a", "b"]
    assert catalog.faults == {
        "bad": ('s.yaml:8: bad: a bracket is not closed, or a comma is missing; write title: "[Letters"',)
    }
    assert (catalog.sources["a"].line, catalog.sources["b"].line) == (2, 10)


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        ("  bad: [a]\n", "the entry has no keys"),
        ("  bad: text\n", "the entry has no keys"),
        ("  bad:\n", "the entry has no keys"),
        ("  bad\n", "write the colon"),
        ("  bad:\n    title: a\n     custodian: b\n", "does not fit"),
        (
            "  bad:\n    title: a\n\tcustodian: b\n",
            "a tab stands in the indentation; write 4 blanks in front of `custodian`",
        ),
        ("  bad:\n    - title\n", "the entry has no keys"),
    ],
)
def test_an_entry_that_is_none(load: Load, broken: str, what: str) -> None:
    catalog = load(HEAD + broken + entry("good"))
    assert list(catalog.sources) == ["good"]
    assert any(what in fault for reported in catalog.faults.values() for fault in reported)
    assert "bad" in catalog.faults


def test_what_stands_around_the_entries(load: Load) -> None:
    catalog = load("# a comment\nversion: 1\n" + HEAD + entry() + "other: 1\n")
    assert list(catalog.sources) == ["x"]
    assert catalog.faults["s.yaml"] == (
        "s.yaml:2: `version: 1` stands before `sources:`; only comments may",
        "s.yaml:9: `other: 1` is not below `sources:`; indent it by 2 blanks",
    )


@pytest.mark.parametrize("text", ["sources:\n", "sources:  # none yet\n\n# and no other\n"])
def test_a_file_without_an_entry(load: Load, text: str) -> None:
    assert load(text).faults == {
        "s.yaml": ("s.yaml:1: there is no entry below `sources:`; write one, its name indented by two blanks",)
    }


def test_a_second_beginning_is_no_entry(load: Load) -> None:
    catalog = load(HEAD + entry("a") + "---\n" + HEAD + entry("b"))
    assert list(catalog.sources) == ["a", "b"]
    assert [fault.partition("; ")[2] for fault in catalog.faults["s.yaml"]] == ["take this line out"] * 2


def test_nothing_behind_an_entry_is_lost(load: Load) -> None:
    """A line that YAML takes for the beginning of another document ends the entry, and is an error."""
    broken = entry("bad").replace("    harvest", "\u00a0" * 4 + "harvest")
    [fault] = load(HEAD + broken).faults["bad"]
    assert "a no-break space (U+00A0) stands in the indentation; write 4 blanks in front of `harvest`" in fault


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1,000..", "a comma inside braces cuts the value off; write rows: 1000.."),
        ("'1,000..'", "write 1000.."),
        ("1_000..2_000", "write 1000..2000"),
        ("1.000..", "write 1000.."),
        ("..0.5", "write a whole number"),
    ],
)
def test_marks_for_thousands_make_no_other_number(load: Load, written: str, meant: str) -> None:
    [fault] = load(HEAD + entry(expect=f"{{rows: {written}}}")).faults["x"]
    assert fault.endswith(meant)


@pytest.mark.parametrize("mark", "*•–—")
def test_a_bullet_is_no_hyphen(load: Load, mark: str) -> None:
    listed = f"\n      {mark} en\n      {mark} de"
    [fault] = load(HEAD + entry(languages=listed)).faults["x"]
    assert "a list's values begin with a hyphen; write - en" in fault


@pytest.mark.parametrize("line", ["\t", "  \t ", "\t# a comment"])
def test_a_tab_that_nobody_sees_is_named(load: Load, line: str) -> None:
    broken = entry().replace("    harvest", f"{line}\n    harvest")
    [fault] = load(HEAD + broken).faults["x"]
    at = 2 + broken[: broken.index(line + "\n")].count("\n")
    assert fault.startswith(f"s.yaml:{at}: x: a tab stands")
    assert fault.endswith("take it out")
    assert list(load(HEAD + broken.replace("\t", "")).sources) == ["x"]


@pytest.mark.parametrize("key", ["title", "summary", "tags"])
def test_what_a_terminal_would_obey_is_refused_and_not_shown(load: Load, key: str) -> None:
    [fault] = load(HEAD + entry(**{key: '"a \\e]0;b\\a"'})).faults["x"]
    assert fault.endswith(f"x.{key}: a control character ('\\x1b') stands in the text; take it out")
    [fault] = load(HEAD + entry() + '    "\\e[31mk": 1\n').faults["x"][:1]
    assert "\x1b" not in fault
    assert not load(HEAD + entry(normalize='{map: {id: id}, delimiter: "\\x1f"}')).faults


def test_a_text_that_a_comma_cut_over_two_lines_is_not_to_be_left_out(load: Load) -> None:
    rights = "{license: CC0-1.0, evidence: 'https://a.org/r', checked: 2026-01-31, quote: free,\n      for all}"
    [fault] = load(HEAD + entry(rights=rights)).faults["x"]
    assert fault.endswith("`for all` is what a comma inside braces cut off; put the whole value in quotes")


def test_a_file_in_utf_16_is_named(tmp_path: Path) -> None:
    for encoding in ("utf-16-le", "utf-16-be", "utf-32-le"):
        (tmp_path / "s.yaml").write_text(HEAD + entry("a"), encoding=encoding)
        [fault] = load_sources([tmp_path / "s.yaml"]).faults["s.yaml"]
        assert fault.endswith("save the file as UTF-8")


@pytest.mark.parametrize("text", ["", "x:\n  title: 1\n", "# nothing\n"])
def test_a_file_without_sources(load: Load, text: str) -> None:
    assert "there is no `sources:` line; write it" in load(text).faults["s.yaml"][0]


def test_entries_that_are_not_indented(load: Load) -> None:
    assert load("sources:\nx:\n  title: a\n").faults["s.yaml"][0].endswith("indent the entries by two blanks")


def test_a_file_that_is_not_utf_8_or_not_there(load: Load, tmp_path: Path) -> None:
    reported = load((HEAD + entry(title="Café")).encode("latin-1")).faults["s.yaml"]
    assert reported[0].endswith("s.yaml:3: is not UTF-8 here (invalid continuation byte); save the file as UTF-8")
    assert "is not UTF-8" in load(HEAD.encode("utf-16")).faults["s.yaml"][0]
    missing = load_sources([tmp_path / "none.yaml"]).faults["none.yaml"]
    assert missing[0].endswith("none.yaml:1: there is no such file; write it, or name another in BIGLAM_SOURCES")
    folder = load_sources([tmp_path]).faults[tmp_path.name]
    assert "cannot be read (Is a directory)" in folder[0]


def test_a_byte_order_mark_and_windows_lines_are_harmless(load: Load) -> None:
    text = (HEAD + entry(title="Café")).replace("\n", "\r\n")
    assert load(b"\xef\xbb\xbf" + text.encode()).strict().sources["x"].title == "Café"


def test_two_files_are_one_catalog(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.yaml").write_text(HEAD + entry("one") + entry("both"))
    (tmp_path / "two.yaml").write_text(HEAD + entry("two") + entry("both"))
    catalog = load_sources([tmp_path / "a" / "one.yaml", tmp_path / "two.yaml"])
    assert list(catalog.sources) == ["one", "two"]
    assert catalog.bases == {"one": tmp_path / "a", "two": tmp_path}
    assert catalog.faults == {"both": ("one.yaml:7: both: two.yaml:7 has this name too; rename all but one",)}


def test_a_name_twice_is_refused_for_that_name_only(load: Load) -> None:
    catalog = load(HEAD + entry("x") + entry("y") + entry("x") + entry("x"))
    assert list(catalog.sources) == ["y"]
    assert catalog.faults["x"] == ("s.yaml:2: x: s.yaml:12 and s.yaml:17 has this name too; rename all but one",)


def test_names_that_are_one_to_dagster_and_repositories_that_are_one(load: Load) -> None:
    catalog = load(HEAD + entry("a-b") + entry("a_b") + entry("c"))
    assert list(catalog.sources) == ["a-b", "c"]
    assert "`a-b` at s.yaml:2 is the same name to Dagster" in catalog.faults["a_b"][0]
    catalog = load(HEAD + entry("a", publish="{repository: o/n}") + entry("b", publish="{repository: o/n}"))
    assert list(catalog.sources) == []
    assert catalog.faults["b"][0].startswith("s.yaml:8: b.publish.repository: it is published as o/n, and so is `a` at")


@pytest.mark.parametrize(
    ("repository", "owner", "clash"),
    [
        ("biglam/b", "biglam", True),
        ("BigLAM/B", "biglam", True),
        ("biglam/b", "other", False),
        ("other/b", "other", True),
        ("biglam/b2", "biglam", False),
    ],
)
def test_a_repository_by_name_and_one_by_default_are_one(
    tmp_path: Path, repository: str, owner: str, clash: bool
) -> None:
    """Told at both lines; the Hub knows no upper and lower case of names, and the owner is a setting."""
    path = tmp_path / "s.yaml"
    path.write_text(HEAD + entry("a", publish=f"{{repository: {repository}}}") + entry("b") + entry("c"))
    catalog = load_sources([path], owner=owner)
    assert list(catalog.sources) == (["c"] if clash else ["a", "b", "c"])
    if clash:
        assert "so is `b` at s.yaml:8: each would delete" in catalog.faults["a"][0]
        assert f"s.yaml:8: b: it is published as {owner}/b by default" in catalog.faults["b"][0]
        assert "so is `a` at s.yaml:2: each would delete" in catalog.faults["b"][0]


@pytest.mark.parametrize("name", ["bpl-card-catalog", "x", "bl_newspaper_0002647"])
def test_good_names(load: Load, name: str) -> None:
    source = load(HEAD + entry(name)).strict().sources[name]
    assert "-" not in source.key
    assert source.line == 2


@pytest.mark.parametrize("name", ["Letters", "0002647", "_x", "a b", "é", "a.b", "a" * 97])
def test_h45_bad_names(load: Load, name: str) -> None:
    (fault,) = load(HEAD + entry(name)).faults[name]
    assert fault.startswith(f"s.yaml:2: {name}: ")
    assert "write small letters, digits, _ and -" in fault or "write at most 96 characters" in fault


def test_asking_for_a_source(load: Load) -> None:
    catalog = load(HEAD + entry("letters") + entry("bad", titel="x"))
    assert catalog.get("letters").title == "Letters"
    with pytest.raises(ConfigError, match=r"did you mean `letters`\?"):
        catalog.get("leters")
    with pytest.raises(ConfigError, match=r"s.yaml:12: bad.titel: .* did you mean `title`\?"):
        catalog.get("bad")
    with pytest.raises(ConfigError, match=r"bad\.titel"):
        catalog.strict()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("letter_07", r"did you mean `letters_07`, `letters_\d\d` or `letters_\d\d`\?; `biglam status` lists all 67"),
        ("news", "did you mean `old_news_of_brno`?; `biglam status` lists all 67"),
        ("nosuch", "there are 67, such as letters_00, letters_01, letters_02; `biglam status` lists all 67"),
    ],
)
def test_a_name_that_there_is_not_is_answered_by_a_few_that_there_are(load: Load, name: str, said: str) -> None:
    """All 67 were listed, and what was meant stood among them."""
    names = [*(f"letters_{number:02d}" for number in range(66)), "old_news_of_brno"]
    catalog = load("sources:\n" + "".join(map(entry, names)))
    with pytest.raises(ConfigError) as caught:
        catalog.get(name)
    words = str(caught.value)
    assert re.fullmatch(f"there is no source `{name}`; ({said}|{re.escape(said)})", words), words
