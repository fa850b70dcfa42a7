"""The schema as the `datasets` library writes it: in the Parquet footer, and in the card's `dataset_info`.

https://huggingface.co/docs/datasets/about_dataset_features
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from biglam_pipeline.columns import IMAGE_FEATURE
from biglam_pipeline.store.footers import FEATURES


def with_features(schema: pa.Schema, classes: Mapping[str, tuple[str, ...]] = MappingProxyType({})) -> pa.Schema:
    """The schema with the footer keys that tell `datasets` the types, and the viewer that pages are content-cut.

    classes: column -> the names that its numbers stand for; `COLUMN.FIELD` is a field of a struct that holds a list.
    """
    features = {field.name: _feature(field) for field in schema}
    for name, names in classes.items():
        column, _, inner = name.partition(".")
        label = {"names": list(names), "_type": "ClassLabel"}
        features[column] = {**features[column], inner: [label]} if inner else label
    return schema.with_metadata(
        {FEATURES: json.dumps({"info": {"features": features}}), "use_content_defined_chunking": "true"}
    )


def features_yaml(schema: pa.Schema) -> list[dict[str, Any]]:
    """The same for the card: one mapping a column. schema: as `with_features` made it."""
    reported = json.loads((schema.metadata or {}).get(FEATURES, b"{}")).get("info", {}).get("features", {})
    return [{"name": field.name} | _yaml(field, reported.get(field.name)) for field in schema]


def _labels(names: list[str]) -> dict[str, Any]:
    return {"dtype": {"class_label": {"names": {str(number): name for number, name in enumerate(names)}}}}


def _dtype(kind: pa.DataType) -> str:
    names = {pa.string(): "string", pa.float32(): "float32", pa.float64(): "float64", pa.bool_(): "bool"}
    return names.get(kind, str(kind))


def _feature(field: pa.Field) -> Any:
    if field.name == IMAGE_FEATURE:
        return {"_type": "Image"}
    kind = field.type
    if pa.types.is_list(kind):
        # A list of one, which every version reads: `List` came with datasets 4, and its `Sequence` of a struct is a
        # struct of sequences (huggingface/datasets #7676, verl-project/verl #2723).
        return [_feature(pa.field("item", kind.value_type))]
    if pa.types.is_struct(kind):
        return {inner.name: _feature(inner) for inner in kind}
    return {"dtype": _dtype(kind), "_type": "Value"}


def _yaml(field: pa.Field, reported: Any = None) -> dict[str, Any]:
    """reported: the feature as the footer has it, where that is known."""
    if field.name == IMAGE_FEATURE:
        return {"dtype": "image"}
    if isinstance(reported, dict) and reported.get("_type") == "ClassLabel":
        return _labels(reported["names"])
    kind = field.type
    if pa.types.is_list(kind):
        inner = _yaml(pa.field("item", kind.value_type), reported[0] if isinstance(reported, list) else None)
        return {"list": inner.get("struct", inner.get("dtype", inner))}
    if pa.types.is_struct(kind):
        of = reported if isinstance(reported, dict) else {}
        return {"struct": [{"name": one.name} | _yaml(one, of.get(one.name)) for one in kind]}
    return {"dtype": _dtype(kind)}
