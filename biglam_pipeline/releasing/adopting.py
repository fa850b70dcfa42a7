"""The first publication into a repository that somebody else made: refused until a person has looked at it."""

import logging
from dataclasses import dataclass

import pyarrow as pa

from biglam_pipeline.context import RunContext
from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.inputs import published_schemas
from biglam_pipeline.publish.adoption import BEFORE, Fate, New, Old, compare, fates_of, is_bare, license_in
from biglam_pipeline.publish.card_header import read_fields, split_card
from biglam_pipeline.publish.draft import CARD, MANIFEST, Release
from biglam_pipeline.releasing.sharing import GENERATED, Looked, look
from biglam_pipeline.rights.policy import repository_license
from biglam_pipeline.source import Source
from biglam_pipeline.store.part_edits import footer_of
from biglam_pipeline.store.parts import Manifest

log = logging.getLogger(__name__)

REPORT = "adoption.md"
_FOOTERS = 100
"""Parquet files whose footer is read, at two requests each."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """A repository that may be taken over."""

    head: str
    gone: frozenset[str]
    """Files that leave `main`."""


def adopt(run: RunContext, source: Source, manifest: Manifest, released: Release | None) -> Adopted | None:
    """None where the repository is ours, empty or not there. SourceChanged where somebody else made it and
    `publish.adopt` does not name the commit at which it stands.

    Its state is tagged before anything is changed, and the report shelved.
    """
    repository = run.repository(source)
    if released is not None and released.repository == repository:
        return None
    head = run.hub.head(repository)
    ids = run.hub.ids(repository, head) if head else {}
    if head is None or MANIFEST in ids or (is_bare(ids) and CARD not in ids):
        return None
    looked = look(run, source, None)
    header, body = split_card(looked.card)
    if is_bare(looked.ids) and not body.strip():
        return None  # the Hub's own form for a new dataset asks for a licence, and writes a card of that alone
    fates = fates_of(looked.ids, looked.card, GENERATED)
    report = compare(_old(run, repository, looked, fates), _new(run, source, manifest), fates)
    wanted = source.publish.adopt or ""
    if not wanted or not looked.head.startswith(wanted):
        raise SourceChanged(_refusal(source, repository, looked, wanted, report))
    _refuse_unreadable(repository, header)
    tagged = run.hub.mark(repository, BEFORE, looked.head)
    if tagged != looked.head:
        raise SourceChanged(
            f"{repository}: the tag {BEFORE} is taken, by the commit {tagged[:8]}; delete or rename it there, so that "
            "what the repository holds today can be kept under that name"
        )
    run.shelf.at(f"{source.name}/hub").put(REPORT, report.encode())
    log.warning("%s: %s at %s is taken over, and kept as %s:\n%s", source.name, repository, wanted, BEFORE, report)
    return Adopted(looked.head, _going(fates))


def _refuse_unreadable(repository: str, header: str) -> None:
    """People's keys in it, a DOI or a gate, would go with what cannot be read."""
    try:
        read_fields(header)
    except ValueError as cause:
        why = " ".join(str(cause).split())
        raise SourceChanged(
            f"{repository}: {CARD}: {why}; what people wrote there would be lost. Mend it on the Hub, then name the "
            "commit that this makes in `publish.adopt`"
        ) from None


def _going(fates: list[Fate]) -> frozenset[str]:
    return frozenset(one.path for one in fates if one.goes)


def _refusal(source: Source, repository: str, looked: Looked, wanted: str, report: str) -> str:
    why = (
        f"it moved since `publish.adopt: {wanted}` was looked at, and stands at {looked.head}"
        if wanted
        else "the program did not make it"
    )
    return (
        f"{repository}: {why}. What it holds, and what would become of it:\n\n{report}\n\n"
        f"What its card says is kept, behind what is generated. Once you have looked at that, write `publish: "
        f"{{adopt: {looked.head}}}` into the entry {source.name}; or give it another `publish.repository`"
    )


def _old(run: RunContext, repository: str, looked: Looked, fates: list[Fate]) -> Old:
    header, _ = split_card(looked.card)
    try:
        old = Old(license=license_in(read_fields(header)))
    except ValueError:
        old = Old(license="its header cannot be read")
    for fate in fates:
        if fate.goes and fate.path.endswith(".parquet") and old.read < _FOOTERS:
            try:
                with run.hub.open(repository, looked.head, fate.path) as stream:
                    rows, columns = footer_of(stream)
            except (pa.ArrowException, OSError):
                old.unread.append(fate.path)
                continue
            old.rows, old.read, old.columns = old.rows + rows, old.read + 1, {**old.columns, **columns}
        elif fate.goes and not fate.path.endswith((".py", "dataset_infos.json")):
            old.unread.append(fate.path)
    return old


def _new(run: RunContext, source: Source, manifest: Manifest) -> New:
    licence = repository_license(run.shards(source).count_statements(manifest))
    stated = {"license": licence.license, "license_name": licence.license_name, "license_link": licence.license_link}
    columns = {one.name: str(one.type) for schema in published_schemas(source).values() for one in schema}
    return New(manifest.tally.published, columns, license_in(stated))
