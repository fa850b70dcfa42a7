"""Which address is asked of what a row points to?"""

import pytest

from biglam_pipeline.links import Link
from biglam_pipeline.normalize.mapping.linking import link_of


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (" https://a.org/b/c d.jpg ", "https://a.org/b/c%20d.jpg"),
        ("https://a.org/b?q=c d", "https://a.org/b?q=c%20d"),
        ("https://a.org/b%20c.jpg", "https://a.org/b%20c.jpg"),
        ("https://a.org", "https://a.org"),
    ],
)
def test_a_blank_in_a_path_is_escaped_as_browsers_do(said: str, asked: str) -> None:
    link = link_of("image", said)
    assert isinstance(link, Link)
    assert link.url == asked


@pytest.mark.parametrize(
    "said", ["https://a.org/1.jpg https://a.org/2.jpg", "https://a.org/1\n2.jpg", "https://a .org/1.jpg", "see a.org"]
)
def test_what_is_no_one_address_is_not_asked(said: str) -> None:
    assert link_of("image", said) == "no web address"
