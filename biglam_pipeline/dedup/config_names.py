"""What the configs of a dataset are called: a name for each value of `map.config`, never one for two, kept for ever."""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping

from biglam_pipeline.errors import ConfigError

MOST_CONFIGS = 100
DEFAULT = "default"
"""All rows: no value can have this name."""
UNKNOWN = "unknown"
"""Where the rows go whose value is empty."""
LONGEST = 64

_MARK = "="
_OTHER = re.compile(r"[^a-z0-9_]+")
_BORDERS = {"Zs", "Pd", "Pc", "Ps", "Pe", "Pi", "Pf"}
"""Categories of Unicode that part words and say nothing themselves: blanks, dashes, brackets, quotes."""
_SILENT = frozenset(".,;:'\"/\\")


def name_configs(
    source: str, values: Collection[str], rows: int, known: Mapping[str, str], laid: Collection[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Marked value -> name, and name -> value of all that there ever were.

    values: each a marked value, or a slug of a slice that was read before values were kept; rows: how many there are;
    known: name -> value, of the manifest before; laid: names of its parts, which older manifests have without their
    values. ConfigError where a value would be called `default`, or there are too many.
    """
    names = give_names([value.removeprefix(_MARK) for value in values if value.startswith(_MARK)], known, laid)
    if DEFAULT in names.values():
        value = next(value for value, name in names.items() if name == DEFAULT)
        raise ConfigError(
            f"{source}: `map.config` gives the value `{value}`, and `default` is the name of all rows together; give "
            f"these rows another one, for example by `>> replace({value}, {value} rows)` behind the value of `config`"
        )
    if len(values) > MOST_CONFIGS:
        raise ConfigError(
            f"{source}: `map.config` makes {len(values)} configs of {rows} rows, and {MOST_CONFIGS} is the "
            "most; map something coarser, such as a language or a decade"
        )
    marked = {f"{_MARK}{value}": name for value, name in names.items()}
    return marked, {**known, **{name: value for value, name in names.items()}}


def give_names(values: Iterable[str], known: Mapping[str, str], laid: Collection[str] = ()) -> dict[str, str]:
    """Value -> name, `[a-z0-9_-]{1,64}`: `sr-Latn` -> `sr-latn`, `Popular Press` -> `popular-press`, nothing ->
    `unknown`; where the letters of a value do not make its name alone, a digest of it follows: `C++` -> `c-f1deb75f`.

    A name that a value had once is its own for ever; of values that had to share one, the plainest keeps it.
    """
    given = {value: name for name, value in known.items()}
    taken = set(known)
    found = {}
    for value in sorted(set(values), key=lambda one: (not _is_plain(one), slug(one) != one, one)):
        if value not in given:
            given[value] = next(name for name in _candidates(value, laid) if name not in taken)
            taken.add(given[value])
        found[value] = given[value]
    return found


def slug(value: str) -> str:
    """What of a value fits into a name, at most 64 letters."""
    if not value:
        return UNKNOWN
    letters = unicodedata.normalize("NFKD", value).casefold()
    return _OTHER.sub("-", "".join(one for one in letters if not unicodedata.combining(one)))[:LONGEST].strip("-")


def _candidates(value: str, laid: Collection[str]) -> Iterator[str]:
    short = slug(value)
    if short and (_is_plain(value) or (short in laid and short != DEFAULT)):
        yield short
    digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    for length in (8, 16, 48):
        yield f"{short[: LONGEST - length - 1].strip('-') or 'x'}-{digest[:length]}"


def _is_plain(value: str) -> bool:
    """Whether a slug leaves nothing out that tells the value from others: no sign, no letter of another script."""
    if not value:
        return True
    if slug(value) == UNKNOWN:
        return False  # that is the name of no value
    for char in unicodedata.normalize("NFKD", value).casefold():
        says = char not in _SILENT and unicodedata.category(char) not in _BORDERS and not unicodedata.combining(char)
        if says and _OTHER.fullmatch(char):
            return False
    return len(value) <= LONGEST and bool(slug(value))
