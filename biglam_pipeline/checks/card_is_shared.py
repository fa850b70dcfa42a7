"""What people wrote on the card is where it stays; nothing waits to be said in the entry. Advice, never a stop."""

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.publish.card_notes import kept_notes

STAGE = "hub"
ADVICE = True


def run(view: View) -> Finding:
    """Tells each edit that was kept aside, and where `cards/NAME.md` and the Hub say different things."""
    notes = kept_notes(view.hub) if view.hub else []
    good = "nothing that people wrote waits to be said elsewhere"
    return view.finding("card_is_shared", STAGE, notes, good, {"kept_aside": len(notes)}, advice=True)
