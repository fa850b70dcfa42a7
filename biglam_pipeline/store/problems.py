"""How are values counted that could not be read? By reason and shape, never by value, with one example of each.

A reason is `column: reason`, with a shape behind it where there is one: `date: not read; shape born ####`. What made it
may add one example behind a tab. There is room for so many shapes of a reason, and so many reasons of a column; what
comes then is counted together, so that a million different values make no million reasons.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from biglam_pipeline.store.normalized import Slice

SHAPES = 100
"""Of one reason, in one slice."""
REASONS = 500
"""Of one column, in one slice."""
SHAPE = "; shape "
OTHER = "other shapes"
OTHERS = "other reasons"
_LONGEST_EXAMPLE = 80


class Problems(Counter[str]):
    """Reasons with their counts, and of each the first value that it was said of."""

    def __init__(self) -> None:
        """Empty."""
        self.examples: dict[str, str] = {}
        self._room: Counter[str] = Counter()
        super().__init__()

    def update(self, reported: Iterable[str] | None = None, /, **_: Any) -> None:  # type: ignore[override]
        """reported: reasons, each with its example behind a tab where it has one."""
        for one in reported or ():
            reason, _mark, example = one.partition("\t")
            reason = self._bounded(reason)
            self[reason] += 1
            if example:
                self.examples.setdefault(reason, example[:_LONGEST_EXAMPLE])

    def _bounded(self, reason: str) -> str:
        if reason in self:
            return reason
        group = group_of(reason)
        column = reason.partition(": ")[0]
        shaped = group != reason
        if self._room[group if shaped else column] >= (SHAPES if shaped else REASONS):
            return f"{group}{SHAPE}{OTHER}" if shaped else f"{column}: {OTHERS}"
        self._room[group if shaped else column] += 1
        return reason


def group_of(reason: str) -> str:
    """`date: not read` of `date: not read; shape born ####`."""
    return reason.partition(SHAPE)[0]


def problems_of(slices: Iterable[Slice]) -> tuple[Counter[str], dict[str, str]]:
    """The counts of all slices together, and the first example of each."""
    counts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for one in slices:
        counts.update(one.problems)
        examples = {**one.examples, **examples}
    return counts, examples


def with_example(reason: str, example: str) -> str:
    """As `Problems.update` reads it."""
    return f"{reason}\t{' '.join(example.split())}" if example else reason


def by_column(slices: Iterable[Slice]) -> dict[str, int]:
    """The sums by column alone: the only ones without any reason, which may hold a value."""
    sums: Counter[str] = Counter()
    for reason, count in problems_of(slices)[0].items():
        sums[reason.partition(": ")[0]] += count
    return dict(sorted(sums.items()))


def sums_of(counts: Mapping[str, int], most: int = 5) -> dict[str, int]:
    """The largest sums, by `column: reason`."""
    sums: Counter[str] = Counter()
    for reason, count in counts.items():
        sums[group_of(reason)] += count
    return dict(sums.most_common(most))


def summed(counts: Mapping[str, int], examples: Mapping[str, str], shapes: int = 10) -> list[tuple[str, int, str]]:
    """(reason, count, example), the largest sum first: of a reason with shapes its sum, then its commonest shapes.

    shapes: at most so many of each reason.
    """
    groups: dict[str, Counter[str]] = {}
    for reason, count in counts.items():
        groups.setdefault(group_of(reason), Counter())[reason] += count
    lines: list[tuple[str, int, str]] = []
    for group, found in sorted(groups.items(), key=lambda pair: (-pair[1].total(), pair[0])):
        if set(found) != {group}:
            lines.append((group, found.total(), ""))
        listed = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:shapes]
        for reason, count in listed:
            shown = reason if reason == group else f"… {reason[len(group) + len(SHAPE) :]}"
            lines.append((shown, count, examples.get(reason, "")))
        if len(found) > shapes:
            lines.append(
                (f"… {len(found) - shapes} more shapes", found.total() - sum(count for _, count in listed), "")
            )
    return lines
