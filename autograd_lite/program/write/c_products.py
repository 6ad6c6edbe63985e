"""Products of matrices as loops, and what all pieces of loops have in common: where they stand, and what they read and write."""

from collections import Counter
from collections.abc import Iterator
from math import prod
from typing import Final

import numpy

from autograd_lite.engine.text import SIGN
from autograd_lite.program.capture.graph import Ids
from autograd_lite.program.ir.arrays import Array, MatrixProduct, RowSum, View, takes_twice, whole
from autograd_lite.program.ir.procedure import Procedure
from autograd_lite.program.ir.terms import Number, Shape, Term
from autograd_lite.program.write.c_loops import LoopBody, in_loops
from autograd_lite.program.write.c_terms import CTerms, coordinates, flat
from autograd_lite.program.write.c_vocabulary import NoCForm, enclosed

__all__ = ["AFTER", "BEFORE", "IN_EACH_ROW", "ROWS", "CProducts", "NoCForm", "adds_rows", "everything"]

BEFORE, ROWS, AFTER = "before", "rows", "after"
IN_EACH_ROW: Final = "a program that needs sums over all rows in each row has no form in C"
_AT_A_TIME: Final = 4  # rows of a matrix


class CProducts(CTerms):
    """The pieces of a procedure, and those of its products of matrices.

    Attributes:
        pieces: in order, by section. wide: sums over rows, which are doubles whatever the program computes in.
        declared: arrays of one number that are declared where they get it.
        largest_product: how many numbers the largest matrix has that rows are multiplied by.
    """

    def __init__(self, procedure: Procedure) -> None:
        super().__init__(procedure)
        self.pieces: dict[str, list[LoopBody]] = {BEFORE: [], ROWS: [], AFTER: []}
        self.wide: set[Array] = set()
        self.declared: set[Array] = set()
        self.largest_product = 0
        self.late = {target for target, of in self.of.items() if of.role == "parameter"}
        self._turned: dict[object, Array] = {}
        self._counted: Counter[str] = Counter()
        self._gradient = next((target for target, of in self.of.items() if of is self.program.all_parameters), None)

    def _written(self, target: Array, place: str) -> str:
        """An element to write to; a single number is declared where it gets its value."""
        text = self.element_of(target, place)
        return f"const real {text}" if target in self.declared else text

    def _assign(self, section: str, target: Array, index: Ids, term: Term, sign: str, assigns: bool = False) -> None:
        at, loops = coordinates(index.shape)
        place = self.place(index, at)
        single = not takes_twice(index)

        def lines() -> list[str]:
            return [f"{self._written(target, place)} {sign} {self.element(term, at).text};"]

        gradient = self.of.get(target) in self.program.parameters and self._gradient  # which may be written to through other names
        self._add(section, LoopBody(loops, lines, gradient or target, place if single and not gradient else "", assigns))

    def _add(self, section: str, piece: LoopBody) -> None:
        """A piece with what it reads, which its lines tell when they are made."""
        self.reads = {}
        piece.lines()
        piece.reads = self.reads
        self.pieces[section].append(piece)

    def _is_late(self, term: Term) -> bool:
        """Whether a term needs a sum over rows."""
        if isinstance(term, View):
            inlined = self.procedure.inlined.get(term.array)
            return term.array in self.late or (inlined is not None and self._is_late(inlined))
        return adds_rows(term) or any(map(self._is_late, term.parts))

    def _section(self, term: Term) -> str:
        late = self._is_late(term)
        if term.batched and late:
            raise NoCForm(IN_EACH_ROW)
        return ROWS if term.batched else AFTER if late else BEFORE

    def _new(self, stem: str, shape: Shape, batched: bool) -> Array:
        self._counted[stem] += 1
        return Array(f"{stem}{self._counted[stem]}", shape, batched)

    def _product(self, term: MatrixProduct) -> None:
        section, target = self._section(term), self._new("product", term.shape, term.batched)
        self.largest_product = max(self.largest_product, prod(term.right.shape))
        if term.form == "weights":
            self._assign(section, target, everything(target), Number(0.0), "=")
            self._outer(section, target, term)
        else:
            self._multiply(section, target, term)
        self.stored[term] = target

    def _multiply(self, section: str, target: Array, term: MatrixProduct) -> None:
        """The numbers of a row times a matrix: for each of them its row of the matrix, turned where needed, is added."""
        inner, count = term.left.shape[-1], term.shape[-1]
        matrix, places = term.right, ["k0", "j0"]
        if term.form == "forward" and inner > 1 < count:
            matrix = self._turned_matrix(term.right)
        elif term.form == "forward":
            places = ["j0", "k0"]
        outer, loops = coordinates(term.left.shape[:-1])
        place = flat(term.shape, [*outer, "j0" if count > 1 else "0"])
        columns = [("j0", count)] if count > 1 else []

        def added(first: int, last: int, step: int) -> Iterator[str]:
            """So many rows of the matrix at a time, which reads and writes the sums less often."""
            rows = ["k0", *(f"k0 + {number}" for number in range(1, step))]
            factors = [f"factor{number + 1}" if step > 1 else "factor" for number in range(step)]
            values = [self.element(term.left, [*outer, row]).text for row in rows]
            texts = [enclosed(self.element(matrix, [{"k0": row}.get(each, each) for each in places]), SIGN) for row in rows]
            out = self._written(target, place)
            total = " + ".join(f"{factor} * {text}" for factor, text in zip(factors, texts, strict=True))
            yield f"for (ptrdiff_t k0 = {first}; k0 < {last}; k0 += {step}) {{"
            yield from (f"  const real {factor} = {value};" for factor, value in zip(factors, values, strict=True))
            yield from (f"  {line}" for line in in_loops(columns, [f"{out} += {total};"]))
            yield "}"

        def lines() -> list[str]:
            zeros = in_loops(columns, [f"{self._written(target, place)} = 0;"])
            together = inner - inner % _AT_A_TIME if columns and inner >= 2 * _AT_A_TIME else 0
            rest = added(together, inner, 1) if together < inner else ()
            return [*zeros, *(added(0, together, _AT_A_TIME) if together else ()), *rest]

        self._add(section, LoopBody(loops, lines, target, ""))

    def _turned_matrix(self, matrix: Term) -> Term:
        """A matrix with rows and columns exchanged."""
        known = self._turned.get(matrix.key)
        if known is None:
            rows, columns = matrix.shape
            known = self._turned[matrix.key] = self._new("turned", (columns, rows), False)

            def lines() -> list[str]:
                return [f"{self._written(known, flat(known.shape, ['k0', 'j0']))} = {self.element(matrix, ['j0', 'k0']).text};"]

            late = self._is_late(matrix)
            self._add(
                AFTER if late else BEFORE, LoopBody([("k0", columns), ("j0", rows)], lines, known, flat(known.shape, ["k0", "j0"]))
            )
            self.late |= {known} if late else set()
        return whole(known)

    def _outer(self, section: str, target: Array, term: MatrixProduct) -> None:
        """Added to the target: left.T @ right, over all samples of a row."""
        left, right = term.left, term.right
        samples, loops = coordinates(left.shape[:-1])
        j, k = (name if length > 1 else "0" for name, length in zip(("j0", "k0"), term.shape, strict=True))
        over = [*loops, *[("j0", term.shape[0])] * (j != "0")]
        columns = [("k0", term.shape[1])] * (k != "0")

        def lines() -> list[str]:
            out = self._written(target, flat(term.shape, [j, k]))
            added = in_loops(columns, [f"{out} += factor * {enclosed(self.element(right, [*samples, k]), SIGN)};"])
            factored = [f"const real factor = {self.element(left, [*samples, j]).text};", *added]
            return list(in_loops(over, factored)) if over else ["{", *(f"  {line}" for line in factored), "}"]

        self._add(section, LoopBody([], lines, target, ""))


def adds_rows(term: Term) -> bool:
    """Whether a term is a sum over all rows."""
    return isinstance(term, RowSum) or (
        isinstance(term, MatrixProduct) and term.form == "weights" and any(part.batched for part in term.parts)
    )


def everything(array: Array) -> Ids:
    """The places of all elements of an array."""
    return numpy.arange(array.size).reshape(array.shape)
