"""A polite, identified and guarded guest of other people's servers: the only door to the network."""

from biglam_pipeline.web.answer import Answer, Expect
from biglam_pipeline.web.guest import Web
from biglam_pipeline.web.limits import Limits

__all__ = ["Answer", "Expect", "Limits", "Web"]
