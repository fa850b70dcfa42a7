"""What a visit has taken in so far: places of the visit before, and rows of its own; no object is kept as one."""

from array import array

import numpy as np
import numpy.typing as npt

from biglam_pipeline.records import StoredObject
from biglam_pipeline.store.packed import Packer
from biglam_pipeline.store.raw_listing import PACKED, Listing, packed_row


class Taken:
    """The objects of a visit under way, in the order in which they came."""

    def __init__(self, previous: Listing) -> None:
        """previous: the objects of the visit before."""
        self._previous = previous
        self._met = bytearray(len(previous))
        self._order = array("q")
        """Places in the visit before; of a new row its number, as -1 - n."""
        self._new = Packer(PACKED)

    def has(self, place: int) -> bool:
        """Was the object at this place of the visit before taken in, or another under its key?"""
        return bool(self._met[place])

    @property
    def has_all(self) -> bool:
        """Were all of the visit before?"""
        return all(self._met)

    def has_every(self, mask: npt.NDArray[np.bool_]) -> bool:
        """Were all of these?"""
        return bool(np.frombuffer(self._met, np.uint8)[mask].all())

    def keep_every(self, mask: npt.NDArray[np.bool_]) -> None:
        """Takes in these of the visit before, as they were, as far as none of their key was."""
        for place in np.flatnonzero(mask).tolist():
            if not self._met[place]:
                self.keep(place)

    def keep(self, place: int) -> None:
        """Takes in an object of the visit before, as it was."""
        self._met[place] = 1
        self._order.append(place)

    def add(self, held: StoredObject) -> None:
        """Takes in an object; the last of its key counts."""
        place = self._previous.find(held.key)
        if place >= 0:
            self._met[place] = 1
        self._order.append(-1 - len(self._new))
        self._new.add(packed_row(held))

    def listing(self, carried: Listing) -> Listing:
        """All of them, laid over what is carried on from the visit before."""
        order = np.array(self._order, np.int64)
        both = self._previous.before(Listing(self._new.packed()))
        rows = np.where(order >= 0, order, len(self._previous) - 1 - order)
        return carried.under(both.select(rows))
