"""The table of known rights statements, looked up by address, by id and by label.

The rows are in rights.csv, and its column `source` says where each was found: the twelve statements at
https://rightsstatements.org/page/1.0/, the licences at https://creativecommons.org/licenses/, those of governments on
their own pages, codes and standing sentences in the records of catalogues and aggregators. What it does not have is
read word by word, and an address that it does not have is unknown.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib import resources


@dataclass(frozen=True, slots=True)
class Statement:
    """One recognised rights statement, or the finding that there is none."""

    uri: str | None
    """Canonical: http, no www, lower-case Creative Commons path, trailing slash. None for a claim in prose."""
    tier: str
    """One of `tiers.TIERS`."""
    name: str
    """For people: "CC Attribution 4.0 International"."""
    hf_license: str
    """The Hub's id, "other", or "" where this statement alone never allows publication."""
    license_name: str = ""
    """Beside "other": an id such as "noc-us-1.0"."""
    license_link: str = ""
    """Where the terms are explained."""
    attribution: bool = False
    """Is credit a condition?"""
    share_alike: bool = False
    problem: str = ""
    """Why a person should look: not understood, version missing, statements that disagree."""
    unread: tuple[str, ...] = ()
    """The words that were not understood, in their order."""
    read_by: tuple[str, ...] = ()
    """The keys of `statements:`, as they are written there, by which a person read this value."""
    until: date | None = None
    """The last day of an embargo that the value names; it opens nothing by itself."""

    @property
    def rights_name(self) -> str:
        """The licence's id, or the claim's name, by which `recognise` knows it again; empty where it has none."""
        if self.license_name:
            return self.license_name
        if self.hf_license not in ("", "other"):
            return self.hf_license
        known = _RIGHTS_STATEMENT.match(self.uri or "")
        return f"{known[1]}-1.0".lower() if known else ""

    @property
    def family(self) -> str:
        """The licence without version and port: "cc-by-nc" of "cc-by-nc-2.0-fr"."""
        return _VERSION.split(self.license_name or self.hf_license, maxsplit=1)[0]


CLAIMED = Statement(None, "pd-claim", "Public domain, as claimed", "other", "public-domain-claimed")

_VERSION = re.compile(r"-(?=[0-9]|unversioned)")
_DASHES = re.compile(r"[\u2010-\u2015\u2212_-]+")
_RIGHTS_STATEMENT = re.compile(r"^http://rightsstatements\.org/vocab/([^/]+)/1\.0/$")
_PORTS = re.compile(r"^regex:\^(?P<base>.+)/\((?P<jurisdictions>[a-z|]+)\)/\$$")


def uri_key(uri: str) -> str:
    """An address without what varies: scheme, www, case, closing slash or .html."""
    bare = re.sub(r"^[a-z]*:?//(www\.)?", "", uri.strip().casefold())
    return bare.rstrip("/").removesuffix(".html").rstrip("/")


def word_key(words: str) -> str:
    """A label or id without what varies: case, spacing, kind of dash, closing punctuation."""
    plain = _DASHES.sub(" ", unicodedata.normalize("NFKC", words).casefold())
    return " ".join(plain.split()).strip(" .,;:")


def _link(uri: str) -> str:
    statement = _RIGHTS_STATEMENT.match(uri)
    if statement:
        return f"https://rightsstatements.org/page/{statement[1]}/1.0/"
    return uri.replace("http://creativecommons.org", "https://creativecommons.org")


def _link_of_family(license_name: str) -> str:
    return "https://creativecommons.org/licenses/" if license_name.startswith("cc-by") else ""


def _statement(row: Mapping[str, str], uri: str | None) -> Statement:
    hub, _, license_name = row["hf_license"].partition(":")
    blocked = hub == "block"
    return Statement(
        uri=uri,
        tier=row["tier"],
        name=row["name"],
        hf_license="" if blocked else hub,
        license_name=license_name,
        license_link=_link(uri) if uri else _link_of_family(license_name),
        attribution=row["attribution"] == "yes",
        share_alike=row["share_alike"] == "yes",
        problem="version missing" if license_name.endswith("-unversioned") else "",
    )


def _ports(row: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """One row for each jurisdiction of a `regex:` row: {uri_or_pattern, name, hf_license, ...}."""
    matched = _PORTS.match(row["uri_or_pattern"])
    assert matched is not None, row["uri_or_pattern"]
    base = matched["base"].replace("\\", "")
    family = row["name"].partition(" ported ")[0]
    for jurisdiction in matched["jurisdictions"].split("|"):
        yield {
            **row,
            "uri_or_pattern": f"{base}/{jurisdiction}/",
            "name": f"{family} {jurisdiction.upper()}",
            "hf_license": row["hf_license"].replace("<jurisdiction>", jurisdiction),
        }


def _words_of(row: Mapping[str, str], statement: Statement) -> Iterator[str]:
    """The ids and labels by which a licence is named."""
    yield statement.license_name or statement.hf_license
    yield row["spdx"]
    yield row["name"]
    if statement.uri is None:
        yield row["uri_or_pattern"].removeprefix("name:")
        return
    known = _RIGHTS_STATEMENT.match(statement.uri)
    if known:
        yield from (known[1], f"{known[1]} 1.0", f"RS {known[1]}", f"LicenseRef-RS-{known[1]}")


def _read() -> list[dict[str, str]]:
    text = resources.files("biglam_pipeline.rights").joinpath("rights.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


class _Table:
    def __init__(self) -> None:
        self.by_uri: dict[str, Statement] = {}
        self.by_word: dict[str, Statement] = {}
        later = []
        for row in _read():
            kind = row["uri_or_pattern"].partition(":")[0]
            if kind == "regex":
                for port in _ports(row):
                    self._add_license(port)
            elif kind in ("alias", "text", "code"):
                later.append((kind, row))
            else:
                self._add_license(row)
        self.by_word.setdefault(word_key(CLAIMED.license_name), CLAIMED)
        for kind, row in later:  # they point at the rows above
            self._add_pointer(kind, row)
        self.by_word.pop("", None)

    def _add_license(self, row: Mapping[str, str]) -> None:
        pattern = row["uri_or_pattern"]
        statement = _statement(row, None if pattern.startswith("name:") else pattern)
        if statement.uri:
            self.by_uri.setdefault(uri_key(statement.uri), statement)
        for words in _words_of(row, statement):
            self.by_word.setdefault(word_key(words), statement)

    def _add_pointer(self, kind: str, row: Mapping[str, str]) -> None:
        named: Statement | None
        words = row["uri_or_pattern"].removeprefix(f"{kind}:")
        if kind == "alias":
            named = self.by_uri.get(uri_key(row["name"])) or self.by_word[word_key(row["name"])]
            self.by_uri[uri_key(words)] = named
        elif kind == "text":
            self.by_word.setdefault(word_key(words), self._claim(row))
        else:
            named = self.by_word.get(word_key(row["hf_license"].removeprefix("other:")))
            statement = named or _statement(row, None)
            self.by_word[word_key(words)] = self.by_word[word_key(f"code:{words}")] = statement
            if named is None and statement.license_name:  # cc-by-unversioned, us-government-work
                self.by_word[word_key(statement.license_name)] = statement

    def _claim(self, row: Mapping[str, str]) -> Statement:
        """A sentence is a claim, not a statement with an address; it borrows the link that explains it."""
        statement = _statement(row, None)
        named = self.by_word.get(word_key(statement.license_name or "?"))
        return replace(statement, license_link=named.license_link if named else "")


_TABLE = _Table()
BY_URI: Mapping[str, Statement] = _TABLE.by_uri
"""`uri_key` -> statement."""
BY_WORD: Mapping[str, Statement] = _TABLE.by_word
"""`word_key` of an id, a label, a catalogue's sentence or a `scheme:code` -> statement."""


def nothing(problem: str) -> Statement:
    """No statement was found; why."""
    return Statement(None, "unknown", "Not stated", "", problem=problem)
