"""Is a file METS or ALTO, and which files does it name? Told by its root, never by its name or media type."""

from mimetypes import MimeTypes

from biglam_pipeline.normalize.deliveries.containers import FILES_OF
from biglam_pipeline.normalize.deliveries.files import hrefs_of
from biglam_pipeline.parsing.inflate import Unreadable, open_plain, read_whole
from biglam_pipeline.parsing.xml.reading import read_xml, root_name
from biglam_pipeline.records import Item

ALTO = frozenset({"alto", "altox"})
"""Roots of a page, in any namespace or none: seven are in use. The Royal Danish Library published `altox`."""
_HEAD_BYTES = 1 << 16
_TYPES = MimeTypes(filenames=())  # the table that comes with Python, not that of the machine
_MEDIA = ("image/", "audio/", "video/", "font/")
_BINARY = frozenset(
    [
        ".jp2",
        ".jpx",
        ".jpf",
        ".jpm",
        ".j2k",
        ".j2c",
        ".jxl",
        ".tif",
        ".tiff",
        ".webp",
        ".heic",
        ".djvu",
        ".pdf",
        ".zip",
        ".tar",
        ".tgz",
        ".7z",
        ".rar",
        ".bz2",
        ".xz",
        ".zst",
        ".docx",
        ".xlsx",
        ".pptx",
        ".epub",
        ".warc",
        ".parquet",
        ".exe",
        ".iso",
    ]
)


def is_media(name: str) -> bool:
    """True for a name that says picture, sound, film, PDF or archive: its bytes are not looked at."""
    kind, _ = _TYPES.guess_type(name.lower())
    return bool(kind and kind.startswith(_MEDIA)) or any(name.lower().endswith(end) for end in _BINARY)


def root_of(item: Item) -> str:
    """The local name of a file's root in small letters, as its first 64 KB say; empty where it has none."""
    try:
        with open_plain(item) as stream:
            head = stream.read(_HEAD_BYTES)
    except Unreadable:
        return ""
    return root_of_bytes(head)


def root_of_bytes(head: bytes) -> str:
    """The same of bytes; what a server printed before the document is passed over."""
    return root_name(head).lower()


def is_answer(root: str, container: str) -> bool:
    """Whether a file of this root is an answer of OAI-PMH in which containers stand: of DIDL, as the KB has them."""
    return container == "didl" and root == "oai-pmh"


def outline_of(item: Item, container: str) -> tuple[str, ...] | None:
    """The addresses that a container names; none of an ALTO page; None for a file that is neither.

    container: its root's local name, `mets` or `didl`.
    """
    root = root_of(item)
    if root in ALTO or is_answer(root, container):
        return ()
    if root != container:
        return None
    try:
        return hrefs_of(FILES_OF[container](read_xml(read_whole(item), item.media_type).root))
    except Unreadable:
        return ()  # it is one, and becomes a Reject where it is read
