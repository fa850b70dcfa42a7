"""At which line of its sources file a key of an entry stands, for messages about it long after it was read."""

from pathlib import Path

from biglam_pipeline.source.cutting import cut
from biglam_pipeline.source.entry import Source
from biglam_pipeline.source.yaml_text import parse
from biglam_pipeline.store import disk


def line_of(source: Source, key: tuple[str, ...]) -> int:
    """Of `key`, of the block in which it would stand, or of the entry where the file has neither."""
    path = Path(source.file)
    if not key or not path.is_file():
        return source.line
    chunks, _ = cut(disk.read_file(path).decode("utf-8-sig", "replace"))
    for chunk in chunks:
        if chunk.name == source.name:
            lines = parse(chunk).lines
            places = [key[:length] for length in range(len(key), 0, -1)]
            return next((lines[place] for place in places if place in lines), source.line)
    return source.line
