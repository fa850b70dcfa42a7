"""The events of a YAML text: by libyaml where it reads as ruamel's parser does, else by that.

ruamel's is the measure: it is YAML 1.2, and its errors are what an entry's faults are made of. libyaml
(https://pyyaml.org/wiki/LibYAML) reads the same text in a sixth of the time. A text with an error goes to ruamel's, and
so does what the two read differently: tabs, breaks that only YAML 1.1 knows, properties of nodes, empty values.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

_HARD = re.compile(r"[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""Tabs, other controls, the byte order mark, and the breaks of YAML 1.1 (https://yaml.org/spec/1.1/#id871136)."""
_LIBYAML: Final[Any] = getattr(yaml, "CSafeLoader", None)
"""None where PyYAML was built without it."""
_PLAIN: Final[dict[type, Callable[[Any, Any], Event]]] = {
    yaml.StreamStartEvent: StreamStartEvent,
    yaml.StreamEndEvent: StreamEndEvent,
    yaml.DocumentStartEvent: DocumentStartEvent,
    yaml.DocumentEndEvent: DocumentEndEvent,
    yaml.SequenceEndEvent: SequenceEndEvent,
    yaml.MappingEndEvent: MappingEndEvent,
}
_NESTED: Final[dict[type, Any]] = {
    yaml.SequenceStartEvent: SequenceStartEvent,
    yaml.MappingStartEvent: MappingStartEvent,
}


class _Bare(YAML):
    def official_plug_ins(self) -> Any:
        """None: for these it lists its own folder each time."""
        return []


def events_of(text: str) -> Iterator[Event]:
    """One after the other; YAMLError of ruamel's where the text is not YAML, behind what could be read."""
    quick = _quick(text)
    return iter(_careful(text) if quick is None else quick)


def _careful(text: str) -> Iterator[Event]:
    return iter(_Bare(typ="safe", pure=True).parse(text))


def _quick(text: str) -> list[Event] | None:
    """All of them, as ruamel's parser makes them; None where it must be asked itself."""
    if _LIBYAML is None or _HARD.search(text):
        return None
    try:
        parsed = list(yaml.parse(text, Loader=_LIBYAML))
    except yaml.YAMLError:
        return None
    made = [event for one in parsed if (event := _made(one)) is not None]
    return made if len(made) == len(parsed) else None


def _made(event: Any) -> Event | None:
    """None for an alias, what has an anchor or a tag, and an empty value, which ruamel's parser places elsewhere."""
    kind = type(event)
    if kind is yaml.ScalarEvent:
        if event.anchor or event.tag or not (event.value or event.style):
            return None
        return ScalarEvent(
            None, None, event.implicit, event.value, event.start_mark, event.end_mark, style=event.style or None
        )
    if kind in _NESTED and not (event.anchor or event.tag):
        nested: Event = _NESTED[kind](None, None, event.implicit, event.start_mark, event.end_mark, event.flow_style)
        return nested
    return _PLAIN[kind](event.start_mark, event.end_mark) if kind in _PLAIN else None
