"""What can be written instead of an address that is none."""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from biglam_pipeline.settings import nearest


def instead(text: str, beginnings: Iterable[str]) -> str:
    """What was meant by a text that does not begin like an address; a sentence that ends in what to write.

    beginnings: how the addresses begin that can be harvested.
    """
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
        return _of_scheme(scheme, rest, list(beginnings))
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
    inside = re.search(r"(?:[a-z]+\+)?https?://[^\s<>()\"'“”„‘’«»]+", text)
    if inside and not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text):
        return f"it stands in marks of a text; write {inside[0]}"
    joined = re.match(r"((?:[a-z]+\+)?https?)[;,.|]?/{1,2}(?=\w)", text)
    return f"write {joined[1]}://{text[joined.end() :]}" if joined else ""


_EXTENSIONS = frozenset(("csv", "tsv", "tab", "jsonl", "ndjson", "xml", "zip", "tar", "gz", "txt", "json"))


def _of_scheme(scheme: str, rest: str, beginnings: Sequence[str]) -> str:
    """What is meant by `htps://a.org/x`, `https:/a.org/x`, `HTTPS://a.org/x`, `oai:https://...` or `File:x`."""
    if rest.startswith(("https://", "http://")):  # oai:https://, oai-pmh:https://
        before = [one.partition("+")[0] for one in beginnings if "+" in one]
        return f"write {next((f'{one}+' for one in before if one in scheme.lower()), '')}{rest}"
    words = {one.removesuffix("://").removesuffix(":"): one for one in beginnings}
    near = nearest(scheme, words, 0.7)
    if near:
        return f"write {words[near]}{rest.lstrip('/') if words[near].endswith('//') else unquote(rest)}"
    return f"write an address that begins with one of {', '.join(beginnings)}; a local folder is written file:FOLDER"
