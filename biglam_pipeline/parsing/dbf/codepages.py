"""In which encoding are the texts of a DBF? By the entry, the .cpg beside it, the language driver, else a guess.

Language drivers: https://learn.microsoft.com/previous-versions/visualstudio/foxpro/8t45x02s(v=vs.71) (Visual FoxPro),
and those that ArcGIS adds, which also writes .cpg: https://support.esri.com/knowledge-base/000013192
"""

import codecs
import re

DRIVERS = {
    **dict.fromkeys((0x01, 0x09, 0x0B, 0x0D, 0x0F, 0x11, 0x15, 0x18, 0x19, 0x1B), "cp437"),
    **dict.fromkeys((0x02, 0x0A, 0x0E, 0x10, 0x12, 0x14, 0x16, 0x1A, 0x1D, 0x25, 0x37), "cp850"),
    **dict.fromkeys((0x03, 0x57, 0x58, 0x59), "cp1252"),
    **dict.fromkeys((0x1F, 0x22, 0x23, 0x40, 0x64, 0x87), "cp852"),
    **dict.fromkeys((0x08, 0x17, 0x66), "cp865"),
    **dict.fromkeys((0x26, 0x65), "cp866"),
    **dict.fromkeys((0x1C, 0x6C), "cp863"),
    **dict.fromkeys((0x13, 0x7B), "cp932"),
    **dict.fromkeys((0x4D, 0x7A), "cp936"),
    **dict.fromkeys((0x4E, 0x79), "cp949"),
    **dict.fromkeys((0x4F, 0x78), "cp950"),
    **dict.fromkeys((0x50, 0x7C), "cp874"),
    **dict.fromkeys((0x6A, 0x86), "cp737"),
    **dict.fromkeys((0x6B, 0x88), "cp857"),
    0x04: "mac_roman", 0x24: "cp860", 0x67: "cp861", 0x7D: "cp1255", 0x7E: "cp1256", 0x96: "mac_cyrillic",
    0x97: "mac_latin2", 0x98: "mac_greek", 0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253",
    0xCC: "cp1257",
}  # fmt: skip
"""Byte 29 of the header -> encoding. 0x68 and 0x69 (Kamenický, Mazovia) Python has none for."""
_ISO = re.compile(r"8859[-_ ]?(1[0-6]|[1-9])")


def of_cpg(text: str) -> str:
    """The encoding that a .cpg says: `UTF-8`, `1252`, `ANSI 1252`, `88591`, `OEM 850`; nothing where it is none."""
    said = text.strip().strip("\ufeff\0").casefold()
    said = re.sub(r"^(?:ansi|oem|cp|windows|ibm)[-_ ]*(?=\d)", "cp", said)
    if found := _ISO.search(said):
        said = f"iso8859-{found[1]}"
    elif said.isdecimal():
        said = {"65001": "utf-8"}.get(said, f"cp{said}")
    try:
        return codecs.lookup(said).name
    except (LookupError, ValueError):
        return ""
