"""Reads newspapers as the KB, the national library of the Netherlands, delivers Delpher: MPEG-21 DIDL and ALTO.

DIDL: ISO/IEC 21000-2; Delpher: https://www.kb.nl/en/research-find/datasets/delpher-newspapers
"""

from typing import ClassVar, Literal

from biglam_pipeline.normalize.deliveries.answers import FACTS
from biglam_pipeline.normalize.deliveries.delivered import Delivered
from biglam_pipeline.settings import Accounts


class Didl(Delivered):
    """An article, a page or an issue is a row; a PATH is XPath 1.0 from its Item in DIDL, or from the page."""

    type: Literal["didl"] = "didl"
    """Newspapers of Delpher: MPEG-21 DIDL, and ALTO beside it."""

    accounts: ClassVar[Accounts] = Accounts(
        "pages that became rows, rejects, or are counted with their words (articles)",
        "every ALTO file that DIDL lists, and its articles, counted by expat; blocks and lines as of METS. Words of "
        "all `String` elements, and of the text that the KB writes for each article (tests)",
        "a page that no row used is a reject, a page that is named and not there makes its article a reject",
    )
    version: ClassVar[int] = 4
    container: ClassVar[str] = "didl"
    metadata_prefixes: ClassVar[tuple[str, ...]] = ("didl", "oai_didl")
    own_facts: ClassVar[tuple[str, ...]] = (*Delivered.own_facts, *FACTS)
    called: ClassVar[tuple[str, ...]] = ("mpeg21", "delpher", "didl_xml", "mpeg21_didl")
    notes: ClassVar[tuple[str, str]] = (
        (
            "A row of an article says in `genres` what DIDL calls it: `artikel`, `advertentie`, `familiebericht`, "
            "`illustratie met onderschrift`. Its text is that of its ALTO blocks, which the DIDL names, so that it has "
            "a confidence and broken words are whole; the KB's own text of it (`articletext`) is another form of the "
            "same, and counted. `rows`, `layout` and the facts of blocks and lines are those of `mets_alto`."
        ),
        (
            "A DIDL that was cut out of an answer of OAI-PMH lacks the prefix `xsi`; that is mended, and counted. Of "
            "the answers themselves (`metadataPrefix=didl`) `rows: issue` reads each record: what is said of the issue "
            "and, as facts, the addresses of its texts (`$alto` of pages, `$article_texts`, `$pdf`). `with: {url: ..}` "
            "follows one of them: the text of an issue of several pages, and rows of less than an issue, are of files."
        ),
    )
