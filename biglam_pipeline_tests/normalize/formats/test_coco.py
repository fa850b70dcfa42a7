"""COCO and YOLO: a picture is a row, what is marked on it one column, and nothing is mended in silence."""

import gzip
import io
import json
from typing import Any

import pyarrow as pa
import pytest
from PIL import Image
from pydantic import ValidationError

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize.formats.coco import document
from biglam_pipeline.normalize.formats.coco.objects import packed
from biglam_pipeline.normalize.formats.coco.yolo import names_of
from biglam_pipeline.records import Record, Unmapped
from biglam_pipeline_tests.contracts.specimens import Specimen
from biglam_pipeline_tests.normalize.bundles import (
    item,
    read,
    read_one,
    reader,
    real_folder,
    reasons,
    records,
    rejects,
    unmapped,
)
from biglam_pipeline_tests.normalize.formats.test_blanking import by_id, take_out

CATEGORIES = [{"id": 0, "name": "Map"}, {"id": 7, "name": "Portrait", "supercategory": "Content"}]


def image(number: Any, **more: Any) -> dict[str, Any]:
    return {"id": number, "file_name": f"{number}.jpg", "width": 100, "height": 200, **more}


def mark(number: Any, of: Any, category: Any = 0, bbox: Any = (10, 20, 30, 40), **more: Any) -> dict[str, Any]:
    return {"id": number, "image_id": of, "category_id": category, "bbox": bbox, **more}


def coco(images: list[Any], annotations: list[Any], categories: Any = CATEGORIES, **more: Any) -> bytes:
    lists = {"images": images, "annotations": annotations, "categories": categories}
    return json.dumps({"info": {"year": 2020}, **more, **lists}).encode()


def jpeg(width: int, height: int) -> bytes:
    written = io.BytesIO()
    Image.new("L", (width, height)).save(written, "JPEG")
    return written.getvalue()


def rows_of(data: bytes, **block: Any) -> list[Record]:
    return records(read_one(reader(type="coco", **block), "a/train.json", data))


def only(data: bytes, **block: Any) -> dict[str, Any]:
    """`objects` of the one row."""
    (row,) = rows_of(data, **block)
    found = row.extra["objects"]
    assert isinstance(found, dict)
    assert len({len(values) for values in found.values()}) == 1, "lists of one length"
    return found


SPECIMEN = Specimen(
    {
        "train.json": coco(
            [image(1, license=3, date_captured="12/1/2019", coco_url="https://a.org/1.jpg"), image("2")],
            [
                mark(5, 1, bw_id="x", area=1200.5, iscrowd=0),
                mark("6", 2, 7, segmentation=[[1, 2, 3, 4, 5, 6]]),
                mark(50430, 1, 9, bw_id=5),
            ],
            licenses=[{"id": 3, "name": "CC0 1.0", "url": "https://creativecommons.org/publicdomain/zero/1.0/"}],
        ),
        "yolo/labels/p.txt": b"0 0.5 0.5 0.2 0.4\n1 0.1 0.1 0.3 0.1 0.3 0.3\n",
        "yolo/classes.txt": b"table\nnote\n",
    },
    records=3,
    version=2,
    digest="87d571a7441db8c2",
)


def test_a_picture_is_a_row_with_all_that_is_marked_on_it() -> None:
    """The annotations of one picture are not contiguous (Beyond Words), and each id is a text: 5, "6", a UUID."""
    first, second = rows_of(SPECIMEN.files["train.json"])
    assert first.source_record_id == "a/train.json#1"
    assert first.extra["objects"] == {
        "id": ["5", "50430"],
        "bbox": [[10, 20, 30, 40], [10, 20, 30, 40]],
        "category": ["Map", None],
        "area": [1200.5, None],
        "iscrowd": [False, None],
        "segmentation": [None, None],
        "rle": [None, None],
        "flags": [[], ["a category that the file does not name"]],
    }
    assert first.problems == ("objects: a category that the file does not name",)
    assert second.extra["objects"]["category"] == ["Portrait"]
    assert second.extra["objects"]["segmentation"] == [[[1, 2, 3, 4, 5, 6]]]


def test_what_the_file_says_of_a_picture_fills_its_columns() -> None:
    """`date_captured` is the day of the digital picture: no evidence of the year of what it shows."""
    first, second = rows_of(SPECIMEN.files["train.json"])
    assert first.values == {
        "type": "StillImage",
        "width": 100,
        "height": 200,
        "image_url": "https://a.org/1.jpg",
        "date_raw": ["12/1/2019"],
        "date_type": "captured",
        "year_evidence": "none",
        "rights_raw": ["CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"],
    }
    assert second.values["rights_raw"] == first.values["rights_raw"], "it names none, so all that are listed are heard"


LISTED = [{"id": 1, "name": "CC BY 4.0"}, {"id": "2", "name": "All rights reserved"}]


@pytest.mark.parametrize(
    ("picture", "licenses", "said"),
    [
        ({"license": 1}, LISTED, ["CC BY 4.0"]),
        ({"license": 2}, LISTED, ["All rights reserved"]),
        ({}, LISTED, ["CC BY 4.0", "All rights reserved"]),
        ({"license": 7}, LISTED, ["license 7, which `licenses` does not explain"]),
        ({"license": "CC0"}, [], ["CC0"]),
        ({"license": 0}, [{"id": 0, "name": "", "url": ""}], None),
        ({"license": 0}, [], None),
        ({"license": 3}, [], None),
        ({"license": 1, "copyright": "A. Photographer"}, LISTED, ["CC BY 4.0", "A. Photographer"]),
        ({"license": 1}, [*LISTED, {"id": 1, "name": "CC0"}], ["license 1, which `licenses` does not explain"]),
        ({"license": 1}, {"id": 1, "name": "CC BY-NC"}, ["CC BY-NC"]),
        ({"license": 2}, {"1": "CC0", "2": {"name": "CC BY-NC"}}, ["CC BY-NC"]),
        ({}, "CC BY-NC", ["CC BY-NC"]),
        ({"license": 1}, [{"id": 1, "title": "CC BY-NC"}], ["CC BY-NC"]),
        ({"license": 1}, [{"id": 1, "name": "Main", "license": "CC BY-NC"}], ["Main", "CC BY-NC"]),
        ({"license": 3}, [*LISTED, {"id": 3, "name": ""}], ["license 3, which `licenses` does not explain"]),
    ],
)
def test_rights_of_the_picture_are_heard(picture: dict[str, Any], licenses: Any, said: list[str] | None) -> None:
    (row,) = rows_of(coco([image(1, **picture)], [], licenses=licenses))
    assert row.values.get("rights_raw") == said


@pytest.mark.parametrize(
    "more",
    [
        {"license": "CC BY-NC"},
        {"rights": ["CC BY-NC"]},
        {"info": [{"license": "CC BY-NC"}]},
        {"info": {"License": "CC BY-NC"}, "licenses": []},
    ],
)
def test_rights_that_stand_around_the_lists_are_heard_for_each_picture(more: dict[str, Any]) -> None:
    rows = rows_of(coco([image(1), image(2, license=0)], [], **more))
    assert [row.values.get("rights_raw") for row in rows] == [["CC BY-NC"]] * 2


@pytest.mark.parametrize("order", [("images", "annotations"), ("annotations", "images")])
def test_the_order_of_the_lists_and_how_much_is_held_change_nothing(
    order: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    images = [image(number) for number in range(40)]
    annotations = [mark(number, number * 7 % 40, segmentation=[[number] * 8]) for number in range(200)]
    lists = {"images": images, "annotations": annotations}
    data = json.dumps({**{name: lists[name] for name in order}, "categories": CATEGORIES}).encode()
    whole = [row.extra["objects"]["id"] for row in rows_of(data)]
    assert whole == [[str(one["id"]) for one in annotations if one["image_id"] == each["id"]] for each in images]
    monkeypatch.setattr(document, "HELD_BYTES", 700)
    assert [row.extra["objects"]["id"] for row in rows_of(gzip.compress(data))] == whole


def test_pictures_without_annotations_are_rows_with_empty_lists() -> None:
    assert only(coco([image(1)], []))["bbox"] == []
    (row,) = rows_of(json.dumps({"images": [image(1)]}).encode())
    assert row.extra["objects"]["id"] == []


@pytest.mark.parametrize(
    ("annotation", "flags"),
    [
        (mark(1, 1, bbox=[90, 20, 30, 40]), ["a box outside the picture"]),
        (mark(1, 1, bbox=[-5, 20, 30, 40]), ["a box outside the picture"]),
        (mark(1, 1, bbox=[70, 160, 30.7, 40.5]), []),  # tools differ in whether the last pixel counts
        (mark(1, 1, bbox=[10, 20, 0, 40]), ["a box without area"]),
        (mark(1, 1, bbox=[10, 20, 30, -4]), ["a box without area"]),
        (mark(1, 1, bbox=[10, 20, 30]), ["no box"]),
        (mark(1, 1, bbox=None), ["no box"]),
        (mark(1, 1, bbox=["1", 2, 3, 4]), ["no box"]),
        (mark(1, 1, bbox=[1e400, 2, 3, 4]), ["no box"]),
        (mark(1, 1, 3), ["a category that the file does not name"]),
        (mark(1, 1, True), ["a category that the file does not name"]),
        (mark(1, 1, segmentation=[[1, 2, 3]]), ["a mask that cannot be read"]),
        (mark(1, 1, segmentation={"size": [200, 100]}), ["a mask that cannot be read"]),
        (mark(1, 1, segmentation="x"), ["a mask that cannot be read"]),
        (mark(1, 1, "0"), []),
        (mark(1, 1, 7.0), []),
    ],
)
def test_h53_what_cannot_be_right_is_kept_flagged_and_counted(annotation: dict[str, Any], flags: list[str]) -> None:
    """H53."""
    data = json.dumps({"images": [image(1)], "annotations": [annotation], "categories": CATEGORIES})
    (row,) = rows_of(data.replace("Infinity", "1e400").encode())
    assert row.extra["objects"]["flags"] == [flags]
    assert row.problems == tuple(f"objects: {flag}" for flag in flags)


def test_an_object_that_comes_twice_stays_twice_and_is_told_where_its_id_does() -> None:
    found = only(coco([image(1)], [mark(1, 1), mark(1, 1), mark(2, 1, bbox=[11, 20, 30, 41])]))
    assert len(found["bbox"]) == 3
    assert found["flags"] == [[], ["an id that another object of the picture has"], []]


@pytest.mark.parametrize("given", [[], [[]], {}])
def test_no_mask_is_written_in_several_ways(given: Any) -> None:
    found = only(coco([image(1)], [mark(1, 1, segmentation=given)]))
    assert (found["segmentation"], found["rle"], found["flags"]) == ([[]], [None], [[]])


def test_a_mask_in_run_lengths_is_kept_as_pycocotools_reads_it() -> None:
    crowd = mark(1, 1, iscrowd=1, segmentation={"size": [200, 100], "counts": [3, 20, 5, 300, 4, 19668]})
    found = only(coco([image(1)], [crowd, mark(2, 1, segmentation={"size": [200, 100], "counts": "0b5"})]))
    assert found["iscrowd"] == [True, None]
    assert found["segmentation"] == [None, None]
    assert found["rle"][1] == {"size": [200, 100], "counts": "0b5"}
    assert unpacked(found["rle"][0]["counts"]) == [3, 20, 5, 300, 4, 19668]


def unpacked(letters: str) -> list[int]:
    """`rleFrString` of COCO's maskApi.c."""
    found: list[int] = []
    at = 0
    while at < len(letters):
        value, shift, more = 0, 0, True
        while more:
            bits = ord(letters[at]) - 48
            value |= (bits & 0x1F) << 5 * shift
            more, at, shift = bool(bits & 0x20), at + 1, shift + 1
            if not more and bits & 0x10:
                value |= -1 << 5 * shift
        found.append(value + found[-2] if len(found) > 2 else value)
    return found


@pytest.mark.parametrize("lengths", [[], [0], [1 << 30, 0, 0, 1 << 30, 5], [15, 16, 31, 32, 33, 0, 1000000]])
def test_run_lengths_come_back(lengths: list[int]) -> None:
    assert unpacked(packed(lengths)) == lengths


def test_categories_of_the_entry_are_numbers_with_names() -> None:
    """The schema follows from the entry alone: ids of the file may begin at 1, have gaps, or be texts."""
    made = reader(type="coco", categories=["Portrait", "Map"])
    (row,) = records(read_one(made, "x.json", coco([image(1)], [mark(1, 1, 0), mark(2, 1, 7), mark(3, 1, 5)])))
    assert row.extra["objects"]["category"] == [1, 0, None]
    assert made.classes == {"objects.category": ("Portrait", "Map")}
    assert made.extras["objects"].field("category").type == pa.list_(pa.int64())
    assert reader(type="coco").extras["objects"].field("category").type == pa.list_(pa.string())


def test_a_category_that_the_entry_does_not_list_stops_the_source() -> None:
    with pytest.raises(SourceChanged, match=r"a/train.json marks 'Portrait', which `categories` does not list. Add it"):
        rows_of(coco([image(1)], [mark(1, 1, 7)]), categories=["Map"])
    assert rows_of(coco([image(1)], [mark(1, 1, 0)]), categories=["Map"]), "one that is only declared does not"


@pytest.mark.parametrize("categories", [[], ["a", "a"], ["a", " "]])
def test_categories_are_told_apart(categories: list[str]) -> None:
    with pytest.raises(ValidationError, match="categories"):
        reader(type="coco", categories=categories)


def test_an_id_of_two_categories_names_neither() -> None:
    twice = [{"id": 1, "name": "Map"}, {"id": "1", "name": "Text"}, {"id": 2, "name": "Map"}, {"id": 2, "name": "Map"}]
    assert only(coco([image(1)], [mark(1, 1, 1), mark(2, 1, 2)], twice))["category"] == [None, "Map"]


def test_h54_the_same_id_in_two_files_is_two_rows_each_with_its_own_categories() -> None:
    """H54: every split counts from 1, and may number its categories otherwise."""
    other = coco([image(1)], [mark(1, 1, 7)], [{"id": 7, "name": "Map"}])
    files = {"val.json": other, "train.json": coco([image(1)], [mark(1, 1, 7)])}
    found = records(read(reader(type="coco"), {name: item(name, data) for name, data in files.items()}))
    assert {row.source_record_id: row.extra["objects"]["category"] for row in found} == {
        "train.json#1": ["Portrait"],
        "val.json#1": ["Map"],
    }


def test_a_spoiled_picture_is_a_reject_and_so_is_each_annotation_without_one() -> None:
    images = [image(1), "x", {"file_name": "no id"}, image(3), image(3, file_name="other.jpg"), image(4), image(4)]
    found = read_one(reader(type="coco"), "x.json", coco(images, [mark(1, 9), mark(2, 3), {"id": 3}, 5, mark(4, 4)]))
    assert [row.source_record_id for row in records(found)] == ["x.json#1", "x.json#4", "x.json#4"]
    assert [(one.reason, one.position) for one in rejects(found)] == [
        ("coco_image", "image 2"),
        ("coco_image", "image 3"),
        ("coco_image", "image 4"),
        ("coco_image", "image 5"),
        ("coco_annotation", "annotation 3"),
        ("coco_annotation", "annotation 4"),
        ("coco_annotation", "annotation 1"),
    ]
    assert "another picture has the id '3' too" in rejects(found)[2].detail
    assert "`images` has no picture '9'" in rejects(found)[-1].detail


def test_a_key_that_comes_twice_in_an_annotation_is_a_reject() -> None:
    data = coco([image(1)], [mark(1, 1)]).replace(b'"image_id": 1', b'"image_id": 1, "image_id": 2')
    assert reasons(read_one(reader(type="coco"), "x.json", data)) == ["coco_annotation"]


@pytest.mark.parametrize(
    ("data", "reason", "said"),
    [
        (coco([image(1)], [mark(1, 1)])[:-30], "json_document", "lack boxes"),
        (b"", "json_document", "ends"),
        (b"[]", "json_document", "`[`"),
        (b'{"images": [], "images": []}', "json_document", "comes twice"),
        (b'{"images": []} {}', "json_document", "behind its end"),
        (b'{"images": [}', "json_document", ""),
        (b'{"categories": [1,}', "json_document", ""),
        (b'{"\\ud800": 1}', "json_document", ""),
        (b'{"images": [],}', "json_document", ""),
        (b'{"images": [{"id": 1}], "annotations": {"1": {}}}', "json_document", "`annotations` is no list"),
        (b"{}", "coco_missing", "no keys"),
        (b'{"images": {}, "x": 1}', "coco_missing", "images, x"),
        (b'{"a": {"b": [1]}}', "coco_missing", "leave it out with `files`"),
    ],
)
def test_a_file_that_is_no_whole_coco_gives_no_row(data: bytes, reason: str, said: str) -> None:
    found = read_one(reader(type="coco"), "x.json", data)
    assert (records(found), reasons(found)) == ([], [reason])
    assert said in rejects(found)[0].detail


def test_panoptic_segments_are_objects() -> None:
    segments = [{"id": 1, "category_id": 0, "bbox": [1, 2, 3, 4], "area": 9, "iscrowd": 0}, {"id": 2, "category_id": 7}]
    data = coco([image(1)], [{"image_id": 1, "file_name": "1.png", "segments_info": segments}])
    found = only(data)
    assert (found["id"], found["category"], found["flags"]) == (["1", "2"], ["Map", "Portrait"], [[], ["no box"]])


def test_paths_lead_into_the_picture_its_annotations_and_the_document() -> None:
    """A field that is a text in the first pass and a number in the second is text, as `map` keeps it."""
    made = {"title": "file_name", "extra": {"bw": {"all": ["annotations[].bw_id"]}, "year": "$root.info.year"}}
    first, second = rows_of(SPECIMEN.files["train.json"], map=made)
    assert first.values["title"] == "1.jpg"
    assert (first.extra["bw"], first.extra["year"]) == (["x", "5"], "2020")
    assert second.extra["bw"] is None


def test_fields_that_nothing_reads_are_counted() -> None:
    data = coco([image(1, dataset_id=3)], [mark(1, 1, bw_id=1), mark(2, 1, bw_id=2, keypoints=[1])])
    (one,) = unmapped(read_one(reader(type="coco"), "x.json", data))
    assert one.filled == {"dataset_id": 1, "annotations.bw_id": 1, "annotations.keypoints": 1}


def test_a_row_has_its_picture_and_a_picture_of_another_size_is_told() -> None:
    block = {"with": {"image": {"files": "*.jpg", "by": {"$picture": "$name"}}}}
    data = coco([image(1, file_name="scans/1.jpg"), image(2), image(3)], [mark(1, 1), mark(2, 2), mark(3, 3)])
    files = {"a.json": data, "x/1.jpg": jpeg(100, 200), "x/2.jpg": jpeg(50, 100), "x/9.jpg": jpeg(1, 1)}
    found = read(reader(type="coco", **block), {name: item(name, one) for name, one in files.items()})
    one, two, three = records(found)
    assert (one.values["width"], one.values["image"]["path"], one.problems) == (100, "1.jpg", ())
    assert two.problems == ("objects: the picture has another size than the file says",)
    assert three.problems == ("image: not found",)
    assert three.extra["objects"]["bbox"] == [[10, 20, 30, 40]]
    assert Unmapped(0, {"pictures that no row names": 1}) in found


def test_the_column_of_the_reader_cannot_be_mapped() -> None:
    with pytest.raises(ValidationError, match="the reader fills `objects` itself"):
        reader(type="coco", map={"extra": {"objects": "x"}})


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_an_object_with_a_number_that_is_none_stays(number: str) -> None:
    """Python and pandas write it, though it is no JSON: the picture would lack the object."""
    objects = [mark(1, 1, area=7.5), mark(2, 1, bbox=[1, 7.5, 3, 4]), mark(3, 1, name="NaN")]
    found = only(coco([image(1, score=7.5)], objects).replace(b"7.5", number.encode()))
    assert found["id"] == ["1", "2", "3"]
    assert (found["area"][0], found["bbox"][1]) == (None, None)
    assert found["flags"] == [[], ["no box"], []]


def test_ids_of_any_length_are_compared_as_written() -> None:
    number = 12345678901234567890123
    (row,) = rows_of(coco([image(number)], [mark(number, number), mark(number + 1, number)]))
    assert row.source_record_id == f"a/train.json#{number}"
    assert row.extra["objects"]["id"] == [str(number), str(number + 1)]


# --- YOLO ---

YOLO = {
    "d/train/images/p.jpg": jpeg(200, 100),
    "d/train/images/q.jpg": jpeg(100, 100),
    "d/train/labels/p.txt": (
        b"\xef\xbb\xbf1 0.5 0.5 0.25 0.5\r\n\r\n0 0.1 0.2 0.3 0.2 0.3 0.4 0.91\r\n0 0.5 0.5 0.1 0.1 0.97"
    ),
    "d/train/labels/q.txt": b"",
    "d/val/images/p.jpg": jpeg(10, 10),
    "d/data.yaml": b"train: ../train/images\nnc: 2\nnames: ['table', 'note']\n",
    "d/README.txt": b"Exported on a Monday.",
    "d/train.txt": b"images/p.jpg\n",
}
BY_STEM = {"with": {"image": {"files": "train/images/*.jpg", "by": {"$stem": "$stem"}}}}


def test_labels_become_pixels_by_the_size_of_their_picture() -> None:
    """Boxes by their middle, polygons of any number of points, and a sixth number that says how sure a program was."""
    files = {**YOLO, "d/train/labels/p.txt": YOLO["d/train/labels/p.txt"].replace(b" 0.91", b"")}
    found = read(reader(type="coco", **BY_STEM), {name: item(name, one) for name, one in files.items()})
    first, second = records(found)
    assert rejects(found) == []
    assert first.source_record_id == "d/train/labels/p.txt"
    assert first.extra["objects"]["category"] == ["note", "table", "table"]
    assert first.extra["objects"]["bbox"][0] == [75, 25, 50, 50]
    assert first.extra["objects"]["bbox"][1] == pytest.approx([20, 20, 40, 20])
    assert first.extra["objects"]["segmentation"][1] == [pytest.approx([20, 20, 60, 20, 60, 40])]
    assert first.extra["objects"]["flags"] == [[], [], []]
    assert (second.values["width"], second.extra["objects"]["bbox"]) == (100, []), "a picture of the background"


def test_a_line_of_another_length_is_kept_without_box() -> None:
    found = read(reader(type="coco", **BY_STEM), {name: item(name, one) for name, one in YOLO.items()})
    assert records(found)[0].extra["objects"]["flags"] == [[], ["no box"], []]


def test_without_the_picture_shares_stay_and_are_flagged() -> None:
    found = read(reader(type="coco"), {name: item(name, one) for name, one in YOLO.items()})
    objects = records(found)[0].extra["objects"]
    assert objects["bbox"][0] == [0.375, 0.25, 0.25, 0.5]
    assert objects["flags"][0] == ["a box in shares of a picture whose size is not known"]


def test_categories_of_the_entry_name_the_numbers_where_no_file_does() -> None:
    labels = {"labels/p.txt": item("labels/p.txt", b"1 0.5 0.5 0.2 0.2\n4 0.5 0.5 0.2 0.2")}
    (row,) = records(read(reader(type="coco", categories=["a", "b"]), labels))
    assert row.extra["objects"]["category"] == [1, None]
    (row,) = records(read(reader(type="coco"), labels))
    assert row.extra["objects"]["category"] == [None, None]
    assert "objects: a category that the file does not name" in row.problems


@pytest.mark.parametrize(
    "line",
    [
        b"table 0.1 0.1 0.2 0.2",
        b"0 0.1 0.1",
        b"0.5 1 1 1 1",
        b"-1 1 1 1 1",
        b"0 1e300 1 1 1",
        b"1e300 1 1 1 1",
        b"0 nan 1 1 1",
    ],
)
def test_a_file_with_a_line_that_is_no_label_is_a_reject(line: bytes) -> None:
    found = read_one(reader(type="coco"), "labels/p.txt", b"0 0.1 0.1 0.2 0.2\n" + line)
    assert (records(found), reasons(found)) == ([], ["yolo_label"])
    assert rejects(found)[0].position == "line 2"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("classes.txt", "a b\nit's\n\n"),
        ("obj.names", "a b\r\nit's\r\n"),
        ("data.yaml", "nc: 2\nnames: ['a b', \"it's\"]\n"),
        ("data.yaml", "names: [a b, 'it''s']  # two\nnc: 2"),
        ("data.yaml", "names:\n- a b\n- it's\nnc: 2\n"),
        ("data.yaml", 'names: \n  # both\n  0: a b  # the first\n  1: "it\'s"\n\nroboflow:\n  license: CC BY 4.0\n'),
        ("coco8.yaml", "path: x\nnames:\n  1: it's\n  0: 'a b'\ndownload: y"),
        ("data.yaml", 'names: {0: a b, 1: "it\'s"}'),
        ("data.yaml", "names: [\n  'a b',\n  'it''s',\n]\n"),
        ("data.yaml", "names: [a b, it's]\n"),
        ("data.yaml", "names: ['a b', # first, of all\n  it's]  # two, or 'three'\n"),
        ("data.yaml", "names: {'0': a b, \"1\": it's}"),
        ("data.yaml", "names:\n  '0': a b\n  '1': it's\n"),
    ],
)
def test_names_stand_beside_in_the_forms_of_many_tools(name: str, data: str) -> None:
    assert names_of([item(name, data.encode())]) == ["a b", "it's"]


def test_a_name_in_quotes_has_brackets_and_commas() -> None:
    data = b"names: ['a [x]', \"b, c\", {d}, 'e']\n"
    assert names_of([item("data.yaml", data)])[:2] == ["a [x]", "b, c"]


@pytest.mark.parametrize("shape", ["[2, 3]", "\n- 2\n- 3", "[2,2] # x, y"])
def test_points_behind_a_box_are_no_polygon(shape: str) -> None:
    """Ultralytics' poses: x y w h, then each point, with how well it is seen or without."""
    seen = "" if "2,2" in shape else " 2"
    label = f"0 .5 .5 .2 .4 .1 .9{seen} .3 .3{seen}\n0 .5 .5 .2 .4\n1 .1 .1 .2 .1 .2 .2\n"
    yaml = f"kpt_shape: {shape}\nnames: [a, b]\nroboflow:\n  license: 'CC BY-NC 4.0'\n"
    files = {"labels/p.txt": item("labels/p.txt", label.encode()), "data.yaml": item("data.yaml", yaml.encode())}
    found = read(reader(type="coco"), files)
    (row,) = records(found)
    assert row.extra["objects"]["bbox"] == [pytest.approx(one) for one in ([0.4, 0.3, 0.2, 0.4],) * 2 + ([0.1] * 4,)]
    assert [bool(one) for one in row.extra["objects"]["segmentation"]] == [False, False, True]
    assert (row.values["rights_raw"], unmapped(found)[-1].filled) == (["CC BY-NC 4.0"], {"keypoints": 1})


@pytest.mark.parametrize("data", ["", "nc: 3", "names: *other", "names: 5\n", "names:\nnc: 1", "names: [[a], b"])
def test_names_that_are_written_otherwise_are_none(data: str) -> None:
    assert not any(names_of([item("data.yaml", data.encode())])[:1])


# --- Pascal VOC and VIA ---

VOC = """<annotation><folder>x</folder><filename>p.jpg</filename><source><license>CC0 1.0</license></source>
<size><width>100</width><height>200</height><depth>3</depth></size><segmented>0</segmented>
<object><name>angel</name><pose>stand</pose><difficult>0</difficult>
<bndbox><xmin>10</xmin><ymin>20</ymin><xmax>40.5</xmax><ymax>60</ymax></bndbox></object>
<object><name/><bndbox><xmin>50</xmin><ymin>20</ymin><xmax>400</xmax><ymax>60</ymax></bndbox></object>
<object><name>angel</name><bndbox><xmin>?</xmin></bndbox></object></annotation>"""


def test_pascal_voc_is_a_file_a_picture_with_boxes_by_their_corners() -> None:
    block = {"with": {"image": {"files": "*.jpg", "by": {"$picture": "$name"}}}}
    files = {"Annotations/1.xml": VOC.encode(), "JPEGImages/p.jpg": jpeg(100, 200), "x.xml": b"<alto/>", "y.xml": b"<a"}
    found = read(reader(type="coco", **block), {name: item(name, one) for name, one in files.items()})
    (row,) = records(found)
    assert sorted(reasons(found)) == ["voc_missing", "xml_cut"]
    assert (row.values["width"], row.values["rights_raw"]) == (100, ["CC0 1.0"])
    assert row.extra["objects"]["bbox"] == [[10, 20, 30.5, 40], [50, 20, 350, 40], None]
    assert row.extra["objects"]["category"] == ["angel", None, "angel"]
    unknown = "a category that the file does not name"
    assert row.extra["objects"]["flags"] == [[], [unknown, "a box outside the picture"], ["no box"]]


def test_what_voc_says_besides_is_counted_and_rights_are_heard_wherever_they_stand() -> None:
    """A part has a box of its own (VOC 2012, person layout), and no row has it."""
    part = "<part><name>head</name><bndbox><xmin>1</xmin></bndbox></part><name>angel</name>"
    said = "<license>CC0 1.0</license>"
    nested = "<license><name>CC BY-NC</name><url>https://a.org/</url></license></source><x><rights>no</rights></x>"
    data = VOC.replace("<name>angel</name>", part, 1).replace(f"{said}</source>", nested)
    found = read_one(reader(type="coco"), "x.xml", data.encode())
    (row,) = records(found)
    assert row.values["rights_raw"] == ["CC BY-NC", "https://a.org/", "no"]
    assert row.extra["objects"]["category"] == ["angel", None, "angel"]
    names = ("folder", "size.depth", "segmented", "object.part", "object.pose", "object.difficult")
    assert unmapped(found)[-1].filled == dict.fromkeys(names, 1)


def test_an_ellipse_that_is_turned_has_the_box_that_is_around_it() -> None:
    ellipse = region({"label": "a"}, name="ellipse", cx=50, cy=50, rx=20, ry=5, theta=1.5707963267948966)
    data = json.dumps({"p": {"filename": "p.jpg", "regions": [ellipse], "file_attributes": {}}}).encode()
    (row,) = records(read_one(reader(type="coco"), "x.json", data))
    assert row.extra["objects"]["bbox"] == [[45, 30, 10, 40]]


def region(attributes: Any, **shape: Any) -> dict[str, Any]:
    return {"shape_attributes": shape, "region_attributes": attributes}


REGIONS = [
    region({"label": "article"}, name="rect", x=1, y=2, width=3, height=4),
    region({"label": "article", "n": "1"}, name="polygon", all_points_x=[1, 5, 5], all_points_y=[2, 2, 9]),
    region({"type": {"map": True, "text": False}}, name="circle", cx=10, cy=20, r=5),
    region({"label": ""}, name="ellipse", cx=10, cy=20, rx=1, ry=2),
    region({"label": "a"}, name="point", cx=10, cy=20),
    region({"label": "a"}, name="polyline", all_points_x=[1, 5], all_points_y=[2]),
    region({"label": "a"}, name="star"),
    "x",
]


@pytest.mark.parametrize("regions", [REGIONS, {str(at): one for at, one in enumerate(REGIONS)}])
@pytest.mark.parametrize("is_project", [True, False])
def test_shapes_of_the_vgg_image_annotator(regions: Any, is_project: bool) -> None:
    """impresso: a file a newspaper, and a statement of rights with each page."""
    page = {"filename": "a/p.jpg", "size": 9, "regions": regions, "file_attributes": {"rights": "CC0", "n": "3"}}
    entries = {"p.jpg9": page, "q": {"filename": "q.jpg", "regions": []}}
    document_ = {"_via_settings": {}, "_via_img_metadata": entries} if is_project else entries
    found = read_one(reader(type="coco", map={"title": "filename"}), "x.json", json.dumps(document_).encode())
    first, second = records(found)
    assert (first.source_record_id, first.values["title"], first.values["rights_raw"]) == (
        "x.json#p.jpg9",
        "a/p.jpg",
        ["CC0"],
    )
    assert (second.source_record_id, second.extra["objects"]["id"]) == ("x.json#q", [])
    objects = first.extra["objects"]
    assert objects["bbox"] == [
        [1, 2, 3, 4],
        [1, 2, 4, 7],
        [5, 15, 10, 10],
        [9, 18, 2, 4],
        [10, 20, 0, 0],
        *[None] * 3,
    ]
    assert objects["segmentation"][:2] == [None, [[1, 2, 5, 2, 5, 9]]]
    assert objects["category"] == ["article", None, "map", None, "a", "a", "a", None]
    unknown = "a category that the file does not name"
    assert objects["flags"] == [
        *([], [unknown], [], [unknown], ["a box without area"]),
        *(["a mask that cannot be read", "no box"], ["no box"], [unknown, "no box"]),
    ]


# --- takedown ---

PAGES = {name: {"filename": name, "regions": REGIONS[:2], "file_attributes": {"n": 1.10}} for name in ("a", "b", "c")}
LATE = {"annotations": [mark(1, 2), mark(2, 1), mark(3, 2)], "images": [image(1), image(2), image(3)]}


@pytest.mark.parametrize(
    ("data", "ids"),
    [
        (coco([image(1), image(2), image(3)], [mark(1, 2), mark(2, 1), mark(3, 2)]), ("1", "2", "3")),
        (gzip.compress(json.dumps({**LATE, "categories": CATEGORIES}).encode(), mtime=0), ("1", "2", "3")),
        (
            json.dumps({**LATE, "info": "Bücher und Türen aus Köln für Schüler"}, ensure_ascii=False).encode("cp1252"),
            "123",
        ),
        (json.dumps(PAGES).encode(), ("a", "b", "c")),
        (json.dumps({"_via_settings": {"ui": {}}, "_via_img_metadata": PAGES}).encode(), ("a", "b", "c")),
    ],
)
def test_one_picture_is_taken_out_with_its_annotations_and_the_others_stay(data: bytes, ids: tuple[str, ...]) -> None:
    made = reader(type="coco", map={"title": "file_attributes.n"})
    before = by_id(made, {"x.json": item("x.json", data)})
    assert list(before) == [f"x.json#{one}" for one in ids]
    left = take_out(made, {"x.json": item("x.json", data)}, f"x.json#{ids[1]}")
    found = read(made, left)
    assert rejects(found) == []
    assert {row.source_record_id: row for row in records(found)} == {
        name: row for name, row in before.items() if name != f"x.json#{ids[1]}"
    }
    for one in (ids[0], ids[2]):
        left = take_out(made, left, f"x.json#{one}")
    assert records(read(made, left)) == rejects(read(made, left)) == []


# --- real files ---


def test_beyond_words() -> None:
    """Counted by Python's `json`: 26 pictures and 40 boxes, 7 of them of a second pass behind all others."""
    files = real_folder("coco/loc-beyond-words", "*.json")
    (whole,) = (json.loads(one.open().read()) for one in files.values())
    names = {one["id"]: one["name"] for one in whole["categories"]}
    found = read(reader(type="coco", categories=list(names.values())), files)
    assert (len(records(found)), rejects(found)) == (len(whole["images"]), [])
    places = {name: place for place, name in enumerate(names.values())}
    for row, picture in zip(records(found), whole["images"], strict=True):
        mine = [one for one in whole["annotations"] if one["image_id"] == picture["id"]]
        objects = row.extra["objects"]
        assert objects["id"] == [str(one["id"]) for one in mine]
        assert objects["bbox"] == [one["bbox"] for one in mine]
        assert objects["category"] == [places[names[one["category_id"]]] for one in mine]
        assert objects["area"] == [one["area"] for one in mine]
    assert sum(len(row.extra["objects"]["id"]) for row in records(found)) == len(whole["annotations"]) == 40
