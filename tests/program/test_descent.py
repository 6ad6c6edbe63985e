"""Descent: a whole training loop in one call gives the numbers of the loop by hand, in NumPy and in C, and never leaves half a step."""

import math
import os
import signal
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import Value, cross_entropy, log, minimum, squared_error
from autograd_lite.compiled import CompilerError, compiler
from autograd_lite.datasets import Dataset, order_of_epoch
from autograd_lite.engine.errors import DomainError, GraphError
from autograd_lite.nn import MLP
from autograd_lite.optim import (
    SGD,
    Adam,
    AdamRule,
    AdamW,
    Constant,
    Cosine,
    Exponential,
    Optimizer,
    SGDRule,
    StepDecay,
    clip_gradient_norm,
)
from autograd_lite.program import BranchChanged, ProgramMismatch, trace
from autograd_lite.program.descending import Descending
from autograd_lite.program.ir.tasks import LOSS
from autograd_lite.program.ir.update import recorded_update
from autograd_lite.program.write import c_descent
from autograd_lite.training import DivergedError, fit


def _has_compiler() -> bool:
    try:
        return bool(compiler())
    except CompilerError:
        return False


BACKENDS = ["numpy", "c"] if _has_compiler() else ["numpy"]
OPTIMIZERS: dict[str, Callable[[Any], Optimizer]] = {
    "sgd": lambda p: SGD(p, 0.1),
    "decayed": lambda p: SGD(p, 0.1, weight_decay=0.01),
    "momentum": lambda p: SGD(p, 0.05, momentum=0.9),
    "nesterov": lambda p: SGD(p, 0.05, momentum=0.5, nesterov=True, weight_decay=0.001),
    "adam": lambda p: Adam(p, 0.02),
    "adam with decay": lambda p: Adam(p, 0.02, beta1=0.5, weight_decay=0.01),
    "adamw": lambda p: AdamW(p, 0.02, weight_decay=0.1),
    "step decay": lambda p: SGD(p, StepDecay(0.2, 0.5, 7), momentum=0.9),
    "cosine": lambda p: Adam(p, Cosine(0.05, 30, warmup=3)),
    "exponential": lambda p: SGD(p, Exponential(0.2, 0.95)),
    "constant": lambda p: SGD(p, Constant(0.1)),
    "groups": lambda p: SGD([{"parameters": p[::2], "momentum": 0.9}, {"parameters": p[1::2], "learning_rate": 0.2}], 0.05),
    "some": lambda p: Adam(p[1::3], 0.05),
    "function": lambda p: SGD(p, lambda step: 0.1 / (1 + step)),
}
kinds = pytest.mark.parametrize("kind", OPTIMIZERS)
backends = pytest.mark.parametrize("backend", BACKENDS)


def cost(model: Any, x: Any, y: Any) -> Any:
    return squared_error(model(x), y)


def network(widths: list[int], activation: str = "tanh", seed: int = 0, **options: Any) -> tuple[Any, Any]:
    model = MLP(widths[0], widths[1:], activation, seed=seed)
    return model, trace(cost, model, [0.1] * widths[0], 0.2, **options)


def samples(rows: int, inputs: int, seed: int) -> tuple[Any, Any]:
    random = numpy.random.default_rng(seed)
    return random.normal(size=(rows, inputs)), random.normal(size=rows)


def by_hand(
    program: Any, arrays: Any, optimizer: Any, iterations: int, size: int | None = None, seed: int = 0, clip: float | None = None
) -> list[float]:
    """The loop written out over the Values; the losses."""
    losses, rows = [], len(arrays[0])
    for _ in range(iterations):
        step = optimizer.steps
        taken: Any = slice(None)
        if size is not None:
            epoch, batch = divmod(step, math.ceil(rows / size))
            taken = numpy.random.default_rng([seed, epoch]).permutation(rows)[batch * size : (batch + 1) * size]
        loss, gradient = program.loss_and_gradient(*(array[taken] for array in arrays))
        for value, slope in zip(program.parameter_values, gradient.tolist(), strict=True):
            value.grad = slope
        if clip is not None:
            clip_gradient_norm([each for group in optimizer.groups for each in group.parameters if each.requires_grad], clip)
        optimizer.step()
        program.read()
        losses.append(float(loss))
    return losses


def numbers(program: Any) -> list[float]:
    return [value.data for value in program.parameter_values]


def assert_close(found: Any, expected: Any, tolerance: float = 1e-12) -> None:
    found, expected = numpy.asarray(found, float), numpy.asarray(expected, float)
    assert found.shape == expected.shape
    assert numpy.abs(found - expected).max(initial=0.0) <= tolerance * max(numpy.abs(expected).max(initial=0.0), 1e-3)


# ---- the same numbers as by hand ---------------------------------------------------------------------------------------------


@pytest.mark.thinned
@kinds
@backends
@pytest.mark.parametrize("size", [None, 3, 100])
def test_it_is_the_loop_by_hand(kind, backend, size):
    arrays = samples(8, 2, 0)
    model, program = network([2, 4, 1], backend=backend)
    optimizer = OPTIMIZERS[kind](model.parameters())
    found = program.descent(*arrays, optimizer=optimizer, iterations=50, batch_size=size, seed=3)
    other, hand = network([2, 4, 1])
    mirror = OPTIMIZERS[kind](other.parameters())
    losses = by_hand(hand, arrays, mirror, 50, size, 3)
    assert_close(found.losses, losses)
    assert_close(numbers(program), numbers(hand))
    assert numbers(program) == program.parameters.tolist()
    assert (found.iterations, found.stopped, optimizer.steps) == (50, "", 50)
    for one, two in zip(optimizer.state_dict()["groups"], mirror.state_dict()["groups"], strict=True):
        for name in one:
            assert_close(one[name], two[name])


@kinds
def test_a_descent_in_numpy_has_the_bits_of_the_loop_on_arrays(kind):
    arrays = samples(8, 2, 0)
    model, program = network([2, 4, 1])
    optimizer = OPTIMIZERS[kind](model.parameters())
    program.descent(*arrays, optimizer=optimizer, iterations=40)
    other, hand = network([2, 4, 1])
    mirror = OPTIMIZERS[kind](other.parameters())
    for group in mirror.groups:
        places = [place for place, value in enumerate(hand.parameter_values) if any(value is each for each in group.parameters)]
        group.states = [tuple(numpy.zeros(len(places)) for _ in group.rule.state_names)]
        group.places = places
    for step in range(40):
        _, gradient = hand.loss_and_gradient(*arrays)
        for group in mirror.groups:
            x = hand.parameters[group.places]
            moved, group.states[0] = group.rule.update(x, gradient[group.places], group.states[0], group.rate(step), step + 1)
            hand.parameters[group.places] = moved
    assert program.parameters.tolist() == hand.parameters.tolist()


@backends
def test_after_thousands_of_steps_the_numbers_are_still_the_same(backend):
    x = numpy.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = numpy.array([0.0, 1.0, 1.0, 0.0])
    model, program = network([2, 3, 1], backend=backend)
    losses = program.descent(x, y, optimizer=SGD(model.parameters(), 0.1, momentum=0.5), iterations=4000, every=1000).losses
    other, hand = network([2, 3, 1])
    expected = by_hand(hand, (x, y), SGD(other.parameters(), 0.1, momentum=0.5), 4000)
    assert_close(losses, expected[::1000])
    assert_close(numbers(program), numbers(hand))


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_random_networks_descend_alike_everywhere(data):
    # Few networks, as each needs a compiler once.
    widths, activation = data.draw(st.sampled_from([([2, 3, 1], "tanh"), ([1, 4, 2, 1], "sigmoid"), ([3, 1, 1], "softplus")]))
    rows, size = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 10))
    kind, seed = data.draw(st.sampled_from(sorted(OPTIMIZERS))), data.draw(st.integers(0, 99))
    epochs = data.draw(st.integers(1, 3))
    x, y = samples(rows, widths[0], seed)
    steps = epochs * math.ceil(rows / size)
    found = []
    for backend in BACKENDS:
        model, program = network(widths, activation, seed, backend=backend)
        optimizer = OPTIMIZERS[kind](model.parameters())
        descent = program.descent(x, y, optimizer=optimizer, iterations=steps, batch_size=size, seed=seed)
        found.append((descent.losses, [value.data for value in model.parameters()]))
    model, hand = network(widths, activation, seed)
    losses = by_hand(hand, (x, y), OPTIMIZERS[kind](model.parameters()), steps, size, seed)
    found.append((losses, [value.data for value in model.parameters()]))
    model, _ = network(widths, activation, seed)
    optimizer = OPTIMIZERS[kind](model.parameters())
    history = fit(model, Dataset(x, y), squared_error, optimizer, batch_size=size, epochs=epochs, seed=seed)
    found.append((history.costs, [value.data for value in model.parameters()]))
    for losses, learned in found[1:]:
        assert_close(losses, found[0][0], 1e-10)
        assert_close(learned, found[0][1], 1e-10)


@backends
def test_a_loss_of_several_arguments_and_classes(backend):
    random = numpy.random.default_rng(1)
    x, targets = random.normal(size=(10, 3)), numpy.eye(4)[random.integers(0, 4, 10)]
    learned = []
    for options in ({"backend": backend}, {}):
        model = MLP(3, [70, 70, 4], "tanh", seed=2)
        program = trace(lambda model, x, t: cross_entropy(model(x), t), model, [0.0] * 3, [1.0, 0.0, 0.0, 0.0], **options)
        optimizer = Adam(model.parameters(), 0.01)
        if options:
            program.descent(x, targets, optimizer=optimizer, iterations=12, batch_size=4, seed=1)
        else:
            by_hand(program, (x, targets), optimizer, 12, 4, 1)
        learned.append(numbers(program))
    assert_close(*learned, 1e-11)


@backends
@pytest.mark.parametrize("size", [None, 4])
def test_shares_that_do_not_quite_add_up_are_taken_as_they_are(backend, size):
    random = numpy.random.default_rng(0)
    inputs, shares = random.normal(size=(9, 2)), random.random((9, 3))
    shares *= (1.0 + 9e-7) / shares.sum(axis=1, keepdims=True)
    program, by_hand = (
        trace(lambda net, x, y: cross_entropy(net(x), y), MLP(2, [3], seed=0), [0.0, 0.0], [0.0, 1.0, 0.0], backend=backend)
        for _ in range(2)
    )
    order = numpy.arange(9) if size is None else order_of_epoch(9, 0, 0)[:size]
    _, gradient = by_hand.loss_and_gradient(inputs[order], shares[order])
    program.descent(inputs, shares, optimizer="sgd", learning_rate=1.0, iterations=1, batch_size=size)
    assert numpy.abs(by_hand.parameters - program.parameters - gradient).max() < 1e-14


@backends
def test_a_program_without_arrays_and_one_of_strided_arrays(backend):
    w = [Value(-1.2), Value(1.0)]
    rosenbrock = trace(lambda: 100.0 * (w[1] - w[0] ** 2) ** 2 + (1.0 - w[0]) ** 2, parameters=w, backend=backend)
    found = rosenbrock.descent(optimizer=Adam(w, 0.02), iterations=5000)
    assert found.losses[-1] < 1e-4
    v = Value(0.0)
    line = trace(lambda x, y: (v * x - y) ** 2, 1.0, 2.0, parameters=[v], backend=backend)
    both = numpy.array([[1.0, 9.0, 2.0], [2.0, 9.0, 4.0]])
    line.descent(both[:, 0], both[:, 2], optimizer=SGD([v], 0.1), iterations=100)
    assert v.data == pytest.approx(2.0)
    v.data = 0.0
    line.read()
    line.descent(both[:, ::2], optimizer=SGD([v], 0.1), iterations=100, batch_size=1)
    assert v.data == pytest.approx(2.0)


@backends
@pytest.mark.parametrize("kind", ["sgd", "momentum", "adam", "adamw", "some"])
def test_single_precision_is_that_of_the_program(backend, kind):
    arrays = samples(6, 2, 4)
    model, program = network([2, 3, 1], dtype="float32", backend=backend)
    before = [value.data for value in model.parameters()]
    optimizer = OPTIMIZERS[kind](model.parameters())
    program.descent(*arrays, optimizer=optimizer, iterations=30, batch_size=4)
    _, wide = network([2, 3, 1])
    wide.descent(*arrays, optimizer=OPTIMIZERS[kind](wide.parameter_values), iterations=30, batch_size=4)
    learning = [value for group in optimizer.groups for value in group.parameters]
    assert program.parameters.dtype == numpy.float32
    for value, old in zip(model.parameters(), before, strict=True):
        if any(value is each for each in learning):
            assert value.data == float(numpy.float32(value.data))
        else:
            assert value.data == old
    if kind != "some":
        assert_close(numbers(program), numbers(wide), 1e-4)
    state = [number for group in optimizer.state_dict()["groups"] for column in group.values() for number in column]
    assert state == [float(numpy.float32(number)) for number in state]


def _product(w: list[Value], x: Any) -> Any:
    product = x
    for each in w:
        product = product * (1.0 + each * each)
    return product


@pytest.mark.parametrize("kind", ["sgd", "nesterov", "adam", "adamw", "groups"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_c_and_numpy_update_with_the_same_bits(kind, dtype):
    """A gradient without sums: nothing but the rules can differ."""
    learned = []
    for backend in BACKENDS:
        w = [Value(0.1 * k - 0.3) for k in range(7)]
        program = trace(partial(_product, w), 1.0, parameters=w, dtype=dtype, backend=backend)
        program.descent([0.3], optimizer=OPTIMIZERS[kind](w), iterations=200)
        learned.append([value.data for value in w])
    assert learned == learned[:1] * len(BACKENDS)


# ---- one call, and another one -----------------------------------------------------------------------------------------------


@kinds
@backends
@pytest.mark.parametrize("size", [None, 3])
def test_two_descents_are_one(kind, backend, size):
    arrays = samples(8, 2, 1)
    learned, losses = [], []
    for parts in ([37], [5, 0, 31, 1]):
        model, program = network([2, 3, 1], backend=backend)
        optimizer, kept = OPTIMIZERS[kind](model.parameters()), []
        for count in parts:
            program.descent(*arrays, optimizer=optimizer, iterations=count, batch_size=size, every=2, losses=kept)
        learned.append(numbers(program))
        losses.append(kept)
    assert learned[0] == learned[1]
    assert losses[0] == losses[1]
    assert len(losses[0]) == 19


@backends
def test_losses_are_kept_as_often_as_asked(backend):
    arrays = samples(4, 2, 1)
    model, program = network([2, 3, 1], backend=backend)
    start = program.parameters.copy()
    every = program.descent(*arrays, optimizer=SGD(model.parameters(), 0.1), iterations=20).losses
    for step in (1, 3, 7, 20, 100):
        program.parameters[:] = start
        found = program.descent(*arrays, optimizer=SGD(model.parameters(), 0.1), iterations=20, every=step)
        assert found.losses == every[::step]
        assert all(type(loss) is float for loss in found.losses)


@backends
def test_it_ends_where_no_slope_is_larger_than_the_tolerance(backend):
    w = [Value(4.0), Value(1.0)]
    program = trace(lambda x: x * (w[0] * w[0] + w[1] * w[1]), 1.0, parameters=w, backend=backend)
    optimizer = SGD(w[:1], 0.25)
    found = program.descent([1.0], optimizer=optimizer, iterations=100, tolerance=0.5)
    assert w[0].data == 0.25  # whose slope is 0.5; that of w[1], which does not learn, is 2
    assert (found.iterations, optimizer.steps) == (4, 4)
    assert found.losses == [17.0, 5.0, 2.0, 1.25, 1.0625]
    assert found.stopped == "no slope is larger than 0.5"
    again = program.descent([1.0], optimizer=optimizer, iterations=100, tolerance=0.5)
    assert (again.iterations, again.losses, w[0].data) == (0, [1.0625], 0.25)


@backends
@pytest.mark.parametrize("clip", [0.01, 0.5, math.inf])
def test_a_long_gradient_is_clipped_as_by_hand(backend, clip):
    arrays = samples(8, 2, 0)
    model, program = network([2, 4, 1], backend=backend)
    optimizer = Adam(model.parameters()[3:], 0.1)
    model.parameters()[5].requires_grad = False
    program.descent(*arrays, optimizer=optimizer, iterations=30, batch_size=3, clip=clip)
    other, hand = network([2, 4, 1])
    mirror = Adam(other.parameters()[3:], 0.1)
    other.parameters()[5].requires_grad = False
    by_hand(hand, arrays, mirror, 30, 3, clip=clip)
    assert_close(numbers(program), numbers(hand))


@backends
def test_a_rate_that_looks_at_the_losses_is_asked_at_every_step(backend):
    arrays, losses = samples(8, 2, 0), []
    model, program = network([2, 4, 1], backend=backend)
    optimizer = SGD(model.parameters(), lambda step: 0.1 if len(losses) == step and step < 3 else 0.0)
    program.descent(*arrays, optimizer=optimizer, iterations=6, losses=losses)
    assert losses[0] > losses[1] > losses[2] > losses[3] == losses[4] == losses[5]


@backends
@pytest.mark.parametrize(("given", "rate"), [("sgd", 0.1), ("Adam", None), (AdamW, Constant(0.01)), (SGD, 0.1)])
def test_optimizers_are_made_by_name_and_class(backend, given, rate):
    arrays = samples(4, 2, 1)
    model, program = network([2, 3, 1], backend=backend)
    frozen = model.parameters()[0]
    frozen.requires_grad = False
    before = numbers(program)
    found = program.descent(*arrays, optimizer=given, learning_rate=rate, iterations=5)
    assert isinstance(found.optimizer, Optimizer)
    assert found.optimizer.steps == 5
    changed = [value for value, old in zip(program.parameter_values, before, strict=True) if value.data != old]
    assert len(changed) == len(before) - 1
    assert all(value is not frozen for value in changed)
    assert repr(found).startswith(f"Descent(optimizer={type(found.optimizer).__name__}(12 parameters")


@backends
def test_frozen_parameters_and_strangers_stay(backend):
    arrays = samples(6, 2, 2)
    model, program = network([2, 4, 1], backend=backend, dtype="float32")
    frozen, outside = model.parameters()[1], model.parameters()[5]
    optimizer = Adam([each for each in model.parameters() if each is not outside], 0.1)
    frozen.requires_grad = False
    kept = [frozen.data, outside.data]
    program.descent(*arrays, optimizer=optimizer, iterations=20, batch_size=4)
    assert [frozen.data, outside.data] == kept
    places = [place for place, value in enumerate(program.parameter_values) if value in (frozen, outside)]
    assert program.parameters[places].tolist() == [
        float(numpy.float32(value.data)) for value in program.parameter_values if value in (frozen, outside)
    ]


# ---- what ends a descent -----------------------------------------------------------------------------------------------------


def assert_whole(
    program: Any, optimizer: Any, steps: int, again: Callable[[], tuple[Any, Any]], arrays: Any, **options: Any
) -> None:
    """Program, Values and optimizer are those after so many steps from the start."""
    assert optimizer.steps == steps
    assert program.parameters.tolist() == numbers(program)
    other, mirror = again()
    other.descent(*arrays, optimizer=mirror, iterations=steps, **options)
    assert numbers(other) == numbers(program)
    assert mirror.state_dict() == optimizer.state_dict()


def _guarded(backend: str, on_branch: str = "raise") -> tuple[Any, Any]:
    w = Value(1.0, "w")

    def function(x: Any) -> Any:
        return w * x if w * x > 0.0 else w * x * 0.5

    return trace(function, 1.0, parameters=[w], backend=backend, on_branch=on_branch), SGD([w], 0.25, momentum=0.5)


@backends
def test_a_branch_that_changes_ends_it_between_two_steps(backend):
    program, optimizer = _guarded(backend)
    losses: list[float] = []
    with pytest.raises(BranchChanged, match="row 0 takes another branch") as caught:
        program.descent([1.0, 1.0], optimizer=optimizer, iterations=100, losses=losses)
    assert caught.value.__notes__ == ["This was step 4; the parameters are those after step 3."]
    assert len(losses) == 3
    assert_whole(program, optimizer, 3, partial(_guarded, backend), ([1.0, 1.0],))


@backends
def test_the_note_says_which_rows_a_batch_had(backend):
    program, optimizer = _guarded(backend)
    optimizer.learning_rate = 0.0
    with pytest.raises(BranchChanged) as caught:
        program.descent([1.0, 2.0, -3.0, 4.0], optimizer=optimizer, iterations=100, batch_size=1, seed=5)
    order = numpy.random.default_rng([5, 0]).permutation(4).tolist()
    step = order.index(2)
    assert optimizer.steps == step
    assert caught.value.__notes__ == [
        f"This was step {step + 1}, of rows 2 of the arrays, in this order; the parameters are those after step {step}."
    ]


@backends
def test_with_retrace_it_goes_the_other_way(backend):
    program, optimizer = _guarded(backend, "retrace")
    found = program.descent([1.0, 2.0], optimizer=optimizer, iterations=30)
    hand, mirror = _guarded("numpy", "retrace")
    arrays = (numpy.array([1.0, 2.0]),)
    assert_close(found.losses, by_hand(hand, arrays, mirror, 30))
    assert_close(numbers(program), numbers(hand))
    assert found.losses[-1] < -1.0


@backends
def test_a_number_outside_a_domain_ends_it_between_two_steps(backend):
    def program_and_optimizer() -> tuple[Any, Any]:
        w = Value(1.0, "w")
        return trace(lambda x: log(w * x), 1.0, parameters=[w], backend=backend), SGD([w], 0.4)

    program, optimizer = program_and_optimizer()
    with pytest.raises(DomainError, match=r"log\(-.*in row 0 of a program") as caught:
        program.descent([1.0, 2.0], optimizer=optimizer, iterations=100)
    steps = optimizer.steps
    assert steps > 0
    assert caught.value.__notes__ == [f"This was step {steps + 1}; the parameters are those after step {steps}."]
    assert_whole(program, optimizer, steps, program_and_optimizer, ([1.0, 2.0],))


@backends
def test_a_training_that_diverges_keeps_the_last_finite_numbers(backend):
    def again() -> tuple[Any, Any]:
        w = [Value(3.0, "v"), Value(0.5, "w")]
        return trace(lambda x: 2.0 * w[0] + w[1] * x, 1.0, parameters=w, backend=backend), Adam(w, 0.1)

    program, optimizer = again()
    x = [1.0, 2.0, 1e200, 3.0]
    step = numpy.random.default_rng([0, 0]).permutation(4).tolist().index(2)
    with pytest.raises(DivergedError, match=rf"step {step + 1}: the square of `w` would become inf by AdamRule.*Clip the gradient"):
        program.descent(x, optimizer=optimizer, iterations=1000, batch_size=1)
    assert_whole(program, optimizer, step, again, (x,), batch_size=1)


@backends
@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_ends_it_before_its_step(backend, wrong):
    def again() -> tuple[Any, Any]:
        w = Value(1.0, "w")
        return trace(lambda x: w * x, 1.0, parameters=[w], backend=backend), SGD([w], 0.1)

    program, optimizer = again()
    x = [1.0, 2.0, wrong, 3.0]
    step = numpy.random.default_rng([0, 0]).permutation(4).tolist().index(2)
    with pytest.raises(DivergedError, match=rf"step {step + 1}: the loss is {wrong}, of rows 2 of the arrays"):
        program.descent(x, optimizer=optimizer, iterations=4, batch_size=1)
    assert_whole(program, optimizer, step, again, (x,), batch_size=1)


@backends
def test_a_parameter_that_is_nan_from_the_start_is_named(backend):
    w = Value(1.0, "w")
    program = trace(lambda x: w * x, 1.0, parameters=[w], backend=backend)
    program.parameters[:] = math.nan
    with pytest.raises(
        DivergedError, match="step 1: the loss is nan; the parameter `w` is nan; the parameters are those after step 0"
    ):
        program.descent([1.0], optimizer="sgd", learning_rate=0.1, iterations=4)
    assert w.data == 1.0


@backends
def test_a_gradient_that_no_factor_shortens_is_refused(backend):
    w = Value(0.0, "w")
    program = trace(lambda x: w * 1e200 * x, 1.0, parameters=[w], backend=backend)
    optimizer = SGD([w], 0.1)
    with pytest.raises(DivergedError, match="step 1: the gradient of `w` is inf: no factor brings it to a finite norm"):
        program.descent([1e200], optimizer=optimizer, iterations=4, clip=1.0)
    assert (w.data, optimizer.steps) == (0.0, 0)


@backends
def test_numbers_that_overflow_and_do_no_harm_are_as_by_hand(backend):
    def again(**options: Any) -> tuple[Any, Any]:
        w = Value(1.0, "w")
        program = trace(lambda x: w * w + minimum(x * w * w * 1e200 * 1e200, 1.0), 1.0, parameters=[w], **options)
        return program, SGD([w], 0.1)

    program, optimizer = again(backend=backend)
    hand, mirror = again()
    arrays = (numpy.array([0.5, 1.0]),)
    found = program.descent(*arrays, optimizer=optimizer, iterations=10)
    assert_close(found.losses, by_hand(hand, arrays, mirror, 10))
    assert_close(numbers(program), numbers(hand))


@backends
def test_a_schedule_without_a_valid_rate_ends_it_between_two_steps(backend):
    def again() -> tuple[Any, Any]:
        w = Value(1.0, "w")
        return trace(lambda x: w * x, 0.0, parameters=[w], backend=backend), SGD([w], Exponential(1.0, 1e100))

    program, optimizer = again()
    with pytest.raises(ValueError, match="the learning rate must be a finite number of at least 0, got inf at step 4 of Expo"):
        program.descent([0.0], optimizer=optimizer, iterations=100)
    assert_whole(program, optimizer, 4, again, ([0.0],))


@backends
@pytest.mark.parametrize("size", [None, 2])
def test_ctrl_c_comes_between_two_steps(backend, size):
    arrays = samples(6, 2, 0)

    def again() -> tuple[Any, Any]:
        model, program = network([2, 3, 1], backend=backend)
        return program, Adam(model.parameters(), 0.001)

    program, optimizer = again()
    program.descent(*arrays, optimizer=optimizer, iterations=1)  # compiled by then
    losses: list[float] = []
    timer = threading.Timer(0.15, partial(os.kill, os.getpid(), signal.SIGINT))
    timer.start()
    start = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        program.descent(*arrays, optimizer=optimizer, iterations=10**9, batch_size=size, losses=losses)
    assert time.perf_counter() - start < 60.0  # all its iterations would take hours
    timer.join()
    assert len(losses) == optimizer.steps - 1 > 0
    assert program.parameters.tolist() == numbers(program)
    other, mirror = again()
    other.descent(*arrays, optimizer=mirror, iterations=1)
    other.descent(*arrays, optimizer=mirror, iterations=len(losses), batch_size=size)
    assert numbers(other) == numbers(program)
    assert mirror.state_dict() == optimizer.state_dict()


@backends
def test_descents_in_threads_do_not_meet(backend):
    arrays = samples(6, 2, 0)
    made = [network([2, 3 + k, 1], seed=k, backend=backend) for k in range(4)]
    optimizers = [Adam(model.parameters(), 0.01) for model, _ in made]
    started = threading.Barrier(4)

    def run(place: int) -> None:
        started.wait()
        for _ in range(3):
            made[place][1].descent(*arrays, optimizer=optimizers[place], iterations=300, batch_size=4, seed=place)

    threads = [threading.Thread(target=run, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for place, (_, program) in enumerate(made):
        model, alone = network([2, 3 + place, 1], seed=place, backend=backend)
        alone.descent(*arrays, optimizer=Adam(model.parameters(), 0.01), iterations=900, batch_size=4, seed=place)
        assert numbers(alone) == numbers(program)


@backends
def test_a_second_descent_on_a_program_waits(backend):
    arrays = samples(6, 2, 0)
    model, program = network([2, 3, 1], backend=backend)
    start = numbers(program)

    def run() -> None:
        program.descent(*arrays, optimizer="sgd", learning_rate=0.05, iterations=400)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = numbers(program)
    program.parameters = start
    program.descent(*arrays, optimizer=SGD(model.parameters(), 0.05), iterations=1200)
    assert numbers(program) == found


# ---- refusals ----------------------------------------------------------------------------------------------------------------


class Impulsive(SGD):
    def step(self) -> None:
        super().step()


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"iterations": -1}, ValueError, "iterations must be a whole number of at least 0, got -1"),
        ({"iterations": 2.5}, ValueError, "iterations must be a whole number of at least 0, got 2.5"),
        ({"batch_size": 0}, ValueError, "batch_size must be a whole number of at least 1, got 0"),
        ({"every": 0}, ValueError, "every must be a whole number of at least 1, got 0"),
        ({"seed": -1}, ValueError, "seed"),
        ({"tolerance": -0.1}, ValueError, "tolerance must be a finite number of at least 0, got -0.1"),
        ({"tolerance": math.nan}, ValueError, "tolerance must be a finite number of at least 0, got nan"),
        ({"losses": ()}, TypeError, "losses is a list to append to, got tuple"),
        ({"clip": -1.0}, ValueError, "clip must be a finite number of at least 0, got -1.0"),
        ({"optimizer": "momentum"}, ValueError, "'sgd', 'adam', 'adamw', with learning_rate=; got 'momentum'"),
        ({"optimizer": 0.1}, TypeError, "a descent takes an optimizer, such as SGD.*; got 0.1"),
        ({"optimizer": "sgd"}, ValueError, "SGD needs a learning rate: give learning_rate="),
        ({"optimizer": "sgd", "learning_rate": -1.0}, ValueError, "learning rate must be a finite number of at least 0, got -1.0"),
        ({"learning_rate": 0.1}, ValueError, r"the optimizer has its learning rate: set it there, SGD\(\.\.\., 0.1\)"),
    ],
)
def test_what_is_wrong_is_said_before_anything_changes(options, error, text):
    model, program = network([2, 3, 1])
    optimizer, before = SGD(model.parameters(), 0.1), numbers(program)
    with pytest.raises(error, match=text):
        program.descent(*samples(4, 2, 0), **{"optimizer": optimizer, "iterations": 3} | options)
    assert numbers(program) == before == program.parameters.tolist()
    assert optimizer.steps == 0


def test_programs_and_data_that_cannot_be_descended():
    model, program = network([2, 3, 1])
    optimizer = SGD(model.parameters(), 0.1)
    with pytest.raises(ValueError, match="got no rows"):
        program.descent(numpy.empty((0, 2)), numpy.empty(0), optimizer=optimizer, iterations=3)
    with pytest.raises(GraphError, match="the program has no parameters: give `trace` a model"):
        trace(lambda x: x * x, 1.0).descent([1.0], optimizer="adam", iterations=3)
    w = Value(1.0, "w")
    with pytest.raises(GraphError, match="a loss is of one number; the program `lambda` gives 2"):
        trace(lambda x: [w * x, w], 1.0, parameters=[w]).descent([1.0], optimizer="adam", iterations=3)
    alone = trace(lambda: w * w, parameters=[w])
    with pytest.raises(ValueError, match="takes no arrays: there are no rows to take batches of 2 from"):
        alone.descent(optimizer="adam", iterations=3, batch_size=2)
    with pytest.raises(ValueError, match="`stranger` takes no part in the loss"):
        alone.descent(optimizer=SGD([w, Value(0.0, "stranger")], 0.1), iterations=3)
    with pytest.raises(ValueError, match="Impulsive has a `step` of its own, which a descent would pass by"):
        alone.descent(optimizer=Impulsive([w], 0.1), iterations=3)
    adam = Adam([w])
    w.requires_grad = False
    with pytest.raises(ValueError, match="all parameters of the optimizer are frozen"):
        alone.descent(optimizer=adam, iterations=3)
    with pytest.raises(ValueError, match="all parameters of the program are frozen"):
        alone.descent(optimizer="adam", iterations=3)
    assert w.data == 1.0


@backends
def test_a_constant_that_is_another_number_by_now_is_refused(backend):
    w, rate = Value(1.0, "w"), Value(2.0, "rate")
    program = trace(lambda x: rate * w * x, 1.0, parameters=[w], backend=backend)
    optimizer = SGD([w], 0.1)
    program.descent([1.0], optimizer=optimizer, iterations=1)
    rate.data = 3.0
    with pytest.raises(GraphError, match=r"was 2\.0 when `lambda` was traced"):
        program.descent([1.0], optimizer=optimizer, iterations=1)
    assert (w.data, optimizer.steps) == (0.8, 1)


# ---- rules of users, and rules as terms --------------------------------------------------------------------------------------


class SignRule:
    state_names = ("count",)

    def update(self, x: Any, gradient: Any, state: Any, rate: float, step: int) -> Any:
        return x - rate * gradient / (gradient * gradient) ** 0.5, (state[0] + 1.0,)


@backends
def test_a_rule_of_the_users_is_applied_to_arrays(backend):
    w = [Value(1.0), Value(-2.0)]
    program = trace(lambda x: x * (w[0] * w[0] + w[1] * w[1]), 1.0, parameters=w, backend=backend)
    optimizer = Optimizer(w, 0.25, SignRule())
    program.descent([1.0], optimizer=optimizer, iterations=3)
    assert [value.data for value in w] == [0.25, -1.25]
    assert optimizer.state_dict()["groups"] == [{"count": [3.0, 3.0]}]


def test_only_rules_that_are_known_to_compute_alone_become_terms():
    assert recorded_update(SignRule()) is None
    recorded = recorded_update(AdamRule())
    assert recorded is not None
    assert [array.name for array in recorded.leaves] == ["x", "gradient", "mean", "square", "rate", "step"]
    assert recorded_update(SGDRule(momentum=Fraction(1, 2))) is None


needs_c = pytest.mark.skipif("c" not in BACKENDS, reason="no C compiler")


@needs_c
def test_in_c_all_steps_but_the_first_are_one_call(monkeypatch):
    model, program = network([2, 3, 1], backend="c")
    arrays, counts = samples(4, 2, 0), []
    by_module = Descending._steps_by_module
    monkeypatch.setattr(Descending, "_steps_by_module", lambda self, count: (counts.append(count), by_module(self, count)))
    optimizer = SGD(model.parameters(), 0.1)
    program.descent(*arrays, optimizer=optimizer, iterations=1000)
    assert counts == [1]
    optimizer.groups[0].rule = SGDRule(momentum=0.5)  # another rule is held first, too
    program.descent(*arrays, optimizer=optimizer, iterations=1000)
    assert counts == [1, 1]
    program.descent(*arrays, optimizer=optimizer, iterations=1000, batch_size=3)
    assert counts == [1, 1]


@needs_c
def test_a_descent_that_is_written_wrong_is_found_before_it_counts(monkeypatch):
    monkeypatch.setattr(c_descent, "_CALL", c_descent._CALL.replace("rates[", "1.001 * rates["))
    model, program = network([2, 3, 1], backend="c")
    with pytest.raises(ProgramMismatch, match="a step of a whole descent of the program `cost` gives"):
        program.descent(*samples(4, 2, 0), optimizer=SGD(model.parameters(), 0.1), iterations=10)


@needs_c
def test_constants_of_rules_need_no_compiler(monkeypatch):
    model, program = network([2, 3, 1], backend="c")
    arrays = samples(4, 2, 0)
    program.descent(*arrays, optimizer=Adam(model.parameters(), 0.01), iterations=2)
    monkeypatch.setattr("autograd_lite.compiled.subprocess.run", None)
    program.descent(*arrays, optimizer=Adam(model.parameters(), 0.02, beta1=0.8, epsilon=1e-6), iterations=2)
    compiled = program._replay.module(LOSS)
    assert len({rule.beta1 for (rule,) in compiled._descents}) == 2
