"""What machines leave beside data? Names that no collection gives a file: ignored in folders and archives, counted.

Folders of version control: the list of GNU tar's `--exclude-vcs`
(https://www.gnu.org/software/tar/manual/html_section/exclude.html#exclude_002dvcs) and Fossil's
(https://fossil-scm.org/home/doc/trunk/www/checkin_names.wiki). Of the desktops: the templates macOS, Windows and Linux
of https://github.com/github/gitignore/tree/main/Global ; AppleDouble (`._*`, `__MACOSX`): RFC 1740 and Apple's Archive
Utility. Of network storage: Synology's `@eaDir`, QNAP's `.@__thumb`, NetApp's and ZFS's `.snapshot` and `.zfs`.

Left out of these lists on purpose is whatever a collection may be called: `RCS` and `CVS` are folders of archives too,
so CVS counts only with the administrative files in it (https://www.gnu.org/software/trans-coord/manual/cvs/html_node/
Working-directory-storage.html). A hidden file that is none of these is a file.
"""

from itertools import pairwise

_FOLDERS = frozenset({
    ".git", ".svn", ".hg", ".bzr", "_darcs", ".arch-ids", "{arch}",
    "__MACOSX", ".AppleDouble", ".AppleDB", ".AppleDesktop", ".DocumentRevisions-V100", ".fseventsd",
    ".Spotlight-V100", ".TemporaryItems", ".Trashes", "Network Trash Folder", "Temporary Items",
    "$RECYCLE.BIN", "System Volume Information", "lost+found",
    "@eaDir", ".@__thumb", ".snapshot", ".zfs",
})  # fmt: skip
_FILES = frozenset({
    ".ds_store", ".lsoverride", "icon\r", ".volumeicon.icns", ".com.apple.timemachine.donotpresent", ".apdisk",
    "thumbs.db", "thumbs.db:encryptable", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", ".directory",
    ".gitignore", ".gitmodules", ".gitattributes", ".cvsignore", ".bzrignore", ".bzrtags", ".hgignore", ".hgtags",
    ".fslckout", "_fossil_", ".fos",
})  # fmt: skip
"""In small letters: Windows and macOS keep no difference."""
_BEGINNINGS = ("._", ".nfs", ".fuse_hidden")
_TRASH = ".Trash-"
"""The trash of a user on a drive: https://specifications.freedesktop.org/trash-spec/latest/"""
_CVS = frozenset({
    "Entries", "Entries.Backup", "Entries.Log", "Entries.Static", "Root", "Repository", "Tag", "Template", "Notify",
    "Notify.tmp", "Base", "Baserev", "Baserev.tmp", "Checkin.prog", "Update.prog",
})  # fmt: skip


def is_litter(path: str) -> bool:
    """Is this file no data, by its name or a folder on its path (divided by `/`)?"""
    *folders, name = path.split("/")
    if not _FOLDERS.isdisjoint(folders) or name in _FOLDERS or any(one.startswith(_TRASH) for one in folders):
        return True
    if any(folder == "CVS" and below in _CVS for folder, below in pairwise((*folders, name))):
        return True
    small = name.casefold()
    return small in _FILES or small.startswith(_BEGINNINGS)
