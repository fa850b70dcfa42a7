"""What APIs call the parts of a page: the list, its total, the way on; in small letters, without what divides words.

Of libraries, archives and museums, each with its documentation. Held against it in November 2026 were the V&A, the
Library of Congress and dlt; the others are as far as known, and what differs there is reported and can be said:

- Art Institute of Chicago (https://api.artic.edu/docs/#pagination): data, pagination.total, .next_url
- Victoria and Albert Museum (https://developers.vam.ac.uk): records,
  info.record_count, .page, .pages, page, page_size
- Cleveland Museum of Art (https://openaccess-api.clevelandart.org): data, info.total, skip, limit
- Harvard Art Museums (https://github.com/harvardartmuseums/api-docs): records, info.totalrecords, .next, page, size
- Rijksmuseum (https://data.rijksmuseum.nl/docs/search): orderedItems, partOf.totalItems, next.id
- DPLA (https://pro.dp.la/developers/requests): docs, count, page, page_size
- Europeana (https://apis.europeana.eu): items, totalResults, nextCursor, cursor
- Smithsonian (https://edan.si.edu/openaccess/apidocs/): response.rows, response.rowCount, start, rows
- The Met (https://metmuseum.github.io): objectIDs, total
- SMK (https://api.smk.dk/api/v1/docs/): items, found, offset, rows
- Te Papa (https://data.tepapa.govt.nz/docs/): results, _metadata.resultset.count, from, size
- Finna (https://api.finna.fi/swagger-ui/): records, resultCount, page, limit
- NYPL (https://api.repo.nypl.org): nyplAPI.response.result, .numResults, page, per_page
- Library of Congress (https://www.loc.gov/apis/json-and-yaml/responses/search-results/): results, pagination.of,
  .next, sp, c
- DigitalNZ (https://digitalnz.org/developers): search.results, search.result_count, page, per_page
- Trove (https://trove.nla.gov.au/about/create-something/using-api): category[].records, total, next, n, s

And of the software that they run: Solr, Elasticsearch, CKAN, Omeka S, DSpace 7, Dataverse, Invenio, ArchivesSpace,
WordPress, Django REST framework, Spring Data, JSON:API, HAL, Hydra, OData, Activity Streams 2.0, OGC API Features.
dlt finds its paginators by such words too (dlt/sources/helpers/rest_client/detector.py
in https://github.com/dlt-hub/dlt).
"""

import re


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


RECORDS = _words(
    """
    records items ordereditems docs documents results rows hits data entries member hydramember artobjects
    artworks objects objectids features elements works publications value values content result graph entities payload
    list
    """
)
"""A list of this name is the list of records; the first of them where a page has several."""

TOTALS = _words(
    """
    numfound totalresults totalitems hydratotalitems totalrecords totalrecordcount totalresultcount
    totalelements totalhits totalentries totalrows totalcount numberofrecords numberofresults numberofitems
    numbermatched numresults recordcount resultcount resultscount rowcount nhits hitcount
    hitscount found totalfound odatacount odatametadatacount of total hits count
    """
)
"""How many records the whole list has; the likeliest first. `count` may be of the page, and `total` of the pages."""

NEXT = frozenset(
    _words(
        """
        next nexturl nexturi nextlink nexthref nextpage nextpageurl nextpageuri nextpagelink nextresults nextset
        odatanextlink hydranext
        """
    )
)
"""What leads to the next page, by an address or an object that has one."""
LINKS = frozenset(
    _words(
        """
        href url uri id link page
        """
    )
)
FIRST = frozenset(("first", "hydrafirst"))
"""Of a collection without records of its own (Activity Streams 2.0, 5.2), what leads to its first page."""

CURSORS = {
    "nextcursor": "cursor",
    "nextcursormark": "cursorMark",
    "nextpagetoken": "pageToken",
    "nexttoken": "nextToken",
    "resumptiontoken": "resumptionToken",
    "continuationtoken": "continuationToken",
    "scrollid": "scroll_id",
    "cursor": "cursor",
}
"""What a page says to go on by -> the parameter that takes it."""
OF_CURSORS = frozenset(
    _words(
        """
        cursor cursormark pagetoken nextcursor nextpagetoken nexttoken resumptiontoken continuationtoken
        scrollid after searchafter token
        """
    )
)
"""Parameters that take it."""

PAGE = frozenset(
    _words(
        """
        page p pg sp paged pagenumber pagenum pageno pageindex currentpage pageid
        """
    )
)
OFFSET = frozenset(
    _words(
        """
        offset start skip from startat startindex startrecord startrow startposition startfrom resultstart begin
        resultoffset
        """
    )
)
SIZE = frozenset(
    _words(
        """
        limit rows perpage pagesize size hits num n count max take top maxrecords maximumrecords maxresults
        results resultsperpage itemsperpage hitsperpage recordsperpage length c pp resultrecordcount
        """
    )
)
"""Parameters with a number: the page, the first record, the records of a page."""
SAYS_PAGE = {"page": "page", "currentpage": "page", "pagenumber": "page", "thispage": "page", "number": "page"}
"""What a page says of its own number -> the parameter; `number` is Spring Data's, beside `totalPages`."""
SAYS_OFFSET = frozenset(
    _words(
        """
        offset start skip from startindex
        """
    )
)
PAGES = frozenset(
    _words(
        """
        pages totalpages pagecount lastpage numpages numberofpages pagestotal
        """
    )
)
"""How many pages there are."""
HINTS = re.compile("total|count|found|hits|matche|results|records|numberof")
"""What a number may be called that says how many records there are, where it has none of the names above."""
MORE = frozenset(
    _words(
        """
        hasmore hasnext hasnextpage more moreresults hasmoreresults exceededtransferlimit
        """
    )
)
"""Whether there are more; the last is of ArcGIS (https://developers.arcgis.com/rest/services-reference)."""
CONTINUE = frozenset(("continue", "querycontinue"))
"""An object with what MediaWiki goes on by (https://www.mediawiki.org/wiki/API:Continue)."""

PARTIAL = frozenset(
    _words(
        """
        timedout terminatedearly partialresults incompleteresults searchcutoff
        """
    )
)
"""True where the server gave up before it had searched everything, and counts only what it found: Elasticsearch's
`timed_out` and `terminated_early`, Solr's `partialResults`, GitHub's `incomplete_results`, Typesense's `search_cutoff`.
"""

FAULTS = frozenset(
    _words(
        """
        error errors fault exception
        """
    )
)
"""What stands beside or instead of records where the server could not answer, though the status is 200."""
FAILED = {
    "success": frozenset(("false",)),
    "status": frozenset(("error", "fail", "failed", "failure")),
    "stat": frozenset(("fail", "error")),
}
"""So says who has no key for it: JSend (https://github.com/omniti-labs/jsend), CKAN and Europeana, Flickr's `stat`."""
SAYS_WHY = frozenset(("message", "msg", "detail", "details", "reason"))
NO_RECORD = SAYS_WHY | frozenset(
    _words("code status statuscode stat success ok type title instance timestamp path requestid help version")
)
"""A document with a word of the first and none but of these is no record: RFC 9457, and gateways before an API."""

IDENTIFIERS = _words(
    """
    id identifier uuid guid uid recordid objectid systemnumber objectnumber accessionnumber irn pid ark key url
    """
)
"""By which records are told apart; the likeliest first."""

APIS = {
    "artic.edu": "https://api.artic.edu/api/v1/artworks?limit=100",
    "collections.vam.ac.uk": "https://api.vam.ac.uk/v2/objects/search?page_size=100",
    "vam.ac.uk": "https://api.vam.ac.uk/v2/objects/search?page_size=100",
    "clevelandart.org": "https://openaccess-api.clevelandart.org/api/artworks/?skip=0&limit=1000",
    "harvardartmuseums.org": "https://api.harvardartmuseums.org/object?size=100",
    "rijksmuseum.nl": "https://data.rijksmuseum.nl/search/collection",
    "dp.la": "https://api.dp.la/v2/items?page_size=500",
    "europeana.eu": "https://api.europeana.eu/record/v2/search.json?query=*&rows=100&cursor=*",
    "si.edu": "https://api.si.edu/openaccess/api/v1.0/search?q=*&start=0&rows=1000",
    "metmuseum.org": "https://collectionapi.metmuseum.org/public/collection/v1/objects",
    "open.smk.dk": "https://api.smk.dk/api/v1/art/search/?keys=*&offset=0&rows=2000",
    "collections.tepapa.govt.nz": "https://data.tepapa.govt.nz/collection/object?from=0&size=100",
    "finna.fi": "https://api.finna.fi/v1/search?lookfor=*&page=1&limit=100",
    "digitalcollections.nypl.org": "https://api.repo.nypl.org/api/v2/items/search?q=*&page=1&per_page=100",
    "digitalnz.org": "https://api.digitalnz.org/records.json?page=1&per_page=100",
    "trove.nla.gov.au": "https://api.trove.nla.gov.au/v3/result?category=newspaper&encoding=json&bulkHarvest=true",
}
"""Host of the pages for people, without www. -> where its API lists its records."""


def plain(name: str) -> str:
    """A name without what divides its words, in small letters: `@odata.nextLink` is `odatanextlink`."""
    return re.sub(r"[\W_]", "", name).casefold()
