"""The numbers of one forward and one backward pass, recorded without touching the graph.

A recording keeps the graph's nodes and, in flat arrays, every number that a step shows: 56 bytes per edge. Names, equations and
the steps themselves are made on demand, so a million nodes are recorded in ten seconds and sliced at once.
The gradients are computed as `Value.backward` computes them, in the same order and from the same leaf gradients: they are equal to
the last bit. No `.grad` is written.
"""

from array import array
from collections.abc import Sequence
from functools import cached_property
from math import isinf, isnan

from autograd_lite.calculus.reverse import check_current
from autograd_lite.calculus.rounding import rounding
from autograd_lite.drawing.live.branches import Branches
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.reals import as_float
from autograd_lite.engine.value import Value, topological_order
from autograd_lite.stepping.steps import BackwardStep, ForwardStep, SeedStep, Step
from autograd_lite.stepping.wording import Wording, names, number, quotient, wording

VANISHING = 1e-6  # a contribution below this share of the seed, out of a gradient above it
EXPLODING = 1e6  # a gradient that grows beyond this multiple of the seed


class Recording:
    """What happened in one forward and one backward pass.

    Attributes:
        branches: the choices that Python made before.
        nodes: the graph, operands before users and the root last; a node's number is its place here.
        index: the number of a node, by `id`.
        variables: what the caller calls some of the nodes. code: the caller's lines that computed some of them; both by number.
        data: the nodes' numbers as they were.
        losses: what rounding took from the nodes, in words, where that was asked for.
        interior: the numbers of the nodes that were computed, in order: one forward step each.
        seed: the gradient that the root starts from.
        start: the gradients before the backward pass, 0.0 for interior nodes.
        end: the gradients after it.
        totals: how many contributions each node receives.
        user, operand, position, local, before, after, count: the edges in the order of the backward pass, one step each.
    """

    def __init__(self, root: Value, gradient: float, branches: Branches | None = None, rounded: bool = False) -> None:
        self.branches = branches or Branches()
        self.seed = as_float(gradient)
        self.nodes = topological_order(root)
        self.index = {id(node): i for i, node in enumerate(self.nodes)}
        self.variables, self.code = self.branches.callers.of(self.nodes)
        self.data = array("d", (node.data for node in self.nodes))
        self.interior = array("q", (i for i, node in enumerate(self.nodes) if node.primitive is not None))
        self.start = array("d", (0.0 if node.primitive or not node.requires_grad else node.grad for node in self.nodes))
        self.end = array("d", self.start)
        self.totals = array("q", bytes(8 * len(self.nodes)))
        self.user, self.operand, self.position, self.count = array("q"), array("q"), array("q"), array("q")
        self.local, self.before, self.after = array("d"), array("d"), array("d")
        self._wordings: dict[tuple[Primitive, int], Wording] = {}
        self._first, self._operands = array("q", (0,)), array("q")
        for node in self.nodes:
            self._operands.extend([self.index[id(operand)] for operand in node.operands])
            self._first.append(len(self._operands))
        for i in self.interior:
            self._compare(i)
        self.losses = [node.loss for node in rounding(root).nodes] if rounded else []
        self.end[-1] += self.seed
        for i in reversed(self.interior):
            self._pass_on(i)

    def _compare(self, i: int) -> None:
        """Refuses a node whose number no longer follows from its operands: forward and backward would disagree."""
        check_current(self.nodes[i], [self.data[j] for j in self.numbers_of(i)], "record it")

    def _pass_on(self, i: int) -> None:
        """Records what one node passes to its operands, as `Value.backward` computes it."""
        node = self.nodes[i]
        upstream = self.end[i]
        for position, (j, local) in enumerate(zip(self.numbers_of(i), node.local_derivatives, strict=True)):
            if local is None:
                continue
            before = self.end[j]
            self.end[j] = after = before + local * upstream
            self.totals[j] = count = self.totals[j] + 1
            self.user.append(i)
            self.operand.append(j)
            self.position.append(position)
            self.count.append(count)
            self.local.append(local)
            self.before.append(before)
            self.after.append(after)

    # ---- steps, made on demand -----------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.interior) + 1 + len(self.user)

    @cached_property
    def names(self) -> list[str]:
        """One name per node."""
        return names(self.nodes, self.variables)

    def wording(self, i: int) -> Wording:
        """How the node is written."""
        node = self.nodes[i]
        assert node.primitive is not None
        key = (node.primitive, len(node.operands))
        if key not in self._wordings:
            self._wordings[key] = wording(*key)
        return self._wordings[key]

    def step(self, k: int) -> Step:
        """The step of a number from 0 up to the length."""
        forward_steps = len(self.interior)
        if k < forward_steps:
            return self._forward_step(k, self.interior[k])
        return self._seed_step(k) if k == forward_steps else self._backward_step(k, k - forward_steps - 1)

    def numbers_of(self, i: int) -> Sequence[int]:
        """The numbers of a node's operands."""
        return self._operands[self._first[i] : self._first[i + 1]]

    def _forward_step(self, k: int, i: int) -> ForwardStep:
        node, places, wording = self.nodes[i], self.numbers_of(i), self.wording(i)
        called = [self.names[j] for j in places]
        values = [self.data[j] for j in places]
        digits = [number(x) for x in values]
        equation = f"{self.names[i]} = {wording.call(called)} = {wording.call(digits)} = {number(self.data[i])}"
        flags, code = self.step_flags(k), self.code.get(i, "")
        return ForwardStep(k, node, self.names[i], node.operands, tuple(called), tuple(values), self.data[i], equation, flags, code)

    def _seed_step(self, k: int) -> SeedStep:
        before, after, name = self.start[-1], self.start[-1] + self.seed, self.names[-1]
        equation = f"{quotient(name, name)} {'+=' if before else '='} {number(self.seed)}"
        return SeedStep(k, self.nodes[-1], name, self.seed, before, after, equation, self.step_flags(k))

    def _backward_step(self, k: int, edge: int) -> BackwardStep:
        i, j, position, local = self.user[edge], self.operand[edge], self.position[edge], self.local[edge]
        name, operand_name, root = self.names[i], self.names[j], self.names[-1]
        upstream = self.end[i]
        words, called = self.wording(i), [self.names[place] for place in self.numbers_of(i)]
        rule = words.read(position, called, name)
        symbolic = "" if rule is None else f" = ({rule}) * {number(upstream)}"
        equation = (
            f"{quotient(root, operand_name)} += {quotient(name, operand_name)} * {quotient(root, name)}"
            f"{symbolic} = {number(local)} * {number(upstream)} = {number(local * upstream)}"
        )
        return BackwardStep(
            number=k,
            node=self.nodes[i],
            name=name,
            operand=self.nodes[j],
            operand_name=operand_name,
            position=position,
            local=local,
            rule=rule,
            exact=words.rule(position, called, name),
            upstream=upstream,
            contribution=local * upstream,
            before=self.before[edge],
            after=self.after[edge],
            count=self.count[edge],
            total=self.totals[j],
            equation=equation,
            flags=self.step_flags(k),
            code=self.code.get(i, ""),
        )

    def step_flags(self, k: int) -> tuple[str, ...]:
        """What is wrong with the outcome of a step and was not wrong before."""
        edge = k - len(self.interior) - 1
        if edge < -1:
            i = self.interior[k]
            known = [self.data[j] for j in self.numbers_of(i) if self.nodes[j].primitive is not None]
            lost = self.losses[i] if self.losses else ""
            return flags_of(self.data[i], known) or ((lost,) if lost else ())
        if edge == -1:
            return flags_of(self.seed, [])
        upstream = self.end[self.user[edge]]
        local, before, after = self.local[edge], self.before[edge], self.after[edge]
        origins = [upstream, before] if self.count[edge] > 1 else [upstream]
        return flags_of(after, origins) or _size_flags(local * upstream, local, upstream, self.seed, before, after)

    def touched(self, k: int) -> set[int]:
        """The numbers of the nodes that a step reads or writes."""
        edge = k - len(self.interior) - 1
        if edge < -1:
            return {self.interior[k], *self.numbers_of(self.interior[k])}
        return {len(self.nodes) - 1} if edge == -1 else {self.user[edge], self.operand[edge]}

    def gradients_after(self, k: int) -> dict[int, float]:
        """The gradients of the nodes that have received any by the end of step k; the others still are at their start."""
        first = len(self.interior)
        found = {len(self.nodes) - 1: self.start[-1] + self.seed} if k >= first else {}
        for edge in range(max(k - first, 0)):
            found[self.operand[edge]] = self.after[edge]
        return found


def flags_of(outcome: float, origins: Sequence[float]) -> tuple[str, ...]:
    """Whether a nan or an infinity appears here: in the outcome, and in nothing before it that had a step of its own.

    >>> flags_of(float("inf"), [1e200]), flags_of(float("inf"), [float("inf")])
    (('inf',), ())
    """
    if isnan(outcome) and not any(map(isnan, origins)):
        return ("nan",)
    return ("inf",) if isinf(outcome) and not any(map(isinf, origins)) else ()


def _size_flags(share: float, local: float, upstream: float, seed: float, before: float, after: float) -> tuple[str, ...]:
    """Whether a gradient falls below VANISHING or grows above EXPLODING in this step, measured against the seed.

    An exact zero is no vanishing gradient unless the product underflowed: a derivative of 0 is a fact.
    """
    small, large = VANISHING * abs(seed), EXPLODING * abs(seed)
    if abs(share) < small <= abs(upstream) and (share or local):
        return ("vanishing",)
    return ("exploding",) if abs(after) > large >= max(abs(upstream), abs(before)) else ()
