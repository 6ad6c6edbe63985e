"""Whatever a loss does with its target, both engines train alike, or refuse alike."""

from typing import Any

import numpy
import pytest

from autograd_lite import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    log_softmax,
    relu,
    softmax,
    squared_error,
)
from autograd_lite.datasets import Array, Dataset
from autograd_lite.losses import cross_entropy_of_probabilities, hinge
from autograd_lite.nn import MLP
from autograd_lite.optim import SGD
from autograd_lite.training import History, fit

CORNERS = numpy.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
WEIGHTS = [0.5, 1.0, 2.0]


def brier(outputs: Any, target: Any) -> Any:
    return sum((p - (k == target)) ** 2 for k, p in enumerate(softmax(outputs)))


def margin(outputs: Any, target: Any) -> Any:
    return sum(relu(1.0 + y - outputs[target]) for k, y in enumerate(outputs) if k != target)


# Losses of three outputs that read a class number as Python does.
READERS = {
    "brier": brier,
    "margin": margin,
    "focal": lambda o, t: (1.0 - softmax(o)[t]) ** 2 * cross_entropy(o, t),
    "an index": lambda o, t: -log_softmax(o)[t],
    "weights of classes": lambda o, t: WEIGHTS[t] * cross_entropy(o, t),
    "a dictionary": lambda o, t: {0: 1.0}.get(t, 2.0) * cross_entropy(o, t),
    "int": lambda o, t: cross_entropy(o, int(t)),
    "isinstance": lambda o, t: cross_entropy(o, t) * (1.0 if isinstance(t, int) else 3.0),
    "in": lambda o, t: cross_entropy(o, t) * (2.0 if t in (1, 2) else 1.0),
    "!=": lambda o, t: cross_entropy(o, t) * (2.0 if t != 1 else 1.0),
    "<": lambda o, t: sum(y * y * (k < t) for k, y in enumerate(o)),
    "another output for each class": lambda o, t: o[0] ** 2 if t == 0 else o[1] ** 2,
    "a number": lambda o, t: sum((y - t) ** 2 for y in o),
    "cross_entropy": cross_entropy,
}


def trained(engine: str, loss: Any, targets: Array, outputs: int, **options: Any) -> tuple[list[float], list[float]]:
    model = MLP(2, [4, outputs], seed=0)
    for number, value in enumerate(options.pop("last", ())):
        model.layers[-1].parameters()[number].data = value
    data = Dataset(CORNERS, targets)
    history = fit(model, data, loss, SGD(model.parameters(), 0.05), engine=engine, batch_size=2, epochs=20, **options)
    return history.costs, [parameter.data for parameter in model.parameters()]


def check_alike(loss: Any, targets: Any, outputs: int, **options: Any) -> None:
    costs, numbers = trained("eager", loss, numpy.array(targets), outputs, **options)
    found, others = trained("program", loss, numpy.array(targets), outputs, **options)
    assert found == pytest.approx(costs, rel=1e-9)
    assert others == pytest.approx(numbers, rel=1e-9)


@pytest.mark.parametrize("name", READERS)
def test_a_loss_gets_class_numbers_in_both_engines(name):
    check_alike(READERS[name], [0, 1, 2, 1], 3)


def test_what_is_alike_at_equal_outputs_only_is_not_taken_for_the_same():
    check_alike(brier, [0, 1, 1, 0], 2, last=[0.0] * 10)


def test_whole_numbers_need_not_be_classes():
    check_alike(READERS["a number"], [10, 3, 4, -1], 2)


@pytest.mark.parametrize(
    ("loss", "targets", "outputs"),
    [
        (lambda o, t: (o - 1.0) ** 2 if t else (o + 1.0) ** 2, [True, False, True, True], 1),
        (lambda o, t: (o - 1.0) ** 2 if t > 0.5 else (o + 1.0) ** 2, [1.0, 0.0, 1.0, 0.0], 1),
        (lambda o, t: (o[t.index(1.0)] - 1.0) ** 2, [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]], 2),
    ],
)
def test_branches_and_places_by_the_target(loss, targets, outputs):
    check_alike(loss, targets, outputs)


def test_a_class_that_only_the_validation_data_have_is_known_then():
    check_alike(brier, [0, 1, 1, 0], 3, validation=Dataset(CORNERS, numpy.array([2, 0, 2, 1])))
    check_alike(cross_entropy, [0, 1, 1, 0], 3, validation=Dataset(CORNERS, numpy.eye(3)[[2, 0, 1, 1]]))


REFUSED: dict[str, tuple[Any, Any, int]] = {
    "hinge takes the targets -1 and 1, got 0.0": (hinge, [1.0, 1.0, 1.0, 0.0], 1),
    "must lie in .0, 1., got 2.0": (binary_cross_entropy_with_logits, [1.0, 0.0, 1.0, 2.0], 1),
    "add up to 2": (cross_entropy, [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [1.0, 1.0]], 2),
    "got target 3 for 3 classes": (cross_entropy, [0, 1, 2, 3], 3),
    "a single target": (squared_error, [0, 1, 2, 1], 3),
}


@pytest.mark.parametrize("engine", ["eager", "program"])
@pytest.mark.parametrize("text", [*REFUSED])
def test_what_a_loss_refuses_is_refused_by_both_engines(engine, text):
    loss, targets, outputs = REFUSED[text]
    with pytest.raises((ValueError, TypeError), match=text):
        trained(engine, loss, numpy.array(targets), outputs)


def test_a_program_looks_at_all_targets_before_the_first_step():
    model = MLP(2, [4, 1], seed=0)
    before = model.state_dict()
    data = Dataset(numpy.tile(CORNERS, (10, 1)), numpy.array([1.0] * 39 + [0.5]))
    with pytest.raises(ValueError, match=r"hinge takes the targets -1 and 1, got 0\.5"):
        fit(model, data, hinge, SGD(model.parameters(), 0.1), engine="program", batch_size=1)
    assert model.state_dict() == before


def test_too_many_targets_that_are_read_as_numbers_are_refused_with_the_reason():
    random = numpy.random.default_rng(0)
    model = MLP(2, [3, 1], seed=0)
    data = Dataset(random.random((200, 2)), random.random(200))
    with pytest.raises(ValueError, match="a program for each target would be 200, more than 100") as caught:
        fit(model, data, lambda o, t: (o - float(t)) ** 2, SGD(model.parameters(), 0.1), engine="program")
    assert "float(t)" in str(caught.value)
    assert 'use engine="eager"' in str(caught.value)


@pytest.mark.parametrize(
    ("loss", "targets", "outputs"),
    [
        (binary_cross_entropy, [1.0, 1.0, 1.0, 1.0], 1),
        (cross_entropy_of_probabilities, [0, 0, 0, 0], 2),
    ],
)
def test_outputs_that_a_loss_refuses_end_the_training_in_both_engines(loss, targets, outputs):
    """The model is linear: its outputs are probabilities at first, and leave [0, 1] on the way."""
    found = []
    for engine in ("eager", "program"):
        model = MLP(2, [outputs], seed=0)
        for parameter in model.parameters():
            parameter.data = 0.1
        for neuron in model.layers[0].neurons:
            neuron.b.data = 0.5
        history = History()
        with pytest.raises(ValueError, match=r"a probability must lie in \[0, 1\], got 1\.") as caught:
            fit(
                model, Dataset(CORNERS, numpy.array(targets)), loss, SGD(model.parameters(), 0.1),
                engine=engine, batch_size=2, epochs=20, history=history,
            )  # fmt: skip
        assert len(history.costs) > 1
        found.append((len(history.costs), str(caught.value)[:60], [parameter.data for parameter in model.parameters()]))
    assert found[0][:2] == found[1][:2]
    assert found[0][2] == pytest.approx(found[1][2], rel=1e-12)
