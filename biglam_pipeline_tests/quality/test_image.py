"""A picture's size and media type come from its header, and a broken one is told from one that is none."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from biglam_pipeline.quality.image import NoPicture, Picture, measure_picture
from biglam_pipeline_tests.examples import examples
from biglam_pipeline_tests.normalize.bundles import real_folder
from biglam_pipeline_tests.normalize.drawn import FORMATS, draw

WHOLE = {kind: draw(kind) for kind in FORMATS} | {
    "progressive": draw("JPEG", progressive=True),
    "strips": draw("TIFF", (40, 3000)),
    "lzw": draw("TIFF", compression="tiff_lzw"),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_size_and_media_type(kind: str) -> None:
    assert measure_picture(WHOLE[kind]) == Picture(40, 30, FORMATS[kind][1])


def test_a_picture_of_two_is_a_jpeg() -> None:
    found = io.BytesIO()
    first, second = (Image.open(io.BytesIO(draw(seed=seed))) for seed in (1, 2))
    first.save(found, "MPO", save_all=True, append_images=[second])
    assert measure_picture(found.getvalue()) == Picture(40, 30, "image/jpeg")


@pytest.mark.parametrize("kind", WHOLE)
@examples(40)
@given(share=st.floats(0.0, 0.97))
def test_h42_a_cut_picture_is_broken(kind: str, share: float) -> None:
    data = WHOLE[kind][: int(len(WHOLE[kind]) * share)]
    with pytest.raises(NoPicture) as caught:
        measure_picture(data)
    expected = {"image_broken"} if len(data) > 12 or not data else {"image_broken", "not_a_picture"}
    assert caught.value.reason in expected
    assert "institution" in caught.value.detail


@pytest.mark.parametrize("kind", WHOLE)
@examples(80)
@given(data=st.data())
def test_whatever_is_damaged_there_is_an_answer(kind: str, data: st.DataObject) -> None:
    damaged = bytearray(WHOLE[kind])
    for _ in range(data.draw(st.integers(1, 5))):
        damaged[data.draw(st.integers(0, min(len(damaged) - 1, 400)))] = data.draw(st.integers(0, 255))
    assert _answer(bytes(damaged)) in {"image_broken", "not_a_picture", "image_too_large", *_MEDIA_TYPES}


_MEDIA_TYPES = {media_type for _, media_type in FORMATS.values()}


def _answer(data: bytes) -> str:
    try:
        found = measure_picture(data)
    except NoPicture as trouble:
        return trouble.reason
    return found.media_type if min(found.width, found.height) > 0 else "no pixels"


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html><html><body>Please log in</body></html>",
        b"%PDF-1.4\n",
        b"PK\x03\x04" + bytes(60),
        b"RIFF1234WAVE",
    ],
    ids=["a wall", "a PDF", "a ZIP", "a sound"],
)
def test_h42_what_is_no_picture(data: bytes) -> None:
    with pytest.raises(NoPicture) as caught:
        measure_picture(data)
    assert caught.value.reason == "not_a_picture"


def test_h42_a_bomb_is_too_large_and_never_decoded() -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    with pytest.raises(NoPicture, match="harvest a smaller derivative") as caught:
        measure_picture(bomb)
    assert caught.value.reason == "image_too_large"


def test_between_pillows_warning_and_its_bound_a_picture_is_a_picture() -> None:
    """A map of 100 million pixels is large, not hostile; Pillow's warning would be an error in this test."""
    found = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(found, "TIFF", compression="group4")
    assert measure_picture(found.getvalue()).width == 10_000


def test_jpeg_2000_needs_no_codec(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Image.core, "jpeg2k_decoder")
    with pytest.raises(OSError, match="decoder"), Image.open(io.BytesIO(WHOLE["JPEG2000"])) as opened:
        opened.load()
    assert measure_picture(WHOLE["JPEG2000"]) == Picture(40, 30, "image/jp2")


@pytest.mark.parametrize(
    ("folder", "name", "due"),
    [
        ("images/newspaper_works", "ocr_gray.jp2", Picture(418, 1046, "image/jp2")),
        ("images/newspaper_works", "ocr_mono.tiff", Picture(1261, 1744, "image/tiff")),
        ("images/newspaper_works", "thumbnail.jpg", Picture(197, 493, "image/jpeg")),
        ("images/flickr-commons-loc/loc", "2478433644_2839c5e8b8_o_d.jpg", Picture(1024, 740, "image/jpeg")),
    ],
)
def test_pictures_of_real_institutions(folder: str, name: str, due: Picture) -> None:
    with real_folder(folder, name)[name].open() as stream:
        data = stream.read()
    assert measure_picture(data) == due
    with pytest.raises(NoPicture):
        measure_picture(data[: len(data) // 2])
