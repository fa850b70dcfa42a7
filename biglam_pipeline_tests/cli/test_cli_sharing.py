"""`biglam run` meets what people wrote on the Hub; `biglam card` brings it to git, `biglam undo` gives edits up."""

import subprocess
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from huggingface_hub import HfApi, hf_hub_download

from biglam_pipeline_tests.command import Command
from biglam_pipeline_tests.servers.hub import HubServer

ENTRY = """
sources:
  parish:
    title: Parish register
    custodian: Ashby Record Office
    harvest: file:parish.csv
    normalize: {type: table, map: {id: entry, title: name, text: note}}
    rights: {license: CC0-1.0, evidence: https://example.org/r, checked: 2026-01-31}
    languages: [en]
"""
ISSUES = "## Known issues\n\nThe second register was bound upside down.\n"


class Desk:
    """The command in a folder with one entry, and the Hub as people see it."""

    def __init__(self, folder: Path, command: Command, hub: HubServer) -> None:
        self.folder, self.command = folder, command
        self.owner = f"cs{folder.name}"[:40].replace("_", "-").strip("-")
        self.repository = f"{self.owner}/parish"
        self.endpoint = hub.endpoint
        self.api = HfApi(endpoint=hub.endpoint, token=False)
        (folder / "parish.csv").write_text("entry,name,note\n" + "".join(f"{n},Name {n},note {n}\n" for n in range(9)))
        (folder / "sources.yaml").write_text(ENTRY)

    def __call__(self, *words: str, answer: str = "") -> subprocess.CompletedProcess[str]:
        """Runs it."""
        settings = {"BIGLAM_HUB_ENDPOINT": self.endpoint, "BIGLAM_HUB_OWNER": self.owner}
        return self.command(*words, folder=self.folder, settings=settings, answer=answer)

    def read(self, path: str) -> Path:
        """A file of `main`."""
        return Path(
            hf_hub_download(
                self.repository,
                path,
                repo_type="dataset",
                endpoint=self.endpoint,
                token=False,
                force_download=True,
                cache_dir=self.folder / "cache",
            )
        )

    def write(self, path: str, data: bytes) -> None:
        """One commit by somebody."""
        self.api.upload_file(
            path_or_fileobj=data,
            path_in_repo=path,
            repo_id=self.repository,
            repo_type="dataset",
            commit_message="By hand",
        )


@pytest.fixture
def desk(tmp_path: Path, command: Command, hub: HubServer) -> Desk:
    """Published once."""
    desk = Desk(tmp_path, command, hub)
    assert desk("run", "parish").returncode == 0
    return desk


@pytest.mark.slow
def test_a_paragraph_on_the_card_stays_and_comes_to_git(desk: Desk) -> None:
    desk.write("README.md", desk.read("README.md").read_bytes() + f"\n{ISSUES}".encode())
    again = desk("run", "parish")
    assert again.returncode == 0, again.stderr
    assert "kept on the card, as people wrote it" in again.stderr
    refs = desk.api.list_repo_refs(desk.repository, repo_type="dataset")
    assert len(refs.tags) == 1
    titles = [one.title for one in desk.api.list_repo_commits(desk.repository, repo_type="dataset")]
    assert titles[0] == "By hand"
    printed = desk("card", "parish").stdout
    assert ISSUES in printed
    (desk.folder / "cards").mkdir()
    (desk.folder / "cards" / "parish.md").write_text(printed.replace("second", "third"))
    assert desk("run", "parish").returncode == 0
    assert "The third register" in desk.read("README.md").read_text()


@pytest.mark.slow
def test_edits_of_data_stop_a_run_until_they_are_given_up(desk: Desk) -> None:
    nothing = desk("undo", "parish")
    assert "nobody edited its data by hand; nothing was done" in nothing.stdout
    path = "data/default/part-00000.parquet"
    table = pq.read_table(desk.read(path))
    titles = pa.array(["Corrected", *table["title"].to_pylist()[1:]])
    edited = table.set_column(table.schema.get_field_index("title"), table.schema.field("title"), titles)
    sink = pa.BufferOutputStream()
    pq.write_table(edited, sink)
    desk.write(path, bytes(sink.getvalue()))
    stopped = desk("run", "parish")
    assert stopped.returncode == 1
    assert "parish:0: `title` was 'Name 0', is 'Corrected'" in stopped.stderr
    assert desk("undo", "parish", answer="n\n").returncode == 1
    assert desk("run", "parish").returncode == 1
    agreed = desk("undo", "parish", "--yes")
    assert "'Corrected'" in agreed.stdout
    assert desk("run", "parish").returncode == 0
    assert pq.read_table(desk.read(path))["title"].to_pylist()[0] == "Name 0"
