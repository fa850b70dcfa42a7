"""Rows joined with rows of other files: `with: {NAME: READ + by, many}`, on the way from the files to the slices."""

import json
import pickle
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from biglam_pipeline import pipeline, previewing
from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize.mapping.join_counts import joined_tables
from biglam_pipeline.normalize.mapping.lookups import Lookups
from biglam_pipeline.normalize.reading import Normalizing
from biglam_pipeline.normalize.slicing import SLICE_BYTES
from biglam_pipeline.states import state_of
from biglam_pipeline.store.lookup_index import LookupIndex
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.test_on_disk import described

ENTRY = """
sources:
  one:
    title: A collection
    custodian: Aldermere Free Library
    harvest: file:things
    normalize: {normalize}
    rights: {{license: PDM-1.0, evidence: https://institution.example/rights, checked: 2026-11-20}}
    languages: [en]
"""
OBJECTS = "id,title,file\n1,A plough,p1.jpg\n2,A hat,p2.jpg\n3,A stove,p3.jpg\n"
MAKERS = "object,name,role,person\n1,Smith,artist,10\n1,Wesson,donor,11\n2,Baker,artist,12\n9,Nobody,artist,13\n"
PEOPLE = "person,born\n10,1801\n12,1812\n"
TABLES = {"objects.csv": OBJECTS, "makers.csv": MAKERS, "people.csv": PEOPLE}


def write(bench: Bench, normalize: dict[str, Any], files: dict[str, str | bytes]) -> None:
    bench.write(ENTRY.format(normalize=json.dumps(normalize)))
    folder = bench.folder / "things"
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)


def build(bench: Bench) -> Normalizing:
    source = bench.source("one")
    pipeline.harvest_source(bench.run, source, bench.base(source))
    return pipeline.normalize_source(bench.run, source, bench.base(source))


def rows(bench: Bench, *columns: str) -> list[tuple[Any, ...]]:
    source = bench.source("one")
    shelf = bench.run.normalized(source)
    current = shelf.current()
    assert current is not None
    tables = [shelf.columns(key, list(columns)) for key in current.slices]
    return [tuple(row[name] for name in columns) for table in tables for row in table.to_pylist()]


def objects(**more: Any) -> dict[str, Any]:
    makers = {"files": "makers.csv", "by": {"id": "object"}, "many": "true"}
    return {"type": "table", "files": "objects.csv", "with": {"makers": makers}, **more}


def test_a_row_takes_columns_of_the_row_with_its_key(bench: Bench) -> None:
    """Entry 15 of the language: a text and its line of the inventory. A miss is counted, and costs nothing else."""
    write(
        bench,
        {
            "type": "table",
            "files": "objects.csv",
            "with": {"maker": {"files": "makers.csv", "by": {"id": "object"}, "where": {"role": "artist"}}},
            "map": {"id": "id", "title": "title", "extra": {"maker": "$maker.name >> lower", "role": "$maker.role"}},
        },
        TABLES,
    )
    done = build(bench)
    assert rows(bench, "id", "maker", "role") == [
        ("one:1", "smith", "artist"),
        ("one:2", "baker", "artist"),
        ("one:3", None, None),
    ]
    assert [one.problems for one in done.slices] == [{"maker: not found": 1}]
    assert done.normalized.unread == {"csv": 1}, "people.csv is joined by nobody; makers.csv is"


def test_many_give_all_of_theirs_in_order(bench: Bench) -> None:
    mapped = {"id": "id", "creators": "$makers.name", "extra": {"roles": "$makers.role >> list"}}
    write(bench, objects(map=mapped), TABLES)
    build(bench)
    found = {
        one: ([name["name"] for name in names or ()], roles)
        for one, names, roles in rows(bench, "id", "creators", "roles")
    }
    assert found == {
        "one:1": (["Smith", "Wesson"], ["artist", "donor"]),
        "one:2": (["Baker"], ["artist"]),
        "one:3": ([], None),
    }


def each_maker(**more: Any) -> dict[str, Any]:
    """Entry 6 of the language: makers with their roles, and of a third table who they are."""
    person = {"files": "people.csv", "by": {"person": "person"}}
    makers = {"files": "makers.csv", "by": {"id": "object"}, "many": "true", "with": {"person": person}}
    creators = {"each": "$makers", "name": "name", "role": "role", "birth_year": "$person.born", **more}
    return objects(**{"with": {"makers": makers}}, map={"id": "id", "creators": creators})


def test_one_creator_for_each_that_is_joined(bench: Bench) -> None:
    write(bench, each_maker(), TABLES)
    done = build(bench)
    said = {
        one: [(by["name"], by["role"], by["birth_year"]) for by in made or ()]
        for one, made in rows(bench, "id", "creators")
    }
    assert said == {
        "one:1": [("Smith", "art", 1801), ("Wesson", "dnr", None)],
        "one:2": [("Baker", "art", 1812)],
        "one:3": [],
    }
    assert [one.problems for one in done.slices] == [{"makers: not found": 1}]
    again = build(bench)
    assert [one.key for one in again.slices] == [one.key for one in done.slices], "nothing changed, nothing is read"
    write(bench, each_maker(), {"people.csv": PEOPLE.replace("1801", "1799")})
    assert [one.key for one in build(bench).slices] != [one.key for one in done.slices]
    assert rows(bench, "creators")[0][0][0]["birth_year"] == 1799


def test_each_reads_values_as_its_own_map_would(bench: Bench) -> None:
    """Steps, alternatives and constants; a member without its name is left out, and a year that is none is told."""
    makers = MAKERS + "3,,artist,14\n3,Unknown,artist,12\n"
    name = [" name >> replace(Unknown)", "$person.called"]
    people = "person,born,called\n10,1801-02-03,\n12,about 1812 or 1815,A. Baker\n"
    write(
        bench,
        each_maker(name=name, role={"const": "artist"}, uri="person >> template(https://a.example/{})"),
        {**TABLES, "makers.csv": makers, "people.csv": people},
    )
    done = build(bench)
    found = dict(rows(bench, "id", "creators"))
    assert [(by["name"], by["birth_year"], by["uri"]) for one in ("one:1", "one:2", "one:3") for by in found[one]] == [
        ("Smith", 1801, "https://a.example/10"),
        ("Wesson", None, "https://a.example/11"),
        ("Baker", None, "https://a.example/12"),
        ("A. Baker", None, "https://a.example/12"),
    ]
    assert done.slices[0].problems["creators: one without `name` is left out"] == 1
    assert done.slices[0].problems["creators: birth_year is not one year"] == 2


def test_each_of_subjects_and_places(bench: Bench) -> None:
    terms = "object,term,id\n1,ploughs,300\n1,fields,\n2,hats,301\n"
    block = {
        "type": "table",
        "files": "objects.csv",
        "with": {"terms": {"files": "terms.csv", "by": {"id": "object"}, "many": "true"}},
        "map": {
            "id": "id",
            "subjects": {"each": "$terms", "label": "term", "uri": "id >> template(https://v.example/{})"},
            "spatial": {"each": "$terms", "name": "term >> lookup(fields=Fields)"},
        },
    }
    write(bench, block, {"objects.csv": OBJECTS, "terms.csv": terms})
    build(bench)
    subjects, spatial = rows(bench, "subjects", "spatial")[0]
    assert subjects == [
        {"label": "ploughs", "uri": "https://v.example/300", "scheme": None},
        {"label": "fields", "uri": None, "scheme": None},
    ]
    assert spatial == [{"name": "Fields", "uri": None}]


def test_where_and_rights_read_what_is_joined(bench: Bench) -> None:
    write(bench, objects(map={"id": "id"}, where={"$makers.role": "donor"}), TABLES)
    done = build(bench)
    assert rows(bench, "id") == [("one:1",)]
    assert [one.left_out for one in done.slices] == [2]
    text = ENTRY.format(normalize=json.dumps(objects(map={"id": "id"}))).replace(
        "license: PDM-1.0", "from: $makers.terms"
    )
    bench.write(text)
    makers = "object,terms\n1,CC0-1.0\n2,All rights reserved\n"
    (bench.folder / "things" / "makers.csv").write_text(makers)
    build(bench)
    assert rows(bench, "id", "rights_tier") == [("one:1", "pd"), ("one:2", "closed"), ("one:3", "unknown")]


def test_the_rights_that_a_joined_record_states_by_itself_are_read(bench: Bench) -> None:
    """Entry 16 of the language: pages whose rights stand in EDM beside them, of which nothing is mapped."""

    def edm(name: str, rights: str) -> str:
        return (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://www.europeana.eu/schemas/edm/"'
            f' xmlns:ore="http://www.openarchives.org/ore/terms/"><e:ProvidedCHO rdf:about="{name}"/><ore:Aggregation>'
            f'<e:rights rdf:resource="{rights}"/></ore:Aggregation></rdf:RDF>'
        )

    record = {"files": "records/*.xml", "type": "edm", "by": {"id": "$stem"}}
    normalize = {"type": "table", "files": "objects.csv", "with": {"record": record}, "map": {"id": "id"}}
    files = {
        "objects.csv": OBJECTS,
        "records/1.xml": edm("a", "http://creativecommons.org/publicdomain/mark/1.0/"),
        "records/2.xml": edm("b", "http://rightsstatements.org/vocab/InC/1.0/"),
    }
    write(bench, normalize, files)
    bench.write(ENTRY.format(normalize=json.dumps(normalize)).replace("license: PDM-1.0", "from: $record.rights"))
    build(bench)
    assert rows(bench, "id", "rights_tier") == [("one:1", "pd"), ("one:2", "closed"), ("one:3", "unknown")]


def test_a_row_for_each_of_what_is_joined(bench: Bench) -> None:
    mapped = {"id": {"all": ["id", "$makers.name"], "join": "-"}, "title": "title", "extra": {"role": "$makers.role"}}
    write(bench, objects(rows="$makers", map=mapped), TABLES)
    done = build(bench)
    assert rows(bench, "id", "title", "role") == [
        ("one:1-Smith", "A plough", "artist"),
        ("one:1-Wesson", "A plough", "donor"),
        ("one:2-Baker", "A hat", "artist"),
    ]
    assert done.slices[0].unmapped["records without $makers"] == 1


def test_what_is_joined_may_be_joined_itself(bench: Bench) -> None:
    person = {"files": "people.csv", "by": "person"}
    makers = {"files": "makers.csv", "by": {"id": "object"}, "many": "true", "with": {"person": person}}
    makers["map"] = {"title": "name", "extra": {"born": "$person.born"}}
    mapped = {"id": "id", "extra": {"who": "$makers.title >> list", "born": "$makers.born >> list"}}
    write(bench, {"type": "table", "files": "objects.csv", "with": {"makers": makers}, "map": mapped}, TABLES)
    build(bench)
    assert rows(bench, "id", "who", "born") == [
        ("one:1", ["Smith", "Wesson"], ["1801"]),
        ("one:2", ["Baker"], ["1812"]),
        ("one:3", None, None),
    ]


def test_records_of_xml_are_joined_with_a_table_and_a_table_with_records(bench: Bench) -> None:
    card = "<dc xmlns='http://purl.org/dc/elements/1.1/'><identifier>{}</identifier><title>Card {}</title>"
    card += "<date>{}</date></dc>"
    cards: dict[str, str | bytes] = {f"cards/{n}.xml": card.format(n, n, 1800 + n) for n in (1, 2, 4)}
    by = {"$identifiers": "id"}
    write(
        bench,
        {"type": "oai_dc", "with": {"thing": {"files": "objects.csv", "by": by}}, "map": {"title_alt": "$thing.title"}},
        {**TABLES, **cards},
    )
    build(bench)
    assert rows(bench, "id", "title_alt") == [("one:1", ["A plough"]), ("one:2", ["A hat"]), ("one:4", None)]
    joined = {"type": "oai_dc", "files": "*.xml", "by": {"id": "dc:identifier"}}
    mapped = {"id": "id", "title": "$card.title", "date": "$card.date", "extra": {"file": "$card.stem"}}
    joined["map"] = {"extra": {"stem": "$stem"}}
    write(bench, {"type": "table", "files": "objects.csv", "with": {"card": joined}, "map": mapped}, {})
    build(bench)
    assert rows(bench, "id", "title", "date_raw", "year_start", "file") == [
        ("one:1", "Card 1", ["1801"], 1801, "1"),
        ("one:2", "Card 2", ["1802"], 1802, "2"),
        ("one:3", None, None, None, None),
    ]


@pytest.mark.parametrize("more", ["1,Again,artist,10\n", "1,Smith,artist,10\n"])
def test_a_repeated_key_is_a_fault_unless_there_may_be_many(bench: Bench, more: str) -> None:
    one = {"files": "makers.csv", "by": {"id": "object"}}
    write(bench, objects(**{"with": {"maker": one}}, map={"id": "id", "title": "$maker.name"}), TABLES)
    with pytest.raises(SourceChanged, match=r"`with: maker`: makers.csv line 2 and .* line 3 have the same key"):
        build(bench)
    one["many"] = "true"
    write(bench, objects(**{"with": {"maker": one}}, map={"id": "id", "title": "$maker.name"}), {})
    build(bench)


def test_a_column_that_is_not_there_stops_the_source(bench: Bench) -> None:
    write(bench, objects(map={"id": "id", "title": "$makers.nmae"}), TABLES)
    with pytest.raises(SourceChanged, match=r"makers\.csv has no column 'nmae'; it has name, object, person, role"):
        build(bench)
    write(bench, objects(map={"id": "id"}, **{"with": {"m": {"files": "makers.csv", "by": "id"}}}), {})
    with pytest.raises(SourceChanged, match=r"makers\.csv has no column 'id'"):
        build(bench)


# --- a night later ---


def _many_slices(bench: Bench) -> list[str]:
    """Sixteen files of a slice each, and an inventory of half of their rows."""
    names = [f"list-{n:02d}.csv" for n in range(16)]
    wide = "x" * (SLICE_BYTES // 40)
    files: dict[str, str | bytes] = {
        name: "id,text\n" + "".join(f"{name[5:7]}-{row},{wide}\n" for row in range(41)) for name in names
    }
    files["inventory.csv"] = "id,title,shelf\n" + "".join(
        f"{n:02d}-{row},Title,A\n" for n in range(16) for row in range(20)
    )
    book = {"files": "inventory.csv", "by": "id"}
    mapped = {"id": "id", "title": "$book.title"}
    write(bench, {"type": "table", "files": "list-*.csv", "with": {"book": book}, "map": mapped}, files)
    return names


def _inventory(bench: Bench, was: str, now: str) -> None:
    path = bench.folder / "things" / "inventory.csv"
    text = path.read_text()
    assert was in text
    path.write_text(text.replace(was, now))


@pytest.mark.slow
def test_one_line_of_an_inventory_reads_one_slice_again(bench: Bench) -> None:
    """Also a line for a key that was missed; a column that nobody asks for, and an untouched night, none."""
    _many_slices(bench)
    first = build(bench)
    assert first.read == len(first.slices) > 10
    assert build(bench).read == 0
    source, reported = bench.source("one"), rows(bench, "id", "title")
    bench.run.normalized(source).shelf.clear()
    again = pipeline.normalize_source(replace(bench.run, processes=2), source, bench.base(source))
    assert (again.normalized.digest, rows(bench, "id", "title")) == (first.normalized.digest, reported)
    _inventory(bench, "03-5,Title,A", "03-5,Another title,A")
    done = build(bench)
    assert (done.read, len(done.slices)) == (1, len(first.slices))
    assert ("one:03-5", "Another title") in rows(bench, "id", "title")
    assert build(bench).read == 0
    _inventory(bench, "id,title,shelf\n", "id,title,shelf\n07-30,Found at last,A\n")
    assert build(bench).read == 1
    assert ("one:07-30", "Found at last") in rows(bench, "id", "title")
    _inventory(bench, ",Title,A\n04-1,", ",Title,B\n04-1,")
    assert build(bench).read == 0, "the shelf is no column of a row"
    _inventory(bench, "id,title,shelf\n", "id,title,shelf\n99-1,Of nothing,A\n")
    assert build(bench).read == 0, "nobody asks for it"
    _inventory(bench, "12-0,Title,A\n", "")
    assert build(bench).read == 1
    assert ("one:12-0", None) in rows(bench, "id", "title")
    _inventory(bench, "id,title,shelf\n", "id,title,shelf\n12-0,Title,A\n")
    assert build(bench).read == 1
    assert rows(bench, "id", "title").count(("one:12-0", "Title")) == 1
    notes = bench.run.normalized(bench.source("one")).shelf.list("lookups/")
    assert len(notes) == len(first.slices), "one note a slice, and none of yesterday's"
    (form,) = [one for one in described() if one.name.startswith("normalized/lookups/")]
    assert all(form.matches(f"normalized/{name}") for name in notes)


def test_the_tables_are_made_once_a_run_and_only_where_something_is_asked(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, asked = list[int](), list[bytes]()
    build_it, find = LookupIndex.build.__func__, LookupIndex.find  # type: ignore[attr-defined]

    def counted(cls: type[LookupIndex], path: Any, lines: Any) -> LookupIndex:
        lines = list(lines)
        made.append(len(lines))
        index: LookupIndex = build_it(cls, path, lines)
        return index

    monkeypatch.setattr(LookupIndex, "build", classmethod(counted))
    monkeypatch.setattr(LookupIndex, "find", lambda self, key: (asked.append(key), find(self, key))[1])
    for count in (100, 1000):
        made.clear()
        asked.clear()
        files: dict[str, str | bytes] = {
            "objects.csv": "id\n" + "".join(f"{n}\n" for n in range(count)),
            "makers.csv": "object,name\n" + "".join(f"{n},Maker {n}\n" for n in range(count)),
        }
        write(bench, objects(map={"id": "id", "title": "$makers.name"}), files)
        build(bench)
        assert (made, len(asked)) == ([count], count), "a row is read once, and looks up once: the cost is linear"
    made.clear()
    build(bench)
    assert made == [], "nothing is new"


def test_a_takedown_says_that_what_is_joined_was_not_searched(bench: Bench) -> None:
    write(bench, objects(map={"id": "id", "title": "$makers.name"}), TABLES)
    build(bench)
    line = {"source_id": "one", "record_id": "1", "action": "removed", "ground": "privacy"}
    (bench.folder / "takedowns.jsonl").write_text(json.dumps(line) + "\n")
    done = build(bench)
    assert rows(bench, "id") == [("one:2",), ("one:3",)]
    assert [one.partition(" was not")[0] for one in done.left] == ["what `with: makers` joins (makers.csv)"]
    assert build(bench).left == done.left


def test_a_row_beside_the_one_that_is_taken_down_stays(bench: Bench) -> None:
    """Both are made of one line: blanked, it would take its neighbour with it."""
    mapped = {"id": {"all": ["id", "$makers.name"], "join": "-"}, "title": "title", "extra": {"maker": "$makers.name"}}
    write(bench, objects(rows="$makers", map=mapped), TABLES)
    build(bench)
    line = {"source_id": "one", "record_id": "1-Smith", "action": "removed", "ground": "privacy"}
    (bench.folder / "takedowns.jsonl").write_text(json.dumps(line) + "\n")
    assert any("cannot take one record out of a file that holds others" in one for one in build(bench).left)
    assert rows(bench, "id") == [("one:1-Wesson",), ("one:2-Baker",)]
    write(bench, objects(rows="$makers", map={**mapped, "publisher": "title"}), {})
    build(bench)
    assert rows(bench, "id") == [("one:1-Wesson",), ("one:2-Baker",)]


def test_a_table_that_does_not_come_stops_the_source(bench: Bench) -> None:
    """Else every row would lose its columns in one night, counted as a miss."""
    write(bench, objects(map={"id": "id", "title": "$makers.name"}), TABLES)
    build(bench)
    (bench.folder / "things" / "makers.csv").rename(bench.folder / "things" / "Makers-2026.csv")
    with pytest.raises(SourceChanged, match=r"`with: makers`: no file came that ends like makers\.csv; harvest it too"):
        build(bench)


@pytest.mark.parametrize(
    ("makers", "why"),
    [
        ("object,name\n", "no rows"),
        ("object,name\n,Smith\n", "1 rows without a key"),
        ("object,name\n1,Smith,more\n", "1 rejects"),
    ],
)
def test_a_table_in_which_nothing_can_be_found_stops_the_source(bench: Bench, makers: str, why: str) -> None:
    """A night that cut the table behind its header would empty a column of every row, and each would be published."""
    joined = {"maker": {"files": "makers.csv", "by": {"id": "object"}}}
    block = {"files": "objects.csv", "with": joined, "map": {"id": "id", "creators": "$maker.name"}}
    write(bench, block, {**TABLES, "makers.csv": "object,name\n1,Smith\n"})
    before = build(bench)
    write(bench, block, {**TABLES, "makers.csv": makers})
    with pytest.raises(
        SourceChanged, match=rf"`with: maker`: makers\.csv: {why}, so that no row would find anything; look"
    ):
        build(bench)
    assert bench.run.normalized(bench.source("one")).current() == before.normalized


def test_what_the_map_of_a_join_cannot_read_is_counted(bench: Bench) -> None:
    """Rows only see that nothing is there; the records of the joined file say why, also those of a join within."""
    person = {"files": "people.csv", "by": {"person": "person"}, "map": {"extra": {"born": "born >> int"}}}
    makers = {"files": "makers.csv", "by": {"id": "object"}, "many": "true", "with": {"person": person}}
    made = {"extra": {"born": "$makers.born >> list"}}
    block = objects(
        **{"with": {"makers": {**makers, "map": {"extra": {"born": "$person.born"}}}}}, map={"id": "id", **made}
    )
    write(bench, block, {**TABLES, "people.csv": "person,born\n10,1801\n12,unknown\n"})
    build(bench)
    assert rows(bench, "born") == [(["1801"],), (None,), (None,)]
    found = {name: dict(one.problems) for name, one in joined_tables(bench.run.normalized(bench.source("one")).shelf)}
    assert found == {
        "makers": {"person: not found": 2},
        "makers.person": {"born: not a whole number": 1},
    }
    told = state_of(bench.run, bench.source("one"))["not_read"]
    assert isinstance(told, dict)
    assert told["with makers.person: born: not a whole number"] == 1


def test_the_first_rows_are_joined_too(bench: Bench) -> None:
    write(bench, objects(map={"id": "id", "title": "$makers.name"}), TABLES)
    source = bench.source("one")
    pipeline.harvest_source(bench.run, source, bench.base(source))
    sample = previewing.preview_source(bench.run, source, bench.base(source), 2)
    assert [row["title"] for row in sample.rows] == ["Smith", "Baker"]


def test_what_was_made_for_looking_up_pickles_as_its_place(tmp_path: Path) -> None:
    """A slice may be read by another process: the tables are made before, and each process opens them."""
    index = LookupIndex.build(tmp_path / "an" / "index", [(b"k", b"1", "a"), (b"k", b"2", "b"), (b"l", b"3", "c")])
    again = pickle.loads(pickle.dumps(index))
    assert (again.find(b"k"), again.find(b"x"), again.repeated()) == ([b"1", b"2"], [], ["a", "b"])
    lookups = Lookups("digest", build=partial(dict, makers=index)).for_a_slice()
    other = pickle.loads(pickle.dumps(lookups))
    assert (other.find("makers", ("1",)), [*other.asked.values()], lookups.asked) == ([], [""], {})
    for one in (index, again, other):
        one.close()
