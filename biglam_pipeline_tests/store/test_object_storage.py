"""Shelves in S3: few requests, one writer at a time over all machines, copies that die with their object."""

import json
import os
import subprocess
import sys
import textwrap
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from biglam_pipeline import pipeline, previewing
from biglam_pipeline.clearing import view_of
from biglam_pipeline.context import RunContext, open_context
from biglam_pipeline.demo.server import Running
from biglam_pipeline.environment import read_environment
from biglam_pipeline.errors import BiglamError, ConfigError, ServerBusy, ShelfDamaged
from biglam_pipeline.retraction import Request, plan_takedown, take_down
from biglam_pipeline.source import load_sources
from biglam_pipeline.store import lease, listing, objects, s3
from biglam_pipeline.store.bucket import Bucket
from biglam_pipeline.store.objects import ObjectShelf
from biglam_pipeline_tests.bench import open_bench
from biglam_pipeline_tests.servers.hub import HubServer
from biglam_pipeline_tests.servers.objects import ObjectServer

ENTRY = """
    sources:
      letters:
        title: Letters
        custodian: Ashby Record Office
        harvest: file:pages
        normalize: {type: table, map: {id: id, title: title}}
        rights: {license: CC0-1.0, evidence: https://example.org/r, checked: 2026-01-31, quote: CC0 1.0}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[ObjectServer]:
    """One S3 server for all tests of this file; each has a bucket of its own."""
    with ObjectServer() as running, pytest.MonkeyPatch.context() as patch:
        for name, value in {**running.environment, "AWS_MAX_ATTEMPTS": "1"}.items():
            patch.setenv(name, value)
        yield running


@pytest.fixture
def home(server: ObjectServer) -> Iterator[str]:
    """The address of a folder in a new bucket."""
    yield f"{server.bucket(f'b{uuid.uuid4()}')}/home"
    server.fault = None


@pytest.fixture
def two(home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ObjectShelf]:
    """Shelves of one bucket as machines with these names see it."""
    monkeypatch.setattr(objects, "WRITE_WAIT_SECONDS", 0.5)

    def machine(name: str) -> ObjectShelf:
        # Another state folder has another listing in the same process, as another machine has.
        return ObjectShelf(home, tmp_path / name).at("letters/raw")

    return machine


def source_in(folder: Path, text: str = "id,title\n1,One\n2,Two\n") -> Path:
    """A folder with an entry and its one table; the sources file."""
    (folder / "pages").mkdir(parents=True, exist_ok=True)
    (folder / "pages" / "a.csv").write_text(text)
    path = folder / "sources.yaml"
    path.write_text(textwrap.dedent(ENTRY))
    return path


# --- few requests ---


def test_a_quiet_night_asks_at_most_twelve_times(
    server: ObjectServer, home: str, tmp_path: Path, hub: HubServer, institution: Running
) -> None:
    """All four stages of a process that starts with nothing in memory, and the checks of each. Before: 119."""
    with open_bench(tmp_path, hub, institution, "objects", BIGLAM_HOME=home) as bench:
        source = bench.source("demo_letters")
        first = bench.night("demo_letters")
        bench.night("demo_letters")
        listing_of(home, bench.run).forget()  # as in a new process
        server.log.clear()
        base = bench.base(source)
        for stage in (
            pipeline.harvest_source,
            pipeline.normalize_source,
            pipeline.dedup_source,
            pipeline.publish_source,
        ):
            last = stage(bench.run, source, base)  # type: ignore[operator]
            view_of(bench.run, source, base, "raw")
        assert last.commit == first.commit
        assert len(server.log) <= 12, server.log
        assert not [path for method, path in server.log if method == "GET" and "list-type" not in path]


def listing_of(home: str, run: RunContext) -> listing.Listing:
    """What this process knows of the source."""
    shelf = run.shelf.at("demo_letters")
    assert isinstance(shelf, ObjectShelf)
    return shelf._listing("raw")


def test_a_pointer_is_read_once(server: ObjectServer, two: Callable[[str], ObjectShelf]) -> None:
    two("a").put("pointer.json", b'{"a": 1}')
    other = two("b")
    server.log.clear()
    assert {other.read("pointer.json") for _ in range(5)} == {b'{"a": 1}'}
    assert [method for method, _ in server.log] == ["GET", "GET"], "a listing, and the pointer"


def test_what_was_put_is_not_fetched(server: ObjectServer, two: Callable[[str], ObjectShelf], tmp_path: Path) -> None:
    """Whole files go up in one request, large ones too, and this machine's copy is what was put."""
    (tmp_path / "large").write_bytes(os.urandom(9_000_000))
    two("a").put("files/" + "0" * 64, tmp_path / "large")
    server.log.clear()
    assert two("a").local("files/" + "0" * 64).stat().st_size == 9_000_000
    assert server.log == []
    assert two("b").local("files/" + "0" * 64).read_bytes() == two("a").local("files/" + "0" * 64).read_bytes()


def test_more_names_than_an_answer_holds(
    server: ObjectServer, two: Callable[[str], ObjectShelf], home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "PAGE", 5)
    client, bucket = server.client(), home.split("/")[2]
    for number in range(23):
        client.put_object(Bucket=bucket, Key=f"home/letters/raw/batches/{number:05d}-000001.parquet", Body=b"x")
    server.log.clear()
    assert len(two("a").list("batches/")) == 23
    assert len(server.log) == 5


# --- two machines ---


def test_a_second_machine_waits_and_is_reported(
    two: Callable[[str], ObjectShelf], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "AGAIN_SECONDS", 0.2)
    a, b = ObjectShelf.at(two("a"), "x"), two("b")
    first, second = (ObjectShelf(one._url, one._local, "letters/") for one in (a, b))
    with first.lock("run"):
        first.put("raw/open.json", b'{"a": 1}')
        with (
            pytest.raises(ServerBusy, match=r"run\.lease: .*process \d+ is at work on this source"),
            second.lock("run"),
        ):
            pass
        with pytest.raises(ServerBusy, match="at work"):
            second.lock("run").__enter__()
    with second.lock("run"):
        assert second.read("raw/open.json") == b'{"a": 1}'
        second.put("raw/open.json", b'{"a": 2}')
    assert first.at("raw") is not None
    with first.lock("run"):
        assert first.read("raw/open.json") == b'{"a": 2}'


def test_of_two_that_begin_together_the_second_to_write_is_refused(two: Callable[[str], ObjectShelf]) -> None:
    """Both saw the same shelf: what the second would write rests on what the first has changed."""
    first, second = (ObjectShelf(two(name)._url, two(name)._local, "letters/") for name in ("a", "b"))
    with first.lock("run"), second.lock("run"):
        first.put("raw/batches/00001-000001.parquet", b"first")
        with pytest.raises(ServerBusy, match="another machine was at work on this source meanwhile; run again"):
            second.put("raw/batches/00001-000001.parquet", b"second")
    assert second.read("raw/batches/00001-000001.parquet") == b"first"


def test_a_pointer_moves_only_from_what_was_read(two: Callable[[str], ObjectShelf]) -> None:
    first, second = two("a"), two("b")
    first.swap("pointer.json", None, b'{"a": 1}')
    with pytest.raises(ServerBusy):
        second.swap("pointer.json", None, b'{"a": 2}')
    second.swap("pointer.json", b'{"a": 1}', b'{"a": 3}')
    with pytest.raises(ServerBusy):
        first.swap("pointer.json", b'{"a": 1}', b'{"a": 4}')
    assert first.read("pointer.json") == b'{"a": 3}'


def test_a_killed_run_blocks_its_own_machine_not_at_all_and_others_for_a_while(
    two: Callable[[str], ObjectShelf], monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = lease.Lease(two("a")._bucket, "letters", listing._machine(two("a")._local))
    dead.take(None)
    dead._stop.set()  # as SIGKILL does, nothing is given back
    with pytest.raises(ServerBusy, match="frees it within 3 minutes"):
        two("b").put("batches/00001-000001.parquet", b"x")
    two("a").put("batches/00001-000002.parquet", b"x")
    dead = lease.Lease(two("a")._bucket, "letters", listing._machine(two("a")._local))
    dead.take(two("a")._bucket.look("letters/run.lease"))
    dead._stop.set()
    monkeypatch.setattr(lease, "HOLD_SECONDS", 0.0)
    two("b").put("batches/00001-000001.parquet", b"x")


def test_a_run_that_was_stopped_for_long_does_not_go_on_writing(
    two: Callable[[str], ObjectShelf], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "HOLD_SECONDS", 0.0)
    first, second = (ObjectShelf(two(name)._url, two(name)._local, "letters/") for name in ("a", "b"))
    with first.lock("run"):
        first.put("raw/batches/00001-000001.parquet", b"1")
        first._listing("x").lease._stop.set()  # stopped, its heart too
        second.put("raw/batches/00001-000001.parquet", b"2")
        first._listing("x").lease._put_at = time.monotonic() - 1000
        with pytest.raises(ServerBusy, match="another machine is at work"):
            first.put("raw/batches/00001-000001.parquet", b"3")
    assert second.read("raw/batches/00001-000001.parquet") == b"2"


def test_a_lost_answer_is_no_other_machine(server: ObjectServer, two: Callable[[str], ObjectShelf]) -> None:
    """The client asks again by itself, and the second time its own object stands there."""
    bucket = two("a")._bucket
    assert bucket.move("one", None, b"mine") is not None
    assert bucket.move("one", None, b"mine") is not None
    assert bucket.move("one", None, b"other") is None


def test_storage_without_conditions_is_refused(
    server: ObjectServer, two: Callable[[str], ObjectShelf], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Servers that speak like S3 and drop the header would let two machines overwrite each other."""
    shelf = two("a")
    put = type(shelf._bucket)._put  # type: ignore[attr-defined]
    monkeypatch.setattr(type(shelf._bucket), "_put", lambda self, name, data, **_: put(self, name, data))
    with pytest.raises(ConfigError, match="does not honour conditional writes"):
        shelf.put("batches/00001-000001.parquet", b"x")


VISITS = """
    import sys, time
    from pathlib import Path
    from biglam_pipeline import pipeline
    from biglam_pipeline.environment import read_environment
    from biglam_pipeline.errors import ServerBusy
    from biglam_pipeline.context import open_context
    from biglam_pipeline.source import load_sources
    folder, name, home = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    catalog = load_sources([folder / "sources.yaml"])
    source, base = catalog.get("letters"), catalog.bases["letters"]
    settings = {"BIGLAM_STATE": str(folder / "state"), "BIGLAM_HOME": home, "BIGLAM_HUB_PORT": "1"}
    for visit in range(3):
        (folder / "pages" / "a.csv").write_text(f"id,title\\n1,{name} {visit}\\n")
        while True:
            try:
                with open_context(read_environment(settings)) as run:
                    done = pipeline.harvest_source(run, source, base)
                break
            except ServerBusy as busy:
                print("busy", busy, flush=True)
                time.sleep(0.1)
        assert not done.unchanged
        print("visit", name, visit, done.harvest.number, done.harvest.digest, flush=True)
"""


@pytest.mark.slow
def test_two_machines_lose_no_visit(home: str, tmp_path: Path, server: ObjectServer) -> None:
    """Two of six visits once vanished from raw, while both runs said that all was well."""
    running = []
    for name in ("a", "b"):
        source_in(tmp_path / name)
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(VISITS))
        command = [sys.executable, str(tmp_path / f"{name}.py"), str(tmp_path / name), name, home]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
    reported = [one.communicate(timeout=200)[0] for one in running]
    assert [one.returncode for one in running] == [0, 0], reported
    visits = [line.split() for text in reported for line in text.splitlines() if line.startswith("visit")]
    assert len(visits) == 6, reported
    settings = {"BIGLAM_STATE": str(tmp_path / "c"), "BIGLAM_HOME": home}
    with open_context(read_environment(settings)) as run:
        raw = run.raw(load_sources([tmp_path / "a" / "sources.yaml"]).get("letters"))
        assert {int(number): digest for *_, number, digest in visits} == {
            number: raw.harvest(number).digest for number in range(1, 7)
        }
        for _, name, visit, number, _ in visits:
            (held,) = raw.objects(int(number)).values()
            assert raw.content(held) == f"id,title\n1,{name} {visit}\n".encode()


# --- takedowns ---


def test_a_takedown_reaches_what_another_machine_keeps(
    home: str, tmp_path: Path, hub: HubServer, institution: Running, server: ObjectServer
) -> None:
    """Its copies are of objects that are not there any more: they are neither read nor left on its disk."""
    server.client().put_bucket_versioning(Bucket=home.split("/")[2], VersioningConfiguration={"Status": "Enabled"})
    text = "id,title\n1,Ashby\n2,A Secret of the family\n"
    entry = source_in(tmp_path, text)
    base, source = tmp_path, load_sources([entry]).get("letters")

    def machine(name: str) -> Any:
        return open_context(read_environment({"BIGLAM_STATE": str(tmp_path / name), "BIGLAM_HOME": home}))

    with machine("a") as one, machine("b") as other:
        pipeline.harvest_source(one, source, base)
        pipeline.normalize_source(one, source, base)
        pipeline.dedup_source(one, source, base)
        assert len(previewing.preview_source(other, source, base, 9).rows) == 2
        assert holding(tmp_path / "b", b"Secret")
        request = Request("2", "privacy")
        done = take_down(one, source, base, plan_takedown(one, source, base, request), request)
        kept = one.shelf.at("letters").kept_versions()
        rows = previewing.preview_source(other, source, base, 9).rows
        assert [row["title"] for row in rows] == ["Ashby"]
        assert not holding(tmp_path / "b", b"Secret")
        assert not holding(tmp_path / "a", b"Secret")
    assert any(key.startswith("home/letters/raw/batches/") for key, _ in kept.versions)
    reported = " ".join(done.left)
    commands = [one for one in kept.commands if "/hub/" not in one]  # notes of the takedown go after it was reported
    assert [one for one in commands if one not in reported] == []
    with machine("a") as one:
        since = one.shelf.at("letters").kept_versions()
    assert remove_by(server, since.commands) == len(since.versions)
    with machine("a") as one:
        assert one.shelf.at("letters").kept_versions().versions == ()


def holding(folder: Path, word: bytes) -> list[Path]:
    """Files below a folder of a machine's copies and scratch that hold a word; Parquet is opened."""
    import pyarrow.parquet as pq

    found = []
    for path in [*folder.glob("copies/**/*"), *folder.glob("scratch/**/*")]:
        if path.is_file():
            data = path.read_bytes()
            if data[:4] == b"PAR1":
                data += str(pq.read_table(path).to_pylist()).encode()
            found += [path] if word in data else []
    return found


def remove_by(server: ObjectServer, commands: tuple[str, ...]) -> int:
    """Does what the commands say, which are of a program that is not installed here."""
    import shlex

    for command in commands:
        words = shlex.split(command)
        assert words[:3] == ["aws", "s3api", "delete-object"]
        reported = dict(zip(words[3::2], words[4::2], strict=True))
        assert reported["--endpoint-url"] == server.endpoint
        server.client().delete_object(
            Bucket=reported["--bucket"], Key=reported["--key"], VersionId=reported["--version-id"]
        )
    return len(commands)


def test_a_bucket_that_may_not_be_asked_about_versions_says_so(
    server: ObjectServer, two: Callable[[str], ObjectShelf]
) -> None:
    shelf = two("a")
    server.fault = lambda _, path: ("403 Forbidden", DENIED) if "versioning" in path else None
    assert "aws s3api get-bucket-versioning" in shelf.kept_versions().doubt


# --- errors by remedy ---

DENIED = b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>"
BUSY = b"<Error><Code>SlowDown</Code><Message>slow</Message></Error>"


def test_a_bucket_that_is_not_there(server: ObjectServer, tmp_path: Path) -> None:
    shelf = ObjectShelf("s3://nowhere/home", tmp_path).at("letters")
    with pytest.raises(ConfigError, match=rf"BIGLAM_HOME=s3://nowhere/home.*no bucket nowhere at {server.endpoint}"):
        shelf.list()
    with pytest.raises(ConfigError, match="no bucket nowhere"):
        shelf.put("raw/open.json", b'{"a": 1}')


@pytest.mark.representative(7)  # by the other verbs
@pytest.mark.parametrize(
    ("status", "body", "error", "said"),
    [
        ("403 Forbidden", DENIED, ConfigError, "access to the bucket .* is denied.*AWS_ACCESS_KEY_ID"),
        ("403 Forbidden", b"<html>", ConfigError, "is denied"),  # a proxy's
        ("503 Slow Down", BUSY, ServerBusy, "answers 503 .*; run again later"),
        ("500 Internal Server Error", b"", ServerBusy, "answers 500"),
        (
            "301 Moved",
            b"<Error><Code>PermanentRedirect</Code></Error>",
            ConfigError,
            "elsewhere.*AWS_DEFAULT_REGION",
        ),
        ("400 Bad Request", b"<Error><Code>Odd</Code></Error>", ConfigError, "mend the address"),
        ("501 No", b"<Error><Code>NotImplemented</Code></Error>", ServerBusy, "501"),
    ],
)
@pytest.mark.parametrize("verb", ["list", "local", "put", "delete"])
def test_what_the_server_says_becomes_an_error_by_remedy(
    server: ObjectServer,
    two: Callable[[str], ObjectShelf],
    verb: str,
    status: str,
    body: bytes,
    error: type[BiglamError],
    said: str,
) -> None:
    two("a").put("pointer.json", b'{"a": 1}')
    shelf = two("a") if verb == "delete" else two("b")
    if verb == "local":
        shelf.list()
    server.fault = lambda *_: (status, body)
    acts: dict[str, Callable[[], object]] = {
        "list": lambda: shelf.list(),
        "local": lambda: shelf.local("pointer.json"),
        "put": lambda: shelf.put("other.json", b'{"a": 1}'),
        "delete": lambda: shelf.delete("pointer.json"),
    }
    with pytest.raises(error, match=said) as reported:
        acts[verb]()
    assert shelf._url in str(reported.value)


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    """In a process of its own: the driver keeps one client a process."""
    code = (
        "from pathlib import Path; from biglam_pipeline.store.objects import ObjectShelf; "
        f"ObjectShelf('s3://bucket', Path({str(tmp_path)!r})).at('letters').list()"
    )
    env = {**os.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60)
    assert "ServerBusy: s3://bucket: letters/ cannot be had now: http://127.0.0.1:9 does not answer" in done.stderr


@pytest.mark.slow  # `test_what_the_server_says_becomes_an_error_by_remedy` has refusals
def test_without_credentials(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from biglam_pipeline.store.objects import ObjectShelf; "
        f"ObjectShelf('s3://bucket', Path({str(tmp_path)!r})).at('letters').list()"
    )
    env = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    env |= {"AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60)
    assert "ConfigError: BIGLAM_HOME=s3://bucket: there are no credentials" in done.stderr


def test_an_object_that_is_gone_is_damage(server: ObjectServer, two: Callable[[str], ObjectShelf], home: str) -> None:
    shelf, other = two("a"), two("b")
    shelf.put("batches/00001-000001.parquet", b"x")
    assert other.list() == ["batches/00001-000001.parquet"]
    server.client().delete_object(Bucket=home.split("/")[2], Key="home/letters/raw/batches/00001-000001.parquet")
    with pytest.raises(ShelfDamaged, match="materialize raw again"):
        other.local("batches/00001-000001.parquet")


def test_a_damaged_copy_is_fetched_again(two: Callable[[str], ObjectShelf]) -> None:
    """The remedy names the object; where only this machine's copy was bad, running again is enough."""
    shelf = two("a")
    shelf.put("pointer.json", json.dumps({"a": 1}).encode())
    shelf.local("pointer.json").write_bytes(b"{")
    with pytest.raises(ShelfDamaged, match=r"s3://.*letters/raw/pointer\.json"):
        shelf.read("pointer.json")
    assert json.loads(shelf.read("pointer.json")) == {"a": 1}


def test_other_drivers_move_pointers_too(tmp_path: Path) -> None:
    bucket = Bucket(f"memory://{uuid.uuid4()}")
    first = bucket.move("one", None, b"1")
    assert bucket.move("one", None, b"2") is None
    assert first is not None
    assert bucket.move("one", first, b"2") is not None
    assert "cannot be asked" in bucket.kept("").doubt


def test_a_page_that_answers_everything_with_200_is_no_empty_bucket(
    home: str, server: ObjectServer, tmp_path: Path
) -> None:
    """A proxy or a sign-in page before the storage: `status` would say that nothing was ever harvested."""
    shelf = ObjectShelf(home, tmp_path).at("letters/raw")
    server.fault = lambda _method, _path: ("200 OK", b"<html><body>Please sign in</body></html>")
    for question in (shelf.list, shelf.folders, lambda: shelf.put("x.json", b"{}")):
        with pytest.raises(ServerBusy, match="something else than S3 does"):
            question()
