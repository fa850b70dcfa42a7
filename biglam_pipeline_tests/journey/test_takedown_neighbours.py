"""A takedown never takes the record's neighbours, whatever the format: of n records n - 1 are left, also read again."""

import gzip
import io
import json
import textwrap
import typing
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.normalize import AnyReader
from biglam_pipeline.normalize.reading import Normalizing
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.normalize.formats.grids import XLS, database, dbf, ods, ods_row, texts, xlsx
from biglam_pipeline_tests.normalize.formats.pdf_made import lines, pdf
from biglam_pipeline_tests.normalize.formats.test_warc import page

ENTRY = """
sources:
  one:
    title: A collection
    custodian: Aldermere Free Library
    harvest: {harvest}
    normalize: {normalize}
    rights: {{license: PDM-1.0, evidence: https://institution.example/rights, checked: 2026-11-20}}
    languages: [en]
"""


@dataclass(frozen=True)
class Case:
    """One format, a source of it, and whether a file of it holds other records too."""

    type: str
    harvest: str
    normalize: str
    shared: bool = True
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Beside the sources file, where the institution has none."""

    def __str__(self) -> str:
        return f"{self.type}-{self.harvest.rpartition('.')[2][-5:]}"

    def entry(self, mapped: str) -> str:
        return ENTRY.format(harvest=self.harvest, normalize=self.normalize.format(more=mapped))


def columns(**values: list[str]) -> bytes:
    """A Parquet file."""
    sink = io.BytesIO()
    pq.write_table(pa.table(values), sink)
    return sink.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A ZIP of these."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return sink.getvalue()


def leaf(text: str) -> bytes:
    """A page of ALTO with three blocks of a line and a word."""
    blocks = (
        f"<TextBlock ID='B{n}'><TextLine ID='L{n}'><String CONTENT='{text}{n}'/></TextLine></TextBlock>"
        for n in range(3)
    )
    return f"<alto><Layout><Page><PrintSpace>{''.join(blocks)}</PrintSpace></Page></Layout></alto>".encode()


ARTICLE = (
    b"<Item dc:identifier='a%d'><Descriptor><Statement dc:type='role'>article %d</Statement></Descriptor><Component>"
    b"<Resource><zoning><article-part><blocks alto='p.xml'><TextBlock ID='B%d'/></blocks></article-part></zoning>"
    b"</Resource></Component></Item>"
)
DIDL = (
    b"<DIDL xmlns:dc='http://purl.org/dc/elements/1.1/'><Item dc:identifier='i'><Component dc:identifier='p'>"
    b"<Descriptor><Statement dc:type='role'>alto</Statement></Descriptor><Resource ref='p.xml'/></Component>%b</Item>"
    b"</DIDL>" % b"".join(ARTICLE % (n, n, n) for n in range(3))
)
FILES = "https://institution.example/files"
CASES = [
    Case("table", f"{FILES}/letters.jsonl", "{{modality: text, map: {{id: id, text: text{more}}}}}"),
    Case(
        "json",
        f"{FILES}/letters.jsonl",
        "{{type: json, files: '*.jsonl', modality: text, map: {{id: id, text: text{more}}}}}",
    ),
    Case("table", f"{FILES}/plates.csv", "{{modality: metadata, map: {{id: plate, title: caption{more}}}}}"),
    Case(
        "oai_dc",
        "oai+https://institution.example/oai?metadataPrefix=oai_dc&set=catalogue",
        "{{type: oai_dc, map: {{extent: {{const: a card}}{more}}}}}",
    ),
    Case(
        "mets_alto",
        f"{FILES}/mercury/mercury-1851-06-{{07,14}}.zip",
        "{{type: mets_alto, rows: article, map: {{extent: {{const: a column}}{more}}}}}",
    ),
    *(
        Case(
            "mets_alto",
            "file:leaves",
            f"{{{{type: mets_alto, rows: {rows}, map: {{{{extent: {{{{const: a column}}}}{{more}}}}}}}}}}",
            files={"leaves/a.xml": leaf("Word")},
        )
        for rows in ("block", "line")
    ),
    Case(
        "didl",
        "file:courant",
        "{{type: didl, rows: article, map: {{extent: {{const: a column}}{more}}}}}",
        files={"courant/a.zip": zipped({"didl.xml": DIDL, "p.xml": leaf("Word")})},
    ),
    Case("images", f"{FILES}/gallery.zip", "{{type: images, map: {{title: $stem{more}}}}}", shared=False),
    Case(
        "text",
        "file:books",
        "{{type: text, map: {{title: $stem{more}}}}}",
        shared=False,
        files={f"books/{name}.txt": f"The book {name}.".encode() for name in "abc"},
    ),
    Case(
        "xml",
        "file:cards",
        "{{type: xml, rows: //card, map: {{id: '@n', title: title{more}}}}}",
        files={
            "cards/a.xml": b"<box><card n='1'><title>One</title></card><lid/><drawer><card n='2'><title>Two</title>"
            b"</card></drawer><card n='3'><title>Three</title></card></box>"
        },
    ),
    Case(
        "mods",
        "file:described",
        "{{type: mods, map: {{extent: {{const: a card}}{more}}}}}",
        files={
            "described/a.xml": b"<modsCollection xmlns='http://www.loc.gov/mods/v3'>%b</modsCollection>"
            % b"".join(
                b"<mods><titleInfo><title>T%d</title></titleInfo><identifier>m%d</identifier></mods>" % (n, n)
                for n in range(3)
            )
        },
    ),
    Case(
        "mets",
        "file:mets",
        "{{type: mets, map: {{extent: {{const: a card}}{more}}}}}",
        files={
            "mets/a.xml": b"<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><ListRecords>%b</ListRecords></OAI-PMH>"
            % b"".join(
                b"<record><header><identifier>m%d</identifier><datestamp>2020-01-02</datestamp></header><metadata>"
                b"<mets xmlns='http://www.loc.gov/METS/' LABEL='The volume %d'/></metadata></record>" % (n, n)
                for n in range(3)
            )
        },
    ),
    Case(
        "edm",
        "file:europe",
        "{{type: edm, map: {{extent: {{const: a card}}{more}}}}}",
        files={
            "europe/a.xml": b"<records xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
            b"xmlns:edm='http://www.europeana.eu/schemas/edm/' xmlns:dc='http://purl.org/dc/elements/1.1/'>%b</records>"
            % b"".join(
                b"<rdf:RDF><edm:ProvidedCHO rdf:about='e%d'><dc:title>T%d</dc:title></edm:ProvidedCHO></rdf:RDF>"
                % (n, n)
                for n in range(3)
            )
        },
    ),
    Case(
        "lido",
        "file:museum",
        "{{type: lido, map: {{extent: {{const: a card}}{more}}}}}",
        files={
            "museum/a.xml": b"<lidoWrap xmlns='http://www.lido-schema.org'>%b</lidoWrap>"
            % b"".join(b"<lido><lidoRecID>l%d</lidoRecID><descriptiveMetadata/></lido>" % n for n in range(3))
        },
    ),
    Case(
        "iiif",
        "file:manifests",
        "{{type: iiif, map: {{extent: {{const: a leaf}}{more}}}}}",
        files={
            "manifests/a.json": json.dumps(
                {
                    "@context": "http://iiif.io/api/presentation/3/context.json",
                    "id": "https://a.org/m",
                    "type": "Manifest",
                    "label": {"en": ["Book"]},
                    "items": [
                        {"id": f"https://a.org/m/{n}", "type": "Canvas", "label": {"en": [f"Leaf {n}"]}, "items": []}
                        for n in range(3)
                    ],
                }
            ).encode()
        },
    ),
    Case(
        "parquet",
        "file:columns",
        "{{type: parquet, modality: metadata, map: {{id: id, title: title{more}}}}}",
        files={"columns/a.parquet": columns(id=["1", "2", "3"], title=["One", "Two", "Three"])},
    ),
    Case(
        "marc",
        "file:marc",
        "{{type: marc, map: {{extent: {{const: a card}}{more}}}}}",
        files={
            "marc/a.xml": b"<collection xmlns='http://www.loc.gov/MARC21/slim'>%b</collection>"
            % b"".join(
                b"<record><leader>00000nam a2200000 a 4500</leader><controlfield tag='001'>m%d</controlfield>"
                b"<datafield tag='245' ind1='1' ind2='0'><subfield code='a'>T%d</subfield></datafield></record>"
                % (n, n)
                for n in range(3)
            )
        },
    ),
    Case(
        "pica",
        "file:pica",
        "{{type: pica, map: {{extent: {{const: a card}}{more}}}}}",
        files={"pica/a.dat": b"".join(b"003@ \x1f0p%d\x1e021A \x1faT%d\x1e\n" % (n, n) for n in range(3))},
    ),
    Case(
        "tei",
        "file:tei",
        "{{type: tei, map: {{extent: {{const: a leaf}}{more}}}}}",
        files={
            "tei/a.xml": b"<teiCorpus xmlns='http://www.tei-c.org/ns/1.0'>%b</teiCorpus>"
            % b"".join(
                b"<TEI xml:id='t%d'><teiHeader/><text><body><p>The text %d.</p></body></text></TEI>" % (n, n)
                for n in range(3)
            )
        },
    ),
    Case(
        "ead",
        "file:aids",
        "{{type: ead, map: {{extent: {{const: a box}}{more}}}}}",
        files={
            "aids/a.ead": b"<ead><eadheader><eadid>a</eadid></eadheader><archdesc><did><unittitle>Papers</unittitle>"
            b"</did><dsc><c01 id='s'><did><unittitle>Letters</unittitle></did>%b</c01></dsc></archdesc></ead>"
            % b"".join(b"<c02><did><unittitle>Letter %d</unittitle></did></c02>" % n for n in range(3))
        },
    ),
    Case(
        "page_xml",
        "file:pages",
        "{{type: page_xml, map: {{extent: {{const: a leaf}}{more}}}}}",
        shared=False,
        files={
            f"pages/{name}.xml": b"<PcGts xmlns='http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15'>"
            b"<Page imageFilename='%b.tif' imageWidth='9' imageHeight='9'><TextRegion id='r'><TextLine id='l'>"
            b"<TextEquiv><Unicode>The page %b.</Unicode></TextEquiv></TextLine></TextRegion></Page></PcGts>"
            % (name.encode(), name.encode())
            for name in "abc"
        },
    ),
    Case(
        "hocr",
        "file:read",
        "{{type: hocr, map: {{extent: {{const: a leaf}}{more}}}}}",
        shared=False,
        files={
            f"read/{name}.hocr": b"<html><body><div class='ocr_page' title='bbox 0 0 9 9'><span class='ocr_line' "
            b"title='bbox 0 0 9 9'><span class='ocrx_word' title='bbox 0 0 9 9'>page %b</span></span></div></body>"
            b"</html>" % name.encode()
            for name in "abc"
        },
    ),
    *(
        Case(
            "abbyy",
            "file:leaves",
            f"{{{{type: abbyy, rows: {rows}, map: {{{{extent: {{{{const: a leaf}}}}{{more}}}}}}}}}}",
            files={
                "leaves/a.xml": b"<document>%b</document>"
                % b"".join(
                    b"<page width='9'><block blockType='Text'><text><par><line><formatting>Leaf %d</formatting></line>"
                    b"</par></text></block></page>" % n
                    for n in range(3)
                )
            },
        )
        for rows in ("page", "block", "line")
    ),
    Case(
        "coco",
        "file:boxes",
        "{{type: coco, map: {{extent: {{const: a plate}}{more}}}}}",
        files={
            "boxes/a.json": json.dumps(
                {
                    "images": [{"id": n, "file_name": f"{n}.jpg", "width": 9, "height": 9} for n in range(3)],
                    "annotations": [{"id": n, "image_id": n, "category_id": 1, "bbox": [1, 1, 2, 2]} for n in range(3)],
                    "categories": [{"id": 1, "name": "stamp"}],
                }
            ).encode()
        },
    ),
    Case(
        "annotations",
        "file:marked",
        "{{type: annotations, map: {{extent: {{const: a leaf}}{more}}}}}",
        shared=False,
        files={f"marked/{name}.conll": f"{name.upper()}nna\tB-PER\nsings\tO\n".encode() for name in "abc"},
    ),
    Case(
        "warc",
        "file:crawl",
        "{{type: warc, map: {{extent: {{const: a page}}{more}}}}}",
        files={"crawl/a.warc.gz": b"".join(gzip.compress(page(number), mtime=0) for number in range(1, 4))},
    ),
    Case(
        "pdf",
        "file:reports",
        "{{type: pdf, map: {{extent: {{const: a leaf}}{more}}}}}",
        shared=False,
        files={f"reports/{name}.pdf": pdf(lines(f"Report {name}")) for name in "abc"},
    ),
]
MORE = ", publisher: {const: The town}"


def test_every_format_has_a_case() -> None:
    union, _ = typing.get_args(AnyReader)
    assert {case.type for case in CASES} == {one.model_fields["type"].default for one in typing.get_args(union)}


def normalized(bench: Bench) -> tuple[Normalizing, list[str]]:
    """What normalize did, and the identifiers of its rows."""
    source = bench.source("one")
    done = pipeline.normalize_source(bench.run, source, bench.base(source))
    shelf = bench.run.normalized(source)
    ids = [one for key in done.normalized.slices for one in shelf.columns(key, ["id"])["id"].to_pylist()]
    return done, [one.removeprefix("one:") for one in ids]


def harvested(bench: Bench, case: Case) -> list[str]:
    bench.write(case.entry(""))
    for name, data in case.files.items():
        (bench.folder / name).parent.mkdir(exist_ok=True)
        (bench.folder / name).write_bytes(data)
    source = bench.source("one")
    pipeline.harvest_source(bench.run, source, bench.base(source))
    return normalized(bench)[1]


def put_down(bench: Bench, *records: str) -> None:
    """The ledger, written by hand."""
    lines = [{"source_id": "one", "record_id": one, "action": "removed", "ground": "privacy"} for one in records]
    (bench.folder / "takedowns.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.mark.representative(4)  # the contract of formats takes records out of each format
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_others_are_left_when_everything_is_read_again(bench: Bench, case: Case) -> None:
    all_of_them = harvested(bench, case)
    record = all_of_them[len(all_of_them) // 2]
    put_down(bench, record)
    done, ids = normalized(bench)
    assert ids == [one for one in all_of_them if one != record]
    assert (done.left, done.erased) == ((), 1)
    bench.write(case.entry(MORE))
    done, ids = normalized(bench)
    assert done.read
    assert sorted(ids) == sorted(one for one in all_of_them if one != record)


@pytest.mark.representative(2)  # the same by the base of readers
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_format_that_cannot_take_one_record_out_says_so(
    bench: Bench, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands for every format to come: the file stays, and the record is kept out of all that is made of it."""
    all_of_them = harvested(bench, case)
    monkeypatch.setattr(type(bench.source("one").normalize[0]), "blanks", False)
    record = all_of_them[len(all_of_them) // 2]
    put_down(bench, record)
    done, ids = normalized(bench)
    assert ids == [one for one in all_of_them if one != record]
    bench.write(case.entry(MORE))
    again, ids = normalized(bench)
    assert sorted(ids) == sorted(one for one in all_of_them if one != record)
    if case.shared:
        assert (done.erased, done.lost) == (0, ())
        [said] = again.left
        assert f"the format {case.type} cannot take one record out of a file that holds others" in said
        assert "then delete one/raw/" in said
        source = bench.source("one")
        lies = said.partition("then delete one/raw/")[2].partition(" from the shelves")[0]
        assert bench.run.raw(source).shelf.exists(lies)
    else:
        assert (again.left, len(done.lost)) == ((), 1)


GRIDS = {
    "xlsx": xlsx({"S": texts(("id", "title"), ("1", "One"), ("2", "Two"), ("3", "Three"))}),
    "xls": XLS,
    "ods": ods({"T": "".join(ods_row(one, f"T{one}") for one in ("id", "1", "2", "3")).replace("Tid", "title")}),
    "sqlite": database("CREATE TABLE t(id, title)", "INSERT INTO t VALUES ('1', 'One'), ('2', 'Two'), ('3', 'Three')"),
    "dbf": dbf([("ID", "C", 2), ("TITLE", "C", 9)], [(b"1", b"One"), (b"2", b"Two"), (b"3", b"Three")]),
}
COLUMNS = {"xls": ("Zahl", "Titel"), "dbf": ("ID", "TITLE")}


@pytest.mark.representative(2)  # the other forms of `table` by the same line
@pytest.mark.parametrize("form", GRIDS)
def test_a_workbook_stays_and_says_so_where_others_stand_in_it(bench: Bench, form: str) -> None:
    """Its texts lie in several of its members, a database's in its pages and indexes: no row is cut out of one."""
    identity, title = COLUMNS.get(form, ("id", "title"))
    mapped = f"{{{{id: {identity}, title: {title}{{more}}}}}}"
    case = Case(
        "table", f"file:grid.{form}", f"{{{{modality: metadata, map: {mapped}}}}}", files={f"grid.{form}": GRIDS[form]}
    )
    all_of_them = harvested(bench, case)
    record = all_of_them[len(all_of_them) // 2]
    put_down(bench, record)
    done, ids = normalized(bench)
    assert ids == [one for one in all_of_them if one != record]
    bench.write(case.entry(MORE))
    again, ids = normalized(bench)
    assert sorted(ids) == sorted(one for one in all_of_them if one != record)
    assert (done.erased, done.lost) == (0, ())
    [said] = again.left
    assert "the format table cannot take one record out of a file that holds others" in said


def test_a_workbook_of_one_row_goes_with_it(bench: Bench) -> None:
    data = xlsx({"S": texts(("id", "title"), ("1", "One"))})
    case = Case(
        "table", "file:a.xlsx", "{{modality: metadata, map: {{id: id, title: title{more}}}}}", files={"a.xlsx": data}
    )
    assert harvested(bench, case) == ["1"]
    put_down(bench, "1")
    done, ids = normalized(bench)
    assert (ids, done.left, len(done.lost)) == ([], (), 1)


def test_a_reject_is_a_neighbour_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with one record and one that could not be read holds two."""
    bench.write(textwrap.dedent(ENTRY).format(harvest="file:a.csv", normalize="{map: {id: id, title: title}}"))
    (bench.folder / "a.csv").write_text("id,title\n1,One\n2,Two,and more\n")
    source = bench.source("one")
    pipeline.harvest_source(bench.run, source, bench.base(source))
    assert normalized(bench)[1] == ["1"]
    monkeypatch.setattr(type(source.normalize[0]), "blanks", False)
    put_down(bench, "1")
    done, ids = normalized(bench)
    assert (ids, done.lost, len(done.left)) == ([], (), 1)
    assert sum(one.rejected for one in done.slices) == 1


def test_when_all_records_of_a_file_go_the_file_goes(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    all_of_them = harvested(bench, CASES[0])
    monkeypatch.setattr(type(bench.source("one").normalize[0]), "blanks", False)
    put_down(bench, *all_of_them)
    done, ids = normalized(bench)
    assert (ids, done.left, len(done.lost)) == ([], (), 1)


def test_what_where_leaves_out_is_a_neighbour_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a hundred records an entry chooses one, which is taken down; asked for later, the other 99 are there."""
    chosen = "{map: {id: id, title: title}, where: {id: 7}}"
    bench.write(textwrap.dedent(ENTRY).format(harvest="file:a.csv", normalize=chosen))
    (bench.folder / "a.csv").write_text("id,title\n" + "".join(f"{n},Plate {n}\n" for n in range(100)))
    source = bench.source("one")
    pipeline.harvest_source(bench.run, source, bench.base(source))
    assert normalized(bench)[1] == ["7"]
    monkeypatch.setattr(type(source.normalize[0]), "blanks", False)
    put_down(bench, "7")
    done, ids = normalized(bench)
    assert (ids, done.lost, len(done.left)) == ([], (), 1)
    bench.write(textwrap.dedent(ENTRY).format(harvest="file:a.csv", normalize="{map: {id: id, title: title}}"))
    assert normalized(bench)[1] == [str(n) for n in range(100) if n != 7]


def test_a_download_under_way_goes_too(bench: Bench) -> None:
    """Nobody can search half a file; it is fetched again."""
    all_of_them = harvested(bench, CASES[0])
    parts = bench.run.raw(bench.source("one")).shelf.under_way
    parts.mkdir(parents=True)
    (parts / "half").write_bytes(b"half of a file")
    put_down(bench, all_of_them[0])
    normalized(bench)
    assert not parts.exists()
    parts.mkdir(parents=True)
    normalized(bench)
    assert parts.exists(), "but not on every night"
