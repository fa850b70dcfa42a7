"""Connections to checked addresses: one a host, verified by name, taken up again where a transfer broke off."""

import logging
import ssl
from collections.abc import Generator, Mapping

import httpcore
import httpx

from biglam_pipeline.costs import Cost
from biglam_pipeline.errors import HostGone
from biglam_pipeline.web.deadline import Deadline, PunctualBackend
from biglam_pipeline.web.ftp import FtpTransport
from biglam_pipeline.web.guard import Place
from biglam_pipeline.web.keys import IN_QUERY, with_keys
from biglam_pipeline.web.limits import Limits
from biglam_pipeline.web.ranges import asks, continues, length_of, validator_of
from biglam_pipeline.web.retry import Retry

log = logging.getLogger(__name__)

_RESUMES = 5


class Connections:
    """The open connections of one client."""

    def __init__(self, limits: Limits) -> None:
        """limits: how long to wait for a connection, and for the next block."""
        self._limits = limits
        self.deadline = Deadline()
        self._transports: dict[tuple[str, str], httpx.BaseTransport] = {}

    def close(self) -> None:
        """Ends all connections."""
        for transport in self._transports.values():
            transport.close()
        self._transports.clear()

    def send(self, place: Place, url: httpx.URL, headers: Mapping[str, str]) -> httpx.Response:
        """The head of an answer; its body is still to be read. Again where there was none."""
        timeout = httpx.Timeout(self._limits.read_seconds, connect=self._limits.connect_seconds).as_dict()
        transport, failure = self._transport(place), "no address"
        for address in place.addresses:
            self.deadline.begin(self._limits.head_seconds)
            # Connects to the checked address; the certificate is still that of the name.
            pinned = with_keys(url, headers).copy_with(host=address, fragment=None)
            said = {name: value for name, value in headers.items() if not name.startswith(IN_QUERY)}
            request = httpx.Request(
                "GET",
                pinned,
                headers={"Host": url.netloc.decode("ascii"), **said},
                extensions={"timeout": timeout, "sni_hostname": place.host},
            )
            try:
                return transport.handle_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = str(error)
                if _is_certificate_trouble(error):
                    raise HostGone(
                        f"{url}: its certificate was refused ({error}); the custodian has to renew it, "
                        "and the check is not switched off"
                    ) from error
            except httpx.TimeoutException as error:
                if self.deadline.heard:  # not a slow server, but one that speaks without an end
                    why = f"the head of its answer has not ended within {self._limits.head_seconds:.0f} s"
                    raise Retry(str(url), why, at_most=1) from error
                raise Retry(str(url), f"no answer within {self._limits.read_seconds:.0f} s") from error
            except httpx.TransportError as error:
                raise Retry(str(url), f"the connection broke ({error})") from error
        raise Retry(str(url), f"no connection ({failure})")

    def _transport(self, place: Place) -> httpx.BaseTransport:
        # One a host, so that names behind one address never share a connection; no proxy and no .netrc.
        key = (place.scheme, place.name)
        if key not in self._transports and place.scheme == "ftp":
            self._transports[key] = FtpTransport(self._limits, self.deadline)
        if key not in self._transports:
            secure = place.scheme == "https"
            context = httpx.create_ssl_context() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            transport = httpx.HTTPTransport(verify=context, trust_env=False)
            # httpx has no word for it: https://github.com/encode/httpx/discussions/3173
            transport._pool = httpcore.ConnectionPool(
                ssl_context=context,
                max_connections=1,
                max_keepalive_connections=1,
                keepalive_expiry=5.0,
                network_backend=PunctualBackend(self.deadline),
            )
            self._transports[key] = transport
        return self._transports[key]


def resumed(
    connections: Connections,
    place: Place,
    url: httpx.URL,
    headers: Mapping[str, str],
    response: httpx.Response,
    *,
    where: str,
    block_seconds: float,
    begin: int = 0,
    validator: str = "",
    cost: Cost,
) -> Generator[bytes, None, None]:
    """The blocks of a body; where the transfer breaks off, the rest is asked for, if it is sure to be of the same file.

    where: the address as a log may hold it. block_seconds: what one block may take, with all that is no block in front
    of it. begin, validator: where the answer is the rest of a file, the bytes of it that are here, and what tells it.
    cost: counts the bytes, and further requests.
    Closes `response`, and what else it opened, when it is closed itself.
    """
    validator, total = validator or validator_of(response), length_of(response)
    received, current = begin, response
    try:
        for attempt in range(_RESUMES + 1):
            before = received
            try:
                blocks = current.iter_raw()
                while True:
                    connections.deadline.begin(block_seconds)
                    block = next(blocks, None)
                    if block is None:
                        return
                    received += len(block)
                    cost.bytes += len(block)
                    yield block
            except httpx.TransportError as error:
                # No second try without a byte of progress in between, and none where the parts might not match.
                if not validator or received == before or attempt == _RESUMES:
                    raise
                log.warning("%s: broke off after %d bytes (%s); asking for the rest", where, received, error)
            current.close()  # there is only one connection a host
            cost.requests += 1
            current = connections.send(place, url, {**headers, **asks(validator, received)})
            if not continues(current, validator, received, total):
                raise Retry(
                    str(url), "the file changed while it was fetched, or cannot be resumed", lasting="truncated"
                )
    finally:
        current.close()


def _is_certificate_trouble(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
