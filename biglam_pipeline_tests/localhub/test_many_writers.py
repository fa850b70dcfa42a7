"""Several processes publish at the same time, as the slices of a run do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import HfApi

from biglam_pipeline_tests.servers.hub import HubServer

WRITE = """
import sys
from pathlib import Path
from huggingface_hub import CommitOperationAdd, HfApi
endpoint, repo, folder = sys.argv[1:]
api = HfApi(endpoint=endpoint, token=False)
api.create_repo(repo, repo_type="dataset")
for at in range(3):
    path = Path(folder) / f"{repo.replace('/', '-')}-{at}.bin"
    path.write_bytes(f"{repo} {at} ".encode() * 30000)
    head = api.repo_info(repo, repo_type="dataset").sha
    operations = [CommitOperationAdd(f"data/{at}.bin", path)]
    api.create_commit(repo, operations, commit_message=str(at), repo_type="dataset", parent_commit=head)
"""


@pytest.mark.slow
def test_six_processes_to_six_repositories(hub: HubServer, api: HfApi, tmp_path: Path) -> None:
    repos = [f"biglam/source-{at}" for at in range(6)]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE, hub.endpoint, repo, str(tmp_path)],
            env=os.environ | {"HF_HOME": str(tmp_path / f"home-{at}")},
        )
        for at, repo in enumerate(repos)
    ]
    assert [writer.wait(100) for writer in writers] == [0] * 6
    for repo in repos:
        assert len(api.list_repo_commits(repo, repo_type="dataset")) == 4
        for at in range(3):
            local = api.hf_hub_download(repo, f"data/{at}.bin", repo_type="dataset", cache_dir=tmp_path / "cache")
            assert Path(local).read_bytes() == f"{repo} {at} ".encode() * 30000
