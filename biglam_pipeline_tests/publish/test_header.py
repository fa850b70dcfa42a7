"""What was written of plain values is known, and is what the Hub's own client reads of it."""

from copy import deepcopy
from typing import Any

import pytest
from huggingface_hub import DatasetCard, DatasetCardData
from hypothesis import example, given
from hypothesis import strategies as st

from biglam_pipeline.publish.hub import cards
from biglam_pipeline.publish.hub.cards import header_yaml, read_header
from biglam_pipeline_tests.examples import examples

WORDS = st.sampled_from([
    *("", " ", "no", "Yes", "null", "~", "1.10", "1e3", "0x1F", "0o17", "1_000", "12:30:00", "2020-01-01", "=", "<<"),
    *("a: b", "# x", "a #b", "- a", "? a", "---", "...", "&a", "*a", "!a", "%a", "@a", "`a", "{a", "[a", "'", '"'),
    *("a  b " * 40, "word " * 40, "x" * 200, "é" * 90, "\U0001f4d6 book", "[]", "{}", "null: ", "true", ".inf", "\\"),
])  # fmt: skip
TEXTS = WORDS | st.text(max_size=12)
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(TEXTS, inside, max_size=4),
    max_leaves=12,
)
NAMES = st.text("abcdefgh_", min_size=1, max_size=8).map(lambda name: f"x_{name}") | st.sampled_from(
    ["license", "tags"]
)


def parsed(header: str) -> Any:
    return DatasetCard(f"---\n{header}\n---\n").data.to_dict()  # type: ignore[no-untyped-call]


@examples(300)
@given(st.dictionaries(NAMES, VALUES, max_size=4))
@example({"x_a": "a" * 79 + " # b", "x_b": ["no", {"a": "1.10", "": []}]})
def test_what_is_known_is_what_is_read(fields: dict[str, Any]) -> None:
    header = header_yaml(fields)
    if header in cards._PLAIN:
        read, wanted = read_header(f"---\n{header}\n---\n"), parsed(header)
        assert (read, list(read), repr(read)) == (wanted, list(wanted), repr(wanted))


@examples(300)
@given(st.dictionaries(NAMES | TEXTS, VALUES | st.dictionaries(TEXTS, VALUES, max_size=4), max_size=4))
@example({"a": {"b": "x\u00a0", "c": "y\u00a0"}, "d": "z\u00a0", "e": {}})
@example({"a": {"k" * 130: 1, "l" * 130: 2}, "b" * 130: [{}, {"c": []}]})
def test_written_block_by_block_it_is_what_the_client_writes_at_once(fields: dict[str, Any]) -> None:
    fields = {key: value for key, value in fields.items() if key not in ("self", "ignore_metadata_errors")}
    assert header_yaml(fields) == DatasetCardData(**deepcopy(fields)).to_yaml()  # type: ignore[no-untyped-call]


def test_what_stands_in_two_places_is_written_once() -> None:
    features = [{"name": "id", "dtype": "string"}]
    fields = {"dataset_info": [{"config_name": "a", "features": features}, {"config_name": "b", "features": features}]}
    assert header_yaml(fields) == DatasetCardData(**fields).to_yaml()  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("value", ["a\nb", "a\x85b", "\u2028", "\ufeff", 1.5, ("a",), [None]])
def test_what_is_not_plain_is_read(value: Any) -> None:
    """A line end at the end of a text depends on what follows it; what the rest comes to is the client's affair."""
    assert header_yaml({"x_value": value, "license": "mit"}) not in cards._PLAIN


def test_a_header_that_somebody_altered_is_read() -> None:
    header = header_yaml({"license": "mit", "tags": ["lam"]})
    assert header in cards._PLAIN
    assert read_header(f"---\n{header.replace('lam', 'no')}\n---\nA card.\n")["tags"] == [False]
    first = read_header(f"---\n{header}\n---\n")
    first["tags"].append("mine")
    assert read_header(f"---\n{header}\n---\n") == {"license": "mit", "tags": ["lam"]}
