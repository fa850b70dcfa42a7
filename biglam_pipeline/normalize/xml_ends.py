"""Where do the records of a dump in XML end? Where its reader's own cutter sees that: `parsing.xml.dumps`."""

import re
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import numpy as np
from lxml import etree

from biglam_pipeline.normalize import stretching
from biglam_pipeline.normalize.oai_records import child_of, container_in
from biglam_pipeline.normalize.stretching import FRAME, RECORDS, Block, NotCut
from biglam_pipeline.parsing.inflate import open_plain
from biglam_pipeline.parsing.xml.cutting import Cut, Layout
from biglam_pipeline.parsing.xml.dumps import Dump, Undivided
from biglam_pipeline.parsing.xml.envelopes import in_oai
from biglam_pipeline.parsing.xml.streaming import Pieces
from biglam_pipeline.records import Item

Element = etree._Element

_HEADER = re.compile(rb"<(?:[\w.-]+:)?record(?:\s[^<>]*)?>\s*<(?:[\w.-]+:)?header[\s>]")


class XmlEnds:
    """See `stretching.Borders`."""

    counts = RECORDS
    first = 0

    def __init__(
        self,
        layout: Layout,
        is_record: Callable[[tuple[str, ...], str], bool],
        media_type: str,
        is_named: Callable[[Cut], bool] = lambda _: True,
    ) -> None:
        """is_record: by the envelopes around a piece and its name; may raise NotCut; is_named: whether a record
        certainly has a name of its own, so that no number is due to it.
        """
        self.head: dict[str, Any] = {"unnamed": False}
        self._layout, self._media_type = layout, media_type
        self._is_record, self._is_named = is_record, is_named

    def blocks(self, stream: BinaryIO) -> Iterator[Block]:
        """See `Borders.blocks`."""
        dump = Dump(self._layout, self._counted, self._media_type)
        try:
            for block, ends in dump.blocks(stream, stretching.SIZES.block):
                yield block, np.array(ends, np.int64)
        except Undivided as why:
            raise NotCut(str(why)) from why
        self.head[FRAME] = tuple(one.decode("utf-8", "surrogateescape") for one in (dump.before, dump.behind))

    def _counted(self, cut: Cut) -> bool:
        found = self._is_record(cut.path, cut.name)
        if found and not self.head["unnamed"]:
            self.head["unnamed"] = not self._is_named(cut)
        return found


def is_named(begins_named: re.Pattern[bytes] | None, cut: Cut) -> bool:
    """Whether a record certainly has a name of its own. One of OAI is called by its header, or is a reject.

    begins_named: matches how such a record begins.
    """
    data = cut.data or b""
    return in_oai(cut.path) or any(one.match(data) for one in (_HEADER, begins_named) if one)


def all_named(
    item: Item,
    layout: Layout,
    is_due: Callable[[tuple[str, ...], str], bool],
    is_container: Callable[[Element], bool],
    names: Callable[[Element], bool],
) -> bool:
    """The same of all records of a stretch, which are parsed for it. names: of the container of one."""
    with open_plain(item) as stream:
        for piece in Pieces(stream, layout, item.media_type, together=True):
            if piece.element is None or in_oai(piece.path) or not is_due(piece.path, piece.name):
                continue
            container = container_in(piece.element, is_container)
            if child_of(piece.element, "header") is None and is_container(container) and not names(container):
                return False
    return True
