"""Writes docs/formats.md: what became of the files of real institutions, reader by reader.

`python -m biglam_pipeline_tests.real_formats` writes the page from the goldens, `--check` fails where it is stale;
`--read` reads the files first and writes the goldens. They are reviewed before they are kept: a digest that changed is
rows that changed. The files themselves are not in the repository: BIGLAM_REAL_DATA says where they lie.
"""

import dataclasses
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from biglam_pipeline.normalize.accounting import Account, Accounts
from biglam_pipeline.parsing import counted
from biglam_pipeline.records import Bundle, Deleted, Item, Read, Record, Reject, Unmapped
from biglam_pipeline_tests.normalize.bundles import REAL, item, laid_out, reader

TESTS = Path(__file__).parent
GOLDENS = TESTS / "goldens" / "formats.json"
PAGE = TESTS.parent / "docs" / "formats.md"
_SHOWN = 12
"""So many unread fields are named."""


@dataclass(frozen=True, slots=True)
class Case:
    """Some files, and how they are read."""

    type: str
    files: str
    """A folder of the real files, or one file."""
    block: dict[str, Any]
    """The keys of `normalize`, without `type`."""
    note: str = ""
    """What is to be said of them."""

    @property
    def name(self) -> str:
        """As the goldens have it."""
        said = ", ".join(
            f"{key}: {value}" for key, value in self.block.items() if key in ("rows", "dialect", "heading")
        )
        return f"{self.type} of {self.files}" + (f" ({said})" if said else "")


def _table(file: str, column: str) -> Case:
    return Case("table", file, {"map": {"title": column}})


CASES = (
    _table("csv/bl-books-genre/annotations.csv", "title"),
    _table("csv/htr-united-statistics/statistics.csv", "title"),
    _table("museum/moma/Artists.csv", "DisplayName"),
    _table("museum/tate/artist_data.csv", "name"),
    _table("museum/nga-opendata/constituents.csv", "preferreddisplayname"),
    _table("museum/nga-opendata/objects_historical_data.csv", "forwardtext"),
    _table("museum/nga-opendata/locations.csv", "description"),
    Case(
        "oai_dc",
        "oai-pmh",
        {},
        "made-up pages of the tests of sickle and others are among them, some broken on purpose",
    ),
    Case("oai_dc", "aggregator-records", {}, "records of many formats: what is no Dublin Core is a reject"),
    Case("mods", "mods", {}),
    Case("edm", "edm", {}),
    Case("marc", "marc", {}, "pymarc's own test files are among them, some broken on purpose"),
    Case("xml", "lido", {}),
    Case("xml", "ead", {"rows": "//c"}, "EAD without a tree of components has none"),
    Case("xml", "tei", {"rows": "//p"}),
    Case("tei", "tei", {}),
    Case("tei", "tei", {"rows": "page"}),
    Case("mets_alto", "alto", {}),
    Case("mets_alto", "mets-alto", {"rows": "page"}),
    Case("mets_alto", "mets-alto", {"rows": "article"}),
    Case("mets_alto", "mets-alto", {"rows": "issue"}),
    Case("mets_alto", "mets", {}, "METS without their pages: each page is missing"),
    Case("page_xml", "page-xml", {}),
    Case("page_xml", "page-xml", {"rows": "line"}),
    Case("hocr", "hocr", {}),
    Case("hocr", "hocr", {"rows": "line"}),
    Case("text", "gutenberg", {}),
    Case("text", "gutenberg", {"rows": "chapter", "heading": "^CHAPTER"}),
    Case("iiif", "iiif", {}, "the errors of the IIIF validator's own tests are among them"),
    Case("json", "museum", {"map": {"title": "title"}, "modality": "metadata"}),
    Case("coco", "coco", {}),
    Case("annotations", "ner", {"columns": ["token", "ner"]}),
    Case("annotations", "brat", {"dialect": "brat"}),
    Case("images", "images", {}),
    Case("mets", "mets", {}),
    Case("mets", "oai-pmh/ocrd-oai-mets", {}),
    Case("didl", "mets-alto/kb-delpher-18131116", {}),
    Case("didl", "mets-alto/kb-delpher-18131116", {"rows": "article"}),
    Case("abbyy", "mets-alto/bcul-FAL-17621207", {}),
    Case("ead", "ead", {}),
    Case("lido", "lido", {}),
    Case("warc", "warc", {}),
    Case("pica", "marc/metafacture-dnb/metafacture-runner/src/main/dist/examples/read/pica", {}),
)


def files_of(case: Case) -> dict[str, Item]:
    """The files, by their names below the folder of all real files."""
    there = REAL / case.files
    paths = [there] if there.is_file() else sorted(one for one in there.rglob("*") if one.is_file())
    names = {path.relative_to(REAL).as_posix(): path for path in paths if path.name != "README.md"}
    return {name: item(name, path.read_bytes()) for name, path in names.items()}


@contextmanager
def _all_counted() -> Iterator[None]:
    """No sample is taken of what is dear to count."""
    before, counted.EVERY = counted.EVERY, 1
    try:
        yield
    finally:
        counted.EVERY = before


def read_case(case: Case) -> dict[str, Any]:
    """What came of it, as the goldens have it."""
    with _all_counted():
        return _read(case)


def _read(case: Case) -> dict[str, Any]:
    made, items = reader(type=case.type, **case.block), files_of(case)
    found, accounts, tried = list[Read](), Accounts(made), 0
    for name, names in laid_out(made, items).items():
        bundle, account = Bundle(name, tuple(items[one] for one in names)), Account()
        found += made.read(bundle, {}, account=account)
        accounts.settle(bundle, account)
        tried += len(names)
    unread = Counter[str]()
    for one in found:
        unread.update(one.filled if isinstance(one, Unmapped) else {})
    return {
        "files": tried,
        "rows": sum(isinstance(one, Record) for one in found),
        "deleted": sum(isinstance(one, Deleted) for one in found),
        "rejects": dict(sorted(Counter(one.reason for one in found if isinstance(one, Reject)).items())),
        "unread": dict(sorted(unread.items(), key=lambda one: (-one[1], one[0]))[:_SHOWN]),
        "unread_names": len(unread),
        "counted": accounts.counts,
        "digest": digest_of(found),
    }


def digest_of(found: Sequence[Read]) -> str:
    """Of all records, tombstones and rejects in order, with everything that they hold."""

    def plain(value: object) -> str:
        return value.hex() if isinstance(value, bytes) else str(value)

    digest = hashlib.sha256()
    for one in found:
        if isinstance(one, Record | Deleted | Reject):
            # What a tombstone or a reject may say and does not, changes no digest.
            may_lack = {Record: ("whole",), Deleted: ("reason",), Reject: ("source_record_id", "datestamp")}
            optional = may_lack.get(type(one), ())
            held = {name: value for name, value in dataclasses.asdict(one).items() if value or name not in optional}
            said = [type(one).__name__, held]
            digest.update(json.dumps(said, default=plain, sort_keys=True).encode())
    return digest.hexdigest()[:16]


# --- the page ---

_HEAD = """# What became of real files

Made by `python -m biglam_pipeline_tests.real_formats` from goldens, which were read with `--read`; a test holds that
page, goldens and readers agree. The files are of real institutions, and test files of other programs; folders are those
of the real data that tests read in place. Rows are records as the reader gives them, before what `where`, duplicates
and rights leave. A field is unread where the reader does not fill a column from it by itself and the entry maps
nothing. The second count is that of [0063](decisions/0063-everything-is-accounted-for.md), here of every bundle:
"found" is what came of the bundles that have one, rejects of whole files included.
"""


def page(goldens: Mapping[str, Mapping[str, Any]]) -> str:
    """The page. KeyError where a case has no golden."""
    return "\n".join((_HEAD, *_table_of(goldens), "", "## Unread fields", "", *_unread_of(goldens), *_notes())) + "\n"


def _table_of(goldens: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "| Reader | Files | Tried | Rows | Deleted | Rejects by reason | Second count |"
    yield "| --- | --- | ---: | ---: | ---: | --- | --- |"
    for case in CASES:
        one = goldens[case.name]
        rejects = ", ".join(f"{reason} {count:,}" for reason, count in one["rejects"].items()) or "none"
        cells = (f"{one['files']:,}", f"{one['rows']:,}", f"{one['deleted']:,}", rejects, _counted(one["counted"]))
        yield f"| `{case.name.partition(' of ')[0]}` | {case.name.partition(' of ')[2]} | {' | '.join(cells)} |"


def _counted(counts: Mapping[str, int]) -> str:
    if not counts["bundles"]:
        return "none"
    behind = f"; {counts['behind']:,} behind whole files that are rejects" if counts["ended"] else ""
    return f"{counts['found']:,} found, {counts['expected']:,} expected{behind}"


def _unread_of(goldens: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for case in CASES:
        one = goldens[case.name]
        if one["unread"]:
            more = f" and {one['unread_names'] - len(one['unread']):,} more" * (
                one["unread_names"] > len(one["unread"])
            )
            named = ", ".join(f"`{_plain(name)}` {times:,}" for name, times in one["unread"].items())
            yield f"- {case.name}: {named}{more}."


def _plain(name: str) -> str:
    return name.replace("`", "'").replace("|", "/")


def _notes() -> Iterator[str]:
    yield from ("", "## What is to be known of the files", "")
    yield from (f"- {case.name}: {case.note}." for case in CASES if case.note)


def kept() -> dict[str, Any]:
    """The goldens."""
    found: dict[str, Any] = json.loads(GOLDENS.read_text(encoding="utf-8"))
    return found


def main(arguments: Sequence[str]) -> int:
    """1 where the page is stale."""
    if "--read" in arguments:
        GOLDENS.parent.mkdir(exist_ok=True)
        read = {case.name: read_case(case) for case in CASES}
        GOLDENS.write_text(json.dumps(read, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    made = page(kept())
    if "--check" in arguments:
        stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != made
        if stale:
            sys.stdout.write(f"{PAGE.name} is stale; python -m {__spec__.name if __spec__ else __name__}\n")
        return int(stale)
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
