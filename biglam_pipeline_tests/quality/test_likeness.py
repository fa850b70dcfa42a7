"""What a picture looks like: one page in several files has one hash but for a few bits; pages do not meet."""

import io

import numpy as np
import pytest
from PIL import Image

from biglam_pipeline.dedup.near.pictures import FARTHEST
from biglam_pipeline.quality import likeness
from biglam_pipeline.quality.likeness import picture_hash
from biglam_pipeline_tests.scans import CHANGES, page, saved


def distance(one: bytes | None, other: bytes | None) -> int:
    assert one is not None
    assert other is not None
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


@pytest.mark.representative(2)  # further alterations
@pytest.mark.parametrize("change", CHANGES)
def test_another_file_of_one_page(change: str) -> None:
    far = [distance(picture_hash(saved(page(seed))), picture_hash(CHANGES[change](page(seed)))) for seed in range(8)]
    assert max(far) <= FARTHEST


def test_pages_do_not_meet() -> None:
    hashes = [picture_hash(saved(page(seed))) for seed in range(25)]
    assert min(distance(a, b) for at, a in enumerate(hashes) for b in hashes[:at]) > FARTHEST


def test_a_hash_is_that_of_imagehash() -> None:
    """Version 4.3.2 of it gives this; bits and their order are a public convention."""
    made = Image.fromarray(((np.arange(64)[:, None] * 3 + np.arange(64) ** 2 // 9) % 251).astype(np.uint8))
    found = picture_hash(saved(made, format="PNG"))
    assert found is not None
    assert found.hex()[:16] == "8d6b1b55322a44da"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        saved(page(1))[:300],
        saved(page(1), format="PNG")[:600],
        saved(Image.new("L", (300, 400), 240)),
        saved(Image.new("RGB", (1, 1))),
    ],
    ids=["empty", "text", "cut JPEG", "cut PNG", "blank page", "a dot"],
)
def test_what_shows_nothing_has_no_hash(data: bytes) -> None:
    assert picture_hash(data) is None


def test_a_large_jpeg_2000_is_decoded_small() -> None:
    whole = page(5).resize((2100, 3000), Image.Resampling.LANCZOS)
    data = saved(whole, format="JPEG2000", irreversible=True, quality_mode="dB", quality_layers=[40])
    with Image.open(io.BytesIO(data)) as opened:
        small = likeness._small(opened, data)
        assert opened.size[0] <= 600
    assert small is not None
    assert distance(picture_hash(data), picture_hash(saved(page(5)))) <= FARTHEST


def test_a_picture_that_is_too_large_to_look_at_has_no_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "MOST_PIXELS", 600_000)
    assert picture_hash(saved(page(1), format="PNG")) is None
    assert picture_hash(saved(page(1))) is not None, "a JPEG is decoded at half its size"


def test_sixteen_bits_of_grey_are_looked_at() -> None:
    deep = Image.fromarray(np.asarray(page(2), np.uint16) * 257)
    assert deep.mode.startswith("I;16")
    for kind in ("TIFF", "PNG"):
        assert distance(picture_hash(saved(deep, format=kind)), picture_hash(saved(page(2)))) <= 8
    blank = Image.fromarray(np.full((400, 300), 60_000, np.uint16))
    assert picture_hash(saved(blank, format="TIFF")) is None


def test_what_is_transparent_lies_on_white() -> None:
    drawn = Image.new("LA", page(2).size, (0, 0))
    drawn.putalpha(page(2).point([255 - value for value in range(256)]))
    assert distance(picture_hash(saved(drawn, format="PNG")), picture_hash(saved(page(2)))) <= FARTHEST
