"""Records of PICA+ for tests, written by hand in every form in which libraries hand them out."""

import json
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

Made = Sequence[tuple[str, str]]
"""Tag with its occurrence, and `$` and code before each subfield, as in `045Q/01`, `$a58.55$jAir`; `$$` is a `$`."""

SPACE = "info:srw/schema/5/picaXML-v1.0"
BOOK: Made = [
    ("001A", "$02000:06-11-86"),
    ("002@", "$0Aau"),
    ("002C", "$aText$btxt"),
    ("003@", "$0010000011"),
    ("003S", "$0901000001X"),
    ("004A", "$09783161484100$fkart. : $$ 12"),
    ("006V", "$0VD16 B 1"),
    ("010@", "$ager$cfre"),
    ("011@", "$a1985$n[ca. 1985]"),
    ("013D", "$9826484824$VTsv1$7gnd/4127900-1$aWörterbuch"),
    ("017C", "$uhttps://example.org/1$4LF$xscanned by us"),
    ("017M", "$aCC BY 4.0$gcc$uhttps://creativecommons.org/licenses/by/4.0/"),
    ("021A", "$aDie @Mühle am Bach$deine Geschichte$hvon Anna Beispiel"),
    ("021G", "$aThe @mill by the brook"),
    ("028A", "$9101$VTp1$7gnd/118522582$ABeispiel$DAnna$BVerfasserIn$4aut"),
    ("028C", "$dBernd$cvon$aMuster$BHerausgeberIn$4edt"),
    ("029F", "$9102$VTb1$7gnd/2013822-2$AGesellschaft für Mühlen$FSektion Nord"),
    ("033A", "$pLeipzig$nVerlag der Mühle"),
    ("034D", "$a108 S."),
    ("034I", "$a21 cm"),
    ("034M", "$aIll."),
    ("036E", "$a@Schriften über Bäche$l22,3"),
    ("044K", "$9103$VTs1$7gnd/4040570-9$aMühle"),
    ("044K/01", "$9104$VTg1$7gnd/4035206-7$aLeipzig"),
    ("045Q/01", "$9105$VTkv$a58.55$jLuft"),
    ("046W", "$aa comment"),
    ("047I", "$aEine Mühle steht still."),
    ("101@", "$a20$bDE-84"),
    ("203@/01", "$0018046525"),
    ("209A/01", "$fHaus$aMa 12$du$x00"),
    ("209A/01", "$agone$x10"),
    ("220B/01", "$amouldy"),
    ("101@", "$a70"),
    ("203@/01", "$0154540237X"),
    ("209A/01", "$aZA 5253$x00"),
]
SMALL: Made = [("003@", "$0b-2"), ("021A", "$aA list$dof ships")]


def subfields(text: str) -> list[tuple[str, str]]:
    """Code and text of each."""
    parts = text.replace("$$", "\0").split("$")[1:]
    return [(part[0], part[1:].replace("\0", "$")) for part in parts]


def _field(tag: str, text: str, mark: str = "\x1f") -> str:
    return f"{tag} " + "".join(f"{mark}{code}{one}" for code, one in subfields(text))


def normalized(*records: Made) -> bytes:
    """A record a line."""
    return "".join("".join(f"{_field(*one)}\x1e" for one in record) + "\n" for record in records).encode()


def binary(*records: Made) -> bytes:
    """0x1D behind each."""
    return "".join("".join(f"{_field(*one)}\x1e" for one in record) + "\x1d" for record in records).encode()


def imported(*records: Made) -> bytes:
    """As CBS imports it."""
    return (
        b"a comment\n"
        + "".join("\x1d\n# one\n" + "".join(f"\x1e{_field(*one)}\n" for one in record) for record in records).encode()
    )


def plain(*records: Made) -> bytes:
    """As people read it."""
    return "\n".join("".join(f"{tag} {text}\n" for tag, text in record) for record in records).encode()


def of_winibw(*records: Made) -> bytes:
    """As WinIBW saves it."""
    return "\n".join(
        "SET: S1 [1] TTL: 1\n" + "".join(f"{_field(*one, mark='ƒ')}\r\n" for one in record) for record in records
    ).encode()


def picaxml(record: Made, prefix: str = "") -> str:
    """One record."""
    p, out = f"{prefix}:" if prefix else "", []
    for tag, text in record:
        name, _, occurrence = tag.partition("/")
        more = f' occurrence="{occurrence}"' if occurrence else ""
        inner = "".join(f'<{p}subfield code="{code}">{escape(one)}</{p}subfield>' for code, one in subfields(text))
        out.append(f'<{p}datafield tag="{name}"{more}>{inner}</{p}datafield>')
    space = f'xmlns:{prefix}="{SPACE}"' if prefix else f'xmlns="{SPACE}"'
    return f"<{p}record {space}>{''.join(out)}</{p}record>"


def in_sru(*records: str) -> bytes:
    """As K10plus answers."""
    inner = "".join(
        f"<zs:record><zs:recordSchema>picaxml</zs:recordSchema><zs:recordData>{one}</zs:recordData></zs:record>"
        for one in records
    )
    return (
        '<zs:searchRetrieveResponse xmlns:zs="http://www.loc.gov/zing/srw/"><zs:version>1.1</zs:version>'
        f"<zs:records>{inner}</zs:records></zs:searchRetrieveResponse>"
    ).encode()


def ppxml(record: Made) -> str:
    """One record, its levels apart, as the German National Library writes it."""

    def written(fields: Made) -> str:
        out = ""
        for tag, text in fields:
            name, _, occurrence = tag.partition("/")
            inner = "".join(f'<p:subf id="{code}">{escape(one)}</p:subf>' for code, one in subfields(text))
            out += f'<p:tag id="{name}" occ="{occurrence.lstrip("0")}">{inner}</p:tag>'
        return out

    title = [one for one in record if one[0][0] == "0"]
    rest = [one for one in record if one[0][0] != "0"]
    owners = list[list[tuple[str, str]]]()
    for one in rest:
        owners += [[]] if one[0] == "101@" or not owners else []
        owners[-1].append(one)
    inside = "".join(
        f'<p:owner iln="1"><p:local>{written([one for one in each if one[0][0] == "1"])}</p:local>'
        f'<p:copy occ="1" epn="2">{written([one for one in each if one[0][0] == "2"])}</p:copy></p:owner>'
        for each in owners
    )
    head = f'<p:global opacflag="" status="">{written(title)}</p:global>'
    return f'<p:record xmlns:p="http://www.oclcpica.org/xmlns/ppxml-1.0">{head}{inside}</p:record>'


def _listed(record: Made) -> list[list[str | None]]:
    found = list[list[str | None]]()
    for tag, text in record:
        name, _, occurrence = tag.partition("/")
        found.append([name, occurrence or None, *(part for pair in subfields(text) for part in pair)])
    return found


def pica_json(*records: Made) -> bytes:
    """A list of records."""
    return json.dumps([_listed(record) for record in records], ensure_ascii=False).encode()


def json_lines(*records: Made) -> bytes:
    """A record a line."""
    return b"".join(json.dumps(_listed(record)).encode() + b"\n" for record in records)


def collection(*records: Made) -> bytes:
    """PICA-XML, a list of records."""
    return f'<collection xmlns="{SPACE}">{"".join(map(picaxml, records))}</collection>'.encode()


def levels_apart(*records: Made) -> bytes:
    """As old dumps of the GBV: a number before the fields of each level, and 0x1D behind each."""
    out = ""
    for record in records:
        before = ""
        for tag, text in record:
            apart = before and (tag[0] != before or tag == "101@")
            out += ("\x1d" if apart else "") + ("0100 1\x1e" if apart or not before else "")
            out, before = f"{out}{_field(tag, text)}\x1e", tag[0]
        out += "\x1d"
    return out.encode()


FORMS: dict[str, Callable[..., bytes]] = {
    "normalized": normalized,
    "binary": binary,
    "levels apart": levels_apart,
    "import": imported,
    "plain": plain,
    "WinIBW": of_winibw,
    "PICA-XML": collection,
    "SRU": lambda *records: in_sru(*(picaxml(one, "p") for one in records)),
    "PPXML": lambda *records: f"<collection>{''.join(map(ppxml, records))}</collection>".encode(),
    "JSON": pica_json,
    "JSON lines": json_lines,
}
