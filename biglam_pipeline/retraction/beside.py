"""What a takedown does not write to, each named with what to do: what people keep in a repository, and rows below it.

A hand-made table beside `data/`, a sentence on the card, a branch or a pull request may quote the record.
"""

import re

import pyarrow as pa
import pyarrow.compute as pc

from biglam_pipeline.context import Named, RunContext
from biglam_pipeline.errors import BiglamError
from biglam_pipeline.publish.blocks import read_body
from biglam_pipeline.publish.card_header import split_card
from biglam_pipeline.publish.card_laying import read_text
from biglam_pipeline.publish.draft import CARD, Release
from biglam_pipeline.publish.marks import count
from biglam_pipeline.publish.recounting import without_note
from biglam_pipeline.releasing.sharing import GENERATED
from biglam_pipeline.retraction.published import DAMAGE

_SHOWN = 10
_HUBS = {CARD, ".gitattributes"}


def find_beside(run: RunContext, release: Release, records: tuple[str, ...], *, purged: bool) -> list[str]:
    """Sentences. records: identifiers that are looked for on the card; purged: whether the history was removed."""
    repository = release.repository
    try:
        files = run.hub.listing(repository, release.commit)
        others = sorted(path for path in files if path not in _HUBS and not path.startswith(GENERATED))
        left = _files(repository, others)
        left += _card(run, release, records) if CARD in files else []
        refs = run.hub.refs(repository) if purged else ()
    except (BiglamError, OSError) as why:
        return [f"what people keep in {repository} beside the release could not be asked: {why}; look there"]
    return left + _refs(repository, [name for name in refs if name not in {"main", release.tag}])


def find_children(run: RunContext, source: Named, records: tuple[str, ...]) -> list[str]:
    """Rows that say in `parent_id` that they belong to one of these: they stay, and go on naming it."""
    shards = run.shards(source)
    parents = pa.array([*records, *(f"{source.name}:{one}" for one in records)], pa.string())
    found: list[str] = []
    try:
        manifest = shards.current()
        for part in manifest.parts if manifest else ():
            if "parent_id" in shards.schema(part).names:
                rows = shards.table(part, ["source_record_id", "parent_id"])
                found += rows.filter(pc.is_in(rows["parent_id"], value_set=parents))["source_record_id"].to_pylist()
    except DAMAGE as damage:
        return [f"which rows say in `parent_id` that they belong to it could not be read: {damage}"]
    said = (
        f"{_named(sorted(found))} of {source.name}: `parent_id` says that they belong to it, and so names it; they "
        "stay, each is taken down by a command of its own"
    )
    return [said] if found else []


def _files(repository: str, paths: list[str]) -> list[str]:
    said = (
        f"{_named(paths)} of {repository}: not written by the program and not searched; look, and take the record out "
        "of them there"
    )
    return [said] if paths else []


def _card(run: RunContext, release: Release, records: tuple[str, ...]) -> list[str]:
    with run.hub.open(release.repository, release.commit, CARD) as stream:
        _, body = split_card(without_note(read_text(stream.read(), errors="surrogateescape")))
    people = "\n".join(read_body(body).people)
    named = [one for one in records if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", people)]
    what = f" names {_named(named)}, and" if named else ""
    said = (
        f"{CARD} of {release.repository}{what} holds what people wrote, which stays as it is: look whether it tells of "
        "the record, there and in the `cards` folder beside the sources file"
    )
    return [said] if people.strip() else []


def _refs(repository: str, names: list[str]) -> list[str]:
    said = (
        f"{_named(names)} of {repository}: cards and small files on these branches, tags and pull requests were not "
        "searched; look, and delete there what holds it"
    )
    return [said] if names else []


def _named(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {count(more, 'other')}" if more > 0 else "")
