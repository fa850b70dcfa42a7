"""Repositories are born private; public is a step that the entry asks for and the documentation earns."""

from typing import Any

import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.clearance import Clearance
from biglam_pipeline.errors import RightsWithheld
from biglam_pipeline.source import Source
from biglam_pipeline_tests.bench import Bench

NAME = "demo_letters"

DOCUMENTED: dict[str, Any] = {
    "summary": "Letters of a family, one a row.",
    "custodian_url": "https://institution.example/",
    "collection_url": "https://institution.example/letters",
    "original_format": "letters on paper",
    "metadata_type": "a finding aid",
    "scale_of_description": "a letter",
    "producers": "the family and those who wrote to it",
    "curation": {
        "mission": "To keep what the family left.",
        "digitisation_selection": "All letters that could be unfolded.",
        "known_gaps": "Nothing of the war years is left.",
    },
    "ethics": {
        "content_advisory": "standard",
        "harmful_language": {"expected": "yes", "where": ["items"]},
        "personal_data": {"living_people_likely": "no", "basis": "all writers died before 1900"},
        "indigenous_or_tk": {"present": "no"},
        "colonial_context": {"applies": "no"},
        "review": {"by": "A. Reader", "on": "2026-01-01"},
    },
    "intended_uses": "The study of handwriting.",
    "out_of_scope": "Nothing about living people follows from it.",
    "limitations": "Transcribed once, by one person.",
    "citation": "The Family Papers, Example Institution.",
    "contact": "https://institution.example/people",
    "takedown": {"contact": "rights@institution.example"},
}


def entry(bench: Bench, visibility: str, name: str = NAME, **more: Any) -> Source:
    """The source with this documentation, in the catalog."""
    old = bench.source(name)
    told = old.model_dump(mode="json", by_alias=True, exclude={*DOCUMENTED, "publish"}, exclude_none=True)
    made = Source.model_validate({**told, **more, "publish": {"visibility": visibility}})
    bench.catalog.sources[name] = made
    return made


def private(bench: Bench) -> bool:
    """Whether the Hub shows it to its owner's people only."""
    return bench.house.hub.visibility(f"{bench.house.owner}/{NAME}") == "private"


def test_a_short_entry_goes_to_a_private_repository(bench: Bench) -> None:
    release = bench.night(NAME)
    assert private(bench)
    assert release.visibility == "private"


def test_public_without_documentation_is_refused_by_name(bench: Bench) -> None:
    entry(bench, "public")
    with pytest.raises(RightsWithheld, match=r"documentation_is_complete: write summary, custodian_url, .*ethics"):
        bench.night(NAME)
    assert bench.house.hub.head(f"{bench.house.owner}/{NAME}") is None


@pytest.mark.parametrize("missing", sorted(DOCUMENTED))
def test_each_missing_key_keeps_it_private(missing: str) -> None:
    """Without running anything: what is missing is known from the entry alone."""
    whole = {
        "name": "a_source",
        "title": "A source",
        "custodian": "An institution",
        "harvest": "https://institution.example/a.csv",
        "rights": "CC0-1.0",
        **DOCUMENTED,
    }
    assert Source.model_validate(whole).undocumented == []
    del whole[missing]
    named = Source.model_validate(whole).undocumented
    assert named
    assert all(name.startswith(missing) for name in named)


def test_a_documented_source_is_made_public_once_it_was_read_back(bench: Bench) -> None:
    entry(bench, "public", **DOCUMENTED)
    release = bench.night(NAME)
    assert not private(bench)
    assert release.visibility == "public"
    order = [path for method, path, _, _ in bench.hub.log if f"/{bench.house.owner}/{NAME}" in path and method != "GET"]
    assert order.index(f"/api/datasets/{bench.house.owner}/{NAME}/settings") > max(
        at for at, path in enumerate(order) if "/commit/" in path
    )
    bench.hub.log.clear()
    bench.night(NAME)
    asked = [path for _, path, _, _ in bench.hub.log]
    assert len(asked) == 3, asked


def test_the_card_says_what_was_written(bench: Bench) -> None:
    entry(bench, "public", **DOCUMENTED)
    release = bench.night(NAME)
    with bench.house.hub.open(release.repository, release.commit, "README.md") as stream:
        card = stream.read().decode()
    for words in (
        "Content advisory",
        "letters on paper",
        "To keep what the family left",
        "all writers died",
        "Not for",
    ):
        assert words in card, words
    assert "rights@institution.example" in card
    assert "unknown" not in card.partition("## Considerations")[2].partition("## Corrections")[0]


def test_a_published_source_is_made_public_by_a_line_of_yaml_and_private_again(bench: Bench) -> None:
    entry(bench, "private", **DOCUMENTED)
    first = bench.night(NAME)
    commits = bench.commits(NAME)
    entry(bench, "public", **DOCUMENTED)
    second = bench.night(NAME)
    assert not private(bench)
    assert (second.commit, second.tag) == (first.commit, first.tag), "nothing of the data changed"
    entry(bench, "private", **DOCUMENTED)
    bench.night(NAME)
    assert private(bench)
    assert bench.commits(NAME) == commits


def test_what_was_not_read_back_well_stays_private(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Hub lists another file than the one that was sent, as far as the pipeline can see."""
    monkeypatch.setattr(pipeline, "read_back", lambda *_: ["data/default/part-00000.parquet is not in the repository"])
    entry(bench, "public", **DOCUMENTED)
    release = bench.night(NAME)
    assert private(bench)
    assert release.visibility == "private"
    monkeypatch.undo()
    assert bench.night(NAME).visibility == "public", "the next night reads it back again"


def test_only_a_clearance_makes_a_repository_public(bench: Bench) -> None:
    release = bench.night(NAME)
    with pytest.raises(RightsWithheld, match="with a clearance only"):
        bench.house.hub.set_visibility(release.repository, "public")
    with pytest.raises(RightsWithheld):
        Clearance(object(), "digest", ())
    assert private(bench)


@pytest.mark.parametrize(
    ("ethics", "said"),
    [
        ({"indigenous_or_tk": {"present": "yes"}}, "ask the community"),
        ({"indigenous_or_tk": {"present": "yes", "labels": [{"project_uri": "https://l.example/p"}]}}, "ask the"),
    ],
)
def test_knowledge_that_others_decide_over_is_published_nowhere(
    bench: Bench, ethics: dict[str, Any], said: str
) -> None:
    entry(bench, "private", **{**DOCUMENTED, "ethics": {**DOCUMENTED["ethics"], **ethics}})
    with pytest.raises(RightsWithheld, match=said):
        bench.night(NAME)
    ethics["indigenous_or_tk"]["authority_decision"] = "the council agreed on 2025-05-05"
    entry(bench, "private", **{**DOCUMENTED, "ethics": {**DOCUMENTED["ethics"], **ethics}})
    bench.night(NAME)


RECENT = """
sources:
  recent:
    title: Letters of a living memory
    custodian: A library
    harvest: file:letters.csv
    normalize: {modality: text, map: {id: id, text: text, date: date}}
    rights: {license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-01}
"""


def test_rows_of_the_last_hundred_years_ask_for_a_judgement(bench: Bench) -> None:
    """The clock stands in 2026; a letter of 1950 may be by somebody who lives."""
    (bench.folder / "letters.csv").write_text("id,text,date\n1,Dear aunt,1850\n2,Dear uncle,1950\n")
    bench.write(RECENT)
    entry(bench, "public", "recent", **DOCUMENTED)
    with pytest.raises(RightsWithheld, match=r"rows reach 1950.*assessed_by.*second_reader"):
        bench.night("recent")
    ethics = {
        **DOCUMENTED["ethics"],
        "personal_data": {"living_people_likely": "no", "assessed_by": "A. Judge", "assessed_on": "2026-01-01"},
        "review": {"by": "A. Reader", "on": "2026-01-01", "second_reader": "B. Reader"},
    }
    entry(bench, "public", "recent", **{**DOCUMENTED, "ethics": ethics})
    assert bench.night("recent").visibility == "public"
