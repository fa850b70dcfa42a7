"""A card that two write, as text alone: whatever became of the marks, no word of a person is lost."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.publish.blocks import BLOCKS, Generated, digest_of, paragraphs_of, read_body
from biglam_pipeline.publish.card_header import merge_header, read_fields, split_card
from biglam_pipeline.publish.card_laying import (
    DELETED,
    Laid,
    Remembered,
    lay_card,
    read_text,
    remember_release,
    text_for_file,
)
from biglam_pipeline.publish.hub import header_yaml

PEOPLE = "## Known issues\n\nThe second register was bound upside down."


def generated(rows: int = 1, **more: str) -> Generated:
    """As the program alone would write it."""
    fields = {"pretty_name": "T", "license": "cc0-1.0", "language": ["en"], "tags": ["lam", "glam"]}
    blocks = {
        "opening": f"# T\n\n{rows} rows from a library.",
        "use": "## Use it\n\n```python\nfrom datasets import load_dataset\n\nrows = 1\n```",
        "rights": "## Rights\n\n| Tier | Rows |\n| --- | --- |\n| pd | 1 |",
        "requests": "## Corrections and takedown\n\nWrite to us.",
    }
    return Generated(fields, {name: (blocks | more)[name] for name in BLOCKS if name in blocks | more})


def after(laid: Laid, of: Generated) -> Remembered:
    """What is remembered of a card that was laid."""
    return Remembered(of.fields, of.blocks, laid.people, laid.agreed)


FIRST = lay_card(generated(), "")
MEMORY = after(FIRST, generated())


def begin(name: str) -> str:
    """The line that begins a block of the first card."""
    return f"<!-- biglam:begin {name} {digest_of(generated().blocks[name])} -->"


def test_a_card_that_nobody_touched_is_laid_as_it_was() -> None:
    again = lay_card(generated(), FIRST.text, "", MEMORY)
    assert again.text == FIRST.text
    assert not again.must_be_written
    assert FIRST.people == ""


@pytest.mark.parametrize("place", ["opening", "use", "rights", "requests"])
def test_a_text_stays_behind_what_it_was_written_behind(place: str) -> None:
    mark = f"<!-- biglam:end {place} -->"
    edited = FIRST.text.replace(mark, f"{mark}\n\n{PEOPLE}\n")
    seen = lay_card(generated(), edited, "", MEMORY)
    assert not seen.must_be_written
    now = lay_card(generated(2, history="### Why\n\nSo."), edited, "", MEMORY)
    assert f"{mark}\n\n{PEOPLE}\n" in now.text
    assert "2 rows" in now.text
    assert "### Why" in now.text
    assert (now.edits, now.damaged) == ((), ())
    assert lay_card(generated(2, history="### Why\n\nSo."), now.text, "", MEMORY).text == now.text


def test_an_editor_on_windows_changes_nothing() -> None:
    edited = "\ufeff" + FIRST.text.replace("\n", "  \r\n") + f"\r\n{PEOPLE}\r\n".replace("\n", "\r\n")
    seen = lay_card(generated(), read_text(edited.encode()), "", MEMORY)
    assert not seen.must_be_written
    assert "bound upside down" in lay_card(generated(2), read_text(edited.encode()), "", MEMORY).text


def test_an_edit_inside_a_block_is_reported_and_the_block_generated() -> None:
    edited = FIRST.text.replace("| pd | 1 |", "| pd | 3 |")
    laid = lay_card(generated(), edited, "", MEMORY)
    [edit] = laid.edits
    assert (edit.place, "| pd | 3 |" in edit.after, "| pd | 1 |" in edit.before) == ("rights", True, True)
    assert laid.text == FIRST.text
    assert laid.must_be_written


def test_the_mark_alone_knows_an_edit() -> None:
    """Also where nothing is remembered: a lost shelf, or a run that was killed before it could note its card."""
    newer = lay_card(generated(7), FIRST.text, "", MEMORY).text
    assert not lay_card(generated(8), newer).edits
    [edit] = lay_card(generated(8), newer.replace("7 rows", "9 rows")).edits
    assert edit.place == "opening"


def test_a_block_that_was_taken_out_is_reported_and_laid_where_it_stood() -> None:
    whole = FIRST.text[FIRST.text.index(begin("use")) : FIRST.text.index("<!-- biglam:end use -->") + 24]
    laid = lay_card(generated(), FIRST.text.replace(whole, ""), "", MEMORY)
    assert [(edit.place, edit.after) for edit in laid.edits] == [("use", "")]
    assert laid.text == FIRST.text


def test_a_card_that_was_deleted_comes_back_with_what_people_wrote() -> None:
    seen = lay_card(generated(), FIRST.text + f"\n{PEOPLE}\n", "", MEMORY)
    laid = lay_card(generated(), "", "", after(seen, generated()))
    assert laid.edits == (DELETED,)
    assert laid.text == seen.text


def test_people_order_blocks_as_they_like() -> None:
    laid = lay_card(generated(), FIRST.text, "", MEMORY).text
    rights = laid[laid.index(begin("rights")) : laid.index("<!-- biglam:end rights -->") + 26]
    header, body = split_card(laid.replace(rights, ""))
    moved = f"---\n{header}\n---\n\n{rights}\n\n{body}"
    seen = lay_card(generated(), moved, "", MEMORY)
    assert not seen.must_be_written
    assert seen.text.index("## Rights") < seen.text.index("# T\n")


DAMAGES: dict[str, Callable[[str], str]] = {
    "end gone": lambda text: text.replace("<!-- biglam:end rights -->", ""),
    "begin gone": lambda text: text.replace(begin("rights"), ""),
    "both gone": lambda text: text.replace("<!-- biglam:end rights -->", "").replace(begin("rights"), ""),
    "end twice": lambda text: text.replace("<!-- biglam:end rights -->", "<!-- biglam:end rights -->\n\n" * 2),
    "begin twice": lambda text: text.replace(begin("rights"), f"{begin('rights')}\n\n" * 2),
    "block twice": lambda text: text + text[text.index(begin("rights")) :],
    "nested": lambda text: text.replace("<!-- biglam:end use -->", "").replace(
        "<!-- biglam:end rights -->", "<!-- biglam:end rights -->\n\n<!-- biglam:end use -->"
    ),
    "swapped": lambda text: (
        text.replace("<!-- biglam:end rights -->", "@")
        .replace(begin("rights"), "<!-- biglam:end rights -->")
        .replace("@", begin("rights"))
    ),
    "all ends gone": lambda text: re.sub("<!-- biglam:end.*-->", "", text),
    "all begins gone": lambda text: re.sub("<!-- biglam:begin.*-->", "", text),
    "all gone": lambda text: re.sub("<!-- biglam.*-->", "", text),
    "joined to a line": lambda text: text.replace("\n\n<!-- biglam:end", " <!-- biglam:end"),
    "spaced": lambda text: text.replace("<!-- biglam:", "  <!--biglam:").replace(" -->", "-->"),
    "digests gone": lambda text: re.sub(r"(begin \w+) [0-9a-f]{12}", r"\1", text),
}


@pytest.mark.parametrize("place", ["opening", "use", "rights", "requests"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_whatever_became_of_the_marks_no_word_of_people_is_lost(place: str, damage: str) -> None:
    mark = f"<!-- biglam:end {place} -->"
    seen = lay_card(generated(), FIRST.text.replace(mark, f"{mark}\n\n{PEOPLE}\n"), "", MEMORY)
    damaged = DAMAGES[damage](seen.text)
    laid = lay_card(generated(2), damaged, "", after(seen, generated()))
    assert laid.text.count("bound upside down") == damaged.count("bound upside down")
    assert laid.text.count("## Known issues") == damaged.count("## Known issues")
    for name, text in generated(2).blocks.items():
        assert laid.text.count(text) == 1, name
        assert laid.text.count(f"<!-- biglam:begin {name} ") == 1
    again = lay_card(generated(2), laid.text, "", after(laid, generated(2)))
    assert again.text == laid.text, "one laying is enough"
    assert not again.must_be_written


def test_a_mark_that_people_quote_is_text() -> None:
    quotes = "Write below\n\n```\n<!-- biglam:end rights -->\n```\n\nor `<!-- biglam:begin rights -->`."
    laid = lay_card(generated(2), FIRST.text + f"\n{quotes}\n", "", MEMORY)
    assert laid.text.endswith(f"{quotes}\n")
    assert (laid.damaged, laid.edits) == ((), ())


def test_a_fence_that_lost_its_end_inside_a_block_hides_no_mark() -> None:
    edited = FIRST.text.replace("rows = 1\n```", "rows = 1") + "\n```\nmine\n```\n"
    laid = lay_card(generated(2), edited, "", MEMORY)
    assert [edit.place for edit in laid.edits] == ["use"]
    assert laid.text.count("## Rights") == 1
    assert laid.text.endswith("```\nmine\n```\n")


WORDS = st.lists(
    st.text(alphabet="abc #|`~->\n", min_size=1, max_size=30).filter(lambda text: text.strip()), min_size=1, max_size=3
)


@given(words=WORDS, cut=st.integers(0, 7), place=st.integers(0, 4))
def test_one_mark_less_loses_nothing(words: list[str], cut: int, place: int) -> None:
    """Any text between any two blocks, and any one mark gone."""
    mine = "\n\n".join(f"w{number} {word}" for number, word in enumerate(words))
    parts = re.split(r"(<!-- biglam:end \w+ -->)", FIRST.text)
    joined = "".join(parts[: 2 * place]) + f"\n\n{mine}\n\n" + "".join(parts[2 * place :])
    if place == 0:
        joined = FIRST.text.replace(begin("opening"), f"{mine}\n\n{begin('opening')}")
    mark = re.findall(r"<!-- biglam:.*-->", FIRST.text)[cut]
    laid = lay_card(generated(2), joined.replace(mark, ""), "", MEMORY)
    there = "".join(laid.text.split())
    assert all("".join(one.split()) in there for one in mine.split("\n"))
    assert lay_card(generated(2), laid.text, "", after(laid, generated(2))).text == laid.text


# --- the header ---


def header(text: str, now: Generated | None = None) -> tuple[str, list[str]]:
    """The header merged into the first card's, and the places of edits."""
    merged, edits = merge_header((now or generated()).fields, text, generated().fields)
    return merged, [edit.place for edit in edits]


def test_keys_of_people_stay_as_they_wrote_them() -> None:
    own = (
        "# checked against the deposit\ndoi: 10.5281/zenodo.1\nversion: 1.10\nextra_gated_prompt: |\n  Please.\n\n"
        "  Thanks.\nthumbnail: https://example.org/a.png\nwidget:\n- text: a"
    )
    merged, edits = header(f"{header_yaml(generated().fields)}\n{own}")
    assert own in merged
    assert edits == []
    assert read_fields(merged)["license"] == "cc0-1.0"
    assert header(merged)[0] == merged


def test_words_that_people_added_stay_and_ours_go_when_they_are_not_true_any_more() -> None:
    theirs = header_yaml({**generated().fields, "tags": ["mine", "lam", "glam"], "language": ["en", "la", "xx-bad"]})
    fewer = Generated({**generated().fields, "tags": ["lam"], "language": []}, {})
    merged, edits = header(theirs, fewer)
    assert read_fields(merged)["tags"] == ["lam", "mine"]
    assert read_fields(merged)["language"] == ["la"], "the Hub takes no card with a language that it does not know"
    assert edits == []


def test_what_somebody_wrote_over_ours_is_reported_and_ours_is_written() -> None:
    theirs = header_yaml({**generated().fields, "license": "mit", "license_name": "own", "tags": ["glam"]})
    merged, edits = header(theirs)
    assert read_fields(merged) == generated().fields
    assert edits == ["header.license", "header.license_name", "header.tags"]


@pytest.mark.parametrize(
    "theirs",
    [
        "{doi: 10.1/x, license: mit}",
        "a: &x {b: c}\nlicense: mit\nd: *x",
        '"doi": 10.1/x\n? license\n: mit',
        "tags: [a,\n  b]\ndoi: 10.1/x",
    ],
)
def test_a_header_in_any_form_of_yaml_keeps_its_keys(theirs: str) -> None:
    merged, _ = merge_header(generated().fields, theirs, None)
    fields = read_fields(merged)
    rest = {key: value for key, value in read_fields(theirs).items() if key not in {"license", "tags"}}
    assert rest
    assert {key: fields[key] for key in rest} == rest
    assert fields["license"] == "cc0-1.0"


def test_a_header_that_is_no_yaml_is_reported_whole() -> None:
    merged, edits = merge_header(generated().fields, "a: [b\nc: : d", generated().fields)
    assert read_fields(merged) == generated().fields
    assert [(edit.place, edit.after) for edit in edits] == [("header", "a: [b\nc: : d")]


@pytest.mark.parametrize("text", ["", "no header", "---\nopen: 1\n\nbody", "---\n---\nbody", "text\n---\na: b\n---\n"])
def test_a_card_without_a_header_is_body(text: str) -> None:
    head, body = split_card(text)
    assert head == ""
    assert body == text.removeprefix("---\n---\n")


# --- the file beside the sources file ---


def test_the_one_that_changed_since_both_agreed_wins() -> None:
    file = lay_card(generated(), FIRST.text, "From git.\n", MEMORY)
    assert (file.from_file, file.moved, "From git." in file.text) == (True, True, True)
    agreed = after(file, generated())
    same = lay_card(generated(), file.text, "From git.\n", agreed)
    assert (same.must_be_written, same.difference) == (False, "")
    hub = lay_card(generated(), file.text.replace("From git.", "From the Hub."), "From git.\n", agreed)
    assert ("From the Hub." in hub.text, hub.must_be_written) == (True, False)
    assert "-From git." in hub.difference
    assert "+From the Hub." in hub.difference
    git = lay_card(generated(), file.text, "From git, mended.\n", agreed)
    assert ("From git, mended." in git.text, "From git." in git.text) == (True, False)


def test_where_both_changed_the_hub_stays_until_the_file_has_what_it_says() -> None:
    file = lay_card(generated(), FIRST.text, "From git.\n", MEMORY)
    there = file.text.replace("From git.", "From the Hub.")
    both = lay_card(generated(), there, "From git, mended.\n", after(file, generated()))
    assert ("From the Hub." in both.text, both.must_be_written) == (True, False)
    assert "+From the Hub." in both.difference
    third = lay_card(generated(), there, "From git, mended.\n", after(both, generated()))
    assert third.difference == both.difference, "reported until it is settled"
    settled = lay_card(generated(), there, "From the Hub.\n\nFrom git, mended.\n", after(both, generated()))
    assert "From the Hub.\n\nFrom git, mended." in settled.text
    assert settled.difference == ""


def test_a_file_that_is_new_does_not_take_the_place_of_what_people_wrote_on_the_hub() -> None:
    there = FIRST.text + f"\n{PEOPLE}\n"
    laid = lay_card(generated(), there, "From git.\n", MEMORY)
    assert PEOPLE in laid.text
    assert "From git." not in laid.text
    assert laid.difference


def test_a_file_that_was_made_of_what_the_hub_says_wins_at_once() -> None:
    """`biglam card NAME > cards/NAME.md`, and then changed, with no night in between."""
    there = FIRST.text + f"\n{PEOPLE}\n"
    file = text_for_file(there, MEMORY).replace("second", "third")
    laid = lay_card(generated(), there, file, MEMORY)
    assert (laid.from_file, laid.difference, "The third register" in laid.text) == (True, "", True)
    assert "made-of" not in laid.text
    newer = lay_card(generated(), there.replace("upside down", "back to front"), file, MEMORY)
    assert (newer.from_file, "back to front" in newer.text) == (False, True), "the Hub's text is another by now"


def test_the_file_says_where_its_texts_stand() -> None:
    seen = lay_card(generated(), FIRST.text.replace("<!-- biglam:end use -->", f"<!-- biglam:end use -->\n\n{PEOPLE}"))
    assert lay_card(generated(2), FIRST.text, seen.people, MEMORY).text.index(PEOPLE) < seen.text.index("## Rights")
    whole = lay_card(generated(2), FIRST.text, seen.text.replace("doi", "doi"), MEMORY)
    assert f"<!-- biglam:end use -->\n\n{PEOPLE}" in whole.text, "a copy of the whole card does as well"


def test_keys_of_the_files_header_come_too() -> None:
    laid = lay_card(generated(), FIRST.text, "---\ndoi: 10.1/x\ntags:\n- mine\n---\n\nFrom git.\n", MEMORY)
    fields = read_fields(split_card(laid.text)[0])
    assert (fields["doi"], fields["tags"]) == ("10.1/x", ["lam", "glam", "mine"])


# --- cards from before there were marks ---


def unmarked() -> str:
    """As the program wrote it before."""
    return f"---\n{header_yaml(generated().fields)}\n---\n\n" + "\n\n".join(generated().blocks.values()) + "\n"


def test_a_card_without_marks_gets_them_with_the_next_release() -> None:
    before = remember_release(unmarked())
    assert before.blocks == generated().blocks
    seen = lay_card(before.generated, unmarked(), "", before)
    assert not seen.must_be_written
    assert seen.people == ""
    assert lay_card(generated(2), unmarked(), "", before).text == lay_card(generated(2), "").text


@pytest.mark.parametrize("behind", ["from a library.", "```\n", "| pd | 1 |", "Write to us."])
def test_what_people_wrote_into_a_card_without_marks_is_kept_outside_them(behind: str) -> None:
    before = remember_release(unmarked())
    place = unmarked().rindex(behind) + len(behind)
    edited = f"{unmarked()[:place]}\n\n{PEOPLE}\n\n{unmarked()[place:]}"
    assert not lay_card(before.generated, edited, "", before).must_be_written
    laid = lay_card(generated(2), edited, "", before)
    assert re.search(r"<!-- biglam:end \w+ -->\n\n" + re.escape(PEOPLE) + r"\n", laid.text)
    assert all(laid.text.count(text) == 1 for text in generated(2).blocks.values())


def test_a_generated_paragraph_that_somebody_changed_before_there_were_marks_is_kept_and_reported() -> None:
    edited = unmarked().replace("Write to us.", "Write to the reading room.")
    laid = lay_card(generated(2), edited, "", remember_release(unmarked()))
    assert "Write to the reading room." in laid.text
    assert "Write to us." in laid.text
    assert [edit.place for edit in laid.edits] == ["requests"]


def test_a_foreign_card_goes_behind_what_is_generated() -> None:
    foreign = "---\nlicense: mit\ntags: [maps]\n---\n# Dataset Card for X\n\n\n\n    code\n\n\nWords.\n"
    laid = lay_card(generated(), foreign)
    assert laid.text.endswith("<!-- biglam:end requests -->\n\n# Dataset Card for X\n\n\n\n    code\n\n\nWords.\n")
    assert laid.edits == ()


def test_paragraphs_are_cut_at_blank_lines_but_not_inside_a_fence() -> None:
    text = "a\nb\n\n\nc\n```\nd\n\ne\n```\nf\n\n~~~~\n```\n\n~~~~\n"
    assert [key for key, _ in paragraphs_of(text)] == ["a b", "c ``` d e ``` f", "~~~~ ``` ~~~~"]
    assert "".join(one for _, one in paragraphs_of(text)).strip() == text.strip()


def test_a_mark_of_another_name_is_text() -> None:
    body = read_body("<!-- biglam:begin mine -->\n\nmine\n\n<!-- biglam:end mine -->\n")
    assert body.people == ("<!-- biglam:begin mine -->\n\nmine\n\n<!-- biglam:end mine -->",)
