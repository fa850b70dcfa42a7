"""Who overrules a robots.txt says why, where that can be read, since when, and who answers for it."""

import pytest

from biglam_pipeline.cli.lint import advise
from biglam_pipeline_tests.source.conftest import Faults, One

WORDS = {
    "overrule": "The API is documented for programs, and the keeper agreed.",
    "evidence": "https://a.org/api",
    "checked": "2026-01-31",
    "by": "A. Reader",
}


def harvest(url: str = "https://a.org/{1,2}.csv", **words: str) -> str:
    block = "".join(f", {name}: '{word}'" for name, word in {**WORDS, **words}.items() if word)
    return f"{{url: '{url}', robots: {{{block.removeprefix(', ')}}}}}"


def test_the_words_are_read_and_shown_by_check(one: One) -> None:
    source = one(harvest=harvest())
    assert source.harvest.leave is not None
    [note] = [note for note in advise(source) if note.startswith("robots:")]
    assert note.startswith("robots: a.org is asked also where robots.txt keeps programs away: The API is documented")
    assert note.endswith("(A. Reader, 2026-01-31, https://a.org/api)")


def test_they_change_neither_digest_nor_manner(one: One) -> None:
    bare, said = one(harvest="https://a.org/{1,2}.csv"), one(harvest=harvest())
    assert said.digest("raw") == bare.digest("raw")
    assert said.harvest.manner == bare.harvest.manner
    assert one(harvest=harvest(by="B. Writer")).digest("raw") == bare.digest("raw")


@pytest.mark.parametrize(
    "url",
    [
        "gitlab:group/name",
        "doi:10.7910/DVN/AB12CD",
        "oai+https://a.org/oai?metadataPrefix=oai_dc",
        "json+https://a.org/x",
    ],
)
def test_every_protocol_of_the_web_takes_them(url: str, one: One) -> None:
    prefix = {"doi:10.7910/DVN/AB12CD": "dataverse:dataverse.harvard.edu/10.7910/DVN/AB12CD"}.get(url, url)
    try:
        source = one(harvest=harvest(prefix), normalize="{type: table, map: {id: id}}")
    except Exception as error:  # noqa: BLE001  (the address is another protocol's to say)
        pytest.fail(str(error))
    assert source.harvest.leave is not None


@pytest.mark.parametrize(
    ("words", "place", "what"),
    [
        ({"overrule": ""}, "harvest.robots", "overrule"),
        ({"evidence": ""}, "harvest.robots", "evidence"),
        ({"checked": ""}, "harvest.robots", "checked"),
        ({"by": ""}, "harvest.robots", "by"),
        ({"overrule": "TODO"}, "harvest.robots.overrule", "is no reason; write in a sentence who gave leave"),
        ({"overrule": "because"}, "harvest.robots.overrule", "is no reason"),
        ({"by": "n/a"}, "harvest.robots.by", "is nobody; write who answers for it"),
        ({"evidence": "an e-mail"}, "harvest.robots.evidence", "is not a page"),
        ({"checked": "2999-01-31"}, "harvest.robots.checked", "is to come"),
    ],
)
def test_what_is_no_answer_is_a_fault_at_its_place(
    words: dict[str, str], place: str, what: str, faults: Faults
) -> None:
    [fault] = faults(harvest=harvest(**words))
    assert f" x.{place}" in fault
    assert what in fault


def test_a_folder_has_no_robots_txt(faults: Faults) -> None:
    assert "leave it out of local files" in faults(harvest=harvest("file:desk"))[0]
