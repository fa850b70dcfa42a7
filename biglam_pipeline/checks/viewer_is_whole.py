"""The Hub's viewer shows all of it: row groups, rows, searchable bytes, one type a column. Advice, unless it breaks."""

from collections import Counter
from collections.abc import Iterator

import pyarrow as pa

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.progress import size_in_words
from biglam_pipeline.publish import viewer
from biglam_pipeline.publish.configs import DEFAULT, Config, configs_of
from biglam_pipeline.records import Part

STAGE = "shards"
ADVICE = True
_NO_TABLE = "no reader could make one table of them; materialize shards again"


def run(view: View) -> Finding:
    """Looks at the footers, not at the rows. What the viewer cannot show at all stops publication."""
    parts = view.manifest().parts
    configs = configs_of(parts, view.manifest().sections)
    broken = [*_types(view, parts), *_names(configs)]
    groups = {part.path: view.shards.groups_of(part) for part in parts}
    problems = [*broken, *_groups(groups), *_unsearched(configs)]
    largest = max((size for sizes in groups.values() for _, size in sizes), default=0)
    good = f"all of {len(configs)} configs can be looked at; the largest row group has {size_in_words(largest)}"
    numbers = {
        "configs": len(configs),
        "largest_row_group": largest,
        "largest_config": max(one.size for one in configs),
    }
    return view.finding("viewer_is_whole", STAGE, problems, good, numbers, advice=not broken)


def _types(view: View, parts: tuple[Part, ...]) -> Iterator[str]:
    """One type a column over all parts that are loaded together, and none without a type; no more columns than are
    shown.
    """
    first: dict[tuple[str, str], pa.DataType] = {}
    for part in parts:
        section = view.manifest().section(part)
        for field in view.shards.schema(part):
            due = first.setdefault((section, field.name), field.type)
            if field.type != due:
                yield f"{field.name} is {field.type} in {part.path} and {due} before: {_NO_TABLE}"
            if pa.types.is_null(field.type):
                yield f"{field.name} has no type in {part.path}: {_NO_TABLE}"
    most, widest = viewer.COLUMNS.value, max(Counter(section for section, _ in first).values(), default=0)
    if widest > most:
        yield f"{widest} columns, and the viewer shows none of more than {most:,}: map fewer in `extra`"


def _names(configs: list[Config]) -> Iterator[str]:
    for config in configs:
        if viewer.REFUSED_IN_NAMES & set(config.name):
            yield f"a config called `{config.name}` cannot be loaded: map another value in `config`"
    if len(configs) > viewer.CONFIGS.value:
        yield f"{len(configs)} configs, and none is shown above {viewer.CONFIGS.value:,}: map something coarser"


def _groups(groups: dict[str, list[tuple[int, int]]]) -> Iterator[str]:
    for path, sizes in groups.items():
        large = [size for _, size in sizes if size > viewer.GROUP_BYTES.value]
        if large:
            yield (
                f"{path}: {len(large)} of {len(sizes)} row groups are above {size_in_words(viewer.GROUP_BYTES.value)} "
                f"(the largest has {size_in_words(max(large))}), so the viewer does not show their rows; they can be "
                "loaded. Smaller units with `rows` make smaller rows"
            )
        wide = [size // max(rows, 1) for rows, size in sizes if size > viewer.ROW_BYTES.value * max(rows, 1)]
        if wide and not large:
            yield (
                f"{path}: rows of {size_in_words(max(wide))} on average, and the viewer is made for about "
                f"{size_in_words(viewer.ROW_BYTES.value)}: it may show them late or cut off"
            )


def _unsearched(configs: list[Config]) -> Iterator[str]:
    """Which configs are searched in part only, and which are whole."""
    limit = viewer.INDEXED_BYTES.value
    large = [one for one in configs if one.size > limit]
    if not large:
        return
    said = ", ".join(f"`{one.name}` ({size_in_words(one.size)}, {limit / one.size:.0%})" for one in large)
    whole = [f"`{one.name}`" for one in configs if one.size <= limit]
    reported = f"search and filter see the first {size_in_words(limit)} of {said}"
    if whole:
        yield f"{reported}; they see all of {', '.join(whole)}"
    elif [one.name for one in configs] == [DEFAULT]:
        yield f"{reported}; `map: {{config: ...}}`, by decade or language, makes configs that are seen as a whole"
    else:
        yield f"{reported}; a finer `map: {{config: ...}}` makes configs that are seen as a whole"
