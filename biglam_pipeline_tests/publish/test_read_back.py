"""Reading back goes by the card too: what it promises a reader must be what the parts hold."""

import json
from typing import Any

import pytest

from biglam_pipeline.publish.draft import Release, decode_release, encode_release
from biglam_pipeline.publish.hub.cards import read_header
from biglam_pipeline.publish.read_back import check_card
from biglam_pipeline_tests.bench import Bench

ROWS = {"data/default/part-00000.parquet": 5, "data/default/part-00001.parquet": 4}
GOOD: dict[str, Any] = {
    "license": "cc0-1.0",
    "configs": [{"config_name": "default", "data_files": [{"split": "train", "path": "data/default/part-*.parquet"}]}],
    "dataset_info": {"config_name": "default", "splits": [{"name": "train", "num_bytes": 1, "num_examples": 9}]},
}
TWO = {"data/de/part-00000.parquet": 3, "data/en/part-00000.parquet": 2}


def configs(*pairs: tuple[str, Any]) -> list[dict[str, Any]]:
    return [{"config_name": name, "data_files": files} for name, files in pairs]


def infos(**rows: int) -> list[dict[str, Any]]:
    return [{"config_name": name, "splits": [{"name": "train", "num_examples": count}]} for name, count in rows.items()]


@pytest.mark.parametrize(
    ("change", "rows"),
    [
        ({}, ROWS),
        ({"dataset_info": None}, ROWS),
        ({"configs": configs(("default", "data/**"))}, ROWS),
        ({"configs": configs(("default", list(ROWS)))}, ROWS),
        (
            {
                "configs": configs(("de", "data/de/*.parquet"), ("en", "data/en/*.parquet")),
                "dataset_info": infos(de=3, en=2),
            },
            TWO,
        ),
        (
            {"configs": configs(("all", "data/*/*.parquet"), ("en", "data/en/*")), "dataset_info": infos(all=5, en=2)},
            TWO,
        ),
    ],
)
def test_a_card_that_is_right(change: dict[str, Any], rows: dict[str, int]) -> None:
    assert check_card(GOOD | change, rows) == []


@pytest.mark.parametrize(
    ("change", "rows", "problems"),
    [
        ({"license": None}, ROWS, ["README.md: there is no license field"]),
        (
            {"dataset_info": infos(default=10)},
            ROWS,
            ["README.md: dataset_info says 10 rows of default, the parts hold 9"],
        ),
        (
            {"configs": configs(("default", "data/default/part-00000.parquet"))},
            ROWS,
            [
                "README.md: dataset_info says 9 rows of default, the parts hold 5",
                "data/default/part-00001.parquet is read by no configuration of README.md",
            ],
        ),
        (
            {"configs": configs(("default", "data/*/part-*.parquet"), ("fr", "data/fr/*.parquet"))},
            ROWS,
            ["README.md: configs names data/fr/*.parquet, which no file matches"],
        ),
        (
            {"configs": configs(("default", "data/*.parquet")), "dataset_info": None},
            {"data/default/part-00000.parquet": 5},
            [
                "README.md: configs names data/*.parquet, which no file matches",
                "data/default/part-00000.parquet is read by no configuration of README.md",
            ],
        ),
        ({"configs": None, "dataset_info": None}, {}, []),
        (
            {"configs": None, "dataset_info": None},
            {"data/a.parquet": 1},
            ["data/a.parquet is read by no configuration of README.md"],
        ),
    ],
)
def test_a_card_that_is_wrong(change: dict[str, Any], rows: dict[str, int], problems: list[str]) -> None:
    assert check_card(GOOD | change, rows) == problems


@pytest.mark.parametrize("text", ["---\nlicense: [\n---\n", "---\n- a\n- list\n---\n"])
def test_a_card_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match="its header cannot be read"):
        read_header(text)


def test_the_published_card_is_read_over_the_wire(bench: Bench) -> None:
    release = bench.night("demo_letters")
    fields = bench.run.hub.card_fields(release.repository, release.commit)
    assert fields["license"]
    assert fields["dataset_info"]["splits"][0]["num_examples"] == 39  # type: ignore[index]


# --- what a release knows of the one before ---


def release(**more: str) -> Release:
    return Release("biglam/x", "content", "c" * 40, "v2026.01.02", 3, "http://x", **more)  # type: ignore[arg-type]


def test_the_last_good_release_is_named() -> None:
    assert release(previous_tag="v2026.01.01").last_good == "the last good release is v2026.01.01"
    assert release().last_good == "there is no release before v2026.01.02"


def test_a_release_is_kept_with_the_tag_before_it() -> None:
    kept = release(previous_tag="v2026.01.01")
    assert decode_release(encode_release(kept)) == kept


def test_a_release_of_an_older_version_is_read() -> None:
    reported = json.loads(encode_release(release(previous_tag="v2026.01.01")))
    del reported["previous_tag"]
    assert decode_release(json.dumps(reported).encode()).previous_tag == ""


def test_a_release_follows_the_one_before(bench: Bench) -> None:
    first = bench.night("demo_letters")
    bench.run.now.advance()  # type: ignore[attr-defined]
    library = bench.institution.institution
    library.advance()
    library.add("letters", 2)
    second = bench.night("demo_letters")
    assert (first.previous_tag, second.previous_tag) == ("", first.tag)
