"""What in an address is a secret, and the address without it."""

import re
import time

import pytest

from biglam_pipeline.secrecy import is_secret, secrets_in, without_secrets

SECRET = re.findall(
    r"\S+",
    """
    key KEY api_key apiKey APIKEY api-key x-api-key wskey subscription-key Ocp-Apim-Subscription-Key appKey user_key
    token access_token accessToken accesstoken downloadToken auth_token id_token refresh_token auth[token] __token__
    sig signature api_sig temp_url_sig q-signature X-Amz-Signature x-amz-credential X-Amz-Security-Token
    X-Goog-Signature     X-Goog-Credential GoogleAccessId AWSAccessKeyId OSSAccessKeyId x-oss-signature Key-Pair-Id
    password passwd pwd Passwort user[password] client_secret secret credentials code client_assertion oauth_token
    jsessionid PHPSESSID session_id sid SAMLResponse ticket jwt private_link rlkey authkey tempauth
""",
)
PLAIN = re.findall(
    r"\S+",
    """
    id set metadataPrefix resumptionToken RESUMPTIONTOKEN pageToken nextPageToken next_token continuationToken sortKey
    primary_key keyword keywords keys monkey newskey author authority design passage compass secretary tokenize
    limit page locale Expires Policy format signatur
""",
)


@pytest.mark.parametrize("name", SECRET)
def test_a_name_of_a_secret_is_known(name: str) -> None:
    assert is_secret(name)
    assert secrets_in(f"https://a.org/x?id=1&{name}=S3CRET&b=2") == [name]
    assert without_secrets(f"https://a.org/x?id=1&{name}=S3CRET&b=2") == f"https://a.org/x?id=1&{name}=***&b=2"


@pytest.mark.parametrize("name", PLAIN)
def test_a_name_that_is_none_is_left(name: str) -> None:
    assert not is_secret(name)
    assert without_secrets(f"https://a.org/x?{name}=1") == f"https://a.org/x?{name}=1"


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("https://user:S3CRET@a.org/x", "https://***@a.org/x"),
        ("https://S3CRET@a.org/x", "https://***@a.org/x"),
        ("https://a.org/x;jsessionid=S3CRET?y=1", "https://a.org/x;jsessionid=***?y=1"),
        ("https://a.org/?a=1;token=S3CRET;b=2", "https://a.org/?a=1;token=***;b=2"),
        ("https://a.org/?token=S3;CRET?x&b=2", "https://a.org/?token=***&b=2"),
        ("https://a.org/back#access_token=S3CRET&x=1", "https://a.org/back#access_token=***&x=1"),
        ("https://a.org/?a=1&amp;token=S3CRET", "https://a.org/?a=1&amp;token=***"),
        ("https://a.org/?%74oken=S3CRET", "https://a.org/?%74oken=***"),
        ("https://a.org/?to=https%3A%2F%2Fb.org%2F%3Fkey%3DS3CRET%26c%3D1", None),
        ("https://a.org/?to=%2Flogin%3Fto%3D%252Fx%253Fkey%253DS3CRET", None),
        ("https://a.org/?to=https://b.org/?key=S3CRET", None),
        ("https://a.org/?to=https%253A%252F%252Fb.org%252F%253Fkey%253DS3CRET", None),  # two log-ins on the way
        ("https://a.org/?to=https%25253A%25252F%25252Fb.org%25253Fkey%25253DS3CRET", None),
        ("https://a.org/?%256Bey=S3CRET", "https://a.org/?%256Bey=***"),
        ("https://a.org/?state=a%3D1%26token%3DS3CRET", "https://a.org/?state=a%3D1%26token%3D***"),  # a query in one
        ("https://user:p/S3CRET@a.org/x", "https://***@a.org/x"),  # nobody escaped it
        ("https://user:p#S3CRET@a.org/x", "https://***@a.org/x"),
        ("oai+https://a.org/oai?set=maps&key=S3CRET", "oai+https://a.org/oai?set=maps&key=***"),
        ("(https://a.org/?sig=S3CRET) and https://b.org/?q=1", "(https://a.org/?sig=*** and https://b.org/?q=1"),
        ("https://a.org/@user/1?key=", "https://a.org/@user/1?key="),
        ("Title; key=value, a token=3", "Title; key=value, a token=3"),  # no address
        ("https://a.org/?key={}", "https://a.org/?key={}"),  # what a record fills in
    ],
)
def test_nothing_of_a_secret_is_shown(text: str, bare: str | None) -> None:
    shown = without_secrets(text)
    assert "S3CRET" not in shown
    assert "CRET" not in shown
    assert without_secrets(shown) == shown
    assert secrets_in(shown) == []
    assert bool(secrets_in(text)) == (shown != text)
    assert bare is None or shown == bare


@pytest.mark.parametrize(
    "address",
    [
        "https://a.org/oai?verb=ListRecords&resumptionToken=set%3Dmaps%26key%3D5",
        "https://a.org/oai?resumptionToken=https%3A%2F%2Fa.org%2F%3Fkey%3D5",
        "https://a.org/x?q=title%3Amaps%26key%3D5",
        "https://a.org/x?page_token=a&cursor=b",
    ],
)
def test_what_a_server_says_of_its_pages_is_left(address: str) -> None:
    """Addresses of pages are kept with each record: they stay what they were."""
    assert without_secrets(address) == address
    assert secrets_in(address) == []


def test_a_name_that_a_person_calls_public_is_shown() -> None:
    assert without_secrets("https://a.org/?Key=maps&token=x", ["key"]) == "https://a.org/?Key=maps&token=***"


@pytest.mark.parametrize("piece", ["&a=", "?", ";key=", "%", "a@", "://", "&key=%26key%3D", "://a:b", "%2526a"])
def test_no_address_makes_it_run_long(piece: str) -> None:
    began = time.process_time()
    without_secrets(f"https://a.org/?{piece * 20_000}")
    assert time.process_time() - began < 2
