"""What goes wrong upstream, and what it does: the rest goes on, the shelf stays whole, somebody is told what to do."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from biglam_pipeline import clearing, pipeline
from biglam_pipeline.demo.oai import answer_oai
from biglam_pipeline.errors import BiglamError, ConfigError, RightsWithheld, SourceChanged
from biglam_pipeline.releasing import remembered
from biglam_pipeline.store.parts import Manifest
from biglam_pipeline_tests.bench import Bench

JUNE_21 = "/files/mercury/mercury-1851-06-21.zip"
WALL = HTMLResponse("<!doctype html><html><title>Please log in</title><body>Log in</body></html>")


def refused(bench: Bench, name: str, *words: str) -> str:
    """Publishes, is refused, and finds the source and these words in the message."""
    source = bench.source(name)
    with pytest.raises(RightsWithheld) as refusal:
        pipeline.publish_source(bench.run, source, bench.base(source))
    said = str(refusal.value)
    for word in (name, *words):
        assert word in said, said
    return said


def answers(path: str, response: Callable[[], Response]) -> Callable[[Request], Response | None]:
    """A fault at one path of the institution."""
    return lambda request: response() if request.url.path == path else None


def harvest(bench: Bench, name: str) -> Any:
    """Stages 1 and 2; what the harvest came to."""
    source = bench.source(name)
    visited = pipeline.harvest_source(bench.run, source, bench.base(source))
    pipeline.normalize_source(bench.run, source, bench.base(source))
    return visited.harvest


def shards(bench: Bench, name: str) -> Manifest:
    """Stage 3; its manifest."""
    source = bench.source(name)
    manifest = pipeline.dedup_source(bench.run, source, bench.base(source)).manifest
    assert manifest.tally.adds_up
    return manifest


def rejects(bench: Bench, name: str) -> list[dict[str, str]]:
    """Everything that could not be read, with its reasons."""
    shelf = bench.run.normalized(bench.source(name))
    current = shelf.current()
    assert current is not None
    return [row for key in current.slices for row in shelf.rejects(key)]


# --- objects that do not come: the harvest is not whole, and the last publication stays ---


def _cut_zip(bench: Bench) -> Response:
    stored = bench.institution.institution.file(JUNE_21.removeprefix("/files/"))
    assert stored is not None
    return Response(stored.content[: len(stored.content) // 2], media_type="application/zip")


ABSENT: dict[str, tuple[Callable[[Bench], Response], tuple[str, ...]]] = {
    "missing": (lambda bench: Response(status_code=404), ("not_found", "correct the address")),
    "truncated": (_cut_zip, ("truncated", "tell the custodian")),
    "wall": (lambda bench: WALL, ("wall", "Please log in", "open the address in a browser")),
}


@pytest.mark.representative(1)
@pytest.mark.parametrize("fault", ABSENT)
def test_a_file_that_does_not_come_leaves_the_last_publication(bench: Bench, fault: str) -> None:
    respond, words = ABSENT[fault]
    first = bench.night("demo_mercury")
    published = bench.rows("demo_mercury")
    library = bench.institution.institution
    library.correct("mercury", ["mercury-1851-06-07/art0003"])
    bench.institution.fault = answers(JUNE_21, lambda: respond(bench))
    closed = harvest(bench, "demo_mercury")
    assert not closed.complete
    assert closed.objects == 3, "the others came"
    source = bench.source("demo_mercury")
    with pytest.raises(SourceChanged) as stopped:
        pipeline.dedup_source(bench.run, source, bench.base(source))
    assert "mercury-1851-06-21.zip" in str(stopped.value)
    refused(bench, "demo_mercury", "harvest_is_complete", "mercury-1851-06-21.zip", *words)
    assert bench.rows("demo_mercury") == published
    assert bench.commits("demo_mercury") == 1
    bench.night("demo_letters")

    bench.institution.fault = None
    second = bench.night("demo_mercury")
    assert second.commit != first.commit
    assert second.rows == first.rows
    kept = {row["id"]: row["first_seen"] for row in bench.rows("demo_mercury")}
    assert set(kept.values()) == {1}, "a night without a file does not make its rows new"


def test_a_source_that_never_came_whole_says_so(bench: Bench) -> None:
    bench.institution.fault = answers(JUNE_21, lambda: Response(status_code=404))
    harvest(bench, "demo_mercury")
    refused(bench, "demo_mercury", "harvest 1 is not whole", "mercury-1851-06-21.zip", "correct the address")
    assert bench.commits("demo_mercury") == 0


def _cut_page(bench: Bench) -> Callable[[Request], Response | None]:
    """The second page of the list is cut in the middle, each time it is asked for."""

    def fault(request: Request) -> Response | None:
        if "resumptionToken" not in request.url.query:
            return None
        whole = bytes(answer_oai(bench.institution.institution, request.url.query).body)
        return Response(whole[: len(whole) // 2], media_type="text/xml")

    return fault


OAI_FAULTS: dict[str, tuple[Callable[[Bench], Callable[[Request], Response | None]], str]] = {
    "cut": (_cut_page, "xml_cut"),
    "wall": (lambda bench: lambda request: WALL if "resumptionToken" in request.url.query else None, "wall"),
}


@pytest.mark.representative(1)  # another page that is none
@pytest.mark.parametrize("fault", OAI_FAULTS)
def test_an_oai_page_that_is_no_page(bench: Bench, fault: str) -> None:
    make, reason = OAI_FAULTS[fault]
    bench.institution.fault = make(bench)
    closed = harvest(bench, "demo_catalogue")
    assert not closed.complete
    assert [one["reason"] for one in closed.missing] == [reason]
    refused(bench, "demo_catalogue", "is not whole", "institution.example/oai")
    bench.institution.fault = None
    assert bench.night("demo_catalogue").rows == 110


def test_a_busy_server_does_not_lose_what_came_before(bench: Bench) -> None:
    """The pages that came are shelved, though the visit broke off, and are not asked for again."""
    asked = 0

    def fault(request: Request) -> Response | None:
        nonlocal asked
        asked += "verb=ListRecords" in request.url.query
        return Response(status_code=403) if asked > 3 else None

    bench.institution.fault = fault
    source = bench.source("demo_catalogue")
    with pytest.raises(SourceChanged):
        pipeline.harvest_source(bench.run, source, bench.base(source))
    bench.institution.fault = None
    before = {path for _, path, status, _ in bench.institution.log if status == 200 and "ListRecords" in path}
    bench.institution.log.clear()
    assert bench.night("demo_catalogue").rows == 110
    assert len(before) == 3
    assert not before & {path for _, path, _, _ in bench.institution.log}


# --- records that cannot be read: they are counted, and the rest is published ---


def test_a_row_of_the_wrong_width_is_a_reject(bench: Bench) -> None:
    assert bench.night("demo_plates").rows == 59
    (row,) = rejects(bench, "demo_plates")
    assert (row["reason"], row["item"]) == ("row_width", "files/plates.csv")
    assert "33" in row["position"] or "34" in row["position"]
    assert row["detail"]
    assert shards(bench, "demo_plates").rejects == {"row_width": 1}


def test_a_cut_page_of_alto_is_a_reject_and_its_issue_goes_on(bench: Bench) -> None:
    stored = bench.institution.institution.file(JUNE_21.removeprefix("/files/"))
    assert stored is not None
    bench.institution.fault = answers(
        JUNE_21, lambda: Response(_with_cut_page(stored.content), media_type="application/zip")
    )
    release = bench.night("demo_mercury")
    assert 30 < release.rows <= 42
    found = rejects(bench, "demo_mercury")
    assert {row["reason"] for row in found} == {"xml_cut"}
    assert all("mercury-1851-06-21" in row["item"] for row in found)
    assert shards(bench, "demo_mercury").tally.rejected == len(found)


def _with_cut_page(archive: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(out, "w") as target:
        pages = [name for name in source.namelist() if "mets" not in name.lower()]
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data[: len(data) // 2] if name == pages[-1] else data)
    return out.getvalue()


DESK = """
    sources:
      desk:
        title: Index cards of the reading desk
        custodian: Aldermere Free Library
        harvest: file:cards
        normalize: {{type: table, modality: metadata, map: {{id: no, title: title}}}}
        rights: {rights}
        languages: [en]
        {more}
"""
CC0 = "{license: CC0-1.0, evidence: https://institution.example/rights, checked: 2026-11-20}"
EACH = "{from: rights, evidence: https://institution.example/rights, checked: 2026-11-20}"


def desk(bench: Bench, *lines: str, rights: str = CC0, more: str = "", name: str = "a.csv") -> None:
    """A source that is a folder with one CSV."""
    bench.write(DESK.format(rights=rights, more=more))
    folder = bench.folder / "cards"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("".join(f"{line}\n" for line in lines))


def numbered(count: int, start: int = 0) -> list[str]:
    """A header and so many rows."""
    return ["no,title", *(f"{at},title {at}" for at in range(start, start + count))]


def test_f42_an_unknown_statement_withholds_its_rows_and_counts_them(bench: Bench) -> None:
    rows = [f"{at},title {at},{'Ask the archivist' if at < 3 else 'CC0 1.0'}" for at in range(20)]
    desk(bench, "no,title,rights", *rows, rights=EACH)
    assert bench.night("desk").rows == 17
    manifest = shards(bench, "desk")
    assert manifest.withheld == {"unknown: Ask the archivist": 3}
    assert manifest.tally.withheld == 3
    source = bench.source("desk")
    view = clearing.view_of(bench.run, source, bench.base(source), manifest.digest)
    (finding,) = clearing.run_checks(view, frozenset({"rights_are_recognised"}))
    assert (finding.passed, finding.advice) == (False, True)
    assert "Ask the archivist" in finding.summary


def test_f42_nothing_but_unknown_statements_is_refused(bench: Bench) -> None:
    desk(bench, "no,title,rights", *(f"{at},title {at},Ask the archivist" for at in range(5)), rights=EACH)
    bench.build("desk")
    refused(bench, "desk", "open_licence", "Ask the archivist", "Ask the custodian for another statement")


def test_an_identifier_repeated_with_the_same_content_counts_once(bench: Bench) -> None:
    desk(bench, *numbered(30), "7,title 7", "8,title 8")
    assert bench.night("desk").rows == 30
    tally = shards(bench, "desk").tally
    assert (tally.seen, tally.repeated, tally.superseded, tally.rejected) == (32, 2, 0, 0)


def test_an_identifier_repeated_with_other_content_is_a_reject(bench: Bench) -> None:
    desk(bench, *numbered(30), "7,another title")
    assert bench.night("desk").rows == 30
    manifest = shards(bench, "desk")
    assert manifest.rejects == {"identifier_repeated": 1}
    assert {row["title"] for row in bench.rows("desk") if row["source_record_id"] == "7"} == {"title 7"}
    removed = bench.run.shards(bench.source("desk")).removed(manifest).to_dicts()
    assert [(row["source_record_id"], row["reason"]) for row in removed] == [("7", "identifier_repeated")]


def test_too_many_repeated_identifiers_are_too_many_rejects(bench: Bench) -> None:
    desk(bench, *numbered(30), *(f"{at},another title" for at in range(5)))
    bench.build("desk")
    words = (
        "5 of 35",
        "identifier_repeated (5)",
        "expect.rejects",
        "map `id` to a value that every row has for itself",
    )
    assert "widen" not in refused(bench, "desk", "expectations_hold", *words)


def test_too_many_rejects_are_refused_and_may_be_expected(bench: Bench) -> None:
    lines = [*numbered(30), *(f"x{at},too,wide" for at in range(4))]
    desk(bench, *lines)
    bench.build("desk")
    words = ("4 of 34", "11.8%", "row_width (4)", "expect.rejects is 0..0.05", "widen `expect: {rejects: ..0.12}`")
    refused(bench, "desk", "expectations_hold", *words)
    assert bench.commits("desk") == 0
    desk(bench, *lines, more="expect: {rejects: ..0.2}")
    assert bench.night("desk").rows == 30


@pytest.mark.parametrize("lines", [(), ("no,title",)], ids=["empty file", "header alone"])
def test_f38_no_rows_are_refused(bench: Bench, lines: tuple[str, ...]) -> None:
    desk(bench, *lines)
    bench.build("desk")
    refused(bench, "desk", "there are no rows", "look at the source")
    assert bench.commits("desk") == 0


def test_an_empty_file_beside_others_hurts_nobody(bench: Bench) -> None:
    desk(bench, *numbered(30))
    desk(bench, name="b.csv")
    assert bench.night("desk").rows == 30


def test_f37_a_third_less_is_refused_until_somebody_says_so(bench: Bench) -> None:
    desk(bench, *numbered(40))
    first = bench.night("desk")
    desk(bench, *numbered(27))
    bench.build("desk")
    refused(bench, "desk", "expectations_hold", "27 rows", "last release had 40", "expect: {rows: 27..}")
    assert remembered.last_release(bench.run, bench.source("desk")) == first
    desk(bench, *numbered(27), more="expect: {rows: 27..}")
    assert bench.night("desk").rows == 27


def test_f37_a_third_less_to_publish_is_refused_though_as_many_rows_came(bench: Bench) -> None:
    """A statement that is suddenly spelt otherwise empties a dataset as surely as missing rows."""
    rows = [f"{at},title {at},CC0 1.0" for at in range(40)]
    desk(bench, "no,title,rights", *rows, rights=EACH)
    bench.night("desk")
    desk(
        bench,
        "no,title,rights",
        *(row.replace("CC0", "Licence") if at < 20 else row for at, row in enumerate(rows)),
        rights=EACH,
    )
    bench.build("desk")
    refused(bench, "desk", "20 rows to publish", "last release had 40")


def test_more_withheld_than_expected_is_refused(bench: Bench) -> None:
    rows = [f"{at},title {at},{'Ask' if at < 3 else 'CC0 1.0'}" for at in range(10)]
    desk(bench, "no,title,rights", *rows, rights=EACH, more="expect: {withheld: ..0.2}")
    bench.build("desk")
    refused(bench, "desk", "30.0% of rows are withheld", "..0.2")


def test_a_source_named_twice_is_refused_and_the_others_are_not(bench: Bench) -> None:
    one = DESK.format(rights=CC0, more="")
    bench.write(one + one.split("sources:\n")[1] + one.split("sources:\n")[1].replace("desk:", "shelf:"))
    (bench.folder / "cards").mkdir()
    (bench.folder / "cards" / "a.csv").write_text("\n".join(numbered(5)))
    with pytest.raises(ConfigError) as fault:
        bench.source("desk")
    assert "this name" in str(fault.value)
    assert "rename" in str(fault.value)
    assert bench.night("shelf").rows == 5


def test_a_table_without_the_mapped_column_says_which(bench: Bench) -> None:
    desk(bench, "number,title", "1,one")
    source = bench.source("desk")
    pipeline.harvest_source(bench.run, source, bench.base(source))
    with pytest.raises(BiglamError, match=r"no column 'no'.*Change `map`"):
        pipeline.normalize_source(bench.run, source, bench.base(source))
