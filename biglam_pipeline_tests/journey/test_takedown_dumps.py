"""A takedown in a large file that is cut leaves what it leaves of one that is read whole."""

import io
import random
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from biglam_pipeline.harvest.protocols import folder
from biglam_pipeline.normalize import stretching
from biglam_pipeline.normalize.stretching import Sizes
from biglam_pipeline.retraction import Request, plan_takedown, take_down
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_large_files import LOOSE, begin_again, normalize, slices
from biglam_pipeline_tests.journey.test_rows_kept import desk, manifest_of, take

CUT = Sizes(above=4000, least=1500, spread=1500, most=6000, block=3000)
WHOLE = replace(CUT, above=10**9)
DC = "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:oai_dc='http://www.openarchives.org/OAI/2.0/oai_dc/'"
OAI = "http://www.openarchives.org/OAI/2.0/"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretching, "SIZES", CUT)
    monkeypatch.setattr(folder, "_KEPT_BYTES", 3000)


def title_of(number: int) -> str:
    return f"Title {number} {random.Random(number).random()} of a letter to the bishop about the roof"


def oai(titles: list[str]) -> str:
    """A large answer of a server. Two records of one title hold the same under two names."""
    records = "\n".join(
        f"<record><header><identifier>oai:x:{number}</identifier><datestamp>2026-01-01</datestamp></header><metadata>"
        f"<oai_dc:dc {DC}><dc:title>{title}</dc:title><dc:language>{'de' if number % 3 else 'en'}</dc:language>"
        "</oai_dc:dc></metadata></record>"
        for number, title in enumerate(titles)
    )
    return f"<OAI-PMH xmlns='{OAI}'><ListRecords>{records}</ListRecords></OAI-PMH>"


def held(bench: Bench) -> list[str]:
    """The ids of all that stands in slices, also of what is kept out."""
    shelf = bench.run.normalized(bench.source("desk"))
    return sorted(name for one in slices(bench) for name in shelf.index(one.key)["id"].to_list())


def files_with(bench: Bench, word: str) -> list[str]:
    """The files on the shelves that hold it, packed or not."""

    def says(path: Path) -> bool:
        data = path.read_bytes()
        rows = pq.read_table(io.BytesIO(data)).to_pylist() if path.suffix == ".parquet" else ""
        return word.encode() in data or word in str(rows)

    shelves = bench.folder / "state" / "shelves"
    return [path.name for path in shelves.rglob("*") if path.is_file() and says(path)]


def take_unseen(bench: Bench, record: str) -> None:
    source, request = bench.source("desk"), Request(record, "privacy", unseen=True)
    take_down(bench.run, source, bench.folder, plan_takedown(bench.run, source, bench.folder, request), request)


def test_copies_in_other_stretches_go_with_what_was_taken_down_before_it_came(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That they are copies is known once the record is met: by then stretches before it are read, and it is erased."""
    titles = [*map(title_of, range(40))]
    titles[5] = titles[35] = titles[20]
    desk(bench, "oai_dc", LOOSE, big__xml=oai(titles))
    take_unseen(bench, "oai:x:20")
    found = []
    for sizes in (CUT, WHOLE):
        monkeypatch.setattr(stretching, "SIZES", sizes)
        begin_again(bench)
        bench.build("desk")
        assert files_with(bench, titles[20]) == []
        found.append((held(bench), manifest_of(bench).tally))
        assert normalize(bench) == 0
    assert found[0] == found[1]
    assert found[0][1].taken_down == 3


def test_a_list_of_which_two_reads_take_what_they_choose_is_read_whole(bench: Bench) -> None:
    """Neither says which files it reads: then each reads all, and a takedown by one takes from the other too."""
    titles = [*map(title_of, range(40))]
    reads = ("{type: oai_dc, where: {'dc:language': en}}", "{type: oai_dc, where: {'dc:language': de}}")
    desk(bench, f"[{', '.join(reads)}]", LOOSE, big__xml=oai(titles))
    bench.night("desk")
    assert len(slices(bench)) == 2
    for number in (30, 31):
        take(bench, f"oai:x:{number}")
        assert files_with(bench, titles[number]) == []
    assert {row["source_record_id"] for row in bench.rows("desk")} == {
        f"oai:x:{number}" for number in range(40) if number not in (30, 31)
    }
