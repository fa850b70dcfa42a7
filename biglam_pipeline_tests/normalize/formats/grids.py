"""Workbooks, databases and DBF for tests: made of a few cells, or of the XML that a program would write."""

import base64
import io
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_HIDDEN = " state='hidden'"
DAY, PERCENT, HOURS = 1, 2, 3
"""Styles of `xlsx`: yyyy-mm-dd, 0%, [h]:mm."""


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    """A ZIP, packed."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in members.items():
            stored = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            package.writestr(name, body, stored)
    return sink.getvalue()


def xlsx(
    sheets: Mapping[str, str],
    *,
    hidden: Sequence[str] = (),
    shared: Sequence[str] = (),
    is_1904: bool = False,
    more: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """sheets: name -> the XML of its rows, and what stands around `sheetData` before a bar; shared: XML of texts."""
    listed = "".join(
        f"<sheet name='{name}' sheetId='{at}' r:id='s{at}'{_HIDDEN * (name in hidden)}/>"
        for at, name in enumerate(sheets, 1)
    )
    links = "".join(
        f"<Relationship Id='s{at}' Type='{_DOCUMENT}/worksheet' Target='worksheets/sheet{at}.xml'/>"
        for at in range(1, len(sheets) + 1)
    )
    book = f"<workbookPr date1904='{int(is_1904)}'/><sheets>{listed}</sheets>"
    styles = (
        "<numFmts><numFmt numFmtId='164' formatCode='yyyy-mm-dd'/>"
        "<numFmt numFmtId='165' formatCode='[h]:mm'/></numFmts>"
        "<cellXfs><xf numFmtId='0'/><xf numFmtId='164'/><xf numFmtId='9'/><xf numFmtId='165'/></cellXfs>"
    )
    return zipped(
        {
            "[Content_Types].xml": "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>",
            "_rels/.rels": f"<Relationships xmlns='{_PACKAGE}'><Relationship Id='r' Type='{_DOCUMENT}/officeDocument' "
            "Target='xl/workbook.xml'/></Relationships>",
            "xl/workbook.xml": f"<workbook xmlns='{_MAIN}' xmlns:r='{_DOCUMENT}'>{book}</workbook>",
            "xl/_rels/workbook.xml.rels": f"<Relationships xmlns='{_PACKAGE}'>{links}<Relationship Id='t' "
            f"Type='{_DOCUMENT}/sharedStrings' Target='sharedStrings.xml'/><Relationship Id='y' "
            f"Type='{_DOCUMENT}/styles' Target='styles.xml'/></Relationships>",
            "xl/styles.xml": f"<styleSheet xmlns='{_MAIN}'>{styles}</styleSheet>",
            "xl/sharedStrings.xml": f"<sst xmlns='{_MAIN}'>{''.join(f'<si>{one}</si>' for one in shared)}</sst>",
            **{
                f"xl/worksheets/sheet{at}.xml": f"<worksheet xmlns='{_MAIN}'>{_sheet(rows)}</worksheet>"
                for at, rows in enumerate(sheets.values(), 1)
            },
            **(more or {}),
        }
    )


def _sheet(rows: str) -> str:
    before, bar, rest = rows.partition("|")
    data, _, behind = rest.partition("|") if bar else (before, "", "")
    return f"{before if bar else ''}<sheetData>{data}</sheetData>{behind}"


def texts(*rows: Sequence[str | float | None], first: int = 1) -> str:
    """Rows of texts and numbers, as `xlsx` takes them."""
    made = []
    for number, cells in enumerate(rows, first):
        inside = "".join(
            f"<c r='{chr(65 + at)}{number}'><v>{cell!r}</v></c>"
            if isinstance(cell, int | float)
            else f"<c r='{chr(65 + at)}{number}' t='inlineStr'><is><t xml:space='preserve'>{cell}</t></is></c>"
            for at, cell in enumerate(cells)
            if cell is not None
        )
        made.append(f"<row r='{number}'>{inside}</row>")
    return "".join(made)


def ods(tables: Mapping[str, str], *, manifest: str = "") -> bytes:
    """tables: name -> the XML of its rows."""
    spaces = " ".join(
        f"xmlns:{one}='urn:oasis:names:tc:opendocument:xmlns:{one}:1.0'"
        for one in ("office", "table", "text", "style", "draw")
    )
    inside = "".join(f"<table:table table:name='{name}'>{rows}</table:table>" for name, rows in tables.items())
    styles = (
        "<office:automatic-styles><style:style style:name='hid' style:family='table'>"
        "<style:table-properties table:display='false'/></style:style></office:automatic-styles>"
    )
    body = f"<office:body><office:spreadsheet>{inside}</office:spreadsheet></office:body>"
    space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    entry = f"<manifest:file-entry manifest:full-path='/' manifest:media-type='{kind}'/>"
    return zipped(
        {
            "mimetype": kind,
            "META-INF/manifest.xml": f"<manifest:manifest xmlns:manifest='{space}'>{entry}{manifest}"
            "</manifest:manifest>",
            "content.xml": f"<office:document-content {spaces} office:version='1.3'>{styles}{body}"
            "</office:document-content>",
        }
    )


def ods_row(*cells: str, times: int = 1) -> str:
    """A row of cells, each a text or XML."""
    inside = "".join(
        one
        if one.startswith("<")
        else f"<table:table-cell office:value-type='string'><text:p>{one}</text:p></table:table-cell>"
        for one in cells
    )
    return f"<table:table-row table:number-rows-repeated='{times}'>{inside}</table:table-row>"


def database(*statements: str, encoding: str = "UTF-8") -> bytes:
    """An SQLite database."""
    connection = sqlite3.connect(":memory:")
    connection.execute(f"PRAGMA encoding = '{encoding}'")
    for one in statements:
        connection.execute(one)
    connection.commit()
    data = connection.serialize()
    connection.close()
    return data


def dbf(
    fields: Sequence[tuple[str, str, int]],
    rows: Sequence[Sequence[bytes]],
    *,
    version: int = 3,
    driver: int = 0x03,
    deleted: Sequence[int] = (),
) -> bytes:
    """fields: name, type and width; deleted: places of rows, from 0."""
    width = 1 + sum(one[2] for one in fields)
    head = struct.pack("<BBBBIHH16xBB2x", version, 126, 11, 1, len(rows), 33 + 32 * len(fields), width, 0, driver)
    for name, kind, size in fields:
        head += struct.pack("<11sc4xBB14x", name.encode("cp1252"), kind.encode(), size, 0)
    body = b""
    for at, cells in enumerate(rows):
        body += b"*" if at in deleted else b" "
        body += b"".join(cell.ljust(one[2])[: one[2]] for cell, one in zip(cells, fields, strict=True))
    return head + b"\r" + body + b"\x1a"


XLS = zlib.decompress(
    base64.b85decode(
        "c-rk)O-"
        "NKx6#nje^TwIUpBaA&jbsqAG6l^|8=Z<uA`*+hu%JfgrGw5GuW`T@W!Y?kAZS&z5p2=MYSRz>P`iS_s6`M2TC{3a6tqxZ=braw98JLi6_oc4_u"
        "PBVz31F}&pr2N-uv;u#K^;nNz6ktRLq!OxU*z}k~huxLG`97i|O1$$#k%$;Puc#x-"
        "~p2c$X*FP_FkR6g+UfCJKC|bPDIt+8@`0tB8F(hOm%hXcBIUJ%u9j4$(rC^T>*sb}=nsdY@ZAXS#<a*O@j^+X>Nu@lb2cZab1sC{<inNL1i4>w"
        "IQO1IqA5M)IW_!fLBwuMrLRt+9$qS3X8Ti`t^cbwlz+xC<XJNT`d&>LQT|l+uEa;*S{wey4Z#tDqxaUAX|s|IU@?Eh6{OBF>lJR9wIi%rim;bB"
        "cmG>9RKS;jod=<0%9X%#*R<MN&7;C-"
        "kn~L<;#x$|D;t^y#`Wg$PN&iB5rTy+@D6N`OQ0q#jR%jbKDKf|fnnCas1B9FHdSKFarp69X~ou_N3g+4}m1U5&)PO$<a;pk42#$c#}6Q|k1|TZ"
        "B&?|D02&fOld((FlsT9N_)vrzua}`}yHWXItnrONRKSvF@X-"
        "a_TT~S!$4SA=j``$eJ3~*va$?Tiwj%3Z|vBStze=E3*p+hq=vFuC1ni8W|r$+p@~rshs+8^hssvTWANB$66*Yl#YE0ji8Dg93g%A8%C|D6}N9m"
        "JPoCDVV_%Hn3n%{hItgfJvY<7bc--8cP$~nGnOqBp55FQ3b&Bd;-vr745tw1%5W-"
        "inr%y6z?RCk+;)4FZAqWLpwX+OUyQR`r0gVhr?M4SmX#n`xv2P97QioIS#hxyxpG#Wv~rC&P4N(?^6aD~ZGrJ<Y{_enM`KGqTUTS<O+xC*5i41"
        "`FR4E_>sp#_*4#kccjDwxX}xcnm0~=SuA_Tn7ON4dB16|#q-MN|mGdeV_3A9vnpYS1nF9w795`^Wd=UI%g8d2vzqH);3tE2HnWi-"
        "3d?s19IEH@uCFl?30mLacFql*PY=kD#w!{*3(%%au+NpN~z3Aj|^yVDD^qLac^I5W@fBCjhuKmyCGR_t5{~tY1PJ#"
    )
)
"""What Excel 97 keeps: a title, a header in row 3, four rows, one of them hidden, and two more sheets."""
