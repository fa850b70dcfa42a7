"""Buckets of S3 and Google Cloud Storage as a source: one list a night, every object held against it."""

import gzip
import hashlib
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from biglam_pipeline.errors import ServerBusy, SourceChanged
from biglam_pipeline.harvest.address import read_address
from biglam_pipeline.harvest.protocols.object_store import ObjectStore
from biglam_pipeline_tests.contracts.offers import Offer
from biglam_pipeline_tests.harvest.conftest import Shelf
from biglam_pipeline_tests.harvest.protocols.buckets import S3, Gcs, error, rewrite
from biglam_pipeline_tests.harvest.protocols.conftest import MakeShelf, says_what_to_write
from biglam_pipeline_tests.harvest.protocols.records import keys, missed, said
from biglam_pipeline_tests.servers.objects import ObjectServer
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer


def offer(server: ScriptedServer, folder: Path) -> Offer:
    bucket = S3(server)
    objects = {f"data/{name}.csv": f"x,y\n{name},1\n".encode() for name in "abc"}
    for key, content in {**objects, "README.md": b"# Prints\n"}.items():
        bucket.put(key, content)

    def find(key: str) -> None:
        bucket.put(key, objects[key])

    return Offer(
        {"url": ["s3://prints#*.csv"]},
        objects,
        lambda key: bucket.on(key, error("NoSuchKey", 404)),
        find,
        rewrite(server, "prints"),
    )


@pytest.fixture
def shelf(server: ScriptedServer, shelf_of: MakeShelf) -> Shelf:
    return shelf_of(rewrite(server, "prints"))


@pytest.fixture
def bucket(server: ScriptedServer) -> S3:
    return S3(server)


def of(*addresses: str, **settings: Any) -> ObjectStore:
    return ObjectStore(url=addresses, **settings)


def lists(server: ScriptedServer) -> int:
    return sum("list-type" in path for path in server.paths())


# --- addresses ------------------------------------------------------------------------------------------


def test_addresses_are_folders_and_files() -> None:
    made = of("s3://dpla-export/2024/{01,02}#*.jsonl.gz", "s3://a.b/c.zip")
    assert made.url == (
        "s3://dpla-export/2024/01/#*.jsonl.gz",
        "s3://dpla-export/2024/02/#*.jsonl.gz",
        "s3://a.b/c.zip",
    )
    assert made.hosts == ("dpla-export.s3.amazonaws.com", "s3.amazonaws.com")
    assert of("gs://prints/x/").hosts == ("storage.googleapis.com",)
    for written in ("s3://a-bucket/x", "gs://b-bucket", "ftp://a.org/x.zip"):
        assert read_address(written)["type"] == "object_store"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://prints.s3.amazonaws.com/", "s3://prints/"),
        ("https://prints.s3.eu-west-1.amazonaws.com/?prefix=data/", "s3://prints/data/"),
        ("https://my.prints.s3-eu-west-1.amazonaws.com/?list-type=2&prefix=a%20b/", "s3://my.prints/a b/"),
        ("https://s3.amazonaws.com/prints/", "s3://prints/"),
        ("https://s3.eu-central-1.amazonaws.com/prints?prefix=x/", "s3://prints/x/"),
        ("https://s3.console.aws.amazon.com/s3/buckets/prints?region=us-east-1&prefix=data/", "s3://prints/data/"),
        ("https://eu-west-1.console.aws.amazon.com/s3/buckets/prints", "s3://prints/"),
        ("arn:aws:s3:::prints/data/*", "s3://prints/data/"),
        ("s3a://prints/data/#*.csv", "s3://prints/data/#*.csv"),
        ("gcs://prints/x", "gs://prints/x"),
        ("https://console.cloud.google.com/storage/browser/prints/data", "gs://prints/data"),
        ("https://storage.googleapis.com/prints/", "gs://prints/"),
        ("https://storage.googleapis.com/prints/data%20a/", "gs://prints/data a/"),
        ("https://prints.storage.googleapis.com/", "gs://prints/"),
        ("https://commondatastorage.googleapis.com/prints/", "gs://prints/"),
        ("https://storage.googleapis.com/storage/v1/b/prints/o?prefix=data%2F", "gs://prints/data/"),
        ("https://prints.s3.amazonaws.com/data/", "s3://prints/data/"),
        ("https://s3.eu-central-1.amazonaws.com/prints/data/", "s3://prints/data/"),
        ("s3://prints/data/*.csv", "s3://prints/data/#*.csv"),
        ("s3://prints/*/a.csv", "s3://prints/#*/a.csv"),
        ("https://storage.cloud.google.com/prints/a%20b.csv", "gs://prints/a b.csv"),
        ("gs://", "gs://BUCKET/FOLDER/"),
        ("s3://prints/a.csv?versionId=3sL4", "s3://prints/a.csv"),
        ("ftp:///x", "ftp://HOST/FOLDER/"),
        ("S3://prints/x", "s3://prints/x"),
    ],
)
def test_an_address_that_is_nearly_right_gets_the_one_that_is(written: str, meant: str) -> None:
    says_what_to_write(ObjectStore, written, meant)


def test_a_secret_in_an_address_is_not_shown() -> None:
    for written in ("s3://AKIA:S3CRET@prints/x", "ftp://me:S3CRET@a.org/x", "gs://AKIA:S3/CRET+@prints/x"):
        with pytest.raises((ValueError, ValidationError)) as caught:
            ObjectStore(url=(written,))
        assert "S3CRET" not in str(caught.value).partition("[type=")[0]


@pytest.mark.parametrize(
    "file",
    [
        "https://prints.s3.amazonaws.com/a/b.zip",
        "https://storage.googleapis.com/prints/a.csv",
        "https://prints.storage.googleapis.com/a/b.csv",
        "https://s3.amazonaws.com/prints/b.zip",
    ],
)
def test_one_file_at_its_web_address_is_no_page(file: str) -> None:
    assert read_address(file)["type"] == "files"


@pytest.mark.parametrize(
    "written", ["s3://prints/../x", "ftp://a.org/%2e%2e/x", "ftp://a.org/a%0d%0aDELE x", "s3://a..b/x"]
)
def test_what_leads_elsewhere_is_refused(written: str) -> None:
    with pytest.raises(ValidationError, match=r"control character|names no bucket"):
        of(written)


# --- nights ---------------------------------------------------------------------------------------------


def test_two_nights_added_corrected_removed_restored(bucket: S3, shelf: Shelf) -> None:
    for name in ("a", "b", "c"):
        bucket.put(f"data/{name}.csv", name.encode())
    first = shelf.visit(of("s3://prints/data/"))
    assert keys(first) == ["data/a.csv", "data/b.csv", "data/c.csv"]
    assert first.evidence.proof == "3 files listed, 3 chosen, 3 came whole, 0 unchanged, 0 missing"
    bucket.put("data/b.csv", b"two")
    bucket.put("data/d.csv", b"d")
    bucket.drop("data/c.csv")
    second = shelf.visit(of("s3://prints/data/"))
    assert (keys(second), second.kept) == (["data/b.csv", "data/d.csv"], ["data/a.csv"])
    assert "data/c.csv" not in shelf.held
    bucket.put("data/c.csv", b"c")
    assert keys(shelf.visit(of("s3://prints/data/"))) == ["data/c.csv"]


def test_a_quiet_night_is_one_list(bucket: S3, shelf: Shelf, server: ScriptedServer) -> None:
    for number in range(2500):
        bucket.put(f"data/{number:05}.txt", b"%d" % number)
    shelf.visit(of("s3://prints/data/#*99.txt"))
    del server.asked[:]
    quiet = shelf.visit(of("s3://prints/data/#*99.txt"))
    assert (quiet.objects, len(quiet.kept), quiet.evidence.complete) == ([], 25, True)
    assert (len(server.asked), lists(server)) == (3, 3), "a request for each thousand names"


def test_one_object_costs_one_question_and_no_list(bucket: S3, shelf: Shelf, server: ScriptedServer) -> None:
    """Many buckets can be read by everybody, and listed by nobody."""
    bucket.put("data/a.csv", b"a")

    def reply(asked: Asked) -> Reply:
        same = asked.headers.get("If-None-Match") == '"1"'
        return Reply(status=304) if same else Reply(b"a", headers={"ETag": '"1"'})

    bucket.on("data/a.csv", reply)
    assert keys(shelf.visit(of("s3://prints/data/a.csv"))) == ["data/a.csv"]
    assert shelf.visit(of("s3://prints/data/a.csv")).kept == ["data/a.csv"]
    assert (len(server.asked), lists(server)) == (2, 0)


def test_an_object_of_the_same_bytes_in_other_parts_is_fetched_and_found_the_same(bucket: S3, shelf: Shelf) -> None:
    """The ETag of an upload in parts is no checksum, and other where the parts are."""
    bucket.put("a.bin", b"a" * 100, etag="d41d8cd98f00b204e9800998ecf8427e-3")
    assert shelf.visit(of("s3://prints/")).evidence.complete
    bucket.put("a.bin", b"a" * 100, etag="0" * 32 + "-2")
    assert shelf.visit(of("s3://prints/")).kept == ["a.bin"]


def test_an_object_that_is_kept_packed_is_held_to_its_transfer(bucket: S3, shelf: Shelf) -> None:
    """`aws s3 cp --content-encoding gzip`: size and ETag are of what is kept, and what comes is unpacked."""
    packed = gzip.compress(b"x,y\n1,2\n", mtime=0)
    bucket.put("a.csv", packed)
    bucket.on("a.csv", Reply(packed, headers={"Content-Encoding": "gzip"}))
    outcome = shelf.visit(of("s3://prints/"))
    assert ([one.content for one in outcome.objects], outcome.evidence.complete) == ([b"x,y\n1,2\n"], True)
    assert shelf.visit(of("s3://prints/")).kept == ["a.csv"]


@pytest.mark.parametrize(
    "key", ["50% off.txt", "a+b c.txt", "ä ö/ü.txt", "x?y=1&z.txt", "a'()!*.txt", "deep//er/a.txt"]
)
def test_an_object_is_asked_for_by_its_key_whatever_stands_in_it(key: str, bucket: S3, shelf: Shelf) -> None:
    bucket.put(key, b"1")
    assert keys(shelf.visit(of("s3://prints/"))) == [key]


def test_a_step_of_one_dot_is_one_of_the_key(bucket: S3, shelf: Shelf, server: ScriptedServer) -> None:
    """Addresses leave it out: then another object would come, or none."""
    bucket.put("a/b.txt", b"other")
    bucket.put("a/./b.txt", b"1")
    server.on("/s3/prints/a/%2E/b.txt", Reply(b"1"))
    outcome = shelf.visit(of("s3://prints/"))
    assert (keys(outcome), outcome.evidence.complete) == (["a/./b.txt", "a/b.txt"], True)


@pytest.mark.parametrize("key", ["a/../../x.txt", "/etc/x.txt", "a\nb.txt", "a\x07.txt", "C:/x.txt"])
def test_a_key_that_is_no_name_of_a_file_is_missing_by_name(key: str, bucket: S3, shelf: Shelf) -> None:
    bucket.put("good.txt", b"1")
    bucket.put(key, b"2")
    outcome = shelf.visit(of("s3://prints/"))
    assert (keys(outcome), [one.reason for one in outcome.missing]) == (["good.txt"], ["name"])


def test_marks_of_folders_are_no_files(bucket: S3, shelf: Shelf) -> None:
    for key in ("data/", "data/a_$folder$"):
        bucket.put(key, b"")
    bucket.put("data/a.csv", b"a")
    outcome = shelf.visit(of("s3://prints/data/"))
    assert (keys(outcome), outcome.evidence.complete) == (["data/a.csv"], True)


@pytest.mark.parametrize("kind", ["GLACIER", "DEEP_ARCHIVE"])
def test_what_lies_in_cold_storage_is_missing_with_the_reason(
    kind: str, bucket: S3, shelf: Shelf, server: ScriptedServer
) -> None:
    bucket.put("a.zip", b"a", kind=kind)
    bucket.put("b.txt", b"b", kind="GLACIER_IR")
    outcome = shelf.visit(of("s3://prints/"))
    assert (keys(outcome), missed(outcome)) == (["b.txt"], [("a.zip", "restricted")])
    assert kind in outcome.missing[0].detail
    assert "/s3/prints/a.zip" not in server.paths()
    assert shelf.visit(of("s3://prints/", ignore="*.zip")).evidence.complete


# --- lists that lie -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"IsTruncated": "true"}, "truncated"),
        ({"IsTruncated": ""}, "damaged"),
        ({"IsTruncated": "perhaps"}, "damaged"),
        ({"KeyCount": "7"}, "truncated"),
        ({"IsTruncated": "true", "NextContinuationToken": "0"}, "loop"),
    ],
)
def test_a_list_that_lies_takes_nothing_away(changed: dict[str, str], reason: str, bucket: S3, shelf: Shelf) -> None:
    for name in "ab":
        bucket.put(f"{name}.txt", b"1")
    shelf.visit(of("s3://prints/"))
    bucket.drop("b.txt")
    bucket.changed = changed
    outcome = shelf.visit(of("s3://prints/"))
    assert (missed(outcome), outcome.kept) == ([("s3://prints/", reason)], ["a.txt", "b.txt"])
    assert not outcome.evidence.complete


@pytest.mark.parametrize(
    "body", [b"", b"<ListBucketResult><IsTruncated>false</IsTr", b"<html><body>x</body></html>", b"{}"]
)
def test_what_is_no_list_takes_nothing_away(body: bytes, bucket: S3, shelf: Shelf) -> None:
    bucket.put("a.txt", b"1")
    shelf.visit(of("s3://prints/"))
    bucket.refusal = Reply(body)
    outcome = shelf.visit(of("s3://prints/"))
    assert (len(outcome.missing), outcome.kept, outcome.evidence.complete) == (1, ["a.txt"], False)


def test_empty_pages_without_an_end_are_given_up(bucket: S3, shelf: Shelf, server: ScriptedServer) -> None:
    def page(asked: Asked) -> Reply:
        number = int(asked.query.get("continuation-token", 0)) + 1
        token = f"<NextContinuationToken>{number}</NextContinuationToken>"
        words = f"<KeyCount>0</KeyCount><IsTruncated>true</IsTruncated>{token}"
        return Reply(f"<ListBucketResult>{words}</ListBucketResult>".encode())

    server.on("/s3/prints/", page)
    assert missed(shelf.visit(of("s3://prints/"))) == [("s3://prints/", "loop")]
    assert len(server.asked) == 10


def test_names_from_elsewhere_in_the_bucket_are_not_taken(bucket: S3, shelf: Shelf) -> None:
    """A server that does not look at `prefix`."""
    bucket.put("data/a.txt", b"1")
    bucket.refusal = Reply(
        b"<ListBucketResult><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated>"
        b"<Contents><Key>other/b.txt</Key><Size>1</Size></Contents></ListBucketResult>"
    )
    assert missed(shelf.visit(of("s3://prints/data/"))) == [("s3://prints/data/", "damaged")]


def listed(*keys: str) -> Reply:
    """A list of a server that knows no `encoding-type`."""
    rows = "".join(f"<Contents><Key>{key}</Key><Size>1</Size></Contents>" for key in keys)
    return Reply(f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>".encode())


def test_keys_of_a_server_that_does_not_escape_them_are_as_they_stand(bucket: S3, shelf: Shelf) -> None:
    for key in ("a+b.txt", "c%20d.txt"):
        bucket.on(key, Reply(b"1"))
    bucket.refusal = listed("a+b.txt", "c%20d.txt")
    assert keys(shelf.visit(of("s3://prints/"))) == ["a+b.txt", "c%20d.txt"]


@pytest.mark.parametrize("names", [("a.txt", "a.txt"), ("b.txt", "a.txt")])
def test_a_list_with_a_name_twice_or_in_no_order_is_none(names: tuple[str, ...], bucket: S3, shelf: Shelf) -> None:
    bucket.refusal = listed(*names)
    assert missed(shelf.visit(of("s3://prints/"))) == [("s3://prints/", "loop")]


def test_a_list_that_is_a_bomb_is_refused(bucket: S3, shelf: Shelf) -> None:
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "a">{entities}]><ListBucketResult><Name>&e9;</Name></ListBucketResult>'
    bucket.refusal = Reply(bomb.encode())
    assert missed(shelf.visit(of("s3://prints/"))) == [("s3://prints/", "damaged")]


def test_a_wrong_checksum_comes_again_and_lasts_as_missing(bucket: S3, shelf: Shelf) -> None:
    bucket.put("a.txt", b"good")
    bucket.on("a.txt", Reply(b"evil"), Reply(b"good"))
    assert shelf.visit(of("s3://prints/")).evidence.complete
    bucket.put("a.txt", b"next")
    bucket.on("a.txt", Reply(b"evil"))
    assert missed(shelf.visit(of("s3://prints/"))) == [("a.txt", "checksum")]
    assert shelf.visit(of("s3://prints/#*.txt")).kept == []


# --- refusals -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "reason", "words"),
    [
        (error("AccessDenied", 403), "restricted", "--request-payer requester"),
        (error("NoSuchBucket", 404), "not_found", "there is no such bucket"),
        (error("InvalidArgument", 400), "refused", "S3 says InvalidArgument"),
        (error("PermanentRedirect", 301, Endpoint="evil.example.org"), "refused", "PermanentRedirect"),
    ],
)
def test_a_refusal_says_what_to_do(reply: Reply, reason: str, words: str, bucket: S3, shelf: Shelf) -> None:
    bucket.refusal = reply
    outcome = shelf.visit(of("s3://prints/"))
    assert missed(outcome) == [("s3://prints/", reason)]
    assert words in outcome.missing[0].detail


def test_a_wall_with_403_stops_the_visit(bucket: S3, shelf: Shelf) -> None:
    bucket.refusal = Reply(b"<!doctype html><title>Blocked</title>", 403)
    with pytest.raises(SourceChanged):
        shelf.visit(of("s3://prints/"))


def test_a_store_that_asks_to_slow_down_is_asked_again_later(bucket: S3, shelf: Shelf) -> None:
    bucket.refusal = error("SlowDown", 503)
    with pytest.raises(ServerBusy):
        shelf.visit(of("s3://prints/"))


def test_one_object_that_is_not_had_may_be_a_folder(bucket: S3, shelf: Shelf) -> None:
    """Where nobody may list a bucket, S3 says 403 of what is not there."""
    (missing,) = shelf.visit(of("s3://prints/data")).missing
    assert missing.detail.endswith("where it is a folder, write / at its end")
    bucket.on("data", error("AccessDenied", 403))
    with pytest.raises(SourceChanged, match="write / at its end") as caught:
        shelf.visit(of("s3://prints/data"))
    assert caught.value.status == 403


@pytest.mark.parametrize("words", [{"Region": "eu-west-1"}, {"Endpoint": "my.prints.s3-eu-west-1.amazonaws.com"}])
@pytest.mark.parametrize("address", ["s3://my.prints/", "s3://my.prints/a.txt"])
def test_a_bucket_with_dots_is_found_in_its_region(
    words: dict[str, str], address: str, shelf: Shelf, server: ScriptedServer
) -> None:
    """Its host would have no certificate, and its path is known in one region only."""
    bucket = S3(server, "my.prints")
    bucket.put("a.txt", b"1")
    server.on("/east/my.prints/", error("PermanentRedirect", 301, **words))
    outcome = shelf.visit(of(address))
    assert (keys(outcome), outcome.evidence.complete) == (["a.txt"], True)
    assert outcome.objects[0].url == "https://s3.eu-west-1.amazonaws.com/my.prints/a.txt"


def test_a_bucket_with_dots_that_nobody_may_list_is_read_in_its_region(shelf: Shelf, server: ScriptedServer) -> None:
    bucket = S3(server, "my.prints")
    bucket.put("a.txt", b"1")
    bucket.refusal = error("AccessDenied", 403)
    server.on("/east/my.prints/", error("PermanentRedirect", 301, Region="eu-west-1"))
    assert keys(shelf.visit(of("s3://my.prints/a.txt"))) == ["a.txt"]


def test_regions_that_name_each_other_are_given_up(shelf: Shelf, server: ScriptedServer) -> None:
    for place in ("east", "s3"):
        server.on(f"/{place}/my.prints/", error("PermanentRedirect", 301, Region="eu-west-1"))
    assert missed(shelf.visit(of("s3://my.prints/"))) == [("s3://my.prints/", "loop")]


# --- memory ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_million_names_of_which_few_are_chosen_are_not_held(shelf: Shelf, server: ScriptedServer) -> None:
    etag, last = "0" * 32, 0

    def page(asked: Asked) -> Reply:
        begin = int(asked.query.get("continuation-token", 0))
        rows = "".join(
            f"<Contents><Key>d/{number:07}.txt</Key><ETag>{etag}</ETag><Size>1</Size></Contents>"
            for number in range(begin, begin + 1000)
        )
        more = begin + 1000 < last
        token = f"<NextContinuationToken>{begin + 1000}</NextContinuationToken>" if more else ""
        head = f"<KeyCount>1000</KeyCount><IsTruncated>{str(more).lower()}</IsTruncated>{token}"
        return Reply(f"<ListBucketResult>{head}{rows}</ListBucketResult>".encode())

    server.on("/s3/prints/", page)
    server.on("/s3/prints/d/0000007.txt", Reply(b"1"))
    peaks = []
    for number in (10_000, 100_000):
        last = number
        tracemalloc.start()
        shelf.visit(of("s3://prints/#0000007.txt"))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        server.asked.clear()
    assert peaks[1] < 1.2 * peaks[0]


# --- Google Cloud Storage -------------------------------------------------------------------------------


def test_nights_of_a_bucket_of_google(server: ScriptedServer, shelf: Shelf) -> None:
    bucket = Gcs(server, page_size=2)
    for name in ("data/", "data/a.csv", "data/b.csv", "data/ü +.csv"):
        bucket.put(name, b"" if name.endswith("/") else name.encode())
    source = of("gs://prints/data/")
    assert keys(shelf.visit(source)) == ["data/a.csv", "data/b.csv", "data/ü +.csv"]
    bucket.put("data/a.csv", b"data/a.csv")  # another generation of the same bytes
    bucket.put("data/b.csv", b"two", md5Hash=None)  # composed: without an MD5
    del server.asked[:]
    second = shelf.visit(source)
    assert (keys(second), second.kept) == (["data/b.csv"], ["data/a.csv", "data/ü +.csv"])
    assert len(server.asked) == 3, "two pages of the list, and what changed"
    del bucket.items["data/a.csv"]
    assert shelf.visit(source).kept == ["data/b.csv", "data/ü +.csv"]
    assert "data/a.csv" not in shelf.held


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_what_google_keeps_packed_comes_as_it_is_kept(name: str, server: ScriptedServer, shelf: Shelf) -> None:
    """`gsutil cp -Z`: for who does not accept gzip it is unpacked, and no size or MD5 of the list agrees."""
    bucket, plain = Gcs(server), b"x,y\n1,2\n"
    packed = gzip.compress(plain, mtime=0)
    bucket.put(name, packed)

    def served(asked: Asked) -> Reply:
        accepts = "gzip" in asked.headers["Accept-Encoding"]
        return Reply(packed, headers={"Content-Encoding": "gzip"}) if accepts else Reply(plain)

    bucket.on(name, served)
    (one,) = shelf.visit(of("gs://prints/")).objects
    assert one.sha256 == hashlib.sha256(packed if name.endswith(".gz") else plain).hexdigest()
    assert shelf.visit(of("gs://prints/")).kept == [name]


@pytest.mark.parametrize(
    ("answer", "status", "reason", "words"),
    [
        ({"error": {"code": 404, "message": "No such thing."}}, 404, "not_found", "no such bucket"),
        ({"error": {"code": 401, "message": "Anonymous caller"}}, 401, "restricted", "Anonymous caller"),
        (
            {"error": {"code": 400, "message": "Bucket is a requester pays bucket but no user project provided."}},
            400, "restricted", "gcloud storage cp",
        ),
        ({"kind": "storage#objects"}, 200, "not_found", "lists no file"),
        ({"kind": "storage#buckets", "items": []}, 200, "damaged", "is not the list"),
        ({"kind": "storage#objects", "items": [{"name": "a"}]}, 200, "damaged", "without its size"),
        ({"kind": "storage#objects", "items": [], "nextPageToken": "x"}, 200, "loop", "has no end"),
        ([], 200, "damaged", "is not the list"),
    ],
)  # fmt: skip
def test_a_bucket_of_google_that_cannot_be_listed_says_why(
    answer: Any, status: int, reason: str, words: str, server: ScriptedServer, shelf: Shelf
) -> None:
    Gcs(server)
    server.on("/gs/storage/v1/b/prints/o", said(answer, status))
    outcome = shelf.visit(of("gs://prints"))
    assert missed(outcome) == [("gs://prints/", reason)]
    assert re.search(words, outcome.missing[0].detail)


# --- a program that speaks S3 ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["prints", "my.prints"])
def test_what_another_program_says_of_its_bucket_is_understood(name: str, shelf_of: Callable[..., Shelf]) -> None:
    """moto, whose answers are those of S3, asked by nobody with a key."""
    with ObjectServer() as server:
        server.bucket(name)
        there = {"data/a b+ü.csv": b"1", "data/b.csv": b"2", "data/": b"", "x.csv": b"3"}
        for key, content in there.items():
            server.client().put_object(Bucket=name, Key=key, Body=content, ACL="public-read")
        hosts = {
            f"https://{name}.s3.amazonaws.com/": f"{server.endpoint}/{name}/",
            "https://s3.amazonaws.com/": f"{server.endpoint}/",
        }
        shelf, source = shelf_of(hosts), of(f"s3://{name}/data/#*.csv")
        outcome = shelf.visit(source)
        assert (keys(outcome), outcome.evidence.complete) == (["data/a b+ü.csv", "data/b.csv"], True)
        assert outcome.objects[0].url.endswith("data/a%20b%2B%C3%BC.csv")
        assert len(shelf.visit(source).kept) == 2
