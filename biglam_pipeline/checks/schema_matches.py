"""Every slice has exactly the columns that follow from the entry, with their types."""

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.columns import schema_of
from biglam_pipeline.store.normalized import TRACE

STAGE = "normalized"


def run(view: View) -> Finding:
    """Names missing, additional and differently typed columns."""
    problems, columns, current = list[str](), 0, view.current()
    keys = current.slices
    for number, key in enumerate(keys):
        due = schema_of(view.source.section(current.section(number)).content)
        wanted = {field.name: field.type for field in [*due, *TRACE]}
        columns = max(columns, len(wanted))
        have = {field.name: field.type for field in view.normalized.schema(key)}
        problems += [f"{name} is missing in slice {key}" for name in wanted.keys() - have.keys()]
        problems += [f"{name} in slice {key} is not in the schema" for name in have.keys() - wanted.keys()]
        differ = (name for name in wanted.keys() & have.keys() if wanted[name] != have[name])
        problems += [f"{name} in slice {key} is {have[name]}, not {wanted[name]}" for name in differ]
    good = f"{columns} columns in each of {len(keys)} slices"
    if current.sections:
        good = f"the columns of their sections in {len(keys)} slices, at most {columns}"
    return view.finding("schema_matches", STAGE, sorted(problems), good, {"slices": len(keys), "columns": columns})
