"""What must hold of each stage's output. A check is a pure function of the shelves; none knows Dagster."""

from collections.abc import Callable

from biglam_pipeline.checks import (
    card_is_shared,
    chain_is_unbroken,
    clusters_are_plausible,
    documentation_is_complete,
    duplicates_are_few,
    every_row_is_licensed,
    expectations_hold,
    harvest_is_complete,
    ids_are_unique,
    ledger_only_grows,
    licences_combine,
    meaning_is_kept,
    no_double_is_left,
    open_licence,
    parts_are_whole,
    records_are_settled,
    rights_are_recognised,
    round_trip,
    schema_matches,
    takedown_is_applied,
    tally_adds_up,
    viewer_is_whole,
)
from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding

CHECKS: dict[str, dict[str, Callable[[View], Finding]]] = {
    "raw": {"harvest_is_complete": harvest_is_complete.run},
    "normalized": {
        "schema_matches": schema_matches.run,
        "open_licence": open_licence.run,
        "rights_are_recognised": rights_are_recognised.run,
        "expectations_hold": expectations_hold.run,
    },
    "shards": {
        "parts_are_whole": parts_are_whole.run,
        "ids_are_unique": ids_are_unique.run,
        "no_double_is_left": no_double_is_left.run,
        "every_row_is_licensed": every_row_is_licensed.run,
        "licences_combine": licences_combine.run,
        "tally_adds_up": tally_adds_up.run,
        "chain_is_unbroken": chain_is_unbroken.run,
        "clusters_are_plausible": clusters_are_plausible.run,
        "duplicates_are_few": duplicates_are_few.run,
        "ledger_only_grows": ledger_only_grows.run,
        "takedown_is_applied": takedown_is_applied.run,
        "meaning_is_kept": meaning_is_kept.run,
        "records_are_settled": records_are_settled.run,
        "documentation_is_complete": documentation_is_complete.run,
        "viewer_is_whole": viewer_is_whole.run,
    },
    "hub": {"round_trip": round_trip.run, "card_is_shared": card_is_shared.run},
}
"""Stage -> the checks of its output, by name."""
