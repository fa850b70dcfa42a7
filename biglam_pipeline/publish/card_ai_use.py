"""The card's section on use for AI: what the custodian wishes, what the host says, and what that does not change."""

from collections.abc import Sequence

from biglam_pipeline.publish.marks import plain
from biglam_pipeline.records import Description
from biglam_pipeline.signals import Signal

_WHAT_IT_IS = (
    "A wish or a reservation of this kind is no rights statement: it does not change who owns a work, nor that a work "
    "is in the public domain. It is repeated here so that whoever uses the rows can heed it."
)
_OF_HOSTS = (
    "Of everything on its hosts, which is mostly a defence against load, and often set by a service in front of them:"
)


def ai_use_section(description: Description) -> str:
    """The section, with its heading; nothing where nobody has said anything."""
    wish, parts = description.ai_use, list[str]()
    if wish.get("statement"):
        checked = f", read on {wish['checked']}" if wish.get("checked") else ""
        said = f"{plain(description.custodian)} says: “{plain(wish['statement'])}” (<{wish['evidence']}>{checked})."
        parts.append(said)
    parts += _listed("The server says of these data:", [one for one in description.signals if one.reach == "data"])
    if wish.get("decision"):
        parts.append(f"Decided by {plain(wish['by'])}: {plain(wish['decision'])}")
    parts += _listed(_OF_HOSTS, [one for one in description.signals if one.reach == "host"])
    return "\n\n".join(["## Use for AI", *parts, _WHAT_IT_IS]) if parts else ""


def _listed(what: str, signals: Sequence[Signal]) -> list[str]:
    lines = "\n".join(f"- {plain(one.kind)}: {plain(one.value)} ({plain(one.where)})" for one in signals)
    return [f"{what}\n\n{lines}"] if signals else []
