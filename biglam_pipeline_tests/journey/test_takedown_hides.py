"""A record must go, and nothing can be laid: what still holds it is not for everybody any more."""

import pytest
from starlette.requests import Request as WireRequest
from starlette.responses import Response

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.retraction import Request, plan_takedown, take_down
from biglam_pipeline_tests.bench import DEMO_SOURCES, Bench
from biglam_pipeline_tests.journey.test_nights import advance
from biglam_pipeline_tests.journey.test_visibility import DOCUMENTED, entry

NAME = "demo_mercury"


def test_while_a_harvest_has_gaps_a_public_repository_is_made_private(small: Bench) -> None:
    small.write(DEMO_SOURCES.read_text())
    source = entry(small, "public", NAME, **DOCUMENTED)
    release = small.night(NAME)
    assert release.visibility == "public"
    record = small.rows(NAME)[3]["source_record_id"]

    def lose(request: WireRequest) -> Response | None:
        return Response("", 404) if "mercury-1851-06-28" in request.url.path else None

    advance(small)
    small.institution.institution.correct("mercury", ["mercury-1851-06-07/art0003"])
    small.institution.fault = lose
    with pytest.raises(SourceChanged):
        small.build(NAME)
    small.institution.fault = None
    base, request = small.base(source), Request(record, "privacy")
    plan = plan_takedown(small.house, source, base, request)
    with pytest.raises(SourceChanged, match="still holds the record and was made private"):
        take_down(small.house, source, base, plan, request)
    assert small.house.hub.visibility(release.repository) == "private"
    with pytest.raises(SourceChanged, match="still holds the record and is private"):
        take_down(small.house, source, base, plan, request)

    small.build(NAME)
    done = take_down(small.house, source, base, plan_takedown(small.house, source, base, request), request)
    assert done.release is not None
    assert done.release.visibility == "public", "as the entry says, once it is without the record"
    assert small.house.hub.visibility(release.repository) == "public"
    assert record not in {row["source_record_id"] for row in small.rows(NAME)}
