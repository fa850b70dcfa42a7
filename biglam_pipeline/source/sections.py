"""What several READs of one entry make together: which of them share columns and identifiers, and which must not."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from biglam_pipeline.columns import Section
from biglam_pipeline.dedup.config_names import DEFAULT, give_names
from biglam_pipeline.normalize.mapping.subsets import MARK, config_value
from biglam_pipeline.normalize.mapping.values import Const
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.settings import written

Fault = tuple[tuple[str | int, ...], str]
"""The keys that lead from `normalize` to a place, and what is wrong there."""


def section_of(reader: Reader) -> Section:
    """The rows that a READ makes."""
    return Section(_config(reader), reader.chosen_modality, reader.extras, reader.classes, reader.meanings)


def sections_of(readers: Sequence[Reader]) -> tuple[Section, ...]:
    """Each once, in the order of the READs. Of a single one no rows have to be told apart: here it has no name."""
    found: dict[str, Section] = {}
    for reader in readers:
        section = section_of(reader)
        found.setdefault(section.name, section)
    return tuple(found.values()) if len(found) > 1 else tuple(replace(one, name="") for one in found.values())


def _config(reader: Reader) -> str:
    """The constant that `map: {config: ...}` is, if it is one."""
    value = reader.map.values.get("config")
    return config_value(value.text).removeprefix(MARK) if isinstance(value, Const) else ""


def faults_among(readers: Sequence[Reader]) -> Iterator[Fault]:
    """What keeps READs from standing beside each other. Nothing where there is one."""
    first: dict[str, int] = {}
    for number, reader in enumerate(readers if len(readers) > 1 else ()):
        section = section_of(reader)
        other = first.setdefault(section.name, number)
        if written(reader) in map(written, readers[:number]):
            yield (number,), "this READ stands there twice; leave one out"
        elif differ := _differ(section_of(readers[other]), section):
            yield _shared_by(section.name, other, number, differ)
        elif ":" in section.name:
            yield (number, "map", "config"), "`:` parts a config from the identifiers of its rows; write another sign"
        elif meets := _meets(readers, number):
            yield (number, "map", "config"), meets
        elif DEFAULT in give_names([section.name], {}).values():
            yield (number, "map", "config"), f"`{DEFAULT}` is the config of a READ that names none; write another name"
        yield from _same_files(readers, number)


def _meets(readers: Sequence[Reader], number: int) -> str:
    """A config by the record that may be the constant of another READ, as far as its values are known: by `class`."""
    value = readers[number].map.values.get("config")
    if value is None or isinstance(value, Const):
        return ""
    mine = give_names(value.classes, {}).values()
    for other, reader in enumerate(readers):
        name = section_of(reader).name
        if name and give_names([name], {})[name] in mine:
            return (
                f"`{name}` is among its values, and the config that all rows of READ {other + 1} go to, which may have "
                "other columns; write another word in one of them"
            )
    return ""


def _shared_by(section: str, other: int, number: int, differ: str) -> Fault:
    """Rows with different columns that would stand in one config."""
    if section:
        said = f"the rows of READ {other + 1} go to the config `{section}` too, with other columns ({differ})"
        return (number, "map", "config"), f"{said}; write another `config` here, or the same columns in both"
    said = f"READ {other + 1} and this one name no config that all their rows go to, and their columns differ"
    return (number, "map"), f"{said} ({differ}); write map: {{config: {{const: NAME}}}} in one, what its rows are"


def _differ(one: Section, other: Section) -> str:
    """What is another in two sections, in words; empty where nothing is."""
    if one.modality != other.modality:
        return f"modality {one.modality} and {other.modality}"
    kinds = [{name: (kind, _classes_in(each, name)) for name, kind in each.extras.items()} for each in (one, other)]
    return ", ".join(name for name in sorted({*kinds[0], *kinds[1]}) if kinds[0].get(name) != kinds[1].get(name))


def _classes_in(section: Section, column: str) -> list[tuple[str, ...]]:
    """Of the column, or of the fields of a struct."""
    return [names for name, names in section.classes.items() if name.partition(".")[0] == column]


def _same_files(readers: Sequence[Reader], number: int) -> Iterator[Fault]:
    """A READ that names no files takes what no other names: of two such only one can, where both read such files."""
    mine = readers[number]
    for other, reader in enumerate(readers[:number]):
        if mine.files is None and reader.files is None and (both := {*mine.extensions} & {*reader.extensions}):
            kinds = ", ".join(one.removeprefix(".") for one in sorted(both))
            said = f"READ {other + 1} and this one name no files and read the same ({kinds})"
            yield (number,), f"{said}; write `files: PATTERN` in one of them, or in both where each is to read them all"
