"""Made-up records in the structure of two institutions' deliveries, by which no reader was written.

Beside this file, in `twins`: an answer of the SRU of K10plus (titles with copies of several libraries, links that were
expanded, original scripts), and lines of a dump of the German National Library (a series, an online book with rights
that are only the library's, a person). And a strict reader of the form, of a few lines, that shares nothing with the
package's own.
"""

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from biglam_pipeline_tests.normalize.bundles import deleted, read_one, reader, records, rejects, unmapped
from biglam_pipeline_tests.normalize.formats.pica_records import FORMS, SPACE

TWINS = Path(__file__).parent / "twins"
DUE: dict[str, dict[str, dict[str, Any]]] = {
    "pica_k10plus.xml": {
        "100000010": {
            "title": "Der Leuchtturm : Erzählungen",
            "title_alt": ["Маяк : рассказы", "The lighthouse"],
            "creators": [
                {"name": "Muster, Olga", "role": "aut", "uri": "https://d-nb.info/gnd/118000001"},
                {"name": "Beispiel, Jan van", "role": "trl"},
            ],
            "publisher": "Deichverlag",
            "publication_place": ["Emden"],
            "date_raw": ["2019"],
            "languages": ["ger"],
            "subjects": [{"label": "Leuchtturm", "uri": "https://d-nb.info/gnd/4167531-9", "scheme": "gnd"}],
            "spatial": ["Ostfriesland"],
            "type": "Text",
            "source_url": "https://ebooks.example/1",
            "access_raw": ["Licence code ZZ"],
        },
        "100000029": {
            "title": "Über die Lampen",
            "collection": "Blätter vom Deich",
            "creators": [{"name": "Gesellschaft. Sektion Licht (Emden)", "role": "contributor"}],
            "rights_raw": ["CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"],
            "access_raw": ["Open Access"],
            "extent": "12 S. : Ill. ; 24 cm",
        },
    },
    "pica_dnb.dat": {
        "900000015": {
            "title": "Hefte zur Küste",
            "date_raw": ["1990/.."],
            "publisher": "Küstenverein",
            "identifiers": [{"scheme": "ppn", "value": "900000015"}, {"scheme": "zdb", "value": "1000001-3"}],
        },
        "900000023": {
            "title": "Nebel : ein Bericht",
            "creators": [{"name": "Muster, Olga", "role": "aut", "uri": "https://d-nb.info/gnd/118000001"}],
            "source_url": "https://d-nb.info/900000023/34",
            "access_raw": ["Licence indicator 1"],
            "date_raw": ["2020"],
        },
        "900000031": {"title": "Muster, Olga", "title_alt": ["Muster, O."]},
    },
}


@pytest.mark.parametrize("name", DUE)
def test_a_twin_is_read_without_a_change(name: str) -> None:
    found = read_one(reader(type="pica"), name, (TWINS / name).read_bytes())
    rows = {row.source_record_id: row for row in records(found)}
    assert rows.keys() == DUE[name].keys()
    for number, due in DUE[name].items():
        assert {column: rows[number].values.get(column) for column in due} == due
    assert not deleted(found)
    if name == "pica_dnb.dat":
        assert [(one.reason, one.position) for one in rejects(found)] == [("pica_internal", "record 4")]
    for words in ("secret", "geheim"):
        assert words not in str(rows)
        assert words not in str(found)
    assert not {said for one in unmapped(found) for said in one.problems}


def _strictly(data: bytes) -> list[list[tuple[str, str, list[tuple[str, str]]]]]:
    """Records of normalized PICA: tag, occurrence, code and text of each subfield."""
    found = []
    for line in data.decode().split("\n")[:-1]:
        assert line[-1] == "\x1e"
        fields = []
        for field in line[:-1].split("\x1e"):
            head, *parts = field.split("\x1f")
            assert head[-1] == " "
            fields.append((head[:4], head[5:-1] if head[4] == "/" else "", [(part[0], part[1:]) for part in parts]))
        found.append(fields)
    return found


def test_raw_records_are_what_a_strict_reader_sees() -> None:
    """But for what is not public; the same record in each form, out of what that reader saw."""
    data = (TWINS / "pica_dnb.dat").read_bytes()
    rows = {row.source_record_id: row for row in records(read_one(reader(type="pica"), "a.dat", data))}
    hidden = {"047A", "047R", "050C", "006U"}
    seen = 0
    for fields in _strictly(data):
        number = next(parts[0][1] for tag, _, parts in fields if tag == "003@")
        if number not in rows:
            continue
        seen += 1
        raw = etree.fromstring(rows[number].values["raw_record"])
        mine = [
            (one.get("tag"), one.get("occurrence") or "", [(part.get("code"), part.text) for part in one])
            for one in raw.iter(f"{{{SPACE}}}datafield")
        ]
        kept = [
            (tag, occurrence, [p for p in parts if (tag, p[0]) != ("009P", "x")]) for tag, occurrence, parts in fields
        ]
        assert mine == [one for one in kept if one[0] not in hidden]
        made = [
            (tag + (f"/{occurrence}" if occurrence else ""), "".join(f"${c}{t.replace('$', '$$')}" for c, t in parts))
            for tag, occurrence, parts in fields
        ]
        for make in FORMS.values():
            (again,) = records(read_one(reader(type="pica"), "a.dat", make(made)))
            assert again.values == rows[number].values
    assert seen == 3
