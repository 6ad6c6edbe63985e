"""Augmentation and float32 in `fit`: the same in both engines or refused, and a resumed training has the same bytes."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy
import pytest

from autograd_lite import cross_entropy, squared_error
from autograd_lite.datasets import Dataset, Shifts
from autograd_lite.nn import MLP
from autograd_lite.nn.module import Module
from autograd_lite.optim import SGD, AdamW
from autograd_lite.training import ENGINES, Callback, fit, read_checkpoint
from tests.modules import numbers_of

NUMBERS = numpy.random.default_rng(0)
PICTURES = Dataset(NUMBERS.random((23, 12)), numpy.arange(23) % 3, ("a", "b", "c"), (3, 4))
NAMELESS = Dataset(PICTURES.inputs, PICTURES.targets)
both = pytest.mark.parametrize("engine", ENGINES)


def noisy(inputs: Any, generator: Any, size: float = 0.1) -> Any:
    inputs += size * generator.random(inputs.shape)
    return inputs


def trained(data: Dataset = PICTURES, loss: Any = cross_entropy, **options: Any) -> tuple[list[float], list[float]]:
    """The costs of all batches and the numbers that were learned."""
    model = MLP(12, [5, 3], "tanh", seed=0)
    arguments = {"batch_size": 5, "epochs": 3, "engine": "program"} | options
    return fit(model, data, loss, AdamW(model.parameters(), 0.05), **arguments).costs, numbers_of(model)


# ---- augmentation ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [PICTURES, NAMELESS], ids=["classes", "no names"])
@pytest.mark.parametrize("augment", [Shifts((3, 4)), noisy, partial(noisy, size=0.5)], ids=["shifts", "noise", "much noise"])
def test_both_engines_see_the_same_inputs_and_the_data_stay(data: Dataset, augment: Any) -> None:
    before = data.inputs.copy()
    eager, program = (trained(data, augment=augment, engine=engine) for engine in ENGINES)
    assert numpy.allclose(eager[0], program[0], rtol=1e-11)
    assert numpy.allclose(eager[1], program[1], rtol=1e-9)
    assert not numpy.allclose(eager[0], trained(data)[0], rtol=1e-3)
    assert data.inputs.tobytes() == before.tobytes()


@both
def test_every_batch_is_changed_anew_and_the_seed_decides_how(engine: str) -> None:
    seen: dict[int, list[Any]] = {}
    for run, seed in enumerate((0, 0, 1)):
        calls = seen.setdefault(run, [])
        trained(augment=lambda inputs, generator, calls=calls: calls.append(generator.random()) or inputs, engine=engine, seed=seed)
        assert len(calls) == len(set(calls)) == 3 * 5
    assert seen[0] == seen[1]
    assert not set(seen[0]) & set(seen[2])


def test_validation_data_stay_as_they_are() -> None:
    def away(inputs: Any, generator: Any) -> Any:
        return inputs * 0.0

    model, other = MLP(12, [3], seed=0), MLP(12, [3], seed=0)
    history = fit(model, PICTURES, cross_entropy, SGD(model.parameters(), 1e-9), augment=away, validation=PICTURES)
    plain = fit(other, PICTURES, cross_entropy, SGD(other.parameters(), 1e-9), validation=PICTURES)
    assert history.epochs[0].validation_cost == pytest.approx(plain.epochs[0].validation_cost, rel=1e-6)
    assert history.costs[0] != pytest.approx(plain.costs[0], rel=1e-3)


@pytest.mark.parametrize(
    ("changed", "shape"), [(lambda x, g: x[1:], r"\(4, 12\)"), (lambda x, g: x[:, :3], r"\(5, 3\)"), (lambda x, g: None, r"\(\)")]
)
def test_what_gives_other_inputs_than_it_got_is_refused(changed: Any, shape: str) -> None:
    with pytest.raises(ValueError, match=rf"as many inputs as it is given, of shape \(5, 12\); .* gave {shape}"):
        trained(augment=changed)


# ---- float32 -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "backend"), [(PICTURES, None), (NAMELESS, None), (NAMELESS, "c")], ids=["by batches", "in one call", "in C"]
)
def test_float32_is_float64_to_its_own_rounding(data: Dataset, backend: str | None) -> None:
    single, double = (trained(data, dtype=dtype, backend=backend) for dtype in ("float32", "float64"))
    assert single[0] != double[0]
    assert numpy.allclose(single[0], double[0], rtol=1e-5)
    assert numpy.allclose(single[1], double[1], atol=1e-3)
    assert all(float(numpy.float32(number)) == number for number in single[1])


def test_a_loss_with_a_program_for_each_target_computes_in_float32_too() -> None:
    def distance(outputs: Any, target: int) -> Any:
        return squared_error(outputs, [float(place == int(target)) for place in range(3)])

    single, double = (trained(loss=distance, dtype=dtype) for dtype in ("float32", "float64"))
    assert single[0] != double[0]
    assert numpy.allclose(single[0], double[0], rtol=1e-5)
    assert all(float(numpy.float32(number)) == number for number in single[1])


class Scaled(Module):
    """A network whose outputs are scaled by a number that is no parameter."""

    def __init__(self) -> None:
        self.net, self.scale, self.calls = MLP(12, [3], seed=0), 1.0, 0

    def __call__(self, x: Any) -> Any:
        self.calls += 1
        return [self.scale * each for each in self.net(x)]


class Rescale(Callback):
    def __init__(self, scale: float) -> None:
        self.scale = scale

    def after_epoch(self, run: Any) -> None:
        run.model.scale = self.scale


def test_a_callback_costs_no_new_program_in_float32_and_what_it_changes_counts() -> None:
    calls, costs = {}, {}
    for scale in (1.0, 1.001):
        for dtype in ("float32", "float64"):
            model = Scaled()
            history = fit(
                model, PICTURES, cross_entropy, SGD(model.parameters(), 0.1), batch_size=5, epochs=3, engine="program",
                dtype=dtype, callbacks=[Rescale(scale)],
            )  # fmt: skip
            calls[scale, dtype], costs[scale, dtype] = model.calls, history.costs
    assert calls[1.0, "float32"] == calls[1.0, "float64"] < calls[1.001, "float32"] == calls[1.001, "float64"]
    for scale in (1.0, 1.001):
        assert numpy.allclose(costs[scale, "float32"], costs[scale, "float64"], rtol=1e-6)


def test_what_computes_in_no_float32_is_refused() -> None:
    with pytest.raises(ValueError, match="dtype= is of programs: give engine=\"program\" as well, got engine='eager'"):
        trained(engine="eager", dtype="float32")
    with pytest.raises(ValueError, match="a program computes in float64 or float32, got 'float16'"):
        trained(dtype="float16")
    assert trained(engine="eager", dtype="float64") == trained(engine="eager")


# ---- going on ----------------------------------------------------------------------------------------------------------------


def test_a_resumed_training_has_the_same_bytes(tmp_path: Path) -> None:
    options = {"augment": Shifts((3, 4)), "dtype": "float32"}
    whole, numbers = trained(**options, checkpoint=tmp_path / "whole.npz")
    for epochs in (1, 2, 3):
        parts = trained(**options, checkpoint=tmp_path / "parts.npz", resume=True, epochs=epochs)
    assert parts == (whole, numbers)
    kept, other = (read_checkpoint(tmp_path / f"{name}.npz") for name in ("parts", "whole"))
    assert all(numpy.array_equal(one, two) for one, two in zip(kept.memories, other.memories, strict=True))


@pytest.mark.parametrize(
    ("first", "then", "message"),
    [
        ({"augment": Shifts((3, 4))}, {"augment": Shifts((3, 4), 2)}, r"its augment is 'Shifts\(shape=\(3, 4\), most=1\)', this"),
        ({"augment": Shifts((3, 4))}, {}, "its augment is .*, this one's None"),
        ({}, {"augment": noisy}, "its augment is None, this"),
        ({"augment": partial(noisy, size=0.1)}, {"augment": partial(noisy, size=0.2)}, "its augment is"),
        ({"dtype": "float32"}, {}, "its dtype is 'float32', this one's None"),
        ({}, {"dtype": "float32"}, "its dtype is None, this one's 'float32'"),
    ],
)
def test_going_on_otherwise_is_refused(tmp_path: Path, first: Any, then: Any, message: str) -> None:
    trained(**first, epochs=1, checkpoint=tmp_path / "kept.npz")
    kept = (tmp_path / "kept.npz").read_bytes()
    with pytest.raises(ValueError, match=message):
        trained(**then, checkpoint=tmp_path / "kept.npz", resume=True)
    assert (tmp_path / "kept.npz").read_bytes() == kept
