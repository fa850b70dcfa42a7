"""The gate: a source whose licence check failed is asked to be uploaded alone, in every way there is, and never is."""

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import dagster as dg
import pyarrow.parquet as pq
import pytest

from biglam_pipeline import clearance, clearing, pipeline
from biglam_pipeline.checks import CHECKS, open_licence
from biglam_pipeline.clearance import REMOVAL, Clearance, Finding, Removal, declare, nightly, required
from biglam_pipeline.demo.server import Running
from biglam_pipeline.errors import ConfigError, RightsWithheld, ServerBusy, SourceChanged
from biglam_pipeline.publish.draft import Draft
from biglam_pipeline_tests.bench import Bench, open_bench
from biglam_pipeline_tests.command import Command
from biglam_pipeline_tests.defs.desk import NOTHING, ROOT, Desk, failure_text, open_desk
from biglam_pipeline_tests.servers.hub import HubServer

HUB = dg.AssetKey(["demo_closed", "hub"])


# --- every way there is ---


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, hub: HubServer) -> Iterator[Desk]:
    """demo_closed with its three shelves built and its licence check failed, in one instance."""
    folder = tmp_path_factory.mktemp("gate")
    logging.getLogger("dagster").setLevel(logging.ERROR)
    with (
        Running() as institution,
        open_bench(folder, hub, institution, "gate") as bench,
        open_desk(bench, folder / "dagster") as opened,
    ):
        journey = opened.run('key:"demo_closed/*"')
        assert "open_licence" in failure_text(journey.all_events)
        opened.run('key:"demo_closed/shards"')
        yield opened


def refused(text: str) -> bool:
    """Whether a refusal names source, statement, rule and remedy."""
    words = ("demo_closed is not published", "rightsstatements.org/vocab/InC/1.0/", "open_licence", "Ask the custodian")
    missing = [word for word in words if word not in text]
    assert not missing, f"{missing} not in {text!r}"
    return True


def a_plain_call(desk: Desk) -> str:
    bench, source = desk.bench, desk.bench.source("demo_closed")
    with pytest.raises(RightsWithheld) as refusal:
        pipeline.publish_source(bench.run, source, bench.base(source))
    return str(refusal.value)


def materialize_alone(desk: Desk) -> str:
    assets = [one for one in desk.definitions.assets or [] if isinstance(one, dg.AssetsDefinition)]
    done = dg.materialize(assets, instance=desk.instance, selection=[HUB], raise_on_error=False)
    assert not done.success
    return failure_text(done.all_events)


def alone_with_its_checks(desk: Desk) -> str:
    return _failed(desk.run(dg.AssetSelection.assets(HUB)))


def alone_without_checks(desk: Desk) -> str:
    return _failed(desk.run(dg.AssetSelection.assets(HUB).without_checks()))


def everything_without_checks(desk: Desk) -> str:
    return _failed(desk.run(dg.AssetSelection.key_prefixes(["demo_closed"]).without_checks()))


def a_named_job(desk: Desk) -> str:
    job = dg.define_asset_job("upload_only", dg.AssetSelection.assets(HUB), executor_def=dg.in_process_executor)
    together = dg.Definitions.merge(desk.definitions, dg.Definitions(jobs=[job]))
    resolved = together.resolve_job_def("upload_only")
    return _failed(resolved.execute_in_process(instance=desk.instance, raise_on_error=False))


def a_schedule_of_the_upload(desk: Desk) -> str:
    """The nightly tick asks for the whole chain; its job is then told to do the last asset of it alone."""
    definitions, cron = desk.definitions, desk.bench.source("demo_closed").cron or ""
    schedule = next(one for one in definitions.schedules or [] if getattr(one, "cron_schedule", "") == cron)
    with dg.build_schedule_context(
        instance=desk.instance,
        scheduled_execution_time=datetime(2026, 1, 3, 2, tzinfo=UTC),
        repository_def=definitions.get_repository_def(),
    ) as context:
        requests = definitions.resolve_schedule_def(schedule.name).evaluate_tick(context).run_requests or []
    request = next(one for one in requests if HUB in (one.asset_selection or []))
    job = definitions.resolve_job_def(request.job_name or schedule.job_name)
    whole = job.execute_in_process(
        instance=desk.instance, asset_selection=request.asset_selection, raise_on_error=False
    )
    assert not whole.success
    assert not [event for event in whole.all_events if event.step_key == "demo_closed__hub" and event.is_step_start]
    return _failed(job.execute_in_process(instance=desk.instance, asset_selection=[HUB], raise_on_error=False))


def after_its_checks_were_forged(desk: Desk) -> str:
    """Somebody reports, by hand, that every check passed: Dagster's records are not part of the gate."""
    for stage, checks in CHECKS.items():
        for name in checks:
            evaluation = dg.AssetCheckEvaluation(
                asset_key=dg.AssetKey(["demo_closed", stage]), check_name=name, passed=True, metadata={}
            )
            desk.instance.report_runless_asset_event(evaluation)
    return _failed(desk.run(dg.AssetSelection.assets(HUB)))


def _failed(done: dg.ExecuteInProcessResult) -> str:
    assert not done.success
    return failure_text(done.all_events)


WAYS: list[Callable[[Desk], str]] = [
    a_plain_call,
    materialize_alone,
    alone_with_its_checks,
    alone_without_checks,
    everything_without_checks,
    a_named_job,
    a_schedule_of_the_upload,
    after_its_checks_were_forged,
]


@pytest.mark.parametrize("way", WAYS)
def test_an_upload_alone_is_refused(desk: Desk, way: Callable[[Desk], str]) -> None:
    assert refused(way(desk))
    assert desk.published("demo_closed") == NOTHING


def test_the_command_line_ends_with_status_1_and_the_reason(desk: Desk, command: Command) -> None:
    done = command("run", "demo_closed", "--to", "hub", folder=ROOT, settings=desk.settings)
    reported = done.stdout + done.stderr
    assert done.returncode == 1, reported
    assert "open_licence" in reported
    assert "Ask the custodian" in reported
    assert "rightsstatements.org/vocab/InC/1.0/" in reported
    assert desk.published("demo_closed") == NOTHING


def test_an_open_sources_upload_alone_succeeds(desk: Desk) -> None:
    desk.bench.build("demo_letters")
    done = desk.run(dg.AssetSelection.assets(dg.AssetKey(["demo_letters", "hub"])).without_checks())
    assert done.success
    assert desk.published("demo_letters") == {"repositories": 1, "commits": 1}


# --- what grants a clearance ---


def findings(*, digest: str = "d", without: str = "", **changed: Finding) -> list[Finding]:
    """Everything that is required, passed; but for these."""
    good = {name: Finding(name, "shards", digest, True, f"what {name} says") for name in required() - {without}}
    return list((good | changed).values())


def failed(check: str, *, digest: str = "d", advice: bool = False, passed: bool = False) -> Finding:
    """A finding that is not as it should be."""
    return Finding(check, "shards", digest, passed, f"what {check} says", advice=advice)


REFUSED = [
    ([], "open_licence: there is no finding"),
    (findings(without="open_licence"), "open_licence: there is no finding"),
    (findings(open_licence=failed("open_licence", digest="other", passed=True)), "open_licence: was made for other"),
    (findings(open_licence=failed("open_licence")), "open_licence: what open_licence says"),
    ([*findings(), failed("open_licence")], "open_licence: what open_licence says"),
    (findings(open_licence=failed("open_licence", advice=True)), "open_licence: what open_licence says"),
]


@pytest.mark.parametrize(("given", "reason"), REFUSED)
@pytest.mark.parametrize("ask", [Clearance.grant, Clearance.confirm])
def test_a_clearance_is_not_granted(given: list[Finding], reason: str, ask: Callable[..., object]) -> None:
    """Whoever asks cannot say what is required, nor call a failure advice that is none."""
    with pytest.raises(RightsWithheld, match=reason):
        ask("source", given, "d")


@pytest.mark.parametrize("missing", sorted(required()))
def test_each_required_check_is_asked_for(missing: str) -> None:
    with pytest.raises(RightsWithheld, match=f"{missing}: there is no finding"):
        Clearance.grant("source", findings(without=missing), "d")
    with pytest.raises(RightsWithheld, match=f"{missing}: what"):
        Clearance.grant("source", findings(**{missing: failed(missing)}), "d")


MAY_ADVISE = {
    *("rights_are_recognised", "records_are_settled", "documentation_is_complete", "viewer_is_whole"),
    *("years_are_plausible", "newest_is_read"),
    *("sections_are_published", "joins_are_read"),
}


@pytest.mark.parametrize("name", sorted(required()))
def test_a_failure_is_advice_only_of_a_check_that_declares_it(name: str) -> None:
    given = findings(**{name: failed(name, advice=True)})
    if name in MAY_ADVISE:
        assert Clearance.grant("source", given, "d").digest == "d"
    else:
        with pytest.raises(RightsWithheld, match=f"{name}: what {name} says"):
            Clearance.grant("source", given, "d")


def test_a_clearance_made_by_hand_is_refused() -> None:
    with pytest.raises(RightsWithheld, match="never made by hand"):
        Clearance(object(), "d", ())


def test_the_gate_requires_every_check_there_is() -> None:
    """But for those of what is published already; and on a night that sends nothing, those that read numbers."""
    assert {name for stage in ("raw", "normalized", "shards") for name in CHECKS[stage]} == required()
    by_numbers = {
        *("harvest_is_complete", "chain_is_unbroken", "open_licence", "expectations_hold"),
        *("ledger_only_grows", "ledger_fits", "sections_are_published", "joins_are_read", "ai_use_is_decided"),
        "everything_is_accounted_for",
    }
    assert nightly() == by_numbers < required()


def _a_check(name: str, **says: object) -> ModuleType:
    made = ModuleType(name)
    vars(made).update({"STAGE": "shards", "run": lambda _: None, **says})
    return made


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: open_licence, "declared already"),
        (lambda: _a_check("biglam_pipeline.checks.open_licence", ADVICE=True), "is no file of"),
        (lambda: _a_check("mine"), "is no file of"),
    ],
)
def test_nobody_takes_back_what_a_check_declares(made: Callable[[], ModuleType], words: str) -> None:
    """Neither by declaring it again as something softer, nor by declaring something of one's own in its place."""
    before = required(), nightly()
    with pytest.raises(ValueError, match=words):
        declare(made())
    assert (required(), nightly()) == before


GATE_ALONE = """
import sys, types
from biglam_pipeline.clearance import Clearance, Finding, declare
from biglam_pipeline.errors import RightsWithheld

def refused(findings):
    for ask in (Clearance.grant, Clearance.confirm):
        try:
            ask("x", findings, "d")
        except RightsWithheld as why:
            print(why)
        else:
            raise SystemExit("granted")

refused([])
refused([Finding("open_licence", "normalized", "d", True, "good")])
from biglam_pipeline.checks import open_licence  # one of them alone is not to be had
refused([Finding("open_licence", "normalized", "d", True, "good")])
"""


def test_who_never_imports_the_checks_is_cleared_by_nothing() -> None:
    """An empty list would let everything through, and a list of one nearly everything."""
    done = subprocess.run([sys.executable, "-c", GATE_ALONE], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "before the checks are known" in done.stdout
    assert "every_row_is_licensed: there is no finding" in done.stdout
    assert "harvest_is_complete: there is no finding" in done.stdout


@pytest.mark.parametrize(
    ("says", "words"), [({}, ""), ({"STAGE": ""}, "does not say what it looks at"), ({"STAGE": "cellar"}, "one of raw")]
)
def test_a_check_that_declares_nothing_more_is_required_and_stops(
    says: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slip closes: no word, or one that is not True, is the strict meaning."""
    made = _a_check("biglam_pipeline.checks.new", ADVICE="yes", **says)
    monkeypatch.setitem(sys.modules, made.__name__, made)
    monkeypatch.setattr(clearance, "_DECLARED", dict(clearance._DECLARED))
    if words:
        with pytest.raises(ValueError, match=words):
            declare(made)
        return
    assert declare(made)["shards"] == {"new": made.run}
    with pytest.raises(RightsWithheld, match="new: there is no finding"):
        Clearance.grant("source", findings(without="new"), "d")
    with pytest.raises(RightsWithheld, match="new: what new says"):
        Clearance.grant("source", findings(new=failed("new", advice=True)), "d")


def test_the_hub_takes_no_clearance_of_other_data(bench: Bench) -> None:
    repository = f"{bench.run.owner}/by_hand"
    draft = Draft(repository, "d", "content", {}, {"notes.txt": b"By hand"}, "By hand", "v2026.01.02", 0)
    other = Clearance.grant("by_hand", findings(digest="other"), "other")
    confirmed = Clearance.confirm("by_hand", findings(), "d")
    for granted in (other, confirmed, None, draft.digest):
        with pytest.raises(RightsWithheld, match="granted for other data"):
            bench.run.hub.commit(draft, granted)  # type: ignore[arg-type]
    assert bench.hub.count("POST", f"/api/datasets/{repository}/commit/") == 0
    with pytest.raises(RightsWithheld, match="with a clearance only"):
        bench.run.hub.set_visibility(repository, "public", confirmed)  # type: ignore[arg-type]
    good = Clearance.grant("by_hand", findings(), "d")
    assert bench.run.hub.commit(draft, good).files_sent == 1


# --- a removal ---


def of_removal(**changed: Finding) -> list[Finding]:
    """Both that a removal needs, passed; but for these."""
    good = {name: Finding(name, "shards", "d", True, f"what {name} says") for name in REMOVAL}
    return list((good | changed).values())


@pytest.mark.parametrize("missing", sorted(REMOVAL))
def test_a_removal_needs_both_of_its_checks(missing: str) -> None:
    assert Removal.grant("source", of_removal(), "d", "c").base == "c"
    with pytest.raises(RightsWithheld, match=f"{missing}: what"):
        Removal.grant("source", of_removal(**{missing: failed(missing)}), "d", "c")
    with pytest.raises(RightsWithheld, match=f"{missing}: there is no finding"):
        Removal.grant("source", [one for one in of_removal() if one.check != missing], "d", "c")
    with pytest.raises(RightsWithheld, match=f"{missing}: was made for other data"):
        Removal.grant("source", of_removal(**{missing: failed(missing, digest="other", passed=True)}), "d", "c")


def test_a_removal_brings_nothing_new_and_shows_nothing(bench: Bench) -> None:
    """What its findings were made for is asked by the Hub's door once more, as far as a listing tells it."""
    bench.write(ENTRY)
    release = bench.night("open_one")
    hub, repository = bench.run.hub, release.repository
    there = {path: sha256 for path, (_, sha256) in hub.listing(repository, release.commit).items() if sha256}
    other = Draft(
        repository, "d", "c", {}, {"data/default/new.parquet": b"PAR1"}, "v1: more", "v2026.01.03", 1, owned=()
    )
    removal = Removal.grant("open_one", of_removal(), "d", release.commit)
    with pytest.raises(RightsWithheld, match=r"new\.parquet is not there, and a removal adds nothing"):
        hub.commit(other, removal)
    less = replace(other, texts={"README.md": b"---\nlicense: cc0-1.0\n---\n\n# Less\n"})
    with pytest.raises(RightsWithheld, match="granted for other data"):
        hub.commit(replace(less, digest="other"), removal)
    stale = Removal.grant("open_one", of_removal(), "d", "0" * 40)
    with pytest.raises(ServerBusy, match="was changed by somebody else meanwhile"):
        hub.commit(less, stale)
    elsewhere = replace(less, repository=f"{bench.run.owner}/elsewhere")
    with pytest.raises(SourceChanged, match="is not there any more"):
        hub.commit(elsewhere, removal)
    with pytest.raises(RightsWithheld, match="with a clearance only"):
        hub.set_visibility(repository, "public", removal)  # type: ignore[arg-type]
    assert bench.commits("open_one") == 1
    assert hub.commit(less, removal).files_sent == 1
    left = {path: sha256 for path, (_, sha256) in hub.listing(repository, hub.head(repository) or "").items() if sha256}
    assert left == there


# --- what changes between the checks and the upload ---

ENTRY = """
    sources:
      open_one:
        title: Letters
        custodian: Aldermere Free Library
        harvest: https://institution.example/files/plates.csv
        normalize:
          modality: image
          map: {id: plate, title: caption, image_url: picture}
        rights: {from: rights, accept: open, evidence: https://institution.example/rights, checked: 2026-11-20}
        verified: true
        expect: {rows: 50..90}
"""


def edit(before: str, after: str) -> Callable[[Bench], None]:
    """An edit of the entry."""

    def act(bench: Bench) -> None:
        assert before in ENTRY
        bench.write(ENTRY.replace(before, after))

    return act


def a_part(bench: Bench) -> Path:
    """The file of a part, without its list of places."""
    parts = (bench.folder / "state" / "shelves" / "open_one" / "shards" / "data").rglob("part-*.parquet")
    return next(part for part in sorted(parts) if "places" not in part.name)


def another_byte_in_a_part(bench: Bench) -> None:
    part = a_part(bench)
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(bytes(data))


def another_part_in_its_place(bench: Bench) -> None:
    """A whole Parquet file of the same schema, with its rows in another order."""
    part = a_part(bench)
    table = pq.read_table(part)
    pq.write_table(table.take(list(range(table.num_rows))[::-1]), part)


def a_part_that_is_gone(bench: Bench) -> None:
    a_part(bench).unlink()


def a_takedown(bench: Bench) -> None:
    (bench.folder / "takedowns.jsonl").write_text(
        '{"source_id": "open_one", "record_id": "0001", "action": "removed", "ground": "asked for by the family"}\n'
    )


def another_harvest(bench: Bench) -> None:
    bench.institution.institution.advance()
    bench.institution.institution.add("plates", 2)
    source = bench.source("open_one")
    pipeline.harvest_source(bench.run, source, bench.base(source))


DAMAGE: list[tuple[Callable[[Bench], None], str]] = [
    (another_byte_in_a_part, "parts_are_whole: .*is not the file that was"),
    (another_part_in_its_place, "parts_are_whole: .*is not the file that was"),
    (a_part_that_is_gone, "parts_are_whole: "),
]
CHANGES: list[tuple[Callable[[Bench], None], str]] = [
    (edit("accept: open", "accept: pd"), "`accept` or `dedup` changed since the shards were made"),
    (edit("title: caption", "title: note"), "`normalize` or `rights` changed since"),
    (edit("{from: rights,", "{license: CC0-1.0,"), "`normalize` or `rights` changed since"),
    (edit("verified: true", "verified: false"), "open_licence: nobody has looked at address and rights yet"),
    (edit(" evidence: https://institution.example/rights,", ""), "open_licence: rights for all have no evidence"),
    (edit(", checked: 2026-11-20", ""), "open_licence: rights for all have no checked"),
    (edit("rows: 50..90", "rows: 500.."), "expectations_hold: "),
    (a_takedown, "the takedown ledger changed since"),
    (another_harvest, "the shards were made from another harvest"),
]


@pytest.mark.parametrize(("change", "reason"), [*DAMAGE, *CHANGES])
def test_what_changed_after_the_checks_is_refused(bench: Bench, change: Callable[[Bench], None], reason: str) -> None:
    bench.write(ENTRY)
    bench.build("open_one")
    assert Clearance.grant("open_one", _findings(bench), "of today").digest == "of today"
    change(bench)
    source = bench.source("open_one")
    with pytest.raises(RightsWithheld, match=reason):
        pipeline.publish_source(bench.run, source, bench.base(source))
    assert bench.commits("open_one") == 0


@pytest.mark.parametrize(("change", "reason"), CHANGES)
def test_a_published_source_is_refused_as_well(bench: Bench, change: Callable[[Bench], None], reason: str) -> None:
    bench.write(ENTRY)
    bench.night("open_one")
    change(bench)
    source = bench.source("open_one")
    with pytest.raises(RightsWithheld, match=reason):
        pipeline.publish_source(bench.run, source, bench.base(source))
    assert bench.commits("open_one") == 1


@pytest.mark.parametrize(("change", "reason"), DAMAGE)
def test_a_damaged_part_never_replaces_a_published_one(
    bench: Bench, change: Callable[[Bench], None], reason: str
) -> None:
    """With nothing new the parts are not read again, and nothing goes up; with a new card they are."""
    bench.write(ENTRY)
    source = bench.source("open_one")
    bench.night("open_one")
    change(bench)
    assert pipeline.publish_source(bench.run, source, bench.base(source)).files_sent == 0
    bench.write(ENTRY.replace("title: Letters", "title: Plates"))
    source = bench.source("open_one")
    with pytest.raises(RightsWithheld, match=reason):
        pipeline.publish_source(bench.run, source, bench.base(source))
    assert bench.commits("open_one") == 1


def _findings(bench: Bench) -> list[Finding]:
    source = bench.source("open_one")
    view = clearing.view_of(bench.run, source, bench.base(source), "of today")
    return clearing.run_checks(view, required())


def test_a_ledger_that_cannot_be_read_stops_the_upload(bench: Bench) -> None:
    bench.write(ENTRY)
    source = bench.build("open_one")
    (bench.folder / "takedowns.jsonl").write_text("{not json\n")
    with pytest.raises(ConfigError, match=r"takedowns\.jsonl:1"):
        pipeline.publish_source(bench.run, source, bench.base(source))
    assert bench.commits("open_one") == 0
