"""The step `shout`: capital letters, with what is shouted behind them."""

from biglam_pipeline.normalize.mapping.verb import Verb, each

SHOUT = Verb(
    "shout",
    "shout(marks)",
    "capital letters, and these marks",
    lambda marks="": each(lambda value: value.upper() + marks, ""),
    most=1,
)
