"""Keys that a later release adds, and that nobody wrote, change nothing: no digest, no card, in no block."""

import json
import subprocess
import sys
import typing
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from biglam_pipeline.settings import Settings, written
from biglam_pipeline.source import Catalog, Source, load_sources
from biglam_pipeline_tests import growing

ENTRIES = """
sources:
  full:
    title: Letters
    custodian: A Library
    harvest:
      url: https://a.org/{1,2}.csv
      headers: {X-Api-Key: env:KEY_OF_A, Accept-Language: env:LANGUAGE_OF_A}
      ignore: ["*.bak"]
      names: cp932
    normalize:
      type: table
      map: {id: a, title: [b, c >> split(";")], date: {const: 1900}, identifiers: {wikidata: q}, extra: {k: {all: [x]}}}
      where: {a: [x, 20..]}
      with: {image: {files: "*.jpg", by: {a: $name}}}
    rights:
      - license: CC0-1.0
        covers: metadata
        evidence: https://a.org/r
        checked: 2026-01-31
        quote: CC0 1.0
        overrule: {because: the notice of the record is of the object, rows: 1..}
      - from: licence
        evidence: https://a.org/r
        checked: 2026-01-31
        quote: as each says
        statements: {free for all: CC0-1.0}
    languages: [en, nl]
    summary: Letters of a parish to its bishop.
    curation: {mission: To keep letters.}
    takedown: {contact: a@a.org, response_days: 5}
    ethics:
      content_advisory: none
      harmful_language: {expected: "no"}
      personal_data: {living_people_likely: "no"}
      indigenous_or_tk: {present: "yes", labels: [{label: TK A, project_uri: https://localcontextshub.org/projects/1}]}
      colonial_context: {applies: "no"}
      consultation: [{who: The parish, when: 2025, outcome: They agreed.}]
      review: {by: A. Reader, on: 2026-01-31}
    ai_use: {decision: The archive was asked and agreed to it., by: A. Reader}
    dedup: {near: drop, largest_cluster: ..0.1}
    publish: {repository: a/letters}
    expect: {rows: 20.., fill: {title: 0.9..}, accept_change: {from: v2026.01.01, because: the catalogue moved}}
    tags: [letters]
  records:
    title: Records
    custodian: A Library
    harvest: oai+https://a.org/oai?set=a
    normalize: {type: oai_dc, volatile: [dc:date]}
    rights: CC0-1.0
  papers:
    title: Papers
    custodian: A Library
    harvest: file:papers
    normalize: {type: mets_alto, rows: article}
    rights: CC0-1.0
  pictures:
    title: Pictures
    custodian: A Library
    harvest: [file:a, file:b]
    normalize: {type: images, map: {title: $stem}}
    rights: CC0-1.0
  repository:
    title: Tables
    custodian: A Library
    harvest:
      url: github:library/prints#*.csv
      robots: {overrule: Its keeper agreed., evidence: https://a.org/api, checked: 2026-01-31, by: A. Reader}
    rights: CC0-1.0
  dataset:
    title: Tables
    custodian: A Library
    harvest: hf:library/prints#*.csv
    rights: CC0-1.0
  record:
    title: Tables
    custodian: A Library
    harvest: zenodo:5838410#*.csv
    rights: CC0-1.0
  item:
    title: Tables
    custodian: A Library
    harvest: ia:catalogue#*.csv
    rights: CC0-1.0
  objects:
    title: Objects
    custodian: A Museum
    harvest: {url: json+https://a.org/objects?limit=100, next: {page: +1}, total: info.total}
    normalize: {rows: "data[]", map: {id: id, title: '"dc:title"', extra: {licence: $root.licence}}}
    rights: CC0-1.0
  bucket:
    title: Tables
    custodian: A Library
    harvest: s3://library/tables/#*.csv
    rights: CC0-1.0
  commons:
    title: Prints
    custodian: A Library
    harvest: wikimedia:Category:Prints
    normalize: {type: json, files: "records/*.json", rows: "query.pages[]", map: {title: title}}
    rights: CC0-1.0
  books:
    title: Books
    custodian: A Library
    harvest: file:books
    normalize: {type: text, rows: chapter, heading: "^CHAPTER"}
    rights: CC0-1.0
  objects_of_europe:
    title: Objects
    custodian: A Museum
    harvest: oai+https://a.org/oai?metadataPrefix=edm
    rights: CC0-1.0
  objects_of_a_museum:
    title: Objects
    custodian: A Museum
    harvest: oai+https://a.org/oai?metadataPrefix=lido
    rights: CC0-1.0
  catalogue:
    title: Catalogue
    custodian: A Library
    harvest: file:catalogue
    normalize: {type: marc, dialect: marc21, encoding: cp1251, volatile: ["005"], map: {title: "245[1_]$ab"}}
    rights: CC0-1.0
  described:
    title: Described
    custodian: A Library
    harvest: oai+https://a.org/oai?metadataPrefix=mods
    rights: CC0-1.0
  cards:
    title: Cards
    custodian: A Library
    harvest: file:cards
    normalize: {type: xml, rows: //card, volatile: ["@changed"], map: {title: title}}
    rights: CC0-1.0
  manuscripts:
    title: Manuscripts
    custodian: A Library
    harvest: {url: iiif+https://a.org/collection, ignore: withdrawn}
    normalize: {rows: canvas, map: {creators: pairs.Author}}
    rights: {from: $rights}
  corpus:
    title: A corpus
    custodian: A Library
    harvest: source:objects
    rights: {from: $rights_name, accept: [pd, by]}
  transcribed:
    title: Transcribed
    custodian: A Library
    harvest: file:transcribed
    normalize: {type: page_xml, rows: region, with: {image: {files: "*.jpg", by: {$image: $name}}}}
    rights: CC0-1.0
  courant:
    title: Courant
    custodian: A Library
    harvest: file:courant
    normalize: {type: didl, rows: block, layout: yes}
    rights: CC0-1.0
  scanned:
    title: Scanned
    custodian: A Library
    harvest: file:scanned
    normalize: {type: abbyy, rows: line, word_confidence: yes}
    rights: CC0-1.0
  volumes:
    title: Volumes
    custodian: A Library
    harvest: oai+https://a.org/oai?metadataPrefix=mets
    rights: CC0-1.0
  recognised:
    title: Recognised
    custodian: A Library
    harvest: file:recognised
    normalize: {type: hocr, rows: line, map: {extra: {picture: $image}}}
    rights: CC0-1.0
  boxes:
    title: Boxes
    custodian: A Library
    harvest: file:boxes
    normalize: {type: coco, rows: image, categories: [Map, Portrait], map: {title: file_name}}
    rights: CC0-1.0
  entities:
    title: Entities
    custodian: A Library
    harvest: file:entities
    normalize: {type: annotations, rows: sentence, columns: [token, pos, ner], document: file, map: {date: date}}
    rights: CC0-1.0
  testaments:
    title: Testaments
    custodian: An Archive
    harvest: file:testaments
    normalize: {type: annotations, files: "{annotator}/*.ann", map: {extra: {annotator: $annotator}}}
    rights: CC0-1.0
  crawl:
    title: A crawl
    custodian: A Library
    harvest: file:crawl
    normalize: {type: warc, records: all, where: {$status: "404"}, map: {extra: {asked: $target}}}
    rights: CC0-1.0
  reports:
    title: Reports
    custodian: A Library
    harvest: file:reports
    normalize: {type: pdf, rows: document, dehyphenate: no, map: {extra: {pages: $pages}}}
    rights: CC0-1.0
  editions:
    title: Editions
    custodian: A Library
    harvest: file:editions
    normalize: {type: tei, rows: div, notes: drop, map: {title: "{*}head"}}
    rights: CC0-1.0
  finding_aids:
    title: Finding aids
    custodian: An Archive
    harvest: file:aids
    normalize: {type: ead, rows: collection, map: {extra: {history: "{*}bioghist"}}}
    rights: CC0-1.0
  pica:
    title: Titles
    custodian: A Library
    harvest: file:titles
    normalize: {type: pica, dialect: k10plus, volatile: [001B], map: {extra: {shelf: "209Ax00$a"}}}
    rights: CC0-1.0
"""


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    path = tmp_path_factory.mktemp("grown") / "sources.yaml"
    path.write_text(ENTRIES)
    return load_sources([path]).strict()


def blocks_of(kind: Any) -> set[type[BaseModel]]:
    """Every model that a field, or a field of it, can hold."""
    met: set[type[BaseModel]] = set()
    waiting = [kind]
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and issubclass(one, BaseModel):
            if one not in met:
                met.add(one)
                waiting += [info.annotation for info in one.model_fields.values()]
        else:
            waiting += typing.get_args(one)
    return met


def held_by(value: Any) -> set[type]:
    """The classes of the blocks that an entry holds."""
    if isinstance(value, BaseModel):
        return {type(value)}.union(*(held_by(getattr(value, name)) for name in type(value).model_fields))
    if isinstance(value, tuple | list | dict):
        return set[type]().union(*map(held_by, value.values() if isinstance(value, dict) else value))
    return set()


def test_the_entries_hold_every_block_of_the_language(catalog: Catalog) -> None:
    """Else the next test would pass over one: a new block belongs into ENTRIES."""
    blocks = blocks_of(Source)
    assert blocks - held_by(list(catalog.sources.values())) == set()
    assert all(issubclass(one, Settings) for one in blocks)


@pytest.mark.slow  # in a process of its own; `test_the_digests_of_yesterday_hold` stays
def test_keys_that_nobody_wrote_change_no_digest_and_no_card(catalog: Catalog) -> None:
    file = str(Path(catalog.sources["full"].file).resolve())
    grown = [sys.executable, "-m", "biglam_pipeline_tests.growing", "digests", file]
    done = subprocess.run(grown, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == growing.digests(file)


SPELT_OTHERWISE = """
# the same, by another hand
sources:
  records:
    custodian: "A Library"
    title: 'Records'
    rights: {accept: [open], license: "CC0-1.0"}
    dedup: {near: flag}
    normalize: {rows: record, type: oai_dc, volatile: dc:date}
    harvest: {max_pages: 100000, url: ["oai+https://a.org/oai?set=a"]}
  pictures:
    title: Pictures
    custodian: A Library
    harvest: "file:{a,b}"
    normalize:
      map:
        title: $stem  # the file's name
      type: images
    rights: [CC0-1.0]
"""


def test_another_spelling_is_the_same_entry(catalog: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text(SPELT_OTHERWISE)
    mine = growing.digests(str(Path(catalog.sources["full"].file).resolve()))
    assert {name: mine[name] for name in ("records", "pictures")} == growing.digests(str(path))


YESTERDAY = {
    "full": (
        "6f657c8c1d51ea2f",
        (
            '{"map": {"extra": {"k": {"all": ["x"]}}, "id": "a", "title": ["b", "c >> split(\\";\\")"], '
            '"date": {"const": "1900"}, "identifiers": {"wikidata": "q"}}, "type": "table", '
            '"where": {"a": ["x", "20.."]}, "with": {"image": {"by": {"a": "$name"}, "files": ["*.jpg"]}}}'
        ),
        '{"largest_cluster": "..0.1", "near": "drop"}',
        (
            '{"accept_change": {"because": "the catalogue moved", "from": "v2026.01.01"}, "fill": {"title": "0.9.."}, '
            '"rows": "20.."}'
        ),
        (
            '{"checked": "2026-01-31", "covers": "metadata", "evidence": "https://a.org/r", "license": "CC0-1.0", '
            '"overrule": {"because": "the notice of the record is of the object", "rows": "1.."}, "quote": "CC0 1.0"}'
        ),
        (
            '{"checked": "2026-01-31", "evidence": "https://a.org/r", "from": "licence", "quote": "as each says", '
            '"statements": {"free for all": "CC0-1.0"}}'
        ),
    ),
    "records": (
        "59612e2ce33d7e7e",
        '{"type": "oai_dc", "volatile": ["dc:date"]}',
        "{}",
        "{}",
        '{"license": "CC0-1.0"}',
    ),
    "papers": (
        "9932e961d2312063",
        '{"rows": "article", "type": "mets_alto"}',
        "{}",
        "{}",
        '{"license": "CC0-1.0"}',
    ),
    "pictures": (
        "5117cbe90330a534",
        '{"map": {"title": "$stem"}, "type": "images"}',
        "{}",
        "{}",
        '{"license": "CC0-1.0"}',
    ),
}
"""The digest of a request, and what the other digests are made of, as the release of November 2026 wrote them."""


def test_the_digests_of_yesterday_hold(catalog: Catalog) -> None:
    """What stands on shelves was made of these words: where one comes out otherwise, the world is read again."""
    for name, were in YESTERDAY.items():
        source = catalog.sources[name]
        blocks = (*source.normalize, source.dedup, source.expect, *source.rights)
        assert (source.digest("raw"), *map(written, blocks)) == were
