"""`with: {image: ...}`: a table's rows find their pictures by name, one at a time."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, BinaryIO

import pytest
from pydantic import TypeAdapter, ValidationError

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize import AnyReader
from biglam_pipeline.records import Bundle, Item, Record
from biglam_pipeline.settings import written
from biglam_pipeline_tests.normalize.bundles import item, read, reader, reasons, records, unmapped
from biglam_pipeline_tests.normalize.drawn import draw

LIST = b"file,label,year\np1.jpg,A plough,1880\np2.jpg,A hat,1881\np9.jpg,A stove,1882\n,No picture,1883\n"


def _files(table: bytes = LIST, name: str = "ads/list.csv", **pictures: bytes) -> dict[str, Item]:
    made = pictures or {f"p{n}": draw("JPEG", seed=n) for n in (1, 2, 3)}
    return {name: item(name, table)} | {f"ads/{one}.jpg": item(f"ads/{one}.jpg", data) for one, data in made.items()}


def _reader(by: Any = None, files: Any = "*.jpg", **more: Any) -> Any:
    more.setdefault("map", {"id": "label"})
    return reader(
        type="table", files="*.csv", **{"with": {"image": {"files": files, "by": by or {"file": "$name"}}}}, **more
    )


def test_rows_find_their_pictures() -> None:
    files = _files()
    found = read(_reader(), files)
    rows = {record.source_record_id: record for record in records(found)}
    with files["ads/p2.jpg"].open() as stream:
        assert rows["A hat"].values["image"] == {"bytes": stream.read(), "path": "p2.jpg"}
    assert rows["A hat"].values["image_sha256"] == files["ads/p2.jpg"].sha256
    assert (rows["A hat"].values["width"], rows["A hat"].values["media_type"]) == (40, "image/jpeg")
    assert [record.problems for record in rows.values()] == [(), (), ("image: not found",), ("image: not found",)]
    assert "image" not in rows["A stove"].values
    assert {"pictures that no row names": 1} in [one.filled for one in unmapped(found)]
    assert _reader().chosen_modality == "image"
    assert rows["A hat"].values["type"] == "StillImage"


def test_json_lines_and_the_words_on_the_picture() -> None:
    table = b'{"file": "p1.jpg", "ocr": "PLOUGHS"}\n{"file": "p2.jpg", "ocr": null}\n'
    made = reader(
        type="table",
        files="*.jsonl",
        map={"id": "file", "text": "ocr", "text_origin": {"const": "ocr"}},
        **{"with": {"image": {"files": "*.jpg", "by": {"file": "$name"}}}},
    )
    first, second = records(read(made, _files(table, "ads/list.jsonl")))
    assert (first.values["text"], first.values["text_origin"]) == ("PLOUGHS", "ocr")
    assert "text" not in second.values
    assert made.chosen_modality == "image"


def test_advertisements_as_the_language_writes_them() -> None:
    """Entry 10 of the language: Zenodo 5838410, advertisements from newspapers."""
    made = reader(
        type="table",
        files="*.csv",
        **{"with": {"image": {"files": "*.jpg", "by": {"file": "$name"}}}},
        map={
            "id": "file",
            "text": "ocr",
            "date": "pub_date",
            "extra": {"label": "label >> class(text-only, illustrations)"},
        },
    )
    table = b"file,ocr,pub_date,label\np1.jpg,HATS,1880-05-01,text-only\np2.jpg,,1881,neither\n"
    first, second = records(read(made, _files(table)))
    assert (first.values["text"], first.extra, first.values["media_type"]) == (
        "HATS",
        {"label": 0},
        "image/jpeg",
    )
    assert (second.extra, second.problems) == ({"label": None}, ("label: not among the classes",))


@pytest.mark.parametrize(
    ("by", "files"),
    [
        ({"file": "$name"}, "*.jpg"),
        ({"file >> replace(.jpg)": "$stem"}, "*.jpg"),
        ("file", "{file:p1.jpg,p2.jpg}"),
        ({"file": "$name", "label >> regex(^A)": "$folder >> replace(ads, A)"}, "*.jpg"),
    ],
)
def test_what_they_have_in_common_may_be_said_in_several_ways(by: Any, files: str) -> None:
    found = records(read(_reader(by, files), _files()))
    assert ["image" in record.values for record in found] == [True, True, False, False]


def test_a_picture_that_cannot_be_read_costs_the_row_its_picture_only() -> None:
    files = _files(p1=draw("JPEG")[:-30], p2=b"<html>", p9=draw("JPEG", (200, 200)))
    made = reader(
        type="table",
        files="*.csv",
        map={"id": "label"},
        **{"with": {"image": {"files": "*.jpg", "by": {"file": "$name"}, "max_bytes": 9_000}}},
    )
    found = read(made, files)
    assert not reasons(found)
    assert [record.problems for record in records(found)] == [
        ("image: broken",),
        ("image: not a picture",),
        ("image: too large",),
        ("image: not found",),
    ]


def test_a_repeated_key_is_a_fault() -> None:
    files = _files() | {"more/p1.jpg": item("more/p1.jpg", draw("JPEG"))}
    with pytest.raises(SourceChanged, match=r"ads/p1\.jpg and more/p1\.jpg are both the picture of 'p1\.jpg'"):
        read(_reader(), files)
    assert len(records(read(_reader(files="ads/*.jpg"), files))) == 4


def test_a_column_of_by_that_is_not_there_stops_the_source() -> None:
    with pytest.raises(SourceChanged, match="has no column 'datei'"):
        read(_reader({"datei": "$name"}), _files())


def test_pictures_are_opened_one_at_a_time_and_only_for_rows() -> None:
    """A hundred pictures: never is one opened before the row before it was taken, and none for a row left out."""
    opened: list[str] = []

    def watched(one: Item) -> Item:
        def open_it(real: Callable[[], BinaryIO] = one.open) -> BinaryIO:
            opened.append(one.name)
            return real()

        return replace(one, open=open_it) if one.name.endswith(".jpg") else one

    table = "file,label\n" + "".join(f"p{n}.jpg,{n}\n" for n in range(100))
    files = {"t.csv": item("t.csv", table.encode())}
    files |= {f"p{n}.jpg": item(f"p{n}.jpg", draw("JPEG", (8, 8), n)) for n in range(100)}
    made = _reader(where={"label": "50.."})
    (names,) = made.bundles(list(files)).values()
    bundle = Bundle("t.csv", tuple(watched(files[name]) for name in names))
    taken = 0
    for found in made.read(bundle, {}):
        if isinstance(found, Record):
            taken += 1
            assert opened == [f"p{n}.jpg" for n in range(50, 50 + taken)]
    assert taken == 50


def test_a_bundle_is_a_table_and_its_pictures_and_nothing_else() -> None:
    names = ["b.csv", "x.jpg", "a.csv", "y.png", "notes.txt"]
    assert _reader().bundles(names) == {"a.csv": ["a.csv", "x.jpg"], "b.csv": ["b.csv", "x.jpg"]}
    assert reader(type="table").bundles(names) == {"a.csv": ["a.csv"], "b.csv": ["b.csv"]}


def test_a_table_that_was_taken_down_gives_no_row() -> None:
    files = _files()
    pictures = tuple(one for name, one in files.items() if name.endswith(".jpg"))
    assert records(list(_reader().read(Bundle("ads/list.csv", pictures), {}))) == []


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ({"makers": {"files": "*.csv"}}, "`by` is missing"),
        ({"makers": {"by": "id"}}, "`files` is missing"),
        ({"makers": {"by": "id", "url": "x"}}, "`by` beside `url`"),
        ({"makers": {"files": "*.csv", "url": "x"}}, "`files` beside `url`"),
        ({"makers": {"url": "x", "max_side": "100"}}, "`max_side` is for `image`"),
        ({"makers": {"url": "x >> lowr"}}, "did you mean `lower`"),
        ({"makers": {"url": "$late.x"}, "late": {"url": "y"}}, r"`\$late.x` is joined later"),
        ({"makers": {"url": "x", "type": "picture"}}, "is not a reader"),
        ({"makers": "people.csv"}, "is no block; write {files: PATTERN"),
        ({"Makers!": {"files": "*.csv", "by": "id"}}, "`Makers!` is no name"),
        ({}, "nothing is joined"),
        ({"makers": {"files": "*.csv", "by": "id", "many": "maybe"}}, "neither true nor false"),
        ({"makers": {"files": "*.csv", "by": "id", "colour": "red"}}, "`colour` is no key of this reader"),
        ({"makers": {"files": "*.csv", "by": {"id": "$nothing"}}}, "no fact and no column of what is joined"),
        ({"makers": {"files": "*.csv", "by": {"id": "a >> lowr"}}}, "did you mean `lower`"),
        ({"makers": {"files": "*.xyz", "by": "id"}}, "which reader"),
        ({"makers": {"files": "*.xml", "type": "picture", "by": "id"}}, "is not a reader"),
        ({"image": {"url": "a", "by": "b"}}, "`by` beside `url`"),
        ({"image": {"url": "a", "files": "*.jpg"}}, "`files` beside `url`"),
        ({"image": {"url": "a", "max_side": 0}}, "greater than or equal to 1"),
        ({"image": {"url": "a", "many": True}}, "`many` is no key of a picture"),
        ({"image": {"url": "a >> lowr"}}, "did you mean `lower`"),
        ({"image": {"url": "$object.picture"}}, "nothing of the name object is joined"),
        ({"image": {"files": "*.jpg", "by": {"file": "$name"}, "max_side": 5}}, "`max_side` is asked of a server"),
        ({"image": {"files": "*.jpg", "by": {"file": "$name"}, "many": True}}, "`many`"),
        ({"image": {"files": "*.jpg", "by": {"file": "$name"}, "with": {}}}, "`with`"),
        ({"image": {"files": "*.jpg", "by": "file"}}, r"\$file: no fact of a picture"),
        ({"image": {"files": "*.jpg", "by": {"file": "name"}}}, "a picture has no fields to read"),
        ({"image": {"files": "*.jpg", "by": {"file": "$title"}}}, "no fact of a picture"),
        ({"image": {"files": "*.jpg", "by": []}}, "`by` is a column"),
        ({"image": {"files": "*.jpg"}}, "`by` is missing"),
        ({"image": {"by": {"file": "$name"}}}, "`files` is missing"),
        ({"image": {"files": "/x.jpg", "by": {"file": "$name"}}}, "is not a pattern"),
        ({"image": {"files": "*.jpg", "by": {"file >> lowr": "$name"}}}, "did you mean `lower`"),
    ],
)
def test_refused_at_load(block: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        reader(type="table", **{"with": block})


def test_what_is_measured_cannot_be_mapped_and_the_modality_follows() -> None:
    with pytest.raises(ValidationError, match="`media_type`: `with: image` measures it"):
        _reader(map={"media_type": "label"})
    with pytest.raises(ValidationError, match="gives rows of modality image, not text"):
        _reader(modality="text")
    with pytest.raises(ValidationError, match="is its picture already"):
        reader(type="images", **{"with": {"image": {"files": "*.jpg", "by": {"$stem": "$name"}}}})


def test_records_of_any_format_find_their_pictures() -> None:
    """A page of ALTO beside its scan, a record of Dublin Core beside the file that it names."""
    scans = {f"scans/{n}.jpg": item(f"scans/{n}.jpg", draw("JPEG", seed=n)) for n in (1, 2)}
    pages = {f"alto/{n}.xml": item(f"alto/{n}.xml", b"<alto/>") for n in (1, 2)}
    made = reader(type="mets_alto", **{"with": {"image": {"files": "scans/*.jpg", "by": {"$stem": "$stem"}}}})
    found = records(read(made, pages | scans))
    assert [(one.source_record_id, one.values["image_sha256"]) for one in found] == [
        (f"alto/{n}", scans[f"scans/{n}.jpg"].sha256) for n in (1, 2)
    ]
    card = b"<dc xmlns='http://purl.org/dc/elements/1.1/'><identifier>1.jpg</identifier><title>Hat</title></dc>"
    made = reader(type="oai_dc", **{"with": {"image": {"files": "scans/*.jpg", "by": {"dc:identifier": "$name"}}}})
    (one,) = records(read(made, {"card.xml": item("card.xml", card)} | scans))
    assert one.values["image_sha256"] == scans["scans/1.jpg"].sha256


def test_the_block_can_be_written_back() -> None:
    made = _reader({"file": "$name", "label": "$folder"})
    text = made.model_dump_json(by_alias=True, exclude_none=True)
    assert json.loads(text)["with"]["image"]["by"] == {"file": "$name", "label": "$folder"}
    assert TypeAdapter(AnyReader).validate_json(text).model_dump_json() == made.model_dump_json()


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (
            {"map": {"title": "$makers.name"}},
            r"\$makers\.name: nothing of the name makers is joined; nothing is joined",
        ),
        ({"with": {"m": {"files": "*.csv", "by": "id"}}, "map": {"title": "$n.x"}}, "`with` joins m"),
        ({"map": {"title": "$makers."}}, "behind the dot comes the name of a column"),
        ({"map": {"title": "$root.x"}}, r"\$root.x: no fact, no column"),
        ({"rows": "$makers", "map": {"id": "id"}}, "`rows: \\$makers`: nothing of this name is joined"),
        (
            {"rows": "$m", "with": {"m": {"files": "*.csv", "by": "id"}}, "map": {"title": "id"}},
            "map `id` to what tells them apart",
        ),
        (
            {"with": {"m": {"files": "*.csv", "by": {"$title": "t"}}}, "map": {"title": "name"}},
            r"`\$title` is mapped after it is joined",
        ),
        (
            {"with": {"m": {"files": "*.csv", "by": {"$n.x": "t"}}, "n": {"files": "*.csv", "by": "id"}}},
            r"`\$n\.x` is joined later; put `n` before it",
        ),
        (
            {"with": {"m": {"type": "oai_dc", "files": "*.xml", "by": {"id": "dc:title"}}}, "map": {"title": "$m.foo"}},
            "gives no column of this name; name it there",
        ),
        (
            {
                "with": {"m": {"type": "oai_dc", "files": "*.xml", "by": {"id": "dc:title"}}},
                "map": {"title": "$m.titel"},
            },
            r"gives no column of this name; did you mean `\$m\.title`\? else name it there",
        ),
    ],
)
def test_what_is_joined_is_named_or_refused(block: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        reader(type="table", **block)


def test_a_join_is_written_back_as_it_was_written() -> None:
    """By it a shelf is known again: a key of the language that nobody wrote stands in no digest."""
    inner = {"files": "people.csv", "by": ["id"], "many": "true", "map": {"extra": {"born": "born >> int"}}}
    block = {
        "book": {"files": "*-inventory.csv", "header": ["file", "title"], "by": {"$name": "file"}},
        "people": inner,
    }
    made = reader(type="table", files="*.csv", **{"with": block}, map={"id": "id", "title": "$book.title"})
    text = made.model_dump_json(by_alias=True, exclude_none=True)
    assert {name: one for name, one in json.loads(text)["with"].items() if one} == block
    assert TypeAdapter(AnyReader).validate_json(text).model_dump_json() == made.model_dump_json()
    assert json.loads(written(made))["with"] == block
