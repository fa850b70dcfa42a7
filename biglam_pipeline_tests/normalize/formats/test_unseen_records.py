"""Made-up twins of records, tables and web archives of collections that no reader was built on: theirs is the shape.

Each is counted twice: what the reader gives, and what its own second count finds. The MARC, MODS, EAD and TEI among
them stand in `test_unseen_collections.py`, LIDO and EDM in `test_twins.py`.

The structures of Gallica, the Old Bailey, Smithsonian, the county atlas, Archivematica and Common Crawl were looked
up. Of The Met the whole header as projects quote it (metmuseum/openaccess itself holds a pointer of Git LFS); of the
Parquet what its users say of it, https://www.pitti.io/articles/french-pd-newspapers-pleias (identifier of Gallica,
title, author, number of words, text), so that the names of its columns are still not seen.
"""

import gzip
import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from biglam_pipeline.records import Bundle, Record
from biglam_pipeline_tests.normalize.bundles import item, laid_out, read, reader, records, rejects
from biglam_pipeline_tests.normalize.formats.grids import dbf

GALLICA = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2024-01-01T00:00:00Z</responseDate>
<request verb="ListRecords" set="gallica:theme:8:84" metadataPrefix="oai_dc">http://oai.bnf.fr/oai2/OAIHandler</request>
<ListRecords><record><header><identifier>oai:bnf.fr:gallica/ark:/12148/bpt6k1x</identifier>
<datestamp>2018-04-26</datestamp><setSpec>gallica:theme:8:84</setSpec><setSpec>gallica:typedoc:monographies</setSpec>
</header><metadata><oai_dc:dc xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/">
<dc:identifier>https://gallica.bnf.fr/ark:/12148/bpt6k1x</dc:identifier><dc:title>L'orme par "Mme O ***"</dc:title>
<dc:publisher>Les Ormes (Paris)</dc:publisher><dc:date>1868</dc:date><dc:format>In-18</dc:format>
<dc:language>fre</dc:language><dc:language>français</dc:language>
<dc:relation>Notice du catalogue : http://catalogue.bnf.fr/ark:/12148/cb1</dc:relation>
<dc:type xml:lang="eng">text</dc:type><dc:type xml:lang="fre">monographie imprimée</dc:type>
<dc:source>Bibliothèque nationale de France, Y2-1</dc:source>
<dc:rights xml:lang="fre">domaine public</dc:rights><dc:rights xml:lang="eng">public domain</dc:rights>
<dc:format>Nombre total de vues :  374</dc:format><dc:description>Contient une table des matières</dc:description>
<dc:description>Avec mode texte</dc:description></oai_dc:dc></metadata></record>
<resumptionToken completeListSize="1"/></ListRecords></OAI-PMH>"""
BAILEY = """<?xml version="1.0" encoding="UTF-8"?>
<TEI.2><text><body><div0 type="sessionsPaper" id="18000115"><interp inst="18000115" type="date" value="18000115"/>
<div1 type="frontMatter" id="f18000115-1"><p>BEFORE THE MAYOR</p></div1>
<div1 type="trialAccount" id="t18000115-1"><interp inst="t18000115-1" type="date" value="18000115"/>
<join result="criminalCharge" id="c1" targOrder="Y" targets="t18000115-1-defend1 t18000115-1-off1"/>
<p>1. <persName id="t18000115-1-defend1" type="defendantName">ANN ELM
<interp inst="t18000115-1-defend1" type="surname" value="ELM"/></persName> was indicted.</p>
<p><rs id="v1" type="verdictDescription"><interp inst="v1" type="verdictCategory" value="guilty"/>GUILTY</rs>.</p>
</div1>
<div1 type="trialAccount" id="t18000115-2"><interp inst="t18000115-2" type="date" value="18000115"/>
<p>2. JOHN OAK was <hi rend="italic">acquitted</hi>.</p></div1></div0></body></text></TEI.2>"""
DUBLIN_CORE = "".join(
    f"<dc:{name}>{text}</dc:{name}>"
    for name, text in {
        "title": "Papers of the Elm Society",
        "creator": "Elm Society",
        "date": "1901/1905",
        "type": "Archival Information Package",
        "identifier": "42/1",
        "rights": "Public Domain",
    }.items()
)
ARCHIVEMATICA = f"""<?xml version='1.0' encoding='utf-8'?>
<mets:mets xmlns:mets="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink">
<mets:metsHdr CREATEDATE="2024-01-18T23:12:02"/>
<mets:dmdSec ID="dmdSec_1" STATUS="original"><mets:mdWrap MDTYPE="DC"><mets:xmlData><dcterms:dublincore
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">{DUBLIN_CORE}
<dcterms:isPartOf>AIC#42</dcterms:isPartOf></dcterms:dublincore></mets:xmlData></mets:mdWrap></mets:dmdSec>
<mets:amdSec ID="amdSec_1"><mets:rightsMD ID="rightsMD_1"><mets:mdWrap MDTYPE="PREMIS:RIGHTS"><mets:xmlData>
<premis:rightsStatement xmlns:premis="http://www.loc.gov/premis/v3"><premis:rightsBasis>Copyright</premis:rightsBasis>
<premis:copyrightInformation><premis:copyrightStatus>publicdomain</premis:copyrightStatus>
<premis:copyrightJurisdiction>ca</premis:copyrightJurisdiction></premis:copyrightInformation></premis:rightsStatement>
</mets:xmlData></mets:mdWrap></mets:rightsMD></mets:amdSec>
<mets:fileSec><mets:fileGrp USE="original"><mets:file ID="file-1" GROUPID="Group-1" ADMID="amdSec_1">
<mets:FLocat xlink:href="objects/minutes.tif" LOCTYPE="OTHER" OTHERLOCTYPE="SYSTEM"/></mets:file></mets:fileGrp>
</mets:fileSec><mets:structMap ID="structMap_1" TYPE="physical" LABEL="Archivematica default">
<mets:div LABEL="elm-1" TYPE="Directory" DMDID="dmdSec_1"><mets:div LABEL="objects" TYPE="Directory">
<mets:div LABEL="minutes.tif" TYPE="Item"><mets:fptr FILEID="file-1"/></mets:div></mets:div></mets:div>
</mets:structMap></mets:mets>"""
HEADER = (
    "Object Number,Is Highlight,Is Timeline Work,Is Public Domain,Object ID,Gallery Number,Department,AccessionYear,"
    "Object Name,Title,Culture,Period,Dynasty,Reign,Portfolio,Constituent ID,Artist Role,Artist Prefix,"
    "Artist Display Name,Artist Display Bio,Artist Suffix,Artist Alpha Sort,Artist Nationality,Artist Begin Date,"
    "Artist End Date,Artist Gender,Artist ULAN URL,Artist Wikidata URL,Object Date,Object Begin Date,Object End Date,"
    "Medium,Dimensions,Credit Line,Geography Type,City,State,County,Country,Region,Subregion,Locale,Locus,Excavation,"
    "River,Classification,Rights and Reproduction,Link Resource,Object Wikidata URL,Metadata Date,Repository,Tags,"
    "Tags AAT URL,Tags Wikidata URL"
)


def met(number: int, **cells: str) -> str:
    """A line of MetObjects.csv. cells: by the heading, `_` for a blank; the others are empty."""
    written = {name.replace("_", " "): text for name, text in cells.items()}
    written |= {"Object ID": str(number), "Link Resource": f"http://www.metmuseum.org/art/collection/search/{number}"}
    return ",".join(
        f'"{one}"' if set(one) & set(',"\n') else one for one in map(written.get, HEADER.split(","), [""] * 54)
    )


MET = "\ufeff" + "\r\n".join(
    (
        HEADER,
        met(
            1,
            Object_Number="1979.486.1",
            Is_Public_Domain="False",
            Title="One-dollar Elm Coin",
            Artist_Role="Maker|Designer",
            Artist_Display_Name="Ann Elm|John Oak",
            Medium="Gold",
            Artist_Begin_Date="1794      |1800      ",
            Object_Date="ca. 1853",
            Object_Begin_Date="1850",
        ),
        met(
            2,
            Object_Number="67.265.9",
            Is_Public_Domain="True",
            Title='Bust of ""Elm""',
            Tags="Men|Busts",
            Object_Date="late 19th century",
            Medium="Plaster\r\nwood",
            Department="Arms, and Armor",
        ),
        "",
    )
)
COUNTIES = dbf(
    (
        *(("ID_NUM", "N", 5), ("NAME", "C", 20), ("STATE_TERR", "C", 25), ("VERSION", "N", 3)),
        *(("START_DATE", "D", 8), ("END_N", "N", 8), ("AREA_SQMI", "N", 9), ("FULL_NAME", "C", 30)),
    ),
    (
        (b"    1", b"ELM", b"Ohio", b"  1", b"17830903", b"18001230", b"    412.5", b"ELM"),
        (b"    2", b"OAK", b"Ohio Territory", b"  1", b"18001231", b"20001231", b"       90", b"OAK (ext)"),
    ),
)


def smithsonian(number: int) -> dict[str, Any]:
    """A record of Open Access: a line of `metadata/edan/nmah/00.txt`."""
    described = {
        "record_ID": f"nmah_{number}",
        "unit_code": "NMAH",
        "title": {"label": "Title", "content": f"Elm plank {number}"},
        "record_link": f"http://n2t.net/ark:/1/{number}",
        "metadata_usage": {"access": "CC0"},
    }
    text = {
        "date": [{"label": "date made", "content": "ca 1892"}],
        "name": [{"label": "maker", "content": "Elm, Ann"}, {"label": "owner", "content": "Oak, Bo"}],
        "notes": [{"label": "Location", "content": "Not on view"}, {"label": "Description", "content": "A plank."}],
    }
    content = {"descriptiveNonRepeating": described, "indexedStructured": {"date": ["1890s"]}, "freetext": text}
    return {"id": f"edanmdm-nmah_{number}", "version": "", "type": "edanmdm", "content": content, "hash": "a"}


def parquet(**columns: Any) -> bytes:
    written = io.BytesIO()
    pq.write_table(pa.table(columns), written)
    return written.getvalue()


def warc(kind: str, body: bytes, number: int, *more: str) -> bytes:
    head = [
        *("WARC/1.0", f"WARC-Type: {kind}", "WARC-Date: 2024-04-15T12:34:56Z"),
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012d}>",
        *(*more, f"Content-Length: {len(body)}"),
    ]
    return gzip.compress("\r\n".join(head).encode() + b"\r\n\r\n" + body + b"\r\n\r\n")


PAGE = b"<!DOCTYPE html><html lang='de'><head><title>Ulmen</title></head><body><p>Die Ulme steht.</p></body></html>"
AT = "WARC-Target-URI: https://elm.example/a"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=UTF-8\r\nX-Crawler-Content-Encoding: gzip\r\n\r\n" + PAGE
CRAWL = (
    warc("warcinfo", b"isPartOf: CC-MAIN-2024-18\r\n", 1, "Content-Type: application/warc-fields")
    + warc("request", b"GET /a HTTP/1.1\r\n\r\n", 2, AT, "Content-Type: application/http; msgtype=request")
    + warc("response", ANSWER, 3, AT, "Content-Type: application/http; msgtype=response")
    + warc("metadata", b"fetchTimeMs: 77\r\n", 4, AT, "Content-Type: application/warc-fields")
)
TEXTS = "content.freetext.notes[?label=='Description'].content | [0]"
TWINS: dict[str, tuple[dict[str, Any], dict[str, str | bytes], list[dict[str, Any]]]] = {
    "Gallica (OAI-PMH, Dublin Core)": (
        {"type": "oai_dc"},
        {"page": GALLICA},
        [
            {
                "id": "oai:bnf.fr:gallica/ark:/12148/bpt6k1x",
                "type": "Text",
                "title": 'L\'orme par "Mme O ***"',
                "languages": ["fre", "français"],
                "genres": ["text", "monographie imprimée"],
                "rights_raw": ["domaine public", "public domain"],
                "source_url": "https://gallica.bnf.fr/ark:/12148/bpt6k1x",
            }
        ],
    ),
    "Old Bailey Online (XML)": (
        {
            "type": "xml",
            "rows": "//div1",
            "where": {"@type": "trialAccount"},
            "map": {
                "id": "@id",
                "date": "interp[@type='date']/@value",
                "creators": ".//persName[@type='defendantName']",
                "title": "p[1]",
                "extra": {"verdict": ".//interp[@type='verdictCategory']/@value"},
            },
        },
        {"sessionsPapers/18000115.xml": BAILEY},
        [
            {"id": "t18000115-1", "date_raw": ["18000115"], "creators": ["ANN ELM"], "verdict": "guilty"},
            {"id": "t18000115-2", "title": "2. JOHN OAK was acquitted.", "creators": None, "verdict": None},
        ],
    ),
    "The Metropolitan Museum of Art (CSV)": (
        {
            "type": "table",
            "map": {
                "id": "Object ID",
                "title": "Title",
                "date": "Object Date",
                "creators": "Artist Display Name >> split(|)",
                "subjects": "Tags >> split(|)",
                "extra": ["Is Public Domain", "Medium"],
            },
        },
        {"MetObjects.csv": MET},
        [
            {"id": "1", "creators": ["Ann Elm", "John Oak"], "date_raw": ["ca. 1853"], "Is Public Domain": "False"},
            {"id": "2", "title": 'Bust of "Elm"', "subjects": ["Men", "Busts"], "Medium": "Plaster\r\nwood"},
        ],
    ),
    "Atlas of Historical County Boundaries, Newberry Library (DBF)": (
        {
            "type": "table",
            "map": {"id": "ID_NUM", "title": "FULL_NAME", "date": "START_DATE", "extra": ["STATE_TERR", "AREA_SQMI"]},
        },
        {"US_HistCounties.dbf": COUNTIES},
        [
            {"id": "1", "title": "ELM", "date_raw": ["1783-09-03"], "STATE_TERR": "Ohio", "AREA_SQMI": "412.5"},
            {"id": "2", "title": "OAK (ext)", "date_raw": ["1800-12-31"], "STATE_TERR": "Ohio Territory"},
        ],
    ),
    "Smithsonian Open Access (a record a line)": (
        {
            "type": "json",
            "modality": "metadata",
            "files": "*.txt",
            "map": {
                "id": "id",
                "title": "content.descriptiveNonRepeating.title.content",
                "date": "content.freetext.date[0].content",
                "creators": "content.freetext.name[].content",
                "description": TEXTS,
            },
        },
        {"metadata/edan/nmah/00.txt": "".join(json.dumps(smithsonian(one)) + "\n" for one in (1, 2))},
        [
            {"id": "edanmdm-nmah_1", "creators": ["Elm, Ann", "Oak, Bo"], "description": "A plank."},
            {"id": "edanmdm-nmah_2", "title": "Elm plank 2", "date_raw": ["ca 1892"]},
        ],
    ),
    "French public-domain newspapers (Parquet)": (
        {
            "type": "parquet",
            "map": {"id": "file_id", "title": "title", "date": "date", "creators": "author", "text": "complete_text"},
        },
        {
            "gallica_presse_1.parquet": parquet(
                file_id=["bpt6k1", "bpt6k2"],
                ocr=["90", "100"],
                title=["Le petit orme", "Gazette des ormes"],
                date=["1868-05-03", "1789"],
                author=[None, "Orme, Anne"],
                word_count=pa.array([3, 2], pa.int64()),
                complete_text=["Un orme mort.", "Un orme"],
            )
        },
        [
            {"id": "bpt6k1", "date_raw": ["1868-05-03"], "creators": None, "text": "Un orme mort."},
            {"id": "bpt6k2", "title": "Gazette des ormes", "creators": ["Orme, Anne"], "text": "Un orme"},
        ],
    ),
    "Archivematica (METS)": (
        {"type": "mets"},
        {"elm-1/METS.1.xml": ARCHIVEMATICA},
        [
            {
                "id": "elm-1/METS.1.xml",
                "title": "Papers of the Elm Society",
                "creators": ["Elm Society"],
                "date_raw": ["1901/1905"],
                "collection": "AIC#42",
                "rights_raw": ["Public Domain", "Public domain"],
            }
        ],
    ),
    "Common Crawl (WARC)": (
        {"type": "warc"},
        {"CC-MAIN-20240412101354-00000.warc.gz": CRAWL},
        [
            {
                "id": "urn:uuid:00000000-0000-0000-0000-000000000003",
                "title": "Ulmen",
                "text": "Die Ulme steht.",
                "languages": ["de"],
                "source_url": "https://elm.example/a",
                "date_type": "captured",
            }
        ],
    ),
}


def said_of(row: Record) -> dict[str, Any]:
    return {**row.values, **row.extra, "id": row.source_record_id}


@pytest.mark.parametrize("name", TWINS)
def test_a_twin_is_read_and_counted(name: str) -> None:
    settings, contents, due = TWINS[name]
    items = {one: item(one, data if isinstance(data, bytes) else data.encode()) for one, data in contents.items()}
    made = reader(**settings)
    found = read(made, items)
    assert not rejects(found)
    rows = [said_of(row) for row in records(found)]
    assert [{column: row.get(column) for column in want} for row, want in zip(rows, due, strict=True)] == due
    bundles = [Bundle(bundle, tuple(items[one] for one in names)) for bundle, names in laid_out(made, items).items()]
    left_out = sum(getattr(one, "left_out", 0) for one in found)
    assert sum(made.expected(bundle) or 0 for bundle in bundles) == len(due) + left_out
