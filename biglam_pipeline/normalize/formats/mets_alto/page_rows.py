"""The page of an ALTO file into a row."""

from typing import Any

from biglam_pipeline.normalize.cut import Cut
from biglam_pipeline.normalize.formats.mets_alto.page_file import PageFile
from biglam_pipeline.normalize.printed.rows import Printed, cut_words

READ = "alto-text/2"


def cut_page(file: PageFile, identifier: str, own: dict[str, Any], *, dehyphenate: bool) -> Cut:
    """A page. It is read without a tree, which is made where a path is read of it."""
    assert file.page is not None
    words = file.page.in_reading_order()
    printed = Printed(file.item, file.tree, words, file.page.engine, "page", identifier, READ, problems=file.problems)
    return cut_words(printed, own, {}, dehyphenate=dehyphenate)
