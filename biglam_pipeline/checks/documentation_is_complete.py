"""What only a person can write is written, before anybody but the maintainers sees the repository.

For a private repository this is advice, but for one thing: Indigenous or traditional knowledge is published nowhere
without a decision of those it belongs to (CARE: authority to control, https://www.gida-global.org/care), and nowhere
against a Label that keeps it to some (https://localcontexts.org/labels/).
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import pyarrow.compute as pc

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.rights.labels import Label, labels_of
from biglam_pipeline.rights.recognise import recognise
from biglam_pipeline.source.answers import is_answer
from biglam_pipeline.source.ethics import Ethics

STAGE = "shards"
ADVICE = True
LIFETIME_YEARS = 100
UNDATED_SHARE = 0.05
"""Where more rows than this have no year, they count as recent: what is not known is not old."""
STALE_YEARS = 5
"""An assessment older than this before the first harvest was made of something else."""
_WITHOUT_PEOPLE = ("open-government-licence", "/nlod/", "nlod-", "ogl-")
"""In the address or id of a licence that leaves personal data out: OGL 3.0 "does not cover personal data in the
Information", Canada's and its provinces' likewise, NLOD 2.0 section 7."""


def run(view: View) -> Finding:
    """Names every key of the entry that is missing, and every question that is not settled."""
    source = view.source
    view.manifest()  # what is judged has to be there, also where the entry alone says enough
    missing = source.undocumented
    labels = Counter({label: rows for text, rows in _labels(view).items() for label in labels_of([text])})
    decided = source.ethics is not None and is_answer(source.ethics.indigenous_or_tk.authority_decision, sentence=True)
    problems = [f"write {', '.join(missing)} in the entry"] if missing else []
    problems += list(_on_labels(source.ethics or Ethics(), labels, decided=decided))
    kept = source.ethics.indigenous_or_tk.withheld_because if source.ethics else []
    kept = kept or ([] if decided else list(_on_notices(labels)))
    if source.ethics:
        problems += [*_on_people(view, source.ethics), *_days(view, source.ethics), *_by_licence(view, source.ethics)]
    good = "everything that a reader has to be reported is written"
    return view.finding(
        "documentation_is_complete",
        STAGE,
        kept + problems,
        good,
        {"missing": len(missing)},
        advice=source.publish.visibility != "public" and not kept,
        closes=bool(kept),
    )


def _on_notices(labels: Counter[Label]) -> Iterator[str]:
    """A Notice is the institution's admission that somebody else has to be asked; it is published nowhere before."""
    found = [label for label in labels if label.effect == "implies" and label.name.startswith("notice-")]
    if found:
        yield (
            f"{', '.join(label.title for label in found)} on {sum(labels[label] for label in found)} rows: ask the "
            "community, and write who decided what, and when, into ethics.indigenous_or_tk.authority_decision"
        )


def _on_labels(ethics: Ethics, labels: Counter[Label], *, decided: bool) -> Iterator[str]:
    """A Label is a community's own word on a record, and says that its knowledge is there, whatever the entry says."""
    found = sum(rows for label, rows in labels.items() if label.effect in ("implies", "nc"))
    if found and not decided:
        yield f"Labels stand on {found} rows: write ethics.indigenous_or_tk.authority_decision"
    if found and ethics.indigenous_or_tk.present == "no":
        yield f"ethics.indigenous_or_tk.present is no, and Labels on {found} rows say that it is there"


def _on_people(view: View, ethics: Ethics) -> Iterator[str]:
    """Rows of the last hundred years may be about the living: then somebody has judged, and a second person too.

    Rows without a year count as recent; there a basis and an assessor are enough for a no, since the basis says why
    they are old. A public role needs no second reader, and every other yes needs one whatever the dates.
    """
    latest, undated, rows = _years(view)
    recent = latest is not None and latest > view.harvest().closed_at.year - LIFETIME_YEARS
    absent = ethics.missing_assessment()
    if recent:
        why = f"rows reach {latest}"
        absent += [] if ethics.personal_data.living_people_likely == "public_role" else ethics.missing_second_reader()
    elif rows and undated / rows > UNDATED_SHARE:
        why = f"{undated} of {rows} rows have no year"
    else:
        return
    absent = [name for name in absent if f"ethics.{name}" not in ethics.unsettled]
    if absent:
        yield f"{why}, so people in them may live: write {', '.join(f'ethics.{name}' for name in absent)}"


def _years(view: View) -> tuple[int | None, int, int]:
    """The latest year of the rows, how many have none, and how many there are."""
    latest, undated, rows = None, 0, 0
    for part in view.manifest().parts:
        years = view.shards.table(part, ["year_end"])["year_end"]
        found = pc.max(years).as_py()
        if found is not None:
            latest = found if latest is None else max(latest, found)
        undated, rows = undated + years.null_count, rows + len(years)
    return latest, undated, rows


def _labels(view: View) -> Counter[str]:
    """Label, as it stands there -> rows."""
    counts: Counter[str] = Counter()
    for part in view.manifest().parts:
        counts.update(pc.list_flatten(view.shards.table(part, ["labels"])["labels"]).to_pylist())
    return counts


def _days(view: View, ethics: Ethics) -> Iterator[str]:
    """An assessment was made on a day that can be: not to come, and not years before there was anything to assess."""
    named = {"personal_data.assessed_on": ethics.personal_data.assessed_on}
    named["review.on"] = ethics.review.on if ethics.review else None
    first = view.raw.harvest(1).closed_at.date()
    for name, day in named.items():
        if day and day > view.today:
            yield f"ethics.{name} is {day}, a day to come; write the day on which somebody looked"
        elif day and day < _years_before(first, STALE_YEARS):
            yield f"ethics.{name} is {day}, more than {STALE_YEARS} years before the first harvest; look again"


def _years_before(day: date, years: int) -> date:
    return day.replace(year=day.year - years, day=min(day.day, 28))


def _by_licence(view: View, ethics: Ethics) -> Iterator[str]:
    """Some licences leave personal data out, whether the entry states them or a record does."""
    if ethics.personal_data.living_people_likely == "no":
        return
    said = {recognise(layer.license) for layer in view.source.rights if layer.license}
    names = {f"{one.uri or ''} {one.license_name or one.hf_license}" for one in said}
    names |= set(_statements(view))
    found = sorted(name.strip() for name in names if any(part in name for part in _WITHOUT_PEOPLE))
    if found:
        yield (
            f"this licence leaves personal data out ({found[0]}), so it opens no row with any: "
            "ethics.personal_data.living_people_likely must be no, or the custodian gives another licence"
        )


def _statements(view: View) -> Iterator[str]:
    """Addresses of the statements that rows carry, and names of those that have none."""
    yield from (value for value in view.shards.count_statements(view.manifest()) if value)
