"""What holds of every format: its specimen, the same rows for the same bytes, and no exception for any others."""

import contextlib
import dataclasses
import hashlib
import importlib
import json
import pickle
import random
from typing import Any

import pytest

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize import stretching
from biglam_pipeline.normalize.mapping.columns import COLUMNS, Map
from biglam_pipeline.normalize.mapping.joining import read_join
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.walking import Met
from biglam_pipeline.normalize.ways_out import BUILT
from biglam_pipeline.records import Bundle, Deleted, Item, Read, Record, Reject, Unmapped
from biglam_pipeline.settings import written
from biglam_pipeline_tests.contracts.specimens import Specimen
from biglam_pipeline_tests.normalize.bundles import item, laid_out, read, reader, records
from biglam_pipeline_tests.normalize.formats.test_blanking import by_id, take_out
from biglam_pipeline_tests.normalize.stretches import compare

KINDS = sorted(BUILT)


def specimen(kind: str) -> Specimen:
    """That of the kind's own test: an empty test file has none."""
    found = importlib.import_module(f"biglam_pipeline_tests.normalize.formats.test_{kind}").SPECIMEN
    assert isinstance(found, Specimen)
    return found


def rows_of(kind: str, files: dict[str, bytes] | None = None, made: Any = None) -> list[Read]:
    one = specimen(kind)
    made = made or reader(type=kind, **one.block)
    return read(made, {name: item(name, data) for name, data in (files or one.files).items()})


def digest_of(found: list[Read]) -> str:
    """Of all records, tombstones and rejects, in order, with everything that they hold."""

    def plain(value: object) -> str:
        return value.hex() if isinstance(value, bytes) else str(value)

    def held(one: Read) -> dict[str, object]:
        """What a record, a tombstone or a reject may say and does not, changes no digest."""
        may_lack = {Record: ("whole",), Deleted: ("reason",), Reject: ("source_record_id", "datestamp")}
        optional = may_lack.get(type(one), ())
        return {name: value for name, value in dataclasses.asdict(one).items() if value or name not in optional}

    reported = [[type(one).__name__, held(one)] for one in found if not isinstance(one, Unmapped)]
    return hashlib.sha256(json.dumps(reported, default=plain, sort_keys=True).encode()).hexdigest()[:16]


_CUT = {"lido", "marc", "mets", "mods", "oai_dc", "pica", "table", "xml"}
"""Those whose specimen is a list of records, so that it is cut."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_cut_gives_what_it_gives_as_a_whole(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often: behind every record that is long enough."""
    made, cut = reader(type=kind, **specimen(kind).block), 0
    for least in (1, 500, 2000):
        sizes = stretching.Sizes(above=0, least=least, spread=1, most=10**6, block=10**6)
        monkeypatch.setattr(stretching, "SIZES", sizes)
        for name, data in specimen(kind).files.items():
            if made.how_cut(one := item(name, data)):
                cut += compare(made, one)
    assert (cut > 0) == (kind in _CUT)


@pytest.mark.parametrize("kind", KINDS)
def test_the_rows_of_a_specimen_change_with_the_version_alone(kind: str) -> None:
    one, found = specimen(kind), rows_of(kind)
    assert len(records(found)) == one.records
    assert (digest_of(found), BUILT[kind].version) == (one.digest, one.version), "raise `version`, then pin both"


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_bytes_are_the_same_rows(kind: str) -> None:
    """Read again, offered in another order, and by settings that went to another process."""
    one, first = specimen(kind), digest_of(rows_of(kind))
    made = reader(type=kind, **one.block)
    assert digest_of(rows_of(kind, made=made)) == first
    assert digest_of(rows_of(kind, dict(reversed(one.files.items())))) == first
    assert digest_of(rows_of(kind, made=pickle.loads(pickle.dumps(made)))) == first
    assert digest_of(rows_of(kind, made=made)) == first, "reading leaves nothing behind in the settings"


@pytest.mark.parametrize("kind", KINDS)
def test_settings_are_read_as_they_were_written(kind: str) -> None:
    made = reader(type=kind, **specimen(kind).block)
    again = reader(**json.loads(written(made)))
    assert written(again) == written(made)
    assert digest_of(rows_of(kind, made=again)) == digest_of(rows_of(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_fills_by_itself_can_be_taken_by_what_is_joined_with_it(kind: str) -> None:
    """`$NAME.title` is the title of the record, whatever language the paths of its format are in."""
    block = {key: value for key, value in specimen(kind).block.items() if key not in ("map", "files")}
    made = reader(type=kind, **specimen(kind).block)
    alone = made.model_copy(update={"map": Map()}).as_joined()
    join = read_join({**block, "type": kind, "files": "*", "by": {"k": "$name"}, "many": "true"})
    items = {name: item(name, data) for name, data in specimen(kind).files.items()}
    bundles = [Bundle(name, tuple(items[one] for one in files)) for name, files in laid_out(alone, items).items()]
    cut = [one for bundle in bundles for one in alone.read(bundle, {}) if isinstance(one, Record)]
    given = {name for one in cut for name, value in one.values.items() if value and name in COLUMNS} - {"type"}
    asked = {name: found for name in sorted(given) if (found := join.column(name))}
    assert asked.keys() == given
    met = [one for bundle in bundles for one in join.read.met(bundle, asked, None) if isinstance(one, Met)]
    assert len(met) == len(cut)
    for context, record in zip((one.context for one in met), cut, strict=True):
        had = {name for name, value in asked.items() if value.read(context, [])}
        assert had == {name for name in given if record.values.get(name)}


@pytest.mark.representative(len(KINDS), rest="soak")
@pytest.mark.parametrize(("times", "kind"), [(times, kind) for times in (20, 60) for kind in KINDS])
def test_damage_is_a_reject_or_a_changed_source_and_nothing_else(kind: str, times: int) -> None:
    """Cut, emptied, flipped, joined by another file: each is answered in the reader's own words."""
    one, chance = specimen(kind), random.Random(kind)
    for _ in range(times):
        files = dict(one.files)
        name = chance.choice(sorted(files))
        data = bytearray(files[name])
        at, width = chance.randrange(len(data)), chance.randrange(8)
        damage = chance.choice([b"", bytes(chance.randrange(256) for _ in range(width)), bytes(data[: len(data) // 2])])
        data[at : at + width] = damage
        files[name] = bytes(data[: chance.choice([len(data), at])])
        with contextlib.suppress(SourceChanged):
            found = rows_of(kind, files)
            assert all(isinstance(each, Record | Deleted | Reject | Unmapped) for each in found)
            assert all(each.source_record_id for each in found if isinstance(each, Record))
            assert all(each.reason and each.detail for each in found if isinstance(each, Reject))


@pytest.mark.parametrize("kind", KINDS)
def test_what_says_that_it_blanks_a_record_says_how(kind: str) -> None:
    """And what says how declares it: else a takedown would not ask."""
    assert BUILT[kind].blanks == (BUILT[kind].blank is not Reader.blank)


@pytest.mark.parametrize("kind", KINDS)
def test_a_record_that_was_taken_down_takes_no_other_along_under_any_map(kind: str) -> None:
    """Each of them, one at a time; then the entry is edited. Of a format that blanks none, whole files go, and it says
    whose else they are."""
    one = specimen(kind)
    made = reader(type=kind, **one.block)
    items = {name: item(name, data) for name, data in one.files.items()}
    more = {"extra": {"again": {"const": "again"}}}
    edited = reader(type=kind, **{**one.block, "map": {**one.block.get("map", {}), **more}})
    before = by_id(made, items)
    for name, record in before.items():
        left = take_out(made, items, name)
        beside = {other for other, its in before.items() if its.item == record.item and other != name}
        assert not beside or made.blanks or record.item in whose_else(made, items, record)
        stays = {other: its for other, its in before.items() if other != name and (made.blanks or other not in beside)}
        for asked, after in ((made, by_id(made, left)), (edited, by_id(edited, left))):
            emptied = after.pop(name, None)  # the page is still named; what keeps its row out is the ledger
            assert emptied is None or not emptied.values.get("text")
            assert after.keys() == stays.keys(), name
            assert asked is edited or after == stays, name


def whose_else(made: Reader, items: dict[str, Item], record: Record) -> set[str]:
    """The files of which a takedown of the record would say that others lose theirs too."""
    [found] = [files for files in laid_out(made, items).values() if record.item in files]
    bundle = Bundle("b", tuple(items[name] for name in found))
    return made.shared(bundle, [(record, record.source_record_id)])
