"""What joins must never do: open what is closed, take two unknowns for one, or be silent of what a takedown leaves."""

import json
from typing import Any

import pytest

from biglam_pipeline.errors import ConfigError, SourceChanged
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_joins import ENTRY, TABLES, build, objects, rows, write

IDS = "id\n1\n2\n"


def _read_rights_from(bench: Bench, asked: str, joined: dict[str, Any], name: str, terms: str) -> list[tuple[Any, ...]]:
    block = {"files": name, "by": "id", **joined}
    normalize = {"type": "table", "files": "objects.csv", "with": {"t": block}, "map": {"id": "id"}}
    write(bench, normalize, {"objects.csv": IDS, name: terms})
    bench.write(ENTRY.format(normalize=json.dumps(normalize)).replace("license: PDM-1.0", f'from: "{asked}"'))
    build(bench)
    return rows(bench, "id", "rights_tier")


@pytest.mark.parametrize(
    "mapped",
    [
        {"extra": {"x": "terms >> replace(All rights reserved, CC0-1.0)"}},
        {"extra": {"x": "terms >> regex(^CC0-1.0$)"}},
        {"extra": {"x": ["open", "terms"]}},
        {"title": "terms >> replace(All rights reserved, CC0-1.0)"},
    ],
)
def test_no_step_of_the_joined_opens_what_is_closed(bench: Bench, mapped: dict[str, Any]) -> None:
    """A person's word ends where the statement itself forbids, on this side of the join and on the other."""
    column = "x" if "extra" in mapped else "title"
    terms = "id,terms,open\n1,All rights reserved,CC0-1.0\n2,CC0-1.0,CC0-1.0\n"
    found = dict(_read_rights_from(bench, f"$t.{column}", {"map": mapped}, "terms.csv", terms))
    assert found["one:1"] not in ("pd", "by")
    assert found["one:2"] == "pd"


def test_nor_one_of_what_it_joins_itself(bench: Bench) -> None:
    inner = {"files": "inner.csv", "by": "id", "map": {"extra": {"y": "said >> replace(All rights reserved, CC0-1.0)"}}}
    (bench.folder / "things").mkdir(exist_ok=True)
    (bench.folder / "things" / "inner.csv").write_text("id,said\n1,All rights reserved\n2,CC0-1.0\n")
    joined = {"with": {"inner": inner}, "map": {"extra": {"x": "$inner.y"}}}
    found = _read_rights_from(bench, "$t.x", joined, "terms.csv", "id\n1\n2\n")
    assert found == [("one:1", "closed"), ("one:2", "pd")]


@pytest.mark.parametrize("label", ["All rights reserved", "ask the archive"])
def test_an_object_is_a_statement(bench: Bench, label: str) -> None:
    """As it is without a join; left out, the other line would open the row."""
    terms = "".join(json.dumps({"id": "1", "terms": said}) + "\n" for said in ("CC0-1.0", {"label": label}))
    found = dict(_read_rights_from(bench, "$t.terms", {"many": "true"}, "terms.jsonl", terms))
    assert found["one:1"] not in ("pd", "by")


def test_a_lost_line_that_might_close_stops_the_source(bench: Bench) -> None:
    """Of several statements one is lost, and another opens; where one alone is asked, its row stays withheld."""
    terms = "id,terms\n1,CC0-1.0\n2,CC0-1.0\n1,All rights reserved,x\n"
    with pytest.raises(SourceChanged, match=r"`with: t`: terms\.csv line 4 cannot be read .* might close a row"):
        _read_rights_from(bench, "$t.terms", {"many": "true"}, "terms.csv", terms)
    lost = "id,terms\n1,All rights reserved,x\n2,CC0-1.0\n"
    found = _read_rights_from(bench, "$t.terms", {}, "terms.csv", lost)
    assert found == [("one:1", "unknown"), ("one:2", "pd")]


def test_blanks_are_no_key(bench: Bench) -> None:
    """Else a row without a number takes the columns of another without one; and two such lines are no repeated key."""
    files: dict[str, str | bytes] = {
        "objects.jsonl": '{"id": "1", "key": "  "}\n{"id": "2", "key": " a "}\n{"id": "3", "key": "\\u00a0"}\n',
        "t.jsonl": '{"key": " ", "v": "no"}\n{"key": "\\u00a0", "v": "no"}\n{"key": "a", "v": "yes"}\n',
    }
    joined = {"t": {"files": "t.jsonl", "by": "key"}}
    mapped = {"id": "id", "extra": {"v": "$t.v"}}
    write(bench, {"type": "table", "files": "objects.jsonl", "with": joined, "map": mapped}, files)
    done = build(bench)
    assert rows(bench, "id", "v") == [("one:1", None), ("one:2", "yes"), ("one:3", None)]
    assert done.slices[0].problems == {"t: not found": 2}


def test_of_several_keys_the_first_is_taken_and_that_is_counted(bench: Bench) -> None:
    """dc:identifier is mostly there more than once: what the others would find is not lost in silence."""
    files: dict[str, str | bytes] = {
        "objects.jsonl": '{"id": "1", "key": ["a", "b"]}\n{"id": "2", "key": ["b", "b"]}\n',
        "t.jsonl": '{"key": "a", "v": "A"}\n{"key": "b", "v": "B"}\n',
    }
    joined = {"t": {"files": "t.jsonl", "by": "key"}}
    mapped = {"id": "id", "extra": {"v": "$t.v"}}
    write(bench, {"type": "table", "files": "objects.jsonl", "with": joined, "map": mapped}, files)
    done = build(bench)
    assert rows(bench, "id", "v") == [("one:1", "A"), ("one:2", "B")]
    assert done.slices[0].problems == {"t: several values in `by`, the first is taken": 1}


def _take_down(bench: Bench, name: str) -> None:
    line = {"source_id": "one", "record_id": name, "action": "removed", "ground": "privacy"}
    (bench.folder / "takedowns.jsonl").write_text(json.dumps(line) + "\n")


def test_a_takedown_names_all_that_is_joined(bench: Bench) -> None:
    """Also what the joined is joined with, what is joined only later, and where no row of the record is made today."""
    write(bench, {"type": "table", "files": "objects.csv", "map": {"id": "id"}}, TABLES)
    _take_down(bench, "1")
    assert build(bench).left == ()
    makers = {"files": "makers.csv", "by": {"id": "object"}, "many": "true"}
    makers["with"] = {"person": {"files": "people.csv", "by": "person"}}
    normalize = objects(map={"id": "id"}, **{"with": {"makers": makers}})
    for name in ("1", "1-Smith"):
        _take_down(bench, name)
        write(bench, normalize, {})
        left = [one.partition(" was not")[0] for one in build(bench).left]
        assert left == ["what `with: makers` joins (makers.csv)", "what `with: person` joins (people.csv)"]


def test_of_a_table_that_is_joined_with_itself_the_others_lose_what_they_took(bench: Bench) -> None:
    """What other lines say of it was not searched for, and that is what is said."""
    family = "id,title,parent\n1,A person,\n2,A child,1\n"
    joined = {"parent": {"files": "objects.csv", "by": {"parent": "id"}}}
    mapped = {"id": "id", "title": "title", "extra": {"of": "$parent.title"}}
    normalize = {"type": "table", "files": "objects.csv", "with": joined, "map": mapped}
    write(bench, normalize, {"objects.csv": family})
    _take_down(bench, "1")
    (left,) = build(bench).left
    assert "its own row is kept out" in left
    assert "(objects.csv) was searched for its own rows alone" in left
    assert rows(bench, "id", "of") == [("one:2", None)]
    write(bench, normalize, {"objects.csv": family.replace("A child", "A son")})
    assert build(bench).erased == 1
    assert rows(bench, "id", "title", "of") == [("one:2", "A son", None)]


# --- one member for each that is joined ---


def _made_of(bench: Bench, makers: str, creators: dict[str, Any], **join: Any) -> tuple[list[Any], dict[str, int]]:
    """The creators of object 1, and what was counted."""
    block = objects(map={"id": "id", "creators": {"each": "$makers", "name": "name", **creators}})
    block["with"]["makers"] |= join
    write(bench, block, {**TABLES, "makers.csv": makers})
    done = build(bench)
    return rows(bench, "creators")[0][0] or [], dict(done.slices[0].problems)


def test_a_member_without_its_name_is_counted_whatever_else_it_says(bench: Bench) -> None:
    """Of a maker with nothing but a name nothing else is left either, and it would go in silence."""
    made, told = _made_of(bench, "object,name\n1, \n1,Wesson\n", {})
    assert [one["name"] for one in made] == ["Wesson"]
    assert told["creators: one without `name` is left out"] == 1


def test_a_step_that_reads_nothing_in_what_is_joined_is_counted(bench: Bench) -> None:
    steps = {"birth_year": "born >> int", "role": "role >> lookup(artist=painter)"}
    made, told = _made_of(bench, "object,name,born,role\n1,Smith,old,donor\n", steps)
    assert [(one["birth_year"], one["role"]) for one in made] == [(None, None)]
    assert (told["creators: `birth_year`: not a whole number"], told["creators: `role`: not in lookup"]) == (1, 1)


def test_a_year_of_nobody_and_one_with_a_sign_are_none(bench: Bench) -> None:
    """Museums write 0 where they do not know; what a sign means is said by `bc`, as for dates."""
    makers = "object,name,born,died\n1,Smith,0,-322\n1,Lysippos,-390.0,0.0\n1,Pliny,23,79.0\n"
    years = {"birth_year": "born", "death_year": "died"}
    made, told = _made_of(bench, makers, years)
    assert [(one["birth_year"], one["death_year"]) for one in made] == [(None, None), (None, None), (23, 79)]
    assert told["creators: death_year is not read for its sign, which `>> until`, `>> bc` or `>> edtf` explains"] == 1
    assert (told["creators: birth_year is not one year"], told["creators: death_year is not one year"]) == (1, 1)
    made, told = _made_of(bench, makers, {"death_year": "died >> bc"})
    assert made[0]["death_year"] == -321
    made, told = _made_of(bench, 'object,name,born\n1,"Turner, J., 1775-1851",never\n', {"birth_year": "born"})
    assert [(one["birth_year"], one["death_year"]) for one in made] == [(1775, 1851)], "the name has them"
    assert told["creators: birth_year is not one year"] == 1


def test_a_number_is_no_address(bench: Bench) -> None:
    """In a column of addresses nobody would know what `Q15792` is."""
    makers = "object,name,at\n1,Smith,Q15792\n1,Wesson,https://a.example/1\n1,Baker,urn:x:1\n1,Nobody,http://\n"
    made, told = _made_of(bench, makers, {"uri": "at"})
    assert [one["uri"] for one in made] == [None, "https://a.example/1", "urn:x:1", None]
    assert told["creators: `uri`: no address, which `>> template` makes of a number"] == 2


def test_lookups_of_the_joined_are_those_of_each(bench: Bench) -> None:
    """They stand in the READ whose records are read; those around it are not seen, and the fault says so."""
    role, table = {"role": "role >> lookup(roles)"}, {"roles": {"artist": "engraver"}}
    made, _ = _made_of(bench, "object,name,role\n1,Smith,artist\n", role, lookups=table)
    assert [one["role"] for one in made] == ["egr"]
    block = objects(map={"id": "id", "creators": {"each": "$makers", "name": "name", **role}}, lookups=table)
    write(bench, block, TABLES)
    with pytest.raises(ConfigError, match=r"creators\.role: .*`lookups` of the READ whose records it reads"):
        build(bench)


def test_members_of_a_joined_record_are_taken_by_their_names(bench: Bench) -> None:
    """`$makers.creators` of a record whose creators have roles too: left out as no texts, they would go in silence."""
    person = {"files": "people.csv", "by": "person"}
    inner = {"with": {"person": person}, "map": {"creators": {"each": "$person", "name": "born", "role": "person"}}}
    block = objects(map={"id": "id", "creators": "$makers.creators"})
    block["with"]["makers"] |= inner
    write(bench, block, TABLES)
    build(bench)
    assert [one["name"] for one in rows(bench, "creators")[0][0]] == ["1801"]


# --- and what others are joined with ---


def _objects_and_people(bench: Bench, *reads: dict[str, Any]) -> None:
    person = {"files": "people.csv", "by": {"maker": "id"}}
    objects = {"type": "table", "files": "objects.csv", "with": {"person": person}}
    mapped = {"id": "id", "title": "title", "creators": "$person.name", "config": {"const": "objects"}}
    write(
        bench,
        [{**objects, "map": mapped}, *reads],  # type: ignore[arg-type]
        {
            "objects.csv": "id,title,maker\n1,A plough,10\n2,A hat,11\n",
            "people.csv": "id,name\n10,Jane Secretname\n11,John Other\n",
        },
    )


_PEOPLE = {"files": "people.csv", "map": {"id": "id", "title": "name", "config": {"const": "people"}}}


@pytest.mark.parametrize("names", [("people:10",), ("people:10", "people:11")])
def test_what_others_are_joined_with_goes_from_them_too(bench: Bench, names: tuple[str, ...]) -> None:
    """People are rows, and makers of objects: who is taken down is no maker any more, in that very run."""
    _objects_and_people(bench, _PEOPLE)
    build(bench)
    assert ("one:objects:1", [_made("Jane Secretname")]) in rows(bench, "id", "creators")
    lines = [{"source_id": "one", "record_id": name, "action": "removed", "ground": "privacy"} for name in names]
    (bench.folder / "takedowns.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = build(bench)
    found = dict(rows(bench, "id", "creators"))
    assert (found["one:objects:1"], done.erased) == (None, len(names) - (len(names) - 1))
    assert found["one:objects:2"] == ([_made("John Other")] if len(names) == 1 else None)
    assert found.keys() == {"one:objects:1", "one:objects:2"} | ({"one:people:11"} if len(names) == 1 else set())
    assert any("(people.csv) was searched for its own rows alone" in said for said in done.left)
    again = build(bench)
    assert (again.read, again.normalized.digest) == (0, done.normalized.digest)


def _made(name: str) -> dict[str, Any]:
    return {"name": name, "name_raw": name, "role": None, "uri": None, "birth_year": None, "death_year": None}
