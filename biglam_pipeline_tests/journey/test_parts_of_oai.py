"""A server says of a whole record alone that it has changed or is gone: its parts, and rows of other names, follow."""

from collections.abc import Iterator, Sequence

import pytest

from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.servers.oai import Archive
from biglam_pipeline_tests.servers.web import scripted_server

ENTRY = """
    sources:
      letters:
        title: Letters
        custodian: A Library
        harvest: {harvest}
        normalize: {normalize}
        rights: {{license: CC0-1.0, evidence: https://example.org/r, checked: 2026-11-20, quote: CC0}}
        languages: [en]
        dedup: {{exact: none, near: none}}
        expect: {{rows: "0..", rejects: "..0.9"}}
"""
FIRST, SECOND, THIRD = (f"2026-11-2{day}T12:00:00Z" for day in (3, 4, 5))


@pytest.fixture
def archive() -> Iterator[Archive]:
    with scripted_server() as server:
        yield Archive(server, page=50)


def ids(bench: Bench) -> set[str]:
    manifest = bench.run.shards(bench.source("letters")).current()
    assert manifest is not None
    assert manifest.tally.adds_up
    return {row["source_record_id"] for row in bench.rows("letters")} - OTHERS


OTHERS = {f"ark:/other{number}" for number in range(20)} | {f"oai:other{number}" for number in range(20)}


def keep_others(archive: Archive) -> None:
    """Most of a source is older, and stays as it is: so no night lists all of it."""
    for number in range(20):
        archive.keep(f"oai:other{number}", body=dc("en", f"ark:/other{number}"))


def aid(*components: str) -> str:
    inside = "".join(
        f"<c id='{one}'><did><unittitle>Letter {one}</unittitle><unitid>{one}</unitid></did></c>" for one in components
    )
    return (
        "<metadata><ead xmlns='urn:isbn:1-931666-22-9'><archdesc level='fonds'><did><unittitle>Papers</unittitle></did>"
        f"<dsc>{inside}</dsc></archdesc></ead></metadata>"
    )


def text(*paragraphs: str) -> str:
    inside = "".join(f"<p>Paragraph {one} of a text in a server.</p>" for one in paragraphs)
    return (
        "<metadata><TEI xmlns='http://www.tei-c.org/ns/1.0'><teiHeader><fileDesc><titleStmt><title>T</title></titleStmt>"
        f"</fileDesc></teiHeader><text><body>{inside}</body></text></TEI></metadata>"
    )


def dc(language: str, name: str) -> str:
    return (
        '<metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>A title</dc:title>'
        f"<dc:language>{language}</dc:language><dc:identifier>{name}</dc:identifier></oai_dc:dc></metadata>"
    )


def test_components_follow_their_finding_aid(bench: Bench, archive: Archive) -> None:
    """One that is corrected loses those that it has no more; one that is deleted loses all of them."""
    bench.write(ENTRY.format(harvest=archive.address, normalize="{type: ead}"))
    archive.keep("oai:a:1", date=FIRST, body=aid("c1", "c2", "c3"))
    archive.keep("oai:a:2", date=FIRST, body=aid("c1"))
    archive.now = FIRST
    bench.night("letters")
    both = {"oai:a:1", *(f"oai:a:1#c{number}" for number in (1, 2, 3)), "oai:a:2", "oai:a:2#c1"}
    assert ids(bench) == both
    archive.now = SECOND
    archive.keep("oai:a:1", date=SECOND, body=aid("c1", "c3"))
    bench.night("letters")
    assert ids(bench) == both - {"oai:a:1#c2"}
    seen = {row["source_record_id"]: row["first_seen"] for row in bench.rows("letters")}
    assert seen["oai:a:1#c3"] == 1, "its finding aid came again, and it is no newer for that"
    archive.now = THIRD
    archive.keep("oai:a:1", date=THIRD, deleted=True)
    bench.night("letters")
    assert ids(bench) == {"oai:a:2", "oai:a:2#c1"}


@pytest.mark.slow  # another format; `test_components_follow_their_finding_aid` stays
@pytest.mark.parametrize("gone", [{"deleted": True}, {"body": "<metadata/>"}], ids=["deleted", "emptied"])
def test_paragraphs_follow_their_text(bench: Bench, archive: Archive, gone: dict[str, object]) -> None:
    """And come back with it."""
    bench.write(ENTRY.format(harvest=archive.address, normalize="{type: tei, rows: p}"))
    archive.keep("oai:a:1", date=FIRST, body=text("one", "two"))
    archive.keep("oai:a:2", date=FIRST, body=text("three"))
    archive.now = FIRST
    bench.night("letters")
    assert ids(bench) == {"oai:a:1#p-1", "oai:a:1#p-2", "oai:a:2#p-1"}
    archive.now = SECOND
    archive.keep("oai:a:1", date=SECOND, **gone)
    bench.night("letters")
    assert ids(bench) == {"oai:a:2#p-1"}
    archive.now = THIRD
    archive.keep("oai:a:1", date=THIRD, body=text("one"))
    bench.night("letters")
    assert ids(bench) == {"oai:a:1#p-1", "oai:a:2#p-1"}


NAMED = "{type: oai_dc, map: {id: 'dc:identifier'}}"


def test_a_row_of_another_name_follows_its_record(bench: Bench, archive: Archive) -> None:
    """`map: {id: ...}` gives it; the server deletes by its own. A record that changes its name has one row."""
    bench.write(ENTRY.format(harvest=archive.address, normalize=NAMED))
    keep_others(archive)
    archive.keep("oai:a:1", date=FIRST, body=dc("en", "ark:/1"))
    archive.keep("oai:a:2", date=FIRST, body=dc("en", "ark:/2"))
    archive.now = FIRST
    bench.night("letters")
    assert ids(bench) == {"ark:/1", "ark:/2"}
    archive.now = SECOND
    archive.keep("oai:a:2", date=SECOND, body=dc("en", "ark:/22"))
    bench.night("letters")
    assert ids(bench) == {"ark:/1", "ark:/22"}
    archive.now = THIRD
    archive.keep("oai:a:2", date=THIRD, deleted=True)
    bench.night("letters")
    assert ids(bench) == {"ark:/1"}


@pytest.mark.representative(1)  # another format
@pytest.mark.parametrize(
    ("normalize", "names"),
    [
        ("{type: oai_dc, where: {'dc:language': en}}", ("oai:a:1", "oai:a:2")),
        (f"{NAMED[:-1]}, where: {{'dc:language': en}}}}", ("ark:/1", "ark:/2")),
    ],
    ids=["its own name", "another"],
)
def test_what_is_not_chosen_any_more_is_published_no_more(
    bench: Bench, archive: Archive, normalize: str, names: Sequence[str]
) -> None:
    """A library corrects the language: the version that `where` chose is none of its records now."""
    bench.write(ENTRY.format(harvest=archive.address, normalize=normalize))
    keep_others(archive)
    archive.keep("oai:a:1", date=FIRST, body=dc("en", "ark:/1"))
    archive.keep("oai:a:2", date=FIRST, body=dc("en", "ark:/2"))
    archive.keep("oai:a:3", date=FIRST, body=dc("fr", "ark:/3"))
    archive.now = FIRST
    bench.night("letters")
    assert ids(bench) == {*names}
    commits = bench.commits("letters")
    archive.now = SECOND
    archive.keep("oai:a:3", date=SECOND, body=dc("fr", "ark:/3"))
    bench.night("letters")
    assert bench.commits("letters") == commits, "what was never chosen changes nothing"
    archive.keep("oai:a:2", date=SECOND, body=dc("fr", "ark:/2"))
    archive.now = THIRD
    bench.night("letters")
    assert ids(bench) == {names[0]}
    archive.keep("oai:a:2", date=THIRD, body=dc("en", "ark:/2"))
    bench.night("letters")
    assert ids(bench) == {*names}
