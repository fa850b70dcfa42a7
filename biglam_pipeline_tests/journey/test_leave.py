"""Whether the token may write is asked before hours of work, and not on a night with nothing to publish."""

from dataclasses import replace
from functools import partial

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from biglam_pipeline import pipeline
from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.publish.hub import Hub
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_nights import advance

NAME = "demo_letters"


def asked(bench: Bench) -> int:
    """How often the Hub was asked for leave to write there."""
    return bench.hub.count("GET", f"/api/datasets/{bench.run.owner}/{NAME}/auth-check/write")


def test_leave_is_asked_where_something_is_new(bench: Bench) -> None:
    bench.night(NAME)
    assert asked(bench) == 1
    advance(bench)
    bench.night(NAME)
    assert asked(bench) == 1, "nothing was new"
    advance(bench)
    bench.institution.institution.add("letters", 1)
    bench.night(NAME)
    assert asked(bench) == 2


def test_a_refusal_comes_before_the_harvest(bench: Bench) -> None:
    def refuse(request: Request, stage: str) -> Response | None:
        wrong = stage == "before" and "auth-check" in request.url.path
        return JSONResponse({"error": "Forbidden"}, 403) if wrong else None

    source = bench.source(NAME)
    requests = len(bench.institution.log)
    bench.hub.fault = refuse
    try:
        with pytest.raises(SourceChanged, match="BIGLAM_HUB_TOKEN"):
            pipeline.harvest_source(bench.run, source, bench.base(source))
    finally:
        bench.hub.fault = None
    assert len(bench.institution.log) == requests, "nothing was harvested in vain"


def test_a_hub_that_is_away_is_no_reason_not_to_harvest(bench: Bench) -> None:
    bench.run = replace(bench.run, open_hub=partial(Hub, "http://127.0.0.1:9"))
    source = bench.source(NAME)
    visited = pipeline.harvest_source(bench.run, source, bench.base(source))
    assert visited.harvest.complete
