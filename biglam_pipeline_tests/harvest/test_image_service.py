"""Which size is an IIIF image service asked for? By the three versions of the Image API, and by what services say."""

from typing import Any

import pytest

from biglam_pipeline.harvest.image_service import is_service, picture_at

V1 = "http://library.stanford.edu/iiif/image-api/1.1/context.json"
V1_0 = "http://library.stanford.edu/iiif/image-api/compliance.html#level1"
V2 = "http://iiif.io/api/image/2/context.json"
V3 = "http://iiif.io/api/image/3/context.json"
SIZE = {"width": 6000, "height": 4000}
LEVEL_0 = "http://iiif.io/api/image/2/level0.json"
LEVEL_1 = "http://iiif.io/api/image/2/level1.json"
LISTED = {"sizes": [{"width": 150, "height": 100}, {"width": 1200, "height": 800}, {"width": 3000, "height": 2000}]}
SERVICE_3 = {"type": "ImageService3"}
AREA = {"maxArea": 6_000_000}


@pytest.mark.parametrize(
    ("said", "max_side", "request_"),
    [
        ({"@context": V2, "profile": [LEVEL_1]}, 0, "full/full/0/default.jpg"),
        ({"@context": V2, "profile": [LEVEL_1]}, 1024, "full/1024,/0/default.jpg"),
        ({"@context": V2, "profile": LEVEL_1}, 9000, "full/full/0/default.jpg"),
        ({"@context": V2, "profile": [LEVEL_1, {"maxWidth": 843}]}, 0, "full/843,/0/default.jpg"),
        ({"@context": V2, "profile": [LEVEL_1, {"maxWidth": 3000, "maxHeight": 1000}]}, 0, "full/1500,/0/default.jpg"),
        ({"@context": V2, "profile": [LEVEL_1, AREA]}, 0, "full/3000,/0/default.jpg"),
        ({"@context": V2, "profile": [LEVEL_0], **LISTED}, 1024, "full/150,/0/default.jpg"),
        ({"@context": V2, "profile": [LEVEL_0], **LISTED}, 1200, "full/1200,/0/default.jpg"),
        ({"@context": V2, "profile": [LEVEL_0], **LISTED}, 100, "full/150,/0/default.jpg"),
        ({"@context": V2, "profile": [LEVEL_0]}, 1024, "full/full/0/default.jpg"),
        ({"@context": V2, "profile": [LEVEL_0, {"supports": ["sizeByW"]}]}, 1024, "full/1024,/0/default.jpg"),
        ({"profile": V1_0}, 1024, "full/1024,/0/native.jpg"),
        ({"@context": V3, "type": "ImageService3", "profile": "level2"}, 0, "full/max/0/default.jpg"),
        ({"@context": V3, "type": "ImageService3", "profile": "level1"}, 600, "full/600,400/0/default.jpg"),
        (
            {"@context": [V3], "type": "ImageService3", "profile": "level0", **LISTED},
            2000,
            "full/1200,800/0/default.jpg",
        ),
        (
            {"@context": V3, "type": "ImageService3", "profile": "level2", "maxWidth": 600},
            0,
            "full/600,400/0/default.jpg",
        ),
        ({"@context": V1, "profile": f"{V1.rpartition('/')[0]}/compliance.html#level1"}, 0, "full/full/0/native.jpg"),
        ({"@context": V1, "profile": f"{V1.rpartition('/')[0]}/compliance.html#level1"}, 600, "full/600,/0/native.jpg"),
        ({"@context": V2, "profile": [LEVEL_1, {"maxWidth": "843"}]}, 0, "full/843,/0/default.jpg"),
        ({"@context": V2, "profile": [LEVEL_1], "width": 6000.0, "height": 4000.0}, 600, "full/600,/0/default.jpg"),
        ({"@context": V2, "profile": None, "sizes": "many"}, 600, "full/full/0/default.jpg"),
    ],
)
def test_a_picture_is_never_asked_for_larger_than_it_is_allowed(
    said: dict[str, Any], max_side: int, request_: str
) -> None:
    said = {**SIZE, **said}
    assert is_service(said)
    assert (
        picture_at("https://example.org/iiif/2/a%2Fb", said, max_side) == f"https://example.org/iiif/2/a%2Fb/{request_}"
    )


@pytest.mark.parametrize("side", [1, 7, 333, 1024, 4999])
@pytest.mark.parametrize("limit", [{}, {"maxWidth": 777}, {"maxHeight": 321}, {"maxArea": 123_456}])
def test_the_size_keeps_to_every_limit(side: int, limit: dict[str, int]) -> None:
    said = {"@context": V3, "type": "ImageService3", "profile": "level2", "width": 5437, "height": 3821, **limit}
    size = picture_at("x", said, side).split("/")[2]
    width, height = map(int, size.split(","))
    assert max(width, height) <= side
    assert width <= limit.get("maxWidth", 5437)
    assert height <= limit.get("maxHeight", limit.get("maxWidth", 3821))
    assert width * height <= limit.get("maxArea", 5437 * 3821)


@pytest.mark.parametrize(
    "said",
    [None, [], "info", {}, {"@context": V2}, {"width": 10, "height": 10}, {**SIZE, "@context": "https://schema.org"},
     {"@context": V2, "width": -1, "height": 10}, {"@context": V2, "width": "many", "height": 10},
     {"@context": V2, "width": 10**9, "height": 10**9}],
)  # fmt: skip
def test_what_is_no_image_information_is_none(said: Any) -> None:
    assert not is_service(said)
