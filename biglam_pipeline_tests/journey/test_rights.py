"""Nothing is published unless every column of the row is covered by a layer whose strictest statement is accepted."""

import json
import textwrap
from datetime import date
from typing import Any

import pytest

from biglam_pipeline import clearing, pipeline
from biglam_pipeline.checks.rights_are_recognised import run as recognised
from biglam_pipeline.errors import RightsWithheld
from biglam_pipeline.source import Source
from biglam_pipeline.source.rights import Overrule, Rights
from biglam_pipeline.statements import list_statements
from biglam_pipeline.states import state_of
from biglam_pipeline_tests.bench import Bench

READ = "evidence: https://institution.example/r, checked: 2026-01-01"
CC0 = f"{{license: CC0-1.0, {READ}}}"
DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:edm="http://www.europeana.eu/schemas/edm/" '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{}</oai_dc:dc>'
)


def written(
    bench: Bench, rights: str, normalize: str = "{type: table, map: {id: id, title: title}}", **files: str
) -> Source:
    """An entry named x over these files, `_` for a dot in their names."""
    folder = bench.folder / "held"
    folder.mkdir()
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    lines = ["sources:", "  x:", "    title: X", "    custodian: A Library", "    harvest: file:held"]
    lines += [f"    normalize: {normalize}", f"    rights: {rights}", "    languages: [en]"]
    return bench.write("\n".join(lines)).get("x")


def table(*rows: str, names: str = "id,title,rights") -> str:
    return "\n".join([names, *(f"{number},Map {number},{row}" for number, row in enumerate(rows))]) + "\n"


def counted(bench: Bench, source: Source) -> tuple[int, int]:
    """Rows published and withheld on the shelf."""
    bench.build("x")
    manifest = bench.run.shards(source).current()
    assert manifest is not None
    assert manifest.tally.adds_up
    return manifest.tally.published, manifest.tally.withheld


def refusal(bench: Bench, source: Source) -> str:
    """What a bare call, as from a notebook, is reported."""
    with pytest.raises(RightsWithheld) as refused:
        pipeline.publish_source(bench.run, source, bench.base(bench.source("x")))
    assert bench.commits("x") == 0
    return str(refused.value)


# --- the ways around that a notebook has ---


def through(bench: Bench, source: Source) -> None:
    """All stages with an entry that no file holds."""
    base = bench.base(bench.source("x"))
    pipeline.harvest_source(bench.run, source, base)
    pipeline.normalize_source(bench.run, source, base)
    pipeline.dedup_source(bench.run, source, base)


TEXTS = "{type: table, map: {id: id, title: title, text: rights, text_origin: {const: keyed}}}"
AROUND: list[tuple[dict[str, Any], str]] = [
    ({"covers": "metadata"}, "no layer covers text"),
    ({"covers": "images"}, "no layer covers metadata and text"),
    ({"checked": date(2099, 1, 1)}, "is to come"),
    ({"license": "InC-1.0"}, "nothing may accept"),
    ({"license": "public domain"}, "does not let through"),
    ({"accept": ("free",), "license": "noc-us-1.0"}, "needs evidence on the custodian's own page"),
    ({"evidence": None}, "have no evidence"),
]


@pytest.mark.parametrize(("changed", "said"), AROUND)
def test_an_entry_made_by_hand_meets_the_same_gate(bench: Bench, changed: dict[str, Any], said: str) -> None:
    """What reading the file refuses is refused at the gate too: the models let `model_copy` change anything."""
    source = written(bench, CC0, TEXTS, a_csv=table("one text", "another text"))
    layer = source.rights[0].model_copy(update=changed)
    made = source.model_copy(update={"rights": (layer,)})
    through(bench, made)
    assert said in refusal(bench, made)


def test_an_entry_that_is_changed_only_for_the_upload_is_refused(bench: Bench) -> None:
    closed = written(bench, "{license: InC-1.0}", a_csv=table("a"))
    through(bench, closed)
    opened = closed.model_copy(
        update={
            "rights": (
                Rights.model_validate(
                    {"license": "CC0-1.0", "evidence": "https://a.org/r", "checked": date(2026, 1, 1)}
                ),
            )
        }
    )
    assert "chain_is_unbroken" in refusal(bench, opened)


def test_an_overrule_that_only_the_upload_knows_is_refused(bench: Bench) -> None:
    source = written(
        bench, CC0, "oai_dc", a_xml=DC.format("<dc:identifier>1</dc:identifier><dc:rights>In copyright</dc:rights>")
    )
    bench.build("x")
    decided = source.rights[0].model_copy(update={"overrule": Overrule(because="the donor agreed", rows="1..")})  # type: ignore[arg-type]
    assert "chain_is_unbroken" in refusal(bench, source.model_copy(update={"rights": (decided,)}))


# --- what records say ---

DENIALS = [
    "<dc:rights>All rights reserved</dc:rights>",
    "<dcterms:rights>In copyright</dcterms:rights>",
    "<dcterms:license>https://creativecommons.org/licenses/by-nc/4.0/</dcterms:license>",
    '<dcterms:license rdf:resource="https://creativecommons.org/licenses/by-nc-nd/4.0/"/>',
    '<edm:rights rdf:resource="http://rightsstatements.org/vocab/InC/1.0/"/>',
    "<dcterms:accessRights>info:eu-repo/semantics/closedAccess</dcterms:accessRights>",
    "<dc:rights>CC0</dc:rights><dc:rights>All rights reserved</dc:rights>",
    "<dc:rights>see the reading room</dc:rights><dc:rights>In copyright</dc:rights>",
    "<dc:rightsStatement>In copyright</dc:rightsStatement>",
]


@pytest.mark.parametrize("mapped", ["oai_dc", "{type: oai_dc, map: {rights_raw: {const: CC0}}}"])
def test_every_statement_found_in_a_record_has_a_layer(bench: Bench, mapped: str) -> None:
    """Wherever it stands and in whatever attribute, and it cannot be mapped away."""
    fine = "<dc:identifier>fine</dc:identifier><dc:title>B</dc:title><dc:rights>Public domain</dc:rights>"
    denied = {
        f"d{at}_xml": DC.format(f"<dc:identifier>d{at}</dc:identifier><dc:title>A{at}</dc:title>{denial}")
        for at, denial in enumerate(DENIALS)
    }
    source = written(bench, CC0, mapped, fine_xml=DC.format(fine), **denied)
    release = bench.night("x")
    assert [row["source_record_id"] for row in bench.rows("x")] == ["fine"], "the number of a denial that was not heard"
    assert release.rows == 1
    manifest = bench.run.shards(source).current()
    assert manifest is not None
    assert (manifest.tally.published, manifest.tally.withheld) == (1, len(DENIALS))
    assert "the record says" in bench.card("x")


def test_open_access_says_nothing_and_an_end_opens_nothing(bench: Bench) -> None:
    said = "<dc:identifier>1</dc:identifier><dcterms:accessRights>open access</dcterms:accessRights>{}"
    ends = "<dc:date>info:eu-repo/date/embargoEnd/2015-05-12</dc:date><dc:date>1890</dc:date>"
    source = written(bench, CC0, "oai_dc", a_xml=DC.format(said.format(ends)))
    assert counted(bench, source) == (1, 0)
    [row] = bench.run.shards(source).table(bench.run.shards(source).current().parts[0]).to_pylist()  # type: ignore[union-attr]
    assert (row["rights_until"], row["date_raw"]) == ("2015-05-12", ["1890"])


def test_an_end_in_a_field_of_its_own_opens_nothing(bench: Bench) -> None:
    names = "id,title,rights,until"
    rows = "id,title,rights,until\n1,A,In copyright,2015-01-01\n2,B,CC0,2031\n3,C,CC0,later\n"
    each = f"{{from: rights, {READ}}}"
    source = written(bench, each, "{type: table, map: {id: id, title: title, rights_until: until}}", a_csv=rows)
    assert counted(bench, source) == (2, 1), names
    part = bench.run.shards(source).current().parts[0]  # type: ignore[union-attr]
    assert [row["rights_until"] for row in bench.run.shards(source).table(part).to_pylist()] == ["2031", None]


def test_descriptions_stay_with_what_is_said_of_their_objects(bench: Bench) -> None:
    xml = DC.format("<dc:identifier>1</dc:identifier><dc:rights>In copyright</dc:rights>")
    other = DC.format(
        '<dc:identifier>2</dc:identifier><edm:rights rdf:resource="http://rightsstatements.org/vocab/InC/1.0/"/>'
    )
    source = written(bench, CC0.replace("CC0-1.0,", "CC0-1.0, covers: metadata,"), "oai_dc", a_xml=xml, b_xml=other)
    assert counted(bench, source) == (2, 0)
    bench.night("x")
    rows = {row["source_record_id"]: row for row in bench.rows("x")}
    assert [(row["rights_name"], row["rights_raw"]) for row in rows.values()] == [("cc0-1.0", None)] * 2
    assert rows["1"]["object_rights_raw"] == ["In copyright"]
    assert rows["2"]["object_rights_uri"] == "http://rightsstatements.org/vocab/InC/1.0/"
    card = bench.card("x")
    assert "These rows are descriptions" in card
    assert "| <http://rightsstatements.org/vocab/InC/1.0/> | 2 |" in card


def test_overrule_is_counted_said_and_bounded(bench: Bench) -> None:
    xml = {
        f"{name}_xml": DC.format(f"<dc:identifier>{name}</dc:identifier><dc:rights>In copyright</dc:rights>")
        for name in "ab"
    }
    decided = (
        f"{{license: CC0-1.0, {READ}, overrule: {{because: The heirs gave it to the public in 2020., rows: ROWS}}}}"
    )
    source = written(bench, decided.replace("ROWS", "2"), "oai_dc", **xml)
    assert counted(bench, source) == (2, 0)
    bench.night("x")
    assert [row["rights_basis"] for row in bench.rows("x")] == ["overruled", "overruled"]
    assert [row["rights_raw"] for row in bench.rows("x")] == [["In copyright"]] * 2
    card = bench.card("x")
    assert "The heirs gave it to the public in 2020" in card
    assert "2 rows of a record that says something stricter" in card
    (bench.folder / "held" / "c.xml").write_text(
        DC.format("<dc:identifier>c</dc:identifier><dc:rights>InC</dc:rights>")
    )
    source = bench.build("x")
    with pytest.raises(RightsWithheld, match="3 rows deny the entry's licence and are published all the same"):
        pipeline.publish_source(bench.run, source, bench.base(source))


# --- what is counted, and what is pasted ---


def test_g04_g05_a_statement_without_an_address_is_not_forgotten(bench: Bench) -> None:
    each = f"{{from: rights, accept: [open, pd-claim], {READ}}}"
    source = written(bench, each, a_csv=table("CC0", "NOT_IN_COPYRIGHT", "Public domain"))
    assert counted(bench, source) == (3, 0)
    bench.night("x")
    assert [row["rights_name"] for row in bench.rows("x")] == [
        "cc0-1.0",
        "public-domain-claimed",
        "public-domain-claimed",
    ]
    card = bench.card("x")
    assert "license_name: mixed" in card
    assert "| pd-claim | public-domain-claimed | 2 |" in card
    assert "under the law of its own country" in card


def test_share_alike_without_an_address_meets_non_commercial(bench: Bench) -> None:
    source = written(bench, f"{{from: rights, accept: [open, nc], {READ}}}", a_csv=table("CC BY-SA", "CC BY-NC"))
    bench.build("x")
    assert "licences_combine" in refusal(bench, source)


def test_j_beliefs_are_counted_apart_with_the_line(bench: Bench) -> None:
    us = "http://rightsstatements.org/vocab/NoC-US/1.0/"
    source = written(bench, f"{{from: rights, {READ}}}", a_csv=table("CC0", us, us, "Public domain", "In copyright"))
    assert counted(bench, source) == (1, 4)
    manifest = bench.run.shards(source).current()
    assert manifest is not None
    assert manifest.beliefs == {"pd-us": 2, "pd-claim": 1}
    bench.night("x")
    assert "Withheld only because they are believed to be free, which is not accepted here" in bench.card("x")
    said = recognised(clearing.view_of(bench.run, source, bench.base(source), manifest.digest)).summary
    assert (
        "2 rows are withheld only because pd-us is not accepted; where the law allows it, write `accept: [open, pd-us]`"
        in said
    )
    assert state_of(bench.run, source)["left_out"] == {"withheld": 4, "withheld_for_a_belief_alone": 3}


def test_free_prints_the_jurisdiction(bench: Bench) -> None:
    us = "http://rightsstatements.org/vocab/NoC-US/1.0/"
    source = written(
        bench,
        f"{{from: rights, accept: free, {READ}}}\n    custodian_url: https://institution.example/",
        a_csv=table("CC0", us),
    )
    assert counted(bench, source) == (2, 0)
    bench.night("x")
    assert "jurisdiction: US" in bench.card("x")


def test_what_a_person_has_read(bench: Bench) -> None:
    """`biglam rights` lists what was not understood with the line to paste; pasted it opens, unused it is reported."""
    rows = ['"Kept in box 3, ask there"', '"Kept in box 3,  ask there"', "In copyright", "CC0", ""]
    each = f"{{from: rights, {READ}}}"
    source = written(bench, each, a_csv=table(*rows))
    assert counted(bench, source) == (1, 4)
    found = list_statements(bench.run, source)
    values = {value.text: value for value in found.values}
    assert found.without == 1
    value = values["Kept in box 3, ask there"]
    assert (value.tier, value.rows, value.ids) == ("unknown", 1, ["0"])
    assert value.not_understood
    assert value.line == '"Kept in box 3, ask there": ID'
    assert not values["In copyright"].line
    pasted = json.dumps({"Kept in box 3, ask there": "PDM-1.0", "Never said": "PDM-1.0"})
    text = (bench.folder / "sources.yaml").read_text().replace(READ, f"{READ}, statements: {pasted}")
    source = bench.write(textwrap.dedent(text)).get("x")
    assert counted(bench, source) == (3, 2)
    assert list_statements(bench.run, source).unused == ("Never said",)
    manifest = bench.run.shards(source).current()
    assert manifest is not None
    said = recognised(clearing.view_of(bench.run, source, bench.base(source), manifest.digest)).summary
    assert "no record has the value `Never said`" in said


def test_a_statement_that_begins_with_an_address_and_is_not_understood_is_named(bench: Bench) -> None:
    terms = "http://example.org/terms"
    source = written(bench, f"{{from: rights, {READ}}}", a_csv=table("CC0", terms))
    assert counted(bench, source) == (1, 1)
    manifest = bench.run.shards(source).current()
    assert manifest is not None
    said = recognised(clearing.view_of(bench.run, source, bench.base(source), manifest.digest)).summary
    assert f"1 rows have rights that are not recognised: “{terms}” (1); `biglam rights x`" in said


def test_a_column_named_like_rights_that_nobody_reads_is_reported(bench: Bench) -> None:
    source = written(bench, CC0, a_csv=table("In copyright", "In copyright"))
    assert counted(bench, source) == (2, 0)
    manifest = bench.run.shards(source).current()
    assert manifest is not None
    finding = recognised(clearing.view_of(bench.run, source, bench.base(source), manifest.digest))
    assert "not read, and named like rights: rights (2)" in finding.summary
    assert finding.advice


def test_a_statement_that_is_not_understood_beside_a_licence_for_all_is_advice(bench: Bench) -> None:
    source = written(
        bench, CC0, "{type: table, map: {id: id, title: title, rights_raw: rights}}", a_csv=table("see the box", "CC0")
    )
    assert counted(bench, source) == (2, 0)
    manifest = bench.run.shards(source).current()
    assert manifest is not None
    finding = recognised(clearing.view_of(bench.run, source, bench.base(source), manifest.digest))
    assert "1 records say something of rights that is not understood beside the entry's licence" in finding.summary
    assert bench.night("x").rows == 2
