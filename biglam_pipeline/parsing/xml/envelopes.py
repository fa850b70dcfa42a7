"""Which elements are only the envelope of records? OAI-PMH's, as the protocol has them, and those of SRU.

https://www.openarchives.org/OAI/openarchivesprotocol.html#XMLResponse ; https://www.loc.gov/standards/sru/
"""

from collections.abc import Callable

from biglam_pipeline.parsing.xml.cutting import Layout

LISTS = ("ListRecords", "GetRecord", "ListIdentifiers")
OAI_KNOWN = frozenset(("responseDate", "request", "error", "Identify", "ListMetadataFormats", "ListSets"))
"""What stands beside a list, and is no record."""
SRU_KNOWN = frozenset(
    "version numberOfRecords resultSetId resultSetIdleTime nextRecordPosition echoedSearchRetrieveRequest diagnostics "
    "extraResponseData facetedResults".split()
)
"""What stands beside SRU's records."""


def is_oai_envelope(path: tuple[str, ...], name: str, peek: Callable[[], str]) -> bool:
    """OAI-PMH and its lists, or a list that was cut out of it."""
    return (not path and name == "OAI-PMH") or (path in ((), ("OAI-PMH",)) and name in LISTS)


OAI = Layout(is_oai_envelope, {"record": "header"})
"""A page of an OAI-PMH server."""
