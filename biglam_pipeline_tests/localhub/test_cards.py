"""The metadata that the Hub would refuse is refused here, before any byte is sent."""

import re

import pytest
from huggingface_hub import CommitOperationAdd, HfApi

from biglam_pipeline.localhub.cards import body_of, check_card
from biglam_pipeline_tests.localhub.conftest import CARD
from biglam_pipeline_tests.servers.hub import HubServer


@pytest.mark.parametrize(
    ("metadata", "word"),
    [
        ("license: CC0", "license"),
        ("license: cc-by-sa-2.0", "license"),
        ("license: [mit, gpl-3.0-or-later]", r"license\[1\]"),
        ("license: 4", "must be a string"),
        ("license: other\nlicense_name: Public Domain Mark", "license_name"),
        ("language: en-GB", "language"),
        ("language: [de, English]", r"language\[1\]"),
        ("language: [false]", "must be a string"),
        ("task_categories: [ocr]", "task_categories"),
        ("size_categories: [1K-10K]", "size_categories"),
        ("tags: lam", "tags"),
        ("configs:\n- data_files: x", "config_name"),
        ("license: [", "cannot be read"),
        ("- license", "mapping"),
    ],
)
def test_refused(metadata: str, word: str) -> None:
    errors, _ = check_card(f"---\n{metadata}\n---\n# A card\n")
    assert len(errors) == 1
    assert re.search(word, errors[0])


@pytest.mark.parametrize(
    "metadata",
    [
        "license: other\nlicense_name: public-domain-mark-1.0\nlicense_link: https://example.org/",
        "license: [cc0-1.0, cc-by-4.0]",
        "language: [no, grc, multilingual, code]",
        "task_categories: [text-generation, image-to-text]\nsize_categories: [10K<n<100K]",
    ],
)
def test_accepted(metadata: str) -> None:
    assert check_card(f"---\n{metadata}\n---\n") == ([], [])


def test_no_metadata_is_a_warning() -> None:
    assert check_card("# Only a title\n") == ([], ["empty or missing yaml metadata in repo card"])
    assert body_of(CARD.decode()) == "# Letters <b>home</b>\n"


def test_client_stops_before_the_upload(hub: HubServer, api: HfApi) -> None:
    api.create_repo("biglam/cards", repo_type="dataset")
    card = CommitOperationAdd("README.md", b"---\nlanguage: en-GB\n---\n")
    with pytest.raises(ValueError, match="en-GB"):
        api.create_commit("biglam/cards", [card], commit_message="card", repo_type="dataset")
    assert hub.count("POST", "/preupload/") == 0
