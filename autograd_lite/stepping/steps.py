"""The steps of a recorded pass: plain data, each printing as one line of a worked exercise.

    forward    p1 = x1 * w1 = 2.0000 * -3.0000 = -6.0000
    seed       dL/dL = 1.0000   [0 -> 1.0000]
    backward   dL/dw1 += dp1/dw1 * dL/dp1 = (x1) * 0.2597 = 2.0000 * 0.2597 = 0.5195   [0 -> 0.5195]

The local derivative is written as books write it, `1 - L ** 2`; its number is that of the engine, which keeps more digits.

A backward step is one edge of the graph, that is one execution of the chain rule `operand.grad += local * node.grad`. A value
with several users receives as many contributions, and its steps count them: "2 of 3 contributions".
"""

from dataclasses import dataclass

from autograd_lite.engine.value import Value
from autograd_lite.stepping.wording import number


@dataclass(frozen=True, slots=True)
class ForwardStep:
    """One value computed from its operands. Given by `record`.

    Attributes:
        number: of the step, counted from 0 in the whole recording.
        node: the Value that was computed.
        name: what the steps call it.
        operands: the Values it was computed from, in order and with repeats.
        operand_names: what the steps call these.
        operand_data: their numbers.
        data: the result.
        equation: "p1 = x1 * w1 = 2.0000 * -3.0000 = -6.0000".
        flags: "nan" or "inf" where the result is the first to be so.
        code: the caller's line that computed it, where that is known.
    Example:
        >>> from autograd_lite import Value
        >>> from autograd_lite.stepping import record
        >>> w, x = Value(2.0, label="w"), Value(0.5, label="x")
        >>> step = record(w * x).forward[0]
        >>> step.name, step.operand_names, step.operand_data, step.data
        ('L', ('w', 'x'), (2.0, 0.5), 1.0)
        >>> print(step)
        L = w * x = 2.0000 * 0.5000 = 1.0000
    """

    number: int
    node: Value
    name: str
    operands: tuple[Value, ...]
    operand_names: tuple[str, ...]
    operand_data: tuple[float, ...]
    data: float
    equation: str
    flags: tuple[str, ...]
    code: str = ""

    def __str__(self) -> str:
        return self.equation + _flag_text(self.flags)


@dataclass(frozen=True, slots=True)
class SeedStep:
    """The start of the backward pass: the derivative of the root with respect to itself. Given by `record`.

    Attributes:
        number: of the step, counted from 0 in the whole recording.
        node: the root.
        name: what the steps call it.
        gradient: what `backward` was given, 1.0 for the derivative of the root itself.
        before: the root's gradient before the step.
        after: and after it.
        equation: "dL/dL = 1.0000".
        flags: "nan" or "inf" where the seed is so.
    Example:
        >>> from autograd_lite import Value
        >>> from autograd_lite.stepping import record
        >>> seed = record(Value(3.0, label="x") * 2.0).backward[0]
        >>> seed.gradient, seed.before, seed.after
        (1.0, 0.0, 1.0)
        >>> print(seed)
        dL/dL = 1.0000   [0 -> 1.0000]
    """

    number: int
    node: Value
    name: str
    gradient: float
    before: float
    after: float
    equation: str
    flags: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.equation}   [{number(self.before)} -> {number(self.after)}]{_flag_text(self.flags)}"


@dataclass(frozen=True, slots=True)
class BackwardStep:
    """One edge of the backward pass: after = before + local * upstream. Given by `record`.

    Attributes:
        number: of the step, counted from 0 in the whole recording.
        node: the value whose gradient is passed on.
        name: what the steps call it.
        operand: the operand that receives it.
        operand_name: what the steps call that.
        position: which operand of `node` that is, from 0.
        local: d node / d operand, as recorded in the forward pass.
        rule: the local derivative as books write it, with this graph's names; None if it has no short text.
        exact: the same as the primitive's own rule writes it, which keeps its digits.
        upstream: d root / d node, complete by now.
        contribution: local * upstream.
        before: the operand's gradient before the step.
        after: and after it.
        count: which of the operand's contributions this is, from 1.
        total: how many contributions the operand receives in all.
        equation: "dL/dw1 += dp1/dw1 * dL/dp1 = (x1) * 0.2597 = 2.0000 * 0.2597 = 0.5195".
        flags: "nan", "inf", "vanishing" or "exploding" where such a gradient arises (see `recording.flags_of`).
        code: the caller's line that computed `node`, where that is known.
    Example:
        >>> from autograd_lite import Value
        >>> from autograd_lite.stepping import record
        >>> x = Value(3.0, label="x")
        >>> step = record(x * x).backward[-1]
        >>> step.local, step.upstream, step.contribution, step.before, step.after, step.count, step.total
        (3.0, 1.0, 3.0, 3.0, 6.0, 2, 2)
        >>> record(x.tanh()).backward[-1].rule
        '1 - L ** 2'
    """

    number: int
    node: Value
    name: str
    operand: Value
    operand_name: str
    position: int
    local: float
    rule: str | None
    exact: str | None
    upstream: float
    contribution: float
    before: float
    after: float
    count: int
    total: int
    equation: str
    flags: tuple[str, ...]
    code: str = ""

    def __str__(self) -> str:
        badge = f", {self.count} of {self.total} contributions" if self.total > 1 else ""
        return f"{self.equation}   [{number(self.before)} -> {number(self.after)}{badge}]{_flag_text(self.flags)}"


Step = ForwardStep | SeedStep | BackwardStep


def _flag_text(flags: tuple[str, ...]) -> str:
    return f"   ! {', '.join(flags)}" if flags else ""
