"""Do the entries of sources/ read what their institutions document? Made-up content, in the columns named there."""

import gzip
import json
import re
import tarfile
import zipfile
from io import BytesIO
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from biglam_pipeline import pipeline
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.conftest import ROOT


def _zip(members: dict[str, bytes]) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _picture(kind: str = "JPEG") -> bytes:
    stream = BytesIO()
    Image.new("L", (8, 6)).save(stream, kind)
    return stream.getvalue()


def _tar(name: str, content: bytes, mode: Literal["w:gz", "w:"] = "w:gz") -> bytes:
    stream = BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, BytesIO(content))
    return stream.getvalue()


def _parquet(**columns: list[Any]) -> bytes:
    stream = BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


HMD = (
    "article_headline,item_type,ocr_quality_mean,ocr_quality_sd,word_count,plain_text_file,date,newspaper_title,location,"
    "source,text,year,month,day,NLP,issue,art_num\n"
    "FIRE IN ELM STREET,ARTICLE,0.81,0.12,4,0002642/1850/0104/a1.txt,1850-01-04,The Elm,London,British Library,"
    "A fire broke out.,1850,1,4,2642,0104,art0001\n"
)
ANIMACY = (
    "SentenceId\tSentence\tSentenceCtxt\tTargetExpression\tanimacy\thumanness\tDate\n"
    "s1\tThe ***engine*** sighed.\tIt rained. [SEP] The ***engine*** sighed.\tengine\t1.0\t0.5\t1850\n"
)
GALLICA = (
    "main_id\tcatalogue_id\ttitre\tnom_auteur\tprenom_auteur\tdate\tdocument_ocr\tdate_enligne\tgallica\tpage\ttexte\n"
    "bpt6k1_p7\tcb1\tLe chemin\tDupont\tMarie\t1850\t98.1\t2012\thttps://gallica.bnf.fr/ark:/12148/bpt6k1\t7\t"
    "Il pleuvait.\n"
    "bpt6k1_p8\tcb1\tLe chemin\tDupont\tMarie\t1850\t98.1\t2012\thttps://gallica.bnf.fr/ark:/12148/bpt6k1\t8\tNA\n"
)
ADS = (
    "file,label,box,score,pub_date,name,place_of_publication,ocr\n"
    'a.jpg,illustrations,"[0, 0, 1, 1]",0.9,1865-04-01,The Elm,Boston,Elm bark for all ills\n'
)
STORY = {
    "lccn": {"title": "The elm."},
    "edition": {"date": "1850-01-04"},
    "full articles": [{"headline": "FIRE", "byline": "", "article": "A fire broke out."}],
}
MET = (
    "Object Number,Object ID,Department,Object Name,Title,Culture,Artist Display Name,Object Date,Medium,Dimensions,"
    "Classification,Link Resource\n"
    "26.1,7,Drawings,Print,An elm,,Ann Other,1850,Ink,10 x 10 cm,Prints,http://www.metmuseum.org/art/collection/search/7\n"
)
MOMA = (
    "Title,Artist,Date,Medium,Dimensions,Department,ObjectID,URL,ImageURL\n"
    "An elm,Ann Other,1950,Ink,10 x 10 cm,Drawings,7,https://www.moma.org/collection/works/7,\n"
)
TATE = (
    "id,accession_number,artist,artistRole,artistId,title,dateText,medium,creditLine,year,acquisitionYear,dimensions,"
    "width,height,depth,units,inscription,thumbnailCopyright,thumbnailUrl,url\n"
    '7,A00007,"Other, Ann",artist,38,An elm,1850,Ink,Given 1922,1850,1922,10 x 10 mm,10,10,,mm,,,,'
    "http://www.tate.org.uk/art/artworks/other-an-elm-a00007\n"
)
NGA = {
    "objects.csv": (
        "objectid,accessionnum,title,displaydate,beginyear,endyear,medium,dimensions,inscription,attribution,"
        "classification,departmentabbr,wikidataid\n"
        "7,1937.1.7,Elms,c. 1310,1305,1315,tempera,10 x 10 cm,,Ann Other after Ben Else,Painting,DCPA,Q20173083\n"
    ),
    "objects_constituents.csv": (
        "objectid,constituentid,displayorder,roletype,role,prefix,suffix,displaydate,beginyear,endyear,country,zipcode\n"
        "7,1364,2,artist,painter,,,,,,,\n7,1365,1,artist,artist after,after,,,,,,\n7,9,1,donor,donor,,,,,,,\n"
    ),
    "constituents.csv": (
        "constituentid,ulanid,preferreddisplayname,forwarddisplayname,lastname,displaydate,artistofngaobject,beginyear,"
        "endyear,visualbrowsertimespan,nationality,visualbrowsernationality,constituenttype,wikidataid\n"
        '1364,,"Other, Ann",Ann Other,Other,"Sienese, 1255 - 1318",1,1255,1318,,Sienese,,individual,Q15792\n'
        '1365,,"Else, Ben",Ben Else,Else,,1,,,,,,individual,\n9,,"Giver, G.",G. Giver,Giver,,0,,,,,,individual,\n'
    ),
    "objects_terms.csv": (
        "termid,objectid,termtype,term,visualbrowsertheme,visualbrowserstyle\n1,7,Theme,trees,,\n2,7,Style,Gothic,,\n"
    ),
}
CLEVELAND = (
    "id,accession_number,share_license_status,title,creation_date,technique,department,type,url\n"
    "7,1916.7,CC0,An elm,1850,Ink,Drawings,Print,https://clevelandart.org/art/1916.7\n"
)
AIC = {
    "data": [
        {
            "id": 7,
            "title": "An elm",
            "artist_title": "Ann Other",
            "date_display": "1850",
            "is_public_domain": True,
            "image_id": "a",
        },
        {
            "id": 8,
            "title": "Shut",
            "artist_title": None,
            "date_display": "1999",
            "is_public_domain": False,
            "image_id": None,
        },
    ]
}
SMK = {
    "items": [
        {
            "object_number": "KMS7",
            "titles": [{"title": "Et elmetræ"}],
            "production": [{"creator": "Other, Ann"}],
            "rights": "https://creativecommons.org/publicdomain/zero/1.0/",
            "image_native": "https://api.smk.dk/api/v1/thumbnail/a.jpg",
        }
    ]
}
ALTO = (
    '<alto xmlns="http://www.loc.gov/standards/alto/ns-v2#"><Layout><Page ID="P1" WIDTH="8" HEIGHT="6"><PrintSpace>'
    '<TextBlock ID="B1"><TextLine><String CONTENT="ELM," WC="0.9"/><SP/><String CONTENT="Ulmus" WC="0.7"/></TextLine>'
    "</TextBlock></PrintSpace></Page></Layout></alto>"
)
PAGE = {"188/alto/188.3.xml": ALTO.encode(), "188/image/188.3.jpg": _picture(), "188/image/188.4.jpg": _picture()}
LINE = {"raw/data/a1.xml": ALTO.encode(), "raw/data/a1.png": _picture("PNG")}
BOOK = {
    "record_id": "000000196",
    "date": 1850,
    "raw_date": "1850",
    "title": "The elm",
    "place": "London",
    "empty_pg": False,
    "text": "An elm stood there.",
    "pg": 7,
    "mean_wc_ocr": 0.81,
    "std_wc_ocr": 0.12,
    "Name": "Other, Ann",
    "All names": "Other, Ann [person]",
    "Publisher": "Elm and Sons",
    "Country of publication 1": "England",
    "All Countries of publication": "England",
    "Physical description": "200 pages",
    "Language_1": "English",
    "Language_2": None,
    "Language_3": None,
    "Language_4": None,
    "multi_language": False,
}
BLANK = {**BOOK, "pg": 8, "text": "", "empty_pg": True}
LAW = (
    "id,source,jim_crow,type,chapter_num,section_num,chapter_text,section_text\n"
    "1899_public laws_385_4,murray,1,public laws,384,3,CHAPTER 384 An act,That when any coach shall be filled.\n"
)
SHAPES: dict[str, tuple[str, bytes, int, dict[str, Any]]] = {
    "hmd_newspapers": (
        "0002642.csv",
        HMD.encode(),
        1,
        {
            "title": "FIRE IN ELM STREET",
            "text": "A fire broke out.",
            "date_edtf": "1850-01-04",
            "collection": "The Elm",
        },
    ),
    "atypical_animacy": (
        "animacy.zip",
        _zip({"LwM-nlp-animacy-annotations-machines19thC.tsv": ANIMACY.encode()}),
        1,
        {"source_record_id": "s1", "target": "engine", "animacy": 1.0, "year_start": 1850},
    ),
    "blbooks-parquet": (
        "1850_1859.zip",
        _zip({"1850_1859/000000196_jsonl.gz": gzip.compress(_json(BOOK) + b"\n" + _json(BLANK) + b"\n")}),
        1,
        {
            "source_record_id": "000000196-7",
            "parent_id": "000000196",
            "text": "An elm stood there.",
            "languages": ["en"],
            "year_start": 1850,
        },
    ),
    "sloane-catalogues": (
        "sloane_ms_3972_c_1_jpegs.zip",
        _zip({"sloane_ms_3972_c!1_jpegs/sloane_ms_3972_c!1_224.jpg": _picture()}),
        1,
        {"title": "sloane_ms_3972_c!1_224", "collection": "sloane_ms_3972_c!1_jpegs", "width": 8},
    ),
    "on_the_books": (
        "training_set_v2.csv",
        LAW.encode(),
        1,
        {"text": "That when any coach shall be filled.", "year_start": 1899, "jim_crow": 1, "judged_by": "murray"},
    ),
    "dating-historical-color-images": (
        "decades.tar",
        _tar("HistoricalColor-ECCV2012/data/imgs/decade_database/1930s/a.jpg", _picture(), "w:"),
        1,
        {"year_start": 1930, "year_end": 1939, "width": 8},
    ),
    "oldbookillustrations": (
        "train-00000-of-00013.parquet",
        _parquet(
            **{"1600px": [{"bytes": _picture(), "path": "a.jpg"}], "rawscan": [{"bytes": _picture(), "path": "a.jpg"}]},
            info_url=["https://www.oldbookillustrations.com/illustrations/elm/"],
            info_alt=["An elm"],
            artist_name=["Ann Other"],
            book_title=["Trees"],
        ),
        1,
        {"title": "An elm", "collection": "Trees", "width": 8},
    ),
    "gallica_literary_fictions": (
        "1850.zip",
        _zip({"1850.tsv": GALLICA.encode()}),
        2,
        {"title": "Le chemin", "text": "Il pleuvait.", "seq": 7, "parent_id": "cb1", "year_start": 1850},
    ),
    "gutenberg-poetry-corpus": (
        "poetry.ndjson",
        b'{"s": "The elm stood by", "gid": "19"}\n',
        1,
        {"text": "The elm stood by", "parent_id": "19", "text_unit": "line"},
    ),
    "americanstories-parquet": (
        "faro_1850.tar.gz",
        _tar("faro_1850/1850-01-04_p1_sn1.json", _json(STORY)),
        1,
        {"title": "FIRE", "text": "A fire broke out.", "date_edtf": "1850-01-04", "newspaper": "The elm."},
    ),
    "kubhist2": (
        "kubhist2.zip",
        _zip(
            {f"{decade}/train-00000-of-00001.parquet": _parquet(text=[f"Almen, {decade}."]) for decade in (1640, 1650)}
        ),
        2,
        {"text_origin": "ocr", "languages": ["sv"], "n_words": 2},
    ),
    "illustrated_ads": (
        "ads.zip",
        _zip({"ads.csv": ADS.encode(), "images/a.jpg": _picture()}),
        1,
        {"title": "The Elm", "width": 8, "text": "Elm bark for all ills", "date_edtf": "1865-04-01", "score": 0.9},
    ),
    "encyclopaedia_britannica_illustrated": ("eb.zip", _zip(PAGE), 1, {"text": "ELM, Ulmus", "width": 8}),
    "bnl_ground_truth_newspapers_before_1878": (
        "gt.zip",
        _zip(LINE),
        1,
        {"text": "ELM, Ulmus", "text_origin": "keyed"},
    ),
    "met_openaccess": (
        "MetObjects.csv",
        MET.encode(),
        1,
        {"title": "An elm", "extent": "10 x 10 cm", "year_start": 1850},
    ),
    "moma_artworks": (
        "Artworks.csv",
        MOMA.encode(),
        1,
        {"title": "An elm", "department": "Drawings", "year_start": 1950},
    ),
    "tate_artworks": ("artwork_data.csv", TATE.encode(), 1, {"title": "An elm", "credit_line": "Given 1922"}),
    "nga_objects": (
        "opendata.zip",
        _zip({name: text.encode() for name, text in NGA.items()}),
        1,
        {
            "title": "Elms",
            "creators": [
                {
                    "name": "Ann Other",
                    "name_raw": "Ann Other",
                    "role": "art",
                    "uri": "http://www.wikidata.org/entity/Q15792",
                    "birth_year": 1255,
                    "death_year": 1318,
                },
                {
                    "name": "Ben Else",
                    "name_raw": "Ben Else",
                    "role": "artist after",
                    "uri": None,
                    "birth_year": None,
                    "death_year": None,
                },
            ],
            "subjects": [
                {"label": "trees", "uri": None, "scheme": "Theme"},
                {"label": "Gothic", "uri": None, "scheme": "Style"},
            ],
            "year_start": 1310,
        },
    ),
    "cleveland_openaccess": ("data.csv", CLEVELAND.encode(), 1, {"title": "An elm", "share_license_status": "CC0"}),
    "aic_artworks": ("page.json", _json(AIC), 1, {"title": "An elm", "rights_name": "cc0-1.0", "image_id": "a"}),
    "smk_public_domain": (
        "page.json",
        _json(SMK),
        1,
        {"title": "Et elmetræ", "rights_name": "cc0-1.0", "source_url": "https://open.smk.dk/en/artwork/image/KMS7"},
    ),
}
"""Entry -> name and bytes of a file, how many rows it makes, and what stands in the first."""


def entry_of(name: str) -> str:
    """An entry of sources.yaml or sources/, as it is written."""
    paths = [ROOT / "sources.yaml", *sorted((ROOT / "sources").glob("*.yaml"))]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    (found,) = [found[0] for text in texts if (found := re.search(rf"^  {name}:\n(?:    .+\n)+", text, re.MULTILINE))]
    return found


@pytest.mark.parametrize("name", SHAPES)
def test_an_entry_reads_what_is_documented(bench: Bench, name: str) -> None:
    file, content, count, expected = SHAPES[name]
    (bench.folder / file).write_bytes(content)
    bench.write("sources:\n" + re.sub(r'harvest: ("[^"]+"|\S+)', f"harvest: file:{file}", entry_of(name)))
    source = bench.source(name)
    pipeline.harvest_source(bench.run, source, bench.base(source))
    done = pipeline.normalize_source(bench.run, source, bench.base(source))
    assert (sum(one.rows for one in done.slices), sum(one.rejected for one in done.slices)) == (count, 0)
    row = bench.run.normalized(source).head(done.slices[0].key, 1).to_pylist()[0]
    assert {column: row[column] for column in expected} == expected
