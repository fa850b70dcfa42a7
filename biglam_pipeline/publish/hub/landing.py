"""Brings a draft into `main`: by one commit, or through a pull request where the changes are too many for one."""

import logging
from dataclasses import dataclass, field

from biglam_pipeline.publish.draft import CardRefused, Draft
from biglam_pipeline.publish.hub.judging import UNSURE, Moved
from biglam_pipeline.publish.hub.line import DATASET, Line
from biglam_pipeline.publish.hub.planning import Plan, plan_changes, report_changes
from biglam_pipeline.publish.hub.pulls import merge_in_batches

log = logging.getLogger(__name__)

BATCH = 500
"""Files that one commit changes at most: the Hub looks at each within 60 seconds."""


@dataclass(slots=True)
class Landed:
    """Where the draft stands."""

    commit: str
    """A commit of `main` that holds the draft."""
    sent: int = 0
    """Files that were changed; none where all was there already, also by an attempt whose answer was lost."""
    paths: set[str] = field(default_factory=set)
    """What was sent, by this attempt or by one whose answer was lost."""


def land(line: Line, draft: Draft, head: str, batch: int = BATCH) -> Landed:
    """Makes the draft true of `main`. head: its commit now; batch: files that a commit changes at most.

    Every attempt begins by looking at what is there, so a commit whose answer was lost is found and not made again.
    """
    line.check_allowed()
    landed = Landed(head)
    attempts = line.attempts("take the commit")
    while True:
        plan = plan_changes(line, draft, landed.commit)
        if plan.done:
            return landed
        if landed.sent:
            attempts.failed(Moved("main holds something else after the merge"))
        landed.paths |= plan.paths
        try:
            if len(plan.operations) <= batch:
                landed.commit = _commit(line, draft, plan, landed.commit)
                landed.sent += len(plan.operations)
                return landed
            merge_in_batches(line, draft, plan, landed.commit, batch)
            landed.sent += len(plan.operations)
        except UNSURE as cause:
            attempts.failed(cause)
        except ValueError as cause:  # the client's, of a card that `validate-yaml` refuses
            raise CardRefused(
                f"{draft.repository}: the Hub does not take the card: {' '.join(str(cause).split())}; correct the key "
                "where it was written: in README.md there, in the `cards` folder beside the sources file, or in the "
                "entry, and run again"
            ) from cause
        landed.commit = _look_again(line, draft, landed.commit)


def _look_again(line: Line, draft: Draft, before: str) -> str:
    """The commit of `main` now; what somebody else changed meanwhile is reported before the draft takes its place."""
    now = line.head(draft.repository) or before
    if now != before:
        report_changes(draft, line.files(draft.repository, before), line.files(draft.repository, now), now)
    return now


def _commit(line: Line, draft: Draft, plan: Plan, head: str) -> str:
    done = line.once(
        lambda: line.api.create_commit(
            draft.repository, plan.operations, commit_message=draft.message, repo_type=DATASET, parent_commit=head
        ),
        "take the commit",
        plan.size,
    )
    log.info("%s: committed %d changes", draft.repository, len(plan.operations))
    return str(done.oid)
