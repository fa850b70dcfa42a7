"""Entries of labelled text, on made-up files in the shape of their upstreams, from bytes to rows on the Hub."""

import json
from typing import Any

import pytest

from biglam_pipeline.normalize.vocabularies.labels import HIPE
from biglam_pipeline.settings import written
from biglam_pipeline.source import load_sources
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.conftest import ROOT

ENTRY = """
sources:
  one:
    title: Labelled text
    custodian: An archive
    harvest: file:things
    normalize: {normalize}
    rights: {{license: CC-BY-4.0, evidence: https://institution.example/rights, checked: 2026-11-20}}
    languages: [nl]
"""
TESTAMENT = "Jan Jansz. van Hoorn\nsoldaat, maakt zijn testament\n"
VOC = {
    "data/annotated_data/A/NL_0031.txt": TESTAMENT,
    "data/annotated_data/A/NL_0031.ann": (
        "T1\tPerson 0 10\tJan Jansz.\nT9\tPerson 0 3;21 28\tJan soldaat\nA1\tGender T1 Man\n"
    ),
    "data/annotated_data/B/NL_0031.txt": "Grietje Pieters, weduwe\n",
    "data/annotated_data/B/NL_0031.ann": "T1\tPerson 0 15\tGrietje Pieters\n",
    "processed_data/test-nl.tsv": (
        "TOKEN\tNE-MAIN\tMISC\n\t\t\n# language = nl\t\t\n"
        "# document_path = ..\\data\\annotated_data\\A\\NL_0031.txt\t\t\nJan\tB-Person\t_\n"
    ),
}
LINES = ["Wien\tB-loc\t_\t_\t_\t_\tO\tQ1741\t_\tNoSpaceAfter", ",\tO\t_\t_\t_\t_\tO\t_\t_\t_"]
HIPE_FILES = {
    f"data/v2.1/{corpus}/de/HIPE-2022-v2.1-{corpus}-{part}-de.tsv": "\n".join(
        [
            "\t".join(HIPE),
            *(f"# hipe2022:document_id = {corpus}-{part}", f"# hipe2022:dataset = {corpus}"),
            *("# hipe2022:date = 1848-03-01", f"# hipe2022:split = {part}", f"# x:original_license = {rights}"),
            *(*LINES, f"{corpus}\tO\t_\t_\t_\t_\tO\t_\t_\t_"),
        ]
    )
    for corpus, part, rights in [
        ("ajmc", "dev", "CC-BY 4.0"),
        ("sonar", "dev", "CC-BY 4.0"),
        ("sonar", "test_allmasked", "CC-BY 4.0"),
        ("letemps", "dev", "All rights reserved"),
    ]
}


def night(bench: Bench, entry: str, files: dict[str, str]) -> list[dict[str, Any]]:
    """What the Hub serves of these files, read as the entry of the repository reads them."""
    (reader,) = load_sources([ROOT / "sources.yaml"]).strict().sources[entry].normalize
    bench.write(ENTRY.format(normalize=json.dumps(json.loads(written(reader)))))
    for name, text in files.items():
        path = bench.folder / "things" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    bench.night("one")
    return sorted(bench.rows("one"), key=lambda row: str(row["id"]))


def test_testaments_with_the_part_that_another_file_gives(bench: Bench) -> None:
    """Entry 11 of the language: brat's files, and a table of tokens that says which documents are for tests."""
    first, second = night(bench, "unsilence_voc", VOC)
    assert (first["annotator"], first["part"], second["annotator"], second["part"]) == ("A", "test", "B", "unassigned")
    assert (first["text"], first["text_origin"], first["languages"]) == (TESTAMENT, "htr", ["nl"])
    spans = [" ".join(first["text"][one["start"] : one["end"]] for one in span["fragments"]) for span in first["spans"]]
    assert spans == ["Jan Jansz.", "Jan soldaat"]
    assert first["attributes"] == [{"id": "A1", "name": "Gender", "target": "T1", "value": "Man"}]
    assert second["relations"] == []


def test_documents_of_hipe_are_withheld_where_they_say_so(bench: Bench) -> None:
    """And tests that are masked are left out, for they repeat the others."""
    found = night(bench, "hipe_2022", HIPE_FILES)
    assert [row["source_record_id"].rpartition("#")[2] for row in found] == ["ajmc-dev", "sonar-dev"]
    row = found[1]
    assert (row["text"], row["tokens"], row["part"]) == ("Wien, sonar", ["Wien", ",", "sonar"], "dev")
    assert (row["NE-COARSE-LIT"], row["NEL-LIT"]) == (["B-loc", "O", "O"], ["Q1741", "_", "_"])
    assert (row["date_edtf"], row["rights_raw"]) == ("1848-03-01", ["CC-BY 4.0"])
    manifest = bench.run.shards(bench.source("one")).current()
    assert manifest is not None
    assert (manifest.tally.withheld, manifest.tally.published) == (1, 2)


@pytest.mark.slow  # `test_documents_of_hipe_...` stays
def test_newspapers_without_borders(bench: Bench) -> None:
    page = "# file:\t\tF_{0}\n# sbb url:\thttp://z.de/{0}\nWien B-LOC\n. . O\nden\nund O\nder O\n"
    pages = page.format(1) + page.format(2).replace("Wien", "Bonn")
    rows = night(bench, "ner_corpora", {"enp_DE.sbb.bio/enp_DE.sbb.bio": pages})
    assert [row["tokens"][:3] for row in rows] == [["Wien", ". .", "den"], ["Bonn", ". .", "den"]]
    assert rows[0]["tags"] == ["B-LOC", "O", None, "O", "O"]
    assert rows[0]["source_record_id"] == "enp_DE.sbb.bio/enp_DE.sbb.bio#F_1"
