"""Procedures hold all that is decided: a reader of nothing else computes what eager computes, and reading changes nothing."""

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy
import pytest

import autograd_lite as ag
from autograd_lite import Value
from autograd_lite.engine.mathematics import winners
from autograd_lite.engine.number_types import ARRAYS, forward, rule_on
from autograd_lite.functions import log_softmax
from autograd_lite.losses import cross_entropy, squared_error
from autograd_lite.nn import MLP
from autograd_lite.program import trace
from autograd_lite.program.ir.arrays import Along, Array, Expand, Fill, MatrixProduct, Reduce, RowSum, View
from autograd_lite.program.ir.procedure import Allocate, Assign, Procedure, Update
from autograd_lite.program.ir.tasks import LOSS, SLOPES, VALUES, Task
from autograd_lite.program.ir.terms import Call, Compare, Infix, MeanWeight, Minus, Number, Select, Term
from tests.processes import run_python

SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "+": numpy.add,
    "-": numpy.subtract,
    "*": numpy.multiply,
    "/": numpy.divide,
    "**": numpy.power,
    "<": numpy.less,
    ">": numpy.greater,
    "==": numpy.equal,
    "<=": numpy.less_equal,
    ">=": numpy.greater_equal,
}
REDUCED: dict[str, Callable[..., Any]] = {
    "sum": numpy.sum,
    "max": numpy.max,
    "total": numpy.sum,
    "others": lambda weights, axis, keepdims: numpy.sort(weights, axis=axis)[..., :-1].sum(axis=axis, keepdims=keepdims),
}
ALONG: dict[str, Callable[..., Any]] = {
    "winners": lambda values: numpy.apply_along_axis(lambda row: numpy.array(winners(row.tolist())), -1, values),
}


class Reader:
    """A dialect that writes nothing: it computes each step, for all rows, knowing arrays by their names alone."""

    def __init__(self, procedure: Procedure, parameters: Any, arguments: list[Any]) -> None:
        self.procedure, self.rows = procedure, len(arguments[0])
        program = procedure.program
        self.known: dict[str, Any] = {program.all_parameters.name: parameters}
        for array in program.parameters:
            self.known[array.name] = parameters[array.start : array.start + array.size].reshape(array.shape)
        self.known |= {array.name: numbers for array, numbers in zip(program.arguments, arguments, strict=True)}
        self.known |= {array.name: array.data for array in program.constants}
        self.gradients: dict[str, Any] = {}
        for array in procedure.task.wanted(program):
            numbers = numpy.full(self._full(array), 0.0 if array in procedure.untouched else numpy.nan)
            self.known[f"d_{array.name}"] = self.gradients[array.name] = numbers
        for step in (*procedure.forward, *procedure.backward):
            self._do(step)
        self.outputs = [numpy.broadcast_to(self.term(each), (self.rows,)) for each in procedure.outputs]

    def _full(self, array: Array) -> tuple[int, ...]:
        return (*[self.rows] * array.batched, *array.shape)

    def _do(self, step: Any) -> None:
        name, shape = self.procedure.name(step.target), self._full(step.target)
        if isinstance(step, Allocate):
            self.known[name] = numpy.full(shape, numpy.nan)
        elif isinstance(step, Assign):
            self.known[name] = numpy.array(numpy.broadcast_to(self.term(step.term), shape))
        else:
            assert isinstance(step, Update)
            flat = self.known[name].reshape(*[self.rows] * step.target.batched, -1)
            places = (slice(None), step.index) if step.target.batched else (step.index,)
            if step.adds:
                numpy.add.at(flat, places, self.term(step.term))
            else:
                flat[places] = self.term(step.term)

    def term(self, term: Term) -> Any:
        if isinstance(term, View):
            if term.array in self.procedure.inlined:
                numbers = numpy.broadcast_to(self.term(self.procedure.inlined[term.array]), self._full(term.array))
            else:
                numbers = self.known[self.procedure.name(term.array)]
            if not term.batched:
                return numpy.asarray(numbers).ravel()[term.index]
            return numbers.reshape(self.rows, -1)[:, term.index.ravel()].reshape(self.rows, *term.index.shape)
        parts = [self.term(part) for part in term.parts]
        match term:
            case Number(value):
                return numpy.float64(value)
            case MeanWeight():
                return 1.0 / self.rows
            case Infix(sign) | Compare(sign):
                return SIGNS[sign](*parts)
            case Minus():
                return -parts[0]
            case Call(row):
                return forward(rule_on(ARRAYS, row), parts)
            case Select():
                return numpy.where(*parts)
            case Expand():
                return numpy.asarray(parts[0])[..., None]
            case Reduce(inside, how, axis, kept):
                return REDUCED[how](parts[0], axis=axis % len(inside.shape) + inside.batched, keepdims=kept)
            case Along(_, how):
                return ALONG[how](parts[0])
            case RowSum():
                return parts[0].sum(axis=0)
            case Fill():
                return numpy.broadcast_to(parts[0], (*[self.rows] * term.batched, *term.shape))
        assert isinstance(term, MatrixProduct)
        left, right = parts
        if term.form != "weights":
            return left @ (right.T if term.form == "forward" else right)
        return left.reshape(-1, left.shape[-1]).T @ right.reshape(-1, right.shape[-1])


MODEL = MLP(3, [4, 3], "tanh", seed=0)
COLUMNS = [1.0 + 0.1 * i for i in range(9)]
FUNCTIONS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "curved": (lambda x, y: ag.sin(x) * y + x * x, (0.5, 2.0)),
    "chain": (lambda v: sum((v[i + 1] - v[i] ** 2) ** 2 for i in range(8)), (COLUMNS,)),
    "scattered": (lambda v: ag.total([ag.sin(v[(i * i) % 9]) * v[i] for i in range(9)]), (COLUMNS,)),
    "choices": (lambda v, s: sum(ag.where(a > s, lambda: ag.log(a), a * s) for a in v), (COLUMNS, 1.2)),  # noqa: B023
    "half of it": (lambda v, s: v[0] * v[3] + v[3], (COLUMNS, 1.2)),
    "list": (lambda v: [v[0] * v[1], ag.exp(v[2])], (COLUMNS[:3],)),
    "network": (lambda m, x, y: squared_error(m(x), y), (MODEL, [0.1, 0.2, 0.3], [0.3, 0.4, 0.5])),
    "pooled": (lambda v: sum(reduce(ag.maximum, v[i : i + 4]) * v[i] for i in range(6)) * reduce(ag.maximum, v), (COLUMNS,)),
    "shares": (lambda m, x, y: ag.dot(y, log_softmax(m(x))), (MODEL, [0.1, 0.2, 0.3], [0.25, 0.5, 0.25])),
    "classes": (lambda m, x: cross_entropy(m(x), 1), (MODEL, [0.1, 0.2, 0.3])),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_reader_of_the_procedure_alone_computes_what_eager_computes(name: str) -> None:
    function, example = FUNCTIONS[name]
    program = trace(function, *example)
    replay = program._replay
    shapes = [numpy.shape(each) for each in example if each is not MODEL]
    random = numpy.random.default_rng(0)
    rows = [random.uniform(0.9, 1.7, (5, *shape)) for shape in shapes]
    tasks = [VALUES, *(Task("slopes", result) for result in range(len(replay.lowered.outputs)))]
    for task in [*tasks, *[LOSS] * bool(len(program.parameters))]:
        found = Reader(replay.procedure(task), program.parameters, rows)
        values, slopes, weights = _eager(function, example, rows, task)
        numpy.testing.assert_allclose(numpy.transpose(found.outputs), values, rtol=1e-10)
        if task.kind == "slopes":
            by_row = [found.gradients[array.name].reshape(5, -1) for array in replay.lowered.arguments]
            numpy.testing.assert_allclose(numpy.concatenate(by_row, axis=1), slopes, rtol=1e-9, atol=1e-12)
        elif task.kind == "loss":
            parts = numpy.concatenate([found.gradients[array.name].ravel() for array in replay.lowered.parameters])
            places = {id(value): place for place, value in enumerate(MODEL.parameters())}
            owners = [places[id(value)] for value in program.parameter_values]
            numpy.testing.assert_allclose(parts, numpy.array(weights)[owners], rtol=1e-9, atol=1e-12)


def _eager(function: Callable[..., Any], example: tuple[Any, ...], rows: list[Any], task: Task) -> tuple[Any, Any, Any]:
    """The values, the slopes of one result by the arguments, and the mean slopes by the model's parameters, row by row."""
    values, slopes, weights = [], [], numpy.zeros(len(MODEL.parameters()))
    for number in range(5):
        given, leaves, columns = [], [], iter(rows)
        for each in example:
            if each is not MODEL:
                each = _values(next(columns)[number].tolist(), leaves)
            given.append(each)
        result = function(*given)
        results = result if isinstance(result, list) else [result]
        MODEL.zero_grad()
        results[task.result].backward()
        values.append([each.data for each in results])
        slopes.append([leaf.grad for leaf in leaves])
        weights += [parameter.grad / 5 for parameter in MODEL.parameters()]
    return values, slopes, weights


def _values(numbers: Any, leaves: list[Value]) -> Any:
    if isinstance(numbers, list):
        return [_values(number, leaves) for number in numbers]
    leaves.append(Value(numbers))
    return leaves[-1]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_procedure_is_made_the_same_each_time_and_leaves_the_program_as_it_is(name: str) -> None:
    function, example = FUNCTIONS[name]
    replay = trace(function, *example, verify=False)._replay
    terms = [statement.term.key for statement in replay.lowered.statements]
    tasks = [VALUES, LOSS if replay.lowered.parameters and not replay.run.shape else SLOPES]
    for task in tasks:
        first, second = replay.procedure(task), replay.procedure(task)
        for one, other in ((first.forward, second.forward), (first.backward, second.backward)):
            assert [first.name(step.target) for step in one] == [second.name(step.target) for step in other]
            assert [type(step) for step in one] == [type(step) for step in other]
        assert len(first.inlined) == len(second.inlined)
    assert terms == [statement.term.key for statement in replay.lowered.statements]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_array_has_one_name_and_nothing_is_inlined_twice(name: str) -> None:
    function, example = FUNCTIONS[name]
    replay = trace(function, *example, verify=False)._replay
    procedure = replay.procedure(SLOPES if not replay.lowered.parameters else LOSS if not replay.run.shape else VALUES)
    steps = [*procedure.forward, *procedure.backward]
    assigned = [procedure.name(step.target) for step in steps if not isinstance(step, Update)]
    assert len(assigned) == len(set(assigned))
    assert not procedure.inlined.keys() & {step.target for step in steps}
    terms = [*(step.term for step in steps if isinstance(step, Assign | Update)), *procedure.outputs, *procedure.inlined.values()]
    used = [part.array for term in terms for part in term.walk() if isinstance(part, View) and part.array in procedure.inlined]
    assert len(used) == len(set(used))


def test_no_part_of_numpy_is_loaded_that_takes_longer_than_a_trace() -> None:
    """numpy.unique loads masked arrays, which takes four times as long as Rosenbrock's function."""
    script = """
import sys
from autograd_lite.program import trace
program = trace(lambda x: sum(100.0 * (b - a * a) ** 2 + (1.0 - a) ** 2 for a, b in zip(x, x[1:])), [0.5] * 20)
program.value_and_grad([[0.25] * 20])
program.equations()
print("numpy.ma" in sys.modules)
"""
    assert run_python(script) == "False\n"
