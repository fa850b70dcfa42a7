"""Known litter is ignored, and nothing that a collection may be called is litter."""

import pytest

from biglam_pipeline.parsing.litter import is_litter


@pytest.mark.parametrize(
    "path",
    [
        "__MACOSX/._a.csv", "deep/__MACOSX/a.csv", ".DS_Store", "deep/.ds_store", "Thumbs.db", "x/THUMBS.DB", "._a.csv",
        "desktop.ini", "x/Desktop.ini", ".git/config", "x/.git/objects/ab/cd", ".git", ".svn/entries", "a/.hg/store/x",
        ".bzr/README", "CVS/Entries", "x/CVS/Root", "Icon\r", "$RECYCLE.BIN/x.csv", ".Trash-1000/files/x.csv",
        "@eaDir/x.jpg/SYNOPHOTO", ".gitattributes", ".nfs000001", "System Volume Information/x",
    ],
)  # fmt: skip
def test_this_is_litter(path: str) -> None:
    assert is_litter(path)


@pytest.mark.parametrize(
    "path",
    [
        "a.csv", ".hidden.csv", ".well-known/x.json", "CVS/curriculum.csv", "RCS/letters.csv", "cvs/Entries.csv",
        "git/x",
        "__macosx_history/a.csv", "Thumbs.db.csv", "thumbs/a.jpg", ".github/a.yml", "a~", "core", "tags", "_a.csv",
        "Icon",
    ],
)  # fmt: skip
def test_this_is_a_file(path: str) -> None:
    assert not is_litter(path)
