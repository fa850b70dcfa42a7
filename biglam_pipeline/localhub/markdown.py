"""How does Markdown that anyone may have written become HTML that can do no harm?"""

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

MAX_LETTERS = 300_000
_TAGS = """
a blockquote br code del em h1 h2 h3 h4 h5 h6 hr img li ol p pre s strong table tbody td th thead tr ul
"""
TAGS = set(_TAGS.split())
ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "td": {"style"}, "th": {"style"}, "ol": {"start"}}
DEEPEST_HEADING = 6

Place = Callable[[str], str | None]
"""Relative address in the text -> address here; None where there is no such file."""


def render(text: str, picture: Place | None = None, link: Place | None = None, depth: int = 0) -> str:
    """Safe HTML. Pictures come from this Hub or not at all: any other becomes a link. Headings sink by `depth`."""
    reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    reader.add_render_rule("image", _image)
    tokens = reader.parse(_without_comments(text[:MAX_LETTERS]))
    for token in _all(tokens):
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(DEEPEST_HEADING, int(token.tag[1]) + depth)}"
        if token.type == "link_open" and link is not None:
            token.attrSet("href", link(str(token.attrGet("href") or "")) or str(token.attrGet("href") or ""))
    html = reader.renderer.render(tokens, reader.options, {"picture": picture})
    # Once more by a sanitiser that knows nothing of the above.
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        filter_style_properties={"text-align"},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def _all(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or []


def _image(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    token = tokens[at]
    address = str(token.attrGet("src") or "")
    words = renderer.renderInlineAsText(token.children, options, env) if token.children else ""
    here = env["picture"](address) if env["picture"] is not None else None
    if here is not None:
        return f'<img src="{escape(here)}" alt="{escape(words)}">'
    words = words or "picture"
    # A picture that is a link already must not become a link in a link.
    inside = any(token.type == "link_open" for token in tokens[:at]) and not any(
        token.type == "link_close" for token in tokens[:at]
    )
    return escape(words) if inside or not address else f'<a href="{escape(address)}">{escape(words)}</a>'


def _without_comments(text: str) -> str:
    """The text without HTML comments, which cards use as marks; fenced code keeps them."""
    lines: list[str] = []
    fence, inside = "", False
    for line in text.split("\n"):
        start = line.lstrip()[:3]
        if not inside and start in ("```", "~~~") and fence in ("", start):
            fence = "" if fence else start
        if fence:
            lines.append(line)
            continue
        shown, inside = _outside_comments(line, inside)
        if shown.strip() or not line.strip():
            lines.append(shown)
    return "\n".join(lines)


def _outside_comments(line: str, inside: bool) -> tuple[str, bool]:
    shown = ""
    while line:
        before, mark, line = line.partition("-->" if inside else "<!--")
        shown += "" if inside else before
        if not mark:
            break
        inside = not inside
    return shown, inside
