"""A picture file is a row: its bytes verbatim, what its header says, and what its name tells."""

import hashlib
from typing import Any

import pytest
from pydantic import ValidationError

from biglam_pipeline.normalize.rows import pictures
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
from biglam_pipeline_tests.normalize.drawn import FORMATS, draw

DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da6364f80f00010501012718e366"
    "0000000049454e44ae426082"
)
"""A PNG of one pixel, byte by byte: what a library writes may change with the library."""
SPECIMEN = Specimen(
    {
        "album/p1.png": DOT,
        "album/p2.gif": bytes.fromhex("47494638396101000100800000000000ffffff2c00000000010001000002024401003b"),
        "album/cut.png": DOT[:40],
    },
    records=2,
    version=3,
    digest="1f84906ef0e1b3c1",
    block={"map": {"title": "$stem"}},
)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_bytes_are_the_institutions_own(kind: str) -> None:
    extension, media_type = FORMATS[kind]
    data = draw(kind)
    (record,) = records(read_one(reader(type="images"), f"album.zip/a/p1.{extension}", data))
    assert record.source_record_id == f"album.zip/a/p1.{extension}"
    assert record.values == {
        "type": "StillImage",
        "image": {"bytes": data, "path": f"p1.{extension}"},
        "width": 40,
        "height": 30,
        "media_type": media_type,
        "image_sha256": hashlib.sha256(data).hexdigest(),
    }
    assert record.problems == ()


def test_the_media_type_is_that_of_the_bytes() -> None:
    (record,) = records(read_one(reader(type="images"), "scan.jpg", draw("PNG")))
    assert record.values["media_type"] == "image/png"


def test_what_is_read_by_extension() -> None:
    names = ["a.JPG", "b.jpeg", "c.png", "d.tif", "e.tiff", "f.jp2", "g.gif", "h.webp", "i.csv", "Thumbs.db", "j.pdf"]
    assert list(reader(type="images").bundles(names)) == ["a.JPG", *(name for name in names[1:8])]
    assert list(reader(type="images", files=["*.tif", "!d.tif"]).bundles(["d.tif", "x/k.tif"])) == ["x/k.tif"]


def test_facts_and_captures_are_what_there_is_to_map() -> None:
    made = reader(
        type="images",
        files="{drawer}_jp2.zip/**/{card:1..99}.png",
        map={
            "id": {"all": ["$drawer", "$card"], "join": "-"},
            "title": "$stem",
            "collection": "$folder",
            "image_url": "$url",
            "seq": "$card >> int",
            "extent": {"all": ["$width", "$height"], "join": " x "},
            "extra": {"file": "$name"},
        },
    )
    (record,) = records(read_one(made, "a12_jp2.zip/box/7.png", draw()))
    assert record.source_record_id == "a12-7"
    assert record.extra == {"file": "7.png"}
    reported = {name: record.values[name] for name in ("title", "collection", "image_url", "seq", "extent")}
    assert reported == {
        "title": "7",
        "collection": "box",
        "image_url": "https://example.org/a12_jp2.zip/box/7.png",
        "seq": 7,
        "extent": "40 x 30",
    }


def test_where_chooses_by_facts_and_by_size() -> None:
    items = {f"{n}/p.png": item(f"{n}/p.png", draw(size=(10 * n, 30))) for n in (1, 2, 3)}
    found = read(reader(type="images", where={"$width": "20..", "$folder": ["2", "1"]}), items)
    assert [record.source_record_id for record in records(found)] == ["2/p.png"]
    assert sum(one.left_out for one in unmapped(found)) == 2


@pytest.mark.parametrize(
    ("data", "reason", "remedy"),
    [
        (b"", "image_broken", "harvest it again"),
        (draw("JPEG")[:-40], "image_broken", "cut short"),
        (draw("PNG")[:-40], "image_broken", "harvest it again"),
        (b"<html>not found</html>", "not_a_picture", "leave it out by `files`"),
        (b"\xff\xd8\xff" + bytes(500), "image_broken", "harvest it again"),
    ],
    ids=["empty", "cut JPEG", "cut PNG", "page", "head only"],
)
def test_what_cannot_be_published_is_a_reject_and_the_rest_goes_on(data: bytes, reason: str, remedy: str) -> None:
    items = {name: item(name, content) for name, content in (("a.jpg", draw()), ("b.jpg", data), ("c.jpg", draw()))}
    found = read(reader(type="images"), items)
    assert [record.source_record_id for record in records(found)] == ["a.jpg", "c.jpg"]
    (reject,) = rejects(found)
    assert (reject.reason, reject.item) == (reason, "b.jpg")
    assert remedy in reject.detail
    assert "b.jpg" in reject.detail


def test_h42_a_picture_that_is_too_large_is_not_even_opened() -> None:
    data = draw(size=(300, 200))
    huge = item("a.png", data)
    found = read(reader(type="images", max_bytes=len(data) - 1), {"a.png": huge})
    assert reasons(found) == ["image_too_large"]
    assert f"{len(data)} bytes, more than {len(data) - 1}" in rejects(found)[0].detail
    assert len(records(read(reader(type="images", max_bytes=len(data)), {"a.png": huge}))) == 1
    assert reader(type="images").model_dump()["max_bytes"] == pictures.MAX_PICTURE_BYTES == 64 * 2**20


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ({"map": {"title": "Title"}}, "a picture has no fields to read"),
        ({"map": {"title": "$nothing"}}, "no fact, no column"),
        ({"map": {"width": "$stem"}}, "`width`: `images` measures it"),
        ({"map": {"image": "$path"}}, "pictures come by the reader `images`"),
        ({"modality": "text"}, "`images` reads pictures"),
        ({"max_bytes": 0}, "greater than or equal to 1"),
        ({"with": {"image": {"url": "$url"}}}, "image"),
        ({"rows": "page"}, "'file'"),
    ],
)
def test_refused_at_load(block: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        reader(type="images", **block)


def test_pictures_that_institutions_published() -> None:
    items = real_folder("images", "**/*")
    found = read(reader(type="images"), items)
    assert not rejects(found)
    reported = {record.values["image"]["path"]: record for record in records(found)}
    assert sorted(reported) == [
        "2478433644_2839c5e8b8_o_d.jpg",
        "3314493806_6f1db86d66_o_d.jpg",
        "ocr_gray.jp2",
        "ocr_mono.tiff",
        "thumbnail.jpg",
    ]
    for record in reported.values():
        assert hashlib.sha256(record.values["image"]["bytes"]).hexdigest() == record.values["image_sha256"]
    assert [reported[name].values["media_type"] for name in sorted(reported)[2:4]] == ["image/jp2", "image/tiff"]
