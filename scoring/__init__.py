"""What answers are worth: pure arithmetic on columns, from definitions that are data.

Nothing in here reads a file, a clock or the network: the same document and the same answers give
the same scores, always.
"""

from scoring.instrument import Instrument
from scoring.problem import NotAnAnswer, NotValid, Problem
from scoring.score import Scorer, Scores, compile_instrument
from scoring.value_set import ValueSet
from scoring.wording import Wording

VERSION = "1"
"""Raised whenever the same answers could score differently; a golden test insists on it."""

__all__ = [
    "VERSION",
    "Instrument",
    "NotAnAnswer",
    "NotValid",
    "Problem",
    "Scorer",
    "Scores",
    "ValueSet",
    "Wording",
    "compile_instrument",
]
