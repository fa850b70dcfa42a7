"""A picture file that is cut is found cut, wherever it is cut; a whole one is whole, whatever it holds."""

import io
import struct
import time

import pytest
from PIL import Image

from biglam_pipeline.quality import frames, image
from biglam_pipeline.quality.image import NoPicture, measure_picture
from biglam_pipeline_tests.normalize.drawn import draw


def several(kind: str, **options: object) -> bytes:
    """Three pictures in one file."""
    found = io.BytesIO()
    first, *more = (Image.open(io.BytesIO(draw(seed=seed))) for seed in (1, 2, 3))
    first.save(found, kind, save_all=True, append_images=more, **options)
    return found.getvalue()


def with_a_segment(data: bytes) -> bytes:
    """A JPEG whose first segment holds every marker, as a thumbnail's does."""
    return data[:2] + b"\xff\xe5\x00\x0e\xff\xda\x00\x02\xff\xd9\xff\xd8\xff\xd9\xff\xd9" + data[2:]


def between_scans(data: bytes) -> bytes:
    """A progressive JPEG with a comment between two scans in which the end marker's bytes stand."""
    second = data.index(b"\xff\xc4", data.index(b"\xff\xda"))
    return data[:second] + b"\xff\xfe\x00\x06\xff\xd9\xff\xd9" + data[second:]


def with_a_box(data: bytes) -> bytes:
    """A JPEG 2000 file with a box before its codestream in which a tile's and the end marker stand."""
    at = data.index(b"jp2c") - 4
    box = b"uuid" + bytes(16) + b"\xff\x90" + bytes(12) + b"\xff\xd9"
    return data[:at] + struct.pack(">I", len(box) + 4) + box + data[at:]


def palette_of_semicolons(data: bytes) -> bytes:
    """A GIF whose palette and whose comment are made of the trailer's byte."""
    return data[:13] + b";" * 768 + b"\x21\xfe\x20" + b";" * 32 + b"\x00" + data[13 + 768 :]


SPECIMENS = {
    "JPEG": draw("JPEG"),
    "JPEG, progressive": draw("JPEG", progressive=True),
    "JPEG with restarts": draw("JPEG", restart_marker_rows=1),
    "JPEG with a thumbnail": with_a_segment(draw("JPEG")),
    "JPEG with a comment between scans": between_scans(draw("JPEG", progressive=True)),
    "JPEG with filled markers": draw("JPEG").replace(b"\xff\xda", b"\xff\xff\xff\xda", 1),
    "JPEG of several": several("MPO"),
    "PNG": draw("PNG"),
    "PNG, animated": several("PNG"),
    "TIFF": draw("TIFF"),
    "TIFF in strips": draw("TIFF", strip_size=512),
    "TIFF, LZW": draw("TIFF", compression="tiff_lzw"),
    "TIFF, JPEG": draw("TIFF", (48, 32), compression="jpeg"),
    "TIFF, big": draw("TIFF", big_tiff=True),
    "TIFF, pages": several("TIFF"),
    "TIFF, pages by libtiff": several("TIFF", compression="tiff_deflate"),
    "JPEG 2000": draw("JPEG2000"),
    "JPEG 2000, tiles": draw("JPEG2000", (70, 60), tile_size=(32, 32)),
    "JPEG 2000, a codestream": draw("JPEG2000", no_jp2=True),
    "JPEG 2000 behind a box": with_a_box(draw("JPEG2000")),
    "GIF": draw("GIF"),
    "GIF, animated": several("GIF"),
    "GIF of trailers": palette_of_semicolons(draw("GIF")),
    "WebP": draw("WEBP"),
    "WebP, lossless": draw("WEBP", lossless=True),
    "WebP, animated": several("WEBP"),
    "WebP with a profile": draw("WEBP", icc_profile=b"profile" * 30, exif=b"Exif\x00\x00" + bytes(31)),
}


@pytest.mark.parametrize("name", SPECIMENS)
def test_a_whole_file_is_proved_by_its_frame(name: str) -> None:
    data = SPECIMENS[name]
    assert measure_picture(data).width >= 40
    kind = image._kind(data)
    assert frames.fault(kind, data) == ""
    assert frames.fault(kind, data + bytes(7)) == ""
    assert frames.fault(kind, data + data) == ""


@pytest.mark.parametrize("name", SPECIMENS)
def test_a_file_that_is_cut_is_found_cut(name: str) -> None:
    """At every tenth byte, at each of the last twenty, and where the end's own bytes stand inside."""
    data = SPECIMENS[name]
    data = data.rstrip(b"\x00") if name.startswith("TIFF") else data  # padding behind the last page
    inside = [at + more for mark in (b"\xff\xd9", b";", b"IEND") for at in _all(data, mark) for more in (1, 2, 4)]
    places = {*range(0, len(data), 10), *range(len(data) - 20, len(data)), *(at for at in inside if at < len(data))}
    passed = [at for at in sorted(places) if not _broken(data[:at])]
    assert passed == []


@pytest.mark.parametrize("name", [name for name in SPECIMENS if not name.startswith(("TIFF", "JPEG of"))])
def test_padding_is_no_end(name: str) -> None:
    """A server that fills up what it lost: with zeros, which decode to grey."""
    data = SPECIMENS[name]
    passed = [at for at in range(40, len(data) - 20, max(len(data) // 40, 1)) if not _broken(data[:at] + bytes(9))]
    assert passed == []


def _all(data: bytes, mark: bytes) -> list[int]:
    return [at for at in range(len(data)) if data.startswith(mark, at)]


def _broken(data: bytes) -> bool:
    try:
        measure_picture(data)
    except NoPicture:
        return True
    return False


# --- what the frame does not tell is decoded ---


def with_rubbish(data: bytes) -> bytes:
    """A JPEG with bytes between two segments that belong to none, which decoders skip."""
    return data[:2] + b"\xff\xfe\x00\x04ab" + b"rubbish" + data[2:]


def without_sizes(data: bytes) -> bytes:
    """A TIFF whose strips do not say how long they are."""
    at = data.index(struct.pack("<HH", 279, 4))
    return data[:at] + struct.pack("<H", 280) + data[at + 2 :]


UNTOLD = {
    "JPEG": with_rubbish(draw("JPEG", (200, 150))),
    "TIFF": without_sizes(draw("TIFF", (200, 150))),
}


@pytest.mark.parametrize("kind", UNTOLD)
def test_a_frame_that_does_not_tell_is_no_proof(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = UNTOLD[kind]
    assert frames.fault(kind, data) is None
    assert measure_picture(data).width == 200
    cut = [at for at in range(0, len(data) - 1, max(len(data) // 100, 1)) if not _broken(data[:at])]
    assert cut == []
    monkeypatch.setattr(image, "MAX_DECODED_PIXELS", 200 * 150 - 1)
    with pytest.raises(NoPicture, match="too many to decode"):
        measure_picture(data)


@pytest.mark.parametrize(
    "data",
    [
        b"II*\x00\x08\x00\x00\x00" + b"\x01\x00" + struct.pack("<HHII", 330, 4, 1, 8) + struct.pack("<I", 8),
        b"II*\x00\x08\x00\x00\x00" + b"\xff\xff" + struct.pack("<HHII", 273, 4, 60_000, 8) * 65_535 + bytes(4),
        b"\xff\xd8" + b"\xff" * 3_000_000,
        b"\xff\xd8" + b"\xff\xda\x00\x02" * 500_000,
        b"GIF89a" + bytes(3_000_000),
        b"GIF89a" + bytes(7) + b"!\xfe" + b"\x01;" * 1_000_000,
        b"\xff\x4f\xff\x51\x00\x02\xff\x90" + bytes(3_000_000),
        b"RIFF\xf8\xff\x2d\x00WEBP" + bytes(3_000_000),
        b"\x89PNG\r\n\x1a\n" + bytes(3_000_000),
    ],
    ids=["a ring", "one array again and again", "fill", "scans", "nothing", "blocks", "tiles", "parts", "no type"],
)
def test_a_file_made_to_hold_up_the_walk_does_not(data: bytes) -> None:
    """A walk takes each byte once; what it does not understand is no proof."""
    kind = image._kind(data)
    began = time.process_time()
    assert frames.fault(kind, data) != ""
    assert time.process_time() - began < 10
