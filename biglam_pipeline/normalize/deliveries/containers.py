"""Which file says what an issue is made of, and how is it read? METS, or DIDL."""

from collections.abc import Callable, Mapping, Sequence

from lxml import etree

from biglam_pipeline.normalize.deliveries.didl import didl_files, read_didl
from biglam_pipeline.normalize.deliveries.files import File, files_of
from biglam_pipeline.normalize.deliveries.mets import Mets, read_mets

Element = etree._Element

FILES_OF: Mapping[str, Callable[[Element], Sequence[File]]] = {"mets": files_of, "didl": didl_files}
"""The local name of a container's root, in small letters -> what reads the files that it names."""
READ: Mapping[str, Callable[[Element], Mets]] = {"mets": read_mets, "didl": read_didl}
"""The same -> what reads all of it."""
