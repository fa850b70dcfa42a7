"""Reads Pascal VOC: an XML file a picture, a box by its corners.

http://host.robots.ox.ac.uk/pascal/VOC/voc2012/devkit_doc.pdf (4.1); written by LabelImg, CVAT, Roboflow and others.
"""

from collections.abc import Iterator

from biglam_pipeline.normalize.formats.coco.objects import UNKNOWN, Marked, number_of
from biglam_pipeline.normalize.rows.rights_of import column_of_term, statements_of
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
    """What elements outside of the objects say of rights, by their names; of one that holds others each of these."""
    found: list[str] = []
    for name, one in _around(root, ""):
        _, said, beside = statements_of(one, name, text_of(one))
        found += [*said, *beside]
    return list(dict.fromkeys(found))


def _around(parent: Element, of_rights: str) -> Iterator[tuple[str, Element]]:
    """What stands outside of the objects and holds no element, by its name or that of what speaks of rights above."""
    for one in parent.iterchildren("{*}*"):
        name = of_rights or local(one)
        if not len(one):
            yield name, one
        elif local(one) != "object":
            yield from _around(one, name if column_of_term(name) else "")


_READ = frozenset(
    {"filename", "size.width", "size.height", "object.name", *(f"object.bndbox.{one}" for one in _CORNERS)}
)


def unread(root: Element) -> list[str]:
    """Paths of what is filled and makes no column: parts of objects, which have boxes of their own, poses, and more."""
    return [path for path in dict.fromkeys(_filled(root, "")) if path not in _READ]


def _filled(parent: Element, above: str) -> Iterator[str]:
    for one in parent.iterchildren("{*}*"):
        path = f"{above}{local(one)}"
        if path == "object.part":
            yield path
        elif column_of_term(local(one)) and not above.startswith("object."):
            continue  # heard
        elif len(one):
            yield from _filled(one, f"{path}.")
        elif text_of(one):
            yield path
