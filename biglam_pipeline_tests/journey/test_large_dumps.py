"""A large dump of records in XML is cut: it is published as if it were not, and little of it is read again."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from biglam_pipeline.engine import slices as engine
from biglam_pipeline.harvest.protocols import folder
from biglam_pipeline.normalize import stretching
from biglam_pipeline.normalize.stretching import Sizes
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_large_files import (
    LOOSE,
    SMALL,
    begin_again,
    files_by_any_number_of_processes,
    normalize,
    outcome,
    slices,
)
from biglam_pipeline_tests.journey.test_rows_kept import desk, manifest_of, take
from biglam_pipeline_tests.normalize.formats.marc_records import FIXED, SLIM, marcxml

WHOLE = replace(SMALL, above=10**9)
Change = dict[int, str]
"""Number of a record -> what is added to its title."""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretching, "SIZES", SMALL)
    monkeypatch.setattr(folder, "_KEPT_BYTES", 3000)
    monkeypatch.setattr(engine, "WORTH_BYTES", 0)


def title_of(number: int, changed: Change) -> str:
    return f"Title {number} {random.Random(number).random()}{changed.get(number, '')}"


def marc(count: int, changed: Change) -> str:
    def record(number: int) -> str:
        fields = [("001", f"n{number:05d}"), ("008", FIXED), ("245", f"10$a{title_of(number, changed)}")]
        return marcxml(fields).replace(f' xmlns="{SLIM}"', "")

    inner = "\n".join(map(record, range(count)))
    return f"<collection xmlns='{SLIM}'>\n{inner}\n</collection>\n"


def mods(count: int, changed: Change) -> str:
    """Every fifth is the same as others, and has no name."""

    def record(number: int) -> str:
        named = f"<identifier>m{number}</identifier>" if number % 5 else ""
        title = title_of(number, changed) if number % 5 else f"The same{changed.get(number, '')}"
        return f"<mods><titleInfo><title>{title}</title></titleInfo>{named}</mods>"

    inner = "\n".join(map(record, range(count)))
    return f"<modsCollection xmlns='http://www.loc.gov/mods/v3' made='{len(changed)}'>\n{inner}</modsCollection>"


def items(count: int, changed: Change) -> str:
    """Every seventh is the same as others; some cannot be read."""

    def record(number: int) -> str:
        title = title_of(number, changed) if number % 7 else "The same"
        return f"<item><t>{title}{'</q>' if number % 50 == 3 else ''}</t><n>&nbsp;note{'e' * 90}</n></item>"

    return f"<dump><about>x</about><items>{''.join(map(record, range(count)))}</items></dump>"


ANY = "{type: xml, rows: /dump/items/item, map: {title: t"
SOURCES: dict[str, tuple[str, str, Callable[[int, Change], str]]] = {
    "MARCXML": ("marc", "big__xml", marc),
    "MODS, some without names": ("mods", "big__xml", mods),
    "MODS, named by the entry": ("{type: mods, map: {id: 'mods:titleInfo'}}", "big__xml", mods),
    "any XML": (f"{ANY}, description: n}}}}", "big__xml", items),
    "any XML, with an id": (f"{ANY}, id: {{all: [t, n], join: '/'}}}}}}", "big__xml", items),
    "any XML, some left out": (f"{ANY}}}, where: {{t: The same}}}}", "big__xml", items),
}


def lay(bench: Bench, kind: str, count: int = 120, changed: Change | None = None) -> None:
    read, name, made = SOURCES[kind]
    desk(bench, read, LOOSE, **{name: made(count, changed or {})})


@pytest.mark.representative(1)  # other dumps; normalize/test_xml_stretches.py
@pytest.mark.parametrize("kind", SOURCES)
def test_cut_and_whole_give_the_same(bench: Bench, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Two nights: one corrected record of a cut file re-reads one stretch, or with it those that count its equals."""
    nights = list[list[Any]]()
    for sizes in (SMALL, WHOLE):
        monkeypatch.setattr(stretching, "SIZES", sizes)
        begin_again(bench)
        lay(bench, kind)
        many = normalize(bench)
        assert many == 1 if sizes is WHOLE else many > 5
        nights.append([outcome(bench)])
        assert normalize(bench) == 0
        lay(bench, kind, changed={61: " corrected"})
        assert 1 <= normalize(bench) <= 3
        nights[-1].append({name: one for name, one in outcome(bench).items() if name not in ("places", "rejects")})
        assert normalize(bench) == 0
    assert nights[0] == nights[1]


@pytest.mark.slow  # normalize/test_slices.py: `test_a_fresh_interpreter_reads_the_same_bytes`
def test_any_number_of_processes(bench: Bench) -> None:
    lay(bench, "MODS, some without names")
    assert files_by_any_number_of_processes(bench) > 10


def test_a_new_equal_renumbers_those_behind_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the numbers are those of a file that is read whole."""
    names = []
    for sizes in (SMALL, WHOLE):
        monkeypatch.setattr(stretching, "SIZES", sizes)
        begin_again(bench)
        lay(bench, "MODS, some without names", changed={60: " twin"})
        many = normalize(bench)
        lay(bench, "MODS, some without names", changed={60: " twin", 10: " twin"})
        assert normalize(bench) <= many
        shelf = bench.run.normalized(bench.source("desk"))
        rows = [row for one in slices(bench) for row in shelf.columns(one.key, ["id", "title"]).to_pylist()]
        names.append([row["id"] for row in rows if row["title"] in ("The same", "The same twin")])
    assert names[0] == names[1]
    assert len(set(names[0])) == 24


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["MARCXML", "MODS, some without names", "any XML"])
@pytest.mark.parametrize("sizes", [SMALL, WHOLE], ids=["cut", "whole"])
def test_a_takedown_reads_the_file_whole_from_then_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, kind: str, sizes: Sizes
) -> None:
    """And says the same however it was read before, and when it comes again."""
    monkeypatch.setattr(stretching, "SIZES", sizes)
    lay(bench, kind)
    bench.night("desk")
    before = {row["source_record_id"]: row["title"] for row in bench.rows("desk")}
    gone = next(name for name, title in before.items() if "Title 92 " in (title or ""))
    take(bench, gone)
    secret = before.pop(gone)
    [file] = (bench.folder / "state" / "shelves" / "desk" / "raw" / "files").iterdir()
    assert secret.encode() not in file.read_bytes()
    assert {row["source_record_id"]: row["title"] for row in bench.rows("desk")} == before
    tally = manifest_of(bench).tally
    assert (tally.taken_down, tally.deleted) == (1, 0)
    for again in (SMALL, WHOLE):
        monkeypatch.setattr(stretching, "SIZES", again)
        begin_again(bench, "normalized")
        bench.night("desk")
        assert {row["source_record_id"]: row["title"] for row in bench.rows("desk")} == before
        assert manifest_of(bench).tally == tally
    lay(bench, kind, changed={20: ""})  # another file in no byte, with the record
    bench.night("desk")
    assert {row["source_record_id"]: row["title"] for row in bench.rows("desk")} == before


def test_what_is_put_around_a_stretch_is_no_part_of_the_file(bench: Bench) -> None:
    lay(bench, "MARCXML")
    normalize(bench)
    [file] = (bench.folder / "state" / "shelves" / "desk" / "raw" / "files").iterdir()
    assert file.read_text() == marc(120, {})
