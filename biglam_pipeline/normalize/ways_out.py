"""What can be done today with a format that nothing reads yet: a sentence for each, so that no message ends nowhere."""

from biglam_pipeline.language import READERS, not_built
from biglam_pipeline.normalize import AnyReader
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.settings import kinds_of, nearest

BUILT: dict[str, type[Reader]] = {kind.model_fields["type"].default: kind for kind in kinds_of(AnyReader)}
"""Name of a reader -> its kind."""
OWED = {name: owed for name, owed in READERS.items() if name not in BUILT}
"""Name of a reader of the language that is not built -> what to do instead."""

_CALLED = {word: name for name, owed in OWED.items() for word in owed.called} | {
    word: name for name, kind in BUILT.items() for word in kind.called
}
"""What people call a reader by -> the reader."""

_NO_READER = {
    "html": "that is a page for people: write the address of the file that it offers, such as one ending in .csv",
    **dict.fromkeys(
        ("doc", "docx", "odt", "rtf", "epub"),
        "nothing reads documents of word processors: put the texts into a CSV or JSON Lines file, one a row",
    ),
    **dict.fromkeys(
        ("mp3", "wav", "flac", "ogg", "aif", "mp4", "mov", "avi", "mkv", "webm", "mpg"),
        "nothing reads sound or film: harvest the records that describe them, as a table or Dublin Core",
    ),
}
"""Extension of what no reader of the language is for -> what to do instead."""
_NO_READER |= {"htm": _NO_READER["html"], "xhtml": _NO_READER["html"], "php": _NO_READER["html"]}


def way_out(kind: str) -> str:
    """What to do with a kind of file, by the name of its reader or its extension; nothing where that is not known."""
    return OWED[kind].instead if kind in OWED else _NO_READER.get(kind, "")


def refuse_unbuilt(name: str) -> None:
    """ValueError for a reader that is none, or is not built: what is meant, and never one that cannot be used."""
    if name in BUILT:
        return
    called = name if name in OWED else _CALLED.get(name.strip().casefold().replace("-", "_"), "")
    if called in BUILT:
        raise ValueError(f"`{name}` is not a reader; did you mean `{called}`?")
    if called:
        same = "" if called == name else f", which is `{called}`,"
        raise ValueError(not_built(f"`{name}`{same}", OWED[called].instead))
    if dead_end := _NO_READER.get(name.casefold()):
        raise ValueError(f"`{name}` is not a reader; {dead_end}")
    if near := nearest(name, (*BUILT, *OWED)):
        if near in BUILT:
            raise ValueError(f"`{name}` is not a reader; did you mean `{near}`?")
        raise ValueError(f"`{name}` is not a reader; {not_built(near, OWED[near].instead)}")
    raise ValueError(f"`{name}` is not a reader; write one of {', '.join(BUILT)}")
