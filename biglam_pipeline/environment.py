"""What the environment says: every BIGLAM_ setting, read once, with its default and its meaning."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from biglam_pipeline.errors import ConfigError
from biglam_pipeline.secrecy import secrets_in, without_secrets

HUB_PORT = 8766
HUB_OWNER = "biglam"

MEANINGS = {
    "BIGLAM_SOURCES": ("sources.yaml", "Sources files, separated by `:`."),
    "BIGLAM_STATE": (".biglam", "Hub, Dagster home, locks and scratch space; always a local folder."),
    "BIGLAM_HOME": ("<state>/shelves", "The shelves: a folder, or an address such as s3://bucket/folder."),
    "BIGLAM_HUB_ENDPOINT": ("the embedded Hub", "Where repositories are published."),
    "BIGLAM_HUB_PORT": (str(HUB_PORT), "Port of the embedded Hub on 127.0.0.1."),
    "BIGLAM_HUB_TOKEN": ("", "Token for the Hub; never read from anywhere else, never logged."),
    "BIGLAM_HUB_OWNER": (HUB_OWNER, "Owner of the repositories; `publish.repository` of an entry overrides it."),
    "BIGLAM_HUB_RETRY_MINUTES": (
        "15",
        "Minutes in all in which a Hub that fails or is silent is waited for, before a stage gives up.",
    ),
    "BIGLAM_PUBLISH": ("", "1: publishing to a Hub that is not on loopback is allowed."),
    "BIGLAM_CONTACT": (
        "",
        "E-mail or page by which every host can reach you; needed before a host that is not loopback is asked.",
    ),
    "BIGLAM_REWRITE": ("", "`from=to` address prefixes, separated by blanks: reads a source from elsewhere."),
    "BIGLAM_ALLOW_PRIVATE_HOSTS": (
        "",
        "1: private addresses that entries name may be asked. host:port, ...: these, also after a redirect. Or both.",
    ),
    "BIGLAM_VISIT_HOURS": ("72", "One visit to a source ends after so long; the next goes on where it ended."),
    "BIGLAM_VISIT_GIGABYTES": ("1000", "One visit brings no more; a source that has more stops until a person looked."),
    "BIGLAM_VISIT_ANSWERS": ("1000000", "One visit asks no more often: files, pages and redirects; likewise."),
    "BIGLAM_WAIT_SECONDS": ("600", "How long a command waits for another run that has its source or its host."),
    "BIGLAM_PROCESSES": (
        "all cores",
        "Processes that read slices and look for near-duplicates, where a source is large enough to be worth it.",
    ),
    "BIGLAM_SCHEDULES": ("", "1: the schedules are loaded and running; left out on a laptop."),
    "BIGLAM_UI_HOSTS": (
        "",
        "Names under which the Dagster UI answers beside loopback: a proxy's, as it passes them on.",
    ),
    "BIGLAM_TAKEDOWN_KEY": ("", "Key of the digests that stand in takedowns.jsonl for identifiers that disclose."),
    "BIGLAM_REAL_DATA": ("../shared/real", "Files of real institutions, for the tests that use them."),
    "DAGSTER_HOME": ("<state>/dagster", "Dagster's own home: runs, events, schedules."),
}
"""Setting -> (default, meaning); `docs/operating.md` shows this table and a test holds it fresh."""


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings of one process."""

    sources: tuple[Path, ...]
    state: Path
    home: str
    hub_endpoint: str
    hub_embedded: bool
    hub_port: int
    hub_token: str
    hub_owner: str
    publish: bool
    contact: str
    rewrite: dict[str, str]
    allow_private: bool | frozenset[str]
    schedules: bool
    processes: int
    """0: as many as there are cores that this process may use."""
    dagster_home: Path
    wait_seconds: int
    takedown_key: str = ""
    visit_hours: int = 72
    visit_gigabytes: int = 1000
    visit_answers: int = 1_000_000
    secrets: Mapping[str, str] = field(default_factory=dict)
    """All variables, for the headers of entries that name one."""
    ui_hosts: frozenset[str] = frozenset()
    hub_retry_seconds: float = 900.0

    @property
    def folders(self) -> tuple[Path, ...]:
        """Folders of this machine that are written to."""
        here = () if "://" in self.home else (Path(self.home),)
        return (self.state, *here, self.dagster_home)

    def __repr__(self) -> str:
        """Without token and key, so that no log can hold them."""
        return f"Environment(state={self.state}, hub={self.hub_endpoint})"


def read_environment(values: Mapping[str, str]) -> Environment:
    """values: os.environ, or what a test wants it to be. ConfigError with every fault at once."""
    faults: list[str] = []
    state = Path(values.get("BIGLAM_STATE") or ".biglam").resolve()
    port = values.get("BIGLAM_HUB_PORT") or str(HUB_PORT)
    if not (port.isascii() and port.isdigit() and len(port) < 6 and 0 < int(port) < 65536):
        faults.append(f"BIGLAM_HUB_PORT={port}: not a port; write a number from 1 to 65535")
        port = str(HUB_PORT)
    embedded = f"http://127.0.0.1:{port}"
    endpoint = (values.get("BIGLAM_HUB_ENDPOINT") or embedded).rstrip("/")
    publish = values.get("BIGLAM_PUBLISH") == "1"
    rewrite = _rewrite(values.get("BIGLAM_REWRITE", ""), faults)
    private = values.get("BIGLAM_ALLOW_PRIVATE_HOSTS", "")
    wait_seconds = _whole("BIGLAM_WAIT_SECONDS", values, faults)
    faults += _faults_of_endpoint(endpoint)
    ui_hosts = _ui_hosts(values.get("BIGLAM_UI_HOSTS", ""), faults)
    processes = _processes(values.get("BIGLAM_PROCESSES", ""), faults)
    visit = {name: _whole(name, values, faults) for name in MEANINGS if name.startswith("BIGLAM_VISIT_")}
    retries = _minutes("BIGLAM_HUB_RETRY_MINUTES", values, faults)
    if faults:
        raise ConfigError(*faults)
    return Environment(
        sources=tuple(Path(path) for path in (values.get("BIGLAM_SOURCES") or "sources.yaml").split(":") if path),
        state=state,
        home=values.get("BIGLAM_HOME") or str(state / "shelves"),
        hub_endpoint=endpoint,
        hub_embedded=endpoint == embedded,
        hub_port=int(port),
        hub_token=values.get("BIGLAM_HUB_TOKEN", ""),
        hub_owner=values.get("BIGLAM_HUB_OWNER") or HUB_OWNER,
        publish=publish,
        contact=values.get("BIGLAM_CONTACT", ""),
        rewrite=rewrite,
        allow_private=private == "1" or (frozenset(private.replace(",", " ").split()) if private else False),
        schedules=values.get("BIGLAM_SCHEDULES") == "1",
        processes=processes,
        dagster_home=Path(values.get("DAGSTER_HOME") or state / "dagster").resolve(),
        wait_seconds=wait_seconds,
        takedown_key=values.get("BIGLAM_TAKEDOWN_KEY", ""),
        visit_hours=visit["BIGLAM_VISIT_HOURS"],
        visit_gigabytes=visit["BIGLAM_VISIT_GIGABYTES"],
        visit_answers=visit["BIGLAM_VISIT_ANSWERS"],
        secrets=dict(values),
        ui_hosts=ui_hosts,
        hub_retry_seconds=60.0 * retries,
    )


def is_loopback(address: str) -> bool:
    """Whether an address is on this machine."""
    return (urlsplit(address).hostname or "") in {"127.0.0.1", "localhost", "::1"}


def _faults_of_endpoint(endpoint: str) -> list[str]:
    shown = without_secrets(endpoint)
    if urlsplit(endpoint).scheme not in ("http", "https"):
        return [f"BIGLAM_HUB_ENDPOINT={shown}: not an http address"]
    if shown != endpoint:
        return [f"BIGLAM_HUB_ENDPOINT={shown}: holds a secret, which would stand in logs; give it as BIGLAM_HUB_TOKEN"]
    if urlsplit(endpoint).scheme == "http" and not is_loopback(endpoint):
        return [f"BIGLAM_HUB_ENDPOINT={endpoint}: the token would go there for all to read; write https://"]
    return []


def _whole(name: str, values: Mapping[str, str], faults: list[str]) -> int:
    """A whole number above 0."""
    text = values.get(name) or MEANINGS[name][0]
    if text.isascii() and text.isdigit() and int(text[:10]) > 0:
        return int(text[:10])
    faults.append(f"{name}={text}: not a whole number above 0; write one such as {MEANINGS[name][0]}")
    return 1


def _processes(text: str, faults: list[str]) -> int:
    """How many; 0 for one a core, where nothing is said."""
    if not text:
        return 0
    if text.isascii() and text.isdigit() and len(text) < 4 and 0 < int(text) <= 256:
        return int(text)
    faults.append(f"BIGLAM_PROCESSES={text}: not a number of processes; write one from 1 to 256")
    return 1


def _ui_hosts(text: str, faults: list[str]) -> frozenset[str]:
    """Names as they stand in `Host`; a pattern would let in what nobody named."""
    names = text.replace(",", " ").lower().split()
    faults += [
        f"BIGLAM_UI_HOSTS: `{name}` is not a name with or without a port, such as dagster.example.org"
        for name in names
        if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?", name)
    ]
    return frozenset(names)


def _minutes(name: str, values: Mapping[str, str], faults: list[str]) -> float:
    """A setting in minutes, fractions too; at most a day."""
    text = values.get(name) or MEANINGS[name][0]
    if re.fullmatch(r"\d{1,4}(\.\d{1,3})?", text) and 0 < float(text) <= 1440:
        return float(text)
    faults.append(f"{name}={text}: not a number of minutes; write one from 0.1 to 1440")
    return float(MEANINGS[name][0])


def _rewrite(text: str, faults: list[str]) -> dict[str, str]:
    pairs = {}
    for pair in text.split():
        before, found, after = pair.partition("=")
        if not found or "://" not in before or "://" not in after:
            faults.append(f"BIGLAM_REWRITE: `{without_secrets(pair)}` is not from=to with two addresses")
        if names := secrets_in(pair):
            faults.append(f"BIGLAM_REWRITE: {', '.join(names)} is a secret, which would stand in logs; leave it out")
        pairs[before] = after
    return pairs
