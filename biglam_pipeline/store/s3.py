"""Objects in S3 and what speaks like it: conditional writes, ETags, versions, and errors with their remedy.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html: `If-None-Match: *` puts where nothing
stands, `If-Match` where what stands has this ETag; else 412, or 409 where two are under way at once.
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html for the codes below.
"""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from biglam_pipeline.errors import ConfigError, ServerBusy
from biglam_pipeline.store import disk
from biglam_pipeline.store.bucket import Bucket, OlderVersions, Stored, blocks_of
from biglam_pipeline.store.lease import NAME as LEASE

SINGLE_PUT_BYTES = 64 * 2**20
"""A larger file goes up in several parts; S3 takes up to 5 GB at once."""
PAGE = 1000
"""Names in one answer; S3 gives no more."""
_MOVED = {"PreconditionFailed", "ConditionalRequestConflict", "412"}
_GONE = {"NoSuchKey", "404"}
_DENIED = {
    "AccessDenied",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "InvalidToken",
    "AllAccessDisabled",
}
_ELSEWHERE = {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301", "307"}
_PROOF = {
    "list_objects_v2": "IsTruncated",
    "list_object_versions": "IsTruncated",
    "head_object": "ETag",
    "get_object": "ETag",
    "put_object": "ETag",
}
"""What S3's answer always has: a proxy's or a sign-in page is `200 OK` too, and would be read as an empty bucket."""
_NO_KEYS = {
    "NoCredentialsError",
    "PartialCredentialsError",
    "ProfileNotFound",
    "TokenRetrievalError",
    "CredentialRetrievalError",
}
"""Names of botocore's errors that say that there is no way to sign a request."""


class _Moved(Exception):
    """The condition of a request did not hold."""


class S3Bucket(Bucket):
    """A bucket, or a folder in one."""

    conditional = True

    def __init__(self, url: str) -> None:
        """See Bucket."""
        super().__init__(url)
        self._files.retries = 1  # botocore asks again by itself; five times five is minutes of silence
        self._bucket, _, folder = self._root.partition("/")
        self._folder = f"{folder}/" if folder else ""

    def list(self, prefix: str) -> dict[str, Stored]:
        """See Bucket; a request a thousand."""
        found: dict[str, Stored] = {}
        more: dict[str, str] = {}
        while True:
            page = self._ask("list_objects_v2", prefix, Prefix=self._folder + prefix, MaxKeys=PAGE, **more)
            for one in page.get("Contents", []):
                if not one["Key"].endswith("/"):  # what consoles make when somebody makes a folder
                    found[one["Key"].removeprefix(self._folder)] = Stored(one["ETag"], one["Size"])
            if not page.get("IsTruncated"):
                return found
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def folders(self, prefix: str) -> set[str]:
        """See Bucket."""
        found: set[str] = set()
        more: dict[str, str] = {}
        while True:
            page = self._ask("list_objects_v2", prefix, Prefix=self._folder + prefix, Delimiter="/", **more)
            found |= {one["Prefix"].rstrip("/").rpartition("/")[2] for one in page.get("CommonPrefixes", [])}
            if not page.get("IsTruncated"):
                return found
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def look(self, name: str) -> Stored | None:
        """See Bucket."""
        try:
            reported = self._ask("head_object", name, Key=self._folder + name)
        except FileNotFoundError:
            return None
        return Stored(reported["ETag"], reported["ContentLength"])

    def age_seconds(self, name: str) -> float:
        """See Bucket: both times are the server's, so no machine's clock matters."""
        reported = self._ask("head_object", name, Key=self._folder + name)
        now = parsedate_to_datetime(reported["ResponseMetadata"]["HTTPHeaders"]["date"])
        return float((now - reported["LastModified"]).total_seconds())

    def fetch(self, name: str, stored: Stored, target: Path) -> bool:
        """See Bucket; streamed, and only the very object that was listed."""
        from fsspec.asyn import sync

        try:
            reported = self._ask("get_object", name, Key=self._folder + name, IfMatch=stored.etag)
        except _Moved:
            return False
        body = reported["Body"]
        with self._answering(name):
            disk.put_whole(target, blocks_of(lambda size: sync(self._files.loop, body.read, size)))
        if disk.size_of(target) != stored.size:
            disk.remove(target)
            raise self._busy(name, "the answer was cut off")
        return True

    def put(self, name: str, data: bytes | memoryview | Path) -> Stored:
        """See Bucket."""
        if isinstance(data, Path):
            if disk.size_of(data) > SINGLE_PUT_BYTES:
                return super().put(name, data)
            data = disk.read_file(data)
        return self._put(name, bytes(data))

    def move(self, name: str, expected: Stored | None, data: bytes) -> Stored | None:
        """See Bucket. A condition that fails because an answer was lost, and asked for again, has not failed."""
        condition = {"IfMatch": expected.etag} if expected else {"IfNoneMatch": "*"}
        try:
            return self._put(name, data, **condition)
        except (_Moved, FileNotFoundError):  # 404: what was expected to stand there is gone
            now = self.look(name)
            same = now is not None and now.size == len(data) and self._read(name) == data
            return now if same else None

    def delete(self, name: str) -> None:
        """See Bucket."""
        self._ask("delete_object", name, Key=self._folder + name)

    def kept(self, prefix: str) -> OlderVersions:
        """See Bucket. A bucket whose versioning was suspended still holds what it kept before."""
        try:
            if not self._ask("get_bucket_versioning", prefix).get("Status"):
                return OlderVersions()
            found = [one for one in self._older(self._folder + prefix) if not one[0].endswith(f"/{LEASE}")]
        except ConfigError as denied:
            asks = f"aws s3api get-bucket-versioning --bucket {shlex.quote(self._bucket)}{self._at_endpoint()}"
            return OlderVersions(
                doubt=f"whether the bucket keeps older versions could not be asked ({denied}); ask: {asks}"
            )
        return OlderVersions(tuple(found), tuple(self._removal(key, version) for key, version in found))

    def _older(self, prefix: str) -> Iterator[tuple[str, str]]:
        more: dict[str, str] = {}
        while True:
            page = self._ask("list_object_versions", prefix, Prefix=prefix, MaxKeys=PAGE, **more)
            yield from ((one["Key"], one["VersionId"]) for one in page.get("Versions", []) if not one["IsLatest"])
            if not page.get("IsTruncated"):
                return
            more = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}

    def _removal(self, key: str, version: str) -> str:
        named = f"--bucket {shlex.quote(self._bucket)} --key {shlex.quote(key)} --version-id {shlex.quote(version)}"
        return f"aws s3api delete-object {named}{self._at_endpoint()}"

    def _at_endpoint(self) -> str:
        endpoint = self._endpoint()
        return "" if endpoint.endswith(".amazonaws.com") else f" --endpoint-url {shlex.quote(endpoint)}"

    def _endpoint(self) -> str:
        client = getattr(self._files, "_s3", None)
        return str(client.meta.endpoint_url if client is not None else self._files.endpoint_url or "S3")

    def _put(self, name: str, data: bytes, **condition: str) -> Stored:
        reported = self._ask("put_object", name, Key=self._folder + name, Body=data, **condition)
        return Stored(reported["ETag"], len(data))

    def _read(self, name: str) -> bytes:
        from fsspec.asyn import sync

        body = self._ask("get_object", name, Key=self._folder + name)["Body"]
        with self._answering(name):
            return bytes(sync(self._files.loop, body.read))

    def _ask(self, method: str, name: str, **asked: Any) -> dict[str, Any]:
        with self._answering(name):
            reported = dict(self._files.call_s3(method, Bucket=self._bucket, **asked))
        if _PROOF.get(method, "ResponseMetadata") not in reported:
            raise self._busy(name, f"{self._endpoint()} answers {method} with something else than S3 does")
        return reported

    @contextmanager
    def _answering(self, name: str) -> Iterator[None]:
        """FileNotFoundError where an object is not there, _Moved where a condition failed; the rest by remedy."""
        from aiohttp import ClientError as Broken
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (ConfigError, ServerBusy):
            raise
        except (OSError, BotoCoreError, ClientError, Broken, ValueError, RecursionError) as cause:
            raise self._reported(name, cause) from cause

    def _reported(self, name: str, cause: BaseException) -> Exception:
        answer = getattr(cause, "response", None) or getattr(cause.__cause__, "response", None) or {}
        code = str(answer.get("Error", {}).get("Code", ""))
        status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if code in _MOVED or status in (409, 412):
            return _Moved(name)
        if code in _GONE:
            return FileNotFoundError(name)
        if status >= 500 or status == 429 or code in {"SlowDown", "RequestTimeout"}:
            return self._busy(name, f"{self._endpoint()} answers {status} {code}")
        if why := self._to_mend(code, status, cause):
            return ConfigError(f"BIGLAM_HOME={self.url}: {why}")
        if getattr(cause, "filename", None) is not None:
            return cause if isinstance(cause, Exception) else self._busy(name, str(cause))
        return self._busy(name, f"{self._endpoint()} does not answer as it should ({cause or type(cause).__name__})")

    def _to_mend(self, code: str, status: int, cause: BaseException) -> str:
        """What a person has to do where asking again would not help; empty where it might."""
        where = f"the bucket {self._bucket} at {self._endpoint()}"
        if code == "NoSuchBucket":
            return f"there is no bucket {self._bucket} at {self._endpoint()}; make it, or name one that is there"
        if code in _DENIED or status in (401, 403):
            return (
                f"access to {where} is denied ({code or status}: {cause}); mend the credentials (AWS_ACCESS_KEY_ID, "
                "AWS_SECRET_ACCESS_KEY, AWS_PROFILE) or what they may do: list, get, put and delete objects"
            )
        if type(cause).__name__ in _NO_KEYS:
            return (
                f"there are no credentials for {where} ({cause}); set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
                "or AWS_PROFILE"
            )
        if code in _ELSEWHERE or status in (301, 307) or isinstance(cause, RecursionError):  # botocore follows itself
            return (
                f"{where} sends every request elsewhere ({cause}); set AWS_DEFAULT_REGION to the bucket's region, or "
                "AWS_ENDPOINT_URL to the address it leads to"
            )
        if 400 <= status < 500 or type(cause).__name__ in {
            "ParamValidationError",
            "ValueError",
            "InvalidEndpointError",
        }:
            said = f"{code or type(cause).__name__}: {cause}"
            return f"{where} cannot be asked ({said}); mend the address or AWS_ENDPOINT_URL"
        return ""
