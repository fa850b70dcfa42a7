"""What a person sees in a browser."""

from pathlib import Path

import httpx
from huggingface_hub import CommitOperationAdd, HfApi

from biglam_pipeline.localhub.pages import size_text
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
    assert '<span class="label">v1</span>' in page
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
