"""Tables, JSON and Parquet, as their institutions document them."""

import gzip

from biglam_pipeline_tests.source.shapes.made import Shape, as_json, parquet, tarred, zipped

HMD = (
    "article_headline,item_type,ocr_quality_mean,ocr_quality_sd,word_count,plain_text_file,date,newspaper_title,"
    "location,"
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
STORY = {
    "lccn": {"title": "The elm."},
    "edition": {"date": "1850-01-04"},
    "full articles": [{"headline": "FIRE", "byline": "", "article": "A fire broke out."}],
}
MET = (
    "Object Number,Object ID,Department,Object Name,Title,Culture,Artist Display Name,Object Date,Medium,Dimensions,"
    "Classification,Link Resource\n"
    "26.1,7,Drawings,Print,An elm,,Ann Other,1850,Ink,10 x 10 cm,Prints,"
    "http://www.metmuseum.org/art/collection/search/7\n"
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
        "objectid,constituentid,displayorder,roletype,role,prefix,suffix,displaydate,beginyear,endyear,country,"
        "zipcode\n"
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
TAGGED = {
    "id": 7,
    "hash_id": "a7",
    "titles": [{"id": 1, "name": "Ulme"}],
    "creators": [{"id": 2, "name": "Ann Other"}],
    "location": "München",
    "institution": "A museum",
    "source": {"id": 3, "name": "Artemis", "url": "https://artemis.example/"},
    "path": "a7.jpg",
    "tags": [
        {"id": 4, "name": "Baum", "language": "de", "count": 3, "regions": []},
        {
            "id": 5,
            "name": "tree",
            "language": "en",
            "count": 1,
            "regions": [{"x": 0.1, "y": 0.1, "width": 0.2, "height": 0.2}],
        },
    ],
}
BLANK = {**BOOK, "pg": 8, "text": "", "empty_pg": True}
LAW = (
    "id,source,jim_crow,type,chapter_num,section_num,chapter_text,section_text\n"
    "1899_public laws_385_4,murray,1,public laws,384,3,CHAPTER 384 An act,That when any coach shall be filled.\n"
)
SHAPES: dict[str, Shape] = {
    "hmd_newspapers": Shape(
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
    "atypical_animacy": Shape(
        "animacy.zip",
        zipped({"LwM-nlp-animacy-annotations-machines19thC.tsv": ANIMACY.encode()}),
        1,
        {"source_record_id": "s1", "target": "engine", "animacy": 1.0, "year_start": 1850},
    ),
    "blbooks-parquet": Shape(
        "1850_1859.zip",
        zipped({"1850_1859/000000196_jsonl.gz": gzip.compress(as_json(BOOK) + b"\n" + as_json(BLANK) + b"\n")}),
        1,
        {
            "source_record_id": "000000196-7",
            "parent_id": "000000196",
            "text": "An elm stood there.",
            "languages": ["en"],
            "year_start": 1850,
        },
    ),
    "on_the_books": Shape(
        "training_set_v2.csv",
        LAW.encode(),
        1,
        {"text": "That when any coach shall be filled.", "year_start": 1899, "jim_crow": 1, "judged_by": "murray"},
    ),
    "gallica_literary_fictions": Shape(
        "1850.zip",
        zipped({"1850.tsv": GALLICA.encode()}),
        2,
        {"title": "Le chemin", "text": "Il pleuvait.", "seq": 7, "parent_id": "cb1", "year_start": 1850},
    ),
    "gutenberg-poetry-corpus": Shape(
        "poetry.ndjson",
        b'{"s": "The elm stood by", "gid": "19"}\n',
        1,
        {"text": "The elm stood by", "parent_id": "19", "text_unit": "line"},
    ),
    "americanstories-parquet": Shape(
        "faro_1850.tar.gz",
        tarred("faro_1850/1850-01-04_p1_sn1.json", as_json(STORY)),
        1,
        {"title": "FIRE", "text": "A fire broke out.", "date_edtf": "1850-01-04", "newspaper": "The elm."},
    ),
    "kubhist2": Shape(
        "kubhist2.zip",
        zipped(
            {f"{decade}/train-00000-of-00001.parquet": parquet(text=[f"Almen, {decade}."]) for decade in (1640, 1650)}
        ),
        2,
        {"text_origin": "ocr", "languages": ["sv"], "n_words": 2},
    ),
    "met_openaccess": Shape(
        "MetObjects.csv",
        MET.encode(),
        1,
        {"title": "An elm", "extent": "10 x 10 cm", "year_start": 1850},
    ),
    "moma_artworks": Shape(
        "Artworks.csv",
        MOMA.encode(),
        1,
        {"title": "An elm", "department": "Drawings", "year_start": 1950},
    ),
    "tate_artworks": Shape("artwork_data.csv", TATE.encode(), 1, {"title": "An elm", "credit_line": "Given 1922"}),
    "nga_objects": Shape(
        "opendata.zip",
        zipped({name: text.encode() for name, text in NGA.items()}),
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
    "cleveland_openaccess": Shape(
        "data.csv", CLEVELAND.encode(), 1, {"title": "An elm", "share_license_status": "CC0"}
    ),
    "aic_artworks": Shape("page.json", as_json(AIC), 1, {"title": "An elm", "rights_name": "cc0-1.0", "image_id": "a"}),
    "smk_public_domain": Shape(
        "page.json",
        as_json(SMK),
        1,
        {"title": "Et elmetræ", "rights_name": "cc0-1.0", "source_url": "https://open.smk.dk/en/artwork/image/KMS7"},
    ),
    "cultural_heritage_metadata_accuracy": Shape(
        "default",
        {"train/0000.parquet": parquet(metadata_text=["Figura: olmo"], label=[0], source=["OpereArteVisiva"])},
        1,
        {"text": "Figura: olmo", "domain": "OpereArteVisiva", "languages": ["it"]},
    ),
    "artigo": Shape(
        "8202331",
        {"data.jsonl": as_json(TAGGED) + b"\n", "images.zip": zipped({})},
        1,
        {
            "title": "Ulme",
            "spatial": [{"name": "München", "uri": None}],
            "institution": "A museum",
            "subjects": [
                {"label": "Baum", "uri": None, "scheme": None},
                {"label": "tree", "uri": None, "scheme": None},
            ],
        },
    ),
}
