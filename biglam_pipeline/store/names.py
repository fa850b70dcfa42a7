"""Which names on the shelves are ours? A sync tool, a file manager or a person may lay others beside them.

Seen: `copy of 00001.json`, `00001 (1).json`, `00001 2.json`, `00001.sync-conflict-20261125-101500-ABCDEFG.json`
(Syncthing), `00001 (Anna's conflicted copy 2026-11-25).json` (Dropbox), `.DS_Store`, `Thumbs.db`, `00001.json~`. There
is no list of them all, so ours are told by their whole form.
"""

import re

_HEX = "[0-9a-f]"
_FORMS = {
    "raw/harvests/": r"\d{5,}\.(json|parquet)",
    "raw/batches/": r"\d{5,}-\d{6,}\.parquet",
    "raw/files/": rf"{_HEX}{{64}}",
    "raw/members/": rf"{_HEX}{{64}}\.parquet",
    "raw/outlines/": rf"{_HEX}{{32}}-{_HEX}{{16}}\.json\.gz",
    "raw/cuts/": rf"{_HEX}{{32}}-{_HEX}{{16}}\.json",
    "raw/stamps/": rf"\d{{5,}}-{_HEX}{{16}}\.(parquet|json\.gz)",
    "normalized/slices/": rf"{_HEX}+\.(json|parquet|index\.parquet|rejects\.parquet)",
    "normalized/numbers/": rf"{_HEX}{{32}}(\.json)?",
    "normalized/lookups/": rf"{_HEX}+\.{_HEX}+\.{_HEX}+\.json",
    "shards/data/": rf"([^/]+/)*part-\d{{5,}}-{_HEX}{{8}}(\.places)?\.parquet",
    "shards/removed/": rf"removed-{_HEX}{{8}}\.parquet",
    "shards/fingerprints/signatures/": rf"{_HEX}{{32}}",
    "shards/fingerprints/pairs/": rf"{_HEX}{{32}}",
    "hub/profile-": rf"{_HEX}{{16}}\.json",
    "hub/card-": rf"{_HEX}{{16}}\.json",
    "hub/kept/": rf"({_HEX}{{16}}|difference)\.json",
}
"""Beginning of a name behind the source -> form of the rest. Elsewhere each file is asked for by its name."""
_OURS = [(start, re.compile(form)) for start, form in _FORMS.items()]
_ENDINGS = (".json", ".parquet", ".json.gz", ".lease")


def is_ours(full: str) -> bool:
    """full: a name from the source on."""
    if any(part.startswith(".") for part in full.split("/")):
        return False
    rest = full.partition("/")[2]
    return all(form.fullmatch(rest.removeprefix(start)) for start, form in _OURS if rest.startswith(start))


def is_of_a_file(full: str) -> bool:
    """Whether a name has the form, or the ending, that only our files have: what stands there is no folder of ours."""
    rest = full.partition("/")[2]
    return full.endswith(_ENDINGS) or any(
        rest.startswith(start) and form.fullmatch(rest.removeprefix(start)) for start, form in _OURS
    )
