"""Reads digitised print: articles, pages or issues out of METS and ALTO, and the blocks and lines of pages.

METS: https://www.loc.gov/standards/mets/ ; ALTO: https://www.loc.gov/standards/alto/
"""

from typing import ClassVar, Literal

from biglam_pipeline.normalize.deliveries.delivered import Delivered
from biglam_pipeline.settings import Accounts


class MetsAlto(Delivered):
    """An article, a page or an issue is a row; a PATH is XPath 1.0 from its division in METS, or from the page."""

    type: Literal["mets_alto"] = "mets_alto"
    """Digitised print: METS and ALTO."""

    accounts: ClassVar[Accounts] = Accounts(
        "pages that became rows, rejects, or are counted with their words (articles, further groups of the same pages)",
        "files whose first element is ALTO and that a physical division points to, by expat, of one issue in ten, and "
        "of every page without METS; blocks and lines with a word, of one in ten; articles and issues of a METS, of "
        "which there is one. `String` elements and their words (tests)",
        "a page that no row used is a reject, a page that is named and not there makes its article a reject",
    )
    version: ClassVar[int] = 9
    container: ClassVar[str] = "mets"
    notes: ClassVar[tuple[str, str]] = (
        (
            "A row of a block or a line is called after its page and its ID, and says in `block_type` what the block "
            "is: text, illustration, advertisement or table, as METS or ALTO says it; blocks and lines without a text "
            "are counted by kind. `$block_type`, `$block` and `$line` (IDs) and `$page` are facts of these rows; "
            "so are `$box` and `$box_share`, where it stands on the page: x,y,w,h in pixels of the scan, where they "
            "are known, and in per cent, for links to the region. A file that holds several `Page` gives the rows of "
            "each: `file#ID`, with `seq` counted on."
        ),
        (
            "`layout` holds `unit`, `width` and `height` of the page, and a list each: `id`, `category` (`text`, "
            "`illustration`, `advertisement`, `table`, `separator`, `line`), `bbox` as [x, y, width, height], and "
            "`block`, the place in these lists of the block that a line stands in. Boxes are in pixels of the row's "
            "picture where `with: image` brings it, else in pixels of the scan where ALTO measures in them, or METS "
            "says how large the scan is; else in the file's own unit (`mm10`, `inch1200`), which `unit` says."
        ),
    )
    called: ClassVar[tuple[str, ...]] = ("alto", "mets/alto", "metsalto", "alto_xml")
