"""A later release of the language, in a process of its own: every block knows more keys, which nobody wrote.

python -m biglam_pipeline_tests.growing digests FILE
python -m biglam_pipeline_tests.growing night FILE NAME CLOCK    (settings from the environment)
"""

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import Field

from biglam_pipeline import settings


class _Inner(settings.Settings):
    word: str = "as before"


class _Grown(settings.Settings):
    """One key of each sort that a key can be of: text, choice, number, list, mapping, block."""

    later_text: str = ""
    later_choice: str = "as before"
    later_number: int | None = None
    later_switch: bool = True
    later_list: tuple[str, ...] = ("as before",)
    later_mapping: dict[str, str] = Field(default_factory=dict)
    later_block: _Inner = _Inner()
    later_blocks: dict[str, tuple[_Inner, ...]] = Field(default={"a": (_Inner(),)})


def digests(file: str) -> dict[str, dict[str, Any]]:
    """By source, all that is a digest of its settings, or of which one is made."""
    from biglam_pipeline.inputs import describe_layer
    from biglam_pipeline.source import load_sources

    found = {}
    for name, source in load_sources([Path(file)]).strict().sources.items():
        stages = {stage: source.digest(stage) for stage in ("raw", "normalized", "shards", "hub")}
        card = {"told": source.answered, "rights": [describe_layer(layer) for layer in source.rights]}
        found[name] = {**stages, **card, "manner": source.harvest.manner}
    return found


def night(file: str, name: str, clock: str) -> dict[str, Any]:
    """The whole journey of one source, and how much of it was new."""
    from biglam_pipeline import pipeline
    from biglam_pipeline.context import open_context
    from biglam_pipeline.environment import read_environment
    from biglam_pipeline.source import load_sources

    catalog = load_sources([Path(file)])
    source = catalog.get(name)
    base = catalog.bases[name]
    with open_context(read_environment(os.environ), lambda: datetime.fromisoformat(clock)) as run:
        visited = pipeline.harvest_source(run, source, base)
        done = pipeline.normalize_source(run, source, base)
        laid = pipeline.dedup_source(run, source, base)
        release = pipeline.publish_source(run, source, base)
    return {"unchanged": visited.unchanged, "read": done.read, "written": laid.written, "commit": release.commit}


if __name__ == "__main__":
    settings.Settings = _Grown  # type: ignore[misc]
    print(json.dumps({"digests": digests, "night": night}[sys.argv[1]](*sys.argv[2:])))
