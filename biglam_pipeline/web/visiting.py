"""What holds for one visit to a source: the secrets that its hosts are sent, what is named, and how much is enough."""

import contextlib
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import httpx

from biglam_pipeline.costs import Cost, Costs
from biglam_pipeline.errors import BiglamError, ConfigError, ObjectFailed, ServerBusy, SourceChanged
from biglam_pipeline.secrecy import REMOVED, without_secrets
from biglam_pipeline.signals import Signal
from biglam_pipeline.web.guard import PORTS, host_of
from biglam_pipeline.web.keepers import REFUSALS, STORM
from biglam_pipeline.web.limits import Limits

_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
"""What a header may hold (RFC 9110, 5.5), without the octets that mean something else in every encoding."""
_COME_BACK_SECONDS = 3600.0
_MOST_SIGNALS = 50
_LEAST = 4
"""Letters of a secret that is looked for in what a server says: fewer would be found in any word."""


class Budget:
    """How much one visit has taken, and whether that is enough."""

    def __init__(self, limits: Limits, monotonic: Callable[[], float] = time.monotonic) -> None:
        """monotonic: seconds by a clock that never jumps."""
        self._limits, self._monotonic, self._began = limits, monotonic, monotonic()
        self._answers = self._bytes = 0

    def carry(self, answers: int, size: int) -> None:
        """Counts what an earlier attempt at the same visit has brought, in answers and bytes."""
        self._answers += answers
        self._bytes += size

    def ask(self, where: str) -> None:
        """Counts one more request; ServerBusy or SourceChanged where it is not to be made any more."""
        self._answers += 1
        if self._answers > self._limits.visit_answers:
            raise SourceChanged(
                f"{where}: more than {self._limits.visit_answers:,} answers came in one visit; look whether the source "
                "makes up addresses, and raise BIGLAM_VISIT_ANSWERS if it has so many"
            )
        self.take(0, where)

    def take(self, size: int, where: str) -> None:
        """Counts the bytes of a block; ServerBusy or SourceChanged where that is enough."""
        self._bytes += size
        if self._bytes > self._limits.visit_bytes:
            raise SourceChanged(
                f"{where}: more than {self._limits.visit_bytes / 1e9:,.0f} GB came in one visit; look whether the "
                "source ends, and raise BIGLAM_VISIT_GIGABYTES if it is so large"
            )
        if self._monotonic() - self._began > self._limits.visit_seconds:
            raise ServerBusy(
                f"{where}: the visit has taken {self._limits.visit_seconds / 3600:g} hours and ends here; what came "
                "whole is shelved, and the next run goes on from there: run again, or raise BIGLAM_VISIT_HOURS if one "
                "file alone takes longer",
                retry_after_seconds=_COME_BACK_SECONDS,
            )


@dataclass(frozen=True, slots=True)
class Visiting:
    """One visit; outside of one there is neither a secret nor an end."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Name -> value, for the named hosts only."""
    named: frozenset[str] = frozenset()
    """host:port of every address that a person wrote."""
    public: frozenset[str] = frozenset()
    """Names of parameters that look like secrets and are none."""
    budget: Budget | None = None
    beside: frozenset[str] = frozenset()
    """host:port of further ones that a person wrote, and that are sent no headers."""
    earlier: list[Signal] = field(default_factory=list)
    """What the visit before heard of the data, and nobody has asked for again."""
    signals: dict[tuple[str, str, str], Signal] = field(default_factory=dict)
    """What was said of use by machines, each once: kind, value and reach -> where it was read first."""
    keys: tuple[bytes, ...] = field(default=(), repr=False)
    """What is sent as a secret, in every spelling: see `web.echoes`."""
    overruled: frozenset[str] = frozenset()
    """host:port of those whose robots.txt a person overrules for this source."""
    costs: Costs = field(default_factory=dict)
    """host:port -> what it was asked so far, and what that took."""
    keepers: dict[str, str] = field(default_factory=dict)
    """host -> whom it names as the one to write to."""
    refused: dict[str, int] = field(default_factory=dict)
    """host:port -> refusals in a row."""

    def cost(self, name: str) -> Cost:
        """Of one host, to count into. name: host:port."""
        return self.costs.setdefault(name, Cost())

    def is_storm(self, name: str, status: int) -> bool:
        """Counts an answer; True where so many in a row were refusals that they are meant for us."""
        self.refused[name] = self.refused.get(name, 0) + 1 if status in REFUSALS else 0
        return self.refused[name] >= STORM

    def answered(self, url: str) -> None:
        """From here on counts what this address says now."""
        self.earlier[:] = [one for one in self.earlier if one.where != url]

    def heard(self) -> list[Signal]:
        """All that is said, in an order that does not depend on that of the answers."""
        found = {(one.kind, one.value, one.reach): one for one in self.earlier} | self.signals
        return [found[key] for key in sorted(found)]

    def hear(self, said: Iterable[Signal]) -> None:
        """Notes it. A server that says something else in each answer is not listened to for ever."""
        for one in said:
            if len(self.signals) < _MOST_SIGNALS:
                shown = replace(one, value=self.shown(one.value), where=self.shown(one.where))
                self.signals.setdefault((one.kind, one.value, one.reach), shown)

    def sends_to(self, url: httpx.URL) -> Mapping[str, str]:
        """The secrets for an address; none where nobody named its host."""
        return self.headers if origin(url) in self.named else {}

    def shown(self, text: str) -> str:
        """A text as it may be read by others: without secrets in addresses, and without those that were sent."""
        text = without_secrets(text, self.public)
        # `Bearer VALUE`: some servers say the value alone. The longest first: one may be the beginning of another.
        said = {part for value in self.headers.values() for part in (value, value.rpartition(" ")[2])}
        for secret in sorted(said, key=len, reverse=True):
            text = _spelled(secret).sub(REMOVED, text) if len(secret) >= _LEAST else text
        return text

    def bare(self, error: BiglamError) -> None:
        """Takes secrets out of the words of an error, and of all that led to it: a traceback shows them all."""
        met: set[int] = set()
        one: BaseException | None = error
        while one is not None and id(one) not in met:
            met.add(id(one))
            one.args = tuple(self.shown(word) if isinstance(word, str) else word for word in one.args)
            if isinstance(one, ObjectFailed):
                one.detail = self.shown(one.detail)
            if isinstance(one, ConfigError):
                one.faults = tuple(map(self.shown, one.faults))
            one = one.__cause__ or one.__context__


@lru_cache(maxsize=64)
def _spelled(secret: str) -> re.Pattern[str]:
    """A secret as a server may say it again: as it is, or in the escapes of addresses, HTML, XML or JSON."""
    return re.compile("".join(map(_letter, secret)))


def _letter(letter: str) -> str:
    number = ord(letter)
    names = "|".join({'"': ["quot"], "&": ["amp"], "'": ["apos"], "<": ["lt"], ">": ["gt"]}.get(letter, []))
    entity = f"&(?:#0*{number}|#[xX]0*(?i:{number:x}){f'|{names}' if names else ''});"
    blank = r"|\+|%(?:25)*2[Bb]" if letter == " " else ""
    escaped = f"%(?:25)*(?i:{number:02x})|{entity}|\\\\u00(?i:{number:02x}){blank}"
    return f"(?:{escaped}|\\\\?{re.escape(letter)})"


def origin(url: httpx.URL) -> str:
    """host:port, as permissions know it: small letters, no brackets, the port said."""
    return f"{host_of(url)}:{url.port or PORTS.get(url.scheme, 80)}"


def origins(addresses: Iterable[str]) -> frozenset[str]:
    """Those of several addresses; what is no web address has none."""
    found = set()
    for address in addresses:
        with contextlib.suppress(httpx.InvalidURL):
            if (url := httpx.URL(address)).scheme in PORTS:
                found.add(origin(url))
    return frozenset(found)


def values_of(headers: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Header -> value, of headers that name environment variables; ConfigError names those that are not there."""
    found, faults = {}, []
    for name, variable in headers.items():
        key = f"query.{name[1:]}" if name.startswith("?") else f"headers.{name}"
        value = environment.get(variable, "").strip()
        if not value:
            faults.append(f"{key}: the environment has no {variable}; set it where the pipeline runs")
        elif not _VALUE.fullmatch(value):
            faults.append(
                f"{key}: what {variable} holds cannot be sent; set it to one line of ASCII, as the service gave it"
            )
        found[name] = value
    if faults:
        raise ConfigError(*faults)
    return found
