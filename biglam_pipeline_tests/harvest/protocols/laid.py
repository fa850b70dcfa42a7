"""What another source has laid, as small as it can be: parts of a few rows, their manifest, and a gate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.visit import Origin
from biglam_pipeline.records import Tally
from biglam_pipeline.store import disk
from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline.store.parts import Manifest, ShardsShelf
from biglam_pipeline.store.places import packed_places


@dataclass
class OtherShelf:
    """One source's shards, in a folder."""

    folder: Path
    name: str
    refused: str = ""
    """Why its gate lets nothing through."""
    asked: int = 0
    """How often its gate was."""
    shards: ShardsShelf = field(init=False)

    def __post_init__(self) -> None:
        self.shards = ShardsShelf(
            open_shelf(str(self.folder / "home"), self.folder / "state").at(f"{self.name}/shards")
        )

    def lay(self, parts: Mapping[str, list[str]], number: int = 1) -> Manifest:
        """Parts of these ids, by their path in the repository."""
        found = []
        for path, ids in parts.items():
            written, places = self.folder / "written", self.folder / "places"
            table = pa.table({"id": ids, "first_seen": pa.array([number] * len(ids), pa.int32())})
            pq.write_table(table, written)
            disk.put_whole(places, packed_places(table.append_column("row_key", pa.nulls(len(ids), pa.binary(16)))))
            content = disk.digest_file(written)[0]
            found.append(self.shards.keep_part(path.split("/")[1], path, written, places, len(ids), content))
        removed, rows = self.shards.keep_removed([])
        said = (self.name, number, "", True, "", "", "", 4, Tally(), {}, {}, {})
        manifest = Manifest(*said, tuple(found), removed, rows, " ".join(one.sha256 for one in found))
        self.shards.point(manifest)
        return manifest

    def clear(self, manifest: Manifest) -> None:
        """The gate."""
        self.asked += 1
        if self.refused:
            raise ObjectFailed("restricted", self.refused)

    @property
    def origin(self) -> Origin:
        """As a visit is handed it."""
        return Origin(self.shards, self.clear)
