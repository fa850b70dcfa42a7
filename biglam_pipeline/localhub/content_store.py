"""The HTTP content store that hf_xet uploads chunks to and downloads them from.

Protocol: https://huggingface.co/docs/xet/en/api
"""

import json
import time
from typing import Any

from starlette.responses import JSONResponse, Response, StreamingResponse

from biglam_pipeline.localhub.contents import term_rows
from biglam_pipeline.localhub.exchange import Call, Endpoint, Refusal, parse_range
from biglam_pipeline.localhub.hub import Hub
from biglam_pipeline.localhub.shards import parse_shard
from biglam_pipeline.localhub.state import read_file
from biglam_pipeline.localhub.xorbs import Damaged

TOKEN_SECONDS = 12 * 3600


def give_token(hub: Hub, call: Call) -> Response:
    """Where the content store is, and the key to it."""
    hub.repository(call)
    # The state's own id stands in the address: the client's chunk cache goes by address, so a Hub begun again
    # is never told of chunks that only its predecessor had; the epoch does the same after chunks were removed.
    epoch = hub.xorbs.epoch
    address = f"{call.base}/cas/{hub.state.id}" + (f"-{epoch}" if epoch else "")
    expires = int(time.time()) + TOKEN_SECONDS
    token = hub.sign("cas")
    headers = {
        "X-Xet-Cas-Url": address,
        "X-Xet-Access-Token": token,
        "X-Xet-Token-Expiration": str(expires),
    }
    return JSONResponse({"casUrl": address, "exp": expires, "accessToken": token}, headers=headers)


def put_xorb(hub: Hub, call: Call) -> Response:
    """Keep one xorb."""
    _enter(hub, call)
    try:
        return JSONResponse({"was_inserted": hub.xorbs.put(call.at["xorb"], call.body)})
    except Damaged as error:
        raise Refusal(400, f"The xorb is refused: {error}") from error


def put_shard(hub: Hub, call: Call) -> Response:
    """Register the files of a shard; the second version of the call answers with a line for each event."""
    _enter(hub, call)
    lines = call.at["version"] == "v2"
    try:
        for file in parse_shard(call.body):
            hub.contents.register(file)
    except Damaged as error:
        if not lines:
            raise Refusal(400, f"The shard is refused: {error}") from error
        event = {"type": "error", "message": f"The shard is refused: {error}", "retryable": False}
        return Response(json.dumps(event) + "\n", media_type="application/x-ndjson")
    if lines:
        return Response('{"type":"result"}\n', media_type="application/x-ndjson")
    return JSONResponse({"result": 1})


def no_such(hub: Hub, call: Call) -> Response:
    """A 404 that the client expects: no deduplication across clients, no grants."""
    _enter(hub, call)
    raise Refusal(404, "Not found")


def swallow(hub: Hub, call: Call) -> Response:
    """Telemetry, thrown away."""
    _enter(hub, call)
    return JSONResponse({})


def reconstruct(hub: Hub, call: Call) -> Response:
    """Of which xorb ranges a file, or a range of it, consists."""
    _enter(hub, call)
    file = hub.contents.get(call.at["file"])
    if file is None:
        raise Refusal(404, f"No file {call.at['file']}")
    start, end = parse_range(call.headers.get("range"), file.size) or (0, file.size)
    terms, skip = hub.contents.cut(file, start, end)
    answer: dict[str, Any] = {"offset_into_first_range": skip, "terms": term_rows(terms)}
    first_version = call.at["version"] == "v1"
    fetches: dict[str, list[dict[str, Any]]] = {}
    for xorb, ranges in hub.contents.fetches(terms).items():
        url = f"{call.base}/cas/{hub.state.id}/xorbs/{xorb}?signature={hub.sign(xorb)}"
        rows = fetches.setdefault(xorb, [])
        for first, last, first_byte, last_byte in ranges:
            chunks, span = {"start": first, "end": last}, {"start": first_byte, "end": last_byte}
            if first_version:
                rows.append({"range": chunks, "url": url, "url_range": span})
            else:
                # One range for each address: the client asks for several at once as multipart otherwise.
                rows.append({"url": url, "ranges": [{"chunks": chunks, "bytes": span}]})
    answer["fetch_info" if first_version else "xorbs"] = fetches
    return JSONResponse(answer)


def get_xorb(hub: Hub, call: Call) -> Response:
    """The bytes of a xorb as they were uploaded."""
    xorb = call.at["xorb"]
    hub.check_signature(call, xorb)
    try:
        path = hub.xorbs.path(xorb)
        size = path.stat().st_size
    except (Damaged, FileNotFoundError) as error:
        raise Refusal(404, f"No xorb {xorb[:80]}") from error
    span = parse_range(call.headers.get("range"), size)
    start, end = span or (0, size)
    headers = {"Content-Length": str(end - start)}
    if span:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return StreamingResponse(read_file(path, start, end), 206 if span else 200, headers, "application/octet-stream")


def _enter(hub: Hub, call: Call) -> None:
    # An upload that began before chunks were removed may end; what it lacks is found when its files are registered.
    if call.at["state"].partition("-")[0] != hub.state.id:
        raise Refusal(404, "This content store belongs to another state folder; ask for a new token")
    if hub.auth and call.headers.get("authorization") != f"Bearer {hub.sign('cas')}":
        raise Refusal(401, "The content store's token is missing or wrong")


STORE = "/cas/{state}/{version}"
ENDPOINTS = (
    Endpoint("GET", "/api/datasets/{ns}/{name}/xet-read-token/{rev}", give_token),
    Endpoint("GET", "/api/datasets/{ns}/{name}/xet-write-token/{rev}", give_token, writes=True),
    Endpoint("POST", STORE + "/xorbs/{prefix}/{xorb}", put_xorb),
    Endpoint("POST", STORE + "/shards", put_shard),
    Endpoint("POST", STORE + "/telemetry", swallow),
    Endpoint("GET", STORE + "/reconstructions/{file}", reconstruct),
    Endpoint("GET", STORE + "/chunks/{prefix}/{chunk}", no_such),
    Endpoint("POST", STORE + "/{*other}", no_such),
    Endpoint("GET", "/cas/{state}/xorbs/{xorb}", get_xorb),
)
