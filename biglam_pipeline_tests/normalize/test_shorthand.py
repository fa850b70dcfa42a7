"""`normalize` written short, or not at all."""

import pytest

from biglam_pipeline.language import Owed
from biglam_pipeline.normalize.shorthand import read_normalize
from biglam_pipeline.normalize.ways_out import BUILT, OWED

ADDRESS = "https://example.org/a.csv"


@pytest.mark.parametrize(
    ("value", "names", "wanted"),
    [
        (None, [ADDRESS], {"type": "table"}),
        (None, ["https://example.org/a.csv?locale=en"], {"type": "table"}),
        (None, ["file:data#*.tsv"], {"type": "table"}),
        (None, ["github:x/y#Artworks.csv"], {"type": "table"}),
        (None, ["https://example.org/a.jsonl.gz", "https://example.org/b.ndjson"], {"type": "table"}),
        ("mets_alto", ["x"], {"type": "mets_alto"}),
        ({"map": {"id": "a"}}, [ADDRESS], {"type": "table", "map": {"id": "a"}}),
        ({"files": "*.csv"}, ["https://example.org/a.zip"], {"type": "table", "files": "*.csv"}),
        ("images", ["https://example.org/a.zip"], {"type": "images"}),
        (None, ["https://example.org/a_{1..9}.jp2", "https://example.org/b.WEBP"], {"type": "images"}),
        ({"files": "{drawer}/*.jpg"}, ["https://example.org/a.zip"], {"type": "images", "files": "{drawer}/*.jpg"}),
        ({"files": ["*.tsv", "!x.txt"]}, ["x"], {"type": "table", "files": ["*.tsv", "!x.txt"]}),
        ({"type": "mets_alto", "rows": "page"}, [], {"type": "mets_alto", "rows": "page"}),
    ],
)
def test_what_is_meant(value: object, names: list[str], wanted: dict[str, object]) -> None:
    assert read_normalize(value, names) == wanted


def test_a_reader_of_the_language_that_is_not_built_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """None is owed today; the next one that is asked for may be."""
    monkeypatch.setitem(OWED, "gedcom", Owed("write `type: text`"))
    with pytest.raises(ValueError, match="`gedcom` is in the language but not built yet; write `type: text`"):
        read_normalize("gedcom", [])


@pytest.mark.parametrize(
    ("value", "names", "message"),
    [
        ("tabel", [], "did you mean `table`"),
        ("mets-alto", [], "did you mean `mets_alto`"),
        ("zzz", [], "is not a reader"),
        ({"type": "zzz"}, [], "is not a reader"),
        ([{"type": "table"}], [], "is neither the name of a reader nor a block"),
        (7, [], "neither the name of a reader nor a block"),
        (None, ["https://example.org/a.zip"], "which reader"),
        ("sqlite", [], "did you mean `table`"),
        ("xlsx", [], "did you mean `table`"),
        ("dbf", [], "did you mean `table`"),
        ("ods", [], "did you mean `table`"),
        (None, ["https://example.org/a.csv", "https://example.org/b.txt"], "could be table or text"),
    ],
)
def test_what_cannot_be_reported_is_refused(value: object, names: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_normalize(value, names)


@pytest.mark.parametrize("asked", ["oai_dc", "dc"])
def test_the_format_that_a_server_is_asked_for_says_the_reader(asked: str) -> None:
    names = ["oai+https://example.org/oai?set=a.csv", "oai+https://example.org/oai?set=b.txt"]
    assert read_normalize(None, names, [asked, asked]) == {"type": "oai_dc"}
    assert read_normalize(None, names, ["marc21", "marcxml"]) == {"type": "marc"}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["oai_dc", "mods"], "which reader"),
        (["oai_qdc_strange"], "which reader"),
    ],
)
def test_a_format_that_nobody_reads_is_refused(asked: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_normalize(None, ["oai+https://example.org/oai"] * len(asked), asked)


def test_what_is_built_goes_before_what_is_owed() -> None:
    """A kind that was built needs no edit of `language.py`: a line that was left there is never read."""
    assert not OWED.keys() & BUILT.keys()
    assert all(read_normalize(name, []) == {"type": name} for name in BUILT)


@pytest.mark.parametrize("word", ["guessed_from", "metadata_prefixes", "called"])
def test_no_two_readers_declare_the_same(word: str) -> None:
    """Else the order of the closed list would say which one is meant."""
    said = [one for kind in BUILT.values() for one in getattr(kind, word)]
    assert len(said) == len(set(said))
