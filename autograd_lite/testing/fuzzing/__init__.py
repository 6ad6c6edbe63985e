"""Random programs from seeds, as Python text, to hold `trace` against eager evaluation.

case         a program as text, with arguments and rows
words, grammar, sentences, likeness, generator      from a seed to a case
eager        what the text gives where it is called: the numbers of reference
"""

from autograd_lite.testing.fuzzing.case import Case
from autograd_lite.testing.fuzzing.eager import Answer, answer
from autograd_lite.testing.fuzzing.generator import generated

__all__ = ["Answer", "Case", "answer", "generated"]
