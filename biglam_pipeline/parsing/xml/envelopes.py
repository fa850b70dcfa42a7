"""Where do records stand in a file? At its root, in a known envelope, or in a list; never inside another format.

OAI-PMH: https://www.openarchives.org/OAI/openarchivesprotocol.html#XMLResponse ; its static repositories:
https://www.openarchives.org/OAI/2.0/guidelines-static-repository.htm ; SRU: https://www.loc.gov/standards/sru/
"""

from collections.abc import Callable

from biglam_pipeline.parsing.xml.cutting import Layout

_OAI_ROOTS = ("OAI-PMH", "Repository")
_OAI_LISTS = ("ListRecords", "GetRecord", "ListIdentifiers")
_SRU = "searchRetrieveResponse"
_OAI_WORDS = "responseDate request error Identify ListMetadataFormats ListSets resumptionToken header responseHeader"
_SRU_WORDS = """version numberOfRecords resultSetId resultSetIdleTime nextRecordPosition echoedSearchRetrieveRequest
diagnostics extraResponseData facetedResults"""
_LIST_WORDS = """records recordlist record_list list collection items results documents docs export dump data repository
listrecords searchretrieveresponse root lidowrap eadgrp archdescgrp"""
_BESIDE_OAI, _BESIDE_SRU = frozenset(_OAI_WORDS.split()), frozenset(_SRU_WORDS.split())
_LISTS = frozenset(_LIST_WORDS.split())
"""Lower case. How lists are called by those who write them: SRU and metha-cat (records), MARCXML, VuFind's harvester
and MODS by LoC's tools (collection), CONTENTdm (items, export), Omeka (items), Solr and DSpace exports (docs, results),
BaseX and Catmandu (list, data, root), LIDO's schema (lidoWrap), EAD 2002 (eadgrp, archdescgrp).
"""


def is_oai_envelope(path: tuple[str, ...], name: str, peek: Callable[[], str]) -> bool:
    """OAI-PMH and its lists, or a list that was cut out of it."""
    if not path:
        return name in (*_OAI_ROOTS, *_OAI_LISTS)
    return path in (("OAI-PMH",), ("Repository",)) and name in _OAI_LISTS


def in_oai(path: tuple[str, ...]) -> bool:
    """Is this inside an answer of an OAI-PMH server, or a list of one?"""
    return bool(path) and (path[0] in _OAI_ROOTS or path[0] in _OAI_LISTS)


OAI = Layout(is_oai_envelope, {"record": "header"})
"""An answer of an OAI-PMH server."""


def records_of(containers: frozenset[str]) -> Layout:
    """Records in OAI-PMH, in SRU, or in a list: the root, whatever its name, whose first child is a record, and inside
    it what is called as lists are called. containers: what the format's records are called, in lower case.
    """
    records = containers | {"record"}

    def descends(path: tuple[str, ...], name: str, peek: Callable[[], str]) -> bool:
        if is_oai_envelope(path, name, peek):
            return True
        lower = name.lower()
        if lower in containers or in_oai(path):
            return False
        if lower in _LISTS:
            return True
        return not path and peek().lower() in records

    return Layout(descends, {"record": "header"})


def is_record_place(path: tuple[str, ...], name: str) -> bool:
    """Whether a piece is due to be a record, and not one of the things that an envelope has beside them."""
    if in_oai(path):
        return name not in _BESIDE_OAI
    return not (path and path[0] == _SRU and name in _BESIDE_SRU)
