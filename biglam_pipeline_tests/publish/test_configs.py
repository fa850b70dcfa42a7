"""Several configs of one source, as readers ask for them by name; and rows that change theirs."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from biglam_pipeline.errors import ConfigError
from biglam_pipeline.publish.configs import configs_of
from biglam_pipeline.records import Part
from biglam_pipeline_tests.bench import Bench

TABLE = """
sources:
  papers:
    title: Papers of three tongues
    custodian: A library
    harvest: file:papers.csv
    normalize: {{modality: text, map: {{id: id, text: text, date: date, languages: language, config: {config}}}}}
    rights: {{license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-01}}
    dedup: {{near: none}}
"""
LANGUAGES = {"en": 20, "de": 12, "fr": 7}
READ = """
import json, sys
from datasets import get_dataset_config_names, load_dataset
repository = sys.argv[1]
found = {}
for name in get_dataset_config_names(repository):
    rows = load_dataset(repository, name, split="train")
    found[name] = sorted(rows["id"])
    stream = load_dataset(repository, name, split="train", streaming=True)
    assert sorted(row["id"] for row in stream) == found[name]
found[""] = sorted(load_dataset(repository, split="train")["id"])
print(json.dumps(found), flush=True)
import os; os._exit(0)
"""


def write(bench: Bench, config: str, **changed: str) -> None:
    """Letters of 1790 to 1828 in three languages; changed: id -> another language."""
    lines = ["id,text,date,language"]
    for language, count in LANGUAGES.items():
        for at in range(count):
            name = f"{language}{at:02d}"
            text = f"a letter about matter number {at} in {language} and what became of it"
            lines.append(f"{name},{text},{1790 + at * 2},{changed.get(name, language)}")
    (bench.folder / "papers.csv").write_text("\n".join(lines))
    bench.write(TABLE.format(config=config))


def configs(bench: Bench) -> dict[str, list[str]]:
    """Config -> identifiers of its rows, from the shelf."""
    source = bench.source("papers")
    shards = bench.run.shards(source)
    manifest = shards.current()
    assert manifest is not None
    found: dict[str, list[str]] = {}
    for part in manifest.parts:
        assert part.path.startswith(f"data/{part.config}/part-")
        found.setdefault(part.config, []).extend(shards.table(part, ["source_record_id"])[0].to_pylist())
    return found


def test_each_language_is_a_config_and_default_is_all_of_them(small: Bench, client: Callable[..., str]) -> None:
    write(small, "$languages")
    release = small.night("papers")
    assert {name: len(ids) for name, ids in configs(small).items()} == LANGUAGES
    read = json.loads(client(small.hub.endpoint, READ, release.repository))
    assert read.keys() == {"", "default", *LANGUAGES}
    assert {name: len(read[name]) for name in LANGUAGES} == LANGUAGES
    assert read[""] == read["default"] == sorted(name for language in LANGUAGES for name in read[language])


def test_decades(small: Bench) -> None:
    write(small, r'"$year_start >> regex(^\\d{3}) >> template({}0s)"')
    small.night("papers")
    found = configs(small)
    assert found.keys() == {"1790s", "1800s", "1810s", "1820s"}
    assert set(found["1790s"]) == {f"{one}{at:02d}" for one in LANGUAGES for at in range(5)}


def test_a_row_that_changes_its_config_moves_and_nothing_else_is_sent(small: Bench) -> None:
    write(small, "$languages")
    small.night("papers")
    before = small.parts("papers")
    write(small, "$languages", de03="fr")
    release = small.night("papers")
    found, after = configs(small), small.parts("papers")
    assert "de03" in found["fr"]
    assert "de03" not in found["de"]
    assert {name: len(ids) for name, ids in found.items()} == {"en": 20, "de": 11, "fr": 8}
    same = {path for path in before.keys() & after.keys() if before[path] == after[path]}
    assert {path for path in before if path.startswith("data/en/")} <= same
    assert Counter(path.split("/")[1] for path in before.keys() - same) == {"de": 1}
    assert release.read_back == ()


def test_a_config_for_each_row_is_refused(small: Bench) -> None:
    lines = ["id,text,date,language", *(f"r{at},a letter of some length about {at},1800,en" for at in range(120))]
    (small.folder / "papers.csv").write_text("\n".join(lines))
    small.write(TABLE.format(config="id"))
    with pytest.raises(ConfigError, match=r"papers: `map.config` makes 120 configs of 120 rows, and 100 is the most"):
        small.build("papers")


def test_default_is_always_all_rows() -> None:
    def part(config: str) -> Part:
        return Part(config, f"data/{config}/part-00000.parquet", "file", 3, 10, "sha", "content")

    assert [(one.name, one.rows) for one in configs_of([part("default")])] == [("default", 3)]
    assert [(one.name, one.rows) for one in configs_of([part("en")])] == [("default", 3), ("en", 3)]
    mixed = configs_of([part("default"), part("x")])
    assert [(one.name, one.pattern, one.rows) for one in mixed] == [
        ("default", "data/*/part-*.parquet", 6),
        ("x", "data/x/part-*.parquet", 3),
    ]
    named = configs_of([part("test"), part("validation")])
    assert [(one.name, one.pattern, one.rows) for one in named] == [
        ("default", "data/*/part-*.parquet", 6),
        ("test", "data/test/part-*.parquet", 3),
        ("validation", "data/validation/part-*.parquet", 3),
    ]


def test_c_is_not_c_plus_plus(small: Bench) -> None:
    """Three values that a slug makes one of are three configs, on the shelf and in the card."""
    rows = ["id,text,date,language"]
    rows += [f"r{at},a program of some length about {at},1990,{('C', 'C++', 'C#')[at % 3]}" for at in range(12)]
    (small.folder / "papers.csv").write_text("\n".join(rows))
    small.write(TABLE.format(config="language").replace("languages: language, ", ""))
    small.night("papers")
    found = configs(small)
    assert {name: len(ids) for name, ids in found.items()} == {"c": 4, "c-04022884": 4, "c-f1deb75f": 4}
    card = small.card("papers")
    assert "| `c-f1deb75f` | C++ | 4 |" in card
    assert "config_name: c-04022884" in card


@pytest.mark.slow  # `test_c_is_not_c_plus_plus` stays
def test_the_remedy_for_a_value_called_default_cures(small: Bench) -> None:
    write(small, "language", de03="default")
    with pytest.raises(ConfigError, match="`default` is the name of all rows") as refused:
        small.build("papers")
    step = str(refused.value).partition("`>> ")[2].partition("`")[0]
    write(small, f'"language >> {step}"', de03="default")
    small.night("papers")
    assert configs(small)["default-rows"] == ["de03"]


@pytest.mark.slow  # shelves of an earlier release
def test_a_published_config_keeps_its_path_when_its_slices_are_read_again(small: Bench) -> None:
    """A shelf of before values were kept: names stood in the slices, and nowhere their values."""
    write(small, "$languages")
    small.night("papers")
    before = small.parts("papers")
    shards = small.run.shards(small.source("papers"))
    manifest = shards.current()
    assert manifest is not None
    assert manifest.configs == {"en": "en", "de": "de", "fr": "fr"}
    shards.point(replace(manifest, configs={}, normalized_digest="of before"))
    small.night("papers")
    assert small.parts("papers") == before
