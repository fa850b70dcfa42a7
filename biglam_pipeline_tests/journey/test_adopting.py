"""A repository that somebody else made is taken over only once a person has looked at it, and nothing of it is lost."""

import re
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from huggingface_hub import CommitOperationAdd, HfApi

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.publish.adoption import BEFORE, Fate, fates_of, license_in
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.pushing import push
from biglam_pipeline_tests.journey.test_nights import advance

NAME = "demo_letters"
CARD = """---
license: mit
language: [en, x-bad]
tags: [letters]
doi: 10.5281/zenodo.7
extra_gated_prompt: Please ask.
dataset_info: {splits: [{name: train, num_examples: 3}]}
---
# Dataset Card for Letters

![A letter](images/letter.png)

[More Information Needed]
"""


def api(bench: Bench) -> HfApi:
    """The unmodified client."""
    return HfApi(endpoint=bench.hub.endpoint, token=False)


def foreign(bench: Bench, files: dict[str, bytes]) -> str:
    """Makes a repository as somebody did years ago; its head."""
    repository = bench.run.repository(bench.source(NAME))
    api(bench).create_repo(repository, repo_type="dataset", exist_ok=True)
    operations = [CommitOperationAdd(path, data) for path, data in files.items() if path != "README.md"]
    if operations:
        api(bench).create_commit(repository, operations, commit_message="As it was", repo_type="dataset")
    if "README.md" in files:  # the Hub took more in those years
        push(bench.hub.endpoint, repository, {"README.md": files["README.md"]})
    return str(bench.run.hub.head(repository))


def parquet(rows: int) -> bytes:
    """Some rows of other columns than ours."""
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"text": [f"t{at}" for at in range(rows)], "fname": ["x"] * rows}), sink)
    return bytes(sink.getvalue())


def files() -> dict[str, bytes]:
    """A repository of the first years of the Hub."""
    return {
        "README.md": CARD.encode(),
        "demo_letters.py": b"import datasets\n",
        "dataset_infos.json": b"{}",
        "data/train-00000-of-00001.parquet": parquet(3),
        "extra/more.parquet": parquet(4),
        "letters.csv": b"a,b\n",
        "images/letter.png": b"\x89PNG",
        "images/other.png": b"\x89PNG",
        "LICENSE.txt": b"MIT",
    }


def adopt(bench: Bench, revision: str) -> None:
    """What a person writes into the entry."""
    source = bench.source(NAME)
    publish = source.publish.model_copy(update={"adopt": revision})
    bench.catalog.sources[NAME] = source.model_copy(update={"publish": publish})


def test_it_is_refused_until_somebody_has_looked(small: Bench) -> None:
    head = foreign(small, files())
    commits = small.commits(NAME)
    with pytest.raises(SourceChanged) as stopped:
        small.night(NAME)
    said = str(stopped.value)
    assert f"`publish: {{adopt: {head}}}`" in said
    assert re.search(r"\| Rows \| 7, and those of 2 files that are no Parquet \| \d+ \|", said)
    assert "| Licence | mit | cc0-1.0 |" in said
    assert "Columns that are gone: `fname`" in said
    assert f"| demo_letters.py | leaves `main`, stays in {BEFORE} | a loading script" in said
    assert "| images/letter.png | stays | the card shows or names it |" in said
    assert "| LICENSE.txt | stays |" in said
    assert small.commits(NAME) == commits
    assert api(small).list_repo_refs(small.run.repository(small.source(NAME)), repo_type="dataset").tags == []


def test_what_was_there_is_kept_and_the_card_goes_on(small: Bench) -> None:
    head = foreign(small, files())
    adopt(small, head)
    release = small.night(NAME)
    repository = release.repository
    listing = small.run.hub.listing(repository, release.commit)
    left = {path for path in listing if not path.startswith((".biglam/", "data/default/", "data/demo_letters/"))}
    assert left == {".gitattributes", "README.md", "images/letter.png", "LICENSE.txt"}
    tags = {one.name: one.target_commit for one in api(small).list_repo_refs(repository, repo_type="dataset").tags}
    assert tags == {BEFORE: head, release.tag: release.commit}
    assert files().keys() <= small.run.hub.listing(repository, BEFORE).keys()
    card = small.card(NAME)
    assert card.index("biglam:end requests") < card.index("# Dataset Card for Letters")
    assert "doi: 10.5281/zenodo.7" in card
    assert "extra_gated_prompt: Please ask." in card
    assert "- letters" in card
    assert "license: cc0-1.0" in card
    assert "mit" not in card
    report = small.run.shelf.at(f"{NAME}/hub").read("adoption.md").decode()
    assert "| Licence | mit | cc0-1.0 |" in report
    assert release.read_back == ()

    asked = len(small.hub.log)
    advance(small)
    small.night(NAME)
    assert len(small.hub.log) - asked == 3, "an entry that still says so costs nothing"
    small.institution.institution.correct("letters", ["letter-003"])
    advance(small)
    small.night(NAME)
    assert "# Dataset Card for Letters" in small.card(NAME)


def test_it_is_refused_where_it_moved_since(small: Bench) -> None:
    head = foreign(small, files())
    adopt(small, head)
    foreign(small, {"new.csv": b"a\n"})
    with pytest.raises(SourceChanged, match=f"it moved since `publish.adopt: {head}` was looked at"):
        small.night(NAME)


def test_a_tag_of_that_name_is_never_moved(small: Bench) -> None:
    repository = small.run.repository(small.source(NAME))
    first = foreign(small, {"README.md": b"first"})
    api(small).create_tag(repository, tag=BEFORE, revision=first, repo_type="dataset")
    adopt(small, foreign(small, files()))
    with pytest.raises(SourceChanged, match=f"the tag {BEFORE} is taken"):
        small.night(NAME)


@pytest.mark.representative(1)  # other headers
@pytest.mark.parametrize("header", ["pretty_name: A: b: c\ndoi: 10.5281/zenodo.7", "- a", "day: 2026-02-31", "\ta: b"])
def test_a_header_that_cannot_be_read_is_mended_by_people_before(small: Bench, header: str) -> None:
    """Whatever stands in it, a DOI or a gate, would leave the card."""
    head = foreign(small, {"README.md": f"---\n{header}\n---\n# Letters\n".encode()})
    adopt(small, head)
    with pytest.raises(SourceChanged, match=r"README.md: its header cannot be read.*Mend it on the Hub"):
        small.night(NAME)
    assert small.run.hub.head(small.run.repository(small.source(NAME))) == head


@pytest.mark.representative(1)  # another form of nothing
@pytest.mark.parametrize(
    "make",
    [
        lambda bench: api(bench).create_repo(bench.run.repository(bench.source(NAME)), repo_type="dataset"),
        lambda bench: foreign(bench, {"README.md": b"---\nlicense: mit\n---\n"}),
    ],
    ids=["empty", "the Hub's own form"],
)
def test_what_holds_nothing_needs_no_leave(small: Bench, make: Callable[[Bench], object]) -> None:
    make(small)
    assert small.night(NAME).tag
    assert "license: cc0-1.0" in small.card(NAME)


@pytest.mark.representative(1)  # other files
@pytest.mark.parametrize("files", [{"README.md": b"Words.\n"}, {"a.txt": b"x"}, {".biglam/x": b"x"}], ids=str)
def test_anything_of_somebodys_needs_leave(small: Bench, files: dict[str, bytes]) -> None:
    foreign(small, files)
    with pytest.raises(SourceChanged, match="the program did not make it"):
        small.night(NAME)


@pytest.mark.slow  # test_publication_kills.py kills publications
def test_a_run_that_was_killed_while_it_took_over_goes_on(small: Bench) -> None:
    """The tag is there, the commit is, the note is not."""
    head = foreign(small, files())
    adopt(small, head)
    first = small.night(NAME)
    shelf = small.run.shelf.at(f"{NAME}/hub")
    shelf.delete("release.json")
    again = small.night(NAME)
    assert (again.tag, again.commit) == (first.tag, first.commit)
    assert small.card(NAME).count("# Dataset Card for Letters") == 1


def test_files_that_cannot_be_read_are_said_to_be_uncounted(small: Bench) -> None:
    foreign(small, {"a.parquet": b"broken", "b.parquet": parquet(2), "README.md": b"---\na: [b\n---\n"})
    with pytest.raises(SourceChanged) as stopped:
        small.night(NAME)
    assert "2, and those of 1 file" in str(stopped.value)
    assert "its header cannot be read" in str(stopped.value)


def test_what_becomes_of_a_file() -> None:
    card = "![](img/a.jpg) see train.csv"
    paths = ["train.csv", "img/a.jpg", "img/b.JPG", "x.py", "tools/x.py", "NOTICE", "CITATION.cff", "README.md"]
    paths += [".github/x.json", "requirements.txt", "d/default/0000.Parquet", "data/LICENSE", "a.zip", "notes"]
    going = {one.path for one in fates_of(paths, card, ("data/",)) if one.goes}
    assert going == {"train.csv", "img/b.JPG", "x.py", "d/default/0000.Parquet", "data/LICENSE", "a.zip"}
    assert fates_of(["README.md", ".gitattributes"], "", ()) == []
    assert fates_of(["a.bin"], "", ()) == [Fate("a.bin", False, "neither data nor a loading script")]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "none"),
        ({"license": ["mit", "cc0-1.0"]}, "mit, cc0-1.0"),
        ({"license": "other", "license_name": "pdm", "license_link": "https://x"}, "other (pdm https://x)"),
    ],
)
def test_a_licence_as_a_header_has_it(fields: dict[str, object], said: str) -> None:
    assert license_in(fields) == said
