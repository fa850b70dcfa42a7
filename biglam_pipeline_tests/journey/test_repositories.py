"""From a git repository and from a dataset of the Hub to what is laid, by the real command, on two nights."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from biglam_pipeline_tests.command import Command
from biglam_pipeline_tests.servers.datasets import Dataset
from biglam_pipeline_tests.servers.forge import Forge, pointer
from biglam_pipeline_tests.servers.hub import HubServer
from biglam_pipeline_tests.servers.web import scripted_server

ENTRY = """
  {name}:
    title: Prints
    custodian: A library
    harvest: {harvest}
    normalize: {{type: table, map: {{title: title}}}}
    rights: {{license: CC0-1.0, evidence: "https://example.org/rights", checked: 2026-11-20, quote: CC0}}
    languages: [en]
"""


def table(*titles: str) -> bytes:
    return "".join(["title\n", *(f"{title}\n" for title in titles)]).encode()


def laid(folder: Path, name: str) -> dict[str, str]:
    """Title -> identifier."""
    parts = sorted((folder / "state").rglob(f"{name}/shards/**/*.parquet"))
    rows = [row for part in parts for row in pq.read_table(part).to_pylist() if "title" in row]
    return {row["title"]: row["id"] for row in rows}


@pytest.mark.slow
def test_rows_of_repositories_keep_their_identifiers_from_commit_to_commit(
    tmp_path: Path, command: Command, hub: HubServer
) -> None:
    with scripted_server() as server:
        forge, dataset = Forge(server, tmp_path / "repository"), Dataset(server, large=("b.csv",))
        forge.lfs["data/b.csv"] = table("Three", "Four")
        forge.commit({"data/a.csv": table("One", "Two"), "data/b.csv": pointer(table("Three", "Four"))})
        dataset.commit({"data/a.csv": table("One", "Two"), "data/b.csv": table("Three", "Four")})
        entries = {"prints_git": "github:library/prints#data/*.csv", "prints_hub": "hf:biglam/prints#*.csv"}
        text = "".join(ENTRY.format(name=name, harvest=harvest) for name, harvest in entries.items())
        (tmp_path / "sources.yaml").write_text(f"sources:{text}")
        settings = {
            "BIGLAM_HUB_ENDPOINT": hub.endpoint,
            "BIGLAM_HUB_OWNER": "repositories",
            "BIGLAM_STATE": str(tmp_path / "state"),
            "BIGLAM_REWRITE": " ".join(f"{host}={here}" for host, here in {**forge.rewrite, **dataset.rewrite}.items()),
            "BIGLAM_ALLOW_PRIVATE_HOSTS": "1",
        }

        def run() -> dict[str, dict[str, str]]:
            said = command("run", *entries, folder=tmp_path, settings=settings)
            assert said.returncode == 0, said.stdout + said.stderr
            return {name: laid(tmp_path, name) for name in entries}

        first = run()
        assert all(sorted(rows) == ["Four", "One", "Three", "Two"] for rows in first.values())
        forge.commit({"data/a.csv": table("One", "Two", "Five"), "README.md": b"# Prints\n"})
        dataset.commit({"data/a.csv": table("One", "Two", "Five")})
        second = run()
        for name in entries:
            assert sorted(second[name]) == ["Five", "Four", "One", "Three", "Two"]
            assert first[name].items() <= second[name].items()
        asked = len(server.asked)
        assert run() == second
        assert len(server.asked) - asked == 2
        wrong = f"sources:{ENTRY.format(name='page', harvest='https://github.com/library/prints/tree/main/data')}"
        (tmp_path / "sources.yaml").write_text(wrong)
        said = command("check", folder=tmp_path, settings=settings)
        assert said.returncode == 1
        assert "write github:library/prints@main#data/**" in " ".join(said.stdout.split())
