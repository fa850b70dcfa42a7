"""What other sources of the same file have laid: the parts of their manifests, for a corpus that is made of several.

How the parts lie: docs/on-disk.md. Nothing is asked on the web.
"""

import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from biglam_pipeline.errors import ObjectFailed, ShelfDamaged
from biglam_pipeline.harvest.harvester import Harvester
from biglam_pipeline.harvest.standing import note, still, watching
from biglam_pipeline.harvest.visit import Origin, Visit
from biglam_pipeline.records import Evidence, Harvested, Listed, Missing, Part, RawObject, Unchanged
from biglam_pipeline.settings import Accounts
from biglam_pipeline.store import disk
from biglam_pipeline.store.parts import Manifest

log = logging.getLogger(__name__)

_NAME = re.compile(r"[a-z][a-z0-9_-]*")
"""As `Source.name`."""
_CURSOR = "laid"
_MEDIA_TYPE = "application/vnd.apache.parquet"


class OtherSource(Harvester):
    """`source:NAME`: what the entry of this name has laid; a part's key is `NAME/` and its path in that repository."""

    prefix: ClassVar[str] = "source:"
    addresses: ClassVar[Mapping[str, str]] = {
        "source:NAME": "the rows that another entry has laid and that its gate lets through; several in a list",
    }
    accounts: ClassVar[Accounts] = Accounts(
        "parts that came, are unchanged or are missing, and their rows",
        "rows in the footers of the parts, their sha256 in the manifest",
        "a source that has laid nothing, or a part that is not what its manifest says: the harvest is not whole",
    )
    notes: ClassVar[str] = (
        "It runs after the sources that it is made of. Their rows come over as they are, with the statement that was "
        "recognised there: write `rights: {from: $rights_name, accept: [...]}`. A row is called `DERIVED:NAME:ID`, so "
        "that `id` is not mapped, nor is `attribution`; what is published of it their rights must cover too. "
        "What was taken down there is kept out here, the same night; where one of them has closed, this one closes "
        "too. What the gate does not let through of one of them leaves its rows as they were. "
        "[0051](decisions/0051-sources-of-sources.md) says why."
    )

    type: Literal["other_source"] = "other_source"
    """Other entries of the sources file, by name."""

    @classmethod
    def check_address(cls, address: str) -> str:
        """The name of an entry, and nothing behind it."""
        if _NAME.fullmatch(address):
            return address
        front, _, behind = re.sub(r"^(source:)?/*", "", address.strip()).partition("#")
        name = re.split(r"[/@?]", front)[0].strip().lower()
        meant = (
            f"write source:{name}" if _NAME.fullmatch(name) else "write source:NAME, with the key of the other entry"
        )
        rest = behind or front[len(name) :].strip("/")
        more = f", and under `normalize` {{files: {rest}}}" if rest and _NAME.fullmatch(name) else ""
        raise ValueError(f"source:{address}: is not the name of an entry; {meant}{more}")

    @property
    def shown(self) -> tuple[str, ...]:
        """With what the language writes before them."""
        return tuple(f"{self.prefix}{name}" for name in self.url)

    @property
    def origins(self) -> tuple[str, ...]:
        """The names of the entries that it is made of."""
        return self.url

    def visit(self, visit: Visit) -> Iterator[Harvested]:
        """Reads their manifests; where these are what they were, nothing else."""
        laid, missing = dict[str, tuple[Origin, Manifest]](), list[Missing]()
        for name in self.url:
            try:
                laid[name] = _laid(visit, name)
            except ObjectFailed as why:
                missing.append(Missing(f"{self.prefix}{name}", f"{self.prefix}{name}", why.reason, why.detail))
        word = " ".join(f"{name}={manifest.content}" for name, (_, manifest) in laid.items())
        noted = visit.cursor.get(_CURSOR, "")
        if not missing and not visit.shelved and still(noted, word, (), visit.previous.values()) is not None:
            yield from map(Unchanged, visit.previous)
            proof = f"the same manifests; {len(visit.previous)} parts unchanged"
            yield Evidence("replace", True, proof, cursor={_CURSOR: noted})
            return
        yield from missing
        yield from self._take_all(visit, laid, word, whole=not missing)

    def _take_all(
        self, visit: Visit, laid: Mapping[str, tuple[Origin, Manifest]], word: str, *, whole: bool
    ) -> Iterator[Harvested]:
        counts, objects, known = Counter[str](), dict[str, str](), set[str]()
        yield Listed(sum(len(manifest.parts) for _, manifest in laid.values()))
        for name, (origin, manifest) in laid.items():
            found = watching(visit, _parts_of(visit, name, origin, manifest, counts, known), objects)
            for one in found:
                whole = whole and not isinstance(one, Missing)
                yield one
        stale = sorted(visit.shelved.keys() - known)
        proof = (
            f"{counts['parts']} parts of {len(laid)} sources, {counts['rows']} rows as their manifests say, "
            f"{counts['unchanged']} unchanged"
        )
        proof += f"; {counts['kept']} as they were, since a gate refused what is new" if counts["kept"] else ""
        if stale:  # a visit that was cut off; the next one begins again
            proof += f"; {len(stale)} came before that are not laid any more, such as {stale[0]}: run again"
        settled = whole and not stale and not counts["kept"]
        cursor = {_CURSOR: note(word, (), objects, {})} if settled else {}
        yield Evidence("replace", whole and not stale, proof, cursor=cursor)


def _laid(visit: Visit, name: str) -> tuple[Origin, Manifest]:
    """What a source has laid. ObjectFailed where that is nothing."""
    if visit.origin is None:
        raise ObjectFailed("not_found", f"source:{name} can only be read where its sources file is; use `biglam run`")
    origin = visit.origin(name)
    try:
        manifest = origin.shards.current()
    except ShelfDamaged as why:
        raise ObjectFailed("damaged", f"{why}; run `biglam run {name}` first") from why
    if manifest is None:
        raise ObjectFailed("not_found", f"{name} has laid nothing yet; run `biglam run {name}` first")
    return origin, manifest


def _parts_of(
    visit: Visit, name: str, origin: Origin, manifest: Manifest, counts: Counter[str], known: set[str]
) -> Iterator[Harvested]:
    """The parts that are new, and those that are not; of a source whose gate refuses what is new, those of before."""
    before = {key: held for key, held in visit.previous.items() if key.startswith(f"{name}/")}
    parts = {f"{name}/{part.path}": part for part in manifest.parts}
    held = {key: one.sha256 for key, one in (*before.items(), *visit.shelved.items())}
    news = [key for key, part in parts.items() if held.get(key) != part.sha256]
    if news or before.keys() - parts.keys():
        try:
            origin.clear(manifest)
        except ObjectFailed as why:
            if not before:
                yield Missing(f"source:{name}", f"source:{name}", why.reason, why.detail)
                return
            log.warning("%s: its rows of before stay: %s", name, why)
            counts["kept"] += len(before)
            known.update(before)
            yield from map(Unchanged, before)
            return
    known.update(parts)
    for key, part in parts.items():
        counts["parts"] += 1
        counts["rows"] += part.rows
        if key in news:
            yield _taken(visit, key, name, origin, part)
        elif key not in visit.shelved:
            counts["unchanged"] += 1
            yield Unchanged(key)


def _taken(visit: Visit, key: str, name: str, origin: Origin, part: Part) -> RawObject | Missing:
    """A part as it lies there: the same file under a second name, where the disk has that, else a copy."""
    url = f"source:{key}"
    copy = visit.scratch / f"{part.sha256[:24]}.parquet"
    try:
        rows = sum(rows for rows, _ in origin.shards.groups_of(part))
        disk.link_or_copy(origin.shards.path(part), copy)
        sha256, size = disk.digest_file(copy)
    except (ShelfDamaged, OSError) as why:
        detail = (
            f"{part.path} of {name} cannot be read ({why}); where it is being laid, run again; else run {name} first"
        )
        return Missing(key, url, "changed", detail)
    if (sha256, rows) != (part.sha256, part.rows):
        disk.remove(copy)
        detail = f"{part.path} of {name} is not what its manifest says; run `biglam run {name}` first"
        return Missing(key, url, "damaged", detail)
    return RawObject(key, url, visit.web.now(), sha256, size, path=copy, media_type=_MEDIA_TYPE, etag=part.content)
