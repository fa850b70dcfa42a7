"""Reads manifests of the IIIF Presentation API, versions 1 to 3: a canvas is a row, or the manifest.

https://iiif.io/api/presentation/3.0/ ; https://iiif.io/api/presentation/2.1/ ; JMESPath: https://jmespath.org/specification.html
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Literal

from biglam_pipeline.columns import Modality
from biglam_pipeline.normalize.cut import Found
from biglam_pipeline.normalize.formats.iiif.manifest import Manifest
from biglam_pipeline.normalize.formats.iiif.paths import IiifPath
from biglam_pipeline.normalize.formats.iiif.targets import PATHS, canvases_of
from biglam_pipeline.normalize.formats.iiif.written import FACTS as WRITTEN
from biglam_pipeline.normalize.mapping.paths import PathLanguage
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.parsing.counted import added
from biglam_pipeline.parsing.iiif import COLLECTION, MANIFEST, count_canvases, kind_of, types_of
from biglam_pipeline.parsing.inflate import MAX_DOCUMENT_BYTES, open_plain, packed_as
from biglam_pipeline.parsing.json.counting import loaded
from biglam_pipeline.parsing.json.records import Document, Span, read_steps
from biglam_pipeline.parsing.json.stream import Tokens
from biglam_pipeline.parsing.json.strict import read_strictly
from biglam_pipeline.parsing.json.texts import Text, without
from biglam_pipeline.place import NOWHERE
from biglam_pipeline.records import Bundle, Item, Record, Reject, Unmapped
from biglam_pipeline.settings import Accounts

_OTHER_FILES = re.compile(r"\.(csv|tsv|jsonl|xml|txt|md|html?|pdf|jpe?g|png|tiff?|jp2|zip|gz)$", re.IGNORECASE)
_DATES = frozenset({"date", "date_raw"})
_DATED = frozenset({"date_raw", "date_type"})
"""Columns of `navDate`, which gives way to a date that the entry maps."""


class Iiif(Reader):
    """A canvas of a manifest is one row; a PATH is JMESPath in the canvas, `$root.PATH` in the manifest."""

    type: Literal["iiif"] = "iiif"
    """Manifests of the IIIF Presentation API."""
    rows: Literal["canvas", "manifest"] = "canvas"
    """What one row is: a canvas, which is a page or another view, or a manifest, which is the object."""

    accounts: ClassVar[Accounts] = Accounts(
        "canvases that became rows or rejects, and those that further sequences show again",
        "canvases of the whole document as `orjson` reads it; those that a streaming reader cuts out of it (tests)",
        "a manifest that is none, or has no canvas, is a reject with its reason, and the next is read",
    )
    version: ClassVar[int] = 3
    own_facts: ClassVar[tuple[str, ...]] = (
        *("root", "manifest", "canvas", "section", "iiif_service", "image_url", "image_status"),
        *("see_also", "rendering", "provider", "credit_links", "canvases", *WRITTEN),
    )
    path_language: ClassVar[PathLanguage] = IiifPath()
    default_modality: ClassVar[Modality] = "metadata"
    record_format: ClassVar[str] = "iiif"
    addresses: ClassVar[tuple[str, ...]] = ("iiif+",)
    called: ClassVar[tuple[str, ...]] = ("manifest", "manifests", "iiif_manifest", "iiif_presentation", "presentation")
    blanks: ClassVar[bool] = True
    notes: ClassVar[tuple[str, str]] = (
        (
            "Title, description, rights, credit line and date come from the manifest (and from the canvas, where it "
            "says its own), `image_url`, `iiif_service`, `width` and `height` from what is painted on the canvas, "
            "`caption_raw` from its label. What stands in `metadata` is read by its label: `map: {creators: "
            "pairs.Artist, date: 'pairs.\"Date of publication\"'}`, in whichever language the label is, without HTML; "
            "a canvas has its manifest's pairs, and its own over them."
        ),
        (
            "Facts: `$manifest` and `$canvas` (their ids), `$section` (labels of the innermost ranges), "
            "`$iiif_service`, `$image_url`, `$image_status` (`restricted` where the service asks for a log-in), "
            "`$see_also`, `$rendering`, `$provider`, `$credit_links` (addresses in the credit line, which may be the "
            "only place that names a licence), `$canvases` (how many). Of a canvas's text, `$transcription` is what "
            "annotations in the manifest transcribe, on the canvas or beside all of them, each word once; "
            "`$alto`, `$hocr` and `$plain_text` are the "
            "addresses of files with it (`seeAlso`, `rendering`), `$annotation_lists` those of lists that are not in "
            "the manifest. `with: {ocr: {type: mets_alto, url: $alto}}` follows them, and `map: {text: $ocr.text, "
            "text_origin: {const: ocr}}` puts them into the row. A row is called by the id of its canvas, "
            "with that of its manifest before it where the canvas's does not begin like that. Of several languages the "
            "one without a name counts, else the first; other titles are in `title_alt`. Where the entry maps no date, "
            "that of `navDate` stands there, with `date_type: navigation`; at the first of January it is a year. "
            "Several pictures on a canvas, none, and those behind a log-in are counted."
        ),
    )

    @property
    def chosen_modality(self) -> Modality:
        """A canvas is a picture."""
        if self.modality is None and self.rows == "canvas" and "text" not in self.map.values:
            return "image"
        return super().chosen_modality

    def reads(self, name: str) -> bool:
        """Everything but what is plainly something else: addresses of manifests often have no extension."""
        return not _OTHER_FILES.search(name)

    def cut(self, item: Item) -> Iterator[Found]:
        """Canvas by canvas; what is no manifest is a Reject."""
        text = _text(item)
        manifest = _manifest_in(item, text)
        if isinstance(manifest, Reject):
            yield manifest
            return
        read = Manifest(item, manifest, self.chosen_modality, _DATED if self.map.values.keys() & _DATES else ())
        if not read.canvases:
            detail = "it is a manifest without a canvas; tell the institution, and harvest it again"
            yield Reject("canvases_missing", detail, item.name, "")
        elif self.rows == "manifest":
            yield read.whole()
        else:
            for number, canvas in read.canvases:
                yield read.cut(number, canvas)
        noted = (text.found.problem,) if text.found.problem else ()
        yield Unmapped(0, {name: count for name, count in read.beside.items() if count}, 0, noted)

    def expected(self, bundle: Bundle) -> int | None:
        """The canvases of the whole document as `orjson` reads it, each once; what is no manifest is a reject."""
        return added(map(self._expected_of, bundle.items))

    def _expected_of(self, item: Item) -> int | None:
        documents = loaded(_text(item))
        if documents is None or len(documents) > 1 or kind_of(documents[0]) != MANIFEST:
            return 1
        return 1 if self.rows == "manifest" else max(count_canvases(documents[0]), 1)

    # --- takedown ---

    def blank(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> Mapping[str, Iterable[bytes] | None]:
        """In the place of a canvas stands null, in each sequence; of a manifest that is the row, nothing is left."""
        left: dict[str, Iterable[bytes] | None] = {}
        for item in bundle.items:
            going = [record.place for record, _ in records if record.item == item.name]
            if NOWHERE in going:
                left[item.name] = None
            elif going:
                numbers, text = {place.number for place in going}, _text(item)
                manifest = _manifest_in(item, text)
                if not isinstance(manifest, Reject):
                    made = Manifest(item, manifest, self.chosen_modality, ())
                    names, numbers = made.names_of(numbers), numbers | made.copies_of(numbers)
                spans = [one for at, one in enumerate(canvas_spans(text), 1) if at in numbers]
                written = {(one.begins, len(one.data)) for one in (*spans, *_written_on(text, names))}
                kept = without(text.blocks(), sorted(written))
                left[item.name] = packed_as(item, kept) if len(spans) == len(numbers) else None
        return left


def canvas_spans(text: Text) -> Iterator[Span]:
    """The canvases of a manifest as they are written, in the order in which they are numbered; by another way than that
    by which they are read.
    """
    for path in ("sequences[].canvases[]", "items[]"):
        span = None
        for span in Document(Tokens(text.blocks(), MAX_DOCUMENT_BYTES), read_steps(path)).spans():
            yield span
        if span is not None:
            return


def _written_on(text: Text, names: Collection[str]) -> Iterator[Span]:
    """The annotations beside the canvases that are on one of these."""
    for path in PATHS:
        for span in Document(Tokens(text.blocks(), MAX_DOCUMENT_BYTES), read_steps(path)).spans():
            said = read_strictly(span.data)
            if isinstance(said, Mapping) and canvases_of(said, names):
                yield span


def _text(item: Item) -> Text:
    return Text.of(partial(open_plain, item), item.media_type)


def _manifest_in(item: Item, text: Text) -> Mapping[str, Any] | Reject:
    data = bytearray()
    for block in text.blocks():
        data += block
        if len(data) > MAX_DOCUMENT_BYTES:
            return Reject("too_large", f"it is larger than {MAX_DOCUMENT_BYTES} bytes", item.name, "")
    try:
        found = read_strictly(bytes(data))
    except (ValueError, RecursionError) as error:
        return Reject("json_document", f"it is no JSON that all programs read alike: {error}", item.name, "")
    kind = kind_of(found)
    if kind == MANIFEST:
        return dict(found)
    said = kind or next(iter(types_of(found)), "") or "JSON of another kind"
    cure = "write its address, with iiif+ before it, under `harvest`" if kind == COLLECTION else "choose by `files`"
    return Reject("no_manifest", f"it is no manifest, but {said[:60]}; {cure}", item.name, "")
