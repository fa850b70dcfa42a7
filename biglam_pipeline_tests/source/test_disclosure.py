"""Secrets in an entry's addresses: refused where they stand, wherever that is, and never shown."""

import pytest

from biglam_pipeline_tests.source.conftest import Faults, Load, entry

RIGHTS = "{license: CC0-1.0, evidence: 'https://a.org/r?token=S3CRET', checked: 2026-01-31, quote: x}"
MAPPED = "{map: {id: id, source_url: 'id >> template(\"https://a.org/{}?sig=S3CRET\")'}}"


@pytest.mark.parametrize(
    ("key", "value", "place", "way"),
    [
        ("harvest", "https://a.org/x.csv?api_key=S3CRET", "x.harvest", "headers: {NAME: env:NAME}"),
        ("harvest", "https://me:S3CRET@a.org/x.csv", "x.harvest", "headers: {NAME: env:NAME}"),
        ("harvest", "[https://a.org/x.csv, https://a.org/y.csv?X-Amz-Signature=S3CRET]", "x.harvest.1", "headers: {"),
        ("harvest", "{url: https://a.org/x.csv, mirrors: https://b.org/x.csv?key=S3CRET}", "x.harvest.mirrors", "env:"),
        ("harvest", "oai+https://a.org/oai?metadataPrefix=oai_dc&wskey=S3CRET", "x.harvest", "public: [wskey]"),
        ("rights", RIGHTS, "x.rights.evidence", "a page that everybody can read"),
        ("collection_url", "https://a.org/?access_token=S3CRET", "x.collection_url", "everybody can read"),
        ("summary", "See https://a.org/?password=S3CRET for more.", "x.summary", "everybody can read"),
        ("normalize", MAPPED, "x.normalize.map.source_url", "public: [sig]"),
    ],
)
def test_h33_a_secret_in_any_address_of_an_entry_is_a_fault(
    faults: Faults, key: str, value: str, place: str, way: str
) -> None:
    reported = faults(**{key: value})
    about = [fault for fault in reported if "a secret in an address" in fault]
    assert len(about) == 1
    assert f" {place}: " in about[0]
    assert way in about[0]
    assert "S3CRET" not in "".join(reported)


@pytest.mark.parametrize(
    "harvest",
    [
        "{url: https://a.org/x.csv, headers: {X-Api-Key:S3CRET}}",
        "{url: https://a.org/x.csv, headers: {X-Api-Key: S3CRET: x}}",
        "{url: https://a.org/x.csv, headers: {Token:S3CRET}}",
        "{url: json+https://a.org/x, query: {apikey:S3CRET}}",
        "{url: json+https://a.org/x, query: {user: S3CRET: x}}",
        "\n      url: json+https://a.org/x\n      query:\n        user: S3CRET: x",
        "\n      url: https://a.org/x.csv\n      headers:\n        Token: S3CRET: x",
        "\n      url: https://a.org/x.csv\n      headers:\n        - Authorization: Bearer S3CRET: x",
        "{url: https://a.org/x.csv, headers: {Bearer S3CRET: env:A}}",
        "{url: https://a.org/x.csv, headers: {Authorization=Bearer S3CRET: env:A}}",
        "{url: https://a.org/x.csv, headers: {X-Api-Key: S3CRET, Token: [S3CRET}}",
        "https://a.org/x.csv? token=S3CRET",
        "https://a.org/my x.csv?token=S3CRET",
        "https://a.org/x.csv\nX-Api-Key: S3CRET",
        "https://a.org/x.csv\n    headers: {Cookie: S3CRET: x}",
    ],
)
def test_a_slip_beside_a_secret_is_a_fault_that_does_not_show_it(load: Load, harvest: str) -> None:
    catalog = load("sources:\n" + entry(harvest=harvest))
    assert not catalog.sources
    assert "S3CRET" not in str(catalog.faults)


def test_the_remedies_cure(load: Load) -> None:
    """Each, done literally."""
    for harvest in (
        "{url: https://a.org/x.csv, headers: {NAME: env:NAME}}",
        "{url: https://a.org/x.csv?api_key=DEMO, public: [api_key]}",
    ):
        assert load("sources:\n" + entry(harvest=f'"{harvest}"'[1:-1])).faults == {}


def test_a_fault_of_another_kind_shows_no_secret_either(faults: Faults) -> None:
    reported = faults(
        harvest="{url: 'https://a.org/x.csv?api_key=S3CRET', ignor: x}", schedule="https://a.org/?key=S3CRET"
    )
    assert len(reported) >= 3
    assert "S3CRET" not in "".join(reported)


def test_a_name_that_is_called_public_is_so_in_the_whole_entry(load: Load) -> None:
    harvest = "{url: https://a.org/x.csv?key=maps, public: [key]}"
    assert load("sources:\n" + entry(harvest=harvest, collection_url="https://a.org/?key=maps")).faults == {}
    assert load("sources:\n" + entry(harvest=harvest, collection_url="https://a.org/?token=maps")).faults


@pytest.mark.parametrize(
    ("harvest", "remedies"),
    [
        ("s3://AKIAKEY:S3CRET@prints/a/", ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "aws s3 sync s3://prints/a/ FOLDER"]),
        ("s3://AKIAKEY:S3/CR+ET@prints/a/#*.tif", ["write s3://prints/a/;", "aws s3 sync s3://prints/a/ FOLDER"]),
        ("{url: s3://AKIAKEY:S3CRET@prints/a/}", ["AWS_PROFILE"]),
        ("[s3://prints/b/, s3://AKIAKEY:S3CRET@prints/a/]", ["AWS_PROFILE"]),
        ("gs://AKIAKEY:S3CRET@prints/a/", ["gcloud storage rsync gs://prints/a/ FOLDER"]),
        ("ftp://AKIAKEY:S3CRET@a.org/b/", ["~/.netrc", "wget --mirror ftp://a.org/b/"]),
    ],
)
def test_h33_a_key_in_the_address_of_a_bucket_is_one_fault(faults: Faults, harvest: str, remedies: list[str]) -> None:
    """Nobody logs in to a bucket, so the remedy is the program that does, and where that has its key."""
    reported = faults(harvest=harvest, normalize="images")
    assert len(reported) == 1, reported
    assert all(one in reported[0] for one in [*remedies, "file:FOLDER"])
    assert "S3" not in reported[0]
    assert "CR+ET" not in reported[0]
    assert "AKIAKEY" not in reported[0]
