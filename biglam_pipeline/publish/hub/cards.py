"""A card's YAML header, written and read by the Hub's own client."""

from typing import Any


def header_yaml(fields: dict[str, Any]) -> str:
    """A card's YAML header, dumped by the Hub's own client: it quotes `no` and keeps `1.10`."""
    from huggingface_hub import DatasetCardData

    return DatasetCardData(**fields).to_yaml()


def read_header(content: str) -> dict[str, Any]:
    """The fields of a README's header as the Hub's client reads them; ValueError where it cannot be read."""
    from huggingface_hub import DatasetCard

    try:
        fields: dict[str, Any] = DatasetCard(content).data.to_dict()  # type: ignore[no-untyped-call]
    except Exception as cause:  # the YAML reader's own errors share no base that may be imported here
        raise ValueError(f"its header cannot be read: {cause}") from cause
    return fields
