"""Shelves that an earlier version made stay valid: same digests of requests, same keys, nothing is downloaded again.

`earlier/` holds what the code of 26 November 2026 shelved of the three sources below, before protocols had a contract.
It is never made again: a change that turns this red downloads every source of everybody once more.
"""

import io
import os
import shutil
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from biglam_pipeline.harvest.shelving import Visited, shelve_visit
from biglam_pipeline.source import Source
from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.web import Web
from biglam_pipeline_tests.harvest.repository import error, identify, page
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer

EARLIER = Path(__file__).parent / "earlier"
RIGHTS = {"license": "CC0-1.0", "evidence": "https://example.org/r", "checked": "2026-11-20", "quote": "CC0"}
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOST = "https://collections.example.org"
TABLE = {"type": "table", "map": {"title": "title"}}
ENTRIES: dict[str, tuple[object, object]] = {
    "files": (
        [f"{HOST}/d/{{a,b}}.csv", f"{HOST}/d/c.zip", f"{HOST}/get"],
        {"type": "table", "map": {"title": "title"}},
    ),
    "folder": ("file:data#*.csv", {"type": "table", "map": {"title": "title"}}),
    "letters": ({"url": f"oai+{HOST}/oai?set=maps", "max_pages": "50", "lag_seconds": "60"}, "oai_dc"),
}
DIGESTS = {"files": "3f4d1ae0f34101aa", "folder": "ce218f2be3921566", "letters": "44763dec9be5c0dd"}
KEYS = {
    "files": ["d/a.csv", "d/b.csv", "d/c.zip", "get/export-2026-11-25.csv"],
    "folder": ["a.csv", "deep/a.csv"],
    "letters": ["00001/000000.xml", "00001/000001.xml"],
}


def source_of(name: str) -> Source:
    harvest, normalize = ENTRIES[name]
    entry = {"name": name, "title": "t", "custodian": "c", "rights": RIGHTS}
    return Source.model_validate({**entry, "harvest": harvest, "normalize": normalize})


def offer(server: ScriptedServer, base: Path) -> None:
    """What the three sources offered when their shelves were made."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a/x.csv", (2020, 1, 1, 0, 0, 0)), "id,title\n3,z\n")

    def validated(body: bytes) -> Callable[[Asked], Reply]:
        return lambda asked: (
            Reply(status=304) if asked.headers.get("If-None-Match") == '"1"' else Reply(body, headers={"ETag": '"1"'})
        )

    server.on("/d/a.csv", validated(b"id,title\n1,x\n"))
    server.on("/d/b.csv", Reply(b"id,title\n2,y\n"))
    server.on("/d/c.zip", validated(packed.getvalue()))
    named = {"Content-Disposition": 'attachment; filename="export-2026-11-25.csv"'}
    server.on("/get", Reply(b"id,title\n4,w\n", headers=named))
    server.on("/oai", _repository)
    for path, text in {"a.csv": "id,title\n1,x\n", "deep/a.csv": "id,title\n1,y\n"}.items():
        (base / "data" / path).parent.mkdir(parents=True, exist_ok=True)
        (base / "data" / path).write_text(text)
        os.utime(base / "data" / path, ns=(0, 1_700_000_000_000_000_000))


def _repository(asked: Asked) -> Reply:
    if asked.query["verb"] == "Identify":
        return identify()
    if "from" in asked.query:
        return error("noRecordsMatch", "nothing new")
    return page(["3"], "") if "resumptionToken" in asked.query else page(["1", "2"], "t1")


def visit(name: str, server: ScriptedServer, home: Path, base: Path) -> tuple[RawShelf, Visited]:
    source, raw = source_of(name), RawShelf(open_shelf(str(home), base / "local").at(f"{name}/raw"))
    with Web(contact="a@example.org", rewrite={HOST: server.url}, allow_private=True, locks=base / "locks") as web:
        return raw, shelve_visit(source.harvest, web, raw, base=base, request=source.digest("raw"), now=lambda: NOON)


@pytest.mark.parametrize("name", ENTRIES)
def test_the_digest_of_a_request_is_what_it_was(name: str) -> None:
    assert source_of(name).digest("raw") == DIGESTS[name]


@pytest.mark.parametrize("name", ENTRIES)
def test_an_earlier_shelf_is_gone_on_with(name: str, server: ScriptedServer, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(EARLIER, home)
    offer(server, tmp_path)
    before = _objects(home)
    raw, visited = visit(name, server, home, tmp_path)
    assert (visited.unchanged, visited.harvest.number) == (True, 1)
    assert _objects(home) == before
    assert sorted(raw.objects(1)) == KEYS[name]


def _objects(home: Path) -> list[Path]:
    """Batches, files and harvests of all three; when they were last asked for, and the stamps of files, are renewed."""
    return sorted(path for path in home.rglob("*") if path.parent.name in ("batches", "files", "harvests"))


@pytest.mark.parametrize("name", ENTRIES)
def test_a_shelf_of_today_has_the_same_objects(name: str, server: ScriptedServer, tmp_path: Path) -> None:
    """Same keys, bytes, cursor and evidence: so that what is made of a key, an id among it, stays."""
    offer(server, tmp_path)
    earlier = RawShelf(open_shelf(str(EARLIER), tmp_path / "elsewhere").at(f"{name}/raw")).harvest(1)
    _, visited = visit(name, server, tmp_path / "home", tmp_path)
    assert (visited.harvest.digest, visited.harvest.proof) == (earlier.digest, earlier.proof)
    cursors = [
        {key: one for key, one in each.cursor.items() if "_at" not in key} for each in (visited.harvest, earlier)
    ]
    if name == "letters":
        assert cursors[0].pop("address") == f"{HOST}/oai?set=maps"  # an earlier cursor does not say which list it is of
    assert cursors[0] == cursors[1]
