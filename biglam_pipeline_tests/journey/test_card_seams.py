"""Where a card of two hands tears: headers that slipped, comments beside our keys, and a takedown in between."""

import pytest
from huggingface_hub import DatasetCard, HfApi

from biglam_pipeline_tests.bench import DEMO_SOURCES, Bench
from biglam_pipeline_tests.journey.pushing import push
from biglam_pipeline_tests.journey.test_nights import advance
from biglam_pipeline_tests.journey.test_shared_card import (
    NAME,
    api,
    card_file,
    correct,
    finding,
    quiet_night,
    repository,
    there,
    write,
)
from biglam_pipeline_tests.journey.test_takedown_always import expectations_cannot_hold, retract

__all__ = ["api"]
WORDS = "The second register was bound upside down."


def above(card: str) -> str:
    """A title above the header: the Hub then sees no header at all."""
    return f"# Our letters\n\n{WORDS}\n\n{card}"


def unclosed(card: str) -> str:
    """The second line of hyphens is gone."""
    return card.replace("\n---\n", "\n", 1) + f"\n{WORDS}\n"


def dotted(card: str) -> str:
    """As YAML ends a document (1.2.2, 9.1.2), and the Hub does not."""
    return card.replace("\n---\n", "\n...\n", 1) + f"\n{WORDS}\n"


@pytest.mark.slow  # `test_what_only_blanks_say_...` stays
@pytest.mark.parametrize("slip", [above, unclosed, dotted])
def test_a_header_that_slipped_is_put_right_once(small: Bench, slip: object) -> None:
    small.night(NAME)
    push(small.hub.endpoint, repository(small), {"README.md": slip(there(small)).encode()})  # type: ignore[operator]
    advance(small)
    small.night(NAME)
    card = there(small)
    assert card.startswith("---\n")
    assert card.count("\nlicense: cc0-1.0\n") == 1, "the old header does not stay as text"
    assert card.count(WORDS) == 1
    assert quiet_night(small) == 3


def test_a_takedown_keeps_what_people_wrote_on_the_card(small: Bench) -> None:
    """A byte order mark, comments in the header, and a letter of Windows-1252: counts are set, words stay."""
    small.write(DEMO_SOURCES.read_text())
    first = small.night(NAME)
    card = there(small).replace("---\n", "---\n# ask Mrs Ó before changing\n", 1)
    card = card.replace("license: cc0-1.0\n", "license: cc0-1.0 # see box 7\n")
    data = b"\xef\xbb\xbf" + card.encode() + b"\nK\xf6ln\n"
    push(small.hub.endpoint, repository(small), {"README.md": data})
    retract(small, expectations_cannot_hold(small))
    head = small.run.hub.head(repository(small)) or ""
    with small.run.hub.open(repository(small), head, "README.md") as stream:
        after = stream.read()
    assert "# ask Mrs Ó before changing\n".encode() in after
    assert b"# see box 7\n" in after
    assert after.endswith("\nKöln\n".encode())
    fields = DatasetCard(after.decode()).data.to_dict()
    assert fields["dataset_info"]["splits"][0]["num_examples"] == first.rows - 1


@pytest.mark.slow  # `test_a_takedown_keeps_what_people_wrote_...` stays
def test_what_people_write_into_the_note_of_a_takedown_stays(small: Bench, api: HfApi) -> None:
    small.write(DEMO_SOURCES.read_text())
    small.night(NAME)
    retract(small, expectations_cannot_hold(small))
    end = "<!-- end of removal -->"
    push(small.hub.endpoint, repository(small), {"README.md": there(small).replace(end, f"\n{WORDS}\n{end}").encode()})
    small.write(DEMO_SOURCES.read_text())
    advance(small)
    small.night(NAME)
    assert WORDS in there(small)
    assert "removal -->" not in there(small)
    assert "Left: " not in there(small)


def test_a_card_that_the_hub_refuses_does_not_hold_up_a_takedown(small: Bench) -> None:
    small.write(DEMO_SOURCES.read_text())
    small.night(NAME)
    bad = there(small).replace("---\n", "---\ntask_categories: [no-such-task]\n", 1)
    push(small.hub.endpoint, repository(small), {"README.md": bad.encode()})
    outcome = retract(small, expectations_cannot_hold(small))
    assert any("the Hub does not take the card" in said and "task_categories" in said for said in outcome.left)
    assert outcome.release is not None
    small.write(DEMO_SOURCES.read_text())
    assert "letter-005" not in {row["source_record_id"] for row in small.rows(NAME)}
    assert there(small) == bad, "what people wrote stays"


def test_what_only_blanks_say_is_somebodys_change(small: Bench, api: HfApi) -> None:
    """Blanks in front of a line nest a list; and a file that names one of our tags says nothing else than the Hub."""
    file = card_file(small, "---\ntags: [maps, lam]\n---\n\n- a\n- b\n\nMore.\n")
    small.night(NAME)
    assert quiet_night(small) == 3
    assert finding(small).passed
    write(small, api, there(small).replace("- a\n- b\n", "- a\n  - b\n"))
    quiet_night(small)
    file.write_text(file.read_text().replace("More.", "More of it."))
    advance(small)
    small.night(NAME)
    assert "- a\n  - b\n" in there(small)
    assert "-More of it." in finding(small).summary


@pytest.mark.slow  # `test_a_takedown_keeps_what_people_wrote_on_the_card` has comments
def test_a_comment_beside_a_key_of_ours_stays(small: Bench, api: HfApi) -> None:
    small.night(NAME)
    card = there(small).replace("license: cc0-1.0\n", "license: cc0-1.0 # see box 7\n")
    write(small, api, card.replace("tags:\n", "tags:\n  # one a line\n"))
    quiet_night(small)
    advance(small)
    correct(small, "letter-003")
    small.night(NAME)
    assert "# see box 7\n" in there(small)
    assert "# one a line\n" in there(small)
    assert quiet_night(small) == 3


@pytest.mark.slow  # test_takedown_beside.py names what lies beside
@pytest.mark.parametrize("name", ["copy.parquet", "notes.csv"])
def test_a_small_file_beside_the_parts_is_named_by_a_takedown(small: Bench, name: str) -> None:
    """Git itself holds what is small and named by no rule for large files: it has no sha256 in the listing."""
    small.write(DEMO_SOURCES.read_text())
    small.night(NAME)
    push(small.hub.endpoint, repository(small), {f"data/default/{name}": b"id,text\nletter-005,mine\n"})
    outcome = retract(small, expectations_cannot_hold(small))
    assert any(f"data/default/{name} of" in said and "was not searched" in said for said in outcome.left)
