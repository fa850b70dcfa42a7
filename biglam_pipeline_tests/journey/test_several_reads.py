"""Several READs of one harvest, `normalize: [READ, READ]`: each kind of rows has its columns, configs and numbers."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from biglam_pipeline import clearing, pipeline, previewing
from biglam_pipeline.checks.view import View
from biglam_pipeline.dedup.laying import LaidOut
from biglam_pipeline.errors import ConfigError, RightsWithheld
from biglam_pipeline.normalize.reading import Normalizing
from biglam_pipeline.publish.draft import Release
from biglam_pipeline.releasing.remembered import last_release
from biglam_pipeline.retraction import Outcome, Request, plan_takedown, take_down
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_nights import advance
from biglam_pipeline_tests.normalize.drawn import draw

ENTRY = """
sources:
  museum:
    title: Open data of a museum
    custodian: A museum
    harvest: file:data
    normalize: {normalize}
    rights: {{license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-11-20, quote: CC0}}
    languages: [en]
    {more}
"""
OBJECTS = "objectid,title,displaydate\n5,A plough,1801\n6,A hat,1812\n7,A stove,1820\n"
MAKERS = "objectid,constituentid,roletype\n5,5,artist\n6,6,artist\n6,5,donor\n"
PEOPLE = "constituentid,forwarddisplayname,nationality,role\n5,Ann Smith,Dutch,maker\n6,Bo Baker,French,donor\n"
TABLES = {"objects.csv": OBJECTS, "objects_constituents.csv": MAKERS, "constituents.csv": PEOPLE}

person = {"files": "constituents.csv", "by": "constituentid", "map": {"title": "forwarddisplayname"}}
makers = {"files": "objects_constituents.csv", "by": "objectid", "many": "true", "where": {"roletype": "artist"}}
makers |= {"with": {"person": person}, "map": {"extra": {"who": "$person.title"}}}
OBJECT: dict[str, Any] = {
    "files": "objects.csv",
    "with": {"makers": makers},
    "map": {
        "config": {"const": "objects"},
        "id": "objectid",
        "title": "title",
        "date": "displaydate",
        "creators": "$makers.who",
    },
}
PERSON: dict[str, Any] = {
    "files": "constituents.csv",
    "map": {
        "config": {"const": "people"},
        "id": "constituentid",
        "title": "forwarddisplayname",
        "extra": {"nationality": "nationality", "role": "role >> class(maker, donor)"},
    },
}
"""Entry 6 of the language, without the pictures that are fetched by a second request."""


def without(block: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: one for name, one in block.items() if name != key}


READ = """
import json, sys
from datasets import get_dataset_config_names, load_dataset, load_dataset_builder
repository = sys.argv[1]
found = {}
for name in get_dataset_config_names(repository):
    info = load_dataset_builder(repository, name).info
    rows = load_dataset(repository, name, split="train")
    assert info.splits["train"].num_examples == len(rows), name
    assert list(info.features) == rows.column_names, name
    stream = load_dataset(repository, name, split="train", streaming=True)
    assert [row["id"] for row in stream] == rows["id"], name
    rows = rows.select_columns([one for one in rows.column_names if one != "image"])
    found[name] = {"rows": rows.to_list(), "features": {key: str(kind) for key, kind in info.features.items()}}
print(json.dumps(found, default=str), flush=True)
import os; os._exit(0)
"""


def write(bench: Bench, reads: Any, more: str = "", **files: str | bytes) -> None:
    """files: by name, with _ for the dot before the extension; what is not named is as it was."""
    folder = bench.folder / "data"
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        stem, _, extension = name.rpartition("_")
        (folder / f"{stem}.{extension}").write_bytes(data.encode() if isinstance(data, str) else data)
    bench.write(ENTRY.format(normalize=json.dumps(reads), more=more))


def museum(bench: Bench, *reads: dict[str, Any], more: str = "") -> None:
    write(bench, list(reads) or [OBJECT, PERSON], more)
    for name, text in TABLES.items():
        path = bench.folder / "data" / name
        if not path.exists():
            path.write_text(text)


def normalize(bench: Bench) -> Normalizing:
    source = bench.source("museum")
    pipeline.harvest_source(bench.run, source, bench.base(source))
    return pipeline.normalize_source(bench.run, source, bench.base(source))


def lay(bench: Bench) -> LaidOut:
    normalize(bench)
    source = bench.source("museum")
    return pipeline.dedup_source(bench.run, source, bench.base(source))


def night(bench: Bench) -> Release:
    lay(bench)
    source = bench.source("museum")
    return pipeline.publish_source(bench.run, source, bench.base(source))


def view_of(bench: Bench) -> View:
    source = bench.source("museum")
    return clearing.view_of(bench.run, source, bench.base(source), "any")


def change(bench: Bench, name: str, old: str, new: str) -> None:
    path = bench.folder / "data" / name
    path.write_text(path.read_text().replace(old, new))


def ids(bench: Bench) -> set[str]:
    return {row["id"] for row in bench.rows("museum")}


# --- what a reader of the repository finds ---


@pytest.mark.slow
def test_each_config_is_loaded_with_its_own_columns(bench: Bench, client: Callable[..., str]) -> None:
    museum(bench)
    release = night(bench)
    read = json.loads(client(bench.hub.endpoint, READ, release.repository))
    assert read.keys() == {"objects", "people"}, "no config can hold both: their columns differ"
    objects, people = read["objects"]["rows"], read["people"]["rows"]
    assert [(one["id"], one["title"]) for one in objects] == [
        ("museum:objects:5", "A plough"),
        ("museum:objects:6", "A hat"),
        ("museum:objects:7", "A stove"),
    ]
    assert [(one["id"], one["nationality"], one["role"]) for one in people] == [
        ("museum:people:5", "Dutch", 0),
        ("museum:people:6", "French", 1),
    ]
    assert [[each["name"] for each in one["creators"] or []] for one in objects] == [["Ann Smith"], ["Bo Baker"], []]
    assert "ClassLabel(names=['maker', 'donor'])" in read["people"]["features"]["role"]
    assert not {"nationality", "role"} & read["objects"]["features"].keys()


def test_the_card_says_of_each_section_what_stands_in_it(bench: Bench) -> None:
    museum(bench)
    release = night(bench)
    card = bench.card("museum")
    assert f'load_dataset("{release.repository}", "objects", split="train")' in card
    assert f'load_dataset("{release.repository}", split="train")' not in card, "there is no config of that name"
    assert "### `objects`: 3 rows" in card
    assert "### `people`: 2 rows" in card
    assert "| `nationality` | string | 100\u00a0% |" in card, "of the rows that have the column"
    assert "config_name: default" not in card


def test_pictures_and_a_table_of_one_harvest(bench: Bench, client: Callable[..., str]) -> None:
    """Rows of the READ that names no config are `default`, and their identifiers are what they would be alone."""
    images = {"type": "images", "map": {"title": "$stem"}}
    table = {"files": "objects.csv", "map": {"config": {"const": "objects"}, "id": "objectid", "title": "title"}}
    pictures = {f"p{number}_jpg": draw("JPEG", (60, 40), number) for number in range(3)}
    write(bench, [images, table], objects_csv=OBJECTS, **pictures)
    release = night(bench)
    read = json.loads(client(bench.hub.endpoint, READ, release.repository))
    assert {name: len(one["rows"]) for name, one in read.items()} == {"default": 3, "objects": 3}
    assert "Image" in read["default"]["features"]["image"]
    assert "image" not in read["objects"]["features"]
    assert {one["id"] for one in read["default"]["rows"]} == {f"museum:p{number}.jpg" for number in range(3)}
    assert set(bench.parts("museum")) == {"data/default/part-00000.parquet", "data/objects/part-00000.parquet"}


# --- nights ---


def test_a_quiet_night_and_one_changed_row(bench: Bench) -> None:
    museum(bench)
    first = night(bench)
    before = bench.parts("museum")
    assert lay(bench).written == 0
    assert night(bench).tag == first.tag
    assert bench.commits("museum") == 1
    change(bench, "objects.csv", "A stove", "A cold stove")
    done = normalize(bench)
    assert (done.read, len(done.slices)) == (1, 2), "the people are not read again"
    night(bench)
    after = bench.parts("museum")
    assert {path for path in after if after[path] != before[path]} == {"data/objects/part-00000.parquet"}
    change(bench, "constituents.csv", "Bo Baker", "Bo the Baker")
    assert normalize(bench).read == 2, "a person is a row of its own, and stands in the row of an object"


@pytest.mark.representative(1)  # identifiers of another shape
@pytest.mark.parametrize("first", [OBJECT, {**OBJECT, "map": without(OBJECT["map"], "config")}], ids=["named", "bare"])
def test_a_read_that_comes_or_goes_moves_no_other(bench: Bench, first: dict[str, Any]) -> None:
    """What was published of the first stays, byte for byte and with its identifiers."""
    museum(bench, first)
    night(bench)
    parts, slices = bench.parts("museum"), normalize(bench).normalized.slices
    museum(bench, first, PERSON)
    done = normalize(bench)
    assert done.read == 1
    assert set(slices) < set(done.normalized.slices)
    night(bench)
    assert parts.items() < bench.parts("museum").items()
    museum(bench, first, more="expect: {rows: 1..}")
    assert normalize(bench).read == 0
    night(bench)
    assert bench.parts("museum") == parts


@pytest.mark.slow  # what one READ leaves the others alone with: `test_a_quiet_night_...` stays
def test_a_where_of_one_read_is_no_matter_of_another(bench: Bench) -> None:
    museum(bench)
    night(bench)
    people = {path: digest for path, digest in bench.parts("museum").items() if "people" in path}
    said = f"expect: {{accept_change: {{from: {last_tag(bench)}, because: donors alone}}}}"  # half of them go
    museum(bench, OBJECT, {**PERSON, "where": {"role": "donor"}}, more=said)
    night(bench)
    assert ids(bench) == {"museum:objects:5", "museum:objects:6", "museum:objects:7", "museum:people:6"}
    change(bench, "objects.csv", "A hat", "A new hat")
    museum(bench, OBJECT, PERSON)
    night(bench)
    assert ids(bench) == {
        "museum:objects:5",
        "museum:objects:6",
        "museum:objects:7",
        "museum:people:5",
        "museum:people:6",
    }
    assert people.keys() <= bench.parts("museum").keys()


@pytest.mark.slow  # settings are a set of READs, as `test_a_read_that_comes_or_goes_...` says
def test_the_order_of_the_reads_says_nothing(bench: Bench) -> None:
    museum(bench, OBJECT, PERSON)
    first = night(bench)
    museum(bench, PERSON, OBJECT)
    assert normalize(bench).read == 0
    assert night(bench).tag == first.tag


# --- identifiers ---


def test_an_object_and_a_person_may_have_one_number(bench: Bench) -> None:
    museum(bench)
    laid = lay(bench)
    assert laid.manifest.tally.adds_up
    assert (laid.manifest.tally.published, laid.manifest.tally.rejected) == (5, 0)


def test_reads_of_one_config_share_its_numbers(bench: Bench) -> None:
    """Rows of one kind from two tables: the same number twice is the same thing twice."""
    more = {"files": "more.csv", "map": {**OBJECT["map"], "title": "name", "date": "year", "creators": "who"}}
    write(bench, [OBJECT, more], more_csv="objectid,name,year,who\n8,A saw,1830,Ann Smith\n5,Another plough,1831,Bo\n")
    museum(bench, OBJECT, more)
    laid = lay(bench)
    assert laid.manifest.tally.rejected == 1
    assert laid.manifest.rejects == {"identifier_repeated": 1}
    assert laid.manifest.tally.published == 4


def retract(bench: Bench, record: str) -> Outcome:
    source, request = bench.source("museum"), Request(record, "privacy")
    plan = plan_takedown(bench.run, source, bench.base(source), request)
    return take_down(bench.run, source, bench.base(source), plan, request)


def test_a_takedown_reaches_one_row_and_not_the_other_of_its_number(bench: Bench) -> None:
    museum(bench, more="expect: {rows: 1..}")
    night(bench)
    before = bench.parts("museum")
    assert "Ann Smith" in str(bench.rows("museum"))
    retract(bench, "people:5")
    after = bench.parts("museum")
    assert {path for path in before if after.get(path) == before[path]} == set(), "she was a maker of one object"
    assert "Ann Smith" not in str(bench.rows("museum"))
    assert ids(bench) == {"museum:objects:5", "museum:objects:6", "museum:objects:7", "museum:people:6"}
    assert "Ann Smith,Dutch" not in raw_texts(bench)
    laid = lay(bench)
    assert laid.manifest.tally.adds_up
    assert laid.manifest.tally.taken_down == 1
    museum(bench, PERSON, OBJECT, more="expect: {rows: 1..}")  # and after an edit of the entry
    change(bench, "constituents.csv", "French", "Belgian")
    night(bench)
    assert ids(bench) == {"museum:objects:5", "museum:objects:6", "museum:objects:7", "museum:people:6"}


def raw_texts(bench: Bench) -> str:
    """All that the raw shelf still holds, as far as it is text."""
    source = bench.source("museum")
    raw = bench.run.raw(source)
    harvest = raw.latest()
    assert harvest is not None
    notes, found = raw.redactions, []
    for held in raw.objects(harvest.number).values():
        found += [data.decode() for data in raw.contents([held], lambda one: tuple(notes.left(one))).values()]
    return "\n".join(found)


@pytest.mark.slow  # test_takedown_along.py holds it of lines
def test_what_two_reads_make_of_one_file_goes_from_both(bench: Bench) -> None:
    """A takedown leaves less of a file, and the other READ of it is read again: the tally counts what is there."""
    names = {"files": "constituents.csv", "map": {"config": {"const": "names"}, "id": "constituentid"}}
    names["map"] |= {"title": "forwarddisplayname"}
    museum(bench, PERSON, names, more="expect: {rows: 1..}")
    night(bench)
    assert len(ids(bench)) == 4
    retract(bench, "people:5")
    assert ids(bench) == {"museum:people:6", "museum:names:6"}
    laid = lay(bench)
    assert laid.manifest.tally.adds_up
    assert (laid.manifest.tally.published, laid.manifest.tally.taken_down) == (2, 2)
    assert "Ann Smith" not in raw_texts(bench)


# --- duplicates ---


def test_rows_of_two_sections_are_no_duplicates(bench: Bench) -> None:
    """A page that is one article has the article's text; neither repeats the other."""
    words = "It was on a cold morning of that winter that the plough was brought to town and nobody knew by whom. "
    text = words * 3
    pages = "id,text\n1," + text + "\n2," + text + "\n"
    one = {"files": "pages.csv", "modality": "text", "map": {"config": {"const": "pages"}, "id": "id", "text": "text"}}
    two = {"files": "articles.csv", "modality": "text"}
    two["map"] = {"config": {"const": "articles"}, "id": "id", "text": "text"}  # type: ignore[assignment]
    write(bench, [one, two], "dedup: {largest_cluster: ..1}", pages_csv=pages, articles_csv=f"id,text\n1,{text}\n")
    night(bench)
    named = {row["id"]: row["dup_of"] for row in bench.rows("museum")}
    assert named == {"museum:pages:1": None, "museum:pages:2": "museum:pages:1", "museum:articles:1": None}
    assert lay(bench).written == 0


# --- which files ---


def test_a_read_that_names_no_files_takes_what_no_other_names(bench: Bench) -> None:
    rest = {"type": "table", "map": {"title": "roletype", "extra": {"object": "objectid"}}}
    objects = {"files": "objects.csv", "map": without(OBJECT["map"], "creators")}
    museum(bench, rest, PERSON, objects)
    done = normalize(bench)
    assert done.normalized.unread == {}
    shelf = bench.run.normalized(bench.source("museum"))
    sections = dict(zip(done.normalized.sections, done.normalized.slices, strict=True))
    assert {name: shelf.numbers(key).rows for name, key in sections.items()} == {"": 3, "people": 2, "objects": 3}


@pytest.mark.slow  # of missing ones `test_a_section_that_shrinks_...` stays
def test_a_read_whose_files_came_no_more_deletes_nothing(bench: Bench) -> None:
    museum(bench)
    night(bench)
    (bench.folder / "data" / "objects.csv").unlink()
    with pytest.raises(RightsWithheld, match=r"there are no rows of `objects`"):
        night(bench)
    assert "museum:objects:5" in ids(bench)


THINGS: dict[str, Any] = {"files": "objects.csv", "map": {**without(OBJECT["map"], "creators")}}
SOULS = "constituentid,forwarddisplayname,nationality,role\n" + "".join(
    f"{at},P {at},Dutch,maker\n" for at in range(20)
)


@pytest.mark.slow  # `test_a_takedown_reaches_one_row_...` stays; what is missing is looked for by section
def test_a_takedown_excuses_no_other_section(bench: Bench) -> None:
    """What is missing because it was taken down is of one section; the file of the other was not delivered."""
    museum(bench, THINGS, PERSON, more="expect: {rows: 1..}")
    night(bench)
    retract(bench, "objects:5")
    (bench.folder / "data" / "constituents.csv").write_text(PEOPLE.splitlines()[0] + "\n")
    with pytest.raises(RightsWithheld, match=r"there are no rows of `people`"):
        night(bench)
    assert "museum:people:6" in ids(bench)


@pytest.mark.slow  # `test_a_takedown_reaches_one_row_and_not_the_other_of_its_number` stays
def test_the_only_row_of_a_section_may_be_taken_down(bench: Bench) -> None:
    """The section goes, and so do the nights after, with nothing to be mended."""
    write(bench, [THINGS, PERSON], objects_csv=OBJECTS, constituents_csv="\n".join(PEOPLE.splitlines()[:2]) + "\n")
    night(bench)
    retract(bench, "people:5")
    things = {"museum:objects:5", "museum:objects:6", "museum:objects:7"}
    assert ids(bench) == things
    change(bench, "objects.csv", "A hat", "A new hat")
    night(bench)
    assert ids(bench) == things


def test_a_section_that_shrinks_is_seen_among_larger_ones(bench: Bench) -> None:
    many = "objectid,title,displaydate\n" + "".join(f"{at},T {at},1801\n" for at in range(300))
    write(bench, [THINGS, PERSON], objects_csv=many, constituents_csv=SOULS)
    night(bench)
    write(bench, [THINGS, PERSON], constituents_csv="\n".join(SOULS.splitlines()[:2]) + "\n")
    with pytest.raises(
        RightsWithheld, match=r"1 rows were read of `people`, where the last release had 20; .*accept_change"
    ):
        night(bench)
    change_tag = f"expect: {{accept_change: {{from: {last_tag(bench)}, because: the museum says so}}}}"
    write(bench, [THINGS, PERSON], change_tag)
    assert night(bench).rows == 301


@pytest.mark.slow  # `test_a_section_that_shrinks_...` stays
def test_a_section_that_is_called_otherwise_is_seen_among_larger_ones(bench: Bench) -> None:
    """Its identifiers go with its name, and with them what was taken down under them."""
    many = "objectid,title,displaydate\n" + "".join(f"{at},T {at},1801\n" for at in range(300))
    write(bench, [THINGS, PERSON], objects_csv=many, constituents_csv=SOULS)
    night(bench)
    renamed = {**PERSON, "map": {**PERSON["map"], "config": {"const": "persons"}}}
    write(bench, [THINGS, renamed])
    with pytest.raises(
        RightsWithheld, match=r"identifiers of `people` are gone, and those of `persons` are new.*taken down again"
    ):
        night(bench)
    assert "museum:people:1" in ids(bench)


def test_a_takedown_by_a_bare_number_is_told_of_the_sections(bench: Bench) -> None:
    museum(bench)
    night(bench)
    with pytest.raises(ConfigError, match=r"no record '5'; did you mean objects:5, people:5\?"):
        retract(bench, "5")


def last_tag(bench: Bench) -> str:
    release = last_release(bench.run, bench.source("museum"))
    assert release is not None
    return release.tag


# --- what does not go together ---


def test_rows_that_choose_their_config_may_not_choose_that_of_others(bench: Bench) -> None:
    museum(bench, {**OBJECT, "map": {**OBJECT["map"], "config": "title >> lower"}}, PERSON)
    laid = lay(bench)
    assert {part.config for part in laid.manifest.parts} == {"a-plough", "a-hat", "a-stove", "people"}
    change(bench, "objects.csv", "A hat", "People")
    with pytest.raises(ConfigError, match=r"the config `people` would hold rows of"):
        lay(bench)


@pytest.mark.parametrize(
    ("reads", "said"),
    [
        ([OBJECT, {**PERSON, "map": {**PERSON["map"], "config": {"const": "objects"}}}], "with other columns"),
        ([{"files": "a.csv", "map": {"title": "t"}}, {"files": "b.csv", "map": {"text": "t"}}], "their columns differ"),
        ([{"files": "a.csv", "map": {"title": "t"}}, {"files": "a.csv", "map": {"title": "t"}}], "stands there twice"),
        ([PERSON, {"files": "b.csv", "map": {"title": "t", "config": {"const": "Default"}}}], "that names none"),
        ([PERSON, {"files": "b.csv", "map": {"title": "t", "config": {"const": "a:b"}}}], "write another sign"),
        ([{"type": "table", "map": {"title": "t"}}, {"type": "table", "map": {"title": "u"}}], "read the same"),
        ([OBJECT, {"files": "b.csv", "map": {"titel": "t"}}], "did you mean `title`?"),
        ([], "it is empty; write at least one"),
    ],
)
def test_faults_of_several_reads(bench: Bench, reads: list[Any], said: str) -> None:
    write(bench, reads)
    [fault] = bench.catalog.faults["museum"]
    assert said in fault
    assert ": museum.normalize" in fault


def test_a_layer_counts_where_its_part_is_published(bench: Bench) -> None:
    """The pictures are CC BY, the descriptions CC0: a row that has no picture is as free as its description."""
    images = {"type": "images", "map": {"title": "$stem"}}
    table = {"files": "objects.csv", "map": {"config": {"const": "objects"}, "id": "objectid", "title": "title"}}
    write(bench, [images, table], objects_csv=OBJECTS, p1_jpg=draw("JPEG", (60, 40), 1))
    layer = "{license: %s, covers: %s, evidence: https://example.org/rights, checked: 2026-11-20}"
    text = (bench.folder / "sources.yaml").read_text()
    rights = next(line for line in text.splitlines() if line.strip().startswith("rights:"))
    for layers, said in (
        ((("CC0-1.0", "metadata"),), "pictures would be published, and no layer covers images"),
        ((("CC0-1.0", "metadata"), ("CC-BY-4.0", "images")), ""),
    ):
        bench.write(text.replace(rights, f"    rights: [{', '.join(layer % one for one in layers)}]"))
        assert [said in one for one in bench.catalog.faults.get("museum", ())] == ([True] if said else [])
    night(bench)
    tiers = {row["id"].partition(":")[2]: row["rights_tier"] for row in bench.rows("museum")}
    assert tiers == {"p1.jpg": "by", "objects:5": "pd", "objects:6": "pd", "objects:7": "pd"}


def test_rights_are_read_in_every_read(bench: Bench) -> None:
    museum(bench)
    bench.write((bench.folder / "sources.yaml").read_text().replace("license: CC0-1.0", "from: $makers.role"))
    [fault] = bench.catalog.faults["museum"]
    assert "museum.rights.from: READ 2: $makers.role: nothing of the name makers is joined" in fault


def test_a_fault_stands_at_its_line(tmp_path: Path, bench: Bench) -> None:
    bench.write("""
        sources:
          museum:
            title: A museum
            custodian: A museum
            harvest: file:data
            normalize:
              - {files: a.csv, map: {config: {const: one}, title: a}}
              - files: b.csv
                map:
                  config: {const: one}
                  extra: [b]
            rights: {license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-11-20, quote: CC0}
    """)
    [fault] = bench.catalog.faults["museum"]
    assert fault.startswith("sources.yaml:11: museum.normalize.1.map.config: the rows of READ 1 go to the config `one`")


def test_a_check_looks_at_every_section(bench: Bench) -> None:
    museum(bench, more="expect: {fill: {nationality: 1..1, displaydate: 0.1..}}".replace("displaydate", "date"))
    night(bench)
    view = view_of(bench)
    found = {one.check: one for one in clearing.run_checks(view, frozenset({"schema_matches", "viewer_is_whole"}))}
    assert all(one.passed for one in found.values()), found
    museum(bench, OBJECT, {**PERSON, "map": {**PERSON["map"], "extra": {"nationality": "role"}}})
    [finding] = clearing.run_checks(view_of(bench), frozenset({"schema_matches"}))
    assert not finding.passed


def test_a_preview_shows_each_read(bench: Bench) -> None:
    museum(bench)
    source = bench.source("museum")
    sample = previewing.preview_source(bench.run, source, bench.base(source), 2)
    assert [(one.section, len(one.rows)) for one in sample.each] == [("objects", 2), ("people", 2)]
    assert sample.unread == ""


# --- what was lost ---


@pytest.mark.slow  # test_recovery.py holds lost shelves
def test_a_lost_shelf_is_found_again_section_by_section(bench: Bench) -> None:
    museum(bench)
    night(bench)
    before = bench.parts("museum")
    shutil.rmtree(bench.folder / "state" / "shelves" / "museum")
    change(bench, "objects.csv", "A hat", "A new hat")
    night(bench)
    after = bench.parts("museum")
    assert {path for path in after if after[path] != before[path]} == {"data/objects/part-00000.parquet"}


@pytest.mark.slow  # test_takedown_always.py holds removals from parts
def test_a_removal_needs_nothing_but_the_published_parts(bench: Bench, client: Callable[..., str]) -> None:
    museum(bench, more="expect: {rows: 1..}")
    release = night(bench)
    shelves = bench.folder / "state" / "shelves" / "museum"
    shutil.rmtree(shelves / "raw")
    shutil.rmtree(shelves / "normalized")
    retract(bench, "people:5")
    read = json.loads(client(bench.hub.endpoint, READ, release.repository))
    assert {name: [row["id"] for row in one["rows"]] for name, one in read.items()} == {
        "objects": ["museum:objects:5", "museum:objects:6", "museum:objects:7"],
        "people": ["museum:people:6"],
    }
    night(bench)
    assert "museum:people:5" not in ids(bench)


@pytest.mark.slow  # from a server; `test_pictures_and_a_table_of_one_harvest` stays
def test_two_reads_of_one_server(bench: Bench) -> None:
    """Both see each page that an OAI server gives, and each tombstone in it; visits are laid over each other."""
    first = {"type": "oai_dc", "files": "*", "map": {"config": {"const": "records"}}}
    other = {"type": "oai_dc", "files": "*", "map": {"config": {"const": "texts"}, "text": "dc:title"}}
    address = "oai+https://institution.example/oai?metadataPrefix=oai_dc&set=catalogue"
    text = ENTRY.replace("file:data", address)
    alone = []
    for reads in ([first], [other], [first, other]):
        bench.write(text.format(normalize=json.dumps(reads), more=""))
        alone.append(lay(bench).manifest)
    both = alone.pop()
    assert both.rows_by_section == dict(zip(("records", "texts"), (one.tally.published for one in alone), strict=True))
    for way in ("current", "deleted", "rejected", "withheld", "duplicate"):
        assert getattr(both.tally, way) == sum(getattr(one.tally, way) for one in alone), way
    advance(bench)
    institution = bench.institution.institution
    institution.remove("catalogue", institution.ids("catalogue")[40:41])
    institution.add("catalogue", 2)
    later = lay(bench).manifest.tally
    assert later.adds_up
    assert (later.deleted - both.tally.deleted, later.current - both.tally.current) == (2, 2)
