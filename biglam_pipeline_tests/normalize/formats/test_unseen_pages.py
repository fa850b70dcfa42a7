"""Made-up twins of pages, pictures and labelled texts of collections that no reader was built on: theirs is the shape.

Each is counted twice: what the reader gives, and what its own second count finds. Twins of METS with ALTO stand in
`mets_alto/test_unseen_deliveries.py`.

Real files were read beside the twins, and these made like them, of RASAM (calfa-co/rasam-dataset, `page/`: PAGE 2013,
no order of reading), LitBank (dbamman/litbank, `entities/`: a tab at the end of each line, a sixth column in 12 of 100
files), the treebank (UniversalDependencies/UD_Old_French-PROFITEROLE: `newdoc` before each sentence, behind `text`) and
the texts of the National Library of Scotland (NLS-Digital-Scholarship/collections-as-data, `data/`: those of the
chapbooks themselves were not seen). Looked up in documentation or programs: FineReader 6 (internetarchive/
archive-hocr-tools, `bin/abbyy-to-hocr`, and programs that quote the head of the files), hOCR (the same,
`bin/hocr-combine-stream`), the PDF (programs that name its producer), the categories of YALTAi, HJDataset
(dell-research-harvard/HJDataset, `docs/annotation-notes.md`: each picture has a category, each region `next_id`), ANP
(KBNLresearch/KB-python-API: what it takes of a DIDL, and `test/test_data`, an ALTO without a namespace) and the names
of the pictures (NYPL-publicdomain/data-and-utilities, `code_examples/utilities/download_images.py`). Wikisource gives
no plain text: that twin is what a user makes of it.
"""

import gzip
import io
import json
from typing import Any

import pytest
from PIL import Image

from biglam_pipeline.parsing import counted
from biglam_pipeline.records import Bundle
from biglam_pipeline_tests.normalize.bundles import alto, block, item, laid_out, read, reader, records, rejects, word
from biglam_pipeline_tests.normalize.formats.pdf_made import SCAN, lines, pdf
from biglam_pipeline_tests.normalize.formats.test_didl import OPEN, component, metadata
from biglam_pipeline_tests.normalize.formats.test_unseen_records import said_of

RASAM = """<?xml version="1.0" ?>
<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2013-07-15"
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Metadata><Creator>Calfa</Creator>
<Created>2021-01-01T00:00:00+00:00</Created><Comments>A set of pages.</Comments></Metadata>
<Page imageFilename="MS_ARA_1_0001.jpg" imageHeight="1200" imageWidth="900">
<TextRegion id="r_a-2" custom="structure {type:MarginTextZone:catchword;}"><Coords points="10,65 50,65 50,100 10,100"/>
<TextLine id="l_a-3"><Coords points="10,70 50,70 50,90"/><Baseline points="10,88 50,88"/>
<TextEquiv><Unicode>قف على هذا</Unicode></TextEquiv></TextLine></TextRegion>
<TextRegion id="r_a-1" custom="structure {type:MainZone;}"><Coords points="175,65 159,647 881,70 175,65"/>
<TextLine id="l_a-1"><Baseline points="206,106 846,112"/><TextEquiv><Unicode>هذه شجرة</Unicode></TextEquiv></TextLine>
<TextLine id="l_a-2"><Baseline points="206,206 846,212"/><TextEquiv><Unicode>الدردار</Unicode></TextEquiv></TextLine>
</TextRegion></Page></PcGts>"""
ARCHIVE_HOCR = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en"><head><title></title>
<meta name="ocr-system" content="tesseract 5.0.0-beta-20210815" /></head><body>
<div class="ocr_page" id="page_000000"
 title="image &quot;/tmp/elms_jp2/elms_0000.jp2&quot;; bbox 0 0 1800 2600; ppageno 0; scan_res 400 400"></div>
<div class="ocr_page" id="page_000001"
 title="image &quot;/tmp/elms_jp2/elms_0001.jp2&quot;; bbox 0 0 1800 2600; ppageno 1; scan_res 400 400">
<div class="ocr_photo" id="photo_000001_000000" title="bbox 10 10 200 200"></div>
<div class="ocr_carea" id="block_000001_000000" title="bbox 300 200 1500 600">
<p class="ocr_par" id="par_000001_000000" lang="eng" title="bbox 300 200 1500 600">
<span class="ocr_header" id="line_000001_000000" title="bbox 300 200 900 240; baseline 0 -2"><span class="ocrx_word"
 id="word_000001_000000" title="bbox 300 200 500 240; x_wconf 96; x_fsize 12">ELMS</span></span>
<span class="ocr_line" id="line_000001_000001" title="bbox 300 260 1500 300"><span class="ocrx_word" id="w1"
 title="bbox 300 260 500 300; x_wconf 90"><strong>They</strong></span> <span class="ocrx_word" id="w2"
 title="bbox 520 260 900 300; x_wconf 80">gro&shy;</span></span>
<span class="ocr_line" id="line_000001_000002" title="bbox 300 320 1500 360"><span class="ocrx_word" id="w3"
 title="bbox 300 320 500 360; x_wconf 60">wing</span> <span class="ocrx_word" id="w4"
 title="bbox 520 320 700 360; x_wconf 96">&amp;</span></span></p></div></div></body></html>"""
CHARACTERS = "".join(
    f'<charParams l="1" t="2" r="3" b="4" wordStart="{str(first).lower()}" charConfidence="{sure}">{one}</charParams>'
    for one, sure, first in (("T", 60, True), ("he", 100, False), (" ", 255, False), ("e", 80, True), ("l¬", 80, False))
)
ARCHIVE_ABBYY = f"""<?xml version="1.0" encoding="UTF-8"?>
<document version="1.0" producer="LuraDocument XML Exporter for ABBYY FineReader" pagesCount="2"
xmlns="http://www.abbyy.com/FineReader_xml/FineReader6-schema-v1.xml">
<page width="1800" height="2600" resolution="400" originalCoords="true">
<block blockType="Picture" l="0" t="0" r="9" b="9"><region><rect l="0" t="0" r="9" b="9"></rect></region></block>
<block blockType="Text" l="300" t="200" r="1500" b="600"><text><par lineSpacing="1150">
<line baseline="240" l="300" t="200" r="900" b="240"><formatting lang="EnglishUnitedStates">{CHARACTERS}</formatting>
</line><line baseline="280" l="300" t="260" r="900" b="280"><formatting lang="EnglishUnitedStates">
<charParams l="1" t="2" r="3" b="4" wordStart="true" charConfidence="40">m</charParams></formatting></line></par>
</text></block></page><page width="1800" height="2600" resolution="400" originalCoords="true"></page></document>"""
HISTORIC = {
    "info": {"description": "HJDataset", "year": 2019},
    "licenses": [],
    "categories": [
        {"supercategory": "layout", "id": 1, "name": "Page Frame"},
        {"supercategory": "layout", "id": 3, "name": "Title Region"},
        {"supercategory": "page_type", "id": 8, "name": "Main"},
    ],
    "images": [
        {"file_name": f"pr1956_{one}.jpg", "height": 2000, "width": 1500, "id": one, "category_id": 8} for one in (1, 2)
    ],
    "annotations": [
        {
            "image_id": 1,
            "bbox": [1, 2, 10, 10],
            "category_id": 1,
            "id": 1,
            "parent_id": None,
            "next_id": -1,
            "iscrowd": 0,
            "area": 100,
        },
        {"image_id": 1, "bbox": [2, 3, 5, 5], "category_id": 3, "id": 2, "parent_id": 1, "next_id": -1, "area": 25},
    ],
}
OLD_FRENCH = """# text = Li orme est granz.
# newdoc id = Orme_1100_verse
# sent_id = 0
1\tLi\t_\tDET\tDETdef\tDefinite=Def|PronType=Art\t2\tdet\t_\tXmlId=w_1
2\torme\t_\tNOUN\tNOMcom\t_\t4\tnsubj\t_\tXmlId=w_2
3\test\t_\tAUX\tVERcjg\tVerbForm=Fin\t4\tcop\t_\tXmlId=w_3
4\tgranz\t_\tADJ\tADJqua\t_\t0\troot\t_\tSpaceAfter=No|XmlId=w_4
5\t.\t_\tPUNCT\tPONfrt\t_\t4\tpunct\t_\tXmlId=w_5

# text = « Del bois »
# newdoc id = chesne
# newpar id = 1
# sent_id = chesne-7
1\t«\t_\tPUNCT\tPONpga\t_\t3\tpunct\t_\tXmlId=w_6
2\tDel\t_\tADP\tPRE.DETdef\t_\t3\tcase\t_\tXmlId=w_7
3\tbois\t_\tNOUN\tNOMcom\t_\t0\troot\t_\tXmlId=w_8
4\t»\t_\tPUNCT\tPONpdr\t_\t3\tpunct\t_\tXmlId=w_9

# text = Li bois.
# newdoc id = Orme_1100_verse
# sent_id = 10
1\tLi\t_\tDET\tDETdef\tDefinite=Def|PronType=Art\t2\tdet\t_\tXmlId=w_10
2\tbois\t_\tNOUN\tNOMcom\t_\t0\troot\t_\tSpaceAfter=No|XmlId=w_11
3\t.\t_\tPUNCT\tPONfrt\t_\t2\tpunct\t_\tXmlId=w_12

"""
TAGGED = "Call O O O O|me B-PER O O O|. O O O O||the B-FAC B-GPE O O|wood I-FAC I-GPE O O|"
NOVEL = TAGGED.replace(" ", "\t").replace("|", "\t\n").replace("\n\t\n", "\n\n")
DEEPER = "An\tB-PER\tO\tO\tO\tO\t\nelm\tI-PER\tO\tO\tO\tB-LOC\t\n\n"
BULLETIN = OPEN.format("") + (
    '<didl:Item dc:identifier="anp:1:mpeg21">'
    + metadata(
        "anp:1:mpeg21",
        "<dc:title>ANP Nieuwsbericht - 03-05-1945 - 1</dc:title><dc:date>03-05-1945</dc:date>"
        "<dc:publisher>ANP</dc:publisher><dc:language>nl</dc:language><dc:identifier>"
        "http://resolver.kb.nl/resolve?urn=anp:1:mpeg21</dc:identifier>",
    )
    + '<didl:Item dc:identifier="anp:1:mpeg21:p001">'
    + component(
        "anp:1:mpeg21:p001:alto",
        "alto",
        '<didl:Resource mimeType="text/xml" ref="http://resolver.kb.nl/resolve?urn=anp:1:mpeg21:p001:alto"'
        ' dcx:filename="ANP_1_001_alto.xml"/>',
    )
    + "</didl:Item></didl:Item></didl:DIDL>"
)


def picture(kind: str, size: tuple[int, int], orientation: int = 1) -> bytes:
    """As a camera or a scanner writes it. orientation: of EXIF."""
    image, written = Image.new("RGB", size, (200, 10, 10)), io.BytesIO()
    told = image.getexif()
    told[0x010E], told[0x0112] = "An elm", orientation
    image.save(written, kind, exif=told)
    return written.getvalue()


Contents = dict[str, str | bytes]
TWINS: dict[str, tuple[dict[str, Any], Contents, list[dict[str, Any]]]] = {
    "RASAM, Arabic manuscripts (PAGE)": (
        {"type": "page_xml"},
        {"rasam/MS_ARA_1_0001.xml": RASAM},
        [{"id": "rasam/MS_ARA_1_0001", "text": "قف على هذا\n\nهذه شجرة الدردار", "parent_id": "rasam"}],
    ),
    "Internet Archive (hOCR)": (
        {"type": "hocr", "map": {"extra": {"picture": "$image"}}},
        {"elms_hocr.html": ARCHIVE_HOCR},
        [
            {"id": "elms_hocr#page_000000", "text": "", "picture": "elms_0000.jp2", "seq": 1},
            {"id": "elms_hocr#page_000001", "text": "ELMS They growing &", "languages": ["eng"], "seq": 2},
        ],
    ),
    "Internet Archive (FineReader 6, packed)": (
        {"type": "abbyy"},
        {"elms_abbyy.gz": gzip.compress(ARCHIVE_ABBYY.encode())},
        [
            {"id": "elms_abbyy#page-1", "text": "The elm", "languages": ["English"]},
            {"id": "elms_abbyy#page-2", "text": "", "languages": None},
        ],
    ),
    "HJDataset, historic Japanese prints (COCO)": (
        {"type": "coco"},
        {"annotations/instances_train.json": json.dumps(HISTORIC)},
        [
            {"id": "annotations/instances_train.json#1", "width": 1500, "marked": ["Page Frame", "Title Region"]},
            {"id": "annotations/instances_train.json#2", "height": 2000, "marked": []},
        ],
    ),
    "YALTAi, zones of manuscripts (YOLO)": (
        {"type": "coco"},
        {
            "yaltai/data.yml": "train: train/images\nval: val/images\nnc: 2\nnames:\n- DropCapitalZone\n- MainZone\n",
            "yaltai/train/images/ms_f1.jpg": picture("JPEG", (100, 200)),
            "yaltai/train/labels/ms_f1.txt": "1 0.5 0.5 0.8 0.6\n0 0.1 0.25 0.1 0.05\n",
            "yaltai/val/images/ms_f2.jpg": picture("JPEG", (100, 100)),
            "yaltai/val/labels/ms_f2.txt": "",
        },
        [
            {"id": "yaltai/train/labels/ms_f1.txt", "marked": ["MainZone", "DropCapitalZone"]},
            {"id": "yaltai/val/labels/ms_f2.txt", "marked": []},
        ],
    ),
    "Profiterole, a treebank of Old French (CoNLL-U)": (
        {"type": "annotations", "files": "*.conllu", "rows": "sentence"},
        {"fro_x-ud-train.conllu": OLD_FRENCH},
        [
            {
                "id": "fro_x-ud-train.conllu#Orme_1100_verse#0",
                "text": "Li orme est granz.",
                "tokens": ["Li", "orme", "est", "granz", "."],
                "LEMMA": ["_"] * 5,
                "parent_id": "fro_x-ud-train.conllu#Orme_1100_verse",
                "seq": 1,
            },
            {"id": "fro_x-ud-train.conllu#chesne#chesne-7", "text": "« Del bois »", "seq": 1},
            {"id": "fro_x-ud-train.conllu#Orme_1100_verse#10", "text": "Li bois.", "seq": 2},
        ],
    ),
    "LitBank, nested entities (columns by tabs)": (
        {"type": "annotations", "files": "*.tsv", "columns": ["token", "outer", "inner", "third", "fourth", "fifth"]},
        {"entities/tsv/1_elm_brat.tsv": NOVEL, "entities/tsv/2_oak_brat.tsv": DEEPER},
        [
            {
                "id": "entities/tsv/1_elm_brat.tsv",
                "text": "Call me .\nthe wood",
                "outer": ["O", "B-PER", "O", "B-FAC", "I-FAC"],
                "inner": ["O", "O", "O", "B-GPE", "I-GPE"],
                "sentence_starts": [0, 3],
            },
            {"id": "entities/tsv/2_oak_brat.tsv", "text": "An elm", "fifth": ["O", "B-LOC"]},
        ],
    ),
    "LitBank (brat)": (
        {"type": "annotations", "dialect": "brat"},
        {
            "entities/brat/1_elm_brat.txt": "Call me .\nthe wood",
            "entities/brat/1_elm_brat.ann": "T1\tPER 5 7\tme\nT2\tFAC 10 18\tthe wood\nT3\tGPE 10 18\tthe wood\n",
        },
        [{"id": "entities/brat/1_elm_brat.ann", "spanned": ["me", "the wood", "the wood"]}],
    ),
    "ANP, radio bulletins (DIDL)": (
        {"type": "didl"},
        {"anp/1/didl.xml": BULLETIN, "anp/1/ANP_1_001_alto.xml": alto(block("b", word("De") + "<SP/>" + word("olm")))},
        [{"id": "anp/1/ANP_1_001_alto", "text": "De olm", "date_raw": ["03-05-1945"], "publisher": "ANP"}],
    ),
    "National Library of Scotland, chapbooks (text)": (
        {"type": "text", "files": "*/1*.txt"},
        {
            "nls-text-chapbooks/104184103.txt": "THE\r\nELM.\r\n*B000054136*\r\nIt is  tall.\r\n7*\r\n",
            "nls-text-chapbooks/chapbooks-inventory.csv": "104184103.txt,The elm\n",
            "nls-text-chapbooks/readme.txt": "Title: Chapbooks\r\nRights: public domain.\r\n",
        },
        [{"id": "nls-text-chapbooks/104184103.txt", "text": "THE\nELM.\n*B000054136*\nIt is  tall.\n7*\n"}],
    ),
    "Wikisource (chapters)": (
        {"type": "text", "rows": "chapter", "heading": "^== .* ==$"},
        {"wikisource/Ulme.txt": "== Erstes Kapitel. ==\nDie Ulme.\n\n== Zweites Kapitel. ==\nDie Eiche.\n"},
        [
            {"id": "wikisource/Ulme.txt#chapter-1", "text": "== Erstes Kapitel. ==\nDie Ulme.", "seq": 1},
            {"id": "wikisource/Ulme.txt#chapter-2", "text": "== Zweites Kapitel. ==\nDie Eiche.", "seq": 2},
        ],
    ),
    "Internet Archive (PDF with hidden text)": (
        {"type": "pdf"},
        {
            "elms.pdf": pdf(
                SCAN + lines("The elm is", "tall.", mode=3),
                SCAN,
                info=b"/Title(The elm)/Author(Elm, Ann)/Producer(Recoded by LuraDocument PDF v2.28)",
            )
        },
        [
            {"id": "elms.pdf#page-1", "text": "The elm is tall.", "text_origin": "ocr", "title": "The elm"},
            {"id": "elms.pdf#page-2", "text": "", "creators": ["Elm, Ann"]},
        ],
    ),
    "New York Public Library (pictures)": (
        {"type": "images"},
        {
            "An_elm/437185g.jpg": picture("JPEG", (40, 30), orientation=6),
            "An_elm/437186w.jpg": picture("JPEG", (20, 10)),
        },
        [
            {"id": "An_elm/437185g.jpg", "media_type": "image/jpeg", "width": 40, "height": 30},
            {"id": "An_elm/437186w.jpg", "media_type": "image/jpeg", "width": 20, "height": 10},
        ],
    ),
}


@pytest.mark.parametrize("name", TWINS)
def test_a_twin_is_read_and_counted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "EVERY", 1)  # no sample is taken of what is dear to count
    settings, contents, due = TWINS[name]
    items = {one: item(one, data if isinstance(data, bytes) else data.encode()) for one, data in contents.items()}
    made = reader(**settings)
    found = read(made, items)
    assert not rejects(found)
    rows = [said_of(row) for row in records(found)]
    for row in rows:
        row["marked"] = row.get("objects", {}).get("category")
        row["spanned"] = [one["text"] for one in row.get("spans", ())]
    assert [{column: row.get(column) for column in want} for row, want in zip(rows, due, strict=True)] == due
    bundles = [Bundle(bundle, tuple(items[one] for one in names)) for bundle, names in laid_out(made, items).items()]
    assert sum(made.expected(bundle) or 0 for bundle in bundles) == len(due)
