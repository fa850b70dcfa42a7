"""The way back: takes a record out of shards, slices, raw objects, the repository and, if asked, its history."""

from biglam_pipeline.retraction.plan import Plan, find_record, plan_takedown
from biglam_pipeline.retraction.request import Request, Unlisted
from biglam_pipeline.retraction.work import Outcome, take_down

__all__ = ["Outcome", "Plan", "Request", "Unlisted", "find_record", "plan_takedown", "take_down"]
