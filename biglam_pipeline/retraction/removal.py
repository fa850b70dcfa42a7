"""A removal: what is published, minus what is kept out, made from the published parts alone.

Where the harvest has gaps, a shelf is damaged, or the entry is broken, closed or gone, the ordinary way ends before the
Hub. Nothing of that is asked here: parts are read from the shelf or back from the repository, rows are taken out of
them, and it is proved that nothing else became of them.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import polars as pl
import pyarrow as pa

from biglam_pipeline.clearance import Finding, Removal
from biglam_pipeline.context import Named, RunContext
from biglam_pipeline.publish.draft import (
    CARD,
    MANIFEST,
    CardRefused,
    Draft,
    Intent,
    LocalFile,
    Release,
    decode_intent,
    encode_intent,
)
from biglam_pipeline.publish.profile import Hashes, add_ids, no_ids
from biglam_pipeline.publish.read_back import read_back
from biglam_pipeline.publish.recounting import recount_card
from biglam_pipeline.records import Part
from biglam_pipeline.releasing.remembered import keep_profile_of, keep_release
from biglam_pipeline.releasing.sharing import keep_recounted
from biglam_pipeline.retraction.published import DAMAGE, Published, look_at, rows_to_go
from biglam_pipeline.store import disk
from biglam_pipeline.store.cutting import cut_part, find_added, ids_of, read_removed
from biglam_pipeline.store.parts import Manifest, ShardsShelf, digest_of_seen, encode
from biglam_pipeline.store.removed import REMOVED as DROPPED
from biglam_pipeline.takedown import Ledger

log = logging.getLogger(__name__)

REMOVED = ".biglam/removed.parquet"


@dataclass(frozen=True, slots=True)
class Removed:
    """What a removal did."""

    release: Release
    copies: tuple[str, ...]
    """Ids of rows that went because they are equal to one that was named."""
    left: tuple[str, ...]
    """What it could not look into, in sentences."""


Schemas = Mapping[str, pa.Schema]
"""Section -> the schema of its parts."""


def remove_published(
    run: RunContext,
    source: Named,
    ledger: Ledger,
    released: Release,
    schemas: Schemas,
    with_it: set[str],
    *,
    search: bool,
) -> Removed:
    """Takes out of the repository what the ledger keeps out. Run again after a kill, it ends where it would have.

    schemas: of the entry's parts, where there is an entry; with_it: ids of rows that are made of what goes, or hold
    something of it, since no published row can be cut; search: whether copies are looked for in the published rows,
    since no index knows them.
    """
    with run.alone(source), run.shelf.at(f"{source.name}/shards").scratch() as scratch:
        found = look_at(run, source, released.repository, scratch, released.commit)
        found.with_it = with_it
        gone = rows_to_go(found, ledger, search=search)
        ids = _ids_left(found, gone)
        manifest, files = _cut(run, source, found, ledger, gone, schemas, scratch)
        clearance = Removal.grant(
            source.name, _findings(run, source, found, manifest, files, ledger), manifest.digest, found.commit
        )
        run.shards(source).point(manifest)  # from here on the shelf holds less, whatever becomes of the commit
        content = f"removal {manifest.content}"
        tag = _tag(run, source, found, content)
        draft = _draft(run, found, manifest, files, content, tag)
        draft, made = _commit(run, found, draft, clearance)
        problems = read_back(run.hub, draft, manifest, made.commit, set(made.changed))
        profile = keep_profile_of(run, source, ids, manifest.tally.published)
        release = _kept(run, source, released, made, draft, manifest)
        takedowns = tuple(dict.fromkeys([*released.takedowns, *ledger.lines]))
        release = replace(release, takedowns=takedowns, profile=profile, read_back=tuple(problems))
        keep_release(run, source, release)
    log.info("%s: %d rows are left at %s", source.name, release.rows, release.url)
    return Removed(release, tuple(sorted(found.copies)), tuple(found.left))


def _kept(
    run: RunContext, source: Named, released: Release, made: Release, draft: Draft, manifest: Manifest
) -> Release:
    """The release that is remembered: what else is known of the last one stays known."""
    return replace(
        released,
        content=made.content,
        commit=made.commit,
        tag=made.tag,
        rows=made.rows,
        url=made.url,
        files_sent=made.files_sent,
        previous_tag=made.previous_tag,
        published_at=run.now().isoformat(),
        files_read_back=len(draft.files) + len(draft.texts),
        taken_down=manifest.tally.taken_down,
        visibility=run.hub.visibility(made.repository),
        card=keep_recounted(run, source, released, draft.texts.get(CARD)),
        seen="",
    )


def _commit(run: RunContext, found: Published, draft: Draft, clearance: Removal) -> tuple[Draft, Release]:
    """With the card as it is where the Hub refuses it: what somebody wrote there, or a newer rule of the Hub."""
    try:
        return draft, run.hub.commit(draft, clearance)
    except CardRefused as why:
        found.left.append(f"the counts of {CARD} are as they were: {why}")
        draft = replace(draft, texts={path: data for path, data in draft.texts.items() if path != CARD})
        return draft, run.hub.commit(draft, clearance)


# --- what is left of it ---


def _cut(
    run: RunContext,
    source: Named,
    found: Published,
    ledger: Ledger,
    gone: set[str],
    schemas: Schemas,
    scratch: Path,
) -> tuple[Manifest, dict[str, Path]]:
    """The manifest of what is left, and the new file of each path that holds less; the parts are shelved."""
    shards, before = run.shards(source), found.manifest
    laid, known = _laid(shards), {part.path: part for part in before.parts}
    cut: dict[str, Part] = {}
    files: dict[str, Path] = {}
    rows = 0
    for number, path in enumerate(found.parts):
        ids = ids_of(found.light(path))
        if not any(gone.intersection(ids[name].drop_nulls()) for name in ids.columns):
            continue
        old, target = found.bytes_of(path), scratch / f"left-{number}.parquet"
        forgotten = cut_part(old, target, gone)
        rows += len(gone.intersection(ids["id"]))
        if path not in known or known[path].sha256 != found.files[path][1]:
            found.left.append(f"{path} of {found.repository} is not as we wrote it; the record was taken out of it too")
        if path in known:
            schema = None if forgotten else schemas.get(before.section(known[path]))
            cut[path] = shards.keep_cut(known[path], target, schema)
            files[path] = shards.path(cut[path])
        else:
            files[path] = target
    parts = tuple(cut.get(part.path, part) for part in before.parts)
    for part in parts:
        if part.path not in cut:
            _put_right(shards, part, found, ledger, laid=part.path in laid)
    return _recounted(run, source, found, ledger, gone, parts, rows), files


def _put_right(shards: ShardsShelf, part: Part, found: Published, ledger: Ledger, *, laid: bool) -> None:
    """A part of the shelf that holds nothing of what goes, as the repository has it."""
    there = shards.shelf.exists(part.file)
    if part.path not in found.files:  # somebody deleted it there, so nothing was cut; the next night lays it again
        if there and ledger.among(ids_of(shards.path(part))["id"].to_list()):
            shards.shelf.delete(part.file)
        return
    if there and shards.digest(part)[0] != part.sha256:
        shards.shelf.delete(part.file)  # damaged: it is laid again with the next night
    if laid and not shards.shelf.exists(part.file) and found.files[part.path][1] == part.sha256:
        shards.shelf.put(part.file, found.bytes_of(part.path))  # the way of every night had laid others there
    if not shards.has_places(part):
        shards.recover_places(part, found.light(part.path))


def _ids_left(found: Published, gone: set[str]) -> Hashes:
    """Of what is published now, not of what was remembered: the same for an attempt that found the record gone."""
    ids = no_ids()
    for path in found.parts:
        ids = add_ids(ids, [one for one in ids_of(found.light(path))["id"].to_list() if one not in gone])
    return ids


def _laid(shards: ShardsShelf) -> set[str]:
    """Paths of the parts that the shelf names now; none where it was lost or is damaged."""
    try:
        now = shards.current()
    except DAMAGE:
        return set()
    return {part.path for part in now.parts} if now else set()


def _recounted(
    run: RunContext,
    source: Named,
    found: Published,
    ledger: Ledger,
    gone: set[str],
    parts: tuple[Part, ...],
    rows: int,
) -> Manifest:
    shards, before = run.shards(source), found.manifest
    removed = _dropped(run, found)
    out = ledger.among(removed["id"].to_list()) | gone
    left = removed.filter(~pl.col("id").is_in(list(out)))
    orphaned = pl.col("keeper").is_in(list(gone | ledger.among(left["keeper"].to_list())))
    left = left.with_columns(keeper=pl.when(orphaned).then("id").otherwise("keeper"))
    dropped = removed.filter(pl.col("reason") != "identifier_repeated")
    fewer = dropped.filter(pl.col("id").is_in(list(out)))["id"].n_unique()
    tally = before.tally
    name, _ = shards.keep_removed([left])
    if not rows and left.equals(removed):
        return replace(before, removed=name)
    manifest = replace(
        before,
        parts=parts,
        removed=name,
        removed_rows=left.height,
        ledger_digest=ledger.digest,
        takedowns=tuple(dict.fromkeys([*before.takedowns, *ledger.lines])),
        tally=replace(
            tally,
            published=tally.published - rows,
            duplicate=tally.duplicate - fewer,
            taken_down=tally.taken_down + rows + fewer,
        ),
    )
    return replace(manifest, content=digest_of_seen(manifest))


def _dropped(run: RunContext, found: Published) -> pl.DataFrame:
    """What the repository says was dropped, and for which keeper."""
    if REMOVED not in found.files:
        return pl.DataFrame(pl.from_arrow(DROPPED.empty_table()))
    with run.hub.open(found.repository, found.commit, REMOVED) as stream:
        return read_removed(BytesIO(stream.read()))


def _findings(
    run: RunContext, source: Named, found: Published, manifest: Manifest, files: dict[str, Path], ledger: Ledger
) -> list[Finding]:
    """The two that a removal needs, of the very files that are about to go up."""
    added, left, gone = [], [], set[str]()
    for path, file in files.items():
        went, problems = find_added(found.bytes_of(path), file)
        gone |= went
        added += [f"{path}: {what}" for what in problems]
    added += [f"{one} was published and is not to be removed" for one in gone if not _may_go(one, ledger, found)]
    new = {part.path for part in manifest.parts} - {part.path for part in found.manifest.parts}
    added += [f"{path} was not published" for path in sorted(new)]
    for path in found.parts:
        ids = ids_of(files.get(path) or found.light(path))
        for name in ids.columns:
            left += [f"{one} stands in {path}" for one in ledger.among(ids[name].drop_nulls().to_list())]
    removed = run.shards(source).removed(manifest)
    left += [f"{one} stands in removed.parquet" for one in ledger.among([*removed["id"], *removed["keeper"]])]
    good = f"{len(gone)} rows went, and nothing came"
    return [
        Finding("only_rows_went", "shards", manifest.digest, not added, "; ".join(added[:5]) or good),
        Finding("takedown_is_applied", "shards", manifest.digest, not left, "; ".join(left[:5]) or good),
    ]


def _may_go(name: str, ledger: Ledger, found: Published) -> bool:
    return ledger.keeps_out(name) or name in found.copies or name in found.with_it


def _tag(run: RunContext, source: Named, found: Published, content: str) -> str:
    """The tag of this release: noted before the commit, so that what a killed run published stays its own."""
    shelf = run.shelf.at(f"{source.name}/hub")
    noted = shelf.read("intent.json") if shelf.exists("intent.json") else None
    try:
        before = decode_intent(noted) if noted is not None else None
    except (ValueError, TypeError):  # damaged: the day's next name is as good
        before = None
    mine = before is not None and (before.content, before.repository) == (content, found.repository)
    wanted = before.tag if before is not None and mine else f"v{run.now():%Y.%m.%d}"
    tag = run.hub.free_tag(found.repository, wanted, own=found.commit if mine else "")
    shelf.swap("intent.json", noted, encode_intent(Intent(content, tag, found.repository)))
    return tag


def _draft(
    run: RunContext, found: Published, manifest: Manifest, files: dict[str, Path], content: str, tag: str
) -> Draft:
    """The parts, the manifest and the card with its counts; everything else in the repository stays as it is."""
    texts = {MANIFEST: encode(manifest)}
    if manifest.content == found.manifest.content:
        texts = {}
    elif CARD in found.files:
        with run.hub.open(found.repository, found.commit, CARD) as stream:
            card = stream.read()
        if (recounted := recount_card(card, manifest)) is not None:
            texts[CARD] = recounted
        else:
            found.left.append(
                f"the header of {CARD} in {found.repository} cannot be read, so its counts are as they were"
            )
    ours = {}
    for path in found.data:
        size, sha256 = found.files[path]
        file = files.get(path)
        if file is not None:
            sha256, size = disk.digest_file(file)
        ours[path] = LocalFile(file or Path(path), size, sha256)
    if texts:
        texts[REMOVED] = run.shelf.at(f"{manifest.source}/shards").read(manifest.removed)
    rows = manifest.tally.published
    return Draft(
        repository=found.repository,
        digest=manifest.digest,
        content=content,
        files=ours,
        texts=texts,
        message=f"{tag}: {rows} rows; records were taken down",
        tag=tag,
        rows=rows,
        owned=(),
    )
