"""Whatever a server sends, a reader answers with records and rejects, never with an exception of its own."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline_tests.examples import examples
from biglam_pipeline_tests.normalize.bundles import read_one, reader
from biglam_pipeline_tests.normalize.drawn import FORMATS, draw

SEEDS = {
    "table": (b'id,name\r\n1,"a\nb"\r\n2,\xc3\xa9\r\n', "t.csv"),
    "jsonl": (b'{"id": 1, "a": [1, "b"]}\n{"id": 2, "c": {"d": null}}\n', "t.jsonl"),
    "oai_dc": (
        (
            b'<?xml version="1.0"?><OAI-PMH><ListRecords><record><header><identifier>a</identifier></header><metadata>'
            b"<dc><title>T &amp; U</title></dc></metadata></record></ListRecords></OAI-PMH>"
        ),
        "page",
    ),
    "alto": (
        (
            b"<alto><Layout><Page><TextBlock ID='a'><TextLine><String CONTENT='a' WC='0.5'/><HYP/></TextLine>"
            b"<TextLine><String CONTENT='b'/></TextLine></TextBlock></Page></Layout></alto>"
        ),
        "p.xml",
    ),
    "mets": (
        (
            b"<mets><dmdSec ID='d'><mods/></dmdSec><fileSec><file ID='f'><FLocat href='p.xml'/></file></fileSec>"
            b"<structMap TYPE='LOGICAL'><div TYPE='ARTICLE' ID='a' DMDID='d'><fptr FILEID='f'/></div></structMap>"
            b"</mets>"
        ),
        "mets.xml",
    ),
}
SEEDS |= {kind: (draw(kind, (6, 4)), f"p.{extension}") for kind, (extension, _) in FORMATS.items()}
_KIND = {"jsonl": "table", "alto": "mets_alto", "mets": "mets_alto"} | dict.fromkeys(FORMATS, "images")
_MORE: dict[str, dict[str, object]] = {name: {"map": {"title": ["id", {"const": "x"}]}} for name in ("table", "jsonl")}
"""Nothing mapped is a fault of the entry."""


@pytest.mark.parametrize("name", SEEDS)
@examples(60)
@given(data=st.data())
def test_damaged_files(name: str, data: st.DataObject) -> None:
    seed, file = SEEDS[name]
    damaged = bytearray(seed)
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, len(damaged)))
        width = data.draw(st.integers(0, 6))
        damaged[place : place + width] = data.draw(st.binary(max_size=6))
    made = reader(type=_KIND.get(name, name), **_MORE.get(name, {}))
    with contextlib.suppress(SourceChanged):
        assert read_one(made, file, bytes(damaged))


@pytest.mark.parametrize("name", SEEDS)
@examples(60)
@given(data=st.binary(max_size=200))
def test_any_bytes(name: str, data: bytes) -> None:
    made = reader(type=_KIND.get(name, name), **_MORE.get(name, {}))
    with contextlib.suppress(SourceChanged):  # a Git LFS pointer is made of bytes too
        assert read_one(made, SEEDS[name][1], data)
