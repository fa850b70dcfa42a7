"""Where may a request go? Public addresses only, checked at each hop and pinned for the connection."""

import ipaddress
import socket
from dataclasses import dataclass

import httpx

from biglam_pipeline.errors import ConfigError, HostGone, ObjectFailed
from biglam_pipeline.web.retry import Retry

PORTS = {"http": 80, "https": 443, "ftp": 21}
"""Scheme -> port, where an address says none."""
EVERYWHERE = "1"
"""Among the permitted hosts: every private one that a person names by an address."""

_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
"""The only part of IPv6 that IANA gives out (https://www.iana.org/assignments/ipv6-address-space): all else, site-local
`fec0::/10` too, which Python calls global, is nobody's public address.
"""
_NOT_PUBLIC = [
    ipaddress.ip_network(network)
    for network in (
        # https://www.iana.org/assignments/iana-ipv4-special-registry: not everything of it is private to Python
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
        *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # what every machine in Azure's cloud asks about itself
        # https://www.iana.org/assignments/iana-ipv6-special-registry
        *("2001::/23", "2001:db8::/32", "3fff::/20"),
    )
]
_CARRY = [ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48")]
"""NAT64 (RFC 6052, RFC 8215): the last 32 bits are the address that is meant."""
_ISATAP = (0x00005EFE, 0x02005EFE)
"""In front of the last 32 bits, which are an address inside the network (RFC 5214)."""

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
    """False for all that leads to this machine, its network, or nowhere, however it is wrapped."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not any(address in network for network in _NOT_PUBLIC if network.version == 4)
    last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.ipv4_mapped is not None or address in _CARRY[0]:
        return is_public(last)
    if address.sixtofour is not None and not is_public(address.sixtofour):
        return False
    if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP and not is_public(last):
        return False
    return address in _GLOBAL_UNICAST and not any(address in network for network in _NOT_PUBLIC if network.version == 6)


def locate(
    url: httpx.URL, *, allow_private: bool | frozenset[str], redirected: bool, named: frozenset[str] = frozenset()
) -> Place:
    """Resolves a host once and refuses it where it is not public.

    allow_private: True or EVERYWHERE for every host that a person named, and any `host:port`. redirected: a server
    chose the address, and not a person. named: `host:port` of what a person wrote.
    """
    if url.scheme not in PORTS or not url.raw_host:
        raise _refusal(redirected, f"{url.copy_with(query=None)}: only http and https addresses are fetched")
    host, port = host_of(url), PORTS[url.scheme] if url.port is None else url.port
    if not 0 < port < 65536:  # the system takes 65616 for 80
        raise _refusal(redirected, f"{url.scheme}://{host}:{port}: there is no such port; correct the address")
    if url.scheme == "ftp" and redirected and f"{host}:{port}" not in named:
        raise _refusal(redirected, f"{url.copy_with(query=None)}: only http and https addresses are fetched")
    try:
        found, name = _resolve(host, port), f"{host}:{port}"
    except UnicodeError as error:
        raise _refusal(redirected, f"{host}: is not a host name; correct the address") from error
    listed: frozenset[str] = frozenset() if isinstance(allow_private, bool) else frozenset(map(_folded, allow_private))
    everywhere = allow_private is True or EVERYWHERE in listed
    private = [str(address) for address in found if not is_public(address)]
    if private and name not in listed and not (everywhere and (not redirected or name in named)):
        # A permission for all that a person names is none for what a server names: 169.254.169.254 and its like.
        shown = f"[{host}]:{port}" if ":" in host else name
        meant = ",".join(sorted(listed | ({EVERYWHERE} if everywhere else set()) | {shown}))
        raise _refusal(
            redirected,
            f"{url.scheme}://{shown}: leads to {private[0]}, which is not a public address"
            f"{', and which nobody named' if everywhere else ''}; where that is meant, set BIGLAM_ALLOW_PRIVATE_HOSTS="
            f"{meant}{'' if redirected or listed else ' (or to 1, for all)'}",
        )
    return Place(url.scheme, host, port, tuple(map(str, found)), all(_is_loopback(address) for address in found))


def host_of(url: httpx.URL) -> str:
    """The host as it is asked for, without brackets; `url.host` fails where a server writes `xn--` and no name."""
    return url.raw_host.decode("ascii").strip("[]")


def _folded(name: str) -> str:
    return name.casefold().replace("[", "").replace("]", "")


def _resolve(host: str, port: int) -> list[Address]:
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)):
            raise HostGone(
                f"{host}: there is no such host; check the spelling, or whether the server has moved"
            ) from error
        raise Retry(host, f"its name could not be looked up ({error})") from error
    # A scope such as fe80::1%eth0 is cut off; what is left is link-local and refused by its range.
    return list(dict.fromkeys(ipaddress.ip_address(str(answer[4][0]).split("%")[0]) for answer in answers))


def _is_loopback(address: Address) -> bool:
    inner = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (inner or address).is_loopback


def _refusal(redirected: bool, message: str) -> Exception:
    return ObjectFailed("refused", f"redirected to {message}") if redirected else ConfigError(message)
