"""The documentation is fresh, its examples load, its links lead somewhere, and editors can check what people write."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from ruamel.yaml import YAML

from biglam_pipeline.cli import documentation
from biglam_pipeline.environment import MEANINGS
from biglam_pipeline.harvest import AnyHarvester
from biglam_pipeline.harvest.address import BUILT as BUILT_ADDRESSES
from biglam_pipeline.normalize import AnyReader
from biglam_pipeline.normalize.mapping.steps import STEPS
from biglam_pipeline.normalize.ways_out import OWED
from biglam_pipeline.settings import meanings
from biglam_pipeline.source import Source, load_sources
from biglam_pipeline_tests.conftest import ROOT
from biglam_pipeline_tests.test_house import FLOORS, PROGRAMS

DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"])


# --- fresh ---


@cache
def made() -> dict[str, bytes]:
    """File -> what should stand in it; not made where tests are only collected."""
    return {path.name: content for path, content in documentation.contents()}


@pytest.mark.parametrize("name", [documentation.SCHEMA, *documentation.PAGES])
def test_what_is_made_is_fresh(name: str) -> None:
    assert (DOCS / name).read_bytes() == made()[name], "run `python -m biglam_pipeline.cli.documentation` (make docs)"


def test_the_check_says_what_is_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    for page in documentation.PAGES:
        (tmp_path / page).write_bytes((DOCS / page).read_bytes())
    monkeypatch.setattr(documentation, "DOCS", tmp_path)
    assert documentation.main(["--check"]) == 1
    assert capsys.readouterr().out.startswith(
        "sources.schema.json is stale; run python -m biglam_pipeline.cli.documentation"
    )
    assert documentation.main([]) == 0
    assert (tmp_path / "sources.schema.json").read_bytes() == (DOCS / "sources.schema.json").read_bytes()
    assert documentation.main(["--check"]) == 0
    page = tmp_path / "operating.md"
    page.write_text(page.read_text(encoding="utf-8").replace("BIGLAM_STATE", "BIGLAM_STATUS"), encoding="utf-8")
    assert documentation.main(["--check"]) == 1


@pytest.mark.slow  # its `main` is tested above, and CI begins with the command
def test_the_command_runs() -> None:
    done = subprocess.run([sys.executable, "-m", "biglam_pipeline.cli.documentation", "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0


def test_every_region_is_shown_somewhere() -> None:
    shown = {
        name
        for page in documentation.PAGES
        for name in re.findall(r"made by make docs: (.+?) -->", (DOCS / page).read_text())
    }
    assert shown == documentation.REGIONS.keys()


# --- whole ---


def test_every_setting_is_explained() -> None:
    page = (DOCS / "operating.md").read_text(encoding="utf-8")
    for name, (default, meaning) in MEANINGS.items():
        assert f"| `{name}` | {f'`{default}`' if default else ''} | {meaning} |" in page


def test_every_step_address_and_reader_is_named() -> None:
    page = (DOCS / "sources.md").read_text(encoding="utf-8")
    table = page.split("| Step | What it does |")[1].split("\n\n")[0]
    assert re.findall(r"^\| `(\w+)", table, re.MULTILINE) == list(STEPS)
    assert all(f"`{prefix.removesuffix('//')}" in page for prefix in BUILT_ADDRESSES if "http://" not in prefix)
    assert all(f"`{name}`" in page for name in OWED)


def test_every_room_is_in_the_architecture() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    table = page.split("## Floors")[0]
    drawing = re.sub(r"\(.*?\)", "", page.split("## Floors")[1].split("\n\n")[2])
    floors = re.findall(r"[a-z]+", drawing)
    for room in FLOORS.keys() | PROGRAMS:
        assert f"`{room}/`" in table or f"`{room}.py`" in table, room
    order = [floors.index(room) for room in sorted(FLOORS, key=lambda room: -FLOORS[room])]
    heights = [FLOORS[room] for room in floors if room in FLOORS]
    assert len(order) == len(FLOORS)
    assert heights == sorted(heights, reverse=True)


def test_the_files_named_in_the_life_of_a_record_are_there() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8").split("## The life of one record")[1].split("##")[0]
    names = re.findall(r"`([a-z_]+/)?([a-z_]+\.py|[a-z_]+/)`", page)
    assert len(names) > 12
    for folder, name in names:
        assert list((ROOT / "biglam_pipeline").rglob(f"{folder}{name}".rstrip("/"))), folder + name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text):
        assert (page.parent / target).exists(), target


def test_decisions_are_numbered() -> None:
    numbers = [path.name[:4] for path in sorted((DOCS / "decisions").glob("*.md"))]
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]
    for path in (DOCS / "decisions").glob("*.md"):
        assert path.read_text(encoding="utf-8").startswith(f"# {path.name[:4]} ")


# --- examples ---


def examples() -> Iterator[Any]:
    """Every YAML block of the documentation that is a sources file."""
    for page in PAGES:
        for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)):
            if re.search(r"^sources:", block, re.MULTILINE):
                yield pytest.param(block, id=f"{page.stem}-{number}")


@pytest.mark.parametrize("text", list(examples()))
def test_examples_load_and_fit_the_schema(text: str, tmp_path: Path) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text(text, encoding="utf-8")
    sources = load_sources([path]).strict().sources
    assert sources
    assert misfits(read(text)) == []
    lines = [line for line in text.splitlines() if line.startswith("    ")]
    assert len(lines) / len(sources) <= 15


# --- the schema, as an editor uses it ---


def read(text: str) -> Any:
    """The file as an editor sees it, by YAML 1.2: numbers are numbers there, and dates are text."""
    return _without_dates(YAML(typ="safe", pure=True).load(text))


def _without_dates(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_dates(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_dates(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def misfits(value: Any, schema: dict[str, Any] | None = None, place: str = "") -> list[str]:
    """Where a document does not fit: the part of JSON Schema that ours is written in."""
    schema = documentation.file_schema() if schema is None else schema
    unknown = schema.keys() - _WORDS
    assert not unknown, f"{place}: {unknown}"
    if "$ref" in schema:
        return misfits(value, documentation.file_schema()["$defs"][schema["$ref"].removeprefix("#/$defs/")], place)
    if "anyOf" in schema:
        options = [misfits(value, one, place) for one in schema["anyOf"]]
        return [] if not all(options) else min(options, key=lambda found: -max(one.count(".") for one in found))
    kinds = schema.get("type", [])
    if kinds and not any(isinstance(value, _KINDS[kind]) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
        return [f"{place}: {value!r} is not {kinds}"]
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        return [f"{place}: {value} is out of bounds"]
    if value not in schema.get("enum", [value]) or value != schema.get("const", value):
        return [f"{place}: {value!r} is not one of {schema.get('enum', schema.get('const'))}"]
    return [*_in_text(value, schema, place), *_in_list(value, schema, place), *_in_block(value, schema, place)]


_KINDS: dict[str, Any] = {
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
}
_WORDS = {
    *("$schema", "$defs", "$ref", "anyOf", "type", "enum", "const", "pattern", "minLength", "maxLength", "format"),
    *("items", "minItems", "properties", "additionalProperties", "propertyNames", "required"),
    *("title", "description", "default", "minimum", "maximum"),
}


def _in_text(value: Any, schema: dict[str, Any], place: str) -> list[str]:
    if not isinstance(value, str):
        return []
    short = len(value) < schema.get("minLength", 0)
    odd = "pattern" in schema and not re.search(schema["pattern"], value)
    return [f"{place}: {value!r} is not written as it should be"] if short or odd else []


def _in_list(value: Any, schema: dict[str, Any], place: str) -> list[str]:
    if not isinstance(value, list):
        return []
    few = [f"{place}: too few"] if len(value) < schema.get("minItems", 0) else []
    return few + [one for n, item in enumerate(value) for one in misfits(item, schema.get("items", {}), f"{place}.{n}")]


def _in_block(value: Any, schema: dict[str, Any], place: str) -> list[str]:
    if not isinstance(value, dict):
        return []
    found = [f"{place}.{key}: missing" for key in schema.get("required", []) if key not in value]
    more = schema.get("additionalProperties", True)
    for key, one in value.items():
        found += _in_text(key, schema.get("propertyNames", {}), f"{place}.{key}")
        if key in schema.get("properties", {}):
            found += misfits(one, schema["properties"][key], f"{place}.{key}")
        elif more is False:
            found.append(f"{place}.{key}: unknown")
        elif isinstance(more, dict):
            found += misfits(one, more, f"{place}.{key}")
    return found


@pytest.mark.parametrize("path", ["sources.yaml", "biglam_pipeline/demo/sources.yaml"])
def test_the_sources_fit_the_schema(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert misfits(read(text)) == []
    schema = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert schema is not None
    assert (ROOT / path).parent.joinpath(schema[1]).resolve() == DOCS / "sources.schema.json"


def test_the_files_that_are_included_fit_it_too() -> None:
    found = {path.name: misfits(read(path.read_text(encoding="utf-8"))) for path in (ROOT / "sources").glob("*.yaml")}
    assert found
    assert [place for places in found.values() for place in places] == []


WRITTEN = {"title": "T", "custodian": "C", "harvest": "file:x", "rights": "CC0-1.0"}


def written(more: str) -> Any:
    """A sources file of one entry; `more` takes the place of its keys, or is added."""
    return {"sources": {"x": {**WRITTEN, **read(more)}}}


@pytest.mark.parametrize(
    "more",
    [
        "{title: 1824, custodian: 1.10, harvest: https://a.org/x.csv}",
        "{harvest: [https://a.org/x.csv], rights: [CC0-1.0, {license: CC-BY-4.0, covers: text}]}",
        "{harvest: {url: oai+https://a.org, lag_seconds: 5}, rights: {from: x, checked: 2026-01-31}}",
        "{tags: [001, off], languages: no, verified: false, schedule: 30 2 * * 1-5}",
        "{expect: {rows: 20, fill: {title: 0.95..}, rejects: ..0.1}, rights: {license: CC0-1.0, accept: open}}",
        "{normalize: {map: {id: 245, title: [a, {const: 1}], extra: [Medium, 1900]}, files: '*.csv'}}",
        "{normalize: {type: table, header: [id, text], where: [{a: [b, 1]}, {c: 1800..}]}}",
        "{normalize: {map: {extra: {n: {all: [a, b], join: ' '}}}, where: {year: 1800, ok: true}}}",
    ],
)
def test_what_people_write_fits(more: str) -> None:
    assert misfits(written(more)) == []


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ("{titel: x}", "titel"),
        ("{rights: {licence: CC0-1.0}}", "licence"),
        ("{status: activ}", "status"),
        ("{expect: {rows: many}}", "rows"),
        ("{normalize: {map: {titel: x}}}", "titel"),
        ("{normalize: tapes}", "normalize"),
        ("{name: y}", "name"),
        ("{summary: }", "summary"),
        ("{harvest: []}", "harvest"),
    ],
)
def test_what_is_wrong_does_not_fit(more: str, place: str) -> None:
    found = misfits(written(more))
    assert any(place in one for one in found), found


def test_what_is_missing_does_not_fit() -> None:
    assert misfits({"sources": {"x": {"title": "T"}}}) == [
        ".sources.x.custodian: missing",
        ".sources.x.harvest: missing",
        ".sources.x.rights: missing",
    ]
    assert misfits({"sources": {"Letters": WRITTEN}})


def test_every_key_has_a_description() -> None:
    for name, block in documentation.file_schema()["$defs"].items():
        for key, one in block.get("properties", {}).items():
            assert one.get("description"), f"{name}.{key}"
    assert meanings(Source).keys() == Source.model_fields.keys() - {"line", "file"}


def test_the_schema_is_json_that_others_read() -> None:
    held = json.loads((DOCS / "sources.schema.json").read_bytes())
    assert held == documentation.file_schema()
    refs = set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(held)))
    assert refs == held["$defs"].keys()


# --- what stands around the project ---


def test_ci_runs_exactly_what_make_check_runs() -> None:
    flow = read((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    (job,) = flow["jobs"].values()
    assert job["runs-on"].startswith("ubuntu-")
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert commands == ["bash .ci/run"]
    (python,) = [step["with"]["python-version"] for step in job["steps"] if "python-version" in step.get("with", {})]
    assert python == "${{ matrix.python }}"
    known = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert job["strategy"]["matrix"]["python"] == [known[0], known[-1]], "the oldest and the newest"
    assert re.findall(r"python(3\.\d+)", (ROOT / "Makefile").read_text(encoding="utf-8"))[: len(known)] == known
    assert "\tbash .ci/run\n" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_hooks_run_what_is_installed_here() -> None:
    hooks = read((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repository["repo"] for repository in hooks["repos"]] == ["local"]
    for hook in hooks["repos"][0]["hooks"]:
        assert hook["language"] == "system"
        assert hook["entry"].startswith(".venv/bin/")


def test_the_changelog_has_this_version() -> None:
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    assert f"## [{version[1]}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_kind_says_how_it_accounts_for_what_it_reads() -> None:
    """A protocol or format without a second count would be trusted on its own word."""
    page = (DOCS / "completeness.md").read_text(encoding="utf-8")
    for union in (AnyHarvester, AnyReader):
        for kind in get_args(get_args(union)[0]):
            assert all(len(part.split()) > 3 for part in kind.accounts), kind
            assert f"| `{kind.model_fields['type'].default}` | {kind.accounts.counted} |" in page
