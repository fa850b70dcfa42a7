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


def expected_in(item: Item) -> int | None:
    """Of a JSON, as it is read as a whole. AtLeast where it is COCO: an annotation with a key that comes twice is one
    more reject, and `json` says nothing of it.
    """
    documents = loaded(Text.of(partial(open_plain, item), item.media_type), exactly=True)
    if documents is None or len(documents) > 1 or not isinstance(documents[0], dict):
        return None
    (document,) = documents
    pictures = document.get(PICTURES)
    if not isinstance(pictures, list):
        return max(sum(one is not None for one in via.pictures_of(document).values()), 1)
    return AtLeast(sum(one is not None for one in pictures) + _orphans(document, _ids(pictures)))


def _ids(pictures: list[Any]) -> set[str]:
    return {key_of(one.get("id")) for one in pictures if isinstance(one, dict)} - {""}


def _orphans(document: Mapping[str, Any], ids: set[str]) -> int:
    annotations = document.get(ANNOTATIONS)
    told = annotations if isinstance(annotations, list) else []
    keys = (key_of(one.get("image_id")) if isinstance(one, dict) else "" for one in told if one is not None)
    return sum(key not in ids for key in keys)
