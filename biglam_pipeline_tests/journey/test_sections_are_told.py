"""What goes wrong between the READs of one entry is said with what cures it: lines of the ledger, rights, names."""

import json
from typing import Any

import pytest
from rich.console import Console

from biglam_pipeline import clearing
from biglam_pipeline.cli.console import report_states
from biglam_pipeline.cli.lint import advise_ledger
from biglam_pipeline.errors import ConfigError, RightsWithheld, SourceChanged
from biglam_pipeline.foresight import foresee
from biglam_pipeline.retraction import Request, plan_takedown, take_down
from biglam_pipeline.states import state_of
from biglam_pipeline.takedown import Ledger, Line, unfit_lines
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_several_reads import (
    ENTRY,
    MAKERS,
    OBJECTS,
    PEOPLE,
    PERSON,
    THINGS,
    change,
    ids,
    last_tag,
    lay,
    night,
    retract,
    view_of,
    without,
    write,
)

OBJECT = THINGS
BARE = {**THINGS, "map": without(THINGS["map"], "config")}
PERSONS = {**PERSON, "map": {**PERSON["map"], "config": {"const": "persons"}}}


def renamed(bench: Bench) -> None:
    """A person was taken down; then the READ is called otherwise, a person says so, and the file comes anew."""
    write(bench, [OBJECT, PERSON], "expect: {rows: 1..}", objects_csv=OBJECTS, constituents_csv=PEOPLE)
    night(bench)
    retract(bench, "people:5")
    said = f"expect: {{rows: 1.., accept_change: {{from: {last_tag(bench)}, because: they are called persons}}}}"
    write(bench, [OBJECT, PERSONS], said, constituents_csv=PEOPLE.replace("Bo Baker", "Bo the Baker"))


def ledger(bench: Bench, **line: str) -> None:
    with (bench.folder / "takedowns.jsonl").open("a") as file:
        file.write(json.dumps({"source_id": "museum", **line}) + "\n")


def test_a_line_of_a_section_that_was_renamed_stops_the_release(bench: Bench) -> None:
    """Else the one who asked would be back under another identifier. The remedy of the message cures."""
    renamed(bench)
    with pytest.raises(RightsWithheld, match=r"people:5 of takedowns.jsonl keep nothing out") as stopped:
        night(bench)
    assert "biglam takedown museum objects:5 --ground privacy --unseen" in str(stopped.value)
    assert "there are `objects`, `persons`" in str(stopped.value)
    faults, [note] = advise_ledger(bench.folder, {"museum"}, [bench.source("museum")])
    assert not faults
    assert "people:5 of museum is of no section that its READs make (objects, persons)" in note
    source, request = bench.source("museum"), Request("persons:5", "privacy", unseen=True)
    plan = plan_takedown(bench.run, source, bench.base(source), request)
    done = take_down(bench.run, source, bench.base(source), plan, request)
    assert "ledger_fits" in done.because, "a removal goes through all the same"
    ledger(bench, record_id="people:5", action="retired")
    night(bench)
    assert ids(bench) == {"museum:objects:5", "museum:objects:6", "museum:objects:7", "museum:persons:6"}


@pytest.mark.slow  # `test_a_line_of_a_section_that_was_renamed_...` stays
def test_a_line_whose_rows_nobody_makes_any_more_is_retired(bench: Bench) -> None:
    renamed(bench)
    source = bench.source("museum")
    with pytest.raises(RightsWithheld) as stopped:
        night(bench)
    line = str(stopped.value).rpartition("append the line ")[2].splitlines()[0]
    ledger(bench, **{name: value for name, value in json.loads(line).items() if name != "source_id"})
    night(bench)
    assert not any(copy.wanted for copy in bench.run.raw(source).redactions.copies.values()), "nothing is fetched again"
    assert advise_ledger(bench.folder, {"museum"}, [source]) == ([], [])


def lines(*records: str, **more: Any) -> Ledger:
    return Ledger(kept=tuple(Line(source_id="m", record_id=one, action="removed", **more) for one in records))


@pytest.mark.parametrize(
    ("given", "names", "before", "unfit"),
    [
        (lines("people:5"), ["people"], [], []),
        (lines("people:5", "5"), ["persons"], [], ["people:5", "5"]),
        (lines("people:5", "5"), ["persons", ""], [], []),
        (lines("people:5", "5"), ["persons", ""], ["people", ""], ["people:5"]),
        (lines("oai:x:5"), [""], ["people"], []),
        (lines("people:5", "persons:5"), ["persons"], [], ["people:5"]),
        (Ledger(kept=(Line(source_id="m", record_id="people:5", action="retired"),)), ["persons"], [], []),
        (lines("people:5", section="people"), ["persons", ""], [], ["people:5"]),
        (lines("people:5", section="people"), ["people"], [], []),
    ],
)
def test_which_lines_fit(given: Ledger, names: list[str], before: list[str], unfit: list[str]) -> None:
    assert [line.record_id for line in unfit_lines(given, names, before)] == unfit


def test_a_hidden_line_says_its_section() -> None:
    hidden = Ledger(kept=(Line(source_id="m", record_hmac="ab", section="people", action="removed"),))
    assert unfit_lines(hidden, ["persons"])
    assert not unfit_lines(hidden, ["people"])


def test_what_is_to_come_is_named_with_its_section(bench: Bench) -> None:
    """`ledger_fits` would stop every release: a bare number is nobody's where every READ names its section."""
    write(bench, [OBJECT, PERSON], objects_csv=OBJECTS, constituents_csv=PEOPLE)
    night(bench)
    source = bench.source("museum")
    request = Request("77", "privacy", unseen=True)
    with pytest.raises(ConfigError, match=r"say which is meant: objects:77, people:77"):
        plan_takedown(bench.run, source, bench.base(source), request)
    plan_takedown(bench.run, source, bench.base(source), Request("people:77", "privacy", unseen=True))
    write(bench, [BARE, PERSON])
    source = bench.source("museum")
    plan_takedown(bench.run, source, bench.base(source), request)


# --- rights ---

FROM = ENTRY.replace("license: CC0-1.0, evidence", "from: {statement}, evidence").replace(", quote: CC0", "")


def write_rights(bench: Bench, statement: str, *reads: dict[str, Any], **files: str) -> None:
    write(bench, list(reads), **files)
    bench.write(FROM.format(statement=statement, normalize=json.dumps(reads), more=""))


def test_a_column_of_rights_that_one_read_alone_has(bench: Bench) -> None:
    """At `check` and at the reading; what both say cures it."""
    files = {
        "objects_csv": "objectid,title,displaydate,licence\n5,A plough,1801,CC0-1.0\n",
        "constituents_csv": "constituentid,forwarddisplayname,nationality,role,terms\n5,Ann,Dutch,maker,CC0-1.0\n",
    }
    write_rights(bench, "licence", OBJECT, PERSON, **files)
    source = bench.source("museum")
    [fault] = foresee(source, bench.base(source))
    assert "constituents.csv has no column `licence`" in fault
    with pytest.raises(SourceChanged) as stopped:
        lay(bench)
    for said in (fault, str(stopped.value)):
        assert "write `from: $rights`, and `map: {rights_raw: COLUMN}` in each READ" in said
    mapped = [
        {**one, "map": {**one["map"], "rights_raw": name}} for one, name in ((OBJECT, "licence"), (PERSON, "terms"))
    ]
    write_rights(bench, "$rights", *mapped)
    assert lay(bench).manifest.tally.published == 2


def test_a_section_of_which_all_is_withheld_is_reported(bench: Bench) -> None:
    """It goes without a stop, since rights that close must be able to take it away; it does not go in silence."""
    head, *rows = PEOPLE.splitlines()
    files = {
        "objects_csv": "objectid,title,displaydate,licence\n5,A plough,1801,CC0-1.0\n6,A hat,1812,CC0-1.0\n",
        "constituents_csv": "\n".join([f"{head},licence", *(f"{row},InC-1.0" for row in rows)]) + "\n",
    }
    write_rights(bench, "licence", OBJECT, PERSON, **files)
    night(bench)
    assert ids(bench) == {"museum:objects:5", "museum:objects:6"}
    [finding] = clearing.run_checks(view_of(bench), frozenset({"sections_are_published"}))
    assert (finding.passed, finding.advice) == (False, True)
    assert (
        "nothing of `people` is published: 2 rows were read (of all sections together: 2 withheld)" in finding.summary
    )
    assert state_of(bench.run, bench.source("museum"))["sections"] == {"objects": 2, "people": 0}


# --- identifiers and names ---


def test_reads_that_share_identifiers_are_named(bench: Bench) -> None:
    """The numbers of either are good; that they are one section's is what is wrong."""
    souls = {**PERSON, "map": {"id": "constituentid", "title": "forwarddisplayname"}}
    things = {**THINGS, "map": {"id": "objectid", "title": "title"}}
    same = "objectid,title,displaydate\n5,A plough,1801\n6,A hat,1812\n"
    write(bench, [things, souls], objects_csv=same, constituents_csv=PEOPLE)
    with pytest.raises(RightsWithheld) as stopped:
        night(bench)
    assert "READs 1, 2 share the identifiers of rows without a config" in str(stopped.value)
    assert "write another `map: {config: {const: NAME}}` in one of them" in str(stopped.value)
    write(bench, [things, {**souls, "map": {**souls["map"], "config": {"const": "people"}}}])
    night(bench)


def test_status_says_the_names_of_the_hub(bench: Bench) -> None:
    """What stands there can be given to `load_dataset`."""
    named = {**PERSON, "map": {**PERSON["map"], "config": {"const": "Popular Press"}}}
    write(bench, [BARE, named], objects_csv=OBJECTS, constituents_csv=PEOPLE)
    night(bench)
    state = state_of(bench.run, bench.source("museum"))
    assert state["configs"] == {"": "default", "Popular Press": "popular-press"}
    out = Console(record=True, width=200)
    report_states([state], "shelves", out)
    assert "popular-press: 2" in out.export_text()


@pytest.mark.slow  # `test_reads_that_share_identifiers_are_named` stays
def test_a_config_by_the_record_that_meets_a_constant(bench: Bench) -> None:
    """Said by `check`, where its values are known: a class. Another is known when it is read."""
    by_role = {**BARE, "map": {**BARE["map"], "config": "kind >> class(people, tool)"}}
    write(bench, [by_role, PERSON], objects_csv="objectid,title,displaydate,kind\n5,A plough,1801,tool\n")
    [fault] = bench.catalog.faults["museum"]
    assert "`people` is among its values, and the config that all rows of READ 2 go to" in fault
    good = {**by_role, "map": {**by_role["map"], "config": "kind >> class(person, tool)"}}
    write(bench, [good, PERSON], constituents_csv=PEOPLE)
    night(bench)
    change(bench, "objects.csv", "tool", "person")
    night(bench)


# --- what is joined ---


@pytest.mark.slow  # test_joins.py holds what is joined, formats/ what is counted
def test_a_line_of_a_joined_table_that_cannot_be_read_is_counted(bench: Bench) -> None:
    """It makes no row that anybody could miss; what was counted stays, also on a night on which no table is made."""
    broken = MAKERS + "7,6\n"
    joined = {"files": "objects_constituents.csv", "by": "objectid", "many": "true", "map": {"extra": ["roletype"]}}
    of = {**THINGS, "with": {"makers": joined}, "map": {**THINGS["map"], "subjects": "$makers.roletype"}}
    write(bench, [of], "expect: {rows: 1..}", objects_csv=OBJECTS, objects_constituents_csv=broken)
    for _ in range(2):
        night(bench)
        [finding] = clearing.run_checks(view_of(bench), frozenset({"joins_are_read"}))
        assert (finding.passed, finding.advice) == (False, True)
        assert "`with: makers`: 1 of 4 records could not be read" in finding.summary
        assert "objects_constituents.csv line 5" in finding.summary
        not_read = state_of(bench.run, bench.source("museum"))["not_read"]
        assert isinstance(not_read, dict)
        assert not_read["with makers: rejects"] == 1
    change(bench, "objects_constituents.csv", "7,6\n", "7,6,artist\n")
    night(bench)
    [finding] = clearing.run_checks(view_of(bench), frozenset({"joins_are_read"}))
    assert (finding.passed, finding.summary) == (True, "4 records of 1 joined tables")
