"""Reads Pascal VOC: an XML file a picture, a box by its corners.

http://host.robots.ox.ac.uk/pascal/VOC/voc2012/devkit_doc.pdf (4.1); written by LabelImg, CVAT, Roboflow and others.
"""

from collections.abc import Iterator

from biglam_pipeline.normalize.formats.coco.objects import UNKNOWN, Marked, number_of
from biglam_pipeline.normalize.rows.rights_of import statements_of
from biglam_pipeline.parsing.xml.reading import Element, local, text_of

_CORNERS = ("xmin", "ymin", "xmax", "ymax")


def is_voc(root: Element) -> bool:
    """Whether it says of one picture what is on it."""
    return local(root) == "annotation" and (root.find("{*}size") is not None or root.find("{*}object") is not None)


def said_of(root: Element, *path: str) -> str:
    """The text of the element that the path leads to; empty where there is none."""
    found = root.find("/".join(f"{{*}}{name}" for name in path))
    return text_of(found) if found is not None else ""


def marked_on(root: Element) -> Iterator[Marked]:
    """In their order. A corner is where the file says: some tools count pixels from 1, and which did is not said."""
    for one in root.iterchildren("{*}object"):
        corners = [_number(said_of(one, "bndbox", name)) for name in _CORNERS]
        found = Marked(category=said_of(one, "name") or None)
        known = [corner for corner in corners if corner is not None]
        if len(known) == len(corners):
            left, upper, right, lower = known
            found.box = [left, upper, right - left, lower - upper]
        if found.category is None:
            found.flags.append(UNKNOWN)
        yield found


def _number(text: str) -> float | None:
    try:
        return number_of(float(text))
    except ValueError:
        return None


def statements_in(root: Element) -> list[str]:
    """What elements outside of the objects say of rights, by their names."""
    found: list[str] = []
    for one in (root, *root.iterchildren("{*}source", "{*}owner")):
        for leaf in one.iterchildren("{*}*"):
            if not len(leaf):
                _, said, beside = statements_of(leaf, local(leaf), text_of(leaf))
                found += [*said, *beside]
    return list(dict.fromkeys(found))
