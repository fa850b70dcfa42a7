"""The schema as `datasets` reads it, from the footer and from the card, for every modality and type of own column."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from biglam_pipeline.columns import Modality, published_columns, schema_of
from biglam_pipeline.publish.features import features_yaml, with_features
from biglam_pipeline.publish.hub import header_yaml

EXTRAS = {
    "own_text": pa.string(),
    "own_number": pa.int64(),
    "own_share": pa.float64(),
    "own_mark": pa.bool_(),
    "own_list": pa.list_(pa.string()),
    "own_class": pa.int64(),
}

COMPARE = """
import sys, yaml, json
import pyarrow.parquet as pq
from datasets import Features
for folder in sys.argv[1:]:
    schema = pq.read_schema(f"{folder}/part.parquet")
    footer = Features.from_arrow_schema(schema)
    plain = Features.from_arrow_schema(schema.remove_metadata())
    card = Features._from_yaml_list(yaml.safe_load(open(f"{folder}/card.yaml"))["features"])
    assert footer == card, (footer, card)
    for name in plain:
        assert name in {"image", "own_class"} or plain[name] == footer[name], (name, plain[name], footer[name])
    assert footer["own_class"].names == ["no", "yes", "1.10"]
    assert footer.arrow_schema.types == schema.types, folder
    assert list(footer) == schema.names
print("equal")
"""


def test_footer_card_and_arrow_agree(tmp_path: Path, client: Callable[..., str]) -> None:
    modalities: list[Modality] = ["text", "image", "metadata"]
    for modality in modalities:
        folder = tmp_path / modality
        folder.mkdir()
        schema = with_features(schema_of(published_columns(modality, EXTRAS)), {"own_class": ("no", "yes", "1.10")})
        pq.write_table(schema.empty_table(), folder / "part.parquet")
        (folder / "card.yaml").write_text(header_yaml({"features": features_yaml(schema)}))
    assert client("http://127.0.0.1:9", COMPARE, *(str(tmp_path / name) for name in modalities)).strip() == "equal"


@pytest.mark.parametrize("modality", ["text", "image", "metadata"])
def test_the_footer_says_how_pages_were_cut(modality: Modality) -> None:
    metadata = with_features(schema_of(published_columns(modality, {}))).metadata
    assert metadata[b"use_content_defined_chunking"] == b"true"
    assert json.loads(metadata[b"huggingface"])["info"]["features"]["id"] == {"dtype": "string", "_type": "Value"}
