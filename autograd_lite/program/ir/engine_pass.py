"""The engine's pass through a traced function: operations on single numbers, in the order and by the rules of the engine itself.

forward     each recorded operation, operands first; guards as soon as what they compare is known
backward    for each operation, users first:  d_operand += d out / d operand * d_out

Nothing is rolled, joined or simplified, so the numbers are eager's to the last bit. What stands in a branch of `where` that was
given as a function is computed where it is taken. Nodes are numbers, as in `NumberedGraph`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan

from autograd_lite.calculus.rules import partials_of
from autograd_lite.engine.number_types import forward
from autograd_lite.engine.primitive import Primitive
from autograd_lite.program.capture.branches import paths_of
from autograd_lite.program.capture.graph import NumberedGraph
from autograd_lite.program.capture.guards import Choice, Path, Turn, holds
from autograd_lite.program.capture.reruns import OtherBranch
from autograd_lite.program.capture.tracing import Traced
from autograd_lite.program.ir.names import Names

_LONGEST = 40  # characters of a label that make a name


@dataclass(frozen=True, slots=True)
class Computed:
    """out = primitive(*operands).

    Attributes:
        path: the branches it stands in, outermost first. wanted: for each operand, whether the derivative goes on to it.
    """

    node: int
    primitive: Primitive
    operands: Sequence[int]
    path: Path
    wanted: Sequence[bool]

    @property
    def turn(self) -> Turn | None:
        """Of a choice, the comparison that leads to its first branch."""
        row = self.primitive
        return Turn(row.sign, self.operands[0], self.operands[1], True) if isinstance(row, Choice) else None

    @property
    def edges(self) -> list[tuple[int, int]]:
        """The operands that the derivative goes on to, each with its position."""
        return [(place, node) for place, (node, asked) in enumerate(zip(self.operands, self.wanted, strict=True)) if asked]


@dataclass(frozen=True, slots=True)
class GuardStep:
    """A comparison that must come out as it did: `turn.first` says how."""

    turn: Turn
    path: Path
    place: str


@dataclass
class EnginePass:
    """A function of one sample.

    Attributes:
        name: of the function. arguments: (name, shape, nodes) of each. parameters: nodes in the order of the program's array.
        constants: numbers by node. forward: operations and checks in order. outputs: the nodes of the results.
        single: whether there is one result and no list. labels: what the user calls a node, where a label says it.
    """

    name: str
    arguments: list[tuple[str, tuple[int, ...], Sequence[int]]]
    parameters: Sequence[int]
    constants: Mapping[int, float]
    forward: list[Computed | GuardStep]
    outputs: Sequence[int]
    single: bool
    labels: Mapping[int, str]
    _made: dict[int, Computed] = field(init=False)

    def __post_init__(self) -> None:
        self._made = {step.node: step for step in self.forward if isinstance(step, Computed)}

    @property
    def leaves(self) -> list[int]:
        """The nodes to differentiate by: parameters, then arguments."""
        return [*self.parameters, *(node for _, _, nodes in self.arguments for node in nodes)]

    def backward(self, output: int) -> tuple[list[Computed], set[int]]:
        """The operations whose derivative a result needs, users first; and those of them that it needs whatever `where` takes."""
        order = [self._made[node] for node in reversed(_postorder([output], self._interior)) if node in self._made]
        sure = {output}
        for step in order:
            if step.node in sure and step.turn is None:
                sure.update(node for _, node in step.edges)
        return order, sure

    def _interior(self, node: int) -> list[int]:
        return [operand for _, operand in self._made[node].edges if operand in self._made] if node in self._made else []

    def named(self, reserved: set[str]) -> tuple[dict[int, str], list[str]]:
        """A name for each node: a label, or t1, t2, ...; and one for each argument, which is its node's if it is a number."""
        names = Names(reserved)
        given = [names.unique(name) for name, _, _ in self.arguments]
        found: dict[int, str] = {}
        for name, (_, shape, nodes) in zip(given, self.arguments, strict=True):
            found |= {node: names.unique(f"{name}_{place}") if shape else name for place, node in enumerate(nodes)}
        found |= {node: names.numbered("p", place) for place, node in enumerate(self.parameters, 1)}
        for number, node in enumerate(self._made, 1):
            label = self.labels.get(node, "")[:_LONGEST]
            found[node] = names.unique(label) if label else names.numbered("t", number)
        return found, given

    # ---- the same in Python, by which it is proved ----------------------------------------------------------------------------

    def run(self, leaves: Sequence[float], result: int | None) -> tuple[list[float], list[float]]:
        """The results, and the derivatives of one of them by the leaves, as a writer's text computes them.

        Raises:
            OtherBranch: if a guard comes out otherwise. ArithmeticError, ValueError: outside of a domain.
        """
        known = dict(self.constants) | dict(zip(self.leaves, leaves, strict=True))

        def follows(path: Path) -> bool:
            return all(holds(turn.sign, known[turn.left], known[turn.right]) == turn.first for turn in path)

        for step in self.forward:
            if follows(step.path):
                if isinstance(step, Computed):
                    known[step.node] = forward(step.primitive, [known.get(node, nan) for node in step.operands])
                elif not follows((step.turn,)):
                    raise OtherBranch(step.place)
        values = [known[node] for node in self.outputs]
        return values, [] if result is None else self._slopes(self.outputs[result], known)

    def _slopes(self, output: int, known: Mapping[int, float]) -> list[float]:
        adjoints = {output: 1.0}
        for step in self.backward(output)[0]:
            if step.node not in adjoints:
                continue
            adjoint, given = adjoints[step.node], [known.get(node, nan) for node in step.operands]
            locals_ = partials_of(step.primitive, given, known[step.node], step.wanted)
            for place, node in step.edges:
                if step.turn is None or locals_[place]:
                    adjoints[node] = adjoints.get(node, 0.0) + locals_[place] * adjoint
        return [0.0 + adjoints.get(node, 0.0) for node in self.leaves]


def engine_pass(run: Traced, order: Sequence[int]) -> EnginePass:
    """The pass through a traced function.

    Args:
        run: the trace. order: for each place in the program's array of parameters, which parameter of the trace stands there.
    """
    graph = NumberedGraph(run, apart=True)
    paths = paths_of(graph, run.guards)
    differentiated = _differentiated(graph)
    line: list[Computed | GuardStep] = []
    done: set[int] = set()

    def compute(*roots: int) -> None:
        for node in _postorder(roots, lambda node: graph.operands(node) if node not in done else []):
            row = graph.primitives[node]
            if row is not None and node not in done:
                operands = graph.operands(node)
                first = 2 if isinstance(row, Choice) else 0
                goes_on = differentiated if node in differentiated else ()
                wanted = [place >= first and each in goes_on for place, each in enumerate(operands)]
                line.append(Computed(node, row, operands, paths.get(node, ()), wanted))
            done.add(node)

    for guard, comparisons in zip(run.guards, graph.guards, strict=True):
        turns = [Turn(asked.sign, *sides, first) for (asked, first), sides in zip(guard.path, comparisons[1:], strict=True)]
        compute(*(node for sides in (*comparisons[1:], comparisons[0]) for node in sides))
        line.append(GuardStep(Turn(guard.sign, *comparisons[0], guard.outcome), tuple(turns), guard.place))
    compute(*graph.outputs, *graph.differentiated)
    arguments: list[tuple[str, tuple[int, ...], Sequence[int]]] = []
    start = 0
    for argument in run.arguments:
        arguments.append((argument.name, argument.shape, range(start, start + len(argument.values))))
        start += len(argument.values)
    labels = {
        node: str(value.label) for node, value in enumerate(graph.nodes) if value.label and graph.primitives[node] is not None
    }
    parameters = [graph.arguments + place for place in order]
    return EnginePass(run.name, arguments, parameters, graph.constants, line, graph.outputs, not run.shape, labels)


def _differentiated(graph: NumberedGraph) -> set[int]:
    """The nodes that a derivative by arguments or parameters goes through."""
    found = set(range(graph.arguments + graph.parameters))
    for node, row in enumerate(graph.primitives):
        operands = graph.operands(node)
        if row is not None and node not in graph.detached and found & set(operands[2 if isinstance(row, Choice) else 0 :]):
            found.add(node)
    return found


def _postorder(roots: Sequence[int], below: Callable[[int], Sequence[int]]) -> list[int]:
    """The nodes below some, operands before users, in the order in which the engine's own sweep leaves them."""
    found: list[int] = []
    entered: set[int] = set()
    for root in roots:
        path: list[tuple[int, Iterator[int]]] = [] if root in entered else [(root, iter(below(root)))]
        entered.add(root)
        while path:
            following = next((operand for operand in path[-1][1] if operand not in entered), None)
            if following is None:
                found.append(path.pop()[0])
            else:
                entered.add(following)
                path.append((following, iter(below(following))))
    return found
