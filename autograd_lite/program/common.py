"""Common subexpressions: what several terms compute gets a name and is computed once."""

import copy
from collections import Counter
from collections.abc import Sequence
from typing import Any

from autograd_lite.program.arrays import Array, MatrixProduct, Reduce, key_of, whole
from autograd_lite.program.terms import Call, Select, Term

__all__ = ["Common", "rebuilt"]


class Common:
    """The terms of one source, among which equal parts are found.

    Attributes:
        counts: how often each part is met; what stands inside a part that was met before is not counted again.
    """

    def __init__(self) -> None:
        self.counts: Counter[Any] = Counter()
        self._named: dict[Any, Array] = {}

    def count(self, term: Term) -> None:
        """Counts the parts of a term."""
        stack = [term]
        while stack:
            part = stack.pop()
            if isinstance(part, Call | Reduce | MatrixProduct | Select):
                key = key_of(part)
                self.counts[key] += 1
                if self.counts[key] > 1:
                    continue
            stack.extend(getattr(part, "parts", ()))

    def named(self, term: Term, found: list[tuple[Array, Term]], top: bool = True) -> Term:
        """The term with names for its common parts; those named for the first time are added to `found`, before their users."""
        parts = list(getattr(term, "parts", ()))
        if not parts:
            return term
        key = key_of(term) if isinstance(term, Call | Reduce | MatrixProduct | Select) else None
        if key is not None and key in self._named:
            return whole(self._named[key])
        new = rebuilt(term, parts, [self.named(part, found, top=False) for part in parts])
        if key is None or self.counts[key] < 2 or top:
            return new
        array = Array("", term.shape, term.batched, stem="e")
        self._named[key] = array
        found.append((array, new))
        return whole(array)

    def remember(self, term: Term, array: Array) -> None:
        """An array is the value of a term: whoever computes the same later takes the array, if it holds no more than that."""
        if (term.shape, term.batched) != (array.shape, array.batched):
            return  # as in a branch that some rows take, where every array has a number for each of them
        if isinstance(term, Call | Reduce | MatrixProduct | Select) and self.counts[key_of(term)] > 1:
            self._named.setdefault(key_of(term), array)


def rebuilt(term: Term, old: Sequence[Term], new: Sequence[Term]) -> Term:
    """The same operation on other parts of the same types."""
    if all(part is other for part, other in zip(old, new, strict=True)):
        return term
    other, parts = copy.copy(term), iter(new)
    other.key = None
    for name, value in vars(term).items():
        if isinstance(value, Term):
            setattr(other, name, next(parts))
        elif isinstance(value, list | tuple) and value and isinstance(value[0], Term):
            setattr(other, name, [next(parts) for _ in value])
    return other
