"""The PATTERN and the braces of sources.yaml."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.patterns import Pattern, choose, expand, is_ignored


@pytest.mark.parametrize(
    ("pattern", "path", "captured"),
    [
        ("*.xml", "a/b/c.xml", {}),
        ("*.xml", "c.xml", {}),
        ("*.xml", "c.xml/d", None),
        ("c.xml", "abc.xml", None),  # cut at a slash
        ("b/*.xml", "a/b/c.xml", {}),
        ("b/*.xml", "ab/c.xml", None),
        ("a/*.xml", "a/b/c.xml", None),
        ("a/**/*.xml", "x/a/b/c/d.xml", {}),
        ("a/**/*.xml", "a/d.xml", {}),
        ("data/**", "data/a/b.csv", {}),
        ("*_{jp2.zip,djvu.xml}", "item_djvu.xml", {}),
        ("*_{jp2.zip,djvu.xml}", "item_jp2.tar", None),
        ("part{01..43}.gz", "part07.gz", {}),
        ("part{01..43}.gz", "part7.gz", None),
        ("part{1..12}.gz", "part12.gz", {}),
        ("{split:train,val}_*.json", "val_80.json", {"split": "val"}),
        ("{split:train,val}_*.json", "test_80.json", None),
        ("{drawer}_jp2.zip/**/*_{card}.jp2", "12_jp2.zip/x/12_b_003.jp2", {"drawer": "12", "card": "003"}),
        ("{dataset}.zip/**/*.xml", "9200300.zip/a/1.xml", {"dataset": "9200300"}),
        ("{page:1..9}.txt", "a/3.txt", {"page": "3"}),
        ("{a}_{b}.txt", "x_y_z.txt", {"a": "x", "b": "y_z"}),
        ("{a}/{a}.txt", "x/x.txt", {"a": "x"}),
        ("{a}/{a}.txt", "x/y.txt", None),
        ("{a}_{a}.txt", "x_y_x_y.txt", {"a": "x_y"}),
        ("*{a}-{b}-{a}{b}.txt", "1-22-122.txt", {"a": "1", "b": "22"}),
        ("{split:train,val}/{split}_*.txt", "x/val/val_1.txt", {"split": "val"}),
        ("{split:train,val}/{split}_*.txt", "val/train_1.txt", None),
        ("{n:,_2}/a{n}.txt", "x/a.txt", None),
        ("{n:a,a_2}/{n}.txt", "a_2/a_2.txt", {"n": "a_2"}),
        ("{a}.csv", "M\udce4rz.csv", {"a": "M\udce4rz"}),
        ("{*.csv,*.tsv}", "a/b.tsv", {}),
        ("report{,_2}.pdf", "report_2.pdf", {}),
        ("why?[1].txt", "why?[1].txt", {}),
        ("why?.txt", "whyy.txt", None),
        ("é.txt", "e\u0301.txt", {}),
        ("a\nb.txt", "a\nb.txt", {}),
    ],
)
def test_patterns(pattern: str, path: str, captured: dict[str, str] | None) -> None:
    assert Pattern(pattern).match(path) == captured


@pytest.mark.parametrize(
    "pattern", ["", "/a", "{", "a}", "{a,{b,c}}", "{9..1}", "{a..z}", "{Name:1..9}", "{0..99999999}"]
)
def test_what_is_not_a_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Pattern(pattern)


def test_a_pattern_tells_what_it_captures() -> None:
    assert Pattern("{drawer}/{side:a,b}_{1..9}.jp2").captures == ("drawer", "side")


def test_exclusions_win() -> None:
    patterns = ["*.csv", "{kind:a,b}.txt", "!old/*"]
    assert choose(patterns, "x.csv") == {}
    assert choose(patterns, "a.txt") == {"kind": "a"}
    assert choose(patterns, "old/x.csv") is None
    assert choose(patterns, "x.pdf") is None
    assert choose(["!*.pdf"], "x.csv") == {}
    assert choose([], "x.csv") == {}


def test_one_address_stands_for_several() -> None:
    assert expand("https://a.org/x") == ["https://a.org/x"]
    assert expand("https://a.org/p{08..10}.gz") == [
        "https://a.org/p08.gz",
        "https://a.org/p09.gz",
        "https://a.org/p10.gz",
    ]
    assert expand("ftp://a/{x/y,z}/{1,2}.zip") == [
        "ftp://a/x/y/1.zip",
        "ftp://a/x/y/2.zip",
        "ftp://a/z/1.zip",
        "ftp://a/z/2.zip",
    ]
    assert expand("ia:cards#*_{jp2.zip,djvu.xml}") == ["ia:cards#*_{jp2.zip,djvu.xml}"]


@pytest.mark.parametrize("address", ["https://a/{", "https://a/}", "https://a/{name}", "https://a/{1..9999}/{1..9999}"])
def test_addresses_that_stand_for_nothing(address: str) -> None:
    with pytest.raises(ValueError, match=r"https://a/"):
        expand(address)


@given(st.text(alphabet=st.characters(exclude_characters="{}*#", codec="utf-8"), min_size=1))
def test_a_pattern_without_signs_is_the_name_itself(name: str) -> None:
    if not name.startswith("/"):
        assert Pattern(name).match(name) == {}
        assert Pattern(name).match(f"folder/{name}") == {}
        assert expand(name) == [name]


@pytest.mark.parametrize(
    ("patterns", "kept", "out"),
    [
        (["!b.csv"], ["b.csv", "x/b.csv"], ["a.csv", "b.csv.gz"]),
        (["data/**", "!data/keep.csv"], ["data/keep.csv", "other.csv"], ["data/a.csv", "data/x/b.csv"]),
        (["x.zip/**"], ["y.zip", "x.zip2"], ["x.zip", "x.zip/a.csv"]),
    ],
)
def test_what_is_excepted_from_ignore_is_not_ignored(patterns: list[str], kept: list[str], out: list[str]) -> None:
    assert [name for name in (*kept, *out) if is_ignored(patterns, name)] == out


@pytest.mark.parametrize("pattern", ["{a}_{b}_{c}_{d}_{e}.csv", "{a}_{a}_{b}_{b}.csv", "**/**/**/**/*_*_*_*.csv"])
@pytest.mark.parametrize(
    "name", ["_" * 250 + "x.txt", "_" * 250 + "x.csv", "a_" * 2_000 + "x.csv", "_/" * 20_000 + "x.csv"]
)
def test_h46_no_name_that_a_server_chooses_makes_a_pattern_run_long(pattern: str, name: str) -> None:
    began = time.process_time()
    Pattern(pattern).match(name)
    assert time.process_time() - began < 3
