"""What the hosts of a source said about use by machines, visit by visit."""

from collections.abc import Sequence
from dataclasses import asdict

import orjson

from biglam_pipeline.signals import Signal
from biglam_pipeline.store.raw import Harvest, RawShelf
from biglam_pipeline.store.reading import read_json, sound


def keep_signals(raw: RawShelf, harvest: int, signals: Sequence[Signal]) -> None:
    """Notes what was said when a harvest was made, or found to be still what the source has."""
    name = _name(harvest)
    is_there = raw.shelf.exists(name)
    if list(signals) == (_read(raw, name) if is_there else []):
        return
    old = raw.shelf.read(name) if is_there else None
    raw.shelf.swap(name, old, orjson.dumps({"signals": [asdict(one) for one in signals]}, option=orjson.OPT_INDENT_2))


def last_signals(raw: RawShelf, latest: Harvest | None) -> list[Signal]:
    """What was said at last; nothing where nothing was. latest: the last closed harvest."""
    name = _name(latest.number) if latest else ""
    return _read(raw, name) if name and raw.shelf.exists(name) else []


def _read(raw: RawShelf, name: str) -> list[Signal]:
    found = read_json(raw.shelf, name)
    with sound(raw.shelf, name):
        return [Signal(**one) for one in found["signals"]]


def _name(harvest: int) -> str:
    return f"signals/{harvest:05d}.json"
