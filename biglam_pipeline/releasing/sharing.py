"""A card that two write: what stands on the Hub, what `cards/NAME.md` says, and what is remembered of both."""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from biglam_pipeline.context import Named, RunContext
from biglam_pipeline.errors import ConfigError, ShelfDamaged, SourceChanged
from biglam_pipeline.publish.blocks import Edit, Generated, key_of
from biglam_pipeline.publish.card_keys import line_for
from biglam_pipeline.publish.card_laying import (
    DELETED,
    Laid,
    Remembered,
    decode_remembered,
    encode_remembered,
    lay_card,
    read_text,
    remember_release,
    text_for_file,
)
from biglam_pipeline.publish.card_notes import added_lines, forget_settled, keep_difference, keep_note, shown
from biglam_pipeline.publish.draft import CARD, Draft, Release
from biglam_pipeline.publish.hub.cards import read_header
from biglam_pipeline.publish.recounting import without_note
from biglam_pipeline.records import Description
from biglam_pipeline.source import Source
from biglam_pipeline.source.lines import line_of
from biglam_pipeline.store import disk
from biglam_pipeline.store.parts import Manifest
from biglam_pipeline.store.shelf import Shelf

log = logging.getLogger(__name__)

FOLDER = "cards"
GENERATED = ("data/", ".biglam/")
"""Folders of a repository in which every file is ours."""


def read_card_file(base: Path, source: Source) -> str:
    """`cards/NAME.md` beside the sources file, empty where there is none; ConfigError where it is no text."""
    path = base / FOLDER / f"{source.name}.md"
    if not path.is_file():
        return ""
    try:
        return read_text(disk.read_file(path))
    except UnicodeDecodeError as cause:
        raise ConfigError(f"{FOLDER}/{path.name}: is not UTF-8 ({cause.reason}); save the file as UTF-8") from cause


def digest_of(file: str) -> str:
    """What is kept of `cards/NAME.md` to know whether it was looked at."""
    return hashlib.sha256(file.encode()).hexdigest() if file.strip() else ""


@dataclass(frozen=True, slots=True)
class Looked:
    """The repository as it stands, and what is known of the card from before."""

    head: str
    """Empty where there is no such repository yet."""
    ids: dict[str, str]
    """Path -> sha256 or git's id."""
    card: str
    before: Remembered | None


def look(run: RunContext, source: Source, released: Release | None) -> Looked:
    """Asks the Hub for head, files and card."""
    repository = run.repository(source)
    before = _remembered(run, source, released) if released else None
    head = run.hub.head(repository) or ""
    ids = run.hub.ids(repository, head) if head else {}
    if released is not None and released.repository != repository:
        known = before.people if before and CARD not in ids else _card(run, repository, head, ids)
        return Looked(head, ids, known, None)  # what people wrote comes along to the new place
    return Looked(head, ids, _card(run, repository, head, ids), before)


def _card(run: RunContext, repository: str, commit: str, ids: Mapping[str, str]) -> str:
    if CARD not in ids:
        return ""
    with run.hub.open(repository, commit, CARD) as stream:
        data = stream.read()
    try:
        return without_note(read_text(data))
    except UnicodeDecodeError as cause:
        raise SourceChanged(
            f"{repository}: {CARD} is not UTF-8 ({cause.reason}), so what people wrote there cannot be kept; save it "
            "as UTF-8 there, then run again"
        ) from cause


def _remembered(run: RunContext, source: Source, released: Release) -> Remembered | None:
    """Of a release from before cards were remembered, its card itself, which the program alone had written."""
    shelf = _shelf(run, source)
    if released.card and shelf.exists(released.card):
        try:
            return decode_remembered(shelf.read(released.card))
        except (ShelfDamaged, ValueError, TypeError):  # the card itself says nearly as much
            log.warning("%s is damaged; the card of %s is read instead", shelf.full(released.card), released.tag)
    ids = run.hub.ids(released.repository, released.commit)
    try:
        text = _card(run, released.repository, released.commit, ids)
        return remember_release(text) if text.strip() else None
    except (SourceChanged, ValueError):
        return None


def people_text(run: RunContext, source: Source, released: Release | None) -> str:
    """What people wrote on the card, without what the program wrote; SourceChanged where there is no card of ours."""
    looked = look(run, source, released)
    if looked.before is None:
        raise SourceChanged(
            f"{run.repository(source)} has no card that this shelf knows; run `biglam run {source.name}`"
        )
    return text_for_file(looked.card, looked.before)


# --- a night on which nothing of ours changed ---


def still_shared(
    run: RunContext, source: Source, released: Release, manifest: Manifest, file: str, *, whole: bool
) -> Release | None:
    """The release as it is to be remembered where the repository needs no commit; None where it does.

    whole: whether `main` is where it was left. Where somebody committed and touched nothing of ours, the card is
    fetched once, and the commit is remembered.
    """
    files = {part.path: part.sha256 for part in manifest.parts}
    if whole and released.card_file == digest_of(file):
        return released
    looked = look(run, source, released)
    if looked.before is None or not _untouched(run, released, looked, files):
        return None
    laid = lay_card(looked.before.generated, looked.card, file, looked.before)
    if laid.must_be_written:
        return None
    _report(run, source, released, looked, laid)
    _settle(run, source, laid)
    return replace(
        released,
        seen=looked.head if looked.head != released.commit else "",
        card=keep_card(run, source, laid, looked.before.generated),
        card_file=digest_of(file),
    )


def _untouched(run: RunContext, released: Release, looked: Looked, files: Mapping[str, str]) -> bool:
    """Whether every file of ours is what it was at the commit that is remembered."""
    was = run.hub.ids(released.repository, released.head)
    now = {path: name for path, name in looked.ids.items() if path.startswith(GENERATED)}
    if was:
        return bool(now) and now == {path: name for path, name in was.items() if path.startswith(GENERATED)}
    return {path: name for path, name in now.items() if path.startswith("data/")} == files


# --- a release ---


def put_card(draft: Draft, looked: Looked, laid: Laid) -> Draft:
    """The draft with its card laid into the one that stands there."""
    return replace(draft, texts={**draft.texts, CARD: laid.text.encode()}, looked=looked.ids)


def keep_card(run: RunContext, source: Source, laid: Laid, generated: Generated) -> str:
    """Remembers a card; the file's name, for the release that is noted next."""
    return _keep(run, source, Remembered(generated.fields, generated.blocks, laid.people, laid.agreed))


def _keep(run: RunContext, source: Named, card: Remembered) -> str:
    data = encode_remembered(card)
    name = f"card-{hashlib.sha256(data).hexdigest()[:16]}.json"
    _shelf(run, source).put(name, data)
    return name


def keep_recounted(run: RunContext, source: Named, released: Release, card: bytes | None) -> str:
    """After a removal: the counts that it set in the card's header are the program's, and nobody's edit.

    card: as the removal wrote it, if it did. The file's name, as `keep_card` gives it.
    """
    shelf = _shelf(run, source)
    if card is None or not released.card or not shelf.exists(released.card):
        return released.card
    try:
        before = decode_remembered(shelf.read(released.card))
    except (ValueError, TypeError):  # cut or emptied: the card itself says nearly as much
        return ""
    now = read_header(card.decode("utf-8", "replace"))
    fields = {key: now.get(key, value) if key == "dataset_info" else value for key, value in before.fields.items()}
    return _keep(run, source, replace(before, fields=fields))


def note_card(
    run: RunContext, source: Source, description: Description, released: Release | None, looked: Looked, laid: Laid
) -> None:
    """Before a release goes up: keeps aside what somebody wrote where the program writes, and says what is kept."""
    _report(run, source, released, looked, laid)
    for name in laid.damaged:
        log.warning(
            "%s: the mark `biglam:%s` of the card stood alone; what the program had not written is kept outside the "
            "blocks",
            source.name,
            name,
        )
    for edit in laid.edits:
        _keep_edit(run, source, description, looked, edit)
    _settle(run, source, laid)


def _report(run: RunContext, source: Source, released: Release | None, looked: Looked, laid: Laid) -> None:
    if released is None or looked.before is None or looked.head in {"", released.head}:
        return
    by = "; ".join(run.hub.commits_since(released.repository, released.head)) or "somebody"
    log.info("%s: %s was committed to by others: %s", source.name, released.repository, by)
    if key_of(laid.people) != key_of(looked.before.people) and not laid.from_file:
        said = "; ".join(f"“{key_of(text)[:80]}”" for text in laid.pieces) or "what they added to its header"
        log.info("%s: kept on the card, as people wrote it: %s", source.name, said)


# --- what is kept aside ---


def _keep_edit(run: RunContext, source: Source, description: Description, looked: Looked, edit: Edit) -> None:
    """On the shelf, until the card says it; what was only taken out leaves nothing to keep."""
    key = edit.place.removeprefix("header.")
    place = f"`{key}` of the card's header" if key != edit.place else f"the block `{key}` of the card"
    at = f"{run.repository(source)} at {looked.head[:8]}"
    if edit == DELETED:
        log.warning(
            "%s: %s was deleted in %s; it is written again, with what people had written", source.name, CARD, at
        )
        return
    if not added_lines(edit):
        log.warning("%s: something was taken out of %s in %s; it is written again", source.name, place, at)
        return
    reported = (
        f"somebody wrote “{shown(edit)}” into {place} in {at}, where the program writes. To say it, "
        f"{_remedy(source, description, edit)}; or write it on the card outside the marks"
    )
    log.warning("%s: %s", source.name, keep_note(_shelf(run, source), edit, reported))


def _remedy(source: Source, description: Description, edit: Edit) -> str:
    key, line = line_for(edit, description)
    if not key:
        return f"have it corrected at {source.custodian}, since it is computed from the rows"
    return f"write {line} at {Path(source.file).name}:{line_of(source, tuple(key.split('.')))}"


def _settle(run: RunContext, source: Source, laid: Laid) -> None:
    """Forgets what the card says by now; keeps what `cards/NAME.md` says otherwise than the Hub."""
    shelf = _shelf(run, source)
    forget_settled(shelf, laid.text)
    file = f"{FOLDER}/{source.name}.md"
    if laid.difference:
        reported = (
            f"{file} and the card on the Hub say different things; the Hub's stays. Bring its text into the file with "
            f"`biglam card {source.name} > {file}`, then change it there. What makes the one of the other:\n"
            f"{laid.difference}"
        )
        log.warning("%s: %s", source.name, keep_difference(shelf, reported))
    else:
        keep_difference(shelf, "")


def _shelf(run: RunContext, source: Named) -> Shelf:
    return run.shelf.at(f"{source.name}/hub")
