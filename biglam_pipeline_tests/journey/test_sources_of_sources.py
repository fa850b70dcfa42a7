"""A corpus that is made of other sources: entry 19 of the language, by the real command, and the nights that follow."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.errors import RightsWithheld, SourceChanged
from biglam_pipeline.retraction import Request, plan_takedown, take_down
from biglam_pipeline.store import disk
from biglam_pipeline.store.parts import PartSize, encode
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.takedown.ledger import digest_of
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.command import Command
from biglam_pipeline_tests.journey.test_visibility import DOCUMENTED

EVIDENCE = "evidence: https://www.bl.uk/terms, checked: 2026-01-01"
ORIGINS = f"""
    sources:
      hmd_newspapers:
        title: Heritage Made Digital newspapers
        custodian: British Library
        harvest: file:hmd
        normalize:
          type: table
          map: {{id: id, title: title, date: date, text: text, languages: lang, ocr_confidence: conf,
            text_origin: origin, parent_id: issue, source_url: url, extra: [edition]}}
        rights: {{license: CC0-1.0, {EVIDENCE}, quote: CC0}}
      bnl_newspapers:
        title: Newspapers of Luxembourg
        custodian: Bibliothèque nationale du Luxembourg
        harvest: file:bnl
        normalize:
          type: table
          map: {{id: id, date: date, text: text, languages: lang, ocr_confidence: conf, parent_id: issue}}
        rights: {{from: rights, accept: [pd, by], attribution: BnL, {EVIDENCE}}}
"""
DERIVED = """
      historic_newspapers_lm:
        title: Historic newspapers for language models
        custodian: BigLAM
        harvest: [source:hmd_newspapers, source:bnl_newspapers]
        normalize:
          where:
            - {languages: en, year_start: ..1799, ocr_confidence: 0.50..}
            - {languages: en, year_start: 1800.., ocr_confidence: 0.70..}
            - {languages: [de, lb], ocr_confidence: 0.60..}
            - {languages: [fr, "no", sv], ocr_confidence: 0.70..}
          map: {config: $languages}
        rights: {from: $rights_name, accept: [pd, by]}
        dedup: {near: drop}
"""
PUBLIC = DERIVED + "".join(
    f"        {key}: {json.dumps(value)}\n"
    for key, value in {**DOCUMENTED, "publish": {"visibility": "public"}}.items()
)
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
NAME = "historic_newspapers_lm"
WORDS = [
    "harbour",
    "cattle",
    "weather",
    "parliament",
    "railway",
    "sermon",
    "colony",
    "factory",
    "theatre",
    "voyage",
    "market",
    "letter",
]


def prose(seed: int) -> str:
    """Some sixty words that no other number has in this order."""
    chosen = random.Random(seed)
    return " ".join(f"{chosen.choice(WORDS)}{chosen.randrange(100)}" for _ in range(60)) + "."


def hmd(number: int, **more: str) -> dict[str, str]:
    row = {"id": f"a{number}", "title": f"Page {number}", "date": "1824-03-05", "text": prose(number), "lang": "en"}
    row |= {"conf": "0.7", "origin": "ocr", "issue": "issue-1", "url": f"https://bl.uk/{number}", "edition": "first"}
    return {**row, **more}


def bnl(number: int, **more: str) -> dict[str, str]:
    row = {"id": f"a{number}", "date": "1868", "text": prose(100 + number), "lang": "de", "conf": "0.61",
           "issue": "issue-1", "rights": "https://creativecommons.org/publicdomain/mark/1.0/"}  # fmt: skip
    return {**row, **more}


def lay(folder: Path, name: str, rows: list[dict[str, str]]) -> None:
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


HMD = [
    *map(hmd, range(8)),
    hmd(8, date="1790", conf="0.55"),
    hmd(9, conf="0.69"),
    hmd(10, lang="cy"),
]
BNL = [
    *map(bnl, range(5)),
    bnl(5, rights="https://creativecommons.org/licenses/by-sa/4.0/"),
    bnl(6, rights="In Copyright"),
    bnl(7, text=f"{prose(1)} Printed by Lay.", lang="en", conf="0.8", rights=CC0),  # as hmd has it, nearly
    bnl(8, rights=""),
    bnl(9, rights="https://creativecommons.org/licenses/by/4.0/"),
]
FROM_HMD = {f"{NAME}:hmd_newspapers:a{number}" for number in range(9)}
FROM_BNL = {f"{NAME}:bnl_newspapers:a{number}" for number in (0, 1, 2, 3, 4, 9)}


def origins_of(folder: Path) -> None:
    lay(folder, "hmd", HMD)
    lay(folder, "bnl", BNL)


def rows_in(shelves: Path) -> list[dict[str, Any]]:
    """Of the parts that are laid."""
    parts = [path for path in sorted(shelves.glob("data/**/part-*.parquet")) if ".places." not in path.name]
    return [row for path in parts for row in pq.read_table(path).to_pylist()]


@pytest.mark.slow  # its nights run in this process below, and its refusal in test_other_source
def test_entry_19_runs_by_the_real_command(tmp_path: Path, command: Command) -> None:
    origins_of(tmp_path)
    (tmp_path / "sources.yaml").write_text((ORIGINS + DERIVED).replace("\n    ", "\n"))

    def run(*words: str) -> Any:
        return command(*words, folder=tmp_path, settings={})

    checked = run("check", NAME)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "evidence" not in checked.stdout
    early = run("run", NAME, "--to", "shards")
    assert early.returncode == 1
    assert "hmd_newspapers has laid nothing yet" in " ".join((early.stdout + early.stderr).split())
    assert "biglam run hmd_newspapers" in " ".join((early.stdout + early.stderr).split())
    ran = run("run", NAME, "bnl_newspapers", "hmd_newspapers", "--to", "shards")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    shelves = next(tmp_path.rglob(f"{NAME}/shards/data")).parent
    rows = {row["id"]: row for row in rows_in(shelves)}
    assert rows.keys() == FROM_HMD | FROM_BNL, "the near-duplicate is one row, what is not accepted none"
    lay(tmp_path, "hmd", [hmd(0, text=prose(555)), *HMD[1:]])
    again = run("run", "--all", "--to", "shards")
    assert again.returncode == 0, again.stdout + again.stderr
    assert {row["id"]: row for row in rows_in(shelves)}[f"{NAME}:hmd_newspapers:a0"]["text"] == prose(555)
    quiet = run("run", "--all", "--to", "shards")
    assert f"{NAME}: nothing new; 2 parts stay as they are" in " ".join((quiet.stdout + quiet.stderr).split())


@pytest.fixture
def corpus(bench: Bench) -> Callable[..., Bench]:
    """Both origins and what is made of them, laid once."""

    def make(entries: str = ORIGINS + DERIVED) -> Bench:
        origins_of(bench.folder)
        bench.write(entries)
        bench.run = replace(bench.run, part_size=PartSize(full=2_500, step=5))
        for name in ("hmd_newspapers", "bnl_newspapers", NAME):
            bench.build(name)
        return bench

    return make


def laid(bench: Bench, name: str = NAME) -> dict[str, dict[str, Any]]:
    shards = bench.run.shards(bench.source(name))
    manifest = shards.current()
    assert manifest is not None
    return {row["id"]: row for part in manifest.parts for row in shards.table(part).to_pylist()}


OWN = {"id", "source_id", "source_record_id", "parent_id", "first_seen", "rights_tier", "rights_uri", "rights_name",
       "dup_cluster_id", "dup_of", "similarity", "edition"}  # fmt: skip


def test_common_columns_come_over_as_they_are(corpus: Callable[..., Bench]) -> None:
    bench = corpus()
    rows = laid(bench)
    for name in ("hmd_newspapers", "bnl_newspapers"):
        theirs = laid(bench, name)
        for id_, row in theirs.items():
            mine = rows.get(f"{NAME}:{id_}")
            if mine:
                same = {column: row[column] for column in row.keys() - OWN}
                assert {column: mine[column] for column in same} == same
                assert mine["parent_id"] == f"{name}:issue-1", "of each its own issue-1"
                assert (mine["rights_name"], mine["rights_tier"]) == (row["rights_name"], row["rights_tier"])
    assert rows[f"{NAME}:hmd_newspapers:a1"]["custodian"] == "British Library"
    assert rows[f"{NAME}:bnl_newspapers:a9"]["attribution"] == "BnL"


def test_two_nights_and_a_quiet_one(corpus: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch) -> None:
    """Added, corrected and removed there are so here; on a quiet night not one part is read."""
    bench = corpus()
    first = bench.run.raw(bench.source(NAME)).latest()
    assert first is not None
    assert first.complete
    assert "18 rows as their manifests say" in first.proof, "11 of 11, and the 7 of 10 whose rights are accepted"
    lay(bench.folder, "hmd", [*HMD[1:3], hmd(3, text=prose(777)), *HMD[4:], hmd(20, text=prose(888))])
    bench.build("hmd_newspapers")
    bench.build(NAME)
    rows = laid(bench)
    assert f"{NAME}:hmd_newspapers:a0" not in rows
    assert rows[f"{NAME}:hmd_newspapers:a3"]["text"] == prose(777)
    assert rows[f"{NAME}:hmd_newspapers:a20"]["first_seen"] == 2
    assert rows[f"{NAME}:hmd_newspapers:a1"]["first_seen"] == 1
    second = bench.run.raw(bench.source(NAME)).latest()

    def no(*_: object) -> None:
        raise AssertionError("a part was read")

    monkeypatch.setattr("biglam_pipeline.store.disk.link_or_copy", no)
    monkeypatch.setattr("biglam_pipeline.store.parts.ShardsShelf.groups_of", no)
    assert pipeline.harvest_source(bench.run, bench.source(NAME), bench.folder).unchanged
    assert bench.run.raw(bench.source(NAME)).latest() == second


def held_anywhere(bench: Bench, words: str) -> list[str]:
    """Files of the derived source in which a text stands: Parquet of text columns is looked into."""
    folder, found = bench.folder / "state", []
    for path in folder.rglob(f"{NAME}/**/*"):
        if path.is_file() and path.read_bytes()[:4] == b"PAR1":
            found += [str(path)] if words in str(pq.read_table(path).to_pylist()) else []
    return found


def test_what_is_taken_down_in_an_origin_is_gone_here_the_same_night(corpus: Callable[..., Bench]) -> None:
    """From the rows, and from the copy of the origin's part on the raw shelf."""
    bench = corpus()
    assert held_anywhere(bench, prose(2))
    origin = bench.source("hmd_newspapers")
    request = Request("a2", "privacy", "on request")
    take_down(bench.run, origin, bench.folder, plan_takedown(bench.run, origin, bench.folder, request), request)
    bench.build(NAME)
    assert f"{NAME}:hmd_newspapers:a2" not in laid(bench)
    assert held_anywhere(bench, prose(2)) == []
    assert len(laid(bench)) == len(FROM_HMD | FROM_BNL) - 1


@pytest.mark.slow  # `test_what_is_taken_down_in_an_origin_...` stays
def test_a_line_that_nobody_has_carried_out_yet_counts_here_too(corpus: Callable[..., Bench]) -> None:
    """The derived source runs before the origin: nothing new is laid there, and the ledger alone says it."""
    bench = corpus()
    line = {"source_id": "bnl_newspapers", "record_id": "a3", "action": "removed"}
    (bench.folder / "takedowns.jsonl").write_text(json.dumps(line) + "\n")
    bench.build(NAME)
    assert laid(bench).keys() == (FROM_HMD | FROM_BNL) - {f"{NAME}:bnl_newspapers:a3"}
    assert held_anywhere(bench, prose(103)) == []
    edited = "map: {config: $languages, extra: {mine: title}}"
    bench.write(ORIGINS + DERIVED.replace("map: {config: $languages}", edited))
    bench.build(NAME)
    assert laid(bench).keys() == (FROM_HMD | FROM_BNL) - {f"{NAME}:bnl_newspapers:a3"}, "what is left is read as well"


@pytest.mark.slow  # `test_what_is_taken_down_in_an_origin_...` stays
def test_an_identifier_that_only_its_digest_names_is_kept_out_too(corpus: Callable[..., Bench]) -> None:
    bench = corpus()
    bench.run = replace(bench.run, takedown_key="k" * 32)
    line = {"source_id": "bnl_newspapers", "record_hmac": digest_of("a3", "k" * 32), "action": "removed"}
    (bench.folder / "takedowns.jsonl").write_text(json.dumps(line) + "\n")
    bench.build(NAME)
    assert laid(bench).keys() == (FROM_HMD | FROM_BNL) - {f"{NAME}:bnl_newspapers:a3"}
    assert held_anywhere(bench, prose(103)) == []


@pytest.mark.slow  # the way back; of restoring journey/test_takedown.py holds the rule
def test_what_was_restored_there_is_back_here(corpus: Callable[..., Bench]) -> None:
    bench = corpus()
    before = laid(bench).keys()
    ledger = bench.folder / "takedowns.jsonl"
    line = {"source_id": "bnl_newspapers", "record_id": "a3", "action": "removed"}
    ledger.write_text(json.dumps(line) + "\n")
    for name in ("bnl_newspapers", NAME):
        bench.build(name)
    assert f"{NAME}:bnl_newspapers:a3" not in laid(bench)
    ledger.write_text(ledger.read_text() + json.dumps({**line, "action": "restored"}) + "\n")
    for name in ("bnl_newspapers", NAME):
        bench.build(name)
    assert laid(bench).keys() == before


@pytest.mark.slow  # `test_where_an_origin_closes_...` stays
def test_a_source_that_was_taken_down_as_a_whole_stops_this_one_and_hides_it(corpus: Callable[..., Bench]) -> None:
    bench = corpus(ORIGINS + PUBLIC)
    release = bench.night(NAME)
    assert bench.run.hub.visibility(release.repository) == "public"
    line = {"source_id": "bnl_newspapers", "scope": "dataset", "action": "removed"}
    (bench.folder / "takedowns.jsonl").write_text(json.dumps(line) + "\n")
    with pytest.raises(RightsWithheld, match="Take source:bnl_newspapers out of its `harvest`"):
        bench.build(NAME)
    assert bench.run.hub.visibility(release.repository) == "private"
    bench.write((ORIGINS + PUBLIC).replace(", source:bnl_newspapers", ""))
    bench.build(NAME)
    assert laid(bench).keys() == FROM_HMD


def test_where_an_origin_closes_this_one_closes_the_same_night(corpus: Callable[..., Bench]) -> None:
    bench = corpus(ORIGINS + PUBLIC)
    release = bench.night(NAME)
    assert bench.run.hub.visibility(release.repository) == "public"
    bench.write(
        (ORIGINS + PUBLIC).replace("custodian: British Library", "custodian: British Library\n        verified: false")
    )
    with pytest.raises(RightsWithheld, match="hmd_newspapers, which it is made of, is closed: the entry says verified"):
        bench.night(NAME)
    assert bench.run.hub.visibility(release.repository) == "private"


@pytest.mark.slow  # `test_where_an_origin_closes_...` stays
def test_where_the_evidence_of_an_origin_goes_this_one_closes_too(corpus: Callable[..., Bench]) -> None:
    """No row of it changes, so that nothing new is asked of its gate."""
    bench = corpus(ORIGINS + PUBLIC)
    release = bench.night(NAME)
    bench.write((ORIGINS + PUBLIC).replace(f"{EVIDENCE}, quote: CC0", "checked: 2026-01-01"))
    with pytest.raises(RightsWithheld, match="hmd_newspapers, which it is made of: rights for all have no evidence"):
        bench.night(NAME)
    assert bench.run.hub.visibility(release.repository) == "private"


@pytest.mark.slow  # test_takedown_kills.py kills in `make test`
def test_a_run_that_was_killed_before_it_forgot_forgets_the_next_night(
    corpus: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = corpus()
    lay(bench.folder, "hmd", [*HMD[:2], *HMD[3:]])
    bench.build("hmd_newspapers")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(RawShelf, "forget_before", killed)
        with pytest.raises(KeyboardInterrupt):
            bench.build(NAME)
    assert held_anywhere(bench, prose(2))
    bench.build(NAME)
    assert held_anywhere(bench, prose(2)) == []


def test_what_the_gate_of_an_origin_refuses_does_not_come_in(corpus: Callable[..., Bench]) -> None:
    """Its rows of before stay, as what it published stays; of the other one what is new comes."""
    bench = corpus()
    before = laid(bench).keys()
    bench.write(
        (ORIGINS + DERIVED).replace(
            "        rights: {license", "        expect: {rows: 11..11}\n        rights: {license"
        )
    )
    lay(bench.folder, "hmd", [*HMD, hmd(30, text=prose(999))])
    lay(bench.folder, "bnl", [*BNL, bnl(31, text=prose(998))])
    for name in ("hmd_newspapers", "bnl_newspapers", NAME):
        bench.build(name)
    assert laid(bench).keys() == before | {f"{NAME}:bnl_newspapers:a31"}


@pytest.mark.slow  # `test_what_the_gate_of_an_origin_refuses_...` stays
def test_a_row_without_a_statement_is_withheld(corpus: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever laid it: it is not there as published, and would not be here."""
    bench = corpus()
    shards = bench.run.shards(bench.source("bnl_newspapers"))
    manifest = shards.current()
    assert manifest is not None
    part = manifest.parts[0]
    table = shards.table(part)
    columns = {name: pa.nulls(table.num_rows, pa.string()) for name in ("rights_name", "rights_uri")}
    for name, nulls in columns.items():
        table = table.set_column(table.schema.get_field_index(name), table.schema.field(name), nulls)
    written = bench.folder / "written.parquet"
    pq.write_table(table, written)
    sha256, size = disk.digest_file(written)
    shards.path(part).write_bytes(written.read_bytes())
    spoiled = replace(manifest, content="other", parts=(replace(part, sha256=sha256, size=size), *manifest.parts[1:]))
    shards.shelf.swap("manifest.json", shards.shelf.read("manifest.json"), encode(spoiled))
    monkeypatch.setattr("biglam_pipeline.clearing.cleared", lambda _: None)
    bench.build(NAME)
    theirs = {f"{NAME}:{id_}" for id_ in table["id"].to_pylist()}
    assert laid(bench).keys() == (FROM_HMD | FROM_BNL) - theirs
    tally = bench.run.shards(bench.source(NAME)).current()
    assert tally is not None
    assert tally.tally.withheld >= len(theirs & FROM_BNL)


@pytest.mark.slow  # `test_common_columns_come_over_as_they_are` stays
def test_own_columns_of_an_origin_come_by_name(corpus: Callable[..., Bench]) -> None:
    """A column that one of them lacks stops the source, as in any files; `files` chooses those that have it."""
    only = DERIVED.replace("[source:hmd_newspapers, source:bnl_newspapers]", "source:hmd_newspapers")
    extra = "map: {config: $languages, extra: [edition]}"
    bench = corpus(ORIGINS + only.replace("map: {config: $languages}", extra))
    assert {row["edition"] for row in laid(bench).values()} == {"first"}
    bench.write(ORIGINS + DERIVED.replace("map: {config: $languages}", extra))
    with pytest.raises(SourceChanged, match="has no column 'edition'"):
        bench.build(NAME)


@pytest.mark.slow  # two steps; each test above takes one
def test_a_corpus_of_a_corpus(corpus: Callable[..., Bench]) -> None:
    """Names stand behind each other, and a takedown two steps away counts."""
    second = DERIVED.replace(f"{NAME}:\n", "smaller:\n").replace(
        "[source:hmd_newspapers, source:bnl_newspapers]", f"source:{NAME}"
    )
    bench = corpus(ORIGINS + second + DERIVED)
    bench.build("smaller")
    assert laid(bench, "smaller").keys() == {f"smaller:{id_}" for id_ in FROM_HMD | FROM_BNL}
    line = {"source_id": "bnl_newspapers", "record_id": "a3", "action": "removed"}
    (bench.folder / "takedowns.jsonl").write_text(json.dumps(line) + "\n")
    bench.build("smaller")
    assert f"smaller:{NAME}:bnl_newspapers:a3" not in laid(bench, "smaller")


@pytest.mark.slow  # journey/test_rights.py holds `overrule`
def test_what_a_person_decided_in_an_origin_holds_here_and_stands_on_the_card(corpus: Callable[..., Bench]) -> None:
    """Records that were overruled there, with their words; a label and whom to credit come along too."""
    denied = ORIGINS.replace(
        "rights: {license: CC0-1.0, ",
        "rights: {license: CC0-1.0, overrule: {because: The library owns what it printed itself., rows: 1..}, ",
    ).replace("source_url: url,", "source_url: url, rights_raw: rights,")
    bench = corpus()
    bench.write(denied + DERIVED)
    lay(bench.folder, "hmd", [{**row, "rights": "All rights reserved" if row["id"] == "a1" else ""} for row in HMD])
    for name in ("hmd_newspapers", NAME):
        bench.build(name)
    row = laid(bench)[f"{NAME}:hmd_newspapers:a1"]
    assert (row["rights_basis"], row["rights_raw"]) == ("overruled", ["All rights reserved"])
    bench.night(NAME)
    card = " ".join(bench.card(NAME).split())
    assert "Published all the same: so it was decided in the sources that this one is made of." in card
    assert "BnL" in " ".join({row["attribution"] or "" for row in bench.rows(NAME)})
