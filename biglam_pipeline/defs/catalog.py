"""What sources.yaml itself holds: one small asset, a red check for each entry that cannot be read, and its four assets.

A broken entry keeps its assets, so that a run of it says what is wrong; without them Dagster would only say that there
is no such asset.
"""

import os
import re
from collections.abc import Iterator

import dagster as dg

from biglam_pipeline.context import open_context
from biglam_pipeline.defs.assets import STAGES, slug
from biglam_pipeline.defs.wording import sentence, table
from biglam_pipeline.environment import read_environment
from biglam_pipeline.source import Catalog
from biglam_pipeline.states import LOST, lost_shelves

CATALOG = dg.AssetKey(["catalog"])


def build_catalog(catalog: Catalog) -> dg.Definitions:
    """The asset `catalog`, its checks, and the assets of the entries that are broken."""

    @dg.asset(name="catalog", group_name="catalog", kinds={"yaml"}, description=_ABOUT)
    def entries() -> dg.MaterializeResult[None]:
        rows = [(name, one.title, one.custodian, one.status) for name, one in catalog.sources.items()]
        return dg.MaterializeResult(
            metadata={
                "sources": len(catalog.sources),
                "broken": len(catalog.faults),
                "entries": dg.MetadataValue.md(table(("Source", "Title", "Custodian", "Status"), rows)),
            }
        )

    return dg.Definitions(assets=[entries, *_broken(catalog)], asset_checks=[_checks(catalog)])


def _checks(catalog: Catalog) -> dg.AssetChecksDefinition:
    names: dict[str, str] = {}
    for entry in catalog.faults:
        name = slug(entry)
        again = sum(one.startswith(f"{name}_is_readable") for one in names)
        names[f"{name}_is_readable" + (f"_{again + 1}" if again else "")] = entry
    about = {name: f"The entry {entry}." for name, entry in names.items()}
    about["every_entry_is_readable"] = "No entry of the sources files is broken."
    about["every_shelf_has_an_entry"] = "No source was given up, or renamed, with its shelves left behind."
    specs = [dg.AssetCheckSpec(name, asset=CATALOG, description=said) for name, said in about.items()]

    @dg.multi_asset_check(specs=specs, name="catalog_checks", can_subset=True)
    def check(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        for key in sorted(context.selected_asset_check_keys, key=str):
            if key.name == "every_shelf_has_an_entry":
                faults = _lost(catalog)
            else:
                wrong = [names[key.name]] if key.name in names else list(catalog.faults)
                faults = [fault for entry in wrong for fault in catalog.faults[entry]]
            yield dg.AssetCheckResult(
                asset_key=key.asset_key,
                check_name=key.name,
                passed=not faults,
                description="\n\n".join(sentence(fault) for fault in faults) or f"{len(catalog.sources)} entries",
                metadata={"faults": len(faults)},
            )

    return check


def _lost(catalog: Catalog) -> list[str]:
    with open_context(read_environment(os.environ)) as run:
        return [f"{name}: {LOST}" for name in lost_shelves(run, catalog)]


def _broken(catalog: Catalog) -> Iterator[dg.AssetsDefinition]:
    """Assets of entries that have a name and nothing else that can be relied on."""
    taken = {source.key for source in catalog.sources.values()}
    for entry, faults in catalog.faults.items():
        key = entry.replace("-", "_")
        if re.fullmatch(r"[A-Za-z0-9_]+", key) and key not in taken:
            taken.add(key)
            for before, stage in zip((None, *STAGES), STAGES, strict=False):
                deps = [dg.AssetKey([key, before])] if before else []
                yield _broken_asset(key, stage, "\n".join(faults), deps)


def _broken_asset(key: str, stage: str, faults: str, deps: list[dg.AssetKey]) -> dg.AssetsDefinition:
    about = f"This entry is broken.\n\n{faults}"

    @dg.asset(name=stage, key_prefix=key, group_name="catalog/broken", description=about, deps=deps)
    def broken() -> None:
        raise dg.Failure(faults, allow_retries=False)

    return broken


_ABOUT = (
    "The entries of the sources files. A broken entry is a failed check here, and the others are loaded all the same."
)
