"""The local shelves are lost: every row keeps its place, and nothing that did not change is sent again."""

import shutil
from dataclasses import replace
from functools import partial

import pytest
from huggingface_hub import HfApi

from biglam_pipeline import pipeline
from biglam_pipeline.errors import ShelfDamaged, SourceChanged
from biglam_pipeline.publish.hub import Hub
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_nights import advance, manifest_of

NAME = "demo_letters"


def lose(bench: Bench, *shelves: str) -> None:
    """Takes these shelves of the source away, as a lost disk would."""
    for shelf in shelves:
        shutil.rmtree(bench.folder / "state" / "shelves" / NAME / shelf)


def places(bench: Bench) -> dict[str, tuple[str, int]]:
    """Row -> part and first_seen, as published."""
    shards = bench.run.shards(bench.source(NAME))
    return {
        row["id"]: (part.path, row["first_seen"])
        for part in manifest_of(bench, NAME).parts
        for row in shards.table(part, ["id", "first_seen"]).to_pylist()
    }


def another_day(bench: Bench) -> None:
    """Three new records."""
    advance(bench)
    bench.institution.institution.add("letters", 3)


def two_nights(bench: Bench) -> None:
    """Rows of two visits are published."""
    bench.night(NAME)
    another_day(bench)
    bench.night(NAME)


def unreachable(bench: Bench) -> None:
    """The Hub does not answer any more."""
    bench.run = replace(bench.run, open_hub=partial(Hub, "http://127.0.0.1:9"))


@pytest.mark.representative(1)
@pytest.mark.parametrize(
    "lost",
    [("raw", "normalized", "shards", "hub"), ("shards",), ("shards", "hub")],
    ids=["everything", "shards", "shards and hub"],
)
def test_a_lost_shelf_is_made_good_from_the_repository(small: Bench, lost: tuple[str, ...]) -> None:
    two_nights(small)
    was, parts, commits = places(small), small.parts(NAME), small.commits(NAME)
    assert {seen for _, seen in was.values()} == {1, 2}
    assert len(parts) > 2
    lose(small, *lost)
    release = small.night(NAME)
    assert places(small) == was
    assert small.parts(NAME) == parts
    assert release.rows == len(was)
    assert small.commits(NAME) - commits <= 1, "the manifest may name another harvest; no part is sent"


@pytest.mark.slow  # `test_a_lost_shelf_is_made_good_from_the_repository` stays
def test_visits_go_on_being_counted(small: Bench) -> None:
    """A raw shelf that was lost begins at harvest 1; a row that is new then is not older than those published."""
    small.night(NAME)
    was = places(small)
    lose(small, "raw", "normalized", "shards", "hub")
    another_day(small)
    small.night(NAME)
    now = places(small)
    new = now.keys() - was.keys()
    assert new
    assert {now[name][1] for name in new} == {2}
    assert {name: place for name, place in now.items() if name in was} == {
        name: place for name, place in was.items() if name in now
    }
    assert manifest_of(small, NAME).visits_before == 1
    advance(small)
    small.night(NAME)
    assert manifest_of(small, NAME).visits_before == 1, "it was lost once"


def test_without_the_hub_a_lost_shelf_is_not_laid_again(small: Bench) -> None:
    small.night(NAME)
    lose(small, "shards")
    unreachable(small)
    source = small.source(NAME)
    with pytest.raises(ShelfDamaged, match="its shards are lost"):
        pipeline.dedup_source(small.run, source, small.base(source))


def test_shards_laid_in_ignorance_are_not_published(small: Bench) -> None:
    """Everything is lost and the Hub is away while the shards are laid: publishing tells, and laying again mends."""
    small.night(NAME)
    was = places(small)
    lose(small, "raw", "normalized", "shards", "hub")
    another_day(small)
    run = small.run
    unreachable(small)
    source = small.build(NAME)
    small.run = run
    commits = small.commits(NAME)
    with pytest.raises(SourceChanged, match="does not know; materialize shards again"):
        pipeline.publish_source(small.run, source, small.base(source))
    assert small.commits(NAME) == commits
    pipeline.dedup_source(small.run, source, small.base(source))
    pipeline.publish_source(small.run, source, small.base(source))
    now = places(small)
    assert {name: now[name] for name in was.keys() & now.keys()} == {
        name: place for name, place in was.items() if name in now
    }


def test_a_repository_changed_by_hand_is_reported(small: Bench) -> None:
    release = small.night(NAME)
    api = HfApi(endpoint=small.hub.endpoint, token=False)
    path = sorted(small.parts(NAME))[0]
    api.delete_file(path, release.repository, repo_type="dataset")
    lose(small, "shards")
    source = small.source(NAME)
    with pytest.raises(SourceChanged, match=f"changed by hand: {path}"):
        pipeline.dedup_source(small.run, source, small.base(source))


def test_two_sources_cannot_share_a_repository_unseen(small: Bench) -> None:
    small.night(NAME)
    other = small.source("demo_plates")
    publish = other.publish.model_copy(update={"repository": small.run.repository(small.source(NAME))})
    twin = other.model_copy(update={"publish": publish})
    base = small.base(other)
    pipeline.harvest_source(small.run, twin, base)
    pipeline.normalize_source(small.run, twin, small.base(twin))
    with pytest.raises(SourceChanged, match="holds the source `demo_letters`, not `demo_plates`"):
        pipeline.dedup_source(small.run, twin, base)
