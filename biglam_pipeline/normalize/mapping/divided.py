"""How does the source divide its rows for training? The value of `map: {split: ...}`, in the words of the Hub.

https://huggingface.co/docs/datasets/repository_structure: what the library itself takes for one of its three splits.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from biglam_pipeline.normalize.mapping.paths import PathLanguage, RecordContext
from biglam_pipeline.normalize.mapping.values import FromPath, Value, read_value
from biglam_pipeline.normalize.mapping.verb import Kind, Reasons, as_text

SPLIT = "split"
WORDS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev", "development"), "validation"),
    **dict.fromkeys(("test", "testing", "eval", "evaluation"), "test"),
}
"""Word of a source, in small letters -> of the Hub."""


@dataclass(frozen=True, slots=True)
class Divided(Value):
    """A VALUE whose words for a split are the Hub's; what names none of the three stays, as `unassigned` does."""

    value: Value

    @property
    def kind(self) -> Kind:
        return "text"

    def read(self, context: RecordContext, reasons: Reasons) -> list[Any]:
        found = (as_text(one).strip() for one in self.value.read(context, reasons))
        return [WORDS.get(one.casefold(), one) for one in found if one]

    def speaking(self, language: PathLanguage) -> Value:
        return Divided(self.value.speaking(language))

    def paths(self) -> Iterator[FromPath]:
        yield from self.value.paths()

    def missing(self, names: Collection[str]) -> list[str]:
        return self.value.missing(names)

    def written(self) -> Any:
        return {SPLIT: self.value.written()}


def with_split(raw: dict[str, Any]) -> dict[str, Any]:
    """The block with `split` among the source's own columns, where all that reads rows finds it. ValueError says why
    it cannot be there.
    """
    own = raw.get("extra") or {}
    own = {str(name): name for name in own} if isinstance(own, list) else own
    if not isinstance(own, dict):
        return raw
    if SPLIT in own:
        raise ValueError("`split` is mapped, and is a column of your own as well; write it once, outside `extra`")
    split = Divided(read_value(raw[SPLIT]))
    return {**{name: one for name, one in raw.items() if name != SPLIT}, "extra": {**own, SPLIT: split}}
