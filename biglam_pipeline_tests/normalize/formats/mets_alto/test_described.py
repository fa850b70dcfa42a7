"""Of several descriptions the original's counts: who printed it and when, not who scanned it."""

import pytest

from biglam_pipeline_tests.normalize.bundles import real_folder
from biglam_pipeline_tests.normalize.formats.mets_alto.made import Outcome, div, fptr, group, mets, mods, page

FIRM = "<m:publisher>CCS Content Conversion Specialists GmbH</m:publisher>"
PRINT = "<m:titleInfo><m:title>Vossische Zeitung</m:title></m:titleInfo>"
PRINTED = (
    f"{PRINT}<m:originInfo><m:dateIssued>1924-05-02</m:dateIssued><m:publisher>Ullstein</m:publisher></m:originInfo>"
)
SCANNED = f'{PRINT}<m:originInfo><m:dateCreated keyDate="yes">2008-10-02</m:dateCreated>{FIRM}</m:originInfo>'


def _values(described: str, root: str = "", *, logical: str = "", rows: str = "page") -> dict[str, object]:
    structure = div(div(fptr("A")), type_="Newspaper", **({"DMDID": root} if root else {}))
    maps = [("PHYSICAL", structure), *([("LOGICAL", logical)] if logical else [])]
    made = mets(group(("A", "a.xml")), *maps, described=described)
    values = Outcome({"m.xml": made, "a.xml": page("x")}, rows).records[0].values
    return {name: values.get(name) for name in ("date_raw", "publisher", "publication_place") if values.get(name)}


WANTED = {"date_raw": ["1924-05-02"], "publisher": "Ullstein"}


@pytest.mark.parametrize("order", ["P E", "E P"])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("MODSMD_PRINT", ""), ("MODSMD_ELEC", "")),  # docWorks
        (("P1", "Bibliographic meta-data of the printed version"), ("E1", "… of the electronic version")),
        (("P1", ""), ("E1", "")),  # only dateCreated beside dateIssued tells them apart
    ],
)
def test_of_two_mods_of_one_division_the_print_counts(order: str, one: tuple[str, str], other: tuple[str, str]) -> None:
    sections = {"P": mods(one[0], PRINTED, one[1]), "E": mods(other[0], SCANNED, other[1])}
    names = {"P": one[0], "E": other[0]}
    found = _values("".join(sections[key] for key in order.split()), " ".join(names[key] for key in order.split()))
    assert found == WANTED


def test_where_the_print_names_no_publisher_nobody_is_put_in_its_place() -> None:
    """As at SBB: the firm that scanned it is not the publisher, also where it is the only one that is named."""
    described = mods("MODSMD_PRINT", PRINT) + mods("MODSMD_ELEC", SCANNED)
    assert _values(described, "MODSMD_ELEC MODSMD_PRINT") == {}
    assert _values(mods("MODSMD_ELEC", SCANNED), "MODSMD_ELEC") == {}


def test_the_logical_structure_speaks_before_the_physical() -> None:
    other = PRINTED.replace("Ullstein", "Another")
    logical = div(type_="ISSUE", DMDID="L")
    assert _values(mods("X", other) + mods("L", PRINTED), "X", logical=logical) == WANTED


@pytest.mark.parametrize(
    "scan",
    [
        f'<m:originInfo eventType="digitization"><m:dateCaptured>2015</m:dateCaptured>{FIRM}</m:originInfo>',  # DFG
        f'<m:originInfo eventType="digitisation"><m:dateIssued>2015</m:dateIssued>{FIRM}</m:originInfo>',
        f'<m:originInfo eventType="reproduction"><m:dateIssued>2015</m:dateIssued>{FIRM}</m:originInfo>',
        f"<m:originInfo><m:edition>[Electronic ed.]</m:edition>{FIRM}</m:originInfo>",  # Goobi and Kitodo until 2.x
        f"<m:originInfo><m:dateCaptured>2015</m:dateCaptured>{FIRM}</m:originInfo>",  # MODS: dateCaptured
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_of_two_origins_in_one_mods_the_print_counts(scan: str, first: bool) -> None:
    body = f"{scan}{PRINTED}" if first else f"{PRINTED}{scan}"
    assert _values(mods("D", body), "D") == WANTED
    assert _values(mods("D", PRINT + scan), "D") == {}


def test_an_original_that_is_described_as_a_related_item() -> None:
    """MODS: `relatedItem type="original"`; where it only says where the original is kept, the record's own counts."""
    own = "<m:originInfo><m:dateIssued>2015</m:dateIssued><m:publisher>Gale</m:publisher></m:originInfo>"
    original = f'<m:relatedItem type="original">{PRINTED}</m:relatedItem>'
    assert _values(mods("D", PRINT + own + original), "D") == WANTED
    kept = '<m:relatedItem type="original"><m:location><m:url>https://example.org</m:url></m:location></m:relatedItem>'
    assert _values(mods("D", PRINTED + kept), "D") == WANTED
    series = own.replace("Gale", "Series").join(('<m:relatedItem type="series">', "</m:relatedItem>"))
    assert _values(mods("D", PRINTED + series), "D") == WANTED


def test_a_real_issue_of_the_berlin_state_library() -> None:
    """ZEFYS, 1924: its METS gives the firm a MODS of its own, first in the list; its pages are not here."""
    files = real_folder("mets/sbb-mods4pandas/zefys-examples", "*.xml")
    (name,) = files
    with files[name].open() as stream:
        data = stream.read()
    pages = {f"1924-05-02-_0208_1-ALTO{n:05d}.xml": page(f"p{n}") for n in range(1, 15)}
    found = Outcome({name: data, **pages})
    assert (len(found.records), found.rejects) == (14, [])
    assert {one.values.get("publisher") for one in found.records} <= {None}
    assert {tuple(one.values["date_raw"]) for one in found.records} <= {("ca. 02.05.1924",)}
