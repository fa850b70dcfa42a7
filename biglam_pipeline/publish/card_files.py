"""The card's word on files: which of them are not read, and what else was there."""

from biglam_pipeline.publish.marks import plain, table
from biglam_pipeline.records import Description

_WAYS = {
    "unread": "not read by `{reader}`",
    "ignored": "left out on purpose",
    "litter": "what systems leave beside data (such as `.DS_Store`, `Thumbs.db`, `__MACOSX`)",
    "linked": "links to files that are counted already",
    "repeated": "named again in an archive",
    "submodules": "other repositories in a git repository, of which nothing came",
    "names_guessed": "whose name is in an encoding that nothing says; it was guessed",
}
_KINDS = 8


def files_left_out(description: Description) -> str:
    """A table, or nothing where every file that came is read."""
    counts = {"unread": sum(description.files_unread.values()), **description.files_left_out}
    rows = [
        (words.format(reader=description.reader), f"{counts[way]:,}", _kinds(description) if way == "unread" else "")
        for way, words in _WAYS.items()
        if counts.get(way)
    ]
    if not rows:
        return ""
    shown = table(("", "Files", "Extensions"), rows)
    return f"Files that came and became no rows, members of archives included:\n\n{shown}"


def _kinds(description: Description) -> str:
    kinds = list(description.files_unread.items())
    more = f"; {len(kinds) - _KINDS} more" if len(kinds) > _KINDS else ""
    return ", ".join(f"{plain(extension)} ({number:,})" for extension, number in kinds[:_KINDS]) + more
