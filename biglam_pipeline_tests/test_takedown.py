"""The ledger of what must not be published: the last word counts, and an unreadable line stops everything."""

import pytest

from biglam_pipeline.errors import ConfigError
from biglam_pipeline.takedown import Ledger, read_ledger


def line(record: str, action: str, source: str = "letters") -> str:
    return f'{{"source_id": "{source}", "record_id": "{record}", "action": "{action}", "ground": "request"}}\n'


def test_the_last_line_about_a_record_counts() -> None:
    text = (
        line("1", "removed")
        + line("2", "redacted")
        + line("3", "gated")
        + line("4", "removed")
        + "\n"
        + line("4", "restored")
        + line("5", "restored")
        + line("5", "removed")
        + line("6", "removed")
        + line("6", "declined")
    )
    assert read_ledger(text.encode(), "letters").ids == {"letters:1", "letters:2", "letters:3", "letters:5"}


def test_only_the_records_of_the_source_are_meant() -> None:
    text = line("1", "removed", "other") + line("1", "removed")
    assert read_ledger(text.encode(), "letters").ids == {"letters:1"}
    assert read_ledger(text.encode(), "nobody") == Ledger()


def test_the_digest_follows_the_identifiers_alone() -> None:
    once = read_ledger((line("1", "removed") + line("2", "removed")).encode(), "letters")
    turned = read_ledger((line("2", "removed") + line("1", "gated") + line("9", "declined")).encode(), "letters")
    assert once.digest == turned.digest
    assert once.digest != Ledger().digest == read_ledger(b"", "letters").digest


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        ("not json", "a line needs source_id, record_id and action"),
        ('{"source_id": "letters", "action": "removed"}', "'record_id'"),
        ("[1, 2]", "a line needs source_id, record_id and action"),
        ("7", "a line needs source_id, record_id and action"),
        (line("1", "removd"), "action 'removd'; write one of declined, gated, redacted, removed, restored"),
        (line("1", "removd", "other"), "action 'removd'"),
    ],
)
def test_a_line_that_cannot_be_read_stops_every_source(bad: str, what: str) -> None:
    with pytest.raises(ConfigError, match=r"takedowns.jsonl:2: ") as told:
        read_ledger((line("1", "removed") + bad).encode(), "letters")
    assert what in str(told.value)
