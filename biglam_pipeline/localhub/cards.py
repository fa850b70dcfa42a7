"""Is the metadata of a dataset card what the Hub would accept?"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from biglam_pipeline.localhub.card_terms import LICENSES, SIZES, TASKS

FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)(?:\r?\n)?^---[ \t]*$", re.DOTALL | re.MULTILINE)
# ISO 639-1, -2 and -3 by shape; the Hub takes no regions (en-GB) here, and two words besides.
LANGUAGE = re.compile(r"[a-z]{2,3}|code|multilingual")


@lru_cache(maxsize=64)  # each answer about a repository shows what its card says; nobody changes what is returned
def read_card(content: str) -> tuple[dict[str, Any] | None, str | None]:
    """The front matter of a README, or what keeps it from being read; (None, None) where there is none."""
    found = FRONT_MATTER.match(content)
    if not found:
        return None, None
    try:
        # YAML 1.2 as on the Hub: Norway's `no` stays a word.
        metadata = YAML(typ="safe", pure=True).load(found[1])
    except (YAMLError, ValueError) as error:
        return None, f"The YAML cannot be read: {error}"
    if metadata is None:
        return None, None
    if not isinstance(metadata, dict):
        return None, "The metadata must be a mapping of keys to values"
    return metadata, None


def body_of(content: str) -> str:
    """A README without its front matter."""
    found = FRONT_MATTER.match(content)
    return content[found.end() :].lstrip() if found else content


def check_card(content: str) -> tuple[list[str], list[str]]:
    """Errors and warnings."""
    metadata, trouble = read_card(content)
    if trouble:
        return [trouble], []
    if not metadata:
        return [], ["empty or missing yaml metadata in repo card"]
    errors = [
        *_check_words(metadata, "license", lambda word: word in LICENSES, "a licence id of the Hub"),
        *_check_words(
            metadata,
            "language",
            lambda word: LANGUAGE.fullmatch(word) is not None,
            'an ISO 639-1, 639-2 or 639-3 code, or one of "code", "multilingual"',
        ),
        *_check_words(metadata, "task_categories", lambda word: word in TASKS, "a task of the Hub"),
        *_check_words(metadata, "size_categories", lambda word: word in SIZES, f"one of {', '.join(SIZES)}"),
        *_check_license_name(metadata),
        *_check_tags(metadata),
        *_check_configs(metadata),
    ]
    return errors, []


def _check_words(metadata: dict[str, Any], key: str, allowed: Callable[[str], bool], meaning: str) -> Iterator[str]:
    """A key that holds one word or a list of words."""
    if key not in metadata:
        return
    value = metadata[key]
    for number, word in enumerate(value if isinstance(value, list) else [value]):
        name = f'"{key}[{number}]"' if isinstance(value, list) else f'"{key}"'
        if not isinstance(word, str):
            yield f"{name} must be a string, not {word!r}"
        elif not allowed(word):
            yield f'{name} with value "{word}" is not valid. It must be {meaning}'


def _check_license_name(metadata: dict[str, Any]) -> Iterator[str]:
    for key in ("license_name", "license_link", "pretty_name"):
        if key in metadata and not isinstance(metadata[key], str):
            yield f'"{key}" must be a string'
    name = metadata.get("license_name")
    # The Hub's rule: an id of one's own, lower case, no blanks.
    if isinstance(name, str) and not re.fullmatch(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", name):
        yield f'"license_name" with value "{name}" must be lower-case letters, digits, dots and hyphens'


def _check_tags(metadata: dict[str, Any]) -> Iterator[str]:
    tags = metadata.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        yield '"tags" must be a list of strings'


def _check_configs(metadata: dict[str, Any]) -> Iterator[str]:
    configs = metadata.get("configs", [])
    if not isinstance(configs, list):
        yield '"configs" must be a list'
        return
    for number, config in enumerate(configs):
        if not isinstance(config, dict) or not isinstance(config.get("config_name"), str):
            yield f'"configs[{number}].config_name" is required and must be a string'
