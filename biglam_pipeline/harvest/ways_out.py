"""What can be written instead of an address that is none, or of a kind that is not built yet."""

import re
from collections.abc import Iterable
from urllib.parse import unquote

from biglam_pipeline.settings import nearest

_FILES = "write the addresses of the files themselves, "
_COPY = "copy the files into a folder, and write file:FOLDER"
PLANNED = {
    "iiif+": "list the pictures' own addresses, https://..., or harvest the records by oai+https://...",
    "json+": "save the answers, one record a line, in a .jsonl file, and write file:FOLDER",
    "zenodo:": f"{_FILES}https://zenodo.org/records/NUMBER/files/NAME",
    "figshare:": f"{_FILES}https://ndownloader.figshare.com/files/NUMBER",
    "dataverse:": f"{_FILES}https://HOST/api/access/datafile/NUMBER",
    "github:": f"{_FILES}https://raw.githubusercontent.com/OWNER/NAME/BRANCH/PATH",
    "gitlab:": f"{_FILES}https://gitlab.com/OWNER/NAME/-/raw/BRANCH/PATH",
    "ia:": f"{_FILES}https://archive.org/download/ITEM/FILE",
    "hf:": f"{_FILES}https://huggingface.co/datasets/OWNER/NAME/resolve/main/PATH",
    "wikimedia:": f"{_FILES}https://upload.wikimedia.org/...",
    "s3://": f"write https://BUCKET.s3.amazonaws.com/KEY where the bucket is public; else {_COPY}",
    "ftp://": f"write https:// where the same server answers to that; else {_COPY}",
    "source:": "publish each source by itself, in an entry of its own",
}
"""How an address of the language begins that is not built -> what to write today."""
KEYS = {
    "mirrors": "leave it out, and set BIGLAM_REWRITE=from=to where the address has to be read from elsewhere",
    "since": "leave it out: what did not change is not fetched again",
    "next": "leave it out, and list the pages: https://...?page={1..9}",
    "total": "leave it out, and say how many rows are due in `expect: {rows: ...}`",
    "deletions": "leave it out: what a listing no longer offers is gone",
}
"""Key of a `harvest` block that is not built -> what to do today."""
BUILT = ("file:", "https://", "http://", "oai+https://", "oai+http://")
_LIKE_HTTP = ("https", "http", "oai+https", "oai+http")


def planned(address: str) -> str:
    """How the address begins, where that is in the language and not built; else nothing."""
    return next((prefix for prefix in PLANNED if address.startswith(prefix)), "")


def instead(text: str) -> str:
    """What was meant by a text that does not begin like an address; a sentence that ends in what to write."""
    if cured := _slip(text):
        return cured
    if found := re.match(r"([A-Za-z]):[\\/](.*)", text, re.DOTALL):
        path = found[2].replace("\\", "/")
        return (
            f"it is a path of Windows; write file: and the path that this machine has for it, such as "
            f"file:/mnt/{found[1].lower()}/{path} where its drive is mounted there"
        )
    if text.startswith("\\\\"):
        return "it is a folder of another machine in Windows' words; mount it, and write file:/THE/FOLDER"
    if doi := re.search(r"10\.\d{4,9}/\S+", text):
        return f"a DOI names a page; open https://doi.org/{doi[0]}, and write the addresses of the files that it offers"
    scheme, mark, rest = text.partition(":")
    if mark and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        return _of_scheme(scheme, rest)
    if text.startswith("~"):
        return f"a folder of this machine is written in full, from the first / on: file:/FOLDER{text[1:]}"
    if text.startswith("//"):
        return f"write https:{text}"
    host = re.match(r"[\w.-]+\.([A-Za-z]{2,})(?::\d+)?(?=/|$)", text)
    if text.startswith("www."):
        return f"write https://{text}"
    if host and "/" in text and host[1].lower() not in _EXTENSIONS:
        return f"on the web it is https://{text}; a folder of this machine is file:{text}"
    return f"a local folder is written file:FOLDER, here file:{text.replace(chr(92), '/')}"


def _slip(text: str) -> str:
    """What is meant by `<https://a.org/x>`, by an address in quotes of a word processor, or by `https;//a.org/x`."""
    inside = re.search(r"(?:oai\+)?https?://[^\s<>()\"'“”„‘’«»]+", text)
    if inside and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text):
        return f"it stands in marks of a text; write {inside[0]}"
    joined = re.match(r"((?:oai\+)?https?)[;,.|]?/{1,2}(?=\w)", text)
    return f"write {joined[1]}://{text[joined.end() :]}" if joined else ""


_EXTENSIONS = frozenset(("csv", "tsv", "tab", "jsonl", "ndjson", "xml", "zip", "tar", "gz", "txt", "json"))


def _of_scheme(scheme: str, rest: str) -> str:
    """What is meant by `htps://a.org/x`, `https:/a.org/x`, `HTTPS://a.org/x`, `oai:https://...` or `File:x`."""
    if rest.startswith(("https://", "http://")):  # oai:https://, oai-pmh:https://
        return f"write oai+{rest}" if "oai" in scheme.lower() else f"write {rest}"
    near = nearest(scheme, [*_LIKE_HTTP, "file"], 0.7)
    if near == "file":
        return f"write file:{unquote(rest)}"
    if near:
        return f"write {near}://{rest.lstrip('/')}"
    return f"write an address that begins with one of {_listed(BUILT)}; a local folder is written file:FOLDER"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
