"""What the custodian, or its server, says of these very data and AI is never passed over: somebody decided about it."""

from collections.abc import Sequence

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.signals import Signal
from biglam_pipeline.source.ai_use import AiUse
from biglam_pipeline.store.signals import last_signals

STAGE = "raw"
NIGHTLY = True


def run(view: View) -> Finding:
    """Fails for a statement in the entry, and for a reservation of these data, that no `ai_use.decision` answers.

    What a whole host says is named, and halts nothing: it is mostly a defence against load.
    """
    harvest, wish = view.harvest(), view.source.ai_use
    signals = last_signals(view.raw, harvest)
    reserved = [one for one in signals if one.reserves]
    problems = _undecided(wish, signals)
    for origin, raw in view.origins:
        theirs = _undecided(origin.ai_use, last_signals(raw, raw.latest()))
        problems += [f"{origin.name}, which it is made of: {one}" for one in theirs]
    said = "; ".join(f"{one.kind}: {one.value} ({one.where})" for one in signals if not one.reserves)
    good = wish.decision if wish and (wish.statement or reserved) else "nothing keeps these data from use for AI"
    if said:
        good += f". Of the host, and no reason to stop: {said}"
    numbers = {"harvest": harvest.number, "signals": len(signals), "reservations": len(reserved)}
    return view.finding("ai_use_is_decided", STAGE, problems, good, numbers)


def _undecided(wish: AiUse | None, signals: Sequence[Signal]) -> list[str]:
    if wish and wish.decision:
        return []
    remedy = "ask the custodian, and write `ai_use: {decision: WHAT AND WHY, by: WHO}`"
    said = [f"the custodian says of use for AI: {wish.statement} ({wish.evidence}); {remedy}"] if wish else []
    return said + [
        f"{one.where} keeps these data from text and data mining ({one.kind}: {one.value}); {remedy}"
        for one in signals
        if one.reserves
    ]
