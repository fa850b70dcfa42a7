"""The ledger of what must not be published: the last word counts, and an unreadable line stops everything."""

import json
from datetime import date

import pytest

from biglam_pipeline.errors import ConfigError
from biglam_pipeline.takedown import (
    GROUNDS,
    Ledger,
    Line,
    Published,
    digest_of,
    encode_line,
    read_ledger,
    read_lines,
)


def line(record: str, action: str, source: str = "letters") -> str:
    return f'{{"source_id": "{source}", "record_id": "{record}", "action": "{action}", "ground": "request"}}\n'


def full(**more: object) -> str:
    """A line of the full form, with something else in it."""
    entry = {"id": "1", "source_id": "letters", "record_id": "1", "action": "removed", "ground": "privacy"}
    return json.dumps(entry | more)


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
        (full(ground="gossip"), f"ground 'gossip'; write one of {', '.join(sorted(GROUNDS))}"),
        (full(scope="all"), "scope 'all'; write one of collection, dataset, record"),
        (full(record_hmac="0" * 64), "'record_id' or record_hmac, one of them"),
        (full(scope="dataset"), "'record_id' or record_hmac, one of them"),
        (full(history_purged="yes"), "'history_purged': Input should be a valid boolean"),
        (full(date_received="last week"), "'date_received': Input should be a valid date"),
        (full(requester="Mrs Harrow"), "'requester': Extra inputs are not permitted"),
        (full(source_id=7), "'source_id': Input should be a valid string"),
    ],
)
def test_a_line_that_cannot_be_read_stops_every_source(bad: str, what: str) -> None:
    with pytest.raises(ConfigError, match=r"takedowns.jsonl:2: ") as reported:
        read_ledger((line("1", "removed") + bad).encode(), "letters")
    assert what in str(reported.value)


def test_all_that_a_line_says_is_read_back_as_it_was_written() -> None:
    whole = Line(
        id="20260102-ab-1",
        date_received=date(2026, 1, 2),
        date_actioned=date(2026, 1, 3),
        source_id="letters",
        record_id="1 é \u2028",
        ground="culturally_sensitive",
        requester_type="community",
        action="removed",
        datasets=(Published(repo="biglam/letters", revision_before="a", revision_after="b"),),
        history_purged=True,
        basis="asked for",
        note_public="taken down",
    )
    data = encode_line(whole)
    assert data.count(b"\n") == 1
    assert [line for _, line, _ in read_lines(data)] == [whole]


def test_a_short_line_says_its_ground_in_its_own_words() -> None:
    [(_, short, _)] = read_lines(line("1", "removed").encode())
    assert (short.ground, short.basis) == ("other", "request")
    [(_, known, _)] = read_lines(b'{"source_id": "a", "record_id": "1", "action": "removed", "ground": "privacy"}')
    assert (known.ground, known.basis) == ("privacy", "")


def test_an_identifier_that_discloses_is_known_by_its_digest() -> None:
    hidden = digest_of("Mrs Harrow", "a key")
    text = full(record_id=None, record_hmac=hidden).replace('"record_id": null, ', "")
    ledger = read_ledger(text.encode(), "letters", "a key")
    assert (ledger.ids, ledger.hmacs) == (frozenset(), {hidden})
    shown = f"letters:hmac-{hidden}"
    assert ledger.shown("letters:Mrs Harrow") == shown
    assert ledger.shown("letters:Mr Harrow") == "letters:Mr Harrow"
    assert [ledger.keeps_out(one) for one in ("letters:Mrs Harrow", shown, "letters:Mr Harrow")] == [True, True, False]
    assert ledger.among(["letters:Mrs Harrow", "letters:2", shown]) == {"letters:Mrs Harrow", shown}
    assert ledger.digest != Ledger().digest
    assert "a key" not in repr(ledger)
    again = read_ledger(f"{text}\n{line('Mrs Harrow', 'restored')}".encode(), "letters", "a key")
    assert again.is_empty, "either form speaks of the same record"
    with pytest.raises(ConfigError, match=r"takedowns\.jsonl:1: .*BIGLAM_TAKEDOWN_KEY"):
        read_ledger(text.encode(), "letters")
    assert read_ledger(text.encode(), "others").is_empty, "the key is wanted for the source alone"


@pytest.mark.parametrize("scope", ["dataset", "collection"])
def test_a_whole_source_is_stopped_until_it_is_restored(scope: str) -> None:
    entry = {"id": "1", "source_id": "letters", "scope": scope, "action": "removed", "ground": "copyright"}
    text = json.dumps(entry)
    stopped = read_ledger(text.encode(), "letters")
    assert (stopped.stopped, stopped.is_empty) == (scope, True)
    assert stopped.digest != Ledger().digest
    again = f"{text}\n{json.dumps(entry | {'action': 'restored'})}"
    assert read_ledger(again.encode(), "letters").stopped == ""


def test_every_line_about_the_source_is_known_by_its_digest() -> None:
    text = line("1", "removed") + line("1", "removed", "other") + line("2", "declined")
    ledger = read_ledger(text.encode(), "letters")
    assert len(set(ledger.lines)) == 2
    assert read_ledger(text.replace("declined", "restored").encode(), "letters").lines[1] != ledger.lines[1]
    assert ledger.digest == read_ledger(line("1", "removed").encode(), "letters").digest
