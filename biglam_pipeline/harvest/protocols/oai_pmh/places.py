"""Where each list of a source stands in keys and cursors, so that a list keeps its pages when others come or go."""

from collections.abc import Mapping, Sequence

ADDRESS = "address"
"""The name in a cursor that says which list stands there."""


def place_of(name: str) -> str:
    """The place in a cursor's name, or in the name of a page without its visit: `002/` of `002/from`."""
    return "".join(name.rpartition("/")[:2])


def places_of(addresses: Sequence[str], cursor: Mapping[str, str]) -> list[str]:
    """The place of each address: where the cursor knows it, else the next one that is free; a list alone needs none.

    A cursor from before addresses were noted is handed over only where they are still the same, in the same order.
    """
    known = {address: place_of(name) for name, address in cursor.items() if name == place_of(name) + ADDRESS}
    numbered = iter(f"{number:03d}/" for number in range(len(known) + len(addresses) + 1))
    free = (place for place in numbered if place not in known.values())
    if not known and len(addresses) == 1:
        return [""]
    return [known[address] if address in known else next(free) for address in addresses]
