"""Reads a release back over the wire: files, sizes, digests, rows of each changed part, and the card."""

from biglam_pipeline.publish.draft import Draft
from biglam_pipeline.publish.hub import Hub
from biglam_pipeline.store.part_writer import count_rows
from biglam_pipeline.store.parts import Manifest


def read_back(hub: Hub, draft: Draft, manifest: Manifest, commit: str, changed: set[str]) -> list[str]:
    """What is wrong with the release, in sentences; empty where all is right. changed: paths that the commit sent."""
    there = hub.listing(draft.repository, commit)
    problems = []
    for path, file in draft.files.items():
        if path not in there:
            problems.append(f"{path} is not in the repository")
        elif there[path] != (file.size, file.sha256):
            problems.append(f"{path} has size and digest {there[path]}, not {(file.size, file.sha256)}")
    for path, data in draft.texts.items():
        if there.get(path, (-1, ""))[0] != len(data):
            problems.append(f"{path} has {there.get(path, (0, ''))[0]} bytes, not {len(data)}")
    problems += [
        f"{path} should not be there" for path in there if path.startswith("data/") and path not in draft.files
    ]
    if problems:
        return problems
    for part in manifest.parts:
        if part.path in changed:
            with hub.open(draft.repository, commit, part.path) as stream:
                rows = count_rows(stream)
            if rows != part.rows:
                problems.append(f"{part.path} holds {rows} rows, not {part.rows}")
    return problems
