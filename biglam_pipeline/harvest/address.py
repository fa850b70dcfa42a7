"""Reads what stands under `harvest:` in sources.yaml: an address, a list of addresses, or a mapping."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from biglam_pipeline.harvest import AnyHarvester
from biglam_pipeline.harvest.harvester import Harvester, OnTheWeb
from biglam_pipeline.harvest.ways_out import instead
from biglam_pipeline.language import ADDRESSES, HARVEST_KEYS, not_built
from biglam_pipeline.secrecy import secret_fault, secrets_in, without_secrets
from biglam_pipeline.settings import Misplaced, kinds_of

BUILT: Mapping[str, type[Harvester]] = {
    beginning: kind for kind in kinds_of(AnyHarvester) for beginning in kind.beginnings()
}
"""How an address begins -> the protocol."""
_KINDS = tuple(dict.fromkeys(BUILT.values()))
_TAKEN = {*BUILT, *(kind.prefix for kind in BUILT.values())}
OWED = {begin: how for begin, how in ADDRESSES.items() if begin not in _TAKEN}
"""How an address of the language begins that nothing harvests yet -> what to write today."""
_LIKE_URL = ("urls", "uri", "uris", "address", "addresses", "adress", "link", "links", "href", "path", "file", "source")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""No address holds one (RFC 3986, 2), and programs differ in what they make of it."""


def read_address(value: Any) -> dict[str, Any]:
    """The mapping with `type` and `url` that stands for it; ValueError says what to write instead."""
    if isinstance(value, Mapping):
        return _read_mapping(value)
    addresses = [value] if isinstance(value, str) else value
    if not isinstance(addresses, list | tuple) or not addresses or not all(isinstance(one, str) for one in addresses):
        raise ValueError("write an address such as https://…, oai+https://… or file:FOLDER, or a list of them")
    kinds = {_kind(address) for address in addresses}
    if len(kinds) > 1:
        raise ValueError(
            f"addresses of different kinds ({', '.join(sorted(kinds))}) cannot be harvested together; "
            "make a source of each"
        )
    return {"type": kinds.pop(), "url": list(addresses)}


def _read_mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    unbuilt = [key for key in value if key in HARVEST_KEYS and not _is_a_key(key)]
    if unbuilt:
        raise Misplaced(*(((key,), not_built(f"`{key}`", HARVEST_KEYS[key])) for key in unbuilt))
    if "url" not in value:
        if meant := next((key for key in value if str(key).casefold() in _LIKE_URL), ""):
            raise Misplaced(((meant,), f"`{meant}` is not a key of the language; did you mean `url`?"))
        raise ValueError("url is missing; write where the source is: {url: https://...}")
    found = dict(value) if "type" in value else {**value, **read_address(value["url"])}
    kind = next((one for one in BUILT.values() if one.model_fields["type"].default == found["type"]), OnTheWeb)
    asked = [key for key in value if key in OnTheWeb.model_fields and key not in kind.model_fields]
    if asked:
        raise Misplaced(
            *(((key,), f"`{key}` is for addresses on the web; leave it out of local files") for key in asked)
        )
    return found


def _kind(address: str) -> str:
    text = address.strip()
    if _CONTROL.search(text):
        raise ValueError("a tab, a line break or another control character stands in the address; take it out")
    if meant := next((meant for kind in _KINDS if (meant := kind.meant_by(text))), ""):
        raise ValueError(f"{without_secrets(text)}: is where a browser shows it, or another program; write {meant}")
    if begins := _longest(BUILT, text):
        kind = next((one for one in BUILT.values() if one.claims(text)), BUILT[begins])
        return str(kind.model_fields["type"].default)
    if begins := _longest(OWED, text):
        raise ValueError(f"{text}: {not_built(begins, OWED[begins])}")
    if names := secrets_in(f"https://{text.lstrip('/')}"):  # not quoted: what `check` says stands in logs
        raise ValueError(f"what stands here does not begin like an address such as https://…; {secret_fault(names)}")
    raise ValueError(f"`{text}` does not begin like an address; {instead(text, BUILT)}")


def _longest(beginnings: Iterable[str], text: str) -> str:
    return max((one for one in beginnings if text.startswith(one)), key=len, default="")


def _is_a_key(key: str) -> bool:
    return any(key in kind.model_fields for kind in BUILT.values())
