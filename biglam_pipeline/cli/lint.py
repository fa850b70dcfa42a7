"""What an entry that is read without a fault still lacks: reported by `biglam check`, before the gate refuses it."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from biglam_pipeline.errors import ConfigError
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.source import Source
from biglam_pipeline.source.layers import never_published
from biglam_pipeline.store import disk
from biglam_pipeline.takedown import NAME, Ledger, read_lines, unfit_lines


def advise(source: Source) -> list[str]:
    """Notes on one entry, each with what it costs to leave it so."""
    notes = []
    if not source.verified:
        notes.append("verified: false: it can be harvested, and will not be published until somebody has looked")
    if leave := source.harvest.leave:
        hosts = ", ".join(dict.fromkeys(urlsplit(one).netloc for one in source.harvest.begins_at))
        said = f"{leave.overrule} ({leave.by}, {leave.checked}, {leave.evidence})"
        notes.append(f"robots: {hosts} is asked also where robots.txt keeps programs away: {said}")
    notes += [f"{name} says TODO: write it; until then nothing is published" for name in source.to_write]
    for layer in source.rights if not source.harvest.origins else ():  # of these, the evidence is theirs
        absent = [name for name in ("evidence", "checked") if getattr(layer, name) is None]
        if absent:
            notes.append(f"rights for {layer.covers} lack {' and '.join(absent)}; without them nothing is published")
    notes += [word for layer in source.rights if (word := never_published(layer))]
    notes += [
        f"rights for {layer.covers}: nothing of that is published, so the layer is printed and closes nothing"
        for layer in source.rights
        if layer.covers != "all" and layer.covers not in source.parts
    ]
    for number, reader in enumerate(source.normalize, 1):
        of = f"READ {number}: " if len(source.normalize) > 1 else ""
        notes += [f"{of}{note}" for note in _unsaid(source, reader)]
    if source.expect.rows is None:
        notes.append("no expect.rows: only the last release is the measure of a good harvest")
    if source.undocumented:
        notes.append(f"before it can be made public, write {', '.join(source.undocumented)}")
    return notes


def _unsaid(source: Source, reader: Reader) -> Iterator[str]:
    """What neither the entry nor the files of this reader say."""
    mapped, is_text, is_derived = reader.map.values, reader.chosen_modality == "text", bool(source.harvest.origins)
    if not (reader.names_records or is_derived or "id" in mapped):
        yield "no map.id: a row's id is made of its content, so that a corrected row is a new one"
    if is_text and not (source.languages or "languages" in mapped):
        yield "no languages: rows that do not say will have none"
    if is_text and not (reader.tells_origin or is_derived or "text_origin" in mapped):
        yield "no map.text_origin: rows say born_digital; write `text_origin: {const: ocr}`, or htr, keyed, corrected"


def advise_ledger(base: Path, names: Collection[str], sources: Iterable[Source]) -> tuple[list[str], list[str]]:
    """Faults and notes on the takedown ledger beside a sources file; names: of its entries, those with faults too;
    sources: those without.
    """
    path = base / NAME
    if not path.is_file():
        return [], []
    try:
        data = disk.read_file(path)
        lines = list(read_lines(data))
    except ConfigError as fault:
        return [f"{one}; until it can be read, nothing is published" for one in fault.faults], []
    strange = [f"{NAME}:{number}: {one.source_id!r}" for number, one, _ in lines if one.source_id not in names]
    notes = [f"{one} is no entry of this folder, so the line keeps nothing out; look for a slip" for one in strange]
    for source in sources:
        mine = [line for _, line, _ in lines if line.source_id == source.name and line.scope == "record"]
        last = {line.record_hmac or line.record_id: line for line in mine}
        in_force = Ledger(kept=tuple(line for line in last.values() if line.keeps_out))
        notes += [
            f"{NAME}: {line.record_id or 'a hidden record'} of {source.name} is of no section that its READs make "
            f"({', '.join(name or 'one without a name' for name in source.section_names)}), so the line keeps nothing "
            "out; take the record down by its name of today, or append a line with action `retired`"
            for line in unfit_lines(in_force, source.section_names)
        ]
    return [], notes
