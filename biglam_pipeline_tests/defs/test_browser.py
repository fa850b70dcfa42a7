"""A maintainer's walk through the pages of the Dagster UI, in Debian's chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from biglam_pipeline.demo.server import Running
from biglam_pipeline_tests.bench import open_bench
from biglam_pipeline_tests.defs.desk import NOTHING, Desk, open_desk
from biglam_pipeline_tests.defs.server import DagsterServer, served, wait_until
from biglam_pipeline_tests.servers.hub import HubServer

playwright = pytest.importorskip("playwright.sync_api")

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE_MS = 30_000
LINEAGE = "/asset-groups~group%3A%22aldermere_free_library%2F{}%22"
RUNS = "{runsOrError(limit: 5) {... on Runs {results {id status}}}}"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}; apt-get install chromium"),
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, hub: HubServer) -> Iterator[Desk]:
    """The demo, with nothing harvested yet."""
    folder = tmp_path_factory.mktemp("browser")
    with (
        Running() as institution,
        open_bench(folder, hub, institution, "browser") as bench,
        open_desk(bench, folder / "dagster") as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
def server(desk: Desk) -> Iterator[DagsterServer]:
    """The UI as `biglam dev` serves it."""
    with served(desk.settings, desk.bench.folder / "log.txt") as running:
        yield running


class Visitor:
    """One window, and the pictures taken of it."""

    def __init__(self, page: "playwright.Page", server: DagsterServer, pictures: Path) -> None:
        self.page, self.server, self.pictures = page, server, pictures
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, path: str) -> None:
        """Opens a page; the pages poll, so the network is never idle."""
        self.page.goto(self.server.address + path, wait_until="domcontentloaded", timeout=PATIENCE_MS)

    def lineage(self, source: str) -> None:
        """Opens a source's group in the graph: once with an asset chosen, which unfolds it, then as a whole."""
        for address in (f"{LINEAGE.format(source)}/{source}%2Fhub", LINEAGE.format(source)):
            self.open(address)
            for stage in ("raw", "normalized", "shards", "hub"):
                self.see(stage)

    def see(self, text: str) -> None:
        """Waits until the page says so."""
        try:
            self.page.get_by_text(text).first.wait_for(timeout=PATIENCE_MS)
        except playwright.TimeoutError:
            self.picture(f"without-{text[:20].replace(' ', '-')}")
            raise

    def press(self, label: str) -> None:
        """Presses a button of this label."""
        self.page.get_by_role("button", name=label).first.click(timeout=PATIENCE_MS)

    def picture(self, name: str) -> None:
        """Keeps what the page looks like."""
        self.page.wait_for_timeout(1500)
        self.page.screenshot(path=self.pictures / f"{name}.png")

    def materialize(self) -> tuple[str, str]:
        """Presses the page's button; the new run's id and the status with which it ended."""
        before = self._newest()
        self.press("Materialize")
        wait_until(lambda: self._newest() != before, 60)
        run = self._newest()
        return run, self.server.ended(run, 120)

    def _newest(self) -> str:
        rows = self.server.ask(RUNS)["runsOrError"]["results"]
        return str(rows[0]["id"]) if rows else ""


@pytest.fixture
def visitor(server: DagsterServer, tmp_path: Path) -> Iterator[Visitor]:
    """A window of its own; no page may raise a JavaScript error."""
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        window = Visitor(browser.new_page(viewport={"width": 1600, "height": 1000}), server, tmp_path)
        yield window
        browser.close()
    assert window.errors == []


def test_an_open_source_is_harvested_and_published_from_the_page(desk: Desk, visitor: Visitor) -> None:
    visitor.lineage("demo_letters")
    visitor.picture("1-lineage")
    _, status = visitor.materialize()
    assert status == "SUCCESS"
    visitor.picture("2-lineage-afterwards")
    visitor.open("/assets/demo_letters/shards?view=checks&checkDetail=every_row_is_licensed")
    visitor.see("Passed")
    visitor.see("all 39 rows have accepted rights")
    visitor.picture("3-checks")
    for stage in ("raw", "normalized", "shards", "hub"):
        visitor.open(f"/assets/demo_letters/{stage}")
        visitor.see("Row count" if stage != "raw" else "Latest materialization")
        visitor.picture(f"4-{stage}")
    visitor.open("/assets/demo_letters/shards?view=lineage")
    visitor.see("normalized")
    visitor.picture("5-lineage-of-shards")
    visitor.open("/assets")
    visitor.picture("6-catalog")
    assert desk.published("demo_letters") == {"repositories": 1, "commits": 1}


def test_a_closed_source_is_refused_in_words_on_the_page(desk: Desk, visitor: Visitor) -> None:
    visitor.lineage("demo_closed")
    run, status = visitor.materialize()
    assert status == "FAILURE"
    visitor.open(f"/runs/{run}")
    visitor.see("Ask the custodian for another statement")
    visitor.picture("7-closed-run")
    visitor.open("/assets/demo_closed/normalized?view=checks&checkDetail=open_licence")
    visitor.see("no row may be published")
    visitor.picture("8-closed-check")
    for stage, wanted in (("shards", "FAILURE"), ("hub", "FAILURE")):
        visitor.open(f"/assets/demo_closed/{stage}")
        run, status = visitor.materialize()
        assert status == wanted
    visitor.open(f"/runs/{run}")
    visitor.see("demo_closed is not published")
    visitor.picture("9-closed-upload")
    assert desk.published("demo_closed") == NOTHING
