"""Equations: a program as mathematics, forward and backward, with the four equations of backpropagation named where they occur.

BP1   the error of the last layer:          d_z2 = dC/da2 * sigma'(z2)
BP2   the error of the layer before:        d_z1 = (d_z2 W2) * sigma'(z1)
BP3   the gradient of a bias:               dC/db2_j = sum_n d_z2_nj
BP4   the gradient of a weight:             dC/dW2_jk = sum_n d_z2_nj a1_nk

A layer is a statement that multiplies its inputs with a matrix of parameters. Its error is what the gradient of that matrix is
made of; it came through another layer's weights, or it did not.

Source: Nielsen, *Neural Networks and Deep Learning*, chapter 2, (BP1) to (BP4).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeGuard, overload

import numpy

from autograd_lite.engine.text import Latex, Text
from autograd_lite.program.ir.arrays import Array, MatrixProduct, RowSum, View, takes_twice, whole
from autograd_lite.program.ir.derivation import Adjoint
from autograd_lite.program.ir.names import Names
from autograd_lite.program.ir.procedure import Procedure
from autograd_lite.program.ir.statements import Linear, Lowered, Statement
from autograd_lite.program.ir.tasks import LOSS
from autograd_lite.program.ir.terms import Infix, MeanWeight, Term
from autograd_lite.program.write.indices import InIndices, letters_of
from autograd_lite.program.write.notation import Axes, Glossary, InMatrices, IrregularIndex

__all__ = ["Equation", "Equations", "equations"]

_WIDEST: Final = 60  # what is longer has its index form on a line below
_OUTPUT, _HIDDEN, _BIAS, _WEIGHT = "BP1", "BP2", "BP3", "BP4"
_LATEX_SIGNS: Final = {"=": "=", "+=": r"\mathrel{+}="}


@dataclass(frozen=True, slots=True)
class Equation:
    r"""One statement. Given by `Program.equations`.

    Attributes:
        name: "BP1" to "BP4" where it is one of these, else "".
        matrix: its matrix form.
        index: its index form; "" where that is the same, or where the places follow no rule that letters could express.
        latex_matrix, latex_index: both in LaTeX, with `&` before the sign.
    Example:
        >>> from autograd_lite.program import trace
        >>> trace(lambda x: x[0] * x[1], [2.0, 3.0]).equations()[0]
        Equation(name='', matrix='f = X_1 * X_2', index='', latex_matrix='f &= X_{1} \\cdot X_{2}', latex_index='')
    """

    name: str
    matrix: str
    index: str
    latex_matrix: str
    latex_index: str


@dataclass(frozen=True, slots=True, repr=False)
class Equations(Sequence[Equation]):
    """The statements of a program as equations, forward and then backward. Given by `Program.equations`.

    Attributes:
        rows: in the order in which they are computed.
    Example:
        >>> from autograd_lite.losses import squared_error
        >>> from autograd_lite.nn import Layer
        >>> from autograd_lite.program import trace
        >>> program = trace(lambda model, x, t: squared_error(model(x), t), Layer(2, 2, "sigmoid"), [0.0, 0.0], [0.0, 0.0])
        >>> found = program.equations()
        >>> print(found.text)
             matrix form                        index form
             z1 = X W1^T + b1                   z1_nj = sum_k W1_jk X_nk + b1_j
             a1 = sigmoid(z1)                   a1_nj = sigmoid(z1_nj)
             t1 = a1 - T                        t1_nj = a1_nj - T_nj
             C = mean(sum(t1 * t1) / 2)         C = 1/N sum_n (sum_j t1_nj * t1_nj) / 2
        BP1  d_z1 = t1 / N * a1 * sigmoid(-z1)  d_z1_nj = t1_nj / N * a1_nj * sigmoid(-z1_nj)
        BP4  d_W1 = d_z1^T X                    dC/dW1_jk = sum_n d_z1_nj X_nk
        BP3  d_b1 = 1^T d_z1                    dC/db1_j = sum_n d_z1_nj
        >>> len(found), found[-1].name, found.latex.splitlines()[0]
        (7, 'BP3', '\\\\begin{aligned}')
    """

    rows: tuple[Equation, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, place: int) -> Equation: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Equation, ...]: ...
    def __getitem__(self, place: int | slice) -> Equation | tuple[Equation, ...]:
        return self.rows[place]

    @property
    def text(self) -> str:
        """A table: the name, the matrix form, the index form."""
        names = max((len(row.name) + 2 for row in self.rows if row.name), default=0)
        width = max((len(row.matrix) for row in self.rows if len(row.matrix) <= _WIDEST), default=_WIDEST)
        lines = [f"{'':{names}}{'matrix form':{width}}  index form"]
        for row in self.rows:
            first = f"{row.name:{names}}{row.matrix:{width}}"
            if len(row.matrix) > width and row.index:
                lines.append(first)
                first = " " * (names + width)
            lines.append(f"{first}  {row.index}".rstrip())
        return "\n".join(lines)

    @property
    def latex(self) -> str:
        """An `aligned` environment, without dollar signs: the matrix form, the index form, the name."""
        lines = []
        for row in self.rows:
            index = rf"&\qquad {row.latex_index}" if row.latex_index else "& &"
            name = rf" &\qquad \text{{({row.name})}}" if row.name else ""
            lines.append(f"{row.latex_matrix} {index}{name}".removesuffix(" & &"))
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"


def equations(procedure: Procedure) -> Equations:
    """What a procedure computes in the notation of mathematics: its names, and written out what it inlines."""
    return Equations(tuple(_Page(procedure).rows()))


class _Page:
    def __init__(self, procedure: Procedure) -> None:
        self.procedure, self.program, self.adjoints = procedure, procedure.program, procedure.adjoints
        self.mean = procedure.task == LOSS
        self.names = _names_of_backpropagation(self.program, self.adjoints)
        self.glossary = self._glossary()

    def rows(self) -> Iterator[Equation]:
        """The equations in order."""
        for statement in self.program.statements:
            if statement.target not in self.glossary.written_out:
                yield self._row(_Side(whole(statement.target)), "=", statement)
        yield from self._results()
        for adjoint in self.adjoints:
            if adjoint.target not in self.glossary.written_out:
                yield from self._received(adjoint)

    def _glossary(self) -> Glossary:
        """The names of the procedure. Inline what it inlines, except the deltas."""
        inlined, statements = self.procedure.inlined, self.program.statements
        written_out: dict[Array, Statement | Term] = {each.target: each for each in statements if each.target in inlined}
        for adjoint in self.adjoints:
            if adjoint.target in inlined and adjoint.target not in self.names:
                written_out[adjoint.target] = adjoint.contributions[0].term
        of = {adjoint.target: adjoint.of for adjoint in self.adjoints}
        arrays = [*(each.target for each in statements), *of.values(), *self.program.arguments, *self.program.parameters]
        free = Names(map(self.procedure.name, [*arrays, *self.program.constants]))
        result = free.numbered("C" if self.mean else "f", 0)
        return Glossary(self.procedure.names, written_out, of, result, free.numbered("N", 0), self.mean)

    def _received(self, adjoint: Adjoint) -> Iterator[Equation]:
        """What an adjoint is made of: "=" for what its places get first, "+=" for what is added."""
        wanted = adjoint.of if adjoint.of.role in ("argument", "parameter") else None
        name = self.names.get(adjoint.target, "")
        covered = numpy.full(adjoint.of.size, adjoint.of is self.program.all_parameters)  # whose parts stand above
        for contribution in sorted(adjoint.contributions, key=lambda each: -each.index.size):
            places = contribution.index.ravel()
            first = not covered[places].any() and not takes_twice(places)
            left = _Side(View(adjoint.target, contribution.index), wanted)
            named = name != _WEIGHT or any(_products(contribution.term, "weights"))
            yield self._row(left, "=" if first else "+=", contribution.term, name if named else "")
            covered[places] = True
            name = "" if wanted is None else name  # an error is named where it begins

    def _results(self) -> Iterator[Equation]:
        """What the program returns."""
        outputs = self.program.outputs
        views = [output for output in outputs if isinstance(output, View)]
        result = Array(self.glossary.result, (len(outputs),) if len(outputs) > 1 else (), any(each.batched for each in outputs))
        if self.mean:
            [output] = outputs
            output = whole(output.array) if isinstance(output, View) and output.array.size == 1 else output
            mean = Infix("*", MeanWeight(), RowSum(output)) if output.batched else output
            yield self._row(_Side(View(replace(result, batched=False), numpy.array(0))), "=", mean, axes=[(0, 1)] * len(mean.shape))
        elif len(views) == len(outputs) > 1 and len({view.array for view in views}) == 1:
            places = numpy.array([int(view.index) for view in views])
            yield self._row(_Side(whole(result)), "=", View(views[0].array, places))
        else:
            for number, output in enumerate(outputs):
                yield self._row(_Side(View(result, numpy.array(number))), "=", output)

    def _row(self, left: "_Side", sign: str, right: Statement | Term, name: str = "", axes: Axes | None = None) -> Equation:
        axes = letters_of(left.view.index.shape) if axes is None else axes
        matrix: list[str] = []
        index: list[str] = []
        for kind, between in ((Text, f" {sign} "), (Latex, f" &{_LATEX_SIGNS[sign]} ")):
            whole_arrays, elements = InMatrices(self.glossary, kind), InIndices(self.glossary, kind, axes)
            given = whole_arrays.value(right, axes).text
            matrix.append(f"{left.in_matrices(whole_arrays)}{between}{given}")
            try:
                element = elements.value(right, axes).text
                index.append(f"{left.in_indices(elements, axes)}{between}{element}")
                if element == given and not axes:
                    matrix[-1] = index[-1]  # of a single number there is one form: df/dx says it better than d_x
            except IrregularIndex:
                index.append("")
        same = matrix[0] == index[0]
        return Equation(name, matrix[0], "" if same else index[0], matrix[1], "" if same else index[1])


@dataclass
class _Side:
    """A left side: elements of an array, or the derivative by those of a wanted one."""

    view: View
    wanted: Array | None = None

    def in_matrices(self, notation: InMatrices) -> str:
        part = notation.part(self.view)
        if self.wanted is not None and notation.kind is Latex:
            return notation.derivative(self.wanted, part)
        return notation.symbol(self.view.array, part)

    def in_indices(self, notation: InIndices, axes: Axes) -> str:
        places = notation.element(self.view, axes)
        return notation.symbol(self.view.array, places) if self.wanted is None else notation.derivative(self.wanted, places)


def _names_of_backpropagation(program: Lowered, adjoints: Sequence[Adjoint]) -> dict[Array, str]:
    """Which adjoints one of the four equations computes, by their array."""
    layers = [each for each in program.statements if isinstance(each, Linear) and any(_is_parameter(w) for _, w in each.products)]
    weights = {w.array for layer in layers for _, w in layer.products if _is_parameter(w)}
    biases = {single.array for layer in layers for single in layer.singles if _is_parameter(single)}
    by_target = {adjoint.target: adjoint for adjoint in adjoints}
    names: dict[Array, str] = {}
    for adjoint in adjoints:
        products = [found for contribution in adjoint.contributions for found in _products(contribution.term, "weights")]
        if adjoint.of in weights and products:
            names[adjoint.target] = _WEIGHT
            for place in by_target.keys() & {view.array for product in products for view in _views(product.left)}:
                names[place] = _HIDDEN if _came_through_weights(by_target[place], by_target) else _OUTPUT
        elif adjoint.of in biases:
            names[adjoint.target] = _BIAS
    return names


def _came_through_weights(adjoint: Adjoint, by_target: Mapping[Array, Adjoint]) -> bool:
    """Whether an error is made of a later layer's, by a product with that layer's weights."""
    seen: set[Array] = set()
    waiting = [adjoint]
    while waiting:
        each = waiting.pop()
        terms = [contribution.term for contribution in each.contributions]
        if any(_is_parameter(product.right) for term in terms for product in _products(term, "inputs")):
            return True
        seen.add(each.target)
        reached = {view.array for term in terms for view in _views(term)}
        waiting += [by_target[place] for place in (reached & by_target.keys()) - seen]
    return False


def _views(term: Term) -> Iterator[View]:
    return (part for part in term.walk() if isinstance(part, View))


def _products(term: Term, form: str) -> Iterator[MatrixProduct]:
    return (part for part in term.walk() if isinstance(part, MatrixProduct) and part.form == form)


def _is_parameter(term: Term) -> TypeGuard[View]:
    return isinstance(term, View) and term.array.role == "parameter"
