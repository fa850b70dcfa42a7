"""Language codes and names as catalogues send them."""

import re

import langcodes
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
    "raw, tags",
    [
        ("Materials are in English.", ["en"]),
        ("Materials primarily in English, with some publications in German or Spanish.", ["en", "de", "es"]),
        ("The bulk of the collection is in Yiddish; a few letters are in Polish and Hebrew", ["yi", "pl", "he"]),
        ("Records in Dutch, and in Latin", ["nl", "la"]),
        ("The documents in the collection are in English.", ["en"]),
        ("In English", ["en"]),
        ("In English.\nSome letters in Welsh.", ["en", "cy"]),
    ],
)
def test_a_sentence_of_a_finding_aid(raw: str, tags: list[str]) -> None:
    assert read_languages([raw]) == (tags, [])


@pytest.mark.parametrize(
    "raw",
    [
        "In French with English summaries",
        "Materials are not in English",
        "The description is in English",
        "Translated from the papers in German",
        "Materials are in English and Gibberish",
        "Most are works by the poet in English; there are also translations into Russian, Czech, and Polish",
    ],
)
def test_a_sentence_of_which_a_word_is_not_known_names_no_language(raw: str) -> None:
    tags, problems = read_languages([raw])
    assert tags == []
    assert problems


@pytest.mark.parametrize(
    "raw",
    [
        "und",
        "und Undefined",
        "Undetermined",
        "N/A",
        "unknown",
        "?",
        "217",
        "xx",
        "kein Text",
        "Roman numerals",
        "Music",
        "Latf",
        "A",
    ],
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


@pytest.mark.parametrize(
    "raw, tags",
    [
        ("English and French", ["en", "fr"]),
        ("Deutsch und Latein", ["de", "la"]),
        ("français et latin", ["fr", "la"]),
        ("hrv srp", ["hr", "sr"]),
        ("Creoles and pidgins (Other)", ["crp"]),
        ("Germanic (Other)", ["gem"]),
        ("Slavic (Other)", ["sla"]),
        ("Spanish or Portuguese", []),
        ("Griechisch, alt", ["grc"]),
        ("Griechisch (neu)", ["el"]),
        ("Judendeutsch", ["yi"]),
        ("Ladino", ["lad"]),
        ("Ottoman Turkish", ["ota"]),
        ("Turkish (Ottoman)", ["ota"]),
        ("Greek (Ancient)", ["grc"]),
        ("[lat, ger]", ["la", "de"]),
        ("Italian, Latin, and English", ["it", "la", "en"]),
        ("Italian, Latin & English", ["it", "la", "en"]),
        ("Dt.", ["de"]),
        ("niem.", ["de"]),
        ("нем.", ["de"]),
        ("německy", ["de"]),
        ("slovensky", ["sk"]),
        ("castellano", ["es"]),
        ("jęz. niemiecki", ["de"]),
        ("ISO 639-3 eng", ["en"]),
        ("iso639-2b ger", ["de"]),
        ("[eng]", ["en"]),
        ("English (eng)", ["en"]),
        ("English (fre)", []),
        ("hindi", ["hi"]),
        ("kein sprachlicher Inhalt", ["zxx"]),
        ("No linguistic content", ["zxx"]),
        ("Verschiedene Sprachen", ["mul"]),
        ("zh Hans", ["zh-Hans"]),
        ("Serbian (Latin)", ["sr-Latn"]),
        ("sr-Cyrl", ["sr-Cyrl"]),
        ("deutsche Sprache", ["de"]),
        ("Hakka dialect", ["hak"]),
        ("gem", ["gem"]),
        ("http://id.loc.gov/vocabulary/iso639-2/ger", ["de"]),
        ("http://id.loc.gov/vocabulary/languages/cam", ["km"]),
        ("http://lexvo.org/id/iso639-3/deu", ["de"]),
        ("http://publications.europa.eu/resource/authority/language/FRA", ["fr"]),
        ("https://example.org/lang/id/eng", []),
    ],
)
def test_what_catalogues_write_is_read_and_never_its_first_letters(raw: str, tags: list[str]) -> None:
    assert read_languages([raw])[0] == tags


def test_every_common_language_is_known_by_its_name_in_fourteen_languages() -> None:
    """The names of CLDR for what ISO 639-1 lists, but for those that are another language's name as well."""
    also = {"cr", "ii", "nb", "nn", "oj", "rw", "tl", "to", "tw"}
    for code in sorted(set(_COMMON) - also):
        for language in ("en", "de", "fr", "es", "it", "pt", "nl", "da", "nb", "sv", "fi", "pl", "cs", "ru"):
            name = langcodes.Language.get(code).display_name(language)
            if name != code:
                assert read_languages([name])[0] == [code], (code, language, name)


_COMMON = re.findall(
    r"\w+",
    """
aa ab af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es
et eu fa fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka ki kj
kk kl km kn ko ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr
nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te
tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yo za zh zu
""",
)


@given(st.lists(st.one_of(st.text(), st.text("abcdefgnrst-;, ", max_size=12)), max_size=3), st.booleans())
def test_is_total(raws: list[str], marc: bool) -> None:
    tags, problems = read_languages(raws, marc=marc)
    assert len(set(tags)) == len(tags)
    for tag in tags:
        assert read_languages([tag])[0] == [tag] or marc
        code = hub_language(tag)
        assert code is None or code == hub_language(code)
    assert all(problems)


@pytest.mark.parametrize("raw", ["sh", "Serbo-Croatian", "Serbo-Croatian and English", "hbs"])
def test_a_script_that_nobody_said_is_counted(raw: str) -> None:
    """BCP 47 has no code for it; under its name it was given a script in silence."""
    tags, problems = read_languages([raw])
    assert (tags[0], problems) == ("sr-Latn", ["Serbo-Croatian is read as Serbian in Latin script"])


def test_a_script_that_somebody_said_is_not() -> None:
    assert [read_languages([raw]) for raw in ("sr-Latn", "Serbian (Latin)")] == [(["sr-Latn"], [])] * 2


@pytest.mark.parametrize(
    ("raw", "tags"),
    [
        ("Swedish-Finnish", ["sv", "fi"]),
        ("Hebrew-Aramaic", ["he", "arc"]),
        ("eng-fre", ["en", "fr"]),
        ("deu-lat", ["de", "la"]),
        ("ara-per", ["ar", "fa"]),
        ("zho-yue", ["yue"]),
        ("sgn-ase", ["sgn-ase"]),
        ("Anglo-Norman", ["xno"]),
        ("en-", []),
        ("-en", []),
        ("mhd.", ["gmh"]),
        ("mhd", ["mhd"]),
    ],
)
def test_what_a_hyphen_or_a_full_stop_says(raw: str, tags: list[str]) -> None:
    """Two languages were one, or a tag that there is not: "en-fre"."""
    found, problems = read_languages([raw])
    assert (found, bool(problems)) == (tags, not tags)
