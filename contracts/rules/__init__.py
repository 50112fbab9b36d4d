"""Finding errors in published figures by arithmetic, by rule and never by list.

`review` takes figures, targets, relations and explanations and returns findings and evaluations.
Pure functions of their arguments: no files, no clock, no network. Not here: reading the landed
tables into the records (the loader), and what a finding does to a build.
"""

from contracts.rules.figures import (
    Evaluation,
    Explanation,
    Figure,
    Finding,
    Relation,
    Target,
)
from contracts.rules.interval import Interval, printed
from contracts.rules.review import GUARD, RULES, review

__all__ = [
    "GUARD",
    "RULES",
    "Evaluation",
    "Explanation",
    "Figure",
    "Finding",
    "Interval",
    "Relation",
    "Target",
    "printed",
    "review",
]
