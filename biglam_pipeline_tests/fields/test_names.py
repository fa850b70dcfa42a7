"""Headings of persons and bodies, and identifiers, as catalogues write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.fields.identifiers import read_identifier, read_said
from biglam_pipeline.fields.names import read_creator, read_creators, relator


@pytest.mark.parametrize(
    "raw, name, birth, death, role",
    [
        ("Dickens, Charles, 1812-1870", "Dickens, Charles", 1812, 1870, None),
        ("Dickens, Charles, 1812-1870.", "Dickens, Charles", 1812, 1870, None),
        ("Dickens, Charles, 1812-1870, author", "Dickens, Charles", 1812, 1870, "aut"),
        ("Curtis, Edward S., 1868-1952, photographer.", "Curtis, Edward S.", 1868, 1952, "pht"),
        ("Smith, John, 1850-", "Smith, John", 1850, None, None),
        ("Smith, John, b. 1850", "Smith, John", 1850, None, None),
        ("Smith, John, d. 1901", "Smith, John", None, 1901, None),
        ("Smith, John, -1901", "Smith, John", None, 1901, None),
        ("Rembrandt (1606-1669)", "Rembrandt", 1606, 1669, None),
        ("Vincent van Gogh (Dutch, 1853–1890)", "Vincent van Gogh", 1853, 1890, None),
        ("Virgil, 70-19 B.C.", "Virgil", -69, -18, None),
        ("Homer", "Homer", None, None, None),
        ("Smith, J.", "Smith, J.", None, None, None),
        ("Smith, John, Jr.", "Smith, John, Jr.", None, None, None),
        ("Printer", "Printer", None, None, None),
        ("Hall, John; 1739-1797; engraver", "Hall, John", 1739, 1797, "egr"),
        ("Hall, John (British; born 1739)", "Hall, John", 1739, None, None),
        # several in one text: whose years and role are they?
        ("Elm, A., 1811-1850; Oak, B.; Ash, C.;", "Elm, A., 1811-1850; Oak, B.; Ash, C.", None, None, None),
        ("Elm, A.; Oak, B., 1811-1850, author", "Elm, A.; Oak, B., 1811-1850, author", None, None, None),
        ("Elm & Oak (A. Elm, 1939-1993; B. Oak, born 1944)",) * 2 + (None, None, None),
        ("Elm, Ann | Oak, Bo, 1811-1850", "Elm, Ann | Oak, Bo, 1811-1850", None, None, None),
        ("Elm, Ann; A University", "Elm, Ann; A University", None, None, None),
        # a heading of name and title
        ("Higden, Ranulf, d. 1364. Polycronicon. English", "Higden, Ranulf", None, 1364, None),
        # no years of birth and death, or not for sure
        ("Doe, J., active 1850-1870", "Doe, J.", None, None, None),
        ("Titian, ca. 1490-1576", "Titian", None, None, None),
        ("Foo, Bar, 1812?-1870", "Foo, Bar", None, None, None),
        ("Foo, Bar, 1870-1812", "Foo, Bar", None, None, None),
        ("Great Britain. Parliament. 1832-1868", "Great Britain. Parliament. 1832-1868", None, None, None),
        ("", "", None, None, None),
        ("Peter Drucker", "Peter Drucker", None, None, None),
        ("George Painter", "George Painter", None, None, None),
        ("Ruscha, Ed", "Ruscha, Ed", None, None, None),
        ("Lee, Ann", "Lee, Ann", None, None, None),
        ("Voltaire, 1694-1778, aut", "Voltaire", 1694, 1778, "aut"),
        ("Hugo, Victor (1802-1885). Auteur du texte", "Hugo, Victor", 1802, 1885, "aut"),
        ("Müller, Karl (Hrsg.)", "Müller, Karl", None, None, "edt"),
        ("Müller, Karl, Hrsg.", "Müller, Karl", None, None, "edt"),
        ("Dürer, Albrecht, 1471-1528, Künstler", "Dürer, Albrecht", 1471, 1528, "art"),
        ("Photographer: Jane Doe", "Jane Doe", None, None, "pht"),
        ("Imprimerie nationale (Paris). Éditeur scientifique", "Imprimerie nationale (Paris)", None, None, "edt"),
        ("Rossi, Mario <1850-1900>", "Rossi, Mario", 1850, 1900, None),
        ("Rossi, Mario <n. 1850>", "Rossi, Mario", 1850, None, None),
        ("Novák, Jan (nar. 1850)", "Novák, Jan", 1850, None, None),
        ("Kowalski, Jan (zm. 1900)", "Kowalski, Jan", None, 1900, None),
        ("Hall, John (engraver, 1739-1797)", "Hall, John", 1739, 1797, "egr"),
        ("Kim, Young (b. 1850, d. 1900)", "Kim, Young", 1850, 1900, None),
        ("Kim, Young, born 1850, died 1900, painter", "Kim, Young", 1850, 1900, "art"),
        ("Kim, Young * 1850 † 1900", "Kim, Young", 1850, 1900, None),
        ("Doe, Jane M. 1850", "Doe, Jane M. 1850", None, None, None),
        ("Doe, Jane F. 1850", "Doe, Jane F. 1850", None, None, None),
        ("Doe, Jane (B. 1850)", "Doe, Jane", 1850, None, None),
        ("Doe, Jane, b. ca. 1850", "Doe, Jane", None, None, None),
        ("Doe, Jane, d. ca. 1900, painter", "Doe, Jane", None, None, "art"),
        ("Doe, Jane, 1850 or 1851-1900", "Doe, Jane", None, None, None),
        ("Doe, Jane, 1850 or 51-1900, author", "Doe, Jane", None, None, "aut"),
        ("Doe, Jane, 1850-1900 or 1901", "Doe, Jane", None, None, None),
        ("20th Century Fox", "20th Century Fox", None, None, None),
        ("Center for 21st Century Studies", "Center for 21st Century Studies", None, None, None),
        ("Master of the Legends, 15th century", "Master of the Legends", None, None, None),
        ("John (16th cent.), painter", "John", None, None, "art"),
        ("Lönnrot, Elias, kirjoittaja", "Lönnrot, Elias", None, None, "aut"),
    ],
)
def test_creators(raw: str, name: str, birth: int | None, death: int | None, role: str | None) -> None:
    creator = read_creator(raw)
    assert creator == {
        "name": name, "name_raw": raw, "role": role, "uri": None, "birth_year": birth, "death_year": death,
    }  # fmt: skip


def test_authorities_and_roles() -> None:
    creator = read_creator("Dickens, Charles (1812-1870) (http://viaf.org/viaf/88666393)")
    assert (creator["name"], creator["uri"]) == ("Dickens, Charles", "http://viaf.org/viaf/88666393")
    assert (creator["birth_year"], creator["death_year"]) == (1812, 1870)
    assert read_creator("Dickens", "Author.")["role"] == "aut"
    assert read_creator("Dickens", "edt")["role"] == "edt"
    assert read_creator("Dickens", "benefactor")["role"] == "benefactor"
    assert read_creator("Dickens", " ")["role"] is None
    assert relator("[photographer]") == "pht"
    kafka = read_creator("Kafka, Franz, 1883-1924 (DE-588)118559230")
    assert (kafka["name"], kafka["uri"]) == ("Kafka, Franz", "https://d-nb.info/gnd/118559230")


@pytest.mark.parametrize(
    ("role", "code"),
    [
        ("http://id.loc.gov/vocabulary/relators/aut", "aut"), ("marcrel:ILL", "ill"), ("relators:pht", "pht"),
        ("VerfasserIn", "aut"), ("Verfasser/in", "aut"), ("Hrsg.", "edt"), ("Graveur", "egr"), ("грaвер", "грaвер"),
        ("переводчик", "trl"), ("tłumacz", "trl"), ("oversetter", "trl"), ("former owner", "fmo"), ("dte", "dte"),
        ("benefactor", "benefactor"), ("", ""),
    ],
)  # fmt: skip
def test_a_role_is_a_relator_where_it_is_known(role: str, code: str) -> None:
    assert relator(role) == code


ARK, ISBN, LCCN = "ark:/12148/bpt6k5619759j", "9780306406157", "sn83045462"


@pytest.mark.parametrize(
    "raw, scheme, value",
    [
        (ARK, "ark", ARK),
        ("ark:12148/bpt6k5619759j", "ark", ARK),
        ("https://gallica.bnf.fr/ark:/12148/bpt6k5619759j", "ark", ARK),
        ("10.5281/ZENODO.5838410", "doi", "10.5281/zenodo.5838410"),
        ("https://doi.org/10.5281/zenodo.5838410", "doi", "10.5281/zenodo.5838410"),
        ("doi:10.23636/1235", "doi", "10.23636/1235"),
        ("0-306-40615-2", "isbn", ISBN),
        ("ISBN 0306406152", "isbn", ISBN),
        ("ISBN 0-306-40615-2 (pbk.)", "isbn", ISBN),
        ("978-0-306-40615-7", "isbn", ISBN),
        (ISBN, "isbn", ISBN),
        ("isbn:080442957X", "isbn", "9780804429573"),
        ("urn:isbn:0306406152", "isbn", ISBN),
        ("(OCoLC)ocm00012345", "oclc", "12345"),
        ("ocn123456789", "oclc", "123456789"),
        ("ocm 12156486", "oclc", "12156486"),
        ("on1234567890", "oclc", "1234567890"),
        ("(OCoLC)ocm 12156486", "oclc", "12156486"),
        ("https://www.worldcat.org/oclc/777", "oclc", "777"),
        ("lccn:sn 83045462", "lccn", LCCN),
        ("http://lccn.loc.gov/sn83045462", "lccn", LCCN),
        ("lccn: n78-890351", "lccn", "n78890351"),
        ("lccn: 85-2", "lccn", "85000002"),
        ("hdl:2027/mdp.39015", "handle", "2027/mdp.39015"),
        ("http://hdl.handle.net/2027/mdp.39015", "handle", "2027/mdp.39015"),
        ("URN:NBN:de:bvb:12-bsb00012345", "urn", "urn:nbn:de:bvb:12-bsb00012345"),
        ("https://nbn-resolving.org/urn:nbn:de:bvb:12-bsb00012345", "urn", "urn:nbn:de:bvb:12-bsb00012345"),
        ("https://example.org/x", "url", "https://example.org/x"),
        ("ISSN 0317-8471", "issn", "0317-8471"),
        ("issn:2434561x", "issn", "2434-561X"),
        ("urn:ISSN:0317-8471", "issn", "0317-8471"),
        ("ISSN-L 0317-8471 (print)", "issn", "0317-8471"),
        ("https://portal.issn.org/resource/ISSN/0317-8471", "issn", "0317-8471"),
        ("(DLC)   85012345", "lccn", "85012345"),
        ("sn 83030214", "lccn", "sn83030214"),
        ("PPN715049151", "ppn", "715049151"),
        ("PPN 026963507", "ppn", "026963507"),
        ("(DE-627)715049151", "ppn", "715049151"),
        ("http://uri.gbv.de/document/opac-de-627:ppn:715049151", "ppn", "715049151"),
        ("http://viaf.org/viaf/96994048", "viaf", "96994048"),
        ("https://viaf.org/viaf/96994048/#Goethe", "viaf", "96994048"),
        ("VIAF: 96994048", "viaf", "96994048"),
        ("https://www.wikidata.org/wiki/Q42", "wikidata", "Q42"),
        ("http://www.wikidata.org/entity/q42", "wikidata", "Q42"),
        ("wikidata:Q42", "wikidata", "Q42"),
        ("(DE-588)118540238", "gnd", "118540238"),
        ("https://d-nb.info/gnd/4028614-6", "gnd", "4028614-6"),
        ("hdl.handle.net/1813/1", "handle", "1813/1"),
        ("Signatur: Cod. Pal. germ. 848", "shelfmark", "Cod. Pal. germ. 848"),
    ],
)
def test_identifiers(raw: str, scheme: str, value: str) -> None:
    assert read_identifier(f" {raw}\n") == {"scheme": scheme, "value": value}
    assert read_identifier(raw) == {"scheme": scheme, "value": value}


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "12345",
        "0306406152",
        "ISBN 0306406153",
        "9780306406158",
        "lccn:",
        "10.1/x",
        "0317-8471",
        "ISSN 0317-8472",
        "Q42",
        "PPN 715049152",
        "Cod. Pal. germ. 848",
        "1850-1860",
        "viaf:x",
        "ON1914",
        "OCM 12",
    ],
)
def test_an_identifier_of_no_known_scheme_is_kept_without_one(raw: str) -> None:
    """A shelfmark, a number that says nothing of where it counts, an ISBN with a wrong check digit."""
    assert read_identifier(f" {raw}\n") == {"scheme": None, "value": raw}


@pytest.mark.parametrize(
    ("scheme", "raw", "value", "known"),
    [
        ("isbn", "0306406152", ISBN, True),
        ("isbn", "ISBN 0-306-40615-2", ISBN, True),
        ("isbn", "0306406153", "0306406153", False),
        ("oclc", "00012345", "12345", True),
        ("oclc", "ocm 12156486", "12156486", True),
        ("lccn", "sn 83045462", LCCN, True),
        ("doi", "10.23636/1235", "10.23636/1235", True),
        ("handle", "2027/mdp.39015", "2027/mdp.39015", True),
        ("doi", "n/a", "n/a", False),
        ("wikidata", " Q231861 ", "Q231861", True),
        ("wikidata", "http://www.wikidata.org/entity/Q42", "Q42", True),
        ("issn", "03178471", "0317-8471", True),
        ("issn", "0317-8472", "0317-8472", False),
        ("viaf", "96994048", "96994048", True),
        ("ppn", "71504915X", "71504915X", False),
        ("ulan", "500020631", "500020631", True),
        ("shelfmark", "MS 14.b", "MS 14.b", True),
    ],
)
def test_a_scheme_that_the_entry_says(scheme: str, raw: str, value: str, known: bool) -> None:
    """One form for each scheme that is known here; all else is kept as it is, also what is no valid one."""
    assert read_said(scheme, raw) == ({"scheme": scheme, "value": value}, known)


def test_what_is_read_reads_the_same_again() -> None:
    for value in (ARK, "10.23636/1235", ISBN, "urn:nbn:de:x-1", "https://example.org/x"):
        assert read_identifier(value)["value"] == value


WORDS = st.sampled_from(
    ["isbn", "lccn:", "doi:", "ark:/", "10.1234/", "12148/", "0-306", "-", "(", "urn:", "x", "http://"]
)


@given(st.one_of(st.text(), st.lists(WORDS).map("".join)))
def test_identifiers_are_total(raw: str) -> None:
    found = read_identifier(raw)
    assert found["value"] or not raw.strip()
    assert found["scheme"] or found["value"] == raw.strip()


PARTS = st.sampled_from(["Smith", ", ", "1850", "-", "1901", "(", ")", " b. ", "author", "http://a.b/c", "ca. ", "."])


@given(st.one_of(st.text(), st.lists(PARTS).map("".join)), st.none() | st.text())
def test_creators_are_total(raw: str, role: str | None) -> None:
    creator = read_creator(raw, role)
    assert creator["name_raw"] == raw
    assert bool(creator["name"]) or not raw.strip()


@pytest.mark.parametrize(
    ("raw", "name", "roles"),
    [
        ("Melville, Herman, 1819-1891, author, editor.", "Melville, Herman", ["aut", "edt"]),
        ("Melville, Herman, author; editor", "Melville, Herman", ["aut", "edt"]),
        ("Melville, Herman, author and editor", "Melville, Herman", ["aut", "edt"]),
        ("Melville, Herman (author, editor)", "Melville, Herman", ["aut", "edt"]),
        ("Hall, John (engraver and printer, 1739-1797)", "Hall, John", ["egr", "prt"]),
        ("Melville, Herman, author, author", "Melville, Herman", ["aut"]),
        ("Melville, Herman (author, sailor)", "Melville, Herman (author, sailor)", [None]),
        ("Ruscha, Ed", "Ruscha, Ed", [None]),
        ("Printer, John, printer", "Printer, John", ["prt"]),
    ],
)
def test_each_role_of_a_heading_is_kept(raw: str, name: str, roles: list[str | None]) -> None:
    found = read_creators(raw)
    assert [(one["name"], one["role"]) for one in found] == [(name, role) for role in roles]
    assert [one["role"] for one in read_creators(raw, "illustrator")] == ["ill"]
