"""Texts and pictures with what somebody said of them: boxes, entities, answers."""

from typing import Any

from biglam_pipeline_tests.source.shapes.made import Shape, as_json, picture, zipped

EXTRACTS = (
    ",extract_id,target,target_compound,target_compound_bolded,text,url\n"
    "0,H99,inlands,inlands,𝙞𝙣𝙡𝙖𝙣𝙙𝙨,het 𝙞𝙣𝙡𝙖𝙣𝙙𝙨 hout van de iep,"
    "https://www.delpher.nl/nl/kranten/view?identifier=ddd:1:a0074\n"
)
PLACES = (
    "url,europeana_issue_id,datestamp,date,publisher,spatial_distribution,spatial_origin,languages\n"
    "https://www.delpher.nl/nl/kranten/view?identifier=ddd:1:a0074,/9200359/B_1,2021-01-06T06:26:48.057Z,1925-02-06,"
    "C.Misset,Regionaal/lokaal,Doetinchem,nl\n"
)
VOC = """<annotation><folder>images</folder><filename>elm.jpg</filename><size><width>8</width><height>6</height>
<depth>3</depth></size><segmented>0</segmented>
<object><name>tree</name><pose>stand</pose><truncated>0</truncated><difficult>0</difficult>
<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>5</xmax><ymax>4</ymax></bndbox></object></annotation>"""
COCO = {
    "info": {},
    "images": [{"id": 1, "file_name": "elm.jpg", "width": 8, "height": 6}],
    "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 4, 3], "area": 12, "iscrowd": 0}],
    "categories": [{"id": 1, "name": "tree", "supercategory": ""}],
}
BOX: dict[str, Any] = {
    "id": ["1"],
    "bbox": [[1.0, 1.0, 4.0, 3.0]],
    "category": ["tree"],
    "area": [12.0],
    "iscrowd": [False],
    "segmentation": [None],
    "rle": [None],
    "flags": [[]],
}
BARE = {**BOX, "id": [None], "area": [None], "iscrowd": [None]}
ODOR = (
    "File Name,Artist,Title,Query,Part,Earliest Date,Latest Date,Margin Years,Genre,Material,Repository Number,"
    "Photo Archive,Image URL,Details URL,Additional Information\n"
    "elm.jpg, Ann Other , Elm and pipe ,Tobacco,,1650.0,1660.0,,painting,,IB1,https://rkd.nl/en/,"
    "https://images.rkd.nl/rkd/thumb/650x650/elm.jpg,https://rkd.nl/explore/images/7, \n"
)
VIA = {
    "_via_settings": {},
    "_via_img_metadata": {
        "elm.jpg7": {
            "filename": "elm.jpg",
            "size": 7,
            "regions": [
                {
                    "shape_attributes": {"name": "rect", "x": 1, "y": 1, "width": 4, "height": 3},
                    "region_attributes": {"label": "art-1"},
                }
            ],
            "file_attributes": {"license": "CC0"},
        }
    },
    "_via_attributes": {"region": {}, "file": {}},
}
CHARTER = "Ego\tO\nAnna\tB-PERS\nde\tI-PERS\nUlmo\tB-LOC\n\nTestes\tO\n"
BIO = "Het O\nhout O\nvan O\nAnna B-PER\n"
HIPE = (
    "TOKEN\tNE-COARSE-LIT\tNE-COARSE-METO\tNE-FINE-LIT\tNE-FINE-METO\tNE-FINE-COMP\tNE-NESTED\tNEL-LIT\t"
    "NEL-METO\tMISC\n"
    "# hipe2022:document_id = elm-1850-01-04\n# hipe2022:date = 1850-01-04\n# hipe2022:language = fr\n"
    "# hipe2022:dataset = hipe2020\n# hipe2022:split = train\n"
    "Anna\tB-pers\tO\tB-pers.ind\tO\tO\tO\tNIL\t_\t_\nvint\tO\tO\tO\tO\tO\tO\t_\t_\tEndOfLine\n"
)
TRANSKRIBUS = """<?xml version="1.0" encoding="UTF-8"?><PcGts
 xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2013-07-15"><Metadata><Creator>Transkribus</Creator>
<Created>2021-01-01T00:00:00</Created><LastChange>2021-01-01T00:00:00</LastChange></Metadata>
<Page imageFilename="32322_1848_7.jpg" imageWidth="8" imageHeight="6"><TextRegion id="r1">
<Coords points="0,0 8,0 8,6 0,6"/><TextLine id="l1"><Coords points="0,0 8,0 8,3 0,3"/>
<TextEquiv><Unicode>Die Ulme</Unicode></TextEquiv></TextLine>
<TextLine id="l2"><Coords points="0,3 8,3 8,6 0,6"/><TextEquiv><Unicode>steht.</Unicode></TextEquiv></TextLine>
</TextRegion></Page></PcGts>"""
SEGMONTO = (
    '<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Tags><OtherTag ID="BT1" LABEL="MainZone"/></Tags><Layout>'
    '<Page ID="P1" WIDTH="8" HEIGHT="6" PHYSICAL_IMG_NR="1"><PrintSpace><TextBlock ID="B1" TAGREFS="BT1" HPOS="0"'
    ' VPOS="0" WIDTH="8" HEIGHT="6"><TextLine ID="l1">'
    '<String CONTENT="De ulmo" HPOS="0" VPOS="0" WIDTH="8" HEIGHT="3"/>'
    "</TextLine></TextBlock></PrintSpace></Page></Layout></alto>"
)
SHAPES: dict[str, Shape] = {
    "contentious_contexts": Shape(
        "ConConCor",
        {"Dataset/Extracts.csv": EXTRACTS.encode(), "Dataset/Metadata.csv": PLACES.encode()},
        1,
        {
            "text": "het 𝙞𝙣𝙡𝙖𝙣𝙙𝙨 hout van de iep",
            "target": "inlands",
            "date_edtf": "1925-02-06",
            "publisher": "C.Misset",
        },
    ),
    "european_art": Shape(
        "6984525",
        {"annots_pub.zip": zipped({"elm.xml": VOC.encode()}), "images.zip": zipped({"images/elm.jpg": picture()})},
        1,
        {"width": 8, "height": 6, "objects": BARE},
    ),
    "texbig": Shape(
        "6885144",
        {"train.zip": zipped({"train/elm.jpg": picture()}), "annotations.zip": zipped({"train.json": as_json(COCO)})},
        1,
        {"width": 8, "objects": BOX},
    ),
    "odeuropa_smell_objects": Shape(
        "6367776",
        {"annotations.json": as_json(COCO), "metadata.csv": ODOR.encode()},
        1,
        {"title": "Elm and pipe", "date_edtf": "1650/1660", "source_url": "https://rkd.nl/explore/images/7"},
    ),
    "impresso_article_segmentation": Shape(
        "3706863",
        {"luxwort.json": as_json(VIA)},
        1,
        {"objects": {**BARE, "category": ["art-1"]}, "rights_name": "cc0-1.0"},
    ),
    "nls_chapbook_illustrations": Shape(
        "chapbooks", {"data/annotations.json": as_json(COCO)}, 1, {"width": 8, "objects": BOX}
    ),
    "loc_beyond_words": Shape(
        "navigator",
        {
            "beyond_words_data/train_80_percent.json": as_json(
                {**COCO, "categories": [{"id": 0, "name": "Photograph"}, {"id": 1, "name": "Illustration"}]}
            ),
            "beyond_words_data/images/elm.jpg": picture(),
        },
        1,
        {"width": 8, "part": "train", "objects": {**BOX, "category": [1]}},
    ),
    "yalta_ai_tabular_dataset": Shape(
        "yaltai-table.zip",
        zipped(
            {
                "yaltai-table/train/labels/elm.txt": b"0 0.5 0.5 0.5 0.5\n",
                "yaltai-table/train/images/elm.jpg": picture(),
                "yaltai-table/config.yml": b"names:\n- Col\n- Header\nnc: 2\n",
            }
        ),
        1,
        {"objects": {**BARE, "bbox": [[2.0, 1.5, 4.0, 3.0]], "category": ["Col"], "segmentation": [[]]}},
    ),
    "yalta_ai_segmonto_manuscript_dataset": Shape(
        "6814770",
        {"altos.zip": zipped({"altos/elm.xml": SEGMONTO.encode(), "altos/elm.jpg": picture()})},
        1,
        {"text": "De ulmo"},
    ),
    "medieval_charters_ner": Shape(
        "6463699",
        {"charters.conll": CHARTER.encode()},
        1,
        {"text": "Ego Anna de Ulmo\nTestes", "tags": ["O", "B-PERS", "I-PERS", "B-LOC", "O"], "text_origin": "keyed"},
    ),
    "ner_corpora": Shape(
        "ner-corpora", {"enp_NL.kb.bio/enp_NL.kb.bio": BIO.encode()}, 1, {"text": "Het hout van Anna"}
    ),
    "hipe_2022": Shape(
        "hipe",
        {"data/v2.1/hipe2020/fr/HIPE-2022-v2.1-hipe2020-train-fr.tsv": HIPE.encode()},
        1,
        {"part": "train", "date_edtf": "1850-01-04"},
    ),
    "swiss_federal_council_htr": Shape(
        "4746342",
        {
            "page.zip": zipped({"page/32322_1848_7.xml": TRANSKRIBUS.encode()}),
            "images.zip": zipped({"images/32322_1848_7.jpg": picture()}),
        },
        1,
        {"text": "Die Ulme steht.", "width": 8, "text_origin": "htr"},
    ),
}
