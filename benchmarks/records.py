"""Made-up files of the other formats: pages read by machine, records of libraries, books, and lists of words.

As `pages`, everything follows from a seed; each format has about what one file of the field has.
"""

import base64
import gzip
import hashlib
import json
import re
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from html import escape
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from benchmarks.pages import LINE_WORDS, Words, make_alto

LINES = 320
"""Of a page: a newspaper's, as in `pages`."""
RECORDS = 200
"""Of a file of records."""


def _files(folder: Path, size: int, extension: str, make: Callable[[Words, int], str]) -> None:
    words, number = Words(), 0
    while size > 0:
        data = make(words, number).encode()
        (folder / f"{number:05d}{extension}").write_bytes(data)
        number, size = number + 1, size - len(data)


def make_page_xml(folder: Path, size: int) -> None:
    """Pages as Transkribus has them: an outline and a text for each line, one region."""
    _files(folder, size, ".xml", _page_xml)


def _page_xml(words: Words, number: int) -> str:
    texts = (" ".join(words.some(LINE_WORDS)) for _ in range(LINES))
    lines = "".join(
        f'<TextLine id="l{at}" custom="readingOrder {{index:{at};}}"><Coords points="120,{at * 30} 980,{at * 30} '
        f'980,{at * 30 + 28} 120,{at * 30 + 28}"/><Baseline points="120,{at * 30 + 25} 980,{at * 30 + 25}"/>'
        f"<TextEquiv><Unicode>{text}</Unicode></TextEquiv></TextLine>\n"
        for at, text in enumerate(texts)
    )
    return (
        '<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2013-07-15">'
        f'<Page imageFilename="{number}.jpg" imageWidth="2600" imageHeight="9900"><TextRegion id="r1">'
        f'<Coords points="100,0 1000,0 1000,9900 100,9900"/>\n{lines}</TextRegion></Page></PcGts>'
    )


def make_hocr(folder: Path, size: int) -> None:
    """Pages as Tesseract has them: a box and a confidence for each word."""
    _files(folder, size, ".hocr", _hocr)


def _hocr(words: Words, number: int) -> str:
    lines = []
    for at in range(LINES):
        box = f"bbox 120 {at * 30} 980 {at * 30 + 28}"
        spans = " ".join(
            f"<span class='ocrx_word' id='w_{at}_{place}' title='bbox {120 + place * 90} {at * 30} {200 + place * 90} "
            f"{at * 30 + 28}; x_wconf {words.number(100)}'>{word}</span>"
            for place, word in enumerate(words.some(LINE_WORDS))
        )
        lines.append(f"<span class='ocr_line' title='{box}; baseline 0 -5'>{spans}</span>\n")
    return (
        "<?xml version='1.0' encoding='UTF-8'?><html xmlns='http://www.w3.org/1999/xhtml'><head><title/></head><body>"
        f"<div class='ocr_page' title='image \"{number}.png\"; bbox 0 0 2600 9900; ppageno 0'>"
        f"<p class='ocr_par'>{''.join(lines)}</p></div></body></html>"
    )


def make_abbyy(folder: Path, size: int) -> None:
    """Books as FineReader exports them: a place and a confidence for each character."""
    _files(folder, size, "_abbyy.xml", _abbyy)


def _abbyy(words: Words, number: int) -> str:
    return f'<document producer="FineReader 11.0">{"".join(_leaf(words) for _ in range(4))}</document>'


def _leaf(words: Words) -> str:
    lines = "".join(_letters(words, at * 30) for at in range(40))
    box = 'l="100" t="0" r="1000" b="1300"'
    text = f'<block blockType="Text" {box}><text><par>{lines}</par></text></block>'
    return f'<page width="1100" height="1400">{text}</page>'


def _letters(words: Words, top: int) -> str:
    letters = "".join(
        f'<charParams l="{120 + place * 12}" t="{top}" r="{130 + place * 12}" b="{top + 28}" wordStart="false" '
        f'charConfidence="{words.number(100)}">{letter}</charParams>'
        for place, letter in enumerate(" ".join(words.some(LINE_WORDS)))
    )
    box = f'l="120" t="{top}" r="980" b="{top + 28}"'
    return f'<line baseline="{top}" {box}><formatting lang="FrenchStandard">{letters}</formatting></line>'


def make_didl(folder: Path, size: int) -> None:
    """Newspapers as Delpher has them: four pages of ALTO, and an article for each block."""
    make_alto(folder, size)
    leaves = sorted(folder.iterdir())
    for at in range(0, len(leaves), 4):
        issue = leaves[at : at + 4]
        pages = "".join(
            f'<Item><Component dc:identifier="{one.stem}"><Descriptor><Statement dc:type="role">alto</Statement>'
            f'</Descriptor><Resource mimeType="text/xml" ref="{one.name}"/></Component></Item>'
            for one in issue
        )
        blocks = [(one.name, name) for one in issue for name in re.findall(r'<TextBlock ID="([^"]+)"', one.read_text())]
        articles = "".join(
            f'<Item dc:identifier="a{number}"><Descriptor><Statement dc:type="role">article</Statement></Descriptor>'
            f'<Component><Resource><zoning><article-part><blocks alto="{page}"><TextBlock ID="{block}"/></blocks>'
            "</article-part></zoning></Resource></Component></Item>"
            for number, (page, block) in enumerate(blocks)
        )
        head = '<DIDL xmlns:dc="http://purl.org/dc/elements/1.1/"><Item dc:identifier="i">'
        (folder / f"issue-{at:05d}.xml").write_text(f"{head}{pages}{articles}</Item></DIDL>")


def make_mets(folder: Path, size: int) -> None:
    """Volumes as the DFG Viewer has them: a description, and two hundred pages that are not here."""
    _files(folder, size, ".xml", _mets)


def _mets(words: Words, number: int) -> str:
    files = "".join(
        f'<file ID="F{at}" MIMETYPE="image/jpeg"><FLocat LOCTYPE="URL" xlink:href="https://a.org/{number}/{at}.jpg"/></file>'
        for at in range(200)
    )
    leaves = "".join(f'<div TYPE="page" ORDER="{at}"><fptr FILEID="F{at}"/></div>' for at in range(200))
    record = _mods(words, number).replace("<mods>", '<mods xmlns="http://www.loc.gov/mods/v3">')
    return (
        '<mets xmlns="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink"><dmdSec ID="D"><mdWrap '
        f'MDTYPE="MODS"><xmlData>{record}</xmlData></mdWrap></dmdSec><fileSec><fileGrp>{files}</fileGrp></fileSec>'
        '<structMap TYPE="LOGICAL"><div TYPE="monograph" DMDID="D"/></structMap><structMap TYPE="PHYSICAL"><div '
        f'TYPE="physSequence">{leaves}</div></structMap></mets>'
    )


def make_mods(folder: Path, size: int) -> None:
    """Collections of descriptions of books."""
    _files(folder, size, ".xml", lambda words, number: _records("modsCollection", _MODS, _mods, words, number))


def make_ead(folder: Path, size: int) -> None:
    """Finding aids of one series with its files."""
    _files(folder, size, ".ead", _ead)


def make_edm(folder: Path, size: int) -> None:
    """Lists of objects of Europeana, as its providers send them."""
    _files(folder, size, ".xml", lambda words, number: _records("records", _EDM, _edm, words, number))


def make_lido(folder: Path, size: int) -> None:
    """Wraps of a museum's objects."""
    _files(folder, size, ".xml", lambda words, number: _records("lidoWrap", _LIDO, _lido, words, number))


def make_xml(folder: Path, size: int) -> None:
    """A catalogue in a vocabulary of its own."""
    _files(folder, size, ".xml", lambda words, number: _records("catalogue", "", _card, words, number))


_MODS = ' xmlns="http://www.loc.gov/mods/v3"'
_LIDO = ' xmlns="http://www.lido-schema.org"'
_EDM = (
    ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:edm="http://www.europeana.eu/schemas/edm/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:ore="http://www.openarchives.org/ore/terms/"'
)


def _records(root: str, names: str, one: Callable[[Words, int], str], words: Words, number: int) -> str:
    inside = "\n".join(one(words, number * RECORDS + at) for at in range(RECORDS))
    return f"<{root}{names}>\n{inside}\n</{root}>"


def _mods(words: Words, number: int) -> str:
    found = words.some(30)
    return (
        f"<mods><titleInfo><title>{' '.join(found[:8])}</title></titleInfo><name type='personal'><namePart>"
        f"{found[8].capitalize()}, {found[9].capitalize()}</namePart><role><roleTerm type='code'>aut</roleTerm></role>"
        f"</name><originInfo><place><placeTerm type='text'>London</placeTerm></place><publisher>{found[10]}</publisher>"
        f"<dateIssued>{1700 + words.number(220)}</dateIssued></originInfo><language><languageTerm type='code'>eng"
        f"</languageTerm></language><abstract>{' '.join(found[11:26])}</abstract><subject><topic>{found[27]}</topic>"
        f"</subject><identifier type='local'>m{number}</identifier></mods>"
    )


def _ead(words: Words, number: int) -> str:
    parts = "\n".join(_ead_file(words, f"f{number}-{at}") for at in range(RECORDS))
    about = f"<unittitle>Papers of {words.some(1)[0]}</unittitle><unitdate normal='1800/1950'>1800-1950</unitdate>"
    language = "<langmaterial><language langcode='eng'>English</language></langmaterial>"
    series = f"<c01 level='series' id='s{number}'><did><unittitle>Letters</unittitle></did>\n{parts}\n</c01>"
    return (
        f'<ead xmlns="urn:isbn:1-931666-22-9"><eadheader><eadid>aid-{number}</eadid></eadheader>'
        f"<archdesc level='fonds'><did>{about}{language}</did><accessrestrict><p>Open.</p></accessrestrict>"
        f"<dsc>{series}</dsc></archdesc></ead>"
    )


def _ead_file(words: Words, name: str) -> str:
    found = words.some(26)
    year = 1800 + words.number(150)
    return (
        f"<c02 level='file' id='{name}'><did><container type='box'>{words.number(40)}</container><unittitle>"
        f"{' '.join(found[:6])}, <unitdate normal='{year}'>{year}</unitdate></unittitle><physdesc><extent>1 folder"
        f"</extent></physdesc></did><scopecontent><p>{' '.join(found[6:])}</p></scopecontent></c02>"
    )


def _edm(words: Words, number: int) -> str:
    found = words.some(30)
    return (
        f"<rdf:RDF><edm:ProvidedCHO rdf:about='#o{number}'><dc:title>{' '.join(found[:8])}</dc:title><dc:creator>"
        f"{found[8].capitalize()}, {found[9].capitalize()}</dc:creator><dc:date>{1700 + words.number(220)}</dc:date>"
        f"<dc:language>en</dc:language><dc:description>{' '.join(found[10:25])}</dc:description><dc:subject>{found[26]}"
        f"</dc:subject><edm:type>TEXT</edm:type></edm:ProvidedCHO><ore:Aggregation rdf:about='#a{number}'>"
        f"<edm:aggregatedCHO rdf:resource='#o{number}'/><edm:dataProvider>A Library</edm:dataProvider><edm:rights "
        "rdf:resource='http://creativecommons.org/publicdomain/mark/1.0/'/></ore:Aggregation></rdf:RDF>"
    )


def _lido(words: Words, number: int) -> str:
    found = words.some(30)
    name = f"{found[8].capitalize()}, {found[9].capitalize()}"
    year = 1700 + words.number(220)
    return (
        f"<lido><lidoRecID type='local'>l{number}</lidoRecID><descriptiveMetadata xml:lang='en'>"
        f"<objectClassificationWrap><objectWorkTypeWrap><objectWorkType><term>{found[26]}</term></objectWorkType>"
        f"</objectWorkTypeWrap></objectClassificationWrap><objectIdentificationWrap><titleWrap><titleSet>"
        f"<appellationValue>{' '.join(found[:8])}</appellationValue></titleSet></titleWrap><repositoryWrap>"
        f"<repositorySet><workID type='inventory number'>{number}</workID></repositorySet></repositoryWrap>"
        f"<objectDescriptionWrap><objectDescriptionSet><descriptiveNoteValue>{' '.join(found[10:25])}"
        "</descriptiveNoteValue></objectDescriptionSet></objectDescriptionWrap></objectIdentificationWrap><eventWrap>"
        "<eventSet><event><eventType><term>production</term></eventType><eventActor><actorInRole><actor><nameActorSet>"
        f"<appellationValue>{name}</appellationValue></nameActorSet></actor><roleActor><term>painter</term></roleActor>"
        f"</actorInRole></eventActor><eventDate><displayDate>about {year}</displayDate><date><earliestDate>{year - 5}"
        f"</earliestDate><latestDate>{year + 5}</latestDate></date></eventDate></event></eventSet></eventWrap>"
        "</descriptiveMetadata><administrativeMetadata xml:lang='en'><rightsWorkWrap><rightsWorkSet><rightsType>"
        "<conceptID>http://creativecommons.org/publicdomain/mark/1.0/</conceptID></rightsType></rightsWorkSet>"
        "</rightsWorkWrap></administrativeMetadata></lido>"
    )


def _card(words: Words, number: int) -> str:
    found = words.some(30)
    return (
        f"<card n='{number}'><title>{' '.join(found[:8])}</title><author>{found[8]}, {found[9]}</author><year>"
        f"{1700 + words.number(220)}</year><note>{' '.join(found[10:30])}</note></card>"
    )


def make_text(folder: Path, size: int) -> None:
    """Books of 60,000 words."""
    _files(folder, size, ".txt", lambda words, number: "\n\n".join(" ".join(words.some(100)) for _ in range(600)))


def make_json(folder: Path, size: int) -> None:
    """Lists of a museum's objects."""
    _files(folder, size, ".json", lambda words, number: json.dumps(_objects(words, number)))


def _objects(words: Words, number: int) -> list[dict[str, object]]:
    return [_object(words, number * RECORDS + at) for at in range(RECORDS)]


def _object(words: Words, number: int) -> dict[str, object]:
    found = words.some(30)
    maker = {"name": f"{found[8]} {found[9]}", "born": 1700 + words.number(200)}
    return {
        "id": number,
        "title": " ".join(found[:8]),
        "date": str(1700 + words.number(220)),
        "makers": [maker],
        "description": " ".join(found[10:30]),
    }


def make_iiif(folder: Path, size: int) -> None:
    """Manifests of Presentation 3: books of forty leaves, each with a label and an image service."""
    _files(folder, size, ".json", lambda words, number: json.dumps(_manifest(words, number)))


def _manifest(words: Words, number: int) -> dict[str, object]:
    base, found = f"https://iiif.example/{number}", words.some(20)
    said = [
        ("Author", f"{found[0]} {found[1]}"),
        ("Date", str(1500 + words.number(400))),
        ("Shelfmark", f"MS {number}"),
    ]
    return {
        "@context": "http://iiif.io/api/presentation/3/context.json",
        "id": f"{base}/manifest",
        "type": "Manifest",
        "label": {"en": [" ".join(found[2:10])]},
        "metadata": [{"label": {"en": [label]}, "value": {"none": [value]}} for label, value in said],
        "rights": "http://creativecommons.org/publicdomain/mark/1.0/",
        "requiredStatement": {"label": {"en": ["Held by"]}, "value": {"en": ["A Library"]}},
        "items": [_canvas(f"{base}/{leaf}", leaf) for leaf in range(1, 41)],
    }


def _canvas(base: str, leaf: int) -> dict[str, object]:
    service = {"id": f"{base}/image", "type": "ImageService3", "profile": "level1"}
    size = {"width": 2400, "height": 3600}
    body = {"id": f"{base}/image/full/max/0/default.jpg", "type": "Image", "format": "image/jpeg", **size}
    painting = {"id": f"{base}/painting", "type": "Annotation", "motivation": "painting", "target": base}
    page = {
        "id": f"{base}/page",
        "type": "AnnotationPage",
        "items": [{**painting, "body": {**body, "service": [service]}}],
    }
    return {"id": base, "type": "Canvas", "label": {"none": [f"f. {leaf}r"]}, **size, "items": [page]}


def make_images(folder: Path, size: int) -> None:
    """Photographs in JPEG, about 200 KB each: gradients with grain, no two alike."""
    words, written, number = Words(), 0, 0
    across = np.linspace(0, 180, 900)[None, :, None] + np.linspace(0, 60, 1200)[:, None, None]
    while written < size:
        grain = words.random.integers(0, 16, (1200, 900, 3))
        path = folder / f"{number:05d}.jpg"
        Image.fromarray((across + grain).astype(np.uint8)).save(path, quality=80)
        written, number = written + path.stat().st_size, number + 1


def make_parquet(folder: Path, size: int) -> None:
    """One file of a museum's objects by columns, of about so many bytes before they are packed."""
    words = Words()
    rows = [_object(words, number) for number in range(size // 250)]
    pq.write_table(pa.Table.from_pylist(rows), folder / "objects.parquet")


def make_xlsx(folder: Path, size: int) -> None:
    """One sheet of a museum's objects, its texts in the cells as many programs write them; `size` is of its XML."""
    words = Words()
    rows = [_cells_of(_object(words, number)) for number in range(size // 500)]
    inside = "".join(
        f"<row r='{at}'>{''.join(map(_written, cells))}</row>"
        for at, cells in enumerate([list(_object(words, 0)), *rows], 1)
    )
    with zipfile.ZipFile(folder / "objects.xlsx", "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in _WORKBOOK.items():
            package.writestr(name, body)
        sheet = f"<worksheet xmlns='{_MAIN}'><sheetData>{inside}</sheetData></worksheet>"
        package.writestr("xl/worksheets/sheet1.xml", sheet)


def make_sqlite(folder: Path, size: int) -> None:
    """One table of a museum's objects."""
    words = Words()
    names = list(_object(words, 0))
    with closing(sqlite3.connect(folder / "objects.sqlite")) as database:
        database.execute(f"CREATE TABLE objects ({', '.join(names)})")
        rows = (_cells_of(_object(words, number)) for number in range(size // 250))
        database.executemany(f"INSERT INTO objects VALUES ({', '.join('?' * len(names))})", rows)  # noqa: S608
        database.commit()


def _written(cell: str) -> str:
    return f"<c t='inlineStr'><is><t>{escape(cell)}</t></is></c>"


def _cells_of(one: dict[str, object]) -> list[str]:
    return [str(value) for value in one.values()]


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_WORKBOOK = {
    "_rels/.rels": f"<Relationships xmlns='{_LINKS}'><Relationship Id='r' Type='{_OFFICE}/officeDocument' "
    "Target='xl/workbook.xml'/></Relationships>",
    "xl/workbook.xml": f"<workbook xmlns='{_MAIN}' xmlns:r='{_OFFICE}'><sheets><sheet name='Objects' sheetId='1' "
    "r:id='s'/></sheets></workbook>",
    "xl/_rels/workbook.xml.rels": f"<Relationships xmlns='{_LINKS}'><Relationship Id='s' Type='{_OFFICE}/worksheet' "
    "Target='worksheets/sheet1.xml'/></Relationships>",
}


def make_annotations(folder: Path, size: int) -> None:
    """Sentences in CoNLL's two columns."""
    _files(folder, size, ".conll", lambda words, number: "\n\n".join(_sentence(words) for _ in range(1000)))


def _sentence(words: Words) -> str:
    labels = ("O", "O", "O", "B-PER", "O", "B-LOC", "O", "O")
    return "\n".join(f"{word}\t{label}" for word, label in zip(words.some(20), labels * 3, strict=False))


def make_warc(folder: Path, size: int) -> None:
    """Web archives of 200 pages, packed record by record: paragraphs, links, a menu."""
    words, number = Words(), 0
    while size > 0:
        data = b"".join(gzip.compress(_captured(words, number * RECORDS + at), mtime=0) for at in range(RECORDS))
        (folder / f"{number:05d}.warc.gz").write_bytes(data)
        number, size = number + 1, size - len(data)


def _captured(words: Words, number: int) -> bytes:
    menu = "".join(f"<li><a href='/{word}'>{word}</a></li>" for word in words.some(20))
    texts = "".join(f"<div class='p'><p>{' '.join(words.some(60))} <b>{number}</b></p></div>\n" for _ in range(40))
    page = f"<!doctype html><html lang=en><title>Page {number}</title><ul>{menu}</ul>{texts}</html>".encode()
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page
    digest = base64.b32encode(hashlib.sha1(block, usedforsecurity=False).digest()).decode()
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number:032x}>\r\n"
        f"WARC-Date: 2019-05-04T03:02:01Z\r\nWARC-Target-URI: https://a.org/{number}\r\n"
        f"Content-Type: application/http; msgtype=response\r\n"
        f"WARC-Block-Digest: sha1:{digest}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def make_pdf(folder: Path, size: int) -> None:
    """Books of 100 pages of 40 lines, as a word processor has them."""
    words, number = Words(), 0
    while size > 0:
        data = _book(words)
        (folder / f"{number:05d}.pdf").write_bytes(data)
        number, size = number + 1, size - len(data)


def _book(words: Words) -> bytes:
    kids = " ".join(f"{at} 0 R" for at in range(4, 204, 2))
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count 100>>"]
    objects.append("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
    for at in range(4, 204, 2):
        told = "".join(
            f"0 -14 Td ({' '.join(words.some(LINE_WORDS)).encode('ascii', 'ignore').decode()}) Tj " for _ in "." * 40
        )
        content = f"BT /F 10 Tf 50 740 Td {told}ET"
        page = f"/MediaBox[0 0 612 792]/Contents {at + 1} 0 R/Resources<</Font<</F 3 0 R>>>>"
        objects += [f"<</Type/Page/Parent 2 0 R{page}>>", f"<</Length {len(content)}>>\nstream\n{content}\nendstream"]
    out, places = b"%PDF-1.7\n", []
    for place, one in enumerate(objects, 1):
        places.append(len(out))
        out += f"{place} 0 obj\n{one}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    ends = f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{ends}".encode()
