"""How many records should a file of boxes give? A picture each, and an annotation each of no picture."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from biglam_pipeline.normalize.formats.coco import via
from biglam_pipeline.normalize.formats.coco.document import ANNOTATIONS, PICTURES
from biglam_pipeline.normalize.formats.coco.objects import key_of
from biglam_pipeline.parsing.counted import AtLeast
from biglam_pipeline.parsing.inflate import open_plain
from biglam_pipeline.parsing.json.counting import loaded
from biglam_pipeline.parsing.json.texts import Text
from biglam_pipeline.records import Item

_EXACT = 2**53


def expected_in(item: Item) -> int | None:
    """Of a JSON, as it is read as a whole. AtLeast where it is COCO: an annotation with a key that comes twice is one
    more reject, and `json` says nothing of it. None where ids have more digits than `orjson` tells apart.
    """
    documents = loaded(Text.of(partial(open_plain, item), item.media_type))
    if documents is None or len(documents) > 1 or not isinstance(documents[0], dict):
        return None
    (document,) = documents
    pictures = document.get(PICTURES)
    if not isinstance(pictures, list):
        return max(sum(one is not None for one in via.pictures_of(document).values()), 1)
    ids = [one.get("id") for one in pictures if isinstance(one, dict)]
    if any(isinstance(one, float) and abs(one) > _EXACT for one in ids):
        return None
    orphans = _orphans(document, {key_of(one) for one in ids} - {""})
    return AtLeast(sum(one is not None for one in pictures) + orphans)


def _orphans(document: Mapping[str, Any], ids: set[str]) -> int:
    annotations = document.get(ANNOTATIONS)
    told = annotations if isinstance(annotations, list) else []
    keys = (key_of(one.get("image_id")) if isinstance(one, dict) else "" for one in told if one is not None)
    return sum(key not in ids for key in keys)
