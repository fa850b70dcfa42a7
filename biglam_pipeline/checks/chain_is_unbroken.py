"""What is about to be published was made from the harvest and the slices that are on the shelves now."""

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.takedown import Ledger

STAGE = "shards"
NIGHTLY = True


def run(view: View) -> Finding:
    """Follows the manifest back to the slices and to the harvest, by digest, and the entry's policy with it."""
    manifest, normalized, harvest = view.manifest(), view.current(), view.harvest()
    problems = []
    if manifest.normalized_digest != normalized.digest:
        problems.append("the shards were made from other normalized rows; materialize shards again")
    if normalized.harvest != harvest.number or manifest.harvest_digest != harvest.digest:
        problems.append("the shards were made from another harvest; materialize normalized and shards again")
    if not manifest.complete:
        problems.append(f"the shards were made from harvest {manifest.harvest}, which is not complete")
    if manifest.policy_digest != view.source.digest("shards"):
        problems.append("the entry's `accept` or `dedup` changed since the shards were made; materialize shards again")
    if manifest.ledger_digest != view.ledger.digest:
        problems.append("the takedown ledger changed since the shards were made; materialize shards again")
    if (normalized.ledger or Ledger().digest) != view.ledger.digest:
        problems.append(
            "the takedown ledger changed since rows were normalized; materialize normalized and shards again"
        )
    if not normalized.settings.endswith(view.source.digest("normalized")):
        problems.append("the entry's `normalize` or `rights` changed since; materialize normalized and shards again")
    good = f"from harvest {harvest.number} through {len(normalized.slices)} slices to {len(manifest.parts)} parts"
    return view.finding("chain_is_unbroken", STAGE, problems, good, {"harvest": harvest.number})
