"""What `biglam columns` and `biglam new` show of records: each field, its fill, three examples, where it goes."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from biglam_pipeline.proposing.surveying import Survey
from biglam_pipeline.proposing.writing import printable
from biglam_pipeline.publish.marks import count, percent

_SHOWN = 100
_LETTERS = 40
NOT_READ = "not read"


def report_fields(survey: Survey, goes_to: Mapping[str, str], title: str, out: Console) -> None:
    """A line a field. goes_to: path -> column."""
    there = list(survey.fields.values())
    named = escape(f"{title}: {count(survey.records, 'record')}")
    table = Table("field", "filled", "examples", "goes to", title=named)
    for one in there[:_SHOWN]:
        examples = " · ".join(_cut(text) for text in one.examples)
        filled = percent(one.filled, survey.records)
        table.add_row(escape(_cut(one.path, 60)), filled, escape(examples), escape(goes_to.get(one.path, "")))
    out.print(table if there else named)
    hidden = len(there) - _SHOWN
    if hidden > 0 or survey.further:
        more = f" and {survey.further:,} that were not looked at" if survey.further else ""
        out.print(f"… and {count(max(hidden, 0), 'more field')}{more}; --json lists those that were looked at")
    if survey.by_itself:
        own = ", ".join(f"{name} {percent(n, survey.records)}" for name, n in sorted(survey.by_itself.items()))
        out.print(f"the reader fills by itself: {escape(own)}")


def as_data(survey: Survey, goes_to: Mapping[str, str]) -> dict[str, Any]:
    """The same, for another program."""
    fields = [
        {
            "field": one.path,
            "filled": round(survey.share(one), 4),
            "examples": one.examples,
            "goes_to": goes_to.get(one.path, ""),
        }
        for one in survey.fields.values()
    ]
    own = {name: round(n / survey.records, 4) for name, n in sorted(survey.by_itself.items())} if survey.records else {}
    return {"records": survey.records, "fields": fields, "by_itself": own, "further": survey.further}


def _cut(text: str, most: int = _LETTERS) -> str:
    clean = printable(text)
    return clean if len(clean) <= most else f"{clean[: most - 1]}…"
