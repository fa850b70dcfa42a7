"""brat's stand-off files: every span lies where the text has what it says, however a tool counted."""

import re
import time
from collections import Counter
from typing import Any

import pytest

from biglam_pipeline.records import Bundle, Read, Record
from biglam_pipeline_tests.normalize.bundles import item, read, reader, real_folder, reasons, records, rejects

TEXT = "Jan Jansz.\ngeboren te 𝒂 Hoorn\nen Piet"
ANN = (
    "T1\tPerson 0 10\tJan Jansz.\nT2\tPlace 24 29\tHoorn\nT7\tPerson 0 3;33 37\tJan Piet\n"
    "A1\tGender T1 Man\nM2\tNegation T2\nR1\tLives Arg1:T1 Arg2:T2\t\nE1\tBirth:T2 Who:T1 Where:T2\n*\tAlias T1 T7\n"
    "N1\tReference T2 Wikidata:Q9938\tHoorn\n#1\tAnnotatorNotes T1\tunsure, or not\n\n"
)


def of(ann: str | bytes = ANN, text: str | bytes | None = TEXT, **block: Any) -> list[Read]:
    both = {"a/one.ann": ann, **({} if text is None else {"a/one.txt": text})}
    files = {name: item(name, data if isinstance(data, bytes) else data.encode()) for name, data in both.items()}
    return read(reader(type="annotations", files="*.ann", **block), files)


def only(ann: str | bytes = ANN, text: str | bytes = TEXT, **block: Any) -> Record:
    found = of(ann, text, **block)
    assert not rejects(found), rejects(found)
    (row,) = records(found)
    return row


def passages(row: Record) -> list[str]:
    """What stands in the row's text where its spans say."""
    text = row.values["text"]
    return [" ".join(text[one["start"] : one["end"]] for one in span["fragments"]) for span in row.extra["spans"]]


def test_a_text_with_its_annotations_is_a_row() -> None:
    row = only(map={"title": "$stem"})
    assert (row.source_record_id, row.values["title"], row.values["text"]) == ("a/one.ann", "one", TEXT)
    assert [span["id"] for span in row.extra["spans"]] == ["T1", "T2", "T7"]
    assert passages(row) == ["Jan Jansz.", "Hoorn", "Jan Piet"]
    last = row.extra["spans"][2]
    assert (last["start"], last["end"], last["fragments"][1]) == (0, 37, {"start": 33, "end": 37})
    assert row.extra["attributes"] == [
        {"id": "A1", "name": "Gender", "target": "T1", "value": "Man"},
        {"id": "M2", "name": "Negation", "target": "T2", "value": None},
    ]
    assert [(one["id"], one["label"]) for one in row.extra["relations"]] == [
        ("R1", "Lives"),
        ("E1", "Birth"),
        ("*", "Alias"),
    ]
    assert row.extra["relations"][1]["arguments"][:2] == [
        {"role": "Birth", "target": "T2"},
        {"role": "Who", "target": "T1"},
    ]
    assert row.extra["links"][0]["reference"] == "Wikidata:Q9938"
    assert row.extra["notes"][0]["text"] == "unsure, or not"
    assert row.problems == ()


def counted(text: str, words: list[str], way: str) -> str:
    """Annotations of these words by a tool that counts so."""
    lines, units = (
        [],
        {"UTF-16": lambda t: len(t.encode("utf-16-le")) // 2, "bytes": lambda t: len(t.encode()), "characters": len},
    )
    seen = text.replace("\r\n", "\n") if way == "lines as one" else text
    count = units.get(way, len)
    for number, word in enumerate(words, 1):
        at = seen.index(word)
        lines.append(f"T{number}\tX {count(seen[:at])} {count(seen[: at + len(word)])}\t{word}\n")
    return "".join(lines)


@pytest.mark.parametrize("way", ["characters", "lines as one", "UTF-16", "bytes"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_places_are_counted_again_in_characters(way: str, end: str, mark: bytes) -> None:
    """brat counts code points, JavaScript and Java UTF-16, C bytes; a mark of byte order may count or not."""
    text = TEXT.replace("𝒂", "é𝒂𝒃").replace("\n", end)
    words = ["Jansz.", "Hoorn", "Piet"]
    row = only(counted(text, words, way), mark + text.encode())
    assert passages(row) == words
    assert "\r" not in row.values["text"]
    marked = only(counted("\ufeff" + text, words, way), b"\xef\xbb\xbf" + text.encode())
    assert passages(marked) == words


def test_letters_of_mathematics_stay() -> None:
    """Contentious Contexts marks its words so: NFKC would take the marks away."""
    assert passages(only("T1\tX 22 23\t𝒂\n")) == ["𝒂"]


@pytest.mark.parametrize(
    ("ann", "reason"),
    [
        ("T1\tPerson 0 10\tPiet Hein\n", "spans_misplaced"),
        ("T1\tPerson 0 3\tJan\nT2\tPlace 90 95\tHoorn\n", "span_outside"),
        ("T1\tPerson 3 0\tJan\n", "spans_misplaced"),
        (f"T1\tPerson 0 {'9' * 400}\tJan\n", "spans_misplaced"),
        ("T1 Person 0 3 Jan\n", "annotation"),
        ("T1\tPerson 0 3\tJan\nX1\tWhat T1\n", "annotation"),
        ("T1\tPerson 0 3\n", "annotation"),
        (b"\0\0\0\0" * 20, "not_text"),
    ],
)
def test_what_cannot_be_read_is_a_reject(ann: str | bytes, reason: str) -> None:
    """The whole document: a span that is left out would teach that there is none."""
    found = of(ann)
    assert (reasons(found), records(found)) == ([reason], [])


@pytest.mark.parametrize(
    "line", ["E1\t" + "a:" * 5_000 + "a x", "R1\tX " + "a:a " * 50_000 + "x", "*\tX" + "\t" * 9_000]
)
def test_a_line_of_any_shape_costs_little(line: str) -> None:
    began = time.process_time()
    assert reasons(of(line)) == ["annotation"]
    assert time.process_time() - began < 2


def test_a_text_that_did_not_come_or_is_empty_is_a_reject() -> None:
    assert reasons(of(text=None)) == ["text_missing"]
    assert reasons(of("", "\n \n")) == ["text_empty"]


def test_a_text_without_annotations_is_a_row() -> None:
    row = only("")
    assert {name: row.extra[name] for name in ("spans", "attributes", "relations", "links", "notes")} == {
        name: [] for name in ("spans", "attributes", "relations", "links", "notes")
    }


def test_what_is_odd_is_counted_and_stays() -> None:
    row = only("T1\tPerson 0 18\tJan Jansz.\nT1\tPlace 24 29\tHoorn\nA1\tGender T9 Man\n")
    assert [span["text"] for span in row.extra["spans"]] == ["Jan Jansz.", "Hoorn"]
    assert sorted(row.problems) == [
        "annotations: an id that two have",
        "annotations: of something that is not there",
        "spans: a text that is not all that stands in its place",
    ]


def test_control_characters_move_nothing() -> None:
    row = only("T1\tX 6 9\tJan\n", "a\x0cb\x01c Jan")
    assert (row.values["text"], passages(row)) == ("a b c Jan", ["Jan"])
    assert row.problems == ("text: blanks for control characters",)


def test_a_file_of_brat_is_no_file_of_tokens() -> None:
    found = read(reader(type="annotations"), {"a.ann": item("a.ann", ANN.encode())})
    assert [(one.reason, "dialect: brat" in one.detail) for one in rejects(found)] == [("standoff", True)]


def test_the_text_goes_with_its_annotations() -> None:
    """A takedown leaves neither: the words stand in both."""
    made = reader(type="annotations", files="*.ann")
    bundle = Bundle("a/one.ann", (item("a/one.ann", ANN.encode()), item("a/one.txt", TEXT.encode())))
    (row,) = records([*made.read(bundle, {})])
    assert made.redact(bundle, [(row, row.source_record_id)]) == {"a/one.ann": None, "a/one.txt": None}
    assert made.shared(bundle, [(row, row.source_record_id)]) == set()


def test_annotations_of_one_name_in_two_folders_have_texts_of_their_own() -> None:
    names = ["A/x.ann", "A/x.txt", "B/x.ann", "B/x.txt", "B/y.txt"]
    made = reader(type="annotations", files="{annotator}/*.ann", map={"extra": {"annotator": "$annotator"}})
    assert made.bundles(names) == {"A/x.ann": ["A/x.ann", "A/x.txt"], "B/x.ann": ["B/x.ann", "B/x.txt"]}


def test_real_testaments_counted_by_lines() -> None:
    """UnSilence the VOC: gaps in the numbers, spans in pieces, attributes."""
    files = real_folder("brat/unsilence-voc-sample", "**/*")
    found = read(reader(type="annotations", files="*.ann"), files)
    due = Counter(
        line[0]
        for name, one in files.items()
        if name.endswith(".ann")
        for line in one.open().read().decode().split("\n")
        if line
    )
    assert (len(records(found)), rejects(found)) == (12, [])
    assert sum(len(row.extra["spans"]) for row in records(found)) == due["T"]
    assert sum(len(row.extra["attributes"]) for row in records(found)) == due["A"]
    said = [span["text"] for row in records(found) for span in row.extra["spans"]]
    stands = [re.sub(r"\s", " ", one) for row in records(found) for one in passages(row)]
    assert said == stands
    assert any(len(span["fragments"]) > 1 for row in records(found) for span in row.extra["spans"])


def test_lines_of_an_old_mac_are_lines() -> None:
    """A note would take all lines behind it for its text."""
    row = only("#1\tAnnotatorNotes T1\tx\rT1\tPerson 0 3\tJan\r")
    assert (passages(row), [one["text"] for one in row.extra["notes"]]) == (["Jan"], ["x"])


@pytest.mark.parametrize(("end", "way"), [(5, "characters"), (6, "UTF-16 units"), (8, "bytes of UTF-8")])
def test_the_way_to_count_is_the_one_by_which_spans_are_all_that_they_say(end: int, way: str) -> None:
    """A span whose last character takes two units began alike in characters, and ended one too late."""
    row = only(f"T1\tSign 4 {end}\t𝒂\n", "to  𝒂bcdefgh")
    assert passages(row) == ["𝒂"]
    assert row.problems == (() if way == "characters" else (f"spans: counted in {way}",))
