"""A page of another origin, in Debian's chromium, beside the Dagster UI: it starts no run and reads nothing.

Three such pages: another port of this machine (the same site to a browser), a name of its own, and a name of its own
that leads to the UI's very port, as DNS rebinding makes it. The UI's own page does all of it.
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import dagster as dg
import pyarrow as pa
import pytest

from biglam_pipeline.defs.metadata import preview
from biglam_pipeline.defs.wording import sentence
from biglam_pipeline.demo.server import Running
from biglam_pipeline_tests.bench import open_bench
from biglam_pipeline_tests.defs.desk import Desk, open_desk
from biglam_pipeline_tests.defs.server import DagsterServer, served, wait_until
from biglam_pipeline_tests.defs.test_browser import CHROMIUM, FLAGS
from biglam_pipeline_tests.defs.test_door import LAUNCH, RUNS
from biglam_pipeline_tests.defs.test_wording import NASTY
from biglam_pipeline_tests.servers.hub import HubServer

playwright = pytest.importorskip("playwright.sync_api")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}; apt-get install chromium"),
]

TRY = """async ([ui, launch]) => {
  const query = ui + '/graphql?query=' + encodeURIComponent(launch);
  const body = JSON.stringify({query: launch});
  const read = {};
  const settled = (name, promise) => promise.then(value => { read[name] = value; }, () => { read[name] = null; });
  const text = answer => answer.text();
  const element = (tag, attributes) => new Promise((resolve, reject) => {
    const made = Object.assign(document.createElement(tag), attributes);
    made.onload = () => resolve(tag === 'iframe' ? framed(made) : 'loaded');
    made.onerror = () => reject(new Error(tag));
    document.body.append(made);
  });
  const framed = frame => { try { return frame.contentDocument.body.innerText; } catch { return null; } };
  const socket = () => new Promise((resolve, reject) => {
    const opened = new WebSocket(ui.replace('http', 'ws') + '/graphql', 'graphql-ws');
    opened.onopen = () => opened.send(JSON.stringify({type: 'connection_init'}));
    opened.onmessage = event => resolve(event.data);
    opened.onerror = opened.onclose = () => reject(new Error('closed'));
  });
  const form = () => new Promise(resolve => {
    const frame = Object.assign(document.createElement('iframe'), {name: 'target'});
    const posted = Object.assign(document.createElement('form'), {method: 'POST', action: query, target: 'target'});
    document.body.append(frame, posted);
    frame.onload = () => resolve(framed(frame));
    posted.submit();
  });
  await Promise.all([
    settled('json', fetch(ui + '/graphql', {method: 'POST', body,
      headers: {'Content-Type': 'application/json'}}).then(text)),
    settled('simple', fetch(ui + '/graphql', {method: 'POST', mode: 'no-cors', body,
      headers: {'Content-Type': 'text/plain; application/json'}}).then(text)),
    settled('get', fetch(query).then(text)),
    settled('opaque', fetch(query, {mode: 'no-cors'}).then(text)),
    settled('page', fetch(ui + '/server_info').then(text)),
    settled('picture', element('img', {src: query})),
    settled('script', element('script', {src: ui + '/server_info'})),
    settled('frame', element('iframe', {src: ui + '/server_info'})),
    settled('socket', socket()),
    settled('form', form()),
  ]);
  return read;
}"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, hub: HubServer) -> Iterator[Desk]:
    """The demo, with nothing harvested."""
    folder = tmp_path_factory.mktemp("strangers")
    with (
        Running() as institution,
        open_bench(folder, hub, institution, "strangers") as bench,
        open_desk(bench, folder / "dagster") as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
def server(desk: Desk) -> Iterator[DagsterServer]:
    """The UI as `biglam dev` serves it."""
    with served(desk.settings, desk.bench.folder / "log.txt") as running:
        yield running


class Elsewhere(BaseHTTPRequestHandler):
    """A page of somebody else's, and its pictures."""

    asked: list[str]

    def do_GET(self) -> None:
        """An empty page, whatever is asked for."""
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title><body></body>")

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[ThreadingHTTPServer]:
    """Somebody else's server on another port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as running:
        running.asked = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join(20)


@pytest.fixture
def page() -> Iterator[Any]:
    """A window in which every name ending in .test leads to this machine."""
    with playwright.sync_playwright() as driver:
        rules = "--host-resolver-rules=MAP *.test 127.0.0.1"
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=[*FLAGS, rules])
        yield browser.new_page()
        browser.close()


def runs(server: DagsterServer) -> int:
    return len(server.ask(RUNS)["runsOrError"]["results"])


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "evil.test"])
@pytest.mark.parametrize("ui", ["127.0.0.1", "localhost", "rebound.test"])
def test_a_page_of_another_origin_starts_no_run_and_reads_nothing(
    server: DagsterServer, elsewhere: ThreadingHTTPServer, page: Any, name: str, ui: str
) -> None:
    before = runs(server)
    page.goto(f"http://{name}:{elsewhere.server_port}/")
    read = page.evaluate(TRY, [server.address.replace("127.0.0.1", ui), LAUNCH])
    # An opaque answer has no text, and a frame of another origin no document: what matters is that no run was started.
    assert {key: value for key, value in read.items() if value} == {}
    assert runs(server) == before


def test_a_name_that_was_rebound_is_no_origin_of_ours(server: DagsterServer, page: Any) -> None:
    rebound = server.address.replace("127.0.0.1", "rebound.test")
    before = runs(server)
    answer = page.goto(f"{rebound}/")
    assert answer.status == 421
    read = page.evaluate(TRY, [rebound, LAUNCH])
    refused = "This server does not answer as rebound.test"
    assert all(value is None or value.startswith(refused) for value in read.values()), read
    assert runs(server) == before


def test_its_own_page_reads_and_starts(server: DagsterServer, page: Any) -> None:
    before = runs(server)
    page.goto(f"{server.address}/server_info")
    read = page.evaluate(TRY, [server.address, LAUNCH])
    assert json.loads(read["json"])["data"]["launchRun"]["__typename"] == "LaunchRunSuccess"
    assert json.loads(read["socket"]) == {"type": "connection_ack"}
    assert "dagster_version" in read["page"]
    assert "dagster_version" in read["frame"]
    assert read["picture"] is None
    assert "a GET is refused" in read["get"]
    assert runs(server) >= before + 1


MARKDOWN = ".dagster-markdown"
FETCHED = f"{MARKDOWN} img, {MARKDOWN} a[href*=elsewhere]"


def look(server: DagsterServer, page: Any, path: str, label: str, due: str) -> str:
    """Opens a page, and what of it is shown by a click; how its Markdown reads, once it reads as is due."""
    page.goto(server.address + path, wait_until="domcontentloaded")
    page.get_by_text(label).first.wait_for(timeout=30_000)
    for link in page.get_by_text("[Show Markdown]").all():
        link.click()

    def text() -> str:
        return " ".join(" ".join(page.locator(MARKDOWN).all_inner_texts()).split())

    wait_until(lambda: due in text(), 30)
    return text()


def test_h43_text_of_a_record_is_text_on_the_page_and_whoever_looks_fetches_nothing(
    desk: Desk, server: DagsterServer, elsewhere: ThreadingHTTPServer, page: Any
) -> None:
    """Escaped where we write it; and where something is not, the page's policy fetches it from nowhere."""
    key, path = dg.AssetKey(["demo_letters", "normalized"]), "/assets/demo_letters/normalized"
    place = f"elsewhere.test:{elsewhere.server_port}"
    texts = [" ".join(text.replace("elsewhere.test", place).split()) for text in NASTY]
    rows = pa.table({"id": [str(number) for number in range(len(texts))], "title": texts})
    said = " ".join(texts).replace("`", "'")

    def record(event: dg.AssetMaterialization | dg.AssetCheckEvaluation) -> None:
        desk.instance.report_runless_asset_event(event)

    record(dg.AssetMaterialization(key, metadata={"preview": dg.MetadataValue.md(preview(rows))}))
    text = look(server, page, path, "preview", texts[-1])
    assert page.locator(FETCHED).count() == 0
    assert [one for one in texts if one[:79] not in text] == []
    record(dg.AssetCheckEvaluation(key, "open_licence", passed=False, metadata={}, description=sentence(said)))
    look(server, page, f"{path}?view=checks&checkDetail=open_licence", "open_licence", said)
    assert page.locator(FETCHED).count() == 0

    careless = dg.MetadataValue.md(f"![careless](http://{place}/unescaped.png)")
    record(dg.AssetMaterialization(key, metadata={"careless": careless}))
    look(server, page, path, "careless", "")
    page.locator(f"{MARKDOWN} img").wait_for(state="attached", timeout=30_000)
    assert {"/p.png", "/unescaped.png"}.isdisjoint(elsewhere.asked)  # type: ignore[attr-defined]
