"""Whole entries, as people write them: those that load, and what each short form stands for."""

from pathlib import Path

import pytest

from biglam_pipeline.source import load_sources
from biglam_pipeline_tests.conftest import ROOT
from biglam_pipeline_tests.source.conftest import Load, One

WHOLE = """\
# yaml-language-server: $schema=docs/sources.schema.json
sources:

  newspaper_zips:
    title: A London newspaper, 1824
    custodian: British Library
    harvest: https://a.org/0002647_{1824..1826}.zip
    normalize: {type: mets_alto, rows: article}
    rights: {license: CC0-1.0, evidence: https://a.org/about, checked: 2026-11-20, quote: CC0 1.0 Universal}
    languages: [en]
    expect: {rows: 20.., fill: {text: 0.95..}}

  export_pack:
    title: Newspapers of a small country, 1841-1879
    custodian: Bibliothèque nationale
    harvest: https://a.org/export01.zip
    normalize:
      type: oai_dc
      map: {text: dc:description, text_origin: {const: ocr}, extra: {newspaper: dcterms:isPartOf, kind: dc:type}}
    rights: {license: CC0-1.0, evidence: https://a.org/data, checked: 2026-11-20, quote: CC0}
    expect: {rows: 500000.., fill: {text: 0.95.., date: 0.99..}}

  oai-server:
    title: A repository's whole catalogue
    custodian: University Library
    harvest: oai+https://a.org/oai?metadataPrefix=oai_dc&set={maps,prints}
    rights: {from: $rights, accept: [open, pd-claim], evidence: https://a.org/rights, checked: 2026-11-20}
    schedule: monthly

  museum_table:
    title: A museum's collection, artworks
    custodian: The Museum
    harvest: https://a.org/Artworks.csv
    normalize:
      map:
        id: ObjectID
        title: [Title, "Old title"]
        creators: Artist >> split(";")
        date: Date
        source_url: URL >> url
        image_url: ImageURL
        extra: [Medium, Dimensions, Department]
      where: {Classification: [Print, Drawing], Year: 1800..1899}
    rights: {license: CC0-1.0, covers: metadata, evidence: https://a.org, checked: 2026-11-20, quote: CC0}
    expect: {rows: 150000.., fill: {title: 0.99..}}

  folder_of_tables:
    title: A folder
    custodian: An archive
    harvest: file:/srv/data#**/*.{csv,tsv}
    normalize:
      files: ["{town}/{part:train,val}_*.csv", "!old/**"]
      modality: text
      map: {id: id, text: {all: [head, body], join: " "}, text_origin: {const: keyed}, extra: {town: $town}}
    rights: [CC0-1.0, {license: CC-BY-4.0, covers: text, attribution: An archive}]
"""


def test_whole_entries_load(load: Load) -> None:
    sources = load(WHOLE).strict().sources
    assert {
        name: (one.harvest.type, one.normalize[0].type, one.sections[0].modality) for name, one in sources.items()
    } == {
        "newspaper_zips": ("files", "mets_alto", "text"),
        "export_pack": ("files", "oai_dc", "text"),
        "oai-server": ("oai_pmh", "oai_dc", "metadata"),
        "museum_table": ("files", "table", "image"),
        "folder_of_tables": ("folder", "table", "text"),
    }
    assert len(sources["newspaper_zips"].harvest.url) == 3
    assert sources["oai-server"].harvest.url[1] == "https://a.org/oai?metadataPrefix=oai_dc&set=prints"
    assert sources["oai-server"].accepted == {"pd", "by", "sa", "pd-claim"}
    assert sources["folder_of_tables"].accepted == {"pd", "by", "sa"}
    assert sources["folder_of_tables"].attribution == "An archive"
    assert sorted(layer.license for layer in sources["folder_of_tables"].layers) == ["CC-BY-4.0", "CC0-1.0"]
    assert {"Medium", "Dimensions", "Department"} <= set(sources["museum_table"].column_names)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ({"rights": "CC0-1.0"}, {"rights": "[{license: CC0-1.0}]"}),
        ({"harvest": "https://a.org/{1,2}.csv"}, {"harvest": "[https://a.org/1.csv, https://a.org/2.csv]"}),
        ({"harvest": "https://a.org/1.csv"}, {"harvest": "{url: https://a.org/1.csv}"}),
        (
            {"harvest": "oai+https://a.org/oai"},
            {"harvest": "{type: oai_pmh, url: https://a.org/oai}", "normalize": "oai_dc"},
        ),
        ({"normalize": "table"}, {"normalize": "{type: table}"}),
        ({}, {"normalize": "table"}),
        ({"languages": "en"}, {"languages": "[en]"}),
        ({"normalize": "{files: a.csv}"}, {"normalize": "{files: [a.csv]}"}),
        ({"normalize": "{map: {extra: [a, b]}}"}, {"normalize": "{map: {extra: {a: a, b: b}}}"}),
    ],
)
def test_a_short_form_means_the_long_one(one: One, short: dict[str, str], long: dict[str, str]) -> None:
    assert one(**short).model_dump(exclude={"line"}) == one(**long).model_dump(exclude={"line"})


def test_each_stage_digests_only_the_keys_it_reads(one: One) -> None:
    before = one()

    def changed(**keys: str) -> set[str]:
        after = one(**keys)
        return {
            stage for stage in ("raw", "normalized", "shards", "hub") if after.digest(stage) != before.digest(stage)
        }

    assert changed(schedule="weekly", owner="team:other", status="candidate") == set()
    assert changed(harvest="https://a.org/other.csv") == {"raw"}
    assert changed(normalize="{map: {id: a}}") == {"normalized"}
    assert changed(dedup="{exact: drop}") == {"shards", "hub"}
    assert changed(summary="One row is one letter.") == {"hub"}
    assert "normalized" in changed(languages="en")
    assert changed(rights="{license: CC0-1.0, accept: [open, nc]}") == {"shards", "hub"}


def test_the_projects_own_sources_load_without_a_fault() -> None:
    catalog = load_sources([ROOT / "sources.yaml"]).strict()
    kinds = {one.harvest.type for one in catalog.sources.values()}
    assert kinds >= {"files", "oai_pmh", "doi", "git", "hub", "json_api"}
    readers = {one.normalize[0].type for one in catalog.sources.values()}
    assert readers >= {"table", "oai_dc", "mets_alto", "images", "json", "text", "parquet"}
    for source in catalog.sources.values():
        if source.status == "active":
            assert source.expect.rows is not None
            assert source.languages or "text" not in source.modalities
        evidenced = all(layer.evidence and layer.checked for layer in source.rights)
        assert evidenced or not source.verified, f"{source.name}: what nobody looked at says `verified: false`"


def test_common_entries_take_twelve_lines_or_fewer() -> None:
    files = [ROOT / "sources.yaml", *(ROOT / "sources").glob("*.yaml")]
    texts = [path.read_text(encoding="utf-8").split("sources:\n", 1)[1] for path in files]
    entries = [part for text in texts for part in text.split("\n\n") if part.strip()]
    beside = ("#", "status:", "verified:")
    lines = [[line.strip() for line in one.splitlines() if line.strip()] for one in entries]
    common = [one for one in lines if "with:" not in one]  # what is joined takes as many as it has columns
    assert len(common) > 0.9 * len(lines)
    assert all(len([line for line in one if not line.startswith(beside)]) <= 12 for one in common)


def test_the_sources_are_the_default_file() -> None:
    assert Path(ROOT / "sources.yaml").read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=docs/")
