"""A digest is of what is written: the language can grow without the world being harvested and read again."""

import pytest
from pydantic import Field

from biglam_pipeline.settings import Settings, written
from biglam_pipeline.source import Source
from biglam_pipeline_tests.source.conftest import One

STAGES = ("raw", "normalized", "shards", "hub")
BLOCKS = {"harvest": "raw", "normalize": "normalized", "dedup": "shards"}


def grown(source: Source, name: str, written: str = "") -> Source:
    """The entry in a later release, whose block of this name knows one more key. written: what somebody wrote there."""
    found = getattr(source, name)
    blocks = found if isinstance(found, tuple) else (found,)
    later = tuple(_longer(block).model_copy(update={"some_new_key": written}) for block in blocks)
    return source.model_copy(update={name: later if isinstance(found, tuple) else later[0]})


def _longer(block: Settings) -> Settings:
    longer = type("Longer", (type(block),), {"__annotations__": {"some_new_key": str}, "some_new_key": ""})
    assert "some_new_key" in longer.model_fields
    values = {key: getattr(block, key) for key in type(block).model_fields} | (block.model_extra or {})
    return longer.model_construct(**values)


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("normalize", ["{READ}", "[{READ}]", "[{READ}, {OTHER}]"])
def test_a_new_optional_key_changes_no_digest(one: One, name: str, normalize: str) -> None:
    read = "{map: {id: a, title: [b, c]}, where: {a: x}}"
    other = "{files: 2.csv, map: {id: a, config: {const: others}}}"
    blocks = normalize.replace("{READ}", read).replace("{OTHER}", other)
    source = one(harvest="https://a.org/{1,2}.csv", normalize=blocks)
    later = grown(source, name)
    assert [later.digest(stage) for stage in STAGES] == [source.digest(stage) for stage in STAGES]
    assert grown(source, name, "now").digest(BLOCKS[name]) != source.digest(BLOCKS[name])


def test_a_list_of_one_read_is_that_read(one: One) -> None:
    read = "{map: {id: a, config: {const: letters}}}"
    assert one(normalize=f"[{read}]").digest("normalized") == one(normalize=read).digest("normalized")


def test_a_default_that_is_written_down_is_no_change(one: One) -> None:
    plain, spelt = one(), one(dedup="{near: flag}", normalize="{type: table, rows: row}", schedule="nightly")
    assert [spelt.digest(stage) for stage in STAGES] == [plain.digest(stage) for stage in STAGES]


@pytest.mark.parametrize(
    ("keys", "stage"),
    [
        ({"harvest": "https://a.org/others.csv"}, "raw"),
        ({"normalize": "oai_dc"}, "normalized"),
        ({"normalize": "{map: {title: a}}"}, "normalized"),
        ({"normalize": "{map: {extra: [a]}}"}, "normalized"),
        ({"dedup": "{near: drop}"}, "shards"),
        ({"rights": "{license: CC0-1.0, accept: pd}"}, "shards"),
        ({"summary": "A summary of the letters."}, "hub"),
    ],
)
def test_what_is_written_changes_it(one: One, keys: dict[str, str], stage: str) -> None:
    assert one(**keys).digest(stage) != one().digest(stage)  # type: ignore[arg-type]


def test_the_order_of_what_is_mapped_counts() -> None:
    """A column may be read from one that is mapped before it, and the source's own columns stand in this order."""

    class Block(Settings):
        b: int = 1
        a: dict[str, str] = Field(default_factory=dict)

    assert written(Block(a={"x": "1", "y": "2"})) != written(Block(a={"y": "2", "x": "1"}))
    assert written(Block(a={"x": "1"})) == '{"a": {"x": "1"}}'
