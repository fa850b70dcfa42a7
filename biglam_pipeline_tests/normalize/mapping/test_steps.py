"""Every step: what it makes of good input, what it says of bad, and what is refused when the entry is loaded."""

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.normalize.mapping.steps import STEPS, VERBS, read_steps, result_of
from biglam_pipeline_tests.examples import examples

GOLDEN: list[tuple[str, list[Any], list[Any], list[str]]] = [
    ("list", ["a", "b"], ["a", "b"], []),
    ("first", ["a", "b"], ["a"], []),
    ("first", [], [], []),
    ('split(";")', ["a; b;;c"], ["a", "b", "c"], []),
    ("split(|)", ["a|b", "c"], ["a", "b", "c"], []),
    ("join", ["a", "b"], ["a b"], []),
    ('join(", ")', ["a", "b"], ["a, b"], []),
    ("join", [], [], []),
    ("strip", [" a "], ["a"], []),
    ('strip("[]. ")', ["[1875]."], ["1875"], []),
    (r"replace(\, /)", [r"a\b"], ["a/b"], []),
    ("replace(.djvu, '')", ["x.djvu"], ["x"], []),
    ('replace(",")', ["1,000"], ["1000"], []),
    (r'regex("(\d{4})")', ["in 1875 or 1876", "none"], ["1875"], ["regex found nothing"]),
    ("regex(data/.*)", ["x/data/y"], ["data/y"], []),
    ("regex(a)", ["a" * 2_001], [], ["too long for regex"]),
    ("lookup(true=CC0-1.0, false=closed)", ["true", "maybe"], ["CC0-1.0"], ["not in lookup"]),
    ("lower", ["ÄÖ"], ["äö"], []),
    ("int", ["12", " -3 ", "12.0", "x", "1_000", "9" * 30], [12, -3, 12], ["not a whole number"] * 3),
    ("float", ["0.5", "1e3", "nan", "inf", "x"], [0.5, 1000.0], ["not a number"] * 3),
    ("bool", ["Yes", "0", "true", "perhaps"], [True, False, True], ["not true or false"]),
    (
        "url",
        ["https://x.org/a", "ftp://x", "https://x y", "http://[", "x"],
        ["https://x.org/a"],
        ["not a web address"] * 4,
    ),
    ("html_text", ["<p>A &amp; <b>b</b></p><p>c</p>", "plain"], ["A & b\nc", "plain"], []),
    ("html_text", ["<b>a\x1fb</b>&#31;<br>c"], ["a b\nc"], []),
    ("html_text", ["<script>x</script>", "<p></p>"], [], ["no text in the HTML"] * 2),
    ("template(https://x.org/{})", ["12"], ["https://x.org/12"], []),
    ("class(text-only, illustrations)", ["text-only", "other"], ["text-only"], ["not among the classes"]),
    ("bc", ["-1937", "-570/-490", "140", "0", "ca. 1850"], ["1937 BC", "570 BC/490 BC", "AD 140", "0", "ca. 1850"], []),
    ("edtf", ["-1937", "1921-23", "1850~", "n.d."], ["1938 BC", "autumn 1921", "1850~", "n.d."], []),
    ("until", ["-1937", "[-1937]", "1850"], ["until 1937", "[until 1937]", "1850"], []),
    ("strip >> lower >> int", [" 7 "], [7], []),
    ("int >> template(n{})", ["7"], ["n7"], []),
]


@pytest.mark.parametrize(("text", "values", "wanted", "reasons"), GOLDEN)
def test_step(text: str, values: list[Any], wanted: list[Any], reasons: list[str]) -> None:
    found: list[str] = []
    made = values
    for step in read_steps(text):
        made = step.run(made, found)
    assert made == wanted
    assert [type(one) for one in made] == [type(one) for one in wanted]
    assert found == reasons


def test_every_step_has_a_golden_row() -> None:
    """Here; one with a file of its own, in a test of its own."""
    assert len(STEPS) == len(VERBS), "two steps have one name"
    here = {text.split("(")[0].split(" ")[0] for text, *_ in GOLDEN}
    assert here <= set(STEPS)
    others = "".join(
        path.read_text() for path in Path(__file__).parent.glob("test_*.py") if path.name != "test_steps.py"
    )
    assert [name for name in STEPS if name not in here and f'"{name}' not in others] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lowr", "did you mean `lower`"),
        ("lang", "`languages` normalises itself"),
        ("rights", "`rights_raw` normalises itself"),
        ("", "a step is missing"),
        ("strip >>", "a step is missing"),
        ("strip lower", "divided by >>"),
        ("split", "takes 1 arguments, not 0"),
        ("template(x)", "one {}"),
        ("lookup(a)", "key=value"),
        ("class(a)", "at least 2"),
        ("class(a, a)", "different names"),
        ("replace(a, b", "closing bracket is missing"),
        ('replace("a, b)', "quote is not closed"),
        ("regex((a))", "inside an argument"),
        ('regex("(a")', "not a regular expression"),
    ],
)
def test_a_bad_step_is_refused_at_load(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("(", r"\(").replace("{", r"\{")):
        read_steps(text)


@pytest.mark.parametrize("pattern", ["(a*)*b", "(.*)*x", r"(a)\1", r"\bMap", "Map(?= )", "(?<!a)b"])
def test_a_pattern_that_no_linear_search_knows_is_refused_with_a_way_out(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"^`regex.*(: write|: put|let each turn)"):
        read_steps(f'regex("{pattern}")')


@pytest.mark.parametrize(
    ("pattern", "cell"),
    [
        (r"\s*\s*\s*\s*\s*\s*x", " " * 2_000),
        (r".*?(\d+).*?(\d+).*?px", "1" * 2_000),
        (".*,.*,.*,.*;", "," * 2_000),
        ("(a+)+$", "a" * 1_999 + "!"),
        ("(a|a)*b", "a" * 2_000),
        (r"(\w+\s?)+:", "é " * 1_000),
    ],
)
def test_h46_no_cell_makes_a_pattern_run_long(pattern: str, cell: str) -> None:
    reasons: list[str] = []
    began = time.process_time()
    assert read_steps(f'regex("{pattern}")')[0].run([cell], reasons) == []
    assert reasons == ["regex found nothing"]
    assert time.process_time() - began < 2


@pytest.mark.parametrize("pattern", [r"(\d{4})-(\d{2})", "[a-z]+@[a-z]+", "^.*/([^/]+)$", "(?:ab)?c+", "a|b"])
def test_ordinary_patterns_are_allowed(pattern: str) -> None:
    assert read_steps(f'regex("{pattern}")')[0].arguments == (pattern,)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("strip", "text"),
        ("list", "texts"),
        ("split(;)", "texts"),
        ("split(;) >> strip", "texts"),
        ("split(;) >> first", "text"),
        ("split(;) >> join", "text"),
        ("int", "int"),
        ("float", "float"),
        ("bool", "bool"),
        ("class(a, b)", "class"),
    ],
)
def test_the_last_step_gives_the_type(text: str, kind: str) -> None:
    assert result_of(read_steps(text)) == kind


@examples(300)
@given(st.text(), st.sampled_from([text for text, *_ in GOLDEN]))
def test_steps_are_total(value: str, text: str) -> None:
    reasons: list[str] = []
    made: list[Any] = [value]
    for step in read_steps(text):
        made = step.run(made, reasons)
    assert made or reasons or not value.replace(";", "").replace("|", "").strip()
