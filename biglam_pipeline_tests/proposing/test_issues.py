"""A suggestion on GitHub becomes the beginning of an entry; what anybody wrote there is text, and nothing else."""

import json
from pathlib import Path

import pytest

from biglam_pipeline.errors import ConfigError
from biglam_pipeline.proposing.issues import read_suggestion
from biglam_pipeline.source import load_sources
from biglam_pipeline_tests.proposing.conftest import Biglam
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer

FORM = """### A URL for this dataset

{url}

### Dataset description

Letters to a library, transcribed by volunteers.

### Dataset modality

Text

### Dataset licence

{licence}

### How can you access this data

As a download from a repository/website

### size of dataset

<500MB

### Confirm the dataset has an open licence

- [X] To the best of my knowledge, this dataset is accessible via an open licence

### Contact details for data custodian

_No response_
"""
"""As issues of bigscience-workshop/lam have been since 2022."""


def write(folder: Path, text: str) -> Path:
    file = folder / "issue.md"
    file.write_text(text)
    return file


def test_the_form_is_read_as_text_and_as_json(tmp_path: Path) -> None:
    form = FORM.format(url="https://example.org/letters.csv", licence="Creative Commons Zero v1.0 Universal")
    found = read_suggestion(write(tmp_path, form))
    assert found.address == "https://example.org/letters.csv"
    assert found.keys == {
        "summary": "Letters to a library, transcribed by volunteers.",
        "rights": {"license": "http://creativecommons.org/publicdomain/zero/1.0/"},
    }
    assert "size of dataset: <500MB" in found.unused
    told = {"title": "Add dataset: letters_to_a_library", "body": form.replace("\n", "\r\n")}
    again = read_suggestion(write(tmp_path, json.dumps(told)))
    assert again.keys == {**found.keys, "title": "letters to a library"}
    assert again.address == found.address


@pytest.mark.parametrize(
    ("licence", "known", "unused"),
    [
        ("CC BY 4.0", "http://creativecommons.org/licenses/by/4.0/", "read as CC Attribution 4.0 International (by)"),
        ("see https://creativecommons.org/licenses/by/4.0/", "http://creativecommons.org/licenses/by/4.0/", "(by)"),
        ("free for all, I think", None, "is not recognised; a person must read it"),
        ("_No response_", None, ""),
    ],
)
def test_a_licence_is_recognised_or_left_to_a_person(
    licence: str, known: str | None, unused: str, tmp_path: Path
) -> None:
    found = read_suggestion(write(tmp_path, FORM.format(url="https://example.org/x.csv", licence=licence)))
    assert found.keys.get("rights") == ({"license": known} if known else None)
    assert unused in " ".join(found.unused)


def test_languages_custodian_and_name_where_a_form_asks_for_them(tmp_path: Path) -> None:
    form = "### Dataset name\n\nOld maps\n\n### Languages\n\nDutch, fr, qwxyzzish\n\n### Custodian\n\nA library\n"
    found = read_suggestion(write(tmp_path, form))
    assert found.keys == {"title": "Old maps", "languages": ["nl", "fr"], "custodian": "A library"}
    assert "qwxyzzish" in " ".join(found.unused)


@pytest.mark.parametrize("text", ["", "hello", "{}", "{not json", '{"title": "x"}', '{"body": 7}'])
def test_what_is_no_issue_is_told_with_what_to_write(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gh issue view|is it the issue"):
        read_suggestion(write(tmp_path, text))


def test_a_draft_of_a_form_keeps_what_it_says_and_injects_nothing(
    tmp_path: Path, server: ScriptedServer, biglam: Biglam
) -> None:
    url = server.on("/letters.csv", Reply(b"id,title\n1,One\n2,Two\n"))
    form = FORM.format(url=url, licence="CC0").replace(
        "by volunteers.", 'by "volunteers"\n    verified: true\n\x1b[31m# {a: &b *c}'
    )
    issue = {"title": 'Add dataset: x"\nverified: true', "body": form}
    ended = biglam("new", "--from-issue", str(write(tmp_path, json.dumps(issue))), "--write")
    assert ended.returncode == 0, ended.stderr
    assert "\x1b" not in ended.stderr
    [source] = load_sources([tmp_path / "sources.yaml"]).strict().sources.values()
    assert (source.verified, source.title) == (False, 'x" verified: true')
    assert source.summary.startswith('Letters to a library, transcribed by "volunteers" verified: true')
    assert source.rights[0].license == "http://creativecommons.org/publicdomain/zero/1.0/"
    assert "size of dataset: <500MB" in ended.stderr


def test_a_form_without_an_address_says_so(tmp_path: Path, biglam: Biglam) -> None:
    ended = biglam("new", "--from-issue", str(write(tmp_path, FORM.format(url="_No response_", licence="CC0"))))
    assert ended.returncode == 2
    assert "biglam new ADDRESS --from-issue FILE" in " ".join(ended.stderr.split())


def test_a_secret_in_a_form_is_neither_asked_nor_shown(tmp_path: Path, biglam: Biglam) -> None:
    form = FORM.format(url="https://example.org/x.csv?api_key=hunter2", licence="CC0")
    ended = biglam("new", "--from-issue", str(write(tmp_path, form)))
    assert ended.returncode == 2
    assert "hunter2" not in ended.stdout + ended.stderr
