"""Reads pictures with what is marked on them: one of COCO, YOLO, Pascal VOC or VIA is a row, its boxes a column.

COCO: https://cocodataset.org/#format-data ; YOLO: https://docs.ultralytics.com/datasets/detect/ ; the column:
https://huggingface.co/docs/datasets/object_detection
"""

import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, Literal

import pyarrow as pa
from pydantic import field_validator, model_validator

from biglam_pipeline.columns import OBJECTS, Modality
from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.formats.coco import via, voc, yolo
from biglam_pipeline.normalize.formats.coco.counting import expected_in
from biglam_pipeline.normalize.formats.coco.document import (
    ANNOTATIONS,
    PICTURES,
    Survey,
    by_id,
    spans_of,
    spans_under,
    surveyed,
    whole,
)
from biglam_pipeline.normalize.formats.coco.document import pictures as pictures_in
from biglam_pipeline.normalize.formats.coco.licenses import Licenses, named_rights
from biglam_pipeline.normalize.formats.coco.objects import Marked, column_of, key_of, marks_of, objects_type
from biglam_pipeline.normalize.mapping.jmes import JmesPath
from biglam_pipeline.normalize.mapping.paths import PathLanguage
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.rows.rights_of import OF_OBJECT
from biglam_pipeline.normalize.walking import listed
from biglam_pipeline.parsing.counted import added
from biglam_pipeline.parsing.inflate import Unreadable, open_plain, packed_as, read_whole
from biglam_pipeline.parsing.json.texts import Text, without
from biglam_pipeline.parsing.xml.reading import local, read_xml
from biglam_pipeline.place import Place
from biglam_pipeline.records import Bundle, Item, Record, Reject, Unmapped
from biglam_pipeline.settings import Accounts, Misplaced

_READ = frozenset({"id", "file_name", "width", "height", "license", "date_captured", "coco_url", "flickr_url", "url"})
_READ_OF_ANNOTATIONS = frozenset(
    {"id", "image_id", "category_id", "bbox", "area", "iscrowd", "segmentation", "segments_info"}
)
OTHER_SIZE = "the picture has another size than the file says"


class Coco(Reader):
    """One picture is one row, what is marked on it is `objects`; a PATH is JMESPath, in an entry of `images`."""

    type: Literal["coco"] = "coco"
    """Boxes and masks on pictures: COCO and VIA (JSON), YOLO and Pascal VOC (a file a picture)."""
    rows: Literal["image"] = "image"
    """What one row is."""
    categories: tuple[str, ...] | None = None
    """The names of all categories, in the order in which models count them: then `objects.category` is a number that
    `datasets` knows the name of. Without it `objects.category` is the name."""

    accounts: ClassVar[Accounts] = Accounts(
        "pictures of a JSON, files of labels, and annotations of no picture: rows and rejects",
        "the whole file as `orjson` or Python's `json` reads it; files of labels; lines (tests)",
        "a file that breaks off is a reject, since rows would lack boxes; an annotation whose picture is not listed is "
        "a reject each; a box that cannot be right is kept, flagged and counted",
    )
    version: ClassVar[int] = 2
    extensions: ClassVar[tuple[str, ...]] = (".json", ".xml", yolo.LABELS)
    path_language: ClassVar[PathLanguage] = JmesPath()
    default_modality: ClassVar[Modality] = "image"
    record_format: ClassVar[str] = "coco"
    own_facts: ClassVar[tuple[str, ...]] = ("root", "picture")
    blanks: ClassVar[bool] = True
    called: ClassVar[tuple[str, ...]] = (
        "yolo",
        "coco_json",
        "object_detection",
        "boxes",
        "bounding_boxes",
        "darknet",
        "voc",
        "pascal_voc",
        "via",
    )
    notes: ClassVar[tuple[str, str]] = (
        (
            "A row is an entry of `images`; its `id` stands behind the file, since each split counts from 1. "
            "A PATH may lead into `annotations[]` too, and `$root.info` reads what stands around the lists. `$picture` "
            "is the last part of `file_name`: `with: {image: {files: '*.jpg', by: {$picture: $name}}}` gives the row "
            "its picture. Of YOLO a row is a file of labels, joined by `by: {$stem: $stem}`; its shares become pixels "
            "by the size of the picture. Pascal VOC and the VGG Image Annotator are read alike, into the same columns."
        ),
        (
            "`objects` holds a list each: `id` as text, `bbox` as [x, y, width, height] in pixels, `category`, `area`, "
            "`iscrowd`, `segmentation` (polygons), `rle` (masks in run lengths, as pycocotools reads them) and "
            "`flags`, what is wrong with each. Nothing is mended and nothing is left out: a box outside its picture or "
            "without area, and a category that the file does not name, are flagged and counted. A category that "
            "`categories` does not list stops the source. `date_captured` is the day of the digital picture, so it is "
            "no evidence of a year. The licence that an entry of `images` names in `licenses` is heard as the "
            "picture's; where it names none, all that are listed are."
        ),
    )

    @field_validator("categories")
    @classmethod
    def _told_apart(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if names is not None and (not names or len(set(names)) < len(names) or not all(map(str.strip, names))):
            raise ValueError("`categories` names each category once, and none is empty")
        return names

    @model_validator(mode="after")
    def _own_column(self) -> "Coco":
        if OBJECTS in self.map.extra:
            raise Misplaced(
                (("map", "extra", OBJECTS), f"the reader fills `{OBJECTS}` itself; give yours another name")
            )
        return self

    @property
    def extras(self) -> dict[str, pa.DataType]:
        """See Block: and what is marked on the picture."""
        return {OBJECTS: objects_type(classes=self.categories is not None), **super().extras}

    @property
    def classes(self) -> dict[str, tuple[str, ...]]:
        """See Block."""
        return {**({f"{OBJECTS}.category": self.categories} if self.categories else {}), **super().classes}

    def bundles(self, names: Sequence[str]) -> Mapping[str, list[str]]:
        """Each JSON and XML alone, and the labels of a folder with what names their categories."""
        names = sorted({*names})
        chosen = self._chosen(names)
        files = [name for name in chosen if not name.lower().endswith(yolo.LABELS)]
        texts = [name for name in chosen if yolo.is_label(name)]
        labels = texts if self.files is not None else [name for name in yolo.labels_among(names) if name in {*texts}]
        groups = {name: [name] for name in files if not yolo.holds_names(name)}
        return self.with_pictures({**groups, **yolo.by_folder(labels, names)}, names)

    def streams(self, bundle: Bundle) -> Iterator[tuple[Item, Iterable[Found]]]:
        """A JSON, an XML, or labels with the names that their numbers stand for."""
        naming = [item for item in bundle.items if yolo.holds_names(item.name)]
        beside: yolo.Beside | None = None
        for item in bundle.items:
            if item in naming:
                continue
            if not item.name.lower().endswith(yolo.LABELS):
                yield item, self._corners(item) if item.name.lower().endswith(".xml") else self.cut(item)
                continue
            beside = beside or yolo.Beside.of(naming, self.categories or ())
            yield item, self._labels(item, beside)

    def expected(self, bundle: Bundle) -> int | None:
        """A row or a reject of each file of labels and of each XML, and what a JSON has."""
        files = (one for one in bundle.items if not yolo.holds_names(one.name))
        return added(1 if one.name.lower().endswith((yolo.LABELS, ".xml")) else expected_in(one) for one in files)

    # --- COCO and VIA ---

    def cut(self, item: Item) -> Iterator[Found]:
        """Picture by picture. A file that breaks off gives none: its rows would lack what stood behind."""
        text = Text.of(partial(open_plain, item), item.media_type)
        try:
            survey = surveyed(text)
            entries = {} if PICTURES in survey.lists else via.pictures_of(whole(text))
        except (ValueError, RecursionError) as error:
            detail = f"it is no whole JSON object, so that pictures would lack boxes: {error}"
            yield Reject("json_document", detail, item.name, "")
            return
        for number, (key, picture) in enumerate(entries.items(), 1):
            if picture is not None:
                yield self._by_name(item, number, key, picture)
        if PICTURES in survey.lists:
            yield from self._by_id(item, text, survey)
        elif not entries:
            keys = f"it has {listed(survey.keys)}" if survey.keys else "it has no keys"
            detail = f"it is no COCO: it has no list `{PICTURES}`; {keys}; leave it out with `files`"
            yield Reject("coco_missing", detail, item.name, "")
        gone = {f"`{name}` that hold null": count for name, count in survey.gone.items()}
        yield Unmapped(0, gone, 0, (text.found.problem,) if text.found.problem else ())

    def _by_id(self, item: Item, text: Text, survey: Survey) -> Iterator[Found]:
        names, licenses = _names(survey), Licenses(survey.head)
        for one in pictures_in(text, survey):
            if one.trouble or one.image is None:
                yield Reject("coco_image", one.trouble, item.name, f"image {one.number}")
                continue
            image, marked = one.image, marks_of(one.annotations, names)
            more = {name for each in one.annotations for name in each} - _READ_OF_ANNOTATIONS
            yield Cut(
                {**image, ANNOTATIONS: list(one.annotations)},
                f"{item.name}#{one.key}",
                _columns(image, licenses.of(image)),
                place=Place("image", one.number),
                facts=_picture(image.get("file_name")),
                filled=[*_filled(image, _READ), *(f"{ANNOTATIONS}.{name}" for name in sorted(more))],
                root=lambda: survey.head,
                made_late=self._objects(item, marked, (_pixels(image.get("width")), _pixels(image.get("height")))),
            )
        for lost in (*survey.lost, *survey.orphans()):
            yield Reject("coco_annotation", f"{lost.detail}; no row has it", item.name, f"annotation {lost.number}")

    def _by_name(self, item: Item, number: int, key: str, picture: Mapping[str, Any]) -> Cut:
        said = picture.get("file_attributes")
        attributes = {name: value for name, value in said.items() if value} if isinstance(said, dict) else {}
        statements = list(dict.fromkeys(named_rights(attributes)))
        return Cut(
            {**picture, ANNOTATIONS: via.regions_of(picture)},
            f"{item.name}#{key}",
            {OF_OBJECT: statements} if statements else {},
            place=Place("image", number),
            facts=_picture(picture["filename"]),
            filled=[f"file_attributes.{name}" for name in attributes],
            made_late=self._objects(item, [*via.marked_on(picture)], (None, None)),
        )

    # --- a file a picture ---

    def _labels(self, item: Item, beside: yolo.Beside) -> Iterator[Found]:
        """Of YOLO."""
        try:
            marked = [*yolo.marked_in(item, beside.names, beside.points)]
        except Unreadable as trouble:
            yield Reject(trouble.reason, trouble.detail, item.name, trouble.position)
            return
        yield Cut(
            {},
            item.name,
            {OF_OBJECT: beside.statements} if beside.statements else {},
            filled=["keypoints"] if beside.points and marked else [],
            made_late=self._objects(item, marked, None),
        )

    def _corners(self, item: Item) -> Iterator[Found]:
        """Of Pascal VOC."""
        document = read_xml(read_whole(item), item.media_type)
        root = document.root
        if not voc.is_voc(root):
            detail = f"it is no Pascal VOC: its root is <{local(root)}>; leave it out with `files`"
            yield Reject("voc_missing", detail, item.name, "")
            return
        width, height = (_pixels(voc.said_of(root, "size", name)) for name in ("width", "height"))
        name, statements = voc.said_of(root, "filename"), voc.statements_in(root)
        image = {"file_name": name, "width": width, "height": height}
        yield Cut(
            image,
            item.name,
            _columns(image, statements),
            facts=_picture(name),
            filled=voc.unread(root),
            problems=tuple(f"xml: {repair}" for repair in document.repairs),
            made_late=self._objects(item, [*voc.marked_on(root)], (width, height)),
        )

    # --- takedown ---

    def blank(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> Mapping[str, Iterable[bytes] | None]:
        """In the place of each picture of a JSON, and of each of its annotations, stands null; else its file goes."""
        left: dict[str, Iterable[bytes] | None] = {}
        for item in bundle.items:
            places = {record.place.number for record, _ in records if record.item == item.name}
            if places:
                alone = item.name.lower().endswith((yolo.LABELS, ".xml"))
                left[item.name] = None if alone else _without(item, places)
        return left

    # --- all ---

    def _objects(
        self, item: Item, found: list[Marked], said: tuple[int | None, int | None] | None
    ) -> Callable[[Mapping[str, Any], list[str]], dict[str, Any]]:
        """said: width and height as the file says them; None where boxes are in shares of the picture."""

        def fill(row: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
            marked = [replace(one, flags=[*one.flags]) for one in found]
            measured = (row.get("width"), row.get("height"))
            if said is not None and None not in (*said, *measured) and said != measured:
                problems.append(f"{OBJECTS}: {OTHER_SIZE}")
            for one in marked:
                if said is None:
                    one.in_pixels(*measured)
                one.judge(*(measured if said is None or None in said else said))
                problems.extend(f"{OBJECTS}: {flag}" for flag in one.flags)
            return {OBJECTS: column_of(marked, self._places(item, marked))}

        return fill

    def _places(self, item: Item, marked: Iterable[Marked]) -> dict[str, int] | None:
        """SourceChanged where something is marked as what `categories` does not list."""
        if self.categories is None:
            return None
        places = {name: place for place, name in enumerate(self.categories)}
        if unknown := sorted({one.category for one in marked if one.category} - places.keys()):
            said = f"{item.name} marks {', '.join(map(repr, unknown))}, which `categories` does not list"
            raise SourceChanged(f"{said}. Add it there, or leave the file out with `files`.")
        return places


def _without(item: Item, places: Collection[int]) -> Iterable[bytes] | None:
    """The file without these pictures; None where it holds no other."""
    text = Text.of(partial(open_plain, item), item.media_type)
    survey = surveyed(text)
    if PICTURES in survey.lists:
        spans = spans_of(text, survey, places)
    else:
        left = enumerate(via.pictures_of(whole(text)).values(), 1)
        if not any(picture and at not in places for at, picture in left):
            return None
        spans = [one for at, one in enumerate(spans_under(text, via.PROJECT), 1) if at in places]
    return packed_as(item, without(text.blocks(), spans))


def _picture(name: Any) -> dict[str, str]:
    """`$picture`; a tool on Windows writes its own separators."""
    return {"picture": posixpath.basename(str(name or "").replace("\\", "/"))}


def _filled(said: Mapping[str, Any], read: Collection[str]) -> list[str]:
    return [name for name, value in said.items() if name not in read and value not in (None, "", [], {})]


def _columns(image: Mapping[str, Any], statements: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"width": _pixels(image.get("width")), "height": _pixels(image.get("height"))}
    urls = [image.get(name) for name in ("coco_url", "flickr_url", "url")]
    found["image_url"] = next(
        (one for one in urls if isinstance(one, str) and one.startswith(("http://", "https://"))), None
    )
    captured = image.get("date_captured")
    if isinstance(captured, str | int) and not isinstance(captured, bool) and str(captured).strip() not in ("", "0"):
        found |= {"date_raw": [str(captured)], "date_type": "captured", "year_evidence": "none"}
    if statements:
        found[OF_OBJECT] = statements
    return {name: value for name, value in found.items() if value is not None}


def _pixels(value: Any) -> int | None:
    """A side of a picture. Tools write 757, 757.0 and "757"."""
    written = key_of(value)
    return int(written) if written.isascii() and written.isdigit() and 0 < len(written) < 10 and int(written) else None


def _names(survey: Survey) -> dict[str, str]:
    """Id of a category -> its name; one that two categories share names neither."""
    entries = by_id(survey.head.get("categories"))
    found = {key: one.get("name") for key, one in entries.items() if one is not None}
    return {key: name.strip() for key, name in found.items() if isinstance(name, str) and name.strip()}
