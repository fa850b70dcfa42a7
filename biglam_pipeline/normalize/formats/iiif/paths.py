"""Where does a value stand in a canvas or a manifest? JMESPath, with what `metadata` says by label under `pairs`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from biglam_pipeline.normalize.mapping.jmes import JmesPath

_PAIR = re.compile(r'pairs\.(?:"((?:[^"\\]|\\.)*)"|([A-Za-z_][A-Za-z0-9_]*))')


@dataclass(frozen=True)
class IiifPath:
    """JMESPath; a field that is reported as read is a key of the resource, or one of its pairs."""

    name = "JMESPath"

    def compile(self, path: str) -> Callable[[Any], list[Any]]:
        """See JmesPath."""
        return JmesPath().compile(path)

    def fields(self, path: str) -> list[str]:
        """The first keys that it reads, and the labels."""
        labels = [f"pairs.{quoted or plain}" for quoted, plain in _PAIR.findall(path)]
        return [*JmesPath().fields(path), *labels]
