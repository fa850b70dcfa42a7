"""Golden values of catalogues and aggregators, and what recognise must never do."""

import csv
import io
import re
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.rights.hub_licenses import AMBIGUOUS, HUB_LICENSES
from biglam_pipeline.rights.recognise import recognise
from biglam_pipeline.rights.table import BY_URI
from biglam_pipeline.rights.tiers import NEVER, TIERS

ROWS = list(
    csv.DictReader(io.StringIO(resources.files("biglam_pipeline.rights").joinpath("rights.csv").read_text("utf-8")))
)
CANONICAL = sorted({statement.uri for statement in BY_URI.values() if statement.uri})

CC = "http://creativecommons.org/licenses/"
ZERO = "http://creativecommons.org/publicdomain/zero/1.0/"
OGL = "http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
ETALAB = "https://www.etalab.gouv.fr/licence-ouverte-open-licence"

GOLDEN = [
    # Europeana's RightsOptionTest and its edm:rights
    ("http://rightsstatements.org/vocab/InC/1.0/ ", "closed"),
    ("http://rightsstatements.org/page/CNE/1.0/", "unknown"),
    ("http://creativecommons.org/licenses/by-sa/3.0/nl/", "sa"),
    ("https://creativecommons.org/licenses/by-nc-nd/4.0/deed.gl", "nd"),
    ("http://creativecommons.org/licenses/publicdomain/mark/", "pd"),
    # a page beside the licence that nobody has read; it was "nd" before, see `Beside.hosts` for a page that was read
    ("http://creativecommons.org/licenses/by-nd/2.5/,http://www.culture.si/en/Licenses#CC", "unknown"),
    ("http://creativecommons.org.licenses/by-nc-nd3.0/", "nd"),
    ("http://creativecommons.org/licences/by-sa/3.0/", "sa"),
    ("http://creativecomons.org/publicdomain/mark/1.0/", "pd"),
    ("ttp://creativecommons.org/publicdomain/mark/1.0/", "pd"),
    ("http://creativecommons.org/licenses/©%20DEXTRA%20Photo/3.0/", "closed"),
    ("Creative Commons/by-nc-nd/4.0/", "nd"),
    ("http://www.europeana.eu/rights/orphan-work-eu.html", "closed"),
    ("An error occurred getting the license - uri.", "unknown"),
    # DPLA's hubs
    ("http://rightsstatements.org/vocab/InC/;", "closed"),
    ("http://rightsstatements.org/vocab%20/UND/1.0/", "unknown"),
    ("http://rightsstatements.org/vocab/NoC-US/1.0/?language=en", "pd-us"),
    ("http://rightsstatements.org/public-domain", "unknown"),
    ("http://rightsatement.org", "unknown"),
    ("http://rightsstatements.org/", "unknown"),
    ("https://rightsstatements.org/en/", "unknown"),
    # ids and labels
    ("Attribution-NonCommercial-NoDerivatives 4.0 Internacional", "nd"),
    ("CC BY-SA 4.0", "sa"),
    ("cc-by-sa", "sa"),
    ("CC-BY", "by"),
    # Openverse
    ("https://creativecommons.org/licenses/by/4.0/deed.fi", "by"),
    ("http://creativecommons.org/licenses/CC0/1.0/legalcode", "pd"),
    ("CC-BY-NC-SA 4.0 | © The Board of Trustees of the Science Museum", "nc"),
    # the Biodiversity Heritage Library
    ("Public domain. The BHL considers that this work is no longer under copyright protection.", "pd-claim"),
    ("Public domain.. The BHL considers that this work is no longer under copyright protection.", "pd-claim"),
    ("Public domain.  The BHL considers that this work is no longer under copyright protection", "pd-claim"),
    ("public domain, the BHL considers that this work is no longer under copyright protection!", "pd-claim"),
    ("Not provided. Contact Holding Institution to verify copyright status.", "unknown"),
    ("In copyright. Digitized with the permission of the rights holder.", "closed"),
    ("NOT_IN_COPYRIGHT", "pd-claim"),
    ("NOT IN COPYRIGHT", "pd-claim"),
    ("NIC", "pd-claim"),
    ("The contributing institution believes that this item is not in copyright", "pd-claim"),
    ("Not in copyright. The BHL knows of no copyright restrictions on this item.", "pd-claim"),
    ("No known copyright restrictions as determined by scanning institution.", "nkc"),
    ("The Library of Congress is unaware of any copyright restrictions for this item.", "nkc"),
    ("Permission to digitize granted by rights holder", "closed"),
    ("Permission_to_digitize_granted_by_rights_holder", "closed"),
    # other free text
    ("Public domain in the USA.", "pd-us"),
    ("Public domain only when viewed in the US", "pd-us"),
    ("usage conditions apply", "unknown"),
    ("All rights reserved.", "closed"),
    ("Copyright Wayne State University", "closed"),
    ("Copyright of Clemson University. Permission to publish or reproduce is required.", "closed"),
    ("Use of digital images found on this website is permitted for private or personal use only.", "unknown"),
    ("Users can cite and link to these materials without obtaining permission.", "unknown"),
    ("It is licensed under a Creative Commons Attribution-NoDerivs 3.0 Unported License.", "nd"),
    ("Under a Creative Commons Attribution-NonCommercial 4.0 International License, CC BY-NC.", "nc"),
    ("…NonCommercial 4.0 International License, CC BY-NC.", "nc"),
    ("Contains some works not in the public domain", "closed"),
]


@pytest.mark.parametrize("raw, tier", GOLDEN)
def test_golden(raw: str, tier: str) -> None:
    assert recognise(raw).tier == tier, recognise(raw)


@pytest.mark.parametrize(
    "raw, tier",
    [
        ("No Copyright - United States", "pd-us"),  # trap 1: a label, not a denial of copyright
        ("No Copyright – United States", "pd-us"),
        ("PD in the United States; the digital reproduction is CC0", "pd-us"),  # trap 2: the jurisdiction wins
        (
            (
                "Photos published before 1923 are public domain and have no known rights restrictions. "
                "Photos created or published after 1/1/1923 …"
            ),
            "unknown",  # trap 3: two halves, two answers; "review" is only for terms that are understood
        ),
    ],
)
def test_traps(raw: str, tier: str) -> None:
    assert recognise(raw).tier == tier


def test_canonical_uris_stay_as_they_are() -> None:
    """Hundreds in one test: to begin and to report one for each would take longer than to read them."""
    for uri in CANONICAL:
        once = recognise(uri)
        assert once.uri == uri
        assert recognise(once.uri) == once
        if uri.startswith("http://creativecommons.org"):
            for variant in (
                uri.replace("http:", "https:").removesuffix("/"),
                uri.replace("//", "//www."),
                uri + "deed.fr",
                uri + "legalcode",
                uri + "?lang=nl",
            ):
                assert recognise(variant).tier == once.tier, variant


def test_every_row_of_the_table_is_reached() -> None:
    assert len(CANONICAL) > 600
    for row in ROWS:
        pattern = row["uri_or_pattern"]
        if pattern.startswith("regex:"):
            jurisdictions = re.search(r"\(([a-z|]+)\)", pattern)
            assert jurisdictions
            for jurisdiction in jurisdictions[1].split("|"):
                uri = pattern.removeprefix("regex:^").removesuffix("$").replace("\\", "")
                uri = uri.replace(jurisdictions[0], jurisdiction)
                assert recognise(uri).uri == uri
                assert recognise(uri).tier == row["tier"]
        elif pattern.startswith("alias:"):
            named = recognise(pattern.removeprefix("alias:"))
            assert row["name"] in (named.uri, named.license_name)
        else:
            assert recognise(pattern.split(":", 1)[1] if pattern[:4] != "http" else pattern).tier == row["tier"]


def test_ids_name_the_statement_they_came_from() -> None:
    for statement in BY_URI.values():
        name = statement.license_name or statement.hf_license
        if name:
            again = recognise(name)
            assert (again.tier, again.license_name or again.hf_license) == (statement.tier, name)


def test_the_table_keeps_its_own_rules() -> None:
    for row in ROWS:
        hub, _, name = row["hf_license"].partition(":")
        if row["tier"] == "see-canonical":
            continue
        assert row["tier"] in TIERS
        assert hub == "block" or hub in HUB_LICENSES - AMBIGUOUS
        assert (hub == "other") == bool(name)
        assert (row["tier"] in NEVER) == (hub == "block")
        if row["tier"] in ("pd", "by", "sa"):
            assert (row["redistributable"], row["derivatives"], row["commercial"]) == ("yes", "yes", "yes"), row
            assert (row["share_alike"] == "yes") == (row["tier"] == "sa"), row
        if row["derivatives"] == "no" and row["redistributable"] == "yes":
            assert row["tier"] == "nd", row


@pytest.mark.parametrize(
    "raw, uri, hub, name",
    [
        ("CC0-1.0", ZERO, "cc0-1.0", ""),
        ("CC0", ZERO, "cc0-1.0", ""),
        ("CC0 1.0 Universal (CC0 1.0) Public Domain Dedication", ZERO, "cc0-1.0", ""),
        ("CC-BY-4.0", CC + "by/4.0/", "cc-by-4.0", ""),
        ("CC BY 4", CC + "by/4.0/", "cc-by-4.0", ""),
        ("BY-NC-SA 4.0", CC + "by-nc-sa/4.0/", "cc-by-nc-sa-4.0", ""),
        ("cc-by-sa-3.0-de", CC + "by-sa/3.0/de/", "other", "cc-by-sa-3.0-de"),
        ("CC BY-SA 3.0 DE", CC + "by-sa/3.0/de/", "other", "cc-by-sa-3.0-de"),
        ("CC-BY-SA-2.0", CC + "by-sa/2.0/", "other", "cc-by-sa-2.0"),
        ("PDM-1.0", "http://creativecommons.org/publicdomain/mark/1.0/", "other", "public-domain-mark-1.0"),
        ("CC-PDM-1.0", "http://creativecommons.org/publicdomain/mark/1.0/", "other", "public-domain-mark-1.0"),
        ("noc-us-1.0", "http://rightsstatements.org/vocab/NoC-US/1.0/", "other", "noc-us-1.0"),
        ("NKC", "http://rightsstatements.org/vocab/NKC/1.0/", "other", "nkc-1.0"),
        ("OGL-UK-3.0", OGL, "other", "ogl-uk-3.0"),
        ("Open Government Licence v3.0", OGL, "other", "ogl-uk-3.0"),
        ("etalab-2.0", ETALAB, "etalab-2.0", ""),
        ("Licence Ouverte / Open Licence 2.0", ETALAB, "etalab-2.0", ""),
        ("ODbL-1.0", "http://opendatacommons.org/licenses/odbl/1.0/", "odbl", ""),
        ("DL-DE-BY-2.0", "https://www.govdata.de/dl-de/by-2-0", "other", "dl-de-by-2.0"),
        ("Attribution-NonCommercial 4.0 International", CC + "by-nc/4.0/", "cc-by-nc-4.0", ""),
        ("Attribution 4.0 International (CC BY 4.0)", CC + "by/4.0/", "cc-by-4.0", ""),
        ("CC Namensnennung - Weitergabe unter gleichen Bedingungen 4.0", CC + "by-sa/4.0/", "cc-by-sa-4.0", ""),
        ('<a href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>', CC + "by/4.0/", "cc-by-4.0", ""),
        ("In Copyright - Educational Use Permitted", "http://rightsstatements.org/vocab/InC-EDU/1.0/", "", ""),
        ("CC BY", None, "other", "cc-by-unversioned"),
        ("NOT_IN_COPYRIGHT", None, "other", "public-domain-claimed"),
        ("hathitrust:pdus", "http://rightsstatements.org/vocab/NoC-US/1.0/", "other", "noc-us-1.0"),
        ("code:flickr:9", ZERO, "cc0-1.0", ""),
    ],
)  # fmt: skip
def test_ids_and_labels(raw: str, uri: str | None, hub: str, name: str) -> None:
    statement = recognise(raw)
    assert (statement.uri, statement.hf_license, statement.license_name) == (uri, hub, name)
    assert statement.problem == ("version missing" if name.endswith("unversioned") else "")


@pytest.mark.parametrize(
    "raw",
    [
        "This work is not in the public domain",
        "This is not licensed under CC BY 4.0",
        "It may be in the public domain",
        "Please check whether the item is in the public domain",
        "This item is no longer in the public domain",
        "Attribution required",
        "BY",
        "a copy was sent cc by post",
        "Some rights reserved",
        "Nicht gemeinfrei",
        "Creative Commons",
        "No copyright information available",
        "CC BY 4.0. All rights reserved.",
        "Except where otherwise noted, this site is under a Creative Commons Attribution 4.0 International License",
        "Some items are in the public domain",
        "http://creativecommons.org/licenses/by-nd-sa/9.0/",
        "No restrictions on access",
        "http://creativecommons.org/",
    ],
)
def test_never_opens(raw: str) -> None:
    assert recognise(raw).tier in ("review", "unknown", "closed"), recognise(raw)


def test_every_family_is_told_apart() -> None:
    for family, tier in [
        ("by", "by"), ("by-sa", "sa"), ("by-nc", "nc"), ("by-nc-sa", "nc"), ("by-nd", "nd"), ("by-nc-nd", "nd"),
    ]:  # fmt: skip
        for raw in (
            f"CC {family.upper()} 4.0",
            f"cc-{family}-4.0",
            f"cc {family.replace('-', ' ')} 4.0",
            f"CC-{family}",
        ):
            assert recognise(raw).tier == tier, raw
        assert (
            recognise(f"This is under CC {family.upper()} 4.0.").uri
            == f"http://creativecommons.org/licenses/{family}/4.0/"
        )


def test_several_values() -> None:
    both = recognise(["CC0-1.0", "CC-BY-4.0"])
    assert both.tier == "by"
    assert both.problem.startswith("two statements disagree")
    assert recognise(["CC0-1.0", "", "http://creativecommons.org/publicdomain/zero/1.0/"]).problem == ""
    assert recognise(["CC-BY-NC-SA 4.0", "© The Board of Trustees of the Science Museum"]).problem == ""
    assert recognise(["CC-BY-4.0", "All rights reserved"]).tier == "closed"
    assert recognise(["Public domain", "http://creativecommons.org/publicdomain/mark/1.0/"]).tier == "pd"
    assert recognise(["CC-BY-4.0", "whatever this may mean"]).tier == "unknown"
    assert recognise(["CC BY", "https://creativecommons.org/licenses/by/4.0/"]).hf_license == "cc-by-4.0"
    for empty in ("", " \n", [], ["", " "]):
        assert recognise(empty).tier == "unknown"
        assert recognise(empty).problem == "no statement"


def test_flags() -> None:
    assert recognise("CC-BY-SA-4.0").attribution
    assert recognise("CC-BY-SA-4.0").share_alike
    assert not recognise("CC0-1.0").attribution
    assert recognise("noc-us-1.0").license_link == "https://rightsstatements.org/page/NoC-US/1.0/"
    assert recognise("http://example.org/terms").problem.startswith("not recognised: ")


PIECES = st.sampled_from(
    ["CC", "BY", "-NC", "4.0", " not ", "public domain", "http://", "creativecommons.org/", "licenses/", "%", "©", "by"]
)


@given(st.one_of(st.text(), st.lists(PIECES).map("".join), st.lists(st.text(), max_size=4)))
def test_is_total(raw: str | list[str]) -> None:
    statement = recognise(raw)
    assert statement.tier in TIERS
    assert (statement.hf_license == "") == (statement.tier in NEVER)
    if statement.uri:
        assert recognise(statement.uri).uri == statement.uri


@given(st.lists(PIECES).map("".join))
def test_nothing_added_opens_what_is_closed(raw: str) -> None:
    assert recognise([raw, "All rights reserved"]).tier in ("closed", "review")
