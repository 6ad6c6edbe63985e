"""Random programs, traced and held against eager evaluation: the judge of `trace`.

case         a program as text, with arguments and rows
words, grammar, sentences, generator            from a seed to a case
eager, agreement     the numbers of reference, the branches taken, and what rounding may do
comparison, saved, stages     every form of a program against them
shrinking, campaign                  a smallest failing case; many seeds, counted
"""

from autograd_lite.testing.fuzzing.campaign import CampaignReport, campaign, smallest
from autograd_lite.testing.fuzzing.case import Case
from autograd_lite.testing.fuzzing.comparison import Finding, Tally
from autograd_lite.testing.fuzzing.generator import generated
from autograd_lite.testing.fuzzing.shrinking import shrunk
from autograd_lite.testing.fuzzing.stages import compared

__all__ = [
    "CampaignReport",
    "Case",
    "Finding",
    "Tally",
    "campaign",
    "compared",
    "generated",
    "shrunk",
    "smallest",
]
