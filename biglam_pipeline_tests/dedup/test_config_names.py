"""Names of configs: one for each value, never one for two, and the same for ever."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.dedup.config_names import DEFAULT, LONGEST, give_names, name_configs, slug
from biglam_pipeline.errors import ConfigError

_NAME = re.compile(r"[a-z0-9_-]{1,64}")
_VALUES = st.lists(st.text("aA b.-+#\u00e9\u00c9\u0410\u0431\u6f22 1", max_size=6) | st.text(), unique=True)


@given(_VALUES)
def test_two_values_never_have_one_name(values: list[str]) -> None:
    names = give_names(values, {})
    assert len(set(names.values())) == len(values)
    assert all(_NAME.fullmatch(name) for name in names.values())


@given(_VALUES, _VALUES, st.sets(st.sampled_from(["a", "b", "1", "a-b", "unknown"])))
def test_a_value_keeps_its_name_whatever_comes_later(first: list[str], later: list[str], laid: set[str]) -> None:
    names = give_names(first, {}, laid)
    known = {name: value for value, name in names.items()}
    again = give_names({*first, *later}, known, laid)
    assert {value: again[value] for value in first} == names
    assert len(set(again.values())) == len(again)


@given(st.from_regex(r"[a-z0-9_]([a-z0-9_-]{0,62}[a-z0-9_])?", fullmatch=True))
def test_what_is_a_name_already_stays(text: str) -> None:
    value = text.replace("--", "__").replace("unknown", "known")
    assert give_names([value], {}) == {value: value}


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("sr-Latn", "sr-latn"),
        ("Popular Press / Ephemera", "popular-press-ephemera"),
        ("1850s", "1850s"),
        ("\u00dcbersicht", "ubersicht"),
        ("", "unknown"),
        ("a_b", "a_b"),
        ("(sans titre)", "sans-titre"),
        ("C++", "c-f1deb75f"),
        ("C#", "c-04022884"),
        ("Unknown", "unknown-b764cdc0"),
        ("\u0422\u043e\u043c 1", "1-1b72bee2"),
        ("\u662d\u548c 1", "1-2d816d10"),
    ],
)
def test_the_name_of_a_value_alone(value: str, name: str) -> None:
    assert give_names([value], {}) == {value: name}


def test_what_is_too_long_is_cut_and_told_apart() -> None:
    names = give_names(["x" * 200, "x" * 201], {})
    assert {len(name) for name in names.values()} == {LONGEST}
    assert len(set(names.values())) == 2


def test_the_plainest_of_those_that_shared_a_name_keeps_it() -> None:
    """Parts that were laid before names were remembered: C, C++ and C# had become `c`."""
    names = give_names(["C++", "C#", "C"], {}, {"c", "default"})
    assert names == {"C": "c", "C#": "c-04022884", "C++": "c-f1deb75f"}
    assert give_names(["C++"], {}, {"c"}) == {"C++": "c"}, "alone it keeps the path that it was published at"
    assert give_names(["d!"], {}, {DEFAULT}) != {"d!": DEFAULT}


def test_rows_get_names_and_those_without_a_config_none() -> None:
    named, names = name_configs("s", {"=C", "=", "old-slug"}, 4, {"en": "en"}, set())
    assert named == {"=C": "c", "=": "unknown"}, "a slug of old stays as it is"
    assert names == {"en": "en", "c": "C", "unknown": ""}


@pytest.mark.parametrize("value", ["default", "Default", "DEFAULT."])
def test_a_value_called_default_is_refused_and_the_remedy_cures(value: str) -> None:
    with pytest.raises(ConfigError, match="`default` is the name of all rows") as refused:
        name_configs("s", {f"={value}"}, 1, {}, set())
    assert f"`>> replace({value}, {value} rows)`" in str(refused.value)
    cured = f"{value} rows"
    assert slug(cured) != DEFAULT
    name_configs("s", {f"={cured}"}, 1, {}, set())
