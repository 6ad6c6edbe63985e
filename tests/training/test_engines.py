"""The two engines: sample by sample through Values, and whole batches through a program, take the same steps."""

from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import Value, constant, cross_entropy, dot, grad, hinge, squared_error, value_and_grad, where
from autograd_lite.datasets import Dataset, moons, synthetic_mnist, xor
from autograd_lite.nn import MLP
from autograd_lite.nn.initializers import He
from autograd_lite.nn.module import Module
from autograd_lite.optim import SGD, Adam, AdamW, Cosine
from autograd_lite.program import trace
from autograd_lite.training import ENGINES, Callback, Checkpoints, fit, largest_output, near_target, predict, same_side
from tests.modules import numbers_of

THREE = Dataset(numpy.random.default_rng(0).normal(size=(23, 2)), numpy.arange(23) % 3, ("a", "b", "c"))

CASES = {
    "classes": (lambda: MLP(2, [5, 4, 3], "tanh", seed=1), THREE, cross_entropy, largest_output),
    "one-hot rows": (lambda: MLP(2, [5, 3], "relu", seed=2), THREE.one_hot(), cross_entropy, largest_output),
    "sides": (lambda: MLP(2, [6, 1], "relu", seed=3), moons(23, seed=1), hinge, same_side),
    "numbers": (lambda: MLP(2, [4, 1], "sigmoid", output_activation="sigmoid", seed=4), xor(), squared_error, near_target),
    "no bias": (lambda: MLP(2, [4, 3], "tanh", bias=False, seed=5), THREE, cross_entropy, largest_output),
    "whole numbers for one output": (
        lambda: MLP(2, [3, 1], "tanh", seed=6), Dataset(THREE.inputs, numpy.arange(23) % 2 * 2 - 1), hinge, same_side,
    ),
}  # fmt: skip
OPTIMIZERS = {
    "sgd": lambda p: SGD(p, 0.1),
    "momentum": lambda p: SGD(p, Cosine(0.1, 30), momentum=0.9, weight_decay=0.01),
    "adam": lambda p: Adam(p, 0.02),
    "groups": lambda p: AdamW([{"parameters": p[1::2]}, {"parameters": p[::2], "learning_rate": 0.05, "weight_decay": 0.2}], 0.01),
}


class Steps(Callback):
    """The parameters after every step."""

    def __init__(self) -> None:
        self.parameters: list[list[float]] = []

    def after_batch(self, run: Any) -> None:
        run.engine.write_back()
        self.parameters.append(numbers_of(run.model))


def trained(engine: str, case: str, optimizer: str = "momentum", **options: Any) -> tuple[Any, Any, list[list[float]]]:
    make, data, loss, right = CASES[case]
    model, steps = make(), Steps()
    arguments = {"batch_size": 5, "epochs": 2, "right": right, "callbacks": [steps]} | options
    rule = OPTIMIZERS[optimizer](model.parameters())
    return model, fit(model, data, loss, rule, engine=engine, **arguments), steps.parameters


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("case", CASES)
def test_the_engines_agree_step_by_step(case, optimizer):
    _, eager, eager_steps = trained("eager", case, optimizer, validation=0.25)
    _, program, program_steps = trained("program", case, optimizer, validation=0.25)
    assert len(eager_steps) == len(program_steps) == len(eager.costs)
    assert numpy.allclose(eager_steps, program_steps, rtol=1e-12, atol=1e-12)
    assert numpy.allclose(eager.costs, program.costs, rtol=1e-12, atol=1e-12)
    assert eager.accuracies == program.accuracies
    for name in ("cost", "accuracy", "validation_cost", "validation_accuracy"):
        assert numpy.allclose(eager.column(name), program.column(name), rtol=1e-12, atol=1e-12)


@settings(max_examples=15)
@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=3),
    st.sampled_from(["tanh", "relu", "sigmoid", "softplus"]),
    st.integers(0, 99),
)
def test_the_engines_agree_on_networks_of_any_shape(hidden, activation, seed):
    numbers = []
    for engine in ENGINES:
        model = MLP(2, [*hidden, 3], activation, seed=seed)
        fit(model, THREE, cross_entropy, SGD(model.parameters(), 0.1), engine=engine, batch_size=8, seed=seed)
        numbers.append(numbers_of(model))
    assert numpy.allclose(*numbers, rtol=1e-12, atol=1e-12)


def test_the_engines_agree_on_the_first_step_of_a_network_for_mnist():
    pictures, numbers = synthetic_mnist(3), []
    for engine in ENGINES:
        model = MLP(784, [50, 40, 10], "relu", initializer=He(), seed=0)
        history = fit(model, pictures, cross_entropy, SGD(model.parameters(), 0.1), engine=engine, batch_size=3)
        numbers.append([*numbers_of(model), *history.costs])
    assert numpy.allclose(*numbers, rtol=1e-10, atol=1e-12)


def test_the_engines_predict_alike_for_many_outputs_and_for_one():
    for model in (MLP(2, [4, 3], seed=0), MLP(2, [4, 1], seed=0)):
        eager, program = (predict(model, THREE.inputs, engine) for engine in ENGINES)
        assert eager.shape == program.shape == (23, len(model.layers[-1].neurons))
        assert numpy.allclose(eager, program, rtol=1e-13, atol=1e-15)


def test_a_model_of_ones_own_trains_by_a_program():
    class Bent(Module):
        def __init__(self) -> None:
            self.left, self.right, self.offset = Value(0.1), Value(0.2), Value(0.0)

        def __call__(self, x: Any) -> Any:
            return where(x[0] < 0.0, self.left * x[0], self.right * x[0]) + self.offset

    x = numpy.linspace(-1.0, 1.0, 20)
    data = Dataset(x[:, None], numpy.where(x < 0.0, 0.5 * x, 2.0 * x) + 1.0)
    numbers = []
    for engine in ENGINES:
        model = Bent()
        fit(model, data, squared_error, Adam(model.parameters(), 0.1), engine=engine, batch_size=4, epochs=40)
        numbers.append(numbers_of(model))
    assert numpy.allclose(*numbers, rtol=1e-10)
    assert numpy.allclose(numbers[1], [0.5, 2.0, 1.0], atol=0.05)


def test_a_loss_may_have_parameters_of_its_own_in_both_engines():
    histories, numbers = [], []
    for engine in ENGINES:
        model, sharpness = MLP(2, [4, 3], "tanh", seed=0), Value(0.5, "sharpness")

        def loss(outputs: Any, label: Any, sharpness: Value = sharpness) -> Any:
            return cross_entropy([sharpness * output for output in outputs], label)

        parameters = model.parameters()
        optimizer = Adam([*parameters[:5], sharpness, *parameters[5:][::-1]], 0.1)
        histories.append(fit(model, THREE, loss, optimizer, engine=engine, batch_size=5, epochs=3))
        numbers.append([sharpness.data, *numbers_of(model)])
    assert numpy.allclose(*numbers, rtol=1e-11, atol=1e-12)
    assert histories[0].accuracies == histories[1].accuracies
    assert numbers[0][0] != 0.5


def test_a_loss_may_use_the_weights_otherwise_than_the_model_does_in_both_engines():
    accuracies, numbers = [], []
    for engine in ENGINES:
        model = MLP(2, [4, 3], "tanh", seed=0)
        last = model.layers[1].neurons

        def loss(_: Any, target: Any, last: Any = last) -> Any:  # the last layer the other way round, from classes to hidden units
            return squared_error([dot([neuron.w[i] for neuron in last], target) for i in range(4)], [1.0, -1.0, 0.5, 0.0])

        optimizer = SGD(model.parameters(), 0.3)
        history = fit(model, THREE.one_hot(), loss, optimizer, engine=engine, batch_size=5, epochs=2, validation=0.4)
        accuracies.append([*history.accuracies, *history.column("validation_accuracy")])
        numbers.append(numbers_of(model))
    assert numpy.allclose(*numbers, rtol=1e-12, atol=1e-12)
    assert accuracies[0] == accuracies[1]


def test_frozen_parameters_stay_in_both_engines():
    for engine in ENGINES:
        model = MLP(2, [4, 3], "tanh", seed=0)
        frozen = model.layers[0].parameters()
        before = [parameter.data for parameter in frozen]
        for parameter in frozen:
            parameter.requires_grad = False
        fit(model, THREE, cross_entropy, SGD(model.parameters(), 0.5), engine=engine, batch_size=5)
        assert [parameter.data for parameter in frozen] == before


def test_an_optimizer_of_some_parameters_trains_those_only_in_both_engines():
    numbers = []
    for engine in ENGINES:
        model = MLP(2, [4, 3], "tanh", seed=0)
        fit(model, THREE, cross_entropy, SGD(model.layers[1].parameters(), 0.5), engine=engine, batch_size=5)
        assert model.layers[0].state_dict() == MLP(2, [4, 3], "tanh", seed=0).layers[0].state_dict()
        numbers.append(numbers_of(model))
    assert numpy.allclose(*numbers, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_program_that_was_stopped_goes_on_to_the_same_bytes(tmp_path, optimizer):
    class Stop(Callback):
        def after_batch(self, run: Any) -> None:
            if len(run.history.costs) == 3:
                run.stop("for a test")

    whole, _, _ = trained("program", "classes", optimizer, epochs=3)
    trained("program", "classes", optimizer, epochs=3, callbacks=[Stop()], checkpoint=tmp_path / "kept.npz")
    keeper = Checkpoints(tmp_path / "kept.npz", every=2)
    resumed, history, _ = trained("program", "classes", optimizer, epochs=3, checkpoint=keeper, resume=True)
    assert numbers_of(resumed) == numbers_of(whole)
    assert len(history.costs) == 15


def test_a_training_may_go_on_in_the_other_engine(tmp_path):
    whole, _, _ = trained("eager", "classes", "adam", epochs=4)
    trained("eager", "classes", "adam", epochs=2, checkpoint=tmp_path / "kept.npz")
    other, _, _ = trained("program", "classes", "adam", epochs=4, checkpoint=tmp_path / "kept.npz", resume=True)
    assert numpy.allclose(numbers_of(whole), numbers_of(other), rtol=1e-11, atol=1e-12)


def test_a_program_computes_single_precision_pictures_as_eager_does():
    pictures = synthetic_mnist(6)
    model = MLP(784, [3], "tanh", seed=0)
    assert pictures.inputs.dtype == numpy.float32
    eager, program = (predict(model, pictures.inputs, engine) for engine in ENGINES)
    assert numpy.allclose(eager, program, rtol=1e-13, atol=1e-14)


# ---- derivatives in the model ------------------------------------------------------------------------------------------------

SLOPES = Dataset(numpy.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), numpy.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]))


def values_and_slopes(net: Any) -> Any:
    def model(x: Any) -> Any:
        x = [constant(number) for number in x]
        return [net(x), grad(net)(x)[0]]

    return model


def slopes_added(net: Any) -> Any:
    def model(x: Any) -> Any:
        x = [constant(number, f"x{i}") for i, number in enumerate(x)]
        value, slopes = value_and_grad(net)(x)
        return [value + 0.1 * slopes[0] ** 2, slopes[1]]

    return model


@pytest.mark.parametrize("make", [values_and_slopes, slopes_added])
def test_a_model_with_derivatives_by_constants_trains_alike(make):
    costs, numbers = [], []
    for engine in ENGINES:
        net = MLP(2, [4, 1], seed=0)
        optimizer = SGD(net.parameters(), 0.1)
        costs.append(fit(make(net), SLOPES, squared_error, optimizer, engine=engine, epochs=20, batch_size=2).costs)
        numbers.append(numbers_of(net))
    assert costs[0] == pytest.approx(costs[1], rel=1e-10)
    assert numbers[0] == pytest.approx(numbers[1], rel=1e-10)
    assert costs[0][-1] < 0.7 * costs[0][0]


def test_eager_refuses_a_derivative_by_plain_numbers():
    net = MLP(2, [4, 1], seed=0)
    before = numbers_of(net)
    with pytest.raises(ValueError, match=r"output 1 of the model is the plain number .*constant\(number\) for number in x"):
        fit(lambda x: [net(x), grad(net)(x)[0]], SLOPES, squared_error, SGD(net.parameters(), 0.1))
    assert numbers_of(net) == before


def test_a_plain_output_that_depends_on_no_parameter_is_fine():
    costs = []
    for engine in ENGINES:
        net = MLP(2, [4, 1], seed=0)
        model = lambda x, net=net: [net(x), 2.0 * x[0]]  # noqa: E731
        costs.append(fit(model, SLOPES, squared_error, SGD(net.parameters(), 0.1), engine=engine).costs)
    assert costs[0] == pytest.approx(costs[1], rel=1e-12)


def test_a_constant_of_a_value_is_its_number_alone():
    x = Value(3.0, "x")
    assert (constant(x).data, constant(x).label, constant(x, "c").label, constant(x).operands) == (3.0, "x", "c", ())
    program = trace(lambda x: x * constant(x) + constant(x, "c") ** 2, 2.0)
    assert program([3.0]).tolist() == [18.0]
    assert program.gradient([3.0]).tolist() == [[grad(lambda x: x * constant(x) + constant(x) ** 2)(3.0)]] == [[3.0]]


# ---- groups whose parameters a callback changes, and targets that are objects ------------------------------------------------


class AfterTheSecond(Callback):
    """Changes the optimizer's group after the second epoch."""

    def __init__(self, change: Any) -> None:
        self.change = change

    def after_epoch(self, run: Any) -> None:
        if len(run.history.epochs) == 2:
            self.change(run.optimizer.groups[0])


def with_momentum(group: Any) -> None:
    group.rule = SGD(group.parameters, 0.1, momentum=0.9).groups[0].rule


REGROUPED: dict[str, Any] = {
    "the last": lambda group: group.parameters.pop(),
    "the first": lambda group: group.parameters.pop(0),
    "another order": lambda group: group.parameters.reverse(),
    "out and in": lambda group: group.parameters.insert(3, group.parameters.pop()),
    "states, too": lambda group: (group.parameters.pop(0), group.states.pop(0)),
}


@pytest.mark.parametrize("change", REGROUPED)
@pytest.mark.parametrize("engine", ENGINES)
def test_each_parameter_keeps_its_own_memory(engine, change):
    """Held against a training in which the parameter that leaves the group is frozen instead."""
    leaving = {"the last": -1, "the first": 0, "states, too": 0}

    def freeze(group: Any) -> None:
        if change in leaving:
            group.parameters[leaving[change]].requires_grad = False

    numbers = []
    for done in (REGROUPED[change], freeze):
        model = MLP(2, [4, 3], seed=0)
        optimizer = Adam(model.parameters(), 0.05)
        fit(model, THREE, cross_entropy, optimizer, engine=engine, epochs=5, callbacks=[AfterTheSecond(done)])
        numbers.append(list(model.state_dict().values()))
    assert numbers[0] == pytest.approx(numbers[1], rel=1e-12)


def test_a_rule_that_remembers_from_now_on_begins_with_nothing():
    numbers = []
    for engine in ENGINES:
        model = MLP(2, [4, 3], seed=0)
        optimizer = SGD(model.parameters(), 0.05)
        fit(model, THREE, cross_entropy, optimizer, engine=engine, epochs=5, callbacks=[AfterTheSecond(with_momentum)])
        numbers.append(numbers_of(model))
    assert numbers[0] == pytest.approx(numbers[1], rel=1e-12)


@pytest.mark.parametrize("targets", [[0.0, 1.5, 2.0], [0, 1, 2], [0, 1.5, True]])
def test_targets_may_be_objects(targets):
    costs = []
    for engine in ENGINES:
        model = MLP(2, [4, 1], seed=0)
        data = Dataset(SLOPES.inputs, numpy.array(targets, object))
        costs.append(fit(model, data, squared_error, SGD(model.parameters(), 0.1), engine=engine, epochs=5).costs)
    assert costs[0] == pytest.approx(costs[1], rel=1e-12)
    assert costs[0][-1] < costs[0][0]


@pytest.mark.parametrize("engine", ENGINES)
def test_gradients_of_parameters_that_the_optimizer_does_not_have_are_left_alone(engine):
    seen = []

    class Look(Callback):
        def before_step(self, run: Any) -> None:
            seen.append([parameter.grad for parameter in run.model.layers[0].parameters()])

    model = MLP(2, [3, 3], seed=0)
    for parameter in model.layers[0].parameters():
        parameter.grad = 0.25
    fit(model, THREE, cross_entropy, SGD(model.layers[1].parameters(), 0.1), engine=engine, batch_size=10, callbacks=[Look()])
    assert seen == [[0.25] * 9] * 3
    assert [parameter.grad for parameter in model.layers[0].parameters()] == [0.25] * 9
