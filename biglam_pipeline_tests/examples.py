"""How many examples hold a property: as many as its test says in `make check`, one in ten of them in `make test`."""

from typing import Any

from hypothesis import settings

FEWER = 10
"""Of a hundred. Hypothesis draws what is simple first, and what is told by an `@example` is tried always."""


def examples(most: int, **more: Any) -> settings:
    """Settings of one test. most: examples where nobody asks for fewer; more: as of `hypothesis.settings`."""
    return settings(max_examples=max(5, most * settings.default.max_examples // 100), **more)
