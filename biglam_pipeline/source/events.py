"""The events of a YAML text, by ruamel's parser without its plug-ins: for these it lists its own folder each time."""

from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import Event


class _Bare(YAML):
    def official_plug_ins(self) -> Any:
        """None."""
        return []


def events_of(text: str) -> Iterator[Event]:
    """One after the other, as they are read; YAMLError where the text is not YAML."""
    return iter(_Bare(typ="safe", pure=True).parse(text))
