"""A sources file that goes on in others: each entry counts once, and where it stands changes nothing of it."""

from pathlib import Path

import pytest

from biglam_pipeline.source import Catalog, load_sources
from biglam_pipeline_tests.source.conftest import entry

FRONT = "include: sources/*.yaml\n"


def write(folder: Path, files: dict[str, str]) -> Catalog:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return load_sources([folder / "sources.yaml"])


@pytest.mark.parametrize(
    "front",
    [
        FRONT,
        "include: [sources/b.yaml, sources/a.yaml]\n",
        "include:\n  - sources/a.yaml\n  - sources/b.yaml\n",
        "include:\n- sources/{a,b}.yaml  # both\n\n",
        'include: "sources/**/*.yaml"\n# and no other\n',
    ],
)
@pytest.mark.parametrize("own", ["", "sources:\n" + entry("front")])
def test_entries_of_all_files_are_there(tmp_path: Path, front: str, own: str) -> None:
    files = {"sources.yaml": front + own, "sources/a.yaml": "sources:\n" + entry("a")}
    catalog = write(tmp_path, {**files, "sources/b.yaml": "# b\nsources:\n" + entry("b")})
    assert catalog.faults == {}
    assert sorted(catalog.sources) == ["a", "b", *(["front"] if own else [])]
    assert catalog.sources["b"].line == 3
    assert Path(catalog.sources["b"].file) == tmp_path / "sources/b.yaml"


def test_it_may_stand_behind_the_entries_and_lines_keep_their_numbers(tmp_path: Path) -> None:
    for text in ("sources:\n" + entry("x") + entry("y") + FRONT, FRONT + "sources:\n" + entry("x") + entry("y")):
        catalog = write(tmp_path, {"sources.yaml": text, "sources/a.yaml": "sources:\n" + entry("a")})
        first = text.split("\n").index("  x:") + 1
        assert {name: one.line for name, one in catalog.sources.items()} == {"x": first, "y": first + 5, "a": 2}


def test_an_entry_may_move_to_another_file_and_nothing_of_it_changes(tmp_path: Path) -> None:
    text = "sources:\n" + entry("x", harvest="file:data", normalize="mets_alto")
    before = write(tmp_path, {"sources.yaml": text}).strict()
    after = write(tmp_path, {"sources.yaml": FRONT, "sources/a.yaml": text}).strict()
    assert after.bases == before.bases == {"x": tmp_path.resolve()}
    for stage in ("raw", "normalized", "shards", "hub"):
        assert after.sources["x"].digest(stage) == before.sources["x"].digest(stage)


def test_a_file_counts_once_however_it_is_reached(tmp_path: Path) -> None:
    files = {
        "sources.yaml": "include: [sources/*.yaml, sources/a.yaml]\n",
        "sources/a.yaml": "include: b.yaml\nsources:\n" + entry("a"),
        "sources/b.yaml": "include: a.yaml\nsources:\n" + entry("b"),
    }
    catalog = write(tmp_path, files)
    assert (sorted(catalog.sources), catalog.faults) == (["a", "b"], {})


def test_two_entries_of_one_name_are_told_with_their_files(tmp_path: Path) -> None:
    files = {"sources.yaml": FRONT + "sources:\n" + entry("x"), "sources/a.yaml": "sources:\n" + entry("x")}
    assert write(tmp_path, files).faults == {
        "x": ("sources.yaml:3: x: a.yaml:2 has this name too; rename all but one",)
    }


@pytest.mark.parametrize(
    ("front", "fault"),
    [
        (
            FRONT,
            "sources.yaml:1: there is no sources/*.yaml beside this file; write such a file, or correct the pattern",
        ),
        ("\ninclude: ../x.yaml\n", "sources.yaml:2: `../x.yaml` leads out of the folder of this file; write"),
        ("include: /etc/*.yaml\n", "sources.yaml:1: `/etc/*.yaml` leads out of the folder of this file; write"),
        ("include: more.txt\n", "sources.yaml:1: more.txt is no YAML file; write"),
        ("include: {a: b.yaml}\n", "sources.yaml:1: `include` names no file; write"),
        ("include: []\n", "sources.yaml:1: `include` names no file; write"),
        ("include:\n", "sources.yaml:1: "),
        ("include: [a\n", "sources.yaml:1: a bracket is not closed"),
        ("include: a.yaml\ninclude: b.yaml\n", "sources.yaml:2: `include` is there once more; make one list"),
        ("include:\n  - no.yaml\n  - none.yaml\n", "sources.yaml:3: there is no none.yaml beside this file; write"),
    ],
)
def test_what_names_no_file_is_a_fault_of_the_file_and_hides_no_entry(tmp_path: Path, front: str, fault: str) -> None:
    (tmp_path / "more.txt").write_text("sources:\n")
    catalog = write(tmp_path, {"sources.yaml": front + "sources:\n" + entry("x")})
    assert list(catalog.sources) == ["x"]
    assert any(one.startswith(fault) for one in catalog.faults["sources.yaml"]), catalog.faults


def test_a_broken_file_is_a_fault_of_its_own(tmp_path: Path) -> None:
    files = {"sources.yaml": FRONT + "sources:\n" + entry("x"), "sources/a.yaml": "nothing\n", "sources/b.yaml": "[]\n"}
    catalog = write(tmp_path, files)
    assert list(catalog.sources) == ["x"]
    assert set(catalog.faults) == {"a.yaml", "b.yaml"}
