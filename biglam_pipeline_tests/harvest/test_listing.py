"""Files that a repository lists: what a list that cannot be had leaves on the shelf."""

from collections.abc import Iterable
from typing import ClassVar, Literal

from biglam_pipeline.harvest.listed import ListedFile
from biglam_pipeline.harvest.listing import FromListing
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.settings import Accounts
from biglam_pipeline_tests.harvest.conftest import Shelf
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer


class Deposits(FromListing):
    """Names of files, one a line."""

    accounts: ClassVar[Accounts] = Accounts("files", "lists", "missing")
    type: Literal["deposits"] = "deposits"

    def listing(self, visit: Visit, address: str) -> Iterable[ListedFile]:
        names = (visit.web.get(address).content or b"").decode().split()
        return [ListedFile(name, f"{address}/{name}", f"md5 {name}") for name in names]


def test_of_a_list_that_cannot_be_had_everything_stays_and_is_not_asked_for_again(
    server: ScriptedServer, shelf: Shelf
) -> None:
    for name in ("a.csv", "b.csv", "c.txt"):
        server.on(f"/one/{name}", Reply(name.encode()))
    url = server.on("/one", Reply(b"a.csv b.csv c.txt"))
    assert len(shelf.visit(Deposits(url=(f"{url}#*.csv",))).objects) == 2
    for reply in (Reply(status=404), Reply(b""), Reply(b"c.txt")):
        server.on("/one", reply)
        server.asked.clear()
        outcome = shelf.visit(Deposits(url=(f"{url}#*.csv",)))
        assert (outcome.kept, outcome.evidence.complete, len(outcome.missing)) == (["a.csv", "b.csv"], False, 1)
        assert server.paths() == ["/one"]
    server.on("/one", Reply(b"a.csv c.txt"))
    outcome = shelf.visit(Deposits(url=(f"{url}#*.csv",)))
    assert (outcome.kept, outcome.evidence.complete, sorted(shelf.held)) == (["a.csv"], True, ["a.csv"])


def test_where_a_list_and_a_mirror_say_so_a_file_comes_from_elsewhere(server: ScriptedServer, shelf: Shelf) -> None:
    url = server.on("/one", Reply(b"a.csv"))
    server.on("/copy/a.csv", Reply(b"a"))
    harvester = Deposits(url=(url,), mirrors={f"{server.url}/one": f"{server.url}/copy"})
    (one,) = shelf.visit(harvester).objects
    assert (one.url, one.final_url) == (f"{url}/a.csv", f"{server.url}/copy/a.csv")
    assert shelf.visit(harvester).kept == ["a.csv"]


def test_keys_stay_where_one_of_two_lists_cannot_be_had_or_has_less(server: ScriptedServer, shelf: Shelf) -> None:
    """Two lists that both name data.csv: what the shelf has of the one is not shelved once more without the other."""
    urls = tuple(server.on(f"/{one}", Reply(b"data.csv")) for one in ("one", "two"))
    for one in ("one", "two"):
        server.on(f"/{one}/data.csv", Reply(one.encode()))
    shelf.visit(Deposits(url=urls))
    server.asked.clear()
    for reply, kept in ((Reply(status=404), ["one/data.csv", "two/data.csv"]), (Reply(b"other.csv"), ["one/data.csv"])):
        server.on("/two", reply)
        server.on("/two/other.csv", Reply(b"other"))
        assert shelf.visit(Deposits(url=urls)).kept == kept
    assert server.paths() == ["/one", "/two", "/one", "/two", "/two/other.csv"]
    server.on("/two", Reply(b"data.csv"))
    shelf.visit(Deposits(url=urls))
    assert sorted(shelf.held) == ["one/data.csv", "two/data.csv"]


def test_lists_whose_addresses_end_alike_do_not_change_places(server: ScriptedServer, shelf: Shelf) -> None:
    urls = tuple(server.on(f"/{one}/data", Reply(b"x.csv")) for one in ("one", "two"))
    for one in ("one", "two"):
        server.on(f"/{one}/data/x.csv", Reply(one.encode()))
    shelf.visit(Deposits(url=urls))
    before = dict(shelf.held)
    server.on("/one/data", Reply(status=404))
    shelf.visit(Deposits(url=urls))
    assert {key: one.sha256 for key, one in shelf.held.items()} == {key: one.sha256 for key, one in before.items()}
