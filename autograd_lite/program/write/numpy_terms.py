"""Terms as NumPy expressions: rows first, then the axes of a sample."""

from dataclasses import replace
from typing import Any, Final, TypeGuard

from autograd_lite.calculus.symbols import Symbol
from autograd_lite.engine.text import PRODUCT, SIGN, SUM
from autograd_lite.program.capture.graph import Ids
from autograd_lite.program.ir.arrays import Along, Array, Expand, Fill, Joined, MatrixProduct, Reduce, RowSum, View, whole
from autograd_lite.program.ir.procedure import Procedure
from autograd_lite.program.ir.tasks import LOSS
from autograd_lite.program.ir.terms import Infix, MeanWeight, Minus, Number, Select, Term
from autograd_lite.program.write.expressions import Expressions, atom
from autograd_lite.program.write.views import view_text
from autograd_lite.program.write.vocabulary import NumpyVocabulary

__all__ = ["NumpyTerms"]

_MATRIX_PRODUCT: Final = (SUM + PRODUCT) / 2  # in Python @ binds as * does, but (d @ W) * a reads better than d @ W * a


class NumpyTerms(Expressions):
    """Writes the terms of a procedure; remembers the index arrays and helper functions they need.

    Attributes:
        indices: arrays of places, by name. turned: how axes are put in another order.
    """

    vocabulary: NumpyVocabulary
    turned = ".transpose({axes})"

    def __init__(self, procedure: Procedure) -> None:
        super().__init__(procedure, NumpyVocabulary())
        self.indices: dict[str, Ids] = {}
        self._known: dict[Any, str] = {}

    def part(self, array: Array, index: Ids) -> str:
        """Elements of an array that stands there by its name."""
        return view_text(array, index, self.name(array), self.new_index, self.turned)

    def name(self, array: Array) -> str:
        """What an array is called."""
        return self.procedure.name(array)

    def new_index(self, index: Ids) -> str:
        """The name of an array of places."""
        key = (index.shape, index.tobytes())
        if key not in self._known:
            self._known[key] = name = f"INDEX{len(self.indices) + 1}"
            self.indices[name] = index
        return self._known[key]

    def view(self, term: View) -> Symbol:
        return Symbol(self.part(term.array, term.index))

    def text(self, term: Term) -> Symbol:
        return (self._infix(term) if isinstance(term, Infix) else None) or super().text(term)

    def _infix(self, term: Infix) -> Symbol | None:
        """Where NumPy's arithmetic is written otherwise than Python's."""
        match term:
            case Infix("*", MeanWeight(), share) | Infix("*", Number() as share, MeanWeight()):
                quotient: Symbol = self.text(share) / Symbol("rows")
                return quotient
            case Infix("*", left, right) if _is_indicator(left) != _is_indicator(right):
                x, y = (self._condition(side) if _is_indicator(side) else self.text(side) for side in (left, right))
                product: Symbol = x * y
                return product
            case Infix("+", left, right) if (added := self._negated(right)) is not None:
                difference: Symbol = self.text(left) - self.text(added)
                return difference
            case Infix("/", Number(), Number()):  # Python's may raise by itself
                return Symbol(f"np.divide({self.text(term.left).text}, {self.text(term.right).text})")
        return None

    def shaped(self, term: Term) -> Symbol:
        match term:
            case MeanWeight():
                return Symbol("1 / rows", PRODUCT)
            case Select():
                return self._select(term)
            case Expand():
                return self._expand(term.term)
            case Reduce():
                return self._reduce(term)
            case Along(inside, how):
                return Symbol(f"{self.vocabulary.function(how)}({self.text(inside).text})")
            case Joined(terms):
                return Symbol(f"np.concatenate([{', '.join(self._with_axes(each) for each in terms)}], axis=-1)")
            case RowSum(inside):
                return Symbol(f"{atom(self.text(inside))}.sum(axis=0)")
            case Fill(inside):
                shape = ", ".join([*["rows"] * term.batched, *map(str, term.shape)])
                one = "," * (", " not in shape)
                return Symbol(f"np.full(({shape}{one}), {self.text(inside).text}, np.{self.procedure.dtype})")
        assert isinstance(term, MatrixProduct)
        return Symbol(" @ ".join(self.matrices(term)), _MATRIX_PRODUCT)

    def _negated(self, term: Term) -> Term | None:
        """What a term is the negative of, as it is written; None where it is no negative."""
        shown = self.written_out(term)
        if isinstance(shown, Expand):
            inner = self._negated(shown.term)
            return None if inner is None else Expand(inner)
        return shown.term if isinstance(shown, Minus) else None

    def _expand(self, inside: Term) -> Symbol:
        shown = self.written_out(inside)
        if isinstance(shown, Reduce) and shown.how in ("sum", "max") and shown.batched and not shown.kept and shown.axis == -1:
            return self.text(replace(shown, kept=True))
        if not (inside.batched or inside.shape):
            return self.text(inside)
        return Symbol(f"{atom(self.text(inside))}[{'...' if inside.shape else ':'}, None]")

    def result(self) -> str:
        """The expression of what the function returns."""
        if self.procedure.task != LOSS:
            texts = [self.text(output).text for output in self.procedure.outputs]
            return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"
        output = self.procedure.outputs[0]
        if isinstance(output, View) and output.array.size == 1:
            output = whole(output.array)
        return self._mean(output).text if output.batched else atom(self.text(output))

    def _mean(self, output: Term) -> Symbol:
        """The mean over the rows: what is added up along an axis first is added up at once, and then multiplied by a number."""
        match self.written_out(output):
            case Minus(inside):
                return Symbol(f"-{self._mean(inside).text}", SIGN)
            case Infix("*", Number() as number, inside):
                mean: Symbol = self.text(number) * self._mean(inside)
            case Infix("/", inside, Number() as number):
                mean = self._sum(inside) / self.text(number) / Symbol("rows")
            case inside:
                mean = self._sum(inside) / Symbol("rows")
        return mean

    def _sum(self, output: Term) -> Symbol:
        inside = self.written_out(output)
        return Symbol(f"{atom(self.text(inside.term if isinstance(inside, Reduce) and inside.how == 'sum' else inside))}.sum()")

    def _condition(self, choice: Select) -> Symbol:
        """A choice between 1 and 0 as a factor: its condition, which multiplies a number as 1 or 0."""
        return Symbol(f"({self.text(choice.condition).text})")

    def _select(self, term: Select) -> Symbol:
        condition, x, y = (self.text(part).text for part in term.parts)
        if isinstance(term.x, Number) and isinstance(term.y, Number):
            narrow = "" if self.procedure.dtype == "float64" else f".astype(np.{self.procedure.dtype})"
            return Symbol(f"np.where({condition}, {_float(x)}, {_float(y)}){narrow}")
        return Symbol(f"np.where({condition}, {x}, {y})")

    def _reduce(self, term: Reduce) -> Symbol:
        inside = term.term
        if term.how not in ("sum", "max"):
            return Symbol(f"{self.vocabulary.function(term.how)}({self.text(inside).text})")
        if (
            isinstance(inside, Infix)
            and inside.sign == "*"
            and not (inside.batched or term.kept)
            and inside.left.shape == inside.right.shape == inside.shape
            and len(inside.shape) == 1 < inside.shape[0]  # one element may be written as a number
        ):
            return Symbol(f"{atom(self.text(inside.left))} @ {atom(self.text(inside.right))}", PRODUCT)
        axis = term.axis % len(inside.shape) + term.batched
        kept = ", keepdims=True" if term.kept else ""
        return Symbol(f"{self._with_axes(inside)}.{term.how}(axis={axis}{kept})")

    def _with_axes(self, term: Term) -> str:
        """The text of an operand whose axes are asked for: one number that stands for an array of one element becomes that."""
        if isinstance(term, View) and term.shape and not (term.array.shape or term.batched) and term.index.size == 1:
            return f"np.full({term.shape}, {self.text(term).text})"
        return atom(self.text(term))

    def matrices(self, term: MatrixProduct) -> tuple[str, str]:
        """The two matrices that a product multiplies."""
        left, right = self._with_axes(term.left), self._with_axes(term.right)
        if term.form == "forward":
            return left, f"{right}.T"
        if term.form == "inputs":
            return left, right
        if not term.left.batched and len(term.left.shape) == 1:
            return f"{left}[:, None]", f"{right}[None]"
        if term.left.batched and len(term.left.shape) > 1:
            left, right = (f"{text}.reshape(-1, {part.shape[-1]})" for text, part in ((left, term.left), (right, term.right)))
        return f"{left}.T", right


def _float(number: str) -> str:
    """A number that makes an array of floats even alone."""
    return f"{number}.0" if number.lstrip("-").isdigit() else number


def _is_indicator(term: Term) -> TypeGuard[Select]:
    match term:
        case Select(_, Number(1.0), Number(0.0)):
            return True
    return False
