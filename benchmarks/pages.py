"""Made-up files that look like what libraries send: ALTO pages, a catalogue as one CSV, pages of an OAI server.

Everything follows from a seed. Words follow Zipf's law, as texts do; of the ALTO pages each has about what a page of a
newspaper has (3,000 words, coordinates and confidence of each, some of them broken at line ends).
"""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

REAL: Path | None = None
"""A folder of real ALTO pages, to be taken in turn, each copy with another first word."""
SEED = 12
PAGE_RECORDS = 100
"""Records of an OAI page."""
LINE_WORDS, BLOCK_LINES, PAGE_BLOCKS = 7, 40, 11

_SYLLABLES = [a + b for a in "bcdfghklmnprstvwz" for b in "aeiou"]
_PLACES = ["London", "Leiden", "Wien", "Luxembourg", "Lausanne", "Den Haag", "Berlin", "Edinburgh"]
_LANGUAGES = ["eng", "ger", "fre", "dut", "lat"]
_GENRES = ["Novel", "Sermon", "Almanac", "Periodical", "Poem", "Report"]
_CONTENT = re.compile(rb'CONTENT="([^"]+)"')


class Words:
    """A vocabulary of 40,000 words, drawn by Zipf's law."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(SEED)
        lengths = self.random.integers(1, 5, 40_000)
        self._all = np.array(["".join(self.random.choice(_SYLLABLES, length)) for length in lengths])
        weights = 1.0 / np.arange(1, len(self._all) + 1)
        self._below = np.cumsum(weights) / weights.sum()

    def some(self, count: int) -> list[str]:
        """So many."""
        found: list[str] = self._all[np.searchsorted(self._below, self.random.random(count))].tolist()
        return found

    def one_of(self, choices: list[str]) -> str:
        """Any of a few."""
        return choices[int(self.random.integers(len(choices)))]

    def number(self, end: int) -> int:
        """Below `end`."""
        return int(self.random.integers(end))


def make_alto(folder: Path, size: int) -> None:
    """Pages of so many bytes together."""
    made = _copies(REAL, size) if REAL is not None else _made_up(size)
    for number, data in enumerate(made):
        (folder / f"page-{number:05d}.xml").write_bytes(data)


def _copies(real: Path, size: int) -> Iterator[bytes]:
    pages = [data for path in sorted(real.rglob("*.xml")) if b"<String" in (data := path.read_bytes())]
    number = 0
    while size > 0:
        data = _CONTENT.sub(rb'CONTENT="\g<1>%d"' % number, pages[number % len(pages)], count=1)
        yield data
        number, size = number + 1, size - len(data)


def _made_up(size: int) -> Iterator[bytes]:
    words, number = Words(), 0
    while size > 0:
        data = _page(words, number).encode()
        yield data
        number, size = number + 1, size - len(data)


def _page(words: Words, number: int) -> str:
    lines = [_line(words, at) for at in range(BLOCK_LINES * PAGE_BLOCKS)]
    blocks = [
        f'<TextBlock ID="B{at}" HPOS="120" VPOS="{at * 900}" WIDTH="2300" HEIGHT="880" STYLEREFS="TS1 PS1">\n'
        + "".join(lines[at * BLOCK_LINES : (at + 1) * BLOCK_LINES])
        + "</TextBlock>\n"
        for at in range(PAGE_BLOCKS)
    ]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<alto xmlns="http://www.loc.gov/standards/alto/ns-v2#">\n<Description>'
        '<MeasurementUnit>pixel</MeasurementUnit><OCRProcessing ID="O1"><ocrProcessingStep><processingSoftware>'
        "<softwareName>Reader</softwareName><softwareVersion>11</softwareVersion></processingSoftware>"
        "</ocrProcessingStep></OCRProcessing></Description>\n"
        '<Styles><TextStyle ID="TS1" FONTSIZE="9"/><ParagraphStyle ID="PS1" ALIGN="Block"/></Styles>\n<Layout>'
        f'<Page ID="P{number}" PHYSICAL_IMG_NR="{number}" HEIGHT="9900" WIDTH="2600"><PrintSpace>\n{"".join(blocks)}'
        "</PrintSpace></Page></Layout>\n</alto>\n"
    )


def _line(words: Words, at: int) -> str:
    found = words.some(LINE_WORDS)
    strings = [_string(word, at, place, words.number(100)) for place, word in enumerate(found)]
    if at % 9 == 3:  # the last word is broken, and the next line begins with the rest of it
        strings[-1] = strings[-1].replace("/>", ' SUBS_TYPE="HypPart1" SUBS_CONTENT="whole"/>')
    elif at % 9 == 4:
        strings[0] = strings[0].replace("/>", ' SUBS_TYPE="HypPart2" SUBS_CONTENT="whole"/>')
    blank = f'<SP WIDTH="11" HPOS="{at * 3}" VPOS="{at * 20}"/>\n'
    hyphen = f'<HYP CONTENT="-" HPOS="2290" VPOS="{at * 20}" WIDTH="9"/>\n' if at % 9 == 3 else ""
    box = f'HPOS="120" VPOS="{at * 20}" WIDTH="2280" HEIGHT="19"'
    return f'<TextLine ID="L{at}" {box} STYLEREFS="TS1">\n{blank.join(strings)}{hyphen}</TextLine>\n'


def _string(word: str, at: int, place: int, confidence: int) -> str:
    box = f'HPOS="{120 + place * 320}" VPOS="{at * 20}" WIDTH="{len(word) * 40}" HEIGHT="17"'
    return f'<String ID="S{at}_{place}" {box} STYLEREFS="TS1" CONTENT="{word}" WC="0.{confidence:02d}" CC="0 1 0 2"/>\n'


def make_table(folder: Path, size: int) -> None:
    """A catalogue in one file, as wide as the British Library's of 52,695 books: 33 columns, about 900 bytes a row."""
    words, number = Words(), 0
    with (folder / "catalogue.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow((*_COLUMNS, *_MORE))
        while file.tell() < size:
            writer.writerows(_record(words, at) + _beside(words, at) for at in range(number, number + 1000))
            number += 1000


def make_marc(folder: Path, size: int) -> None:
    """A catalogue in ISO 2709, records of some 20 fields and a kilobyte, as the Library of Congress gives them out."""
    words, number = Words(), 0
    with (folder / "catalogue.mrc").open("wb") as file:
        while file.tell() < size:
            file.write(_iso2709(_fields(dict(zip(_COLUMNS, _record(words, number), strict=False)), number)))
            number += 1


def make_marcxml(folder: Path, size: int) -> None:
    """The same catalogue in one list of MARCXML."""
    words, number = Words(), 0
    with (folder / "catalogue.xml").open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="http://www.loc.gov/MARC21/slim">\n')
        while file.tell() < size:
            records = (
                _marcxml(_fields(dict(zip(_COLUMNS, _record(words, at), strict=False)), at))
                for at in range(number, number + 100)
            )
            file.write("".join(records))
            number += 100
        file.write("</collection>\n")


def _marcxml(fields: list[tuple[str, str]]) -> str:
    inner = "".join(map(_field, *zip(*fields, strict=True)))
    return f"<record><leader>00000cam a2200000 a 4500</leader>{inner}</record>\n"


def _field(tag: str, text: str) -> str:
    first, *parts = escape(text).split("\x1f")
    if not parts:
        return f'<controlfield tag="{tag}">{first}</controlfield>'
    inner = "".join(f'<subfield code="{one[0]}">{one[1:]}</subfield>' for one in parts)
    return f'<datafield tag="{tag}" ind1="{first[0]}" ind2="{first[1]}">{inner}</datafield>'


def _fields(of: dict[str, object], number: int) -> list[tuple[str, str]]:
    year = f"{1800 + number % 120}"
    return [
        ("001", f"{number:09}"),
        ("005", "20160601120000.0"),
        ("008", f"160601s{year}    enk           000 0 eng d"),
        *((tag, f"  \x1fa{number:011}") for tag in ("010", "020", "035", "040", "050", "082")),
        ("100", f"1 \x1fa{of['creator']},\x1fd1800-1870."),
        ("245", f"10\x1fa{of['title']} :\x1fb{str(of['description'])[:200]} /\x1fc{of['creator']}."),
        ("260", f"  \x1fa{of['place']} :\x1fb{of['publisher']},\x1fc{year}."),
        ("300", "  \x1faxii, 320 p. :\x1fbill. ;\x1fc23 cm."),
        *(("650", f" 0\x1fa{one.strip()}\x1fzEngland\x1fvHistory.") for one in str(of["subjects"]).split(";")),
        ("856", f"40\x1fu{of['url']}"),
        ("906", "  \x1fa7\x1fbcbc\x1fcorignew\x1fd2\x1fencip\x1ff20\x1fgy-gencatlg"),
    ]


def _iso2709(fields: list[tuple[str, str]]) -> bytes:
    directory, body = "", b""
    for tag, text in fields:
        data = text.encode() + b"\x1e"
        directory += f"{tag}{len(data):04}{len(body):05}"
        body += data
    base = 24 + len(directory) + 1
    leader = f"{base + len(body) + 1:05}cam a22{base:05} a 4500"
    return f"{leader}{directory}\x1e".encode() + body + b"\x1d"


def make_pica(folder: Path, size: int) -> None:
    """A catalogue in normalized PICA+, titles of some 20 fields with the copies of two libraries, as in K10plus."""
    words, number = Words(), 0
    with (folder / "catalogue.dat").open("wb") as file:
        while file.tell() < size:
            file.write(_normalized(dict(zip(_COLUMNS, _record(words, number), strict=False)), number))
            number += 1


def _normalized(of: dict[str, object], number: int) -> bytes:
    subjects = str(of["subjects"]).split(";")
    fields = [
        *(("001A", "02000:06-11-86"), ("001B", "0BSZ:13-04-22\x1ft12:48:01.000"), ("001U", "0utf8"), ("002@", "0Aau")),
        *(("002C", "aText\x1fbtxt"), ("002D", "aohne Hilfsmittel zu benutzen\x1fbn"), ("002E", "aBand\x1fbnc")),
        *(("003@", f"0{number:09}"), ("003O", f"aOCoLC\x1f0{number:09}"), ("007G", f"iGBV\x1f0{number:09}")),
        *(("010@", "ager"), ("011@", f"a{1800 + number % 120}"), ("017L", "aGBV_ILN_20"), ("019@", "aXA-DE")),
        ("021A", f"a@{of['title']}\x1fd{str(of['description'])[:200]}\x1fh{of['creator']}"),
        ("028A", f"9{number:09}\x1fVTp1\x1f7gnd/118522582\x1fA{of['creator']}\x1fDAnna\x1f4aut"),
        *(("033A", f"p{of['place']}\x1fn{of['publisher']}"), ("034D", "a320 S."), ("034I", "a23 cm")),
        *(("044K", f"9{number:09}\x1fVTs1\x1f7gnd/4040570-9\x1fa{one.strip()}") for one in subjects),
        ("045Q/01", "9106420798\x1fVTkv\x1fa58.55\x1fjLuft"),
    ]
    for library in (20, 70):
        fields += [("101@", f"a{library}\x1fbDE-{library}"), ("203@/01", f"0{number:09}")]
        fields += [("208@/01", "a01-01-71\x1fbn"), ("209A/01", f"a{of['shelfmark']}\x1fdu\x1fx00")]
    return "".join([*(f"{tag} \x1f{text}\x1e" for tag, text in fields), "\n"]).encode()


_COLUMNS = (
    *("id", "title", "date", "creator", "publisher", "place", "genre", "subjects", "language", "url", "description"),
    *("shelfmark", "pages"),
)
_MORE = (
    *("user", "created_at", "subject_ids", "edition", "status", "comments", "main_language", "translation", "country"),
    *(
        "retired",
        "image",
        "link",
        "topics",
        "terms",
        "form",
        "original_language",
        "suggestions",
        "score",
        "note",
        "set",
    ),
)
"""Columns that nobody maps: few values, none, or what a program wrote."""


def _record(words: Words, number: int) -> list[str]:
    found, year = words.some(40), 1700 + words.number(220)
    date = words.one_of([str(year), f"{year}-03-1{number % 10}", f"c. {year}", f"[{year}]"])
    creators = f"{found[0].capitalize()}, {found[1].capitalize()}, {1650 + words.number(200)}-"
    return [
        f"{number:012d}",
        " ".join(found[2:10]).capitalize(),
        date,
        creators if number % 3 else f"{found[0].capitalize()}, A.",
        f"Printing House No. {words.number(500)}",
        words.one_of(_PLACES),
        words.one_of(_GENRES),
        f"{found[10]}; {found[11]}",
        words.one_of(_LANGUAGES),
        f"https://library.example/record/{number}",
        ", ".join([" ".join(found[12:25]), " ".join(found[25:40])]),
        f"{year % 97}.{words.one_of(['a', 'b', 'c'])}.{number % 1000}",
        str(words.number(800)),
    ]


def _beside(words: Words, number: int) -> list[str]:
    users = ", ".join(str(words.number(10**6)) for _ in range(12))
    written = (
        f"{{'id': {number}, 'workflow_id': 14449, 'created_at': '2020-05-03T15:28:14.387Z', 'updated_at': "
        f"'2020-07-08T08:19:15.070Z', 'retired_at': '2020-07-08T08:19:15.060Z', 'subject_id': {number}, 'user_ids': "
        f"[{users}], 'reason': 'classification_count'}}"
    )
    few = [words.one_of(["", "NONE", "No", "Yes"]) for _ in range(12)]
    return [
        str(words.number(9)),
        f"2020-07-0{number % 9} 08:19:14 UTC",
        str(44_331_392 + number),
        *("", "**Finished**", "", "", "No", "enk"),
        written,
        f"vdc_{number:012X}_title_page.jpg",
        *few[:9],
    ]


def make_tei(folder: Path, size: int) -> None:
    """Books of 400 pages of prose, a `lb` a printed line as DTA has it."""
    words, number = Words(), 0
    while size > 0:
        data = _book(words).encode()
        (folder / f"book-{number:05d}.xml").write_bytes(data)
        number, size = number + 1, size - len(data)


def _book(words: Words) -> str:
    lines = ("\n<lb/>".join(" ".join(words.some(9)) for _ in range(32)) for _ in range(400))
    pages = "".join(f'<pb n="{number}"/><p>{text}</p>' for number, text in enumerate(lines, 1))
    header = (
        f"<teiHeader><fileDesc><titleStmt><title>{' '.join(words.some(4))}</title></titleStmt></fileDesc></teiHeader>"
    )
    return f'<TEI xmlns="http://www.tei-c.org/ns/1.0">{header}<text><body><div>{pages}</div></body></text></TEI>'


def make_oai(folder: Path, size: int) -> None:
    """Answers of an OAI server, each of as many records as most servers send."""
    words, number = Words(), 0
    while size > 0:
        data = _answer(words, number).encode()
        (folder / f"answer-{number:06d}.xml").write_bytes(data)
        number, size = number + PAGE_RECORDS, size - len(data)


def _answer(words: Words, number: int) -> str:
    records = "".join(_dublin_core(words, at) for at in range(number, number + PAGE_RECORDS))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        '<responseDate>2026-11-20T10:00:00Z</responseDate><request verb="ListRecords" metadataPrefix="oai_dc">'
        f"https://library.example/oai</request><ListRecords>\n{records}</ListRecords></OAI-PMH>\n"
    )


def _dublin_core(words: Words, number: int) -> str:
    row = dict(zip(_COLUMNS, map(escape, _record(words, number)), strict=True))
    elements = [
        ("title", row["title"]),
        ("creator", row["creator"]),
        *(("subject", one) for one in row["subjects"].split("; ")),
        ("description", row["description"]),
        ("publisher", row["publisher"]),
        ("date", row["date"]),
        ("type", row["genre"]),
        ("format", f"{row['pages']} pages"),
        ("identifier", row["url"]),
        ("identifier", f"urn:nbn:de:gbv:3:1-{number}"),
        ("source", row["shelfmark"]),
        ("language", row["language"]),
        ("coverage", row["place"]),
        ("rights", "http://creativecommons.org/publicdomain/mark/1.0/"),
    ]
    inner = "".join(f"<dc:{name}>{text}</dc:{name}>\n" for name, text in elements)
    return (
        f"<record><header><identifier>oai:library.example:{number}</identifier><datestamp>2026-10-0{1 + number % 9}"
        f"</datestamp><setSpec>books</setSpec></header><metadata><oai_dc:dc "
        'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f"{inner}</oai_dc:dc></metadata></record>\n"
    )


def make_coco(folder: Path, size: int) -> None:
    """Seven polygons of twenty points a picture, as in COCO's own files; those of one are not behind one another."""
    chance = np.random.default_rng(7)
    count = size // 3_450
    owners = chance.permutation(np.repeat(np.arange(count), 7)).tolist()
    images = [
        {"id": number, "file_name": f"{number:012}.jpg", "width": 640, "height": 480, "license": 1}
        for number in range(count)
    ]
    annotations = []
    for number, owner in enumerate(owners):
        points = chance.integers(0, 48_000, 40) / 100
        left, upper, right, lower = points[::2].min(), points[1::2].min(), points[::2].max(), points[1::2].max()
        box = [left, upper, round(right - left, 2), round(lower - upper, 2)]
        area = float(chance.random() * 9_999)
        mark = {"id": number, "image_id": owner, "category_id": number % 80, "iscrowd": 0, "area": area, "bbox": box}
        annotations.append({**mark, "segmentation": [points.tolist()]})
    categories = [{"id": number, "name": f"thing {number}"} for number in range(80)]
    whole = {"annotations": annotations, "images": images, "categories": categories}
    (folder / "instances.json").write_text(json.dumps(whole), encoding="utf-8")
