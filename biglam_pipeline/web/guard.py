"""Where may a request go? Public addresses only, checked at each hop and pinned for the connection."""

import ipaddress
import socket
from dataclasses import dataclass

import httpx

from biglam_pipeline.errors import ConfigError, ObjectFailed, SourceChanged
from biglam_pipeline.web.patience import Again

_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Place:
    """One server to connect to: its name, and the checked addresses behind it, all kept for fail-over."""

    scheme: str
    host: str
    port: int
    addresses: tuple[str, ...]
    loopback: bool

    @property
    def name(self) -> str:
        """host:port, as locks and permissions know it."""
        return f"{self.host}:{self.port}"


def is_public(address: Address) -> bool:
    """False for private, loopback, link-local, shared (100.64/10) and reserved addresses, however they are wrapped."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not (address.is_multicast or address.is_reserved)


def locate(url: httpx.URL, *, allow_private: bool | frozenset[str], redirected: bool) -> Place:
    """Resolves a host once and refuses it where it is not public; redirected: a server chose it, not a person."""
    if url.scheme not in _PORTS or not url.host:
        raise _refusal(redirected, f"{url.copy_with(query=None)}: only http and https addresses are fetched")
    host, port = url.raw_host.decode("ascii").strip("[]"), url.port or _PORTS[url.scheme]
    found = _resolve(host, port)
    allowed = allow_private if isinstance(allow_private, bool) else f"{host}:{port}" in allow_private
    private = [str(address) for address in found if not is_public(address)]
    if private and not allowed:
        raise _refusal(
            redirected,
            f"{url.scheme}://{host}:{port}: leads to {private[0]}, which is not a public address; where that is "
            f"meant, set BIGLAM_ALLOW_PRIVATE_HOSTS=1 (or to {host}:{port})",
        )
    return Place(url.scheme, host, port, tuple(map(str, found)), all(_is_loopback(address) for address in found))


def _resolve(host: str, port: int) -> list[Address]:
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)):
            raise SourceChanged(
                f"{host}: there is no such host; check the spelling, or whether the server has moved"
            ) from error
        raise Again(host, f"its name could not be looked up ({error})") from error
    except UnicodeError as error:
        raise ConfigError(f"{host}: is not a host name") from error
    # A scope such as fe80::1%eth0 is cut off; what is left is link-local and refused by its range.
    return list(dict.fromkeys(ipaddress.ip_address(str(answer[4][0]).split("%")[0]) for answer in answers))


def _is_loopback(address: Address) -> bool:
    inner = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (inner or address).is_loopback


def _refusal(redirected: bool, message: str) -> Exception:
    return ObjectFailed("refused", f"redirected to {message}") if redirected else ConfigError(message)
