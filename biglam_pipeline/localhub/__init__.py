"""A Hub for one machine, which the unmodified `huggingface_hub` and `datasets` clients talk to."""

from biglam_pipeline.localhub.app import create_app
from biglam_pipeline.localhub.serving import ensure_running, serve

__all__ = ["create_app", "ensure_running", "serve"]
