"""What the Hub's own client uploads is what `hf:` brings, from a Hub that this client and `datasets` talk to."""

from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, HfApi

from biglam_pipeline.harvest.protocols.hub import Hub
from biglam_pipeline.localhub import listing
from biglam_pipeline.web import Web
from biglam_pipeline_tests.harvest.conftest import Shelf
from biglam_pipeline_tests.servers.hub import HubServer


def test_what_the_client_uploads_is_what_comes(tmp_path: Path, hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of three pages; small files by git's digest, a Parquet file by its sha256."""
    monkeypatch.setattr(listing, "TREE_PAGE", 20)
    api, name = HfApi(endpoint=hub.endpoint, token=False), "harvested/prints"
    files = {f"p/{number:04d}.txt": b"%d" % number for number in range(50)}
    files |= {"data/part.parquet": b"PAR1" + bytes(range(256)) * 64, "資料 1.csv": b"a,b\n1,2\n"}
    api.create_repo(name, repo_type="dataset", exist_ok=True)
    operations = [CommitOperationAdd(path, content) for path, content in files.items()]
    commit = api.create_commit(name, operations, commit_message="x", repo_type="dataset").oid
    rewrite, locks = {"https://huggingface.co": hub.endpoint}, tmp_path / "locks"
    with Web(contact="a@example.org", rewrite=rewrite, allow_private=True, locks=locks) as web:
        shelf = Shelf(web, tmp_path, tmp_path / "scratch")
        source = Hub(url=f"hf:{name}#{{p/004*.txt,data/*,資料 1.csv}}")
        outcome = shelf.visit(source)
        wanted = {path: content for path, content in files.items() if not path.startswith("p/") or path > "p/004"}
        assert {one.key: one.content for one in outcome.objects} == wanted
        assert outcome.evidence.complete
        assert all(commit in one.url for one in outcome.objects)
        before = len(hub.log)
        assert sorted(shelf.visit(source).kept) == sorted(wanted)
        assert [path for _, path, _, _ in hub.log[before:]] == [f"/api/datasets/{name}/revision/main"]
