"""PDFs for tests, written byte by byte: what a test says is in one is in it, and nothing else."""

import zlib

FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
GLYPHLESS = FONT.replace(b"Helvetica", b"GlyphLessFont")
_DOT = b"<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>"
SCAN = b"q 612 0 0 792 0 0 cm /I Do Q "
"""Paints a picture over all of the page."""


def stream(data: bytes, more: bytes = b"") -> bytes:
    """A stream object."""
    return b"<</Length %d%b>>\nstream\n%b\nendstream" % (len(data), more, data)


def written(objects: list[bytes], trailer: bytes = b"") -> bytes:
    """The file: objects 1, 2, 3 ..., of which the first is the catalogue."""
    out, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    end = b"trailer\n<</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, len(out))
    return out + head + table + end


def lines(*texts: str, mode: int = 0, gap: int = 14, top: int = 700, left: int = 72) -> bytes:
    """The content of a page: lines below each other, painted in this mode."""
    said = (f" 0 -{gap} Td ({text}) Tj" for text in texts)
    return f"BT {mode} Tr /F1 12 Tf {left} {top} Td{''.join(said)} ET ".encode("latin-1")


def pdf(*pages: bytes, root: bytes = b"", info: bytes = b"", xmp: str = "", font: bytes = FONT) -> bytes:
    """A document with these contents, one a page."""
    first = 7
    kids = b" ".join(b"%d 0 R" % (first + 2 * at) for at in range(len(pages)))
    packet = stream(xmp.encode(), b"/Type/Metadata/Subtype/XML")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/Metadata 4 0 R%b>>" % root,
        b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, len(pages)),
        *(font, packet, _DOT + b"\nstream\n\x80\nendstream", b"<<%b>>" % info),
    ]
    for at, content in enumerate(pages):
        kept = b"<</Font<</F1 3 0 R>>/XObject<</I 5 0 R>>>>"
        page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents %d 0 R/Resources%b>>"
        objects += [page % (first + 2 * at + 1, kept), stream(content) if content[:2] != b"<<" else content]
    return written(objects, b"/Info 6 0 R" if info else b"")


def packed(content: bytes) -> bytes:
    """The same content, deflated."""
    return stream(zlib.compress(content, 9), b"/Filter/FlateDecode")


def packet(properties: str, more: str = "") -> str:
    """An XMP packet. more: attributes of the description."""
    names = {
        "dc": "http://purl.org/dc/elements/1.1/",
        "xmp": "http://ns.adobe.com/xap/1.0/",
        "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
        "cc": "http://creativecommons.org/ns#",
    }
    declared = " ".join(f'xmlns:{name}="{address}"' for name, address in names.items())
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {declared} {more}>{properties}</rdf:Description></rdf:RDF></x:xmpmeta>'
    )
