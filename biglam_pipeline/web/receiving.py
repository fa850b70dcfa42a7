"""Takes the body of an answer in: to its end, held against what was announced, and on from where an earlier run was."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import httpx

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.store import room
from biglam_pipeline.store.partial import Partial
from biglam_pipeline.web import body as bodies
from biglam_pipeline.web.answer import HEAD_BYTES, Body, suffix_of
from biglam_pipeline.web.asking import Asked
from biglam_pipeline.web.digests import held, promised_by
from biglam_pipeline.web.limits import Limits
from biglam_pipeline.web.ranges import coding_of, continues, length_of, said_of_the_file, validator_of
from biglam_pipeline.web.retry import Retry
from biglam_pipeline.web.visiting import Budget

GZIP_FILES = frozenset({".gz", ".tgz"})


def partial_of(url: str, folder: Path | None, limits: Limits) -> Partial | None:
    """What earlier runs left of an address in a folder that outlives them; None without one."""
    return None if folder is None else Partial(folder / sha256(url.encode()).hexdigest()[:24], limits.mark_bytes)


def goes_on(response: httpx.Response, partial: Partial | None, where: str) -> bool:
    """Is it the rest of what is here? Retry where it is neither that nor the whole.

    What is neither (the rest of another file, another range, a refusal of it by 416) throws away what is here.
    """
    if partial is None or not partial.size or response.status_code not in (206, 416, 412):
        return False
    if continues(response, partial.validator, partial.size, partial.total):
        for name, value in partial.said.items():
            response.headers.setdefault(name, value)
        return True
    partial.discard()
    raise Retry(where, f"HTTP {response.status_code}, and not the rest that was asked for", lasting="truncated")


def receive(
    asked: Asked,
    url: httpx.URL,
    response: httpx.Response,
    blocks: Iterable[bytes],
    *,
    where: str,
    limits: Limits,
    budget: Budget | None,
    partial: Partial | None,
) -> Body:
    """The body, whole. where: the address as a log may hold it; partial: what an earlier run left, and where more of it
    is kept.
    """
    coding = coding_of(response)
    if coding not in ("", "gzip", "x-gzip"):
        raise ObjectFailed("damaged", f"{url}: came as {coding}, which was not asked for; tell the custodian")
    due = partial.total if partial and response.status_code == 206 else length_of(response)
    if due is not None and due > asked.max_bytes:
        raise bodies.too_large(where, asked.max_bytes)
    partial = _begun(response, partial, due, limits, expect=asked.expect)
    blocks = bodies.watched(blocks, where, limits, due, budget=budget, begin=partial.size if partial else 0)
    before = partial.blocks(partial.size) if partial else ()
    blocks = held(blocks, promised_by(response), where, before)
    # Apache labels a .tar.gz as a gzip transfer of a .tar: such a file stays as it lies on the server.
    if asked.expect not in ("any", "blob") or ("gzip" in coding and suffix_of(str(url)) not in GZIP_FILES):
        blocks = bodies.inflated(blocks, where, limits)
    if asked.into and due:
        room.ask(asked.into, due - (partial.size if partial else 0), where)
    try:
        if partial is not None:
            return _kept(bodies.bounded(blocks, where, asked.max_bytes - partial.size), partial)
        file = asked.into / f"body-{sha256(asked.url.encode()).hexdigest()[:16]}" if asked.into else None
        return bodies.keep(bodies.bounded(blocks, where, asked.max_bytes), limits, file)
    except httpx.TimeoutException as error:
        raise Retry(where, f"fell silent for {limits.read_seconds:.0f} s in the middle") from error
    except httpx.TransportError as error:
        raise Retry(where, f"the transfer broke off ({error})", lasting="truncated") from error
    except Retry as trouble:
        if partial is not None and trouble.lasting == "checksum":
            partial.discard()  # from its first byte on
        raise


def _begun(
    response: httpx.Response, partial: Partial | None, due: int | None, limits: Limits, *, expect: str
) -> Partial | None:
    """Where the body is kept beyond this run; None where it is too small for that, or could not be gone on with."""
    if partial is None or response.status_code == 206:
        return partial
    validator = validator_of(response)
    if validator and due is not None and due >= limits.mark_bytes and expect == "any":
        partial.begin(validator, due, said_of_the_file(response))
        return partial
    # What is here stays: a page that came for one night in its place must not cost what came of a large file, and its
    # server says with the rest whether that is of the same file still.
    return None


def _kept(blocks: Iterable[bytes], partial: Partial) -> Body:
    digest, size = partial.take(blocks)
    head = b"".join(partial.blocks(HEAD_BYTES))
    return Body(head, digest, size, None, partial.path)
