"""Every scalar is text until its key says what it is, and nothing is lost silently."""

import itertools

import pytest

from biglam_pipeline.normalize.mapping.values import Const
from biglam_pipeline_tests.source.conftest import Faults, Load, One

ODD = ["on", "off", "no", "yes", "001", "0002647", "12:30", "20:30:10", "1.10", "1e3", "0x1F", "0o17", "2026-01-31"]


@pytest.mark.parametrize("text", [*ODD, "null", "True", ".inf", "=", "http://a.org/#top", "a#b", "C# and D"])
def test_text_keys_keep_what_was_written(one: One, text: str) -> None:
    source = one(title=text, tags=f"[{text}, b]")
    assert source.title == text
    assert source.tags == (text, "b")


@pytest.mark.parametrize("text", ODD)
def test_values_of_const_and_where_too(one: One, text: str) -> None:
    source = one(normalize=f"{{map: {{id: a, extra: {{n: {{const: {text}}}}}}}, where: {{kind: [{text}, other]}}}}")
    value = source.normalize[0].map.extra["n"]
    assert isinstance(value, Const)
    assert value.text == text
    where = source.normalize[0].where
    assert where is not None
    assert text in where.sets[0][0].texts


def test_a_key_says_what_its_scalar_is(one: One) -> None:
    source = one(
        harvest="{url: oai+https://a.org/oai, lag_seconds: 0060}",
        verified="no",
        expect="{rows: 20.., rejects: ..0.10, fill: {title: 1}, withheld: 0.0..0.5}",
        rights="{license: CC0-1.0, evidence: https://a.org, checked: 2026-01-31}",
    )
    assert source.harvest.model_dump()["lag_seconds"] == 60
    assert source.verified is False
    assert source.expect.rows is not None
    assert (20 in source.expect.rows, 19 in source.expect.rows) == (True, False)
    assert source.expect.fill["title"] == (1.0, 1.0)
    assert str(source.rights[0].checked) == "2026-01-31"


@pytest.mark.parametrize("text", ["on", "no", "12:30"])
def test_a_key_of_that_name_is_text_and_unknown(faults: Faults, text: str) -> None:
    (fault,) = faults(**{text: "x"})
    assert fault.startswith(f"7: x.{text}: `{text}` is not a key of the language; known here: ai_use, citation,")


def test_addresses_with_a_query_stand_in_lists_and_blocks(one: One) -> None:
    source = one(
        harvest="[https://a.org/1.csv?locale=en, https://a.org/2.csv?locale=en]",
        rights="{license: CC0-1.0, evidence: https://a.org/x?locale=en}",
    )
    assert source.harvest.url == ("https://a.org/1.csv?locale=en", "https://a.org/2.csv?locale=en")
    assert source.rights[0].evidence == "https://a.org/x?locale=en"


def test_braces_in_an_address_make_several(one: One) -> None:
    assert one(harvest="https://a.org/{09..11}.csv").harvest.url[1] == "https://a.org/10.csv"


def test_long_texts_may_be_folded(load: Load) -> None:
    text = """\
sources:
  x:
    title: Letters
    custodian: A Library  # two blanks before the mark
    harvest: https://a.org/letters.csv
    summary: >
      One row is one letter # not a comment
      of many.
    limitations: one
      thought
    rights: "CC0-1.0" # behind a quote nothing is lost
"""
    source = load(text).strict().sources["x"]
    assert source.summary == "One row is one letter # not a comment of many.\n"
    assert source.limitations == "one thought"
    assert source.custodian == "A Library"


# --- silent losses, and what YAML keeps for itself ---


@pytest.mark.parametrize(
    ("value", "line", "what"),
    [
        ("drawer #4", 3, "`#4` would be lost as a comment; quote the value, or put two blanks before the #"),
        ("Accession #", 3, "`#` would be lost as a comment"),
        ("", 3, "there is no value, and an empty one is not part of the language; write one, or leave the key out"),
        ("#4", 3, "there is no value, only the comment `#4`; quote it if it is the value"),
        ('""', 3, "it is empty; write a text"),
        ("*star", 3, '`*star` is an alias, which is not part of the language; write the value out, or "*star" if'),
        ("&a Letters", 3, "`&a` is an anchor, which is not part of the language"),
        ("!mark Letters", 3, "`!mark` is a tag, which is not part of the language"),
        ("! Letters", 3, "`!` is a tag, which is not part of the language"),
        ("!!str 5", 3, "`!!str` is a tag"),
        ("!!binary aGk=", 3, "`!!binary` is a tag"),
        ("[Letters] of 1824", 3, 'write title: "[Letters] of 1824"'),
        ("{Letters} of 1824", 3, 'write title: "{Letters} of 1824"'),
        ("@home", 3, 'write title: "@home"'),
        ("%x", 3, 'write title: "%x"'),
        ("> x", 3, 'write title: "> x"'),
        ("| x", 3, 'write title: "| x"'),
        ("& x", 3, 'write title: "& x"'),
        ("`x`", 3, 'write title: "`x`"'),
        ("Letters: a choice", 3, '`: ` stands inside a value; write title: "Letters: a choice"'),
        ('"a" b', 3, "a text goes on behind its closing quote"),
        ('"a', 3, "a quote is not closed"),
        (r'"\q"', 3, "a backslash inside"),
        ("[a, b]", 3, "a text is due here; write one value"),
        ("{a: b}", 3, "a text is due here; write one value"),
        ("a\x07b", 3, "a control character"),
    ],
)
def test_refused_at_its_line_with_what_to_write(faults: Faults, value: str, line: int, what: str) -> None:
    (fault,) = faults(title=value)
    assert fault.startswith(f"{line}: x")
    assert what in fault


def test_quoted_all_of_these_are_text(one: One) -> None:
    for text in ("*star", "{a}", "[a] b", "@home", "!x", "> x", "%x", "a: b", "drawer #4"):
        assert one(title=f'"{text}"').title == text


def test_a_comma_in_the_arguments_of_a_function_wants_quotes(faults: Faults, one: One) -> None:
    (fault,) = faults(normalize="{map: {title: a >> regex([a, b]) }}")
    assert fault.startswith("7: x.normalize: ")
    (fault,) = faults(normalize="{map: {title: a >> replace(a, b)}}")
    assert fault.endswith('a comma inside braces cuts the value off; write it in quotes: "a >> replace(a, b)"')
    assert one(normalize='{map: {title: "a >> replace(a, b)"}}').normalize[0].map.values["title"]


def test_h48_a_key_that_is_there_twice(load: Load) -> None:
    text = """\
sources:
  x:
    title: Letters
    custodian: A Library
    harvest: https://a.org/letters.csv
    title: Other letters
    rights: {license: CC0-1.0, license: CC-BY-4.0}
"""
    assert load(text).faults["x"] == (
        "s.yaml:6: x.title: `title` is there twice; one of the two would be lost: leave one out",
        "s.yaml:7: x.rights.license: `license` is there twice; one of the two would be lost: leave one out",
    )


def test_merge_keys_and_keys_that_are_no_words(faults: Faults) -> None:
    (fault,) = faults(**{"<<": "{title: Other}"})
    assert fault == "7: x: merge keys (<<) are not part of the language; write the keys out"
    (fault,) = faults(**{"[a]": "b"})
    assert fault.startswith("7: x: a key is a plain word")


@pytest.mark.timeout(5)
def test_h48_an_alias_bomb_costs_nothing(load: Load) -> None:
    names = "abcdefghijklmnop"
    lines = [f"    {now}: &{now} [{', '.join([f'*{before}'] * 12)}]" for before, now in itertools.pairwise(names)]
    reported = load("sources:\n  x:\n    a: &a [x, x]\n" + "\n".join(lines) + "\n").faults["x"]
    assert "s.yaml:3: x.a: `&a` is an anchor, which is not part of the language; leave it out, or quote" in reported[0]
    assert len(reported) < 60


@pytest.mark.timeout(5)
def test_h48_an_alias_of_itself(load: Load) -> None:
    assert "`*x` is an alias" in load("sources:\n  x: &x\n    title: T\n    rights: *x\n").faults["x"][1]


@pytest.mark.timeout(20)
def test_h48_depth_and_length_have_an_end(faults: Faults) -> None:
    (fault,) = faults(title="[" * 3000 + "]" * 3000)
    assert fault == "3: x: nested deeper than 40 levels; write it flatter"
    (fault,) = faults(summary="x" * 5_000_000)
    assert "longer than" in fault


def test_lines_are_counted_as_an_editor_does(load: Load) -> None:
    text = "sources:\n  x:\n    title: one\u2028two\x85three\r\n    summary: a b\n    zz: b\n"
    assert any(fault.startswith("s.yaml:5: x.zz: ") for fault in load(text).faults["x"])
