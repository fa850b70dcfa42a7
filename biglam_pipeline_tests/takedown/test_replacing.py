"""Other bytes in the place of shelved ones: what a killed run noted and may not have done is looked for again."""

from pathlib import Path

from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.redaction import NOTHING, Copy
from biglam_pipeline.takedown.replacing import finish_replacing


def test_what_a_killed_run_was_at_is_done_or_searched_again(tmp_path: Path) -> None:
    """What was to go as a whole goes; whether the other copy was rewritten nobody knows, until all is searched."""
    shelf = open_shelf(str(tmp_path / "shelf"), tmp_path / "state").at("one/raw")
    for name in ("files/gone", "files/blanked"):
        shelf.put(name, b"as it came")
    notes = RawShelf(shelf).redactions
    notes.copies = {"files/gone": Copy("a", left=[NOTHING]), "files/blanked": Copy("b", left=["c"])}
    notes.pending, notes.searched = set(notes.copies), "everything"
    notes.save()
    finish_replacing(RawShelf(shelf))
    found = RawShelf(shelf).redactions
    assert (shelf.read("files/gone"), shelf.read("files/blanked")) == (b"", b"as it came")
    assert (found.pending, found.unsure, found.searched) == (set(), {"files/gone", "files/blanked"}, "")
