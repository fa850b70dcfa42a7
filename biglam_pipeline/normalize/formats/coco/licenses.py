"""What does a COCO file say of the rights of a picture? `license` of the picture, by its id in `licenses`.

https://cocodataset.org/#format-data ; Roboflow writes one licence for all pictures, CVAT and others an empty one.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from biglam_pipeline.normalize.formats.coco.document import by_id
from biglam_pipeline.normalize.formats.coco.objects import key_of
from biglam_pipeline.normalize.rows.rights_of import column_of_term


class Licenses:
    """What the file says of the rights of its pictures."""

    def __init__(self, head: Mapping[str, Any]) -> None:
        """head: what stands around the lists."""
        self._entries = by_id(head.get("licenses"))
        entries = head.get("licenses")
        self._all = [text for one in (entries if isinstance(entries, list) else []) for text in _statement(one)]
        self._general = list(named_rights(head.get("info")))

    def of(self, image: Mapping[str, Any]) -> list[str]:
        """Its statements: of the licence that it names, or of all where it names none, and what else it says."""
        named = image.get("license")
        key = key_of(named)
        found = [*self._general, *named_rights({name: value for name, value in image.items() if name != "license"})]
        if named in (None, ""):
            return list(dict.fromkeys([*self._all, *found]))
        entry = self._entries.get(key)
        if entry is not None:
            return list(dict.fromkeys([*_statement(entry), *found]))
        if not self._all and not isinstance(named, str | dict | list):
            return found  # `license: 0` and no list: tools write that where nothing is said
        said = named if isinstance(named, str) else f"license {key or repr(named)}, which `licenses` does not explain"
        return list(dict.fromkeys([said, *found]))


def _statement(entry: Any) -> list[str]:
    values = [entry.get("name"), entry.get("url")] if isinstance(entry, dict) else [entry]
    return [value.strip() for value in values if isinstance(value, str) and value.strip()]


def named_rights(said: Any) -> Iterator[str]:
    """The values of keys that speak of rights, of an object."""
    for name, value in said.items() if isinstance(said, dict) else ():
        if column_of_term(name):
            for one in value if isinstance(value, list) else [value]:
                if one not in (None, ""):
                    yield one if isinstance(one, str) else repr(one)
