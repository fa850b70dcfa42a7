"""What CONTRIBUTING says of a new kind is done, in a copy of the package: one file, one name in a list, one test.

Then everything that goes over the closed lists must hold of it without another edit: the house rules, the generator of
the documentation, the lint, a run to the Hub, and the gate.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from biglam_pipeline_tests.conftest import ROOT
from biglam_pipeline_tests.servers.hub import HubServer
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer, scripted_server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

RECIPE = ROOT / "biglam_pipeline_tests" / "recipe"
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".biglam", ".hypothesis", ".*_cache", "*.pyc.*", "*.egg-info")
"""Bytecode goes along, or the copy compiles everything again; but not what is just being written (`.pyc.NUMBER`)."""

KINDS = {
    # file: (room, closed list, how the list names it, test)
    "next_link.py": (
        "harvest/protocols",
        "harvest/__init__.py",
        (
            "from biglam_pipeline.harvest.protocols.next_link import NextLink",
            "AnyHarvester = Annotated[",
            "NextLink | ",
        ),
        "harvest/protocols/test_next_link.py",
    ),
    "listed_json.py": (
        "normalize/formats",
        "normalize/__init__.py",
        (
            "from biglam_pipeline.normalize.formats.listed_json import ListedJson",
            "AnyReader = Annotated[",
            "ListedJson | ",
        ),
        "normalize/formats/test_listed_json.py",
    ),
    "titles_are_short.py": (
        "checks",
        "checks/__init__.py",
        ("from biglam_pipeline.checks import titles_are_short", "CHECKS = declare(", "titles_are_short, "),
        "checks/test_titles_are_short.py",
    ),
    "shout.py": (
        "normalize/mapping",
        "normalize/mapping/steps.py",
        ("from biglam_pipeline.normalize.mapping.shout import SHOUT", "VERBS: Sequence[Verb] = (", "SHOUT, "),
        "normalize/mapping/test_shout.py",
    ),
}
SPECIMEN = """
from biglam_pipeline_tests.contracts.specimens import Specimen

READ = {"map": {"title": "title"}}
PAGE = b'{"records": [{"id": 1, "title": "A map"}, {"id": 2}]}'
SPECIMEN = Specimen({"p.json": PAGE}, records=2, version=1, digest="33cf35a4d141a2db", block=READ)
"""
OFFER = """
import json

from biglam_pipeline_tests.contracts.offers import Offer
from biglam_pipeline_tests.servers.web import Reply


def offer(server, folder):
    pages = ["/letters", "/letters?page=2", "/letters?page=3"]
    follow = [f"{server.url}{page}" for page in pages[1:]] + [None]
    bodies = [json.dumps({"records": [{"id": at}], "next": one}).encode() for at, one in enumerate(follow)]
    keys = [f"{at:06d}.json" for at in range(3)]

    def find(key):
        server.on(pages[keys.index(key)], Reply(bodies[keys.index(key)]))

    for key in keys:
        find(key)
    lose = lambda key: server.on(pages[keys.index(key)], Reply(status=404))
    return Offer({"url": [f"next+{server.url}/letters"]}, dict(zip(keys, bodies)), lose, find)
"""
FAULT = """
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.checks.test_checks import NAME, column, findings, rewrite


def test_a_long_title_is_found(bench: Bench) -> None:
    bench.build(NAME)
    assert findings(bench)["titles_are_short"].passed
    rewrite(bench, lambda table: column(table, "title", "A long title, " * 9))
    assert "is longer than a line" in findings(bench)["titles_are_short"].summary
"""
STEP = """
from biglam_pipeline.normalize.mapping.steps import read_steps


def test_it_shouts() -> None:
    assert read_steps('shout("!")')[0].run(["a map"], []) == ["A MAP!"]
"""
"""A format brings a specimen, a protocol an offer, a check a fault, a step what it makes of something, or the contracts
are not satisfied."""
BRINGS = {"listed_json.py": SPECIMEN, "next_link.py": OFFER, "titles_are_short.py": FAULT, "shout.py": STEP}

ASKED = [
    "test_house.py",
    "test_docs.py",
    "harvest/test_address.py",
    "normalize/test_shorthand.py",
    "normalize/mapping/test_steps.py",
    "source/test_faults.py",
    "contracts",
    "checks/test_titles_are_short.py",
    "normalize/mapping/test_shout.py",
]
"""All that goes over the closed lists, and is quick."""
SHOWN = {
    "sources.md": ("### next_link", "`next+https://…`", "### listed_json", "`shout(marks)`"),
    "completeness.md": ("`next_link`", "`listed_json`"),
    "architecture.md": ("| `shards` | `titles_are_short` | No title is longer than a line. | no |",),
    "sources.schema.json": ('"NextLink"', '"ListedJson"'),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package with one more kind of each sort."""
    root = tmp_path_factory.mktemp("recipe") / "copy"
    shutil.copytree(ROOT, root, ignore=NOT_COPIED)
    package, tests = root / "biglam_pipeline", root / "biglam_pipeline_tests"
    for file, (room, closed_list, (line, mark, name), test) in KINDS.items():
        shutil.copy(RECIPE / file, package / room / file)
        path = package / closed_list
        text = path.read_text(encoding="utf-8")
        assert text.count(mark) == 1
        first = re.search(r"^from biglam_pipeline", text, re.MULTILINE)
        assert first
        text = text[: first.start()] + line + "\n" + text[first.start() :]
        path.write_text(text.replace(mark, mark + name), encoding="utf-8")
        (tests / test).write_text(f'"""Of `"{Path(file).stem}"`."""\n{BRINGS.get(file, "")}', encoding="utf-8")
    _run(root, "-m", "biglam_pipeline.cli.documentation")
    return root


def _run(
    root: Path, *words: str, folder: Path | None = None, good: bool = True, **settings: str
) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("BIGLAM_", "DAGSTER_HOME"))}
    environment = clean | {"PYTHONPATH": str(root)} | settings
    done = subprocess.run(
        [sys.executable, *words], cwd=folder or root, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) is good, done.stdout + done.stderr
    return done


def test_the_recipe_is_what_contributing_says(copy: Path) -> None:
    """One file and one name: the copy differs from the package by that, and by what is generated."""
    ours, theirs = (
        {
            path.relative_to(root): path.read_bytes()
            for path in root.rglob("*.py")
            if "__pycache__" not in path.parts and path.relative_to(root).parts[0] == "biglam_pipeline"
        }
        for root in (ROOT, copy)
    )
    assert {path.name for path in theirs.keys() - ours.keys()} == KINDS.keys()
    changed = {path.relative_to("biglam_pipeline").as_posix() for path in ours if ours[path] != theirs[path]}
    assert changed == {closed_list for _, closed_list, *_ in KINDS.values()}


def test_everything_over_the_closed_lists_holds(copy: Path) -> None:
    there = [f"biglam_pipeline_tests/{name}" for name in ASKED if (copy / "biglam_pipeline_tests" / name).exists()]
    fast = ("-m", "not slow and not soak", "--hypothesis-profile=fewer")  # as `make test`: all else is of other kinds
    _run(copy, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *fast, *there)


def test_the_documentation_shows_it_by_itself(copy: Path) -> None:
    _run(copy, "-m", "biglam_pipeline.cli.documentation", "--check")
    for page, words in SHOWN.items():
        text = (copy / "docs" / page).read_text(encoding="utf-8")
        assert [word for word in words if word not in text] == []


ENTRIES = """
sources:
  letters:
    title: Letters
    custodian: A library
    harvest: next+{address}/letters
    normalize: {{map: {{title: title >> shout("!")}}}}
    rights: {{license: CC0-1.0, evidence: "https://example.org/rights", checked: 2026-01-31, quote: CC0}}
    expect: {{rows: 3}}
  long_titles:
    title: Long titles
    custodian: A library
    harvest: next+{address}/long
    normalize: {{type: listed_json, map: {{title: title}}}}
    rights: {{license: CC0-1.0, evidence: "https://example.org/rights", checked: 2026-01-31, quote: CC0}}
"""


def _offer(server: ScriptedServer) -> None:
    def page(records: dict[str, str], follow: str = "") -> Reply:
        listed = [{"id": name, "title": title} for name, title in records.items()]
        return Reply(json.dumps({"records": listed, "next": follow or None}).encode())

    server.on("/letters", page({"1": "To Anna", "2": "To Karl"}, f"{server.url}/letters?page=2"))
    server.on("/letters?page=2", page({"3": "To nobody"}))
    server.on("/long", page({"1": "A title that does not end, " * 4}))


def test_a_small_source_runs_through_it_and_meets_the_new_check(copy: Path, tmp_path: Path, hub: HubServer) -> None:
    """The check is required as soon as it is listed: what it finds wrong is not published, by whatever way."""
    with scripted_server() as server:
        _offer(server)
        (tmp_path / "sources.yaml").write_text(ENTRIES.format(address=server.url))
        settings = {"BIGLAM_HUB_ENDPOINT": hub.endpoint, "BIGLAM_HUB_OWNER": "recipe"}
        settings |= {"BIGLAM_ALLOW_PRIVATE_HOSTS": server.url.removeprefix("http://")}
        said = _run(copy, "-m", "biglam_pipeline.cli", "check", folder=tmp_path, **settings).stdout
        assert "ok letters" in said
        run = _run(
            copy, "-m", "biglam_pipeline.cli", "run", "letters", "long_titles", folder=tmp_path, good=False, **settings
        )
    reported = run.stdout + run.stderr
    assert "letters: raw, normalized, shards, hub; 3 rows at" in reported
    assert "titles_are_short" in reported
    assert "is longer than a line" in reported
    [part] = tmp_path.rglob("letters/shards/data/default/part-00000-*[0-9a-f].parquet")
    assert pq.read_table(part)["title"].to_pylist() == ["TO ANNA!", "TO KARL!", "TO NOBODY!"]
    assert not hub.count("POST", "recipe/long_titles/commit")
    assert hub.count("POST", "recipe/letters/commit")
