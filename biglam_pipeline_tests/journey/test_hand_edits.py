"""Data that somebody edited on the Hub is reported row by row, never overwritten unasked, and every remedy cures."""

import logging
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from huggingface_hub import HfApi

from biglam_pipeline import pipeline
from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.releasing.handwork import agree_to_undo, find_hand_edits
from biglam_pipeline.releasing.remembered import last_release
from biglam_pipeline.retraction import Request, plan_takedown, take_down
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_nights import advance, write_cards

SOURCES = """
    sources:
      desk:
        title: Index cards of the reading desk
        custodian: Aldermere Free Library
        harvest: file:cards
        normalize: {type: table, modality: metadata, map: {id: no, title: title, extra: [shelf]}}
        rights: {license: CC0-1.0, evidence: https://institution.example/rights, checked: 2026-11-20}
        languages: [en]
        expect: {rows: 20..}
"""
NAME = "desk"
CARDS = {f"a{at:02d}": f"card {at}, a title" for at in range(30)}


@pytest.fixture
def desk(small: Bench) -> Bench:
    """Published, in several parts."""
    small.write(SOURCES)
    write_cards(small, "a.csv", CARDS)
    small.night(NAME)
    return small


def api(bench: Bench) -> HfApi:
    """The unmodified client."""
    return HfApi(endpoint=bench.hub.endpoint, token=False)


def edit(bench: Bench, change: Callable[[pa.Table], pa.Table], part: int = 0) -> str:
    """Changes one part as Data Studio does: read, changed, written by another program; its path."""
    repository = bench.run.repository(bench.source(NAME))
    head = bench.run.hub.head(repository)
    assert head
    path = sorted(one for one in bench.run.hub.listing(repository, head) if one.startswith("data/"))[part]
    with bench.run.hub.open(repository, head, path) as stream:
        table = change(pq.read_table(stream))
    file = bench.folder / "edited.parquet"
    pq.write_table(table, file)
    upload(bench, path, file.read_bytes())
    return path


def upload(bench: Bench, path: str, data: bytes) -> None:
    """One commit by somebody."""
    repository = bench.run.repository(bench.source(NAME))
    api(bench).upload_file(
        path_or_fileobj=data, path_in_repo=path, repo_id=repository, repo_type="dataset", commit_message="By hand"
    )


def cell(row: int, column: str, value: object) -> Callable[[pa.Table], pa.Table]:
    """One cell otherwise."""

    def change(table: pa.Table) -> pa.Table:
        values = table[column].to_pylist()
        values[row] = value
        at = table.schema.get_field_index(column)
        return table.set_column(at, table.schema.field(at), pa.array(values, table.schema.field(at).type))

    return change


def refusal(bench: Bench) -> str:
    """What the next night says; nothing is committed."""
    advance(bench)
    commits = bench.commits(NAME)
    with pytest.raises(SourceChanged, match="data was edited by hand") as stopped:
        bench.night(NAME)
    assert bench.commits(NAME) == commits
    return str(stopped.value)


def test_a_cell_that_was_edited_is_reported_with_its_row_and_column(desk: Bench) -> None:
    path = edit(desk, cell(0, "title", "A title, corrected"))
    said = refusal(desk)
    assert f"{path} was changed" in said
    assert "desk:a00: `title` was 'card 0, a title', is 'A title, corrected'" in said
    assert "“By hand”" in said
    assert "have it made at Aldermere Free Library" in said
    assert "`biglam undo desk`" in said
    assert said == refusal(desk), "reported until it is settled"


def test_an_edit_that_the_source_says_too_goes_on_by_itself(desk: Bench) -> None:
    edit(desk, cell(0, "title", "A title, corrected"))
    refusal(desk)
    write_cards(desk, "a.csv", CARDS | {"a00": "A title, corrected"})
    desk.night(NAME)
    rows = {row["source_record_id"]: row["title"] for row in desk.rows(NAME)}
    assert rows == CARDS | {"a00": "A title, corrected"}


def test_an_edit_that_the_source_says_otherwise_still_stops(desk: Bench) -> None:
    edit(desk, cell(0, "title", "A title, corrected"))
    write_cards(desk, "a.csv", CARDS | {"a00": "Corrected otherwise"})
    assert "'A title, corrected'" in refusal(desk)


@pytest.mark.slow  # `test_an_edit_that_the_source_says_too_goes_on_...` stays
def test_edits_that_somebody_gives_up_are_undone(desk: Bench, caplog: pytest.LogCaptureFixture) -> None:
    edit(desk, cell(0, "title", "A title, corrected"))
    refusal(desk)
    source = desk.source(NAME)
    found = find_hand_edits(desk.run, source, last_release(desk.run, source))
    assert found is not None
    agree_to_undo(desk.run, source, found)
    edit(desk, cell(1, "title", "Another, after that"))
    refusal(desk)
    found = find_hand_edits(desk.run, source, last_release(desk.run, source))
    assert found is not None
    agree_to_undo(desk.run, source, found)
    desk.night(NAME)
    assert {row["source_record_id"]: row["title"] for row in desk.rows(NAME)} == CARDS
    assert "are undone, as agreed" in caplog.text
    assert "'Another, after that'" in caplog.text
    asked = len(desk.hub.log)
    advance(desk)
    desk.night(NAME)
    assert len(desk.hub.log) - asked == 3


@pytest.mark.slow  # `test_a_cell_that_was_edited_...` stays
def test_rows_that_were_taken_out_or_put_in(desk: Bench) -> None:
    edit(desk, lambda table: table.slice(1))
    assert "desk:a00 is gone" in refusal(desk)
    write_cards(desk, "a.csv", {name: title for name, title in CARDS.items() if name != "a00"})
    desk.night(NAME)
    edit(desk, lambda table: pa.concat_tables([table, cell(0, "id", "desk:new")(table.slice(0, 1))]))
    assert "desk:new is new" in refusal(desk)


@pytest.mark.representative(1)  # other files of that kind
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.drop_columns(["shelf"]), "the column `shelf` is gone"),
        (lambda table: table.append_column("note", pa.array(["x"] * table.num_rows)), "the column `note` is new"),
        (lambda table: pa.concat_tables([table, table.slice(0, 1)]), "the id desk:a00 stands more than once"),
        (lambda table: table.drop_columns(["id"]), "is no Parquet file with a column `id`"),
        (lambda table: table, "the same rows and values, written by another program"),
        (
            lambda table: table.set_column(
                table.schema.get_field_index("first_seen"), "first_seen", table["first_seen"].cast(pa.int64())
            ),
            "the column `first_seen` is int64, and was int32",
        ),
    ],
    ids=["gone", "new", "twice", "no id", "written again", "type"],
)
def test_what_cannot_be_said_of_rows_is_said_of_the_file(
    desk: Bench, change: Callable[[pa.Table], pa.Table], said: str
) -> None:
    edit(desk, change)
    advance(desk)
    if "same rows" in said:
        desk.night(NAME)
        return
    assert said in refusal(desk)


@pytest.mark.slow  # `test_what_cannot_be_said_of_rows_...` stays
def test_files_that_came_and_went(desk: Bench) -> None:
    upload(desk, "data/desk/notes.csv", b"a,b\n")
    said = refusal(desk)
    assert "data/desk/notes.csv was added" in said
    repository = desk.run.repository(desk.source(NAME))
    api(desk).delete_file("data/desk/notes.csv", repository, repo_type="dataset")
    upload(desk, "notes/notes.md", b"a,b\n")
    advance(desk)
    desk.night(NAME)
    assert desk.commits(NAME) == 4, "moved out of `data/`, it is no edit of ours: three commits were theirs"
    path = max(desk.parts(NAME))
    api(desk).delete_file(path, repository, repo_type="dataset")
    assert f"{path} was removed" in refusal(desk)


def test_a_part_that_is_no_parquet_any_more(desk: Bench) -> None:
    upload(desk, max(desk.parts(NAME)), b"not a table")
    assert "is no Parquet file" in refusal(desk)


def test_a_takedown_does_not_wait_for_edits(desk: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    edit(desk, cell(0, "title", "A title, corrected"))
    refusal(desk)
    source, base = desk.source(NAME), desk.folder
    request = Request("a05", "privacy")
    outcome = take_down(desk.run, source, base, plan_takedown(desk.run, source, base, request), request)
    assert outcome.release is not None
    assert "desk:a05" not in {row["id"] for row in desk.rows(NAME)}
    assert "since a takedown must not wait" in caplog.text
    assert "'A title, corrected'" in caplog.text


@pytest.mark.slow  # test_publication_kills.py kills there
def test_a_run_that_was_killed_after_its_commit_is_no_edit_by_hand(desk: Bench) -> None:
    """What it could not note any more is seen from the manifest beside the data."""
    shelf = desk.run.shelf.at(f"{NAME}/hub")
    kept = shelf.read("release.json")
    advance(desk)
    write_cards(desk, "a.csv", CARDS | {"a00": "mended"})
    desk.night(NAME)
    shelf.put("release.json", kept)
    advance(desk)
    write_cards(desk, "a.csv", CARDS | {"a00": "mended", "a01": "mended too"})
    desk.night(NAME)
    rows = {row["source_record_id"]: row["title"] for row in desk.rows(NAME)}
    assert (rows["a00"], rows["a01"]) == ("mended", "mended too")


def test_an_edit_while_the_release_is_made(desk: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    advance(desk)
    write_cards(desk, "a.csv", CARDS | {"a29": "mended"})
    source = desk.build(NAME)
    commit = desk.run.hub.commit
    edits = [lambda: edit(desk, cell(0, "title", "A title, corrected"))]

    def slow(*given: object) -> object:
        if edits:
            edits.pop()()
        return commit(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.run.hub, "commit", slow)
    with pytest.raises(SourceChanged, match="'A title, corrected'"):
        pipeline.publish_source(desk.run, source, desk.base(source))


@pytest.mark.slow  # `test_a_cell_that_was_edited_...` stays
def test_a_value_that_was_emptied_is_reported(desk: Bench) -> None:
    edit(desk, lambda table: cell(0, "shelf", None)(cell(1, "title", None)(table)))
    assert "`shelf` was 'shelf 0', is None" in refusal(desk)
