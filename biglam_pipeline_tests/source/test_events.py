"""libyaml and ruamel's parser agree on every text that libyaml is trusted with, whatever is written into it."""

import random
from pathlib import Path

import pytest
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import Event

from biglam_pipeline.source import events
from biglam_pipeline.source.cutting import cut

ROOT = Path(__file__).parents[2]
WRITTEN = [ROOT / "sources.yaml", *sorted((ROOT / "sources").glob("*.yaml"))]
SLIPS = (
    *" \n:#-[]{},'\"|>&*!%@`?\\.~=<é\t\r",
    *("\n  ", "\n- ", ": ", " #", "''", '""', "---\n", "...\n", "\u2028", "\x85", "\ufeff", "!!str ", "&a ", "*a "),
    *("<<: ", "? ", "|\n", ">-\n", "\U0001f600", ",,", "[,", "{a:b}", "[a: b]", "\\/", '"\\x41"', "\\\n"),
)


def entries() -> list[str]:
    """All entries that the repository holds."""
    return [chunk.text for path in WRITTEN for chunk in cut(path.read_text())[0]]


def as_read(found: list[Event]) -> list[tuple[object, ...]]:
    """All that the language's reader looks at."""
    return [
        (
            type(one),
            getattr(one, "value", None),
            getattr(one, "style", None),
            getattr(one, "anchor", None),
            getattr(one, "tag", None),
            one.start_mark.index,
            one.end_mark.index,
        )
        for one in found
    ]


def carefully(text: str) -> list[tuple[object, ...]] | None:
    """By ruamel's parser; None for an error."""
    try:
        return as_read(list(events._careful(text)))
    except YAMLError:
        return None


def test_every_entry_of_the_repository_is_read_by_libyaml_alike() -> None:
    texts = entries()
    assert len(texts) > 60
    for text in texts:
        quick = events._quick(text)
        assert quick is not None, text
        assert as_read(quick) == carefully(text)


def disagreements(seed: int, turns: int) -> tuple[int, list[str]]:
    """How many slips libyaml still read, and those texts of which ruamel's parser makes something else."""
    chance, texts = random.Random(seed), entries()
    read, found = 0, []
    for _ in range(turns):
        lines = chance.choice(texts).split("\n")
        at = chance.randrange(max(1, len(lines) - 8))
        text = "\n".join(["x:", *lines[max(1, at) : at + 8], ""])
        for _ in range(chance.choice((1, 1, 2, 3))):
            at, gone = chance.randrange(len(text) + 1), chance.choice((0, 0, 1, 1, 2, 5))
            text = text[:at] + (chance.choice(SLIPS) if gone < 2 else "") + text[at + gone :]
        quick = events._quick(text)
        if quick is not None:
            read += 1
            if as_read(quick) != carefully(text):
                found.append(text)
    return read, found


def test_a_slip_that_libyaml_reads_is_read_alike_by_the_other_parser() -> None:
    read, found = disagreements(seed=1, turns=600)
    assert read > 150
    assert found == []


@pytest.mark.soak
def test_ten_thousands_of_slips_are_read_alike() -> None:
    read, found = disagreements(seed=2, turns=60_000)
    assert read > 15_000
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "x:\n  a: b\tc\n",
        "x:\n  a: b\u2028  c: d\n",
        "\ufeffx:\n  a: b\n",
        "x:\n  a:\n",
        "x:\n  a: &b c\n",
        "x:\n  a: !!str c\n",
        "x:\n  a: [b\n",
        "x: {a: 'b}\n",
    ],
)
def test_what_the_two_read_differently_is_left_to_the_careful_one(text: str) -> None:
    assert events._quick(text) is None


def test_without_libyaml_everything_is_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = entries()[0]
    quick = as_read(list(events.events_of(text)))
    monkeypatch.setattr(events, "_LIBYAML", None)
    assert as_read(list(events.events_of(text))) == quick
