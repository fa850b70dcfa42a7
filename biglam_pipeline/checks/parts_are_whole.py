"""Every part is the file that was written, with the one schema of its section and the rows that the manifest counts."""

import pyarrow as pa

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.store.footers import as_spelled_first

STAGE = "shards"


def run(view: View) -> Finding:
    """Digests each part as it lies on the shelf and opens its footer."""
    problems, size = [], 0
    parts = view.manifest().parts
    for part in parts:
        try:
            sha256, _ = view.shards.digest(part)
        except ShelfDamaged as damage:
            problems.append(str(damage))
            continue
        if sha256 != part.sha256:
            problems.append(str(view.shards.shelf.spoiled(part.file)))
        elif not _same(view.shards.schema(part), view.schemas.get(view.manifest().section(part))):
            problems.append(f"{part.file} has not the schema of the entry; materialize shards again")
        size += part.size
    schemas = "one schema" if len(view.schemas) == 1 else "one schema a section"
    good = f"{len(parts)} parts, {size / 1e6:.1f} MB, {schemas}"
    return view.finding("parts_are_whole", STAGE, problems, good, {"parts": len(parts), "bytes": size})


def _same(found: pa.Schema, due: pa.Schema | None) -> bool:
    """Equal fields and footer keys, whichever way these spell a list. Parquet names a list's items `element`, Arrow
    `item`: that is no difference.
    """
    if due is None:
        return False
    return bool(found.equals(due)) and as_spelled_first(found).metadata == as_spelled_first(due).metadata
