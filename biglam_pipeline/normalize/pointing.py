"""What do the rows of a harvest point to? Read of raw objects by the very entry that makes rows of them later."""

from collections.abc import Callable, Generator, Sequence

from biglam_pipeline.links import Link
from biglam_pipeline.normalize.claims import bundles_for
from biglam_pipeline.normalize.files import files_of
from biglam_pipeline.normalize.mapping.lookups import joining
from biglam_pipeline.normalize.opening import open_slice
from biglam_pipeline.normalize.rows.measuring import Reading
from biglam_pipeline.normalize.slicing import slices_of
from biglam_pipeline.records import Record
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.raw_listing import Listing


def links_of(
    readings: Sequence[Reading], raw: RawShelf, objects: Listing, keeps_out: Callable[[str], bool]
) -> Generator[tuple[str, Link]]:
    """The links of all rows, each with the id of its row; one that many rows have comes many times.

    What came from links already is among the objects, and may hold the next: a list names an object, that its picture.
    keeps_out: of an id, whether its row was taken down, so that nobody follows where it points. SourceChanged where the
    files are not what the entry says.
    """
    files = files_of(raw, objects)
    for reading in readings:
        if not reading.reader.is_linked:
            continue
        met: dict[str, Link] = {}
        with joining(reading, raw, files, met) as (joined, lookups):
            if lookups is not None:
                lookups.prepared()
            of_tables = list(met.values())
            met.clear()
            yield from (("", link) for link in of_tables)
            for chunk in slices_of(bundles_for(reading, raw, files), "replace"):
                for bundle in open_slice(raw, chunk):
                    for found in joined.read(bundle) if bundle.items else ():
                        if isinstance(found, Record):
                            name = reading.rows.id_of(found.source_record_id)
                            yield from ((name, link) for link in met.values() if not keeps_out(name))
                            met.clear()
                    yield from (("", link) for link in met.values())  # of records that `where` may choose once it came
                    met.clear()
