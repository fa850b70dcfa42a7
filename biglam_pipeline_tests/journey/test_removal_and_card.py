"""A removal writes counts and a note into a card that people write too: neither is taken for theirs afterwards."""

import pytest
from huggingface_hub import HfApi

from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_shared_card import finding, there, write
from biglam_pipeline_tests.journey.test_takedown_always import GAP, LETTERS, NAME, a_gap, desk, edit, retract

__all__ = ["desk"]

WORDS = "## Known issues\n\nLetters of 1871 were transcribed twice."


@pytest.mark.slow  # test_card_seams.py: `test_a_takedown_keeps_what_people_wrote_...`
def test_what_a_removal_wrote_is_nobodys_edit(desk: Bench, caplog: pytest.LogCaptureFixture) -> None:
    api = HfApi(desk.hub.endpoint, token=False)
    write(desk, api, f"{there(desk)}\n{WORDS}\n")
    desk.institution.institution.correct("letters", ["letter-011"])
    desk.night(NAME)
    done = retract(desk, a_gap(desk))
    assert done.because
    assert "> Taken down on request: 1 record" in there(desk)
    assert WORDS in there(desk)
    caplog.clear()
    edit(desk, GAP, LETTERS)
    desk.night(NAME)
    card = there(desk)
    assert "> Taken down on request" not in card, "a card that is built again counts for itself"
    assert WORDS in card
    assert finding(desk).passed
    assert "dataset_info" not in caplog.text
