"""What was taken down and `where` leaves out has no row anywhere; what came of it is on the raw shelf, and goes too."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from biglam_pipeline.retraction import Request, plan_takedown, take_down
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_parts_of_oai import ENTRY, FIRST, SECOND, dc, ids, keep_others
from biglam_pipeline_tests.servers.oai import Archive
from biglam_pipeline_tests.servers.web import scripted_server

SECRET = "The matter of the orphan"
WHERE = ", where: {'dc:language': en}"
Put = Callable[[str], None]
"""Gives the record that is taken down, in this language, to the institution."""


@pytest.fixture
def archive() -> Iterator[Archive]:
    with scripted_server() as server:
        yield Archive(server, page=50)


def holding(bench: Bench) -> list[str]:
    """The files of the state that hold it, packed or not."""
    found = []
    for path in (one for one in (bench.folder / "state").rglob("*") if one.is_file()):
        packed = str(pq.read_table(path).to_pylist()) if path.suffix == ".parquet" else ""
        if SECRET in packed or SECRET.encode() in path.read_bytes():
            found.append(path.relative_to(bench.folder).as_posix())
    return found


def take(bench: Bench, name: str, *, unseen: bool = False) -> None:
    source, request = bench.source("letters"), Request(name, "privacy", unseen=unseen)
    take_down(bench.run, source, bench.folder, plan_takedown(bench.run, source, bench.folder, request), request)


def of_an_archive(bench: Bench, archive: Archive, named: str) -> Put:
    """Visits are laid over each other: what is corrected comes alone."""
    bench.write(ENTRY.format(harvest=archive.address, normalize=f"{{type: oai_dc{named}{WHERE}}}"))
    keep_others(archive)
    archive.keep("oai:a:1", date=FIRST, body=dc("en", "ark:/1"))

    def put(language: str) -> None:
        archive.now = SECOND if archive.now == FIRST else FIRST
        archive.keep("oai:a:2", date=archive.now, body=dc(language, "ark:/2").replace("A title", SECRET))

    archive.now = ""
    return put


def of_a_table(bench: Bench, archive: Archive, named: str) -> Put:
    """Every visit replaces the one before."""
    text = ENTRY.format(harvest="file:a.csv", normalize=f"{{map: {{{named}, text: text}}{WHERE}}}")
    bench.write(text.replace("dc:language", "language"))
    came = iter(range(9))

    def put(language: str) -> None:
        (bench.folder / "a.csv").write_text(
            f"id,language,text\n1,en,Letter number {next(came)}\n2,{language},{SECRET}\n3,en,Another letter\n"
        )

    return put


KINDS = [
    pytest.param(of_an_archive, "", "oai:a:2", True, id="by its server's name"),
    pytest.param(of_an_archive, ", map: {id: 'dc:identifier'}", "ark:/2", False, id="by the entry's"),
    pytest.param(of_a_table, "id: id", "2", True, id="a row"),
    pytest.param(of_a_table, "id: id", "2", False, id="a row that never was one"),
]


@pytest.mark.representative(1)  # other formats
@pytest.mark.parametrize(("make", "named", "name", "was_chosen"), KINDS)
def test_what_where_leaves_out_is_taken_from_raw(
    bench: Bench, archive: Archive, make: Callable[..., Put], named: str, name: str, was_chosen: bool
) -> None:
    """It came, was taken down, and comes again so that it is not chosen; or it never was."""
    put = make(bench, archive, named)
    put("en" if was_chosen else "fr")
    bench.night("letters")
    others = ids(bench) - {name}
    assert holding(bench)
    take(bench, name, unseen=not was_chosen)
    assert holding(bench) == []
    put("fr")
    bench.night("letters")
    assert holding(bench) == []
    assert ids(bench) == others
    sources = Path(bench.folder / "sources.yaml")
    bench.write(sources.read_text().replace(WHERE, "").replace(", where: {'language': en}", ""))
    bench.night("letters")
    assert ids(bench) == others, "also where the entry chooses it again"
    assert holding(bench) == []
