"""Stage 1: brings what a source offers to the raw shelf, unaltered; one file an access protocol."""

from typing import Annotated

from pydantic import Field

from biglam_pipeline.harvest.protocols.doi import Doi
from biglam_pipeline.harvest.protocols.files import Files
from biglam_pipeline.harvest.protocols.folder import Folder
from biglam_pipeline.harvest.protocols.git import Git
from biglam_pipeline.harvest.protocols.hub import Hub
from biglam_pipeline.harvest.protocols.iiif import Iiif
from biglam_pipeline.harvest.protocols.internet_archive import InternetArchive
from biglam_pipeline.harvest.protocols.json_api import JsonApi
from biglam_pipeline.harvest.protocols.oai_pmh import OaiPmh
from biglam_pipeline.harvest.protocols.object_store import ObjectStore
from biglam_pipeline.harvest.protocols.other_source import OtherSource
from biglam_pipeline.harvest.protocols.wikimedia import Wikimedia

AnyHarvester = Annotated[
    Folder
    | Files
    | OaiPmh
    | Doi
    | InternetArchive
    | Git
    | Hub
    | JsonApi
    | Iiif
    | ObjectStore
    | Wikimedia
    | OtherSource,
    Field(discriminator="type"),
]
