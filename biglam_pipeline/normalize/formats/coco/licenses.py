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
        entries, info = _entries(head.get("licenses")), head.get("info")
        self._entries = by_id(entries)
        self._all = [text for one in entries for text in _statement(one)]
        self._general = [text for one in (info if isinstance(info, list) else [info]) for text in named_rights(one)]
        self._general += named_rights({name: value for name, value in head.items() if name != "licenses"})

    def of(self, image: Mapping[str, Any]) -> list[str]:
        """Its statements: of the licence that it names, or of all where it names none, and what else it says."""
        named = image.get("license")
        key = key_of(named)
        found = [*self._general, *named_rights({name: value for name, value in image.items() if name != "license"})]
        if named in (None, ""):
            return list(dict.fromkeys([*self._all, *found]))
        if said := _statement(self._entries.get(key)):
            return list(dict.fromkeys([*said, *found]))
        if not self._all and (key in self._entries or not isinstance(named, str | dict | list)):
            return found  # `license: 0`, and no list or an entry without words: tools write that where nothing is said
        why = named if isinstance(named, str) else f"license {key or repr(named)}, which `licenses` does not explain"
        return list(dict.fromkeys([why, *found]))


def _entries(licenses: Any) -> list[Any]:
    """A list of objects; people also write one of them, one by its id each, or a text."""
    if isinstance(licenses, dict) and not {"id", "name", "url"} & licenses.keys():
        entries = licenses.items()
        return [{"id": key, **(one if isinstance(one, dict) else {"name": one})} for key, one in entries]
    return licenses if isinstance(licenses, list) else [] if licenses is None else [licenses]


def _statement(entry: Any) -> list[str]:
    """Its name and address, and what else speaks of rights; all that it says, where it has neither."""
    if not isinstance(entry, dict):
        return [entry.strip()] if isinstance(entry, str) and entry.strip() else []
    values = [entry.get("name"), entry.get("url"), *named_rights(entry)]
    if not any(values):
        values = [value for name, value in entry.items() if name != "id"]
    texts = [one.strip() if isinstance(one, str) else repr(one) for one in values if one]
    return [one for one in dict.fromkeys(texts) if one]


def named_rights(said: Any) -> Iterator[str]:
    """The values of keys that speak of rights, of an object."""
    for name, value in said.items() if isinstance(said, dict) else ():
        if column_of_term(name):
            for one in value if isinstance(value, list) else [value]:
                if one not in (None, ""):
                    yield one if isinstance(one, str) else repr(one)
