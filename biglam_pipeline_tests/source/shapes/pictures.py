"""Pictures, alone or beside what is said of them."""

from biglam_pipeline_tests.source.shapes.made import Shape, as_json, parquet, picture, tarred, zipped

ADS = (
    "file,label,box,score,pub_date,name,place_of_publication,ocr\n"
    'a.jpg,illustrations,"[0, 0, 1, 1]",0.9,1865-04-01,The Elm,Boston,Elm bark for all ills\n'
)
ALTO = (
    '<alto xmlns="http://www.loc.gov/standards/alto/ns-v2#"><Layout><Page ID="P1" WIDTH="8" HEIGHT="6"><PrintSpace>'
    '<TextBlock ID="B1"><TextLine><String CONTENT="ELM," WC="0.9"/><SP/><String CONTENT="Ulmus" WC="0.7"/></TextLine>'
    "</TextBlock></PrintSpace></Page></Layout></alto>"
)
PAGE = {"188/alto/188.3.xml": ALTO.encode(), "188/image/188.3.jpg": picture(), "188/image/188.4.jpg": picture()}
LINE = {"raw/data/a1.xml": ALTO.encode(), "raw/data/a1.png": picture("PNG")}
DJVU = """<?xml version="1.0" encoding="UTF-8"?><DjVuXML><HEAD></HEAD><BODY>
<OBJECT data="file://localhost/elm.djvu" type="image/x.djvu" height="6" width="8">
<PARAM name="PAGE" value="{}_0001.djvu"/>
<HIDDENTEXT><PAGECOLUMN><REGION><PARAGRAPH><LINE><WORD coords="0,1,1,0">Other,</WORD><WORD coords="1,1,2,0">Ann.</WORD>
<WORD coords="2,1,3,0">Elms.</WORD></LINE></PARAGRAPH></REGION></PAGECOLUMN></HIDDENTEXT></OBJECT></BODY></DjVuXML>"""
CARD = """<?xml version="1.0" encoding="UTF-8"?><PcGts
 xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2013-07-15"><Page imageFilename="elm.jpg" imageWidth="8"
 imageHeight="6"><TextRegion id="r1"><TextLine id="l1"><TextEquiv><Unicode>Aan Anna</Unicode></TextEquiv></TextLine>
</TextRegion></Page></PcGts>"""
CUTTINGS = (
    "volume\tpublisher\ttitle\tfirst_author\tBL_DLS_ID\tpubplace\tbook_identifier\tARK_id_of_book\tdate\tflickr_url\t"
    "image_idx\tpage\tflickr_id\tflickr_small_source\tflickr_original_source\n"
    "0\tElm and Sons\tElms\tOTHER, Ann.\t014\tLondon\t000000196\tark:/81055/1\t1850\t"
    "http://www.flickr.com/photos/britishlibrary/7\t1\t000007\t7\t\t\n"
)


def _cards(drawer: str) -> dict[str, bytes]:
    """A drawer as the Internet Archive hands it out."""
    leaf = zipped({f"{drawer}_jp2/{drawer}_0001.jp2": picture("JPEG2000")})
    return {f"{drawer}_jp2.zip": leaf, f"{drawer}_djvu.xml": DJVU.format(drawer).encode()}


SHAPES: dict[str, Shape] = {
    "sloane-catalogues": Shape(
        "sloane_ms_3972_c_1_jpegs.zip",
        zipped({"sloane_ms_3972_c!1_jpegs/sloane_ms_3972_c!1_224.jpg": picture()}),
        1,
        {"title": "sloane_ms_3972_c!1_224", "collection": "sloane_ms_3972_c!1_jpegs", "width": 8},
    ),
    "dating-historical-color-images": Shape(
        "decades.tar",
        tarred("HistoricalColor-ECCV2012/data/imgs/decade_database/1930s/a.jpg", picture(), "w:"),
        1,
        {"year_start": 1930, "year_end": 1939, "width": 8},
    ),
    "oldbookillustrations": Shape(
        "train-00000-of-00013.parquet",
        parquet(
            **{"1600px": [{"bytes": picture(), "path": "a.jpg"}], "rawscan": [{"bytes": picture(), "path": "a.jpg"}]},
            info_url=["https://www.oldbookillustrations.com/illustrations/elm/"],
            info_alt=["An elm"],
            artist_name=["Ann Other"],
            book_title=["Trees"],
        ),
        1,
        {"title": "An elm", "collection": "Trees", "width": 8},
    ),
    "illustrated_ads": Shape(
        "ads.zip",
        zipped({"ads.csv": ADS.encode(), "images/a.jpg": picture()}),
        1,
        {"title": "The Elm", "width": 8, "text": "Elm bark for all ills", "date_edtf": "1865-04-01", "score": 0.9},
    ),
    "encyclopaedia_britannica_illustrated": Shape("eb.zip", zipped(PAGE), 1, {"text": "ELM, Ulmus", "width": 8}),
    "bnl_ground_truth_newspapers_before_1878": Shape(
        "gt.zip",
        zipped(LINE),
        1,
        {"text": "ELM, Ulmus", "text_origin": "keyed"},
    ),
    "brill_iconclass": Shape(
        "iconclass.zip",
        zipped({"IIHIM_7.jpg": picture(), "data.json": as_json({"IIHIM_7.jpg": ["25G41", "25G3(ELM)"]})}),
        1,
        {"width": 8},
    ),
    "v4design_europeana_style_dataset": Shape(
        "4896487", {"styles.zip": zipped({"dataset/Baroque/elm.jpg": picture()})}, 1, {"width": 8}
    ),
    "early_printed_books_font_detection": Shape(
        "3366686",
        {"part1.zip": zipped({"elm.jpg": picture()}), "labels-all.csv": b"elm.jpg,textura,bastarda\n"},
        1,
        {"width": 8},
    ),
    "mps_manuscript_handwriting_dating": Shape(
        "1194357", {"MPS.zip": zipped({"MPS/MPS1300/MPS1300_0007.ppm.jpg": picture()})}, 1, {"width": 8}
    ),
    "berlin_state_library_extracted_illustrations": Shape(
        "2602431",
        {"PPN7.tar": tarred("PPN7/00000007_1.jpg", picture(), "w:")},
        1,
        {"parent_id": "PPN7", "width": 8},
    ),
    "bpl-card-catalog": Shape("bpl", _cards("bplcardcatalog_A"), 1, {"text": "Other, Ann. Elms."}),
    "rubenstein-manuscript-catalog": Shape("duke", _cards("rubensteincards_A"), 1, {"text": "Other, Ann. Elms."}),
    "greetings-from-postcards": Shape(
        "10005566",
        {
            f"{export}.zip": zipped({f"{export}/page/elm.xml": CARD.encode(), f"{export}/elm.jpg": picture()})
            for export in ("GT", "HTR")
        },
        2,
        {"text": "Aan Anna", "width": 8},
    ),
    "british-library-book-images": Shape(
        "imagedirectory",
        {"1850_small.tsv": CUTTINGS.encode(), "1850_plates.tsv": CUTTINGS.splitlines(keepends=True)[0].encode()},
        1,
        {"title": "Elms", "size": "small", "parent_id": "000000196", "year_start": 1850, "image_status": None},
    ),
}
