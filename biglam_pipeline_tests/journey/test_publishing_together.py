"""Several processes publish at once: everything lands, and nothing of anybody is lost."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from biglam_pipeline.demo.server import Running
from biglam_pipeline.publish.draft import Draft
from biglam_pipeline_tests.journey.killing import NIGHT, owner_name
from biglam_pipeline_tests.publish.drafts import a_draft, a_name, content_bytes, data_bytes, held, wanted, written
from biglam_pipeline_tests.publish.publisher import Publisher, open_publisher
from biglam_pipeline_tests.servers.hub import HubServer

ROWS = 30
SOURCES = """
  {name}:
    title: Index cards {name}
    custodian: Aldermere Free Library
    harvest: file:{name}
    normalize: {{type: table, modality: metadata, map: {{id: no, title: title}}}}
    rights: {{license: CC0-1.0, evidence: https://institution.example/rights, checked: 2026-11-20}}
"""


@pytest.fixture(scope="module")
def publisher() -> Iterator[Publisher]:
    with open_publisher(xet=True) as opened:
        yield opened


def nobody(_: list[int]) -> None:
    """Nothing is done to the processes."""


def together(hub: HubServer, publisher: Publisher, drafts: list[Draft], batch: int = 500) -> list[dict[str, Any]]:
    """The releases, in the order of the drafts."""
    orders = [{"endpoint": hub.endpoint, "draft": written(draft), "batch": batch, "waits": 0.3} for draft in drafts]
    ended = publisher.fork(orders, nobody)
    assert [one for one in ended if "release" not in one] == []
    return [one["release"] for one in ended]


@pytest.mark.slow
def test_six_sources_at_once(hub: HubServer, institution: Running, publisher: Publisher, tmp_path: Path) -> None:
    """Six whole runs on one home, to one Hub."""
    names, owner = [f"cards_{letter}" for letter in "abcdef"], owner_name()
    for name in names:
        (tmp_path / name).mkdir()
        rows = "".join(f"{name}{at},title {at} of {name}\n" for at in range(ROWS))
        (tmp_path / name / "cards.csv").write_text("no,title\n" + rows)
    sources = tmp_path / "sources.yaml"
    sources.write_text("sources:" + "".join(SOURCES.format(name=name) for name in names))
    environment = {
        "BIGLAM_STATE": str(tmp_path / "state"),
        "BIGLAM_HUB_ENDPOINT": hub.endpoint,
        "BIGLAM_HUB_OWNER": owner,
        "BIGLAM_REWRITE": institution.rewrite,
        "BIGLAM_ALLOW_PRIVATE_HOSTS": "1",
    }
    orders = [
        {"night": {"environment": environment, "sources": str(sources), "source": name, "now": NIGHT}} for name in names
    ]
    ended = publisher.fork(orders, nobody)
    assert [one for one in ended if "writes" not in one] == []
    for name in names:
        there = held(hub, f"{owner}/{name}")
        assert len(there.titles) == 1
        assert f"{ROWS} rows" in there.titles[0]
        assert there.tags == {"v2026.01.02": there.head}
        assert {path for path in there.files if path.startswith("data/")}


def test_two_releases_of_one_repository_at_once(hub: HubServer, publisher: Publisher, tmp_path: Path) -> None:
    """Each was whole in its own commit, one after the other; each has a tag of its own."""
    repository = a_name("together")
    drafts = [a_draft(tmp_path, repository, parts=parts) for parts in (2, 3)]
    releases = together(hub, publisher, drafts)
    there = held(hub, repository)
    assert sorted(there.titles) == sorted(draft.message for draft in drafts)
    assert {release["tag"] for release in releases} == {"v2026.01.02", "v2026.01.02.1"}
    assert there.tags == {release["tag"]: release["commit"] for release in releases}
    last = next(at for at, release in enumerate(releases) if release["commit"] == there.head)
    assert there.files == wanted(drafts[last])
    assert wanted(drafts[1 - last]) == at_commit(hub, repository, releases[1 - last]["commit"])


def at_commit(hub: HubServer, repository: str, commit: str) -> dict[str, str]:
    """As `held` tells the files, of an older commit."""
    state = hub.app.state.hub
    found = state.repositories.get(repository)
    tree = state.repositories.tree(found, commit)
    return {path: entry.sha256 if entry.lfs else entry.oid for path, entry in tree.items() if path != ".gitattributes"}


@pytest.mark.representative(1)  # by the other way up
@pytest.mark.parametrize("batch", [500, 2])
def test_one_release_by_two_processes_at_once(hub: HubServer, publisher: Publisher, tmp_path: Path, batch: int) -> None:
    """As where a run was started twice: one commit or one merge, one tag, and both know it."""
    draft = a_draft(tmp_path, a_name("together"), parts=4, size=5_000)
    releases = together(hub, publisher, [draft, draft], batch)
    there = held(hub, draft.repository)
    assert there.files == wanted(draft)
    assert len(there.titles) == 1, there.titles
    assert there.tags == {draft.tag: there.head}
    assert there.open_pulls == 0
    assert {(release["commit"], release["tag"]) for release in releases} == {(there.head, draft.tag)}


@pytest.mark.slow
def test_six_releases_of_one_repository_at_once(hub: HubServer, publisher: Publisher, tmp_path: Path) -> None:
    """Six attempts are enough for six at once, and no content goes twice."""
    repository, begin = a_name("together"), len(hub.log)
    drafts = [a_draft(tmp_path, repository, parts=1) for _ in range(6)]
    releases = together(hub, publisher, drafts)
    there = held(hub, repository)
    assert len(there.titles) == 6
    assert there.tags == {release["tag"]: release["commit"] for release in releases}
    assert len(there.tags) == 6
    for draft, release in zip(drafts, releases, strict=True):
        assert at_commit(hub, repository, release["commit"]) == wanted(draft)
    assert data_bytes(hub.log[begin:]) <= 1.02 * sum(map(content_bytes, drafts)) + 3_000
