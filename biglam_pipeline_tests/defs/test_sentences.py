"""The sentence that explains reaches the person: ours, and not that of the library below it."""

import sys

import pytest
from dagster._utils.error import serializable_error_info_from_exc_info
from dagster_shared.error import SerializableErrorInfo

from biglam_pipeline.defs.running import _sentence_of
from biglam_pipeline.errors import ConfigError, RightsWithheld, ServerBusy, ShelfDamaged, SourceChanged


def reported(outer: Exception, cause: Exception) -> SerializableErrorInfo:
    """As Dagster keeps an error that was raised from another."""
    try:
        try:
            raise cause
        except Exception as inner:
            raise outer from inner
    except (RuntimeError, type(outer)):
        return serializable_error_info_from_exc_info(sys.exc_info())


@pytest.mark.parametrize(
    "ours",
    [
        ServerBusy("the Hub did not take the commit: it is down", retry_after_seconds=1),
        ConfigError("a: one fault"),
        SourceChanged("biglam/x is gone: it was deleted"),
        RightsWithheld("x is not published:\n  - open_licence: no"),
        ShelfDamaged("run the stage before"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_our_outermost_sentence_wins(ours: Exception) -> None:
    """Without the name of its class."""
    below = reported(RuntimeError("Step failed"), told_as(ours, ConnectionError("RemoteProtocolError: no answer")))
    assert _sentence_of(below) == str(ours)


def told_as(outer: Exception, cause: Exception) -> Exception:
    """The error, raised from the other."""
    outer.__cause__ = cause
    return outer


def test_without_one_of_ours_the_innermost_cause_is_reported() -> None:
    assert _sentence_of(reported(RuntimeError("Step failed"), KeyError("why"))) == "KeyError: 'why'"
