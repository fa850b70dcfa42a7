"""A record must go: who may see the repository follows from what it holds, and from whether its source has closed."""

import pytest
from starlette.requests import Request as WireRequest
from starlette.responses import Response

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.retraction import Request, plan_takedown, take_down
from biglam_pipeline_tests.bench import DEMO_SOURCES, Bench
from biglam_pipeline_tests.journey.test_nights import advance
from biglam_pipeline_tests.journey.test_visibility import DOCUMENTED, entry

NAME = "demo_mercury"


def gap(bench: Bench) -> None:
    """The harvest of tonight is not whole."""

    def lose(request: WireRequest) -> Response | None:
        return Response("", 404) if "mercury-1851-06-28" in request.url.path else None

    advance(bench)
    bench.institution.institution.correct("mercury", ["mercury-1851-06-07/art0003"])
    bench.institution.fault = lose
    try:
        with pytest.raises(SourceChanged):
            bench.build(NAME)
    finally:
        bench.institution.fault = None


@pytest.mark.slow  # test_takedown_always.py: `a_gap`
def test_while_a_harvest_has_gaps_a_public_repository_stays_public_without_the_record(small: Bench) -> None:
    small.write(DEMO_SOURCES.read_text())
    source = entry(small, "public", NAME, **DOCUMENTED)
    small.night(NAME)
    record = small.rows(NAME)[3]["source_record_id"]
    gap(small)
    base, request = small.base(source), Request(record, "privacy")
    done = take_down(small.run, source, base, plan_takedown(small.run, source, base, request), request)
    assert "is not whole" in done.because
    assert done.release is not None
    assert done.release.visibility == "public"
    assert small.run.hub.visibility(done.release.repository) == "public"
    assert record not in {row["source_record_id"] for row in small.rows(NAME)}


def test_where_the_commit_fails_it_is_made_private_until_it_goes_through(small: Bench) -> None:
    small.write(DEMO_SOURCES.read_text())
    source = entry(small, "public", NAME, **DOCUMENTED)
    release = small.night(NAME)
    record = small.rows(NAME)[3]["source_record_id"]
    gap(small)
    base, request = small.base(source), Request(record, "privacy")
    plan = plan_takedown(small.run, source, base, request)

    def refuse(request: WireRequest, stage: str) -> Response | None:
        return Response(status_code=403) if "/commit/" in request.url.path and stage == "before" else None

    small.hub.fault = refuse
    try:
        with pytest.raises(SourceChanged, match="still holds it and was made private"):
            take_down(small.run, source, base, plan, request)
        with pytest.raises(SourceChanged, match="still holds it and is private"):
            take_down(small.run, source, base, plan, request)
    finally:
        small.hub.fault = None
    assert small.run.hub.visibility(release.repository) == "private"
    done = take_down(small.run, source, base, plan, request)
    assert done.release is not None
    assert done.release.visibility == "private", "a removal shows nothing to anybody"
    assert record not in {row["source_record_id"] for row in small.rows(NAME)}
    small.build(NAME)
    assert small.night(NAME).visibility == "public", "as the entry says, by the gate of every night"


def test_a_source_that_has_closed_is_hidden_and_loses_the_record(small: Bench) -> None:
    small.write(DEMO_SOURCES.read_text())
    entry(small, "public", NAME, **DOCUMENTED)
    release = small.night(NAME)
    record = small.rows(NAME)[3]["source_record_id"]
    source = entry(small, "public", NAME, verified=False)
    base, request = small.base(source), Request(record, "privacy")
    done = take_down(small.run, source, base, plan_takedown(small.run, source, base, request), request)
    assert "nobody has looked at address and rights" in done.because
    assert small.run.hub.visibility(release.repository) == "private"
    assert record not in {row["source_record_id"] for row in small.rows(NAME)}
