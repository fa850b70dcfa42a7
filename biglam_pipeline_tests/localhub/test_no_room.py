"""A full disk is answered 507, whichever way the bytes came, and what was there stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, HfApi, get_session
from huggingface_hub.errors import HfHubHTTPError

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.localhub import state
from biglam_pipeline.publish.hub import Hub
from biglam_pipeline_tests.publish.drafts import a_clearance, a_draft
from biglam_pipeline_tests.servers.hub import HubServer


@pytest.fixture
def full(hub: HubServer, tmp_path: Path) -> Iterator[None]:
    """Every file that the Hub begins from now on lies on a disk without room: the kernel's own, /dev/full."""
    state, number = hub.app.state.hub.state, 0
    real = state.scratch

    def scratch() -> Path:
        nonlocal number
        number += 1
        link = tmp_path / f"full-{number}"
        link.symlink_to("/dev/full")
        return link

    state.scratch = scratch
    yield
    state.scratch = real


@pytest.mark.usefixtures("full")
def test_a_small_file(api: HfApi, hub: HubServer) -> None:
    with pytest.raises(HfHubHTTPError) as refused:
        api.create_repo("biglam/x", repo_type="dataset")
    assert refused.value.response.status_code == 507
    assert str(hub.app.state.hub.state.root) in str(refused.value)


def test_a_commit(api: HfApi, hub: HubServer, request: pytest.FixtureRequest) -> None:
    api.create_repo("biglam/x", repo_type="dataset")
    head = api.dataset_info("biglam/x").sha
    request.getfixturevalue("full")
    with pytest.raises(HfHubHTTPError) as refused:
        api.create_commit("biglam/x", [CommitOperationAdd("a.txt", b"a")], commit_message="a", repo_type="dataset")
    assert refused.value.response.status_code == 507
    assert api.dataset_info("biglam/x").sha == head


@pytest.mark.usefixtures("full")
def test_the_body_of_a_large_file(hub: HubServer) -> None:
    """More than the connection holds: the client writes before it reads, so all of it is taken off the wire."""
    answer = get_session().request("PUT", f"{hub.endpoint}/lfs/objects/{'0' * 64}", content=b"x" * 8_000_000)
    assert answer.status_code == 507


def test_what_will_not_fit_is_refused_before_it_is_sent(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """hf_xet asks a store that answers 507 again for minutes; the sizes are known before."""
    draft = a_draft(tmp_path / "p", "biglam/x")
    publisher = Hub(hub.endpoint, retry_seconds=60)
    monkeypatch.setattr(state, "free_bytes", lambda _: 10_000)
    with pytest.raises(SourceChanged, match=r"the disk of the Hub at .* is full .*make room there, then run again"):
        publisher.commit(draft, a_clearance(draft.digest))
    monkeypatch.undo()
    assert publisher.commit(draft, a_clearance(draft.digest)).files_sent
