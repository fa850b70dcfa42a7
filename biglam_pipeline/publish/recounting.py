"""A published card after a removal: the same card, with the counts of what is left and a sentence that says so.

The card is not built again: its entry may be broken, gone, or say what was never cleared.
"""

import re
from typing import Any

from biglam_pipeline.publish.card_header import join_card, put_field, read_fields, split_card
from biglam_pipeline.publish.card_laying import read_text
from biglam_pipeline.publish.configs import configs_of
from biglam_pipeline.publish.marks import count
from biglam_pipeline.store.parts import Manifest

_BEGIN, _END = "<!-- removal -->", "<!-- end of removal -->"
_SAID = re.compile(
    rf"^(?:{_BEGIN}\n|> Taken down on request: .* Other figures on this page were counted before that\.\n|{_END}\n*)",
    re.MULTILINE,
)
"""Line by line: what somebody wrote between the two marks is theirs."""


def recount_card(card: bytes, manifest: Manifest) -> bytes | None:
    """card: README.md as it is published; manifest: of what is left.

    Readers of the header would refuse parts with fewer rows than it says, so its numbers are set. Numbers in the text
    are of the release before until the next one; a note in front says that, and how many rows are left.
    None where the header cannot be read: nobody reads a number in it, and the Hub would refuse it.
    """
    header, body = split_card(_STRAY.sub(_western, read_text(card, errors="surrogateescape")))
    try:
        fields = read_fields(header)
        if not fields:
            return None
        head = put_field(header, "dataset_info", _recounted(fields, manifest).get("dataset_info"))
    except ValueError:
        return None
    said = (
        f"{_BEGIN}\n> Taken down on request: {count(manifest.tally.taken_down, 'record')}. Left: "
        f"{count(manifest.tally.published, 'row')}. Other figures on this page were counted before that.\n{_END}"
    )
    return join_card(head, f"{said}\n\n{without_note(body).lstrip()}").encode()


_STRAY = re.compile("[\udc80-\udcff]")
"""A byte that is not UTF-8, as `surrogateescape` shows it (PEP 383)."""


def _western(stray: re.Match[str]) -> str:
    """As Windows-1252 has it, by far the commonest of what is taken for UTF-8: the Hub's client sends UTF-8 alone."""
    byte = bytes([ord(stray[0]) - 0xDC00])
    return byte.decode("cp1252", "ignore") or byte.decode("latin-1")


def without_note(card: str) -> str:
    """The card without what a removal put in front of it: a card that is built again counts for itself."""
    return _SAID.sub("", card)


def _recounted(fields: dict[str, Any], manifest: Manifest) -> dict[str, Any]:
    """The header with the numbers of what is left; everything else in it as it was."""
    configs = {one.name: one for one in configs_of(manifest.parts, manifest.sections)}
    infos = fields.get("dataset_info")
    for info in infos if isinstance(infos, list) else [infos]:
        config = configs.get(str(info.get("config_name", "default"))) if isinstance(info, dict) else None
        if config is None or not isinstance(info, dict):
            continue
        for split in info.get("splits") or []:
            split |= {"num_bytes": config.size, "num_examples": config.rows}
        info |= {"download_size": config.size, "dataset_size": config.size}
    return fields
