"""Reads pictures: one file is one row, its bytes verbatim, its size and media type by its header.

https://huggingface.co/docs/datasets/image_dataset ; what is looked at in a file: quality/image.py
"""

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import model_validator

from biglam_pipeline.columns import Modality
from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.mapping.paths import FactsOnly, PathLanguage
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.rows.pictures import MAX_PICTURE_BYTES, MaxBytes, picture_columns, refuse_measured
from biglam_pipeline.quality.image import NoPicture
from biglam_pipeline.records import Bundle, Item, Reject
from biglam_pipeline.settings import Accounts, Misplaced

_PICTURES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".jp2", ".gif", ".webp")


class Images(Reader):
    """One picture file is one row; a VALUE is a fact ($stem, $folder), what `files` captures, or {const: TEXT}."""

    type: Literal["images"] = "images"
    """JPEG, PNG, TIFF, JPEG 2000, GIF and WebP, as the institution gave them."""
    rows: Literal["file"] = "file"
    """What one row is."""
    max_bytes: MaxBytes = MAX_PICTURE_BYTES
    """A larger picture is rejected: whoever reads the dataset has to hold it in memory."""

    accounts: ClassVar[Accounts] = Accounts(
        "pictures that became rows or rejects",
        "files of the bundle, one a picture",
        "a picture that is cut is a reject",
    )
    extensions: ClassVar[tuple[str, ...]] = _PICTURES
    version: ClassVar[int] = 3
    path_language: ClassVar[PathLanguage] = FactsOnly()
    default_modality: ClassVar[Modality] = "image"
    record_format: ClassVar[str] = "image"
    guessed_from: ClassVar[tuple[str, ...]] = tuple(name.removeprefix(".") for name in _PICTURES)
    called: ClassVar[tuple[str, ...]] = (
        *("image", "picture", "pictures", "photo", "photos", "photographs", "scans"),
        *guessed_from,
    )
    shows_pictures: ClassVar[bool] = True
    notes: ClassVar[tuple[str, str]] = (
        (
            "A picture file is a row: its bytes as the institution gave them, and what its header says. A VALUE is a "
            "`$NAME` or a constant, since a picture has no fields: `map: {title: $stem, collection: $folder}`."
        ),
        (
            "The header and the frame around the data are looked at; no pixel is decoded. A file that is cut or "
            "damaged (`image_broken`), that is no picture whatever its name says (`not_a_picture`), or that is above "
            "`max_bytes` or above 179 million pixels, which is as much as the `datasets` library decodes "
            "(`image_too_large`), is rejected by its name; the others go on."
        ),
    )

    @model_validator(mode="after")
    def _pictures_only(self) -> "Images":
        if self.modality not in (None, "image"):
            said = f"`images` reads pictures; modality {self.modality} needs another reader; leave it out"
            raise Misplaced((("modality",), said))
        if self.picture is not None:
            raise Misplaced((("with", "image"), "a row of `images` is its picture already; leave it out"))
        refuse_measured(self.map.values, "`images`")
        return self

    def cut(self, item: Item) -> Iterator[Found]:
        """The picture, or why it is none."""
        try:
            columns = picture_columns(item, self.max_bytes)
        except NoPicture as trouble:
            yield Reject(trouble.reason, f"{item.name}: {trouble.detail}", item.name, "")
            return
        yield Cut(None, item.name, columns)

    def expected(self, bundle: Bundle) -> int | None:
        """The files."""
        return len(bundle.items)
