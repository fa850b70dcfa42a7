"""`biglam new`: from an address to an entry that runs, in three requests at most, by the real command."""

import re
from pathlib import Path

import pytest

from biglam_pipeline.source import load_sources
from biglam_pipeline_tests.proposing.conftest import Biglam
from biglam_pipeline_tests.proposing.twins import KINDS
from biglam_pipeline_tests.servers.web import ScriptedServer


@pytest.mark.representative(4)  # proposing/ has tests of each kind; a table, an archive and lists stay
@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_of_each_kind_runs_unedited_to_normalized(
    kind: str, tmp_path: Path, server: ScriptedServer, biglam: Biglam
) -> None:
    """What `--write` appended is harvested and read as it stands; all that then stops it is that nobody has looked."""
    twin = KINDS[kind](server, tmp_path)
    said = biglam("new", twin.address, "--write", rewrite=twin.rewrite)
    assert said.returncode == 0, said.stderr
    assert f"protocol {twin.protocol}, reader {twin.reader}" in said.stderr
    asked = [path for path in server.paths() if not path.endswith("robots.txt")]
    assert len(asked) <= 3 + _redirects(kind), asked
    [source] = load_sources([tmp_path / "sources.yaml"]).strict().sources.values()
    assert source.closed_because[0] == "the entry says verified: false"
    for column in twin.columns:
        assert column in source.normalize[0].map.values or twin.reader == "oai_dc"
    ran = biglam("run", source.name, "--to", "normalized", rewrite=twin.rewrite)
    assert re.search(rf"{source.name}: {twin.rows} rows", ran.stderr), ran.stderr
    assert f"{source.name}: failed after raw, normalized" in ran.stderr, ran.stderr
    assert set(re.findall(r"^ +(\w+\.\w+): ", ran.stderr, re.MULTILINE)) == {"normalized.open_licence"}, ran.stderr


def _redirects(kind: str) -> int:
    """Requests of a page that leads elsewhere: archive.org's files lie on another host."""
    return {"archive_org": 1, "zenodo": 1}.get(kind, 0)


def test_the_walk_of_the_documentation_prints_what_stands_there(tmp_path: Path, biglam: Biglam) -> None:
    """docs/new-sources.md: the table, the command, and the draft."""
    page = (Path(__file__).parents[2] / "docs" / "new-sources.md").read_text()
    shown = re.search(
        r"<!-- new: inventory.csv -->\n```csv\n(.*?)```.*?<!-- new: stdout -->\n```yaml\n(.*?)```", page, re.DOTALL
    )
    assert shown
    (tmp_path / "inventory.csv").write_text(shown[1])
    ended = biglam("new", "inventory.csv")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == shown[2]
