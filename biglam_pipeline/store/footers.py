"""The `huggingface` key of a part's footer: what it was spelled like before, and that this makes no other part.

Until 2026-11 the types of lists were written as `List`, which `datasets` before 4.0 does not know. The spelling is no
content: parts that were laid then keep their bytes until a row of theirs changes, and both spellings are one schema.
"""

import json
from typing import Any

import pyarrow as pa

FEATURES = b"huggingface"
"""https://huggingface.co/docs/datasets/about_dataset_features"""


def as_spelled_first(schema: pa.Schema) -> pa.Schema:
    """The schema with the types of lists as they were written at first; equal for two spellings of one schema."""
    metadata = dict(schema.metadata or {})
    if FEATURES not in metadata:
        return schema
    reported = json.loads(metadata[FEATURES])
    return schema.with_metadata({**metadata, FEATURES: json.dumps(_lists(reported)).encode()})


def _lists(reported: Any) -> Any:
    """A JSON list of one feature is a list of it; the names of a ClassLabel are a list of texts."""
    if isinstance(reported, dict):
        return {name: _lists(value) for name, value in reported.items()}
    if isinstance(reported, list) and len(reported) == 1 and isinstance(reported[0], dict | list):
        return {"feature": _lists(reported[0]), "_type": "List"}
    return reported
