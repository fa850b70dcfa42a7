"""What a source may accept, why a record is withheld, what a repository's card may state."""

import pytest

from biglam_pipeline.rights.hub_licenses import AMBIGUOUS, HUB_LICENSES
from biglam_pipeline.rights.policy import RepositoryLicense, accepted_tiers, repository_license
from biglam_pipeline.rights.table import BY_URI
from biglam_pipeline.rights.tiers import TIERS, rank, worst

BY = "http://creativecommons.org/licenses/by/4.0/"
ZERO = "http://creativecommons.org/publicdomain/zero/1.0/"
MARK = "http://creativecommons.org/publicdomain/mark/1.0/"


def test_tiers_go_from_free_to_closed() -> None:
    ranks = [rank(tier) for tier in TIERS]
    assert ranks == sorted(ranks)
    assert rank("pd-us") == rank("nkc") == rank("pd-claim") == 3
    assert worst(["pd", "nc", "by"]) == "nc"
    assert worst(["nkc", "pd-us"]) == "nkc"
    assert worst([]) == "unknown"
    with pytest.raises(ValueError, match="'free' is not a tier"):
        rank("free")


def test_accept() -> None:
    assert accepted_tiers("open") == {"pd", "by", "sa"}
    assert accepted_tiers(["open", "pd-claim"]) == {"pd", "by", "sa", "pd-claim"}
    assert accepted_tiers(("pd", "by")) == {"pd", "by"}


@pytest.mark.parametrize("accept", ["anything", ["open", "gratis"], []])
def test_accept_names_what_is_allowed(accept: str | list[str]) -> None:
    with pytest.raises(ValueError, match=r"allowed are open, free, pd, by, sa, pd-us, nkc, pd-claim, nc, nd, review$"):
        accepted_tiers(accept)


@pytest.mark.parametrize("accept", ["closed", ["open", "unknown"]])
def test_some_tiers_are_never_accepted(accept: str | list[str]) -> None:
    with pytest.raises(ValueError, match="is never accepted"):
        accepted_tiers(accept)


@pytest.mark.parametrize(
    "statements, expected",
    [
        ([ZERO], RepositoryLicense("cc0-1.0")),
        (["cc-by-4.0", BY], RepositoryLicense("cc-by-4.0")),
        ([BY, ZERO], RepositoryLicense(["cc0-1.0", "cc-by-4.0"])),
        # never CC0: a mark waives nothing
        (
            [MARK],
            RepositoryLicense("other", "public-domain-mark-1.0", "https://creativecommons.org/publicdomain/mark/1.0/"),
        ),
        (["public-domain-claimed"], RepositoryLicense("other", "public-domain-claimed", "#rights")),
        (["noc-us-1.0"], RepositoryLicense("other", "noc-us-1.0", "https://rightsstatements.org/page/NoC-US/1.0/")),
        (
            ["cc-by-3.0-de"],
            RepositoryLicense("other", "cc-by-3.0-de", "https://creativecommons.org/licenses/by/3.0/de/"),
        ),
        ([MARK, BY], RepositoryLicense("other", "mixed", "#rights")),
        ([MARK, "noc-us-1.0"], RepositoryLicense("other", "mixed", "#rights")),
        (["cc-by-sa-3.0", "cc-by-sa-4.0"], RepositoryLicense(["cc-by-sa-3.0", "cc-by-sa-4.0"])),
        (["cc-by-nc-4.0", "cc-by-nc-sa-4.0"], RepositoryLicense(["cc-by-nc-4.0", "cc-by-nc-sa-4.0"])),
    ],
)
def test_repository_license(statements: list[str], expected: RepositoryLicense) -> None:
    assert repository_license(dict.fromkeys(statements, 3)) == expected


@pytest.mark.parametrize(
    "statements, problem",
    [
        ([], "no published row"),
        (["http://rightsstatements.org/vocab/InC/1.0/"], "In Copyright (closed) allows no publication"),
        (["gibberish"], "allows no publication. not recognised: gibberish"),
        (["cc-by-sa-4.0", "odbl"], "different families cannot share a repository: cc-by-sa, odbl"),
        (["cc-by-sa-4.0", "cc-by-nc-sa-4.0"], "different families"),
        (["cc-by-sa-4.0", "cc-by-nc-4.0"], "cc-by-sa is share-alike and cannot share a repository with CC Attribution"),
        (["cc-by-sa-4.0", "noc-nc-1.0"], "cannot share a repository with No Copyright - Non-Commercial"),
    ],
)
def test_repository_license_refuses(statements: list[str], problem: str) -> None:
    refused = repository_license(dict.fromkeys(statements, 1))
    assert problem in refused.problem
    assert refused.license == ""


def test_rows_that_are_not_there_do_not_count() -> None:
    assert repository_license({BY: 2, "http://rightsstatements.org/vocab/InC/1.0/": 0}).license == "cc-by-4.0"


def test_the_card_never_states_what_the_hub_refuses() -> None:
    for uri in BY_URI.values():
        if uri.hf_license and uri.uri:
            stated = repository_license({uri.uri: 1})
            assert stated.license in HUB_LICENSES - AMBIGUOUS
            assert (stated.license == "other") == bool(stated.license_name) == bool(stated.license_link)
