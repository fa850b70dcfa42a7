"""What records and entries say is text on the card: neither Markdown, nor HTML, nor a header."""

import io
import re

import pytest
from markdown_it import MarkdownIt
from ruamel.yaml import YAML

from biglam_pipeline_tests.bench import Bench

HOSTILE = "A [view](javascript:x) <script>x</script> | `x`"
ENTRY = """
sources:
  letters:
    title: "Letters ](https://evil.example) <img src=x onerror=x> | # --- license: mit"
    summary: |
      ---
      license: mit
      tags: [x]
      ---
      # <script>x</script>
    custodian: "A library\\n---\\nlicense: mit"
    harvest: file:letters.csv
    normalize: {map: {id: id, title: title, config: kind}}
    rights: {license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-31}
"""


@pytest.fixture
def card(bench: Bench) -> str:
    """That of a source of which everything tries."""
    rows = "".join(f'{number},"{HOSTILE}\n---\nlicense: mit\n---\n","{HOSTILE}"\n' for number in range(3))
    (bench.folder / "letters.csv").write_text(f"id,title,kind\n{rows}")
    bench.write(ENTRY)
    bench.night("letters")
    return bench.card("letters")


def test_h44_the_header_of_the_card_comes_from_the_entry_alone(card: str) -> None:
    _, header, body = card.split("---\n", 2)
    found = YAML(typ="safe").load(io.StringIO(header))
    assert found["license"] == "cc0-1.0"
    assert found["pretty_name"].startswith("Letters ](https://evil.example)")
    assert "mit" not in str({key: value for key, value in found.items() if key != "pretty_name"})
    assert body


def test_h44_marks_of_markdown_and_html_are_text_on_the_card(card: str) -> None:
    """As CommonMark reads it, with HTML: what is shown holds the words, and no tag and no link is made of them."""
    shown = MarkdownIt("commonmark", {"html": True}).enable("table").render(card.split("---\n", 2)[2])
    assert "&lt;script&gt;x&lt;/script&gt;" in shown
    assert not re.search(r"<(script|img)\b|href=\"(javascript:|https://evil)", shown)
    assert len(re.findall("<h1>", shown)) == 1
