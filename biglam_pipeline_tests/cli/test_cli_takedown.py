"""`biglam takedown`: what it says before, what it did, and that it asks first."""

import json
import re
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, HfApi

from biglam_pipeline_tests.command import Command
from biglam_pipeline_tests.servers.hub import HubServer

ENTRY = """
sources:
  letters:
    title: Letters
    custodian: A library
    harvest: file:letters.csv
    normalize: {map: {id: id, text: text, title: title}}
    rights: {license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-31}
    languages: [en]
    expect: {rows: 1..}
"""
SECRET = "Dear Mrs Harrow, the matter of the orphan must never be spoken of in the town again"
Biglam = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def biglam(tmp_path: Path, command: Command, prepared: Path, hub: HubServer) -> Biglam:
    """Runs the command in a folder with one entry."""
    shutil.copytree(prepared, tmp_path / ".biglam" / "dagster")
    rows = [("1", "Harrow", SECRET), ("2", "Harrow", SECRET), ("3", "Mrs Harrow", SECRET)]
    rows += [(str(at), f"Letter {at}", f"{tmp_path.name}: letter {at}, about coals and candles") for at in range(4, 9)]
    text = "id,title,text\n" + "".join(f'{one},{title},"{said}"\n' for one, title, said in rows)
    (tmp_path / "letters.csv").write_text(text)
    (tmp_path / "sources.yaml").write_text(ENTRY)
    settings = {
        "BIGLAM_HUB_ENDPOINT": hub.endpoint,
        "BIGLAM_HUB_OWNER": f"ct{tmp_path.name}"[:40].replace("_", "-").strip("-"),
    }

    def run(*words: str, answer: str = "") -> subprocess.CompletedProcess[str]:
        return command(*words, folder=tmp_path, settings=settings, answer=answer)

    return run


def said(done: subprocess.CompletedProcess[str]) -> str:
    return " ".join((done.stdout + done.stderr).split())


def test_a_takedown_from_end_to_end(biglam: Biglam, tmp_path: Path) -> None:
    assert biglam("run", "letters").returncode == 0
    ledger = tmp_path / "takedowns.jsonl"
    refused = biglam("takedown", "letters", "1", "--ground", "privacy", answer="n\n")
    assert refused.returncode == 1
    assert not ledger.exists()
    assert "1 equal record of this source will go with it, whatever it belongs to" in said(refused)
    assert "goes with it, equal in everything but identifiers: 2" in said(refused)
    assert "look at: the same text, something else different; not taken down: 3" in said(refused)
    assert "data/default/part-00000.parquet is written again (8 rows)" in said(refused)

    words = ["takedown", "letters", "letters:1", "--ground", "privacy", "--basis", "the family asks", "--yes"]
    done = biglam(*words, "--purge-history")
    assert done.returncode == 0, said(done)
    assert "2 records in takedowns.jsonl, kept out from now on" in said(done)
    assert "6 rows left; raw objects rewritten: 1" in said(done)
    assert "files are gone from its history" in said(done)
    assert "git-lfs is given none of" in said(done)
    lines = [json.loads(line) for line in ledger.read_text().splitlines()]
    assert [(line["record_id"], line["history_purged"]) for line in lines if "datasets" in line] == [
        ("1", True),
        ("2", True),
    ]
    again = biglam(*words)
    assert again.returncode == 0, said(again)
    assert len(ledger.read_text().splitlines()) == len(lines)
    status = json.loads(biglam("status", "--json").stdout)["sources"][0]
    assert (status["rows"], status["published"]) == (6, 6)
    assert (status["left_out"], status["up_to_date"]) == ({"taken_down": 2}, True)


def test_what_cannot_be_taken_down(biglam: Biglam, tmp_path: Path) -> None:
    assert biglam("run", "letters", "--to", "normalized").returncode == 0
    unknown = biglam("takedown", "letters", "99", "--ground", "privacy", "--yes")
    assert unknown.returncode == 2
    assert "letters has no record '99'" in said(unknown)
    assert "--unseen" in said(unknown)
    ground = biglam("takedown", "letters", "1", "--ground", "gossip", "--yes")
    assert ground.returncode == 2
    assert "culturally_sensitive" in said(ground)
    hidden = biglam("takedown", "letters", "1", "--ground", "privacy", "--hide-id", "--yes")
    assert "set BIGLAM_TAKEDOWN_KEY" in said(hidden)
    assert not (tmp_path / "takedowns.jsonl").exists()
    later = biglam("takedown", "letters", "99", "--ground", "privacy", "--unseen", "--yes")
    assert later.returncode == 0, said(later)
    assert "nothing is published yet" in said(later)


def test_check_looks_at_the_ledger(biglam: Biglam, tmp_path: Path) -> None:
    ledger = tmp_path / "takedowns.jsonl"
    ledger.write_text('{"source_id": "leters", "record_id": "1", "action": "removed"}\n')
    slip = biglam("check")
    assert slip.returncode == 0
    assert "takedowns.jsonl:1: 'leters' is no entry of this folder, so the line keeps nothing out" in said(slip)
    ledger.write_text('{"record_id": "1", "action": "removed"}\n')
    nameless = biglam("check")
    assert nameless.returncode == 1
    assert "takedowns.jsonl:1: 'source_id': Field required" in said(nameless)
    assert "nothing is published" in said(nameless)


def holding(folder: Path, *words: str) -> list[str]:
    """Files of this machine that hold one of these, as they lie there."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and any(word.encode() in path.read_bytes() for word in words)
    )


@pytest.mark.slow
def test_dagster_forgets_what_it_showed(biglam: Biglam, tmp_path: Path) -> None:
    """Its previews hold the first rows, its logs what was said of them; another source's runs stay."""
    (tmp_path / "sources.yaml").write_text(ENTRY + ENTRY.replace("\nsources:\n", "").replace("  letters:", "  other:"))
    (tmp_path / "other.csv").write_text((tmp_path / "letters.csv").read_text())
    assert biglam("run", "letters").returncode == 0
    text = (tmp_path / "sources.yaml").read_text()
    (tmp_path / "sources.yaml").write_text(text[::-1].replace("letters.csv"[::-1], "other.csv"[::-1], 1)[::-1])
    (tmp_path / "other.csv").write_text("id,title,text\n9,Coals,An account of coals for the month of March\n")
    assert biglam("run", "other").returncode == 0
    dagster = tmp_path / ".biglam" / "dagster"
    assert holding(dagster, "Dear Mrs Harrow")
    done = biglam("takedown", "letters", "1", "--ground", "privacy", "--yes", "--purge-history")
    assert done.returncode == 0, said(done)
    assert "Dagster forgot 1 run of the source, with their previews and logs" in said(done)
    third = biglam("takedown", "letters", "3", "--ground", "privacy", "--yes", "--purge-history")
    assert third.returncode == 0, said(third)
    state = tmp_path / ".biglam"
    assert holding(state, "Dear Mrs Harrow", "matter of the orphan") == []
    [index] = dagster.rglob("index.db")
    with closing(sqlite3.connect(index)) as database:  # whether SQLite was built to clear what it frees or not
        assert database.execute("PRAGMA freelist_count").fetchone() == (0,)
    assert holding(dagster, "An account of coals"), "another source's previews"
    assert biglam("run", "letters").returncode == 0


@pytest.mark.slow
def test_where_dagsters_database_is_broken_it_is_named(biglam: Biglam, tmp_path: Path) -> None:
    assert biglam("run", "letters").returncode == 0
    home = tmp_path / ".biglam" / "dagster"
    for path in home.rglob("index.db*"):
        path.write_bytes(b"not a database" * 100)
    done = biglam("takedown", "letters", "1", "--ground", "privacy", "--yes")
    assert done.returncode == 0, said(done)
    assert f"or delete the folder {home}, with which the history of all runs is lost, and nothing else" in said(done)


@pytest.mark.slow  # journey/test_takedown_always.py holds it, below the command
@pytest.mark.parametrize("text", ["sources: {}\n", "sources:\n  letters:\n    titel: Letters\n", "sources: [\n"])
def test_an_entry_that_is_gone_or_broken(biglam: Biglam, tmp_path: Path, text: str) -> None:
    assert biglam("run", "letters").returncode == 0
    (tmp_path / "sources.yaml").write_text(text)
    done = biglam("takedown", "letters", "1", "--ground", "privacy", "--yes", "--purge-history")
    assert done.returncode == 0, said(done)
    assert "6 rows left" in said(done)
    assert "published from the published parts alone, since" in said(done)
    assert "letters/raw on the shelves may hold it" in said(done)
    assert "put its entry in order; where the source was given up, delete the folder letters from the shelves" in said(
        done
    )
    (tmp_path / "sources.yaml").write_text(ENTRY)
    again = biglam("takedown", "letters", "1", "--ground", "privacy", "--yes", "--purge-history")
    assert again.returncode == 0, said(again)
    assert "raw objects rewritten: 1" in said(again)
    assert "letters/raw" not in said(again)
    unknown = biglam("takedown", "leters", "1", "--ground", "privacy", "--yes")
    assert unknown.returncode == 2
    assert "there is no source `leters`; did you mean `letters`?" in said(unknown)


@pytest.mark.slow
def test_what_nothing_reads_is_named(biglam: Biglam, tmp_path: Path) -> None:
    """Members of an archive that are left out, litter, and files that the reader does not take."""
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(tmp_path / "letters.csv", "letters.csv")
        archive.writestr("scans/harrow.pdf", "a scan")
        archive.writestr("__MACOSX/._letters.csv", "litter")
        archive.writestr("notes.tmp", "a note")
    (tmp_path / "sources.yaml").write_text(
        ENTRY.replace("file:letters.csv", "{url: file:all.zip, ignore: '*.tmp'}").replace(
            "normalize: {", "normalize: {type: table, "
        )
    )
    assert biglam("run", "letters").returncode == 0
    done = biglam("takedown", "letters", "1", "--ground", "privacy", "--yes")
    assert done.returncode == 0, said(done)
    assert "that nothing reads were not searched: 1 pdf, " in said(done)
    assert "1 ignored" in said(done)
    assert "1 litter" in said(done)
    assert "such as all.zip/scans/harrow.pdf" in said(done)


@pytest.mark.slow
def test_one_that_began_and_cannot_end_does_not_say_that_nothing_was_begun(
    biglam: Biglam, tmp_path: Path, hub: HubServer
) -> None:
    """Somebody published another source there: its files are not ours, and the ledger keeps the record out by now."""
    ran = biglam("run", "letters")
    found = re.search(r"datasets/(\S+?/letters)\b", said(ran))
    assert found is not None
    api = HfApi(endpoint=hub.endpoint, token=False)
    path = ".biglam/manifest.json"
    there = Path(api.hf_hub_download(found[1], path, repo_type="dataset", local_dir=tmp_path / "there"))
    manifest = json.dumps(json.loads(there.read_text()) | {"source": "other"}).encode()
    operation = CommitOperationAdd(path, manifest)
    api.create_commit(found[1], [operation], commit_message="By hand", repo_type="dataset")
    done = biglam("takedown", "letters", "1", "--ground", "privacy", "--yes")
    assert done.returncode == 1, said(done)
    assert "The ledger keeps the record out from now on" in said(done)
    assert '"record_id":"1"' in (tmp_path / "takedowns.jsonl").read_text()
