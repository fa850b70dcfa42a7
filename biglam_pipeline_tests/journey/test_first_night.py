"""The first night of every made-up source, and the one that is never published."""

import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.errors import RightsWithheld
from biglam_pipeline_tests.bench import Bench

FIRST_NIGHT = {
    "demo_catalogue": {"seen": 120, "deleted": 1, "withheld": 9, "published": 110},
    "demo_mercury": {"seen": 42, "published": 42},
    "demo_plates": {"seen": 60, "rejected": 1, "published": 59},
    "demo_letters": {"seen": 40, "duplicate": 1, "published": 39},
    "demo_gallery": {"seen": 16, "published": 16},
}


@pytest.mark.parametrize("name", FIRST_NIGHT)
def test_the_first_night_publishes_what_may_be_published(bench: Bench, name: str) -> None:
    release = bench.night(name)
    manifest = bench.run.shards(bench.source(name)).current()
    assert manifest is not None
    counts = {key: value for key, value in manifest.tally.as_dict().items() if key in FIRST_NIGHT[name]}
    assert counts == FIRST_NIGHT[name]
    assert manifest.tally.adds_up
    assert release.rows == len(bench.rows(name)) == FIRST_NIGHT[name]["published"]
    assert release.read_back == ()


def test_a_closed_source_is_refused_with_the_statement_and_what_to_do(bench: Bench) -> None:
    bench.build("demo_closed")
    source = bench.source("demo_closed")
    with pytest.raises(RightsWithheld) as refusal:
        pipeline.publish_source(bench.run, source, bench.base(source))
    assert "InC/1.0" in str(refusal.value)
    assert "Ask the custodian" in str(refusal.value)
    assert bench.commits("demo_closed") == 0
