"""What an entry that is read without a fault still lacks: told by `biglam check`, before the gate tells it."""

from biglam_pipeline.source import Source


def advise(source: Source) -> list[str]:
    """Notes on one entry, each with what it costs to leave it so."""
    notes = []
    if not source.verified:
        notes.append("verified: false: it can be harvested, and will not be published until somebody has looked")
    for layer in source.rights:
        absent = [name for name in ("evidence", "checked") if getattr(layer, name) is None]
        if absent:
            notes.append(f"rights for {layer.covers} lack {' and '.join(absent)}; without them nothing is published")
    if source.normalize.type == "table" and "id" not in source.normalize.map.values:
        notes.append("no map.id: a row's id is made of its content, so that a corrected row is a new one")
    if source.expect.rows is None:
        notes.append("no expect.rows: only the last release is the measure of a good harvest")
    if not source.languages and "languages" not in source.normalize.map.values and source.modality == "text":
        notes.append("no languages: rows that do not say will have none")
    return notes
