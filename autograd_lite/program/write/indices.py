"""Terms in index form: single elements, and sums over letters."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from autograd_lite.engine.text import ATOM, SIGN, Latex, Text
from autograd_lite.program.ir.arrays import Along, Joined, MatrixProduct, Reduce, RowSum, View, is_whole
from autograd_lite.program.ir.terms import Term
from autograd_lite.program.write.notation import (
    LARGE,
    Axes,
    Axis,
    Glossary,
    IrregularIndex,
    Notation,
    coordinates,
    listed,
    steps_along,
)

__all__ = ["InIndices", "letters_of"]

_LETTERS: Final = "jklmpqrstuvwabcdefgh"
_FEW: Final = 3


class InIndices(Notation):
    """Single elements, and sums over letters.

    Args:
        axes: what counts the elements on the left: no sum on the right takes its letters.
    Raises:
        IrregularIndex: by `text` and `value`, where places follow no rule.
    """

    def __init__(self, glossary: Glossary, kind: type[Text], axes: Axes) -> None:
        super().__init__(glossary, kind)
        self._taken = [letter for letter, _ in axes]

    def element(self, view: View, axes: Axes) -> str:
        """The places of an element of a view, as indices."""
        axes = axes[len(axes) - len(view.shape) :]
        places = ["n"] if view.batched and self.glossary.mean else []
        if is_whole(view.index, view.array):
            lengths = zip(axes, view.array.shape, strict=True)
            places += [_affine(0, [(1, axis)]) if axis[1] == length else "1" for axis, length in lengths]
        else:
            places += [_affine(int(each.flat[0]), steps_along(each, axes)) for each in coordinates(view)]
        return listed(places, self.kind)

    def _elements(self, view: View, axes: Axes) -> list[Text]:
        length = view.shape[-1]
        shown = range(length) if length <= _FEW else (0, length - 1)
        found = [self.text(view, [*axes, (place, length)]) for place in shown]
        return found if length <= _FEW else [found[0], self.kind(self.left_out, ATOM), found[1]]

    def view(self, term: View, axes: Axes) -> Text:
        return self.kind(self.symbol(term.array, self.element(term, axes)), ATOM)

    def summed(self, term: Term, axes: Axes) -> Text:
        match term:
            case Reduce():
                return self._reduce(term, axes)
            case RowSum():
                return self._over("sum", "n", self.text(term.term, axes))
            case Along() | Joined():
                raise IrregularIndex  # no letter tells which elements one is made of
        assert isinstance(term, MatrixProduct)
        return self._product(term, axes)

    def _reduce(self, term: Reduce, axes: Axes) -> Text:
        axis = term.axis % len(term.term.shape)
        with self._letter() as letter:
            inner = [*axes[:axis], (letter, term.term.shape[axis]), *axes[axis + term.kept :]]
            return self._over(term.word, letter, self.text(term.term, inner))

    def _mean(self, term: RowSum, axes: Axes) -> Text:
        share = rf"\frac{{1}}{{{self.count}}}" if self.kind is Latex else f"1/{self.count}"
        return self.kind(f"{share} {self.text(term, axes).text}", LARGE)

    def _product(self, term: MatrixProduct, axes: Axes) -> Text:
        """The sum over what the matrices share, the weights first: sum_k W_jk x_k."""
        left, right = term.left, term.right
        with self._letter() as letter:
            if term.form == "weights":
                more = [(letter, length) for length in left.shape[:-1]]
                factors = [self.text(left, [*more, axes[0]]), self.text(right, [*more, axes[1]])]
                over = ["n"] * left.batched + [letter] * len(more)
                return self._over("sum", ",".join(over), self._beside(*factors)) if over else self._beside(*factors)
            inside = self._shared(term, axes, (letter, left.shape[-1]))
            alone = left.shape[-1] == 1 and inside.text == self._shared(term, axes, (0, 1)).text
            return inside if alone else self._over("sum", letter, inside)

    def _shared(self, term: MatrixProduct, axes: Axes, shared: Axis) -> Text:
        """What a matrix product sums, at one place of what its matrices share."""
        x = self.text(term.left, [*axes[:-1], shared])
        w = self.text(term.right, [axes[-1], shared] if term.form == "forward" else [shared, axes[-1]])
        return self._beside(w, x)

    def _over(self, name: str, letter: str, inside: Text) -> Text:
        """A sum over all that a letter counts, or the largest of it."""
        sign = rf"\{name}_{{{letter}}}" if self.kind is Latex else f"{name}_{letter}"
        term = f"{sign} {inside.text if LARGE <= inside.precedence != SIGN else self._enclosed(inside, ATOM)}"
        return self.kind(term, LARGE)

    @contextmanager
    def _letter(self) -> Iterator[str]:
        """A letter that counts nothing around this place."""
        letter = next(letter for letter in _LETTERS if letter not in self._taken)
        self._taken.append(letter)
        try:
            yield letter
        finally:
            self._taken.pop()


def letters_of(shape: Sequence[int]) -> Axes:
    """A letter for each axis of what stands on the left."""
    return list(zip(_LETTERS, shape, strict=False))


def _affine(first: int, steps: Sequence[tuple[int, Axis]]) -> str:
    """first + step * letter + ..., counted from 1 on: "j", "j+1", "2j-1", "9-j", "5"."""
    constant, text = first + 1, ""
    for step, (counter, _) in steps:
        if isinstance(counter, int):
            constant += step * counter
        elif step:
            constant -= step
            text += f"{step:+}{counter}" if abs(step) > 1 else f"{'+' if step > 0 else '-'}{counter}"
    if text.startswith("-") and constant > 0:
        return f"{constant}{text}"
    return f"{text}{constant:+}".removeprefix("+") if constant or not text else text.removeprefix("+")
