"""Steps of many parameters at once, in arrays: the bits, the refusals and the memory are those of a step number by number."""

import math
import random
import sys
from array import array
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from autograd_lite import Value
from autograd_lite.engine import many
from autograd_lite.optim import SGD, Adam, AdamRule, AdamW, Optimizer, StepError, groups

MAKERS: dict[str, Callable[..., Optimizer]] = {
    "SGD": lambda ps: SGD(ps, 0.1),
    "decay": lambda ps: SGD(ps, 0.1, weight_decay=0.01),
    "momentum": lambda ps: SGD(ps, 0.1, momentum=0.9),
    "nesterov": lambda ps: SGD(ps, lambda step: 0.1 / (step + 1), momentum=0.9, nesterov=True, weight_decay=0.01),
    "Adam": lambda ps: Adam(ps),
    "Adam with decay": lambda ps: Adam(ps, 0.3, weight_decay=0.1),
    "AdamW": lambda ps: AdamW([{"parameters": ps[:100]}, {"parameters": ps[100:], "beta1": 0.5}], 0.1),
    "numbers of other types": lambda ps: Optimizer(ps, Fraction(1, 8), AdamRule(beta1=Fraction(1, 2))),
}


def drawn(seed: int, count: int = 400) -> list[float]:
    """Numbers of all sizes, zeros and subnormal ones among them."""
    rng = random.Random(seed)
    sizes = [0.0, -0.0, 5e-324, -2e-310, 1e-160, 1.0, -3.0, 1e100]
    return [rng.choice(sizes) if rng.random() < 0.1 else rng.gauss(0.0, 1.0) * 10.0 ** rng.randrange(-12, 6) for _ in range(count)]


def trained(make: Callable[..., Optimizer], many: int, monkeypatch: pytest.MonkeyPatch, frozen: bool) -> Any:
    """The bits after some steps, in arrays from so many parameters on."""
    monkeypatch.setattr(groups, "_MANY", many)
    values = [Value(number) for number in drawn(0)]
    optimizer = make(values)
    for value in values[::3] if frozen else ():
        value.requires_grad = False
    for step in range(1, 5):
        for value, slope in zip(values, drawn(step), strict=True):
            value.grad = slope
        optimizer.step()
    return [value.data.hex() for value in values], repr(optimizer.state_dict()), optimizer.steps


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("name", MAKERS)
def test_the_bits_are_those_of_number_by_number(name: str, frozen: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    together = trained(MAKERS[name], 10, monkeypatch, frozen)
    assert together == trained(MAKERS[name], sys.maxsize, monkeypatch, frozen)
    monkeypatch.setattr(groups, "is_here", lambda package: False)
    assert together == trained(MAKERS[name], 10, monkeypatch, frozen)


def test_columns_are_used_where_they_are_meant_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograd_lite.optim import columns

    called: list[int] = []
    updated = columns.updated
    monkeypatch.setattr(columns, "updated", lambda *arguments: called.append(1) or updated(*arguments))
    values = [Value(1.0) for _ in range(groups._MANY)]
    Adam(values).step()
    Adam(values[1:]).step()
    Optimizer(values, 0.1, AdamRule(beta1=Fraction(1, 2))).step()
    assert called == [1]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e300])
@pytest.mark.parametrize("name", [name for name in MAKERS if name != "decay"])
def test_a_number_that_is_not_finite_refuses_the_whole_step(name: str, bad: float, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(many: int) -> tuple[Any, ...]:
        monkeypatch.setattr(groups, "_MANY", many)
        values = [Value(number, label=f"p{i}") for i, number in enumerate(drawn(0))]
        optimizer = MAKERS[name](values)
        for value, slope in zip(values, drawn(1), strict=True):
            value.grad = slope
        optimizer.step()
        values[17].grad = values[300].grad = bad
        before = [value.data for value in values], repr(optimizer.state_dict())
        try:
            optimizer.step()
        except StepError as error:
            assert ([value.data for value in values], repr(optimizer.state_dict())) == before
            assert optimizer.steps == 1
            return str(error), error.parameter.label, error.step
        return (repr(optimizer.state_dict()), [value.data.hex() for value in values])

    assert refused(10) == refused(sys.maxsize)


def test_what_was_taken_out_of_the_memory_stays_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "_MANY", 2)
    values = [Value(1.0), Value(2.0)]
    for value in values:
        value.grad = 1.0
    optimizer = SGD(values, 0.5, momentum=0.5)
    optimizer.step()
    states = optimizer.groups[0].states
    assert states == [(1.0,), (1.0,)]
    optimizer.step()
    assert optimizer.groups[0].states is states
    assert states == [(1.5,), (1.5,)]
    states[0] = (8.0,)
    optimizer.step()
    assert states == [(5.0,), (1.75,)]
    assert optimizer.state_dict() == {"steps": 3, "groups": [{"velocity": [5.0, 1.75]}]}


def test_memory_follows_its_parameter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "_MANY", 2)
    values = [Value(1.0), Value(2.0), Value(3.0)]
    for value, slope in zip(values, (1.0, 2.0, 3.0), strict=True):
        value.grad = slope
    optimizer = SGD(values, 0.5, momentum=0.5)
    optimizer.step()
    optimizer.groups[0].parameters[:] = [values[2], values[0]]
    optimizer.step()
    assert optimizer.state_dict() == {"steps": 2, "groups": [{"velocity": [4.5, 1.5]}]}


def test_what_is_no_list_of_values_or_no_array_of_doubles_is_left_to_python() -> None:
    """In the compiled engine these look into memory; anybody may call them."""
    x, y = Value(1.0), Value(2.0)
    for values in ([x, 1.0], (x, y), [], x, None):
        for room in (bytearray(16), array("f", [0.0] * 4), array("d", [0.0]), memoryview(bytes(16)).cast("d"), "16", 2):
            assert not many.copied(values, room, None, False) or values == []
    assert many.are_same([x, y], (x, y)) and not many.are_same([x, y], [y, x]) and not many.are_same([x], [x, y])
    many.set_slopes([x, y], [3.0, 4.0])
    assert list(many.slopes_of((y, x))) == [4.0, 3.0]
    assert [list(read) for read in many.numbers_and_slopes([x, y])] == [[1.0, 2.0], [3.0, 4.0]]
    y.requires_grad = False
    assert many.numbers_and_slopes([x, y]) is None
    with pytest.raises(ValueError, match="argument"):
        many.set_numbers([x, y], [5.0])
    many.set_slopes([x, y])
    many.set_numbers([x, y], array("d", [5.0, math.inf]))
    assert (x.data, y.data, x.grad, y.grad) == (5.0, math.inf, 0.0, 0.0)
