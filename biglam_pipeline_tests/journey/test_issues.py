"""Issues of METS and ALTO on their way to the Hub, however a delivery lays its files."""

import io
import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest

from biglam_pipeline import previewing
from biglam_pipeline.normalize import gathering
from biglam_pipeline.store.normalized import Slice
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.normalize.bundles import alto, block, word
from biglam_pipeline_tests.normalize.formats.mets_alto.made import area, div, fptr, group, mets, mods, page

ENTRY = """
    sources:
      issues:
        title: The Ashby Herald
        custodian: Ashby Record Office
        harvest: file:{harvest}
        normalize: {{type: mets_alto, rows: {rows}}}
        rights: {{license: {license}, evidence: "https://example.org/r", checked: 2026-01-31, quote: CC0 1.0}}
"""
TITLE = mods("D", "<m:titleInfo><m:title>The Ashby Herald</m:title></m:titleInfo>")


def issue(number: int, prefix: str) -> bytes:
    """A METS of two pages, the first of which is called a title page; prefix: before the pages' addresses."""
    files = group(*((f"A{n}", f"{prefix}{number}_{n}.xml") for n in (1, 2)), use="Text")
    physical = div(div(fptr("A1"), type_="TITLE_PAGE"), div(fptr("A2"), type_="PAGE"), DMDID="D")
    logical = div(div(area("A1", "B1"), area("A2", "B1"), type_="ARTICLE", ID="a1"), type_="ISSUE", DMDID="D")
    return mets(files, ("PHYSICAL", physical), ("LOGICAL", logical), described=TITLE)


def delivery(layout: str) -> dict[str, bytes]:
    """Three issues, laid out as libraries lay them."""
    files: dict[str, bytes] = {}
    for number in (1, 2, 3):
        pages = {f"{number}_{n}.xml": page(f"i{number}p{n}", f"rest{number}{n}") for n in (1, 2)}
        if layout == "flat":
            files |= {f"PPN{number}.xml": issue(number, ""), **pages}
        elif layout == "folders":
            files |= {f"{number}/m.xml": issue(number, "file://./alto/")}
            files |= {f"{number}/alto/{name}": data for name, data in pages.items()}
        elif layout == "siblings":
            files |= {f"mets/{number}": issue(number, "..\\ALTO\\")}
            files |= {f"alto/{name}": data for name, data in pages.items()}
    return files


def put(folder: Path, files: dict[str, bytes]) -> None:
    """Writes the files into a folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def pack(path: Path, files: dict[str, bytes]) -> None:
    """The same as a ZIP, or a TAR in which pages stand before their METS."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in sorted(files.items()):
                archive.writestr(name, data)
        return
    with tarfile.open(path, "w:gz") as packed:
        for name, data in sorted(files.items()):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            packed.addfile(info, io.BytesIO(data))


@pytest.mark.representative(3)  # other layouts; names are the bundle's, wherever they lie
@pytest.mark.parametrize("packed", ["folder", "d.zip", "d.tgz"])
@pytest.mark.parametrize("layout", ["flat", "folders", "siblings"])
def test_each_issue_finds_its_pages(bench: Bench, layout: str, packed: str) -> None:
    files = delivery(layout)
    if packed == "folder":
        put(bench.folder / "d", files)
    else:
        pack(bench.folder / packed, files)
    bench.write(ENTRY.format(harvest="d" if packed == "folder" else packed, rows="article", license="CC0-1.0"))
    bench.night("issues")
    rows = bench.rows("issues")
    assert sorted(row["text"] for row in rows) == [f"i{n}p1\n\ni{n}p2" for n in (1, 2, 3)]
    assert {row["collection"] for row in rows} == {"The Ashby Herald"}


def _slices(bench: Bench) -> list[Slice]:
    normalized = bench.run.normalized(bench.source("issues"))
    current = normalized.current()
    assert current is not None
    return list(normalized.slices(current))


def test_a_night_that_brings_nothing_looks_into_no_file(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What files name is kept beside the batch; of a new issue only its own files are looked into."""
    looked: list[str] = []
    opened = gathering.open_slice

    def watched(raw: object, bundle_refs: list[object]) -> object:
        looked.extend(bundle_ref.name for bundle_ref in bundle_refs)  # type: ignore[attr-defined]
        return opened(raw, bundle_refs)  # type: ignore[arg-type]

    monkeypatch.setattr(gathering, "open_slice", watched)
    put(bench.folder / "d", delivery("siblings"))
    bench.write(ENTRY.format(harvest="d", rows="page", license="CC0-1.0"))
    bench.build("issues")
    assert len(looked) == 9
    bench.build("issues")
    assert len(looked) == 9
    put(
        bench.folder / "d", {"mets/9": issue(9, "../alto/"), "alto/9_1.xml": page("new"), "alto/9_2.xml": page("newer")}
    )
    bench.build("issues")
    assert sorted(looked[9:]) == ["alto/9_1.xml", "alto/9_2.xml", "mets/9"]
    assert sum(one.rows for one in _slices(bench)) == 8


def test_a_page_that_comes_later_makes_its_issue_whole(bench: Bench) -> None:
    files = delivery("siblings")
    late = files.pop("alto/2_2.xml")
    put(bench.folder / "d", files)
    bench.write(ENTRY.format(harvest="d", rows="issue", license="CC0-1.0"))
    bench.build("issues")
    assert sum(one.rows for one in _slices(bench)) == 2
    assert [one.rejects for one in _slices(bench) if one.rejects] == [{"page_missing": 2}]
    put(bench.folder / "d", {"alto/2_2.xml": late})
    bench.build("issues")
    assert sum(one.rows for one in _slices(bench)) == 3
    assert not [one.rejects for one in _slices(bench) if one.rejects]


BROKEN = alto(block("B1", word("mea", 1, "measure") + '<HYP CONTENT="-"/>', word("sure", 2, "measure")))


@pytest.mark.parametrize(
    ("license_", "text"), [("CC0-1.0", "measure"), ("CC-BY-ND-4.0", "mea-\nsure"), ("CC-BY-NC-ND-4.0", "mea-\nsure")]
)
def test_where_the_entry_allows_no_derivatives_words_stay_as_printed(bench: Bench, license_: str, text: str) -> None:
    put(bench.folder / "d", {"1.xml": BROKEN})
    bench.write(ENTRY.format(harvest="d", rows="page", license=license_))
    source = bench.source("issues")
    sample = previewing.preview_source(bench.run, source, bench.base(source), 1)
    assert sample.rows[0]["text"] == text


def test_a_preview_reads_bundle_by_bundle(bench: Bench) -> None:
    put(bench.folder / "d", delivery("flat"))
    bench.write(ENTRY.format(harvest="d", rows="article", license="CC0-1.0"))
    source = bench.source("issues")
    sample = previewing.preview_source(bench.run, source, bench.base(source), 2)
    assert [row["text"] for row in sample.rows] == ["i1p1\n\ni1p2", "i2p1\n\ni2p2"]
    shutil.rmtree(bench.folder / "d")
