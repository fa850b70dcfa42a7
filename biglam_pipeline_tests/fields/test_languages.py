"""Language codes and names as catalogues send them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.fields.languages import hub_language, read_languages


@pytest.mark.parametrize(
    "pair, tag",
    [
        ("fre fra", "fr"), ("ger deu", "de"), ("dut nld", "nl"), ("gre ell", "el"), ("cze ces", "cs"),
        ("wel cym", "cy"), ("ice isl", "is"), ("rum ron", "ro"), ("chi zho", "zh"), ("per fas", "fa"),
        ("may msa", "ms"), ("mac mkd", "mk"), ("alb sqi", "sq"), ("arm hye", "hy"), ("baq eus", "eu"),
        ("bur mya", "my"), ("geo kat", "ka"), ("mao mri", "mi"), ("slo slk", "sk"), ("tib bod", "bo"),
        ("scc", "sr"), ("scr", "hr"), ("mol mo", "ro"), ("iw", "he"), ("ji", "yi"), ("sh hbs", "sr-Latn"),
        ("enm", "enm"), ("frm", "frm"), ("gmh", "gmh"), ("goh", "goh"), ("ang", "ang"), ("grc", "grc"),
        ("tgl tl", "tl"), ("en-AU", "en-AU"), ("en:GB en_GB", "en-GB"), ("sr-Latn", "sr-Latn"), ("zxx", "zxx"),
        ("mul", "mul"), ("mis", "mis"), ("ENG", "en"),
    ],
)  # fmt: skip
def test_codes(pair: str, tag: str) -> None:
    for code in pair.split():
        assert read_languages([code])[0] == [tag], code


@pytest.mark.parametrize(
    "raw, tags",
    [
        ("Französisch", ["fr"]),
        ("Greek, Modern (1453-)", ["el"]),
        ("Greek, Ancient (to 1453)", ["grc"]),
        ("English, Middle (1100-1500)", ["enm"]),
        ("German, Middle High", ["gmh"]),
        ("Latin (Fraktur)", ["la"]),
        ("French Antiqua", ["fr"]),
        ("Latin French", ["la", "fr"]),
        ("português de Portugal", ["pt"]),
        ("J. niemiecki", ["de"]),
        ("10048776 Japanese", ["ja"]),
        ("eng English", ["en"]),
        ("english;eng", ["en"]),
        ("ger\nlat", ["de", "la"]),
        ("cze|slo", ["cs", "sk"]),
        ("eng, fre / ger", ["en", "fr", "de"]),
        ("'eng '", []),
        ("eng ", ["en"]),
        ("engfre", ["en", "fr"]),
        ("engund", ["en"]),
        ("undund", []),
        ("gerlateng", ["de", "la", "en"]),
        ("french", ["fr"]),
        ("german", ["de"]),
        ("fr.", ["fr"]),
        ("русский", ["ru"]),
    ],
)
def test_names_and_lists(raw: str, tags: list[str]) -> None:
    assert read_languages([raw])[0] == tags


@pytest.mark.parametrize(
    "raw", ["und", "und Undefined", "Undetermined", "N/A", "unknown", "?", "217", "xx", "Judendeutsch", "A"]
)
def test_f43_no_language_is_a_problem(raw: str) -> None:
    tags, problems = read_languages([raw])
    assert tags == []
    assert len(problems) == 1
    assert raw in problems[0]


def test_marc_codes_only_in_marc() -> None:
    assert read_languages(["cam"], marc=True) == (["km"], [])
    assert read_languages(["cam"]) == (["cam"], [])
    assert read_languages(["esp", "fri", "swz", "gag"], marc=True)[0] == ["eo", "fy", "ss", "gl"]
    assert read_languages(["lancam"], marc=True)[0] == ["oc", "km"]


def test_several_values() -> None:
    assert read_languages(["nl", "nld", "Dutch"]) == (["nl"], [])
    assert read_languages(["mul", "eng", "fre"])[0] == ["en", "fr"]
    assert read_languages(["mul"])[0] == ["mul"]
    assert read_languages([]) == ([], [])
    assert read_languages(["", " "]) == ([], [])
    assert read_languages(["eng", "gibberish"]) == (["en"], ["language not recognised: gibberish"])


@pytest.mark.parametrize(
    "tag, code",
    [
        ("fr", "fr"), ("grc", "grc"), ("sr-Latn", "sr"), ("en-GB", "en"), ("und", None), ("mul", None),
        ("zxx", None), ("mis", None), ("qaa", None), ("xxx", None), ("", None), ("x-foo", None), ("tl", "tl"),
    ],
)  # fmt: skip
def test_hub_language(tag: str, code: str | None) -> None:
    assert hub_language(tag) == code


@given(st.lists(st.one_of(st.text(), st.text("abcdefgnrst-;, ", max_size=12)), max_size=3), st.booleans())
def test_is_total(raws: list[str], marc: bool) -> None:
    tags, problems = read_languages(raws, marc=marc)
    assert len(set(tags)) == len(tags)
    for tag in tags:
        assert read_languages([tag])[0] == [tag] or marc
        code = hub_language(tag)
        assert code is None or code == hub_language(code)
    assert all(problems)
