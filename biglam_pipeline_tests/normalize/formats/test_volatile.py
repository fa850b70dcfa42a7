"""What a path selects is taken out of a copy, and nothing else."""

import pytest
from lxml import etree

from biglam_pipeline.normalize.volatile import without

DC = "http://purl.org/dc/elements/1.1/"
RECORD = f"<r xmlns:dc='{DC}'>a<dc:relation>1</dc:relation>b<dc:title when='2' of='3'>t</dc:title>c<dc:relation/>d</r>"


@pytest.mark.parametrize(
    ("paths", "left"),
    [
        ([], RECORD.replace("<dc:relation/>", "<dc:relation></dc:relation>").replace("'", '"')),
        (["dc:relation"], f'<r xmlns:dc="{DC}">ab<dc:title when="2" of="3">t</dc:title>cd</r>'),
        (["dc:relation[1]"], f'<r xmlns:dc="{DC}">ab<dc:title when="2" of="3">t</dc:title>c<dc:relation/>d</r>'),
        (["//@when", "dc:relation"], f'<r xmlns:dc="{DC}">ab<dc:title of="3">t</dc:title>cd</r>'),
        (["."], f'<r xmlns:dc="{DC}"/>'),
        (["dc:subject"], RECORD.replace("'", '"')),
    ],
)
def test_only_what_is_selected_goes(paths: list[str], left: str) -> None:
    record = etree.fromstring(RECORD)
    before = etree.tostring(record)
    found = without(record, paths)
    assert etree.tostring(found, method="c14n") == etree.tostring(etree.fromstring(left), method="c14n")
    assert etree.tostring(record) == before
