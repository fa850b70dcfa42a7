"""What a corpus of other sources may not do with their rows: rename them, credit others, open what is closed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from biglam_pipeline.errors import RightsWithheld
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey import test_sources_of_sources as made
from biglam_pipeline_tests.journey.test_sources_of_sources import DERIVED, EVIDENCE, NAME, ORIGINS, PUBLIC

corpus = made.corpus
WISH = """custodian: British Library
        ai_use: {statement: No training on these, evidence: https://www.bl.uk/ai, checked: 2026-01-01"""
DECIDED = "decision: Asked and allowed on 2026-01-02, by: A. Keeper"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("id: title", "what is taken down there is kept out here"),
        ("id: {const: a}", "what is taken down there is kept out here"),
        ("attribution: {const: me}", "whom to credit comes along with a row"),
    ],
)
def test_a_row_keeps_its_name_and_whom_to_credit(written: str, said: str, bench: Bench) -> None:
    bench.write(ORIGINS + DERIVED.replace("config: $languages", f"config: $languages, {written}"))
    [fault] = bench.catalog.faults[NAME]
    assert f"normalize.map.{written.partition(':')[0]}: " in fault
    assert said in fault


def test_a_wish_about_ai_that_nobody_decided_on_stops_what_is_made_of_it(corpus: Callable[..., Bench]) -> None:
    """No row changes by it, so that nothing new is asked of the gate there; a decision there opens both."""
    bench = corpus(ORIGINS + PUBLIC)
    bench.write((ORIGINS + PUBLIC).replace("custodian: British Library", f"{WISH}}}"))
    with pytest.raises(RightsWithheld, match="hmd_newspapers, which it is made of: the custodian says of use for AI"):
        bench.night(NAME)
    bench.write((ORIGINS + PUBLIC).replace("custodian: British Library", f"{WISH}, {DECIDED}}}"))
    bench.night(NAME)


RECORDS = """
    sources:
      records:
        title: Records
        custodian: A Library
        harvest: file:records
        normalize: {{type: table, modality: metadata, map: {{id: id, title: title, extra: {{note: note}}}}}}
        rights: {{license: CC0-1.0, covers: {covers}, {evidence}, quote: CC0}}
      between:
        title: In between
        custodian: BigLAM
        harvest: source:records
        normalize: {{}}
        rights: {{from: $rights_name, accept: open}}
      texts:
        title: Texts of them
        custodian: BigLAM
        harvest: source:{origin}
        normalize: {{modality: text, map: {{text: title}}}}
        rights: {{from: $rights_name, accept: open}}
"""


@pytest.mark.parametrize("origin", ["records", "between"])
def test_a_licence_of_descriptions_opens_no_text_that_is_made_of_them(origin: str, bench: Bench) -> None:
    """Also through a source of sources, whose own layer says nothing of what it covers."""
    bench.write(RECORDS.format(covers="metadata", origin=origin, evidence=EVIDENCE))
    assert bench.catalog.faults.keys() == {"texts"}
    [fault] = bench.catalog.faults["texts"]
    assert "texts.rights: `records`, which it is made of: texts would be published, and no layer covers text" in fault


def test_records_whose_licence_covers_all_can_become_texts(bench: Bench) -> None:
    """What a text has and a record has not, such as its unit, is as where a text is read anywhere else."""
    folder = bench.folder / "records"
    folder.mkdir()
    Path(folder / "rows.csv").write_text("id,title,note\n1,A voyage to the south,x\n2,A history of weather,y\n")
    bench.write(RECORDS.format(covers="all", origin="records", evidence=EVIDENCE))
    for name in ("records", "texts"):
        bench.build(name)
    rows = made.laid(bench, "texts")
    assert {row["text"] for row in rows.values()} == {"A voyage to the south", "A history of weather"}
    assert {row["text_unit"] for row in rows.values()} == {"row"}
