"""What a visit costs a host is counted where it is asked: every request, every byte of a body, every second waited."""

import gzip

import pytest

from biglam_pipeline.costs import Cost, in_words, merged, noted, read_costs, total
from biglam_pipeline.errors import ObjectFailed, ServerBusy
from biglam_pipeline.web import Web
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer, scripted_server
from biglam_pipeline_tests.web.conftest import Clock, MakeWeb


def name(server: ScriptedServer) -> str:
    return f"127.0.0.1:{server.port}"


@pytest.fixture
def guest(make_web: MakeWeb) -> Web:
    return make_web(spare_loopback=False).visiting(["http://nobody.invalid/"])


def test_all_that_the_server_was_asked_is_counted(server: ScriptedServer, guest: Web) -> None:
    """robots.txt and tdmrep.json, a redirect and where it leads, a second try, an unchanged file, one that is gone."""
    server.on("/robots.txt", Reply(b"User-agent: *\nAllow: /\n"))
    guest.get(server.on("/a", Reply(b"x" * 1000)))
    guest.get(server.on("/moved", Reply(status=302, headers={"Location": "/a"})))
    guest.get(server.on("/busy", Reply(status=500), Reply(b"y" * 10)))
    guest.get(server.on("/same", Reply(status=304)), etag='"1"')
    with pytest.raises(ObjectFailed):
        guest.get(f"{server.url}/gone")
    [(host, cost)] = guest.costs().items()
    assert host == name(server)
    assert cost.requests == len(server.asked) == 9
    assert cost.bytes == 23 + 1000 + 1000 + 10
    assert (cost.not_modified, cost.failed, cost.overruled) == (1, 1, 0)


def test_bytes_are_those_of_the_wire(server: ScriptedServer, guest: Web) -> None:
    packed = gzip.compress(b"<a>" + b"x" * 10_000 + b"</a>")
    answer = guest.get(server.on("/a.xml", Reply(packed, headers={"Content-Encoding": "gzip"})), expect="xml")
    assert answer.size == 10_007
    assert guest.costs()[name(server)].bytes == len(packed)


def test_the_rest_of_a_transfer_is_a_request_of_its_own(server: ScriptedServer, make_web: MakeWeb) -> None:
    body = bytes(range(256)) * 40

    def reply(asked: Asked) -> Reply:
        tagged = {"ETag": '"1"'}
        if wanted := asked.headers.get("Range"):
            begin = int(wanted.removeprefix("bytes=").rstrip("-"))
            said = f"bytes {begin}-{len(body) - 1}/{len(body)}"
            return Reply(body[begin:], 206, tagged | {"Content-Range": said})
        return Reply(body, headers=tagged, cut=4000)

    web = make_web().visiting([server.url])
    assert web.get(server.on("/a.bin", reply)).content == body
    cost = web.costs()[name(server)]
    assert (cost.requests, cost.bytes) == (2, len(body))
    assert cost.requests == len(server.asked)


def test_what_is_waited_is_counted_by_host(server: ScriptedServer, guest: Web, clock: Clock) -> None:
    """The pause after an answer, Retry-After, and the wait before another try: as long as was slept."""
    with scripted_server() as other:
        guest.get(other.on("/a", Reply(b"x")))
        guest.get(server.on("/a", Reply(status=429, headers={"Retry-After": "40"}), Reply(b"x")))
        guest.get(server.on("/b", Reply(status=500), Reply(b"x")))
        with pytest.raises(ServerBusy):
            guest.get(server.on("/c", Reply(status=429, headers={"Retry-After": "4000"})))
        costs = guest.costs()
        assert total(costs.values()).seconds_waited == pytest.approx(sum(clock.slept), abs=1)
        assert costs[name(server)].seconds_waited > 45
        assert costs[name(other)].seconds_waited < 5
    assert costs[name(server)].failed == 3


def test_each_visit_has_its_own_account(server: ScriptedServer, make_web: MakeWeb) -> None:
    web = make_web()
    first, second = (web.visiting([server.url]) for _ in range(2))
    first.get(server.on("/a", Reply(b"x")))
    second.get(f"{server.url}/a")
    second.get(f"{server.url}/a")
    assert [one.costs()[name(server)].requests for one in (first, second)] == [1, 2]


def test_a_note_is_read_as_it_was_written() -> None:
    costs = {"b.example": Cost(3, 2_500_000, 4.26, 1, 1, 2), "a.example": Cost(1)}
    assert noted(costs) == {
        "a.example": {"requests": 1},
        "b.example": {
            "requests": 3,
            "bytes": 2_500_000,
            "seconds_waited": 4.3,
            "not_modified": 1,
            "failed": 1,
            "overruled": 2,
        },
    }
    assert read_costs(noted(costs)) == {**costs, "b.example": Cost(3, 2_500_000, 4.3, 1, 1, 2)}
    assert read_costs(None) == read_costs([]) == read_costs({"a": None}) == {}
    assert read_costs({"a": {"requests": 1, "joules": 2}}) == {"a": Cost(1)}
    assert merged(costs, costs)["b.example"].requests == 6
    assert in_words(costs) == (
        "a.example: 1 request, 0 bytes; b.example: 3 requests, 2.5 MB, 1 not modified, 1 failed, 2 against robots.txt, "
        "4 s waited"
    )
    assert in_words({}) == ""
