"""Git repositories as a source: real ones, listed and packed by git itself, at the addresses of GitHub and GitLab."""

import io
import logging
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from biglam_pipeline.errors import ObjectFailed, SourceChanged
from biglam_pipeline.harvest.address import read_address
from biglam_pipeline.harvest.protocols.git import Git, walk
from biglam_pipeline.harvest.protocols.git.pointers import read_pointer
from biglam_pipeline.harvest.protocols.git.refs import commit_of, read_refs
from biglam_pipeline.harvest.shelving import shelve_visit
from biglam_pipeline.store import batch_writer
from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline.store.raw import Harvest, RawShelf
from biglam_pipeline.web import Web
from biglam_pipeline_tests.contracts.offers import Offer
from biglam_pipeline_tests.contracts.test_protocols import Dying, Killed
from biglam_pipeline_tests.harvest.conftest import Outcome, Shelf
from biglam_pipeline_tests.harvest.protocols.conftest import says_what_to_write
from biglam_pipeline_tests.servers.forge import Forge, Link, Submodule, pointer
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer

A, B, C = b"id,title\n1,One\n", b"id,title\n2,Two\n", b"id,title\n3,Three\n"
TABLES = {"data/a.csv": A, "data/b.csv": B, "notes.txt": b"hello\n"}


def offer(server: ScriptedServer, folder: Path) -> Offer:
    objects = {f"data/{name}.csv": f"x,y\n{name},1\n".encode() for name in "abc"}
    forge = Forge(server, folder / "repository")
    forge.commit({**objects, "README.md": b"# Prints\n"})
    return Offer(
        {"url": ["github:library/prints#data/{a,b,c}.csv"]},
        objects,
        lambda key: forge.on("raw", Reply(status=404), key),
        lambda key: forge.on("raw", Reply(objects[key]), key),
        forge.rewrite,
    )


@pytest.fixture
def forge(server: ScriptedServer, tmp_path: Path) -> Forge:
    made = Forge(server, tmp_path / "repository")
    made.commit(TABLES)
    return made


@pytest.fixture
def shelf(forge: Forge, tmp_path: Path, slept: list[float]) -> Iterator[Shelf]:
    rewrite, locks = forge.rewrite, tmp_path / "locks"
    with Web(contact="a@example.org", rewrite=rewrite, allow_private=True, locks=locks, sleep=slept.append) as web:
        yield Shelf(web, tmp_path, tmp_path / "scratch")


def held(shelf: Shelf) -> dict[str, bytes]:
    return {key: shelf.bytes_of[one.sha256] for key, one in shelf.held.items()}


def why(outcome: Outcome) -> dict[str, str]:
    return {one.key: one.reason for one in outcome.missing}


# --- nights ---


def test_nights_bring_what_was_added_corrected_removed_and_restored_and_nothing_else(
    forge: Forge, shelf: Shelf
) -> None:
    source = Git(url="github:library/prints#*.csv")
    outcome = shelf.visit(source)
    assert (held(shelf), outcome.evidence.complete) == ({"data/a.csv": A, "data/b.csv": B}, True)
    first = shelf.held["data/a.csv"].url
    forge.commit({"data/b.csv": C, "data/c.csv": C, "notes.txt": b"bye\n"})
    outcome = shelf.visit(source)
    assert ([one.key for one in outcome.objects], outcome.kept) == (["data/b.csv", "data/c.csv"], ["data/a.csv"])
    forge.commit({"data/a.csv": None})
    assert shelf.visit(source).kept == ["data/b.csv", "data/c.csv"]
    forge.commit({"data/a.csv": A})
    assert [one.key for one in shelf.visit(source).objects] == ["data/a.csv"]
    assert held(shelf) == {"data/a.csv": A, "data/b.csv": C, "data/c.csv": C}
    assert (
        first
        != shelf.held["data/a.csv"].url
        == f"https://raw.githubusercontent.com/library/prints/{forge.head}/data/a.csv"
    )
    assert shelf.held["data/a.csv"].final_url.endswith(f"/codeload.github.com/library/prints/tar.gz/{forge.head}")


def test_a_night_without_a_commit_is_one_request_of_a_few_hundred_bytes(forge: Forge, shelf: Shelf) -> None:
    source = Git(url="github:library/prints")
    shelf.visit(source)
    before = len(forge.server.asked)
    outcome = shelf.visit(source)
    assert (outcome.objects, sorted(outcome.kept), outcome.evidence.complete) == ([], sorted(TABLES), True)
    assert forge.server.paths()[before:] == ["/github.com/library/prints.git/info/refs?service=git-upload-pack"]
    assert len(forge.refs()) < 600


def test_a_whole_commit_is_asked_for_once_and_for_all(forge: Forge, shelf: Shelf) -> None:
    source = Git(url=f"github:library/prints@{forge.head}#*.csv")
    shelf.visit(source)
    forge.commit({"data/a.csv": C})
    before = len(forge.server.asked)
    assert shelf.visit(source).kept == ["data/a.csv", "data/b.csv"]
    assert len(forge.server.asked) == before


def test_a_visit_that_was_cut_off_goes_on_at_its_commit(forge: Forge, shelf: Shelf) -> None:
    """Else files of two commits would stand beside each other."""
    source = Git(url="github:library/prints#*.csv")
    taken = tuple(one for one in shelf.visit(source).objects if one.key == "data/a.csv")
    shelf.held, shelf.cursor = {}, {}
    old = forge.head
    forge.commit({"data/a.csv": C, "data/b.csv": C})
    before = len(forge.server.asked)
    outcome = shelf.resume(source, taken)
    assert held(shelf) == {"data/a.csv": A, "data/b.csv": B}
    assert forge.server.paths()[before:][0] == forge.place("archive", old)
    assert outcome.evidence.complete
    shelf.visit(source)
    assert held(shelf) == {"data/a.csv": C, "data/b.csv": C}


@pytest.mark.parametrize("after", [1, 2, 3])
def test_killed_in_the_middle_of_an_archive_it_ends_as_undisturbed(
    forge: Forge, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """The archive comes once more, at the commit of the first attempt; no file that is shelved is shelved again."""
    monkeypatch.setattr(batch_writer, "BATCH_BYTES", 1)
    source, raw = (
        Git(url="github:library/prints"),
        RawShelf(open_shelf(str(tmp_path / "s"), tmp_path / "t").at("x/raw")),
    )
    old = forge.head

    def visit(harvester: Any) -> Harvest:
        noon = shelf.now
        return shelve_visit(harvester, shelf.web, raw, base=tmp_path, request="x", now=lambda: noon).harvest

    with pytest.raises(Killed):
        visit(Dying(source, after))
    forge.commit({"data/a.csv": C, "notes.txt": None})
    before, batches = len(forge.server.asked), set(raw.shelf.list("batches/"))
    harvest = visit(source)
    assert raw.contents(raw.objects(harvest.number).values()) == TABLES
    assert (harvest.complete, harvest.proof) == (True, f"commit {old[:12]}: 3 files came whole, 0 unchanged, 0 missing")
    assert forge.server.paths()[before] == forge.place("archive", old)
    assert len(batches) == after
    assert batches <= set(raw.shelf.list("batches/"))
    assert len(raw.shelf.list("batches/")) == 3
    harvest = visit(source)
    assert raw.contents(raw.objects(harvest.number).values()) == {"data/a.csv": C, "data/b.csv": B}


def test_a_branch_that_goes_back_after_a_night_without_all_is_no_whole(forge: Forge, shelf: Shelf) -> None:
    """The commit is the one of the last whole night, and what lies on the shelf is not."""
    source = Git(url="github:library/prints#data/{a,b}.csv")
    shelf.visit(source)
    old, cursor = forge.head, dict(shelf.cursor)
    forge.commit({"data/a.csv": C})
    forge.on("raw", Reply(status=404), "data/b.csv")
    assert why(shelf.visit(source)) == {"data/b.csv": "not_found"}
    shelf.cursor = cursor  # as it is left where a harvest is not whole
    forge.git("update-ref", "refs/heads/main", old)
    assert shelf.visit(source).evidence.complete
    assert held(shelf) == {"data/a.csv": A, "data/b.csv": B}


def test_what_the_entry_ignores_no_more_comes(forge: Forge, shelf: Shelf) -> None:
    source = Git(url="github:library/prints#*.csv", ignore="data/a.csv")
    assert shelf.visit(source).evidence.left_out == {"ignored": 1}
    assert shelf.visit(source).evidence.left_out == {"ignored": 1}
    assert [one.key for one in shelf.visit(Git(url="github:library/prints#*.csv")).objects] == ["data/a.csv"]


# --- which files ---


def test_files_that_are_named_exactly_come_alone(forge: Forge, shelf: Shelf) -> None:
    before = len(forge.server.asked)
    shelf.visit(Git(url="github:library/prints#{notes.txt,data/b.csv}"))
    assert held(shelf) == {"notes.txt": b"hello\n", "data/b.csv": B}
    assert [path.split("/")[1] for path in forge.server.paths()[before:]] == [
        "github.com", "raw.githubusercontent.com", "raw.githubusercontent.com",
    ]  # fmt: skip
    forge.commit({"data/b.csv": C})
    outcome = shelf.visit(Git(url="github:library/prints#{notes.txt,data/b.csv}"))
    assert ([one.key for one in outcome.objects], outcome.kept) == (["data/b.csv"], ["notes.txt"])


def test_keys_are_the_same_however_the_files_are_chosen(forge: Forge, shelf: Shelf) -> None:
    keys = set()
    for pattern in ("", "#data/a.csv", "#**/a.csv", "#data/*.csv"):
        shelf.held, shelf.cursor = {}, {}
        shelf.visit(Git(url=f"github:library/prints{pattern}"))
        keys.add(min(shelf.held))
    assert keys == {"data/a.csv"}


def test_many_files_that_are_named_exactly_come_in_one_archive(forge: Forge, shelf: Shelf) -> None:
    forge.commit({f"p/{number:03d}.txt": b"x%d" % number for number in range(1, 121)} | {"q/p/001.txt": b"other"})
    before = len(forge.server.asked)
    shelf.visit(Git(url="github:library/prints#p/{001..120}.txt"))
    assert (len(shelf.held), "q/p/001.txt" in shelf.held) == (120, False)
    assert len(forge.server.asked) - before < 4


def test_several_repositories_stand_in_folders_and_move_none_of_each_others_keys(
    forge: Forge, shelf: Shelf, tmp_path: Path
) -> None:
    maps = Forge(forge.server, tmp_path / "maps", path="library/maps")
    maps.commit({"data/a.csv": B})
    source = Git(url=["github:library/prints#*.csv", "github:library/maps", "github:library/prints#notes.txt"])
    outcome = shelf.visit(source)
    assert sorted(held(shelf)) == ["maps/data/a.csv", "prints/data/a.csv", "prints/data/b.csv", "prints/notes.txt"]
    maps.commit({"notes.txt": b"x"})
    before = len(forge.server.asked)
    outcome = shelf.visit(source)
    assert [one.key for one in outcome.objects] == ["maps/notes.txt"]
    assert forge.place("archive", forge.head) not in forge.server.paths()[before:]
    assert outcome.evidence.proof == "2 repositories: 1 files came whole, 4 unchanged, 0 missing"


def test_repositories_of_one_name_and_two_states_of_one_have_folders_of_their_own(
    forge: Forge, shelf: Shelf, tmp_path: Path
) -> None:
    """And no folder lies in another."""
    for path in ("museum/prints", "x/library"):
        Forge(forge.server, tmp_path / path, path=path).commit({"a.csv": A})
    first = forge.head
    forge.commit({"data/a.csv": C})
    names = ["library/prints", f"library/prints@{first}", "museum/prints", "x/library"]
    source = Git(url=[f"github:{name}#**/a.csv" for name in names])
    shelf.visit(source)
    assert held(shelf) == {
        "library~prints@/data/a.csv": C,
        f"library~prints@{first}/data/a.csv": A,
        "museum~prints/a.csv": A,
        "library/a.csv": A,
    }
    before = len(forge.server.asked)
    assert len(shelf.visit(source).kept) == 4
    assert len(forge.server.asked) - before == 3


def test_a_file_that_is_an_archive_is_a_folder_and_nothing_around_it_counts(forge: Forge, shelf: Shelf) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("1824/a.xml", "<alto/>")
    forge.commit({"scans.zip": buffer.getvalue(), "broken.zip": buffer.getvalue()[:60]})
    outcome = shelf.visit(Git(url="github:library/prints#*.zip"))
    [one] = outcome.objects
    assert (one.key, one.archive) == ("scans.zip", True)
    assert one.survey is not None
    assert [member.name for member in one.survey.members] == ["1824/a.xml"]
    assert why(outcome) == {"broken.zip": "truncated"}


def test_a_large_file_goes_through_scratch_space(forge: Forge, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "_IN_MEMORY", 1000)
    large = b"x" * 3_000_000
    forge.commit({"large.csv": large})
    outcome = shelf.visit(Git(url="github:library/prints#*.csv"))
    by_key = {one.key: one for one in outcome.objects}
    assert (by_key["large.csv"].content, by_key["large.csv"].size) == (None, len(large))
    assert held(shelf)["large.csv"] == large


def test_names_in_any_script_and_with_blanks(forge: Forge, shelf: Shelf) -> None:
    forge.commit({"資料/é à.csv": C, "100%#1.csv": C})
    shelf.visit(Git(url="github:library/prints#**/資料/*.csv"))
    assert list(held(shelf)) == ["資料/é à.csv"]
    shelf.visit(Git(url="github:library/prints#資料/é à.csv"))
    assert list(held(shelf)) == ["資料/é à.csv"]
    shelf.visit(Git(url="github:library/prints#*.csv"))
    assert "100%#1.csv" in held(shelf)


# --- Git LFS ---


@pytest.mark.parametrize("pattern", ["#Artworks.csv", "#*.csv"])
def test_a_pointer_is_followed_and_held_against_what_comes(forge: Forge, shelf: Shelf, pattern: str) -> None:
    """https://github.com/MuseumofModernArt/collection/issues/3: a table of 133 bytes."""
    forge.lfs["Artworks.csv"] = C * 100
    forge.commit({"Artworks.csv": pointer(C * 100), "data/a.csv": None, "data/b.csv": None})
    shelf.visit(Git(url=f"github:library/prints{pattern}"))
    assert held(shelf) == {"Artworks.csv": C * 100}
    forge.commit({"README.md": b"x"})
    before = len(forge.server.asked)
    assert shelf.visit(Git(url=f"github:library/prints{pattern}")).kept == ["Artworks.csv"]
    assert not [path for path in forge.server.paths()[before:] if "media" in path]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(b"id,title\n"), "checksum"),
        (Reply(status=404), "lfs_pointer"),
        (Reply(pointer(C)), "lfs_pointer"),
        (Reply(b"<html>over quota</html>"), "wall"),
    ],
)
def test_a_pointer_is_never_data(forge: Forge, shelf: Shelf, reply: Reply, reason: str) -> None:
    forge.lfs["a.csv"] = C
    forge.commit({"a.csv": pointer(C)})
    forge.on("lfs", reply, "a.csv")
    for pattern in ("#a.csv", "#*.csv"):
        outcome = shelf.visit(Git(url=f"github:library/prints{pattern}"))
        assert why(outcome) == {"a.csv": reason}
        assert "lies in Git LFS (17 bytes)" in outcome.missing[0].detail
        assert "a.csv" not in shelf.held
    assert shelf.visit(Git(url="github:library/prints#*.csv", ignore="a.csv")).evidence.complete


def test_a_budget_of_lfs_that_is_used_up_is_asked_for_once_and_the_rest_comes(forge: Forge, shelf: Shelf) -> None:
    """https://github.com/LeCAR-Lab/BFM-Zero/issues/7: the owner's budget, which readers use up."""
    forge.lfs |= {"large/1.csv": B, "large/2.csv": C}
    forge.commit({"large/1.csv": pointer(B), "large/2.csv": pointer(C)})
    for path in forge.lfs:
        forge.on("lfs", Reply(b"This repository exceeded its LFS budget.", 403), path)
    outcome = shelf.visit(Git(url="github:library/prints#*.csv"))
    assert (why(outcome), sorted(held(shelf))) == (
        {"large/1.csv": "refused", "large/2.csv": "refused"}, ["data/a.csv", "data/b.csv"]
    )  # fmt: skip
    assert all("their LFS budget may be used up" in one.detail for one in outcome.missing)
    assert len([path for path in forge.server.paths() if path.startswith("/media")]) == 1
    assert shelf.visit(Git(url="github:library/prints#*.csv", ignore="large/**")).evidence.complete


def test_a_wrong_checksum_once_is_asked_for_again(forge: Forge, shelf: Shelf) -> None:
    forge.lfs["a.csv"] = C
    forge.commit({"a.csv": pointer(C)})
    forge.server.on(forge.place("lfs", forge.head, "a.csv"), Reply(b"id,titel\n3,Three\n"), Reply(C))
    assert shelf.visit(Git(url="github:library/prints#a.csv")).evidence.complete


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha1:0\nsize 3\n", "no sha256 and size"),
        (b"version https://git-lfs.github.com/spec/v1\n", "no sha256 and size"),
        (b"version https://git-lfs.github.com/spec/v9\r\n", "no sha256 and size"),
        (pointer(C).replace(b"oid", b"ext-0-zip sha256:%b\noid" % (b"a" * 64)), "an extension of Git LFS"),
    ],
)
def test_a_pointer_that_cannot_be_read_is_never_data(forge: Forge, shelf: Shelf, content: bytes, words: str) -> None:
    forge.commit({"a.csv": content})
    for pattern in ("#a.csv", "#*.csv"):
        outcome = shelf.visit(Git(url=f"github:library/prints{pattern}"))
        assert why(outcome) == {"a.csv": "lfs_pointer"}
        assert words in outcome.missing[0].detail


def test_what_is_a_pointer() -> None:
    made = read_pointer("a", pointer(C).replace(b"\n", b"\r\n"), 130)
    assert made is not None
    assert made.size == len(C)
    old = pointer(C).replace(b"git-lfs", b"hawser")
    assert read_pointer("a", old, len(old)) == made
    assert (
        read_pointer("a", b"version https://git-lfs.github.com/spec/v1 is what pointers begin with" * 20, 1400) is None
    )
    assert read_pointer("a", A, len(A)) is None


def test_an_archive_that_has_what_lfs_holds_is_taken_as_it_is(forge: Forge, shelf: Shelf) -> None:
    """A setting of GitHub's repositories, and what GitLab does by default."""
    packed = _retar(forge.archive(forge.head), {"data/a.csv": C * 9})
    forge.on("archive", Reply(packed))
    shelf.visit(Git(url="github:library/prints#*.csv"))
    assert held(shelf)["data/a.csv"] == C * 9


def _retar(packed: bytes, changed: dict[str, bytes], top: str = "") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(packed)) as old, tarfile.open(fileobj=buffer, mode="w:gz") as new:
        for info in old:
            name = info.name.partition("/")[2]
            content = old.extractfile(info).read() if info.isfile() else b""  # type: ignore[union-attr]
            content = changed.get(name, content)
            info.size, info.name = len(content), f"{top or info.name.partition('/')[0]}/{name}".rstrip("/")
            new.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


# --- what is no file ---


def test_links_submodules_and_litter_are_counted_and_told(
    forge: Forge, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    forge.commit({
        "latest.csv": Link("data/b.csv"),
        "all": Link("data"),
        "vendor/maps": Submodule("1" * 40),
        ".gitmodules": b'[submodule "maps"]\n\tpath = vendor/maps\n\turl = https://example.org/maps\n',
        ".gitattributes": b"*.csv text\n",
    })  # fmt: skip
    outcome = shelf.visit(Git(url="github:library/prints"))
    assert outcome.evidence.complete
    assert outcome.evidence.left_out == {"linked": 2, "litter": 2, "submodules": 1}
    assert "holds other repositories (vendor/maps), and nothing of them" in caplog.text
    assert shelf.visit(Git(url="github:library/prints")).evidence.left_out == outcome.evidence.left_out


@pytest.mark.representative(2)  # other links
@pytest.mark.parametrize(
    ("target", "words"),
    [("../../etc/passwd", "outside of the repository"), ("/etc/passwd", "outside"), ("gone.csv", "where nothing is"),
     ("latest.csv", "in a circle"), ("data/b.csv", "does not choose")],
)  # fmt: skip
def test_a_link_that_leads_to_no_file_that_comes_is_missing(
    forge: Forge, shelf: Shelf, target: str, words: str
) -> None:
    forge.commit({"latest.csv": Link(target)})
    source = "github:library/prints#{**/latest.csv,**/data/a.csv}"
    outcome = shelf.visit(Git(url=source))
    assert why(outcome) == {"latest.csv": "link"}
    assert words in outcome.missing[0].detail
    assert shelf.visit(Git(url=source, ignore="latest.csv")).evidence.complete
    assert why(shelf.visit(Git(url="github:library/prints#**/latest.csv"))) == {"latest.csv": "link"}


def test_a_link_that_is_named_exactly_is_no_table_of_one_path(forge: Forge, shelf: Shelf) -> None:
    """Of a link raw.githubusercontent.com sends the target's path."""
    forge.commit({"latest.csv": Link("data/b.csv")})
    outcome = shelf.visit(Git(url="github:library/prints#latest.csv"))
    assert why(outcome) == {"latest.csv": "link"}
    assert "is a link to data/b.csv" in outcome.missing[0].detail


@pytest.mark.parametrize("hidden", [False, True])
def test_what_gitattributes_keeps_out_of_archives_is_missing(forge: Forge, shelf: Shelf, hidden: bool) -> None:
    """Also where that very file keeps itself out, as packages do."""
    itself = b"/.gitattributes export-ignore\n" if hidden else b""
    forge.commit({".gitattributes": b"# a comment\n/data/b.csv -text export-ignore\n*.md -export-ignore\n" + itself})
    with tarfile.open(fileobj=io.BytesIO(forge.archive(forge.head))) as archive:
        assert not [name for name in archive.getnames() if name.endswith("b.csv")]
    outcome = shelf.visit(Git(url="github:library/prints"))
    assert why(outcome) == {"data/b.csv": "refused"}
    assert "write `ignore: data/b.csv`" in outcome.missing[0].detail
    assert shelf.visit(Git(url="github:library/prints", ignore="data/b.csv")).evidence.complete
    assert shelf.visit(Git(url="github:library/prints#data/{a,b}.csv")).evidence.complete
    assert held(shelf) == {"data/a.csv": A, "data/b.csv": B}


# --- hostile archives ---


def test_an_archive_that_is_not_whole_or_of_another_commit_is_missing(forge: Forge, shelf: Shelf) -> None:
    source, whole = Git(url="github:library/prints"), forge.archive(forge.head)
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0xFF
    two = _retar(whole, {}, top="")[:-1]
    for body in (
        whole[: len(whole) // 2],
        bytes(flipped),
        b"<html>please wait</html>",
        b"",
        two,
        _retar(whole, {}, top=f"prints-{'0' * 40}"),
    ):
        forge.on("archive", Reply(body))
        outcome = shelf.visit(source)
        assert not outcome.evidence.complete
        assert (outcome.objects, len(outcome.missing)) == ([], 1), body[:40]
        assert outcome.missing[0].key == "github:library/prints"
        assert (outcome.missing[0].reason == "wall") == (b"html" in body)
    forge.offer()
    assert shelf.visit(source).evidence.complete


def test_a_name_that_leads_out_of_an_archive_is_missing(forge: Forge, shelf: Shelf) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name in ("../../b.csv", "a.csv", "a.csv", "dev"):
            info = tarfile.TarInfo(f"prints-{forge.head}/{name}")
            info.size = len(A)
            if name == "dev":
                info.type, info.size = tarfile.CHRTYPE, 0
            archive.addfile(info, io.BytesIO(A if name != "dev" else b""))
    forge.on("archive", Reply(buffer.getvalue()))
    outcome = shelf.visit(Git(url="github:library/prints"))
    assert [one.key for one in outcome.objects] == ["a.csv"]
    assert why(outcome) == {"a.csv~2": "named_twice", "../../b.csv": "name", "dev": "device"}


def test_a_file_that_is_gone_between_the_list_and_its_fetching_is_missing(forge: Forge, shelf: Shelf) -> None:
    forge.on("raw", Reply(status=404), "data/b.csv")
    outcome = shelf.visit(Git(url="github:library/prints#data/{a,b}.csv"))
    assert why(outcome) == {"data/b.csv": "not_found"}
    assert "a PATTERN without a * is a path from the root on" in outcome.missing[0].detail
    assert list(held(shelf)) == ["data/a.csv"]


def test_a_pattern_that_chooses_nothing_says_what_there_is(forge: Forge, shelf: Shelf) -> None:
    outcome = shelf.visit(Git(url="github:library/prints#*.xml"))
    assert "it has data/a.csv, data/b.csv, notes.txt" in outcome.missing[0].detail
    assert not outcome.evidence.complete


# --- branches, tags, and what is none ---


def test_branches_tags_and_commits(forge: Forge, shelf: Shelf) -> None:
    first = forge.head
    forge.git("-c", "user.name=T", "-c", "user.email=t@example.org", "tag", "-a", "-m", "x", "v1", first)
    forge.git("update-ref", "refs/heads/feature/ocr", first)
    forge.commit({"data/a.csv": C})
    refs = read_refs(forge.refs(), "x")
    assert commit_of(refs, "", "x") == commit_of(refs, "main", "x") == forge.head
    assert commit_of(refs, "v1", "x") == commit_of(refs, "refs/tags/v1", "x") == first
    assert commit_of(refs, "feature/ocr", "x") == first
    shelf.visit(Git(url="github:library/prints@v1#data/a.csv"))
    assert held(shelf) == {"data/a.csv": A}


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("master", "has no branch or tag master; it has main, v1, v2"),
        ("mian", "did you mean x@main?"),
        ("abc1234", "a commit is written in full, with its 40 digits"),
        ("both", "is a branch and a tag; write x@refs/heads/both or @refs/tags/both"),
        ("refs/heads/gone", "has no branch or tag"),
    ],
)
def test_a_branch_that_is_not_there_says_which_are(forge: Forge, wanted: str, words: str) -> None:
    first = forge.head
    for tag in ("v1", "v2"):
        forge.git("tag", tag)
    forge.commit({"data/a.csv": C})
    if wanted == "both":
        forge.git("tag", "both", first)
        forge.git("branch", "both")
    with pytest.raises(ObjectFailed, match=words.replace("?", r"\?")):
        commit_of(read_refs(forge.refs(), "x"), wanted, "x")


def test_an_empty_repository_and_one_without_its_default_branch(server: ScriptedServer, tmp_path: Path) -> None:
    empty = Forge(server, tmp_path / "empty")
    with pytest.raises(ObjectFailed, match="is an empty repository"):
        read_refs(empty.refs(), "x")
    empty.branch = "dev"
    empty.commit(TABLES)
    with pytest.raises(ObjectFailed, match="name a branch, x@BRANCH: it has dev"):
        commit_of(read_refs(empty.refs(), "x"), "", "x")


def test_a_list_of_branches_that_is_cut_or_none(forge: Forge, shelf: Shelf) -> None:
    whole = forge.refs()
    for size in range(len(whole)):
        with pytest.raises(ObjectFailed):
            read_refs(whole[:size], "x")
    bodies = [b"", whole[: len(whole) - 4]]
    bodies += [b"<html>log in</html>", whole.replace(b"service=git-upload-pack", b"service=git-receive-pac"), b"zzzz"]
    bodies += [
        b"001e# service=git-upload-pack\n0000001aERR access is denied\n0000",
        f"{forge.head}\trefs/heads/main\n".encode(),
    ]
    for body in bodies:
        with pytest.raises(ObjectFailed):
            read_refs(body, "x")
        forge.on("refs", Reply(body))
        outcome = shelf.visit(Git(url="github:library/prints"))
        assert not outcome.evidence.complete
        assert (outcome.objects, outcome.missing[0].url) == ([], "https://github.com/library/prints")


def test_one_that_is_private_or_not_there_is_missing_and_the_others_come(forge: Forge, shelf: Shelf) -> None:
    forge.server.on("/github.com/library/secret.git/info/refs", Reply(b"Repository not found.", 401))
    outcome = shelf.visit(Git(url=["github:library/secret", "github:library/prints#data/a.csv"]))
    assert why(outcome) == {"github:library/secret": "refused"}
    assert "is private, or not there" in outcome.missing[0].detail
    assert list(held(shelf)) == ["prints/data/a.csv"]
    assert why(shelf.visit(Git(url="github:library/nothing"))) == {"github:library/nothing": "not_found"}


def test_a_host_that_refuses_is_asked_no_more(forge: Forge, shelf: Shelf) -> None:
    forge.on("archive", Reply(status=403))
    with pytest.raises(SourceChanged, match="nothing more is asked"):
        shelf.visit(Git(url="github:library/prints"))


def test_a_repository_that_moved_is_followed_and_told(
    forge: Forge, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    forge.server.on(
        "/github.com/old/name.git/info/refs",
        Reply(status=301, headers={"Location": f"{forge.server.url}{forge.place('refs', '')}?service=git-upload-pack"}),
    )
    with caplog.at_level(logging.WARNING):
        assert shelf.visit(Git(url="github:old/name#*.csv")).evidence.complete
    assert "github:old/name#*.csv has moved to github:library/prints; write that in the entry" in caplog.text


def test_gitlab_of_ones_own_and_groups_in_groups(server: ScriptedServer, shelf: Shelf, tmp_path: Path) -> None:
    for number, (host, written) in enumerate(
        [("gitlab.com", "gitlab:kb/lab/prints"), ("git.example.org", "gitlab:git.example.org/kb/lab/prints")]
    ):
        forge = Forge(server, tmp_path / f"{number}", path="kb/lab/prints", service=host)
        forge.lfs["large.csv"] = C
        forge.commit({**TABLES, "large.csv": pointer(C)})
        shelf.held, shelf.cursor = {}, {}
        source = Git(url=f"{written}#*.csv")
        assert shelf.visit(source).evidence.complete
        assert held(shelf) == {"data/a.csv": A, "data/b.csv": B, "large.csv": C}
        assert source.hosts == (host,)
        assert shelf.visit(source).objects == []


def test_a_key_goes_to_the_host_of_the_repository_alone() -> None:
    """Not to those that hold the bytes: `Web.visiting` sends it to where a visit begins."""
    source = Git(url=["github:library/prints", "gitlab:git.example.org/kb/prints"], headers={"X-Key": "env:A_KEY"})
    assert source.begins_at == ("https://github.com/library/prints", "https://git.example.org/kb/prints")


# --- addresses ---


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://github.com/library/prints", "github:library/prints"),
        ("https://github.com/library/prints/", "github:library/prints"),
        ("https://github.com/library/prints.git", "github:library/prints"),
        ("http://www.github.com/library/prints?tab=readme-ov-file#readme", "github:library/prints"),
        ("https://github.com/library/prints#data/*.csv", "github:library/prints#data/*.csv"),
        ("https://github.com/library/prints/tree/dev", "github:library/prints@dev"),
        ("https://github.com/library/prints/tree/dev/data", "github:library/prints@dev#data/**"),
        ("https://github.com/library/prints/blob/main/data/a%20b.csv", "github:library/prints@main#data/a b.csv"),
        ("git@github.com:library/prints.git", "github:library/prints"),
        ("ssh://git@github.com/library/prints.git", "github:library/prints"),
        ("git://github.com/library/prints.git", "github:library/prints"),
        ("git+https://github.com/library/prints", "github:library/prints"),
        ("https://gitlab.com/kb/lab/prints", "gitlab:kb/lab/prints"),
        ("https://gitlab.com/kb/lab/prints/-/tree/main/data?ref_type=heads", "gitlab:kb/lab/prints@main#data/**"),
        ("https://git.example.org/kb/prints/-/blob/v1/a.csv", "gitlab:git.example.org/kb/prints@v1#a.csv"),
        ("git@gitlab.com:kb/prints.git", "gitlab:kb/prints"),
        ("github:https://github.com/library/prints", "github:library/prints"),
        ("github:library/prints.git", "github:library/prints"),
        ("github:library/prints/", "github:library/prints"),
        ("github:/library/prints", "github:library/prints"),
        ("github:library/prints/data/a.csv", "github:library/prints#data/a.csv"),
        ("github:library/prints/tree/main/data", "github:library/prints@main#data/**"),
        ("github:library/prints/blob/main/a.csv", "github:library/prints@main#a.csv"),
        ("gitlab:https://gitlab.com/kb/prints/-/tree/main", "gitlab:kb/prints@main"),
    ],
)
def test_an_address_that_is_nearly_right_says_what_to_write(written: str, meant: str) -> None:
    """And what it says is right."""
    says_what_to_write(Git, written, meant)
    assert Git(**read_address(meant)).url == (meant,)


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/library/prints/raw/main/a.csv",
        "https://github.com/library/prints/releases/download/v1/a.zip",
        "https://github.com/library/prints/archive/refs/heads/main.zip",
        "https://github.com/library/prints/blob/main/a.csv?raw=true",
        "https://raw.githubusercontent.com/library/prints/main/a.csv",
        "https://gitlab.com/kb/prints/-/raw/main/a.csv",
        "https://gitlab.com/kb/prints/-/archive/main/prints-main.zip",
        "https://example.org/library/prints",
    ],
)
def test_the_address_of_a_file_is_one(address: str) -> None:
    assert read_address(address)["type"] == "files"


@pytest.mark.parametrize(
    "address", ["github:", "github:library", "github:library/prints@", "github:li brary/prints", "gitlab:prints",
                "github:library/prints#data/",
                "github:library/prints#../a.csv", "github:library/prints#a//b.csv",
                "github:library/prints#/data/a.csv", "github:library/prints#{x"]
)  # fmt: skip
def test_what_is_no_repository(address: str) -> None:
    with pytest.raises((ValueError, ValidationError), match=r"write|counterpart"):
        Git(**read_address(address))


def test_a_night_without_a_list_of_branches_takes_nothing_away_and_brings_nothing_twice(
    forge: Forge, shelf: Shelf, server: ScriptedServer
) -> None:
    source = Git(url="github:library/prints#*.csv")
    shelf.visit(source)
    spoil = server.spoil
    server.spoil = lambda _: Reply(b"<!DOCTYPE html><title>Sorry</title>")
    outcome = shelf.visit(source)
    assert (outcome.kept, list(why(outcome).values()), outcome.evidence.complete) == (
        ["data/a.csv", "data/b.csv"], ["wall"], False
    )  # fmt: skip
    server.spoil = spoil
    outcome = shelf.visit(source)
    assert (outcome.objects, outcome.kept) == ([], ["data/a.csv", "data/b.csv"])
    assert (sorted(held(shelf)), outcome.evidence.complete) == (["data/a.csv", "data/b.csv"], True)
