"""Finding aids drawn at random: rows as expat counts them, nothing internal, the same in a stream, takedowns hold."""

import random

import pytest

from biglam_pipeline.normalize.formats.ead import Ead, kind
from biglam_pipeline.records import Bundle
from biglam_pipeline_tests.normalize.bundles import item, read_one, reader, records, rejects
from biglam_pipeline_tests.normalize.formats.test_blanking import by_id, take_out

SECRET = "Known to nobody"
WORDS = ("A", "B", "1901", "Letters, ", "x &amp; y")
FIELDS = ("unittitle", "unitdate", "unitid", "origination", "langmaterial", "repository", "physdesc", "container")
NOTES = (
    *("scopecontent", "accessrestrict", "userestrict", "odd", "bioghist", "controlaccess", "legalstatus", "p"),
    *("note type='restrict'", "note encodinganalog='506'", "odd type='publicationStatus'"),
)
_CLOSED = """<eadheader><eadid>e1</eadid><filedesc><titlestmt><titleproper>T</titleproper></titlestmt>
<publicationstmt><p>All rights reserved</p></publicationstmt></filedesc></eadheader><frontmatter>
<titlepage><p>Non-commercial use only
</p></titlepage></frontmatter>"""
HEADERS = (
    "",
    "<eadheader><eadid>e1</eadid></eadheader>",
    f"<eadheader audience='internal'><eadid>{SECRET}</eadid></eadheader>",
    _CLOSED,
)


class Made:
    """One finding aid, drawn from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        parts = [self.unit(1, False) for _ in range(3)]
        late = [self.note(False) for _ in range(self.random.randrange(3))]
        inside = f"{self.did(False)}{self.note(False)}<dsc>{''.join(parts)}</dsc>{''.join(late)}"
        self.data = f"<ead>{self.random.choice(HEADERS)}<archdesc>{inside}</archdesc></ead>".encode()

    def element(self, name: str, share: float, secret: bool) -> tuple[str, bool]:
        """Its beginning, and whether it is internal now."""
        internal = self.random.random() < share
        return f"<{name} audience='internal'>" if internal else f"<{name}>", secret or internal

    def word(self, secret: bool) -> str:
        return SECRET if secret else self.random.choice((*WORDS, "draft"))

    def did(self, secret: bool) -> str:
        begin, hidden = self.element("did", 0.05, secret)
        inside = ""
        for name in FIELDS:
            if self.random.random() < 0.35:
                field, own = self.element(name, 0.1, hidden)
                inside += f"{field}{self.word(own)}</{name}>"
        return f"{begin}{inside}</did>"

    def note(self, secret: bool) -> str:
        name = self.random.choice(NOTES)
        begin, hidden = self.element(name, 0.1, secret)
        paragraph, own = self.element("p", 0.05, hidden)
        return f"{begin}<head>{self.word(hidden)}</head>{paragraph}{self.word(own)}</p></{name.split()[0]}>"

    def unit(self, depth: int, secret: bool) -> str:
        """A component, or what may stand around some."""
        name = self.random.choice(("c", "c", "c01", "c12", "dsc", "weird"))
        begin, hidden = self.element(name, 0.1, secret)
        if name[0] == "c" and self.random.random() < 0.3:
            begin = f"{begin[:-1]} id='i{self.random.randrange(6)}'>"
        inside = self.did(hidden) if name[0] == "c" else ""
        for _ in range(self.random.randrange(4)):
            inside += self.unit(depth + 1, hidden) if depth < 5 and self.random.random() < 0.5 else self.note(hidden)
        return f"{begin}{inside}</{name}>"


@pytest.mark.representative(1)  # another seed
@pytest.mark.parametrize("begin", [0, 40])
def test_what_is_drawn_at_random(begin: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made = reader(type="ead")
    assert isinstance(made, Ead)
    total = 0
    for seed in range(begin, begin + 40):
        one = Made(seed)
        items = {"a.xml": item("a.xml", one.data)}
        found = read_one(made, "a.xml", one.data)
        with monkeypatch.context() as patched:
            patched.setattr(kind, "LARGE_BYTES", 0)
            assert read_one(made, "a.xml", one.data) == found, seed
        rows = records(found)
        assert SECRET not in str(rows), seed
        assert made.expected(Bundle("a.xml", tuple(items.values()))) == len(rows) + len(rejects(found)), seed
        assert len({row.source_record_id for row in rows}) == len({row.place for row in rows}) == len(rows), seed
        before = by_id(made, items)
        for name in one.random.sample([*before], min(2, len(before))):
            items, before = take_out(made, items, name), {key: row for key, row in before.items() if key != name}
            assert by_id(made, items) == before, seed
            assert made.expected(Bundle("a.xml", tuple(items.values()))) == len(before), seed
        total += len(rows)
    assert total > 100
