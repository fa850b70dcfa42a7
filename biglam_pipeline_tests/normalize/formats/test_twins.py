"""Made-up records in the structure of public collections that no reader was written by: read without a change of code.

Beside this file, in `twins`. LIDO: prints as the Cranach Digital Archive has them (1.1, SKOS), photographs as the
profile of Finna has them (in OAI, without a prefix), chairs as Design Museum Gent delivered them (names misspelt),
paintings as the Rijksmuseum has them (each element once a language). EDM: paintings as the Rijksmuseum has them
(things written where they are named), woodcuts as Kulturpool has them, and what the Deutsche Digitale Bibliothek
makes.
"""

from pathlib import Path
from typing import Any

import pytest

from biglam_pipeline_tests.normalize.bundles import deleted, read_one, reader, records, rejects, unmapped
from biglam_pipeline_tests.normalize.formats.lido_records import due_in

TWINS = Path(__file__).parent / "twins"
MARK, ZERO = "http://creativecommons.org/publicdomain/mark/1.0/", "http://creativecommons.org/publicdomain/zero/1.0/"
DUE: dict[str, dict[str, Any]] = {
    "lido_prints": {
        "title": "Der Ritter am Tor",
        "title_alt": ["The knight at the gate"],
        "type": "PhysicalObject",
        "genres": ["Holzschnitt"],
        "creators": [
            {
                "name": "Beispiel, Anna, 1472-1553",
                "role": "Entwerfer (Werkstatt)",
                "uri": "https://d-nb.info/gnd/118522582",
            }
        ],
        "date_raw": ["um 1509"],
        "publication_place": ["Wittenberg"],
        "description": "Ein Ritter steht.\nEr wartet.\n\nIV 1509 (unten links)",
        "extent": "Holzschnitt auf Papier; Blatt: 277 x 190 mm",
        "subjects": [{"label": "Ritter", "uri": "https://iconclass.org/44B1"}, {"label": "Georg, Heiliger"}],
        "collection": "Kupferstichkabinett",
        "languages": ["de"],
        "identifiers": [
            "DE_X_NONE-X001",
            "https://archive.example/de/DE_X_NONE-X001",
            "DE_X_NONE-X001/record",
            {"scheme": "inventory number", "value": "A 12-3"},
        ],
        "source_url": "https://archive.example/lido/X001.xml",
        "rights_raw": [MARK, "Kein Urheberrechtsschutz", "No Copyright"],
        "record_rights_raw": [ZERO, "CC0 1.0 Universell Public Domain Dedication"],
        "attribution": "Archive of Prints",
    },
    "lido_photographs": {
        "title": "Silta",
        "genres": ["valokuva", "kuvat"],
        "creators": [
            {"name": "Virtanen, Eino", "role": "valokuvaaja", "uri": "http://urn.fi/URN:NBN:fi:au:finaf:000057712"}
        ],
        "date_raw": ["1910-01-01/1915-12-31"],
        "publication_place": ["Käenkuja 3, Helsinki"],
        "description": "Silta joen yli.",
        "extent": "korkeus 10 cm x leveys 15 cm",
        "subjects": [
            {"label": "sillat", "uri": "http://www.yso.fi/onto/koko/p34718", "scheme": "koko"},
            {"label": "23.1.1911"},
        ],
        "spatial": [{"name": "Joki, Helsinki"}],
        "collection": "Eino Virtasen kokoelma",
        "languages": ["fin"],
        "identifiers": ["M:1", "1", {"scheme": "inventory number", "value": "AG2004:10"}],
        "rights_raw": ["http://creativecommons.org/licenses/by/4.0/", "CC BY 4.0"],
        "record_rights_raw": [ZERO, "CC0"],
        "attribution": "Photographed by A. Berg",
        "type": "Dataset",
    },
    "lido_chairs": {
        "title": "Stoel",
        "extent": "hoogte 80 cm",
        "date_raw": [";1895 (circa) - 1934"],
        "collection": "Museum",
        "languages": ["nl"],
        "identifiers": ["5", {"scheme": "object number", "value": "1987-0001"}],
        "type": "Dataset",
    },
    "lido_paintings": {
        "title": "De brief",
        "title_alt": ["The Letter", "Vrouw met brief"],
        "type": "PhysicalObject",
        "genres": ["schilderij"],
        "creators": [
            {
                "name": "Meer, Ann, 1632-1675",
                "role": "schilder (toegeschreven aan)",
                "uri": "https://rkd.nl/explore/artists/1",
            }
        ],
        "date_raw": ["1662/1664"],
        "publication_place": ["Delft"],
        "description": "Een vrouw leest.\n\nI. Meer (signatuur)",
        "extent": "doek; olieverf; hoogte 46.5 cm (drager); breedte 39 cm (lijst)",
        "subjects": [{"label": "reading a letter", "uri": "http://iconclass.org/49L7", "scheme": "Iconclass"}],
        "collection": "Museum X",
        "languages": ["nl"],
        "identifiers": ["NL-X/lido/6813", "6813", {"scheme": "inventory number", "value": "SK-X-5"}],
        "source_url": "http://hdl.handle.net/10934/RM0001.COLLECT.6417",
        "rights_raw": ["https://creativecommons.org/publicdomain/mark/1.0/", "public domain"],
        "attribution": "Bequest of Mr Y",
    },
    "edm_paintings": {
        "title": "The Guard",
        "title_alt": ["De Wacht"],
        "creators": ["Ann Painter"],
        "date_raw": ["1642"],
        "description": "A large canvas.",
        "extent": "height 3 cm x width 4 cm",
        "genres": ["painting"],
        "subjects": ["weapons"],
        "collection": "https://id.m.example/260212",
        "identifiers": ["SK-X-5"],
        "rights_raw": [MARK],
        "type": "Dataset",
    },
    "edm_woodcuts": {
        "title": "Die Erweckung",
        "creators": ["Beispiel, Anna"],
        "date_raw": ["1506"],
        "extent": "22,5 x 15,9 cm (laut Hollstein)",
        "genres": ["Druckgrafik"],
        "collection": "Graphische Sammlung",
        "languages": ["de"],
        "identifiers": ["DG1949/697"],
        "source_url": "https://online.example/o/1",
        "rights_raw": ["Graphic Museum, Wien, Österreich", MARK],
        "type": "StillImage",
    },
    "edm_portal": {"title": "Beispielobjekt", "title_alt": ["Example object"], "type": "Dataset"},
}
LEFT = {
    "lido_prints": {"event/eventDate", "resourceSet/resourceRepresentation", "relatedWorkSet/relatedWork"},
    "lido_photographs": {"event/eventPlace/Point", "resourceSet/resourceRepresentation"},
    "lido_chairs": {"event/eventNote"},
    "lido_paintings": {"event/eventActor/term", "resourceSet/resourceRepresentation"},
    "edm_paintings": {"isShownBy", "object", "medium", "provenance", "dataProvider"},
    "edm_woodcuts": {"isShownBy", "medium", "dataProvider"},
    "edm_portal": {"dataProvider"},
}
"""What is reported as unread, among others."""


@pytest.mark.parametrize("name", DUE)
def test_a_collection_that_nobody_saw_is_read(name: str) -> None:
    data = (TWINS / f"{name}.xml").read_bytes()
    found = read_one(reader(type=name.partition("_")[0]), f"{name}.xml", data)
    (record,) = records(found)
    assert {key: value for key, value in record.values.items() if key != "raw_record"} == DUE[name]
    assert not rejects(found)
    assert LEFT[name] <= unmapped(found)[0].filled.keys()


def test_tombstones_and_repairs_of_them_are_counted() -> None:
    gone = {
        name: len(deleted(read_one(reader(type=name.partition("_")[0]), name, (TWINS / f"{name}.xml").read_bytes())))
        for name in DUE
    }
    assert {name for name, number in gone.items() if number} == {"lido_photographs", "edm_paintings"}
    (chair,) = records(read_one(reader(type="lido"), "a.xml", (TWINS / "lido_chairs.xml").read_bytes()))
    assert len(chair.problems) == 5


@pytest.mark.parametrize(("name", "due"), [("lido_prints", 1), ("lido_photographs", 2), ("lido_chairs", 1)])
def test_they_are_as_many_as_expat_counts(name: str, due: int) -> None:
    assert due_in((TWINS / f"{name}.xml").read_bytes()) == due


def test_their_pictures() -> None:
    made = reader(type="lido", modality="image")
    shown = [
        records(read_one(made, name, (TWINS / f"{name}.xml").read_bytes()))[0].values["image_url"]
        for name in ("lido_prints", "lido_photographs")
    ]
    assert shown == ["https://img.example/origin.jpg", "https://f.example/l"]
