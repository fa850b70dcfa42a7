"""Pictures: one page in several files has one hash but for a few bits; pages do not meet."""

import io
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from PIL import Image, ImageDraw

from biglam_pipeline.dedup.near import images
from biglam_pipeline.dedup.near.images import FARTHEST, find_near_images, near_pairs, picture_hash


def page(seed: int) -> Image.Image:
    """A scan: columns of text on yellow paper, a heading, a picture here and there."""
    random = np.random.default_rng(seed)
    made = Image.new("L", (700, 1000), 225)
    draw = ImageDraw.Draw(made)
    draw.rectangle((60, 50, 640, 50 + int(random.integers(30, 120))), fill=int(random.integers(40, 120)))
    for column in range(int(random.integers(1, 4))):
        for line in range(60):
            left, end = 60 + 200 * column, 60 + 200 * column + int(random.integers(60, 180))
            if random.random() < 0.8:
                draw.rectangle((left, 190 + 13 * line, end, 197 + 13 * line), fill=70)
    x, y = random.integers(60, 400), random.integers(200, 700)
    draw.ellipse((x, y, x + random.integers(80, 260), y + random.integers(80, 260)), fill=int(random.integers(30, 140)))
    return made


def saved(picture: Image.Image, **how: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, **{"format": "JPEG", "quality": 90} | how)  # type: ignore[arg-type]
    return stream.getvalue()


def distance(one: bytes | None, other: bytes | None) -> int:
    assert one is not None
    assert other is not None
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


CHANGES: dict[str, Callable[[Image.Image], bytes]] = {
    "recompressed": lambda one: saved(one, quality=40),
    "half the size": lambda one: saved(one.resize((350, 500), Image.Resampling.LANCZOS)),
    "PNG in colour": lambda one: saved(one.convert("RGB"), format="PNG"),
    "a degree turned": lambda one: saved(one.rotate(1, fillcolor=225)),
    "darker": lambda one: saved(one.point([value * 4 // 5 for value in range(256)])),
    "narrowly cropped": lambda one: saved(one.crop((7, 10, 693, 990))),
}


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


def test_near_pictures_are_found() -> None:
    kept = [picture_hash(saved(page(seed))) for seed in range(12)]
    again = [picture_hash(CHANGES[change](page(seed))) for seed, change in enumerate(CHANGES)]
    rows = pl.DataFrame({"image_hash": [*kept, None, *again, kept[3], None]}, {"image_hash": pl.Binary})
    found = find_near_images(rows)
    assert found.keeper.tolist() == [*range(13), *range(6), 3, 20]
    assert found.cluster.tolist() == [*range(6), *[-1] * 7, *range(6), 3, -1]
    assert found.similarity[19] == 1
    assert (found.similarity[13:19] >= 1 - FARTHEST / 256).all()
    assert (found.numbers.repeated, found.numbers.clusters) == (7, 6)
    assert found.numbers.documents == len(set(kept + again))
    assert find_near_images(rows[:0]).keeper.tolist() == []


def test_every_pair_with_a_common_band_is_found() -> None:
    random = np.random.default_rng(2)
    base = random.integers(0, 2, (30, 256), np.uint8)
    noisy = np.concatenate([base, base ^ (random.random((30, 256)) < 0.08).astype(np.uint8)])
    hashes = np.packbits(noisy, axis=1).view("<u8").reshape(-1, 4)
    bands = hashes.view(np.uint16)
    expected = [
        [a, b]
        for a in range(60)
        for b in range(a + 1, 60)
        if (noisy[a] != noisy[b]).sum() <= FARTHEST and (bands[a] == bands[b]).any()
    ]
    assert len(expected) > 25
    assert near_pairs(hashes).tolist() == expected


def test_a_bucket_of_many_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that all share a band, and nothing else: each is compared with so many and no more."""
    hashes = np.random.default_rng(4).integers(0, 2**63, (500, 4), np.uint64)
    hashes[:, 0] = 7
    compared = 0
    distances = images._distances

    def counted(every: np.ndarray, pairs: np.ndarray) -> np.ndarray:
        nonlocal compared
        compared += len(pairs)
        return distances(every, pairs)

    monkeypatch.setattr(images, "_distances", counted)
    monkeypatch.setattr(images, "_NEIGHBOURS", 5)
    assert near_pairs(hashes).tolist() == []
    assert compared < 500 * 5 * 5
