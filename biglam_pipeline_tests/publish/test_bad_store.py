"""The stores of large files are ill, or refuse us: what hf_xet and the LFS client make of it, and what we do then."""

import json
import time
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from biglam_pipeline_tests.publish.conftest import Sender
from biglam_pipeline_tests.publish.drafts import content_bytes, data_bytes, held, wanted
from biglam_pipeline_tests.publish.faults import Fault, arrange, refusing, status


def lands(sender: Sender, fault: Fault, goes: int = 1) -> dict[str, Any]:
    """Publishes over this fault, and proves that one commit landed. goes: how often the content may go up."""
    draft = sender.draft()
    arrange(sender.server, fault)
    begin = len(sender.server.log)
    reported = sender.publish(draft)
    assert "release" in reported, reported
    there = held(sender.server, draft.repository)
    assert (there.files, there.titles) == (wanted(draft), [draft.message])
    assert data_bytes(sender.server.log[begin:]) <= goes * (1.01 * content_bytes(draft) + 500)
    return reported


REFUSED_SHARD = json.dumps({"type": "error", "message": "The shard is refused: it is early", "retryable": False})


@pytest.mark.parametrize(
    "fault",
    [
        Fault("key_of_the_store_unknown_once", "POST .*/v1/xorbs/", status(401)),
        Fault("key_of_the_store_unknown_at_the_shard", "POST .*/shards", status(401)),
        Fault("shard_refused_once", "POST .*/v2/shards", lambda: Response(REFUSED_SHARD + "\n")),
        Fault("xorb_400_once", "POST .*/v1/xorbs/", status(400)),
        Fault("token_404_once", "GET .*/xet-write-token/", status(404)),
    ],
    ids=lambda fault: fault.name,
)
def test_the_content_store_is_ill_for_a_moment(xet_sender: Sender, fault: Fault) -> None:
    """hf_xet tells it by Python's own ConnectionError or RuntimeError, whose text alone says what was wrong.

    It forgets the blocks of a shard that was not taken, so those go up a second time.
    """
    goes = 2 if "/shards" in fault.at or "/v2/" in fault.at else 1
    assert len(lands(xet_sender, fault, goes)["pauses"]) == 1


def test_the_key_of_the_content_store_runs_out(xet_sender: Sender) -> None:
    """The first key holds for a second only: another one is fetched, and nobody notices."""
    server = xet_sender.server
    asked = server.count("GET", "/xet-write-token/")

    def short_lived() -> Response:
        found = server.app.state.hub
        url, expires = f"{server.endpoint}/cas/{found.state.id}", str(int(time.time()) + 1)
        epoch = found.xorbs.epoch
        url += f"-{epoch}" if epoch else ""
        key = {"casUrl": url, "exp": int(expires), "accessToken": found.sign("cas")}
        named = {"X-Xet-Cas-Url": url, "X-Xet-Access-Token": key["accessToken"], "X-Xet-Token-Expiration": expires}
        return JSONResponse(key, headers=named)

    reported = lands(xet_sender, Fault("", "GET .*/xet-write-token/", short_lived))
    assert reported["pauses"] == []
    assert server.count("GET", "/xet-write-token/") - asked >= 2


@pytest.mark.parametrize(
    ("at", "code", "attempts"),
    [
        ("GET .*/xet-write-token/", 401, 0),
        ("GET .*/xet-write-token/", 403, 0),
        ("POST .*/xorbs/", 403, 0),
        ("POST .*/v1/xorbs/", 401, 2),
    ],
)
def test_the_content_store_refuses_us(xet_sender: Sender, at: str, code: int, attempts: int) -> None:
    refusing(xet_sender.server, at, status(code))
    reported = xet_sender.publish(xet_sender.draft(), token="hf_spent")
    assert (reported["error"], len(reported["pauses"])) == ("SourceChanged", attempts)
    assert ("renew BIGLAM_HUB_TOKEN" if code == 401 else "needs write access") in reported["said"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("address_of_an_upload_ran_out", "PUT /lfs/", status(403), times=2),
        Fault("upload_409_once", "PUT /lfs/", status(409)),
        Fault("batch_409_once", "POST .*/info/lfs/objects/batch", status(409)),
    ],
    ids=lambda fault: fault.name,
)
def test_the_store_of_large_files_is_ill_for_a_moment(lfs_sender: Sender, fault: Fault) -> None:
    assert len(lands(lfs_sender, fault)["pauses"]) in {1, 2}


def test_the_store_of_large_files_refuses_us(lfs_sender: Sender) -> None:
    refusing(lfs_sender.server, "PUT /lfs/", status(403))
    reported = lfs_sender.publish(lfs_sender.draft(), token="hf_spent")
    assert (reported["error"], len(reported["pauses"])) == ("SourceChanged", 2)
