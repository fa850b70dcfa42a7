"""Who may write, and who may read: asked before the work, and set as a step of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from biglam_pipeline.errors import RightsWithheld, SourceChanged
from biglam_pipeline.publish.hub import Hub, line
from biglam_pipeline_tests.publish.drafts import a_clearance, a_draft, a_name
from biglam_pipeline_tests.servers.hub import HubServer

TOKEN = "hf_test_of_writing"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubServer]:
    """A Hub that asks for a token."""
    with HubServer(tmp_path_factory.mktemp("guarded"), auth=TOKEN) as server:
        yield server


@pytest.fixture
def repository(guarded: HubServer, tmp_path: Path) -> Iterator[str]:
    """One that is there, private as each is at first."""
    draft = a_draft(tmp_path, a_name())
    Hub(guarded.endpoint, TOKEN, sleep=lambda _: None).commit(draft, a_clearance(draft.digest))
    yield draft.repository
    guarded.fault = None


def test_the_token_may_write(guarded: HubServer, repository: str) -> None:
    before = len(guarded.log)
    Hub(guarded.endpoint, TOKEN).may_write(repository)
    assert [path.rpartition("/api")[2] for _, path, _, _ in guarded.log[before:]] == [
        f"/datasets/{repository}/auth-check/write"
    ]


@pytest.mark.parametrize(
    ("token", "remedy"), [("hf_spent", "renew BIGLAM_HUB_TOKEN"), ("", "BIGLAM_HUB_TOKEN needs write")]
)
def test_the_token_may_not_write(guarded: HubServer, repository: str, token: str, remedy: str) -> None:
    with pytest.raises(SourceChanged, match=remedy):
        Hub(guarded.endpoint, token).may_write(repository)


def test_a_token_that_only_reads(guarded: HubServer, repository: str) -> None:
    guarded.fault = lambda request, _: JSONResponse({}, 403) if "auth-check" in request.url.path else None
    with pytest.raises(SourceChanged, match=r"refuses to let us write.*BIGLAM_HUB_TOKEN needs write access"):
        Hub(guarded.endpoint, TOKEN).may_write(repository)


def test_a_hub_on_this_machine_makes_every_repository(guarded: HubServer, hub: HubServer) -> None:
    for server, token in ((guarded, TOKEN), (hub, "")):
        before, name = len(server.log), a_name()
        Hub(server.endpoint, token).may_write(name)
        asked = [(path.rpartition("/api")[2], status) for _, path, _, status in server.log[before:]]
        assert asked == [(f"/datasets/{name}/auth-check/write", 404)], "it is not there, and nobody asks whose it is"


def test_nothing_is_asked_where_nothing_may_be_published(
    guarded: HubServer, repository: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Hub on another machine, without a token, leave to publish or https: not one request goes there."""
    before = len(guarded.log)
    with monkeypatch.context() as patched:
        patched.setattr(line, "is_loopback", lambda _: False)
        Hub(guarded.endpoint, publish=True).may_write(repository)
        Hub(guarded.endpoint, TOKEN).may_write(repository)
        Hub(guarded.endpoint, TOKEN, publish=True).may_write(repository)
    assert guarded.log[before:] == []
    Hub(guarded.endpoint, TOKEN, publish=True).may_write(repository)
    assert len(guarded.log) == before + 1


@pytest.fixture
def elsewhere(guarded: HubServer) -> Hub:
    """The Hub as if it stood on another machine, where repositories have owners."""

    def who(request: Request, stage: str) -> Response | None:
        if stage == "before" and request.url.path == "/api/whoami-v2":
            return JSONResponse({"name": "jo", "type": "user", "orgs": [{"name": "biglam"}, {"name": "library"}]})
        return None

    guarded.fault = who
    hub = Hub(guarded.endpoint, TOKEN, publish=True)
    hub._line.loopback = False  # only https leads there, and this server speaks none
    return hub


@pytest.mark.parametrize("owner", ["jo", "biglam", "library"])
def test_a_new_repository_of_ones_own(guarded: HubServer, elsewhere: Hub, owner: str) -> None:
    before, name = len(guarded.log), a_name(owner)
    elsewhere.may_write(name)
    asked = [path.rpartition("/api")[2] for _, path, _, _ in guarded.log[before:]]
    assert asked[0] == f"/datasets/{name}/auth-check/write"
    assert set(asked[1:]) <= {"/whoami-v2"}, "it is not there: then whose the token is decides"


def test_a_new_repository_of_somebody_else(repository: str, elsewhere: Hub) -> None:
    elsewhere.may_write(repository)
    with pytest.raises(SourceChanged, match="is of jo, who is not in the organisation other; set BIGLAM_HUB_OWNER"):
        elsewhere.may_write(a_name("other"))


# --- who may read ---


def test_a_repository_is_private_until_it_is_cleared(guarded: HubServer, repository: str) -> None:
    hub = Hub(guarded.endpoint, TOKEN, sleep=lambda _: None)
    assert hub.visibility(repository) == "private"
    assert Hub(guarded.endpoint).head(repository) is None
    with pytest.raises(RightsWithheld, match="with a clearance only"):
        hub.set_visibility(repository, "public")
    with pytest.raises(RightsWithheld):
        hub.set_visibility(repository, "public", "cleared")  # type: ignore[arg-type]
    assert hub.visibility(repository) == "private"
    hub.set_visibility(repository, "public", a_clearance("digest"))
    assert hub.visibility(repository) == "public"
    assert Hub(guarded.endpoint).head(repository) is not None
    hub.set_visibility(repository, "private")
    assert hub.visibility(repository) == "private"


def test_a_setting_that_is_lost_is_set_again(guarded: HubServer, repository: str) -> None:
    left = 2

    def fault(request: Request, stage: str) -> Response | None:
        nonlocal left
        if request.url.path.endswith("/settings") and left and stage == "after":
            left -= 1
            return JSONResponse({}, 500)
        return None

    guarded.fault = fault
    hub = Hub(guarded.endpoint, TOKEN, sleep=lambda _: None)
    hub.set_visibility(repository, "public", a_clearance("digest"))
    assert hub.visibility(repository) == "public"
