"""Three ways to lay the same rows into files, each published in a process of its own, as every night is one.

`sticky` is the package's own: the four stages of `pipeline`, from the folder to the Hub. The two others take the very
rows that it published, lay them as is usual elsewhere, write them with the same Parquet writer and send them through
the same `Hub.commit`.
"""

import hashlib
import json
import resource
import sys
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from biglam_pipeline.checks import CHECKS
from biglam_pipeline.clearance import Clearance, Finding
from biglam_pipeline.publish.draft import Draft, LocalFile
from biglam_pipeline.publish.hub import Hub
from biglam_pipeline.store.disk import digest_file
from biglam_pipeline.store.part_writer import write_part
from biglam_pipeline.store.parts import PartSize

SOURCE = "collection"
SOURCES_YAML = """sources:
  collection:
    title: A made-up collection of texts
    custodian: Benchmark Library
    harvest: file:records#*.jsonl
    normalize:
      modality: text
      map:
        id: id
        text: text
        text_origin: {const: ocr}
        title: title
        date: date
        creators: creator
        publisher: publisher
        languages: language
        genres: genre
        extra: [shelfmark]
    rights: {license: CC0-1.0, evidence: https://library.example/rights, checked: 2026-01-02, quote: CC0 1.0 Universal}
"""
CARD = b"---\nlicense: cc0-1.0\nconfigs:\n- config_name: default\n  data_files: data/default/*.parquet\n---\n# Texts\n"


@dataclass(frozen=True, slots=True)
class Night:
    """What one publication is reported."""

    layout: str
    number: int
    base: str
    """Folder of the sources file, and of everything that is written."""
    endpoint: str
    part_bytes: int
    step_rows: int
    parts: tuple[str, ...] = ()
    """Of the two others: the parts that sticky just published."""
    files: int = 0
    """Of the two others: into how many files."""


@dataclass(frozen=True, slots=True)
class Published:
    """What stands in the repository afterwards."""

    files: dict[str, list[int | str]]
    """Path of each data file in the repository -> size and sha256."""
    size: int
    """Bytes of all data files."""
    rows: int
    parts: tuple[str, ...] = ()
    """Paths of the files on this machine."""
    arrow_bytes: int = 0
    peak_bytes: int = 0
    """Largest resident memory of the process."""


def publish(night: Night) -> Published:
    """Lays and publishes once."""
    done = _publish_sticky(night) if night.layout == "sticky" else _publish_other(night)
    return replace(done, peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def _publish_sticky(night: Night) -> Published:
    """harvest, normalize, dedup, publish: the functions that a night runs."""
    # Imported here, so that the two others, which need none of it, start sooner.
    from biglam_pipeline import pipeline
    from biglam_pipeline.context import open_context
    from biglam_pipeline.environment import read_environment
    from biglam_pipeline.source import load_sources

    base = Path(night.base)
    path = base / "sources.yaml"
    path.write_text(SOURCES_YAML)
    source = load_sources([path]).strict().get(SOURCE)
    environment = read_environment({"BIGLAM_STATE": str(base / "state"), "BIGLAM_HUB_ENDPOINT": night.endpoint})
    with open_context(environment, lambda: _day(night.number)) as opened:
        run = replace(opened, part_size=PartSize(night.part_bytes, night.step_rows))
        pipeline.harvest_source(run, source, base)
        pipeline.normalize_source(run, source, base)
        pipeline.dedup_source(run, source, base)
        release = pipeline.publish_source(run, source, base)
        if release.read_back:
            raise RuntimeError(f"read back: {release.read_back}")
        shards = run.shards(source)
        manifest = shards.current()
        if manifest is None:
            raise RuntimeError("there is no manifest")
        paths = tuple(str(shards.path(part)) for part in manifest.parts)
        files: dict[str, list[int | str]] = {part.path: [part.size, part.sha256] for part in manifest.parts}
        size = sum(part.size for part in manifest.parts)
    arrow = sum(pq.read_table(path).nbytes for path in paths) if night.number == 0 else 0
    return Published(files, size, manifest.tally.published, paths, arrow)


def _publish_other(night: Night) -> Published:
    """The same rows in the order of their ids, cut into equal files; or each in the file that its id's hash says."""
    homes = _homes(night)
    pieces: list[list[pa.Table]] = [[] for _ in range(night.files)]
    start = 0
    for path in night.parts:
        part = pq.read_table(path)
        here = homes[start : start + part.num_rows]
        start += part.num_rows
        for number, piece in enumerate(pieces):
            piece.append(part.take(np.flatnonzero(here == number)))
    folder = Path(night.base) / night.layout
    folder.mkdir(exist_ok=True)
    files = {}
    for number, piece in enumerate(pieces):
        name = f"part-{number:05d}" + (f"-of-{night.files:05d}" if night.layout == "sorted" else "") + ".parquet"
        rows = pa.concat_tables(piece).sort_by("id")
        piece.clear()
        write_part(folder / name, rows.schema, (rows.slice(n, 1000) for n in range(0, rows.num_rows, 1000)))
        sha256, size = digest_file(folder / name)
        files[f"data/default/{name}"] = LocalFile(folder / name, size, sha256)
    _commit(night, files, start)
    reported: dict[str, list[int | str]] = {path: [file.size, file.sha256] for path, file in files.items()}
    return Published(reported, sum(file.size for file in files.values()), start)


def _homes(night: Night) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The file that each row goes to, in the order in which the rows lie in the parts."""
    ids = [name for path in night.parts for name in pq.read_table(path, columns=["id"])["id"].to_pylist()]
    if night.layout == "hashed":
        numbers = [int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % night.files for name in ids]
        return np.array(numbers, np.int64)
    rank = np.empty(len(ids), np.int64)
    rank[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    ends = [len(ids) * number // night.files for number in range(1, night.files + 1)]
    return np.searchsorted(ends, rank, side="right").astype(np.int64)


def _commit(night: Night, files: dict[str, LocalFile], rows: int) -> None:
    content = hashlib.sha256("".join(file.sha256 for file in files.values()).encode()).hexdigest()
    cleared = Clearance.grant(
        SOURCE, [Finding(name, stage, content, True, "") for stage, named in CHECKS.items() for name in named], content
    )
    tag = f"v{_day(night.number):%Y.%m.%d}"
    draft = Draft(f"biglam/{night.layout}", content, content, files, {"README.md": CARD}, tag, tag, rows)
    Hub(night.endpoint).commit(draft, cleared)


def _day(number: int) -> datetime:
    return datetime(2026, 1, 2, 4, 0, tzinfo=UTC) + timedelta(days=number)


if __name__ == "__main__":
    json.dump(asdict(publish(Night(**json.load(sys.stdin)))), sys.stdout)
