"""Reads records in which MODS marks what is not to be shared: it is heard for rights, and never published."""

from collections.abc import Callable
from functools import partial
from typing import Any

from lxml import etree

from biglam_pipeline.normalize.cut import Described
from biglam_pipeline.normalize.enveloped import Enveloped
from biglam_pipeline.normalize.rows.rights_of import KEPT, with_statements
from biglam_pipeline.normalize.volatile import take_out_all

Element = etree._Element

_NOT_SHARED = "descendant::*[@shareable='no']"


class Shareable(Enveloped):
    """A vocabulary whose records are MODS, or hold some."""

    def names(self, container: Element) -> bool:
        """What is not shared may be its name."""
        return container.find(".//*[@shareable]") is None and super().names(container)

    def described(self, container: Element, alone: Callable[[], Any], size: int) -> Described:
        """Without what is @shareable="no": the user guide on abstract has it of what "cannot be shared outside the
        institution". It is heard for rights before it goes.
        """
        if not any(one.get("shareable") == "no" for one in container.iterdescendants(etree.Element)):
            return super().described(container, alone, size)
        columns, _ = self.columns_of(container, "")
        said = {name: columns[name] for name in KEPT if columns.get(name)}
        take_out_all(container, _NOT_SHARED)
        found = super().described(container, partial(_shared, alone), size)
        told = "raw_record: what the record marks as not to be shared is left out"
        return found._replace(columns=with_statements(found.columns, said) if said else found.columns, problems=(told,))


def _shared(record: Callable[[], Element | None]) -> Element | None:
    if (found := record()) is not None:
        take_out_all(found, _NOT_SHARED)
    return found
