"""A good guest: who we are, how often we ask, and where."""

import re
import threading
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from biglam_pipeline.errors import ConfigError, ServerBusy, SourceChanged
from biglam_pipeline.web import Web
from biglam_pipeline.web.gate import Gate
from biglam_pipeline.web.guard import Place
from biglam_pipeline.web.known_hosts import KNOWN_HOSTS, Allowance
from biglam_pipeline.web.limits import Limits
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer
from biglam_pipeline_tests.web.conftest import Clock, MakeWeb


def test_a_host_that_is_not_loopback_is_not_asked_without_a_contact(server: ScriptedServer, make_web: MakeWeb) -> None:
    with pytest.raises(ConfigError, match="BIGLAM_CONTACT"):
        make_web(contact=" ", spare_loopback=False).get(server.on("/a", Reply(b"x")))
    assert server.asked == []


def test_robots_txt_is_asked_once_and_obeyed(server: ScriptedServer, make_web: MakeWeb) -> None:
    web = make_web(spare_loopback=False)
    server.on("/robots.txt", Reply(b"User-agent: *\nDisallow: /private\n"))
    server.on("/private/a", Reply(b"x"))
    for path in ("/a", "/b"):
        web.get(server.on(path, Reply(b"x")))
    with pytest.raises(SourceChanged, match="stay away"):
        web.get(f"{server.url}/private/a")
    assert server.paths() == ["/robots.txt", "/.well-known/tdmrep.json", "/a", "/b"]


@pytest.mark.parametrize("reply", [Reply(status=404), Reply(status=403)])
def test_no_robots_txt_forbids_nothing(reply: Reply, server: ScriptedServer, make_web: MakeWeb) -> None:
    server.on("/robots.txt", reply)
    assert make_web(spare_loopback=False).get(server.on("/a", Reply(b"x"))).content == b"x"


def test_requests_to_one_host_keep_a_distance(server: ScriptedServer, make_web: MakeWeb, clock: Clock) -> None:
    server.on("/robots.txt", Reply(b"User-agent: *\nCrawl-delay: 7\n"))
    web = make_web(spare_loopback=False)
    for path in ("/a", "/b"):
        web.get(server.on(path, Reply(b"x")))
    assert clock.slept[0] == pytest.approx(0.5, abs=0.3)
    assert clock.slept[1] == pytest.approx(7)


def test_a_refusal_halves_the_rate(server: ScriptedServer, make_web: MakeWeb, clock: Clock) -> None:
    server.on("/robots.txt", Reply(status=404))
    web = make_web(spare_loopback=False)
    web.get(server.on("/a", Reply(status=429, headers={"Retry-After": "9"}), Reply(b"x")))
    del clock.slept[:]
    web.get(server.on("/b", Reply(b"x")))
    assert clock.slept[0] == pytest.approx(0.9, abs=0.4)


@pytest.fixture
def gate(tmp_path: Path, clock: Clock) -> Gate:
    known = {"api.example.org": Allowance(45.0, "https://example.org/limits", 3)}
    return Gate(tmp_path / "locks", Limits(), clock.sleep, clock, known)


def test_what_a_known_host_allows_is_kept_to(gate: Gate, clock: Clock) -> None:
    for host in ("api.example.org:443", "api.example.org:443", "other.example.org:443", "other.example.org:443"):
        with gate.turn(host, spared=False):
            pass
    assert clock.slept == [pytest.approx(45, abs=0.1), pytest.approx(0.5, abs=0.1)]


def test_a_day_has_as_many_requests_as_the_host_allows(gate: Gate, clock: Clock) -> None:
    for _ in range(3):
        with gate.turn("api.example.org:443", spared=False):
            pass
    says = r"allows 3 requests a day.*https://example.org/limits"
    with pytest.raises(ServerBusy, match=says) as found, gate.turn("api.example.org:443", spared=False):
        pass
    wait = found.value.retry_after_seconds
    assert wait == pytest.approx(86_400 - 90, abs=1)
    clock.sleep(wait)
    with gate.turn("api.example.org:443", spared=False):
        pass


def test_a_clock_that_went_back_gives_no_day_that_never_ends(gate: Gate, clock: Clock) -> None:
    for _ in range(3):
        with gate.turn("api.example.org:443", spared=False):
            pass
    clock.now -= timedelta(days=400)
    with gate.turn("api.example.org:443", spared=False):
        pass


def test_every_known_host_is_named_as_requests_name_it_and_says_where_its_limit_is_from() -> None:
    assert KNOWN_HOSTS
    for host, one in KNOWN_HOSTS.items():
        assert Place("https", host, 443, (), loopback=False).name == f"{httpx.URL(f'https://{host}/').host}:443"
        assert re.match(r"https://\S+: .*\d", one.source), host
        assert one.pause_seconds > 0
        assert one.a_day is None or one.a_day > 0


def test_loopback_waits_for_nothing(server: ScriptedServer, web: Web, clock: Clock) -> None:
    for path in ("/a", "/b", "/c"):
        web.get(server.on(path, Reply(b"x")))
    assert clock.slept == []


def test_one_connection_a_host_over_all_clients(server: ScriptedServer, make_web: MakeWeb) -> None:
    url = server.on("/a", Reply(b"x", delay_seconds=0.05))
    threads = [threading.Thread(target=make_web().get, args=(url,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(server.asked), server.most_under_way) == (4, 1)


def test_a_rewrite_changes_the_connection_and_not_the_name(server: ScriptedServer, make_web: MakeWeb) -> None:
    server.on("/mirror/a?b=1", Reply(b"x"))
    web = make_web(
        rewrite={"https://example.org": "http://127.0.0.1:1", "https://example.org/data/": f"{server.url}/mirror/"}
    )
    answer = web.get("https://example.org/data/a?b=1")
    assert answer.url == "https://example.org/data/a?b=1"
    assert answer.final_url == f"{server.url}/mirror/a?b=1"


def test_a_rewrite_ends_where_its_host_ends(server: ScriptedServer, make_web: MakeWeb) -> None:
    web = make_web(rewrite={"http://nowhere.inv": server.url})
    with pytest.raises((SourceChanged, ServerBusy)):
        web.get("http://nowhere.invalid/a")
    assert server.asked == []
