"""The only door to the Hub: one atomic commit a release, planned against what is there, retried, tagged, read back.

Its client takes half a second to import, which a command that only looks at the shelves does not need: a name is
looked up in its module when it is first asked for (https://peps.python.org/pep-0562/).
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
os.environ.setdefault("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")  # a token found on disk must never go to our endpoint

if TYPE_CHECKING:
    from biglam_pipeline.publish.hub.cards import header_yaml, read_header
    from biglam_pipeline.publish.hub.door import Hub
    from biglam_pipeline.publish.hub.landing import BATCH
    from biglam_pipeline.publish.hub.places import Place
    from biglam_pipeline.publish.hub.purging import Purged
    from biglam_pipeline.publish.hub.retry import TOTAL_SECONDS
    from biglam_pipeline.publish.hub.standing import Standing, gone

__all__ = ["BATCH", "TOTAL_SECONDS", "Hub", "Place", "Purged", "Standing", "gone", "header_yaml", "read_header"]

_MODULES = {
    "BATCH": "landing",
    "TOTAL_SECONDS": "retry",
    "Hub": "door",
    "Place": "places",
    "Purged": "purging",
    "Standing": "standing",
    "gone": "standing",
    "header_yaml": "cards",
    "read_header": "cards",
}


def __getattr__(name: str) -> object:
    """A name of `__all__`, from its module."""
    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
