"""The numbers of the card, computed from the parts that are about to be published; never typed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from biglam_pipeline.publish.profile import filled_in


@dataclass(slots=True)
class Statistics:
    """What the rows of a release amount to."""

    rows: int = 0
    size: int = 0
    """Bytes of the parts."""
    words: int = 0
    years: tuple[int, int] | None = None
    decades: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    statements: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(tier, statement's URI, or its name where it has none) -> rows."""
    objects: Counter[str] = field(default_factory=Counter)
    """What records say of objects that rows only describe -> rows: an address, or the words as received."""
    labels: Counter[str] = field(default_factory=Counter)
    """Labels of Local Contexts, as they stand in rows -> rows."""
    overruled: int = 0
    """Rows that deny the entry's licence and are published all the same."""
    filled: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    confidence: float | None = None
    """Mean of the rows' mean word confidence, where the engine gave one."""
    _confident: int = 0
    _confidence_sum: float = 0.0


def measure(tables: Iterable[pa.Table], size: int) -> Statistics:
    """tables: the row groups of the parts, one after the other, so that no more than one is in memory."""
    found = Statistics(size=size)
    for table in tables:
        _add(found, table)
    if found._confident:
        found.confidence = found._confidence_sum / found._confident
    return found


def together(parts: Iterable[Statistics]) -> Statistics:
    """Those of several sections as of one."""
    first, *others = parts
    if not others:
        return first
    found = Statistics()
    for one in (first, *others):
        for name in ("decades", "languages", "statements", "objects", "labels", "filled"):
            getattr(found, name).update(getattr(one, name))
        for name in ("rows", "size", "words", "overruled", "duplicates", "_confident", "_confidence_sum"):
            setattr(found, name, getattr(found, name) + getattr(one, name))
        _widen(found, one.years)
    if found._confident:
        found.confidence = found._confidence_sum / found._confident
    return found


def _widen(found: Statistics, years: tuple[int, int] | None) -> None:
    if years:
        found.years = (min(years[0], found.years[0]), max(years[1], found.years[1])) if found.years else years


def _add(found: Statistics, table: pa.Table) -> None:
    found.rows += table.num_rows
    found.filled.update(filled_in(table))
    _add_rights(found, table)
    found.languages.update(pc.list_flatten(table["languages"]).to_pylist())
    _add_years(found, table)
    found.duplicates += table.num_rows - table["dup_of"].null_count
    if "n_words" in table.column_names:
        found.words += pc.sum(table["n_words"]).as_py() or 0
        scores = table["ocr_confidence"]
        found._confident += table.num_rows - scores.null_count
        found._confidence_sum += pc.sum(scores).as_py() or 0.0


def _add_rights(found: Statistics, table: pa.Table) -> None:
    named = pc.coalesce(table["rights_uri"], table["rights_name"], pa.scalar(""))
    found.statements.update(zip(table["rights_tier"].to_pylist(), named.to_pylist(), strict=True))
    for uri, raw in zip(table["object_rights_uri"].to_pylist(), table["object_rights_raw"].to_pylist(), strict=True):
        if raw:
            found.objects[uri or "; ".join(raw)[:100]] += 1
    found.labels.update(pc.list_flatten(table["labels"]).to_pylist())
    found.overruled += table["rights_basis"].to_pylist().count("overruled")


def _add_years(found: Statistics, table: pa.Table) -> None:
    starts, ends = table["year_start"].drop_null(), table["year_end"].drop_null()
    known = [one.as_py() for years in (starts, ends) if len(years) for one in (pc.min(years), pc.max(years))]
    if not known:
        return
    _widen(found, (min(known), max(known)))  # `1937/..` has no end, `/1937` no start
    found.decades.update(f"{year // 10 * 10}s" for year in starts.to_pylist())
