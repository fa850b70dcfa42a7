"""The only door to the Hub: one atomic commit a release, planned against what is there, retried, tagged, read back."""

import os

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
os.environ.setdefault("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")  # a token found on disk must never go to our endpoint

from biglam_pipeline.publish.hub.cards import header_yaml, read_header
from biglam_pipeline.publish.hub.door import Hub
from biglam_pipeline.publish.hub.landing import BATCH
from biglam_pipeline.publish.hub.patience import TOTAL_SECONDS
from biglam_pipeline.publish.hub.places import Place
from biglam_pipeline.publish.hub.purging import Purged
from biglam_pipeline.publish.hub.standing import Standing, gone

__all__ = ["BATCH", "TOTAL_SECONDS", "Hub", "Place", "Purged", "Standing", "gone", "header_yaml", "read_header"]
