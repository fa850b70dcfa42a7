"""Words as words on Dagster's pages, which render Markdown: what a record says is no picture, link or heading there.

The pages read GitHub's Markdown (https://github.github.com/gfm/) without raw HTML. Tables hold what stood in records;
sentences are our own, quote records, and name remedies `in backticks`.
"""

import re
from collections.abc import Sequence

from biglam_pipeline.publish import marks

_ADDRESS = re.compile(r"(?::(?=//)|(?<=www)\.|@)+", re.IGNORECASE)
"""What GitHub's Markdown makes links by, wherever it stands and however it is escaped (gfm, 6.9): shown as code."""
_BROKEN = re.compile(r"`[:.@]+`")
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_SHOWN = re.compile(r"\\([!-/:-@\[-`{-~])|(&amp;)|(`+)(?!`).+?(?<!`)\3(?!`)")


def word(text: str) -> str:
    """Text of a record as a cell shows it: as it reads, and nothing in it can be followed."""
    # A backslash before a bar would be the bar's own escape, and the cell would end in the middle of the text.
    return _unmarked(" ".join(text.split())).replace("|", "&#124;")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table of words."""
    return marks.table([word(one) for one in head], [[word(cell) for cell in row] for row in rows])


def sentence(text: str) -> str:
    """A sentence of ours, whatever it quotes: backticks stay what they are, and no other mark is one."""
    text, shown, end = " ".join(text.split()), "", 0
    for code in _CODE.finditer(text):
        before, after = text[: code.start()].lower(), text[code.end() :]
        # Code beside what becomes code itself would be one with it.
        beside = before.endswith(("@", "www.")) or after.startswith(("@", "://"))
        if not beside and not _BROKEN.fullmatch(code[0]):
            shown += _unmarked(text[end : code.start()]) + code[0]
            end = code.end()
    return shown + _unmarked(text[end:])


def as_said(shown: str) -> str:
    """The sentence that `sentence` was given, for a terminal."""
    return _SHOWN.sub(_said, shown)


def _unmarked(text: str) -> str:
    return _ADDRESS.sub(lambda found: f"`{found[0]}`", marks.escaped(text))


def _said(found: re.Match[str]) -> str:
    if found[2]:
        return "&"
    return found[1] or (found[0].strip("`") if _BROKEN.fullmatch(found[0]) else found[0])
