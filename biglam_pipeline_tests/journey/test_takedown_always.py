"""A takedown always goes through: also where the way of every night is closed, what is published loses the record."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError
from starlette.requests import Request as WireRequest
from starlette.responses import Response

from biglam_pipeline import pipeline
from biglam_pipeline.context import Named
from biglam_pipeline.errors import BiglamError, ConfigError, RightsWithheld, SourceChanged
from biglam_pipeline.releasing import remembered
from biglam_pipeline.retraction import Outcome, Request, Unlisted, plan_takedown, removal, take_down
from biglam_pipeline_tests.bench import DEMO_SOURCES, Bench
from biglam_pipeline_tests.dedup.noise import page
from biglam_pipeline_tests.journey.test_nights import advance

NAME, RECORD = "demo_letters", "letter-005"
LETTERS = "https://institution.example/files/letters.jsonl"
GAP = f"[{LETTERS}, https://institution.example/files/none.jsonl]"


@pytest.fixture
def desk(small: Bench) -> Iterator[Bench]:
    """A source that is published, with a sources file and a ledger of its own; new records wait at the institution."""
    small.write(DEMO_SOURCES.read_text())
    small.night(NAME)
    advance(small)
    small.institution.institution.add("letters", 3)
    small.institution.institution.correct("letters", ["letter-009"])
    yield small
    small.institution.fault = None


def rows(bench: Bench) -> dict[str, dict[str, Any]]:
    """What the repository holds at its head, by the source's own identifier."""
    return {row["source_record_id"]: row for row in bench.rows(NAME)}


def shelves(bench: Bench) -> Path:
    return bench.folder / "state" / "shelves" / NAME


def edit(bench: Bench, before: str, after: str) -> Named:
    """The source, after its entry was edited."""
    text = (bench.folder / "sources.yaml").read_text()
    head, found, tail = text.partition("  demo_letters:\n")
    assert before in tail
    bench.write(head + found + tail.replace(before, after, 1))
    return bench.source(NAME)


TABLE = """
    sources:
      demo_letters:
        title: Letters
        custodian: Aldermere Free Library
        harvest: file:desk.csv
        normalize: {map: {id: id, title: title, text: text}}
        dedup: {exact: flag, near: flag}
        rights: {license: CC0-1.0, evidence: https://institution.example/rights, checked: 2026-11-20}
        languages: [en]
"""


def put(bench: Bench, letters: list[tuple[str, str, str]]) -> None:
    """The table that the entry above names."""
    lines = ["id,title,text", *(f'{one},{title},"{said}"' for one, title, said in letters)]
    (bench.folder / "desk.csv").write_text("\n".join(lines) + "\n")


# --- how the way of every night is closed ---


def a_gap(bench: Bench) -> Named:
    """The last visit brought a part of what it should."""
    bench.institution.institution.correct("letters", ["letter-010"])
    source = edit(bench, LETTERS, GAP)
    pipeline.harvest_source(bench.run, source, bench.base(source))
    pipeline.normalize_source(bench.run, source, bench.base(source))
    with pytest.raises(SourceChanged, match="is not whole"):
        pipeline.dedup_source(bench.run, source, bench.base(source))
    return source


def raw_is_damaged(bench: Bench) -> Named:
    for path in (shelves(bench) / "raw").rglob("*.parquet"):
        path.write_bytes(path.read_bytes()[:-100])
    return bench.source(NAME)


def slices_are_damaged(bench: Bench) -> Named:
    for path in (shelves(bench) / "normalized").rglob("*.*"):
        path.write_bytes(b"")
    shutil.rmtree(shelves(bench) / "raw" / "batches")
    return bench.source(NAME)


def parts_are_damaged(bench: Bench) -> Named:
    for path in (shelves(bench) / "shards").rglob("*.parquet"):
        path.write_bytes(b"PAR1")
    shutil.rmtree(shelves(bench) / "raw" / "batches")
    return bench.source(NAME)


def every_shelf_is_lost(bench: Bench) -> Named:
    shutil.rmtree(shelves(bench))
    return bench.source(NAME)


def the_note_of_the_release_is_damaged(bench: Bench) -> Named:
    (shelves(bench) / "hub" / "release.json").write_bytes(b"{")
    shutil.rmtree(shelves(bench) / "raw" / "batches")
    return bench.source(NAME)


def expectations_cannot_hold(bench: Bench) -> Named:
    return edit(bench, "rows: 30..60", "rows: 500..")


def the_entry_is_broken(bench: Bench) -> Named:
    (bench.folder / "sources.yaml").write_text("sources:\n  demo_letters:\n    titel: Letters\n")
    return Unlisted(NAME, "demo_letters.titel: there is no such key")


def the_entry_is_gone(bench: Bench) -> Named:
    (bench.folder / "sources.yaml").write_text("sources: {}\n")
    return Unlisted(NAME, "there is no source `demo_letters`")


CLOSED: list[Callable[[Bench], Named]] = [
    a_gap,
    raw_is_damaged,
    slices_are_damaged,
    parts_are_damaged,
    every_shelf_is_lost,
    the_note_of_the_release_is_damaged,
    expectations_cannot_hold,
    the_entry_is_broken,
    the_entry_is_gone,
]


def retract(bench: Bench, source: Named, record: str = RECORD, **more: Any) -> Outcome:
    request = Request(record, "privacy", **more)
    plan = plan_takedown(bench.run, source, bench.folder, request)
    assert plan.parts
    return take_down(bench.run, source, bench.folder, plan, request)


@pytest.mark.representative(2)  # other ways that are closed
@pytest.mark.parametrize("closed", CLOSED)
def test_the_record_goes_and_nothing_else_changes(desk: Bench, closed: Callable[[Bench], Named]) -> None:
    first, entry = rows(desk), desk.source(NAME)
    source = closed(desk)
    outcome = retract(desk, source)
    assert outcome.because
    assert outcome.release is not None
    assert not outcome.release.read_back
    released = remembered.last_release(desk.run, entry)
    assert released == outcome.release
    desk.catalog.sources[NAME] = entry
    assert rows(desk) == {key: row for key, row in first.items() if key != RECORD}, "the record alone, and nothing new"
    card = desk.card(NAME)
    assert f"num_examples: {len(first) - 1}" in card
    assert f"Left: {len(first) - 1} rows" in card
    again = retract_again(desk, source)
    assert again.release is not None
    assert again.release.commit == outcome.release.commit


def retract_again(bench: Bench, source: Named) -> Outcome:
    request = Request(RECORD, "privacy")
    plan = plan_takedown(bench.run, source, bench.folder, request)
    return take_down(bench.run, source, bench.folder, plan, request)


@pytest.mark.slow  # test_takedown.py: `test_f44_a_record_goes_...` comes not back
@pytest.mark.parametrize("closed", CLOSED)
def test_when_the_way_is_open_again_the_ledger_keeps_it_out(desk: Bench, closed: Callable[[Bench], Named]) -> None:
    first = rows(desk)
    retract(desk, closed(desk))
    desk.write(DEMO_SOURCES.read_text())
    if closed in (raw_is_damaged, slices_are_damaged, parts_are_damaged, the_note_of_the_release_is_damaged):
        shutil.rmtree(shelves(desk) / "raw", ignore_errors=True)
    release = desk.night(NAME)
    assert release.rows == len(first) - 1 + 3
    night = rows(desk)
    assert night.keys() >= first.keys() - {RECORD}
    assert RECORD not in night
    same = {"letter-009", "letter-010", RECORD}
    assert {key: night[key] for key in first.keys() - same} == {key: first[key] for key in first.keys() - same}
    assert "Left: " not in desk.card(NAME)
    advance(desk)
    assert desk.night(NAME).files_sent == 0, "a quiet night"


def test_history_is_purged_though_the_entry_is_gone(small: Bench) -> None:
    """Its texts are its own: what another repository holds too stays in the Hub's store, for that one."""
    small.write(TABLE)
    owner = small.run.owner
    put(small, [(str(one), f"Letter {one}", f"{owner} writes {page(f'letter {one}')}") for one in range(20)])
    before = small.night(NAME)
    entry = small.source(NAME)
    outcome = retract(small, the_entry_is_gone(small), "7", purge=True)
    assert outcome.purged is not None
    assert outcome.purged.blobs_deleted
    with pytest.raises(HfHubHTTPError):
        small.run.hub.listing(before.repository, before.commit)
    last = json.loads((small.folder / "takedowns.jsonl").read_text().splitlines()[-1])
    assert last["history_purged"] is True
    small.catalog.sources[NAME] = entry
    assert rows(small).keys() == {str(one) for one in range(20)} - {"7"}


def test_a_name_that_nobody_knows(desk: Bench) -> None:
    with pytest.raises(ConfigError, match="did you mean"):
        retract(desk, Unlisted("demo_leters", "there is no source `demo_leters`; did you mean `demo_letters`?"))


@pytest.mark.slow  # of copies `test_no_copy_is_promoted` of test_takedown.py stays
def test_copies_go_too_where_no_index_knows_them(small: Bench) -> None:
    """Found by the published rows alone, which are read back."""
    small.write(TABLE)
    text = "The matter of the orphan must never be spoken of again in this town, said the vicar of it"
    put(small, [("1", "A", text), ("2", "A", text), ("3", "B", text), ("4", "C", "coals")])
    small.night(NAME)
    assert {row["dup_of"] for row in small.rows(NAME)} >= {"demo_letters:1"}
    outcome = retract(small, every_shelf_is_lost(small), "1")
    assert set(outcome.records) == {"1", "2"}
    left = rows(small)
    assert left.keys() == {"3", "4"}
    assert left["3"]["dup_of"] is None, "it would name what is gone"
    ledger = [json.loads(one) for one in (small.folder / "takedowns.jsonl").read_text().splitlines()]
    assert {one["record_id"] for one in ledger} == {"1", "2"}
    small.night(NAME)
    assert rows(small).keys() == {"3", "4"}


@pytest.mark.slow  # the bound of `test_the_record_goes_and_nothing_else_changes`
def test_the_last_record_of_a_dataset(small: Bench) -> None:
    small.write(TABLE)
    put(small, [("1", "A", "The only letter there is")])
    small.night(NAME)
    outcome = retract(small, small.source(NAME), "1")
    assert outcome.release is not None
    assert (outcome.release.rows, small.rows(NAME)) == (0, [])


def test_where_the_hub_fails_too_it_is_said_and_the_next_attempt_goes_on(desk: Bench) -> None:
    def refuse(request: WireRequest, stage: str) -> Response | None:
        return Response(status_code=403) if "/commit/" in request.url.path and stage == "before" else None

    source = expectations_cannot_hold(desk)
    desk.hub.fault = refuse
    try:
        with pytest.raises(BiglamError, match=r"The ledger keeps the record out from now on; .* still holds it and"):
            retract(desk, source)
    finally:
        desk.hub.fault = None
    outcome = retract_again(desk, source)
    assert outcome.release is not None
    assert RECORD not in rows(desk)


def test_a_removal_that_would_change_a_row_is_refused(desk: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof reads both files, and does not trust what cut them."""

    def bend(part: Path, target: Path, gone: set[str]) -> bool:
        table = pq.read_table(part)
        kept = table.filter(pc.invert(pc.is_in(table["id"], value_set=pa.array(sorted(gone)))))
        place = kept.schema.get_field_index("text")
        pq.write_table(kept.set_column(place, kept.schema.field(place), pc.utf8_upper(kept["text"])), target)
        return False

    monkeypatch.setattr(removal, "cut_part", bend)
    before = rows(desk)
    with pytest.raises(RightsWithheld, match=r"only_rows_went: .*`text` is not what was published"):
        retract(desk, expectations_cannot_hold(desk))
    assert rows(desk) == before


@pytest.mark.slow  # test_takedown_beside.py holds what lies beside ours
def test_a_part_that_somebody_else_put_there_is_named(desk: Bench) -> None:
    """What is no part of ours is left alone and reported; what holds ids is cut as ours is."""
    released = remembered.last_release(desk.run, desk.source(NAME))
    assert released is not None
    foreign = desk.folder / "foreign.parquet"
    pq.write_table(pa.table({"name": ["letter-005"]}), foreign)
    api = HfApi(desk.hub.endpoint, token=False)
    api.upload_file(
        path_or_fileobj=foreign, path_in_repo="data/more.parquet", repo_id=released.repository, repo_type="dataset"
    )
    outcome = retract(desk, the_entry_is_gone(desk))
    assert any("data/more.parquet" in said and "was not searched" in said for said in outcome.left)
    desk.write(DEMO_SOURCES.read_text())
    assert RECORD not in rows_of_ours(desk)
    assert outcome.release is not None
    assert "data/more.parquet" in desk.run.hub.listing(outcome.release.repository, outcome.release.commit)


def rows_of_ours(bench: Bench) -> set[str]:
    released = remembered.last_release(bench.run, bench.source(NAME))
    assert released is not None
    found: set[str] = set()
    head = bench.run.hub.head(released.repository) or ""
    for path in bench.run.hub.listing(released.repository, head):
        if path.startswith("data/default/"):
            with bench.run.hub.open(released.repository, head, path) as stream:
                found.update(pq.read_table(stream, columns=["source_record_id"])["source_record_id"].to_pylist())
    return found
