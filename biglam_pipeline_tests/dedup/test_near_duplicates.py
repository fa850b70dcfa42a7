"""Near-duplicates through the journey: marked, dropped or left alone, and read once."""

import json
from dataclasses import replace
from string import ascii_lowercase
from typing import Any

import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.dedup import near_duplicates as noisy_doubles
from biglam_pipeline.dedup.near.finding import open_store
from biglam_pipeline.errors import RightsWithheld
from biglam_pipeline.quality.canonical import text_key
from biglam_pipeline.retraction import Request, plan_takedown, take_down
from biglam_pipeline.store.slice_texts import SliceTexts, SomeTexts
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.dedup.noise import collection, noisy, page

ENTRY = """
sources:
  pages:
    title: Pages
    custodian: A library
    harvest: file:pages.jsonl
    normalize: {{modality: text, map: {{id: id, text: text, date: date, text_origin: {{const: ocr}}}}}}
    rights: {{license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-01}}
    dedup: {dedup}
"""


def write(bench: Bench, dedup: str, pages: dict[str, str]) -> None:
    """pages: identifier -> text."""
    rows = [{"id": name, "text": text, "date": "1850"} for name, text in pages.items()]
    (bench.folder / "pages.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    bench.write(ENTRY.format(dedup=dedup))


def rows(bench: Bench) -> dict[str, dict[str, Any]]:
    """What is published, by the source's own identifier."""
    return {row["source_record_id"]: row for row in bench.rows("pages")}


def test_near_duplicates_are_marked_with_their_keeper_and_similarity(small: Bench) -> None:
    write(small, "{}", collection())
    assert small.night("pages").rows == 24
    found = rows(small)
    reported = {name: row["dup_of"] for name, row in found.items() if row["dup_of"]}
    assert reported == {"q03": "pages:p03", "q05": "pages:p05", "r05": "pages:p05", "q07": "pages:p07"}
    assert {name for name, row in found.items() if row["dup_cluster_id"] == "pages:p05"} == {"p05", "q05", "r05"}
    assert found["q07"]["similarity"] == 1.0
    assert 0.9 < found["q03"]["similarity"] < 1.0
    assert found["p03"]["similarity"] is None
    assert found["p00"]["dup_cluster_id"] is None


def test_dropped_near_duplicates_leave_a_row_that_says_why(small: Bench) -> None:
    write(small, "{near: drop}", collection())
    assert small.night("pages").rows == 20
    shards = small.run.shards(small.source("pages"))
    manifest = shards.current()
    assert manifest is not None
    removed = {row["source_record_id"]: row for row in shards.removed(manifest).to_dicts()}
    assert removed.keys() == {"q03", "q05", "r05", "q07"}
    assert {row["reason"] for row in removed.values()} == {"near"}
    assert removed["q05"]["keeper"] == "pages:p05"
    assert 0.9 < removed["q05"]["similarity"] < 1.0
    assert manifest.tally.duplicate == 4
    assert manifest.tally.adds_up


def test_a_row_that_equals_a_dropped_one_has_its_keeper(small: Bench) -> None:
    """s05 equals r05 in everything but its identifier, and r05 is like p05 but for noise."""
    pages = collection()
    write(small, "{exact: rows, near: drop}", {**pages, "s05": pages["r05"]})
    small.night("pages")
    shards = small.run.shards(small.source("pages"))
    manifest = shards.current()
    assert manifest is not None
    removed = {row["source_record_id"]: row for row in shards.removed(manifest).to_dicts()}
    assert (removed["s05"]["keeper"], removed["s05"]["reason"]) == ("pages:p05", "exact_row")
    assert removed["s05"]["similarity"] == removed["r05"]["similarity"] < 1


def test_near_duplicates_can_be_left_alone(small: Bench) -> None:
    write(small, "{near: none}", collection())
    small.night("pages")
    assert {name for name, row in rows(small).items() if row["dup_of"]} == {"q07"}


CARDS = {
    "{}": ("with the text of another row, equal or but for wrong letters", "from 0.72 by edit distance"),
    "{near: drop}": ("the same text but for wrong letters", "from 0.72 by edit distance"),
    "{near: none}": ("with the text of another row, equal. `dup_of`", ""),
}


@pytest.mark.representative(1)  # other words of the same line
@pytest.mark.parametrize("dedup", CARDS)
def test_the_card_tells_what_was_looked_for(small: Bench, dedup: str) -> None:
    write(small, dedup, {**collection(), "twin": collection()["p00"]})
    small.night("pages")
    card = small.card("pages")
    said, measure = CARDS[dedup]
    assert said in card
    assert ("0.72" in card) == bool(measure)
    assert measure in card


def test_a_later_copy_does_not_move_the_keeper(small: Bench) -> None:
    pages = collection()
    write(small, "{}", pages)
    small.night("pages")
    small.run.now.advance()  # type: ignore[attr-defined]
    write(small, "{}", {"a00": noisy(pages["p10"], 9), **pages})
    small.night("pages")
    found = rows(small)
    assert found["a00"]["dup_of"] == "pages:p10", "seen first, though its identifier is the larger"
    assert found["p10"]["dup_of"] is None


def test_only_new_texts_are_read(small: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = collection()
    write(small, "{}", pages)
    small.build("pages")
    read: list[int] = []
    call = SliceTexts.__call__

    def counted(texts: SliceTexts, positions: Any) -> SomeTexts:
        read.append(len(positions))
        return call(texts, positions)

    monkeypatch.setattr(SliceTexts, "__call__", counted)
    source = small.source("pages")
    pipeline.dedup_source(small.run, source, small.base(source), rebuild=True)
    assert sum(read) == 0, "nothing is new: no text is read, though all parts are cut again"
    write(small, "{}", {**pages, "z": page("another")})
    small.build("pages")
    assert sum(read) == 1


def test_a_cluster_that_is_too_large_stops_publication(small: Bench) -> None:
    """Thirty pages that are one placeholder but for noise: a mistake of the source, or of ours."""
    blank = page("this page is intentionally left blank")
    pages = {f"p{at:02d}": page(f"page {at}") for at in range(60)}
    pages |= {f"x{at:02d}": noisy(blank, at, 0.01) for at in range(30)}
    write(small, "{}", pages)
    with pytest.raises(
        RightsWithheld, match=r"clusters_are_plausible: .* that of pages:x00, has 30 of 90 rows \(33.3%\)"
    ):
        small.night("pages")
    write(small, "{largest_cluster: ..0.4}", pages)
    assert small.night("pages").rows == 90
    write(small, "{near: drop}", pages)
    with pytest.raises(RightsWithheld, match=r"that of pages:x00, has 30 of 90 rows"):
        small.night("pages")


@pytest.mark.slow  # `test_a_cluster_that_is_too_large_stops_publication` stays
def test_a_row_that_comes_again_and_again_stops_publication(small: Bench) -> None:
    """Whether equal rows are marked or dropped: somebody should know. Half of a source is no limit to be widened to."""
    pages = {f"p{at:02d}": page(f"page {at}") for at in range(30)}
    pages |= {f"x{at:02d}": page("not found") for at in range(30)}
    write(small, "{}", pages)
    with pytest.raises(RightsWithheld, match=r"that of pages:x00, has 30 of 60 rows \(50.0%\)") as refused:
        small.night("pages")
    assert "largest_cluster" not in str(refused.value)
    pages |= {f"p{at:02d}": page(f"page {at}") for at in range(30, 40)}
    write(small, "{}", pages)
    with pytest.raises(RightsWithheld, match=r"that of pages:x00, has 30 of 70 rows \(42.9%\)") as refused:
        small.night("pages")
    for remedy in ("largest_cluster: ..0.5", "exact: none, near: none"):
        assert remedy in str(refused.value)
        write(small, f"{{{remedy}}}", pages)
        small.night("pages")


def test_a_takedown_lists_the_near_duplicate_copies(small: Bench) -> None:
    write(small, "{}", collection())
    small.night("pages")
    source = small.source("pages")
    plan = plan_takedown(small.run, source, small.base(source), Request("p05", "privacy"))
    assert plan.cluster == ("q05", "r05")
    assert plan.duplicates == ()


def test_a_takedown_lists_near_duplicate_copies_that_were_dropped(small: Bench) -> None:
    """Of the record that stays, and of one that was dropped itself: its keeper is out there."""
    write(small, "{near: drop}", collection())
    small.night("pages")
    source = small.source("pages")
    for record, copies in (("p05", ("q05", "r05")), ("q05", ("p05", "r05"))):
        plan = plan_takedown(small.run, source, small.base(source), Request(record, "privacy"))
        assert plan.cluster == copies


@pytest.mark.slow  # `test_a_later_copy_does_not_move_the_keeper` stays
def test_what_was_dropped_keeps_its_rank(small: Bench) -> None:
    """b is the original of which a and c are noisy, and d is a noisy c; a is kept, the first by its identifier."""
    first = page("doc1") + " " + page("more1")
    third = noisy(first, 2001, 0.05, ascii_lowercase)
    texts = {
        "a": noisy(first, 1001, 0.11, ascii_lowercase),
        "b": first,
        "c": third,
        "d": noisy(third, 3001, 0.03, ascii_lowercase),
    }
    write(small, "{near: drop}", texts)
    small.night("pages")
    published, keepers = sorted(rows(small)), removed(small)
    assert keepers == dict.fromkeys("bcd", "pages:a")
    for night in range(3):
        small.run.now.advance()  # type: ignore[attr-defined]
        texts[f"n{night}"] = page(f"new {night}")
        write(small, "{near: drop}", texts)
        small.night("pages")
        assert sorted(rows(small)) == [*published, *(f"n{at}" for at in range(night + 1))]
        assert removed(small) == keepers
    manifest = small.run.shards(small.source("pages")).current()
    assert manifest is not None
    assert set(small.run.shards(small.source("pages")).removed(manifest)["first_seen"]) == {1}


def removed(bench: Bench) -> dict[str, str]:
    """Dropped rows and their keepers."""
    shards = bench.run.shards(bench.source("pages"))
    manifest = shards.current()
    assert manifest is not None
    return dict(shards.removed(manifest).select("source_record_id", "keeper").iter_rows())


def fingerprints(bench: Bench) -> list[bytes]:
    """Keys of the texts of which something is kept."""
    kept = open_store(bench.run.shards(bench.source("pages")).fingerprints(), "page")
    pairs = [kept.pairs.table(name) for name in ("one", "other")]
    return [key.tobytes() for table in (kept.signatures.table("key"), *pairs) for key in table]


@pytest.mark.representative(1)  # also where a run was killed before its end
@pytest.mark.parametrize("laid", [True, False])
def test_a_takedown_leaves_no_fingerprint(small: Bench, laid: bool) -> None:
    """Nor where a run was killed between the search and its end, so that nothing says that there was one."""
    pages = collection()
    write(small, "{}", pages)
    source = small.build("pages")
    if not laid:
        small.run.shards(source).shelf.delete("manifest.json")
    assert text_key(pages["p05"]) in fingerprints(small)
    request = Request("p05", "privacy")
    take_down(
        small.run,
        source,
        small.base(source),
        plan_takedown(small.run, source, small.base(source), request),
        request,
    )
    small.night("pages")
    left = fingerprints(small)
    assert text_key(pages["p05"]) not in left
    assert text_key(pages["q05"]) in left


@pytest.mark.slow  # `test_near_duplicates_can_be_left_alone` stays
def test_what_is_not_looked_for_leaves_no_fingerprint(small: Bench) -> None:
    write(small, "{}", collection())
    small.night("pages")
    write(small, "{near: none}", collection())
    small.night("pages")
    assert small.run.shards(small.source("pages")).fingerprints().list() == []


@pytest.mark.slow  # near/test_finding.py holds it of the search itself
def test_processes_beside_each_other_find_the_same(small: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts are read in the processes that work: what they are handed has to travel."""
    monkeypatch.setattr(noisy_doubles, "_WORTH_PROCESSES", 1)
    write(small, "{}", collection())
    source = small.build("pages")
    shards = small.run.shards(source)
    alone = shards.current()
    shards.shelf.delete("manifest.json")
    for name in shards.shelf.list("fingerprints/"):
        shards.shelf.delete(name)
    small.run = replace(small.run, processes=2)
    pipeline.dedup_source(small.run, source, small.base(source))
    assert shards.current() == alone


BAD: dict[str, str | None] = {
    "null": None,
    "empty": "",
    "blank": "\n \f\n" * 400,
    "blank again": "\n \f\n" * 400,
    "a letter": "a",
    "another letter": "b",
    "one letter": "e" * 5000,
    "one letter longer": "e" * 5200,
    "plate": "PLATE",
    "plate again": "PLATE",
}


@pytest.mark.slow  # near/test_finding.py: `test_pages_of_few_words_are_no_duplicates`
def test_bad_texts_cluster_with_nothing(small: Bench) -> None:
    """Pages that hold nothing, one letter, one letter many times, half characters; and one of two megabytes, twice.

    `near/test_finding.py` has one of ten.
    """
    large = "".join(page(f"large {at}") for at in range(2_000_000 // len(page("large 0"))))
    pages = {"good": page("good"), "good again": noisy(page("good"), 1), "large": large, "large again": noisy(large, 2)}
    rows_in = [{"id": name, "text": text, "date": "1850"} for name, text in {**BAD, **pages}.items()]
    rows_in += [{"id": f"same {at}", "text": page("same"), "date": "1850"} for at in range(3000)]
    rows_in += [{"id": "half", "text": "\ud800 \udfff", "date": "1850"}]
    (small.folder / "pages.jsonl").write_text("\n".join(json.dumps(row) for row in rows_in))
    small.write(ENTRY.format(dedup="{exact: rows, largest_cluster: ..1.0, largest_share: ..1.0}"))
    assert small.night("pages").rows == len(BAD) + len(pages) + 1
    reported = {name: row["dup_of"] for name, row in rows(small).items() if row["dup_of"]}
    assert reported == {"good again": "pages:good", "large again": "pages:large"}
    manifest = small.run.shards(small.source("pages")).current()
    assert manifest is not None
    assert manifest.rejects == {"json_line": 1}, "half a character is no JSON text"
    assert manifest.doubles == {"exact_row": 2999, "flagged": 2, "clusters": 2}
