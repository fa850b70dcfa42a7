"""What a person sees in a browser."""

import io
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from huggingface_hub import CommitOperationAdd, HfApi

from biglam_pipeline.localhub.markdown import render
from biglam_pipeline.localhub.pages import size_text
from biglam_pipeline.localhub.preview import picture_type
from biglam_pipeline_tests.localhub.conftest import CARD
from biglam_pipeline_tests.servers.hub import HubServer


def test_pages_show_and_escape(hub: HubServer, api: HfApi, tmp_path: Path) -> None:
    assert "No dataset has been published" in httpx.get(hub.endpoint).text
    api.create_repo("biglam/letters", repo_type="dataset", private=True)
    operations = [CommitOperationAdd("README.md", CARD), CommitOperationAdd("a & b.txt", b"x" * 1500)]
    api.create_commit("biglam/letters", operations, commit_message="<i>first</i>", repo_type="dataset")
    api.create_tag("biglam/letters", tag="v1", repo_type="dataset")

    home = httpx.get(hub.endpoint)
    assert "script" not in home.headers["content-security-policy"].replace("default-src 'none'", "")
    assert '<a href="/datasets/biglam/letters">biglam/letters</a>' in home.text

    page = httpx.get(f"{hub.endpoint}/datasets/biglam/letters").text
    assert "Letters &lt;b&gt;home&lt;/b&gt;" in page
    assert "&lt;i&gt;first&lt;/i&gt;" in page
    assert "<b>" not in page
    assert "license:cc0-1.0" in page
    assert '<a href="/datasets/biglam/letters/resolve/main/a%20%26%20b.txt">a &amp; b.txt</a>' in page
    assert "1.5 kB" in page
    assert '<span class="label tag">v1</span>' in page
    assert httpx.get(f"{hub.endpoint}/datasets/biglam/none").status_code == 404
    assert httpx.get(f"{hub.endpoint}/datasets/biglam/letters/resolve/main/a%20%26%20b.txt").content == b"x" * 1500


def test_sizes() -> None:
    assert [size_text(size) for size in (0, 999, 1000, 1_234_567, 5 * 10**13)] == [
        "0 B",
        "999 B",
        "1.0 kB",
        "1.2 MB",
        "50.0 TB",
    ]


REPO = "biglam/hostile"
CHROMIUM = Path("/usr/bin/chromium")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HOSTILE = """---
pretty_name: '<script>alert("title")</script>'
tags: ['<img src=x onerror=alert(1)>']
---
# A <script>alert(1)</script> title

<img src=x onerror="alert(2)"> [press](javascript:alert(3)) [or](data:text/html,<script>alert(4)</script>)
<a href="javascript:alert(5)">me</a> <iframe src="https://example.org"></iframe> [JaVa](JaVaScRiPt:alert(6))

![seen](https://example.org/seen.gif) ![own](media/page.png) ![drawn](drawing.svg) ![up](../../../health)
![" onerror="alert(7)](x" onerror="alert(8)) [quoted](https://example.org/"onmouseover="alert(9))

<style>body { display: none }</style>
<!-- a mark --> <!-- <script>alert(10)</script> -->

| a | b |
|:-:|--:|
| <b onclick=alert(11)>x</b> | `<i>` |

[page]: javascript:alert(12)
[page] &lt;script&gt;alert(13)&lt;/script&gt; <javascript:alert(14)>

```<script>alert(15)
<!-- code keeps its comments -->
```
"""


def png(shade: int = 128) -> bytes:
    from PIL import Image

    content = io.BytesIO()
    Image.new("L", (30, 40), shade).save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def hostile(api: HfApi, tmp_path: Path) -> str:
    evil = '<img src=x onerror="alert(20)">'
    table = pa.table(
        {
            evil: [evil, None, "x" * 1000] * 10,
            "number": pa.array([1, 2, 3] * 10, pa.int16()),
            "image": [{"bytes": png(), "path": evil}, {"bytes": SVG, "path": "a.png"}, None] * 10,
            "image_url": ["https://example.org/a.jpg", "javascript:alert(21)", f"https://example.org/{evil}"] * 10,
            "list": [[{"a": evil, "b": [1, 2]}], [], None] * 10,
            "date": pa.array([-800_000, 0, None] * 10, pa.date32()),
            "binary": [b"GIF89a", b"<script>", b""] * 10,
        }
    )
    pq.write_table(table, tmp_path / "part.parquet")
    files: dict[str, Any] = {
        "README.md": HOSTILE.encode(),
        "data/part.parquet": tmp_path / "part.parquet",
        "media/page.png": png(),
        "drawing.svg": SVG,
        "fake.png": b"<script>alert(1)</script>",
        f"{evil.replace('/', '')}.txt": b"x",
    }
    api.create_repo(REPO, repo_type="dataset")
    operations = [CommitOperationAdd(path, content) for path, content in files.items()]
    oid = api.create_commit(REPO, operations, commit_message=evil, repo_type="dataset").oid
    api.create_tag(REPO, tag="<b>", repo_type="dataset")
    api.create_discussion(REPO, evil, description=HOSTILE, repo_type="dataset")
    return oid


def check_harmless(text: str) -> None:
    """Reads the page as a browser does: by its elements, not by its letters."""
    from lxml import html

    page = html.fromstring(text)
    names = {element.tag for element in page.iter() if isinstance(element.tag, str)}
    assert not names & {"script", "iframe", "object", "embed", "form", "svg", "base", "link", "b", "i"}
    assert len(page.findall(".//style")) == 1
    for element in page.iter():
        if isinstance(element.tag, str):
            assert not [name for name in element.attrib if str(name).startswith("on")]
            assert not element.get("href", "").lower().startswith(("javascript", "data", "vbscript"))
            source = element.get("src")
            assert source is None or source.startswith(f"/datasets/{REPO}/picture/")


@pytest.mark.usefixtures("hostile")
def test_a_hostile_repository_is_harmless(hub: HubServer) -> None:
    for path in ("", f"/datasets/{REPO}", f"/datasets/{REPO}/tree/main", f"/datasets/{REPO}/discussions/1"):
        answer = httpx.get(f"{hub.endpoint}{path}")
        assert answer.status_code == 200
        check_harmless(answer.text)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src 'self';")
    page = httpx.get(f"{hub.endpoint}/datasets/{REPO}").text
    assert "a mark" not in page
    assert "code keeps its comments" in page
    assert '<a href="https://example.org/seen.gif"' in page
    assert '<a href="https://example.org/a.jpg" rel="noopener noreferrer nofollow">' in page
    assert "20 of 30 rows" in page
    assert "x" * 241 not in page
    assert '<td style="text-align:right"><code>&lt;i&gt;</code></td>' in page


def test_pictures_are_pictures_only(hub: HubServer, hostile: str) -> None:
    address = f"{hub.endpoint}/datasets/{REPO}/picture/{hostile}"
    for path in ("media/page.png", "data/part.parquet?row=0&column=0"):
        answer = httpx.get(f"{address}/{path}")
        assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/png", png())
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; sandbox")
    cells = [
        f"data/part.parquet?row={row}&column={at}" for row, at in (("1", "0"), ("99", "0"), ("-1", "0"), ("0", "x"))
    ]
    for path in ("drawing.svg", "fake.png", "README.md", *cells):
        assert httpx.get(f"{address}/{path}").status_code == 415
    assert httpx.get(f"{address}/none.png").status_code == 404
    assert picture_type(b"RIFF\0\0\0\0WEBPVP8 ") == "image/webp"
    assert picture_type(b"RIFF\0\0\0\0WAVE") is None


def test_what_is_removed_is_not_shown_as_the_data(hub: HubServer, api: HfApi) -> None:
    """The first rows are those of the data, without the columns that are empty in them."""
    api.create_repo("biglam/shown", repo_type="dataset")
    sinks = [pa.BufferOutputStream(), pa.BufferOutputStream()]
    pq.write_table(pa.table({"gone": ["an identifier"]}), sinks[0])
    pq.write_table(pa.table({"id": ["kept"], "empty": pa.array([None], pa.string())}), sinks[1])
    files = zip((".biglam/removed.parquet", "data/x/part-00000.parquet"), sinks, strict=True)
    operations = [CommitOperationAdd(path, bytes(sink.getvalue())) for path, sink in files]
    api.create_commit("biglam/shown", operations, commit_message="x", repo_type="dataset")
    page = httpx.get(f"{hub.endpoint}/datasets/biglam/shown").text
    assert "1 of 1 rows of <code>data/x/part-00000.parquet</code>; 1 columns, empty here or too many" in page
    assert "an identifier" not in page
    assert "null</span>" not in page


def test_rows_that_cannot_be_read(hub: HubServer, api: HfApi) -> None:
    api.create_repo("biglam/broken", repo_type="dataset")
    operations = [CommitOperationAdd("data/a.parquet", b"PAR1 and no more")]
    api.create_commit("biglam/broken", operations, commit_message="x", repo_type="dataset")
    assert "cannot be read" in httpx.get(f"{hub.endpoint}/datasets/biglam/broken").text


@pytest.mark.representative(1)  # further texts
@pytest.mark.parametrize("text", ["<!--" * 50_000, "[" * 50_000, "> " * 20_000 + "x", "*" * 50_000, "|" * 20_000])
def test_no_text_takes_long(text: str) -> None:
    import time

    began = time.process_time()
    render(text)
    assert time.process_time() - began < 5


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium here")
@pytest.mark.usefixtures("hostile")
def test_in_a_browser(hub: HubServer, tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    asked: list[str] = []
    with playwright.sync_playwright() as driver:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda _: asked.append("a dialog"))
        page.goto(f"{hub.endpoint}/datasets/{REPO}", timeout=60_000)
        width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        card = page.locator(".card img")
        card.wait_for(timeout=30_000)
        shown = card.evaluate("picture => [picture.complete, picture.naturalWidth]")
        rows = page.locator(".rows tbody tr").count()
        cell = page.locator(".rows img").first.evaluate(
            "async picture => { await picture.decode(); return picture.width }"
        )
        page.screenshot(path=tmp_path / "page.png")
        browser.close()
    assert all(url.startswith(hub.endpoint) for url in asked), asked
    assert width[0] <= width[1], "wide rows scroll in their box, not the page"
    assert (shown, rows, cell > 0) == ([True, 30], 20, True)
