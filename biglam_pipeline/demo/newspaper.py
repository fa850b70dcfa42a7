"""The issues of The Aldermere Mercury: which articles an issue has, what they say and where they are printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from .collections import revised
from .news import GENERAL, HEADLINES, TOPICS
from .prose import compose

TITLE = "The Aldermere Mercury"
FIRST_ISSUE = date(1851, 6, 7)
ISSUES, PAGES = 4, 4
ARTICLES_BY_PAGE = (3, 3, 3, 2)
"""How many articles begin on each page; the first page's last one runs on to the second."""
BLANK_PAGE = (3, 4)
"""Issue and page: the back of the third issue was printed without text."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is printed of an article on one page."""

    page: int
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """One article. `text` is what was set in type, without the headline; `id` is `art0001`, once in an issue."""

    id: str
    headline: str
    text: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue as it is delivered: what has been withdrawn from it is not among its articles."""

    name: str
    number: int
    issued: date
    articles: tuple[Article, ...]


def issue_date(number: int) -> date:
    """The Saturday on which issue `number`, 1 and up, came out."""
    return FIRST_ISSUE + timedelta(weeks=number - 1)


def issue_name(number: int) -> str:
    """What the issue's file is called, without `.zip`."""
    return f"mercury-{issue_date(number).isoformat()}"


def first_pages(number: int) -> tuple[int, ...]:
    """For each article of the issue, in order, the page on which it begins."""
    return tuple(
        page
        for page, articles in enumerate(ARTICLES_BY_PAGE, 1)
        if (number, page) != BLANK_PAGE
        for _ in range(articles)
    )


def _parts(text: str, page: int, runs_on: bool) -> tuple[Part, ...]:
    if not runs_on:
        return (Part(page, text),)
    words = text.split()
    middle = len(words) // 2
    return (Part(page, " ".join(words[:middle])), Part(page + 1, " ".join(words[middle:])))


def article(issue: int, number: int, revision: int = 0) -> Article:
    """Article `number`, 1 and up, of that issue."""
    chance = Random(f"mercury {issue} {number}")
    headline = HEADLINES[(issue * 3 + number) % len(HEADLINES)]
    topical = compose(chance, TOPICS[headline], 50)
    text = revised(f"{topical} {compose(chance, GENERAL, 35)}", revision)
    page = first_pages(issue)[number - 1]
    return Article(f"art{number:04d}", headline, text, _parts(text, page, number == ARTICLES_BY_PAGE[0]))


def issue(number: int, revisions: Sequence[tuple[int, int]]) -> Issue:
    """Issue `number` with these articles, each given with how often it was corrected."""
    articles = tuple(article(number, which, revision) for which, revision in revisions)
    return Issue(issue_name(number), number, issue_date(number), articles)
