"""What is the file called that came? By its address, by the server, or by what was asked for in the query.

Content-Disposition: RFC 6266 (https://www.rfc-editor.org/rfc/rfc6266), parameters in RFC 8187.
"""

import contextlib
import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from functools import lru_cache
from mimetypes import MimeTypes
from pathlib import PurePosixPath
from urllib.parse import parse_qsl, unquote, unquote_to_bytes, urlsplit

from biglam_pipeline.parsing.charsets import codec_of

_EXTENDED = re.compile(r";\s*filename\*\s*=\s*([\w-]+)'[^']*'([^;\s]+)", re.IGNORECASE)
_QUOTED = re.compile(r';\s*filename\s*=\s*"((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_TOKEN = re.compile(r";\s*filename\s*=\s*([^;\"\s][^;]*)", re.IGNORECASE)
_EXTENSION = re.compile(r"\.(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{1,10}")
# A program's extension is not that of what it answers: the languages of https://w3techs.com/technologies/overview/
# programming_language, and CGI (RFC 3875).
_PROGRAMS = re.compile(
    r"\.(php\d?|phtml|aspx?|ashx|asmx|axd|jspx?|jsf|do|action|cfml?|cgi|fcgi|pl|py|rb|dll|exe|nsf|lasso)", re.IGNORECASE
)
_LONGEST = 255
"""As file systems have it (NAME_MAX, https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/limits.h.html)."""
_REGISTERED = MimeTypes(filenames=()).types_map[True]
"""The extensions of IANA's media types that Python knows, whatever this machine has beside."""
DATA_SUFFIX = re.compile(
    r"\.(zip|gz|tgz|bz2|xz|tar|7z|rar|xml|csv|tsv|json|jsonl|ndjson|txt|xlsx|parquet|mrc|marc|pica|pdf"
    r"|jpe?g|png|tiff?|jp2|gif|webp)"
)
"""Where one of these was asked for, a web page is no answer: data and archives as the Library of Congress lists them
(https://www.loc.gov/preservation/resources/rfs/data.html), MARC, what compresses them, JSON Lines and Parquet, and the
images of the IIIF Image API (3.0, 4.5).
"""


def name_of(url: str, disposition: str) -> str:
    """The name that the file of an address has beside the address's path; empty where the path says it well enough.

    disposition: the Content-Disposition header, or nothing.
    """
    if _says_what(unquote(urlsplit(url).path)):
        return ""
    said = _clean(disposition_name(disposition))
    return said if _says_what(said) else _clean(asked_for(url))


@lru_cache(maxsize=16)
def asked_for(url: str) -> str:
    """The name of a file in an address: the end of its path, or else what is asked for in its query.

    Of a query only what ends like a registered kind of file, for there may be keys and tokens in it too.
    """
    parts = urlsplit(url)
    path = unquote(parts.path)
    if _says_what(path):
        return path
    return next((value for _, value in parse_qsl(parts.query) if is_kind(PurePosixPath(value).suffix)), "")


def is_kind(suffix: str) -> bool:
    """Is it the extension of a kind of file that is known?"""
    return suffix.casefold() in _REGISTERED or bool(DATA_SUFFIX.fullmatch(suffix.casefold()))


def disposition_name(header: str) -> str:
    """The file name of a Content-Disposition header, or nothing; `filename*` before `filename` (RFC 6266, 4.3)."""
    text = f";{header.partition(';')[2]}"
    if (found := _EXTENDED.search(text)) and (codec := codec_of(found[1])):
        with contextlib.suppress(UnicodeError):
            return unquote_to_bytes(found[2]).decode(codec)
    if found := _QUOTED.search(text):
        return _words(re.sub(r"\\(.)", r"\1", found[1]))
    return _words(found[1].strip()) if (found := _TOKEN.search(text)) else ""


def _words(name: str) -> str:
    """As old servers have it: UTF-8 read as Latin-1 on its way, encoded words (RFC 2047), or percent escapes."""
    with contextlib.suppress(UnicodeError):
        name = name.encode("latin-1").decode("utf-8")
    if "=?" in name:
        try:
            return str(make_header(decode_header(name)))
        except (HeaderParseError, LookupError, UnicodeError):
            return name
    return unquote(name) if re.search(r"%[0-9A-Fa-f]{2}", name) else name


def _clean(name: str) -> str:
    """The last part of a path, as one name."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(letter for letter in last if letter.isprintable()).strip()[-_LONGEST:]


def _says_what(path: str) -> bool:
    """Has it an extension that says what the file is?"""
    suffix = PurePosixPath(path).suffix
    return bool(_EXTENSION.fullmatch(suffix)) and not _PROGRAMS.fullmatch(suffix)
