"""A card's YAML header, written and read by the Hub's own client.

Its YAML is all Python, a tenth of a second for a card of many columns, and a release writes and reads the same header
again and again: what was written or read lately is known.
"""

import pickle
from functools import lru_cache
from typing import Any


def header_yaml(fields: dict[str, Any]) -> str:
    """A card's YAML header, dumped by the Hub's own client: it quotes `no` and keeps `1.10`."""
    return _written(pickle.dumps(fields))


def read_header(content: str) -> dict[str, Any]:
    """The fields of a README's header as the Hub's client reads them; ValueError where it cannot be read."""
    from huggingface_hub.repocard import REGEX_YAML_BLOCK

    found = REGEX_YAML_BLOCK.search(content)
    fields: dict[str, Any] = pickle.loads(_read(f"---\n{found[2]}\n---\n" if found else ""))  # noqa: S301 - our own
    return fields


@lru_cache(maxsize=32)
def _written(fields: bytes) -> str:
    from huggingface_hub import DatasetCardData

    return DatasetCardData(**pickle.loads(fields)).to_yaml()  # noqa: S301 - our own


@lru_cache(maxsize=32)
def _read(content: str) -> bytes:
    """Pickled, so that each caller has fields of its own."""
    from huggingface_hub import DatasetCard

    try:
        return pickle.dumps(DatasetCard(content).data.to_dict())  # type: ignore[no-untyped-call]
    except Exception as cause:  # the YAML reader's own errors share no base that may be imported here
        raise ValueError(f"its header cannot be read: {cause}") from cause
