"""What a record says is shown as it reads on Dagster's pages, whatever it holds: no picture, no link, no table."""

import html

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from biglam_pipeline.defs.metadata import preview
from biglam_pipeline.defs.wording import as_said, sentence, table, word

NASTY = [
    "![](http://elsewhere.test/p.png)",
    "![a][b]\n\n[b]: http://elsewhere.test/p.png",
    "<img src=http://elsewhere.test/p.png>",
    "[Sign in](http://elsewhere.test/)",
    "<http://elsewhere.test/>",
    "see HTTP://elsewhere.test/a_b, www.elsewhere.test and me@elsewhere.test",
    "x\\|![](http://elsewhere.test/p.png)",
    "x | ![](http://elsewhere.test/p.png) | y",
    "x\\\\| `|` \\`![](http://elsewhere.test/p.png)`",
    "`a` ``b` ![](http://elsewhere.test/p.png) `",
    "`[` ![`](http://elsewhere.test/p.png)",
    "&lt;img&gt; &#x60; &copy; & &amp;",
    "# not a heading *or* _stress_ ~~gone~~",
    "| a | b |\n| - | - |\n| c | d |",
    "[^1]: note",
]
_MARKS = st.text(alphabet="`\\|![]()<>*_~#&;:/@.aw \n", max_size=25)
_MARKDOWN = MarkdownIt("commonmark").enable("table").enable("strikethrough")


def _reads(text: str) -> str:
    return " ".join(text.split())


def _kinds(rendered: str) -> set[str]:
    """The kinds of everything that the Markdown means beside words."""
    tokens = _MARKDOWN.parse(rendered)
    return {one.type for token in tokens for one in token.children or ()} - {"text", "text_special", "code_inline"}


def _shown(rendered: str) -> list[str]:
    """What each cell, or the sentence, reads like."""
    return [
        "".join(one.content for one in token.children or ()) for token in _MARKDOWN.parse(rendered) if token.children
    ]


@given(st.lists(_MARKS, min_size=2, max_size=2))
@example(["x\\", "|![](http://elsewhere.test/p.png)"])
@example(["`", "`"])
def test_a_cell_reads_as_the_record_does(cells: list[str]) -> None:
    due = [_reads(cell) for cell in cells]
    shown = _shown(table(["first", "second"], [cells]))
    assert shown == [*("first", "second"), *(one for one in due if one)]
    assert _kinds(table(["first", "second"], [cells])) == set()


@pytest.mark.parametrize("text", NASTY)
def test_what_is_nasty_is_a_word(text: str) -> None:
    assert _shown(table(["a"], [[text]])) == ["a", _reads(text)]
    assert _kinds(table(["a"], [[text]])) == set()
    followed = html.unescape(word(text)).lower().replace("`@`", "")
    assert not any(mark in followed for mark in ("://", "www.", "@"))


@given(_MARKS)
@example("`a`\\`b`")
@example("\\\\`a\\[`")
@example("`:`//")
@example("\\@@!~.[`")
@example(")`!>&`@:w\\`")
@example("`@` a@b `@ `:`//`")
def test_a_sentence_keeps_its_backticks_and_is_said_again_as_it_was(text: str) -> None:
    assert as_said(sentence(text)) == _reads(text)
    assert _kinds(sentence(text)) == set()


def test_a_remedy_stays_code() -> None:
    assert sentence("say `rejects: ..0.05` [more]") == "say `rejects: ..0.05` \\[more\\]"


def test_the_preview_of_rows_is_words() -> None:
    rows = pa.table({"id": ["1"], "title": ["![](http://elsewhere.test/p.png)"], "|": ["a|b"]})
    assert _kinds(preview(rows)) == set()
    assert {"![](http://elsewhere.test/p.png)", "a|b"} <= set(_shown(preview(rows)))
