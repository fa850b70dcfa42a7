"""Every record that stands in the files came out of them: as a row, a tombstone, a reject, or left out by `where`.

The reader's count is held against one by another parser, which is made while the files are read and kept with each
slice. A difference is a fault of the reader or of the second way, never one that a person could declare right; so there
is nothing to write in the entry but to leave the file out.
"""

from collections import Counter
from collections.abc import Iterator

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.store.normalized import Slice

STAGE = "normalized"
NIGHTLY = True


def run(view: View) -> Finding:
    """Fails for each file that differs, with both numbers. Slices of before have none, and are not read for it."""
    slices = view.slices()
    counts = Counter[str]()
    for one in slices:
        counts.update(one.counted)
    problems = [said for one in slices for said in _differing(one)]
    more = counts["differing"] - len(problems)
    problems += [f"{more:,} more files differ"] if more > 0 else []
    numbers = {name: counts[name] for name in ("bundles", "found", "expected", "differing", "ended", "behind")}
    numbers["not_counted"] = sum(one.bundles for one in slices) - counts["bundles"] - counts["ended"]
    return view.finding("everything_is_accounted_for", STAGE, problems, _good(numbers), numbers)


def _differing(one: Slice) -> Iterator[str]:
    for each in one.differing:
        least = " or more" if each["at_least"] else ""
        if not each["bundle"]:
            yield (
                f"slice {one.key} was written with {each['found']:,} records, and its files gave {each['expected']:,}; "
                "report this as a fault of biglam_pipeline"
            )
            continue
        name = each["bundle"]
        yield (
            f"{name}: {each['found']:,} records were read, and {each['expected']:,}{least} are in it by another count; "
            f"report this as a fault of biglam_pipeline with the file, and until it is mended leave the file out: "
            f"`harvest: {{ignore: '{name}'}}`, or of a server's pages `normalize: {{files: '!{name}'}}`"
        )


def _good(numbers: dict[str, int]) -> str:
    said = f"{numbers['found']:,} records in {numbers['bundles']:,} bundles, as by another count"
    if numbers["ended"]:
        said += f"; {numbers['ended']:,} ended as a reject, behind which {numbers['behind']:,} more stand"
    return said + (f"; {numbers['not_counted']:,} bundles have no other count" if numbers["not_counted"] else "")
