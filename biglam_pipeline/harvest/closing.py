"""What does the closing of a harvest say of what came, and of what was left out?"""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from biglam_pipeline.links import SHELF
from biglam_pipeline.records import Evidence
from biglam_pipeline.store.raw_listing import Listing


def said_of(evidence: Evidence, left_out: Mapping[str, int], members: int, without_keys: int) -> dict[str, Any]:
    """Why it is whole or not, and what is left out.

    members: of archives, that are missing; without_keys: answers that said a key again, which was taken out.
    """
    proof = _proof(evidence, dict(left_out), members, without_keys)
    said = {name: getattr(evidence, name) for name in ("mode", "unproven", "coverage")}
    return {**said, "proof": proof, "left_out": dict(left_out)}


def numbers_of(objects: Listing) -> dict[str, Any]:
    """What a closing says of all its objects."""
    size, batches = int(objects.numbers("size").sum()), tuple(sorted(objects.said("batch")))
    return {"objects": len(objects), "size": size, "digest": _digest(objects), "batches": batches}


def carried(previous: Listing, evidence: Evidence, *, complete: bool) -> Listing:
    """Objects of the visit before that this one is laid over; a visit that is not whole leaves none behind.

    Of links none: those that are still named were all taken in again.
    """
    if evidence.mode == "replace":
        return Listing.of([])
    previous = previous.select(~previous.starting("key", SHELF))
    return previous.select(~previous.where("key", evidence.outdated)) if complete else previous


def not_there(stood: Listing, objects: Listing) -> Listing:
    """Of what stood, all that is not among the objects of today: missing, behind what is, or not listed any more."""
    return stood.select(np.fromiter((objects.find(key) < 0 for key in stood), np.bool_, len(stood)))


def _proof(evidence: Evidence, left_out: dict[str, int], members: int, without_keys: int) -> str:
    """The protocol's own, and what became of files and members that are not among what can be read."""
    words = ", ".join(f"{count} {word}" for word, count in left_out.items() if word not in ("missing", "names_guessed"))
    reported = f"; left out: {words}" if words else ""
    if guessed := left_out.get("names_guessed"):  # what is called so was read
        reported += f"; {guessed} names guessed"
    if without_keys:
        reported += f"; {without_keys} answers said the key that they were asked with, and are kept without"
    return f"{evidence.proof}{reported}" + (f"; {members} members of archives missing" if members else "")


def _digest(objects: Listing) -> str:
    digest = hashlib.sha256()
    for key, sha256 in objects.by_key("sha256"):
        digest.update(f"{key}\x00{sha256}\n".encode())
    return digest.hexdigest()
