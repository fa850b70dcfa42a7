"""A host that is down is left alone, for longer and longer, by all runs of a machine; a refusal names whom to ask."""

import contextlib
import re
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from biglam_pipeline.errors import ObjectFailed, ServerBusy, SourceChanged
from biglam_pipeline.web import Web
from biglam_pipeline.web.keepers import STORM
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer, scripted_server
from biglam_pipeline_tests.web.conftest import HTML, XML, Clock, MakeWeb

LEAST = 5
"""`Limits.failures_in_a_row`."""


def data(server: ScriptedServer) -> list[str]:
    """What was asked of the data itself."""
    return [path for path in server.paths() if not path.startswith(("/robots", "/.well-known"))]


def give_up(web: Web, url: str, error: type[Exception] = ServerBusy) -> Exception:
    with pytest.raises(error) as found:
        web.get(url)
    return found.value


@pytest.fixture
def guest(make_web: MakeWeb) -> Web:
    return make_web(spare_loopback=False)


@pytest.fixture
def down(server: ScriptedServer, guest: Web) -> str:
    """The address of a host that has failed as often as is tried."""
    url = server.on("/a", Reply(status=500))
    while len(data(server)) < LEAST:
        give_up(guest, url)
    return url


def test_f30_a_host_that_fails_in_a_row_is_asked_no_more(
    server: ScriptedServer, make_web: MakeWeb, caplog: pytest.LogCaptureFixture
) -> None:
    """Also not by another source, and by another process: what is known stands in a file."""
    url = server.on("/a", Reply(status=500))
    for _ in range(2):
        give_up(make_web(spare_loopback=False), url)
    before = list(server.paths())
    refusal = give_up(make_web(spare_loopback=False), server.on("/b", Reply(b"x")))
    assert isinstance(refusal, ServerBusy)
    assert f"failed {LEAST} times in a row (last: HTTP 500), and is left alone for another" in str(refusal)
    assert ".pace" in str(refusal)
    assert 280 < refusal.retry_after_seconds <= 300
    assert server.paths() == before
    assert caplog.text.count("all runs of this machine leave it alone for 300 s") == 1


def test_f30_one_request_tries_it_and_each_that_fails_doubles_the_time(
    down: str, server: ScriptedServer, guest: Web, clock: Clock
) -> None:
    rest = 300.0
    for tried in range(1, 10):
        clock.now += timedelta(seconds=rest + 1)
        refusal = give_up(guest, down)
        assert len(data(server)) == LEAST + tried
        assert isinstance(refusal, ServerBusy)
        rest = min(rest * 2, 6 * 3600.0)
        assert refusal.retry_after_seconds == pytest.approx(rest, abs=30)
    clock.now += timedelta(seconds=rest + 1)
    server.on("/a", Reply(b"x"))
    assert guest.get(down).content == b"x"
    server.on("/a", Reply(status=500))
    give_up(guest, down)
    assert "failed" not in str(give_up(guest, server.on("/c", Reply(status=404)), ObjectFailed)), "counted from 0 again"


def test_f30_other_hosts_go_on(down: str, guest: Web) -> None:
    with scripted_server() as other:
        assert guest.get(other.on("/a", Reply(b"x"))).content == b"x"


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        pytest.param(Reply(status=502), ServerBusy, id="F03-502"),
        pytest.param(Reply(status=503), ServerBusy, id="F03-503"),
        pytest.param(Reply(silent=True), ServerBusy, id="F03-silent"),
        pytest.param(Reply(HTML), ObjectFailed, id="F06-page"),
        pytest.param(Reply(status=403), SourceChanged, id="F05-403"),
        pytest.param(Reply(status=401), SourceChanged, id="F05-401"),
    ],
)
def test_what_counts_as_a_failure(reply: Reply, error: type[Exception], server: ScriptedServer, guest: Web) -> None:
    """No answer, 5xx, a wall, a refusal: of several sources, each by itself asks on, and all together do not."""
    for number in range(3 * LEAST):
        with pytest.raises((error, ServerBusy)):
            guest.get(server.on(f"/{number}.xml", reply), expect="xml")
    assert len(data(server)) == LEAST


def test_f06_a_page_where_data_came_before_counts_too(server: ScriptedServer, guest: Web) -> None:
    """An address that does not say what is due there: what came before does."""
    wall = Reply(HTML, headers={"Content-Type": "text/html; charset=utf-8"})
    for number in range(3 * LEAST):
        with pytest.raises((ObjectFailed, ServerBusy)):
            guest.get(server.on(f"/record/{number}", wall), was="text/csv")
    assert len(data(server)) == LEAST


def test_f29_no_connection_counts(guest: Web) -> None:
    with scripted_server() as gone:
        url = gone.url
    for _ in range(3):
        refusal = give_up(guest, url)
    assert "failed 5 times in a row (last: no connection" in str(refusal)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=404),
        Reply(status=410),
        Reply(status=400),
        pytest.param(Reply(status=429, headers={"Retry-After": "1"}), id="F01-429"),
        pytest.param(Reply(status=503, headers={"Retry-After": "1"}), id="F01-503"),
        pytest.param(Reply(b"cut", headers={"Content-Length": "9"}, cut=3), id="F23-cut"),
        Reply(status=302, headers={"Location": "ftp://example.org/"}),
    ],
)
def test_what_is_no_failure_of_the_host(reply: Reply, server: ScriptedServer, guest: Web) -> None:
    """Of one file, or of us: 404, 429, a host that says when to come back, a transfer that broke off."""
    for number in range(2 * LEAST):
        with pytest.raises((ObjectFailed, ServerBusy)):
            guest.get(server.on(f"/{number}", reply))
    assert guest.get(server.on("/good", Reply(b"x"))).content == b"x"


def test_f30_what_answers_in_between_ends_the_row(server: ScriptedServer, guest: Web) -> None:
    for number in range(LEAST):
        give_up(guest, server.on(f"/bad-{number}", Reply(status=500)))
        assert guest.get(server.on(f"/good-{number}", Reply(b"x"))).content == b"x"


def test_f30_what_a_host_says_of_itself_is_no_sign_of_its_data(server: ScriptedServer, make_web: MakeWeb) -> None:
    """A robots.txt that is refused, as by S3, and a tdmrep.json that fails close nothing; one that comes opens none."""
    server.on("/robots.txt", Reply(status=403))
    server.on("/.well-known/tdmrep.json", Reply(status=500))
    for _ in range(2 * LEAST):
        assert make_web(spare_loopback=False).get(server.on("/a", Reply(b"x"))).content == b"x"
    server.on("/robots.txt", Reply(b"User-agent: *\nAllow: /\n"))
    url = server.on("/b", Reply(status=500))
    for _ in range(LEAST):
        give_up(make_web(spare_loopback=False), url)
    assert data(server).count("/b") == LEAST


def test_f35_a_clock_that_went_back_leaves_nobody_alone_for_longer(
    down: str, server: ScriptedServer, guest: Web, clock: Clock
) -> None:
    clock.now -= timedelta(days=400)
    refusal = give_up(guest, down)
    assert isinstance(refusal, ServerBusy)
    assert refusal.retry_after_seconds <= 300
    server.on("/a", Reply(b"x"))
    clock.now += timedelta(seconds=301)
    assert guest.get(down).content == b"x"


@pytest.mark.parametrize(("status", "bad"), [(500, 2), (403, 5)])
def test_f30_what_is_broken_for_ever_keeps_nobody_else_out(
    status: int, bad: int, server: ScriptedServer, make_web: MakeWeb, clock: Clock
) -> None:
    """Sources of one host, in one order each night: before the last, which is well, come some that are broken.

    The first night they look like a host that is down. From then on it is known that it is they: every second night
    they kept the last one out.
    """
    broken = [server.on(f"/{number}", Reply(status=status)) for number in range(bad)]
    well, nights = server.on("/well", Reply(b"x")), list[int]()
    for night in range(10):
        clock.now += timedelta(days=1)
        for url in broken:
            with pytest.raises((ServerBusy, SourceChanged)):
                make_web(spare_loopback=False).get(url)
        with contextlib.suppress(ServerBusy):
            nights.append(night if make_web(spare_loopback=False).get(well).content else -1)
    assert nights == [*range(1, 10)]


def test_f30_where_what_was_well_fails_too_the_host_is_left_alone(
    server: ScriptedServer, make_web: MakeWeb, clock: Clock
) -> None:
    """What is known to be broken hides no host that goes down, and counts again once it brought something."""
    broken = [server.on(f"/{number}", Reply(status=500)) for number in range(2)]
    well = server.on("/well", Reply(b"x"))
    for url in broken:
        give_up(make_web(spare_loopback=False), url)
    clock.now += timedelta(days=1)
    assert make_web(spare_loopback=False).get(well).content == b"x"
    server.on("/0", Reply(b"x"))
    assert make_web(spare_loopback=False).get(broken[0]).content == b"x"
    for path in ("/0", "/well"):
        server.on(path, Reply(status=500))
    before = len(data(server))
    for url in (broken[1], broken[0], well, broken[1]):
        give_up(make_web(spare_loopback=False), url)
    assert len(data(server)) - before == 3 + 3 + 2


def test_f30_a_host_that_stays_down_is_tried_once_by_each_and_by_none_at_once(
    down: str, server: ScriptedServer, make_web: MakeWeb, clock: Clock
) -> None:
    urls = [down, *(server.on(f"/{number}", Reply(status=500)) for number in range(20))]
    for _ in range(3):
        clock.now += timedelta(days=1)
        before = len(data(server))
        for url in urls:
            give_up(make_web(spare_loopback=False), url)
        assert len(data(server)) - before <= 3, "within five minutes of a failure that is news, nobody asks"


def test_f30_two_dead_links_in_a_row_are_no_dead_host(server: ScriptedServer, guest: Web) -> None:
    guest = guest.visiting([server.url])
    for number in range(LEAST - 1):
        url = server.on(f"/{number}", Reply(status=500))
        with pytest.raises(ServerBusy, match="tried 3 times"):
            guest.get(url, linked=True)
    assert guest.get(server.on("/good", Reply(b"x")), linked=True).content == b"x"


@pytest.mark.parametrize(
    "note",
    [
        b"{",
        b'{"not_before": 0, "slowness": 1, "failures": 1e400}',
        b'{"not_before": 0, "slowness": 1, "failures": "many"}',
        b"[]",
    ],
)
def test_f30_a_note_that_cannot_be_read_closes_nothing(
    note: bytes, down: str, server: ScriptedServer, guest: Web, tmp_path: Path
) -> None:
    [pace] = (tmp_path / "locks").glob("*.pace")
    pace.write_bytes(note)
    assert guest.get(server.on("/b", Reply(b"x"))).content == b"x"


# --- refusals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "whom"),
    [
        (
            "https://www.library.example/oai",
            r"the web master of www\.library\.example \(by RFC 2142 webmaster@lib",
        ),
        ("https://dataverse.harvard.edu/api", r"support@dataverse\.harvard\.edu"),
        ("https://gitlab.com/a", r"https://about\.gitlab\.com/support"),
    ],
)
def test_f05_a_refusal_names_whom_to_write_to(known: str, whom: str) -> None:
    host = known.split("/")[2]

    from biglam_pipeline.web.keepers import whom as named

    assert re.match(whom, named(host, {}))
    assert named(host, {host: "oai@library.example"}) == "oai@library.example"


def test_f05_what_a_host_said_of_itself_goes_before(server: ScriptedServer, make_web: MakeWeb) -> None:
    web = make_web().visiting([server.url])
    web.keeper(server.url, "oai@library.example")
    refusal = give_up(web, server.on("/a", Reply(HTML, status=403)), SourceChanged)
    assert "Write to the custodian, or to oai@library.example, and name the User-Agent" in str(refusal)


def test_f05_an_address_is_no_mailbox(server: ScriptedServer, web: Web) -> None:
    refusal = give_up(web, server.on("/a", Reply(HTML, status=403)), SourceChanged)
    assert "the web master of 127.0.0.1, and" in str(refusal)


def test_f05_a_storm_of_refusals_that_explain_themselves_is_one_of_us(server: ScriptedServer, web: Web) -> None:
    """An interface says of each restricted object that it is restricted; of everything, it means the guest."""
    explained = Reply(b'{"message": "no"}', 403, {"Content-Type": "application/json"})
    visit = web.visiting([server.url])
    for number in range(STORM - 1):
        assert visit.get(server.on(f"/{number}", explained), expect="json", also_status={403}).status == 403
    with pytest.raises(SourceChanged, match="refused with HTTP 403"):
        visit.get(server.on("/last", explained), expect="json", also_status={403})
    visit = web.visiting([server.url])
    for number in range(3 * STORM):
        reply = explained if number % 3 else Reply(b"{}")
        visit.get(server.on(f"/{number}", reply), expect="json", also_status={403})


# --- several processes -------------------------------------------------------------------------------------------

PROCESSES = 5
_GUEST = """
import sys, time
from pathlib import Path
from biglam_pipeline.errors import ServerBusy
from biglam_pipeline.web import Web
from biglam_pipeline.web.limits import Limits

limits = Limits(pause_least_seconds=0.01, backoff_seconds=0.05, retry_seconds=0.2, rest_seconds=1.0,
                rest_most_seconds=1.5)
web = Web(contact="a@example.org", rewrite={}, allow_private=True, locks=Path(sys.argv[1]), limits=limits,
          spare_loopback=False)
ends = time.monotonic() + float(sys.argv[3])
while time.monotonic() < ends:
    try:
        print(web.get(sys.argv[2]).content.decode(), flush=True)
        break
    except ServerBusy as busy:
        time.sleep(0.05)
"""


@pytest.mark.slow
def test_f30_five_processes_leave_a_host_alone_together_and_one_of_them_tries_it(
    server: ScriptedServer, tmp_path: Path
) -> None:
    came, lock = list[float](), threading.Lock()

    def reply(_: Asked) -> Reply:
        """Five fail, and three that tried it; then it is well."""
        with lock:
            came.append(time.monotonic())
            return Reply(status=500) if len(came) <= LEAST + 3 else Reply(XML)

    url = server.on("/data", reply)
    command = [sys.executable, "-c", _GUEST, str(tmp_path / "locks"), url, "60"]
    guests = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(PROCESSES)]
    assert [guest.communicate(timeout=100)[0].strip() for guest in guests] == [XML] * PROCESSES
    gaps = [after - before for before, after in zip(came[LEAST - 1 : LEAST + 3], came[LEAST : LEAST + 4], strict=True)]
    assert min(gaps) >= 0.95, "one request at a time tries it, by whoever it is"
    assert len(came) == LEAST + 3 + PROCESSES, "what was well again was asked once by each"
