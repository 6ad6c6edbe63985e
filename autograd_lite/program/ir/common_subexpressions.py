"""Common subexpressions: what several terms compute gets a name and is computed once."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from autograd_lite.program.ir.arrays import Along, Array, MatrixProduct, Reduce, is_share, whole
from autograd_lite.program.ir.terms import Call, Select, Term

_WORTH_A_NAME = (Call, Reduce, Along, MatrixProduct, Select)


class CommonSubexpressions:
    """The terms of one procedure, among which equal parts are found.

    Attributes:
        counts: how often each part is met; what stands inside a part that was met before is not counted again.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        self.counts: Counter[Any] = Counter()
        self._named: dict[Any, Array] = {}
        stack = list(terms)
        while stack:
            part = stack.pop()
            if isinstance(part, _WORTH_A_NAME):
                self.counts[part.key] += 1
                if self.counts[part.key] > 1:
                    continue
            stack.extend(part.parts)

    def named(self, term: Term, found: list[tuple[Array, Term]], top: bool = True) -> Term:
        """The term with names for its common parts; those named for the first time are added to `found`, before their users."""
        if not term.parts:
            return term
        shares = is_share(term)
        worthy = shares or isinstance(term, _WORTH_A_NAME)
        if worthy and term.key in self._named:
            return whole(self._named[term.key])
        new = term.map(lambda part: self.named(part, found, top=False))
        if not worthy or (self.counts[term.key] < 2 and not shares) or top:
            return new
        array = Array("", term.shape, term.batched, stem="p" if shares else "e")
        self._named[term.key] = array
        found.append((array, new))
        return whole(array)

    def remember(self, term: Term, array: Array) -> None:
        """An array is the value of a term: whoever computes the same later takes the array, if it holds no more than that."""
        if (term.shape, term.batched) != (array.shape, array.batched):
            return  # as in a branch that some rows take, where every array has a number for each of them
        if isinstance(term, _WORTH_A_NAME) and self.counts[term.key] > 1:
            self._named.setdefault(term.key, array)
