"""Boxes on the Hub: COCO and YOLO with their pictures, published, and read by the `datasets` library."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.normalize.formats.test_coco import coco, image, jpeg, mark

ENTRY = """
sources:
  boxes:
    title: Boxes
    custodian: A Library
    harvest: file:{folder}
    normalize:
      type: coco
      files: ["{{part:train,val}}.json", "labels/*.txt"]
      categories: [Portrait, Map]
      with: {{image: {{files: "*.jpg", by: {{$stem: $stem}}}}}}
      map: {{extra: {{part: $part}}}}
    rights: {{license: CC0-1.0, evidence: "https://a.org/rights", checked: 2026-11-20, quote: CC0}}
"""
READ = """
import json, sys
import pyarrow.parquet as pq
from datasets import ClassLabel, Features, List, Value, load_dataset
from huggingface_hub import DatasetCard, HfFileSystem

whole = load_dataset(sys.argv[1], split="train")
objects = whole.features["objects"]
assert objects["category"] == List(ClassLabel(names=["Portrait", "Map"])), objects
assert objects["bbox"] == List(List(Value("float32"))), objects
assert objects["rle"].feature["counts"] == Value("string")
card = DatasetCard.load(sys.argv[1], repo_type="dataset").data.to_dict()["dataset_info"]
assert Features._from_yaml_list(card["features"]) == whole.features
label = objects["category"].feature
print(json.dumps({row["source_record_id"]: [
    row["part"], row["image"] and row["image"].size, row["objects"]["bbox"],
    [one if one is None else label.int2str(one) for one in row["objects"]["category"]], row["objects"]["flags"],
] for row in whole}))
"""


@pytest.mark.slow  # test_readers.py reads with `datasets`, test_features.py its schema
def test_boxes_are_read_with_the_names_of_their_categories(
    small: Bench, client: Callable[..., str], tmp_path: Path
) -> None:
    folder = tmp_path / "boxes"
    (folder / "labels").mkdir(parents=True)
    train = coco([image(1), image(2)], [mark(1, 2, 7), mark(2, 1, 0, [1.5, 2, 300, 4], segmentation=[[1] * 8])])
    (folder / "train.json").write_bytes(train)
    (folder / "val.json").write_bytes(coco([image(1)], [mark(1, 1, 9)]))
    (folder / "labels" / "p.txt").write_bytes(b"1 0.5 0.5 0.5 0.5")
    (folder / "p.jpg").write_bytes(jpeg(20, 40))
    small.write(ENTRY.format(folder=folder))
    release = small.night("boxes")
    outside, unknown = "a box outside the picture", "a category that the file does not name"
    assert json.loads(client(small.hub.endpoint, READ, release.repository)) == {
        "train.json#1": ["train", None, [[1.5, 2, 300, 4]], ["Map"], [[outside]]],
        "train.json#2": ["train", None, [[10, 20, 30, 40]], ["Portrait"], [[]]],
        "val.json#1": ["val", None, [[10, 20, 30, 40]], [None], [[unknown]]],
        "labels/p.txt": [None, [20, 40], [[5, 10, 10, 20]], ["Map"], [[]]],
    }
