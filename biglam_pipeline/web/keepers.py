"""Whom to write to where a host sends us away, and how it does so."""

import re
from collections.abc import Mapping
from typing import NoReturn

import httpx

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.web.guard import host_of
from biglam_pipeline.web.known_hosts import KEEPERS

REFUSALS = frozenset({401, 403, 451})
"""Who is asked does not want to answer us (RFC 9110, 15.5; RFC 7725)."""
STORM = 20
"""Refusals in a row that a protocol could read, each of one object, before they count as one of us."""
_NAME = re.compile(r"(?:[\w-]+\.)+[a-z][\w-]+")
REMEDY = "`robots: {overrule: WHY, evidence: PAGE, checked: DATE, by: WHO}` under `harvest`"


def whom(host: str, said: Mapping[str, str]) -> str:
    """Who answers for a host. said: host -> the address that it gave itself, such as the adminEmail of OAI-PMH.

    Where nobody is known, its web master: by RFC 2142, 5, that is webmaster@ the host.
    """
    folded = host.casefold()
    if known := said.get(folded) or KEEPERS.get(folded):
        return known
    box = f" (by RFC 2142 webmaster@{folded.removeprefix('www.')})" if _NAME.fullmatch(folded) else ""
    return f"the web master of {folded}{box}"


def refuse(
    url: httpx.URL, status: int, user_agent: str, said: Mapping[str, str], *, with_key: bool = False
) -> NoReturn:
    """SourceChanged: nothing more is asked until a person has written to whoever keeps the host.

    with_key: whether a key of ours was sent, which then may be the reason.
    """
    key = "Look whether the key that it was sent is right, and holds still; else write" if with_key else "Write"
    refusal = SourceChanged(
        f"{url}: refused with HTTP {status}; nothing more is asked. {key} to the custodian, or to "
        f'{whom(host_of(url), said)}, and name the User-Agent "{user_agent}"'
    )
    refusal.status = status
    raise refusal


def kept_out(url: httpx.URL, origin: str, said: Mapping[str, str], *, by_name: bool) -> SourceChanged:
    """Of an address that a robots.txt asks programs to stay away from. by_name: it names us among them."""
    asked = f"{url}: {origin}/robots.txt asks programs to stay away from it"
    ask = f"ask the custodian, or {whom(host_of(url), said)}, for leave, or for another address of the same data"
    if by_name:
        return SourceChanged(
            f"{asked}, and us by our name, which nobody overrules; {ask}: the line that names us goes, or we stay away"
        )
    return SourceChanged(
        f"{asked}; {ask}. Where the host's own pages say that its interface is for programs, or leave was given, write "
        f"{REMEDY}"
    )
