"""How often hosts let themselves be asked, where they, or people whom they refused, have said so.

A host that is not here is asked as `Limits` has it, its own robots.txt and Retry-After heeded in any case. One line a
host: what it says, as requests are counted there, and where that was read.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one host allows a guest."""

    pause_seconds: float
    """Between two requests, at least."""
    source: str
    """Where that is said."""
    a_day: int | None = None
    """Requests within 24 hours."""


KNOWN_HOSTS: Mapping[str, Allowance] = {
    "api.artic.edu": Allowance(1.0, "https://api.artic.edu/docs/: 60 requests a minute without a key"),
    "api.aucklandmuseum.com": Allowance(
        0.1, "https://github.com/cc-archive/cccatalog/issues/280: 10 a second, 1,000 a day", 1_000
    ),
    "api.congress.gov": Allowance(
        0.72, "https://github.com/LibraryOfCongress/api.congress.gov/issues/88: 5,000 requests an hour"
    ),
    "api.designmuseumgent.be": Allowance(0.6, "https://api.designmuseumgent.be/policy: 100 requests a minute"),
    "api.figshare.com": Allowance(1.0, "https://docs.figshare.com: 1 request a second is recommended"),
    "api.harvardartmuseums.org": Allowance(
        0.5, "https://github.com/harvardartmuseums/api-docs: 2,500 requests a day", 2_500
    ),
    "chroniclingamerica.loc.gov": Allowance(
        60.0, "https://guides.loc.gov/chronicling-america/additional-features: 10 bulk downloads within 10 minutes"
    ),
    "commons.wikimedia.org": Allowance(
        5.0,
        "https://www.mail-archive.com/wikitech-l@lists.wikimedia.org/msg97211.html: from 2026 on, hundreds an hour for "
        "who does not log in (https://www.mediawiki.org/wiki/Wikimedia_APIs/Rate_limits)",
    ),
    "gallica.bnf.fr": Allowance(
        15.0, "https://github.com/Dorialexander/Pyllica/issues/6: 429 after five pictures; 15 seconds between two work"
    ),
    "web.archive.org": Allowance(
        2.5, "https://github.com/edgi-govdata-archiving/wayback: 0.4 searches a second, the least of its limits"
    ),
    "www.federalregister.gov": Allowance(
        1.0, "https://github.com/usnationalarchives/federalregister-api-core/issues/13: 1 XML document a second"
    ),
    "www.loc.gov": Allowance(
        3.0, "https://guides.loc.gov/digital-scholarship/faq: 20 requests a minute, the least of its endpoints' limits"
    ),
    "zenodo.org": Allowance(1.8, "https://developers.zenodo.org: guests 60 requests a minute, 2,000 an hour"),
}
"""Host, as in an address -> what it allows."""

KEEPERS: Mapping[str, str] = {
    "archive.org": "info@archive.org (which its own blocks name)",
    "dataverse.harvard.edu": "support@dataverse.harvard.edu (https://support.dataverse.harvard.edu)",
    "gitlab.com": "https://about.gitlab.com/support",
    "zenodo.org": "https://zenodo.org/support",
}
"""Host -> where its keepers are reached, as they say themselves. The others' are asked for as `web.keepers` has it."""
