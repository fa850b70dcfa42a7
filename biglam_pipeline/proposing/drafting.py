"""From a first look to an entry: the reader, what its records hold, what goes where, what a person must say."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from biglam_pipeline.errors import ConfigError
from biglam_pipeline.harvest.harvester import OfFiles
from biglam_pipeline.inputs import readings_of
from biglam_pipeline.language import not_built
from biglam_pipeline.normalize.files import Files, files_of
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.sampling import Sample, sample_harvest
from biglam_pipeline.normalize.ways_out import BUILT, OWED
from biglam_pipeline.parsing.xml.searching import last_text, repeated_way
from biglam_pipeline.proposing.choosing import PICTURES, choose_files, extension
from biglam_pipeline.proposing.contents import HEAD_BYTES, JSON_LINES, Kind, kind_of, text_at
from biglam_pipeline.proposing.labelled import dialect_of, is_coco
from biglam_pipeline.proposing.looking import Look
from biglam_pipeline.proposing.mapping import Proposal, propose
from biglam_pipeline.proposing.opening import first_bytes
from biglam_pipeline.proposing.rows_of import document_of, rows_of
from biglam_pipeline.proposing.surveying import Survey, survey_fields
from biglam_pipeline.proposing.tables_of import tables_of
from biglam_pipeline.proposing.writing import Entry, write_entry
from biglam_pipeline.source import Source, load_sources
from biglam_pipeline.store import disk

NOT_EVALUATED = "CNE-1.0"
"""Copyright Not Evaluated (https://rightsstatements.org/page/CNE/1.0/): what is true of a draft, and opens nothing."""


_TOO_LARGE = "; write the entry by hand, and see its fields with `biglam columns NAME`"
_NO_TITLE = re.compile(r"(?:Index|Directory|Parent|Home|Untitled|Document|Listing)\b", re.IGNORECASE)
"""How servers head what they list, and programs what nobody has named."""


@dataclass(slots=True)
class Draft:
    """An entry that can be harvested and read, and what was seen for it."""

    entry: Entry
    text: str
    """As YAML, below `sources:`."""
    look: Look
    survey: Survey
    proposal: Proposal
    reader: str
    source: Source | None = None
    faults: Sequence[str] = ()
    """Why the language refuses it; none as a rule."""
    sample: Sample | None = None
    rights: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Statement as the rows have it -> how many, and its tier."""


def draft_entry(look: Look, names: Sequence[str], rows: int, scratch: Path, said: Mapping[str, Any]) -> Draft:
    """names: of entries that there are; rows: to be previewed; said: keys that somebody said already, as a form does.

    ConfigError where what came is read by nothing, with what to do today.
    """
    files = files_of(look.raw, look.raw.objects(look.harvest.number))
    if not len(files):
        lost = [f"{one['detail']}{_TOO_LARGE * (one['reason'] == 'too_large')}" for one in look.harvest.missing]
        raise ConfigError(*(lost or [f"{look.address.written}: nothing came; open it in a browser"]))
    kind, name, pattern = _kind_of(look, files)
    block = _block(look, files, kind, name, pattern)
    reader = _reader(block)
    survey = survey_fields(reader.as_joined(), look.raw, files)
    proposal = Proposal() if reader.hears_rights or reader.shows_pictures else _checked(propose(survey), block)
    if kind.word == "table" and survey.fields and not any(map(_is_name, survey.fields)):
        look.notes.append(
            "the first line is taken for the names of columns, and none is a word; where it is a row like the others, "
            "write their names under `normalize`: header: [NAME, NAME, ...]"
        )
    entry = _entry(look, names, block, reader, proposal, said)
    draft = Draft(entry, write_entry(entry), look, survey, proposal, reader.type)
    _try(draft, rows, scratch)
    if draft.faults and proposal.rights:  # a name that means something else where rights are read
        look.notes.append(f"`{proposal.rights}` looks like rights, and cannot be named there: {draft.faults[0]}")
        draft.entry.keys["rights"], proposal.rights = {"license": NOT_EVALUATED}, ""
        draft.text = write_entry(entry)
        _try(draft, rows, scratch)
    return draft


def _is_name(column: str) -> bool:
    """Has it letters, other than those of a column that had no name?"""
    return any(map(str.isalpha, re.sub(r"^column_\d+$", "", column)))


def _kind_of(look: Look, files: Files) -> tuple[Kind, str, str]:
    """What the data are, the file that says so, and the pattern that chooses them among what came."""
    every = [*files]
    chosen = choose_files(every)
    names = list(chosen.names) or every
    kind = kind_of(first_bytes(look.raw, files, names[0], HEAD_BYTES), names[0])
    look.notes += [] if look.notes else chosen.notes
    if kind.word in BUILT or kind.word == "jsonl":
        return kind, names[0], chosen.pattern
    what = f"{look.address.written}: {names[0]} is {kind.said}"
    if kind.word in OWED:
        raise ConfigError(f"{what}; {not_built(f'the reader `{kind.word}`', OWED[kind.word].instead)}")
    if kind.word == "page":
        raise ConfigError(f"{what}, where data was due: a wall, or the file has moved; open it in a browser")
    raise ConfigError(f"{what}, which nothing reads; write the address of a table, of JSON, XML or pictures")


def _block(look: Look, files: Files, kind: Kind, name: str, pattern: str) -> dict[str, Any]:
    block: dict[str, Any] = {"type": kind.word}
    if kind.word == "jsonl":  # a table is read so by its name alone
        block["type"] = "table" if PurePosixPath(name).suffix.casefold() in JSON_LINES else "json"
    if isinstance(look.harvester, OfFiles) and pattern and look.harvest.objects > 1 and "#" not in look.address.written:
        look.address.written += f"#{pattern}"
    elif pattern and len(files) > 1 and "#" not in look.address.written and block["type"] in ("table", "json"):
        block["files"] = pattern
    if not _reader(block).takes(name):
        block["files"] = f"*{PurePosixPath(name).suffix}" if PurePosixPath(name).suffix else "*"
    if several := tables_of(_reader(block), look.raw, files, name):
        block["table"] = several[0]
        beside = ", ".join(several[1:6]) + (" and more" if len(several) > 6 else "")
        look.notes.append(
            f"{name} holds {len(several)} tables; only {several[0]!r} is taken here, so write a READ, or an entry, for "
            f"each that belongs to it: {beside}"
        )
    if kind.word == "annotations":
        block |= dialect_of(text_at(first_bytes(look.raw, files, name, HEAD_BYTES)), name) or {}
        block["files"] = f"*{PurePosixPath(name).suffix}" if PurePosixPath(name).suffix else "*"
    if kind.word == "json":
        body = document_of(look.raw, files, name)
        if is_coco(body):
            return block | {"type": "coco", **_pictures_beside(look, files)}
        block |= rows_of(body)
    elif kind.word == "xml" and (way := repeated_way(first_bytes(look.raw, files, name, HEAD_BYTES))):
        block["rows"] = way
    return block


def _pictures_beside(look: Look, files: Files) -> dict[str, Any]:
    """`with`, where the pictures that people marked came in the same archive; the most frequent kind of them."""
    kinds = Counter(PurePosixPath(name).suffix for name in files if extension(name) in PICTURES)
    if look.harvest.objects > 1 or not kinds:
        return {}
    [(suffix, _)] = kinds.most_common(1)
    return {"with": {"image": {"files": f"*{suffix}", "by": {"$picture": "$name"}}}}


def _reader(block: Mapping[str, Any]) -> Reader:
    return BUILT[block["type"]](**block)


def _checked(found: Proposal, block: Mapping[str, Any]) -> Proposal:
    """Without what the language refuses: a column whose name it takes for something else."""
    for places in (found.map, found.identifiers):
        for column, value in list(places.items()):
            inside = {column: value} if places is found.map else {"identifiers": {column: value}}
            if not _accepts({**block, "map": inside}):
                places.pop(column)
    found.extra = [name for name in found.extra if _accepts({**block, "map": {"extra": [name]}})]
    return found


def _accepts(block: Mapping[str, Any]) -> bool:
    try:
        reader = _reader({name: value for name, value in block.items() if name != "map"} | {"map": block["map"]})
    except ValueError:
        return False
    return bool(reader.mapped_values)


def _entry(
    look: Look,
    names: Sequence[str],
    block: dict[str, Any],
    reader: Reader,
    proposal: Proposal,
    said: Mapping[str, Any],
) -> Entry:
    mapped: dict[str, Any] = dict(proposal.map)
    if proposal.identifiers:
        mapped["identifiers"] = dict(proposal.identifiers)
    if proposal.extra:
        mapped["extra"] = list(proposal.extra)
    if mapped:
        block = {**block, "map": mapped}
    title = _title(look)
    rights: dict[str, Any] = {"license": NOT_EVALUATED}
    if reader.hears_rights and not reader.shows_pictures:
        rights = {"from": "$rights"}
    elif proposal.rights:
        rights = {"from": proposal.rights}
    keys: dict[str, Any] = {
        "title": title or "TODO: the collection's title, as people know it",
        "custodian": _custodian(look) or "TODO: the institution that keeps the originals",
        "harvest": look.address.written,
        "normalize": block,
        "rights": rights,
        "status": "candidate",
        "verified": "false",
        **said,
    }
    return Entry(_name(look, keys["title"], names), keys, page=look.address.page)


def _title(look: Look) -> str:
    told = next((one for url, data in look.answers.items() if "verb=Identify" in url and (one := _of_server(data))), "")
    shown = look.address.title
    return told or ("" if _NO_TITLE.match(shown) else shown)


def _of_server(data: bytes) -> str:
    return last_text(data, "repositoryName")


def _custodian(look: Look) -> str:
    return _title(look) if look.protocol == "oai_pmh" else ""


def _name(look: Look, title: str, names: Sequence[str]) -> str:
    """From the title, else from the address; another than those that there are."""
    front, _, pattern = look.address.written.partition("#")
    last = PurePosixPath(unquote(urlsplit(front).path) or front).name or urlsplit(front.partition("+")[2]).netloc
    words = title if not title.startswith("TODO") else PurePosixPath(last.rpartition(":")[2] or pattern).stem
    slug = re.sub(r"[^a-z0-9]+", "_", words.casefold()).strip("_")[:48].strip("_")
    slug = slug if re.match(r"[a-z]", slug) else f"source_{slug}".strip("_")
    found, number = slug, 1
    while found in names or found.replace("-", "_") in {one.replace("-", "_") for one in names}:
        number += 1
        found = f"{slug}_{number}"
    return found


def _try(draft: Draft, rows: int, scratch: Path) -> None:
    """Loads the draft as it is written, and reads the first rows by it."""
    path = scratch / "draft.yaml"
    disk.put_whole(path, f"sources:\n{draft.text}".encode())
    catalog = load_sources([path])
    draft.faults = [fault for faults in catalog.faults.values() for fault in faults]
    draft.source = catalog.sources.get(draft.entry.name)
    if draft.source is None:
        return
    draft.sample = sample_harvest(readings_of(draft.source), draft.look.raw, draft.look.harvest, rows)
    for row in (row for one in draft.sample.each for row in one.rows):
        for statement in row["rights_raw"] or row["object_rights_raw"] or ():
            count = draft.rights.get(statement, (0, ""))[0]
            draft.rights[statement] = (count + 1, row["rights_tier"])
