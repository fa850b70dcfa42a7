"""Ways round the gate that an entry, a record or a copy may take: each is closed, or reported."""

import json

import pytest

from biglam_pipeline import clearing
from biglam_pipeline.checks.rights_are_recognised import run as recognised
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_rights import CC0, DC, READ, counted, table, written

MAP = "{type: table, map: {id: id, title: title}}"
TEXT = "It was the best of times and it was the worst of times, said the clerk of Ashby when the snow lay deep."


@pytest.mark.parametrize(
    ("steps", "value"),
    [
        ("lookup(In copyright=CC0-1.0)", "In copyright"),
        ('replace("-NC", "")', "CC BY-NC 4.0"),
        ('split(";") >> first', "CC0; In copyright"),
        ('regex("CC BY")', "CC BY-NC-ND"),
    ],
)
@pytest.mark.parametrize(
    ("asked", "mapped"),
    [
        ("PATH", ""),
        ("", "rights_raw: PATH"),
        ("$description", "description: PATH"),
        ("$genres", "description: PATH, genres: [$description]"),
        ("", "description: PATH, rights_raw: $description"),
    ],
)
def test_no_step_opens_what_reads_as_closed(bench: Bench, steps: str, value: str, asked: str, mapped: str) -> None:
    """A step is a person's word, as a line of `statements:` is: it opens nothing that reads as closed, nc or nd, also
    where rights are read by way of other columns.
    """
    path = json.dumps(f"rights >> {steps}")
    rights = f"{{from: {asked.replace('PATH', path)}, {READ}}}" if asked else CC0
    reader = MAP.replace("title: title", f"title: title, {mapped.replace('PATH', path)}") if mapped else MAP
    assert counted(bench, written(bench, rights, reader, a_csv=table(value))) == (0, 1)


def test_a_flag_is_looked_up_as_before(bench: Bench) -> None:
    """As the Art Institute of Chicago's `is_public_domain`: a word that forbids nothing is a person's to read."""
    source = written(bench, f"{{from: rights >> lookup(true=CC0-1.0), {READ}}}", a_csv=table("true", "false"))
    assert counted(bench, source) == (1, 1)


def test_an_alternative_hides_no_statement_and_an_object_is_not_dropped(bench: Bench) -> None:
    rows = [
        {"id": "1", "title": "A", "a": "CC0", "b": "In copyright"},
        {"id": "2", "title": "B", "a": ["CC0", {"note": "In copyright"}], "b": None},
        {"id": "3", "title": "C", "a": "CC0", "b": None},
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    source = written(bench, CC0, MAP.replace("title: title", "title: title, rights_raw: [a, b]"), a_jsonl=lines)
    assert counted(bench, source) == (1, 2)


SAID_ELSEWHERE = [
    "<dc:relation>https://creativecommons.org/licenses/by-nc-nd/4.0/</dc:relation>",
    '<hasPolicy xmlns="http://www.w3.org/ns/odrl/2/" rdf:resource="http://rightsstatements.org/vocab/InC/1.0/"/>',
    "<dcterms:rightsHolder>Copyright the BBC, all rights reserved</dcterms:rightsHolder>",
    '<copyright xmlns="http://www.cdlib.org/inside/diglib/copyrightMD" copyright.status="copyrighted"/>',
    "<dc:rights>For non-commercial use only</dc:rights>",
    "<dc:rights>Kein kommerzieller Gebrauch</dc:rights>",
    "<dc:rights>No derivatives</dc:rights>",
]


def test_a_statement_under_another_name_or_in_other_words_is_heard(bench: Bench) -> None:
    """DSpace has licences in dc:relation; CDL's copyrightMD speaks by an attribute; a condition needs no licence."""
    fine = DC.format("<dc:identifier>fine</dc:identifier><dcterms:rightsHolder>Museum of X</dcterms:rightsHolder>")
    elsewhere = {
        f"s{at}_xml": DC.format(f"<dc:identifier>{at}</dc:identifier><dc:title>A{at}</dc:title>{said}")
        for at, said in enumerate(SAID_ELSEWHERE)
    }
    assert counted(bench, written(bench, CC0, "oai_dc", fine_xml=fine, **elsewhere)) == (1, len(SAID_ELSEWHERE))


def test_what_is_allowed_to_commerce_too_is_no_denial(bench: Bench) -> None:
    said = "May be used for commercial and non-commercial purposes"
    xml = DC.format(f"<dc:identifier>1</dc:identifier><dc:rights>{said}</dc:rights>")
    assert counted(bench, written(bench, CC0, "oai_dc", a_xml=xml)) == (1, 0)


COLUMNS = [
    "usage",
    "Nutzungsrechte",
    "droits",
    "upphovsrätt",
    "Public Domain",
    "metadata_usage",
    "restrictions",
    "права",
]


def test_columns_of_rights_are_known_in_many_languages(bench: Bench) -> None:
    found = _said(bench, MAP, *COLUMNS).partition("not read, and named like rights: ")[2]
    assert [column for column in COLUMNS if f"{column} (1)" not in found] == []


@pytest.mark.parametrize("use", ["description: rights", "extra: {terms: rights}", "attribution: rights"])
def test_a_column_of_rights_that_is_read_as_something_else_is_reported(bench: Bench, use: str) -> None:
    reader = MAP.replace("title: title", f"title: title, {use}")
    assert "named like rights, and read as something else: rights" in _said(bench, reader, "rights")


def _said(bench: Bench, reader: str, *columns: str) -> str:
    said = ",".join(["In copyright"] * len(columns))
    source = written(bench, CC0, reader, a_csv=table(said, names=f"id,title,{','.join(columns)}"))
    bench.build("x")
    manifest = bench.run.shards(source).current()
    assert manifest is not None
    return recognised(clearing.view_of(bench.run, source, bench.base(source), manifest.digest)).summary


TEXTS = "{type: table, map: {id: id, title: title, text: text, text_origin: {const: keyed}}}"
EACH = f"{{from: rights, {READ}}}"


def _copies(bench: Bench, first: str, second: str, dedup: str) -> tuple[int, int]:
    rows = [f'1,A,{first},"{TEXT}"', f'2,B,{second},"{TEXT}"', "3,C,CC0,Something else that is like nothing else here"]
    files = {"a_csv": "\n".join(["id,title,rights,text", *rows]) + "\n"}
    return counted(bench, written(bench, f"{EACH}\n    dedup: {dedup}", TEXTS, **files))


OTHER_DEDUPS = ("{near: drop}", "{exact: none}", "{exact: drop, near: drop}")
DEDUPS = ["{exact: flag}", "{exact: drop}", *(pytest.param(one, marks=pytest.mark.slow) for one in OTHER_DEDUPS)]
"""Equal rows marked and dropped, in both orders, stay in `make test`."""


@pytest.mark.representative(6, rest="soak")
@pytest.mark.parametrize("dedup", DEDUPS)
@pytest.mark.parametrize("order", [("CC0", "In copyright"), ("In copyright", "CC0")])
def test_a_copy_of_what_another_record_closes_is_withheld(bench: Bench, dedup: str, order: tuple[str, str]) -> None:
    """Whichever came first: the strictest statement counts for a text, not the one whose row survives."""
    assert _copies(bench, *order, dedup) == (1, 2)
    manifest = bench.run.shards(bench.source("x")).current()
    assert manifest is not None
    assert any(reason.startswith("a copy of what another record closes") for reason in manifest.withheld)
    assert bench.night("x").rows == 1


@pytest.mark.representative(6, rest="soak")
@pytest.mark.parametrize("dedup", DEDUPS)
@pytest.mark.parametrize("order", [("CC0", "CC BY-SA 4.0"), ("CC BY-SA 4.0", "CC0")])
def test_no_row_is_dropped_for_one_of_another_right(bench: Bench, dedup: str, order: tuple[str, str]) -> None:
    """What share-alike binds would be published as CC0, by the row that was seen first."""
    assert _copies(bench, *order, dedup) == (3, 0)
    assert bench.night("x").rows == 3


ENTRY = (
    "sources:\n  x:\n    title: X\n    custodian: L\n    harvest: file:held\n    normalize: oai_dc\n    rights: {}\n"
)


@pytest.mark.parametrize("because", ["TODO", "tbd", "n/a n/a", "because"])
def test_an_overrule_needs_a_reason(bench: Bench, because: str) -> None:
    decided = f"{{license: CC0-1.0, {READ}, overrule: {{because: {because}, rows: 1}}}}"
    assert "is no reason" in str(bench.write(ENTRY.format(decided)).faults)


@pytest.mark.parametrize("line", ["Non-commercial use only", "Closed until 2080", "Kein kommerzieller Gebrauch"])
def test_no_line_opens_what_forbids_in_words(bench: Bench, line: str) -> None:
    each = f'{{from: $rights, {READ}, statements: {{"{line}": CC-BY-4.0}}}}'
    assert "and no line opens that" in str(bench.write(ENTRY.format(each)).faults)


METS = (
    '<mets xmlns="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:mods="http://www.loc.gov/mods/v3">{}<fileSec><fileGrp USE="FULLTEXT"><file ID="f1" MIMETYPE="text/xml">'
    '<FLocat LOCTYPE="URL" xlink:href="p1.xml"/></file></fileGrp></fileSec><structMap TYPE="PHYSICAL">'
    '<div TYPE="physSequence"><div TYPE="page" ORDER="1"><fptr FILEID="f1"/></div></div></structMap></mets>'
)
ALTO = (
    '<alto xmlns="http://www.loc.gov/standards/alto/ns-v2#"><Layout><Page ID="P1"><PrintSpace><TextBlock ID="b">'
    '<TextLine><String CONTENT="The"/><SP/><String CONTENT="quick"/></TextLine></TextBlock></PrintSpace></Page>'
    "</Layout></alto>"
)
RIGHTS_MD = '<amdSec><rightsMD ID="r"><mdWrap MDTYPE="OTHER"><xmlData>{}</xmlData></mdWrap></rightsMD></amdSec>'
MODS = '<dmdSec ID="d"><mdWrap MDTYPE="MODS"><xmlData><mods:mods>{}</mods:mods></xmlData></mdWrap></dmdSec>'
CDL = "http://www.cdlib.org/inside/diglib/copyrightMD"
IN_METS = [
    RIGHTS_MD.format(
        '<copyright xmlns="http://www.cdlib.org/inside/diglib/copyrightMD" copyright.status="copyrighted"/>'
    ),
    RIGHTS_MD.format('<dv:rights xmlns:dv="http://dfg-viewer.de/"><dv:license>reserved</dv:license></dv:rights>'),
    RIGHTS_MD.format(
        '<rts:RightsDeclarationMD xmlns:rts="http://cosimo.stanford.edu/sdr/metsrights/"><rts:Context '
        'CONTEXTCLASS="GENERAL PUBLIC"><rts:Permissions DISCOVER="true" DISPLAY="false"/></rts:Context>'
        "</rts:RightsDeclarationMD>"
    ),
    MODS.format('<mods:accessCondition xlink:href="http://rightsstatements.org/vocab/InC/1.0/"/>'),
    MODS.format('<mods:accessCondition type="restriction on access">Campus only, restricted</mods:accessCondition>'),
]


@pytest.mark.parametrize("said", IN_METS)
def test_what_a_mets_says_of_rights_in_attributes_or_in_a_section_that_nobody_names(bench: Bench, said: str) -> None:
    """https://cdlib.org/groups/rights-management-group/copyrightmd/, the DFG Viewer's `dv:license`, METSRights."""
    reader = "{type: mets_alto, rows: page}"
    assert counted(bench, written(bench, CC0, reader, m_xml=METS.format(said), p1_xml=ALTO)) == (0, 1)
