"""Repositories are born private; public is a step that the entry asks for and the documentation earns."""

from typing import Any

import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.clearance import Clearance
from biglam_pipeline.errors import RightsWithheld
from biglam_pipeline.releasing import committing
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
    reported = old.model_dump(mode="json", by_alias=True, exclude={*DOCUMENTED, "publish"}, exclude_none=True)
    made = Source.model_validate({**reported, **more, "publish": {"visibility": visibility}})
    bench.catalog.sources[name] = made
    return made


def private(bench: Bench) -> bool:
    """Whether the Hub shows it to its owner's people only."""
    return bench.run.hub.visibility(f"{bench.run.owner}/{NAME}") == "private"


def test_a_short_entry_goes_to_a_private_repository(bench: Bench) -> None:
    release = bench.night(NAME)
    assert private(bench)
    assert release.visibility == "private"


def test_public_without_documentation_is_refused_by_name(bench: Bench) -> None:
    entry(bench, "public")
    with pytest.raises(RightsWithheld, match=r"documentation_is_complete: write summary, custodian_url, .*ethics"):
        bench.night(NAME)
    assert bench.run.hub.head(f"{bench.run.owner}/{NAME}") is None


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
    order = [path for method, path, _, _ in bench.hub.log if f"/{bench.run.owner}/{NAME}" in path and method != "GET"]
    assert order.index(f"/api/datasets/{bench.run.owner}/{NAME}/settings") > max(
        at for at, path in enumerate(order) if "/commit/" in path
    )
    bench.hub.log.clear()
    bench.night(NAME)
    asked = [path for _, path, _, _ in bench.hub.log]
    assert len(asked) == 3, asked


def test_the_card_says_what_was_written(bench: Bench) -> None:
    entry(bench, "public", **DOCUMENTED)
    release = bench.night(NAME)
    with bench.run.hub.open(release.repository, release.commit, "README.md") as stream:
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
    monkeypatch.setattr(
        committing, "read_back", lambda *_: ["data/default/part-00000.parquet is not in the repository"]
    )
    entry(bench, "public", **DOCUMENTED)
    release = bench.night(NAME)
    assert private(bench)
    assert release.visibility == "private"
    monkeypatch.undo()
    assert bench.night(NAME).visibility == "public", "the next night reads it back again"


def test_only_a_clearance_makes_a_repository_public(bench: Bench) -> None:
    release = bench.night(NAME)
    with pytest.raises(RightsWithheld, match="with a clearance only"):
        bench.run.hub.set_visibility(release.repository, "public")
    with pytest.raises(RightsWithheld):
        Clearance(object(), "digest", ())
    assert private(bench)


@pytest.mark.representative(1)  # other words of the entry
@pytest.mark.parametrize(
    ("ethics", "said"),
    [
        ({"indigenous_or_tk": {"present": "yes"}}, "ask the community"),
        (
            {
                "indigenous_or_tk": {
                    "present": "yes",
                    "labels": [{"label": "TK A", "project_uri": "https://l.example/p"}],
                }
            },
            "ask",
        ),
        (
            {
                "indigenous_or_tk": {
                    "present": "unknown",
                    "labels": [{"label": "bc-provenance", "project_uri": "https://l.example/p"}],
                }
            },
            "a label says that it is there",
        ),
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
        "personal_data": {
            "living_people_likely": "no",
            "basis": "The youngest writer died in 1960.",
            "assessed_by": "A. Judge",
            "assessed_on": "2026-01-01",
        },
        "review": {"by": "A. Reader", "on": "2026-01-01", "second_reader": "B. Reader"},
    }
    entry(bench, "public", "recent", **{**DOCUMENTED, "ethics": ethics})
    assert bench.night("recent").visibility == "public"


PEOPLE: dict[str, Any] = {
    "living_people_likely": "yes",
    "basis": "They stand in the public register.",
    "assessed_by": "A. Judge",
    "assessed_on": "2026-01-01",
}
READERS = {"by": "A. Reader", "on": "2026-01-01", "second_reader": "B. Reader"}


def ethics_of(**changed: Any) -> dict[str, Any]:
    """The documented answers, but for these."""
    return {**DOCUMENTED, "ethics": {**DOCUMENTED["ethics"], **changed}}


def judged(bench: Bench, letters: str, **changed: Any) -> str:
    """The refusal of these letters with these answers; empty where they are made public."""
    (bench.folder / "letters.csv").write_text(letters)
    bench.write(RECENT)
    entry(bench, "public", "recent", **ethics_of(**changed))
    try:
        assert bench.night("recent").visibility == "public"
    except RightsWithheld as refused:
        return str(refused)
    return ""


OLD = "id,text,date\n" + "".join(f"{at},Dear aunt,1850\n" for at in range(1, 41))


JUDGED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (PEOPLE, READERS, ""),
    (PEOPLE | {"basis": ""}, READERS, "personal_data.basis"),
    (PEOPLE | {"basis": "Consent."}, READERS, "personal_data.basis"),
    (PEOPLE | {"basis": "not known: the donor was asked and is dead"}, READERS, ""),
    (PEOPLE | {"assessed_by": "n/a"}, READERS, "personal_data.assessed_by"),
    (PEOPLE, READERS | {"second_reader": ""}, "review.second_reader"),
    (PEOPLE, READERS | {"second_reader": "a reader"}, "the first reader is no second one"),
    (PEOPLE | {"living_people_likely": "public_role"}, READERS | {"second_reader": ""}, ""),
    (PEOPLE | {"living_people_likely": "public_role", "basis": "tbd"}, READERS, "personal_data.basis"),
    (PEOPLE | {"assessed_on": "2099-01-01"}, READERS, "assessed_on is 2099-01-01, a day to come"),
    (PEOPLE | {"assessed_on": "1970-01-01"}, READERS, "more than 5 years before the first harvest"),
    (PEOPLE, READERS | {"on": "2019-01-01"}, "review.on is 2019-01-01, more than 5 years"),
]


def test_who_may_live_is_judged_by_two_people_whatever_the_dates(bench: Bench) -> None:
    """A yes needs a basis, an assessor and a second, different reader; a public role the first two."""
    refused_first = sorted(JUDGED, key=lambda one: not one[2])  # what is public already stays so
    for people, review, said in refused_first:
        refused = judged(bench, OLD, personal_data=people, review=review)
        assert said in refused, (people, review)
        assert bool(refused) is bool(said), (people, review, refused)


@pytest.mark.slow  # `test_rows_of_the_last_hundred_years_...` stays
def test_rows_without_a_year_count_as_recent(bench: Bench) -> None:
    """What is not known is not old: over one row in twenty without a year asks for the same judgement."""
    undated = OLD + "41,Dear aunt,\n42,Dear aunt,\n"
    assert judged(bench, undated) == ""
    refused = judged(bench, undated + "43,Dear aunt,\n")
    assert "3 of 43 rows have no year, so people in them may live: write ethics.personal_data.assessed_by" in refused
    assessed = PEOPLE | {"living_people_likely": "no", "basis": "The paper is older than 150 years."}
    assert judged(bench, undated + "43,Dear aunt,\n", personal_data=assessed) == ""


OGL_BY_RECORD = """
sources:
  recent:
    title: Letters of a living memory
    custodian: A library
    harvest: file:letters.csv
    normalize: {modality: text, map: {id: id, text: text, date: date}}
    rights: {from: rights, evidence: https://example.org/rights, checked: 2026-01-01}
"""


@pytest.mark.representative(1)  # the same licence by its address
@pytest.mark.parametrize(
    "statement",
    ["Open Government Licence v3.0", "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"],
)
def test_a_licence_that_leaves_people_out_is_seen_in_the_records_too(bench: Bench, statement: str) -> None:
    """OGL 3.0: "does not cover personal data in the Information"."""
    (bench.folder / "letters.csv").write_text(f"id,text,date,rights\n1,Dear aunt,1850,{statement}\n")
    bench.write(OGL_BY_RECORD)
    entry(bench, "public", "recent", **ethics_of(personal_data=PEOPLE, review=READERS))
    with pytest.raises(RightsWithheld, match="this licence leaves personal data out"):
        bench.night("recent")
    entry(bench, "public", "recent", **DOCUMENTED)
    assert bench.night("recent").visibility == "public"


def label(name: str, **more: str) -> dict[str, Any]:
    """One label, with a decision of the community."""
    one = {"label": name, "project_uri": "https://localcontextshub.org/projects/1", **more}
    return {"present": "yes", "labels": [one], "authority_decision": "The council agreed on 2025-05-05."}


@pytest.mark.representative(2)  # further labels; rights/ holds what each is
@pytest.mark.parametrize("name", ["TK Seasonal", "TK SS", "tk-women-general", "TK Community Use Only (TK CO)", "XK Z"])
def test_a_label_that_is_not_for_everybody_is_published_nowhere(bench: Bench, name: str) -> None:
    """Neither in private; nor one that is not known, since what it asks for is not known."""
    entry(bench, "private", **ethics_of(indigenous_or_tk=label(name)))
    with pytest.raises(RightsWithheld, match=r"is not for everybody|is no label that is known here"):
        bench.night(NAME)
    assert bench.run.hub.head(f"{bench.run.owner}/{NAME}") is None


def test_the_community_speaks_on_the_card_in_its_own_words(bench: Bench) -> None:
    words = "This is ours.\nAsk Aunty Mary at *Tyala* first."
    entry(bench, "public", **ethics_of(indigenous_or_tk=label("TK Verified", text=words)))
    release = bench.night(NAME)
    with bench.run.hub.open(release.repository, release.commit, "README.md") as stream:
        card = stream.read().decode()
    assert "**TK Verified** (https://localcontextshub.org/projects/1)" in card
    assert "> This is ours.\n> Ask Aunty Mary at \\*Tyala\\* first." in card


CLOSINGS: list[tuple[str, dict[str, Any]]] = [
    ("a licence", {"rights": {"license": "InC-1.0", "evidence": "https://example.org/r", "checked": "2026-01-01"}}),
    ("nobody looked", {"verified": False}),
    ("no evidence", {"rights": {"license": "CC0-1.0"}}),
    ("a label", ethics_of(indigenous_or_tk=label("TK Secret / Sacred"))),
]


@pytest.mark.representative(1)  # other reasons to close
@pytest.mark.parametrize("closing", [change for _, change in CLOSINGS], ids=[name for name, _ in CLOSINGS])
def test_a_public_source_that_closes_is_hidden_in_the_same_run(bench: Bench, closing: dict[str, Any]) -> None:
    """Refusing to publish the next release would leave the last one for all to see."""
    opened = entry(bench, "public", **DOCUMENTED)
    bench.night(NAME)
    commits = bench.commits(NAME)
    assert not private(bench)
    entry(bench, "public", **{**DOCUMENTED, **closing})
    with pytest.raises(RightsWithheld):
        bench.night(NAME)
    assert private(bench)
    assert bench.commits(NAME) == commits
    bench.catalog.sources[NAME] = opened
    assert bench.night(NAME).visibility == "public"
    assert not private(bench)


def test_a_source_that_closes_while_its_harvest_has_gaps_is_hidden_too(bench: Bench) -> None:
    """The stages before hub may stop the run; that is no reason to go on showing what may not be seen."""
    source = entry(bench, "public", **DOCUMENTED)
    bench.night(NAME)
    source = entry(bench, "public", **DOCUMENTED, verified=False)
    pipeline.harvest_source(bench.run, source, bench.base(source))
    assert private(bench)


def test_missing_prose_is_no_reason_to_hide_what_is_public(bench: Bench) -> None:
    entry(bench, "public", **DOCUMENTED)
    bench.night(NAME)
    entry(bench, "public", **{**DOCUMENTED, "summary": "TODO"})
    with pytest.raises(RightsWithheld, match="write summary"):
        bench.night(NAME)
    assert not private(bench)


def test_a_source_whose_every_record_closes_is_hidden_before_a_check_stops_the_run(bench: Bench) -> None:
    """A blocking check of the shards keeps Dagster from running hub, which would have hidden it."""
    (bench.folder / "letters.csv").write_text("id,text,date,rights\n1,Dear aunt,1850,CC0 1.0\n")
    bench.write(OGL_BY_RECORD)
    entry(bench, "public", "recent", **DOCUMENTED)
    repository = bench.night("recent").repository
    assert bench.run.hub.visibility(repository) == "public"
    (bench.folder / "letters.csv").write_text("id,text,date,rights\n1,Dear aunt,1850,In copyright\n")
    bench.build("recent")
    assert bench.run.hub.visibility(repository) == "private"
