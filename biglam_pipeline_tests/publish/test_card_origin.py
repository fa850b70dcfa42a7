"""What the card says of where the rows come from, and how much of all that is offered they are."""

from biglam_pipeline.coverage import Coverage
from biglam_pipeline.publish.card_origin import origin_section
from biglam_pipeline.records import Description

DESCRIPTION = Description(
    "letters", "Letters", "A Library", "o/letters", harvest=("https://a.org/oai",), protocol="oai_pmh", reader="oai_dc"
)


def test_nothing_is_said_where_no_server_says_how_much_there_is() -> None:
    assert origin_section(DESCRIPTION, "412 records", ()) == (
        "## How it came to be\n\nHarvested by `oai_pmh` from\n\n- <https://a.org/oai>\n\nand read by `oai_dc`. Why the "
        "harvest counts as whole: 412 records.\n\nThe file `.biglam/manifest.json` leads from each part back to the "
        "harvest, by digest."
    )


def test_one_list_is_a_sentence() -> None:
    said = origin_section(DESCRIPTION, "", [Coverage("https://a.org/oai", 4000, 3990)])
    assert "Of 4,000 that the source lists, 3,990 were harvested (100%)." not in said
    assert "Of 4,000 that the source lists, 3,990 were harvested (99%)." in said


def test_many_lists_are_a_table_with_an_end() -> None:
    said = origin_section(DESCRIPTION, "", [Coverage(f"https://a.org/oai?set={one}", 10, 9) for one in range(25)])
    assert said.count("<https://a.org/oai?set=") == 20
    assert "| 5 more | 50 | 45 |" in said
