"""How records of Zenodo, figshare and a Dataverse are written, and what is said of what is none."""

import pytest
from pydantic import ValidationError

from biglam_pipeline.harvest.address import read_address
from biglam_pipeline.harvest.protocols.doi import Doi


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("zenodo:5838410", "zenodo:5838410"),
        ("zenodo:10.5281/zenodo.5838410", "zenodo:5838410"),
        ("zenodo:doi:10.5281/ZENODO.5838410#*.csv", "zenodo:5838410#*.csv"),
        ("figshare:13359104", "figshare:13359104"),
        ("figshare:10.6084/m9.figshare.13359104.v2", "figshare:13359104.v2"),
        ("figshare:10.1184/R1/6606485.v1", "figshare:6606485.v1"),
        ("figshare:10.25384/sage.4508021", "figshare:4508021"),
        ("dataverse:Dataverse.NL/doi:10.34894/AB12CD", "dataverse:dataverse.nl/doi:10.34894/AB12CD"),
        (
            "dataverse:dataverse.nl/10.34894/AB12CD?version=2.1",
            "dataverse:dataverse.nl/doi:10.34894/AB12CD?version=2.1",
        ),
        ("dataverse:dvn.example.edu/hdl:1902.1/12612#*.tab", "dataverse:dvn.example.edu/hdl:1902.1/12612#*.tab"),
    ],
)
def test_addresses(written: str, read: str) -> None:
    assert Doi(url=(written,)).url == (read,)
    assert read_address(written)["type"] == "doi"


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("https://zenodo.org/records/5838410", "write zenodo:5838410$"),
        ("https://zenodo.org/record/5838410?token=S3CRET#.X", "write zenodo:5838410$"),
        ("https://zenodo.org/records/5838410/preview/a.csv", "write zenodo:5838410$"),
        ("https://doi.org/10.5281/zenodo.5838410", "write zenodo:5838410$"),
        ("10.5281/zenodo.5838410", "write zenodo:5838410$"),
        ("10.6084/m9.figshare.13359104", "write figshare:13359104$"),
        ("doi:10.5281/zenodo.5838410", "write zenodo:5838410$"),
        ("https://figshare.com/articles/dataset/Some_thing/13359104/2", "write figshare:13359104.v2$"),
        ("https://rmit.figshare.com/articles/dataset/Some_thing/13359104", "write figshare:13359104$"),
        ("https://doi.org/10.6084/m9.figshare.13359104.v2", "write figshare:13359104.v2$"),
        (
            "https://dataverse.nl/dataset.xhtml?persistentId=doi:10.34894/AB12CD&version=1.0",
            r"write dataverse:dataverse.nl/doi:10.34894/AB12CD\?version=1.0$",
        ),
        ("https://doi.org/10.23636/1235", "write the addresses of the files that it offers$"),
    ],
)
def test_the_page_in_a_browser_is_told_from_the_record(written: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        read_address(written)
    assert "S3CRET" not in str(refused.value)


@pytest.mark.parametrize(
    "file", ["https://zenodo.org/records/1/files/a.csv?download=1", "https://ndownloader.figshare.com/files/7"]
)
def test_one_file_of_a_record_is_an_address_of_its_own(file: str) -> None:
    assert read_address(file)["type"] == "files"


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("zenodo:https://zenodo.org/records/7", "write zenodo:7 "),
        ("zenodo:https://figshare.com/articles/x/7", "write figshare:7 "),
        ("zenodo:10.1234/abc", "write zenodo:NUMBER or"),
        ("zenodo:", "write zenodo:NUMBER or"),
        ("zenodo:5\uff18", "write zenodo:NUMBER or"),
        ("zenodo:7/a.csv", "write zenodo:7#a.csv"),
        ("zenodo:7#", "is not a pattern"),
        ("zenodo:7#{a", "no counterpart"),
        ("figshare:10.6084/m9.figshare.c.4508021.v1", "is a collection.*list its articles"),
        ("figshare:name", "write figshare:NUMBER or"),
        ("dataverse:doi:10.7910/DVN/XYZ", "open https://doi.org/10.7910/DVN/XYZ .*dataverse:HOST/doi:10.7910/DVN/XYZ "),
        ("dataverse:10.7910/DVN/XYZ", "dataverse:HOST/doi:10.7910/DVN/XYZ "),
        ("dataverse:dataverse.nl", "write dataverse:HOST/doi:10.NUMBER/NAME"),
    ],
)
def test_what_is_no_record_is_refused_with_what_to_write(written: str, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Doi(url=(written,))


def test_a_visit_begins_with_the_interfaces_of_the_repositories() -> None:
    assert Doi(url=("zenodo:7", "figshare:8")).hosts == ("zenodo.org", "api.figshare.com")
    made = Doi(url=("dataverse:dataverse.nl/10.34894/AB",))
    assert (made.begins_at, made.hosts) == (("https://dataverse.nl",), ("dataverse.nl",))
