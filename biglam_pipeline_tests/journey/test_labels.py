"""Labels of Local Contexts on single records (https://localcontexts.org/labels/): a community's word."""

import json
from typing import Any

import pytest

from biglam_pipeline import clearing
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_rights import CC0, DC, READ, counted, refusal, written

NC_TOO = f"{{license: CC0-1.0, accept: [open, nc], {READ}}}"
MAPPED = "{type: table, map: {id: id, title: title, labels: VALUE}}"


def labelled(bench: Bench, *labels: Any, rights: str = CC0, value: str = "labels", more: str = "") -> Any:
    """A record with each of these labels, numbered from 1, and one without any."""
    rows = [{"id": str(at), "title": f"A{at}", "labels": label} for at, label in enumerate(labels, 1)]
    rows.append({"id": "bare", "title": "B", "labels": None})
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    return written(bench, rights + more, MAPPED.replace("VALUE", value), a_jsonl=lines)


SHUT = [
    "TK Secret / Sacred",
    "TK SS",
    "https://localcontexts.org/label/tk-men-restricted/",
    "TK Attribution; TK Secret / Sacred",
    "XK Nobody knows",
    "https://localcontextshub.org/projects/2b2a3f6a-7d3e-4e3c-8f0d-2d6f7a0b1c11/",
    ["TK Verified", "TK Women Restricted (TK WR)"],
    [{"name": "TK Secret / Sacred"}],
]


@pytest.mark.parametrize("rights", [CC0, NC_TOO])
def test_what_is_not_for_everybody_or_not_known_is_never_published(bench: Bench, rights: str) -> None:
    source = labelled(bench, *SHUT, rights=rights)
    bench.night("x")
    assert [row["source_record_id"] for row in bench.rows("x")] == ["bare"], "the number of a label that was not heard"
    manifest = bench.run.shards(source).current()
    assert manifest is not None
    assert (manifest.tally.published, manifest.tally.withheld) == (1, len(SHUT))
    for reason in manifest.withheld:
        assert "not for everybody" in reason or "no label that is known here" in reason


@pytest.mark.parametrize("value", ['"labels >> lookup(TK SS=TK Verified)"', '"labels >> first"', "[title, labels]"])
def test_no_step_takes_a_label_away(bench: Bench, value: str) -> None:
    source = labelled(bench, ["TK Verified", "TK SS"], value=value)
    assert counted(bench, source)[1] == (2 if "title" in value else 1), "a title is no label that is known"


@pytest.mark.representative(1)  # another label
@pytest.mark.parametrize("label", ["TK NC", "BC Non-Commercial (BC NC)"])
def test_a_non_commercial_label_is_nc(bench: Bench, label: str) -> None:
    """Whatever the licence says: withheld unless nc is accepted, and the card's licence is no freer than the rows."""
    source = labelled(bench, label)
    assert counted(bench, source) == (1, 1)
    bench.write((bench.folder / "sources.yaml").read_text().replace(CC0, NC_TOO))
    bench.night("x")
    one, other = sorted(bench.rows("x"), key=lambda row: str(row["id"]))
    assert (one["rights_tier"], one["rights_name"]) == ("nc", f"{label[:2].lower()}-non-commercial")
    assert (other["rights_tier"], other["labels"]) == ("pd", None)
    card = bench.card("x")
    assert "license: other" in card
    assert f"| {label} | 1 |" in card


def test_a_label_of_the_whole_entry_is_nc_in_every_row(bench: Bench) -> None:
    """Published as nc with nc accepted, and not at all without."""
    more = (
        "\n    ethics:\n      indigenous_or_tk:\n        present: yes\n"
        "        labels: [{label: TK NC, project_uri: https://localcontextshub.org/projects/1}]\n"
        "        authority_decision: The council agreed on 2025-05-05."
    )
    source = labelled(bench, None, more=more)
    assert source.closed_because
    bench.build("x")
    assert "no row may be published" in refusal(bench, source)
    bench.write((bench.folder / "sources.yaml").read_text().replace(CC0, NC_TOO))
    bench.night("x")
    assert {row["rights_tier"] for row in bench.rows("x")} == {"nc"}
    assert "cc0-1.0" not in bench.card("x").partition("---\n")[2].partition("---\n")[0]


def test_labels_ask_who_decided(bench: Bench) -> None:
    """A Notice is published nowhere without a decision; a community's own Label not in public, whatever `present`."""
    source = labelled(bench, "TK Notice")
    bench.build("x")
    assert "ask the community" in refusal(bench, source)


def test_a_label_does_not_open_and_does_not_close_what_it_does_not_speak_of(bench: Bench) -> None:
    source = labelled(bench, "TK Attribution")
    assert counted(bench, source) == (2, 0)
    bench.night("x")
    assert [row["labels"] for row in bench.rows("x")] == [["TK Attribution"], None]


AMONG = [
    "https://localcontexts.org/label/tk-secret-sacred/",
    "TK Secret / Sacred",
    "CC0 1.0. See https://localcontexts.org/label/tk-community-use-only/ too.",
]


@pytest.mark.parametrize("covers", ["all", "metadata"])
def test_a_label_among_the_statements_of_rights_is_heard(bench: Bench, covers: str) -> None:
    among = {
        f"a{at}_xml": DC.format(f"<dc:identifier>{at}</dc:identifier><dc:rights>{said}</dc:rights>")
        for at, said in enumerate(AMONG)
    }
    other = DC.format("<dc:identifier>other</dc:identifier><dc:subject>TK Secret / Sacred</dc:subject>")
    rights = CC0.replace("CC0-1.0,", f"CC0-1.0, covers: {covers},")
    assert counted(bench, written(bench, rights, "oai_dc", other_xml=other, **among)) == (1, len(AMONG))


def test_nobody_overrules_a_label(bench: Bench) -> None:
    decided = f"{{license: CC0-1.0, {READ}, overrule: {{because: The heirs gave it to the public., rows: 0..}}}}"
    assert counted(bench, labelled(bench, "TK SS", rights=decided)) == (1, 1)


def test_a_column_of_labels_that_nobody_reads_is_reported(bench: Bench) -> None:
    source = written(bench, CC0, a_csv="id,title,TK Labels\n1,A,TK SS\n")
    bench.build("x")
    manifest = bench.run.shards(source).current()
    assert manifest is not None
    found = clearing.run_checks(
        clearing.view_of(bench.run, source, bench.base(source), manifest.digest), frozenset({"rights_are_recognised"})
    )
    assert "named like Traditional Knowledge Labels: TK Labels (1); map `labels` to it" in found[0].summary
