"""All faults at once, each as file:line: entry.key: what is wrong; what to write."""

import pytest

from biglam_pipeline.harvest.address import BUILT
from biglam_pipeline.language import ADDRESSES, HARVEST_KEYS, READERS
from biglam_pipeline.normalize.ways_out import BUILT as BUILT_READERS
from biglam_pipeline_tests.source.conftest import Faults, Load, One, entry

OWED_ADDRESSES = [word for word in ADDRESSES if not any(word in kind.beginnings() for kind in BUILT.values())]

EVERYTHING = """\
sources:
  x:
    titel: Letters
    custodian: A Library
    harvest: ftp2://a.org/x
    normalize:
      type: table
      map:
        id: a
        titel: b
        creatr: c
      maps: x
    rights:
      licence: CC0-1.0
      checked: soon
      accept: everything
    languages: [english]
    schedule: 99 2 * * *
    status: activ
    verified: maybe
    owner: me
    dedup: {exact: row}
    publish: {repository: x, visibility: secret}
    expect:
      rows: a lot
      fil: {text: 0.9..}
"""
TOLD = """\
s.yaml:3: x.titel: `titel` is not a key of the language; did you mean `title`?
s.yaml:5: x.harvest: `ftp2://a.org/x` does not begin like an address; write ftp://a.org/x
s.yaml:10: x.normalize.map.titel: `titel` is not a column; did you mean `title`?
s.yaml:11: x.normalize.map.creatr: `creatr` is not a column; did you mean `creators`?
s.yaml:12: x.normalize.maps: `maps` is not a key of the language; did you mean `map`?
s.yaml:14: x.rights.licence: `licence` is not a key of the language; did you mean `license`?
s.yaml:15: x.rights.checked: `soon` is not a date; write it as 2026-01-31
s.yaml:16: x.rights.accept: accept: 'everything' is not known; allowed are \
open, free, pd, by, sa, pd-us, nkc, pd-claim, nc, nd, review
s.yaml:17: x.languages: `english` is not a BCP 47 tag in its shortest form; write en
s.yaml:18: x.schedule: `99` is not a cron minute; write numbers from 0 to 59, *, 1-5, 1,5 or */2
s.yaml:19: x.status: `activ` is not known here; did you mean `active`?
s.yaml:20: x.verified: `maybe` is neither true nor false; write one of the two
s.yaml:21: x.owner: `me` is not an owner; write team:name or an e-mail address
s.yaml:22: x.dedup.exact: `row` is not known here; did you mean `rows`?
s.yaml:23: x.publish.repository: `x` is not a repository; write owner/name
s.yaml:23: x.publish.visibility: `secret` is not known here; write one of private, public
s.yaml:25: x.expect.rows: 'a lot' is not a range; write 20 (exactly), 20.. (at least), ..20 (at most) or 0.6..0.9
s.yaml:26: x.expect.fil: `fil` is not a key of the language; did you mean `fill`?
""".replace("BEGINNINGS", ", ".join(BUILT))


def test_all_faults_at_once_each_at_its_line(load: Load) -> None:
    assert load(EVERYTHING).faults["x"] == tuple(TOLD.splitlines())


def test_what_is_required_and_what_it_means(faults: Faults) -> None:
    reported = faults(title=None, custodian=None, harvest=None, rights=None, summary="x")
    rights = "{license: CC0-1.0, evidence: https://..., checked: 2026-01-31, quote: ...}"
    assert reported == [
        "2: x: `custodian` is required; write the institution that keeps the originals",
        "2: x: `harvest` is required; write an address such as https://..., file:FOLDER or oai+https://...",
        f"2: x: `rights` is required; write, for example, {rights}",
        "2: x: `title` is required; write the collection's name, as people know it",
    ]


@pytest.mark.parametrize(
    ("key", "value", "place", "hint"),
    [
        ("licence", "CC0-1.0", "x.licence", "of the language; did you mean `license`? Write rights: {license: ...}"),
        ("map", "{id: a}", "x.map", "write normalize: {map: ...}"),
        ("rows", "20..", "x.rows", "write normalize: {rows: ...} or expect: {rows: ...}"),
        ("repository", "a/b", "x.repository", "write publish: {repository: ...}"),
        ("harvests", "x", "x.harvests", "did you mean `harvest`?"),
        ("expect", "{row: 5}", "x.expect.row", "did you mean `rows`?"),
        ("publish", "{repositry: a/b}", "x.publish.repositry", "did you mean `repository`?"),
        ("dedup", "{exakt: rows}", "x.dedup.exakt", "did you mean `exact`?"),
        ("rights", "[CC0-1.0, {license: CC0-1.0, cover: text}]", "x.rights.1.cover", "did you mean `covers`?"),
        ("rights", "{license: CC0-1.0, from_: x}", "x.rights.from_", "did you mean `from`?"),
        ("normalize", "{delimitr: tab}", "x.normalize.delimitr", "did you mean `delimiter`?"),
        ("normalize", "{type: oai_dc, delimiter: tab}", "x.normalize.delimiter", "known here: files, lookups, map"),
        ("harvest", "{url: oai+https://a.org/oai, lag: 5}", "x.harvest.lag", "did you mean `lag_seconds`?"),
        (
            "harvest",
            "{url: https://a.org/x.csv, lag_seconds: 5}",
            "x.harvest.lag_seconds",
            "known here: headers, ignore, mirrors, names, public, robots, type, url",
        ),
        ("file", "y", "x.file", "leave it out"),
        ("line", "5", "x.line", "leave it out"),
    ],
)
def test_an_unknown_key_and_the_nearest_of_its_own_block(
    faults: Faults, key: str, value: str, place: str, hint: str
) -> None:
    reported = [fault for fault in faults(**{key: value}) if f" {place}: " in fault]
    assert len(reported) == 1
    assert hint in reported[0]


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("harvest", "data/x.csv", "a local folder is written file:FOLDER"),
        ("harvest", "https://me:secret@a.org/x.csv", "a name or password before the host: a secret in an address"),
        ("harvest", "[https://a.org/x.csv, https://a.org/x.csv]", "is named twice; leave one out"),
        ("harvest", "[https://a.org/x.csv, file:y.csv]", "make a source of each"),
        ("harvest", "{type: files}", "url is missing; write where the source is"),
        ("harvest", "https://a.org/x.zip", "which reader? The address does not show it; write `normalize:"),
        ("normalize", "tabel", "did you mean `table`?"),
        ("normalize", "{map: {id: a >> splt}}", "`splt` is not a step; did you mean `split`?"),
        ("normalize", "{modality: text, map: {text: a, n_chars: b}}", "`n_chars` cannot be mapped: computed"),
        ("normalize", '{type: oai_dc, map: {title: "dc:title["}}', "is not XPath"),
        ("rights", "{license: CC0-1.0, from: rights}", "say either `license:` (one statement for all records) or"),
        ("rights", "{evidence: https://a.org}", "say either `license:` (one statement for all records) or"),
        ("rights", "{from: $nothing}", "write $rights, or a path into the record"),
        ("rights", "Free for all", "write an id such as CC0-1.0, CC-BY-4.0, PDM-1.0 or InC-1.0, or the statement's"),
        ("rights", "[]", "it is empty; write at least one"),
        ("rights", "{license: CC0-1.0, accept: closed}", "closed is never accepted; allowed are open,"),
        ("rights", "{license: CC0-1.0, checked: 31.1.2026}", "`31.1.2026` is not a date; write it as 2026-01-31"),
        ("rights", "{license: CC0-1.0, checked: 2026}", "`2026` is not a date; write it as 2026-01-31"),
        ("rights", "{license: CC0-1.0, checked: 2026-02-30}", "`2026-02-30` is not a date; write it as 2026-01-31"),
        ("rights", "{license: CC0-1.0, evidence: they said so}", "write its address, https://..."),
        ("expect", "{rows: 20...30}", "is not a range; write 20..30"),
        ("expect", "{rows: many}", "write 20 (exactly), 20.. (at least), ..20 (at most) or 0.6..0.9"),
        ("expect", "{rows: 5..1}", "its lower end is above its upper end"),
        ("expect", "{rows: ..}", "is not a range"),
        ("expect", "{rejects: many}", "is not a range"),
        ("expect", "{rejects: ..5}", "which go from 0 to 1; 5 % is 0.05"),
        ("expect", "{fill: {text: 95%..}}", "or 0.95.. (at least)"),
        ("dedup", "{largest_cluster: 5%}", "write ..0.05"),
        ("dedup", "{largest_cluster: 0.4}", "does not say how large a share may be at most"),
        ("dedup", "{largest_cluster: 0.4..}", "does not say how large a share may be at most"),
        ("dedup", "{largest_cluster: -1..0.5}", "from 0 to 1"),
        ("expect", "{fill: {titel: 0.9..}}", "`titel` is no column of this source; did you mean `title`?"),
        ("expect", "{fill: [title]}", "a block is due here; write {key: value}"),
        ("expect", "20..", "a block is due here; write {key: value}"),
        ("languages", "en_GB", "write en-GB"),
        ("languages", "x-own", "write one such as en (English), nl (Dutch), la (Latin)"),
        ("schedule", "sometimes", "write nightly, weekly, monthly, never, or a cron line of five fields"),
        ("schedule", '"* * * *"', "a cron line of five fields"),
        ("schedule", "0 3 * * MON", "`MON` is not a cron weekday; write numbers from 0 to 7"),
        ("schedule", "5/0 3 * * 1", "`5/0` is not a cron minute"),
        ("schedule", "* 3 * * *", 'write schedule: "* 3 * * *"'),
    ],
)
def test_a_wrong_value_and_what_to_write(faults: Faults, key: str, value: str, what: str) -> None:
    assert any(what in fault for fault in faults(**{key: value}))


def test_one_wrong_value_is_one_fault(faults: Faults) -> None:
    assert len(faults(rights="{licence: CC0-1.0}")) == 1
    assert len(faults(harvest="nowhere")) == 1  # that no reader follows from it is not worth a second line
    assert len(faults(custodian="*a")) == 1


def test_the_place_of_a_wrong_column_is_its_own_line(load: Load) -> None:
    text = """\
sources:
  x:
    title: Letters
    custodian: A Library
    harvest: https://a.org/letters.csv
    rights: CC0-1.0
    expect:
      fill:
        title: 0.9..
        txet: 0.9..
        text: 0.9..
"""
    reported = load(text).faults["x"]
    assert [fault.partition(": `")[0] for fault in reported] == [
        "s.yaml:10: x.expect.fill.txet",
        "s.yaml:11: x.expect.fill.text",
    ]


@pytest.mark.parametrize(
    ("key", "value", "word"),
    [
        *(("harvest", f"{word}https://a.org/x" if word[-1] == "+" else f"{word}x", word) for word in OWED_ADDRESSES),
        *(("harvest", f"{{url: https://a.org/x.csv, {word}: y}}", word) for word in HARVEST_KEYS),
        *(("normalize", word, word) for word in READERS),
        ("partitions", "year", "partitions"),
    ],
)
def test_what_is_not_built_is_refused_by_name(faults: Faults, key: str, value: str, word: str) -> None:
    reported = [fault for fault in faults(**{key: value}) if "in the language but not built yet" in fault]
    assert len(reported) == 1
    assert word in reported[0]
    assert reported[0].partition(":")[0] in {"5", "6", "7"}


def test_what_is_built_is_owed_no_more() -> None:
    assert READERS.keys().isdisjoint(BUILT_READERS), "take it out of language.py"


@pytest.mark.parametrize("line", ["30 2 * * 1-5", '"*/15 * * * *"', "0 0 1,15 * 0", "5-10/2 3 * 1-6 7"])
def test_good_cron_lines(one: One, line: str) -> None:
    assert one(schedule=line).cron == line.strip('"')


def test_words_of_the_schedule(one: One) -> None:
    minute, hour, *rest = str(one(schedule="weekly").cron).split()
    assert (int(minute) % 5, hour, rest) == (0, "3", ["*", "*", "0"])
    assert one().cron != one(schedule="monthly").cron
    assert one(schedule="never").cron is None
    assert one(status="candidate").cron is None


def test_what_an_entry_publishes_it_does_not_read_again(faults: Faults, load: Load) -> None:
    """A dataset that is moved over is read at a commit; else each release would be harvested the next night."""
    circle = faults(harvest="hf:biglam/Prints#*.csv", publish="{repository: biglam/prints}")
    assert len(circle) == 1
    assert "write under `harvest` the commit to begin from: hf:biglam/prints@COMMIT" in circle[0]
    for good in (f"hf:biglam/prints@{'a' * 40}#*.csv", "hf:biglam/other#*.csv"):
        assert load("sources:\n" + entry(harvest=good, publish="{repository: biglam/prints}")).sources


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"name": "$nobody.name"}, "14: x.normalize.map.creators.name: $nobody.name: nothing of the name nobody"),
        ({"role": "$person.role"}, "15: x.normalize.map.creators.role: $person.role: nothing of the name person"),
        ({"role": "$root.x"}, "15: x.normalize.map.creators.role: $root.x: no fact and no column of `with: makers`"),
        ({"birth_year": "a[b"}, "16: x.normalize.map.creators.birth_year: 'a[b' is not XPath"),
        ({"birth_year": "b >> lowr"}, "16: x.normalize.map.creators.birth_year: `lowr` is not a step"),
        ({"each": "$makrs"}, "13: x.normalize.map.creators.each: $makrs: nothing of the name makrs is joined"),
    ],
)
def test_a_fault_beside_each_is_told_at_its_line(faults: Faults, fields: dict[str, str], place: str) -> None:
    said = {"each": "$makers", "name": "name", "role": "role", "birth_year": "born", **fields}
    lines = [
        "files: objects.csv",
        "with:",
        "  makers: {type: xml, rows: //maker, files: makers.xml, by: {objectid: id}, many: true}",
        "map:",
        "  creators:",
        *(f"    {name}: {value}" for name, value in said.items()),
    ]
    [fault] = faults(normalize="\n" + "\n".join(f"  {line}" for line in lines))
    assert fault.startswith(place)
