"""One small asset for sources.yaml itself: what it holds, and a red check for each entry that cannot be read."""

from collections.abc import Iterator

import dagster as dg

from biglam_pipeline.defs.assets import slug
from biglam_pipeline.defs.wording import sentence, table
from biglam_pipeline.source import Catalog


def build_catalog(catalog: Catalog) -> dg.Definitions:
    """The asset `catalog`, the check `every_entry_is_readable`, and one check for each broken entry."""
    names: dict[str, str] = {}
    for entry in catalog.faults:
        name = slug(entry)
        again = sum(one.startswith(f"{name}_is_readable") for one in names)
        names[f"{name}_is_readable" + (f"_{again + 1}" if again else "")] = entry

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

    specs = [
        dg.AssetCheckSpec(
            "every_entry_is_readable", asset="catalog", description="No entry of the sources files is broken."
        ),
        *(dg.AssetCheckSpec(name, asset="catalog", description=f"The entry {entry}.") for name, entry in names.items()),
    ]

    @dg.multi_asset_check(specs=specs, name="catalog_checks", can_subset=True)
    def check(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        for key in sorted(context.selected_asset_check_keys, key=str):
            wrong = [names[key.name]] if key.name in names else list(catalog.faults)
            faults = [fault for entry in wrong for fault in catalog.faults[entry]]
            yield dg.AssetCheckResult(
                asset_key=key.asset_key,
                check_name=key.name,
                passed=not faults,
                description="\n\n".join(sentence(fault) for fault in faults) or f"{len(catalog.sources)} entries",
                metadata={"faults": len(faults)},
            )

    return dg.Definitions(assets=[entries], asset_checks=[check])


_ABOUT = (
    "The entries of the sources files. A broken entry is a failed check here, and the others are loaded all the same."
)
