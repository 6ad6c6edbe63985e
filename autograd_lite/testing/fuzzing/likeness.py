"""Many terms of one form with a number that is the same in all: regressions with an intercept, distances from a centre.

Drawn on purpose: a program rolls such terms into one statement, in which the number repeats, and receives as many derivatives.
"""

from autograd_lite.testing.fuzzing.case import Piece
from autograd_lite.testing.fuzzing.grammar import Sampler
from autograd_lite.testing.fuzzing.words import of_lists

_COUNTS = (2, 3, 7, 8, 8, 9, 10, 12, 20, 40)
_FORMS = (  # of two numbers, which are the same in all terms, and of one that is not
    "{{0}} + {a}",
    "{{0}} - {a} * 0.5",
    "{a} - {{0}}",
    "-({{0}} - {a})",
    "({{0}} - {a}) ** 2",
    "({{0}} + {{1}} * {a} - 0.5) ** 2",
    "({{0}} + {a}) * {{1}}",
    "({{0}} + {a}) / 3.0 + {{1}}",
    "{{0}} * {a} + {{1}}",
    "where({a} < 0.3, {{0}}, {{1}})",
    "where({a} < {{1}}, {{0}}, lambda: {a} * {{1}})",
)


def like_terms(sampler: Sampler, depth: int) -> Piece:
    """A number made of many terms of one form."""
    if sampler.inside > 1 or sampler.copies > 4:
        return sampler.leaf()
    random, [a] = sampler.random, sampler.fresh()
    over = sampler.list(0, random.choice(_COUNTS))
    form = random.choice(_FORMS).format(a=a)
    terms = Piece("list", f"[{form} for {a} in {{2}}]", (sampler.leaf(), sampler.leaf(), over), over.length)
    if random.random() < 0.5:
        return Piece("number", "sum({0})", (terms,))
    name, inside = random.choice(of_lists()["number"])
    return Piece("number", f"{name}(softmax({{0}}))" if inside else f"{name}({{0}})", (terms,))
