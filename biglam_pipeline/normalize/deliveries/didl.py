"""What is an issue made of? Reads an MPEG-21 DIDL as the KB writes it for Delpher: its pages, its articles, its terms.

An issue is an `Item` with a metadata component. In it stand an Item for each page, with the ALTO as a component, and
one for each article, called so by the role in its Descriptor, whose zoning names the blocks of the pages. An article is
named again in its pages (`ddd:article_id`), without blocks, and may say there who may see it. DIDL: ISO/IEC 21000-2.
"""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from biglam_pipeline.normalize.deliveries.files import File
from biglam_pipeline.normalize.deliveries.mets import Area, Article, Mets
from biglam_pipeline.normalize.rows.rights_of import KEPT, OF_OBJECT, OF_RECORD, is_statement
from biglam_pipeline.normalize.vocabularies.mets import attribute
from biglam_pipeline.normalize.vocabularies.terms import columns_of
from biglam_pipeline.parsing.xml.reading import local, text_of
from biglam_pipeline.rights.shut import reads_shut

Element = etree._Element

ARTICLE_TEXT = "ocr"
"""The role of the text that the KB writes for an article."""


def didl_files(root: Element) -> list[File]:
    """The files that its components name: by address, and by the name that they have in a delivery."""
    found: dict[str, File] = {}
    roles: dict[str, int] = {}
    for component in root.iter("{*}Component"):
        role = role_of(component).partition("/")[0]
        for resource in component.iterchildren("{*}Resource"):
            hrefs = tuple(filter(None, (attribute(resource, "filename"), attribute(resource, "ref"))))
            name = attribute(component, "identifier") or f"component {len(found) + 1}"
            if not hrefs or name in found:
                continue
            media, group = resource.get("mimeType") or "", roles.setdefault(role, len(roles))
            found[name] = File(name, hrefs, media, role.casefold(), group, "", "")
    return [*found.values()]


def read_didl(root: Element) -> Mets:
    """The structure in this document, as a METS has it."""
    files = {one.id: one for one in didl_files(root)}
    issue = next(root.iter("{*}Item"), None)
    found = Mets(root, "didl", files)
    if issue is None:
        return found
    name = attribute(issue, "identifier")
    found.columns = _columns(issue)
    for item in issue.iter("{*}Item"):
        if item is not issue and role_of(item).split(" ")[0].lower() == "article":
            found.articles.append(_article(item, name, files))
    found.parts = [*_parts(issue, found.articles, files)]
    return found


def _parts(issue: Element, articles: list[Article], files: dict[str, File]) -> Iterator[Article]:
    """What other Items say of rights: a page, and an article where a page names it."""
    places = {attribute(one.element, "identifier"): one.areas for one in articles}
    own = {issue, *(one.element for one in articles)}
    for item in issue.iter("{*}Item"):
        said = {name: value for name, value in _columns(item).items() if name in KEPT} if item not in own else {}
        if said:
            inside = (attribute(one, "identifier") for one in item.iterdescendants("{*}Component"))
            whole = tuple(Area(name, "", "") for name in inside if name in files)
            yield Article("", "", "", item, places.get(attribute(item, "article_id"), whole), said)


def role_of(element: Element) -> str:
    """What an Item or a Component is, as its Descriptor says."""
    for statement in element.iterfind("{*}Descriptor/{*}Statement"):
        if attribute(statement, "type") == "role":
            return text_of(statement)
    return ""


def _article(item: Element, issue: str, files: dict[str, File]) -> Article:
    identifier = attribute(item, "identifier")
    columns = _columns(item)
    titles = columns.pop("title", [""])
    return Article(
        id=identifier.removeprefix(f"{issue}:"),
        type="; ".join(columns.pop("subjects", [])),
        label=titles[0],
        element=item,
        areas=tuple(dict.fromkeys(_areas(item, files))),
        columns=columns,
    )


def _areas(item: Element, files: dict[str, File]) -> Iterator[Area]:
    """The blocks of its parts, in their order; a part that names none stands somewhere on its page."""
    by_name = {href: one.id for one in files.values() for href in one.hrefs}
    parts = [*item.iterfind("{*}Component/{*}Resource/{*}zoning/{*}article-part")]
    if all((one.get("order") or "").isdecimal() for one in parts):
        parts.sort(key=lambda one: int(one.get("order") or 0))
    for part in parts:
        blocks = [one for one in part.iterfind("{*}blocks/*") if one.get("ID")]
        page = f"{part.get('pageid') or ''}:alto"
        for block in blocks:
            alto = block.getparent()
            assert alto is not None
            name = alto.get("alto") or ""
            yield Area(by_name.get(name) or (page if page in files else name), block.get("ID") or "", "")
        if not blocks:
            yield Area(page, "", "", coordinates=True)


def _columns(item: Element) -> dict[str, list[str]]:
    """What its own metadata component says.

    Of the KB's terms (dcx) some mean less than in Dublin Core: `issued` are the years of the newspaper, not the day of
    the issue, `spatial` is how far it was spread, unless it says `creation`; recordRights names who holds those of the
    record, and a name alone says nothing.
    """
    component = next((one for one in item.iterchildren("{*}Component") if role_of(one) == "metadata"), None)
    terms = next(component.iterfind("{*}Resource/*"), None) if component is not None else None
    if terms is None:
        return {}
    found: dict[str, Any] = columns_of(terms, "")[0]
    own = [*terms.iterchildren(etree.Element)]
    records = [text_of(one) for one in own if local(one) == "recordRights"]
    dates = [text for one in own if local(one) == "date" and (text := text_of(one))]
    places = [text_of(one) for one in own if local(one) == "spatial" and attribute(one, "type").endswith("creation")]
    columns = {name: value for name, value in found.items() if name not in ("type", "genres", "spatial", "collection")}
    columns |= {"date_raw": dates} if dates else {}
    columns |= {"publication_place": places} if places else {}
    columns[OF_OBJECT] = [one for one in found.get(OF_OBJECT, []) if one not in records]
    columns[OF_RECORD] = [one for one in records if reads_shut(one) or is_statement(one)]
    return {name: value if isinstance(value, list) else [value] for name, value in columns.items() if value}


def hide_article(root: Element, article: Article) -> None:
    """Takes its title out of its own Item, and out of those that name it in its pages."""
    identifier = attribute(article.element, "identifier")
    for item in root.iter("{*}Item"):
        if item is article.element or (identifier and attribute(item, "article_id") == identifier):
            hide_metadata(item)


def hide_metadata(item: Element) -> None:
    """Takes out what an Item's own metadata say."""
    for component in item.iterchildren("{*}Component"):
        if role_of(component) == "metadata":
            for one in component.iterfind("{*}Resource/*/*"):
                if local(one) in ("title", "alternative", "description", "creator", "abstract"):
                    one.text = None


def own_text_of(article: Article) -> Iterator[str]:
    """FILEID of the KB's own text of an article."""
    for component in article.element.iterchildren("{*}Component"):
        if role_of(component) == ARTICLE_TEXT:
            yield attribute(component, "identifier")
