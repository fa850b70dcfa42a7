"""What records say of rights and the program does not understand. Advice: where it decides, it withholds."""

from collections import Counter

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.normalize.mapping.references import mapped_paths
from biglam_pipeline.normalize.mapping.values import Value
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.rows.rights_of import KEPT
from biglam_pipeline.rights.layers import count_beliefs
from biglam_pipeline.rights.recognise import recognise
from biglam_pipeline.rights.rights_words import may_say_labels, may_say_rights
from biglam_pipeline.source.layers import line_for, unused_lines

STAGE = "normalized"
ADVICE = True
_HEARD = frozenset({*KEPT, "rights_until", "labels"})
"""Columns whose values decide, or are a day."""


def run(view: View) -> Finding:
    """Warns of statements not recognised, contradictions, lines without use, and columns that nobody reads."""
    tiers: Counter[str] = Counter()
    statements: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    layers: Counter[str] = Counter()
    unmapped: Counter[str] = Counter()
    for one in view.slices():
        tiers.update(one.tiers)
        statements.update({name: count for name, count in one.statements.items() if recognise(name).tier == "unknown"})
        notes.update(one.rights)
        layers.update(one.layers)
        unmapped.update(one.unmapped)
    unknown = tiers["unknown"]
    top = "; ".join(f"“{name}” ({count})" for name, count in statements.most_common(5))
    look = f"`biglam rights {view.source.name}` lists them, with the lines to paste"
    problems = [f"{unknown} rows have rights that are not recognised: {top}; {look}"] if unknown else []
    if notes["not_understood"]:
        problems.append(
            f"{notes['not_understood']} records say something of rights that is not understood beside the entry's "
            f"licence; {look}"
        )
    if notes["labelled"]:
        problems.append(
            f"{notes['labelled']} records have a Label that keeps them to some, or that is not known, and are withheld"
        )
    if notes["contradicted"]:
        problems.append(f"{notes['contradicted']} records deny what the entry says and are withheld; {look}")
    problems += [*_believed(view, layers), *_unused(view, notes), *_unread(unmapped), *_misread(view)]
    numbers = {"unrecognised": unknown, **{name: notes[name] for name in ("not_understood", "contradicted")}}
    return view.finding("rights_are_recognised", STAGE, problems, "every statement is recognised", numbers, advice=True)


def _believed(view: View, layers: Counter[str]) -> list[str]:
    return [
        f"{rows} rows are withheld only because {tier} is not accepted; where the law allows it, write "
        f"`{line_for(view.source.rights, tier)}`"
        for tier, rows in count_beliefs(layers, view.source.accepted_by_layer).items()
    ]


def _unused(view: View, notes: Counter[str]) -> list[str]:
    """A line for a value that no record has any more says nothing, and may hide a slip."""
    return [
        f"no record has the value `{line[:80]}` of `statements`; take the line out"
        for line in unused_lines(view.source.rights, notes)
    ]


def _unread(unmapped: Counter[str]) -> list[str]:
    """A column that is called rights and that nobody reads may forbid what the entry allows."""
    rights = [f"{name} ({rows})" for name, rows in unmapped.most_common() if may_say_rights(name)]
    labels = [f"{name} ({rows})" for name, rows in unmapped.most_common() if may_say_labels(name)]
    said = [("rights", "map `rights_raw` to it, or read it by `from`", rights)]
    said.append(("Traditional Knowledge Labels", "map `labels` to it", labels))
    return [f"not read, and named like {what}: {', '.join(named)}; {then}" for what, then, named in said if named]


def _misread(view: View) -> list[str]:
    """A column of a table that is called rights and read as something else: shown, sorted by, and not heard.

    In XML a statement is known by its element, whatever else reads it.
    """
    return [what for reader in view.source.normalize if not reader.hears_rights for what in _misread_by(view, reader)]


def _misread_by(view: View, reader: Reader) -> list[str]:
    heard = {path.path for path in mapped_paths(_heard(view, reader))}
    names = {path.path for path in mapped_paths(reader.mapped_values)}
    rights = sorted(name for name in names - heard if may_say_rights(name))
    labels = sorted(name for name in names - heard if may_say_labels(name))
    said = (("rights", "rights_raw", rights), ("Traditional Knowledge Labels", "labels", labels))
    return [
        f"named like {what}, and read as something else: {', '.join(found)}; map `{column}` to it too"
        for what, column, found in said
        if found
    ]


def _heard(view: View, reader: Reader) -> list[Value]:
    mapped = reader.map.values.items()
    return [*view.source.asked.values(), *(value for name, value in mapped if name in _HEARD)]
