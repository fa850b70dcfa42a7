"""A robots.txt is overruled by a person, for the hosts of one entry, and nothing else a host says is."""

import pytest

from biglam_pipeline.errors import ObjectFailed, ServerBusy, SourceChanged
from biglam_pipeline.web import Web
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer, scripted_server
from biglam_pipeline_tests.web.conftest import Clock, MakeWeb

ALL = b"User-agent: *\nDisallow: /\n"


def closed(server: ScriptedServer, text: bytes = ALL) -> str:
    server.on("/robots.txt", Reply(text))
    return server.on("/a", Reply(b"x"))


def visiting(make_web: MakeWeb, *addresses: str, **more: object) -> Web:
    return make_web(spare_loopback=False).visiting(addresses, overruled=True, **more)  # type: ignore[arg-type]


def test_the_refusal_names_whom_to_ask_and_what_to_write(server: ScriptedServer, make_web: MakeWeb) -> None:
    with pytest.raises(SourceChanged) as found:
        make_web(spare_loopback=False).get(closed(server))
    said = str(found.value)
    assert "ask the custodian, or the web master of 127.0.0.1, for leave" in said
    assert said.endswith("write `robots: {overrule: WHY, evidence: PAGE, checked: DATE, by: WHO}` under `harvest`")
    assert "/a" not in server.paths()


def test_a_person_may_overrule_it_and_each_request_is_counted(server: ScriptedServer, make_web: MakeWeb) -> None:
    url = closed(server, b"User-agent: *\nDisallow: /a\n")
    web = visiting(make_web, url)
    assert web.get(url).content == b"x"
    web.get(server.on("/open", Reply(b"x")))
    [cost] = web.costs().values()
    assert (cost.overruled, cost.requests) == (1, len(server.asked)), "robots.txt itself, too, is asked for"


@pytest.mark.parametrize("way", ["redirect", "list", "mirror", "rewrite"])
def test_it_holds_for_no_other_host(way: str, server: ScriptedServer, make_web: MakeWeb) -> None:
    with scripted_server() as other:
        there, here = closed(other), server.on("/moved", Reply(status=302, headers={"Location": f"{other.url}/a"}))
        more: dict[str, object] = {"beside": [there]} if way == "mirror" else {}
        allowed = frozenset({"1", f"127.0.0.1:{other.port}"})
        web = make_web(spare_loopback=False, allow_private=allowed).visiting([here], overruled=True, **more)  # type: ignore[arg-type]
        if way == "rewrite":
            made = make_web(spare_loopback=False, rewrite={server.url: other.url})
            web, there = made.visiting([server.url], overruled=True), f"{server.url}/a"
        with pytest.raises((SourceChanged, ObjectFailed), match="stay away"):
            web.get(here if way == "redirect" else there)
        assert "/a" not in other.paths()


def test_another_entry_of_the_same_host_is_kept_out(server: ScriptedServer, make_web: MakeWeb) -> None:
    url, web = closed(server), make_web(spare_loopback=False)
    assert web.visiting([url], overruled=True).get(url).content == b"x"
    with pytest.raises(SourceChanged, match="stay away"):
        web.visiting([url]).get(url)


@pytest.mark.parametrize("token", ["biglam-pipeline", "BIGLAM-Pipeline/1.0", "biglam", "biglam-pipeline*"])
def test_a_host_that_names_us_is_obeyed(token: str, server: ScriptedServer, make_web: MakeWeb) -> None:
    text = f"User-agent: GPTBot\nUser-Agent : {token} # no, thanks\nDisallow: /\n\nUser-agent: *\nDisallow: /\n"
    url = closed(server, text.encode())
    with pytest.raises(SourceChanged, match="us by our name, which nobody overrules"):
        visiting(make_web, url).get(url)
    assert "/a" not in server.paths()


def test_a_host_that_names_us_and_lets_us_in_lets_us_in(server: ScriptedServer, make_web: MakeWeb) -> None:
    url = closed(server, b"User-agent: biglam-pipeline\nAllow: /\n\nUser-agent: *\nDisallow: /\n")
    assert make_web(spare_loopback=False).get(url).content == b"x"


def test_crawl_delay_holds(server: ScriptedServer, make_web: MakeWeb, clock: Clock) -> None:
    url = closed(server, ALL + b"Crawl-delay: 7\n")
    web = visiting(make_web, url)
    web.get(url)
    web.get(url)
    assert clock.slept[-1] == pytest.approx(7, abs=0.1)


def test_what_it_says_of_ai_is_heard(server: ScriptedServer, make_web: MakeWeb) -> None:
    url = closed(server, ALL + b"Content-Signal: ai-train=no\n")
    server.on("/.well-known/tdmrep.json", Reply(b'[{"location": "/a", "tdm-reservation": 1}]'))
    web = visiting(make_web, url)
    web.get(url)
    assert [(one.kind, one.reserves) for one in web.signals()] == [("Content-Signal", False), ("tdm-reservation", True)]


@pytest.mark.parametrize(("status", "error"), [(403, SourceChanged), (429, ServerBusy), (503, ServerBusy)])
def test_f05_a_refusal_and_a_limit_hold(
    status: int, error: type[Exception], server: ScriptedServer, make_web: MakeWeb
) -> None:
    url = closed(server)
    server.on("/a", Reply(status=status, headers={"Retry-After": "4000"} if status != 403 else {}))
    with pytest.raises(error):
        visiting(make_web, url).get(url)
    assert server.paths().count("/a") == 1


def test_a_robots_txt_that_cannot_be_had_forbids_all(server: ScriptedServer, make_web: MakeWeb) -> None:
    """RFC 9309, 2.3.1.4: what it would say nobody knows."""
    url = closed(server)
    server.on("/robots.txt", Reply(status=500))
    with pytest.raises(ServerBusy):
        visiting(make_web, url).get(url)
    assert "/a" not in server.paths()
