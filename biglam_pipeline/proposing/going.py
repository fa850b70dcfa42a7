"""Which column of a row does each field of a record go to, by an entry as it is written?"""

from collections.abc import Mapping

from biglam_pipeline.normalize.mapping.paths import ColumnName
from biglam_pipeline.normalize.mapping.values import Value
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.proposing.surveying import Survey
from biglam_pipeline.source import Source

NOT_READ = "not read"
BY_ITSELF = "read by itself"


def going_of(reader: Reader, source: Source, survey: Survey) -> Mapping[str, str]:
    """Path of a field -> the columns that read it, `read by itself` where the format does, or `not read`."""
    wanted: dict[str, list[str]] = {}
    places: list[tuple[str, Value]] = [(".".join(place[1:]) or place[0], value) for place, value in reader.places]
    places += [("rights", reader.compiled(value)) for value in source.asked.values()]
    for column, value in places:
        for one in value.paths():
            if one.reference is None:
                for name in [one.path, *reader.path_language.fields(one.path)]:
                    wanted.setdefault(name, []).append(column)
    found = {}
    for path in survey.fields:
        names = (
            [path] if isinstance(reader.path_language, ColumnName) else [path, path.replace("[]", "[0]"), *_outer(path)]
        )
        columns = dict.fromkeys(column for name in names for column in wanted.get(name, ()))
        by_itself = reader.hears_rights and path.rpartition(":")[2] not in survey.unread
        found[path] = ", ".join(columns) or (BY_ITSELF if by_itself else NOT_READ)
    return found


def _outer(path: str) -> list[str]:
    """What a format calls the field by itself: the local name of an element."""
    return [path.rpartition(":")[2]] if ":" in path else []
