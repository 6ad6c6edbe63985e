"""Procedures: a program for one task with everything decided, so that a writer, in whatever dialect, only has to write.

forward     a1 = sigmoid(z1)                  statements, common subexpressions first
            [z1 is inlined: X @ W1.T + b1]    what is used once and is short stands where it is used
checks      x > 0 as it was                   the guards
backward    d_W1 = d_z1.T @ X                 the adjoints, results first, and the parts of the gradient

An array has one name, or it is inlined, or it is a part of the gradient that is asked for; the type-checker has seen every term.
How names are made, what is inlined and in which order a gradient is filled is found here, once, and without a look at any text.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy

from autograd_lite.program.capture.graph import Ids
from autograd_lite.program.ir.arrays import Array, View, bare, is_whole, takes_twice
from autograd_lite.program.ir.common_subexpressions import CommonSubexpressions
from autograd_lite.program.ir.derivation import Adjoint, Contribution, adjoints_of
from autograd_lite.program.ir.names import Names
from autograd_lite.program.ir.statements import Lowered
from autograd_lite.program.ir.tasks import Task
from autograd_lite.program.ir.terms import Number, Term
from autograd_lite.program.ir.type_checker import TypeChecker
from autograd_lite.program.ir.width import Width, width

_INLINED = 48  # characters, more or less: what is longer gets a name
_COUNTED = ("z", "s", "t", "e")  # arrays that are named by their stem and a number


@dataclass(eq=False)
class Step:
    """What is done to one array, `target`; `note` says what it stands for."""

    target: Array
    note: str = field(default="", kw_only=True)


@dataclass(eq=False)
class Assign(Step):
    """The array is the value of a term of its type."""

    term: Term


@dataclass(eq=False)
class Allocate(Step):
    """An array of the target's type, whose numbers come later."""


@dataclass(eq=False)
class Update(Step):
    """Elements of an array that is there: `index` says which, and has the shape that the term has or is repeated to.

    Attributes:
        adds: whether the term is added to what stands there. repeated: whether it is, and some places come more than once.
    """

    index: Ids
    term: Term
    adds: bool = False
    repeated: bool = False


@dataclass
class Procedure:
    """A program for one task.

    Attributes:
        program: whose arguments, parameters, constants and checks they are. task: what is computed. dtype: in which numbers.
        forward: steps in order. outputs: the results, of which the task may want the mean.
        backward: steps in order. They fill the parts of the gradient: its elements from `start` on for an argument or parameter.
        untouched: the wanted arrays that the result does not depend on: their parts of the gradient are 0.
        used: the parameter arrays that are used by their names.
        adjoints: what backward computes, before common subexpressions got names; of the gradient those that are not 0.
        names: what arrays are called that have no name of their own. inlined: terms that stand in the place of a name.
    """

    program: Lowered
    task: Task
    dtype: str
    adjoints: list[Adjoint]
    forward: list[Step] = field(default_factory=list)
    outputs: list[Term] = field(default_factory=list)
    backward: list[Step] = field(default_factory=list)
    untouched: list[Array] = field(default_factory=list)
    used: list[Array] = field(default_factory=list)
    names: dict[Array, str] = field(default_factory=dict)
    inlined: dict[Array, Term] = field(default_factory=dict)

    def name(self, array: Array) -> str:
        """What an array is called."""
        return self.names.get(array, array.name)


def procedure(
    program: Lowered, task: Task, dtype: str = "float64", *, inlined: int = _INLINED, values: Sequence[Term] | None = None
) -> Procedure:
    """A program for one task.

    Args:
        program, task, dtype: as in the result.
        inlined: how wide a term may be that stands in the place of a name.
        values: what the statements compute, where it is not their own terms.
    """
    return _Decisions(Procedure(program, task, dtype, adjoints_of(program, task)), inlined, values).made


class _Decisions:
    def __init__(self, made: Procedure, inlined: int, values: Sequence[Term] | None) -> None:
        self.made, self.widest = made, inlined
        self.names = Names(made.program.taken)
        self.numbers: Counter[str] = Counter()
        self.widths: dict[Array, Width] = {}  # of what is inlined
        statements = made.program.statements
        forward = self._share([each.term for each in statements] if values is None else values)
        self._check_types(forward)
        self.uses = self._uses([term for _, term in forward])
        for target, term in forward:
            self._assign(made.forward, target, term, target.note)
        for adjoint, shared in self.adjoints:
            self._receive(adjoint, shared)
        reached = {adjoint.of for adjoint in made.adjoints}
        made.untouched = [array for array in made.task.wanted(made.program) if array not in reached]
        made.used = [array for array in made.program.parameters if self.uses[array]]

    def _share(self, values: Sequence[Term]) -> list[tuple[Array, Term]]:
        """The forward statements, the results and the adjoints with names for what several of them compute."""
        program, adjoints = self.made.program, self.made.adjoints
        received = [contribution.term for adjoint in adjoints for contribution in adjoint.contributions]
        common = CommonSubexpressions([*values, *program.outputs, *received])
        forward: list[tuple[Array, Term]] = []
        for statement, term in zip(program.statements, values, strict=True):
            forward.append((statement.target, common.named(term, forward)))
            common.remember(term, statement.target)
        self.made.outputs = [common.named(output, forward) for output in program.outputs]
        self.adjoints: list[tuple[Adjoint, list[tuple[Array, Term]]]] = []
        for adjoint in adjoints:
            shared: list[tuple[Array, Term]] = []
            named = [replace(each, term=common.named(each.term, shared, top=False)) for each in adjoint.contributions]
            self.adjoints.append((replace(adjoint, contributions=named), shared))
        return forward

    def _check_types(self, forward: Sequence[tuple[Array, Term]]) -> None:
        checker = TypeChecker(self.made.program)
        for target, term in forward:
            checker.assigned(target, term)
        for check in self.made.program.checks:
            checker.asked(check.conditions)
        for output in self.made.outputs:
            checker.type_of(output)
        for adjoint, shared in self.adjoints:
            for target, term in shared:
                checker.assigned(target, term)
            checker.received(adjoint)

    def _uses(self, forward: Sequence[Term]) -> Counter[Array]:
        """How often each array is used; a part of one counts twice, as it is taken from the array's name."""
        asked = [condition for check in self.made.program.checks for condition in check.conditions]
        backward = [term for _, shared in self.adjoints for _, term in shared]
        backward += [each.term for adjoint, _ in self.adjoints for each in adjoint.contributions]
        uses: Counter[Array] = Counter()
        waiting = [*forward, *asked, *self.made.outputs, *backward]
        while waiting:
            part = waiting.pop()
            if isinstance(part, View):
                uses[part.array] += 1 if part.is_whole else 2
            else:
                waiting += part.parts
        return uses

    # ---- names ---------------------------------------------------------------------------------------------------------------

    def _assign(self, steps: list[Step], target: Array, term: Term, note: str = "") -> None:
        """An array gets its name and its step; or it is inlined, where its only user has room for it."""
        name = self.made.names[target] = self._named(target)
        small = (term.shape, term.batched) != (target.shape, target.batched)
        hidden = not small and self.uses[target] == 1 and target.stem != "p"  # parts of a whole are worth a name
        room = width(term, self.made.name, self.widths) if hidden else None
        if room is not None and room[0] <= self.widest:
            self.made.inlined[target], self.widths[target] = term, room
            self.numbers["z"] += target.stem == "z"  # so that a2 is an activation of the second layer
            return
        if target.role == "value":
            self.names.take(name)
            self.numbers[target.stem] += 1
        if small:
            everything = numpy.arange(target.size).reshape(target.shape)
            steps += [Allocate(target), Update(target, everything, term, note=note)]
        else:
            steps.append(Assign(target, term, note=note))

    def _named(self, target: Array) -> str:
        """The next name of its kind; an activation has the number of what it is of."""
        if target.role == "adjoint":
            return self.made.name(target)
        if target.stem in _COUNTED:
            return self.names.free(target.stem, self.numbers[target.stem] + 1)
        return self.names.free("a", max(self.numbers["z"], 1)) if target.stem == "a" else self.names.like(target.stem)

    # ---- backward ------------------------------------------------------------------------------------------------------------

    def _receive(self, adjoint: Adjoint, shared: Sequence[tuple[Array, Term]]) -> None:
        target, of, made = adjoint.target, adjoint.of, self.made
        if of in made.inlined:  # its name was never used, and may be another array's now
            stem, name = of.stem if of.stem in _COUNTED else "t", made.name(of)
            free = name if self.names.like(name) == name else self.names.free(stem, self.numbers[stem] + 1)
            self.numbers[stem] += free != name
            made.names[of] = self.names.take(free)
        made.names[target] = f"d_{made.name(of)}"
        for array, term in shared:
            self._assign(made.backward, array, term)
        note = f"d value / d {made.name(of)}"
        first = adjoint.contributions[0]
        if of.role == "value" and len(adjoint.contributions) == 1 and is_whole(first.index, target):
            self._assign(made.backward, target, first.term, note)
            return
        if of.role == "value":
            made.backward.append(Allocate(target))
        everything = of is made.program.all_parameters  # whose parts were filled before
        made.backward += _filling(target, adjoint.contributions, numpy.full(of.size, everything), note)


def _filling(target: Array, contributions: Sequence[Contribution], covered: Ids, note: str) -> Iterator[Update]:
    """Assignments first, then additions, so that nothing is filled with zeros that gets a number anyway."""
    for each in sorted(contributions, key=lambda each: -each.index.size):
        places, index = each.index.ravel(), each.index
        filled = covered[places]
        repeated = takes_twice(index)
        adds = bool(filled.all())
        if not adds and (repeated or filled.any()):
            missing = numpy.array(sorted(set(places[~filled].tolist())))
            yield _zeros(target, missing)
            covered[missing] = adds = True
        yield Update(target, index, bare(each.term), adds, repeated, note="" if adds else note)  # which repeats by itself
        covered[places] = True
    if not covered.all():
        yield _zeros(target, numpy.flatnonzero(~covered))


def _zeros(target: Array, places: Ids) -> Update:
    return Update(target, places if len(places) > 1 else places.reshape(()), Number(0.0))
