"""What a takedown will do, found out beforehand from shelves and repository, as far as they can be read."""

import difflib
import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from biglam_pipeline.along import Along
from biglam_pipeline.context import Named, RunContext
from biglam_pipeline.errors import ConfigError, ServerBusy
from biglam_pipeline.inputs import ledger_of, readings_of
from biglam_pipeline.publish.draft import Release
from biglam_pipeline.retraction.notes import under_way
from biglam_pipeline.retraction.published import DAMAGE, last_published, parts_with
from biglam_pipeline.retraction.request import Request, Unlisted
from biglam_pipeline.source import Source
from biglam_pipeline.store.normalized import TAKEN_DOWN
from biglam_pipeline.store.parts import Manifest
from biglam_pipeline.takedown import KEY_SETTING, NAME, digest_of, section_in
from biglam_pipeline.withholding import foresee_along

log = logging.getLogger(__name__)

_UNFORESEEN = "what other READs make of it could not be found out beforehand"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a takedown will do, for a person to agree to."""

    source: str
    record: str
    known: bool
    """Whether the record is there, or was when it was taken down."""
    duplicates: tuple[str, ...]
    """Records equal in everything but identifiers: they go too, so that no copy takes its place."""
    cluster: tuple[str, ...]
    """Records with the same text and something else different: for a person to decide, each by a command of its own."""
    parts: dict[str, int]
    """Path of each part that is written again -> its rows."""
    bytes_up: int
    """At most; about the size of those parts."""
    repository: str
    """Where it is published; empty where nothing was published yet."""
    along: tuple[str, ...] = ()
    """Records of other READs that are made of it, and of which nothing would be left: they go too."""
    loses: tuple[str, ...] = ()
    """Records that hold something of it, and stay with what is left: a page without this article."""
    left: tuple[str, ...] = ()
    """What could not be found out beforehand, in sentences."""
    indexed: bool = True
    """Whether the normalized shelf could be asked for copies; else they are looked for in the published rows."""


def plan_takedown(run: RunContext, source: Named, base: Path, request: Request) -> Plan:
    """Looks at the shelves; at the repository only where they are lost or damaged, or never published anything.

    ConfigError where nothing of that identifier was ever seen, or a key is missing.
    """
    if request.hidden and not run.takedown_key:
        raise ConfigError(f"to hide an identifier in {NAME}, set {KEY_SETTING} to a key that is kept for good")
    name = f"{source.name}:{request.record}"
    index, indexed = _index(run, source)
    shown = _shown(run, name)
    mine = index.filter(pl.col("id").is_in([name, shown]))
    out = ledger_of(run, base, source).keeps_out(name)
    released = last_published(run, source)
    known = [f"{source.name}:{one}" for one in under_way(run, source, request).get("doubles", [])]
    duplicates = tuple(sorted({*known, *_equal(index, mine, "copy_key")}))
    made = _made_of(run, source, base, {name, *duplicates}, indexed=indexed)
    gone, loses = (_known(run, source, request, *one) for one in (("along", made.gone), ("loses", made.loses)))
    parts = _held(run, source, released, {name, *duplicates, *gone, *loses})
    if isinstance(source, Unlisted) and released is None and mine.is_empty() and not parts:
        raise ConfigError(f"{source.why}\nNothing of {source.name} is on the shelves, and nothing was published as it")
    if mine.is_empty() and not parts and not out:
        if not request.unseen:
            raise ConfigError(_unknown(source, request.record, index))
        _refuse_bare(source, request.record)
    return Plan(
        source=source.name,
        record=request.record,
        known=not mine.is_empty() or bool(parts),
        duplicates=_inside(source, duplicates),
        cluster=_inside(source, _cluster(run, source, index, mine, (*duplicates, *gone))),
        along=_inside(source, gone),
        loses=_inside(source, loses),
        left=tuple(made.left),
        parts={path: rows for path, (rows, _) in (parts or {}).items()},
        bytes_up=sum(size for _, size in (parts or {}).values()),
        repository=released.repository if released else "",
        indexed=indexed,
    )


def _made_of(run: RunContext, source: Named, base: Path, names: set[str], *, indexed: bool) -> Along:
    """What would go along, and lose something: the raw files are read as they are, and as they would be."""
    if not isinstance(source, Source):
        return Along()
    try:
        with run.alone(source):
            raw = run.raw(source)
            harvest = raw.latest()
            if harvest is None:
                return Along()
            ledger = replace(ledger_of(run, base, source), ids=frozenset(names), hmacs=frozenset())
            found = foresee_along(ledger, readings_of(source), raw, harvest, run.normalized(source))
            if not indexed and len(source.normalize) > 1:
                found.left.append(f"{_UNFORESEEN}: the normalized shelf is not whole")
            return found
    except ServerBusy:
        raise
    except DAMAGE as damage:
        log.warning("%s: what else is made of it cannot be found out beforehand: %s", source.name, damage)
        return Along(left=[f"{_UNFORESEEN}: {damage}"])


def _known(run: RunContext, source: Named, request: Request, what: str, found: Iterable[str]) -> list[str]:
    """With what an attempt that was killed knew: then nothing of it is in the raw files any more."""
    return sorted({*found, *(f"{source.name}:{one}" for one in under_way(run, source, request).get(what, []))})


def _inside(source: Named, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(one.removeprefix(f"{source.name}:") for one in names)


def _refuse_bare(source: Named, record: str) -> None:
    """ConfigError where every row has a section in front of its identifier, and what is to be kept out has none."""
    names = source.section_names if isinstance(source, Source) else [""]
    if "" not in names and not section_in(record, names):
        choices = ", ".join(f"{name}:{record}" for name in names)
        raise ConfigError(
            f"no row of {source.name} can have the identifier {record!r}: each READ names the section of its rows; say "
            f"which is meant: {choices}"
        )


def find_record(run: RunContext, source: Named, said: str) -> str:
    """The identifier inside the source that somebody means: `id` has the source's name before it, and one of the
    source may begin so by itself (`oai:library:1` of a source `oai`). ConfigError where it can be either.
    """
    begins = f"{source.name}:"
    if not said.startswith(begins):
        return said
    inner = said.removeprefix(begins)
    index, whole = _index(run, source)
    ids = set(index["id"].to_list())
    there = [one for one in (said, inner) if ids & {f"{begins}{one}", _shown(run, f"{begins}{one}")}]
    if not there and not whole and _held(run, source, last_published(run, source), {f"{begins}{said}"}):
        return said
    if len(there) > 1:
        raise ConfigError(f"{source.name} has a record {inner} and another {said}: say `{inner}` or `{begins}{said}`")
    return there[0] if there else inner


def _held(
    run: RunContext, source: Named, released: Release | None, names: set[str]
) -> dict[str, tuple[int, int]] | None:
    """Path, rows and size of the parts that hold one of these, as the shelf says, or the repository."""
    parts = _parts(run, source, names)
    if parts is None and released is not None:
        parts = parts_with(run, source, released.repository, names)
    return parts


def _index(run: RunContext, source: Named) -> tuple[pl.DataFrame, bool]:
    """The rows of all slices that can be read, and whether those were all there are, or any."""
    shelf = run.normalized(source)
    columns = ["id", "deleted", "row", "copy_key", "content_key"]
    frames, whole = [], True
    try:
        current = shelf.current()
        there = [key for key in current.slices if shelf.find(key)] if current else []  # a killed run dropped one
        whole = current is not None and len(there) == len(current.slices)
    except DAMAGE as damage:
        log.warning("%s: the normalized shelf cannot be read: %s", source.name, damage)
        there, whole = [], False
    for key in there:
        try:
            frames.append(shelf.index(key).select(columns))
        except DAMAGE as damage:
            log.warning("%s: a slice cannot be read: %s", source.name, damage)
            whole = False
    schema = {
        "id": pl.String,
        "deleted": pl.Boolean,
        "row": pl.Int32,
        "copy_key": pl.Binary,
        "content_key": pl.Binary,
    }
    index = pl.concat(frames).filter(~pl.col("deleted")) if frames else pl.DataFrame(schema=schema)
    return index, whole


def _equal(index: pl.DataFrame, mine: pl.DataFrame, key: str) -> set[str]:
    """Other records that share this key, and are not kept out yet."""
    keys = mine[key].drop_nulls().unique().to_list()
    others = index.filter(pl.col(key).is_in(keys) & (pl.col("row") != TAKEN_DOWN))
    return set(others["id"].to_list()) - set(mine["id"].to_list())


def _manifest(run: RunContext, source: Named) -> Manifest | None:
    try:
        return run.shards(source).current()
    except DAMAGE as damage:
        log.warning("%s: the shards shelf cannot be read: %s", source.name, damage)
        return None


def _cluster(
    run: RunContext, source: Named, index: pl.DataFrame, mine: pl.DataFrame, duplicates: tuple[str, ...]
) -> list[str]:
    """Whatever a person should look at too: the same letters, or the same but for noise."""
    shards, names = run.shards(source), mine["id"].to_list()
    manifest = _manifest(run, source)
    near: set[str] = set()
    if manifest is not None:
        try:
            rows = shards.clusters(manifest)
        except DAMAGE as damage:
            log.warning("%s: clusters of near-duplicates cannot be read: %s", source.name, damage)
        else:
            clusters = rows.filter(pl.col("id").is_in(names))["cluster"].unique().to_list()
            near = set(rows.filter(pl.col("cluster").is_in(clusters))["id"].to_list()) - set(names)
    return sorted((_equal(index, mine, "content_key") | near) - set(duplicates))


def _parts(run: RunContext, source: Named, names: set[str]) -> dict[str, tuple[int, int]] | None:
    """Path, rows and size of the parts that hold one of these; None where the shelf cannot tell."""
    shards = run.shards(source)
    manifest = _manifest(run, source)
    if manifest is None:
        return None
    try:
        return {
            part.path: (part.rows, part.size)
            for part in manifest.parts
            if names & set(shards.places(part)["id"].to_list())
        }
    except DAMAGE:
        return None


def _unknown(source: Named, record: str, index: pl.DataFrame) -> str:
    names = [one.removeprefix(f"{source.name}:") for one in index["id"].unique().to_list()]
    same = sorted(one for one in names if one.endswith(f":{record}"))  # the identifier within a section
    near = same[:5] or difflib.get_close_matches(record, names[:100_000], 3, 0.8)
    hint = f"; did you mean {', '.join(near)}?" if near else "."
    return (
        f"{source.name} has no record {record!r}{hint} For one that was withdrawn, and that older visits and revisions "
        "may hold, or that may come later, say --unseen"
    )


def _shown(run: RunContext, name: str) -> str:
    source, _, record = name.partition(":")
    return f"{source}:hmac-{digest_of(record, run.takedown_key)}"
