"""Pages of OAI-PMH servers that are not quite XML: shelved as they came, mended, and never the end of a list."""

import pytest

from biglam_pipeline.harvest.protocols.oai_pmh import OaiPmh
from biglam_pipeline.harvest.protocols.oai_pmh.page import read_page
from biglam_pipeline.harvest.protocols.oai_pmh.request import Request
from biglam_pipeline_tests.harvest.conftest import Outcome, Shelf
from biglam_pipeline_tests.harvest.repository import Repository, envelope, page
from biglam_pipeline_tests.servers.web import Asked, Reply


def spoiled(reply: Reply, old: bytes, new: bytes) -> Reply:
    assert old in reply.body
    return Reply(reply.body.replace(old, new))


def reasons(outcome: Outcome) -> list[str]:
    return [one.reason for one in outcome.missing]


DIRT = {
    "control character": b"\x0b",
    "reference to one": b"&#26;",
    "half a letter of UTF-16": b"&#55349;",
    "HTML entity": b"&eacute;",
    "bare ampersand": b"R & D",
    "undeclared prefix": b"<shelf:place zz:n='4'/>",
    "Latin-1": b"caf\xe9",
    "second declaration": b"<?xml version='1.0'?>",
    "notice": b"<br />\n",
}


@pytest.mark.parametrize("dirt", DIRT)
def test_o04_dirt_that_can_be_mended_stops_nothing(dirt: str, repository: Repository, shelf: Shelf) -> None:
    """One `&` in one title stopped a source for good: the harvester was stricter than the formats."""
    first = spoiled(page(["1", "2", "3"], "t", "4"), b"decoy", DIRT[dirt])
    repository.first, repository.tokens = [first], {"t": [page(["4"])]}
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert (outcome.missing, outcome.evidence.complete) == ([], True)
    assert outcome.evidence.proof == "last page without token; 4 of 4 records"
    assert outcome.objects[0].content == first.body  # the shelf keeps what came


@pytest.mark.parametrize("harm", [b"Smith <b Sons", b"</x>", b"<b>", b"x" * 11_000_000, b"<!-- ", b"<![CDATA[ "])
def test_o04_a_record_that_cannot_be_mended_is_counted(harm: bytes, repository: Repository, shelf: Shelf) -> None:
    """Its reject is made from the shelf; completeListSize is held against all that were listed."""
    whole = page(["1", "2", "3"], "t", "4").body
    place = whole.index(b"decoy", whole.index(b"<identifier>2<"))
    repository.first = [Reply(whole[:place] + harm + whole[place:])]
    repository.tokens = {"t": [page(["4"])]}
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert (outcome.missing, outcome.evidence.complete) == ([], True)
    assert outcome.evidence.proof == "last page without token; 4 of 4 records; 1 of them cannot be read"


def test_a_page_that_is_cut_behind_its_token_is_missing_and_the_list_goes_on(
    repository: Repository, shelf: Shelf
) -> None:
    cut = Reply(page(["1"], "t").body.removesuffix(b"</OAI-PMH>"))
    repository.first, repository.tokens = [cut], {"t": [page(["2"])]}
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert reasons(outcome) == ["xml_cut"]
    assert not outcome.evidence.complete
    assert [one.key for one in outcome.objects] == ["00001/000000.cut.xml", "00001/000001.xml"]
    assert outcome.objects[0].content == cut.body
    assert shelf.cursor == {}


@pytest.mark.parametrize(
    "body",
    [
        b"\x1f\x8c\x00 junk <resumptionToken completeListSize='4'>t</resumptionToken>",
        b"<OAI-PMH><ListRecords><record><header><resumptionToken>t</resumptionToken>",
        b"<OAI-PMH><ListRecords><!-- <resumptionToken>no</resumptionToken> --><a:resumptionToken>t</a:resumptionToken>",
        b"<OAI-PMH><![CDATA[<resumptionToken>no</resumptionToken>]]><resumptionToken>t</resumptionToken><record>",
        b"<resumptionToken>no</resumptionToken><OAI-PMH><ListRecords><resumptionToken> t </resumptionToken><x",
        "<OAI-PMH><ListRecords><record><resumptionToken>t</resumptionToken>".encode("utf-16"),
    ],
)
def test_a_page_that_cannot_be_read_is_missing_and_its_token_is_found(
    body: bytes, repository: Repository, shelf: Shelf
) -> None:
    """In its bytes, outside of comments and CDATA; the pages behind it are harvested."""
    repository.first, repository.tokens = [page(["1"], "bad")], {"bad": [Reply(body)], "t": [page(["2"])]}
    if body.startswith((b"<resumption",)):
        body = b"<OAI-PMH>" + body
        repository.tokens["bad"] = [Reply(body)]
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert reasons(outcome) == ["xml_cut"]
    assert [one.key[6:] for one in outcome.objects] == ["000000.xml", "000001.cut.xml", "000002.xml"]
    assert outcome.objects[1].content == body
    assert "1 pages did not come whole" in outcome.evidence.proof


TOKEN = "<resumptionToken>t</resumptionToken>"


@pytest.mark.parametrize(
    ("inside", "behind"), [(TOKEN + "<resumptionToken/>", ""), ("<resumptionToken/>" + TOKEN, ""), ("", TOKEN)]
)
def test_a_token_is_found_beside_an_empty_one_and_behind_the_list(
    inside: str, behind: str, repository: Repository, shelf: Shelf
) -> None:
    """The list went on, and ended as complete."""
    record = "<record><header><identifier>1</identifier></header></record>"
    repository.first = [Reply(envelope(f"<ListRecords>{record}{inside}</ListRecords>{behind}"))]
    repository.tokens = {"t": [page(["2"])]}
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert outcome.evidence.proof == "last page without token; 2 records"


@pytest.mark.parametrize("body", [b"<OAI-PMH><resumptionToken>t", b"<OAI-PMH><resumptionToken>t</resum", b'{"a": 1}'])
def test_half_a_token_is_none(body: bytes, repository: Repository, shelf: Shelf) -> None:
    repository.first = [Reply(body)]
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert reasons(outcome) == ["xml_cut"]
    assert len(repository.lists) == 2  # asked once more, as a cut transfer would be


def test_a_damaged_page_that_leads_to_itself_is_a_loop(repository: Repository, shelf: Shelf) -> None:
    repository.first = [Reply(b"<OAI-PMH><ListRecords><record><header/><resumptionToken>t</resumptionToken>")]
    repository.tokens = {"t": repository.first}
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert reasons(outcome)[-1] == "loop"


def test_f32_a_harvest_that_is_taken_up_again_still_knows_what_was_damaged(
    repository: Repository, shelf: Shelf
) -> None:
    cut = Reply(page(["1"], "t").body.removesuffix(b"</OAI-PMH>"))
    repository.first, repository.tokens = [cut], {"t": [page(["2"])]}
    whole = shelf.visit(OaiPmh(url=(repository.address,)))
    for done in (1, 2):
        shelf.held, shelf.cursor = {}, {}
        outcome = shelf.resume(OaiPmh(url=(repository.address,)), tuple(whole.objects[:done]))
        assert reasons(outcome) == ["xml_cut"]
        assert not outcome.evidence.complete
        assert [one.key for one in outcome.objects] == [one.key for one in whole.objects[done:]]


def test_more_than_was_announced_and_no_end_is_endless(repository: Repository, shelf: Shelf) -> None:
    """h35: new tokens and new records for ever. Each cap is a key of the entry."""
    numbers = iter(range(10**6))

    def answer(asked: Asked) -> Reply:
        return page([f"{next(numbers)}" for _ in range(50)], f"t{next(numbers)}")

    repository.server.on("/oai", answer)
    for key, most in (("max_pages", 9), ("max_records", 400), ("max_gigabytes", 0), ("max_hours", 0)):
        outcome = shelf.visit(OaiPmh.model_validate({"url": repository.address, key: most}))
        assert reasons(outcome) == ["too_large"]
        assert f"raise {key}" in outcome.missing[0].detail
        assert len(outcome.objects) <= 9


def test_what_is_announced_is_believed_within_bounds(repository: Repository, shelf: Shelf) -> None:
    repository.first, repository.tokens = [page(["1", "2"], "t", "3")], {"t": [page(["3"], None)]}
    assert shelf.visit(OaiPmh.model_validate({"url": repository.address, "max_records": 1})).evidence.complete
    shelf.cursor, shelf.held = {}, {}
    repository.first = [page(["1", "2"], "t", "999999999999")]
    assert reasons(shelf.visit(OaiPmh.model_validate({"url": repository.address, "max_records": 1}))) == ["too_large"]


def test_the_charset_of_the_server_counts_where_the_page_says_nothing() -> None:
    body = page(["1"], "łódź").body.replace(b' encoding="UTF-8"', b"").decode().encode("iso8859-2")
    assert read_page(body, "u", "text/xml; charset=ISO-8859-2").token == "łódź"


def test_records_anywhere_else_are_not_passed_over_in_silence(repository: Repository, shelf: Shelf) -> None:
    repository.first = [Reply(envelope("<record><header><identifier>1</identifier></header></record>"))]
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert reasons(outcome) == ["refused"]


# --- addresses ---


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("set=journal:ART+A", "set=journal:ART+A"),
        ("set=a%2Bb", "set=a%2Bb"),
        ("set=a%20b", "set=a%20b"),
        ("set=hdl_1721.1:x%26y", "set=hdl_1721.1:x%26y"),
        ("set=a b", "set=a%20b"),
        ("set=Länder", "set=L%C3%A4nder"),
        ("set=x'(1)*!~", "set=x'(1)*!~"),
        ("set=a=b", "set=a=b"),
    ],
)
def test_o02_a_query_goes_out_as_it_is_written(written: str, sent: str) -> None:
    """Decoded and coded again, a plus becomes a blank, and another set is asked for: pkp/pkp-lib #10006."""
    request = Request(f"https://host/oai?metadataPrefix=oai_dc&{written}&key=a+b", "2026-01-01T00:00:00Z", "second")
    assert request.url() == (
        f"https://host/oai?key=a+b&verb=ListRecords&metadataPrefix=oai_dc&{sent}&from=2026-01-01T00%3A00%3A00Z"
    )
    assert request.url("a+b&c") == "https://host/oai?key=a+b&verb=ListRecords&resumptionToken=a%2Bb%26c"
    assert request.is_first(request.url())
    assert not request.is_first(request.url("t"))
