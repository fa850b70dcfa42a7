"""A suggestion as BigLAM's form on GitHub makes it: what an entry can take of it, and what a person has to.

The form, bigscience-workshop/lam, .github/ISSUE_TEMPLATE/add_dataset.yml, in its versions since 2022, asks for: A URL
for this dataset, Dataset description, Dataset modality, Dataset licence, How can you access this data, size of dataset,
Confirm the dataset has an open licence, Contact details for data custodian; its title is `Add dataset: NAME`. GitHub
writes each as `### QUESTION` with the answer below, `_No response_` for none, and a box as `- [X]`
(https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema).
What anybody may write there is text, and never YAML.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from biglam_pipeline.errors import ConfigError
from biglam_pipeline.fields.languages import read_languages
from biglam_pipeline.proposing.terms import bare
from biglam_pipeline.proposing.writing import printable
from biglam_pipeline.rights.recognise import recognise
from biglam_pipeline.secrecy import secrets_in, without_secrets
from biglam_pipeline.source.answers import is_placeholder
from biglam_pipeline.store import disk

_MOST_BYTES = 1_000_000
_LONGEST = 2000
_HEADING = re.compile(r"^#{2,4}[ \t]+(\S.*?)[ \t]*$", re.MULTILINE)
_TITLE = re.compile(
    r"\s*(?:\[[^\]]*\]\s*)?(?:add|new|suggest(?:ion)?|request)?\s*(?:a\s+)?(?:data\s?set)?\s*:\s*", re.IGNORECASE
)
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]\"'`|]+")
_ALONE = re.compile(r"(?:\[([^\]]*)\]\(|<)?(https?://[^\s<>()\[\]\"'`|]+)[)>]?")
"""An answer that is an address, as Markdown writes one too."""
_NO_ANSWER = ("_no response_", "no response", "none")
_QUESTIONS = (
    ("address", ("aurlforthisdataset", "url", "dataseturl", "link", "datasetlink", "address", "website")),
    ("description", ("datasetdescription", "description", "about", "summary")),
    ("license", ("datasetlicence", "datasetlicense", "licence", "license", "rights")),
    ("languages", ("languages", "language", "datasetlanguage", "datasetlanguages", "languageofthedataset")),
    ("title", ("datasetname", "nameofthedataset", "title", "datasettitle", "name")),
    ("custodian", ("custodian", "datacustodian", "institution", "organisation", "organization", "dataholder")),
)
_EXAMPLES = ("this dataset is awesome! here is why...",)


@dataclass(slots=True)
class Suggestion:
    """What a form gives."""

    keys: dict[str, object] = field(default_factory=dict)
    """Of an entry."""
    address: str = ""
    unused: list[str] = field(default_factory=list)
    """What an entry does not take from it, and why."""


def read_suggestion(path: Path) -> Suggestion:
    """path: the text of the issue, or JSON with `title` and `body`. ConfigError where it is neither."""
    if disk.look(path) is None:
        raise ConfigError(f"there is no {path}; write it by: gh issue view NUMBER --json title,body > {path.name}")
    if disk.size_of(path) > _MOST_BYTES:
        raise ConfigError(f"{path.name} is larger than any issue; name the file that holds one")
    try:
        text = disk.read_file(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{path.name} is not UTF-8; save it as UTF-8") from None
    title, body = _parts(text, path.name)
    return _read(title, body, path.name)


def _parts(text: str, name: str) -> tuple[str, str]:
    if not text.lstrip().startswith("{"):
        return "", text
    try:
        issue = json.loads(text)
    except (ValueError, RecursionError):
        raise ConfigError(
            f"{name} begins like JSON and is none; write it by: gh issue view NUMBER --json title,body"
        ) from None
    body = issue.get("body")
    if not isinstance(body, str):
        raise ConfigError(f"{name} has no `body`; write it by: gh issue view NUMBER --json title,body")
    return str(issue.get("title") or ""), body


def _read(title: str, body: str, name: str) -> Suggestion:
    answers = _answers(body.replace("\r\n", "\n"))
    if not answers:
        raise ConfigError(
            f"{name} has no question of the form (`### Dataset description`, the answer below); is it the issue?"
        )
    found = Suggestion()
    if named := printable(_TITLE.sub("", title, count=1)).strip("[] "):
        answers.setdefault("Dataset name", named.replace("_", " "))
    for question, answer in answers.items():
        kind = next((kind for kind, words in _QUESTIONS if bare(question) in words), "")
        _take(kind, question, answer, found)
    if not found.keys.get("rights"):
        found.keys.pop("rights", None)
    return found


def _answers(body: str) -> dict[str, str]:
    """Question -> answer, where there is one; a heading inside an answer that asks nothing known belongs to it."""
    marks = list(_HEADING.finditer(body))
    found: dict[str, str] = {}
    for mark, after in zip(marks, [*marks, None][1:], strict=True):
        answer = body[mark.end() : after.start() if after else len(body)].strip()
        if answer.casefold() not in _NO_ANSWER and not is_placeholder(answer) and answer.casefold() not in _EXAMPLES:
            found.setdefault(printable(mark[1])[:200], answer[:_LONGEST])
    return found


def _take(kind: str, question: str, answer: str, found: Suggestion) -> None:
    text = printable(answer)
    if kind == "address" and (addresses := _ADDRESS.findall(answer)):
        if names := secrets_in(addresses[0]):
            found.unused.append(f"{question}: it holds a secret ({', '.join(names)}), so it is not asked")
            return
        found.address = addresses[0].rstrip(".,;")
        found.unused += [f"{question}: {without_secrets(one)} too; make an entry of it" for one in addresses[1:]]
    elif kind == "license":
        _take_licence(question, text, answer, found)
    elif kind == "languages":
        tags, unread = read_languages([text])
        if tags:
            found.keys["languages"] = tags
        found.unused += [f"{question}: {one}; write BCP 47 tags under `languages`" for one in unread]
    elif kind in ("title", "custodian"):
        found.keys[kind] = without_secrets(text)[:300]
    elif kind == "description":
        found.keys["summary"] = without_secrets(text)
    else:
        found.unused.append(f"{question}: {without_secrets(text)[:300]}")


def _take_licence(question: str, text: str, answer: str, found: Suggestion) -> None:
    """Only what says a licence and nothing beside it, and only where all answers say the same one."""
    statement = recognise(text)
    if not statement.uri and (alone := _ALONE.fullmatch(answer.strip())):
        linked = recognise(alone[2].rstrip(".,;"))
        statement = linked if not alone[1] or recognise(alone[1]).uri == linked.uri else statement
    known = {"license": statement.uri} if statement.uri and statement.tier != "unknown" else {}
    if found.keys.setdefault("rights", known) == known and known:
        found.unused.append(
            f"{question}: read as {statement.name} ({statement.tier}); a person must see the custodian's own page"
        )
        return
    found.keys["rights"] = {}
    why = "does not say what another answer says" if known else "is not recognised"
    found.unused.append(f"{question}: `{without_secrets(text)[:200]}` {why}; a person must read it")
