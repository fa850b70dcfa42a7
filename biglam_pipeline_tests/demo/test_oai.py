"""Does the card catalogue speak OAI-PMH as the protocol says?"""

import httpx
import pytest
from lxml import etree

from biglam_pipeline.demo.oai import PAGE_SIZE
from biglam_pipeline.demo.server import Running

NAMES = {
    "o": "http://www.openarchives.org/OAI/2.0/",
    "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
    "dc": "http://purl.org/dc/elements/1.1/",
}
CARD = "oai:institution.example:c-{:04d}"


def ask(client: httpx.Client, **arguments: str) -> etree._Element:
    answer = client.get("/oai", params={key.rstrip("_"): value for key, value in arguments.items()})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    return etree.fromstring(answer.content)


def texts(root: etree._Element, path: str) -> list[str]:
    found = root.xpath(path, namespaces=NAMES)
    assert isinstance(found, list)
    return [str(getattr(one, "text", one)) for one in found]


def pages(client: httpx.Client, verb: str = "ListRecords", **arguments: str) -> list[etree._Element]:
    """The whole list, as a harvester takes it."""
    taken = [ask(client, verb=verb, metadataPrefix="oai_dc", **arguments)]
    while any(tokens := texts(taken[-1], "//o:resumptionToken/text()")):
        taken.append(ask(client, verb=verb, resumptionToken=tokens[0]))
    return taken


def error(root: etree._Element) -> str:
    (code,) = texts(root, "/o:OAI-PMH/o:error/@code")
    return code


def test_it_says_who_it_is(client: httpx.Client) -> None:
    root = ask(client, verb="Identify")
    assert texts(root, "//o:baseURL") == ["https://institution.example/oai"]
    assert texts(root, "//o:deletedRecord") == ["persistent"]
    assert texts(root, "//o:granularity") == ["YYYY-MM-DDThh:mm:ssZ"]
    assert texts(root, "//o:responseDate") == ["2026-01-02T03:04:05Z"]
    stamps = [stamp for page in pages(client) for stamp in texts(page, "//o:datestamp")]
    assert texts(root, "//o:earliestDatestamp") == [min(stamps)]


def test_formats_and_sets_are_listed(client: httpx.Client) -> None:
    assert texts(ask(client, verb="ListMetadataFormats"), "//o:metadataPrefix") == ["oai_dc"]
    assert texts(ask(client, verb="ListSets"), "//o:setSpec") == ["catalogue", "catalogue:local"]


@pytest.mark.parametrize("verb", ["ListRecords", "ListIdentifiers"])
def test_a_list_comes_in_pages_that_add_up(client: httpx.Client, verb: str) -> None:
    taken = pages(client, verb, set="catalogue")
    headers = [texts(page, "//o:header/o:identifier") for page in taken]
    assert [len(page) for page in headers] == [PAGE_SIZE] * 4 + [20]
    assert len({name for page in headers for name in page}) == 120
    assert {size for page in taken for size in texts(page, "//o:resumptionToken/@completeListSize")} == {"120"}
    cursors = [texts(page, "//o:resumptionToken/@cursor") for page in taken]
    assert cursors == [["0"], ["25"], ["50"], ["75"], ["100"]]
    assert texts(taken[-1], "//o:resumptionToken/text()") == []


def test_a_short_list_has_no_token(client: httpx.Client) -> None:
    root = ask(client, verb="ListRecords", metadataPrefix="oai_dc", until="2025-03-08")
    assert 0 < len(texts(root, "//o:record/o:header/o:identifier")) < PAGE_SIZE
    assert texts(root, "//o:resumptionToken") == []


def test_records_are_dublin_core_with_every_kind_of_rights(client: httpx.Client) -> None:
    taken = pages(client)
    cards = [card for page in taken for card in page.iterfind(".//oai_dc:dc", NAMES)]
    assert len(cards) == 119
    rights = [card.findtext("dc:rights", namespaces=NAMES) for card in cards]
    assert rights.count("http://rightsstatements.org/vocab/InC/1.0/") == 5
    assert rights.count("Ask at the desk") == 4
    assert sum("creativecommons.org" in str(one) for one in rights) == 110
    assert {card.findtext("dc:language", namespaces=NAMES) for card in cards} == {"eng", "ger", "fre"}
    assert {"[ca. 1870?]", "18--", "1851-06-14"} <= {card.findtext("dc:date", namespaces=NAMES) for card in cards}
    notes = [str(card.findtext("dc:description", namespaces=NAMES)) for card in cards]
    assert len(set(notes)) == 119
    assert min(len(note.split()) for note in notes) >= 60


def test_the_withdrawn_card_is_a_tombstone(client: httpx.Client) -> None:
    root = ask(client, verb="GetRecord", metadataPrefix="oai_dc", identifier=CARD.format(60))
    assert texts(root, "//o:header/@status") == ["deleted"]
    assert texts(root, "//o:metadata") == []
    assert sum(len(texts(page, "//o:header[@status='deleted']")) for page in pages(client)) == 1


def test_a_set_of_a_set_and_both_granularities(client: httpx.Client) -> None:
    local = [name for page in pages(client, set="catalogue:local") for name in texts(page, "//o:header/o:identifier")]
    assert len(local) == 40
    by_day = ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc", from_="2025-12-01", until="2025-12-01")
    assert texts(by_day, "//o:header/o:identifier") == [CARD.format(60)]
    second = "2025-12-01T08:00:00Z"
    by_second = ask(client, verb="ListIdentifiers", metadataPrefix="oai_dc", from_=second, until=second)
    assert texts(by_second, "//o:header/o:identifier") == [CARD.format(60)]


@pytest.mark.parametrize(
    "query, code",
    [
        ("", "badVerb"),
        ("verb=Harvest", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&set=catalogue", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=yesterday", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-02&until=2025-01-01", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2025-01-01&until=2026-01-01T00:00:00Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=x", "badArgument"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=%00", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marcxml", "cannotDisseminateFormat"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-03", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=maps", "noRecordsMatch"),
        ("verb=ListRecords&resumptionToken=x", "badResumptionToken"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:elsewhere:1", "idDoesNotExist"),
    ],
)
def test_the_protocols_errors(client: httpx.Client, query: str, code: str) -> None:
    answer = client.get(f"/oai?{query}")
    root = etree.fromstring(answer.content)
    assert (answer.status_code, error(root)) == (200, code)
    if code in {"badVerb", "badArgument"}:
        assert texts(root, "/o:OAI-PMH/o:request/@*") == []


def test_a_request_may_be_posted(client: httpx.Client) -> None:
    posted = client.post("/oai", data={"verb": "Identify"})
    assert posted.content == client.get("/oai", params={"verb": "Identify"}).content


def test_a_token_ends_with_the_state_it_was_made_in(client: httpx.Client, running: Running) -> None:
    first = ask(client, verb="ListRecords", metadataPrefix="oai_dc")
    (token,) = texts(first, "//o:resumptionToken")
    running.institution.add("catalogue")
    assert error(ask(client, verb="ListRecords", resumptionToken=token)) == "badResumptionToken"


def test_the_second_night_brings_what_has_changed(client: httpx.Client, running: Running) -> None:
    library = running.institution
    assert error(ask(client, verb="ListRecords", metadataPrefix="oai_dc", from_="2026-01-02")) == "noRecordsMatch"
    library.advance()
    new = library.add("catalogue", 2)
    corrected = library.correct("catalogue", [CARD.format(7)])
    removed = library.remove("catalogue", [CARD.format(9)])
    restored = library.restore("catalogue", [CARD.format(60)])
    root = ask(client, verb="ListRecords", metadataPrefix="oai_dc", from_="2026-01-02T03:04:06Z")
    assert set(texts(root, "//o:header/o:identifier")) == {*new, *corrected, *removed, *restored}
    assert new == [CARD.format(121), CARD.format(122)]
    assert texts(root, "//o:header[@status='deleted']/o:identifier") == removed
    assert set(texts(root, "//o:datestamp")) == {"2026-01-03T03:04:05Z"}
    assert len([text for text in texts(root, "//dc:description") if text.endswith("reading 2.")]) == 1
