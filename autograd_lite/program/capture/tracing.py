"""Tracing: one run of a function on fresh Values, with everything that its graph alone would not tell."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from math import nan
from numbers import Real
from typing import Any

from autograd_lite.calculus.rules import partials_of
from autograd_lite.engine.errors import OperationError, expression, place_in_user_code
from autograd_lite.engine.number_types import forward
from autograd_lite.engine.primitive import Primitive
from autograd_lite.engine.reals import is_scalar_array
from autograd_lite.engine.recording import enable_grad, observed
from autograd_lite.engine.value import Value, constant
from autograd_lite.nn.module import Module, leaves_of
from autograd_lite.program.capture.arguments import Argument, fresh_values, names_of
from autograd_lite.program.capture.guards import Choice, Condition, Guard, is_varied
from autograd_lite.program.capture.inner import RecordedSweep
from autograd_lite.program.capture.reading import Reading, TraceError
from autograd_lite.program.capture.requirements import Requirement, can_be_refused
from autograd_lite.program.capture.restoring import unchanged


@dataclass
class Traced(Reading):
    """A function after its one run.

    Attributes:
        outputs: the results.
        shape: of the results: () for one number, (n,) for a list.
        guards: the branches that Python took.
        closed: whether the run is over. has_compared: whether Values were compared.
        choices: what stands for `where`, by its sign and whether its branches are functions.
        path: the conditions of the branches of `where` that are being recorded, each with whether the branch is the first.
        failures: the lines of operations that had no result; the function may have caught their errors.
        requirements: what losses refuse of arguments. refuses: whether some guards are for what a loss refuses; `refusing` while
            they are recorded.
        differentiated: operations with a domain that an inner derivative went through: without the value, it is not defined either.
    """

    outputs: list[Value] = field(default_factory=list)
    shape: tuple[int, ...] = ()
    guards: list[Guard] = field(default_factory=list)
    closed: bool = False
    has_compared: bool = False
    path: list[tuple[Condition, bool]] = field(default_factory=list)
    differentiated: list[Value] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    requirements: list[Requirement] = field(default_factory=list)
    refuses: bool = False
    refusing: bool = False
    choices: dict[tuple[str, bool, bool], Choice] = field(default_factory=dict)

    def made(self, node: Value) -> tuple[Primitive | None, tuple[Value, ...]]:
        """What made a node, and of which operands, whether the graph holds that or not."""
        hidden = self.hidden.get(id(node)) if self.hidden else None
        return (node.primitive, node.operands) if hidden is None else hidden[1:]

    def kept(self) -> AbstractContextManager[None]:
        """What stands around a run; here, all that leaves the parameters and `random` as they were."""
        return unchanged(self.parameters)

    # ---- what the engine tells while it is observed ---------------------------------------------------------------------------

    def compared(self, sign: str, left: Any, right: Any, outcome: bool) -> Condition:
        """The answer of a comparison."""
        self.has_compared = True
        # Numbers become nodes here and once, so that a node can be known by its identity as long as the trace lives.
        return Condition(self, sign, as_node(left), as_node(right), outcome)

    def unrecorded(self, node: Value, primitive: Primitive, operands: Sequence[Any]) -> None:
        """An operation gave a constant: remembered, as the constant of another sample may be another number."""
        if any(isinstance(operand, Value) for operand in operands):
            self.hidden[id(node)] = (node, primitive, tuple(as_node(operand) for operand in operands))

    def required(self, operands: Sequence[Any], refused: Callable[..., Any], told: Callable[..., str]) -> None:
        """A loss would refuse some numbers: a replay asks those of arguments first; others, and behind branches, guards ask."""
        if not any(can_be_refused(operand, refused) for operand in operands):
            return
        if not self.path and not self.guards and set(map(id, operands)) <= set(map(id, self.inputs)):
            self.requirements.append(Requirement(operands, refused, told))
            return
        self.refusing = self.refuses = True
        try:
            bool(refused(*operands))
        finally:
            self.refusing = False

    def excuse(self, primitive: Primitive, operands: Sequence[Any]) -> tuple[float, list[float]] | None:
        """The number and slopes of an operation that failed, nan where nobody asks for them; None if somebody does.

        In a branch that this sample does not take nobody asks for anything; nor does eager ask for the slope by an operand that
        depends on leaves in such a branch only.
        """
        if self._is_untaken:
            return nan, [nan] * len(operands)
        nodes = [as_node(operand) for operand in operands]
        numbers = [node._data for node in nodes]
        try:
            number = forward(primitive, numbers)
            slopes = partials_of(primitive, numbers, number, list(map(is_varied, nodes)))
        except (ArithmeticError, ValueError):
            self.failures.append(place_in_user_code())
            return None
        return number, [nan if slope is None else slope for slope in slopes]

    @property
    def _is_untaken(self) -> bool:
        return any(condition.outcome != first for condition, first in self.path)

    def gradients(self, output: Value, inputs: Sequence[Value], differentiable: bool) -> list[Value]:
        """The partial derivatives of `output` by each of `inputs`, as nodes."""
        found = RecordedSweep(self).gradients(output, inputs)
        return found if differentiable else [slope.detach() for slope in found]

    # ---- what conditions tell ------------------------------------------------------------------------------------------------

    def asked(self, condition: Condition) -> None:
        """Python asked for the truth of a condition."""
        if self.closed:
            return  # a condition that counts as 0 or 1 in a sum stands in the graph, and is asked again when that is read
        place = place_in_user_code()
        if self._is_untaken and not self.refusing:
            raise TraceError(
                f"{place} asks for the truth of a comparison inside a branch of `where` that this sample does not take: "
                "use where there, too."
            )
        path = tuple(self.path)
        self.guards.append(Guard(condition.sign, condition.left, condition.right, condition.outcome, path, place))

    def chosen(self, condition: Condition, x: Any, y: Any) -> Value:
        """A node that holds both branches of a `where`."""
        branches = [self._branch(condition, branch, first) for branch, first in ((x, True), (y, False))]
        deferred = callable(x), callable(y)
        choice = self.choices.setdefault((condition.sign, *deferred), Choice(condition.sign, deferred))
        with enable_grad():  # under no_grad, too, `where` gives the chosen branch itself, with all that it remembers
            found: Value = choice.of([condition.left, condition.right, *branches])
        return found

    def _branch(self, condition: Condition, branch: Any, first: bool) -> Value:
        if not callable(branch):
            return as_node(branch)
        self.path.append((condition, first))
        try:
            return as_node(branch())
        except OperationError as error:
            if not self._is_untaken:
                raise
            return self._failed(error)
        finally:
            self.path.pop()

    def _failed(self, error: OperationError) -> Value:
        """An operation on numbers without a result, in a branch that this sample does not take: a row that takes it fails, too."""
        operands = [as_node(operand) for operand in error.operands]
        node = constant(nan, error.primitive.write(list(map(expression, operands))).text)
        self.unrecorded(node, error.primitive, operands)
        return node


def traced(
    function: Callable[..., Any], example: Sequence[Any], parameters: Sequence[Value] | None = None, run: Traced | None = None
) -> Traced:
    """The function's run on Values that stand for its arguments; it leaves the parameters and `random` as they were.

    Args:
        function: from numbers, lists of numbers and models to one number or a list of them.
        example: one value for each argument, of the shape that all samples have.
        parameters: Values outside the arguments that are to be parameters; a model's own are found.
        run: what is to be told of the run, which may know the parameters; a new `Traced` by default.
    Raises:
        TraceError: if an argument or the result is nothing a program can have.
    """
    run = run or Traced(getattr(function, "__name__", type(function).__name__).strip("<>"))
    if isinstance(parameters, Value | Module):
        raise TraceError("parameters= is a list of Values: write parameters=[w], or parameters=model.parameters()")
    found = list(parameters or ())
    given: list[Any] = []
    for name, argument in zip(names_of(function, len(example)), example, strict=True):
        if isinstance(argument, Module):
            if not run.parameters:
                found.extend(argument.parameters())
            run.leaves.extend(leaf for _, leaf in leaves_of(argument))
            given.append(argument)
        else:
            values: list[Value] = []
            shape, fresh = fresh_values(name, argument, values)
            run.arguments.append(Argument(name, shape, values))
            given.append(fresh)
    if not run.parameters:
        run.parameters = list({id(value): value for value in found}.values())
        _check_parameters(run.parameters)
    leaves = [*run.parameters, *run.inputs]
    run.code = traced.__code__
    with run.kept(), enable_grad(), observed(run):
        numbers = [value._data for value in leaves]
        result = function(*given)
        run.shape, run.outputs = _outputs(run.name, result)
        _check_same(run.name, leaves, numbers)
    if run.failures:
        raise TraceError(
            f"{run.failures[0]} has no result at the example, and `{run.name}` catches the error and goes on, a branch that "
            "a program cannot follow. Decide by comparing Values, or use `where`, before the operation."
        )
    run.closed = True
    return run


def _check_parameters(parameters: Sequence[Value]) -> None:
    for value in parameters:
        if not isinstance(value, Value) or value.primitive is not None or not value.requires_grad:
            raise TraceError(f"a parameter of a program is a leaf Value that requires a gradient, got {value!r}")


def _check_same(name: str, leaves: Sequence[Value], numbers: Sequence[float]) -> None:
    if [value._data for value in leaves] == numbers:
        return
    for value, number in zip(leaves, numbers, strict=True):
        if value._data != number and number == number:
            raise TraceError(
                f"`{name}` set `{value.label or repr(value)}` from {number!r} to {value._data!r} while it was traced, and a "
                "program has one number for it in the whole run. Let the function return what it computes, and change it outside."
            )


def _outputs(name: str, result: Any) -> tuple[tuple[int, ...], list[Value]]:
    if isinstance(result, list | tuple):
        parts = list(flat(result))
        if not parts:
            raise TraceError(f"`{name}` returned an empty list: a program gives one number, or a list of numbers")
        for part in parts:
            _check_output(name, part)
        return (len(parts),), [as_node(part) for part in parts]
    _check_output(name, result)
    return (), [as_node(result)]


def _check_output(name: str, result: Any) -> None:
    if not isinstance(result, Value | Real) and not is_scalar_array(result):
        raise TraceError(f"`{name}` returned {type(result).__name__}: a program gives one number, or a list of numbers")


def flat(result: Any) -> Iterator[Any]:
    """The parts of nested lists, in order."""
    for part in result:
        if isinstance(part, list | tuple):
            yield from flat(part)
        else:
            yield part


def as_node(operand: Any) -> Value:
    """The operand as a Value; a number as a constant."""
    try:
        return operand if isinstance(operand, Value) else constant(operand)
    except OverflowError as error:
        raise TraceError(f"a program computes with floats, and a number here is beyond the largest, 1.8e308: {error}") from None
