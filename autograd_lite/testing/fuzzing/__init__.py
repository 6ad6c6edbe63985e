"""Random programs, traced and held against eager evaluation: the judge of `trace`.

case         a program as text, with arguments and rows
vocabulary, grammar, sentences, generator       from a seed to a case
eager, agreement     the numbers of reference, the branches taken, and what rounding may do
judging, saved, comparing     every form of a program against them
shrinking, campaign                  a smallest failing case; many seeds, counted
"""

from autograd_lite.testing.fuzzing.campaign import Report as Report
from autograd_lite.testing.fuzzing.campaign import campaign as campaign
from autograd_lite.testing.fuzzing.campaign import smallest as smallest
from autograd_lite.testing.fuzzing.case import Case as Case
from autograd_lite.testing.fuzzing.comparing import compared as compared
from autograd_lite.testing.fuzzing.generator import generated as generated
from autograd_lite.testing.fuzzing.judging import Finding as Finding
from autograd_lite.testing.fuzzing.judging import Verdict as Verdict
from autograd_lite.testing.fuzzing.shrinking import shrunk as shrunk
