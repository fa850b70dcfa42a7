"""What follows from the layers of an entry's rights: what they cover, what they accept, and what nobody covers."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from urllib.parse import urlsplit

from biglam_pipeline.columns import Modality
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.rights.layers import Aspect, Layer
from biglam_pipeline.rights.policy import accepted_tiers
from biglam_pipeline.rights.recognise import recognise
from biglam_pipeline.rights.tiers import NEVER, TIERS
from biglam_pipeline.source.rights import Rights


def layer_of(rights: Rights) -> Layer:
    """As records are judged by it."""
    return Layer(
        covers=rights.covers,
        license=rights.license or "",
        evidenced=rights.is_evidenced,
        overrules=rights.overrule is not None,
        hosts=frozenset({host}) if (host := host_of(rights.evidence)) else frozenset(),
        statements=tuple(rights.statements.items()),
    )


def host_of(address: str | None) -> str:
    """The host without www; empty where there is none."""
    return (urlsplit(address or "").hostname or "").removeprefix("www.").rstrip(".")


def parts_of(reader: Reader) -> frozenset[Aspect]:
    """What the rows of a reader publish for certain, as far as the entry tells; the gate looks at the rows too."""
    modality: Modality = reader.chosen_modality
    parts: set[Aspect] = {"metadata"}
    if modality == "text" or "text" in reader.map.values:
        parts.add("text")
    if modality == "image" and reader.publishes_pictures:
        parts.add("images")
    return frozenset(parts)


def uncovered(layers: Sequence[Rights], parts: frozenset[Aspect]) -> list[Aspect]:
    """The parts of a row that no layer covers."""
    return sorted(part for part in parts if not any(layer.covers in ("all", part) for layer in layers))


def words_for_uncovered(parts: Sequence[Aspect]) -> str:
    """What to say of them, with what to do."""
    named = {"metadata": "descriptions", "text": "texts", "images": "pictures"}
    what = " and ".join(named[part] for part in parts)
    return (
        f"{what} would be published, and no layer covers {' and '.join(parts)}; add a layer with "
        f"`covers: {parts[0]}` and its evidence, or leave them out of `normalize`"
    )


def faults_on_free(layers: Sequence[Rights], custodian_url: str) -> list[str]:
    """`accept: free` takes a belief for free, so the custodian itself must say it, on a page of its own."""
    faults = []
    own = host_of(custodian_url)
    for layer in layers:
        if "free" not in layer.accept:
            continue
        host = host_of(layer.evidence)
        if not own:
            faults.append("`accept: free` needs evidence on the custodian's own page; write `custodian_url` too")
        elif not host or not layer.checked:
            faults.append("`accept: free` needs evidence on the custodian's own page, and the day it was checked")
        elif host != own and not host.endswith(f".{own}"):
            faults.append(
                f"`accept: free` needs evidence on the custodian's own page, and {host} is none of {own}; name a page "
                "there, or accept single tiers"
            )
    return faults


def future_days(layers: Sequence[Rights], today: date) -> Iterator[tuple[int, date]]:
    """Layers that were checked on a day to come: no day on which somebody looked."""
    for number, layer in enumerate(layers):
        if layer.checked is not None and layer.checked > today:
            yield number, layer.checked


def never_published(layer: Rights) -> str:
    """What `biglam check` says of a constant licence that the layer itself does not accept; empty where it does."""
    if layer.license is None:
        return ""
    found = recognise(layer.license)
    if found.tier in accepted_tiers(layer.accept) and found.tier not in NEVER:
        return ""
    said = f"rights: `license: {layer.license}` is of tier {found.tier}"
    if found.tier in NEVER:
        what = "nothing" if layer.covers == "all" else f"no row that publishes {layer.covers}"
        return f"{said}, which nothing may accept, so {what} will be published"
    return (
        f"{said}, which `accept: {', '.join(layer.accept)}` does not let through, so nothing will be published; "
        f"where the law allows it, write `{line_for([layer], found.tier)}`"
    )


def line_for(layers: Sequence[Rights], tier: str) -> str:
    """The line that lets a tier through, for the first layer that does not."""
    layer = next((one for one in layers if tier not in accepted_tiers(one.accept)), layers[0])
    words = [*layer.accept, tier] if tier not in layer.accept else list(layer.accept)
    return f"accept: [{', '.join(sorted(words, key=_place))}]"


def _place(word: str) -> int:
    return TIERS.index(word) if word in TIERS else -1


def unused_lines(layers: Sequence[Rights], notes: Mapping[str, int]) -> list[str]:
    """Lines of `statements` that no record needs. notes: of all judgements -> rows."""
    return [line for layer in layers for line in layer.statements if not notes.get(f"line: {line}")]
