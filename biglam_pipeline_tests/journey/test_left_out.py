"""What is left out is missing, from the first visit to the card; what no reader takes is counted and blocks nothing."""

import gzip
import io
import os
import random
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from biglam_pipeline import clearing, pipeline, previewing
from biglam_pipeline.checks import harvest_is_complete
from biglam_pipeline.cli.console import report_states
from biglam_pipeline.defs.metadata import of_rows
from biglam_pipeline.errors import RightsWithheld, SourceChanged
from biglam_pipeline.harvest.shelving import Visited
from biglam_pipeline.parsing.archives import VERSION
from biglam_pipeline.states import state_of
from biglam_pipeline.store.raw import Harvest
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.parsing.raw_zip import ENCRYPTED, Part, raw_zip
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer, scripted_server


def table(prefix: bytes) -> bytes:
    """Two rows that are no duplicates of those of another table."""
    return b"id,title\n%s1,Map of parish %s\n%s2,Plan of mill %s\n" % (prefix, prefix, prefix, prefix)


def write(bench: Bench, harvest: str, more: str = "") -> None:
    bench.write(
        f"""
        sources:
          parish:
            title: Maps of a parish
            custodian: Ashby Record Office
            harvest: {harvest}
            normalize: {{type: table, {more}map: {{id: id, title: title}}}}
            rights: {{license: CC0-1.0, evidence: https://example.org/r, checked: 2026-01-31, quote: CC0 1.0}}
        """
    )


def visit(bench: Bench) -> Visited:
    source = bench.source("parish")
    visited = pipeline.harvest_source(bench.run, source, bench.base(source))
    pipeline.normalize_source(bench.run, source, bench.base(source))
    return visited


def reasons(harvest: Harvest) -> dict[str, str]:
    return {one["key"]: one["reason"] for one in harvest.missing}


def half(bench: Bench) -> Path:
    """An archive of which one member of two is encrypted."""
    path = bench.folder / "half.zip"
    path.write_bytes(raw_zip(Part(b"a.csv", table(b"a")), Part(b"b.csv", table(b"b"), flags=ENCRYPTED)))
    return path


def test_half_an_archive_is_no_harvest_on_every_visit(bench: Bench) -> None:
    half(bench)
    write(bench, "file:half.zip")
    for number in (1, 2, 3):  # the archive is the same, and is not read again
        visited = visit(bench)
        assert (visited.harvest.number, visited.harvest.complete) == (number, False)
        assert reasons(visited.harvest) == {"half.zip/b.csv": "encrypted"}
        assert visited.harvest.left_out == {"missing": 1}
    source = bench.source("parish")
    with pytest.raises(SourceChanged, match=r"half\.zip/b\.csv is encrypted; ask the custodian"):
        pipeline.dedup_source(bench.run, source, bench.base(source))
    view = clearing.view_of(bench.run, source, bench.base(source), "x")
    finding = harvest_is_complete.run(view)
    assert not finding.passed
    assert "b.csv is encrypted" in finding.summary
    with pytest.raises(RightsWithheld, match=r"b\.csv is encrypted"):
        pipeline.publish_source(bench.run, source, bench.base(source))


def test_ignore_says_that_it_is_meant_and_it_is_counted(bench: Bench) -> None:
    half(bench)
    write(bench, "file:half.zip")
    visit(bench)
    write(bench, "{url: file:half.zip, ignore: half.zip/b.*}")
    visited = visit(bench)
    assert visited.harvest.complete
    assert visited.harvest.left_out == {"ignored": 1}
    assert visited.harvest.proof.endswith("; left out: 1 ignored")
    assert bench.night("parish").rows == 2
    assert "| left out on purpose | 1 |" in bench.card("parish")
    assert visit(bench).unchanged


def test_ignore_is_for_noise_too(bench: Bench) -> None:
    folder = bench.folder / "data"
    folder.mkdir()
    (folder / "a.csv").write_bytes(table(b"a"))
    (folder / "draft.csv").write_bytes(table(b"d"))
    (folder / "x.zip").write_bytes(raw_zip(Part(b"b.csv", table(b"b")), Part(b"draft.csv", table(b"e"))))
    write(bench, "{url: file:data, ignore: [draft.csv]}")
    assert visit(bench).harvest.left_out == {"ignored": 2}
    bench.build("parish")
    assert bench.night("parish").rows == 4


def test_two_archives_of_equal_bytes_are_ignored_one_by_one(bench: Bench) -> None:
    """Members are noted by the archive's digest, and patterns by its name."""
    folder = bench.folder / "data"
    folder.mkdir()
    for name in ("a.zip", "b.zip"):
        (folder / name).write_bytes(raw_zip(Part(b"one.csv", table(b"a")), Part(b"two.csv", table(b"b"))))
    write(bench, "{url: file:data, ignore: a.zip/two.csv}", 'files: "{volume}.zip/*.csv", ')
    visit(bench)
    current = bench.run.normalized(bench.source("parish")).current()
    assert current is not None
    assert (current.files, current.unread) == (3, {})


def test_a_damaged_member_is_asked_for_again(bench: Bench) -> None:
    """What was altered on its way may come whole the next night, though the server says that nothing changed."""
    whole = raw_zip(Part(b"a.csv", table(b"a"), method=0), Part(b"b.csv", table(b"b"), method=0))
    altered = whole.replace(b"a1,Map", b"a1,Mop")
    with scripted_server() as server:
        url = server.on("/x.zip", Reply(altered, headers={"ETag": '"1"'}), Reply(whole, headers={"ETag": '"1"'}))
        write(bench, url)
        first = visit(bench).harvest
        assert (first.complete, reasons(first)) == (False, {"x.zip/a.csv": "damaged"})
        assert visit(bench).harvest.complete
        assert "If-None-Match" not in server.asked[-1].headers
        assert bench.night("parish").rows == 4


def test_what_is_damaged_alike_a_second_time_costs_no_third(bench: Bench) -> None:
    """It lies so on its server: asked for whole once more, and then only whether it is another by now."""
    whole = raw_zip(Part(b"a.csv", table(b"a"), method=0), Part(b"b.csv", table(b"b"), method=0))
    altered, served = whole.replace(b"a1,Map", b"a1,Mop"), [b"1"]

    def reply(asked: Asked) -> Reply:
        etag = f'"{served[-1].decode()}"'
        same = asked.headers.get("If-None-Match") == etag
        return Reply(b"" if same else {b"1": altered, b"2": whole}[served[-1]], 304 if same else 200, {"ETag": etag})

    with scripted_server() as server:
        write(bench, server.on("/x.zip", reply))
        cost = []
        for _ in range(5):
            visited = visit(bench)
            assert reasons(visited.harvest) == {"x.zip/a.csv": "damaged"}
            cost += [one.bytes for one in visited.costs.values()]
        assert cost == [len(altered), len(altered), 0, 0, 0]
        served.append(b"2")
        assert visit(bench).harvest.complete


def test_a_folder_says_what_it_could_not_follow(bench: Bench) -> None:
    folder = bench.folder / "data"
    folder.mkdir()
    (bench.folder / "outside.csv").write_bytes(table(b"o"))
    (folder / "a.csv").write_bytes(table(b"a"))
    (folder / "again.csv").symlink_to("a.csv")
    (folder / "out.csv").symlink_to("../outside.csv")
    (folder / "gone.csv").symlink_to("none.csv")
    (folder / "loop").symlink_to(".")
    (folder / ".DS_Store").write_bytes(b"x")
    os.mkfifo(folder / "pipe")
    write(bench, "file:data")
    for _ in range(2):
        found = visit(bench).harvest
        assert reasons(found) == {"out.csv": "link", "gone.csv": "link", "pipe": "device"}
        assert found.left_out == {"linked": 2, "litter": 1, "missing": 3}
    write(bench, '{url: file:data, ignore: ["*.csv", "!a.csv", pipe]}')
    assert visit(bench).harvest.left_out == {"ignored": 3, "linked": 2, "litter": 1}
    assert bench.night("parish").rows == 2


def test_a_file_that_two_addresses_name_counts_once(bench: Bench) -> None:
    (bench.folder / "data" / "deep").mkdir(parents=True)
    (bench.folder / "data" / "deep" / "a.csv").write_bytes(table(b"a"))
    write(bench, "[file:data, file:data/deep, file:data/deep/a.csv]")
    found = visit(bench).harvest
    assert (found.complete, found.objects, found.left_out) == (True, 1, {"linked": 2})


@pytest.mark.parametrize("name", ["out.csv", "folder"])
def test_what_is_named_by_itself_may_not_lead_out_either(name: str, bench: Bench) -> None:
    (bench.folder / "other").mkdir()
    (bench.folder / "other" / "o.csv").write_bytes(table(b"o"))
    (bench.folder / "deep").mkdir()
    (bench.folder / "out.csv").symlink_to("other/o.csv")
    (bench.folder / "folder").symlink_to(bench.folder.parent)
    write(bench, f"file:{name}")
    found = visit(bench).harvest
    assert (found.complete, reasons(found)) == (False, {name: "link"})
    assert "name that address" in found.missing[0]["detail"]


def unread(bench: Bench) -> Path:
    folder = bench.folder / "data"
    folder.mkdir()
    (folder / "a.csv").write_bytes(table(b"a"))
    for name in ("b.txt", "c.pdf", "d.PDF", "readme", ".hidden"):
        (folder / name).write_bytes(b"x")
    (folder / "in.zip").write_bytes(raw_zip(Part(b"e.mrc"), Part(b"f.7z", b"7z\xbc\xaf\x27\x1c")))
    return folder


def test_what_no_reader_takes_is_counted_and_blocks_nothing(bench: Bench) -> None:
    unread(bench)
    write(bench, "file:data")
    source = bench.source("parish")
    visited = pipeline.harvest_source(bench.run, source, bench.base(source))
    done = pipeline.normalize_source(bench.run, source, bench.base(source))
    kinds = {"none": 2, "pdf": 2, "7z": 1, "mrc": 1, "txt": 1}
    assert visited.harvest.complete
    assert (done.normalized.files, done.normalized.unread) == (8, kinds)
    shown = of_rows(source, bench.run.normalized(source), done)
    assert (shown["files"], shown["files_not_read"]) == (8, 7)
    assert "| pdf | 2 |" in shown["files_not_read_by_extension"].value
    assert bench.night("parish").rows == 2
    card = bench.card("parish")
    assert "Files that came and became no rows, members of archives included" in card
    assert "| not read by `table` | 7 | none (2), pdf (2), 7z (1), mrc (1), txt (1) |" in card
    state = state_of(bench.run, source)
    assert state["files"] == {f"unread {kind}": count for kind, count in kinds.items()}
    console = _console()
    report_states([state], "here", console)
    assert "2 files unread pdf" in console.export_text()


def _console() -> Console:
    return Console(record=True, width=200, file=io.StringIO())


def test_a_run_without_rows_says_what_came_and_what_is_read(bench: Bench) -> None:
    folder = bench.folder / "data"
    folder.mkdir()
    (folder / "x.bio").write_bytes(b"x")
    write(bench, "file:data")
    bench.build("parish")
    source = bench.source("parish")
    with pytest.raises(RightsWithheld) as refused:
        pipeline.publish_source(bench.run, source, bench.base(source))
    read = "csv, tsv, tab, jsonl, ndjson, xlsx, xlsm, xls, ods, sqlite, sqlite3, dbf"
    words = f"1 file came, and none is read by table ({read}): 1 bio; say `files: PATTERN`"
    assert words in str(refused.value)
    assert words in previewing.preview_source(bench.run, source, bench.base(source), 5).unread
    write(bench, "file:data", 'files: "*.csv", ')
    bench.build("parish")
    source = bench.source("parish")
    with pytest.raises(RightsWithheld, match=r"none is read by table with `files: \*\.csv`: 1 bio"):
        pipeline.publish_source(bench.run, source, bench.base(source))


def test_names_in_an_archive_are_in_the_encoding_that_the_entry_says(bench: Bench) -> None:
    (bench.folder / "x.zip").write_bytes(raw_zip(Part("Москва.csv".encode("cp866"), table(b"m"))))
    write(bench, "{url: file:x.zip, names: cp866}", "files: Москва.csv, ")
    assert visit(bench).harvest.left_out == {}
    assert bench.night("parish").rows == 2


def test_the_encoding_may_be_said_later(bench: Bench) -> None:
    (bench.folder / "x.zip").write_bytes(raw_zip(Part("Москва.csv".encode("cp866"), table(b"m"))))
    write(bench, "file:x.zip", "files: Москва.csv, ")
    found = visit(bench).harvest
    assert (found.complete, found.left_out) == (True, {"names_guessed": 1})
    assert "left out" not in found.proof
    assert found.proof.endswith("; 1 names guessed")
    write(bench, "{url: file:x.zip, names: cp866}", "files: Москва.csv, ")
    assert visit(bench).harvest.left_out == {}
    assert bench.night("parish").rows == 2


def test_archives_in_archives_become_rows(bench: Bench) -> None:
    inner = raw_zip(Part(b"b.csv", table(b"b")), Part(b"c.csv.gz", gzip.compress(table(b"c"))))
    (bench.folder / "x.zip").write_bytes(raw_zip(Part(b"a.csv", table(b"a")), Part(b"deep/in.zip", inner)))
    write(bench, "file:x.zip")
    assert bench.night("parish").rows == 6


def test_an_older_shelf_is_looked_at_again(bench: Bench) -> None:
    """What a surveyor of before took for whole is not whole for that reason."""
    half(bench)
    write(bench, "file:half.zip")
    visit(bench)
    raw = bench.run.raw(bench.source("parish"))
    (held,) = raw.objects(1).values()
    survey = raw.surveys.find(held.sha256, VERSION, "")
    assert survey is not None
    raw.surveys.keep(held.sha256, replace(survey, left_out=()), VERSION - 1, "")
    found = visit(bench).harvest
    assert (found.complete, reasons(found)) == (False, {"half.zip/b.csv": "encrypted"})


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


def test_a_file_without_a_name_in_its_address_is_read_by_the_name_it_has(bench: Bench, server: ScriptedServer) -> None:
    """osf.io, figshare and Dataverse number their files: the name is in Content-Disposition, or in the query."""
    disposition = {"Content-Disposition": 'attachment; filename="objects.csv"', "ETag": '"1"'}
    server.on("/files/12345", Reply(status=302, headers={"Location": "/s3/obj?sig=abc"}))
    server.on("/s3/obj", Reply(table(b"a"), headers=disposition))
    server.on("/get", Reply(table(b"b"), headers={"ETag": '"2"'}))
    write(bench, f"[{server.url}/files/12345, '{server.url}/get?file=b.csv']")
    found = visit(bench)
    raw = bench.run.raw(bench.source("parish"))
    assert sorted(raw.objects(1)) == ["files/12345/objects.csv", "get/b.csv"]
    assert bench.night("parish").rows == 4
    assert found.harvest.complete
    assert visit(bench).unchanged
    assert server.asked[-1].headers["If-None-Match"] == '"2"'


def test_a_name_that_counts_on_stays_the_first(bench: Bench, server: ScriptedServer) -> None:
    def named(day: int) -> Reply:
        disposition = {"Content-Disposition": f"attachment; filename=export-{day}.csv"}
        return Reply(table(b"%d" % day), headers=disposition)

    write(bench, server.on("/export", named(1), named(2)))
    visit(bench)
    visit(bench)
    raw = bench.run.raw(bench.source("parish"))
    assert sorted(raw.objects(2)) == ["export/export-1.csv"]
    assert raw.content(raw.objects(2)["export/export-1.csv"]) == table(b"2")


def test_a_page_under_the_name_of_a_table_is_a_wall(bench: Bench, server: ScriptedServer) -> None:
    write(bench, server.on("/get?file=a.csv", Reply(b"<!doctype html><title>Log in</title>")))
    assert [one["reason"] for one in visit(bench).harvest.missing] == ["wall"]


def _filled(root: Path, dice: random.Random) -> int:
    """Fills a folder; how many names are in it, by os.walk and by the directories of archives."""
    names = ["a.csv", "b.txt", "c/d.csv", ".DS_Store", "Thumbs.db", "e.tif", "../out.csv", "f"]
    for number in range(12):
        path = root / dice.choice(["x", "y", "."]) / f"{number}.{dice.choice(['csv', 'txt', 'zip', 'tar', 'lnk'])}"
        path.parent.mkdir(exist_ok=True)
        parts = [Part(name.encode(), table(b"%d" % number)) for name in dice.sample(names, 5)]
        match path.suffix:
            case ".zip":
                parts[0].flags = dice.choice([0, ENCRYPTED])
                parts[1].crc = dice.choice([None, 7])
                path.write_bytes(raw_zip(*parts))
            case ".tar":
                with tarfile.open(path, "w") as archive:
                    for part in parts:
                        info = tarfile.TarInfo(part.name.decode())
                        info.size = len(part.data)
                        archive.addfile(info, io.BytesIO(part.data))
            case ".lnk":
                path.symlink_to(dice.choice([".", "../none.csv", "..", "/etc/hostname", *root.rglob("*.csv")]))
            case _:
                path.write_bytes(table(b"%d" % number))
    total = 0
    for folder, folders, files in os.walk(root):
        total += sum(Path(folder, name).is_symlink() for name in folders)
        for name in files:
            path = Path(folder, name)
            total += _members(path) if path.suffix in (".zip", ".tar") else 1
    return total


@pytest.mark.representative(4)  # further seeds
@pytest.mark.parametrize("seed", range(12))
def test_every_name_in_folders_and_archives_is_accounted_for(seed: int, bench: Bench) -> None:
    """Listed = read + not read by the reader + ignored + litter + linked + repeated + missing."""
    dice, root = random.Random(seed), bench.folder / "data"
    root.mkdir()
    listed = _filled(root, dice)
    write(bench, "{url: file:data, ignore: [b.txt, '3.*']}")
    found = visit(bench).harvest
    source = bench.source("parish")
    current = bench.run.normalized(source).current()
    assert current is not None
    left_out = sum(count for way, count in found.left_out.items() if way != "names_guessed")
    archive_ignored = _inside_ignored(root)
    assert current.files + left_out + archive_ignored == listed
    tables = sum(one.bundles for one in bench.run.normalized(source).slices(current))
    assert tables + sum(current.unread.values()) == current.files


def _inside_ignored(root: Path) -> int:
    """Of an archive that is ignored as a whole, the members; it counts as one itself."""
    return sum(_members(path) - 1 for path in [*root.rglob("3.zip"), *root.rglob("3.tar")])


def _members(path: Path) -> int:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as packed:
            return len(packed.infolist())
    with tarfile.open(path) as archive:
        return len(archive.getnames())
