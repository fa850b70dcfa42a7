"""Arrow columns become cells: texts, numbers as they were written, lists and objects; what is no text is counted.

https://arrow.apache.org/docs/format/Columnar.html ; types: https://github.com/apache/parquet-format/blob/master/LogicalTypes.md
"""

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

Problems = list[tuple[int, str]]
"""Place in the column, and what was wrong there."""
_PICTURE = {"bytes", "path"}


def is_picture(kind: pa.DataType) -> bool:
    """Whether a column holds files as `datasets` keeps pictures: {bytes, path}, or bytes alone.

    https://huggingface.co/docs/datasets/about_dataset_features#image-feature
    """
    if pa.types.is_struct(kind):
        fields = {field.name: field.type for field in kind}
        return set(fields) == _PICTURE and _is_bytes(fields["bytes"])
    return _is_bytes(kind)


def _is_bytes(kind: pa.DataType) -> bool:
    plain = pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind)
    return bool(plain or pa.types.is_binary_view(kind))


def cells_of(column: pa.Array, problems: Problems) -> list[Any]:
    """What stands in each place: None, a text, a number, a bool, a list or an object of such."""
    kind = column.type
    if isinstance(kind, pa.ExtensionType | pa.BaseExtensionType):
        return cells_of(column.storage, problems)
    if pa.types.is_dictionary(kind):
        return cells_of(column.dictionary_decode(), problems)
    if pa.types.is_map(kind):
        pairs = pa.list_(pa.struct([("key", kind.key_type), ("value", kind.item_type)]))
        return [_as_object(one) for one in cells_of(column.cast(pairs), problems)]
    if pa.types.is_list_view(kind) or pa.types.is_large_list_view(kind):
        return cells_of(column.cast(pa.large_list(kind.value_type)), problems)
    if pa.types.is_struct(kind):
        return _objects(column, problems)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return _lists(column, problems)
    for fits, make in _LEAVES:
        if fits(kind):
            return make(column, problems)
    return list(column.to_pylist())


def _objects(column: pa.StructArray, problems: Problems) -> list[Any]:
    names = [field.name for field in column.type]
    inside = [cells_of(one, problems) for one in column.flatten()]
    there = column.is_valid().to_pylist()
    rows = zip(*inside, strict=True) if inside else [()] * len(column)
    return [dict(zip(names, row, strict=True)) if valid else None for row, valid in zip(rows, there, strict=True)]


def _lists(column: Any, problems: Problems) -> list[Any]:
    several: Problems = []
    inside = iter(cells_of(column.flatten(), several))
    found = [None if size is None else [next(inside) for _ in range(size)] for size in _sizes(column)]
    owners = [at for at, one in enumerate(found) for _ in one or ()]
    problems += [(owners[place], why) for place, why in several]
    return found


def _sizes(column: Any) -> Iterator[int | None]:
    width = column.type.list_size if pa.types.is_fixed_size_list(column.type) else None
    lengths = column.value_lengths().to_pylist() if width is None else [width] * len(column)
    return (size if valid else None for size, valid in zip(lengths, column.is_valid().to_pylist(), strict=True))


def _as_object(pairs: list[dict[str, Any]] | None) -> Any:
    """A map with different texts as keys is an object; any other stays a list of pairs."""
    if pairs is None:
        return None
    keys = [pair["key"] for pair in pairs]
    plain = all(isinstance(key, str) for key in keys) and len(set(keys)) == len(keys)
    return {pair["key"]: pair["value"] for pair in pairs} if plain else pairs


def _texts(column: Any, problems: Problems) -> list[Any]:
    """UTF-8, as the format wants it; what is not is read with U+FFFD, and counted."""
    try:
        return list(column.to_pylist())
    except UnicodeDecodeError:
        raw = column.cast(pa.large_binary()).to_pylist()
    problems += [(at, "is not UTF-8") for at, one in enumerate(raw) if one is not None and not _is_utf8(one)]
    return [None if one is None else one.decode("utf-8", "replace") for one in raw]


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _bytes(column: Any, problems: Problems) -> list[Any]:
    """Old Impala and Spark wrote texts without saying so: https://spark.apache.org/docs/latest/sql-data-sources-parquet.html

    (`spark.sql.parquet.binaryAsString`). What is no text stays bytes, which no path reads.
    """
    return [
        one.decode() if one is not None and _is_utf8(one) and b"\0" not in one else one for one in column.to_pylist()
    ]


def _floats(column: Any, problems: Problems) -> list[Any]:
    """The shortest number that is this one, so that 0.7 in four bytes is 0.7; pandas writes NaN for nothing."""
    values: Sequence[Any] = column.to_pylist()
    if column.type != pa.float64():
        kind = np.float16 if pa.types.is_float16(column.type) else np.float32
        values = [None if one is None else float(str(kind(one))) for one in values]
    problems += [(at, "is infinite") for at, one in enumerate(values) if one is not None and math.isinf(one)]
    return [one if one is not None and math.isfinite(one) else None for one in values]


def _decimals(column: Any, problems: Problems) -> list[Any]:
    return [None if one is None else f"{one:f}" for one in column.to_pylist()]


_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a moment without a zone stays one
_TICKS = {"s": (1_000_000, 1), "ms": (1_000, 1), "us": (1, 1), "ns": (1, 1_000)}


def _moments(column: Any, problems: Problems) -> list[Any]:
    """ISO 8601, with Z where a zone is said; midnight without a zone is the day, as pandas has days."""
    zone, (times, part) = "Z" if column.type.tz else "", _TICKS[column.type.unit]
    found = list[Any]()
    for at, tick in enumerate(column.cast(pa.int64()).to_pylist()):
        try:
            found.append(None if tick is None else _moment(_EPOCH + timedelta(0, 0, tick * times // part), zone))
        except OverflowError:
            problems.append((at, "is beyond any calendar"))
            found.append(None)
    return found


def _moment(moment: datetime, zone: str) -> str:
    text = moment.isoformat()
    return text.removesuffix("T00:00:00") if not zone else f"{text}{zone}"


def _as_words(column: Any, problems: Problems) -> list[Any]:
    return list(column.cast(pa.string()).to_pylist())


def _seconds(column: Any, problems: Problems) -> list[Any]:
    times, part = _TICKS[column.type.unit]
    return [None if one is None else one * times / part / 1e6 for one in column.cast(pa.int64()).to_pylist()]


_LEAVES: tuple[tuple[Callable[[pa.DataType], bool], Callable[[Any, Problems], list[Any]]], ...] = (
    (lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind), _texts),
    (_is_bytes, _bytes),
    (pa.types.is_floating, _floats),
    (pa.types.is_decimal, _decimals),
    (pa.types.is_timestamp, _moments),
    (lambda kind: pa.types.is_date(kind) or pa.types.is_time(kind), _as_words),
    (pa.types.is_duration, _seconds),
)
"""What a column of a type becomes; of any other, numbers and bools, what Python has for it."""
