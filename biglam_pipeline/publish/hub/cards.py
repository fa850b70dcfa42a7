"""A card's YAML header, written and read by the Hub's own client.

Its YAML is all Python, a tenth of a second for a card of many columns, and a release writes and reads the same header
again and again: what was written or read lately is known, block by block, for from night to night the columns are
the same and the counts are not; and what was written of plain values is not read again.
"""

import pickle
from collections import OrderedDict
from functools import lru_cache
from typing import Any

_LATELY = 32
_SCALARS = (str, int, float, bool, type(None))
_PLAIN: OrderedDict[str, bytes] = OrderedDict()
"""Headers that were written here lately -> their fields, pickled."""


def header_yaml(fields: dict[str, Any]) -> str:
    """A card's YAML header, dumped by the Hub's own client: it quotes `no` and keeps `1.10`."""
    return _written(pickle.dumps(fields))


def read_header(content: str) -> dict[str, Any]:
    """The fields of a README's header as the Hub's client reads them; ValueError where it cannot be read."""
    from huggingface_hub.repocard import REGEX_YAML_BLOCK

    found = REGEX_YAML_BLOCK.search(content)
    header = found[2] if found else ""
    known = _PLAIN.get(header) or _read(f"---\n{header}\n---\n" if found else "")
    fields: dict[str, Any] = pickle.loads(known)  # noqa: S301 - our own
    return fields


@lru_cache(maxsize=_LATELY)
def _written(fields: bytes) -> str:
    from huggingface_hub import DatasetCardData

    data = DatasetCardData(**pickle.loads(fields))  # noqa: S301 - our own
    held = data.to_dict()  # type: ignore[no-untyped-call]
    header = _dumped(held) if _is_a_tree(held) else str(data.to_yaml())
    if held and _is_plain(held):
        _PLAIN[header] = pickle.dumps(held)
        while len(_PLAIN) > _LATELY:
            _PLAIN.popitem(last=False)
    return header


def _dumped(held: dict[str, Any]) -> str:
    """As the client dumps them all: a mapping's lines are those of its keys one after another, each by itself."""
    return "\n".join(_lines(key, value) for key, value in held.items()).strip() if held else "{}"


def _lines(key: str, value: Any) -> str:
    if not isinstance(value, dict) or len(value) < 2:
        return _block(pickle.dumps({key: value}))
    blocks = [_block(pickle.dumps({key: {below: one}})).partition("\n") for below, one in value.items()]
    if any(first != f"{key}:" or not rest for first, _, rest in blocks):  # one that has to be quoted, or an empty one
        return _block(pickle.dumps({key: value}))
    return "\n".join([f"{key}:", *(rest for _, _, rest in blocks)])


@lru_cache(maxsize=4 * _LATELY)
def _block(fields: bytes) -> str:
    from huggingface_hub import CardData

    one: dict[str, Any] = pickle.loads(fields)  # noqa: S301 - our own
    last = "b" if "a" in one else "a"  # the client strips the end of all, which may be the end of a text
    return str(CardData(**{**one, last: 0}).to_yaml()).removesuffix(f"\n{last}: 0")


def _is_a_tree(held: Any) -> bool:
    """Whether nothing stands in two places, which YAML would write once and point to."""
    seen, left = set[int](), [held]
    while left:
        one = left.pop()
        if isinstance(one, _SCALARS):
            continue
        if id(one) in seen or type(one) not in (dict, list):
            return False
        seen.add(id(one))
        left += [*one.keys(), *one.values()] if isinstance(one, dict) else one
    return True


def _is_plain(value: Any) -> bool:
    """Whether YAML that was written of it is read as the same: texts of one line, whole numbers, lists and blocks."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(key) and _is_plain(one) for key, one in value.items())
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return value.isprintable() if isinstance(value, str) else type(value) in (int, bool)


@lru_cache(maxsize=_LATELY)
def _read(content: str) -> bytes:
    """Pickled, so that each caller has fields of its own."""
    from huggingface_hub import DatasetCard

    try:
        return pickle.dumps(DatasetCard(content).data.to_dict())  # type: ignore[no-untyped-call]
    except Exception as cause:  # the YAML reader's own errors share no base that may be imported here
        raise ValueError(f"its header cannot be read: {cause}") from cause
