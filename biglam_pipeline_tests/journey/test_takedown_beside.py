"""What a takedown does not write to is named: files, words, branches of people; and what it says holds, literally."""

import io
import json
import shlex
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from rich.console import Console

from biglam_pipeline.cli.retracting import report_outcome
from biglam_pipeline.errors import ConfigError
from biglam_pipeline.retraction import Outcome, Request, find_record, plan_takedown, take_down
from biglam_pipeline_tests.bench import Bench

ENTRY = """
sources:
  {name}:
    title: Letters
    custodian: A record office
    harvest: file:desk.csv
    normalize: {{map: {{id: id, title: title, text: text}}}}
    dedup: {{exact: {kind}, near: {kind}}}
    rights: {{license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-01}}
    languages: [en]
"""


def put(bench: Bench, ids: list[str], name: str = "desk", kind: str = "flag", text: str = "") -> None:
    """A table of letters, each of words of its own unless they share a text."""
    lines = ["id,title,text"]
    for at, one in enumerate(ids):
        words = f"{text} {at}" if text else " ".join(f"w{at}q{word}" for word in range(30))
        lines.append(f'"{one}",Title {at},"SECRET{at} {words}"')
    (bench.folder / "desk.csv").write_text("\n".join(lines) + "\n")
    bench.write(ENTRY.format(name=name, kind=kind))


def retract(bench: Bench, request: Request, name: str = "desk") -> Outcome:
    source = bench.source(name)
    return take_down(bench.run, source, bench.folder, plan_takedown(bench.run, source, bench.folder, request), request)


def reported(outcome: Outcome, request: Request) -> str:
    sink = io.StringIO()
    report_outcome("desk", outcome, 0, [], request, Console(file=sink, width=10_000))
    return sink.getvalue()


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "takedowns.jsonl").read_text().splitlines()]


def test_what_people_keep_beside_the_release_is_named(bench: Bench) -> None:
    put(bench, ["r0", "r1", "r2"])
    repository = bench.night("desk").repository
    api = HfApi(endpoint=bench.hub.endpoint, token=False)
    said = f"{bench.card('desk')}\n\nLetter r1 says SECRET1.\n"
    files = {"README.md": said.encode(), "letters.csv": b"r1,SECRET1\n", "other/notes.txt": b"r1"}
    api.create_commit(
        repository,
        [CommitOperationAdd(path, data) for path, data in files.items()],
        commit_message="By hand",
        repo_type="dataset",
    )
    api.create_branch(repository, branch="mine", repo_type="dataset")
    left = "\n".join(retract(bench, Request("r1", "privacy")).left)
    assert f"letters.csv, other/notes.txt of {repository}: not written by the program" in left
    assert f"README.md of {repository} names r1, and holds what people wrote" in left
    left = "\n".join(retract(bench, Request("r1", "privacy", purge=True)).left)
    assert f"mine of {repository}: cards and small files on these branches" in left


@pytest.mark.slow  # the other way round; `test_what_people_keep_...` stays
def test_nothing_is_named_where_nobody_wrote_anything(bench: Bench) -> None:
    put(bench, ["r0", "r1", "r2"])
    bench.night("desk")
    assert retract(bench, Request("r1", "privacy", purge=True)).left == ()


def test_what_was_hidden_once_stays_hidden(bench: Bench) -> None:
    """The command that removes older revisions was given without `--hide-id`, and said the name in the ledger."""
    put(bench, ["r0", "r1", "r2"])
    bench.run = replace(bench.run, takedown_key="a key")
    bench.night("desk")
    request = Request("r1", "privacy", hidden=True)
    assert "--purge-history --hide-id`" in reported(retract(bench, request), request)
    retract(bench, Request("r1", "privacy", purge=True))
    assert [line.get("record_id") for line in lines(bench.folder)] == [None, None, None]
    assert lines(bench.folder)[-1]["history_purged"] is True


@pytest.mark.slow  # `test_what_was_hidden_once_stays_hidden` stays
def test_a_name_that_is_hidden_only_now_is_still_said(bench: Bench) -> None:
    put(bench, ["r0", "r1", "r2"])
    bench.run = replace(bench.run, takedown_key="a key")
    bench.night("desk")
    retract(bench, Request("r1", "privacy"))
    left = retract(bench, Request("r1", "privacy", hidden=True)).left
    assert any("an older line of takedowns.jsonl says the identifier in clear" in one for one in left)


@pytest.mark.representative(1)  # another sign of the shell
@pytest.mark.parametrize("record", ["a b", "$(id)", "it's", "-r", "a;b", "r*"])
def test_the_command_that_is_named_is_what_a_shell_takes(bench: Bench, record: str) -> None:
    put(bench, ["r0", record, "r2"])
    bench.night("desk")
    request = Request(record, "privacy")
    command = reported(retract(bench, request), request).partition("hold it: `")[2].partition("` removes")[0]
    words = shlex.split(command)
    assert record in words
    assert not record.startswith("-") or words.index("--") < words.index(record)


@pytest.mark.slow  # a corner of identifiers; all others are ordinary
def test_an_identifier_may_begin_as_the_source_is_called(bench: Bench) -> None:
    put(bench, ["oai:lib:1", "2", "oai:2", "3"], name="oai")
    bench.night("oai")
    source = bench.source("oai")
    assert find_record(bench.run, source, "oai:lib:1") == "oai:lib:1"
    assert find_record(bench.run, source, "oai:oai:lib:1") == "oai:lib:1"
    assert find_record(bench.run, source, "oai:3") == "3"
    assert find_record(bench.run, source, "oai:unseen") == "unseen"
    with pytest.raises(ConfigError, match="say `2` or `oai:oai:2`"):
        find_record(bench.run, source, "oai:2")
    assert [find_record(bench.run, source, said) for said in ("2", "oai:oai:2")] == ["2", "oai:2"]
    assert retract(bench, Request("oai:lib:1", "privacy"), "oai").records == ("oai:lib:1",)
    assert find_record(bench.run, source, "oai:lib:1") == "oai:lib:1", "the same command again"


@pytest.mark.slow  # `test_no_copy_is_promoted` of test_takedown.py stays
def test_a_duplicate_comes_in_the_place_of_its_keeper(bench: Bench) -> None:
    """It was left out for a record that is gone, which is no other collection: the way of every night is open."""
    shared = " ".join(f"word{at}" for at in range(200))
    put(bench, ["r0", "r1", "r2"], kind="drop", text=shared)
    assert bench.night("desk").rows == 1
    keeper = next(iter(bench.rows("desk")))["source_record_id"]
    outcome = retract(bench, Request(keeper, "privacy"))
    assert outcome.because == ""
    assert len(list(bench.rows("desk"))) == 1
    assert keeper not in {row["source_record_id"] for row in bench.rows("desk")}


@pytest.mark.representative(1)  # the same without shelves
@pytest.mark.parametrize("shelf", ["whole", "without slices and raw"])
def test_a_repository_that_was_deleted_holds_nothing_up(bench: Bench, shelf: str) -> None:
    """It was said to hold the record still, and no second try could end otherwise."""
    put(bench, ["r0", "r1", "r2"])
    repository = bench.night("desk").repository
    HfApi(endpoint=bench.hub.endpoint, token=False).delete_repo(repository, repo_type="dataset")
    shelves = bench.folder / "state" / "shelves" / "desk"
    if shelf != "whole":
        for path in [*(shelves / "normalized").rglob("*.parquet"), *(shelves / "raw" / "batches").rglob("*.parquet")]:
            path.write_bytes(b"PAR1")
    outcome = retract(bench, Request("r1", "privacy"))
    assert outcome.release is None
    assert any(f"{repository} is not there, or this token may not see it" in one for one in outcome.left)
    for path in shelves.rglob("*.parquet"):
        assert b"SECRET1" not in path.read_bytes()
        if path.read_bytes() != b"PAR1" and "text" in pq.read_schema(path).names:
            assert not any("SECRET1" in (text or "") for text in pq.read_table(path)["text"].to_pylist())
    assert bench.run.hub.head(repository) is None, "it is not made again"


PART, MANIFEST, DROPPED = "data/default/part-00000.parquet", ".biglam/manifest.json", ".biglam/removed.parquet"


@pytest.mark.representative(1)  # another damage
@pytest.mark.parametrize(
    ("path", "data"), [(MANIFEST, None), (MANIFEST, b"{"), (MANIFEST, b"[]"), (DROPPED, None), (PART, None)]
)
@pytest.mark.parametrize("shelf", ["whole", "damaged"])
def test_what_somebody_damaged_there_holds_nothing_up(bench: Bench, path: str, data: bytes | None, shelf: str) -> None:
    put(bench, ["r0", "r1", "r2"])
    repository = bench.night("desk").repository
    operation = CommitOperationDelete(path) if data is None else CommitOperationAdd(path, data)
    HfApi(endpoint=bench.hub.endpoint, token=False).create_commit(
        repository, [operation], commit_message="By hand", repo_type="dataset"
    )
    shelves = bench.folder / "state" / "shelves" / "desk"
    if shelf != "whole":
        for found in [*(shelves / "normalized").rglob("*.parquet"), *(shelves / "raw").rglob("*.parquet")]:
            found.write_bytes(b"PAR1")
    outcome = retract(bench, Request("r1", "privacy"))
    assert outcome.release is not None
    assert "r1" not in {row["source_record_id"] for row in bench.rows("desk")}
    if path != PART or shelf == "whole":
        assert {row["source_record_id"] for row in bench.rows("desk")} == {"r0", "r2"}
    for part in (shelves / "shards").rglob("part-*.parquet"):
        columns = pq.read_schema(part).names
        assert "text" not in columns or "SECRET1" not in str(pq.read_table(part)["text"].to_pylist())


@pytest.mark.slow  # history: `test_f44_history_is_purged_...` of test_takedown.py stays
def test_one_that_was_withdrawn_is_still_to_be_had_and_goes(bench: Bench) -> None:
    """Its earlier visits and revisions hold it; the refusal names the way."""
    put(bench, ["r0", "r1", "r2", "r3", "r4", "r5"])
    bench.night("desk")
    table = (bench.folder / "desk.csv").read_text().splitlines()
    (bench.folder / "desk.csv").write_text("\n".join(line for line in table if "SECRET1" not in line) + "\n")
    bench.night("desk")
    with pytest.raises(ConfigError, match=r"one that was withdrawn, .* say --unseen"):
        retract(bench, Request("r1", "privacy"))
    outcome = retract(bench, Request("r1", "privacy", unseen=True, purge=True))
    assert outcome.erased == 1
    assert outcome.purged is not None
    assert outcome.purged.blobs_deleted >= 1


@pytest.mark.slow  # `test_what_people_keep_beside_the_release_is_named` stays
def test_rows_below_it_stay_and_are_named(bench: Bench) -> None:
    put(bench, ["v1", "p1", "p2"])
    text = (bench.folder / "desk.csv").read_text().splitlines()
    above = ["parent", "", "v1", "v1"]
    (bench.folder / "desk.csv").write_text("\n".join(f"{line},{one}" for line, one in zip(text, above, strict=True)))
    bench.write((bench.folder / "sources.yaml").read_text().replace("text: text}", "text: text, parent_id: parent}"))
    bench.night("desk")
    left = retract(bench, Request("v1", "privacy")).left
    assert [one for one in left if one.startswith("p1, p2 of desk: `parent_id` says that they belong to it")]
    assert {row["source_record_id"] for row in bench.rows("desk")} == {"p1", "p2"}
