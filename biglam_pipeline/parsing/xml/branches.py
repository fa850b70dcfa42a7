"""Goes through one document branch by branch: of a tree, or of a stream that is never whole in memory."""

from collections.abc import Callable, Iterator
from typing import BinaryIO, Literal, NamedTuple

from lxml import etree

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.encoding import HEAD_BYTES, find_encoding
from biglam_pipeline.parsing.xml.reading import uses_entities

Element = etree._Element
Opens = Callable[[Element], bool]
"""Whether the children of an element are steps by themselves: asked when it begins, and of a leaf when it ends."""
_BLOCK = 1 << 20


class Branch(NamedTuple):
    """One step of the way."""

    step: Literal["open", "leaf", "close"]
    """open and close: of an element whose children are steps by themselves; leaf: an element with all that is in it."""
    element: Element
    """What is opened in a stream has its attributes, and nothing in it yet. A leaf may be taken away."""


def branches(root: Element, opens: Opens) -> Iterator[Branch]:
    """The steps of a tree, the root's first."""
    yield Branch("open", root)
    waiting = [(root, iter([*root.iterchildren(etree.Element)]))]
    while waiting:
        element, children = waiting[-1]
        child = next(children, None)
        if child is None:
            waiting.pop()
            yield Branch("close", element)
        elif opens(child):
            yield Branch("open", child)
            waiting.append((child, iter([*child.iterchildren(etree.Element)])))
        else:
            yield Branch("leaf", child)


class NotStreamed(Exception):
    """The document needs a repair, or what it says is not certain before it is: it is read as a whole."""


def check_stream(stream: BinaryIO, media_type: str) -> None:
    """NotStreamed where bytes or entities have to be seen to by `reading`. Takes one pass over the bytes.

    A parser that loads no DTD drops an entity from an attribute in silence; what looks like one in a comment costs
    nothing but the stream.
    """
    block, before = stream.read(HEAD_BYTES), b""
    try:
        encoding = find_encoding(block, media_type)
    except Unreadable as trouble:
        raise NotStreamed(trouble.detail) from trouble
    if encoding.wide or encoding.repairs or encoding.declared not in ("", "utf-8"):
        raise NotStreamed("it is not UTF-8")
    while block:
        seen = before + block
        if b"<!ENTITY" in seen or uses_entities(seen):
            raise NotStreamed("it uses entities")
        before, block = seen[-80:], stream.read(_BLOCK)


def streamed_branches(stream: BinaryIO, opens: Opens) -> Iterator[Branch]:
    """The steps of a document as it is read; what was passed is let go. NotStreamed where it is not well-formed."""
    parser = etree.iterparse(
        stream,
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )
    inside, ended = 0, None
    try:
        for event, element in parser:
            if ended is not None:  # only now the text behind it is read, and it may be taken away
                yield from _let_go(ended, opens)
                ended = None
            if event == "start":
                if inside or not (element.getparent() is None or opens(element)):
                    inside += 1
                else:
                    yield Branch("open", element)
            elif not inside:
                ended = Branch("close", element)
            else:
                inside -= 1
                ended = None if inside else Branch("leaf", element)
        if ended is not None:
            yield ended
    except etree.XMLSyntaxError as error:
        raise NotStreamed(str(error)) from error
    if len(parser.error_log.filter_from_errors()):
        raise NotStreamed(str(parser.error_log.filter_from_errors()))


def _let_go(branch: Branch, opens: Opens) -> Iterator[Branch]:
    """A leaf is out of its tree before somebody may put it into another."""
    element = branch.element
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
    if branch.step == "leaf" and opens(element):
        yield from branches(element, opens)
    else:
        yield branch
