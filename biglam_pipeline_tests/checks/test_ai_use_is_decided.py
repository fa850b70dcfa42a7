"""What the custodian or its server says of these data and AI halts the publication until somebody has decided."""

import json
from collections.abc import Iterator

import pytest

from biglam_pipeline import clearing
from biglam_pipeline.errors import RightsWithheld
from biglam_pipeline.source import load_sources
from biglam_pipeline.store.signals import last_signals
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer, scripted_server

DECISION = "The library was asked on 2026-01-02 and agreed in writing."
ROWS = b"id,text\n" + b"".join(b"%d,letter number %d of the library\n" % (one, one) for one in range(30))


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


def write(bench: Bench, url: str, ai_use: str = "") -> None:
    line = f"    ai_use: {ai_use}\n" if ai_use else ""
    bench.write(
        "sources:\n  letters:\n    title: Letters\n    custodian: A library\n"
        f"    harvest: {url}\n    normalize: {{modality: text, map: {{id: id, text: text}}}}\n"
        "    rights: {license: CC0-1.0, evidence: 'https://a.org/rights', checked: 2026-01-01, quote: CC0 1.0}\n"
        f"    languages: [en]\n{line}"
    )


def test_a_reservation_of_these_data_waits_for_a_decision(bench: Bench, server: ScriptedServer) -> None:
    url = server.on("/letters.csv", Reply(ROWS, headers={"tdm-reservation": "1", "Content-Usage": "train-ai=n"}))
    write(bench, url)
    with pytest.raises(RightsWithheld, match=r"keeps these data from text and data mining.*write `ai_use: \{decision"):
        bench.night("letters")
    write(bench, url, f"{{decision: '{DECISION}', by: A. Reader}}")
    assert bench.night("letters").rows == 30
    card = bench.card("letters")
    assert "## Use for AI" in card
    assert DECISION in card
    assert "tdm-reservation: 1" in card
    assert "no rights statement" in card


def test_a_statement_of_the_custodian_waits_for_a_decision(bench: Bench, server: ScriptedServer) -> None:
    url = server.on("/letters.csv", Reply(ROWS))
    said = "statement: No commercial training, evidence: 'https://a.org/ai', checked: 2026-01-01"
    write(bench, url, f"{{{said}}}")
    with pytest.raises(RightsWithheld, match=r"says of use for AI: No commercial training \(https://a\.org/ai\)"):
        bench.night("letters")
    write(bench, url, f"{{{said}, decision: '{DECISION}', by: A. Reader}}")
    bench.night("letters")
    assert "“No commercial training”" in bench.card("letters")


def test_what_else_is_said_is_told_and_halts_nothing(bench: Bench, server: ScriptedServer) -> None:
    """Content-Usage of an answer neither: only TDMRep is meant as a reservation of the very resource."""
    write(bench, server.on("/letters.csv", Reply(ROWS, headers={"X-Robots-Tag": "noai"})))
    bench.night("letters")
    assert "X-Robots-Tag: noai" in bench.card("letters")
    source = bench.source("letters")
    view = clearing.view_of(bench.run, source, bench.base(source), "any")
    (found,) = clearing.run_checks(view, frozenset({"ai_use_is_decided"}))
    assert (found.passed, found.numbers["signals"], found.numbers["reservations"]) == (True, 1, 0)
    assert "X-Robots-Tag: noai" in found.summary


def test_a_source_of_which_nothing_is_said_has_no_such_section(bench: Bench, server: ScriptedServer) -> None:
    write(bench, server.on("/letters.csv", Reply(ROWS)))
    bench.night("letters")
    assert "Use for AI" not in bench.card("letters")
    assert not bench.run.raw(bench.source("letters")).shelf.list("signals/")


def test_a_reservation_that_comes_later_is_seen_on_a_night_without_new_data(
    bench: Bench, server: ScriptedServer
) -> None:
    """And one that was taken back is gone; where nobody asks for the data again, it holds on."""
    etag = {"ETag": '"1"'}
    url = server.on("/letters.csv", Reply(ROWS, headers=etag))
    write(bench, url)
    first = bench.night("letters")
    server.on("/letters.csv", Reply(status=304, headers={**etag, "tdm-reservation": "1"}))
    with pytest.raises(RightsWithheld, match="keeps these data"):
        bench.night("letters")
    source = bench.source("letters")
    guest = bench.run.guest(source)
    assert [one.kind for one in guest.signals()] == ["tdm-reservation"]
    server.on("/letters.csv", Reply(status=304, headers=etag))
    assert bench.night("letters").tag == first.tag
    raw = bench.run.raw(source)
    assert last_signals(raw, raw.latest()) == []


@pytest.mark.parametrize(
    ("block", "what"),
    [
        ("{statement: No}", "write evidence and checked"),
        (
            "{evidence: 'https://a.org/ai', checked: 2026-01-01, decision: 'They agreed to it.', by: A. Reader}",
            "belong",
        ),
        ("{decision: 'They agreed to it in writing.'}", "somebody who took it; write by"),
        ("{decision: ok, by: A. Reader}", "as a sentence"),
        ("{by: A. Reader}", "write what the custodian says"),
    ],
)
def test_a_block_that_says_half_is_refused(bench: Bench, block: str, what: str) -> None:
    write(bench, "https://a.org/letters.csv", block)
    (faults,) = load_sources([bench.folder / "sources.yaml"]).faults.values()
    assert what in json.dumps(faults)


def test_a_decision_is_read_anew_by_the_gate_alone(bench: Bench, server: ScriptedServer) -> None:
    """It belongs to no stage before the publication: nothing is fetched, read or laid again for it."""
    url = server.on("/letters.csv", Reply(ROWS))
    write(bench, url)
    before = bench.source("letters")
    write(bench, url, f"{{decision: '{DECISION}', by: A. Reader}}")
    after = bench.source("letters")
    for stage in ("raw", "normalized", "shards"):
        assert before.digest(stage) == after.digest(stage)  # type: ignore[arg-type]
    assert before.digest("hub") != after.digest("hub")
