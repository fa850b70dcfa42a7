"""The checksums that servers say of what they send (F27)."""

import base64
import gzip
import hashlib
import zlib
from pathlib import Path

import pytest

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.web import Limits, Web
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer
from biglam_pipeline_tests.web.conftest import MakeWeb

BODY = b"a,b\n1,2\n" * 100
PACKED = gzip.compress(BODY, mtime=0)


def b64(name: str, body: bytes) -> str:
    digest = zlib.crc32(body).to_bytes(4, "big") if name == "crc32" else hashlib.new(name, body).digest()
    return base64.b64encode(digest).decode()


def said(body: bytes) -> list[dict[str, str]]:
    """Every way to say it, as RFC 9530, RFC 3230, RFC 1864, S3 and GCS do."""
    return [
        {"Repr-Digest": f"sha-256=:{b64('sha256', body)}:"},
        {"Repr-Digest": f"md5=:{b64('md5', body)}:, sha-512=:{b64('sha512', body)}:"},
        {"Content-Digest": f"sha-512=:{b64('sha512', body)}:"},
        {"Digest": f"SHA-256={b64('sha256', body)},unixsum=30637"},
        {"Digest": f"sha={b64('sha1', body)}"},
        {"Digest": f"sha-256={hashlib.sha256(body).hexdigest()}"},
        {"Content-MD5": b64("md5", body)},
        {"x-goog-hash": f"crc32c=AAAAAA==, md5={b64('md5', body)}"},
        {"x-amz-checksum-sha256": b64("sha256", body)},
        {"x-amz-checksum-crc32": b64("crc32", body), "x-amz-checksum-type": "FULL_OBJECT"},
    ]


@pytest.mark.parametrize("number", range(len(said(BODY))))
def test_f27_a_promise_is_held_against_what_came_and_asked_for_once_more(
    number: int, server: ScriptedServer, web: Web
) -> None:
    good, bad = said(BODY)[number], said(BODY + b"x")[number]
    assert web.get(server.on("/good", Reply(BODY, headers=good))).content == BODY
    assert len(server.asked) == 1
    assert web.get(server.on("/once", Reply(BODY, headers=bad), Reply(BODY, headers=good))).content == BODY
    with pytest.raises(ObjectFailed, match="is not what its server promised") as caught:
        web.get(server.on("/always", Reply(BODY, headers=bad)))
    assert caught.value.reason == "checksum"
    assert server.paths().count("/always") == 2


@pytest.mark.parametrize("number", range(len(said(BODY))))
def test_a_promise_is_of_the_bytes_on_the_wire(number: int, server: ScriptedServer, web: Web) -> None:
    """RFC 9530, 3: the representation has its content coding on. GCS says when it unpacked what it promised packed.

    The older headers are often of the file before it was packed, and say nothing of a packed transfer.
    """
    coded = {"Content-Encoding": "gzip", "x-goog-stored-content-encoding": "gzip"}
    assert web.get(server.on("/a", Reply(PACKED, headers=coded | said(PACKED)[number]))).content == BODY
    url = server.on("/b", Reply(PACKED, headers=coded | said(BODY)[number]))
    if {"Repr-Digest", "Content-Digest", "x-goog-hash"} & said(BODY)[number].keys():
        with pytest.raises(ObjectFailed):
            web.get(url)
    else:
        assert web.get(url).content == BODY


@pytest.mark.parametrize(
    "headers",
    [
        {"Repr-Digest": "sha-256=:not base64:"},
        {"Repr-Digest": "sha-256=:AAAA:"},
        {"Repr-Digest": "blake3=:AAAA:"},
        {"Digest": "sha-256"},
        {"Content-MD5": ""},
        {"x-amz-checksum-sha256": f"{b64('sha256', b'of its parts')}-3"},
        {"x-amz-checksum-sha256": b64("sha256", b"of its parts"), "x-amz-checksum-type": "COMPOSITE"},
        {"x-goog-hash": f"md5={b64('md5', PACKED)}", "x-goog-stored-content-encoding": "gzip"},
        {"ETag": f'"{hashlib.md5(b"no promise").hexdigest()}"'},
    ],
)
def test_what_is_no_promise_of_these_bytes_says_nothing(
    headers: dict[str, str], server: ScriptedServer, web: Web
) -> None:
    assert web.get(server.on("/a", Reply(BODY, headers=headers))).content == BODY


@pytest.mark.parametrize("header", ["Repr-Digest", "Content-Digest", "Content-MD5"])
def test_f27_of_a_rest_repr_digest_is_of_the_whole_and_content_digest_of_the_rest(
    header: str, server: ScriptedServer, make_web: MakeWeb, tmp_path: Path
) -> None:
    """RFC 9530, 2 and 3; Content-MD5 counts for whole answers only (RFC 7231, appendix B)."""
    etag = {"ETag": '"1"'}
    rest = {"Content-Range": f"bytes 300-{len(BODY) - 1}/{len(BODY)}", **etag}
    of = BODY if header == "Repr-Digest" else BODY[300:]
    rest[header] = f"sha-256=:{b64('sha256', of)}:" if "Digest" in header else b64("md5", b"whatever")
    wrong = rest | {header: f"sha-256=:{b64('sha256', b'')}:" if "Digest" in header else b64("md5", b"x")}

    def get(name: str, *replies: Reply) -> str:
        limits = Limits(mark_bytes=100, kept_bytes=10, tries=1)
        url, web = server.on(name, *replies), make_web(limits=limits)
        with pytest.raises(Exception, match="broke"):
            web.get(url, into=tmp_path / "s", parts=tmp_path / "p")
        return make_web(limits=Limits(mark_bytes=100, kept_bytes=10)).get(
            url, into=tmp_path / "s", parts=tmp_path / "p"
        ).sha256  # fmt: skip

    broken = (Reply(BODY, headers=etag, cut=300), Reply(silent=True))
    whole = hashlib.sha256(BODY).hexdigest()
    assert get("/a", *broken, Reply(BODY[300:], 206, rest)) == whole
    assert get("/b", *broken, Reply(BODY[300:], 206, wrong), Reply(BODY, headers=etag)) == whole
    again = [asked.headers.get("Range") for asked in server.asked if asked.path == "/b"]
    assert again[2:] == (["bytes=300-"] if header == "Content-MD5" else ["bytes=300-", None])
