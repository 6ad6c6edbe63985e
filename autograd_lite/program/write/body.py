"""The statements of a source, forward and backward, as lines."""

from collections import Counter
from collections.abc import Iterator

import numpy

from autograd_lite.engine.text import ATOM
from autograd_lite.program.capture.graph import Ids
from autograd_lite.program.ir.arrays import Array, MatrixProduct, RowSum, View, bare, is_whole, whole
from autograd_lite.program.ir.common_subexpressions import Common
from autograd_lite.program.ir.derivation import Adjoint, planned
from autograd_lite.program.ir.names import Names, comment_text
from autograd_lite.program.ir.plans import Plan
from autograd_lite.program.ir.statements import Check, Lowered
from autograd_lite.program.ir.terms import Minus, Term
from autograd_lite.program.ir.type_checker import TypeChecker
from autograd_lite.program.write.views import flat_text
from autograd_lite.program.write.writing import Writer

__all__ = ["Body", "noted", "shape_text"]

_LONGEST = 88
_INLINED = 48  # characters: what is longer gets a name
_COUNTED = ("z", "s", "t", "e")  # arrays that are named by their stem and a number


class Body:
    """The lines of one function.

    Attributes:
        adjoints: what the backward part computes. uses: how often each array is written out, by its id.
    """

    def __init__(self, program: Lowered, plan: Plan, writer: Writer, names: Names) -> None:
        self.program = program
        self.plan = plan
        self.writer = writer
        self.names = names
        self.numbers: Counter[str] = Counter()
        self.adjoints = planned(program, plan)
        self.shared: dict[int, list[tuple[Array, Term]]] = {}
        self._statements, self._outputs = self._with_common_parts()
        self._check_types()
        self.uses = Counter(id(view.array) for view in self._views())

    def forward(self) -> Iterator[str]:
        """The statements, then the guards."""
        for target, term in self._statements:
            yield from self._assigned(target, term, target.note)
        for check in self.program.checks:
            yield from self._check(check)

    def listing(self) -> Iterator[str]:
        """The forward statements, each behind the shape of its array."""
        for target, term in self._statements:
            shape = shape_text(target)
            for line in self._assigned(target, term, "", longest=0):
                yield f"{shape:<14} {line}"

    def backward(self) -> Iterator[str]:
        """The adjoints, results first."""
        for adjoint in self.adjoints:
            yield from self._backward(adjoint)

    def _with_common_parts(self) -> tuple[list[tuple[Array, Term]], list[Term]]:
        """The forward statements, and the results, with names for what several of them or of the adjoints compute."""
        common = Common()
        statements = [(statement.target, statement.term) for statement in self.program.statements]
        contributions = [contribution for adjoint in self.adjoints for contribution in adjoint.contributions]
        for term in (*(term for _, term in statements), *self.program.outputs, *(each.term for each in contributions)):
            common.count(term)
        forward: list[tuple[Array, Term]] = []
        for target, term in statements:
            forward.append((target, common.named(term, forward)))
            common.remember(term, target)
        outputs = [common.named(output, forward) for output in self.program.outputs]
        for adjoint in self.adjoints:
            found: list[tuple[Array, Term]] = []
            for contribution in adjoint.contributions:
                contribution.term = common.named(contribution.term, found, top=False)
            self.shared[id(adjoint)] = found
        return forward, outputs

    def _check_types(self) -> None:
        checker = TypeChecker(self.program)
        for target, term in self._statements:
            checker.assigned(target, term)
        for check in self.program.checks:
            checker.asked([check.condition, *(asked for asked, _ in check.path)])
        for output in self._outputs:
            checker.type_of(output)
        for adjoint in self.adjoints:
            for target, term in self.shared[id(adjoint)]:
                checker.assigned(target, term)
            checker.received(adjoint)

    def _assigned(self, target: Array, term: Term, note: str, longest: int = _INLINED) -> Iterator[str]:
        """The line that gives an array its name; none where its only user will write it out."""
        text = self.writer.text(term)
        name = self._named(target)
        self.writer.names[id(target)] = name
        small = term.shape != target.shape or term.batched != target.batched
        if not small and self.uses[id(target)] == 1 and len(text.text) <= longest:
            self.writer.inlined[id(target)] = text
            self.numbers["z"] += target.stem == "z"  # so that a2 is an activation of the second layer
            return
        if target.role == "value":
            self.names.take(name)
            self.numbers[target.stem] += 1
        if small:
            yield f"{name} = {self._empty(target)}"
            yield from noted(f"{name}[...] = {text.text}", note)
        else:
            yield from noted(f"{name} = {text.text}", note)

    def _empty(self, array: Array) -> str:
        shape = [*["rows"] * array.batched, *map(str, array.shape)]
        listed = shape[0] if len(shape) == 1 else f"({', '.join(shape)})"
        return f"np.empty({listed}, np.{self.plan.dtype})"

    def _named(self, target: Array) -> str:
        """The next name of its kind; an activation has the number of what it is of."""
        if target.role == "adjoint":
            return self.writer.name(target)
        if target.stem in _COUNTED:
            return self.names.free(target.stem, self.numbers[target.stem] + 1)
        if target.stem == "a":
            return self.names.free("a", max(self.numbers["z"], 1))
        return self.names.like(target.stem)

    def _check(self, check: Check) -> Iterator[str]:
        place = comment_text(check.place).replace('"', "'")
        path = " & ".join(
            f"({self.writer.text(asked).text})" if first else f"~({self.writer.text(asked).text})" for asked, first in check.path
        )
        only = f", {path}" if path else ""
        yield f'expect({self.writer.text(check.condition).text}, {check.outcome}, "{place}"{only})'

    def result(self) -> str:
        """The expression of what the function returns."""
        texts = [self.writer.text(output) for output in self._outputs]
        if self.plan.mean:
            output = self._outputs[0]
            if isinstance(output, View) and output.array.size == 1:
                texts[0] = self.writer.text(whole(output.array))
            text = texts[0].text if texts[0].precedence == ATOM else f"({texts[0].text})"
            return f"{text}.sum() / rows" if output.batched else text
        return texts[0].text if len(texts) == 1 else f"({', '.join(text.text for text in texts)})"

    # ---- backward ------------------------------------------------------------------------------------------------------------

    def _backward(self, adjoint: Adjoint) -> Iterator[str]:
        target, of = adjoint.target, adjoint.of
        if id(of) in self.writer.inlined:  # its name was never used, and may be another array's now
            stem = of.stem if of.stem in _COUNTED else "t"
            self.writer.names[id(of)] = self.names.take(self.names.free(stem, self.numbers[stem] + 1))
            self.numbers[stem] += 1
        self.writer.names[id(target)] = f"d_{self.writer.name(of)}"
        for array, term in self.shared[id(adjoint)]:
            yield from self._assigned(array, term, "")
        note = f"d value / d {self.writer.name(of)}"
        if of.role == "value" and len(adjoint.contributions) == 1 and is_whole(adjoint.contributions[0].index, target):
            yield from self._assigned(target, adjoint.contributions[0].term, note)
            return
        if of is self.program.all_parameters:
            target = Array("gradient", of.shape, False, "adjoint")
            covered = numpy.ones(of.size, bool)
        elif of.role == "argument":
            target, covered = self.argument_gradient(of), numpy.zeros(of.size, bool)
        else:
            covered = numpy.zeros(of.size, bool)
            if of.role == "value":
                yield f"{self.writer.name(target)} = {self._empty(of)}"
        yield from self._accumulated(target, adjoint, covered, note)

    def argument_gradient(self, argument: Array) -> Array:
        """The part of the gradient that belongs to an argument, by its text."""
        sizes = [array.size for array in self.program.arguments]
        start = sum(sizes[: self.program.arguments.index(argument)])
        if not argument.shape:
            return Array(f"gradient[:, {start}]", (), True, "adjoint")
        whole = len(sizes) == 1
        return Array("gradient" if whole else f"gradient[:, {start}:{start + argument.size}]", argument.shape, True, "adjoint")

    def _accumulated(self, target: Array, adjoint: Adjoint, covered: Ids, note: str) -> Iterator[str]:
        """Assignments first, then additions, so that nothing is filled with zeros that gets a number anyway."""
        contributions = sorted(adjoint.contributions, key=lambda each: -each.index.size)
        for contribution in contributions:
            places, index = contribution.index.ravel(), contribution.index
            everything = is_whole(index, target)
            repeated = not everything and len(numpy.unique(places)) != len(places)
            missing = places[~covered] if everything else numpy.unique(places[~covered[places]])
            if len(missing) and (repeated or covered[places].any()):
                yield f"{self.place(target, missing if len(missing) > 1 else missing.reshape(()))} = 0"
                covered[missing] = True
            term = bare(contribution.term)  # an assignment repeats by itself
            text = self.writer.text(term).text
            if repeated:
                yield self._scattered(target, index, text)
            elif covered[places].all():
                minus = isinstance(term, Minus)
                text = self.writer.text(term.term).text if isinstance(term, Minus) else text
                place = self.place(target, index)
                place = place if place.endswith(")[...]") else place.removesuffix("[...]")
                yield f"{place} {'-' if minus else '+'}= {text}"
            else:
                yield from self._first(target, index, term, text, note)
            covered[places] = True
        left = numpy.flatnonzero(~covered)
        if len(left):
            yield f"{self.place(target, left if len(left) > 1 else left.reshape(()))} = 0"

    def _scattered(self, target: Array, index: Ids, text: str) -> str:
        """An addition to places of which some come more than once."""
        flat = flat_text(target, self.writer.name(target))
        where = self.writer.new_index(index)
        return f"np.add.at({flat}, {f'(slice(None), {where})' if target.batched else where}, {text})"

    def _first(self, target: Array, index: Ids, term: Term, text: str, note: str) -> Iterator[str]:
        """The first number that a place gets; products and sums are computed where they belong."""
        plain = is_whole(index, target) and target.role == "adjoint" and not target.batched and target.shape
        if plain and isinstance(term, MatrixProduct):
            left, right = self.writer.matrices(term)
            yield from noted(f"np.matmul({left}, {right}, out={self.writer.name(target)})", note)
        elif plain and isinstance(term, RowSum) and term.shape == target.shape:
            inside = self.writer.text(term.term)
            text = inside.text if inside.precedence == ATOM else f"({inside.text})"
            yield from noted(f"{text}.sum(axis=0, out={self.writer.name(target)})", note)
        else:
            yield from noted(f"{self.place(target, index)} = {text}", note)

    def place(self, target: Array, index: Ids) -> str:
        """A part of an array to write to."""
        name = self.writer.name(target)
        if is_whole(index, target) and "[" in name:
            return name
        text = self.writer.view(target, index)
        return text if text.endswith("]") else f"{text}[...]"

    # ---- uses ----------------------------------------------------------------------------------------------------------------

    def _views(self) -> Iterator[View]:
        terms: list[Term] = [
            *self._outputs,
            *(term for check in self.program.checks for term in (check.condition, *(asked for asked, _ in check.path))),
        ]
        terms += [term for _, term in (*self._statements, *(each for found in self.shared.values() for each in found))]
        terms += [contribution.term for adjoint in self.adjoints for contribution in adjoint.contributions]
        while terms:
            term = terms.pop()
            if isinstance(term, View):
                yield term
                if not is_whole(term.index, term.array):
                    yield term  # a part of an array counts twice: it is taken from the array's name
            else:
                terms.extend(getattr(term, "parts", ()))


def shape_text(array: Array) -> str:
    """The shape of an array with its rows: "(rows, 3)", "(rows,)", "(3,)"."""
    lengths = [*["rows"] * array.batched, *map(str, array.shape)]
    return f"({lengths[0]},)" if len(lengths) == 1 else f"({', '.join(lengths)})"


def noted(line: str, note: str) -> Iterator[str]:
    """A statement with its comment: behind it, or above it where the line would get too long."""
    if note and len(line) + len(comment_text(note)) + 7 > _LONGEST:
        yield f"# {comment_text(note)}"
        note = ""
    yield f"{line}  # {comment_text(note)}" if note else line
