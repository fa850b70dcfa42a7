"""Stage 2: what was harvested is read into records, and records become rows of the canonical columns."""

from typing import Annotated

from pydantic import Field

from biglam_pipeline.normalize.formats.abbyy import Abbyy
from biglam_pipeline.normalize.formats.annotations import Annotations
from biglam_pipeline.normalize.formats.coco import Coco
from biglam_pipeline.normalize.formats.didl import Didl
from biglam_pipeline.normalize.formats.ead import Ead
from biglam_pipeline.normalize.formats.edm import Edm
from biglam_pipeline.normalize.formats.hocr import Hocr
from biglam_pipeline.normalize.formats.iiif import Iiif
from biglam_pipeline.normalize.formats.images import Images
from biglam_pipeline.normalize.formats.json import Json
from biglam_pipeline.normalize.formats.lido import Lido
from biglam_pipeline.normalize.formats.marc import Marc
from biglam_pipeline.normalize.formats.mets import Mets
from biglam_pipeline.normalize.formats.mets_alto import MetsAlto
from biglam_pipeline.normalize.formats.mods import Mods
from biglam_pipeline.normalize.formats.oai_dc import OaiDc
from biglam_pipeline.normalize.formats.page_xml import PageXml
from biglam_pipeline.normalize.formats.parquet import Parquet
from biglam_pipeline.normalize.formats.pdf import Pdf
from biglam_pipeline.normalize.formats.pica import Pica
from biglam_pipeline.normalize.formats.table import Table
from biglam_pipeline.normalize.formats.tei import Tei
from biglam_pipeline.normalize.formats.text import Text
from biglam_pipeline.normalize.formats.warc import Warc
from biglam_pipeline.normalize.formats.xml import Xml

AnyReader = Annotated[
    Table
    | OaiDc
    | MetsAlto
    | Didl
    | Images
    | Json
    | Text
    | Xml
    | PageXml
    | Hocr
    | Abbyy
    | Tei
    | Mods
    | Mets
    | Marc
    | Edm
    | Lido
    | Ead
    | Iiif
    | Parquet
    | Coco
    | Annotations
    | Warc
    | Pdf
    | Pica,
    Field(discriminator="type"),
]
