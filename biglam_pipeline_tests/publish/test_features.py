"""The schema as `datasets` reads it, from the footer and from the card, for every modality and type of own column."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from biglam_pipeline import inputs, pipeline
from biglam_pipeline.columns import Modality, published_columns, schema_of
from biglam_pipeline.dedup.laying import Laying
from biglam_pipeline.publish.features import features_yaml, with_features
from biglam_pipeline.publish.hub import header_yaml
from biglam_pipeline.store.footers import as_spelled_first
from biglam_pipeline.store.parts import ShardsShelf
from biglam_pipeline_tests.bench import Bench

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


KNOWN_TO_3_6 = {"Value", "ClassLabel", "Sequence", "LargeList", "Image", "Audio"}
"""Of `_FEATURE_TYPES` in datasets 3.6.0 (src/datasets/features/features.py), those that a table can need."""


def types_in(reported: Any) -> Iterator[str]:
    """Every `_type` of a footer; a list of features must hold exactly one, as `generate_from_dict` reads it."""
    if isinstance(reported, dict):
        yield from [reported["_type"]] if "_type" in reported else []
        for name, value in reported.items():
            if name != "names":
                yield from types_in(value)
    elif isinstance(reported, list):
        assert len(reported) == 1, reported
        yield from types_in(reported[0])


@pytest.mark.parametrize("modality", ["text", "image", "metadata"])
def test_the_footer_names_no_type_that_datasets_3_6_does_not_know(modality: Modality) -> None:
    """`List` came with 4.0; what both read is a list of one. That 5.2 reads it as its `List`, the test above says."""
    schema = with_features(schema_of(published_columns(modality, EXTRAS)), {"own_class": ("no", "yes")})
    features = json.loads(schema.metadata[b"huggingface"])["info"]["features"]
    assert set(types_in(features)) <= KNOWN_TO_3_6
    assert features["own_list"] == [{"dtype": "string", "_type": "Value"}]
    assert isinstance(features["creators"], list), "a list of structs is no Sequence: that is a struct of lists"


def spelled_as_before(schema: pa.Schema, classes: Mapping[str, tuple[str, ...]] = MappingProxyType({})) -> pa.Schema:
    """As parts were written until 2026-11."""
    return as_spelled_first(with_features(schema, classes))


def footers_of(shards: ShardsShelf) -> list[bytes]:
    """What the parts of today say of their types."""
    manifest = shards.current()
    assert manifest is not None
    return [shards.schema(part).metadata[b"huggingface"] for part in manifest.parts]


@pytest.mark.slow  # parts of an earlier release
def test_parts_laid_with_the_older_spelling_stay_until_a_row_of_theirs_changes(
    small: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody downloads a dataset again for a word in its footers; `biglam compact` writes all parts again."""
    monkeypatch.setattr(inputs, "with_features", spelled_as_before)
    small.night("demo_letters")
    before = small.parts("demo_letters")
    source = small.source("demo_letters")
    shards = small.run.shards(source)
    assert all(b'"List"' in footer for footer in footers_of(shards))
    monkeypatch.undo()
    monkeypatch.setattr(Laying, "has_laid", lambda *_: False)  # everything is laid again
    small.night("demo_letters")
    assert small.parts("demo_letters") == before
    pipeline.dedup_source(small.run, source, small.base(source), rebuild=True)
    assert not any(b'"List"' in footer for footer in footers_of(shards))
