"""Records of MARC for tests, written by hand as ISO 2709, MARCXML and JSON have them."""

import json
from xml.sax.saxutils import escape

Made = list[tuple[str, str]]
"""Tag and text: of a data field two indicators, then `$` and code before each subfield, as in `10$aTitle$bRest`."""

SLIM = "http://www.loc.gov/MARC21/slim"
FIXED = "850101s1851    nyu           000 0 eng d"
LEADER = "     cam a22     7a 4500"
WHALE: Made = [
    ("001", "  a-1 "),
    ("008", FIXED),
    ("010", "  $a   51012345 "),
    ("020", "  $a0198526636 (pbk.)$z0000000000"),
    ("035", "  $a(OCoLC)ocm00012345"),
    ("100", "1 $aMelville, Herman,$d1819-1891,$eauthor.$0(DE-588)118580604"),
    ("245", "14$6880-01$aThe whale /$cby Herman Melville."),
    ("246", "3 $aMoby Dick"),
    ("260", "  $aNew York :$bHarper,$c1851."),
    ("300", "  $axxiii, 635 p. ;$c20 cm."),
    ("490", "0 $aSea stories ;$v3"),
    ("520", "  $aA captain hunts a whale."),
    ("541", "0 $aA donor$hUSD 5"),
    ("583", "  $arepaired$xby J. Doe"),
    ("650", " 0$aWhaling$zNantucket$vFiction.$0http://id.loc.gov/authorities/subjects/sh1"),
    ("651", " 0$aNantucket (Mass.)"),
    ("655", " 7$aNovels.$2lcgft"),
    ("700", "1 $aKent, Rockwell,$4ill$4edt"),
    ("856", "42$uhttp://a.org/toc"),
    ("856", "40$uhttp://a.org/1$xscanned by us"),
    ("880", "14$6245-01/$1$a白鯨 /$cby"),
    ("952", "  $aKoha"),
]


def iso2709(fields: Made, leader: str = LEADER, encoding: str = "utf-8") -> bytes:
    """With the lengths that are true."""
    directory, body = b"", b""
    for tag, text in fields:
        data = text.encode(encoding, "surrogateescape").replace(b"$", b"\x1f")
        data = data.replace(b"/\x1f1", b"/$1") + b"\x1e"  # a script code in $6
        directory += tag.encode() + b"%04d%05d" % (len(data), len(body))
        body += data
    base = 24 + len(directory) + 1
    head = f"{base + len(body) + 1:05}{leader[5:12]}{base:05}{leader[17:]}".encode()
    return head + directory + b"\x1e" + body + b"\x1d"


def parts(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Indicators and subfields."""
    first, *rest = text.replace("/$1", "/\0").split("$")
    return first, [(one[0], one[1:].replace("/\0", "/$1")) for one in rest]


def marcxml(fields: Made, leader: str = LEADER, prefix: str = "", more: str = "") -> str:
    """One record."""
    p, out = f"{prefix}:" if prefix else "", []
    for tag, text in fields:
        if tag.startswith("00"):
            out.append(f'<{p}controlfield tag="{tag}">{escape(text)}</{p}controlfield>')
            continue
        both, subfields = parts(text)
        inner = "".join(f'<{p}subfield code="{code}">{escape(one)}</{p}subfield>' for code, one in subfields)
        out.append(f'<{p}datafield tag="{tag}" ind1="{both[0]}" ind2="{both[1]}">{inner}</{p}datafield>')
    space = f'xmlns:{prefix}="{SLIM}"' if prefix else f'xmlns="{SLIM}"'
    return f"<{p}record {space}{more}><{p}leader>{leader}</{p}leader>{''.join(out)}</{p}record>"


def marc_json(fields: Made, leader: str = LEADER) -> bytes:
    """One record."""
    made: list[object] = []
    for tag, text in fields:
        both, subfields = parts(text)
        data = {"ind1": both[:1], "ind2": both[1:], "subfields": [{code: one} for code, one in subfields]}
        made.append({tag: text if tag.startswith("00") else data})
    return json.dumps({"leader": leader, "fields": made}, ensure_ascii=False).encode()


def page(*records: str) -> bytes:
    """Of an OAI server."""
    inner = "".join(
        f"<record><header><identifier>oai:a:{number}</identifier><datestamp>2020-01-02</datestamp></header>"
        f"<metadata>{one}</metadata></record>"
        for number, one in enumerate(records, 1)
    )
    return (
        f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>{inner}</ListRecords></OAI-PMH>'.encode()
    )
