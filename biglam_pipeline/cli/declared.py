"""What protocols, formats, steps and checks declare of themselves, as tables and sections of the documentation."""

import sys
from collections.abc import Callable, Iterable, Sequence

from biglam_pipeline import language
from biglam_pipeline.checks import CHECKS
from biglam_pipeline.clearance import nightly
from biglam_pipeline.harvest import AnyHarvester
from biglam_pipeline.harvest.address import OWED as ADDRESSES
from biglam_pipeline.harvest.harvester import Harvester
from biglam_pipeline.normalize import AnyReader
from biglam_pipeline.normalize.mapping.steps import VERBS
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.ways_out import OWED
from biglam_pipeline.publish.marks import table
from biglam_pipeline.settings import kinds_of

PROTOCOLS: Sequence[type[Harvester]] = kinds_of(AnyHarvester)
FORMATS: Sequence[type[Reader]] = kinds_of(AnyReader)


def addresses() -> str:
    """How the addresses of each protocol are written, and what is harvested there."""
    rows = [(f"`{written}`", what) for kind in PROTOCOLS for written, what in kind.addresses.items()]
    return table(("Address", "What is harvested"), rows)


def protocols(keys_of: Callable[[str], str]) -> str:
    """A section for each protocol. keys_of: the table of a block's keys, by the name of its class and its module."""
    return "\n\n".join(_section(kind, kind.notes, keys_of(_named(kind)), "") for kind in PROTOCOLS)


def formats(keys_of: Callable[[str], str]) -> str:
    """A section for each format."""
    return "\n\n".join(_section(kind, kind.notes[0], keys_of(_named(kind)), kind.notes[1]) for kind in FORMATS)


def _named(kind: type[Harvester] | type[Reader]) -> str:
    return f"{kind.__module__}.{kind.__name__}"


def _section(kind: type[Harvester] | type[Reader], above: str, keys: str, below: str) -> str:
    parts = [f"### {type_of(kind)}", (kind.__doc__ or "").split("\n\n")[0], above, keys.strip(), below]
    return "\n\n".join(part for part in parts if part)


def guesses() -> str:
    """What says the reader where the entry does not."""
    rows = [(f"`{type_of(kind)}`", _ticked(kind.guessed_from), _ticked(kind.metadata_prefixes)) for kind in FORMATS]
    return table(("Reader", "Extension, also behind `.gz`", "`metadataPrefix`"), [row for row in rows if any(row[1:])])


def owed_addresses() -> str:
    """What a `harvest` block may not say yet."""
    keys = [one for one in language.HARVEST_KEYS if not any(one in kind.model_fields for kind in PROTOCOLS)]
    return _owed(*(f"addresses that begin with `{one}`" for one in ADDRESSES), *(f"the key `{one}`" for one in keys))


def owed_readers() -> str:
    """Which readers there are not yet."""
    return _owed(*(f"the reader `{one}`" for one in OWED))


def _owed(*named: str) -> str:
    said = "All that the language has of these is built."
    return f"In the language, and refused by name until they are built: {', '.join(named)}." if named else said


def steps() -> str:
    """Every step, and what it does."""
    return table(("Step", "What it does"), [(f"`{verb.written}`", verb.says) for verb in VERBS])


def checks() -> str:
    """Every check, by shelf."""
    rows = []
    for stage, named in CHECKS.items():
        for name, run in named.items():
            about = (sys.modules[run.__module__].__doc__ or "").split("\n\n")[0]
            night = "yes" if name in nightly() else "" if stage == "hub" else "no"
            rows.append((f"`{stage}`", f"`{name}`", about, night))
    return table(("Shelf", "Check", "What must hold", "Asked when nothing is new"), rows)


def accounts() -> str:
    """What each protocol and format counts, and against what."""
    kinds: list[type[Harvester] | type[Reader]] = [*PROTOCOLS, *FORMATS]
    rows = [(f"`{type_of(kind)}`", *kind.accounts) for kind in kinds]
    return table(("Kind", "Counted", "Held against", "What a difference does"), rows)


def type_of(kind: type[Harvester] | type[Reader]) -> str:
    """The word of YAML for it."""
    return str(kind.model_fields["type"].default)


def _ticked(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
