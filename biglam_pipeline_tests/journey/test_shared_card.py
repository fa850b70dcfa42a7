"""A card that people edit on the Hub, by pull request and in git, over nights with and without new rows."""

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, HfApi

from biglam_pipeline import clearing, pipeline
from biglam_pipeline.checks import CHECKS
from biglam_pipeline.checks.card_is_shared import run as card_is_shared
from biglam_pipeline.clearance import Finding
from biglam_pipeline.errors import ConfigError, SourceChanged
from biglam_pipeline.publish.draft import Release
from biglam_pipeline.publish.hub import header_yaml
from biglam_pipeline.releasing import remembered
from biglam_pipeline.releasing.sharing import people_text
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.pushing import push
from biglam_pipeline_tests.journey.test_nights import advance

NAME = "demo_letters"
SOURCES = """
    sources:
      demo_letters:
        title: Letters to the Librarian
        summary: {summary}
        custodian: Aldermere Free Library
        harvest: https://institution.example/files/letters.jsonl
        normalize:
          modality: text
          map: {{id: id, text: text, date: date}}
        rights: {{license: CC0-1.0, evidence: https://institution.example/rights, checked: 2026-11-20}}
        languages: [en]
"""
ISSUES = "\n## Known issues\n\nThe second register was bound upside down.\n"


@pytest.fixture
def api(small: Bench) -> HfApi:
    """The unmodified client, as people use it."""
    return HfApi(endpoint=small.hub.endpoint, token=False)


def repository(bench: Bench) -> str:
    """Of the source."""
    return bench.run.repository(bench.source(NAME))


def there(bench: Bench) -> str:
    """The card as it stands on the Hub now."""
    head = bench.run.hub.head(repository(bench))
    assert head
    with bench.run.hub.open(repository(bench), head, "README.md") as stream:
        return stream.read().decode()


def write(bench: Bench, api: HfApi, text: str, *, pull: bool = False, title: str = "Known issues") -> str:
    """Writes the card as a person would; by a pull request that is merged, or straight."""
    done = api.upload_file(
        path_or_fileobj=text.encode(),
        path_in_repo="README.md",
        repo_id=repository(bench),
        repo_type="dataset",
        commit_message=title,
        create_pr=pull,
    )
    if pull:
        assert done.pr_num is not None
        api.merge_pull_request(repository(bench), done.pr_num, repo_type="dataset")
    return str(bench.run.hub.head(repository(bench)))


def titles(bench: Bench, api: HfApi) -> list[str]:
    """Of all commits, the oldest first."""
    return [one.title for one in reversed(api.list_repo_commits(repository(bench), repo_type="dataset"))]


def tags(bench: Bench, api: HfApi) -> list[str]:
    """Of the repository."""
    return sorted(one.name for one in api.list_repo_refs(repository(bench), repo_type="dataset").tags)


def correct(bench: Bench, *names: str) -> None:
    """Upstream has something new to say."""
    bench.institution.institution.correct("letters", list(names))


def quiet_night(bench: Bench) -> int:
    """A night with nothing new; the requests to the Hub, of which none carries content."""
    advance(bench)
    begin = len(bench.hub.log)
    bench.night(NAME)
    rows = bench.hub.log[begin:]
    assert not any("/commit/" in path or "preupload" in path for _, path, _, _ in rows)
    return len(rows)


def finding(bench: Bench) -> Finding:
    """What the check says of the card."""
    source = bench.source(NAME)
    return card_is_shared(clearing.view_of(bench.run, source, bench.base(source), "hub"))


def released(bench: Bench) -> Release:
    """The last release, as the shelf remembers it."""
    found = remembered.last_release(bench.run, bench.source(NAME))
    assert found is not None
    return found


def test_three_nights_with_a_curator(small: Bench, api: HfApi, caplog: pytest.LogCaptureFixture) -> None:
    """By hand, by pull request and through the client; two nights of three have nothing new."""
    caplog.set_level(logging.INFO)
    small.night(NAME)
    first = tags(small, api)
    assert quiet_night(small) == 3

    write(small, api, there(small) + ISSUES)
    assert quiet_night(small) <= 16
    assert "kept on the card, as people wrote it: “## Known issues The second register" in caplog.text
    assert "“Known issues”" in caplog.text
    assert quiet_night(small) == 3, "its commit is remembered"
    assert tags(small, api) == first

    advance(small)
    correct(small, "letter-003")
    header = there(small).replace("---\n", "---\ndoi: 10.5281/zenodo.1\n", 1).replace("tags:\n", "tags:\n- maps\n", 1)
    write(small, api, header.replace("<!-- biglam:end use -->", "<!-- biglam:end use -->\n\nOr ask us."), pull=True)
    second = small.night(NAME)
    card = there(small)
    assert ISSUES in card
    assert "<!-- biglam:end use -->\n\nOr ask us.\n" in card
    assert "doi: 10.5281/zenodo.1" in card
    assert "- maps" in card
    assert f'revision="{second.tag}"' in card
    assert len(tags(small, api)) == len(first) + 1
    assert quiet_night(small) == 3

    operations = [CommitOperationAdd("README.md", card.replace("upside down", "back to front").encode())]
    api.create_commit(repository(small), operations, commit_message="Looked again", repo_type="dataset")
    quiet_night(small)
    assert quiet_night(small) == 3
    advance(small)
    correct(small, "letter-004")
    small.night(NAME)
    assert "back to front" in there(small)
    assert "upside down" not in there(small)
    assert len(tags(small, api)) == len(first) + 2
    assert finding(small).passed


def test_an_edit_in_a_block_is_kept_aside_and_reported_with_the_line_that_says_it(
    small: Bench, api: HfApi, caplog: pytest.LogCaptureFixture
) -> None:
    small.write(SOURCES.format(summary="Letters of a family, transcribed."))
    small.night(NAME)
    shown = there(small)
    write(small, api, shown.replace("Letters of a family, transcribed.", "Letters of a miller: two boxes."))
    advance(small)
    small.night(NAME)
    card = there(small)
    assert "Letters of a family, transcribed." in card, "the block is generated"
    said = finding(small)
    assert (said.passed, said.advice) == (False, True)
    line = '`summary: "Letters of a miller: two boxes."` at sources.yaml:'
    assert line in said.summary
    number = int(said.summary.partition("sources.yaml:")[2].partition(";")[0])
    assert "summary:" in (small.folder / "sources.yaml").read_text().splitlines()[number - 1]
    assert said.summary in caplog.text
    assert quiet_night(small) == 3
    assert not finding(small).passed, "reported until it is settled"

    small.write(SOURCES.format(summary='"Letters of a miller: two boxes."'))
    advance(small)
    small.night(NAME)
    assert finding(small).passed
    assert "Letters of a miller: two boxes." in there(small)


@pytest.mark.slow  # `test_an_edit_in_a_block_is_kept_aside_...` stays
def test_what_is_kept_aside_can_be_forgotten(small: Bench, api: HfApi) -> None:
    small.night(NAME)
    write(small, api, there(small).replace("license: ", "license: mit #"))
    advance(small)
    small.night(NAME)
    said = finding(small).summary
    assert "`license` of the card's header" in said
    assert "`rights`" in said
    assert "license: cc0-1.0" in there(small)
    Path(said.partition("It is kept in ")[2].partition(";")[0]).unlink()
    assert finding(small).passed


@pytest.mark.slow  # the largest edit; smaller ones stay
def test_a_card_that_was_deleted_comes_back(small: Bench, api: HfApi, caplog: pytest.LogCaptureFixture) -> None:
    small.night(NAME)
    write(small, api, there(small) + ISSUES)
    quiet_night(small)
    api.delete_file("README.md", repository(small), repo_type="dataset")
    advance(small)
    small.night(NAME)
    assert ISSUES in there(small)
    assert "README.md was deleted in" in caplog.text


@pytest.mark.slow  # publish/test_whose_repository.py holds names of a second release
def test_a_release_again_for_the_cards_sake_has_one_name(small: Bench, api: HfApi) -> None:
    small.night(NAME)
    write(small, api, there(small).replace("## Rights", "## Right"))
    again = small.night(NAME)
    assert again.tag == "v2026.01.02.1"
    assert titles(small, api)[-1].startswith(f"{again.tag}: ")
    assert f'revision="{again.tag}"' in there(small)


# --- cards/NAME.md ---


def card_file(bench: Bench, text: str) -> Path:
    """Writes it beside the sources file, which is moved to where a test may write."""
    source = bench.source(NAME)
    bench.catalog.bases[NAME] = bench.folder
    bench.catalog.sources[NAME] = source.model_copy(update={"harvest": source.harvest})
    path = bench.folder / "cards" / f"{NAME}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_the_file_in_git_and_the_hub(small: Bench, api: HfApi) -> None:
    file = card_file(small, ISSUES)
    small.night(NAME)
    assert ISSUES in there(small)
    assert quiet_night(small) == 3
    begin = tags(small, api)

    file.write_text(ISSUES.replace("second", "third"))
    advance(small)
    small.night(NAME)
    assert "The third register" in there(small)
    assert len(tags(small, api)) == len(begin) + 1, "the card changed, so it is a release"

    write(small, api, there(small).replace("third", "fourth"))
    quiet_night(small)
    assert quiet_night(small) == 3
    said = finding(small)
    assert "-The third register was bound upside down." in said.summary
    assert "+The fourth register was bound upside down." in said.summary
    assert file.read_text() == ISSUES.replace("second", "third"), "nothing is written to git"

    file.write_text(people_text(small.run, small.source(NAME), released(small)))
    quiet_night(small)
    assert finding(small).passed
    assert quiet_night(small) == 3
    file.write_text(file.read_text().replace("fourth", "fifth"))
    advance(small)
    small.night(NAME)
    assert "The fifth register" in there(small)
    assert "fourth" not in there(small)


@pytest.mark.slow  # `test_the_file_in_git_and_the_hub` stays
def test_where_both_changed_the_hub_stays(small: Bench, api: HfApi) -> None:
    file = card_file(small, ISSUES)
    small.night(NAME)
    begin = tags(small, api)
    file.write_text(ISSUES.replace("second", "third"))
    write(small, api, there(small).replace("second", "fourth"))
    quiet_night(small)
    assert "The fourth register" in there(small)
    assert "+The fourth register" in finding(small).summary
    assert tags(small, api) == begin
    assert quiet_night(small) == 3
    assert not finding(small).passed


def test_a_file_that_is_no_text_is_reported(small: Bench) -> None:
    card_file(small, "").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"cards/demo_letters.md: is not UTF-8 .* save the file as UTF-8"):
        small.night(NAME)


# --- what may go wrong ---


def test_a_commit_in_between_is_not_overwritten(small: Bench, api: HfApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody edits after the card was looked at and before the commit."""
    small.night(NAME)
    advance(small)
    correct(small, "letter-003")
    source = small.build(NAME)
    commit = small.run.hub.commit
    edits: list[Callable[[], object]] = [lambda: write(small, api, there(small) + ISSUES)]

    def slow(*given: object) -> Release:
        if edits:
            edits.pop()()
        return commit(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(small.run.hub, "commit", slow)
    release = pipeline.publish_source(small.run, source, small.base(source))
    assert ISSUES in there(small)
    assert f'revision="{release.tag}"' in there(small)


@pytest.mark.slow  # `test_a_memory_that_is_damaged_harms_nothing` stays
@pytest.mark.parametrize("lost", ["", "card-", "release.json"])
def test_without_its_memory_the_card_is_still_two_peoples(small: Bench, api: HfApi, lost: str) -> None:
    small.night(NAME)
    write(small, api, there(small).replace("---\n", "---\ndoi: 10.1/x\n", 1) + ISSUES)
    quiet_night(small)
    shelf = small.run.shelf.at(f"{NAME}/hub")
    for name in shelf.list(lost):
        shelf.delete(name)
    advance(small)
    correct(small, "letter-003")
    small.night(NAME)
    assert ISSUES in there(small)
    assert "doi: 10.1/x" in there(small)
    assert finding(small).passed


def test_a_memory_that_is_damaged_harms_nothing(small: Bench, api: HfApi) -> None:
    small.night(NAME)
    shelf = small.run.shelf.at(f"{NAME}/hub")
    [name] = shelf.list("card-")
    [file] = small.folder.rglob(name)
    file.write_bytes(b"{")
    write(small, api, there(small) + ISSUES)
    assert quiet_night(small)
    assert ISSUES in there(small)


@pytest.mark.slow  # cards of an earlier release; those of today stay
def test_a_release_from_before_there_were_marks(small: Bench, api: HfApi) -> None:
    """Unchanged, it stays as it is; what a person wrote into it is kept; marks come with the next release."""
    small.night(NAME)
    bare = "\n".join(line for line in there(small).split("\n") if "biglam:" not in line)
    old = write(small, api, bare, title="as before")
    shelf = small.run.shelf.at(f"{NAME}/hub")
    [name] = shelf.list("card-")
    shelf.delete(name)
    kept = {key: value for key, value in json.loads(shelf.read("release.json")).items() if not key.startswith("card")}
    del kept["seen"]
    shelf.put("release.json", json.dumps({**kept, "commit": old}).encode())
    api.delete_tag(repository(small), tag=kept["tag"], repo_type="dataset")
    api.create_tag(repository(small), tag=kept["tag"], revision=old, repo_type="dataset")
    begin = tags(small, api)
    assert quiet_night(small) == 3
    write(small, api, there(small).replace("\n## Fields", f"{ISSUES}\n## Fields"))
    quiet_night(small)
    assert quiet_night(small) == 3
    assert tags(small, api) == begin
    assert "biglam:" not in there(small)
    advance(small)
    correct(small, "letter-003")
    small.night(NAME)
    card = there(small)
    assert card.count("bound upside down") == 1
    assert card.count("## Fields") == 1
    assert card.index("biglam:end use") < card.index("## Known issues") < card.index("biglam:begin fields")


@pytest.mark.slow  # test_card_seams.py has one, with a takedown behind it
def test_a_header_that_the_hub_does_not_take_is_reported(small: Bench) -> None:
    file = card_file(small, "---\ntask_categories: [no-such-task]\n---\n\nText.\n")
    with pytest.raises(SourceChanged, match=r"the Hub does not take the card: .*task_categories.*README.md there"):
        small.night(NAME)
    file.write_text("---\ntask_categories: [text-generation]\n---\n\nText.\n")
    small.night(NAME)
    assert "text-generation" in there(small)


def test_a_card_that_is_no_text_stops_before_it_is_overwritten(small: Bench, api: HfApi) -> None:
    small.night(NAME)
    push(small.hub.endpoint, repository(small), {"README.md": b"---\nlicense: mit\n---\nK\xf6ln\n"})
    with pytest.raises(SourceChanged, match=r"README.md is not UTF-8 .* save it as UTF-8 there"):
        small.night(NAME)


def test_the_check_is_asked() -> None:
    assert CHECKS["hub"]["card_is_shared"] is card_is_shared
    assert header_yaml({"a": "b"}) == "a: b"
