"""Goes over the tags of a document by expat, which shares nothing with the trees and cuts that readers make."""

from collections.abc import Callable
from xml.parsers import expat

from biglam_pipeline.parsing.inflate import Unreadable, open_plain
from biglam_pipeline.records import Item

_BLOCK = 1 << 20


def pass_tags(item: Item, begins: Callable[[str, dict[str, str]], None], ends: Callable[[str], None]) -> bool:
    """Each element by its local name, with its attributes (namespace, blank and name); False where the file is not
    well-formed as it is, or its DTD declares entities, which expat resolves and `reading` refuses.
    """
    parser, declared = expat.ParserCreate(namespace_separator=" "), list[str]()
    parser.EntityDeclHandler = lambda name, *_: declared.append(name)

    def start(tag: str, attributes: dict[str, str]) -> None:
        begins(tag[tag.rfind(" ") + 1 :], attributes)

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: ends(tag[tag.rfind(" ") + 1 :])
    try:
        with open_plain(item) as stream:
            while block := stream.read(_BLOCK):
                parser.Parse(block, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, Unreadable):
        return False
    return not declared
