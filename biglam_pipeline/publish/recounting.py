"""A published card after a removal: the same card, with the counts of what is left and a sentence that says so.

The card is not built again: its entry may be broken, gone, or say what was never cleared.
"""

import re
from collections.abc import Callable
from typing import Any

from biglam_pipeline.publish.configs import configs_of
from biglam_pipeline.publish.marks import count
from biglam_pipeline.store.parts import Manifest

_HEADER = re.compile(r"\A---\r?\n.*?\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_BEGIN, _END = "<!-- removal -->", "<!-- end of removal -->"
_SAID = re.compile(rf"{_BEGIN}.*?{_END}\n*", re.DOTALL)


def recount_card(
    card: str,
    manifest: Manifest,
    read_header: Callable[[str], dict[str, Any]],
    header_yaml: Callable[[dict[str, Any]], str],
) -> str | None:
    """card: README.md as it is published; manifest: of what is left.

    Readers of the header would refuse parts with fewer rows than it says, so its numbers are set. Numbers in the text
    are of the release before until the next one; a note in front says that, and how many rows are left.
    None where the header cannot be read: nobody reads a number in it, and the Hub would refuse it.
    """
    found = _HEADER.match(card)
    try:
        fields = read_header(card)
    except ValueError:
        return None
    if found is None or not fields:
        return None
    body = card[found.end() :]
    head = f"---\n{header_yaml(_recounted(fields, manifest)).strip()}\n---\n"
    said = (
        f"{_BEGIN}\n> Taken down on request: {count(manifest.tally.taken_down, 'record')}. Left: "
        f"{count(manifest.tally.published, 'row')}. Other figures on this page were counted before that.\n{_END}"
    )
    return f"{head}\n{said}\n\n{without_note(body).lstrip()}"


def without_note(card: str) -> str:
    """The card without what a removal put in front of it: a card that is built again counts for itself."""
    return _SAID.sub("", card)


def _recounted(fields: dict[str, Any], manifest: Manifest) -> dict[str, Any]:
    """The header with the numbers of what is left; everything else in it as it was."""
    configs = {one.name: one for one in configs_of(manifest.parts)}
    infos = fields.get("dataset_info")
    for info in infos if isinstance(infos, list) else [infos]:
        config = configs.get(str(info.get("config_name", "default"))) if isinstance(info, dict) else None
        if config is None or not isinstance(info, dict):
            continue
        for split in info.get("splits") or []:
            split |= {"num_bytes": config.size, "num_examples": config.rows}
        info |= {"download_size": config.size, "dataset_size": config.size}
    return fields
