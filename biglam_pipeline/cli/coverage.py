"""How far the collections that are known can be said, harvested and read today: the tables of docs/coverage.md.

`candidates/inventory.csv` lists them: `list` is biglam (the datasets of the organisation on the Hub) or further,
`entry` the name of the entry where it is another one; what has none says its custodian, and why it cannot be said. All
else is found out by loading the entries: those of sources.yaml, and those of candidates/, which wait for a reader or a
protocol.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from biglam_pipeline.publish.marks import table
from biglam_pipeline.source import load_sources
from biglam_pipeline.source.cutting import cut
from biglam_pipeline.source.rights import Rights
from biglam_pipeline.source.yaml_text import parse
from biglam_pipeline.store import disk

ROOT = Path(__file__).parents[2]
FRONT = ROOT / "sources.yaml"
CANDIDATES = ROOT / "candidates"
INVENTORY = CANDIDATES / "inventory.csv"
NOT_BUILT = re.compile(
    r"^[^:]+:\d+: [\w-]+\.(?P<block>\w+)[^:]*: .*?`?(?P<what>[^\s`]+)`? is in the language but not built yet"
)
"""A fault that only time mends: the block of the entry that has it, and what is not built."""
List = Literal["biglam", "further"]


class Entry(NamedTuple):
    """What an entry says of itself."""

    file: str
    """From the root of the repository on."""
    custodian: str
    licence: str
    """As it is written; "each record" where each says its own and a page says so; empty where nobody has read it."""
    lacks: tuple[tuple[str, str], ...] = ()
    """(block, what is not built) of each fault."""
    wrong: tuple[str, ...] = ()
    """Faults of any other kind."""

    @property
    def sayable(self) -> bool:
        """Whether nothing is wrong with it but that something is not built."""
        return not self.wrong

    def missing(self, *blocks: str) -> list[str]:
        """What is not built, of these blocks."""
        return sorted({what for block, what in self.lacks if block in blocks})


class Known(NamedTuple):
    """A collection that is known."""

    list: str
    name: str
    custodian: str
    why: str
    """Why it cannot be said; empty where there is an entry."""
    entry_name: str
    entry: Entry | None


def entries() -> dict[str, Entry]:
    """Every entry by its name, of sources.yaml with what it includes, and of candidates/."""
    catalog = load_sources([FRONT])
    found = {
        name: Entry(_place(Path(source.file)), source.custodian, _licence(source.rights))
        for name, source in catalog.sources.items()
    }
    return found | waiting()


def waiting() -> dict[str, Entry]:
    """Those of candidates/: each lacks something, and nothing else is wrong with it."""
    files = sorted(CANDIDATES.glob("*.yaml"))
    catalog = load_sources(files)
    found = {}
    for path in files:
        for chunk in cut(disk.read_file(path).decode())[0]:
            said = parse(chunk).data
            if not isinstance(said, dict):
                continue
            lacks, wrong = [], []
            for fault in catalog.faults.get(chunk.name, ("nothing is missing any more; move it into sources/",)):
                known = NOT_BUILT.match(fault)
                lacks += [(known["block"], known["what"])] if known else []
                wrong += [] if known else [fault]
            licence = "" if wrong else _licence([Rights.model_validate(said["rights"])])
            found[chunk.name] = Entry(_place(path), str(said.get("custodian", "")), licence, tuple(lacks), tuple(wrong))
    return found


def _place(path: Path) -> str:
    return path.resolve().relative_to(ROOT).as_posix()


def _licence(layers: Sequence[Rights]) -> str:
    """The layers' licences. What no page is named for is not known."""
    return ", ".join(layer.license or "each record" for layer in layers if layer.evidence)


@cache
def known() -> tuple[Known, ...]:
    """Every collection of the inventory, in its order. A slip in an entry is said in its line, and stops no other."""
    found, lines = entries(), disk.read_file(INVENTORY).decode().splitlines()
    rows = []
    for row in csv.DictReader(lines):
        name = row["entry"] or row["name"]
        entry = None if row["why"] else found.get(name)
        why = row["why"] or ("" if entry and entry.sayable else f"its entry is faulty, see `biglam check {name}`")
        custodian = entry.custodian if entry else row["custodian"]
        rows.append(Known(row["list"], row["name"], custodian, why, name, None if why else entry))
    return tuple(rows)


def counts() -> str:
    """How many can be said, harvested, read, and of how many the licence is known."""
    sentences = []
    for which, called in (("biglam", "datasets of BigLAM"), ("further", "further collections")):
        rows = [one for one in known() if one.list == which]
        said = [one.entry for one in rows if one.entry is not None]
        harvested = [one for one in said if not one.missing("harvest")]
        read = [one for one in said if not one.missing("normalize")]
        both = [one for one in harvested if one in read]
        licences = [one for one in said if one.licence]
        sentences.append(
            f"Of {len(rows)} {called}, {len(said)} can be said, {len(harvested)} of these be harvested, {len(read)} be "
            f"read, {len(both)} both; of {len(licences)} the licence is known."
        )
    return "\n".join(sentences)


def coverage(which: List) -> str:
    """The table of one list."""
    heads = ("Dataset", "Custodian", "Sayable", "Harvestable", "Readable", "Licence", "Tried")
    return table(heads, [tuple(_row(one)) for one in known() if one.list == which])


def _row(one: Known) -> Iterator[str]:
    yield f"`{one.name}`"
    yield one.custodian
    if one.entry is None:
        yield from (f"no: {one.why}", "", "", "", "no")
        return
    called = "" if one.entry_name == one.name else f", as `{one.entry_name}`"
    yield f"yes: [{one.entry.file}](../{one.entry.file}){called}"
    for block in ("harvest", "normalize"):
        missing = one.entry.missing(block)
        yield f"no: {', '.join(f'`{what}`' for what in missing)}" if missing else "yes"
    yield one.entry.licence or "not read"
    yield "no"
