"""Every row that was removed names a keeper that is published, and no double that the entry drops is left."""

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding

STAGE = "shards"


def run(view: View) -> Finding:
    """Reads removed.parquet, and ids and duplicate marks of the parts."""
    manifest = view.manifest()
    ids: set[str] = set()
    marked: set[str] = set()
    for part in manifest.parts:
        table = view.shards.table(part, ["id", "dup_of"])
        ids.update(table["id"].to_pylist())
        marked.update(name for name in table["dup_of"].to_pylist() if name)
    removed = [row for row in view.shards.removed(manifest) if row["reason"] != "identifier_repeated"]
    problems = [
        f"{row['id']} was dropped for {row['keeper']}, which is not published"
        for row in removed
        if row["keeper"] not in ids
    ]
    problems += [f"{row['id']} was dropped and is published all the same" for row in removed if row["id"] in ids]
    problems += [f"dup_of names {name}, which is not published" for name in sorted(marked - ids)]
    good = f"{len(removed)} doubles dropped, {len(marked)} rows have doubles that are marked"
    return view.finding("no_double_is_left", STAGE, problems, good, {"dropped": len(removed), "marked": len(marked)})
