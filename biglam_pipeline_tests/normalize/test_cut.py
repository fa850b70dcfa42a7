"""The contract of a format: it says what one record is; that it is chosen, mapped, named and counted is the base's."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Literal

import pytest

from biglam_pipeline.columns import Modality
from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize.cut import Cut, Fields, Found
from biglam_pipeline.normalize.mapping.paths import ColumnName, PathLanguage
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.parsing.inflate import open_plain
from biglam_pipeline.place import NOWHERE, Place
from biglam_pipeline.records import Bundle, Deleted, Item, Reject, Unmapped
from biglam_pipeline.settings import Accounts
from biglam_pipeline_tests.normalize.bundles import item, read_one, records, rejects, unmapped


class Tagged(Reader):
    """Records of `TAG: VALUE` lines, divided by blank lines: a format of a test, whole."""

    type: Literal["tagged"] = "tagged"
    rows: Literal["record"] = "record"

    accounts: ClassVar[Accounts] = Accounts("records", "blank lines", "a line without a tag is a reject")
    extensions: ClassVar[tuple[str, ...]] = (".tag",)
    path_language: ClassVar[PathLanguage] = ColumnName()
    default_modality: ClassVar[Modality] = "metadata"
    record_format: ClassVar[str] = "tagged"

    def cut(self, item: Item) -> Iterator[Found]:
        """Record by record, numbered."""
        with open_plain(item) as stream:
            blocks = stream.read().decode().split("\n\n")
        for number, block in enumerate(blocks, 1):
            place, cells = Place("record", number), dict[str, list[str]]()
            for line in block.splitlines():
                tag, colon, value = line.partition(": ")
                if not colon:
                    yield Reject("tag_missing", f"{line!r} has no tag", item.name, str(place))
                    break
                cells.setdefault(tag, []).append(value)
            else:
                name = next(iter(cells.get("ID", [])), "")
                if "DELETED" in cells:
                    yield Deleted(name, item=item.name, position=str(place))
                else:
                    yield Cut(cells, name, {"title": "".join(cells.get("TI", []))}, place=place, filled=cells)
        yield Unmapped(0, {"(blank lines)": len(blocks) - 1})


CARDS = b"ID: 1\nTI: A plough\nYR: 1880\n\nID: 2\nTI: A hat\nNB: torn\n\nID: 3\nDELETED: yes\n\nnonsense\n\nTI: bare"


def test_a_format_says_what_a_record_is_and_nothing_else() -> None:
    found = read_one(Tagged(), "c.tag", CARDS)
    assert [(one.source_record_id, one.values["title"], one.position) for one in records(found)] == [
        ("1", "A plough", "record 1"),
        ("2", "A hat", "record 2"),
    ]
    assert [one.values["type"] for one in records(found)] == ["Dataset"] * 2
    assert [(one.source_record_id, one.position) for one in found if isinstance(one, Deleted)] == [("3", "record 3")]
    assert [(one.reason, one.position) for one in rejects(found)] == [
        ("tag_missing", "record 4"),
        ("identifier_missing", "record 5"),
    ]
    assert unmapped(found) == [Unmapped(3, {"ID": 2, "TI": 3, "YR": 1, "NB": 1, "(blank lines)": 4})]


def test_the_base_maps_chooses_and_counts() -> None:
    made = Tagged.model_validate(
        {"map": {"id": "TI >> lower", "date": "YR", "extra": {"file": "$stem"}}, "where": {"YR": "1800..1899"}}
    )
    found = read_one(made, "c.tag", CARDS)
    (one,) = records(found)
    assert (one.source_record_id, one.values["date_raw"], one.extra) == ("a plough", ["1880"], {"file": "c"})
    assert unmapped(found) == [Unmapped(3, {"ID": 2, "NB": 1, "(blank lines)": 4}, 2)]


@pytest.mark.parametrize(
    ("data", "gone", "shared"),
    [
        (CARDS, "1", True),
        (b"ID: 1\nTI: A plough", "1", False),
        (b"ID: 1\nTI: A plough\n\nTI: bare", "1", True),
        (b"ID: 1\nTI: A plough\n\nID: 1\nTI: A plough", "1", True),
    ],
)
def test_a_file_that_holds_others_never_goes(data: bytes, gone: str, shared: bool) -> None:
    """Also where the entry makes no row of them, or they are rejects: an edited entry would ask for them."""
    made = Tagged.model_validate({"where": {"TI": "A plough"}})
    bundle = Bundle("c.tag", (item("c.tag", data),))
    down = [(one, "x") for one in made.read(bundle, {}) if one in records([one]) and one.source_record_id == gone][:1]
    assert made.redact(bundle, down) == {"c.tag": None}
    assert made.shared(bundle, down) == ({"c.tag"} if shared else set())


def test_records_without_a_place_are_counted_one_by_one() -> None:
    class Careless(Tagged):
        def cut(self, item: Item) -> Iterator[Found]:
            for one in super().cut(item):
                if isinstance(one, Cut):
                    one.place = NOWHERE
                yield one

    made, bundle = Careless(), Bundle("c.tag", (item("c.tag", b"ID: 1\nTI: a\n\nID: 2\nTI: b"),))
    first, second = records(list(made.read(bundle, {})))
    assert made.shared(bundle, [(first, "x")]) == {"c.tag"}
    assert made.shared(bundle, [(first, "x"), (second, "y")]) == set()


def test_a_file_that_breaks_off_holds_what_nobody_knows() -> None:
    made, broken = Tagged(), item("c.tag.gz", b"\x1f\x8b\x08\0broken")
    assert made.shared(Bundle("c.tag.gz", (broken,)), []) == {"c.tag.gz"}


def _says(fields: Fields) -> Tagged:
    class Named(Tagged):
        def cut(self, item: Item) -> Iterator[Found]:
            yield fields

    return Named.model_validate({"map": {"title": "TI", "date": ["YR", "DA"]}})


def test_a_field_that_no_record_has_stops_the_source() -> None:
    with pytest.raises(SourceChanged, match=r"c\.tag has no column 'DA', 'YR'; it has ID, TI\. Change `map`"):
        read_one(_says(Fields(["TI", "ID"])), "c.tag", b"")
    assert not records(read_one(_says(Fields(["TI", "DA"])), "c.tag", b""))
    (counted,) = unmapped(read_one(_says(Fields(["DA"], final=False)), "c.tag", b""))
    assert counted.problems == ("TI: no such key so far",)


def test_a_text_that_may_not_be_changed_is_taken_as_printed() -> None:
    """By the entry's rights for all rows; by a record's own only where words were changed."""

    class Text(Tagged):
        def cut(self, item: Item) -> Iterator[Found]:
            for number, (rights, altered) in enumerate((("", True), (ND, True), (ND, False)), 1):
                columns: dict[str, Any] = {"text": "whole", "rights_raw": [rights]}
                printed: Callable[[], dict[str, Any]] = lambda: {"text": "bro-ken"}  # noqa: E731
                place = Place("record", number)
                yield Cut({}, str(number), columns, place=place, as_printed=printed, altered=altered)

    bundle = Bundle("a", (item("a", b""),))
    assert [one.values["text"] for one in records(list(Text().read(bundle, {})))] == ["whole", "bro-ken", "whole"]
    forbidden = records(list(Text().read(bundle, {}, as_printed=True)))
    assert [one.values["text"] for one in forbidden] == ["bro-ken"] * 3


ND = "https://creativecommons.org/licenses/by-nd/4.0/"


def test_a_place_is_a_value_and_prints_as_it_always_did() -> None:
    assert [str(one) for one in (Place("line", 12), Place("record", 3), Place("article", 2, "a1"), NOWHERE)] == [
        "line 12",
        "record 3",
        "a1",
        "",
    ]
    assert Place("article", 1, "") != Place("article", 2, ""), "articles without an ID are told apart"
    assert str(Place("article", 1, "")) == ""
