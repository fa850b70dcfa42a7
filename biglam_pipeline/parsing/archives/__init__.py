"""Members of ZIP, TAR and compressed files, seen as a folder: streamed, proved whole, never unpacked to disk."""

from biglam_pipeline.parsing.archives.kinds import HEAD_BYTES, is_archive
from biglam_pipeline.parsing.archives.opening import is_zip
from biglam_pipeline.parsing.archives.reading import ZipMembers, inside_of, open_member, read_members
from biglam_pipeline.parsing.archives.surveying import VERSION, survey

__all__ = [
    "HEAD_BYTES",
    "VERSION",
    "ZipMembers",
    "inside_of",
    "is_archive",
    "is_zip",
    "open_member",
    "read_members",
    "survey",
]
